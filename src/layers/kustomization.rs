//! `kustomization.yaml` as a text.

use super::images::Image;
use super::labels::Labels;
use super::replicas::Replicas;
use crate::eval::value::{Map, Str, Value};
use crate::yaml;
use std::rc::Rc;

/// What a `kustomization.yaml` says.
#[derive(Debug, Default)]
pub struct Kustomization {
    /// Where namespaced objects go.
    pub namespace: Option<Str>,
    /// Files and directories.
    pub resources: Vec<String>,
    /// Labels that the base lacks or has otherwise.
    pub labels: Vec<Labels>,
    /// Images that differ from the base's.
    pub images: Vec<Image>,
    /// Replicas that differ from the base's.
    pub replicas: Vec<Replicas>,
    /// ConfigMaps.
    pub generators: Vec<Map>,
    /// Patches.
    pub patches: Vec<Patch>,
}

/// A patch and the one object that it changes.
#[derive(Debug)]
pub struct Patch {
    /// The file.
    pub path: String,
    /// Empty for the core group.
    pub group: Str,
    /// The version.
    pub version: Str,
    /// The kind.
    pub kind: Str,
    /// The object's name.
    pub name: Str,
    /// Its namespace, where the base says it.
    pub namespace: Option<Str>,
}

impl Kustomization {
    /// The file.
    pub fn to_bytes(&self, header: &str) -> Vec<u8> {
        let Kustomization { namespace, resources, labels, images, replicas, generators, patches } = self;
        let mut map = Map::default();
        map.set("apiVersion".into(), text("kustomize.config.k8s.io/v1beta1"));
        map.set("kind".into(), text("Kustomization"));
        if let Some(namespace) = namespace {
            map.set("namespace".into(), Value::Str(namespace.clone()));
        }
        set_list(&mut map, "resources", resources.iter().map(|path| text(path)));
        set_list(&mut map, "labels", labels.iter().map(label_pairs));
        set_list(&mut map, "images", images.iter().map(image));
        set_list(&mut map, "replicas", replicas.iter().map(replica_count));
        set_list(&mut map, "configMapGenerator", generators.iter().map(|map| Value::Map(Rc::new(map.clone()))));
        set_list(&mut map, "patches", patches.iter().map(patch));
        let mut out = header.as_bytes().to_vec();
        yaml::write_map(&mut out, &map);
        out
    }
}

fn text(text: &str) -> Value {
    Value::Str(text.into())
}

fn record(entries: &[(&str, Option<Value>)]) -> Value {
    let mut map = Map::default();
    for (key, value) in entries {
        if let Some(value) = value {
            map.set((*key).into(), value.clone());
        }
    }
    Value::Map(Rc::new(map))
}

fn set_list(map: &mut Map, key: &str, items: impl Iterator<Item = Value>) {
    let items: Vec<Value> = items.collect();
    if !items.is_empty() {
        map.set(key.into(), Value::List(Rc::new(items)));
    }
}

fn label_pairs(labels: &Labels) -> Value {
    let Labels { pairs, templates } = labels;
    let mut map = Map::default();
    for (key, value) in pairs {
        map.set(key.clone(), Value::Str(value.clone()));
    }
    let templates = templates.then_some(Value::Bool(true));
    record(&[("pairs", Some(Value::Map(Rc::new(map)))), ("includeTemplates", templates)])
}

fn image(image: &Image) -> Value {
    let Image { name, new_name, new_tag, digest } = image;
    record(&[
        ("name", Some(text(name))),
        ("newName", new_name.as_deref().map(text)),
        ("newTag", new_tag.as_deref().map(text)),
        ("digest", digest.as_deref().map(text)),
    ])
}

fn replica_count(replicas: &Replicas) -> Value {
    let Replicas { name, count } = replicas;
    record(&[("name", Some(Value::Str(name.clone()))), ("count", Some(Value::Int(*count)))])
}

fn patch(patch: &Patch) -> Value {
    let Patch { path, group, version, kind, name, namespace } = patch;
    let target = record(&[
        ("group", (!group.is_empty()).then(|| Value::Str(group.clone()))),
        ("version", Some(Value::Str(version.clone()))),
        ("kind", Some(Value::Str(kind.clone()))),
        ("name", Some(text(&pattern(name)))),
        ("namespace", namespace.as_deref().map(|namespace| text(&pattern(namespace)))),
    ]);
    record(&[("path", Some(text(path))), ("target", Some(target))])
}

/// Kustomize takes names in targets for regular expressions, anchored at both ends.
fn pattern(name: &str) -> String {
    let mut pattern = String::with_capacity(name.len());
    for letter in name.chars() {
        if "\\.+*?()|[]{}^$".contains(letter) {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}
