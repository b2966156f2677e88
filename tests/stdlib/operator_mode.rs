//! Operator mode: what the Flink operator is told of a cluster, and what stands beside it.

use crate::operated::{OPERATED, of, of_job, program};
use crate::program::{Objects, at, errors, list, number, objects_with_warnings, strings, text};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ELECTED: &str = "availability.storage = \"s3://state/ha\"\n";
const SAVED: &str = "checkpoints { storage = \"s3://state/c\", savepoints = \"s3://state/s\" }\n";

/// The objects of a program. Of old versions it is warned at each cluster: the operator will not support them for long.
pub fn operated(version: &str, program: &str) -> Objects {
    let clusters = if ["1.17", "1.18"].contains(&version) { program.matches("mode = operator").count() } else { 0 };
    let warnings = vec!["will not support `flinkVersion`"; clusters];
    objects_with_warnings(&[("main.flink", program)], "dev", &warnings)
}

fn application(body: &str) -> Objects {
    operated("2.1", &of_job("application", "2.1", body))
}

fn session(body: &str) -> Objects {
    operated("2.1", &of("session", "2.1", body))
}

fn spec(objects: &Objects) -> &Value {
    at(objects.get("FlinkDeployment", "main"), "/spec")
}

/// The configuration, which must be flat texts in the order of their names: what is compared are texts.
fn options(objects: &Objects) -> BTreeMap<&str, &str> {
    let options = at(spec(objects), "/flinkConfiguration").as_object().expect("options have names");
    options.iter().map(|(name, value)| (name.as_str(), value.as_str().expect("a value is text"))).collect()
}

fn main_container<'a>(objects: &'a Objects, part: &str) -> &'a Value {
    let containers = list(spec(objects), &format!("/{part}/podTemplate/spec/containers"));
    let mut own = containers.iter().filter(|container| text(container, "/name") == "flink-main-container");
    let first = own.next().expect("Flink's container is there");
    assert!(own.next().is_none());
    first
}

#[test]
fn every_version_is_told_by_its_name() {
    for version in OPERATED {
        let body = "job { parallelism = 4, args = [\"--topic\", \"a b\"], max_parallelism = 64 }\n\
                    taskmanager { memory = 4Gi, cpu = 1.5, slots = 2, replicas = 2 }\n\
                    jobmanager { memory = 2Gi, cpu = 500m }\npull_policy = Always";
        let objects = operated(version, &of_job("application", version, body));
        let mut spec = spec(&objects).clone();
        let fields = spec.as_object_mut().expect("it has fields");
        let logs = fields.remove("logConfiguration").expect("logging is said");
        assert_eq!(
            logs.as_object().expect("files by name").keys().collect::<Vec<_>>(),
            ["log4j-console.properties", "logback-console.xml"]
        );
        let java = spec["flinkConfiguration"].as_object_mut().expect("options have names");
        java.retain(|option, _| !option.starts_with("env.java."));
        for part in ["jobManager", "taskManager"] {
            spec[part].as_object_mut().expect("it has fields").remove("podTemplate").expect("pods are said");
        }
        let expected = json!({
            "image": format!("registry.example.com/flink:{version}"),
            "imagePullPolicy": "Always",
            "flinkVersion": format!("v{}", version.replace('.', "_")),
            "mode": "native",
            "serviceAccount": "main",
            "flinkConfiguration": {
                "pipeline.max-parallelism": "64",
                "taskmanager.numberOfTaskSlots": "2",
            },
            "jobManager": { "replicas": 1, "resource": { "cpu": 0.5, "memory": "2048Mi" } },
            "taskManager": { "resource": { "cpu": 1.5, "memory": "4096Mi" } },
            "job": {
                "jarURI": "local:///opt/flink/usrlib/main.jar",
                "entryClass": "com.example.Main",
                "args": ["--topic", "a b"],
                "parallelism": 4,
                "state": "running",
                "upgradeMode": "stateless",
            },
        });
        assert_eq!(spec, expected, "{version}");
    }
}

#[test]
fn all_that_is_made_keeps_the_operators_rules() {
    for version in OPERATED {
        let objects = operated(version, &program(version));
        let made = |kind: &str| objects.listed().iter().filter(|object| object.starts_with(kind)).count();
        assert!(
            made("FlinkDeployment ") > 12 && made("FlinkBlueGreenDeployment ") > 10 && made("FlinkSessionJob ") > 7
        );
    }
}

#[test]
fn the_operator_makes_the_workloads_and_their_services() {
    let bare = ["FlinkDeployment main", "Role main", "RoleBinding main", "ServiceAccount main"];
    assert_eq!(application("").listed(), bare);
    assert_eq!(session("").listed(), bare);
    // A bounded job is one as well.
    assert_eq!(application("job.bounded = true").listed(), bare);
}

#[test]
fn what_stands_beside_a_cluster_stays() {
    let body = "monitoring {}\nnetwork_policy {}\nqueryable_state {}\n\
                ingress { host = \"main.example.com\", tls = \"tls\" }\ndisruption_budget {}\n\
                availability { storage = \"s3://a/b\", replicas = 2 }\nhadoop.core { a = \"b\" }\n\
                checkpoints { storage = \"file:///flink-state/c\", volume.size = 1Gi }\njob.artifacts.size = 1Gi";
    let objects = operated(
        "2.1",
        &format!("{}external Secret tls\n", of_job("application", "2.1", body).replace("main.jar", "a")),
    );
    let expected = [
        "ConfigMap main-hadoop",
        "FlinkDeployment main",
        "Ingress main-ingress",
        "NetworkPolicy main-network",
        "PersistentVolumeClaim main-artifacts",
        "PersistentVolumeClaim main-state",
        "PodDisruptionBudget main-jobmanager",
        "PodDisruptionBudget main-taskmanager",
        "Role main",
        "RoleBinding main",
        "Service main-metrics",
        "Service main-queryable-state",
        "Service main-ui",
        "ServiceAccount main",
        "ServiceMonitor main-monitor",
    ];
    assert_eq!(objects.listed(), expected);

    let ui = objects.get("Service", "main-ui");
    assert_eq!(text(ui, "/spec/ports/0/targetPort"), "rest", "the name that Flink gives the port");
    assert_eq!(text(ui, "/spec/selector/app.kubernetes.io~1component"), "jobmanager");
    let rules = list(objects.get("NetworkPolicy", "main-network"), "/spec/ingress");
    assert_eq!(rules[1], json!({ "ports": [{ "port": "rest", "protocol": "TCP" }] }));
    // Volumes and ports of other objects reach the pods.
    for part in ["jobManager", "taskManager"] {
        let volumes = list(spec(&objects), &format!("/{part}/podTemplate/spec/volumes"));
        let names: Vec<&str> = volumes.iter().map(|volume| text(volume, "/name")).collect();
        assert_eq!(names, ["state", "artifacts", "hadoop"], "{part}");
        let mounts = list(main_container(&objects, part), "/volumeMounts");
        let paths: Vec<&str> = mounts.iter().map(|mount| text(mount, "/mountPath")).collect();
        assert_eq!(paths, ["/flink-state", "/opt/flink/usrlib", "/opt/hadoop/conf"], "{part}");
    }
}

#[test]
fn the_operator_reaches_the_rest_api_of_a_closed_cluster() {
    let open = |body: &str| {
        let objects = application(&format!("network_policy {{ {body} }}"));
        list(objects.get("NetworkPolicy", "main-network"), "/spec/ingress").to_vec()
    };
    assert_eq!(open("")[1], json!({ "ports": [{ "port": "rest", "protocol": "TCP" }] }));
    let peer = json!({ "namespaceSelector": { "matchLabels": { "team": "flink" } } });
    let some = open("ui = [{ namespaceSelector.matchLabels = { team = \"flink\" } }]");
    assert_eq!(some[1], json!({ "from": [peer], "ports": [{ "port": "rest", "protocol": "TCP" }] }));
}

#[test]
fn memory_means_the_same_to_flink_and_to_kubernetes() {
    for (said, written) in [("2Gi", "2048Mi"), ("1601Mi", "1601Mi"), ("1.5Gi", "1536Mi"), ("1678770Ki", "1719060480")] {
        let objects = application(&format!("jobmanager.memory = {said}"));
        assert_eq!(text(spec(&objects), "/jobManager/resource/memory"), written);
    }
    // Sizes that only options say are still said whole, so that the pods get what Flink takes.
    let program = of_job("application", "2.1", "config { taskmanager.memory.flink.size = 1280Mi }");
    let objects = operated("2.1", &program.replace("taskmanager.memory = 2Gi\n", ""));
    assert_eq!(text(spec(&objects), "/taskManager/resource/memory"), "1728Mi");
    assert_eq!(options(&objects)["taskmanager.memory.flink.size"], "1280m");
}

#[test]
fn pods_are_said_once_for_each_part() {
    let body = "pull_secrets = [\"tls\"]\nnode_selector { disk = \"ssd\" }\nenv { TZ = \"UTC\" }\nmonitoring {}\n\
                pod { metadata.annotations { a = \"b\" }, spec.containers { shipper { image = \"shipper:1\" } } }\n\
                container.volumeMounts { \"/scratch\" { name = \"scratch\" } }\n\
                pod.spec.volumes { scratch { emptyDir {} } }\n\
                taskmanager.container.resources.limits { \"nvidia.com/gpu\" = 1 }";
    let program = format!("{}external Secret tls\n", of_job("application", "2.1", body));
    let objects = operated("2.1", &program);
    assert!(spec(&objects).get("podTemplate").is_none(), "nothing is left for the operator to merge by position");
    for part in ["jobManager", "taskManager"] {
        let template = at(spec(&objects), &format!("/{part}/podTemplate"));
        let labels = at(template, "/metadata/labels");
        assert_eq!(text(labels, "/app.kubernetes.io~1component"), part.to_lowercase());
        assert_eq!(text(template, "/metadata/annotations/a"), "b");
        let names: Vec<&str> =
            list(template, "/spec/containers").iter().map(|container| text(container, "/name")).collect();
        assert_eq!(names, ["flink-main-container", "shipper"]);
        assert_eq!(at(template, "/spec/imagePullSecrets"), &json!([{ "name": "tls" }]));
        assert_eq!(at(template, "/spec/nodeSelector"), &json!({ "disk": "ssd" }));
        let container = main_container(&objects, part);
        for set_by_flink in ["image", "args", "command", "imagePullPolicy"] {
            assert!(container.get(set_by_flink).is_none(), "{set_by_flink}");
        }
        assert_eq!(at(container, "/env"), &json!([{ "name": "TZ", "value": "UTC" }]));
        assert_eq!(at(container, "/ports"), &json!([{ "name": "metrics", "containerPort": 9249 }]));
        assert_eq!(at(container, "/volumeMounts"), &json!([{ "mountPath": "/scratch", "name": "scratch" }]));
    }
    assert!(main_container(&objects, "jobManager").get("resources").is_none());
    let resources = at(main_container(&objects, "taskManager"), "/resources");
    assert_eq!(resources, &json!({ "limits": { "nvidia.com/gpu": "1" } }));
}

#[test]
fn pods_may_do_what_their_work_needs() {
    let tokens = |objects: &Objects| {
        ["jobManager", "taskManager"].map(|part| {
            at(spec(objects), &format!("/{part}/podTemplate/spec/automountServiceAccountToken")) == &json!(true)
        })
    };
    let resources = |objects: &Objects| -> BTreeSet<String> {
        let rules = objects.find("Role", "main").map_or(&[][..], |role| list(role, "/rules"));
        rules.iter().flat_map(|rule| strings(rule, "/resources")).map(str::to_owned).collect()
    };
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();

    let native = application("");
    assert_eq!(resources(&native), set(&["pods", "deployments", "deployments/finalizers"]));
    assert_eq!(tokens(&native), [true, false]);
    let elected = application(ELECTED);
    assert_eq!(resources(&elected), set(&["pods", "deployments", "deployments/finalizers", "configmaps"]));
    assert_eq!(tokens(&elected), [true, true]);
    let standalone = application("operator.pods = standalone");
    assert_eq!(resources(&standalone), set(&[]));
    assert_eq!(tokens(&standalone), [false, false]);
    let elected = application(&format!("operator.pods = standalone\n{ELECTED}"));
    assert_eq!(resources(&elected), set(&["configmaps"]));
    assert_eq!(tokens(&elected), [true, true]);

    let subject = at(elected.get("RoleBinding", "main"), "/subjects/0");
    assert_eq!(subject, &json!({ "kind": "ServiceAccount", "name": "main", "namespace": "streams" }));
    let program = format!("{}external ServiceAccount robot\n", of("session", "2.1", "service_account = \"robot\""));
    let other = operated("2.1", &program);
    assert!(other.find("ServiceAccount", "main").is_none());
    assert_eq!(text(spec(&other), "/serviceAccount"), "robot");
    assert_eq!(text(other.get("RoleBinding", "main"), "/subjects/0/name"), "robot");
}

#[test]
fn a_job_goes_on_from_what_there_is() {
    let cases = [
        ("", "stateless"),
        (ELECTED, "stateless"),
        ("checkpoints.storage = \"s3://state/c\"", "last-state"),
        (SAVED, "savepoint"),
        (&format!("{SAVED}{ELECTED}"), "last-state"),
        (&format!("{SAVED}{ELECTED}operator.upgrade = savepoint"), "savepoint"),
        (&format!("{SAVED}operator {{ upgrade = stateless, forget_state = true }}"), "stateless"),
    ];
    for (body, expected) in cases {
        assert_eq!(text(spec(&application(body)), "/job/upgradeMode"), expected, "{body}");
    }
}

#[test]
fn what_the_operator_is_asked_reaches_it() {
    let body = format!(
        "{SAVED}{ELECTED}job {{ savepoint = \"s3://state/s/1\", allow_non_restored_state = true }}\nautoscaler {{}}\n\
         operator {{ state = suspended, restart = 1, savepoint_redeploy = 2, savepoint_trigger = 3, \
         autoscaler_reset = 4, rollback = true, health_check = true, periodic_savepoints = 6h, \
         periodic_checkpoints = 90s, savepoint_format = native, savepoint_on_deletion = false }}"
    );
    let objects = application(&body);
    let spec = spec(&objects);
    assert_eq!(number(spec, "/restartNonce"), 1);
    let expected = json!({
        "jarURI": "local:///opt/flink/usrlib/main.jar",
        "entryClass": "com.example.Main",
        "parallelism": 1,
        "state": "suspended",
        "upgradeMode": "last-state",
        "allowNonRestoredState": true,
        "initialSavepointPath": "s3://state/s/1",
        "savepointRedeployNonce": 2,
        "savepointTriggerNonce": 3,
        "autoscalerResetNonce": 4,
    });
    assert_eq!(at(spec, "/job"), &expected);
    let options = options(&objects);
    let of_the_operator: BTreeMap<_, _> =
        options.into_iter().filter(|(option, _)| option.starts_with("kubernetes.")).collect();
    let expected = [
        ("kubernetes.operator.cluster.health-check.enabled", "true"),
        ("kubernetes.operator.deployment.rollback.enabled", "true"),
        ("kubernetes.operator.job.savepoint-on-deletion", "false"),
        ("kubernetes.operator.periodic.checkpoint.interval", "90 s"),
        ("kubernetes.operator.periodic.savepoint.interval", "21600 s"),
        ("kubernetes.operator.savepoint.format.type", "NATIVE"),
    ];
    assert_eq!(of_the_operator, BTreeMap::from(expected));
}

#[test]
fn options_that_the_operator_sets_are_left_to_it() {
    for version in OPERATED {
        let body = format!("{SAVED}{ELECTED}monitoring {{}}\nconfig.pipeline.object-reuse = true");
        let objects = operated(version, &of_job("application", version, &body));
        let names: Vec<&str> = options(&objects).into_keys().collect();
        for refused in ["cluster-id", "kubernetes.namespace", "parallelism.default", "rpc.", "process.size", "rest."] {
            assert!(names.iter().all(|name| !name.contains(refused)), "{refused}: {names:?}");
        }
        let set = options(&objects);
        assert_eq!(set["pipeline.object-reuse"], "true");
        assert_eq!(set["high-availability.type"], "kubernetes");
        assert_eq!(set["high-availability.storageDir"], "s3://state/ha");
        assert_eq!(set["execution.checkpointing.externalized-checkpoint-retention"], "RETAIN_ON_CANCELLATION");
        let directory = if ["1.17", "1.18", "1.19"].contains(&version) {
            "state.checkpoints.dir"
        } else {
            "execution.checkpointing.dir"
        };
        assert_eq!(set[directory], "s3://state/c");
    }
}

#[test]
fn flink_starts_no_more_task_managers_than_are_declared() {
    let most =
        |objects: &Objects| options(objects).get("slotmanager.number-of-slots.max").map(|most| (*most).to_owned());
    let sized = "taskmanager { slots = 2, replicas = 3 }\n";
    assert_eq!(most(&session(sized)).as_deref(), Some("6"));
    // A job says how many slots it wants, and the operator counts what it makes.
    assert_eq!(most(&application("")), None);
    assert_eq!(most(&session(&format!("{sized}operator.pods = standalone"))), None);
}

#[test]
fn task_managers_are_counted_where_the_operator_makes_them() {
    let sized = "taskmanager { slots = 2, replicas = 3 }\n";
    let replicas = |objects: &Objects| spec(objects).pointer("/taskManager/replicas").cloned();
    let standalone = session(&format!("{sized}operator.pods = standalone"));
    assert_eq!(text(spec(&standalone), "/mode"), "standalone");
    assert_eq!(replicas(&standalone), Some(json!(3)));
    assert!(spec(&standalone).get("job").is_none());
    assert_eq!(replicas(&session(sized)), None);
    // A number would decide the parallelism of a job, whatever the job says.
    assert_eq!(replicas(&application("operator.pods = standalone\ntaskmanager.slots = 2")), None);
}

#[test]
fn a_reactive_job_is_scaled_by_its_task_managers() {
    let body = "operator.pods = standalone\ntaskmanager { slots = 2, replicas = 3 }\n\
                reactive { max_replicas = 8, cpu_percent = 60 }";
    let objects = application(body);
    // The autoscaler does nothing where there is no number.
    assert_eq!(number(spec(&objects), "/taskManager/replicas"), 3);
    assert!(spec(&objects).pointer("/job/parallelism").is_none());
    assert_eq!(options(&objects)["scheduler-mode"], "reactive");
    let scaler = at(objects.get("HorizontalPodAutoscaler", "main-taskmanager"), "/spec");
    let target = json!({ "apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkDeployment", "name": "main" });
    assert_eq!(at(scaler, "/scaleTargetRef"), &target);
    assert_eq!((number(scaler, "/minReplicas"), number(scaler, "/maxReplicas")), (3, 8));
    assert_eq!(number(scaler, "/metrics/0/resource/target/averageUtilization"), 60);
    let fixed = application("operator.pods = standalone\nreactive {}");
    assert!(fixed.find("HorizontalPodAutoscaler", "main-taskmanager").is_none());
}

#[test]
fn budgets_count_pods_as_whoever_makes_them_does() {
    let budget = |objects: &Objects| at(objects.get("PodDisruptionBudget", "main-taskmanager"), "/spec").clone();
    let sized = "taskmanager.slots = 2\njob.parallelism = 5\ndisruption_budget {}\n";
    let native = budget(&application(sized));
    assert_eq!(number(&native, "/minAvailable"), 2, "five slots are three TaskManagers");
    assert!(native.get("maxUnavailable").is_none());
    let standalone = budget(&application(&format!("{sized}operator.pods = standalone")));
    assert_eq!(number(&standalone, "/maxUnavailable"), 1);
    assert!(standalone.get("minAvailable").is_none());
}

#[test]
fn what_holds_state_is_not_pruned() {
    let annotations_of = |objects: Objects| {
        let metadata = at(objects.get("FlinkDeployment", "main"), "/metadata");
        let all = metadata.get("annotations").cloned().unwrap_or_else(|| json!({}));
        let kept =
            ["argocd.argoproj.io/sync-options", "kustomize.toolkit.fluxcd.io/prune", "argocd.argoproj.io/sync-wave"];
        kept.map(|name| all.get(name).map(|value| value.as_str().expect("it is text").to_owned()))
    };
    let annotations = |body: &str| annotations_of(application(body));
    let kept = [Some("Prune=false,Delete=false".to_owned()), Some("disabled".to_owned()), None];
    let free = [None, None, None];
    assert_eq!(annotations(""), free);
    assert_eq!(annotations("checkpoints.storage = \"s3://a/b\""), kept);
    assert_eq!(annotations("checkpoints.storage = \"s3://a/b\"\noperator.protected = false"), free);
    assert_eq!(annotations("operator.protected = true"), kept);
    // A session knows where the checkpoints of its jobs are, if anybody does.
    assert_eq!(annotations_of(session("")), free);
    assert_eq!(annotations_of(session(ELECTED)), kept);
    assert_eq!(annotations("operator.sync_wave = 2")[2].as_deref(), Some("2"));
}

#[test]
fn programs_are_told_to_the_operator() {
    let without_class = |body: &str| {
        let program = of_job("application", "2.1", body);
        let job = "job { class = \"com.example.Main\", jar = \"local:///opt/flink/usrlib/main.jar\" }\n";
        operated("2.1", &program.replace(job, ""))
    };
    let python = without_class("job.python.script = \"print()\"");
    let job = at(spec(&python), "/job");
    assert!(job.get("jarURI").is_none());
    assert_eq!(text(job, "/entryClass"), "org.apache.flink.client.python.PythonDriver");
    assert_eq!(strings(job, "/args"), ["--python", "/opt/flink/program/job.py"]);
    let mounted = json!([{ "mountPath": "/opt/flink/program", "name": "program", "readOnly": true }]);
    assert_eq!(at(main_container(&python, "jobManager"), "/volumeMounts"), &mounted);
    let sql = without_class(
        "job.sql { script = \"SELECT 1\", runner = \"local:///opt/flink/usrlib/r.jar\", class = \"a.R\" }",
    );
    let job = at(spec(&sql), "/job");
    assert_eq!((text(job, "/jarURI"), text(job, "/entryClass")), ("local:///opt/flink/usrlib/r.jar", "a.R"));
    assert_eq!(strings(job, "/args"), ["/opt/flink/program/job.sql"]);
    let driven = without_class("job.sql.script = \"SELECT 1\"\noperator.pods = standalone");
    assert_eq!(strings(spec(&driven), "/job/args"), ["--scriptUri", "/opt/flink/program/job.sql"]);
}

#[test]
fn versions_beyond_the_operators_are_refused() {
    let found = errors(&of_job("application", "2.3", ""));
    assert_eq!(found, [("flink = \"2.3\"".to_owned(), "the operator knows no Flink 2.3".to_owned())]);
}
