//! `configMapGenerator`: files as files, and what an environment says differently.

use super::base::common_map;
use super::names::{Names, file_name};
use crate::eval::value::{Map, Str, Value};
use crate::kubernetes::Object;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A generated ConfigMap of a unit, with the names of its files.
#[derive(Debug)]
pub struct Generator {
    /// The directory of its files, inside a base or overlay.
    directory: String,
    /// Key → file name.
    files: BTreeMap<Str, String>,
}

/// An entry of `configMapGenerator`, and its files by path from the kustomization.
#[derive(Debug)]
pub struct Entry {
    /// The entry.
    pub entry: Map,
    /// Paths and contents.
    pub files: Vec<(String, Vec<u8>)>,
}

/// How an entry relates to one in the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behavior {
    /// There is none.
    Create,
    /// What it has and this has not stays.
    Merge,
    /// Only its labels and annotations stay.
    Replace,
}

impl Generator {
    /// Names the files of a ConfigMap that some environments have.
    pub fn new(directory: String, variants: &[&Object]) -> Generator {
        let mut names = Names::default();
        let mut files = BTreeMap::new();
        for entry in variants.iter().flat_map(|object| map_at(&object.fields, "data")).flat_map(Map::entries) {
            if !files.contains_key(&entry.key) {
                files.insert(entry.key.clone(), names.assign(&[file_name(&entry.key)], "", &[true]));
            }
        }
        Generator { directory, files }
    }

    /// The entry that makes an object from nothing.
    pub fn create(&self, object: &Object, namespace: Option<&Str>) -> Entry {
        self.entry(object, namespace, Behavior::Create, &Map::default())
    }

    /// The entry that makes one object from another.
    pub fn change(&self, base: &Object, wanted: &Object, namespace: Option<&Str>) -> Entry {
        let (before, after) = (map_at(&base.fields, "data"), map_at(&wanted.fields, "data"));
        let removes = before.is_some_and(|before| {
            before.entries().iter().any(|entry| after.is_none_or(|after| after.get(&entry.key).is_none()))
        });
        let behavior = if removes { Behavior::Replace } else { Behavior::Merge };
        self.entry(wanted, namespace, behavior, &base.fields)
    }

    fn entry(&self, object: &Object, namespace: Option<&Str>, behavior: Behavior, base: &Map) -> Entry {
        let mut entry = Map::default();
        entry.set("name".into(), Value::Str(object.name.clone()));
        if let Some(namespace) = namespace {
            entry.set("namespace".into(), Value::Str(namespace.clone()));
        }
        match behavior {
            Behavior::Create => {}
            Behavior::Merge => entry.set("behavior".into(), Value::Str("merge".into())),
            Behavior::Replace => entry.set("behavior".into(), Value::Str("replace".into())),
        }
        let kept = if behavior == Behavior::Merge { map_at(base, "data") } else { None };
        let (sources, files) = self.files(object, kept);
        if !sources.is_empty() {
            entry.set("files".into(), Value::List(Rc::new(sources)));
        }
        if let Some(options) = options(&object.fields, base) {
            entry.set("options".into(), options);
        }
        Entry { entry, files }
    }

    /// Sources and contents of the files that are not `kept` as they are.
    fn files(&self, object: &Object, kept: Option<&Map>) -> (Vec<Value>, Vec<(String, Vec<u8>)>) {
        let mut sources = Vec::new();
        let mut files = Vec::new();
        for entry in map_at(&object.fields, "data").into_iter().flat_map(Map::entries) {
            let (Some(file), Value::Str(text)) = (self.files.get(&entry.key), &entry.value) else { continue };
            if kept.is_some_and(|kept| kept.get(&entry.key) == Some(&entry.value)) {
                continue;
            }
            let path = format!("{}/{file}", self.directory);
            let source = if **file == *entry.key { path.clone() } else { format!("{}={path}", entry.key) };
            sources.push(Value::Str(source.into()));
            files.push((path, text.as_bytes().to_vec()));
        }
        (sources, files)
    }
}

/// The ConfigMap that environments share. An overlay can set labels and annotations but remove none, so that the
/// base has only those that all environments have.
pub fn common(variants: &[&Object]) -> Map {
    let maps: Vec<&Map> = variants.iter().map(|object| &*object.fields).collect();
    let mut common = common_map(&maps);
    if let Some(Value::Map(metadata)) = common.get("metadata") {
        let mut metadata = (**metadata).clone();
        for field in ["labels", "annotations"] {
            let Some(Value::Map(shared)) = metadata.remove(field).map(|entry| entry.value) else { continue };
            let mut kept = Map::default();
            for entry in shared.entries() {
                let everywhere = maps.iter().all(|map| {
                    let labels = map_at(map, "metadata").and_then(|metadata| map_at(metadata, field));
                    labels.is_some_and(|labels| labels.get(&entry.key).is_some())
                });
                if everywhere {
                    kept.push(entry.clone());
                }
            }
            if !kept.is_empty() {
                metadata.set(field.into(), Value::Map(Rc::new(kept)));
            }
        }
        common.set("metadata".into(), Value::Map(Rc::new(metadata)));
    }
    common
}

/// Labels and annotations that the base has not, and whether the ConfigMap is immutable, which is not inherited.
fn options(wanted: &Map, base: &Map) -> Option<Value> {
    let mut options = Map::default();
    for field in ["labels", "annotations"] {
        let of = |map| map_at(map, "metadata").and_then(|metadata| map_at(metadata, field));
        let (before, mut more) = (of(base), Map::default());
        for entry in of(wanted).into_iter().flat_map(Map::entries) {
            if before.and_then(|before| before.get(&entry.key)) != Some(&entry.value) {
                more.push(entry.clone());
            }
        }
        if !more.is_empty() {
            options.set(field.into(), Value::Map(Rc::new(more)));
        }
    }
    if let Some(immutable @ Value::Bool(true)) = wanted.get("immutable") {
        options.set("immutable".into(), immutable.clone());
    }
    (!options.is_empty()).then(|| Value::Map(Rc::new(options)))
}

fn map_at<'a>(map: &'a Map, key: &str) -> Option<&'a Map> {
    match map.get(key) {
        Some(Value::Map(map)) => Some(map),
        _ => None,
    }
}
