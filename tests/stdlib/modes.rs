//! One declaration, three ways to run: only the word after `mode` changes.

use crate::operator_mode::operated;
use crate::program::{Objects, VERSIONS, at, list, objects, program_text, text};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const MODES: [&str; 3] = ["standalone", "native", "operator"];

const JOB: &str =
    "job { class = \"com.example.Main\", jar = \"local:///opt/flink/usrlib/main.jar\", parallelism = 3 }\n";

/// Applications whose fields all modes have.
const APPLICATIONS: &[&str] = &[
    "",
    "image = \"registry.example.com/main:RELEASE\"\n\
     job { args = [\"--topic\", \"a b\"], max_parallelism = 64, savepoint = \"s3://state/s/1\" }\n\
     taskmanager { slots = 2, replicas = 2, cpu = 1.5 }\njobmanager { memory = 1601Mi, cpu = 500m }\n\
     checkpoints { storage = \"s3://state/c\", savepoints = \"s3://state/s\", interval = 90s, timeout = 10min, \
     min_pause = 5s, retained = 3, incremental = true, unaligned = false }\n\
     availability { storage = \"s3://state/ha\", replicas = 2 }\n\
     env { TZ = \"UTC\", KEY = secret(\"keys\", \"key\") }\nnode_selector { disk = \"ssd\" }\n\
     tolerations = [{ key = \"flink\", operator = Exists }]\npull_secrets = [\"keys\"]\npull_policy = Always\n\
     pod { metadata.annotations { a = \"b\" }, spec.containers { shipper { image = \"shipper:1\" } } }\n\
     container.volumeMounts { \"/scratch\" { name = \"scratch\" } }\npod.spec.volumes { scratch { emptyDir {} } }\n\
     taskmanager.pod.spec.priorityClassName = \"high\"\nlabels { team = \"shop\" }\npart_of = \"shop\"\n\
     service_account = \"robot\"\nfiles { \"logback-console.xml\" = \"<configuration/>\" }",
    "checkpoints { storage = \"file:///flink-state/c\", volume.size = 1Gi }\njob.artifacts.size = 1Gi\n\
     availability { storage = \"s3://state/ha\", mode = zookeeper, quorum = \"zookeeper-0:2181\" }\n\
     monitoring { kind = PodMonitor, dashboards { \"flink.json\" = \"{}\" } }\nqueryable_state {}\nnetwork_policy {}\n\
     ingress { host = \"main.example.com\", tls = \"tls\" }\ndisruption_budget {}\n\
     s3 { release = \"RELEASE\", endpoint = \"https://s3.example.com\", path_style = true, \
     access_key = secret(\"keys\", \"id\"), secret_key = secret(\"keys\", \"key\") }\n\
     hadoop.core { fs.defaultFS = \"hdfs://lake\" }\nrest.type = NodePort\n\
     config { pipeline.object-reuse = true, taskmanager.memory.managed.fraction = 0.2, \
     restart-strategy.fixed-delay.attempts = 3 }",
];

/// Options that say who deploys the cluster, where its processes are found, and how large they are.
const ABOUT_DEPLOYMENT: [&str; 15] = [
    "$internal.pipeline.job-id",
    "blob.server.port",
    "high-availability.cluster-id",
    "high-availability.zookeeper.path.root",
    "jobmanager.memory.process.size",
    "jobmanager.rpc.address",
    "jobmanager.rpc.port",
    "kubernetes.cluster-id",
    "kubernetes.namespace",
    "parallelism.default",
    "rest.port",
    "slotmanager.number-of-slots.max",
    "taskmanager.cpu.cores",
    "taskmanager.memory.process.size",
    "taskmanager.rpc.port",
];

fn program(component: &str, version: &str, mode: &str, body: &str) -> String {
    let job = if component == "application" { JOB } else { "" };
    let body = body.replace("RELEASE", &format!("{version}.1"));
    let sized = if body.contains("replicas = 2, cpu") { "" } else { "taskmanager.replicas = 3\n" };
    program_text(component, version, &format!("mode = {mode}\n{job}{sized}{body}"))
}

fn made(component: &str, version: &str, mode: &str, body: &str) -> Objects {
    let program = program(component, version, mode, body);
    if mode == "operator" { operated(version, &program) } else { objects(&program) }
}

/// The modes in which a version runs.
fn modes(version: &str) -> &'static [&'static str] {
    if version == "2.3" { &MODES[..2] } else { &MODES }
}

/// Flink's options, whoever is told of them, without those about deployment.
fn options(objects: &Objects, mode: &str) -> BTreeMap<String, String> {
    let all: BTreeMap<String, String> = match mode {
        "operator" => {
            let options = at(objects.get("FlinkDeployment", "main"), "/spec/flinkConfiguration");
            serde_json::from_value(options.clone()).expect("options are texts")
        }
        _ => {
            let files = objects.files();
            let file = files.get("config.yaml").or_else(|| files.get("flink-conf.yaml")).expect("there is one");
            serde_yaml::from_str(file).expect("it is YAML")
        }
    };
    let is_kept = |option: &str| {
        let taken = option.starts_with("kubernetes.") && !option.starts_with("kubernetes.operator.");
        !taken && !ABOUT_DEPLOYMENT.contains(&option)
    };
    all.into_iter().filter(|(option, _)| is_kept(option)).collect()
}

/// The pods of a part, as whoever makes them is told.
fn pod(objects: &Objects, mode: &str, part: &str) -> Value {
    match mode {
        "standalone" => objects.pod(part).clone(),
        "native" => serde_yaml::from_str(objects.files()[format!("{part}-pod.yaml").as_str()]).expect("it is YAML"),
        _ => {
            let field = if part == "jobmanager" { "jobManager" } else { "taskManager" };
            at(objects.get("FlinkDeployment", "main"), &format!("/spec/{field}/podTemplate")).clone()
        }
    }
}

/// What does not depend on who makes the pods: labels, other containers, volumes but the configuration's, variables.
fn essence(pod: &Value, part: &str) -> BTreeMap<String, Value> {
    let mains = [part, "flink-main-container"];
    let (main, others): (Vec<&Value>, Vec<&Value>) =
        list(pod, "/spec/containers").iter().partition(|container| mains.contains(&text(container, "/name")));
    let named = |items: Option<&Value>, key: &str, dropped: &[&str]| -> Value {
        let items = items.and_then(Value::as_array).cloned().unwrap_or_default();
        items.into_iter().filter(|item| !dropped.contains(&text(item, &format!("/{key}")))).collect()
    };
    let spec = &pod["spec"];
    let mut essence = BTreeMap::from([
        ("labels".to_owned(), pod["metadata"]["labels"].clone()),
        ("annotations".to_owned(), pod["metadata"]["annotations"].clone()),
        ("others".to_owned(), others.into_iter().cloned().collect()),
        ("env".to_owned(), named(main[0].get("env"), "name", &["POD_IP", "HADOOP_CONF_DIR"])),
        ("security".to_owned(), main[0]["securityContext"].clone()),
        ("mounts".to_owned(), named(main[0].get("volumeMounts"), "name", &["config", "hadoop"])),
        ("volumes".to_owned(), named(spec.get("volumes"), "name", &["config", "hadoop"])),
    ]);
    for field in ["imagePullSecrets", "nodeSelector", "priorityClassName", "securityContext", "tolerations"] {
        essence.insert(field.to_owned(), spec[field].clone());
    }
    essence
}

/// What lies beside a cluster, whoever runs it.
fn beside(objects: &Objects) -> BTreeSet<String> {
    const KINDS: [&str; 8] = [
        "ConfigMap main-program",
        "Ingress ",
        "NetworkPolicy ",
        "PersistentVolumeClaim ",
        "PodMonitor ",
        "Service main-metrics",
        "Service main-queryable-state",
        "ServiceMonitor ",
    ];
    objects.listed().into_iter().filter(|object| KINDS.iter().any(|kind| object.starts_with(kind))).collect()
}

#[test]
fn one_word_moves_an_application() {
    for version in VERSIONS {
        for body in APPLICATIONS {
            let runs: Vec<(&str, Objects)> =
                modes(version).iter().map(|mode| (*mode, made("application", version, mode, body))).collect();
            let (first_mode, first) = &runs[0];
            for (mode, other) in &runs[1..] {
                assert_eq!(options(first, first_mode), options(other, mode), "{version} {mode} {body}");
                assert_eq!(beside(first), beside(other), "{version} {mode} {body}");
                for part in ["jobmanager", "taskmanager"] {
                    let (left, right) = (pod(first, first_mode, part), pod(other, mode, part));
                    assert_eq!(essence(&left, part), essence(&right, part), "{version} {mode} {part} {body}");
                }
            }
        }
    }
}

#[test]
fn one_word_moves_a_session() {
    let body =
        "availability { storage = \"s3://state/ha\", replicas = 2 }\nmonitoring {}\nconfig.parallelism.default = 2";
    for version in VERSIONS {
        let runs: Vec<BTreeMap<String, String>> =
            modes(version).iter().map(|mode| options(&made("session", version, mode, body), mode)).collect();
        assert!(runs.iter().all(|options| *options == runs[0]), "{version}: {runs:#?}");
        assert_eq!(runs[0]["high-availability.storageDir"], "s3://state/ha");
    }
}

#[test]
fn processes_are_as_large_in_every_mode() {
    let body = "jobmanager.memory = 1601Mi";
    let standalone = made("application", "2.1", "standalone", body);
    let operated = made("application", "2.1", "operator", body);
    let native = made("application", "2.1", "native", body);
    let file: BTreeMap<String, String> = serde_yaml::from_str(native.files()["config.yaml"]).expect("it is YAML");
    for (part, field, megabytes) in [("jobmanager", "jobManager", 1601), ("taskmanager", "taskManager", 2048)] {
        let limits = at(standalone.container(part), "/resources/limits");
        let written = text(limits, "/memory");
        let mebibytes = match written.strip_suffix("Gi") {
            Some(gibibytes) => gibibytes.parse::<u64>().expect("a number") * 1024,
            None => written.strip_suffix("Mi").expect("a unit").parse().expect("a number"),
        };
        assert_eq!(mebibytes, megabytes);
        assert_eq!(file[&format!("{part}.memory.process.size")], format!("{megabytes}m"));
        let spec = at(operated.get("FlinkDeployment", "main"), "/spec");
        assert_eq!(text(spec, &format!("/{field}/resource/memory")), format!("{megabytes}Mi"));
    }
}
