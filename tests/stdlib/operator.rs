//! The rules about the Flink Kubernetes operator's resources, against what its own validator said of the same ones.

use flinkc::diagnostic::Severity;
use flinkc::driver;
use flinkc::host::MemoryHost;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What `tests/tools/operator/Validator.java vectors` printed.
const VECTORS: &str = include_str!("../data/operator-validator.txt");

/// What this library refuses beyond the validator of operator 1.7, by a part of its message, and why.
const STRICTER: &[(&str, &str)] = &[
    ("no longer supports `flinkVersion`", "newer operators refuse Flink 1.13 and 1.14"),
    ("takes the name of a class", "Flink would look for a class that is called so"),
];

/// What the validator refuses and this library does not, by the kind and a part of its answer, and why.
const LATER_ACCEPTED: &[(&str, &str, &str)] = &[
    ("FlinkDeployment", "last-state while HA disabled", "operator 1.10 cancels such a job and takes its checkpoint"),
    ("FlinkSessionJob", "LAST_STATE upgrade mode is not supported", "operator 1.10 supports it"),
];

struct Vector {
    /// As it was written.
    text: &'static str,
    object: Value,
    /// What the validator said; nothing where it was content.
    answer: Option<&'static str>,
}

fn vectors() -> Vec<Vector> {
    let mut answers: BTreeMap<&str, &str> = BTreeMap::new();
    let mut bases: BTreeMap<&str, Value> = BTreeMap::new();
    let mut vectors = Vec::new();
    for line in VECTORS.lines() {
        if let Some(answer) = line.strip_prefix("answer ") {
            let (number, said) = answer.split_once(' ').expect("a number stands before an answer");
            answers.insert(number, said);
        } else if let Some(base) = line.strip_prefix("base ") {
            let (name, object) = base.split_once(' ').expect("a base has a name");
            bases.insert(name, serde_json::from_str(object).expect("a base is JSON"));
        } else {
            let (text, verdict) = line.split_once(" -> ").expect("an arrow stands before the verdict");
            let mut changes = text.split("; ");
            let base = changes.next().expect("a vector has a base");
            let mut object = bases[base].clone();
            object["kind"] = kind_of(&object).into();
            changes.for_each(|change| apply(&mut object, change));
            let answer = (verdict != "ok").then(|| answers[verdict]);
            vectors.push(Vector { text, object, answer });
        }
    }
    vectors
}

fn kind_of(object: &Value) -> &'static str {
    match object["spec"].get("deploymentName") {
        Some(_) => "FlinkSessionJob",
        None => "FlinkDeployment",
    }
}

/// `job/parallelism=0`, in the spec; `/metadata/name="a"`, in the whole; `null` takes away.
fn apply(object: &mut Value, change: &str) {
    let (path, value) = change.split_once('=').expect("a change has a value");
    let path = path.strip_prefix('/').map_or_else(|| format!("spec/{path}"), str::to_owned);
    let (way, last) = path.rsplit_once('/').expect("a path leads into something");
    let mut at = object;
    for step in way.split('/') {
        let fields = fields(at);
        at = fields.entry(step).or_insert_with(|| json!({}));
        if !at.is_object() {
            *at = json!({});
        }
    }
    match serde_json::from_str(value).expect("a value is JSON") {
        Value::Null => fields(at).remove(last),
        value => fields(at).insert(last.to_owned(), value),
    };
}

fn fields(value: &mut Value) -> &mut Map<String, Value> {
    value.as_object_mut().expect("what is changed has fields")
}

/// A value as a program says it.
fn literal(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let entries = fields.iter().map(|(key, value)| format!("{} = {}", json!(key), literal(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

fn resource(label: &str, object: &Value) -> String {
    let name = object["metadata"].get("name").map_or_else(|| label.to_owned(), |name| name.to_string());
    let name = name.trim_matches('"');
    let (kind, spec) = (kind_of(object), literal(&object["spec"]));
    format!("resource flink.apache.org/v1beta1 {kind} {label} {{ metadata.name = \"{name}\", spec = {spec} }}\n")
}

/// What is wrong with each vector.
fn refusals(vectors: &[Vector]) -> Vec<Vec<String>> {
    let mut program: String =
        vectors.iter().enumerate().map(|(at, vector)| resource(&format!("c{at}"), &vector.object)).collect();
    program.push_str("import std.flink\nenvironment dev {}\n");
    program.push_str("external ServiceAccount flink\nexternal FlinkDeployment elsewhere\n");
    for cluster in ["sessions", "sessions-stateful", "app"] {
        let base = vectors.iter().find(|vector| vector.text == cluster).expect("each base is a vector");
        program.push_str(&resource(cluster, &base.object));
    }
    let host = MemoryHost::new([("main.flink", program.as_str())]);
    let outcome = driver::check_with(&host, "", None, &[]);
    let mut refusals = vec![Vec::new(); vectors.len()];
    for diagnostic in outcome.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error) {
        let span = diagnostic.primary.as_ref().expect("there is a text at fault").span;
        let file = outcome.files.get(span.file);
        let line = file.line_column(span.start()).0 - 1;
        let said = diagnostic.message.clone();
        refusals.get_mut(line).unwrap_or_else(|| panic!("{}:{line}: {said}", file.name)).push(said);
    }
    refusals
}

#[test]
fn what_the_operator_refuses_is_refused() {
    let vectors = vectors();
    let refusals = refusals(&vectors);
    let mut wrong = Vec::new();
    let (mut agreed, mut accepted, mut later, mut stricter) =
        (BTreeMap::new(), 0, BTreeSet::new(), BTreeSet::new());
    for (vector, refusals) in vectors.iter().zip(&refusals) {
        match vector.answer {
            Some(answer) if !refusals.is_empty() => *agreed.entry(answer).or_insert(0) += 1,
            Some(answer) => {
                let kind = kind_of(&vector.object);
                let known = |(of, part, _): &&(&str, &str, &str)| *of == kind && answer.contains(part);
                match LATER_ACCEPTED.iter().find(known) {
                    Some(known) => _ = later.insert(known.1),
                    None => wrong.push(format!("{}: the validator says {answer}", vector.text)),
                }
            }
            None if refusals.is_empty() => accepted += 1,
            None => {
                for refusal in refusals {
                    match STRICTER.iter().find(|(part, _)| refusal.contains(part)) {
                        Some((part, _)) => _ = stricter.insert(*part),
                        None => wrong.push(format!("{}: only here: {refusal}", vector.text)),
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), wrong.join("\n"));
}
