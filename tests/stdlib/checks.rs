//! What the library refuses: each mistake is one error at the user's line.

use crate::program::{application_text, errors, session_text};

/// A mistake: the line at fault, with all else that it takes, and a part of the message.
struct Mistake {
    version: &'static str,
    body: &'static str,
    line: &'static str,
    message: &'static str,
}

const fn mistake(version: &'static str, body: &'static str, line: &'static str, message: &'static str) -> Mistake {
    Mistake { version, body, line, message }
}

#[track_caller]
fn refused(text: &str, line: &str, message: &str) {
    let errors = errors(text);
    let [(at, told)] = errors.as_slice() else { panic!("one error for `{line}`: {errors:?}") };
    assert!(told.contains(message), "`{told}` says `{message}`");
    assert!(at.contains(line), "the error `{told}` is at `{at}`, and should be at `{line}`");
}

const OF_EVERY_CLUSTER: &[Mistake] = &[
    mistake("2.1", "jobmanager.memory = 576Mi", "jobmanager.memory", "it needs at least 577Mi"),
    mistake("2.1", "jobmanager.cpu = 0", "jobmanager.cpu", "a JobManager needs some CPU"),
    mistake("2.1", "taskmanager.cpu = 0", "taskmanager.cpu", "a TaskManager needs some CPU"),
    mistake("2.1", "taskmanager.slots = 0", "taskmanager.slots", "at least one slot"),
    mistake("2.1", "taskmanager.replicas = 0", "taskmanager.replicas", "at least one TaskManager"),
    // Flink's own options.
    mistake("2.1", "config { rest.port = 80 }", "config", "`rest.port`, which a field of its own"),
    mistake("2.1", "config { high-availability = kubernetes }", "config", "`high-availability`, which a field"),
    mistake("1.20", "config { state.backend = rocksdb, state.backend.type = rocksdb }", "config", "newer spelling"),
    mistake(
        "2.0",
        "config { env.java.opts = \"-Da\", env.java.opts.all = \"-Db\" }",
        "config",
        "either an option or a group",
    ),
    mistake("2.0", "config { \"a b\" = 1 }", "config", "no option can be called `a b`"),
    mistake("1.18", "config { a = \"x # y\" }", "config", "would misread `a`"),
    mistake("1.17", "config { a = \"\" }", "config", "would misread `a`"),
    mistake(
        "1.20",
        "checkpoints.storage = \"s3://a/b\"\nconfig { state.checkpoints.dir = \"s3://c/d\" }",
        "config",
        "which `checkpoints` sets",
    ),
    mistake("2.1", "monitoring {}\nconfig { metrics.reporter.prom.port = 9250 }", "config", "which `monitoring` sets"),
    mistake(
        "1.19",
        "taskmanager.local_recovery.size = 1Gi\nconfig { state.backend.local-recovery = false }",
        "config",
        "which `taskmanager.local_recovery` sets",
    ),
    // Files and variables.
    mistake("2.1", "files { \"a/b\" = \"\" }", "files", "no file of a ConfigMap can be called `a/b`"),
    mistake("2.1", "files { \"config.yaml\" = \"a: b\" }", "files", "is made of the other fields"),
    mistake("1.18", "files { \"flink-conf.yaml\" = \"a: b\" }", "files", "is made of the other fields"),
    mistake("2.1", "hadoop.core { a = \"b\" }\nfiles { \"core-site.xml\" = \"x\" }", "", "take out one of the two"),
    mistake("2.1", "hadoop {}", "hadoop", "says nothing"),
    mistake("2.1", "env { POD_IP = \"x\" }", "env", "set from the pod"),
    mistake("2.1", "plugins = [\"a.jar\"]\nenv { ENABLE_BUILT_IN_PLUGINS = \"b.jar\" }", "", "`plugins` sets"),
    mistake("2.1", "hadoop.core { a = \"b\" }\nenv { HADOOP_CONF_DIR = \"/x\" }", "", "`hadoop` sets"),
    mistake("2.1", "labels { \"app.kubernetes.io/version\" = \"7\" }", "labels", "made of the other fields"),
    // Checkpoints and high availability.
    mistake("2.1", "checkpoints { storage = \"bucket/a\" }", "checkpoints", "needs a scheme"),
    mistake("2.1", "checkpoints { storage = \"s3://a/b\", retained = 0 }", "checkpoints", "at least one checkpoint"),
    mistake("2.1", "checkpoints { storage = \"s3://a/b\", volume.size = 1Gi }", "checkpoints", "does not lie there"),
    mistake(
        "2.1",
        "checkpoints { storage = \"file:///flink-state\", volume { size = 1Gi, access = ReadOnlyMany } }",
        "checkpoints",
        "ReadOnlyMany",
    ),
    mistake("2.1", "checkpoints { storage = \"s3://a/b\", mount = \"/opt/flink/x\" }", "checkpoints", "mount point"),
    mistake(
        "2.1",
        "checkpoints { storage = \"file:///flink-state\", volume {} }",
        "checkpoints",
        "either the `size` of a claim",
    ),
    mistake("2.1", "availability.storage = \"file:///tmp\"", "availability", "must outlive the pods"),
    mistake("2.1", "availability.storage = \"bucket\"", "availability", "needs a scheme"),
    mistake("2.1", "availability { storage = \"s3://a/b\", replicas = 0 }", "availability", "at least one JobManager"),
    mistake("2.1", "availability { storage = \"s3://a/b\", mode = zookeeper }", "availability", "needs a `quorum`"),
    mistake("2.1", "availability { storage = \"s3://a/b\", quorum = \"a:1\" }", "availability", "is ZooKeeper's"),
    // Services and what is around them.
    mistake("2.1", "rest.node_port = 30081", "rest", "has no port on the nodes"),
    mistake("2.1", "rest { type = NodePort, node_port = 8081 }", "rest", "between 30000 and 32767"),
    mistake("2.1", "queryable_state.node_port = 30081", "queryable_state", "has no port on the nodes"),
    mistake("2.1", "queryable_state { type = NodePort, node_port = 1 }", "queryable_state", "between 30000 and 32767"),
    mistake("2.1", "ingress.host = \"https://a\"", "ingress", "is not a host name"),
    mistake("2.1", "monitoring.port = 8081", "monitoring", "in use by Flink"),
    mistake("2.1", "monitoring.port = 80", "monitoring", "between 1024 and 65535"),
    mistake("2.1", "disruption_budget.max_unavailable = 0", "disruption_budget", "keeps nodes from"),
];

#[test]
fn mistakes_of_every_cluster() {
    for Mistake { version, body, line, message } in OF_EVERY_CLUSTER {
        refused(&session_text(version, body), line, message);
    }
}

const OF_APPLICATIONS: &[Mistake] = &[
    mistake("2.1", "job.parallelism = 2", "job", "a parallelism of 2 needs as many slots"),
    mistake("2.1", "job.parallelism = 0", "job", "at least 1"),
    mistake("2.1", "job.max_parallelism = 40000", "job", "between 1 and 32768"),
    mistake(
        "2.1",
        "taskmanager.slots = 4\njob { parallelism = 4, max_parallelism = 2 }",
        "job",
        "above the highest, 2",
    ),
    mistake("2.1", "job.id = \"1\"", "job", "32 hexadecimal digits"),
    mistake("2.1", "job.allow_non_restored_state = true", "job", "there is none"),
    mistake("2.1", "job.jar = \"main.jar\"", "job", "needs a scheme"),
    mistake("1.18", "job.jar = \"s3://jars/main.jar\"", "job", "only below `local:///opt/flink/usrlib/`"),
    mistake("2.1", "job.artifacts {}", "job", "either the `size`"),
    mistake("2.1", "config { parallelism.default = 4 }", "config", "which `job` sets"),
    mistake("2.1", "job.max_parallelism = 8\nconfig { pipeline.max-parallelism = 16 }", "config", "which `job` sets"),
    mistake("2.1", "reactive {}\njob.bounded = true", "", "for jobs that never end"),
    mistake("2.1", "reactive.max_replicas = 1\ntaskmanager.replicas = 2", "", "below the least"),
    mistake("2.1", "reactive.cpu_percent = 0", "reactive", "between 1 and 100"),
    mistake("2.1", "reactive.max_replicas = 0", "reactive", "at least one TaskManager"),
];

#[test]
fn mistakes_of_applications() {
    for Mistake { version, body, line, message } in OF_APPLICATIONS {
        let text = application_text(version, body);
        let errors = errors(&text);
        assert!(!errors.is_empty(), "`{body}` is refused");
        let (at, told) = errors.iter().find(|(_, told)| told.contains(message)).unwrap_or_else(|| panic!("{errors:?}"));
        assert!(at.contains(line), "the error `{told}` is at `{at}`, and should be at `{line}`");
    }
}

#[test]
fn a_taskmanager_that_cannot_start() {
    let text = session_text("2.1", "").replace("memory = 2Gi", "memory = 981Mi");
    refused(&text, "taskmanager.memory", "it needs at least 982Mi");
    // Who divides the memory knows better.
    let divided = text.replace("981Mi", "981Mi\nconfig { taskmanager.memory.managed.size = 0Mi }");
    assert_eq!(errors(&divided), []);
    assert_eq!(errors(&text.replace("981Mi", "982Mi\njobmanager.memory = 577Mi")), []);
}

#[test]
fn reactive_mode_and_jobs_are_for_applications() {
    refused(&session_text("2.1", "reactive {}"), "", "reactive mode needs an application");
    refused(&session_text("2.1", "job.class = \"A\""), "", "a session cluster has no job of its own");
    let text = session_text("2.1", "").replace("flink.session", "flink.application");
    refused(&text, "flink.application main", "an application needs a `job`");
}

#[test]
fn a_secret_does_not_go_into_a_config_map() {
    let secret = "config {\ns3.secret-key = secret(\"keys\", \"s3\")\n}";
    refused(&session_text("2.1", secret), "s3.secret-key", "found `secret`");
    let file = "files {\n\"key.txt\" = secret(\"keys\", \"s3\")\n}";
    refused(&session_text("2.1", file), "key.txt", "found `secret`");
}

#[test]
fn what_is_made_elsewhere_is_declared() {
    for (body, name) in [
        ("env { A = secret(\"other\", \"a\") }", "the Secret `other`"),
        ("ingress { host = \"a.example.com\", tls = \"other\" }", "the Secret `other`"),
        ("service_account = \"other\"", "the ServiceAccount `other`"),
        ("pull_secrets = [\"other\"]", "the Secret `other`"),
        (
            "checkpoints { storage = \"file:///flink-state\", volume.claim = \"other\" }",
            "the PersistentVolumeClaim `other`",
        ),
    ] {
        refused(&session_text("2.1", body), "\"other\"", name);
    }
}

#[test]
fn a_version_that_is_not_known() {
    refused(&session_text("1.16", ""), "flink = \"1.16\"", "");
    refused(&session_text("2.1", "taskmanager.slot = 2"), "taskmanager.slot", "has no field `slot`");
}

#[test]
fn names_begin_with_a_letter() {
    let text = session_text("2.1", "").replace("flink.session main", "flink.session \"1main\"");
    refused(&text, "flink.session", "must begin with a letter");
}
