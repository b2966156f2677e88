//! Applications that a second cluster takes over, and the operator's autoscaler.

use crate::operated::{OPERATED, of, of_job};
use crate::operator_mode::operated;
use crate::program::{at, errors, text};
use serde_json::json;
use std::collections::BTreeMap;

#[test]
fn the_template_is_what_an_application_is() {
    for version in OPERATED {
        let body = "checkpoints { storage = \"s3://state/c\", savepoints = \"s3://state/s\" }\nmonitoring {}";
        let both = operated(version, &of_job("blue_green", version, body));
        let one = operated(version, &of_job("application", version, body));
        let template = at(both.get("FlinkBlueGreenDeployment", "main"), "/spec/template");
        assert_eq!(at(template, "/spec"), at(one.get("FlinkDeployment", "main"), "/spec"), "{version}");
        let beside = |kind: &str| both.get(kind, if kind == "Role" { "main" } else { "main-monitor" }).clone();
        assert_eq!(&beside("Role"), one.get("Role", "main"));
        assert_eq!(&beside("ServiceMonitor"), one.get("ServiceMonitor", "main-monitor"));
    }
}

#[test]
fn the_way_in_leads_to_the_cluster_that_runs_the_job() {
    let body = "ingress { host = \"main.example.com\", class = \"nginx\", tls = \"tls\", annotations { a = \"b\" } }";
    let objects = operated("2.1", &format!("{}external Secret tls\n", of_job("blue_green", "2.1", body)));
    let mut ingress = at(objects.get("FlinkBlueGreenDeployment", "main"), "/spec/ingress").clone();
    let labels = ingress["labels"].take();
    assert_eq!(text(&labels, "/app.kubernetes.io~1instance"), "main");
    let expected = json!({
        "template": "main.example.com",
        "className": "nginx",
        "annotations": { "a": "b" },
        "labels": null,
        "tls": [{ "hosts": ["main.example.com"], "secretName": "tls" }],
    });
    assert_eq!(ingress, expected);
    let made = objects.listed();
    assert!(made.iter().all(|object| !object.starts_with("Ingress") && !object.starts_with("Service ")), "{made:?}");
}

#[test]
fn what_cannot_be_taken_over_is_refused() {
    let found = |program: &str| errors(program).into_iter().map(|(line, _)| line).collect::<Vec<_>>();
    assert_eq!(found(&of("blue_green", "2.1", "")).len(), 1, "no job");
    let long = of_job("blue_green", "2.1", "").replace("blue_green main", &format!("blue_green {}", "a".repeat(40)));
    assert_eq!(found(&long).len(), 1, "NAME-green would be too long");
    assert_eq!(found(&long.replace(&"a".repeat(40), &"a".repeat(39))), Vec::<String>::new());
    let open = of_job("blue_green", "2.1", "rest.type = LoadBalancer");
    assert_eq!(found(&open).len(), 1);
    let native = of_job("blue_green", "2.1", "").replace("mode = operator", "mode = native");
    assert_eq!(found(&native).len(), 1);
}

#[test]
fn the_autoscaler_is_told_by_its_options() {
    let scaled = |body: &str| {
        let objects = operated("2.1", &of_job("application", "2.1", body));
        let options = at(objects.get("FlinkDeployment", "main"), "/spec/flinkConfiguration").clone();
        let options: BTreeMap<String, String> = serde_json::from_value(options).expect("options are texts");
        options.into_iter().filter(|(name, _)| name.starts_with("job.")).collect::<BTreeMap<_, _>>()
    };
    let owned = |options: &[(&str, &str)]| -> BTreeMap<String, String> {
        options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let least = [("job.autoscaler.enabled", "true"), ("job.autoscaler.utilization.target", "0.7")];
    assert_eq!(scaled("autoscaler {}"), owned(&least));
    let all = "autoscaler { target = 0.6, least = 0.5, most = 0.8, max_parallelism = 24, min_parallelism = 2, \
               window = 5min, max_scale_down = 0.6, max_scale_up = 2.0, stabilization = 90s, catch_up = 15min, \
               memory_tuning = true, advisory = true }";
    let expected = [
        ("job.autoscaler.catch-up.duration", "900 s"),
        ("job.autoscaler.enabled", "true"),
        ("job.autoscaler.memory.tuning.enabled", "true"),
        ("job.autoscaler.metrics.window", "300 s"),
        ("job.autoscaler.scale-down.max-factor", "0.6"),
        ("job.autoscaler.scale-up.max-factor", "2.0"),
        ("job.autoscaler.scaling.enabled", "false"),
        ("job.autoscaler.stabilization.interval", "90 s"),
        ("job.autoscaler.utilization.max", "0.8"),
        ("job.autoscaler.utilization.min", "0.5"),
        ("job.autoscaler.utilization.target", "0.6"),
        ("job.autoscaler.vertex.max-parallelism", "24"),
        ("job.autoscaler.vertex.min-parallelism", "2"),
    ];
    assert_eq!(scaled(all), owned(&expected));
}

#[test]
fn numbers_of_the_autoscaler_keep_to_their_ranges() {
    let refused = |body: &str| {
        let found = errors(&of_job("application", "2.1", &format!("autoscaler {{ {body} }}")));
        assert!(found.len() <= 1, "{found:?}");
        !found.is_empty()
    };
    for wrong in [
        "target = 1.1",
        "target = -0.1",
        "target = 0.5, least = 0.6",
        "least = -0.1",
        "target = 0.5, most = 0.4",
        "most = 1.1",
        "max_scale_down = -0.1",
        "max_scale_up = -1.0",
        "min_parallelism = 0",
        "max_parallelism = 2, min_parallelism = 3",
        "max_parallelism = 0",
        "window = 14s",
    ] {
        assert!(refused(wrong), "{wrong}");
    }
    for right in [
        "target = 1.0",
        "target = 0.0",
        "target = 0.5, least = 0.5, most = 0.5",
        "least = 0.0, most = 1.0",
        "max_scale_down = 0.0, max_scale_up = 0.0",
        "max_parallelism = 3, min_parallelism = 3",
        "window = 15s",
    ] {
        assert!(!refused(right), "{right}");
    }
}
