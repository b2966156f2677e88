//! What would be pruned, by whoever applies.

use super::{CASE, Case, FLUX, PROGRAM, body, by_argocd, changed, client_side, text, with};
use flinkc::diff::live::PruneLabel;
use serde_json::{Value, json};

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
        shown.contains(
            "= v1 ConfigMap clicks/kept\n    note: it is not in the program; it stays, protected from pruning"
        ),
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
            let metadata = &mut list["items"][at]["metadata"];
            metadata["annotations"]["argocd.argoproj.io/tracking-id"] = json!(id);
            // Who tracks by annotations puts no labels on.
            let labels = metadata["labels"].as_object_mut().expect("it has some");
            labels.retain(|name, _| name == "app");
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
        shown.contains(
            "= v1 ConfigMap clicks/kept\n    note: it is not in the program; it stays, protected from pruning"
        ),
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

/// The program and the dump of a client-side apply with a label on all objects, and some more objects with it.
fn labelled(more: &[Value]) -> (String, String) {
    let label = "labels = { team = \"clicks\" }";
    let program = with(
        PROGRAM,
        "metadata { labels = { app = \"web\" } }\n  spec {\n    replicas",
        &format!("metadata {{ {label} }}\n  spec {{\n    replicas"),
    );
    let program = with(&program, "Service frontend {", &format!("Service frontend {{\n  metadata {{ {label} }}"));
    let program = with(&program, "Secret password {", &format!("Secret password {{\n  metadata {{ {label} }}"));
    let live = changed(&client_side("kubectl-client-side-apply"), |list| {
        for at in 0..3 {
            list["items"][at]["metadata"]["labels"] = json!({"team": "clicks"});
            let copy =
                &mut list["items"][at]["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"];
            let mut applied: Value = serde_json::from_str(copy.as_str().expect("a text")).expect("JSON");
            applied["metadata"]["labels"] = json!({"team": "clicks"});
            *copy = json!(applied.to_string());
        }
        list["items"].as_array_mut().expect("a list").extend(more.iter().cloned());
    });
    (program, live)
}

fn object(kind: (&str, &str), name: &str, namespace: &str, annotations: Value) -> Value {
    let metadata =
        json!({"name": name, "namespace": namespace, "labels": {"team": "clicks"}, "annotations": annotations});
    json!({"apiVersion": kind.0, "kind": kind.1, "metadata": metadata})
}

#[test]
fn kubectl_prunes_what_was_applied_with_the_label_that_one_is_told() {
    const MAP: (&str, &str) = ("v1", "ConfigMap");
    let applied = json!({"kubectl.kubernetes.io/last-applied-configuration": "{}"});
    let kept = json!({"kubectl.kubernetes.io/last-applied-configuration": "{}", "argocd.argoproj.io/sync-options": "Prune=false"});
    let (program, live) = labelled(&[
        object(MAP, "old", "clicks", applied.clone()),
        object(("example.com/v1", "Engine"), "old", "clicks", applied.clone()),
        object(MAP, "kept", "clicks", kept),
        // What nobody has applied, what is elsewhere, and what a controller made.
        object(MAP, "made", "clicks", json!({})),
        object(MAP, "old", "elsewhere", applied.clone()),
        {
            let mut child = object(MAP, "child", "clicks", applied);
            child["metadata"]["ownerReferences"] = json!([{"kind": "Engine", "name": "e", "uid": "1"}]);
            child
        },
    ]);
    let label = |value: &str| [PruneLabel { key: "team".to_owned(), value: value.to_owned() }];
    let clicks = label("clicks");
    let case = Case { program: &program, live: &live, labels: &clicks, ..CASE };
    let expected = "\
- v1 ConfigMap clicks/old
    note: pruned by the label `team=clicks`
- example.com/v1 Engine clicks/old
    note: pruned by the label `team=clicks`
    note: kubectl does so only where `--prune-allowlist` names the kind
- v1 ConfigMap clicks/kept
    note: pruned by the label `team=clicks`
    note: it is marked to be kept, which Argo CD and Flux heed and kubectl does not";
    assert_eq!(body(case), expected);
    let made = "note: ConfigMap `made` in namespace `clicks` has the label `team=clicks`, but nothing says that it was applied: it stays";
    assert!(text(case).contains(made), "{}", text(case));
    // Nobody has said that the label is one to prune by.
    assert_eq!(body(Case { labels: &[], ..case }), "");
    let misspelt = label("click");
    let shown = text(Case { labels: &misspelt, ..case });
    assert!(shown.contains("no object of the program has the label `team=click`: nothing is pruned by it"), "{shown}");
    assert!(shown.starts_with("prod: no changes"), "{shown}");
    let partly =
        with(&program, "Service frontend {\n  metadata { labels = { team = \"clicks\" } }", "Service frontend {");
    let shown = text(Case { program: &partly, ..case });
    assert!(shown.contains("objects without the label `team=clicks`, which are never pruned by it: 1"), "{shown}");
}
