//! Kustomize's `replicas`, where only the number of pods differs.

use super::patch::{Action, Change};
use crate::eval::value::{Str, Value};
use crate::kubernetes::Object;

/// An entry of `replicas`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replicas {
    /// The object's name.
    pub name: Str,
    /// How many.
    pub count: i64,
}

/// Takes out of an object's changes what `replicas` says. `objects` is all that Kustomize meets there: it finds by
/// name alone, so that no other object of these kinds may bear it.
pub fn extract(object: &Object, changes: &mut Vec<Change>, objects: &[&Object]) -> Option<Replicas> {
    let alike = || objects.iter().filter(|other| is_scalable(other) && other.name == object.name).count();
    if !is_scalable(object) || alike() != 1 {
        return None;
    }
    let (at, count) = changes.iter().enumerate().find_map(|(at, change)| match &change.action {
        Action::Add(Value::Int(count)) | Action::Replace { from: Value::Int(_), to: Value::Int(count) }
            if change.pointer == "/spec/replicas" && *count >= 0 =>
        {
            Some((at, *count))
        }
        Action::Add(_) | Action::Replace { .. } | Action::Remove => None,
    })?;
    changes.remove(at);
    Some(Replicas { name: object.name.clone(), count })
}

/// Kinds that Kustomize scales, whatever their group.
fn is_scalable(object: &Object) -> bool {
    matches!(&*object.kind, "Deployment" | "ReplicationController" | "ReplicaSet" | "StatefulSet")
}
