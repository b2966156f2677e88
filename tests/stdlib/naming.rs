//! Labels, selectors, names and their lengths.

use crate::program::{Objects, VERSIONS, application, at, objects, session, text};
use serde_json::Value;

const ALL: &str = "checkpoints { storage = \"file:///flink-state/a\", volume { size = 5Gi } }
    ingress.host = \"a.example.com\"
    monitoring {}
    queryable_state {}
    disruption_budget {}
    network_policy {}
    taskmanager.local_recovery.size = 1Gi";

/// All selectors: of workloads, Services, budgets, policies and monitors.
fn selectors(objects: &Objects) -> Vec<(String, Value)> {
    let mut selectors = Vec::new();
    for object in objects.all() {
        let name = format!("{} {}", text(object, "/kind"), text(object, "/metadata/name"));
        let selector = object.pointer("/spec/selector").or_else(|| object.pointer("/spec/podSelector"));
        selectors.extend(selector.map(|selector| (name, selector.clone())));
    }
    selectors
}

#[test]
fn selectors_do_not_change_with_version_or_image() {
    let first = selectors(&application("1.17", ALL));
    assert!(first.len() >= 7, "{first:?}");
    for version in VERSIONS {
        let image = "image = \"registry.example.com/other:9\"\nlabels { team = \"a\" }\npart_of = \"b\"";
        assert_eq!(selectors(&application(version, &format!("{ALL}\n{image}"))), first, "Flink {version}");
    }
}

#[test]
fn immutable_claims_do_not_change_with_version() {
    let claims = |version: &str| {
        let objects = application(version, ALL);
        at(objects.get("StatefulSet", "main-taskmanager"), "/spec/volumeClaimTemplates").clone()
    };
    assert_eq!(claims("1.17"), claims("2.3"));
}

#[test]
fn every_object_and_pod_has_the_recommended_labels() {
    let cluster = session("2.2", &format!("{ALL}\nlabels {{ team = \"a\" }}\npart_of = \"shop\""));
    let templates = ["jobmanager", "taskmanager"].map(|part| cluster.pod(part));
    for object in cluster.all().iter().chain(templates) {
        let labels = at(object, "/metadata/labels");
        for (label, value) in [
            ("app.kubernetes.io/name", "flink"),
            ("app.kubernetes.io/instance", "main"),
            ("app.kubernetes.io/version", "2.2"),
            ("app.kubernetes.io/part-of", "shop"),
            ("app.kubernetes.io/managed-by", "flinkc"),
            ("team", "a"),
        ] {
            assert_eq!(labels[label], value, "{label} of {}", at(object, "/metadata"));
        }
        assert!(labels.get("app.kubernetes.io/component").is_some());
    }
    assert_eq!(at(session("2.2", "").pod("jobmanager"), "/metadata/labels")["app.kubernetes.io/part-of"], "main");
}

#[test]
fn the_longest_names_keep_to_the_limits_of_kubernetes() {
    for (length, body) in [(40, ALL.to_owned()), (45, ALL.replace("taskmanager.local_recovery.size = 1Gi", ""))] {
        let name = "a".repeat(length);
        let text_of = |name: &str| {
            format!(
                "import std.flink\nenvironment dev {{}}\nflink.application {name} {{\nflink = \"2.1\"\n\
                 image = \"ours:1\"\ntaskmanager.memory = 2Gi\njob {{ class = \"A\", artifacts.size = 1Gi }}\n\
                 availability {{ storage = \"s3://a/b\", replicas = 2 }}\n{body}\n}}\n"
            )
        };
        for object in objects(&text_of(&name)).all() {
            let (kind, name) = (text(object, "/kind"), text(object, "/metadata/name"));
            // The pods of a StatefulSet carry its name and a hash of eleven letters in a label.
            let limit = if kind == "StatefulSet" { 52 } else { 63 };
            assert!(name.len() <= limit, "{kind} {name} has {} letters", name.len());
            for value in at(object, "/metadata/labels").as_object().expect("labels are a map").values() {
                assert!(value.as_str().is_some_and(|value| value.len() <= 63), "{value}");
            }
        }
        let errors = crate::program::errors(&text_of(&format!("{name}a")));
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(errors[0].1.contains("too long"), "{errors:?}");
    }
}

#[test]
fn rendering_is_deterministic() {
    for version in VERSIONS {
        assert_eq!(application(version, ALL), application(version, ALL));
    }
}

#[test]
fn two_clusters_do_not_touch_each_other() {
    let both = objects(
        "import std.flink\nenvironment dev {}\n\
         flink.session one { flink = \"1.20\", taskmanager.memory = 2Gi, monitoring {} }\n\
         flink.session two { flink = \"1.20\", taskmanager.memory = 2Gi, monitoring {} }\n",
    );
    for (name, selector) in selectors(&both) {
        let instance = if name.contains(" one") { "one" } else { "two" };
        let labels = selector.get("matchLabels").unwrap_or(&selector);
        assert_eq!(labels["app.kubernetes.io/instance"], instance, "{name}");
    }
}
