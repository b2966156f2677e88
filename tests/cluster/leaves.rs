//! The leaves of objects: values that hold no others.

use flinkc::diff::{Difference, EnvironmentDiff, PathChange, Step};
use flinkc::eval::value::Value;
use flinkc::kubernetes::Object;
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
    let is_mark = |path: &Vec<At>| path.last() == Some(&At::Field("argocd.argoproj.io/tracking-id".to_owned()));
    found.retain(|path| !says_who(path) && !is_mark(path));
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
            // Further than to the next item's.
            Some(number) => Json::from(number + 7),
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

/// What tells the items of a list apart, by the list's field; the first of these keys that items have.
const KEYS: [(&str, &[&[&str]]); 8] = [
    ("containers", &[&["name"]]),
    ("initContainers", &[&["name"]]),
    ("env", &[&["name"]]),
    ("volumes", &[&["name"]]),
    ("volumeMounts", &[&["mountPath"]]),
    ("ports", &[&["containerPort", "protocol"], &["port", "protocol"]]),
    ("imagePullSecrets", &[&["name"]]),
    ("topologySpreadConstraints", &[&["topologyKey", "whenUnsatisfiable"]]),
];

/// Where two objects differ, leaf by leaf.
pub fn between(before: &Json, after: &Json) -> Changes {
    let mut changes = Changes::new();
    compare(Some(before), Some(after), String::new(), &mut changes);
    changes
}

fn compare(before: Option<&Json>, after: Option<&Json>, path: String, changes: &mut Changes) {
    let empty = serde_json::Map::new();
    match (before, after) {
        (one, other) if one == other => {}
        (Some(Json::Object(_)), Some(Json::Object(_)))
        | (Some(Json::Object(_)), None)
        | (None, Some(Json::Object(_)))
            if !(is_leaf(before) && is_leaf(after)) =>
        {
            let fields = |value: Option<&Json>| value.and_then(Json::as_object).unwrap_or(&empty).clone();
            let (one, other) = (fields(before), fields(after));
            let names: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for name in names {
                compare(one.get(name), other.get(name), format!("{path}/{name}"), changes);
            }
        }
        (Some(Json::Array(_)), Some(Json::Array(_))) | (Some(Json::Array(_)), None) | (None, Some(Json::Array(_))) => {
            let items = |value: Option<&Json>| value.and_then(Json::as_array).cloned().unwrap_or_default();
            let (one, other) = (items(before), items(after));
            let (mine, theirs) = names(&path, &one, &other);
            for (name, item) in mine.iter().zip(&one) {
                let same = theirs.iter().position(|known| known == name).map(|at| &other[at]);
                compare(Some(item), same, format!("{path}/{name}"), changes);
            }
            for (name, item) in theirs.iter().zip(&other).filter(|(name, _)| !mine.contains(name)) {
                compare(None, Some(item), format!("{path}/{name}"), changes);
            }
        }
        (one, other) => {
            let (one, other) = (one.map(number), other.map(number));
            if one != other {
                changes.insert(path, (one, other));
            }
        }
    }
}

/// A number without a fraction of nothing: a server writes `2.0` as `2`.
fn number(value: &Json) -> Json {
    let whole = value.as_f64().filter(|_| !value.is_i64()).filter(|value| value.fract() == 0.0 && value.abs() < 1e15);
    whole.map_or_else(|| value.clone(), |whole| Json::from(whole as i64))
}

/// Whether a value holds no others, or is not there.
fn is_leaf(value: Option<&Json>) -> bool {
    value.is_none_or(|value| value.as_object().is_none_or(serde_json::Map::is_empty))
}

/// The items of two lists by their keys, where all have some and no two the same ones; else by their numbers.
fn names(list: &str, one: &[Json], other: &[Json]) -> (Vec<String>, Vec<String>) {
    let keyed = |items: &[Json]| {
        let names: Vec<String> = items.iter().map(|item| keys_of(list, item)).collect::<Option<_>>()?;
        let mut sorted = names.clone();
        sorted.sort();
        sorted.dedup();
        (sorted.len() == names.len()).then_some(names)
    };
    let numbered = |items: &[Json]| (0..items.len()).map(|at| format!("[{at}]")).collect();
    keyed(one).zip(keyed(other)).unwrap_or_else(|| (numbered(one), numbered(other)))
}

/// What tells an item of a list apart; none where the list has no keys, or the item lacks them.
fn keys_of(list: &str, item: &Json) -> Option<String> {
    let field = list.rsplit('/').next().unwrap_or_default();
    // The ports of a NetworkPolicy's rules are no keyed list.
    let (_, known) = KEYS.iter().find(|(name, _)| *name == field && !list.contains("gress/"))?;
    known.iter().find_map(|keys| {
        item.get(keys[0])?;
        // A port that does not say so is one of TCP.
        let values = keys.iter().map(|key| match item.get(*key) {
            None if *key == "protocol" => "\"TCP\"".to_owned(),
            value => value.map(Json::to_string).unwrap_or_default(),
        });
        Some(format!("[{}]", values.collect::<Vec<_>>().join(" ")))
    })
}

/// What a prediction says.
#[derive(Debug, Default)]
pub struct Said {
    /// What changes, leaf by leaf.
    pub changes: Changes,
    /// Parts that are new as a whole. What the server fills in in them goes without saying.
    pub new: Vec<String>,
}

pub fn said(environment: &EnvironmentDiff) -> Said {
    let mut said = Said::default();
    for change in &environment.objects {
        let Difference::Changed { before, after, paths } = &change.difference else { continue };
        let sides = [manifest(after), manifest(before)];
        for path in paths {
            add(path, &sides, &mut said);
        }
    }
    said
}

fn manifest(object: &Object) -> Json {
    let map = flinkc::kubernetes::kustomize::manifest(object, object.namespace.as_ref());
    serde_json::from_str(&flinkc::yaml::json(&Value::Map(map.into()))).expect("it is JSON")
}

fn add(path: &PathChange, sides: &[Json; 2], said: &mut Said) {
    let text = canonical(path, sides);
    let json = |value: &Option<Value>| {
        value.as_ref().map(|value| serde_json::from_str::<Json>(&flinkc::yaml::json(value)).expect("it is JSON"))
    };
    compare(json(&path.before).as_ref(), json(&path.after).as_ref(), text.clone(), &mut said.changes);
    if path.before.is_none() {
        said.new.push(text);
    }
}

/// A path by the keys of items instead of by their labels.
fn canonical(path: &PathChange, sides: &[Json; 2]) -> String {
    let mut text = String::new();
    let mut at: Vec<&Json> = sides.iter().collect();
    for step in &path.path.0 {
        match step {
            Step::Key(name) => {
                at = at.into_iter().filter_map(|value| value.get(&**name)).collect();
                text.push_str(&format!("/{name}"));
            }
            Step::Index(number) => {
                at = at.into_iter().filter_map(|value| value.get(number)).collect();
                text.push_str(&format!("/[{number}]"));
            }
            Step::Label(label) => {
                let text_of = |value: &Json| match value {
                    Json::String(text) => text.clone(),
                    value => value.to_string(),
                };
                // A name, or keys with a stroke between them.
                let called = |item: &&Json| {
                    let values: Vec<String> =
                        item.as_object().into_iter().flatten().map(|(_, value)| text_of(value)).collect();
                    values.iter().any(|value| **value == **label)
                        || label.split('/').all(|part| values.iter().any(|value| value == part)) && label.contains('/')
                };
                let items = at.iter().filter_map(|value| value.as_array());
                at = items.filter_map(|items| items.iter().find(called)).collect();
                let name = at.first().and_then(|item| keys_of(&text, item)).unwrap_or_else(|| format!("[{label}]"));
                text.push_str(&format!("/{name}"));
            }
        }
    }
    text
}
