//! The leaves of objects: values that hold no others.

use flinkc::diff::{Difference, EnvironmentDiff, PathChange, Step};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A step to a leaf, in an object as it stands: a field, or a number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    Field(String),
    Item(usize),
}

/// The leaves that a program may change: not those that say who the object is.
pub fn of(object: &Json) -> Vec<Vec<At>> {
    let mut found = Vec::new();
    collect(object, &mut Vec::new(), &mut found);
    let says_who = |path: &Vec<At>| {
        let names: Vec<&str> = path
            .iter()
            .map(|at| match at {
                At::Field(name) => name.as_str(),
                At::Item(_) => "",
            })
            .collect();
        matches!(names[..], ["apiVersion" | "kind"] | ["metadata", "name" | "namespace"])
    };
    found.retain(|path| !says_who(path));
    found
}

fn collect(value: &Json, path: &mut Vec<At>, found: &mut Vec<Vec<At>>) {
    let mut below = |at: At, value: &Json, found: &mut Vec<Vec<At>>| {
        path.push(at);
        collect(value, path, found);
        path.pop();
    };
    match value {
        Json::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(name, value)| below(At::Field(name.clone()), value, found));
        }
        Json::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(at, value)| below(At::Item(at), value, found));
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) | Json::Array(_) => {
            found.push(path.clone());
        }
    }
}

/// The object without a leaf, and without what is empty then.
pub fn without(object: &Json, path: &[At]) -> Json {
    let mut object = object.clone();
    remove(&mut object, path);
    object
}

fn remove(value: &mut Json, path: &[At]) {
    let Some((first, rest)) = path.split_first() else { return };
    let below = match first {
        At::Field(name) => &mut value[name.as_str()],
        At::Item(at) => &mut value[*at],
    };
    remove(below, rest);
    let is_empty = rest.is_empty()
        || below.as_object().is_some_and(serde_json::Map::is_empty)
        || below.as_array().is_some_and(Vec::is_empty);
    if is_empty {
        match (first, value) {
            (At::Field(name), Json::Object(fields)) => {
                fields.shift_remove(name);
            }
            (At::Item(at), Json::Array(items)) => {
                items.remove(*at);
            }
            (At::Field(_) | At::Item(_), _) => {}
        }
    }
}

/// The object with another value at a leaf, which may well be one that the server refuses.
pub fn changed(object: &Json, path: &[At]) -> Json {
    let mut object = object.clone();
    let leaf = path.iter().fold(&mut object, |value, at| match at {
        At::Field(name) => &mut value[name.as_str()],
        At::Item(at) => &mut value[*at],
    });
    *leaf = match leaf.take() {
        Json::Bool(value) => Json::Bool(!value),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Json::from(number + 1),
            None => Json::from(number.as_f64().unwrap_or_default() + 1.0),
        },
        Json::String(text) => Json::from(other_text(&text)),
        Json::Null => Json::from("x"),
        Json::Object(_) => serde_json::json!({"x": "y"}),
        Json::Array(_) => serde_json::json!(["x"]),
    };
    object
}

/// A text of the same kind: other quantities, modes and words of closed sets as far as they are known.
fn other_text(text: &str) -> String {
    const PAIRS: [(&str, &str); 8] = [
        ("ClusterIP", "NodePort"),
        ("NodePort", "ClusterIP"),
        ("RollingUpdate", "Recreate"),
        ("Always", "OnFailure"),
        ("IfNotPresent", "Always"),
        ("TCP", "UDP"),
        ("Prefix", "Exact"),
        ("cluster.local", "cluster.test"),
    ];
    if let Some((_, other)) = PAIRS.iter().find(|(known, _)| *known == text) {
        return (*other).to_owned();
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number = text[..digits].parse::<u64>();
    match number {
        Ok(number) if digits > 0 && digits <= 9 => format!("{}{}", number + 1, &text[digits..]),
        Ok(_) | Err(_) => format!("{text}x"),
    }
}

/// What only a server writes, and what differs between two reads of the same object.
pub fn settled(object: &Json) -> Json {
    let mut object = object.clone();
    let Json::Object(fields) = &mut object else { return object };
    fields.shift_remove("status");
    if let Some(Json::Object(metadata)) = fields.get_mut("metadata") {
        for name in ["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp"] {
            metadata.shift_remove(name);
        }
        if let Some(Json::Object(annotations)) = metadata.get_mut("annotations") {
            annotations.shift_remove("deployment.kubernetes.io/revision");
            annotations.shift_remove("kubectl.kubernetes.io/last-applied-configuration");
        }
        for name in ["annotations", "labels"] {
            if metadata.get(name).and_then(Json::as_object).is_some_and(serde_json::Map::is_empty) {
                metadata.shift_remove(name);
            }
        }
    }
    object
}

/// The leaves of two objects that differ, by path as text: before and after.
pub type Changes = BTreeMap<String, (Option<Json>, Option<Json>)>;

/// Where two objects differ, leaf by leaf. Items of lists that have a name, a type or a mount path go by that.
pub fn between(before: &Json, after: &Json) -> Changes {
    let (mut one, mut other) = (BTreeMap::new(), BTreeMap::new());
    flatten(before, String::new(), &mut one);
    flatten(after, String::new(), &mut other);
    let mut changes = Changes::new();
    for (path, value) in &one {
        if other.get(path) != Some(value) {
            changes.insert(path.clone(), (Some(value.clone()), other.get(path).cloned()));
        }
    }
    for (path, value) in other.iter().filter(|(path, _)| !one.contains_key(*path)) {
        changes.insert(path.clone(), (None, Some(value.clone())));
    }
    changes
}

fn flatten(value: &Json, path: String, found: &mut BTreeMap<String, Json>) {
    match value {
        Json::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                flatten(value, format!("{path}/{name}"), found);
            }
        }
        Json::Array(items) if !items.is_empty() => {
            let named = label(items);
            for (at, item) in items.iter().enumerate() {
                let name = named.as_ref().map_or_else(|| at.to_string(), |names| names[at].clone());
                flatten(item, format!("{path}/[{name}]"), found);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) | Json::Array(_) => {
            found.insert(path, value.clone());
        }
    }
}

/// Names of items that no two share.
fn label(items: &[Json]) -> Option<Vec<String>> {
    ["name", "mountPath", "port", "type", "ip"].iter().find_map(|key| {
        let names: Option<Vec<String>> = items
            .iter()
            .map(|item| match item.get(*key)? {
                Json::String(text) => Some(text.clone()),
                Json::Number(number) => Some(number.to_string()),
                _ => None,
            })
            .collect();
        let mut sorted = names.clone()?;
        sorted.sort();
        sorted.dedup();
        names.filter(|names| names.len() == sorted.len())
    })
}

/// What a prediction says changes, leaf by leaf.
pub fn said(environment: &EnvironmentDiff) -> Changes {
    let mut changes = Changes::new();
    for change in &environment.objects {
        let Difference::Changed { before, after, paths } = &change.difference else { continue };
        let _ = (before, after);
        for path in paths {
            add(path, &mut changes);
        }
    }
    changes
}

fn add(path: &PathChange, changes: &mut Changes) {
    let text: String = path
        .path
        .0
        .iter()
        .map(|step| match step {
            Step::Key(name) => format!("/{name}"),
            Step::Label(name) => format!("/[{name}]"),
            Step::Index(at) => format!("/[{at}]"),
        })
        .collect();
    let flat = |value: &Option<flinkc::eval::value::Value>| {
        let mut found = BTreeMap::new();
        if let Some(value) = value {
            let json = serde_json::from_str(&flinkc::yaml::json(value)).expect("it is JSON");
            flatten(&json, text.clone(), &mut found);
        }
        found
    };
    let (one, other) = (flat(&path.before), flat(&path.after));
    for (path, value) in &one {
        if other.get(path) != Some(value) {
            changes.insert(path.clone(), (Some(value.clone()), other.get(path).cloned()));
        }
    }
    for (path, value) in other.iter().filter(|(path, _)| !one.contains_key(*path)) {
        changes.insert(path.clone(), (None, Some(value.clone())));
    }
}
