//! What would be pruned, by whoever applies.

use super::{CASE, Case, FLUX, body, by_argocd, changed, client_side, text, with};
use serde_json::json;

#[test]
fn flux_prunes_what_its_inventory_has_and_the_program_has_not() {
    let entry = "      - id: clicks_password__Secret\n        v: v1\n";
    let more = "      - id: clicks_old__ConfigMap\n        v: v1\n      - id: clicks_kept__ConfigMap\n        v: v1\n      - id: _a__b_rbac.authorization.k8s.io_ClusterRole\n        v: v1\n";
    let object = |name: &str, annotations: &str| {
        format!(
            "- apiVersion: v1\n  kind: ConfigMap\n  metadata: {{name: {name}, namespace: clicks, annotations: {{{annotations}}}}}\n"
        )
    };
    let live = format!(
        "{}{}{}",
        with(FLUX, entry, &format!("{entry}{more}")),
        object("old", ""),
        object("kept", "kustomize.toolkit.fluxcd.io/prune: disabled"),
    );
    let shown = text(Case { live: &live, ..CASE });
    assert!(shown.starts_with("prod: 2 deleted"), "{shown}");
    assert!(
        shown.contains("- v1 ConfigMap clicks/old\n    note: pruned by the Kustomization `flux-system/clicks`"),
        "{shown}"
    );
    assert!(shown.contains("- rbac.authorization.k8s.io/v1 ClusterRole a:b\n"), "{shown}");
    assert!(shown.contains("in the inventory, but not in what was read"), "{shown}");
    assert!(
        shown.contains("ConfigMap `kept` in namespace `clicks` is not in the program; it stays, protected"),
        "{shown}"
    );
    let off = with(&live, "prune: true", "prune: false");
    assert!(text(Case { live: &off, ..CASE }).contains("note: the Kustomization `flux-system/clicks` does not prune"));
    let unread = changed(FLUX, |list| {
        list["items"].as_array_mut().expect("a list").pop();
    });
    assert!(text(Case { live: &unread, ..CASE }).contains("`flux-system/clicks` is not in what was read"));
}

#[test]
fn argo_cd_prunes_what_it_tracks_and_apply_sets_what_is_in_them() {
    let argocd = changed(&by_argocd(FLUX), |list| {
        let ids =
            ["clicks:apps/Deployment:clicks/web", "clicks:/Service:clicks/frontend", "clicks:/Secret:clicks/password"];
        for (at, id) in ids.into_iter().enumerate() {
            list["items"][at]["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = json!(id);
        }
        let gone = |name: &str, tracked: &str, options: &str| {
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "clicks", "annotations": {
                "argocd.argoproj.io/tracking-id": format!("clicks:/ConfigMap:clicks/{tracked}"),
                "argocd.argoproj.io/sync-options": options}}})
        };
        let items = list["items"].as_array_mut().expect("a list");
        items.extend([gone("old", "old", ""), gone("copy", "old", ""), gone("kept", "kept", "Prune=false")]);
    });
    let shown = text(Case { live: &argocd, ..CASE });
    assert!(shown.starts_with("prod: 1 deleted"), "{shown}");
    assert!(
        shown.contains("- v1 ConfigMap clicks/old\n    note: pruned by the Application `clicks`, where it prunes"),
        "{shown}"
    );
    assert!(
        shown.contains("ConfigMap `kept` in namespace `clicks` is not in the program; it stays, protected"),
        "{shown}"
    );
    let set = changed(&client_side("kubectl-client-side-apply"), |list| {
        list["items"][0]["metadata"]["labels"]["applyset.kubernetes.io/part-of"] = json!("applyset-x");
        let labels = json!({"applyset.kubernetes.io/part-of": "applyset-x"});
        let metadata = json!({"name": "old", "namespace": "clicks", "labels": labels});
        let old = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata});
        list["items"].as_array_mut().expect("a list").push(old);
    });
    let shown = body(Case { live: &set, ..CASE });
    assert_eq!(shown, "- v1 ConfigMap clicks/old\n    note: pruned by `kubectl apply --prune --applyset`");
}
