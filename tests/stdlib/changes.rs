//! What a change of a program does to a job, by the library's rules.
//!
//! Each row is an edit of a program, the worst that it does, and a part of the reason. What is expected is what the
//! operator's classes (`SpecDiff` of the specification, `AbstractJobReconciler`), Flink's state and Kubernetes' objects
//! do; a comment says which, where it is not plain.

use flinkc::diagnostic::Severity;
use flinkc::diff::{Consequence, Difference, EnvironmentDiff, ObjectChange};
use flinkc::driver::{self, Outcome};
use flinkc::host::MemoryHost;
use std::cmp::Reverse;

/// An edit: what it is, the text that is replaced and by what, and what it does: a cost, and parts of the reason.
type Row = (&'static str, (&'static str, &'static str), &'static str, &'static str);

/// A program with marks, `//job` and the like, that edits put something in the place of.
const OPERATOR: &str = r#"
flink.application NAME {
  mode  = operator
  flink = "1.20"
  image = "registry.example.com/clicks:1"
  job {
    jar         = "local:///opt/flink/usrlib/clicks.jar"
    class       = "com.example.Clicks"
    args        = ["--topic", "clicks"]
    parallelism = 4
    //job
  }
  jobmanager  { memory = 2Gi }
  taskmanager { memory = 4Gi, slots = 2, replicas = 64 }
  checkpoints {
    storage    = "s3://flink/checkpoints"
    savepoints = "s3://flink/savepoints"
    //checkpoints
  }
  availability { storage = "s3://flink/ha" }
  operator     {
    upgrade = "last-state"
    //operator
  }
  config {
    state.backend.type = rocksdb
    //config
  }
  //cluster
}
"#;

const HEAD: &str = "import std.flink\nenvironment dev { namespace = \"streams\" }\n";

/// Holds rows against what the rules say; a failure lists all that differ. All rows stand in one program, each as a
/// declaration of its own, since that is read once.
fn hold(base: &str, rows: &[Row]) {
    let (mut before, mut after) = (HEAD.to_owned(), HEAD.to_owned());
    for (at, (what, (from, to), ..)) in rows.iter().enumerate() {
        assert_eq!(base.matches(from).count(), 1, "{what}: the program has `{from}` once");
        let name = format!("c{at}");
        before += &base.replace("NAME", &name);
        after += &base.replace(from, to).replace("NAME", &name);
    }
    let diff = diff(&before, &after);
    let mut wrong = Vec::new();
    for (at, (what, _, cost, gist)) in rows.iter().enumerate() {
        let told = told(&diff, &format!("c{at}"));
        let worst = told.first().map_or("nothing", |(word, _)| word);
        if worst != *cost || !gist.is_empty() && !told.iter().any(|(word, reason)| word == cost && reason.contains(gist)) {
            wrong.push(format!("{what}: expected {cost} ({gist}), found {told:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is different between two programs.
fn diff(before: &str, after: &str) -> Vec<EnvironmentDiff> {
    let host = MemoryHost::new([("main.flink", before)]);
    let units = sound(driver::objects_with(&host, "", None, &[]));
    let host = MemoryHost::new([("main.flink", after)]);
    sound(driver::diff_with(&host, "", None, &[], &units, None))
}

fn sound<T>(outcome: Outcome<T>) -> T {
    let errors = outcome.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    let errors: Vec<String> = errors
        .map(|error| {
            let place = error.primary.as_ref().map(|label| outcome.files.place(label.span)).unwrap_or_default();
            format!("{place}: {}", error.message)
        })
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    outcome.value.expect("what is sound has a result")
}

/// All that is known of a change of one declaration, the worst first: the cost's word, and the reason.
fn told(diff: &[EnvironmentDiff], unit: &str) -> Vec<(&'static str, String)> {
    let objects = diff.iter().flat_map(|environment| &environment.objects);
    let own = objects.filter(|change| &*change.unit == unit);
    let mut found: Vec<&Consequence> = own.flat_map(consequences).collect();
    found.sort_by_key(|known| Reverse(known.cost));
    let reason = |known: &Consequence| known.reason.as_deref().unwrap_or_default().to_owned();
    found.into_iter().map(|known| (known.cost.word(), reason(known))).collect()
}

fn consequences(change: &ObjectChange) -> impl Iterator<Item = &Consequence> {
    let paths = match &change.difference {
        Difference::Created(_) | Difference::Deleted(_) => &[][..],
        Difference::Changed { paths, .. } => paths,
    };
    paths.iter().filter_map(|path| path.consequence.as_ref()).chain(&change.consequence)
}

const LAST: &str = "the job goes on from its last checkpoint";

#[test]
fn the_operator_upgrades_what_it_does_not_ignore() {
    // Fields without `SpecDiff` are upgrades, and so are options but for three beginnings.
    hold(OPERATOR, &[
        ("image", ("clicks:1\"", "clicks:2\""), "restart", LAST),
        ("pull policy", ("//cluster", "pull_policy = Always"), "restart", LAST),
        ("parallelism in native mode", ("parallelism = 4", "parallelism = 6"), "restart", LAST),
        ("arguments", ("\"clicks\"]", "\"views\"]"), "restart", LAST),
        ("class", ("com.example.Clicks", "com.example.Views"), "restart", LAST),
        ("jar", ("usrlib/clicks.jar", "usrlib/views.jar"), "restart", LAST),
        ("memory of the JobManager", ("memory = 2Gi", "memory = 3Gi"), "restart", LAST),
        ("memory of TaskManagers", ("memory = 4Gi", "memory = 8Gi"), "restart", LAST),
        ("CPUs of TaskManagers", ("memory = 4Gi", "memory = 4Gi, cpu = 2"), "restart", LAST),
        ("slots", ("slots = 2", "slots = 4"), "restart", LAST),
        ("standby JobManagers", ("\"s3://flink/ha\"", "\"s3://flink/ha\", replicas = 2"), "restart", LAST),
        ("an option of Flink", ("//config", "taskmanager.network.memory.buffers-per-channel = 4"), "restart", LAST),
        ("an alias of what is set", ("//config", "pipeline.object-reuse = true"), "restart", LAST),
        ("another spelling", ("memory = 2Gi", "memory = 2Gi, cpu = 1.0"), "nothing", ""),
        ("logging", ("//cluster", "files { \"log4j-console.properties\" = \"rootLogger.level = WARN\\n\" }"), "restart", LAST),
        ("labels, which pods have too", ("//cluster", "labels { team = \"clicks\" }"), "restart", LAST),
        ("a node selector", ("//cluster", "node_selector { disk = \"ssd\" }"), "restart", LAST),
        ("a sidecar", ("//cluster", "pod.spec.containers.side { image = \"side:1\" }"), "restart", LAST),
        ("a variable", ("//cluster", "env { TZ = \"UTC\" }"), "restart", LAST),
        ("a restart", ("//operator", "restart = 1"), "restart", LAST),
        ("an ingress of ours", ("//cluster", "ingress { host = \"clicks.example.com\" }"), "nothing", ""),
        ("an autoscaler", ("//cluster", "autoscaler {}"), "nothing", ""),
        ("an option of the operator", ("//operator", "periodic_savepoints = 1h"), "nothing", ""),
        ("the format of savepoints", ("//operator", "savepoint_format = native"), "nothing", ""),
        ("what becomes of pruned objects", ("//operator", "protected = false"), "nothing", ""),
        ("a savepoint", ("//operator", "savepoint_trigger = 1"), "nothing", "a savepoint is taken"),
        ("a path to start from", ("//job", "savepoint = \"s3://flink/savepoints/1\""), "nothing", "savepointRedeployNonce"),
        (
            "a path, and state that is left out",
            ("//job", "savepoint = \"s3://flink/savepoints/1\"\nallow_non_restored_state = true"),
            "nothing",
            "",
        ),
        ("forgetting what the autoscaler knows", ("//operator", "autoscaler_reset = 1"), "nothing", "forgets"),
        ("stopping", ("//operator", "state = suspended"), "restart", "stopped, and stays so"),
        ("another way of upgrades", ("\"last-state\"", "savepoint"), "nothing", "after the next upgrade"),
        (
            "stateless from now on",
            ("\"last-state\"", "stateless, forget_state = true"),
            "state_lost",
            "from now on the job begins without state",
        ),
    ]);
}
