//! High availability on Kubernetes and on ZooKeeper, and everything that it changes.

use crate::program::{Objects, VERSIONS, application, at, list, session, strings, text};
use serde_json::json;

const KUBERNETES: &str = "availability { storage = \"s3://state/ha\", replicas = 2 }";
const ZOOKEEPER: &str = "availability {
    storage = \"s3://state/ha\", mode = zookeeper, quorum = \"zk-0:2181,zk-1:2181\", root = \"/streams\" }";

fn has_line(objects: &Objects, line: &str) -> bool {
    objects.files().iter().any(|(name, file)| name.ends_with(".yaml") && file.lines().any(|known| known == line))
}

#[test]
fn jobmanagers_announce_their_own_address() {
    for version in VERSIONS {
        for availability in [KUBERNETES, ZOOKEEPER] {
            let session = session(version, availability);
            assert_eq!(session.args("jobmanager"), ["jobmanager", "$(POD_IP)"]);
            let application = application(version, availability);
            let args = application.args("jobmanager");
            assert!(args.windows(2).any(|pair| pair == ["--host", "$(POD_IP)"]), "{args:?}");
            for objects in [session, application] {
                let address = objects.variable("jobmanager", "POD_IP").expect("the argument takes it");
                assert_eq!(text(address, "/valueFrom/fieldRef/fieldPath"), "status.podIP");
            }
        }
    }
    assert_eq!(session("1.20", "").variable("jobmanager", "POD_IP"), None);
}

#[test]
fn standby_jobmanagers_are_replicas() {
    let jobmanager = |objects: Objects| objects.get("Deployment", "main-jobmanager").clone();
    for objects in [session("2.1", KUBERNETES), application("2.1", KUBERNETES)] {
        let deployment = jobmanager(objects);
        assert_eq!(at(&deployment, "/spec/replicas"), 2);
        assert!(deployment.pointer("/spec/strategy").is_none(), "an election lets a new one wait beside the old");
    }
    assert_eq!(at(&jobmanager(session("2.1", ZOOKEEPER)), "/spec/replicas"), 1);
}

#[test]
fn an_election_on_kubernetes_is_configured() {
    for version in VERSIONS {
        let objects = session(version, KUBERNETES);
        for line in [
            "high-availability.type: kubernetes",
            "high-availability.storageDir: s3://state/ha",
            "kubernetes.cluster-id: main",
            "kubernetes.namespace: streams",
        ] {
            assert!(has_line(&objects, line), "Flink {version}: {line}");
        }
    }
}

#[test]
fn pods_may_write_the_config_maps_of_their_election() {
    for objects in [session("1.20", KUBERNETES), application("1.20", KUBERNETES)] {
        let rules = list(objects.get("Role", "main-election"), "/rules");
        let [rule] = rules else { panic!("one rule: {rules:?}") };
        assert_eq!(*at(rule, "/apiGroups"), json!([""]));
        assert_eq!(*at(rule, "/resources"), json!(["configmaps"]));
        for verb in ["get", "create", "delete", "update", "list", "watch"] {
            assert!(strings(rule, "/verbs").contains(&verb), "{verb}");
        }
        let binding = objects.get("RoleBinding", "main-election");
        assert_eq!(
            *at(binding, "/roleRef"),
            json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "main-election" })
        );
        let subject = json!([{ "kind": "ServiceAccount", "name": "main", "namespace": "streams" }]);
        assert_eq!(*at(binding, "/subjects"), subject);
        for part in ["jobmanager", "taskmanager"] {
            assert_eq!(text(objects.pod(part), "/spec/serviceAccountName"), "main");
        }
        assert!(objects.find("ServiceAccount", "main").is_some());
    }
}

#[test]
fn an_account_that_is_made_elsewhere_gets_the_rights() {
    let objects = session("1.20", &format!("{KUBERNETES}\nservice_account = \"robot\""));
    assert!(objects.find("ServiceAccount", "main").is_none());
    assert_eq!(text(objects.get("RoleBinding", "main-election"), "/subjects/0/name"), "robot");
    assert_eq!(text(objects.pod("taskmanager"), "/spec/serviceAccountName"), "robot");
}

#[test]
fn zookeeper_is_configured_and_needs_no_rights() {
    for version in VERSIONS {
        let objects = application(version, ZOOKEEPER);
        assert!(objects.find("Role", "main-election").is_none());
        assert!(objects.find("RoleBinding", "main-election").is_none());
        assert!(objects.find("Service", "main-jobmanager").is_none());
        for line in [
            "high-availability.type: zookeeper",
            "high-availability.storageDir: s3://state/ha",
            "high-availability.zookeeper.path.root: /streams",
            "high-availability.cluster-id: streams/main",
        ] {
            assert!(has_line(&objects, line), "Flink {version}: {line}");
        }
        let legacy = "high-availability.zookeeper.quorum: zk-0:2181,zk-1:2181";
        assert!(has_line(&objects, legacy), "Flink {version}");
        // With ZooKeeper, Flink takes a random port where this option does not name the one of the container.
        let quoted = if matches!(version, "1.17" | "1.18") { "6123" } else { "\"6123\"" };
        assert!(has_line(&objects, &format!("high-availability.jobmanager.port: {quoted}")), "Flink {version}");
        assert!(!has_line(&objects, "kubernetes.cluster-id: main"));
    }
}
