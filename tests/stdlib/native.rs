//! Native mode: what Flink's client and JobManager need, and the Job that starts them.

use crate::program::{
    Objects, VERSIONS, application, application_text, at, errors, list, number, objects_of, session, session_text,
    strings, text,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NATIVE: &str = "mode = native\n";
const JAR: &str = "mode = native\njob.jar = \"local:///opt/flink/usrlib/main.jar\"\n";
const ELECTED: &str = "availability.storage = \"s3://state/ha\"\n";

fn native_application(version: &str, body: &str) -> Objects {
    application(version, &format!("{JAR}{body}"))
}

fn native_session(version: &str, body: &str) -> Objects {
    session(version, &format!("{NATIVE}{body}"))
}

/// The Job that starts the cluster.
fn submission(objects: &Objects) -> &Value {
    let mut jobs = objects.all().iter().filter(|object| text(object, "/kind") == "Job");
    let job = jobs.next().expect("a Job starts the cluster");
    assert!(jobs.next().is_none());
    assert!(text(job, "/metadata/name").starts_with("main-submit-"));
    job
}

/// The words that Flink's client is called with, after the name of the cluster and what a change does.
fn command(objects: &Objects) -> (Vec<&str>, Vec<&str>) {
    let args = strings(at(submission(objects), "/spec/template/spec/containers/0"), "/args");
    assert_eq!(args[..3], ["bash", "/opt/flink/conf/submit.sh", "main"]);
    (args[3..4].to_vec(), args[4..].to_vec())
}

fn options(objects: &Objects) -> BTreeMap<String, String> {
    let files = objects.files();
    let file = files.get("config.yaml").or_else(|| files.get("flink-conf.yaml")).expect("there is a configuration");
    serde_yaml::from_str(file).expect("the file is YAML")
}

/// The template of a part's pods, which must be one that Flink reads.
fn template(objects: &Objects, part: &str) -> Value {
    let option = format!("kubernetes.pod-template-file.{part}");
    let path = options(objects).remove(&option).expect("the client is told of the template");
    let file = objects.files()[path.strip_prefix("/opt/flink/conf/").expect("it lies beside the configuration")];
    let pod: Value = serde_yaml::from_str(file).expect("a template is YAML");
    assert_eq!((text(&pod, "/apiVersion"), text(&pod, "/kind")), ("v1", "Pod"));
    assert_eq!(list(&pod, "/spec/containers").len(), 1);
    assert_eq!(text(&pod, "/spec/containers/0/name"), "flink-main-container");
    pod
}

#[test]
fn each_version_has_its_command() {
    for version in VERSIONS {
        let objects = native_application(version, "job.args = [\"--topic\", \"a b\"]");
        let action = if version.starts_with('1') { "run-application" } else { "run" };
        let expected = [
            "flink",
            action,
            "--target",
            "kubernetes-application",
            "--class",
            "com.example.Main",
            "local:///opt/flink/usrlib/main.jar",
            "--topic",
            "a b",
        ];
        assert_eq!(command(&objects), (vec!["keep"], expected.to_vec()));
        assert_eq!(command(&native_session(version, "")), (vec!["keep"], vec!["kubernetes-session.sh"]));
    }
}

#[test]
fn savepoint_and_id_reach_flink() {
    let id = "00000000000000000000000000000001";
    let body = format!("job {{ id = \"{id}\", savepoint = \"s3://a/sp\", allow_non_restored_state = true }}");
    let objects = native_application("1.20", &body);
    let (_, words) = command(&objects);
    assert!(words.windows(3).any(|words| words == ["--fromSavepoint", "s3://a/sp", "--allowNonRestoredState"]));
    assert_eq!(options(&objects)["$internal.pipeline.job-id"], id);
}

#[test]
fn programs_in_python_and_sql_are_told_to_the_client() {
    let without_class = |version: &str, job: &str| {
        let text = application_text(version, &format!("{NATIVE}job {{ {job} }}"));
        crate::program::objects(&text.replace("job.class = \"com.example.Main\"\n", ""))
    };
    let python = without_class("1.20", "python.script = \"print()\"");
    assert_eq!(command(&python).1[4..], ["--python", "/opt/flink/program/job.py"]);
    let mounts = at(&template(&python, "jobmanager"), "/spec/containers/0/volumeMounts").clone();
    assert_eq!(mounts, json!([{ "mountPath": "/opt/flink/program", "name": "program", "readOnly": true }]));
    let runner = "sql { script = \"SELECT 1\", runner = \"local:///opt/flink/usrlib/r.jar\", class = \"a.R\" }";
    let sql = without_class("2.2", runner);
    let expected = ["--class", "a.R", "local:///opt/flink/usrlib/r.jar", "/opt/flink/program/job.sql"];
    assert_eq!(command(&sql).1[4..], expected);
}

#[test]
fn flink_makes_the_workloads_itself() {
    let made = native_application("2.1", "").listed();
    for kind in ["Deployment", "StatefulSet", "Service ", "Pod"] {
        assert!(made.iter().all(|object| !object.starts_with(kind)), "{made:?}");
    }
    assert_eq!(
        made.iter().map(String::as_str).filter(|object| !object.starts_with("Job ")).collect::<Vec<_>>(),
        [
            "ConfigMap main-config",
            "Role main",
            "Role main-submission",
            "RoleBinding main",
            "RoleBinding main-submission",
            "ServiceAccount main",
            "ServiceAccount main-submission",
        ]
    );
}

#[test]
fn options_tell_flink_what_no_template_can() {
    for version in VERSIONS {
        let body = "image = \"a/flink:1\", pull_policy = Always\ntaskmanager { slots = 2, replicas = 3, cpu = 1.5 }\n\
                    jobmanager.cpu = 0.5\navailability { storage = \"s3://a/b\", replicas = 2 }";
        let objects = native_application(version, body);
        let options = options(&objects);
        let expected = [
            ("kubernetes.cluster-id", "main"),
            ("kubernetes.namespace", "streams"),
            ("kubernetes.container.image.ref", "a/flink:1"),
            ("kubernetes.container.image.pull-policy", "Always"),
            ("kubernetes.service-account", "main"),
            ("kubernetes.jobmanager.cpu.amount", "0.5"),
            ("kubernetes.jobmanager.replicas", "2"),
            ("taskmanager.cpu.cores", "1.5"),
            ("taskmanager.numberOfTaskSlots", "2"),
            ("slotmanager.number-of-slots.max", "6"),
            ("high-availability.cluster-id", "main"),
        ];
        for (option, value) in expected {
            assert_eq!(options.get(option).map(String::as_str), Some(value), "Flink {version}: {option}");
        }
        // Flink sets it to the Service that it makes.
        assert!(!options.contains_key("jobmanager.rpc.address"));
        assert!(!native_session(version, "").files().values().any(|file| file.contains("jobmanager.rpc.address")));
    }
}

#[test]
fn zookeeper_tells_namespaces_apart_by_its_node() {
    // Flink overwrites `high-availability.cluster-id` with the name of the cluster.
    let body = "availability { storage = \"s3://a/b\", mode = zookeeper, quorum = \"zk:2181\" }";
    let native = options(&native_application("1.20", body));
    assert_eq!(native["high-availability.zookeeper.path.root"], "/flink/streams");
    assert_eq!(native["high-availability.cluster-id"], "main");
}

#[test]
fn templates_are_the_pods_of_standalone_mode_without_what_flink_adds() {
    let body = "image = \"a/flink:1\", pull_secrets = [\"keys\"], node_selector { disk = \"ssd\" }\n\
                tolerations = [{ key = \"a\", operator = \"Exists\" }]\n\
                checkpoints { storage = \"file:///flink-state/c\", volume.size = 1Gi }\n\
                monitoring.port = 9300\nqueryable_state {}\nlabels { team = \"a\" }\n\
                env { TZ = \"UTC\", PASSWORD = secret(\"keys\", \"password\") }";
    let jar = "job.jar = \"local:///opt/flink/usrlib/main.jar\"\n";
    let standalone = application("1.20", &format!("{jar}{body}"));
    let native = native_application("1.20", body);
    for part in ["jobmanager", "taskmanager"] {
        let (pod, wanted) = (template(&native, part), standalone.pod(part));
        assert_eq!(at(&pod, "/metadata/labels"), at(wanted, "/metadata/labels"));
        for field in ["securityContext", "imagePullSecrets", "nodeSelector", "tolerations"] {
            assert_eq!(at(&pod, &format!("/spec/{field}")), at(wanted, &format!("/spec/{field}")), "{field}");
        }
        let (container, wanted) = (at(&pod, "/spec/containers/0"), standalone.container(part));
        for field in ["env", "securityContext"] {
            assert_eq!(at(container, &format!("/{field}")), at(wanted, &format!("/{field}")), "{field}");
        }
        // Flink mounts its configuration, sizes the container and names its own ports.
        assert_eq!(*at(container, "/volumeMounts"), json!([{ "mountPath": "/flink-state", "name": "state" }]));
        assert_eq!(
            *at(&pod, "/spec/volumes"),
            json!([{ "name": "state", "persistentVolumeClaim": { "claimName": "main-state" } }])
        );
        for field in ["image", "resources", "args"] {
            assert!(container.get(field).is_none(), "Flink sets {field}");
        }
        assert_eq!(at(container, "/livenessProbe/tcpSocket/port"), if part == "jobmanager" { 6123 } else { 6122 });
        let names: Vec<&str> = list(container, "/ports").iter().map(|port| text(port, "/name")).collect();
        assert_eq!(names, if part == "jobmanager" { vec!["metrics"] } else { vec!["query-state", "metrics"] });
    }
}

/// What an account may do, as `verb group/resource`.
fn allowed(objects: &Objects, role: &str) -> Vec<String> {
    let binding = objects.get("RoleBinding", role);
    assert_eq!(text(binding, "/roleRef/name"), role);
    let account = json!([{ "kind": "ServiceAccount", "name": role, "namespace": "streams" }]);
    assert_eq!(*at(binding, "/subjects"), account);
    let mut allowed = Vec::new();
    for rule in list(objects.get("Role", role), "/rules") {
        for resource in strings(rule, "/resources") {
            let group = strings(rule, "/apiGroups")[0];
            allowed.extend(strings(rule, "/verbs").iter().map(|verb| format!("{verb} {group}/{resource}")));
        }
    }
    allowed.sort();
    allowed
}

#[test]
fn accounts_may_do_what_flink_does_and_no_more() {
    let plain = native_application("2.1", "");
    let jobmanager = ["create /pods", "delete /pods", "delete apps/deployments", "get /pods", "get apps/deployments"];
    let finalizers = ["list /pods", "update apps/deployments/finalizers", "watch /pods"];
    assert_eq!(allowed(&plain, "main"), [&jobmanager[..], &finalizers[..]].concat());
    let client = [
        "create /configmaps",
        "create /services",
        "create apps/deployments",
        "delete apps/deployments",
        "get /configmaps",
        "get /services",
        "get apps/deployments",
        "update /configmaps",
        "update /services",
    ];
    assert_eq!(allowed(&plain, "main-submission"), client);

    let elected = native_application("2.1", &format!("{ELECTED}native.on_change = restart"));
    assert!(allowed(&elected, "main").contains(&"watch /configmaps".to_owned()));
    assert!(allowed(&elected, "main-submission").contains(&"patch /configmaps".to_owned()));
    let host = native_application("2.1", "config { kubernetes.hostnetwork.enabled = true }");
    assert!(allowed(&host, "main").contains(&"update /services".to_owned()));

    // TaskManagers talk to the API server only about an election.
    for (objects, token) in [(&plain, false), (&elected, true)] {
        assert_eq!(*at(&template(objects, "taskmanager"), "/spec/automountServiceAccountToken"), token);
        assert_eq!(*at(&template(objects, "jobmanager"), "/spec/automountServiceAccountToken"), true);
    }
    let robot = native_application("2.1", "service_account = \"robot\"");
    assert!(robot.find("ServiceAccount", "main").is_none());
    assert_eq!(text(robot.get("RoleBinding", "main"), "/subjects/0/name"), "robot");
    assert_eq!(options(&robot)["kubernetes.service-account"], "robot");
}

#[test]
fn what_is_added_to_pods_is_added_to_their_templates() {
    let body = "pod { metadata.annotations { a = \"b\" }, spec.containers { sidecar { image = \"c:1\" } } }\n\
                taskmanager.container.resources.requests { \"ephemeral-storage\" = 1Gi }";
    let objects = application("1.20", &format!("{JAR}{body}"));
    let file = |name: &str| -> Value { serde_yaml::from_str(objects.files()[name]).expect("a template is YAML") };
    for name in ["jobmanager-pod.yaml", "taskmanager-pod.yaml"] {
        assert_eq!(*at(&file(name), "/metadata/annotations"), json!({ "a": "b" }));
        let containers = list(&file(name), "/spec/containers").to_vec();
        let names: Vec<&str> = containers.iter().map(|container| text(container, "/name")).collect();
        assert_eq!(names, ["flink-main-container", "sidecar"]);
    }
    let storage = at(&file("taskmanager-pod.yaml"), "/spec/containers/0/resources").clone();
    assert_eq!(storage, json!({ "requests": { "ephemeral-storage": "1Gi" } }));
    // A sidecar would keep the Job from ever ending.
    assert_eq!(list(submission(&objects), "/spec/template/spec/containers").len(), 1);
}

#[test]
fn the_job_is_another_one_when_the_cluster_is() {
    let name = |body: &str| text(submission(&native_application("2.1", body)), "/metadata/name").to_owned();
    let plain = name("");
    assert_eq!(plain, name(""));
    let changes = [
        "taskmanager.slots = 2",
        "config { web.timeout = 1min }",
        "env { A = \"1\" }",
        "image = \"a/flink:2\"",
        "job.args = [\"a\"]",
        "labels { team = \"a\" }",
        "node_selector { disk = \"ssd\" }",
        "files { \"log4j-console.properties\" = \"\" }",
    ];
    for change in changes {
        assert_ne!(plain, name(change), "{change}");
    }
    // What stands beside the cluster leaves it alone.
    assert_eq!(plain, name("ingress.host = \"a.example.com\""));
}

#[test]
fn the_job_runs_once_and_stays() {
    let objects = native_application("2.1", "env { PASSWORD = secret(\"keys\", \"password\") }");
    let spec = at(submission(&objects), "/spec");
    assert!(spec.get("ttlSecondsAfterFinished").is_none(), "what Git holds would be made again");
    assert_eq!(text(spec, "/podReplacementPolicy"), "Failed");
    let pod = at(spec, "/template/spec");
    assert_eq!(text(pod, "/restartPolicy"), "Never");
    assert_eq!(text(pod, "/serviceAccountName"), "main-submission");
    assert_eq!(*at(pod, "/automountServiceAccountToken"), true);
    let generated = text(objects.get("ConfigMap", "main-config"), "/metadata/name");
    assert_eq!(text(pod, "/volumes/0/configMap/name"), generated);
    assert_eq!(text(pod, "/containers/0/env/0/valueFrom/secretKeyRef/name"), "keys");
    assert!(number(spec, "/backoffLimit") > 0);
    let longest = "a".repeat(45);
    let program = session_text("2.1", NATIVE).replace("flink.session main", &format!("flink.session {longest}"));
    let job = crate::program::objects(&program);
    let job = job.all().iter().find(|object| object["kind"] == "Job").expect("there is a Job");
    assert!(text(job, "/metadata/name").len() <= 63);
}

#[test]
fn a_change_may_restart_the_cluster() {
    let body = format!("{ELECTED}native.on_change = restart");
    assert_eq!(command(&native_application("1.20", &body)).0, ["renew"]);
    assert_eq!(command(&native_session("1.20", &body)).0, ["restart"]);
}

#[test]
fn hadoop_and_logs_go_through_the_client() {
    let objects = native_application("1.20", "hadoop.core { a = \"b\" }");
    let variable = at(submission(&objects), "/spec/template/spec/containers/0/env/0");
    assert_eq!(*variable, json!({ "name": "HADOOP_CONF_DIR", "value": "/opt/flink/conf" }));
    assert!(at(&template(&objects, "jobmanager"), "/spec/containers/0").get("env").is_none());
    assert!(objects.files().contains_key("core-site.xml") && objects.files().contains_key("log4j-cli.properties"));
    assert!(native_session("1.20", "").files().contains_key("log4j-session.properties"));
}

#[test]
fn the_ui_is_shown_by_a_service_beside_flinks_own() {
    assert!(native_session("2.1", "").find("Service", "main-ui").is_none());
    let objects =
        native_session("2.1", "rest { type = NodePort, node_port = 30081 }\nnetwork_policy {}\nmonitoring {}");
    let service = at(objects.get("Service", "main-ui"), "/spec");
    assert_eq!(
        *at(service, "/ports"),
        json!([{ "name": "ui", "port": 8081, "targetPort": "rest", "nodePort": 30081 }])
    );
    let labels = at(&template(&objects, "jobmanager"), "/metadata/labels").clone();
    let selector = at(service, "/selector").as_object().expect("a map");
    assert!(selector.iter().all(|(label, value)| labels[label] == *value));
    let policy = list(objects.get("NetworkPolicy", "main-network"), "/spec/ingress");
    assert_eq!(policy[1], json!({ "ports": [{ "port": "rest", "protocol": "TCP" }] }));
    let ingress = native_session("2.1", "ingress.host = \"a.example.com\"");
    let backend = at(ingress.get("Ingress", "main-ingress"), "/spec/rules/0/http/paths/0/backend/service");
    assert_eq!(*backend, json!({ "name": "main-ui", "port": { "name": "ui" } }));
}

#[test]
fn a_budget_counts_the_taskmanagers_that_a_job_needs() {
    let body = "taskmanager { slots = 2, replicas = 4 }\njob.parallelism = 7\ndisruption_budget {}";
    let objects = native_application("2.1", body);
    let budget = at(objects.get("PodDisruptionBudget", "main-taskmanager"), "/spec");
    assert_eq!(at(budget, "/minAvailable"), 3);
    assert!(budget.get("maxUnavailable").is_none());
    let standby = "availability { storage = \"s3://a/b\", replicas = 2 }\ndisruption_budget {}";
    let objects = native_session("2.1", standby);
    assert!(objects.find("PodDisruptionBudget", "main-taskmanager").is_none());
    assert_eq!(at(objects.get("PodDisruptionBudget", "main-jobmanager"), "/spec/maxUnavailable"), 1);
}

#[test]
fn environments_differ_in_their_namespace_and_so_in_their_job() {
    let program = "import std.flink\nenvironment a { namespace = \"one\" }\nenvironment b { namespace = \"two\" }\n\
                   flink.session main { flink = \"2.1\", mode = native, taskmanager.memory = 2Gi }\n";
    let of = |environment: &str| objects_of(&[("main.flink", program)], environment);
    assert_eq!(options(&of("a"))["kubernetes.namespace"], "one");
    assert_eq!(options(&of("b"))["kubernetes.namespace"], "two");
    assert_ne!(submission(&of("a"))["metadata"]["name"], submission(&of("b"))["metadata"]["name"]);
}

#[track_caller]
fn refused(text: &str, part: &str) {
    let errors = errors(text);
    let [(at, told)] = errors.as_slice() else { panic!("one error that says `{part}`: {errors:?}") };
    assert!(told.contains(part), "`{told}` says `{part}`");
    // Not at the head of the declaration: at the field that is to blame.
    assert!(!at.starts_with("flink."), "`{told}` is at `{at}`");
}

#[test]
fn what_native_mode_cannot_do_is_refused() {
    let mistakes = [
        ("2.1", "job.parallelism = 1\nreactive {}", "cannot be reactive"),
        ("2.1", "taskmanager.local_recovery.size = 1Gi", "has no local recovery"),
        ("2.1", "native.on_change = restart", "would begin all jobs anew"),
        (
            "2.1",
            "availability { storage = \"s3://a/b\", mode = zookeeper, quorum = \"z:1\" }\nnative.on_change = restart",
            "would begin all jobs anew",
        ),
        ("2.1", "files { \"jaas.conf\" = \"\" }", "no pod has `jaas.conf`"),
        ("2.1", "config { kubernetes.jobmanager.replicas = 2 }", "`availability.replicas` sets"),
        ("2.1", "config { kubernetes.container.image.ref = \"a\" }", "`image` sets"),
        ("2.1", "config { kubernetes.taskmanager.cpu.limit-factor = 0.5 }", "at least 1.0"),
        ("2.1", "config { kubernetes.pod-template-file.default = \"a\" }", "the library sets in native mode"),
        ("2.1", "config { slotmanager.number-of-slots.max = 9 }", "`taskmanager.slots` and `taskmanager.replicas` set"),
        ("2.1", "config { kubernetes.cluster-id = \"other\" }", "which a field of its own"),
    ];
    for (version, body, part) in mistakes {
        refused(&application_text(version, &format!("{JAR}{body}")), part);
    }
    refused(&application_text("2.1", NATIVE), "asks for the job's jar");
    let jar = |version: &str, jar: &str| application_text(version, &format!("{NATIVE}job.jar = \"{jar}\""));
    refused(&jar("1.18", "s3://jars/a.jar"), "takes the job's jar only from the image");
    refused(&jar("2.1", "http://a/b.jar"), "no jar over plain HTTP");
    for version in VERSIONS {
        assert_eq!(errors(&jar(version, "local:///opt/jobs/a.jar")), []);
    }
    assert_eq!(errors(&jar("1.19", "s3://jars/a.jar")), []);
    let raw = "config { user.artifacts.raw-http-enabled = true }";
    assert_eq!(errors(&jar("1.20", "http://a/b.jar").replace("job.jar", &format!("{raw}\njob.jar"))), []);
    refused(&session_text("2.1", &format!("{NATIVE}disruption_budget {{}}")), "no budget knows how many");
    refused(&session_text("2.1", "native.on_change = keep"), "the cluster runs in mode `standalone`");
}
