//! Flink's configuration: its file, its syntax, its options, and that it agrees with the pods.

use crate::program::{Objects, VERSIONS, application, at, session, text};
use crate::table;
use std::collections::{BTreeMap, BTreeSet};

/// A body that sets nearly all that becomes an option.
const MUCH: &str = r#"
    checkpoints {
      storage = "s3://state/checkpoints", interval = 30s, savepoints = "s3://state/savepoints", timeout = 10min
      min_pause = 500ms, retained = 3, incremental = true, unaligned = true
    }
    taskmanager { cpu = 1.5, slots = 2, replicas = 2, local_recovery { size = 10Gi } }
    monitoring {}
    queryable_state {}
    config { state.backend.type = rocksdb, web.timeout = 1min, taskmanager.memory.network.min = 128Mi }
"#;

const ON_KUBERNETES: &str = "availability { storage = \"s3://state/ha\" }";
const ON_ZOOKEEPER: &str = "availability { storage = \"s3://state/ha\", mode = zookeeper, quorum = \"zk:2181\" }";

/// Flink's own reader of `flink-conf.yaml`: what follows `#` is a comment, a line without `: ` is dropped.
fn legacy(file: &str) -> BTreeMap<String, String> {
    let mut options = BTreeMap::new();
    for line in file.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        let (option, value) = line.split_once(": ").unwrap_or_else(|| panic!("Flink would drop the line `{line}`"));
        let twice = options.insert(option.trim().to_owned(), value.trim().to_owned());
        assert_eq!(twice, None, "{option} is there once");
    }
    options
}

/// Standard YAML, flat and of strings only. serde_yaml refuses a key that is there twice.
fn standard(file: &str) -> BTreeMap<String, String> {
    let options: BTreeMap<String, serde_yaml::Value> = serde_yaml::from_str(file).expect("the file is YAML");
    let text = |value: &serde_yaml::Value| value.as_str().expect("Flink's options are written as texts").to_owned();
    options.iter().map(|(option, value)| (option.clone(), text(value))).collect()
}

/// The options of a cluster as its Flink reads them.
fn options(version: &str, objects: &Objects) -> BTreeMap<String, String> {
    let files = objects.files();
    match version {
        "1.17" | "1.18" => legacy(files["flink-conf.yaml"]),
        _ => standard(files["config.yaml"]),
    }
}

fn known_options(version: &str) -> BTreeSet<String> {
    let path = format!("{}/stdlib/flink/options.txt", env!("CARGO_MANIFEST_DIR"));
    let table = table::read(&std::fs::read_to_string(path).expect("the options are known"));
    table.into_iter().filter(|(_, of_name)| of_name.contains_key(version)).map(|(name, _)| name).collect()
}

#[test]
fn each_version_gets_the_one_file_that_it_reads() {
    for version in VERSIONS {
        let objects = session(version, "");
        let found: Vec<&str> = objects.files().into_keys().filter(|name| name.ends_with(".yaml")).collect();
        let expected = if matches!(version, "1.17" | "1.18") { "flink-conf.yaml" } else { "config.yaml" };
        assert_eq!(found, [expected], "Flink {version}: where both files are, the wrong one wins");
    }
}

#[test]
fn every_option_exists_in_its_version() {
    for version in VERSIONS {
        let known = known_options(version);
        for mode in ["", ON_KUBERNETES, ON_ZOOKEEPER] {
            for objects in [
                session(version, &format!("{MUCH}\n{mode}")),
                application(version, &format!("{MUCH}\n{mode}\njob.max_parallelism = 128")),
                application(version, &format!("{MUCH}\n{mode}\nreactive {{ max_replicas = 4 }}")),
            ] {
                for option in options(version, &objects).keys() {
                    let of_a_reporter = option.starts_with("metrics.reporter.prom.");
                    assert!(known.contains(option) || of_a_reporter, "Flink {version} has no option {option}");
                }
            }
        }
    }
}

#[test]
fn no_option_is_the_beginning_of_another() {
    for version in VERSIONS {
        let options = options(version, &application(version, &format!("{MUCH}\n{ON_KUBERNETES}")));
        for option in options.keys() {
            let below = format!("{option}.");
            let overlapping = options.keys().find(|other| other.starts_with(&below));
            assert_eq!(overlapping, None, "Flink {version} would have to nest {option}");
        }
    }
}

#[test]
fn values_are_in_notations_that_every_version_reads() {
    for version in VERSIONS {
        let options = options(version, &session(version, MUCH));
        // A whole number of milliseconds before 1.20, which reads nothing else.
        let timeout = if matches!(version, "1.17" | "1.18" | "1.19") { "60000" } else { "60 s" };
        assert_eq!(options["web.timeout"], timeout);
        assert_eq!(options["execution.checkpointing.min-pause"], "500 ms");
        assert_eq!(options["taskmanager.memory.network.min"], "128m");
        assert_eq!(options["taskmanager.memory.process.size"], "2048m");
        assert_eq!(options["state.backend.type"], "rocksdb");
    }
}

#[test]
fn lists_are_written_with_semicolons_and_odd_texts_stay_texts() {
    let body = r##"config {
        pipeline.jars = ["file:///a.jar", "file:///b.jar"]
        user.a = "yes", user.b = "0123", user.c = "null", user.d = "a: b", user.e = "# no comment", user.f = ""
        user.g = 1.5, user.h = false, user.i = 1000Ki, user.j = "~"
    }
    known_options = ["user."]"##;
    let options = options("2.1", &session("2.1", body));
    assert_eq!(options["pipeline.jars"], "file:///a.jar;file:///b.jar");
    let found: Vec<&str> = "abcdefghij".chars().map(|letter| options[&format!("user.{letter}")].as_str()).collect();
    assert_eq!(found, ["yes", "0123", "null", "a: b", "# no comment", "", "1.5", "false", "1024000b", "~"]);
}

#[test]
fn options_are_sorted() {
    for (version, file) in [("1.18", "flink-conf.yaml"), ("2.3", "config.yaml")] {
        let objects = session(version, MUCH);
        let names: Vec<&str> =
            objects.files()[file].lines().map(|line| line.split(": ").next().unwrap_or("")).collect();
        assert!(names.is_sorted(), "{names:?}");
        assert!(names.len() > 15);
    }
}

#[test]
fn memory_cpu_and_slots_of_the_pods_are_those_of_flink() {
    let body = "jobmanager { cpu = 2, memory = 3Gi }
        taskmanager { cpu = 1500m, slots = 3, replicas = 2 }
        job.parallelism = 6";
    for version in VERSIONS {
        let objects = application(version, body);
        let options = options(version, &objects);
        for (part, cores, size) in [("jobmanager", "2", "3Gi"), ("taskmanager", "1500m", "2Gi")] {
            for bound in ["requests", "limits"] {
                let resources = at(objects.container(part), &format!("/resources/{bound}"));
                assert_eq!((text(resources, "/cpu"), text(resources, "/memory")), (cores, size), "{part} {bound}");
            }
        }
        assert_eq!(options["jobmanager.memory.process.size"], "3072m");
        assert_eq!(options["taskmanager.memory.process.size"], "2048m");
        assert_eq!(options["taskmanager.cpu.cores"], "1.5");
        assert_eq!(options["taskmanager.numberOfTaskSlots"], "3");
        assert_eq!(options["parallelism.default"], "6");
        assert_eq!(at(objects.get("Deployment", "main-taskmanager"), "/spec/replicas"), 2);
    }
}

#[test]
fn ports_of_the_configuration_are_those_of_the_containers() {
    let objects = session("2.0", "monitoring { port = 9260 }\nqueryable_state {}");
    let options = options("2.0", &objects);
    let (jobmanager, taskmanager) = (objects.ports("jobmanager"), objects.ports("taskmanager"));
    for (option, port) in [
        ("jobmanager.rpc.port", jobmanager["rpc"]),
        ("blob.server.port", jobmanager["blob"]),
        ("rest.port", jobmanager["ui"]),
        ("metrics.reporter.prom.port", jobmanager["metrics"]),
        ("taskmanager.rpc.port", taskmanager["rpc"]),
        ("queryable-state.proxy.ports", taskmanager["query-state"]),
        ("metrics.reporter.prom.port", taskmanager["metrics"]),
    ] {
        assert_eq!(options[option], port.to_string(), "{option}");
    }
}

#[test]
fn checkpoint_options_follow_the_version() {
    let directory = |version: &str| {
        let options = options(version, &session(version, MUCH));
        let held: Vec<String> = ["state.checkpoints.dir", "execution.checkpointing.dir"]
            .into_iter()
            .filter(|option| options.get(*option).is_some_and(|value| value == "s3://state/checkpoints"))
            .map(str::to_owned)
            .collect();
        held
    };
    for version in ["1.17", "1.18", "1.19"] {
        assert_eq!(directory(version), ["state.checkpoints.dir"]);
    }
    for version in ["1.20", "2.0", "2.3"] {
        assert_eq!(directory(version), ["execution.checkpointing.dir"]);
    }
    let cancelled = "execution.checkpointing.externalized-checkpoint-retention";
    assert_eq!(options("2.2", &session("2.2", MUCH))[cancelled], "RETAIN_ON_CANCELLATION");
}

#[test]
fn a_session_decides_its_default_parallelism_itself() {
    let options = options("2.1", &session("2.1", "taskmanager.slots = 4\nconfig { parallelism.default = 4 }"));
    assert_eq!(options["parallelism.default"], "4");
}
