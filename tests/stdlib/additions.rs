//! What users lay over the pods: sidecars, volumes, security contexts; and what a field of its own says instead.

use crate::program::{Objects, application_text, at, errors, list, objects, session, session_text, text};
use serde_json::{Value, json};

/// A sidecar with a volume for all pods, said once; more of it for TaskManagers only.
const SIDECAR: &str = r#"
    pod {
      metadata.annotations { "sidecar.istio.io/inject" = "false" }
      spec {
        securityContext { runAsUser = 1000, fsGroupChangePolicy = "OnRootMismatch" }
        containers { shipper { image = "shipper:1", volumeMounts { "/logs" { name = "logs" } } } }
        volumes    { logs { emptyDir {} } }
      }
    }
    container { volumeMounts { "/opt/flink/log" { name = "logs" } }, env { ZONE { value = "a" } } }
    taskmanager {
      pod.spec  { nodeSelector = { gpu = "yes" }, containers { shipper { args = ["--fast"] } } }
      container { env { ZONE { value = "b" } }, resources { limits { "nvidia.com/gpu" = 1 } } }
    }
"#;

fn named<'a>(items: &'a [Value], name: &str) -> &'a Value {
    items.iter().find(|item| text(item, "/name") == name).unwrap_or_else(|| panic!("{name} is among {items:?}"))
}

/// The containers of a part by their names, in their order.
fn containers<'a>(objects: &'a Objects, part: &str) -> Vec<&'a str> {
    list(objects.pod(part), "/spec/containers").iter().map(|container| text(container, "/name")).collect()
}

#[test]
fn what_all_pods_have_is_said_once() {
    let objects = session("2.1", SIDECAR);
    for part in ["jobmanager", "taskmanager"] {
        let pod = objects.pod(part);
        assert_eq!(containers(&objects, part), [part, "shipper"], "Flink's own comes first");
        assert_eq!(text(pod, "/metadata/annotations/sidecar.istio.io~1inject"), "false");
        assert_eq!(text(pod, "/metadata/labels/app.kubernetes.io~1component"), part, "labels stay");
        let security = at(pod, "/spec/securityContext");
        assert_eq!(security["runAsUser"], 1000);
        assert_eq!(security["fsGroup"], 9999, "what is not said stays");
        let volumes = list(pod, "/spec/volumes");
        assert_eq!(volumes.iter().map(|volume| text(volume, "/name")).collect::<Vec<_>>(), ["config", "logs"]);
        let main = named(list(pod, "/spec/containers"), part);
        let mounts = list(main, "/volumeMounts").iter().map(|mount| text(mount, "/mountPath"));
        assert_eq!(mounts.collect::<Vec<_>>(), ["/opt/flink/conf", "/opt/flink/log"]);
    }
}

#[test]
fn what_one_part_says_wins() {
    let objects = session("2.1", SIDECAR);
    let of = |part: &str, name: &str| named(list(objects.pod(part), "/spec/containers"), name).clone();
    assert_eq!(of("jobmanager", "jobmanager")["env"], json!([{ "name": "ZONE", "value": "a" }]));
    assert_eq!(of("taskmanager", "taskmanager")["env"], json!([{ "name": "ZONE", "value": "b" }]));
    assert_eq!(of("taskmanager", "taskmanager")["resources"]["limits"]["nvidia.com/gpu"], "1");
    assert_eq!(of("taskmanager", "taskmanager")["resources"]["limits"]["memory"], "2Gi");
    assert_eq!(of("jobmanager", "shipper").get("args"), None);
    assert_eq!(of("taskmanager", "shipper")["args"], json!(["--fast"]));
    assert_eq!(objects.pod("jobmanager").pointer("/spec/nodeSelector"), None);
    assert_eq!(text(objects.pod("taskmanager"), "/spec/nodeSelector/gpu"), "yes");
}

#[test]
fn every_kind_of_workload_has_it() {
    let stateful = session("2.1", &format!("{SIDECAR}\ntaskmanager.local_recovery.size = 1Gi"));
    assert_eq!(containers(&stateful, "taskmanager"), ["taskmanager", "shipper"]);
    let bounded = objects(&application_text("2.1", &format!("{SIDECAR}\njob.bounded = true")));
    assert_eq!(containers(&bounded, "jobmanager"), ["jobmanager", "shipper"]);
    assert_eq!(text(bounded.pod("jobmanager"), "/spec/restartPolicy"), "OnFailure");
}

#[test]
fn a_probe_or_variable_of_another_kind_replaces_what_was_there() {
    let objects = session(
        "2.1",
        "env { A = \"1\" }\njobmanager.container {\nenv { A { valueFrom.fieldRef.fieldPath = \"metadata.name\" } }\n\
         readinessProbe.httpGet { path = \"/overview\", port = \"ui\" }\n}",
    );
    let main = objects.container("jobmanager");
    let field = json!({ "name": "A", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } });
    assert_eq!(main["env"], json!([field]));
    assert_eq!(main["readinessProbe"].get("tcpSocket"), None);
    assert_eq!(main["readinessProbe"]["initialDelaySeconds"], 5, "what all kinds of probes have stays");
}

/// What Flink gets that makes the pods itself, or its operator.
fn managed(fields: &str) -> [Value; 2] {
    let program = format!(
        "import std.flink\nenvironment dev {{}}\n\
         let cluster: flink.Cluster = {{\nflink = \"2.1\"\nimage = \"registry.example.com/flink:2.1\"\ntaskmanager.memory = 2Gi\n{fields}\n}}\n\
         resource v1 ConfigMap templates {{ data {{\n\
         jobmanager = json(flink.jobmanager_pods(\"main\", cluster, {{ state = \"shared\" }}, true))\n\
         taskmanager = json(flink.taskmanager_pods(\"main\", cluster, {{ state = \"shared\" }}, true))\n}} }}\n"
    );
    let objects = objects(&program);
    let data = at(objects.get("ConfigMap", "templates"), "/data");
    ["jobmanager", "taskmanager"].map(|part| serde_json::from_str(text(data, &format!("/{part}"))).expect("it is JSON"))
}

#[test]
fn pods_that_flink_makes_lack_what_it_sets() {
    let [jobmanager, taskmanager] = managed(
        "checkpoints { storage = \"file:///flink-state\", volume.claim = \"shared\" }\n\
         availability.storage = \"s3://a/b\"\nmonitoring {}\nenv { TZ = \"UTC\" }",
    );
    let keys = |value: &Value| -> Vec<String> {
        let mut keys: Vec<String> = value.as_object().expect("it is a map").keys().cloned().collect();
        keys.sort();
        keys
    };
    let mains = [&jobmanager, &taskmanager].map(|pod| {
        assert_eq!(keys(&pod["spec"]), ["containers", "securityContext", "volumes"]);
        let [main] = list(pod, "/spec/containers") else { panic!("one container: {pod}") };
        assert_eq!(text(main, "/name"), "flink-main-container");
        assert_eq!(main["env"], json!([{ "name": "TZ", "value": "UTC" }]));
        assert_eq!(main["ports"], json!([{ "name": "metrics", "containerPort": 9249 }]));
        assert_eq!(main["volumeMounts"], json!([{ "mountPath": "/flink-state", "name": "state" }]));
        main
    });
    let common = ["env", "livenessProbe", "name", "ports"];
    assert_eq!(keys(mains[0]), [&common[..], &["readinessProbe", "securityContext", "volumeMounts"]].concat());
    assert_eq!(keys(mains[1]), [&common[..], &["securityContext", "volumeMounts"]].concat());
    // Flink gives its ports names of its own.
    assert_eq!(mains[0]["livenessProbe"]["tcpSocket"]["port"], 6123);
    assert_eq!(mains[0]["readinessProbe"]["tcpSocket"]["port"], 8081);
    assert_eq!(mains[1]["livenessProbe"]["tcpSocket"]["port"], 6122);
}

#[test]
fn pods_that_flink_makes_have_what_users_add() {
    for pod in managed(SIDECAR) {
        let all = list(&pod, "/spec/containers");
        assert_eq!(all.iter().map(|one| text(one, "/name")).collect::<Vec<_>>(), ["flink-main-container", "shipper"]);
        assert_eq!(all[0]["volumeMounts"], json!([{ "mountPath": "/opt/flink/log", "name": "logs" }]));
        let volumes: Vec<&str> = list(&pod, "/spec/volumes").iter().map(|volume| text(volume, "/name")).collect();
        assert_eq!(volumes, ["state", "logs"]);
    }
}

/// One error, at that line, which says that.
#[track_caller]
fn refused(program: &str, line: &str, message: &str) {
    let errors = errors(program);
    let [(at, told)] = errors.as_slice() else { panic!("one error for `{line}`: {errors:?}") };
    assert!(told.contains(message), "`{told}` says `{message}`");
    assert_eq!(at, line, "{told}");
}

/// What neither the pods of all parts nor those of one may say.
const OF_PODS: &[(&str, &str)] = &[
    ("metadata.name = \"x\"", "have the names that"),
    ("metadata.generateName = \"x-\"", "have the names that"),
    ("metadata.namespace = \"x\"", "in which namespace"),
    ("metadata.labels { \"app.kubernetes.io/name\" = \"x\" }", "are made of the other fields"),
    ("spec.restartPolicy = \"Never\"", "when they are started again"),
    ("spec.serviceAccountName = \"robot\"", "the ServiceAccount is not said in a pod"),
    ("spec.imagePullSecrets = [{ name = \"keys\" }]", "are a field of the cluster"),
    ("spec.containers.taskmanager.tty = true", "Flink's own container in one of the modes"),
    ("spec.containers.flink-main-container.tty = true", "Flink's own container in one of the modes"),
    ("spec.volumes.config.emptyDir {}", "a volume that the library makes"),
    ("spec.containers.shipper.args = [\"x\"]", "`spec.containers.shipper.image` is missing"),
];

/// What only all parts together may not say in their pods: one part may differ.
const OF_COMMON_PODS: &[(&str, &str)] = &[
    ("spec.nodeSelector = { a = \"b\" }", "are a field of the cluster"),
    ("spec.tolerations = [{ operator = \"Exists\" }]", "are a field of the cluster"),
    ("spec.affinity.nodeAffinity {}", "is a field of the cluster"),
];

/// What the main container may not say.
const OF_CONTAINERS: &[(&str, &str)] = &[
    ("name = \"x\"", "the name that its mode gives it"),
    ("image = \"x:1\"", "the image is a field of the cluster"),
    ("imagePullPolicy = \"Always\"", "when the image is pulled is a field"),
    ("command = [\"x\"]", "own command runs in its main container"),
    ("args = [\"x\"]", "own command runs in its main container"),
    ("resources.requests.cpu = 2", "2 of cpu cannot be requested"),
    ("resources.limits.memory = 4Gi", "4Gi of memory cannot be the limit"),
    ("env.POD_IP.value = \"x\"", "the pod sets the variable POD_IP"),
    ("env.HADOOP_CONF_DIR.value = \"x\"", "`hadoop` sets the variable HADOOP_CONF_DIR"),
    ("env.ENABLE_BUILT_IN_PLUGINS.value = \"x\"", "`plugins` sets the variable ENABLE_BUILT_IN_PLUGINS"),
    ("volumeMounts.\"/opt/flink/conf\".name = \"config\"", "is where Flink's configuration"),
    ("volumeMounts.\"/opt/flink/conf/\".name = \"config\"", "is where Flink's configuration"),
    ("volumeMounts.\"/flink-state\".name = \"config\"", "is where the volume of `checkpoints`"),
    ("ports.ui.containerPort = 9000", "the port ui is Flink's own"),
    ("ports.other.containerPort = 8081", "the port other is Flink's own"),
];

/// A program with a cluster for each line.
fn clusters(lines: &[String]) -> String {
    let mut text = String::from("import std.flink\nenvironment dev {}\nexternal PersistentVolumeClaim shared\n");
    for (number, line) in lines.iter().enumerate() {
        text += &format!(
            "flink.session main-{number} {{\nflink = \"2.1\"\ntaskmanager.memory = 2Gi\nplugins = [\"a.jar\"]\nmonitoring {{}}\n\
             hadoop.core {{ a = \"b\" }}\n\
             checkpoints {{ storage = \"file:///flink-state\", volume.claim = \"shared\" }}\n{line}\n}}\n"
        );
    }
    text
}

#[test]
fn what_fields_of_their_own_say_is_refused() {
    let mut wanted: Vec<(String, &str)> = Vec::new();
    for place in ["", "jobmanager.", "taskmanager."] {
        wanted.extend(OF_PODS.iter().map(|(said, message)| (format!("{place}pod.{said}"), *message)));
        wanted.extend(OF_CONTAINERS.iter().map(|(said, message)| (format!("{place}container.{said}"), *message)));
    }
    wanted.extend(OF_COMMON_PODS.iter().map(|(said, message)| (format!("pod.{said}"), *message)));
    let lines: Vec<String> = wanted.iter().map(|(line, _)| line.clone()).collect();
    let errors = errors(&clusters(&lines));
    assert_eq!(errors.len(), wanted.len(), "one error for each: {errors:#?}");
    for ((at, told), (line, message)) in errors.iter().zip(&wanted) {
        assert_eq!(at, line, "{told}");
        assert!(told.contains(message), "`{told}` says `{message}`");
    }
}

#[test]
fn one_part_may_run_elsewhere() {
    let lines: Vec<String> = OF_COMMON_PODS.iter().map(|(said, _)| format!("jobmanager.pod.{said}")).collect();
    assert_eq!(errors(&clusters(&lines)), []);
}

#[test]
fn a_variable_is_said_in_one_place() {
    let body = "env { A = \"1\" }\ncontainer.env.A.value = \"2\"";
    refused(&session_text("2.1", body), "container.env.A.value = \"2\"", "`env` sets the variable A as well");
    // One part may differ.
    let objects = session("2.1", "env { A = \"1\" }\njobmanager.container.env.A.value = \"2\"");
    assert_eq!(objects.variable("jobmanager", "A").expect("it is there")["value"], "2");
    assert_eq!(objects.variable("taskmanager", "A").expect("it is there")["value"], "1");
}

#[test]
fn what_is_misspelt_is_told_where_it_stands() {
    refused(
        &session_text("2.1", "pod.spec.containrs { a { image = \"a\" } }"),
        "pod.spec.containrs { a { image = \"a\" } }",
        "has no field `containrs`",
    );
    // A mount of a volume that is not there is found in the finished pods.
    let missing = errors(&session_text("2.1", "container.volumeMounts.\"/x\".name = \"logs\""));
    assert!(!missing.is_empty());
    assert!(missing.iter().all(|(at, _)| at.starts_with("container.volumeMounts")), "{missing:?}");
}
