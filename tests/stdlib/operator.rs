//! The rules about the Flink Kubernetes operator's resources, against what its own validator said of the same ones.

use flinkc::diagnostic::Severity;
use flinkc::driver;
use flinkc::host::MemoryHost;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What `tests/tools/operator/Validator.java vectors` printed.
const VECTORS: &str = include_str!("../data/operator-validator.txt");

/// What this library refuses beyond that validator, by a part of its message, and why.
const STRICTER: &[(&str, &str)] = &[
    ("no longer supports `flinkVersion`", "newer operators refuse Flink 1.13 and 1.14"),
    ("which Flink takes for the name of a class", "Flink would look for a class that is called so"),
    ("nothing says where it keeps its data", "Flink refuses high availability without a directory when it starts"),
    ("cannot be divided", "the validator does not look at the parts of memory where the resource gives the whole"),
    ("cannot read the memory", "sizes that only the operator could read"),
    ("cannot read the ephemeral storage", "negative amounts, and exponents"),
    ("which leaves no slots", "no job would ever run"),
    ("CPUs", "Kubernetes and Flink refuse a process without a CPU"),
    ("`taskmanager.cpu.cores` is", "the validator does not look at it where the resource gives the memory"),
    ("no address can be made of the ingress template", "a URL that is no address of an Ingress"),
    ("cannot both be set", "the operator fails when it writes the nested configuration of Flink 2"),
    ("is set twice", "one of the two would be lost"),
    (" takes ", "Flink cannot read the value when it starts"),
    ("refers to the ServiceAccount ``", "no ServiceAccount is called so"),
    ("the Flink operator refuses `job.autoscaler.", "ranges that newer operators check"),
    ("cannot read the period", "periods that newer operators check"),
    ("the Flink operator fetches", "operator 1.15 looks at jars of session jobs"),
    ("`jarURI` is no URI", "operator 1.15 looks at jars of session jobs"),
    ("without a directory for", "newer operators read the session job's own configuration"),
    ("the Flink operator wants the job's `parallelism`", "the validator asks where it knows the cluster"),
    ("refuses the parallelism", "the validator asks where it knows the cluster"),
];

/// What the validator refuses and this library does not, by the kind and a part of its answer, and why.
const ACCEPTED: &[(&str, &str, &str)] = &[
    ("FlinkDeployment", "last-state while HA disabled", "operator 1.10 cancels such a job and takes its checkpoint"),
    ("FlinkSessionJob", "LAST_STATE upgrade mode is not supported", "operator 1.10 supports it"),
    ("FlinkSessionJob", "must be defined for last-state and savepoint", "a policy does not see the cluster"),
    ("FlinkSessionJob", "is not set", "a policy does not see the cluster"),
    ("FlinkSessionJob", "to application cluster", "a policy does not see the cluster"),
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
        let Some(primary) = &diagnostic.primary else { panic!("{}", diagnostic.message) };
        let span = primary.span;
        let file = outcome.files.get(span.file);
        let line = file.line_column(span.start()).0 - 1;
        let said = diagnostic.message.clone();
        let refused = refusals.get_mut(line).filter(|_| file.name == "main.flink");
        refused.unwrap_or_else(|| panic!("{}:{line}: {said}", file.name)).push(said);
    }
    refusals
}

/// What both make of the vectors.
#[derive(Default)]
struct Comparison {
    accepted: usize,
    /// By the validator's answer, how often both refuse, and how often only it does.
    refused: BTreeMap<&'static str, (usize, usize)>,
    /// Which of the named differences there are.
    stricter: BTreeSet<&'static str>,
    milder: BTreeSet<&'static str>,
    /// Differences that have no name.
    wrong: Vec<String>,
}

impl Comparison {
    fn note(&mut self, vector: &Vector, refusals: &[String]) {
        let Some(answer) = vector.answer else {
            self.accepted += usize::from(refusals.is_empty());
            return refusals.iter().for_each(|refusal| self.only_here(vector, refusal));
        };
        let (both, only_there) = self.refused.entry(answer).or_default();
        if !refusals.is_empty() {
            *both += 1;
            return;
        }
        *only_there += 1;
        let kind = kind_of(&vector.object);
        match ACCEPTED.iter().find(|(of, part, _)| *of == kind && answer.contains(part)) {
            Some((_, part, _)) => _ = self.milder.insert(part),
            None => self.wrong.push(format!("{}: only the validator: {answer}", vector.text)),
        }
    }

    fn only_here(&mut self, vector: &Vector, refusal: &str) {
        match STRICTER.iter().find(|(part, _)| refusal.contains(part)) {
            Some((part, _)) => _ = self.stricter.insert(part),
            None => self.wrong.push(format!("{}: only here: {refusal}", vector.text)),
        }
    }
}

#[test]
fn what_the_operator_refuses_is_refused() {
    let vectors = vectors();
    let mut found = Comparison::default();
    for (vector, refusals) in vectors.iter().zip(refusals(&vectors)) {
        found.note(vector, &refusals);
    }
    assert!(found.wrong.is_empty(), "{} differences:\n{}", found.wrong.len(), found.wrong.join("\n"));
    let unused = |part: &&str| !found.stricter.contains(part) && !found.milder.contains(part);
    let named = STRICTER.iter().map(|(part, _)| *part).chain(ACCEPTED.iter().map(|(_, part, _)| *part));
    assert_eq!(named.filter(unused).collect::<Vec<_>>(), Vec::<&str>::new(), "differences that are none");
    let both: usize = found.refused.values().map(|(both, _)| both).sum();
    assert!(found.accepted > 600 && both > 700, "{} are accepted, {both} refused", found.accepted);
    for (answer, (both, only_there)) in &found.refused {
        let accepted_since = ["HA disabled", "LAST_STATE"].iter().any(|part| answer.contains(part));
        assert!(*both > 0 || accepted_since, "{only_there} of {answer}, and none of them is refused");
    }
}
