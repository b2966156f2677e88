//! What a change of a Flink application does to its processes and its state, against what a cluster has: in each mode.

use super::{CASE, Case, text};
use flinkc::driver;
use flinkc::host::MemoryHost;
use flinkc::import;
use serde_json::{Value, json};

const OPERATOR: &str = r#"
import std.flink
environment prod { namespace = "clicks" }
flink.application clicks {
  mode  = operator
  flink = "1.20"
  image = "registry.example.com/clicks:1"
  job {
    jar         = "local:///opt/flink/usrlib/clicks.jar"
    class       = "com.example.Clicks"
    parallelism = 4
  }
  jobmanager  { memory = 2Gi }
  taskmanager { memory = 4Gi, slots = 2, replicas = 3 }
  checkpoints {
    storage    = "s3://flink/checkpoints"
    savepoints = "s3://flink/savepoints"
  }
  availability { storage = "s3://flink/ha" }
  operator { upgrade = "last-state" }
  config { state.backend.type = rocksdb }
}
"#;

fn standalone() -> String {
    let without = OPERATOR.replace("  operator { upgrade = \"last-state\" }\n", "");
    without.replace("  mode  = operator\n", "").replace("slots = 2", "slots = 4")
}

fn session() -> String {
    r#"
import std.flink
environment prod { namespace = "clicks" }
flink.session clicks {
  mode  = operator
  flink = "1.20"
  image = "registry.example.com/clicks:1"
  jobmanager  { memory = 2Gi }
  taskmanager { memory = 4Gi, slots = 2 }
}
"#
    .to_owned()
}

/// What a cluster has where Flux has applied a program.
fn applied(program: &str) -> String {
    let host = MemoryHost::new([("main.flink".to_owned(), program.to_owned())]);
    let outcome = driver::render_with(&host, "", Some("main.flink"), &[], "prod", None);
    let found: Vec<&str> = outcome.diagnostics.iter().map(|known| known.message.as_str()).collect();
    let stream = outcome.value.unwrap_or_else(|| panic!("{found:?}"));
    let (mut items, _) = import::documents(&String::from_utf8(stream).expect("text"));
    let mut entries = Vec::new();
    for object in &mut items {
        let (group, version) = match object["apiVersion"].as_str().expect("a text").split_once('/') {
            Some((group, version)) => (group.to_owned(), version.to_owned()),
            None => (String::new(), "v1".to_owned()),
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let metadata = &object["metadata"];
        let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
        entries.push(json!({"id": format!("{namespace}_{name}_{group}_{}", text(&object["kind"])), "v": version}));
        object["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/name"] = json!("clicks");
        object["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/namespace"] = json!("flux-system");
    }
    items.push(json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": "clicks", "namespace": "flux-system"},
        "spec": {"prune": true},
        "status": {"inventory": {"entries": entries}},
    }));
    serde_json::to_string(&json!({"apiVersion": "v1", "kind": "List", "items": items})).expect("values can be written")
}

/// The first two lines for an edit of a program, after the program was applied.
fn told(base: &str, from: &str, to: &str) -> String {
    assert_eq!(base.matches(from).count(), 1, "{from}");
    let program = base.replace(from, to);
    let live = applied(base);
    let shown = text(Case { program: &program, live: &live, manager: Some("flux"), ..CASE });
    shown.lines().take(2).collect::<Vec<_>>().join("\n") + "\n\n" + &shown
}

#[track_caller]
fn hold(base: &str, edit: (&str, &str), cost: &str, reason: &str) {
    let shown = told(base, edit.0, edit.1);
    let line = format!("prod: at worst {cost}: ");
    assert!(shown.starts_with(&line) && shown.contains(reason), "{edit:?}: {cost}, {reason}\n{shown}");
}

#[test]
fn what_was_applied_is_the_same_in_every_mode() {
    let native = standalone().replace("  flink = \"1.20\"\n", "  flink = \"1.20\"\n  mode = native\n");
    for program in [OPERATOR.to_owned(), standalone(), session(), native] {
        let live = applied(&program);
        let shown = text(Case { program: &program, live: &live, manager: Some("flux"), ..CASE });
        assert!(shown.starts_with("prod: no changes\n"), "{program}\n{shown}");
    }
}

#[test]
fn the_operator_restarts_jobs_and_loses_the_state_of_some() {
    let restart = "[restart: the job goes on from its last checkpoint]";
    hold(OPERATOR, ("clicks:1\"", "clicks:2\""), "restart", restart);
    hold(OPERATOR, ("type = rocksdb", "type = hashmap"), "state_lost", "[state_lost: ");
    let wider = "config { state.backend.type = rocksdb, pipeline.max-parallelism = 256 }";
    hold(OPERATOR, ("config { state.backend.type = rocksdb }", wider), "state_lost", "[state_lost: ");
    hold(OPERATOR, ("s3://flink/ha", "s3://flink/other"), "state_lost", "[state_lost: ");
    hold(
        &session(),
        ("clicks:1\"", "clicks:2\""),
        "interrupt",
        "[interrupt: the session cluster is made anew, and all its jobs are interrupted]",
    );
}

#[test]
fn kubernetes_replaces_the_pods_of_a_standalone_cluster() {
    let base = standalone();
    let taskmanagers = "[restart: all 3 TaskManagers are replaced, and jobs restart from their last checkpoints]";
    hold(&base, ("memory = 4Gi", "memory = 6Gi"), "restart", taskmanagers);
    hold(
        &base,
        ("clicks:1\"", "clicks:2\""),
        "restart",
        "the JobManager is replaced, and the job goes on from its last",
    );
    hold(&base, ("replicas = 3", "replicas = 5"), "scale", "[scale: TaskManagers come");
    hold(&base, ("type = rocksdb", "type = hashmap"), "state_lost", "[state_lost: ");
    hold(
        &base,
        ("  availability { storage = \"s3://flink/ha\" }\n", ""),
        "state_lost",
        "the job begins anew without state: there is no high availability",
    );
}

#[test]
fn native_clusters_wait_or_are_deleted() {
    let native = standalone().replace("  flink = \"1.20\"\n", "  flink = \"1.20\"\n  mode = native\n");
    let waits = "[nothing: the running cluster stays as it was started: the change waits until";
    hold(&native, ("clicks:1\"", "clicks:2\""), "nothing", waits);
    let renewed = native.replace("mode = native", "mode = native\n  native { on_change = restart }");
    let deleted = "[restart: the cluster is deleted and started again, and jobs go on from their last checkpoints]";
    hold(&renewed, ("clicks:1\"", "clicks:2\""), "restart", deleted);
}

/// A prefix is another cluster to everybody who keeps something by its name.
#[test]
fn a_job_that_goes_or_gets_another_name_loses_its_state() {
    let (mut documents, _) = import::documents(&applied(OPERATOR));
    let items = documents[0]["items"].as_array_mut().expect("a list");
    // Something that the program still makes tells whose Kustomization it is.
    items.push(json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"}, "metadata": {
        "name": "kept", "namespace": "clicks", "labels": {
            "kustomize.toolkit.fluxcd.io/name": "clicks", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}}}));
    let kept = "resource v1 ConfigMap kept { data { a = \"b\" } }\n";
    let gone = format!("import std.flink\nenvironment prod {{ namespace = \"clicks\" }}\n{kept}");
    let renamed = format!("{}{kept}", OPERATOR.replace("application clicks", "application blue-clicks"));
    let shown = |program: &str, live: &str| text(Case { program, live, manager: Some("flux"), ..CASE });
    // The library marks what holds state, so that nobody prunes it by mistake.
    let live = documents[0].to_string();
    let marked =
        "= flink.apache.org/v1beta1 FlinkDeployment clicks/clicks\n    note: it is not in the program; it stays";
    assert!(shown(&gone, &live).contains(marked), "{}", shown(&gone, &live));
    let other = "= flink.apache.org/v1beta1 FlinkDeployment clicks/clicks  [state_lost: the job begins without its state \
                 under another name or in another namespace";
    assert!(shown(&renamed, &live).contains(other), "{}", shown(&renamed, &live));
    assert!(shown(&renamed, &live).starts_with("prod: at worst state_lost: "), "{}", shown(&renamed, &live));
    // Without the marks it goes.
    for item in documents[0]["items"].as_array_mut().expect("a list") {
        item["metadata"].as_object_mut().expect("an object has some").remove("annotations");
    }
    let live = documents[0].to_string();
    let lost = "- flink.apache.org/v1beta1 FlinkDeployment clicks/clicks  [state_lost: the job stops, and with the \
                resource goes what is known of its checkpoints]\n    note: pruned by the Kustomization `flux-system/clicks`";
    assert!(shown(&gone, &live).contains(lost), "{}", shown(&gone, &live));
}
