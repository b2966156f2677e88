//! Changes for programs. The shape is described in `docs/diff.md`, and by the schema beside it.

use super::{Consequence, Difference, EnvironmentDiff, Failed, ObjectChange, PathChange, SetBy, Step, counts, worst};
use crate::eval::value::{Map, Str, Value};
use crate::kubernetes::{Object, kustomize};
use crate::yaml;
use std::rc::Rc;

/// The version of the shape. Within a version members are added, never changed or taken away.
const VERSION: i64 = 1;

/// One JSON document, ending with a line break.
#[must_use]
pub fn json(environments: &[EnvironmentDiff]) -> String {
    let environments = environments.iter().map(|EnvironmentDiff { environment, objects, notes, failures }| {
        record([
            ("environment", Some(text(environment))),
            ("summary", Some(summary(objects))),
            ("notes", texts(notes)),
            ("objects", Some(list(objects.iter().map(object)))),
            ("failures", (!failures.is_empty()).then(|| list(failures.iter().map(failed)))),
        ])
    });
    let mut out =
        yaml::json(&record([("version", Some(Value::Int(VERSION))), ("environments", Some(list(environments)))]));
    out.push('\n');
    out
}

fn summary(objects: &[ObjectChange]) -> Value {
    let [changed, created, deleted] =
        counts(objects).map(|(count, _)| Value::Int(i64::try_from(count).unwrap_or(i64::MAX)));
    record([
        ("worst", worst(objects).map(|(cost, _)| text(cost.word()))),
        ("changed", Some(changed)),
        ("created", Some(created)),
        ("deleted", Some(deleted)),
    ])
}

fn failed(Failed { object, reason }: &Failed) -> Value {
    record([("object", Some(text(object))), ("reason", Some(text(reason)))])
}

fn object(change: &ObjectChange) -> Value {
    let ObjectChange { unit, difference, consequence, prediction } = change;
    let Object { api_version, kind, name, namespace, .. } = change.object();
    let (verb, before, after, paths) = match difference {
        Difference::Created(object) => ("created", None, Some(manifest(object)), None),
        Difference::Deleted(object) => ("deleted", Some(manifest(object)), None, None),
        Difference::Changed { paths, .. } if !change.is_difference() => {
            ("none", None, None, Some(list(paths.iter().map(path))))
        }
        Difference::Changed { paths, .. } => ("changed", None, None, Some(list(paths.iter().map(path)))),
    };
    record([
        ("change", Some(text(verb))),
        ("apiVersion", Some(Value::Str(api_version.clone()))),
        ("kind", Some(Value::Str(kind.clone()))),
        ("namespace", namespace.clone().map(Value::Str)),
        ("name", Some(Value::Str(name.clone()))),
        ("declaration", Some(Value::Str(unit.clone())).filter(|_| !unit.is_empty())),
        ("evidence", prediction.as_ref().map(|known| text(known.evidence.word()))),
        ("manager", prediction.as_ref().and_then(|known| known.manager.as_deref()).map(text)),
        ("notes", prediction.as_ref().and_then(|known| texts(&known.notes))),
        ("refused", change.refused().map(text)),
        ("paths", paths),
        ("before", before),
        ("after", after),
        ("cost", cost(consequence.as_ref())),
        ("reason", reason(consequence.as_ref())),
    ])
}

fn path(PathChange { path, before, after, consequence, predicted, set_by }: &PathChange) -> Value {
    let steps = path.0.iter().map(|step| match step {
        Step::Key(name) | Step::Label(name) => Value::Str(name.clone()),
        Step::Index(at) => Value::Int(i64::try_from(*at).unwrap_or(i64::MAX)),
    });
    record([
        ("path", Some(text(&path.to_string()))),
        ("steps", Some(list(steps))),
        ("before", before.clone()),
        ("after", after.clone()),
        ("class", predicted.as_ref().map(|known| text(known.class.word()))),
        ("owners", predicted.as_ref().and_then(|known| texts(&known.owners))),
        ("notes", predicted.as_ref().and_then(|known| texts(&known.notes))),
        ("setBy", set_by.as_ref().map(by)),
        ("cost", cost(consequence.as_ref())),
        ("reason", reason(consequence.as_ref())),
    ])
}

fn by(SetBy { layer, place }: &SetBy) -> Value {
    record([("layer", Some(text(layer))), ("place", place.as_deref().map(text))])
}

/// None where there are none.
fn texts(all: &[String]) -> Option<Value> {
    (!all.is_empty()).then(|| list(all.iter().map(|one| text(one))))
}

fn cost(consequence: Option<&Consequence>) -> Option<Value> {
    consequence.map(|known| text(known.cost.word()))
}

fn reason(consequence: Option<&Consequence>) -> Option<Value> {
    consequence.and_then(|known| known.reason.clone()).map(Value::Str)
}

fn manifest(object: &Object) -> Value {
    Value::Map(Rc::new(kustomize::manifest(object, object.namespace.as_ref())))
}

fn text(text: &str) -> Value {
    Value::Str(Str::from(text))
}

fn list(items: impl Iterator<Item = Value>) -> Value {
    Value::List(Rc::new(items.collect()))
}

fn record<const N: usize>(entries: [(&str, Option<Value>); N]) -> Value {
    let mut map = Map::with_capacity(N);
    for (key, value) in entries {
        if let Some(value) = value {
            map.set(key.into(), value);
        }
    }
    Value::Map(Rc::new(map))
}
