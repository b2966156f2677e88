//! The health of Flink's custom resources, as Argo CD judges it by the scripts that `flink.argocd` gives it.
#![cfg(feature = "real")]

use flinkc::driver;
use flinkc::host::MemoryHost;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// An object's status, and what Argo CD shall say of it.
#[derive(Deserialize)]
struct Case {
    kind: String,
    #[serde(default)]
    spec: Value,
    #[serde(default)]
    status: Value,
    health: String,
    /// A part of the message.
    says: String,
}

#[derive(Deserialize)]
struct Answer {
    status: String,
    message: String,
    error: String,
}

/// The scripts as they come out of a program, by kind.
fn scripts() -> BTreeMap<String, String> {
    let program = "import std.flink\nenvironment dev {}\nflink.argocd argocd-cm {}\n";
    let host = MemoryHost::new([("main.flink", program)]);
    let outcome = driver::render_with(&host, "", None, &[], "dev", None);
    let bytes = outcome.value.expect("the program is sound");
    let object: Value = serde_yaml::from_slice(&bytes).expect("render prints YAML");
    assert_eq!(object["metadata"]["name"], "argocd-cm");
    let data = object["data"].as_object().expect("there is data");
    let kind_of = |key: &str| key.strip_prefix("resource.customizations.health.flink.apache.org_").map(str::to_owned);
    data.iter()
        .map(|(key, text)| (kind_of(key).expect("a script"), text.as_str().expect("a text").to_owned()))
        .collect()
}

fn ask(questions: &Value) -> Vec<Answer> {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/argocd");
    let mut command = Command::new("go");
    command.args(["run", "./health"]).current_dir(tool).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("these tests need Go, which builds Argo CD's own health checks");
    let mut input = child.stdin.take().expect("it is piped");
    input.write_all(questions.to_string().as_bytes()).expect("the tool reads all questions");
    drop(input);
    let output = child.wait_with_output().expect("the tool ends");
    assert!(output.status.success(), "the tool answers");
    serde_json::from_slice(&output.stdout).expect("the answers are JSON")
}

#[test]
fn argo_cd_sees_what_a_person_would() {
    let scripts = scripts();
    assert_eq!(scripts.len(), 4, "each kind has a script");
    let cases: Vec<Case> = serde_yaml::from_str(include_str!("health/cases.yaml")).expect("a table of cases");
    let question = |case: &Case| {
        let object = json!({
            "apiVersion": "flink.apache.org/v1beta1",
            "kind": case.kind,
            "metadata": { "name": "main", "generation": 2 },
            "spec": case.spec,
            "status": case.status,
        });
        json!({ "script": scripts[&case.kind], "object": object })
    };
    let questions: Vec<Value> = cases.iter().map(question).collect();
    let answers = ask(&Value::Array(questions));
    assert_eq!(answers.len(), cases.len());
    for (case, answer) in cases.iter().zip(&answers) {
        let what = format!("{} {}", case.kind, case.status);
        assert_eq!(answer.error, "", "{what}");
        assert_eq!(answer.status, case.health, "{what}: {}", answer.message);
        assert!(answer.message.contains(&case.says), "{what}: {}", answer.message);
    }
    for kind in scripts.keys() {
        for health in ["Healthy", "Progressing", "Degraded"] {
            let found = cases.iter().any(|case| case.kind == *kind && case.health == health);
            assert!(found, "{kind} has a case that is {health}");
        }
    }
}
