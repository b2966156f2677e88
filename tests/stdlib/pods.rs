//! The pods: arguments, ports, probes, security, volumes, variables.

use crate::program::{VERSIONS, application, at, list, session, session_text, text};
use serde_json::json;

#[test]
fn a_session_starts_both_processes() {
    for version in VERSIONS {
        let objects = session(version, "");
        assert_eq!(objects.args("jobmanager"), ["jobmanager"]);
        assert_eq!(objects.args("taskmanager"), ["taskmanager"]);
    }
}

#[test]
fn jars_are_named_from_the_version_on_that_takes_them() {
    let body = r#"job { jar = "local:///opt/flink/usrlib/main.jar", args = ["--topic", "clicks"] }"#;
    for version in VERSIONS {
        let objects = application(version, body);
        let args = objects.args("jobmanager");
        let named = args.windows(2).any(|pair| pair == ["--jars", "local:///opt/flink/usrlib/main.jar"]);
        assert_eq!(named, !matches!(version, "1.17" | "1.18"), "Flink {version}: {args:?}");
        assert_eq!(args[0], "standalone-job");
        // The job's own arguments come last, and `--jars` does not swallow them.
        assert!(args.ends_with(&["--job-classname", "com.example.Main", "--topic", "clicks"]), "{args:?}");
    }
}

#[test]
fn an_application_names_its_savepoint_and_id() {
    let id = "00000000000000000000000000000001";
    let body = format!(r#"job {{ id = "{id}", savepoint = "s3://state/sp-1", allow_non_restored_state = true }}"#);
    let objects = application("1.20", &body);
    let expected = ["--job-id", id, "--fromSavepoint", "s3://state/sp-1", "--allowNonRestoredState"];
    assert!(objects.args("jobmanager").ends_with(&expected));
}

#[test]
fn ports_are_those_of_the_documentation() {
    let objects = session("1.20", "queryable_state {}\nmonitoring {}");
    let jobmanager = objects.ports("jobmanager").into_iter().collect::<Vec<_>>();
    assert_eq!(jobmanager, [("blob", 6124), ("metrics", 9249), ("rpc", 6123), ("ui", 8081)]);
    let taskmanager = objects.ports("taskmanager").into_iter().collect::<Vec<_>>();
    assert_eq!(taskmanager, [("metrics", 9249), ("query-state", 6125), ("rpc", 6122)]);
    assert_eq!(session("1.20", "").ports("taskmanager").into_iter().collect::<Vec<_>>(), [("rpc", 6122)]);
}

#[test]
fn kubernetes_restarts_a_process_that_does_not_listen() {
    let objects = application("2.2", "");
    for part in ["jobmanager", "taskmanager"] {
        let probe = at(objects.container(part), "/livenessProbe");
        assert_eq!(
            *probe,
            json!({ "tcpSocket": { "port": "rpc" }, "initialDelaySeconds": 30, "periodSeconds": 60 }),
            "{part}"
        );
    }
    // A JobManager whose REST API is not there yet gets no requests.
    assert_eq!(text(objects.container("jobmanager"), "/readinessProbe/tcpSocket/port"), "ui");
}

#[test]
fn pods_run_as_flink_without_privileges() {
    for objects in [session("1.17", ""), application("2.3", "job.bounded = true")] {
        for part in ["jobmanager", "taskmanager"] {
            let security = at(objects.pod(part), "/spec/securityContext");
            assert_eq!(at(security, "/runAsUser"), 9999);
            assert_eq!(at(security, "/fsGroup"), 9999);
            assert_eq!(at(security, "/runAsNonRoot"), true);
            assert_eq!(text(security, "/seccompProfile/type"), "RuntimeDefault");
            let container = at(objects.container(part), "/securityContext");
            assert_eq!(*container, json!({ "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } }));
            assert_eq!(text(objects.pod(part), "/spec/serviceAccountName"), "main");
        }
    }
}

#[test]
fn only_an_election_on_kubernetes_needs_a_token() {
    let mounts = |body: &str| at(session("1.20", body).pod("jobmanager"), "/spec/automountServiceAccountToken").clone();
    assert_eq!(mounts(""), false);
    assert_eq!(mounts("availability { storage = \"s3://a/b\" }"), true);
    assert_eq!(mounts("availability { storage = \"s3://a/b\", mode = zookeeper, quorum = \"zk:2181\" }"), false);
}

#[test]
fn the_configuration_is_mounted_where_flink_reads_it() {
    for version in VERSIONS {
        let objects = session(version, "");
        let generated = text(objects.get("ConfigMap", "main-config"), "/metadata/name");
        for part in ["jobmanager", "taskmanager"] {
            let volume = objects.mounts(part)["/opt/flink/conf"];
            let volumes = list(objects.pod(part), "/spec/volumes");
            let volume = volumes.iter().find(|known| text(known, "/name") == volume).expect("the volume is there");
            assert_eq!(text(volume, "/configMap/name"), generated);
        }
    }
}

#[test]
fn a_changed_configuration_rolls_the_pods() {
    let reference = |body: &str| {
        let objects = session("2.1", body);
        let template = at(objects.pod("taskmanager"), "/spec/volumes/0/configMap/name").clone();
        assert_eq!(template, at(objects.pod("jobmanager"), "/spec/volumes/0/configMap/name").clone());
        template
    };
    let plain = reference("");
    assert_eq!(plain, reference(""));
    assert_ne!(plain, reference("config { web.timeout = 1min }"));
    assert_ne!(plain, reference("files { \"a.txt\" = \"a\" }"));
    assert_ne!(plain, reference("jobmanager.memory = 2Gi"));
    // What the files do not say leaves their name alone.
    assert_eq!(plain, reference("env { A = \"1\" }"));
}

#[test]
fn variables_reach_both_processes_and_secrets_are_references() {
    let objects = session(
        "1.20",
        "env { TZ = \"UTC\", PASSWORD = secret(\"keys\", \"password\") }\nplugins = [\"a.jar\", \"b.jar\"]",
    );
    for part in ["jobmanager", "taskmanager"] {
        assert_eq!(objects.variable(part, "TZ"), Some(&json!({ "name": "TZ", "value": "UTC" })));
        let reference = json!({ "secretKeyRef": { "name": "keys", "key": "password" } });
        assert_eq!(objects.variable(part, "PASSWORD"), Some(&json!({ "name": "PASSWORD", "valueFrom": reference })));
        let plugins = objects.variable(part, "ENABLE_BUILT_IN_PLUGINS").expect("the image's script reads it");
        assert_eq!(text(plugins, "/value"), "a.jar;b.jar");
    }
}

#[test]
fn where_the_pods_run_and_from_what_image() {
    let body = r#"
        image = "registry.example.com/flink:7", pull_policy = Always, pull_secrets = ["keys"]
        node_selector { disk = "ssd" }
        tolerations = [{ key = "streams", operator = "Exists" }]
        affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution = [
          { topologyKey = "kubernetes.io/hostname" }
        ]"#;
    let objects = session("1.20", body);
    for part in ["jobmanager", "taskmanager"] {
        let (pod, container) = (at(objects.pod(part), "/spec"), objects.container(part));
        assert_eq!(text(container, "/image"), "registry.example.com/flink:7");
        assert_eq!(text(container, "/imagePullPolicy"), "Always");
        assert_eq!(*at(pod, "/imagePullSecrets"), json!([{ "name": "keys" }]));
        assert_eq!(*at(pod, "/nodeSelector"), json!({ "disk": "ssd" }));
        assert_eq!(*at(pod, "/tolerations"), json!([{ "key": "streams", "operator": "Exists" }]));
        assert!(pod.pointer("/affinity/podAntiAffinity").is_some());
    }
    let plain = session_text("2.2", "").replace("image = \"registry.example.com/flink:2.2\"\n", "");
    assert_eq!(text(crate::program::objects(&plain).container("jobmanager"), "/image"), "flink:2.2");
}
