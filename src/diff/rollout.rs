//! What a change does to the pods of Kubernetes' own workloads: what their controllers do, whoever wrote the object.

use super::{Consequence, Path, Step};
use crate::core::Cost;
use crate::eval::value::Value;
use crate::kubernetes::Object;

/// What a change at a place of a Deployment, StatefulSet or DaemonSet does to its pods; none where the controller does
/// nothing, and of other kinds.
#[must_use]
pub fn of_change(before: &Object, after: &Object, path: &Path) -> Option<Consequence> {
    let keys: Vec<&str> = path.0.iter().map_while(Step::key).collect();
    match keys[..] {
        ["spec", "template", ..] => of_template(before, after),
        ["spec", "replicas"] if is_workload(after) && &*after.kind != "DaemonSet" => of_number(before, after),
        _ => None,
    }
}

/// What it does to the pods of a workload that it goes.
#[must_use]
pub fn of_deletion(object: &Object) -> Option<Consequence> {
    let count = pods(object);
    (is_workload(object) && count != Some(0))
        .then(|| consequence(Cost::Interrupt, format!("{} stopped", are(count, object))))
}

fn of_template(before: &Object, after: &Object) -> Option<Consequence> {
    let strategy = match &*after.kind {
        _ if !is_workload(after) => return None,
        "Deployment" => word(after, &["strategy", "type"]),
        _ => word(after, &["updateStrategy", "type"]),
    };
    let count = pods(before);
    let is_paused = matches!(spec(after, &["paused"]), Some(Value::Bool(true)));
    Some(match strategy.unwrap_or_default() {
        _ if count == Some(0) => consequence(Cost::Nothing, "there are no pods".to_owned()),
        _ if is_paused => consequence(Cost::Nothing, "it is paused: its pods stay as they are".to_owned()),
        "OnDelete" => consequence(Cost::Nothing, "its pods stay as they are until somebody deletes them".to_owned()),
        "Recreate" => consequence(Cost::Restart, format!("{} stopped, then others started", are(count, after))),
        _ => consequence(Cost::Rolling, format!("{} replaced{}", are(count, after), in_turn(count))),
    })
}

fn of_number(before: &Object, after: &Object) -> Option<Consequence> {
    let (was, is) = (pods(before)?, pods(after)?);
    let reason = match is - was {
        0 => return None,
        more if more > 0 => format!("pods that come: {more}"),
        fewer => format!("pods that go: {}", -fewer),
    };
    Some(consequence(Cost::Scale, reason))
}

fn is_workload(object: &Object) -> bool {
    &*object.api_version == "apps/v1" && matches!(&*object.kind, "Deployment" | "StatefulSet" | "DaemonSet")
}

/// How many pods an object asks for, where it says so.
fn pods(object: &Object) -> Option<i64> {
    match spec(object, &["replicas"]) {
        Some(Value::Int(count)) => Some(*count),
        Some(_) | None => None,
    }
}

/// As in `3 pods are`.
fn are(count: Option<i64>, object: &Object) -> String {
    match count {
        Some(1) => "the one pod is".to_owned(),
        Some(count) => format!("{count} pods are"),
        None if &*object.kind == "DaemonSet" => "the pods of all nodes are".to_owned(),
        None => "its pods are".to_owned(),
    }
}

fn in_turn(count: Option<i64>) -> &'static str {
    if count == Some(1) { "" } else { ", one after the other" }
}

fn word<'o>(object: &'o Object, way: &[&str]) -> Option<&'o str> {
    if let Value::Str(text) = spec(object, way)? { Some(text) } else { None }
}

fn spec<'o>(object: &'o Object, way: &[&str]) -> Option<&'o Value> {
    way.iter().try_fold(object.fields.get("spec")?, |value, name| {
        let Value::Map(map) = value else { return None };
        map.get(name)
    })
}

fn consequence(cost: Cost, reason: String) -> Consequence {
    Consequence { cost, reason: Some(reason.into()) }
}
