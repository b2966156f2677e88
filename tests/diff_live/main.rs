//! `flinkc diff --live`: what an apply would do to objects that were exported from a cluster. The dumps in
//! `tests/data/live` are what an API server writes; each test changes the program or the dump a little.

mod command;
mod cost;
mod equality;
mod modes;
mod prune;
mod robust;
mod secrets;
#[path = "../shape/diff.rs"]
mod shape;

use flinkc::diff::live::{PruneLabel, Unmanaged, objects};
use flinkc::diff::{self, Difference, EnvironmentDiff, Look, Mask};
use flinkc::driver::{Against, Source, diff_live_with};
use flinkc::host::MemoryHost;
use flinkc::import;
use serde_json::{Value, json};

const PROGRAM: &str = include_str!("../data/live/main.flink");
const FLUX: &str = include_str!("../data/live/flux.yaml");

/// What is asked.
#[derive(Clone, Copy)]
struct Case<'a> {
    program: &'a str,
    live: &'a str,
    manager: Option<&'a str>,
    unmanaged: Unmanaged,
    labels: &'a [PruneLabel],
}

const CASE: Case = Case { program: PROGRAM, live: FLUX, manager: None, unmanaged: Unmanaged::Hide, labels: &[] };

fn predicted(case: Case) -> EnvironmentDiff {
    let (documents, problem) = import::documents(case.live);
    assert_eq!(problem, None);
    let (live, others) = objects(documents);
    assert_eq!(others, 0, "every document is an object");
    let host = MemoryHost::new([("main.flink".to_owned(), case.program.to_owned())]);
    let Case { manager, unmanaged, labels, .. } = case;
    let (source, mask) = (Source::Written(&live), Mask::new([7; 32]));
    let against = Against { environment: "prod", source, manager, unmanaged, labels, mask: &mask };
    let outcome = diff_live_with(&host, "", Some("main.flink"), &[], against);
    let found: Vec<&str> = outcome.diagnostics.iter().map(|known| known.message.as_str()).collect();
    let value = outcome.value.unwrap_or_else(|| panic!("{found:?}"));
    let environment = value.expect("nobody has to be asked");
    shape::hold(&diff::json(std::slice::from_ref(&environment)));
    environment
}

fn text(case: Case) -> String {
    diff::text(&[predicted(case)], Look::default())
}

/// The text without what stands before the objects: how much there is, what is the worst, and who applies.
fn body(case: Case) -> String {
    let text = text(case);
    let lines: Vec<&str> =
        text.lines().skip_while(|line| line.starts_with("prod: ") || line.starts_with("  ")).collect();
    lines.join("\n").trim_end().to_owned()
}

/// A text with something else in it, which must be there.
fn with(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in {text}");
    text.replacen(from, to, 1)
}

/// A dump as documents in JSON, changed.
fn changed(live: &str, change: impl Fn(&mut Value)) -> String {
    let (mut documents, _) = import::documents(live);
    documents.iter_mut().for_each(change);
    serde_json::to_string(&documents[0]).expect("values can be written")
}

/// The dump as `kubectl apply` leaves it: with a copy of what was applied, and without a server's merging.
fn client_side(manager: &str) -> String {
    changed(FLUX, |list| {
        for object in list["items"].as_array_mut().expect("a list") {
            let metadata = object["metadata"].as_object_mut().expect("an object has some");
            metadata.remove("labels");
            for entry in metadata.get_mut("managedFields").and_then(Value::as_array_mut).into_iter().flatten() {
                if entry["manager"] == "kustomize-controller" {
                    entry["manager"] = json!(manager);
                    entry["operation"] = json!("Update");
                }
            }
        }
        let applied = [
            json!({"apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": {"name": "web", "namespace": "clicks", "labels": {"app": "web"}},
                "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": {
                    "metadata": {"labels": {"app": "web"}},
                    "spec": {"containers": [{"name": "main", "image": "registry.example.com/web:1",
                        "env": [{"name": "MODE", "value": "fast"}],
                        "ports": [{"name": "http", "containerPort": 8080}],
                        "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}]}}}}),
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "frontend", "namespace": "clicks"},
                "spec": {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}}),
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "password", "namespace": "clicks"},
                "stringData": {"password": "sesame"}}),
        ];
        for (at, applied) in applied.into_iter().enumerate() {
            list["items"][at]["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] =
                json!(applied.to_string());
        }
        list["items"][0]["metadata"]["labels"] = json!({"app": "web"});
    })
}

/// The dump without a word of who set what, as `kubectl get -o yaml` writes it unless asked.
fn silent() -> String {
    changed(FLUX, |list| {
        for object in list["items"].as_array_mut().expect("a list") {
            object["metadata"].as_object_mut().expect("an object has some").remove("managedFields");
        }
    })
}

/// The dump as Argo CD leaves it where the server merges.
fn by_argocd(live: &str) -> String {
    live.replace("kustomize-controller", "argocd-controller")
        .replace("kustomize.toolkit.fluxcd.io/namespace", "argocd.argoproj.io/instance")
        .replace("kustomize.toolkit.fluxcd.io/name", "app.kubernetes.io/instance")
}

/// The Deployment of the dump with an entry of another manager.
fn also_owned(live: &str, entry: &Value) -> String {
    changed(live, |list| {
        let managed = list["items"][0]["metadata"]["managedFields"].as_array_mut().expect("it has some");
        managed.push(entry.clone());
    })
}

#[test]
fn what_was_applied_as_it_is_declared_is_no_difference() {
    for live in [FLUX.to_owned(), client_side("kubectl-client-side-apply"), client_side("argocd-controller"), silent()]
    {
        let environment = predicted(Case { live: &live, ..CASE });
        assert!(environment.objects.is_empty(), "{}", diff::text(&[environment], Look::default()));
    }
}

#[test]
fn whoever_applies_is_told_from_the_objects_and_named() {
    let note = |case: Case| predicted(case).notes.first().cloned().unwrap_or_default();
    assert_eq!(note(CASE), "applied by kustomize-controller, server-side apply (as the objects say): objects 3");
    let live = client_side("argocd-controller");
    assert_eq!(
        note(Case { live: &live, ..CASE }),
        "applied by argocd-controller, client-side apply (as the objects say): objects 3"
    );
    let told = Case { manager: Some("argocd"), ..CASE };
    assert_eq!(note(told), "applied by argocd-controller, server-side apply (as told): objects 3");
}

#[test]
fn a_change_is_one_at_its_place_with_the_line_that_sets_it() {
    let program = with(PROGRAM, "when prod { spec.replicas = 3 }", "when prod { spec.replicas = 5 }");
    let expected = "~ apps/v1 Deployment clicks/web\n    spec.replicas: 3 -> 5  [scale: pods that come: 2]  <- main.flink:23, when prod";
    assert_eq!(body(Case { program: &program, ..CASE }), expected);
}

#[test]
fn every_declared_leaf_that_somebody_changes_or_takes_away_is_found_and_nothing_else() {
    let leaves: [(usize, &str, Value); 11] = [
        (0, "/metadata/labels/app", json!("other")),
        (0, "/spec/replicas", json!(7)),
        (0, "/spec/template/metadata/labels/app", json!("other")),
        (0, "/spec/template/spec/containers/0/image", json!("other:1")),
        (0, "/spec/template/spec/containers/0/env/0/value", json!("slow")),
        (0, "/spec/template/spec/containers/0/ports/0/name", json!("web")),
        (0, "/spec/template/spec/containers/0/resources/limits/cpu", json!("2")),
        (0, "/spec/template/spec/containers/0/resources/limits/memory", json!("2Gi")),
        (1, "/spec/selector/app", json!("other")),
        (1, "/spec/ports/0/targetPort", json!(9090)),
        (2, "/data/password", json!("b3Blbg==")),
    ];
    for (object, pointer, other) in leaves {
        let live =
            changed(FLUX, |list| *list["items"][object].pointer_mut(pointer).expect("it is there") = other.clone());
        let (parent, name) = pointer.rsplit_once('/').expect("it has a parent");
        let without = changed(FLUX, |list| {
            let fields = list["items"][object].pointer_mut(parent).and_then(Value::as_object_mut);
            fields.expect("it is there").remove(name).expect("it is there");
        });
        for live in [live, without] {
            let environment = predicted(Case { live: &live, ..CASE });
            let shown = diff::text(std::slice::from_ref(&environment), Look::default());
            let [change] = &environment.objects[..] else { panic!("{pointer}: {shown}") };
            let Difference::Changed { paths, .. } = &change.difference else { panic!("{pointer}: {shown}") };
            let counted =
                paths.iter().filter(|path| path.predicted.as_ref().is_some_and(|at| at.class.is_difference()));
            assert_eq!(counted.count(), 1, "{pointer}: {shown}");
            let leaves: Vec<String> = paths[0].leaves().iter().map(ToString::to_string).collect();
            assert!(leaves.iter().all(|leaf| leaf.ends_with(name)), "{pointer}: {leaves:?}");
            assert!(paths[0].set_by.is_some(), "{pointer}: {shown}");
        }
    }
}

#[test]
fn what_its_manager_owned_and_does_not_declare_any_more_goes() {
    let program = with(PROGRAM, "            env { MODE { value = \"fast\" } }\n", "");
    let expected = "~ apps/v1 Deployment clicks/web\n    spec.template.spec.containers[main].env:  [rolling: 3 pods are replaced, one after the other]  (no longer declared)\n  -   - name: MODE\n  -     value: fast";
    for live in [FLUX.to_owned(), client_side("kubectl-client-side-apply")] {
        assert_eq!(body(Case { program: &program, live: &live, ..CASE }), expected);
    }
    // Nothing says that it was ever declared.
    let live = silent();
    let silent = Case { program: &program, live: &live, ..CASE };
    assert_eq!(body(silent), "");
    assert!(text(silent).contains("3 of the objects do not say who set what"), "{}", text(silent));
}

#[test]
fn what_goes_and_has_a_default_goes_back_to_it() {
    let program = with(&with(PROGRAM, "    replicas = 2\n", ""), "  when prod { spec.replicas = 3 }\n", "");
    let expected = "~ apps/v1 Deployment clicks/web\n    spec.replicas: 3 -> 1  [scale: pods that go: 2]  (no longer declared; goes back to what the server fills in)";
    for live in [FLUX.to_owned(), client_side("argocd-controller")] {
        assert_eq!(body(Case { program: &program, live: &live, ..CASE }), expected);
    }
    // Where it is the default already nothing happens.
    let live = with(FLUX, "replicas: 3\n", "replicas: 1\n");
    assert_eq!(body(Case { program: &program, live: &live, ..CASE }), "");
}

#[test]
fn what_another_manager_keeps_is_left_an_orphan() {
    let program = with(&with(PROGRAM, "    replicas = 2\n", ""), "  when prod { spec.replicas = 3 }\n", "");
    let entry = json!({"manager": "autoscaler", "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}}}});
    let live = also_owned(FLUX, &entry);
    let expected =
        "~ apps/v1 Deployment clicks/web\n    spec.replicas: 3  (no longer declared, but stays: autoscaler keeps it)";
    assert_eq!(body(Case { program: &program, live: &live, ..CASE }), expected);
}

#[test]
fn what_another_manager_has_changed_is_taken_over_or_refused() {
    let entry = json!({"manager": "kube-controller-manager", "operation": "Update", "subresource": "scale",
        "fieldsV1": {"f:spec": {"f:replicas": {}}}});
    let live = with(&also_owned(FLUX, &entry), "\"replicas\":3", "\"replicas\":9");
    let shown = body(Case { live: &live, ..CASE });
    assert!(
        shown.contains("spec.replicas: 9 -> 3  [scale: pods that go: 6]  (taken over from kube-controller-manager (scale); leave it out"),
        "{shown}"
    );
    // kubectl does not take over what it is not told to.
    let shown = body(Case { live: &live.replace("kustomize-controller", "kubectl"), ..CASE });
    assert!(shown.contains("(the apply is refused: kube-controller-manager (scale) owns it;"), "{shown}");
    // An autoscaler owns it, and the program leaves it alone: no difference.
    let program = with(&with(PROGRAM, "    replicas = 2\n", ""), "  when prod { spec.replicas = 3 }\n", "");
    let live = live.replacen("\"f:replicas\":{},\"f:selector\"", "\"f:selector\"", 1);
    assert_eq!(body(Case { program: &program, live: &live, ..CASE }), "");
}

#[test]
fn flux_undoes_what_kubectl_has_added() {
    let entry = json!({"manager": "kubectl-edit", "operation": "Update",
        "fieldsV1": {"f:spec": {"f:minReadySeconds": {}}}});
    let live = changed(&also_owned(FLUX, &entry), |list| list["items"][0]["spec"]["minReadySeconds"] = json!(5));
    let expected = "~ apps/v1 Deployment clicks/web\n  - spec.minReadySeconds: 5  (no longer declared)";
    assert_eq!(body(Case { live: &live, ..CASE }), expected);
    let argocd = by_argocd(&live);
    assert_eq!(body(Case { live: &argocd, ..CASE }), "");
    let shown = body(Case { live: &argocd, unmanaged: Unmanaged::Show, ..CASE });
    assert!(
        shown.contains(
            "= apps/v1 Deployment clicks/web\n    spec.minReadySeconds: 5  (not declared, stays: set by kubectl-edit)"
        ),
        "{shown}"
    );
}

#[test]
fn leftovers_of_a_client_side_apply_are_named() {
    let entry = json!({"manager": "kubectl-client-side-apply", "operation": "Update",
        "fieldsV1": {"f:spec": {"f:minReadySeconds": {}}}});
    let live = changed(&also_owned(FLUX, &entry), |list| list["items"][0]["spec"]["minReadySeconds"] = json!(5));
    let live = by_argocd(&live);
    let environment = predicted(Case { live: &live, ..CASE });
    assert!(!environment.is_different());
    let shown = diff::text(&[environment], Look::default());
    assert!(shown.starts_with("prod: no changes\n"), "{shown}");
    assert!(shown.contains("only a former `kubectl apply` has set `spec.minReadySeconds`: it stays"), "{shown}");
}

#[test]
fn ports_are_told_apart_by_number_and_protocol_and_lists_without_keys_as_a_whole() {
    let program = with(
        PROGRAM,
        "http { port = 80, targetPort = 8080 }",
        "http { port = 80, targetPort = 8080 }\n      dns { port = 80, protocol = \"UDP\", targetPort = 8080 }",
    );
    let shown = body(Case { program: &program, ..CASE });
    assert_eq!(shown.lines().next(), Some("~ v1 Service clicks/frontend"));
    assert!(shown.contains("spec.ports[dns]:"), "{shown}");
    assert!(!shown.contains("[http]"), "{shown}");
    let program = with(PROGRAM, "image = \"registry", "args = [\"a\", \"b\"]\n            image = \"registry");
    let live = with(FLUX, "          image: registry", "          args: [b, a]\n          image: registry");
    let shown = body(Case { program: &program, live: &live, ..CASE });
    assert!(shown.contains("containers[main].args: [b, a] -> [a, b]"), "{shown}");
}

#[test]
fn the_order_of_keyed_lists_counts_for_init_containers_only() {
    let pair = |one: &str, other: &str, name: &str| {
        let item = |label: &str| format!("{label} {{ image = \"i:1\" }}, ");
        with(
            PROGRAM,
            "        containers {\n",
            &format!("        {name} {{ {}{}}}\n        containers {{\n", item(one), item(other)),
        )
    };
    let live = |name: &str| {
        let item = |label: &str| {
            format!(
                "        - name: {label}\n          image: i:1\n          imagePullPolicy: IfNotPresent\n          resources: {{}}\n          terminationMessagePath: /dev/termination-log\n          terminationMessagePolicy: File\n"
            )
        };
        with(FLUX, "        dnsPolicy:", &format!("        {name}:\n{}{}        dnsPolicy:", item("a"), item("b")))
    };
    let (same, other) = (pair("a", "b", "initContainers"), pair("b", "a", "initContainers"));
    assert_eq!(body(Case { program: &same, live: &live("initContainers"), ..CASE }), "");
    let shown = body(Case { program: &other, live: &live("initContainers"), ..CASE });
    assert!(shown.contains("spec.template.spec.initContainers: [a, b] -> [b, a]"), "{shown}");
    let env =
        with(PROGRAM, "MODE { value = \"fast\" }", "A { value = \"1\" }\n              MODE { value = \"fast\" }");
    let live = with(
        FLUX,
        "            value: fast\n",
        "            value: fast\n          - name: A\n            value: \"1\"\n",
    );
    assert_eq!(body(Case { program: &env, live: &live, ..CASE }), "");
}

#[test]
fn what_cannot_be_changed_has_to_be_made_anew() {
    let program = with(
        PROGRAM,
        "selector { matchLabels = { app = \"web\" } }",
        "selector { matchLabels = { app = \"web\", tier = \"front\" } }",
    );
    let program = with(
        &program,
        "      metadata { labels = { app = \"web\" } }",
        "      metadata { labels = { app = \"web\", tier = \"front\" } }",
    );
    let shown = text(Case { program: &program, ..CASE });
    assert!(shown.starts_with("prod: at worst recreate: 1 changed\n"), "{shown}");
    assert!(
        shown.contains("note: the server refuses the apply: the object has to be deleted and made anew"),
        "{shown}"
    );
    assert!(
        shown.contains("+ spec.selector.matchLabels.tier: front  [recreate: the server never changes it]"),
        "{shown}"
    );
    let forced = with(
        &program,
        "metadata { labels = { app = \"web\" } }\n  spec {\n    replicas",
        "metadata { labels = { app = \"web\" }, annotations = { \"kustomize.toolkit.fluxcd.io/force\" = \"enabled\" } }\n  spec {\n    replicas",
    );
    let shown = text(Case { program: &forced, ..CASE });
    assert!(
        shown.contains("note: the object is deleted and made anew, since `kustomize.toolkit.fluxcd.io/force`"),
        "{shown}"
    );
}

#[test]
fn what_is_left_of_a_shared_item_may_be_refused() {
    let item = json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {"k:{\"name\":\"side\"}": {
        "f:env": {"k:{\"name\":\"A\"}": {".": {}, "f:name": {}, "f:value": {}}}}}}}}});
    let live =
        changed(&also_owned(FLUX, &json!({"manager": "someone", "operation": "Update", "fieldsV1": item})), |list| {
            let deployment = &mut list["items"][0];
            let own = deployment["metadata"]["managedFields"][0]
                .pointer_mut("/fieldsV1/f:spec/f:template/f:spec/f:containers");
            own.expect("it is there")["k:{\"name\":\"side\"}"] = json!({".": {}, "f:name": {}, "f:image": {}});
            let containers = deployment.pointer_mut("/spec/template/spec/containers").and_then(Value::as_array_mut);
            containers
                .expect("a list")
                .push(json!({"name": "side", "image": "side:1", "env": [{"name": "A", "value": "1"}]}));
        });
    let shown = body(Case { live: &live, ..CASE });
    assert!(shown.contains("- spec.template.spec.containers[side].image: side:1  [rolling: 3 pods are replaced, one after the other]  (no longer declared"), "{shown}");
    assert!(!shown.contains("containers[side].name"), "{shown}");
}

#[test]
fn fields_that_exclude_each_other_are_refused() {
    let strategy = with(PROGRAM, "    replicas = 2\n", "    replicas = 2\n    strategy.type = \"Recreate\"\n");
    let shown = text(Case { program: &strategy, ..CASE });
    assert!(shown.contains("note: the server refuses `spec.strategy.rollingUpdate`"), "{shown}");
    // kubectl's patch clears what belongs to another type.
    let live = client_side("kubectl-client-side-apply");
    let shown = text(Case { program: &strategy, live: &live, ..CASE });
    assert!(!shown.contains("the server refuses"), "{shown}");
}

#[test]
fn what_nobody_declares_is_shown_on_request_only_and_is_no_difference() {
    let live = changed(FLUX, |list| list["items"][0]["spec"]["paused"] = json!(true));
    assert_eq!(body(Case { live: &live, ..CASE }), "");
    let environment = predicted(Case { live: &live, unmanaged: Unmanaged::Show, ..CASE });
    assert!(!environment.is_different());
    let shown = diff::text(&[environment], Look::default());
    assert!(shown.contains("= apps/v1 Deployment clicks/web\n    spec.paused: true  (not declared, stays)"), "{shown}");
    assert!(!shown.contains("clusterIP"), "what the server fills in is nobody's: {shown}");
}

#[test]
fn what_is_not_there_is_made_and_kinds_of_which_nothing_was_read_are_named() {
    let program = format!("{PROGRAM}\nresource v1 ConfigMap more {{ data {{ a = \"b\" }} }}\n");
    let environment = predicted(Case { program: &program, ..CASE });
    assert!(
        environment.notes.contains(&"of these kinds nothing was read: ConfigMap; they are taken for new".to_owned())
    );
    assert!(diff::text(&[environment], Look::default()).contains("+ v1 ConfigMap clicks/more\n"));
}

#[test]
fn an_object_is_one_whatever_version_it_was_read_in() {
    let program = format!(
        "{PROGRAM}\nresource autoscaling/v2 HorizontalPodAutoscaler scaler {{\n  spec {{ maxReplicas = 5\n    scaleTargetRef {{ apiVersion = \"apps/v1\", kind = \"Deployment\", name = web.name }} }}\n}}\n"
    );
    let live = format!(
        "{FLUX}- apiVersion: autoscaling/v1\n  kind: HorizontalPodAutoscaler\n  metadata: {{name: scaler, namespace: clicks}}\n  spec:\n    maxReplicas: 4\n    minReplicas: 1\n    scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}\n"
    );
    let shown = body(Case { program: &program, live: &live, ..CASE });
    assert!(shown.contains("spec.maxReplicas: 4 -> 5"), "{shown}");
    let shown = text(Case { program: &program, live: &live, ..CASE });
    assert!(shown.contains("note: read as autoscaling/v1 and declared as autoscaling/v2"), "{shown}");
}

#[test]
fn a_configmap_with_another_hash_takes_the_place_of_the_former_one() {
    let program = format!("{PROGRAM}\n@hashed\nresource v1 ConfigMap settings {{ data {{ level = \"warn\" }} }}\n");
    let former = |name: &str, level: &str, made: &str| {
        format!(
            "- apiVersion: v1\n  kind: ConfigMap\n  metadata: {{name: {name}, namespace: clicks, creationTimestamp: \"{made}\"}}\n  data: {{level: {level}}}\n"
        )
    };
    let live = format!(
        "{FLUX}{}{}",
        former("settings-b2c4d6f8g2", "info", "2026-02-02T00:00:00Z"),
        former("settings-a2c4d6f8g2", "debug", "2026-01-02T00:00:00Z"),
    );
    let shown = text(Case { program: &program, live: &live, ..CASE });
    assert!(shown.contains("data.level: info -> warn"), "{shown}");
    assert!(
        shown.contains("note: made anew; `settings-b2c4d6f8g2`, whose place it takes, is left or pruned"),
        "{shown}"
    );
}

#[test]
fn custom_resources_are_merged_as_their_definitions_say() {
    let program = with(
        PROGRAM,
        "environment prod",
        "kind example.com/v1 Engine { spec: { power: quantity?, args: [string]?, tags: {string: string}?, @default(5) speed: int? } }\nenvironment prod",
    );
    let program = format!(
        "{program}\nresource example.com/v1 Engine e {{ spec {{ power = \"1000m\", args = [\"a\"], tags = {{ x = \"1\" }} }} }}\n"
    );
    let live = format!(
        "{FLUX}- apiVersion: example.com/v1\n  kind: Engine\n  metadata:\n    name: e\n    namespace: clicks\n    managedFields:\n    - manager: kustomize-controller\n      operation: Apply\n      fieldsV1: {{\"f:spec\": {{\"f:power\": {{}}, \"f:args\": {{}}, \"f:tags\": {{\"f:x\": {{}}, \"f:y\": {{}}}}}}}}\n  spec:\n    power: \"1\"\n    args: [a, b]\n    tags: {{x: \"1\", y: \"2\", z: \"3\"}}\n    speed: 5\n"
    );
    let shown = body(Case { program: &program, live: &live, ..CASE });
    assert!(
        shown.contains(
            "spec.power: \"1\" -> 1000m  (the same quantity, but the server keeps what a custom resource says)"
        ),
        "{shown}"
    );
    assert!(shown.contains("spec.args: [a, b] -> [a]"), "{shown}");
    assert!(shown.contains("- spec.tags.y: \"2\"  (no longer declared)"), "{shown}");
    assert!(!shown.contains("tags.z"), "{shown}");
    let shown = body(Case { program: &program, live: &live, unmanaged: Unmanaged::Show, ..CASE });
    assert!(shown.contains("tags.z") && !shown.contains("speed"), "what the definition fills in is nobody's: {shown}");
}
