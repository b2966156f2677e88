//! Kustomize's `labels`, where all objects get one.
//!
//! The transformer labels every object of a directory, and if asked the templates of their pods. It is used only where
//! that is exactly what is wanted. It runs after the patches, which leave out what it says.

use super::stages::{Stage, Step};
use crate::eval::value::{Map, Str, Value};
use crate::kubernetes::{Object, kustomize};
use std::rc::Rc;

/// An entry of `labels`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// Keys and values.
    pub pairs: Vec<(Str, Str)>,
    /// Whether they are set in the templates of pods as well.
    pub templates: bool,
}

const METADATA: &[&str] = &["metadata", "labels"];
const TEMPLATE: &[&str] = &["spec", "template", "metadata", "labels"];
const JOB_TEMPLATES: [&[&str]; 2] = [
    &["spec", "jobTemplate", "metadata", "labels"],
    &["spec", "jobTemplate", "spec", "template", "metadata", "labels"],
];

/// Takes out of a stage what `labels` says. What is left of its changes is to be done otherwise.
pub fn extract(stage: &mut Stage) -> Vec<Labels> {
    let (mut everywhere, mut in_objects) = (Vec::new(), Vec::new());
    let all: Vec<&Object> = stage.objects().collect();
    for (key, value) in candidates(stage) {
        if !all.iter().all(|object| found(&object.fields, METADATA, &key) == Found::Text(&value)) {
            continue;
        }
        let of_templates = all.iter().all(|object| templates_agree(object, &key, &value));
        if of_templates { &mut everywhere } else { &mut in_objects }.push((key, value));
    }
    let entries = [Labels { pairs: everywhere, templates: true }, Labels { pairs: in_objects, templates: false }];
    let entries: Vec<Labels> = entries.into_iter().filter(|entry| !entry.pairs.is_empty()).collect();
    if !entries.is_empty() {
        stage.shorten_changes(|from, to| without(from, to, &entries));
    }
    entries
}

/// The labels that any object gets, in the order in which they are found.
fn candidates(stage: &Stage) -> Vec<(Str, Str)> {
    let mut candidates: Vec<(Str, Str)> = Vec::new();
    for step in &stage.steps {
        let Step::Change { from, to } = step else { continue };
        for entry in at(&to.fields, METADATA).into_iter().flat_map(Map::entries) {
            let Value::Str(value) = &entry.value else { continue };
            let is_known = candidates.iter().any(|(key, _)| *key == entry.key);
            let is_new = found(&from.fields, METADATA, &entry.key) != Found::Text(value);
            if is_new && !is_known && kustomize::survives_rewriting(value) {
                candidates.push((entry.key.clone(), value.clone()));
            }
        }
    }
    candidates
}

/// What is at the end of a path.
#[derive(Debug, PartialEq, Eq)]
enum Found<'a> {
    Nothing,
    Text(&'a str),
    /// Something that is no label, at the end or on the way.
    Other,
}

fn found<'a>(map: &'a Map, path: &[&str], label: &str) -> Found<'a> {
    let (step, rest) = path.split_first().map_or((label, None), |(step, rest)| (*step, Some(rest)));
    match (map.get(step), rest) {
        (None, _) | (Some(Value::Null), Some(_)) => Found::Nothing,
        (Some(Value::Str(text)), None) => Found::Text(text),
        (Some(Value::Map(map)), Some(rest)) => found(map, rest, label),
        (Some(_), _) => Found::Other,
    }
}

fn at<'a>(map: &'a Map, path: &[&str]) -> Option<&'a Map> {
    let Some((step, rest)) = path.split_first() else { return Some(map) };
    match map.get(step) {
        Some(Value::Map(map)) => at(map, rest),
        _ => None,
    }
}

/// Whether the label is wanted wherever Kustomize would set it for `includeTemplates`. Older versions know the
/// one template of a pod only, and label it in objects of any kind, where it has labels already.
fn templates_agree(object: &Object, key: &str, value: &str) -> bool {
    let is_wanted = |fields: &Map, path: &[&str]| found(fields, path, key) == Found::Text(value);
    let has_none = || found(&object.fields, TEMPLATE, key) == Found::Nothing && at(&object.fields, TEMPLATE).is_none();
    if !is_wanted(&object.fields, TEMPLATE) && (has_template(object) || !has_none()) {
        return false;
    }
    let (group, _) = object.api_version.split_once('/').unwrap_or_default();
    match (group, &*object.kind) {
        ("batch", "CronJob") => JOB_TEMPLATES.iter().all(|path| is_wanted(&object.fields, path)),
        ("apps", "StatefulSet") => claims(&object.fields).is_some_and(|claims| {
            claims.iter().all(|claim| matches!(claim, Value::Map(map) if is_wanted(map, METADATA)))
        }),
        _ => true,
    }
}

/// The kinds to whose pods Kustomize gives labels, also where they have none.
fn has_template(object: &Object) -> bool {
    let (group, version) = object.api_version.split_once('/').unwrap_or(("", &object.api_version));
    match &*object.kind {
        "Deployment" | "ReplicaSet" | "DaemonSet" => true,
        "ReplicationController" => version == "v1",
        "StatefulSet" => group == "apps",
        "Job" => group == "batch",
        _ => false,
    }
}

/// The claims of a StatefulSet; none where there is something else in their place.
fn claims(fields: &Map) -> Option<Vec<&Value>> {
    match at(fields, &["spec"]).and_then(|spec| spec.get("volumeClaimTemplates")) {
        None => Some(Vec::new()),
        Some(Value::List(claims)) => Some(claims.iter().collect()),
        Some(Value::Keyed(claims)) => Some(claims.items.entries().iter().map(|entry| &entry.value).collect()),
        Some(_) => None,
    }
}

/// What is wanted before the labels are set.
fn without(from: &Object, to: &Object, entries: &[Labels]) -> Object {
    let mut fields = (*to.fields).clone();
    for Labels { pairs, templates } in entries {
        for (key, _) in pairs {
            fields = as_before(&from.fields, &fields, METADATA, key);
            // Where there were no labels an older version would set none.
            if *templates && has_template(to) && at(&from.fields, TEMPLATE).is_some() {
                fields = as_before(&from.fields, &fields, TEMPLATE, key);
            }
        }
    }
    Object { fields: Rc::new(fields), ..to.clone() }
}

/// The map `after` with the label at the end of a path as it is in `before`. A map of labels that was not there goes
/// with its last label.
fn as_before(before: &Map, after: &Map, path: &[&str], label: &str) -> Map {
    let mut map = after.clone();
    let Some((step, rest)) = path.split_first() else {
        match before.entry(label) {
            Some(entry) => map.set(entry.key.clone(), entry.value.clone()),
            None => drop(map.remove(label)),
        }
        return map;
    };
    let nothing = Map::default();
    let (inner_before, is_there) = match before.get(step) {
        Some(Value::Map(map)) => (&**map, true),
        _ => (&nothing, false),
    };
    if let Some(entry) = after.entry(step)
        && let Value::Map(inner) = &entry.value
    {
        let inner = as_before(inner_before, inner, rest, label);
        if inner.is_empty() && !is_there {
            map.remove(step);
        } else {
            map.set(entry.key.clone(), Value::Map(Rc::new(inner)));
        }
    }
    map
}
