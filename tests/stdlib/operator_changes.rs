//! The rules about changes of the operator's resources, against what its own classes say of the same ones.

use flinkc::core::{Cost, EnvironmentId};
use flinkc::diagnostic::Diagnostics;
use flinkc::eval::{Evaluator, Versions, plain};
use flinkc::host::MemoryHost;
use flinkc::modules::{self, RootModule, WithStandard};
use flinkc::schema::Api;
use flinkc::source::Files;
use flinkc::{kinds, types, yaml};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What `tests/tools/operator/Changes.java` printed.
const CHANGES: &str = include_str!("../data/operator-changes.txt");
/// What `tests/tools/operator/Annotations.java` printed, of a newer operator.
const ANNOTATIONS: &str = include_str!("../data/operator-annotations.txt");

/// Where the rules say something else than the operator's comparison, and why: the base, the path, the comparison's
/// word, and the rules'.
const OTHERWISE: &[(&str, &str, &str, Cost, &str)] = &[
    ("application", "mode", "UPGRADE", Cost::Recreate, "its validator refuses it"),
    ("session", "mode", "UPGRADE", Cost::Recreate, "its validator refuses it"),
    ("job", "deploymentName", "UPGRADE", Cost::Recreate, "its validator refuses it"),
    ("session", "taskManager/replicas", "SCALE", Cost::Interrupt, "operators up to 1.15 make the cluster anew"),
    (
        "session",
        "flinkConfiguration/pipeline.jobvertex-parallelism-overrides",
        "SCALE",
        Cost::Interrupt,
        "there is no job",
    ),
    ("job", "job/parallelism", "SCALE", Cost::Restart, "in place needs the reactive mode, and no session has it"),
    (
        "job",
        "flinkConfiguration/pipeline.jobvertex-parallelism-overrides",
        "SCALE",
        Cost::Restart,
        "in place needs the adaptive scheduler, which is the cluster's to say",
    ),
    (
        "application",
        "flinkConfiguration/pipeline.jobvertex-parallelism-overrides",
        "SCALE",
        Cost::Restart,
        "not in place where a part loses its number",
    ),
    ("application", "restartNonce", "UPGRADE", Cost::Nothing, "newer operators ignore that it is taken away"),
    ("session", "restartNonce", "UPGRADE", Cost::Nothing, "newer operators ignore that it is taken away"),
    ("job", "restartNonce", "UPGRADE", Cost::Nothing, "newer operators ignore that it is taken away"),
];

/// A change of one field.
struct Change {
    base: &'static str,
    standalone: bool,
    path: String,
    before: Value,
    after: Value,
    said: &'static str,
}

/// The library's rules, ready to be asked.
struct Rules<'p> {
    evaluator: Evaluator<'p>,
    bases: BTreeMap<&'static str, Value>,
}

impl Rules<'_> {
    /// The worst that a change does.
    fn cost(&mut self, change: &Change) -> Cost {
        let versions = [&change.before, &change.after].map(|value| self.object(change, value));
        let mut paths = BTreeSet::new();
        let path: Vec<String> = ["spec"].into_iter().chain(change.path.split('/')).map(str::to_owned).collect();
        leaves(&path, &change.before, &mut paths);
        leaves(&path, &change.after, &mut paths);
        let paths: Vec<Vec<String>> = paths.into_iter().collect();
        let [before, after] = versions.map(|object| plain(&serde_yaml::to_value(object).expect("JSON is YAML")));
        let kind = kind_of(change.base);
        let versions = Versions { api_version: "flink.apache.org/v1beta1", kind, before: &before, after: &after };
        let mut sink = Diagnostics::default();
        let found = self.evaluator.consequences(EnvironmentId(0), versions, &paths, &mut sink);
        assert!(sink.finish(&[]).is_empty(), "{}", change.path);
        let costs = found.into_iter().map(|found| found.unwrap_or_else(|| panic!("{} has a rule", change.path)).cost);
        costs.max().unwrap_or_else(|| panic!("{} changes something", change.path))
    }

    fn object(&self, change: &Change, value: &Value) -> Value {
        let mut spec = self.bases[change.base].clone();
        if change.base != "job" {
            spec["mode"] = json!(if change.standalone { "standalone" } else { "native" });
        }
        let mut at = &mut spec;
        let mut steps: Vec<&str> = change.path.split('/').collect();
        let last = steps.pop().expect("a path has steps");
        for step in steps {
            at = fields(at).entry(step).or_insert_with(|| json!({}));
        }
        match value {
            Value::Null => _ = fields(at).remove(last),
            value => _ = fields(at).insert(last.to_owned(), value.clone()),
        }
        json!({ "apiVersion": "flink.apache.org/v1beta1", "kind": kind_of(change.base), "metadata": { "name": "a" }, "spec": spec })
    }
}

fn fields(value: &mut Value) -> &mut Map<String, Value> {
    value.as_object_mut().expect("what is changed has fields")
}

/// The paths of all values that hold no others.
fn leaves(path: &[String], value: &Value, found: &mut BTreeSet<Vec<String>>) {
    let mut inner = |step: String, value: &Value| {
        let path: Vec<String> = path.iter().cloned().chain([step]).collect();
        leaves(&path, value, found);
    };
    match value {
        Value::Null => {}
        Value::Object(fields) if !fields.is_empty() => fields.iter().for_each(|(key, value)| inner(key.clone(), value)),
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(at, value)| inner(format!("[{at}]"), value));
        }
        Value::Object(_) | Value::Array(_) | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.insert(path.to_vec());
        }
    }
}

fn kind_of(base: &str) -> &'static str {
    if base == "job" { "FlinkSessionJob" } else { "FlinkDeployment" }
}

/// Hands the rules to a test.
fn with_rules(test: impl FnOnce(&mut Rules)) {
    let host = MemoryHost::new([("main.flink", "import std.flink\nenvironment dev {}\n")]);
    let mut files = Files::default();
    let mut sink = Diagnostics::default();
    let host = WithStandard(&host);
    let loaded = modules::load(&host, &RootModule::Directory(String::new()), &mut files, &mut sink);
    let api = Api::with(kinds::declare(&loaded, &mut sink));
    let program = types::check(&loaded, &api, &files, &mut sink);
    let evaluator = Evaluator::new(&program, &files, &host, &api, yaml::yaml);
    test(&mut Rules { evaluator, bases: bases() });
}

/// The lines of the bases have two columns, those of changes six.
fn bases() -> BTreeMap<&'static str, Value> {
    let lines = CHANGES.lines().filter_map(|line| line.split_once('\t'));
    let bases = lines.filter(|(_, rest)| rest.starts_with('{'));
    bases.map(|(name, text)| (name, serde_json::from_str(text).expect("a base is JSON"))).collect()
}

fn changes() -> Vec<Change> {
    let lines = CHANGES.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let value = |text: &str| serde_json::from_str(text).expect("a value is JSON");
    let change = |columns: Vec<&'static str>| match columns[..] {
        [base, mode, path, before, after, said] => {
            let (before, after) = (value(before), value(after));
            Some(Change { base, standalone: mode == "STANDALONE", path: path.to_owned(), before, after, said })
        }
        _ => None,
    };
    lines.filter_map(change).collect()
}

/// Whether a cost is what the operator calls so.
fn is_called(cost: Cost, said: &str, base: &str) -> bool {
    match said {
        "IGNORE" => cost == Cost::Nothing,
        "SCALE" => cost == Cost::Scale,
        "UPGRADE" if base == "session" => cost == Cost::Interrupt,
        "UPGRADE" => cost == Cost::Restart,
        "SAVEPOINT_REDEPLOY" => cost == Cost::Redeploy,
        said => panic!("the operator knows no {said}"),
    }
}

#[test]
fn a_change_is_to_the_operator_what_the_rules_say() {
    with_rules(|rules| {
        let changes = changes();
        assert!(changes.len() > 300, "there are {} changes", changes.len());
        let mut used = BTreeSet::new();
        let mut wrong = Vec::new();
        for change in &changes {
            let cost = rules.cost(change);
            let Change { base, path, before, after, said, .. } = change;
            if is_called(cost, said, base) {
                continue;
            }
            let named =
                OTHERWISE.iter().position(|row| (row.0, row.1, row.2, row.3) == (*base, path.as_str(), *said, cost));
            match named {
                Some(at) => _ = used.insert(at),
                None => wrong.push(format!("{base} {path}: {before} -> {after} is {said}, and not {cost:?}")),
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(used.len(), OTHERWISE.len(), "differences that are none");
    });
}

/// A value of a field, and another one.
fn two_values(path: &str) -> [Value; 2] {
    let nested = |field: &str| [json!({ field: { "a": "b" } }), json!({ field: { "a": "c" } })];
    match path {
        "flinkVersion" => [json!("v1_19"), json!("v1_20")],
        "mode" => [json!("native"), json!("standalone")],
        "job/state" => [json!("running"), json!("suspended")],
        "job/upgradeMode" => [json!("savepoint"), json!("last-state")],
        "job/allowNonRestoredState" => [json!(true), json!(false)],
        path if path.ends_with("overrides") => [json!("a:1"), json!("a:2")],
        "job/args" => [json!(["a"]), json!(["b"])],
        "job/parallelism" | "taskManager/replicas" => [json!(1), json!(2)],
        "ingress" => nested("annotations"),
        "podTemplate" | "taskManager/podTemplate" => nested("labels").map(|labels| json!({ "metadata": labels })),
        "logConfiguration" => [json!({ "logback-console.xml": "a" }), json!({ "logback-console.xml": "b" })],
        "jobManager" => [json!({ "replicas": 1 }), json!({ "replicas": 2 })],
        "taskManager/resource" => [json!({ "memory": "1Gi" }), json!({ "memory": "2Gi" })],
        path if path.ends_with("Nonce") => [json!(1), json!(2)],
        _ => [json!("a"), json!("b")],
    }
}

#[test]
fn a_newer_operators_annotations_are_the_rules() {
    with_rules(|rules| {
        let mut wrong = Vec::new();
        let mut seen = 0;
        for line in ANNOTATIONS.lines() {
            let [kind, mode, path, said] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line} has 4 columns")
            };
            let said = said.trim_start_matches('!');
            let path = path.replace('*', "");
            let [first, second] = two_values(&path);
            let base = if kind == "FlinkSessionJob" { "job" } else { "application" };
            let ignored_without = line.ends_with("!UPGRADE") || line.ends_with("!SAVEPOINT_REDEPLOY");
            let steps =
                [(&first, &second, said), (&second, &Value::Null, if ignored_without { "IGNORE" } else { said })];
            for (before, after, said) in steps {
                let is_given =
                    path == "mode" || path == "flinkVersion" || path == "job/upgradeMode" || path == "job/state";
                if after.is_null() && is_given {
                    continue;
                }
                let standalone = mode == "STANDALONE";
                let change = Change {
                    base,
                    standalone,
                    path: path.clone(),
                    before: before.clone(),
                    after: after.clone(),
                    said: "",
                };
                let cost = rules.cost(&change);
                let named =
                    OTHERWISE.iter().any(|row| (row.0, row.1, row.2, row.3) == (base, path.as_str(), said, cost));
                if !is_called(cost, said, base) && !named {
                    wrong.push(format!("{base} {path}: {before} -> {after} is {said}, and not {cost:?}"));
                }
                seen += 1;
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(seen > 150, "{seen} changes were looked at");
    });
}
