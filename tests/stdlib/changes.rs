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
        if worst != *cost
            || !gist.is_empty() && !told.iter().any(|(word, reason)| word == cost && reason.contains(gist))
        {
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
    hold(
        OPERATOR,
        &[
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
            (
                "logging",
                ("//cluster", "files { \"log4j-console.properties\" = \"rootLogger.level = WARN\\n\" }"),
                "restart",
                LAST,
            ),
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
            (
                "a path to start from",
                ("//job", "savepoint = \"s3://flink/savepoints/1\""),
                "nothing",
                "savepointRedeployNonce",
            ),
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
        ],
    );
}

#[test]
fn some_changes_cost_an_operators_job_its_state() {
    let canonical = "canonical savepoint";
    hold(
        OPERATOR,
        &[
            // `Checkpoints`: the maximum parallelism of a restored job is that of its state.
            ("another maximum parallelism", ("//job", "max_parallelism = 256"), "state_lost", "from 128 to 256"),
            ("the maximum that it had", ("//job", "max_parallelism = 128"), "restart", LAST),
            // What computes the default from a parallelism of 4 says 128, and no more than that can run.
            ("wider, in the old maximum", ("parallelism = 4", "parallelism = 128"), "restart", LAST),
            // The state backends' own formats differ; only a canonical savepoint is read by all.
            ("another state backend", ("= rocksdb", "= hashmap"), "state_lost", canonical),
            (
                "the backend by its class",
                ("= rocksdb", "= \"org.apache.flink.contrib.streaming.state.EmbeddedRocksDBStateBackendFactory\""),
                "restart",
                LAST,
            ),
            (
                "high availability elsewhere",
                ("s3://flink/ha", "s3://flink/ha2"),
                "state_lost",
                "stays in the old place",
            ),
            (
                "no high availability",
                ("availability { storage = \"s3://flink/ha\" }", ""),
                "state_lost",
                "without high availability",
            ),
            (
                "high availability by ZooKeeper",
                ("\"s3://flink/ha\" }", "\"s3://flink/ha\", mode = zookeeper, quorum = \"zookeeper:2181\" }"),
                "state_lost",
                "zookeeper does not know the last checkpoint",
            ),
            // A checkpoint's metadata has whole paths.
            ("checkpoints elsewhere", ("flink/checkpoints", "flink/checkpoints2"), "restart", "must stay"),
            ("savepoints elsewhere", ("flink/savepoints", "flink/savepoints2"), "restart", LAST),
            // `getJobUpgrade` takes a savepoint for another version.
            ("the next minor version", ("\"1.20\"", "\"2.0\""), "restart", "Kryo"),
            ("an older version", ("\"1.20\"", "\"1.19\""), "state_lost", "does not read state that the newer"),
            ("incremental checkpoints", ("//checkpoints", "incremental = true"), "restart", LAST),
            ("timers in memory", ("//config", "state.backend.rocksdb.timer-service.factory = HEAP"), "restart", LAST),
            ("a changelog", ("//config", "state.changelog.enabled = true"), "restart", "claim-mode"),
            ("serializers", ("//config", "pipeline.generic-types = false"), "restart", "other serializers"),
            ("chaining", ("//config", "pipeline.operator-chaining.enabled = false"), "restart", "without a `uid`"),
            (
                "the time that state of queries lives",
                ("//config", "table.exec.state.ttl = 1d"),
                "restart",
                "keeps to the new time",
            ),
        ],
    );
    let unaligned = &OPERATOR.replace("//checkpoints", "unaligned = true\n//checkpoints").replace("1.20", "2.0");
    hold(
        unaligned,
        &[
            (
                "a version with a place for savepoints",
                ("\"2.0\"", "\"2.1\""),
                "restart",
                "a savepoint, which the operator takes",
            ),
            ("another program", ("usrlib/clicks.jar", "usrlib/views.jar"), "restart", "records of the old job"),
        ],
    );
    let placeless = &unaligned.replace("savepoints = \"s3://flink/savepoints\"", "");
    hold(
        placeless,
        &[
            ("a version without one", ("\"2.0\"", "\"2.1\""), "state_lost", "unaligned checkpoints"),
            ("a patch release", ("clicks:1\"", "clicks:2\""), "restart", LAST),
        ],
    );
    let savepoint = &OPERATOR.replace("\"last-state\"", "savepoint").replace("availability", "//");
    let from_savepoint = "a savepoint that the operator takes";
    hold(
        savepoint,
        &[
            ("image", ("clicks:1\"", "clicks:2\""), "restart", from_savepoint),
            ("another state backend", ("= rocksdb", "= hashmap"), "restart", from_savepoint),
            ("ForSt", ("= rocksdb", "= forst"), "state_lost", canonical),
            ("another maximum parallelism", ("//job", "max_parallelism = 64"), "state_lost", "from 128 to 64"),
        ],
    );
    let native = &savepoint.replace("//operator", "savepoint_format = native\n//operator");
    hold(native, &[("another state backend", ("= rocksdb", "= hashmap"), "state_lost", canonical)]);
    let told = &savepoint.replace("//job", "savepoint = \"s3://flink/savepoints/1\"\n//job");
    hold(
        told,
        &[
            ("a redeployment", ("//operator", "savepoint_redeploy = 1"), "redeploy", "`initialSavepointPath`"),
            ("another path", ("savepoints/1", "savepoints/2"), "nothing", "savepointRedeployNonce"),
        ],
    );
    let stateless = &OPERATOR.replace("\"last-state\"", "stateless, forget_state = true");
    hold(
        stateless,
        &[
            ("image", ("clicks:1\"", "clicks:2\""), "state_lost", "without what its checkpoints hold"),
            ("the autoscaler", ("//cluster", "autoscaler {}"), "nothing", ""),
            ("stopping", ("//operator", "state = suspended"), "state_lost", "its state is not kept"),
        ],
    );
}
