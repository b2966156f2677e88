//! What a change of a program does to a job, by the library's rules.
//!
//! Each row is an edit of a program, the worst that it does, and a part of the reason. What is expected is what the
//! operator's classes (`SpecDiff` of the specification, `AbstractJobReconciler`), Flink's state and Kubernetes' objects
//! do; a comment says which, where it is not plain.

use crate::shape;
use flinkc::diagnostic::Severity;
use flinkc::diff::{Consequence, Difference, EnvironmentDiff, Mask, ObjectChange};
use flinkc::driver::{self, Outcome};
use flinkc::host::MemoryHost;
use std::cmp::Reverse;

/// An edit: what it is, the text that is replaced and by what, and what it does: a cost, and parts of the reason.
type Row = (&'static str, (&'static str, &'static str), &'static str, &'static str);

/// An application with marks, `//job` and the like, that edits put something in the place of.
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

/// The same without what only the operator has.
fn standalone() -> String {
    let without = OPERATOR.replace("operator     {\n    upgrade = \"last-state\"\n    //operator\n  }\n", "");
    without
        .replace("mode  = operator\n", "")
        .replace("memory = 4Gi, slots = 2, replicas = 64", "memory = 4Gi, slots = 64, replicas = 2")
}

const HEAD: &str = "import std.flink\nenvironment dev { namespace = \"streams\" }\n";

/// Holds rows against what the rules say; a failure lists all that differ. All rows stand in one program, each as a
/// declaration of its own, since that is read once.
fn hold(base: &str, rows: &[Row]) {
    hold_with("", base, rows);
}

/// The same where other declarations stand beside these.
fn hold_with(beside: &str, base: &str, rows: &[Row]) {
    let (mut before, mut after) = (format!("{HEAD}{beside}"), format!("{HEAD}{beside}"));
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
    let environments = sound(driver::diff_with(&host, "", None, &[], &units, None, &Mask::new([7; 32])));
    shape::hold(&flinkc::diff::json(&environments));
    environments
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
    // Plain objects stand in a unit of their file.
    let own = objects.filter(|change| &*change.unit == unit || &*change.object().name == unit);
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
            // It sets nothing but options of its own, which the operator ignores.
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
            ("wider, in the old maximum", ("parallelism = 4", "parallelism = 128"), "restart", "keeps the maximum"),
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
            ("another program", ("usrlib/clicks.jar", "usrlib/views.jar"), "restart", "hold records of the old job"),
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
    let scaled = &OPERATOR.replace("//cluster", "autoscaler {}");
    hold(
        scaled,
        &[
            ("the autoscaler's target", ("autoscaler {}", "autoscaler { target = 0.5 }"), "nothing", ""),
            ("forgetting what it knows", ("//operator", "autoscaler_reset = 1"), "nothing", "forgets"),
        ],
    );
    let stateless = &OPERATOR.replace("\"last-state\"", "stateless, forget_state = true");
    hold(
        stateless,
        &[
            ("image", ("clicks:1\"", "clicks:2\""), "state_lost", "without what its checkpoints hold"),
            ("an option of the operator", ("//operator", "periodic_savepoints = 1h"), "nothing", ""),
            ("stopping", ("//operator", "state = suspended"), "state_lost", "its state is not kept"),
        ],
    );
}

/// The operator compares texts (`tests/data/operator-changes.txt`: `2Gi` and `2048m`, `1g` and `1024m` are upgrades), and
/// reads sizes as Flink does before it reads them as Kubernetes does: `m` are mebibytes, `G` is binary.
#[test]
fn a_size_that_is_only_spelt_otherwise_restarts_a_job_of_the_operator() {
    let deployment = r#"
resource flink.apache.org/v1beta1 FlinkDeployment NAME {
  spec {
    image = "registry.example.com/clicks:1"
    flinkVersion = "v1_20"
    serviceAccount = "flink"
    flinkConfiguration = {
      "execution.checkpointing.dir" = "s3://flink/checkpoints"
      "taskmanager.memory.managed.size" = "1g"
      "execution.checkpointing.interval" = "60 s"
      "s3.endpoint" = "1g"
    }
    jobManager { resource { memory = "2Gi", cpu = 1.0, ephemeralStorage = "20Gi" } }
    taskManager { resource { memory = "4g", cpu = 1.0, ephemeralStorage = "10G" } }
    job { jarURI = "local:///opt/a.jar", parallelism = 2, upgradeMode = last-state, state = running }
  }
}
"#;
    let same = "it is the same size, 2147483648 bytes, but the operator compares texts: `2Gi` would change nothing";
    let other = "it is the same size, 4294967296 bytes";
    let spelt = "; it says what `1g` says, but the operator compares texts";
    hold_with(
        "external ServiceAccount flink\n",
        deployment,
        &[
            ("as mebibytes", ("\"2Gi\"", "\"2048m\""), "restart", same),
            ("as Kubernetes writes them", ("\"2Gi\"", "\"2048Mi\""), "restart", same),
            ("as a number", ("\"2Gi\"", "\"2147483648\""), "restart", same),
            ("another size", ("\"2Gi\"", "\"3Gi\""), "restart", LAST),
            ("as Kubernetes writes Flink's", ("\"4g\"", "\"4Gi\""), "restart", other),
            ("G as Flink reads it", ("\"4g\"", "\"4G\""), "restart", other),
            ("storage", ("\"20Gi\"", "\"20480Mi\""), "restart", "the same size, 21474836480 bytes"),
            ("storage is decimal", ("\"10G\"", "\"10000M\""), "restart", "the same size, 10000000000 bytes"),
            ("an option", ("size\" = \"1g\"", "size\" = \"1024m\""), "restart", spelt),
            ("a time", ("\"60 s\"", "\"1min\""), "restart", "it says what `60 s` says"),
        ],
    );
    // What says something else is only a change.
    for (from, to) in [
        ("\"2Gi\"", "\"2000m\""),
        ("\"4g\"", "\"4000m\""),
        ("\"20Gi\"", "\"20G\""),
        ("size\" = \"1g\"", "size\" = \"1000m\""),
        ("endpoint\" = \"1g\"", "endpoint\" = \"1024m\""),
    ] {
        let program = |text: &str| format!("{HEAD}external ServiceAccount flink\n{}", text.replace("NAME", "c"));
        let diff = diff(&program(deployment), &program(&deployment.replace(from, to)));
        let told = told(&diff, "c");
        assert!(told.iter().all(|(_, reason)| reason == LAST) && told.len() == 1, "{to}: {told:?}");
    }
}

#[test]
fn kubernetes_replaces_a_standalone_clusters_pods() {
    let available = &standalone();
    // High availability keeps the job's graph, and starts it whatever the arguments and options say.
    let replaced = "the JobManager is replaced, and the job goes on from its last checkpoint";
    let workers = "all 2 TaskManagers are replaced";
    hold(
        available,
        &[
            ("image", ("clicks:1\"", "clicks:2\""), "restart", replaced),
            ("parallelism", ("parallelism = 4", "parallelism = 6"), "restart", "as it was submitted"),
            ("arguments", ("\"clicks\"]", "\"views\"]"), "restart", "as it was submitted"),
            ("class", ("com.example.Clicks", "com.example.Views"), "restart", "as it was submitted"),
            ("memory of the JobManager", ("memory = 2Gi", "memory = 3Gi"), "restart", replaced),
            ("memory of TaskManagers", ("memory = 4Gi", "memory = 8Gi"), "restart", workers),
            ("more TaskManagers", ("replicas = 2", "replicas = 3"), "scale", "TaskManagers come"),
            ("fewer TaskManagers", ("replicas = 2", "replicas = 1"), "restart", "TaskManagers that go"),
            ("standby JobManagers", ("\"s3://flink/ha\"", "\"s3://flink/ha\", replicas = 2"), "scale", "standby"),
            ("an option", ("//config", "pipeline.object-reuse = true"), "restart", "they read it when they start"),
            (
                "logging",
                ("//cluster", "files { \"log4j-console.properties\" = \"rootLogger.level = WARN\\n\" }"),
                "restart",
                replaced,
            ),
            ("Hadoop", ("//cluster", "hadoop { core = { \"fs.defaultFS\" = \"hdfs://nn\" } }"), "restart", replaced),
            ("labels, which pods have too", ("//cluster", "labels { team = \"clicks\" }"), "restart", replaced),
            ("a sidecar", ("//cluster", "pod.spec.containers.side { image = \"side:1\" }"), "restart", replaced),
            ("an ingress", ("//cluster", "ingress { host = \"clicks.example.com\" }"), "nothing", ""),
            ("another Service", ("//cluster", "rest { type = NodePort }"), "nothing", ""),
            ("closed pods", ("//cluster", "network_policy {}"), "nothing", ""),
            ("a budget", ("//cluster", "disruption_budget {}"), "nothing", ""),
            (
                "a savepoint",
                ("//job", "savepoint = \"s3://flink/savepoints/1\""),
                "restart",
                "not from `job.savepoint`",
            ),
            ("another maximum parallelism", ("//job", "max_parallelism = 256"), "state_lost", "from 128 to 256"),
            ("another state backend", ("= rocksdb", "= hashmap"), "state_lost", "canonical savepoint"),
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
                "there is no high availability",
            ),
            (
                "high availability by ZooKeeper",
                ("\"s3://flink/ha\" }", "\"s3://flink/ha\", mode = zookeeper, quorum = \"zookeeper:2181\" }"),
                "state_lost",
                "zookeeper does not know",
            ),
            ("checkpoints elsewhere", ("flink/checkpoints", "flink/checkpoints2"), "restart", "must stay"),
            ("the next series", ("\"1.20\"", "\"2.0\""), "restart", "Kryo"),
            ("an older version", ("\"1.20\"", "\"1.19\""), "state_lost", "does not read state that the newer"),
            ("chaining", ("//config", "pipeline.operator-chaining.enabled = false"), "restart", "without a `uid`"),
            ("jars on a volume", ("//job", "artifacts { size = 1Gi }"), "restart", replaced),
            ("another mode", ("NAME {", "NAME {\nmode = operator"), "interrupt", "takes them up as they were"),
        ],
    );
    let unaligned = &available.replace("//checkpoints", "unaligned = true").replace("1.20", "2.0");
    hold(unaligned, &[("the next version", ("\"2.0\"", "\"2.1\""), "state_lost", "unaligned checkpoints")]);
    let anew = &available.replace("availability { storage = \"s3://flink/ha\" }", "//availability");
    hold(
        anew,
        &[
            ("image", ("clicks:1\"", "clicks:2\""), "state_lost", "begins anew without state"),
            // What is not there yet knows nothing of what ran before.
            (
                "high availability",
                ("//availability", "availability { storage = \"s3://flink/ha\" }"),
                "state_lost",
                "there was no",
            ),
            ("memory of TaskManagers", ("memory = 4Gi, ", "memory = 4Gi, cpu = 2, "), "state_lost", "begins anew"),
            ("a savepoint", ("//job", "savepoint = \"s3://flink/savepoints/1\""), "redeploy", "from `job.savepoint`"),
        ],
    );
}

#[test]
fn a_native_cluster_learns_of_a_change_when_it_is_started_again() {
    // `submit.sh` does nothing where the Deployment is there, unless it is told to start the cluster again.
    let kept = &standalone().replace("NAME {", "NAME {\nmode = native\n//native");
    let waits = "the running cluster stays as it was started";
    hold(
        kept,
        &[
            ("image", ("clicks:1\"", "clicks:2\""), "nothing", waits),
            ("parallelism", ("parallelism = 4", "parallelism = 6"), "nothing", waits),
            ("arguments", ("\"clicks\"]", "\"views\"]"), "nothing", waits),
            ("memory", ("memory = 4Gi", "memory = 8Gi"), "nothing", waits),
            (
                "logging",
                ("//cluster", "files { \"log4j-console.properties\" = \"rootLogger.level = WARN\\n\" }"),
                "nothing",
                waits,
            ),
            ("another state backend", ("= rocksdb", "= hashmap"), "nothing", waits),
            ("another maximum parallelism", ("//job", "max_parallelism = 256"), "nothing", waits),
            (
                "restarts from now on",
                ("//native", "native { on_change = restart }"),
                "restart",
                "deleted and started again",
            ),
            ("another mode", ("mode = native", "mode = standalone"), "nothing", "the cluster runs on"),
        ],
    );
    let renewed = &kept.replace("//native", "native { on_change = restart }");
    let again = "the cluster is deleted and started again";
    hold(
        renewed,
        &[
            ("image", ("clicks:1\"", "clicks:2\""), "restart", again),
            ("parallelism", ("parallelism = 4", "parallelism = 6"), "restart", again),
            ("arguments", ("\"clicks\"]", "\"views\"]"), "restart", again),
            ("class", ("com.example.Clicks", "com.example.Views"), "restart", again),
            ("memory", ("memory = 4Gi", "memory = 8Gi"), "restart", again),
            ("a variable", ("//cluster", "env { TZ = \"UTC\" }"), "restart", again),
            ("an option", ("//config", "pipeline.object-reuse = true"), "restart", again),
            ("an ingress", ("//cluster", "ingress { host = \"clicks.example.com\" }"), "nothing", ""),
            ("another state backend", ("= rocksdb", "= hashmap"), "state_lost", "canonical savepoint"),
            ("another maximum parallelism", ("//job", "max_parallelism = 256"), "state_lost", "from 128 to 256"),
            (
                "high availability elsewhere",
                ("s3://flink/ha", "s3://flink/ha2"),
                "state_lost",
                "stays in the old place",
            ),
            ("the next series", ("\"1.20\"", "\"2.0\""), "restart", "Kryo"),
            ("an older version", ("\"1.20\"", "\"1.19\""), "state_lost", "does not read state that the newer"),
            ("keeping from now on", ("on_change = restart", "on_change = keep"), "nothing", waits),
        ],
    );
}

/// A session cluster, likewise.
const SESSION: &str = r#"
flink.session NAME {
  //mode
  flink = "1.20"
  image = "registry.example.com/flink:1"
  jobmanager  { memory = 2Gi }
  taskmanager { memory = 4Gi, slots = 2, replicas = 2 }
  availability { storage = "s3://flink/ha" }
  config {
    state.backend.type = rocksdb
    //config
  }
  //cluster
}
"#;

#[test]
fn a_session_clusters_change_is_one_of_all_its_jobs() {
    let replaced = "its jobs go on from their last checkpoints";
    hold(
        SESSION,
        &[
            ("image", ("flink:1\"", "flink:2\""), "restart", replaced),
            ("an option", ("//config", "pipeline.object-reuse = true"), "restart", replaced),
            ("fewer TaskManagers", ("replicas = 2", "replicas = 1"), "restart", "TaskManagers that go"),
            (
                "no high availability",
                ("availability { storage = \"s3://flink/ha\" }", ""),
                "state_lost",
                "without high availability",
            ),
            ("another state backend", ("= rocksdb", "= hashmap"), "state_lost", "canonical savepoint"),
        ],
    );
    let forgetful = &SESSION.replace("availability { storage = \"s3://flink/ha\" }", "");
    hold(
        forgetful,
        &[
            ("image", ("flink:1\"", "flink:2\""), "interrupt", "forgets its jobs"),
            ("more TaskManagers", ("replicas = 2", "replicas = 3"), "scale", "TaskManagers come"),
        ],
    );
    let operated = &SESSION.replace("//mode", "mode = operator\n//mode");
    let anew = "the session cluster is made anew";
    hold(
        operated,
        &[
            ("image", ("flink:1\"", "flink:2\""), "interrupt", anew),
            ("an option", ("//config", "pipeline.object-reuse = true"), "interrupt", anew),
            ("labels, which pods have too", ("//cluster", "labels { team = \"clicks\" }"), "interrupt", anew),
            ("a restart", ("//cluster", "operator { restart = 1 }"), "interrupt", anew),
            ("an ingress of ours", ("//cluster", "ingress { host = \"clicks.example.com\" }"), "nothing", ""),
            (
                "an application",
                (
                    "session NAME {",
                    "application NAME {\njob { class = \"a.B\", jar = \"local:///opt/flink/usrlib/a.jar\" }",
                ),
                "recreate",
                "no session cluster of an application",
            ),
        ],
    );
    // Its number of TaskManagers would be a change in place, but operators up to 1.15 make the cluster anew.
    let pods = &operated.replace("//mode", "operator { pods = standalone }");
    hold(pods, &[("more TaskManagers", ("replicas = 2", "replicas = 3"), "interrupt", anew)]);
    let native = &SESSION.replace("//mode", "mode = native\n//mode");
    hold(native, &[("an option", ("//config", "pipeline.object-reuse = true"), "nothing", "stays as it was started")]);
    let renewed = &native.replace("//mode", "native { on_change = restart }");
    hold(renewed, &[("an option", ("//config", "pipeline.object-reuse = true"), "restart", "started again")]);
}

/// What a program does that has declarations of another name, or none any more.
fn replaced(before: &str, after: &str) -> Vec<(&'static str, String)> {
    told(&diff(&format!("{HEAD}{before}"), after), "clicks")
}

/// Whether the worst is a cost with such a reason.
fn check_worst(told: &[(&'static str, String)], cost: &str, gist: &str) {
    let worst = told.first().map_or("nothing", |(word, _)| word);
    assert!(worst == cost && told.iter().any(|(word, reason)| *word == cost && reason.contains(gist)), "{told:#?}");
}

#[test]
fn what_goes_takes_its_state_along() {
    let named = |base: &str| base.replace("NAME", "clicks");
    let loose = &OPERATOR.replace("//operator", "protected = false");
    let saving = &loose.replace("protected = false", "protected = false, savepoint_on_deletion = true");
    let session = SESSION.replace("//mode", "mode = operator\noperator { protected = false }");
    for (base, cost, gist) in [
        // Argo CD and Flux leave it where it is.
        (OPERATOR, "nothing", "kept from being pruned"),
        (loose, "state_lost", "with the resource goes what is known"),
        (saving, "redeploy", "a savepoint of it is taken"),
        (&session, "interrupt", "all its jobs with it"),
        // The ConfigMaps of an election have no owner.
        (&standalone(), "interrupt", "what high availability keeps stays"),
        (
            &standalone().replace("availability { storage = \"s3://flink/ha\" }", ""),
            "state_lost",
            "stop the job with a savepoint",
        ),
        // Flink made the Deployment, and nobody deletes it.
        (&standalone().replace("NAME {", "NAME {\nmode = native"), "nothing", "the cluster runs on"),
    ] {
        check_worst(&replaced(&named(base), HEAD), cost, gist);
    }
}

#[test]
fn another_namespace_or_name_begins_without_state() {
    // High availability keeps what it knows under the cluster's name, in its namespace.
    for (base, gist) in [
        (OPERATOR.to_owned(), "another name or in another namespace"),
        (standalone(), "another name or in another namespace"),
        (standalone().replace("NAME {", "NAME {\nmode = native"), "which runs on"),
        (standalone().replace("NAME {", "NAME {\nmode = native\nnative { on_change = restart }"), "which runs on"),
    ] {
        let program = base.replace("NAME", "clicks");
        let elsewhere = format!("{HEAD}{program}").replace("namespace = \"streams\"", "namespace = \"rivers\"");
        check_worst(&replaced(&program, &elsewhere), "state_lost", gist);
    }
    let resource = |name: &str| {
        format!(
            "external ServiceAccount flink\nresource flink.apache.org/v1beta1 FlinkDeployment clicks {{\n\
             metadata.name = \"{name}\"\nspec {{\nimage = \"a:1\", flinkVersion = v1_20, serviceAccount = \"flink\"\n\
             flinkConfiguration {{ execution.checkpointing.dir = \"s3://a/b\" }}\n\
             jobManager.resource {{ memory = \"2Gi\", cpu = 1.0 }}, taskManager.resource {{ memory = \"2Gi\", cpu = 1.0 }}\n\
             job {{ jarURI = \"local:///a.jar\", parallelism = 1, upgradeMode = \"last-state\" }}\n}}\n}}\n"
        )
    };
    let after = format!("{HEAD}{}", resource("prod-clicks"));
    let told = told(&diff(&format!("{HEAD}{}", resource("clicks")), &after), "main");
    check_worst(&told, "state_lost", "another name");
}

#[test]
fn jobs_on_sessions_and_their_kin() {
    let job = r#"
flink.job NAME {
  session = "analytics"
  flink   = "1.20"
  jar     = "https://repo.example.com/clicks.jar"
  checkpoints { storage = "s3://flink/checkpoints", savepoints = "s3://flink/savepoints" }
  //job
}
"#;
    let session = "external FlinkDeployment analytics, other\n";
    let from_savepoint = "a savepoint that the operator takes";
    let with_session = |rows: &[Row]| hold_with(session, job, rows);
    with_session(&[
        ("jar", ("clicks.jar", "views.jar"), "restart", from_savepoint),
        ("arguments", ("//job", "args = [\"a\"]"), "restart", from_savepoint),
        ("parallelism", ("//job", "parallelism = 4"), "restart", from_savepoint),
        ("wider than the old maximum", ("//job", "parallelism = 200"), "state_lost", "above the maximum of 128"),
        ("maximum parallelism", ("//job", "max_parallelism = 512"), "state_lost", "from 128 to 512"),
        ("another session", ("\"analytics\"", "\"other\""), "recreate", "moves no job to another cluster"),
        ("the autoscaler", ("//job", "autoscaler {}"), "nothing", ""),
        ("a savepoint", ("//job", "operator { savepoint_trigger = 1 }"), "nothing", "a savepoint is taken"),
        ("a restart", ("//job", "operator { restart = 1 }"), "restart", from_savepoint),
        ("labels", ("//job", "labels { team = \"a\" }"), "nothing", ""),
        ("stopping", ("//job", "operator { state = suspended }"), "restart", "stopped, and stays so"),
        ("stateless", ("//job", "operator { upgrade = stateless, forget_state = true }"), "state_lost", "from now on"),
        ("an option", ("//job", "config { pipeline.object-reuse = true }"), "restart", from_savepoint),
    ]);
    let snapshot = "flink.snapshot NAME {\n  session_job = \"a\"\n  dispose = true\n  path = \"s3://flink/a\"\n}\n";
    hold_with(
        "external FlinkSessionJob a\n",
        snapshot,
        &[("the place", ("flink/a", "flink/b"), "nothing", "not taken again")],
    );
    let told = replaced(
        &format!("external FlinkSessionJob a\n{}", snapshot.replace("NAME", "clicks")),
        &format!("{HEAD}external FlinkSessionJob a\n"),
    );
    check_worst(&told, "state_lost", "deletes the savepoint");

    let blue_green = &OPERATOR.replace("flink.application", "flink.blue_green");
    let second = "a second cluster starts from a savepoint of the first";
    hold(
        blue_green,
        &[
            ("image", ("clicks:1\"", "clicks:2\""), "restart", second),
            ("an option of the operator", ("//operator", "periodic_savepoints = 1h"), "nothing", ""),
            ("a savepoint", ("//operator", "savepoint_trigger = 1"), "nothing", "a savepoint is taken"),
            ("another way of upgrades", ("\"last-state\"", "savepoint"), "nothing", "after the next upgrade"),
            // It is a canonical savepoint, whatever the mode says.
            ("another state backend", ("= rocksdb", "= hashmap"), "restart", second),
            ("maximum parallelism", ("//job", "max_parallelism = 512"), "state_lost", "from 128 to 512"),
            ("the next series", ("\"1.20\"", "\"2.0\""), "restart", "Kryo"),
            (
                "stateless from now on",
                ("\"last-state\"", "stateless, forget_state = true"),
                "state_lost",
                "from now on",
            ),
        ],
    );
}

#[test]
fn programs_volumes_and_reactive_jobs() {
    let sql = "job { sql { script = \"SELECT 1;\" }, parallelism = 4 }\nflink = \"2.1\"";
    let with_sql = |base: &str| {
        let from = base.find("  job {").expect("there is a job");
        let to = from + base[from..].find("  }\n").expect("the job ends") + 4;
        format!("{}  {sql}\n{}", &base[..from], &base[to..]).replace("  flink = \"1.20\"\n", "")
    };
    let statements = ("SELECT 1", "SELECT 2");
    hold(&with_sql(&standalone()), &[("other statements", statements, "restart", "as it was submitted")]);
    let with_runner = with_sql(OPERATOR)
        .replace("\"SELECT 1;\"", "\"SELECT 1;\", runner = \"local:///opt/flink/usrlib/sql.jar\", class = \"a.Sql\"");
    hold(&with_runner, &[("other statements", statements, "restart", "the program is planned anew")]);

    let volume = "checkpoints {\n    storage    = \"file:///flink-state/a\"\n    volume { claim = \"one\" }";
    let on_volume = |base: &str| base.replace("checkpoints {\n    storage    = \"s3://flink/checkpoints\"", volume);
    let claims = "external PersistentVolumeClaim one, two\n";
    let other = ("\"one\"", "\"two\"");
    let moved = "checkpoints lie on the old volume";
    hold_with(claims, &on_volume(&standalone()), &[("another claim", other, "state_lost", moved)]);
    hold_with(claims, &on_volume(OPERATOR), &[("another claim", other, "state_lost", moved)]);
    let native = on_volume(&standalone()).replace("NAME {", "NAME {\nmode = native\nnative { on_change = restart }");
    hold_with(claims, &native, &[("another claim", other, "state_lost", moved)]);
    let made = on_volume(&standalone()).replace("claim = \"one\"", "size = 10Gi");
    hold(
        &made,
        &[
            ("a larger volume", ("10Gi", "20Gi"), "nothing", "the volume grows"),
            ("another class", ("10Gi", "10Gi, class = \"fast\""), "recreate", "nothing of a claim but its size"),
        ],
    );

    let reactive = &OPERATOR.replace("//operator", "pods = standalone").replace("//cluster", "reactive {}\n//cluster");
    let follows = "the job follows their number";
    hold(
        reactive,
        &[
            ("more TaskManagers", ("replicas = 64", "replicas = 65"), "scale", follows),
            ("fewer TaskManagers", ("replicas = 64", "replicas = 3"), "scale", follows),
            ("image", ("clicks:1\"", "clicks:2\""), "restart", LAST),
            ("no longer reactive", ("reactive {}", ""), "restart", LAST),
        ],
    );
    let autoscaled = &standalone().replace("//cluster", "reactive { max_replicas = 4 }");
    hold(autoscaled, &[("more TaskManagers at most", ("max_replicas = 4", "max_replicas = 8"), "scale", follows)]);

    let local = &standalone().replace("replicas = 2", "replicas = 2, local_recovery { size = 10Gi }");
    hold(
        local,
        &[
            ("image", ("clicks:1\"", "clicks:2\""), "restart", "replaced in turn"),
            ("more TaskManagers", ("replicas = 2", "replicas = 3"), "scale", "TaskManagers come"),
            ("larger volumes", ("10Gi", "20Gi"), "recreate", "nothing else of a StatefulSet"),
        ],
    );
    let bounded = &standalone().replace("//job", "bounded = true");
    hold(bounded, &[("image", ("clicks:1\"", "clicks:2\""), "restart", LAST)]);

    let suspended = &OPERATOR.replace("//operator", "state = suspended");
    hold(
        suspended,
        &[
            ("image", ("clicks:1\"", "clicks:2\""), "nothing", "changed when it runs again"),
            ("running again", ("state = suspended", "state = running"), "restart", LAST),
            ("another version", ("\"1.20\"", "\"2.0\""), "recreate", "is suspended"),
        ],
    );
}

#[test]
fn keys_and_certificates_are_read_at_the_start() {
    let keys = "s3 { release = \"1.20.1\", access_key = secret(\"one\", \"id\"), secret_key = secret(\"one\", \"key\") }\n//tls";
    let secrets = "external Secret one, two\n";
    let replaced = "goes on from its last checkpoint";
    let other: Row = ("other keys", ("secret(\"one\", \"key\")", "secret(\"two\", \"key\")"), "restart", replaced);
    let tls: Row = (
        "certificates",
        ("//tls", "tls { internal { password = secret(\"one\", \"password\"), secret = \"two\" } }"),
        "restart",
        replaced,
    );
    hold_with(secrets, &standalone().replace("//cluster", keys), &[other, tls]);
    hold_with(secrets, &OPERATOR.replace("//cluster", keys), &[other]);
}
