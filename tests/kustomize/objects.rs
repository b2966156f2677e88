//! Objects from YAML, and the comparison of a built directory with what `render` says.

use super::Engines;
use flinkc::eval::value::{Keyed, Map, Value};
use flinkc::kubernetes::{Object, Unit, kustomize::rendered};
use flinkc::layers::{self, Conditions, Gathering, Group, Tree, Variant};
use flinkc::source::{FileId, Span};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

/// Lists that are keyed by the name of their items.
const KEYED: [&str; 5] = ["containers", "initContainers", "env", "volumes", "ports"];

/// Objects of a YAML stream. `metadata.namespace` becomes the object's; `label` and `hashed` at the top are the
/// object's, too, the label by default its name.
pub fn objects(yaml: &str) -> Vec<Object> {
    serde_yaml::Deserializer::from_str(yaml)
        .map(|document| serde::Deserialize::deserialize(document).unwrap_or_else(|error| panic!("{error} in {yaml}")))
        .filter(|document: &serde_json::Value| !document.is_null())
        .map(|document| object(&document))
        .collect()
}

/// One object.
pub fn object(json: &serde_json::Value) -> Object {
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let name = text(&json["metadata"]["name"]).expect("objects have names");
    let mut json = json.clone();
    let namespace = json["metadata"].as_object_mut().and_then(|metadata| metadata.remove("namespace"));
    let fields = json.as_object_mut().expect("objects are maps");
    let label = fields.remove("label").and_then(|label| text(&label)).unwrap_or_else(|| name.clone());
    let hashed = fields.remove("hashed").is_some();
    let api_version = fields.remove("apiVersion").and_then(|version| text(&version)).expect("objects have versions");
    let kind = fields.remove("kind").and_then(|kind| text(&kind)).expect("objects have kinds");
    let Value::Map(fields) = value(&json, "") else { panic!("objects are maps") };
    Object {
        api_version: api_version.into(),
        kind: kind.into(),
        name: name.into(),
        namespace: namespace.and_then(|namespace| text(&namespace)).map(Into::into),
        namespaced_by: flinkc::eval::value::Origin::NONE,
        label: label.into(),
        fields,
        hashed,
        span: Span::new(FileId(0), 0, 0),
        instance: None,
    }
}

fn value(json: &serde_json::Value, key: &str) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(int) => Value::Int(int),
            None => Value::Float(number.as_f64().expect("numbers are finite")),
        },
        serde_json::Value::String(text) => Value::Str(text.as_str().into()),
        serde_json::Value::Array(items) => keyed(items, key)
            .unwrap_or_else(|| Value::List(Rc::new(items.iter().map(|item| value(item, "")).collect()))),
        serde_json::Value::Object(entries) => Value::Map(Rc::new(map(entries))),
    }
}

fn map(entries: &serde_json::Map<String, serde_json::Value>) -> Map {
    let mut map = Map::default();
    for (key, entry) in entries {
        map.set(key.as_str().into(), value(entry, key));
    }
    map
}

fn keyed(items: &[serde_json::Value], key: &str) -> Option<Value> {
    if !KEYED.contains(&key) {
        return None;
    }
    let mut keyed = Map::default();
    for item in items {
        let mut fields = item.as_object()?.clone();
        let label = fields.remove("name")?;
        keyed.set(label.as_str()?.into(), Value::Map(Rc::new(map(&fields))));
    }
    (keyed.len() == items.len()).then(|| Value::Keyed(Rc::new(Keyed { field: "name".into(), items: keyed })))
}

/// A project: environments, and for each unit its objects in each of them.
#[derive(Debug, Default)]
pub struct Project {
    /// Names of environments.
    pub environments: Vec<String>,
    /// What makes each environment special; nothing beyond the end.
    pub conditions: Vec<Conditions>,
    /// Groups of environments.
    pub groups: Vec<Group>,
    /// Names of units, and objects by environment.
    pub units: Vec<(String, Vec<Vec<Object>>)>,
}

impl Project {
    /// All files.
    pub fn plan(&self) -> Tree {
        let mut tree = Tree::default();
        for (name, objects) in &self.units {
            let variants = self.environments.iter().zip(objects).enumerate();
            let variants: Vec<Variant> = variants
                .map(|(at, (environment, objects))| {
                    let conditions = self.conditions.get(at).copied().unwrap_or_default();
                    Variant { environment, objects, conditions }
                })
                .collect();
            tree.absorb(layers::plan_unit(name, &format!("{name}.flink"), &variants, &self.groups));
        }
        let present: Vec<Vec<String>> = (0..self.environments.len())
            .map(|at| self.units.iter().filter(|(_, all)| !all[at].is_empty()).map(|(name, _)| name.clone()).collect())
            .collect();
        let gatherings = self.environments.iter().zip(&present);
        let gatherings: Vec<Gathering> =
            gatherings.map(|(environment, units)| Gathering { environment, units }).collect();
        tree.absorb(layers::plan_root(&gatherings));
        tree
    }

    /// All files as one text.
    pub fn listing(&self) -> String {
        let files = self.plan().files;
        files.iter().map(|(path, content)| format!("== {path}\n{}", String::from_utf8_lossy(content))).collect()
    }

    /// The units of an environment that make something in it.
    pub fn units_of(&self, environment: usize) -> Vec<Unit> {
        let units = self.units.iter().filter(|(_, objects)| !objects[environment].is_empty());
        units
            .map(|(name, objects)| Unit {
                name: name.as_str().into(),
                source: format!("{name}.flink"),
                objects: objects[environment].clone(),
            })
            .collect()
    }

    /// Builds every overlay as each engine does, and compares it with what `render` says, object for object.
    pub fn obey_the_law(&self, engines: &Engines) -> Result<(), String> {
        let output = tempfile::tempdir().map_err(|error| error.to_string())?;
        let root = output.path().canonicalize().map_err(|error| error.to_string())?;
        write(&self.plan(), &root).map_err(|error| error.to_string())?;
        for (at, environment) in self.environments.iter().enumerate() {
            let units = self.units_of(at);
            if units.is_empty() {
                continue;
            }
            // The whole first: Flux changes each directory that it builds.
            check_overlay(engines, &root, &format!("overlays/{environment}"), &units)?;
            for unit in &units {
                let overlay = format!("{}/overlays/{environment}", layers::unit_directory(&unit.name));
                check_overlay(engines, &root, &overlay, std::slice::from_ref(unit))?;
            }
        }
        self.obey_the_law_rendered(engines)
    }

    /// The same for whole objects. A unit's directory has the objects that it has among all others.
    fn obey_the_law_rendered(&self, engines: &Engines) -> Result<(), String> {
        let output = tempfile::tempdir().map_err(|error| error.to_string())?;
        let root = output.path().canonicalize().map_err(|error| error.to_string())?;
        for (at, environment) in self.environments.iter().enumerate() {
            let units = self.units_of(at);
            write(&layers::plan_rendered(environment, &units), &root).map_err(|error| error.to_string())?;
            if !units.is_empty() {
                check_overlay(engines, &root, environment, &units)?;
            }
            if let [unit] = &units[..] {
                check_overlay(engines, &root, &format!("{environment}/{}", unit.name), &units)?;
            }
        }
        Ok(())
    }
}

fn check_overlay(engines: &Engines, root: &Path, overlay: &str, units: &[Unit]) -> Result<(), String> {
    let stream = layers::stream(&rendered(units));
    let stream = String::from_utf8(stream).map_err(|error| error.to_string())?;
    check_directory(engines, root, overlay, &stream)
}

/// Builds a directory below `root` as each engine does, and compares it with what is wanted, object for object.
pub fn check_directory(engines: &Engines, root: &Path, directory: &str, wanted: &str) -> Result<(), String> {
    let place = root.join(directory);
    let read = by_identity(engines.read(wanted)?)?;
    same(&documents(wanted)?, &read).map_err(|problem| format!("readers of {wanted} disagree: {problem}"))?;
    let built = engines.kustomize(&place).and_then(by_identity);
    same(&read, &built.map_err(|error| format!("{directory}: {error}"))?)
        .map_err(|problem| format!("{directory}: {problem}"))?;
    let applied = engines.flux(root, &place).and_then(by_identity);
    same(&read, &applied.map_err(|error| format!("{directory} with Flux: {error}"))?)
        .map_err(|problem| format!("{directory} with Flux: {problem}"))
}

/// Writes all files below a directory.
pub fn write(tree: &Tree, directory: &Path) -> std::io::Result<()> {
    for (path, content) in &tree.files {
        let path = directory.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, content)?;
    }
    Ok(())
}

/// Whether there are the same objects.
fn same(
    wanted: &BTreeMap<String, serde_json::Value>,
    built: &BTreeMap<String, serde_json::Value>,
) -> Result<(), String> {
    for (key, object) in wanted {
        match built.get(key) {
            Some(other) if other == object => {}
            Some(other) => return Err(format!("{key}:\nrender {object:#}\nbuild {other:#}")),
            None => return Err(format!("{key} is not built; there are {:?}", built.keys())),
        }
    }
    match built.keys().find(|key| !wanted.contains_key(*key)) {
        Some(key) => Err(format!("{key} is not rendered")),
        None => Ok(()),
    }
}

/// The objects of a stream by identity.
pub fn documents(stream: &str) -> Result<BTreeMap<String, serde_json::Value>, String> {
    let objects: Result<Vec<serde_json::Value>, _> =
        serde_yaml::Deserializer::from_str(stream).map(serde::Deserialize::deserialize).collect();
    let objects = objects.map_err(|error| format!("{error} in {stream}"))?;
    by_identity(objects.into_iter().filter(|object| !object.is_null()).collect())
}

/// Objects by identity.
pub fn by_identity(objects: Vec<serde_json::Value>) -> Result<BTreeMap<String, serde_json::Value>, String> {
    let mut documents = BTreeMap::new();
    for mut object in objects {
        as_json_numbers(&mut object);
        let metadata = &object["metadata"];
        let key = format!("{} {} {} {}", object["apiVersion"], object["kind"], metadata["namespace"], metadata["name"]);
        if documents.insert(key.clone(), object).is_some() {
            return Err(format!("{key} is there twice"));
        }
    }
    Ok(documents)
}

/// JSON knows no difference between `2` and `2.0`, and a patched object has gone through JSON.
fn as_json_numbers(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Number(number) => {
            if let Some(float) = number.as_f64().filter(|_| number.is_f64()) {
                #[allow(clippy::cast_possible_truncation, reason = "whole and small enough")]
                if float.fract() == 0.0 && float.abs() < 1e15 {
                    *value = serde_json::Value::from(float as i64);
                }
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(as_json_numbers),
        serde_json::Value::Object(entries) => entries.values_mut().for_each(as_json_numbers),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::String(_) => {}
    }
}
