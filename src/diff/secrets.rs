//! What nobody who reads a difference may learn from it: the values of Secrets.

use super::{Path, Step};
use crate::eval::value::{Map, Value};
use crate::kubernetes::Object;
use std::rc::Rc;

/// What stands for a value before.
const BEFORE: &str = "(hidden)";
/// What stands for another value after.
const AFTER: &str = "(hidden, another)";
/// Where kubectl keeps a copy of what it applied.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Whether the values at and below a place are secret.
pub fn is_secret(object: &Object, path: &Path) -> bool {
    if !is_a_secret(object) {
        return false;
    }
    match path.0.as_slice() {
        [Step::Key(field), ..] if matches!(&**field, "data" | "stringData") => true,
        [Step::Key(metadata), Step::Key(field), rest @ ..]
            if &**metadata == "metadata" && &**field == "annotations" =>
        {
            // A change of all annotations has the copy in it.
            rest.first().is_none_or(|key| matches!(key, Step::Key(key) if &**key == LAST_APPLIED))
        }
        _ => false,
    }
}

/// The value as it is shown where it was, with the structure that it has.
pub fn hidden_before(value: &Value) -> Value {
    hidden(value, BEFORE)
}

/// The value as it is shown where it is another one.
pub fn hidden_after(value: &Value) -> Value {
    hidden(value, AFTER)
}

/// The object without the values that are secret.
pub fn masked(object: &Object) -> Object {
    if !is_a_secret(object) {
        return object.clone();
    }
    let mut fields = (*object.fields).clone();
    for field in ["data", "stringData"] {
        if let Some(value) = fields.get(field) {
            let value = hidden_before(value);
            fields.set(field.into(), value);
        }
    }
    if let Some(Value::Map(metadata)) = fields.get("metadata")
        && let Some(Value::Map(annotations)) = metadata.get("annotations")
        && annotations.get(LAST_APPLIED).is_some()
    {
        let (mut metadata, mut annotations) = ((**metadata).clone(), (**annotations).clone());
        annotations.set(LAST_APPLIED.into(), Value::Str(BEFORE.into()));
        metadata.set("annotations".into(), Value::Map(Rc::new(annotations)));
        fields.set("metadata".into(), Value::Map(Rc::new(metadata)));
    }
    Object { fields: Rc::new(fields), ..object.clone() }
}

fn is_a_secret(object: &Object) -> bool {
    &*object.kind == "Secret" && &*object.api_version == "v1"
}

fn hidden(value: &Value, instead: &str) -> Value {
    match value {
        Value::Map(map) => {
            let mut all = Map::with_capacity(map.len());
            for entry in map.entries() {
                all.set(entry.key.clone(), Value::Str(instead.into()));
            }
            Value::Map(Rc::new(all))
        }
        Value::Absent
        | Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Str(_)
        | Value::Memory(_)
        | Value::Cpu(_)
        | Value::Duration(_)
        | Value::Secret(_)
        | Value::List(_)
        | Value::Keyed(_) => Value::Str(instead.into()),
    }
}
