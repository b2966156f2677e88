//! The embedded types against objects that nobody here wrote: the module k8s.io/api carries one object with every field
//! set for each kind of each built-in group, of the newest release and of those before it.
//!
//! Each object is gone through with the definition of its kind at its version, in both directions: the definition knows
//! every field that is there, and every field that the definition knows is there. What is left out on purpose is listed
//! below with its reason.
#![cfg(feature = "real")]

use flinkc::diagnostic::Code;
use flinkc::driver;
use flinkc::host::MemoryHost;
use flinkc::schema::{Api, FieldType, Lifetime, Version};
use serde_yaml::{Mapping, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The release that carries the objects; its `HEAD` is of the newest known version.
const RELEASE: &str = "v0.37.2";

/// Kinds that no object of a cluster has: requests and answers, which are posted or returned and never kept.
const NOT_KEPT: &[&str] = &[
    "APIGroup",
    "APIGroupDiscovery",
    "APIVersions",
    "AdmissionReview",
    "Binding",
    "CreateOptions",
    "DeleteOptions",
    "DeploymentRollback",
    "Eviction",
    "GetOptions",
    "ImageReview",
    "JobTemplate",
    "ListOptions",
    "LocalSubjectAccessReview",
    "NodeProxyOptions",
    "PatchOptions",
    "PodAttachOptions",
    "PodExecOptions",
    "PodLogOptions",
    "PodPortForwardOptions",
    "PodProxyOptions",
    "PodStatusResult",
    "RangeAllocation",
    "Scale",
    "SelfSubjectAccessReview",
    "SelfSubjectReview",
    "SelfSubjectRulesReview",
    "SerializedReference",
    "ServiceProxyOptions",
    "Status",
    "SubjectAccessReview",
    "TokenRequest",
    "TokenReview",
    "UpdateOptions",
];

/// Alpha versions that were removed before 1.33, which the module still has without saying that they were.
const REMOVED_WITHOUT_A_MARK: &[&str] =
    &["node.k8s.io/v1alpha1", "rbac.authorization.k8s.io/v1alpha1", "scheduling.k8s.io/v1alpha1"];

/// Kinds that have no object although the API has them.
const WITHOUT_OBJECT: &[(&str, &str)] = &[
    // Of other modules than k8s.io/api.
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ("apiregistration.k8s.io/v1", "APIService"),
    // Left out of the objects of that release.
    ("storagemigration.k8s.io/v1alpha1", "StorageVersionMigration"),
];

/// Fields that hold their own type again, and are left out where that would not end.
const RECURSIVE: &[&str] = &["compositePodGroupTemplates"];

/// What was found in one version's objects.
#[derive(Debug, Default)]
struct Tally {
    objects: usize,
    fields: usize,
    /// Kinds that were passed over, with the reason.
    passed_over: BTreeMap<String, &'static str>,
    /// Values of closed sets that are made of the field's name, and by how many fields.
    synthetic: BTreeMap<String, usize>,
    problems: Vec<String>,
}

/// Where an object is being looked at.
struct Walk<'a> {
    version: Version,
    tally: &'a mut Tally,
    path: Vec<String>,
}

#[test]
fn objects_of_every_kind_fit_their_definitions() {
    let directory = testdata();
    for version in Version::all() {
        let mut tally = Tally::default();
        look_at(&directory.join(directory_of(version)), version, &mut tally);
        let Tally { objects, fields, passed_over, synthetic, problems } = tally;
        println!("{version}: {objects} objects, {fields} fields, {} kinds passed over", passed_over.len());
        println!("  {passed_over:?}\n  {} closed sets with made-up values", synthetic.len());
        assert!(problems.is_empty(), "{version}:\n{}", problems.join("\n"));
        assert!(objects > 70 && fields > 10_000, "{version}: the objects were not found");
    }
}

/// Each object, as a program of flinkc for a cluster of its version, passes all that `flinkc check` does. Its texts are made up
/// and its names are no names, so that these are replaced first: values of closed sets, quantities, names, metadata.
#[test]
fn programs_of_the_objects_check_clean() {
    let directory = testdata();
    for version in Version::all() {
        let mut programs = 0;
        let mut problems = Vec::new();
        for object in objects(&directory.join(directory_of(version))) {
            let Some(program) = program(&object, version) else { continue };
            programs += 1;
            let host = MemoryHost::new([("main.flink", program)]);
            for found in driver::check_with(&host, "", None, &[]).diagnostics {
                // What an object names is not there: there is nothing but the object. Some kinds are deprecated.
                // All containers of a pod got one name, and each has a port, so that they look like one with several.
                let made_up = found.message == "the container `name` has two ports named `name`";
                if !matches!(found.code, Code::BrokenLink | Code::Deprecated) && !made_up {
                    problems.push(format!("{:?} {:?}: {}", object["apiVersion"], object["kind"], found.message));
                }
            }
        }
        println!("{version}: {programs} programs");
        assert!(programs > 70, "{version}: the objects were not found");
        assert!(problems.is_empty(), "{version}:\n{}", problems.join("\n"));
    }
}

/// An object as a program; none where its version has no such kind.
fn program(object: &Mapping, version: Version) -> Option<String> {
    let (api_version, kind) = (object["apiVersion"].as_str()?, object["kind"].as_str()?);
    let known = Api::kubernetes().kind(api_version, kind).filter(|known| known.lifetime.has(version))?;
    let definition = Api::kubernetes().definition(known.definition)?;
    let fields = object.iter().filter_map(|(key, value)| {
        let field = definition.field(key.as_str()?).filter(|field| field.name != "metadata" && !field.status)?;
        Some(format!("  \"{}\" = {}\n", field.name, literal(value, &field.ty)))
    });
    let fields: String = fields.collect();
    let environment = format!("environment only {{ kubernetes = \"{version}\" }}");
    Some(format!("{environment}\nresource {api_version} {kind} a {{\n{fields}}}\n"))
}

/// The directory of a version's objects.
fn directory_of(version: Version) -> String {
    if version == Version::NEWEST { "HEAD".to_string() } else { format!("v{version}.0") }
}

/// A value as a program writes it, with what is made up replaced by what the type takes.
fn literal(value: &Value, ty: &FieldType) -> String {
    let quoted = |text: &str| serde_json::to_string(text).expect("a text");
    match (value, ty) {
        (_, FieldType::Enum(values)) => quoted(&values[0]),
        (_, FieldType::Quantity) => quoted("1"),
        (Value::Sequence(items), FieldType::List(item)) => {
            let items: Vec<String> = items.iter().map(|value| literal(value, item)).collect();
            format!("[{}]", items.join(", "))
        }
        (Value::Sequence(items), FieldType::Keyed { item, .. }) => {
            let items: Vec<String> = items.iter().map(|value| record(value, item)).collect();
            format!("[{}]", items.join(", "))
        }
        (Value::Mapping(map), FieldType::Map(inner)) => {
            let entries = map
                .iter()
                .map(|(key, value)| format!("{} = {}", quoted(key.as_str().expect("a text")), literal(value, inner)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        (Value::Mapping(_), FieldType::Record(definition)) => record(value, definition),
        // `nameValue` is no DNS label.
        (Value::String(text), _) => quoted(&text.replace("nameValue", "name")),
        (other, _) => serde_json::to_string(other).expect("a value").replace(':', " ="),
    }
}

/// A record as a program writes it.
fn record(value: &Value, definition: &str) -> String {
    let known = Api::kubernetes().definition(definition).expect("a reference leads to a definition");
    let entries = value.as_mapping().into_iter().flatten().filter_map(|(key, value)| {
        let field = known.field(key.as_str()?)?;
        Some(format!("\"{}\" = {}", field.name, literal(value, &field.ty)))
    });
    format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
}

/// The objects of a directory, in the order of their files' names.
fn objects(directory: &Path) -> Vec<Mapping> {
    // An `after_roundtrip` is what another release's types leave of an object; a WatchEvent is a message about one.
    let other = |name: &str| name.contains(".after_roundtrip.") || name.contains("WatchEvent");
    let entries = std::fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> = entries
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).expect("a plain name");
            name.ends_with(".yaml") && !other(name)
        })
        .collect();
    paths.sort();
    let read = |path| serde_yaml::from_str(&std::fs::read_to_string(path).expect("a file")).expect("YAML");
    paths.iter().map(read).collect()
}

fn testdata() -> PathBuf {
    let output = Command::new("go")
        .args(["mod", "download", "-json", &format!("k8s.io/api@{RELEASE}")])
        .output()
        .expect("the go command runs");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("an answer in JSON");
    Path::new(answer["Dir"].as_str().expect("the module can be had")).join("testdata")
}

fn look_at(directory: &Path, version: Version, tally: &mut Tally) {
    let api = Api::kubernetes();
    let mut seen = Vec::new();
    for object in objects(directory) {
        let word = |key: &str| object[key].as_str().expect("a text").to_string();
        let (api_version, kind) = (word("apiVersion"), word("kind"));
        let name = format!("{api_version} {kind}");
        let known = api.kind(&api_version, &kind).filter(|known| known.lifetime.has(version));
        let Some(known) = known else {
            let removed = api.lifecycle(&api_version, &kind).and_then(|lifecycle| lifecycle.removed);
            match removed.is_some_and(|removed| removed <= version) {
                true => drop(tally.passed_over.insert(name, "removed")),
                false if REMOVED_WITHOUT_A_MARK.contains(&&*api_version) => {
                    tally.passed_over.insert(name, "removed without a mark");
                }
                false if NOT_KEPT.contains(&&*kind) => drop(tally.passed_over.insert(name, "not kept")),
                false => tally.problems.push(format!("{name} is not known")),
            }
            continue;
        };
        tally.objects += 1;
        let mut walk = Walk { version, tally, path: vec![name] };
        walk.record(&object, known.definition, true);
        seen.push((api_version, kind));
    }
    for (api_version, kind) in api.kinds() {
        let known = api.kind(api_version, kind).is_some_and(|kind| kind.lifetime.has(version));
        if known
            && !WITHOUT_OBJECT.contains(&(api_version, kind))
            && !seen.iter().any(|(seen, of)| (seen.as_str(), of.as_str()) == (api_version, kind))
        {
            tally.problems.push(format!("{api_version} {kind} is known, but there is no object of it"));
        }
    }
}

impl Walk<'_> {
    fn problem(&mut self, what: &str) {
        let path = self.path.join(".");
        self.tally.problems.push(format!("{path}: {what}"));
    }

    fn record(&mut self, map: &Mapping, definition: &str, top: bool) {
        let definition = Api::kubernetes().definition(definition).expect("a reference leads to a definition");
        for (key, value) in map {
            let key = key.as_str().expect("fields have names");
            if top && matches!(key, "apiVersion" | "kind") {
                continue;
            }
            self.path.push(key.to_string());
            match definition.field(key) {
                Some(field) if field.versions.lifetime.has(self.version) => {
                    self.tally.fields += 1;
                    self.value(value, &field.ty, key);
                }
                Some(_) => self.problem("is said to be unknown to this version"),
                None => self.problem("is no field"),
            }
            self.path.pop();
        }
        for field in &definition.fields {
            let known = field.versions.lifetime.has(self.version);
            let left_out = RECURSIVE.contains(&&*field.name);
            if known && !left_out && !map.contains_key(field.name.as_str()) {
                let required = field.required
                    || field.versions.required.is_some_and(|lifetime: Lifetime| lifetime.has(self.version));
                let what =
                    format!("`{}` is said to be a {} field", field.name, if required { "required" } else { "known" });
                self.problem(&what);
            }
        }
    }

    fn value(&mut self, value: &Value, ty: &FieldType, field: &str) {
        let fits = match (ty, value) {
            (FieldType::Nullable(_) | FieldType::Any, _)
            | (
                FieldType::String | FieldType::Quantity | FieldType::Duration | FieldType::IntOrString,
                Value::String(_),
            )
            | (FieldType::Bool, Value::Bool(_)) => true,
            // A point in time that is not set is written as null in a map, where it cannot be left out.
            (FieldType::String, Value::Null) => field == "disruptedPods",
            (FieldType::IntOrString | FieldType::Int | FieldType::Quantity, Value::Number(number)) => number.is_i64(),
            (FieldType::Float, Value::Number(_)) => true,
            (FieldType::Enum(values), Value::String(text)) => {
                // Every text is the name of its field and `Value`, whatever the API takes.
                if *text == format!("{field}Value") {
                    *self.tally.synthetic.entry(text.clone()).or_default() += 1;
                    true
                } else {
                    values.contains(text)
                }
            }
            (FieldType::List(item), Value::Sequence(items)) => {
                items.iter().for_each(|value| self.value(value, item, field));
                true
            }
            (FieldType::Keyed { item, .. }, Value::Sequence(items)) => {
                items.iter().for_each(|value| self.value(value, &FieldType::Record(item.clone()), field));
                true
            }
            (FieldType::Map(inner), Value::Mapping(map)) => {
                map.iter().for_each(|(_, value)| self.value(value, inner, field));
                true
            }
            (FieldType::Record(name), Value::Mapping(map)) => {
                self.record(map, name, false);
                true
            }
            (
                FieldType::String
                | FieldType::Int
                | FieldType::Float
                | FieldType::Bool
                | FieldType::Quantity
                | FieldType::IntOrString
                | FieldType::Duration
                | FieldType::Enum(_)
                | FieldType::List(_)
                | FieldType::Map(_)
                | FieldType::Record(_)
                | FieldType::Keyed { .. },
                _,
            ) => false,
        };
        if !fits {
            self.problem(&format!("{value:?} is no {ty:?}"));
        }
    }
}
