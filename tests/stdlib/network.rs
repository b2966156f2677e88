//! Services, the ingress, monitoring and network policies.

use crate::program::{Objects, application, at, list, number, session, text};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const HIGHLY_AVAILABLE: &str = "availability { storage = \"s3://a/b\" }";

/// A Service's ports: name, port, and the container port that the pods of a part have under the target's name.
fn ports(objects: &Objects, service: &str, part: &str) -> Vec<(String, u64, u64)> {
    let container = objects.ports(part);
    let ports = list(objects.get("Service", service), "/spec/ports");
    ports
        .iter()
        .map(|port| (text(port, "/name").to_owned(), number(port, "/port"), container[text(port, "/targetPort")]))
        .collect()
}

/// Whether a Service's pods are those of a part.
fn selects(objects: &Objects, service: &str, part: &str) -> bool {
    let selector = at(objects.get("Service", service), "/spec/selector").as_object().expect("a map").clone();
    let labels = at(objects.pod(part), "/metadata/labels");
    selector.iter().all(|(label, value)| labels.get(label) == Some(value))
}

#[test]
fn taskmanagers_find_the_jobmanager_by_its_service() {
    for (objects, file) in [(session("1.17", ""), "flink-conf.yaml"), (application("2.3", ""), "config.yaml")] {
        let expected = [("rpc", 6123), ("blob", 6124), ("ui", 8081)].map(|(name, port)| (name.to_owned(), port, port));
        assert_eq!(ports(&objects, "main-jobmanager", "jobmanager"), expected);
        assert!(
            selects(&objects, "main-jobmanager", "jobmanager") && !selects(&objects, "main-jobmanager", "taskmanager")
        );
        assert!(objects.files()[file].contains("jobmanager.rpc.address: main-jobmanager\n"));
    }
}

#[test]
fn an_election_takes_the_place_of_the_service() {
    for objects in [session("1.20", HIGHLY_AVAILABLE), application("1.20", HIGHLY_AVAILABLE)] {
        assert!(objects.find("Service", "main-jobmanager").is_none());
        assert!(!objects.files()["config.yaml"].contains("jobmanager.rpc.address"));
        assert_eq!(ports(&objects, "main-rest", "jobmanager"), [("ui".to_owned(), 8081, 8081)]);
    }
}

#[test]
fn the_rest_service_has_the_type_that_was_asked_for() {
    let plain = session("1.20", "");
    assert_eq!(text(plain.get("Service", "main-rest"), "/spec/type"), "ClusterIP");
    assert!(selects(&plain, "main-rest", "jobmanager") && !selects(&plain, "main-rest", "taskmanager"));
    let open =
        session("1.20", "rest { type = NodePort, node_port = 30081, annotations { \"example.com/a\" = \"b\" } }");
    let rest = open.get("Service", "main-rest");
    assert_eq!(text(rest, "/spec/type"), "NodePort");
    assert_eq!(at(rest, "/spec/ports/0/nodePort"), 30081);
    assert_eq!(*at(rest, "/metadata/annotations"), json!({ "example.com/a": "b" }));
}

#[test]
fn queryable_state_is_served_where_asked_for() {
    assert!(session("1.20", "").find("Service", "main-queryable-state").is_none());
    let objects = session("1.20", "queryable_state { type = NodePort, node_port = 30025 }");
    assert_eq!(ports(&objects, "main-queryable-state", "taskmanager"), [("query-state".to_owned(), 6125, 6125)]);
    assert_eq!(at(objects.get("Service", "main-queryable-state"), "/spec/ports/0/nodePort"), 30025);
    assert!(selects(&objects, "main-queryable-state", "taskmanager"));
    assert!(objects.files()["config.yaml"].contains("queryable-state.enable: \"true\"\n"));
}

#[test]
fn the_ingress_leads_to_the_ui() {
    let body = "ingress { host = \"ui.example.com\", tls = \"tls\", class = \"nginx\", annotations { a = \"b\" } }";
    let objects = application("2.1", body);
    let ingress = objects.get("Ingress", "main-ingress");
    assert_eq!(*at(ingress, "/metadata/annotations"), json!({ "a": "b" }));
    assert_eq!(text(ingress, "/spec/ingressClassName"), "nginx");
    assert_eq!(*at(ingress, "/spec/tls"), json!([{ "hosts": ["ui.example.com"], "secretName": "tls" }]));
    let backend = at(ingress, "/spec/rules/0/http/paths/0/backend/service");
    let service = objects.get("Service", text(backend, "/name"));
    assert!(list(service, "/spec/ports").iter().any(|port| port["name"] == backend["port"]["name"]));
    assert_eq!(text(ingress, "/spec/rules/0/host"), "ui.example.com");

    let plain = session("2.1", "ingress.host = \"ui.example.com\"");
    let spec = at(plain.get("Ingress", "main-ingress"), "/spec");
    assert!(spec.get("tls").is_none() && spec.get("ingressClassName").is_none());
}

/// The reporter's port, as the configuration says.
fn reporter(objects: &Objects) -> u64 {
    let options: BTreeMap<String, String> =
        serde_yaml::from_str(objects.files()["config.yaml"]).expect("the file is YAML");
    let factory = &options["metrics.reporter.prom.factory.class"];
    assert_eq!(factory, "org.apache.flink.metrics.prometheus.PrometheusReporterFactory");
    options["metrics.reporter.prom.port"].parse().expect("a port is a number")
}

#[test]
fn a_service_monitor_scrapes_the_reporters_port() {
    let body = "monitoring { port = 9300, interval = 15s, labels { release = \"prometheus\" } }";
    for objects in [session("1.20", body), application("1.20", body)] {
        let monitor = objects.get("ServiceMonitor", "main-monitor");
        assert_eq!(text(monitor, "/metadata/labels/release"), "prometheus");
        assert_eq!(*at(monitor, "/spec/endpoints"), json!([{ "port": "metrics", "interval": "15s" }]));

        let service = objects.get("Service", "main-metrics");
        let selector = at(monitor, "/spec/selector/matchLabels").as_object().expect("a map");
        let is_selected =
            |object: &Value| selector.iter().all(|(label, value)| object["metadata"]["labels"][label] == *value);
        let services = objects.all().iter().filter(|object| object["kind"] == "Service" && is_selected(object));
        assert_eq!(services.collect::<Vec<_>>(), [service], "no pod is scraped twice");
        assert_eq!(text(service, "/spec/clusterIP"), "None", "a virtual address would scrape one pod of many");
        for part in ["jobmanager", "taskmanager"] {
            assert_eq!(ports(&objects, "main-metrics", part), [("metrics".to_owned(), 9300, reporter(&objects))]);
            assert!(selects(&objects, "main-metrics", part));
        }
    }
}

#[test]
fn a_pod_monitor_needs_no_service() {
    let objects = session("1.20", "monitoring.kind = PodMonitor");
    assert!(objects.find("Service", "main-metrics").is_none());
    let monitor = objects.get("PodMonitor", "main-monitor");
    let selector = at(monitor, "/spec/selector/matchLabels").as_object().expect("a map");
    for part in ["jobmanager", "taskmanager"] {
        let labels = at(objects.pod(part), "/metadata/labels");
        assert!(selector.iter().all(|(label, value)| labels.get(label) == Some(value)));
        let port = text(monitor, "/spec/podMetricsEndpoints/0/port");
        assert_eq!(objects.ports(part)[port], reporter(&objects));
    }
}

#[test]
fn prometheus_without_an_operator_gets_the_service_alone() {
    let objects = session("1.20", "monitoring.kind = none");
    assert!(objects.find("Service", "main-metrics").is_some());
    assert!(objects.all().iter().all(|object| !text(object, "/apiVersion").starts_with("monitoring.coreos.com")));
}

/// The ports that a policy opens to others than the cluster's own pods, each with its peers.
fn opened(body: &str) -> Vec<(String, Value)> {
    let objects = session("1.20", &format!("network_policy {{}}\n{body}"));
    let policy = at(objects.get("NetworkPolicy", "main-network"), "/spec").clone();
    assert_eq!(policy["policyTypes"], json!(["Ingress"]));
    let own = &policy["podSelector"];
    let labels = |part: &str| at(objects.pod(part), "/metadata/labels").clone();
    for part in ["jobmanager", "taskmanager"] {
        let wanted = own["matchLabels"].as_object().expect("a map");
        assert!(wanted.iter().all(|(label, value)| labels(part)[label] == *value));
    }
    let rules = list(&policy, "/ingress");
    assert_eq!(
        rules[0],
        json!({ "from": [{ "podSelector": own }] }),
        "the cluster's pods reach one another on all ports"
    );
    let open = rules[1..].iter();
    open.map(|rule| (text(rule, "/ports/0/port").to_owned(), rule.get("from").cloned().unwrap_or_default())).collect()
}

#[test]
fn a_network_policy_opens_what_is_asked_for() {
    assert!(session("1.20", "").find("NetworkPolicy", "main-network").is_none());
    assert_eq!(opened(""), []);
    let everybody = |port: &str| (port.to_owned(), Value::Null);
    let all = "ingress.host = \"a.example.com\"\nmonitoring {}\nqueryable_state {}";
    assert_eq!(opened(all), [everybody("ui"), everybody("metrics"), everybody("query-state")]);
    assert_eq!(opened("rest.type = LoadBalancer"), [everybody("ui")]);
    let peer = json!([{ "namespaceSelector": { "matchLabels": { "team": "a" } } }]);
    let chosen = "network_policy.ui = [{ namespaceSelector.matchLabels = { team = \"a\" } }]";
    assert_eq!(opened(chosen), [("ui".to_owned(), peer)]);
    assert_eq!(opened("monitoring {}\nnetwork_policy.metrics = []"), []);
}
