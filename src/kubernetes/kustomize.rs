//! What `kustomize build` makes of objects, so that `render` says the same.
//!
//! Rules are those of the Kustomize 5 sources: `api/hasher`, `api/filters/nameref` with the built-in
//! `nameReference` configuration, and `api/resource` for what is dropped on the way.

mod hash;
mod references;

use super::{Object, Unit};
use crate::eval::value::{Entry, Map, Str, Value};
use std::rc::Rc;

/// Flux replaces `${…}` in what it applies, and refuses unknown names, unless this annotation says otherwise.
const SUBSTITUTE: &str = "kustomize.toolkit.fluxcd.io/substitute";

/// Kustomize leaves objects with this annotation out of what it builds, unless its value is `false`.
const LOCAL: &str = "config.kubernetes.io/local-config";

/// The objects of one environment, as a cluster receives them: names end with their content's hash where
/// Kustomize generates them, and what refers to them says so.
///
/// Units come in the order given, and each unit's objects in source order. A unit alone gives the same objects as
/// among others, except where it refers to what another unit generates.
#[must_use]
pub fn rendered(units: &[Unit]) -> Vec<Object> {
    let mut objects: Vec<Object> = units.iter().flat_map(|unit| unit.objects.iter().map(prepared)).collect();
    let renamed = references::Renamed::of(&objects);
    for object in &mut objects {
        if let Some(fields) = renamed.rewritten(object) {
            object.fields = Rc::new(fields);
        }
        if is_generated(object) {
            rename(object);
        }
    }
    objects.retain(|object| !is_left_out(object));
    objects
}

/// Whether Kustomize leaves an object out of what it builds.
#[must_use]
pub fn is_left_out(object: &Object) -> bool {
    annotation(object, LOCAL).is_some_and(|value| value != "false")
}

/// The name of one of the [`rendered`] objects without the hash that Kustomize gave it.
#[must_use]
pub fn name_without_hash(object: &Object) -> &str {
    let generated = is_generated(object).then(|| object.name.rsplit_once('-')).flatten();
    generated.map_or(&object.name, |(name, _)| name)
}

/// The object as it is written, to files and by `render` alike: marked where Flux must not touch it, and without
/// what Kustomize drops because it says nothing.
///
/// Flux must not touch what mentions variables, and what would not survive: where a Flux Kustomization sets any
/// variable at all, every object that is not marked goes through JSON and is written anew.
#[must_use]
pub fn prepared(object: &Object) -> Object {
    let mut object = object.clone();
    if object.hashed && matches!(object.fields.get("immutable"), Some(Value::Bool(false))) {
        // A generator cannot say what is so anyway.
        let mut fields = (*object.fields).clone();
        fields.remove("immutable");
        object.fields = Rc::new(fields);
    }
    let Some(Value::Map(metadata)) = object.fields.get("metadata") else { return object };
    let mark = annotation(&object, SUBSTITUTE).is_none()
        && (any_text(&object.fields, &mentions_variable) || !map_survives_json(&object.fields));
    let empty = ["labels", "annotations"].into_iter().filter(|field| is_empty(metadata.get(field)));
    let empty: Vec<&str> = empty.collect();
    if !mark && empty.is_empty() {
        return object;
    }
    let mut metadata = (**metadata).clone();
    for field in empty {
        metadata.remove(field);
    }
    if mark {
        let mut annotations = match metadata.get("annotations") {
            Some(Value::Map(annotations)) => (**annotations).clone(),
            _ => Map::default(),
        };
        annotations.set(SUBSTITUTE.into(), Value::Str("disabled".into()));
        metadata.set("annotations".into(), Value::Map(Rc::new(annotations)));
    }
    set_metadata(&mut object, metadata);
    object
}

/// Whether a `configMapGenerator` makes this object: a hashed ConfigMap that holds nothing that a generator
/// cannot express. Other hashed objects are written as they are, without a hash.
#[must_use]
pub fn is_generated(object: &Object) -> bool {
    object.hashed
        && &*object.api_version == "v1"
        && &*object.kind == "ConfigMap"
        && object.fields.entries().iter().all(|entry| match (&*entry.key, &entry.value) {
            ("metadata", Value::Map(metadata)) => metadata.entries().iter().all(is_generator_metadata),
            ("data", Value::Map(data)) => !data.is_empty() && data.entries().iter().all(is_file),
            ("immutable", Value::Bool(true)) => true,
            _ => false,
        })
        && object.fields.get("data").is_some()
}

/// All fields of an object in the order in which people read them, with the namespace if one is to be written.
#[must_use]
pub fn manifest(object: &Object, namespace: Option<&Str>) -> Map {
    let mut manifest = Map::with_capacity(object.fields.len() + 2);
    manifest.set("apiVersion".into(), Value::Str(object.api_version.clone()));
    manifest.set("kind".into(), Value::Str(object.kind.clone()));
    let mut metadata = Map::default();
    metadata.set("name".into(), Value::Str(object.name.clone()));
    if let Some(namespace) = namespace {
        metadata.set("namespace".into(), Value::Str(namespace.clone()));
    }
    if let Some(Value::Map(written)) = object.fields.get("metadata") {
        for entry in written.entries().iter().filter(|entry| !matches!(&*entry.key, "name" | "namespace")) {
            metadata.push(entry.clone());
        }
    }
    manifest.set("metadata".into(), Value::Map(Rc::new(metadata)));
    for entry in object.fields.entries() {
        if !matches!(&*entry.key, "metadata" | "apiVersion" | "kind") {
            manifest.push(entry.clone());
        }
    }
    manifest
}

/// Whether Kustomize puts the names of generated ConfigMaps into fields of an object of this kind.
#[must_use]
pub fn rewrites_names_in(object: &Object) -> bool {
    !references::paths(object).is_empty()
}

/// Whether Kustomize writes a text that it made itself, by generation or a patch, so that it can be read: Go's YAML
/// writer makes a broken block of lines that begin with a tab.
#[must_use]
pub fn survives_rewriting(text: &str) -> bool {
    !(text.starts_with('\t') && text.contains('\n'))
}

/// Whether a value is the same after Kustomize or Flux took it through JSON with floating-point numbers, and wrote the
/// texts anew, as they do with what they patch or substitute in.
#[must_use]
pub fn survives_json(value: &Value) -> bool {
    match value {
        Value::Int(int) => int.unsigned_abs() <= 1 << 53,
        Value::Str(text) => survives_rewriting(text),
        Value::List(items) => items.iter().all(survives_json),
        Value::Map(map) => map_survives_json(map),
        Value::Keyed(keyed) => map_survives_json(&keyed.items),
        Value::Absent
        | Value::Null
        | Value::Bool(_)
        | Value::Float(_)
        | Value::Memory(_)
        | Value::Cpu(_)
        | Value::Duration(_)
        | Value::Secret(_) => true,
    }
}

fn map_survives_json(map: &Map) -> bool {
    map.entries().iter().all(|entry| survives_json(&entry.value))
}

/// Whether Kustomize cannot carry some text of an object, however it is written: Go's YAML writer takes what stands
/// in `FORBIDDEN` for printable, and the reader refuses it or takes it for a line break. The same is true of
/// annotations and labels that do not survive rewriting, since Kustomize rewrites those of every object.
#[must_use]
pub fn is_beyond_kustomize(object: &Object) -> bool {
    const FORBIDDEN: [char; 4] = ['\u{7f}', '\u{85}', '\u{fffe}', '\u{ffff}'];
    let metadata = match object.fields.get("metadata") {
        Some(Value::Map(metadata)) => Some(metadata),
        _ => None,
    };
    any_text(&object.fields, &|text| !text.is_ascii() && text.contains(FORBIDDEN) || text.contains(FORBIDDEN[0]))
        || metadata.is_some_and(|metadata| any_text(metadata, &|text| !survives_rewriting(text)))
}

fn is_generator_metadata(entry: &Entry) -> bool {
    match (&*entry.key, &entry.value) {
        ("name", Value::Str(_)) => true,
        ("labels" | "annotations", Value::Map(map)) => {
            map.entries().iter().all(|entry| matches!(&entry.value, Value::Str(text) if survives_rewriting(text)))
        }
        _ => false,
    }
}

/// Keys are refused by Kustomize where Kubernetes would refuse them.
fn is_file(entry: &Entry) -> bool {
    matches!(&entry.value, Value::Str(text) if survives_rewriting(text))
        && !matches!(&*entry.key, "" | "." | "..")
        && entry.key.len() <= 253
        && entry.key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

fn rename(object: &mut Object) {
    let name: Str = hash::name_with_hash(object).into();
    let mut metadata = match object.fields.get("metadata") {
        Some(Value::Map(metadata)) => (**metadata).clone(),
        _ => Map::default(),
    };
    metadata.set("name".into(), Value::Str(name.clone()));
    object.name = name;
    set_metadata(object, metadata);
}

fn set_metadata(object: &mut Object, metadata: Map) {
    let mut fields = (*object.fields).clone();
    fields.set("metadata".into(), Value::Map(Rc::new(metadata)));
    object.fields = Rc::new(fields);
}

fn annotation<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    let Value::Map(metadata) = object.fields.get("metadata")? else { return None };
    let Value::Map(annotations) = metadata.get("annotations")? else { return None };
    match annotations.get(key)? {
        Value::Str(value) => Some(value),
        _ => None,
    }
}

fn is_empty(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Map(map)) => map.is_empty(),
        Some(Value::Null) => true,
        _ => false,
    }
}

/// Most texts hold no `$` at all, and a search for one byte is the fastest there is.
fn mentions_variable(text: &str) -> bool {
    text.contains('$') && text.contains("${")
}

/// Whether a key or text in the map is such as asked for.
fn any_text(map: &Map, is_such: &dyn Fn(&str) -> bool) -> bool {
    map.entries().iter().any(|entry| is_such(&entry.key) || any_text_in(&entry.value, is_such))
}

fn any_text_in(value: &Value, is_such: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Str(text) => is_such(text),
        Value::List(items) => items.iter().any(|item| any_text_in(item, is_such)),
        Value::Map(map) => any_text(map, is_such),
        Value::Keyed(keyed) => any_text(&keyed.items, is_such),
        Value::Absent
        | Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Memory(_)
        | Value::Cpu(_)
        | Value::Duration(_)
        | Value::Secret(_) => false,
    }
}

#[cfg(test)]
mod tests;
