//! Finished objects against the fields that the API requires, where the checker could not tell.

use super::data::definition;
use super::evaluator::{Eval, Evaluator, Failed};
use super::value::{Map, Value};
use crate::core::Resource;
use crate::diagnostic::{Code, Diagnostic};
use crate::schema::FieldType;

/// Where a walk through an object is.
struct Walk<'a> {
    resource: &'a Resource,
    object: &'a str,
    path: Vec<String>,
}

impl<'p> Evaluator<'p> {
    /// Reports required fields that are missing.
    pub(super) fn verify(&mut self, fields: &Map, name: &str, resource: &'p Resource, object: &str) -> Eval<()> {
        let mut walk = Walk { resource, object, path: Vec::new() };
        self.verify_record(fields, name, None, &mut walk)
    }

    /// `label` is the field that the record's place in a keyed list says.
    fn verify_record(&mut self, fields: &Map, name: &str, label: Option<&str>, walk: &mut Walk<'_>) -> Eval<()> {
        let Some(definition) = definition(self.api, name) else { return Ok(()) };
        let mut result = Ok(());
        for field in &definition.fields {
            match fields.get(&field.name) {
                Some(value) => {
                    walk.path.push(field.name.clone());
                    result = self.verify_value(value, &field.ty, walk).and(result);
                    walk.path.pop();
                }
                None if !field.required || label == Some(&*field.name) => {}
                // These two stand outside an object's body.
                None if walk.path.is_empty() && matches!(&*field.name, "apiVersion" | "kind") => {}
                None => {
                    let dot = if walk.path.is_empty() { "" } else { "." };
                    let path = format!("{}{dot}{}", walk.path.join("."), field.name);
                    let message = format!("`{path}` of {} `{}` is missing", walk.resource.kind, walk.object);
                    self.report(Diagnostic::error(Code::MissingField, message, walk.resource.span));
                    result = Err(Failed);
                }
            }
        }
        result
    }

    fn verify_value(&mut self, value: &Value, ty: &FieldType, walk: &mut Walk<'_>) -> Eval<()> {
        match (ty, value) {
            (FieldType::Record(name), Value::Map(map)) => self.verify_record(map, name, None, walk),
            (FieldType::Nullable(inner), value) => self.verify_value(value, inner, walk),
            (FieldType::List(inner) | FieldType::Map(inner), value) => {
                let mut result = Ok(());
                for (step, item) in children(value) {
                    walk.path.push(step);
                    result = self.verify_value(&item, inner, walk).and(result);
                    walk.path.pop();
                }
                result
            }
            (FieldType::Keyed { item, label, .. }, value) => {
                let known = matches!(value, Value::Keyed(_)).then_some(label.as_str());
                let mut result = Ok(());
                for (step, value) in children(value) {
                    if let Value::Map(map) = &value {
                        walk.path.push(step);
                        result = self.verify_record(map, item, known, walk).and(result);
                        walk.path.pop();
                    }
                }
                result
            }
            (
                FieldType::Record(_)
                | FieldType::String
                | FieldType::Int
                | FieldType::Float
                | FieldType::Bool
                | FieldType::Quantity
                | FieldType::IntOrString
                | FieldType::Duration
                | FieldType::Any
                | FieldType::Enum(_),
                _,
            ) => Ok(()),
        }
    }
}

/// The values in a container, and how a path names each.
fn children(value: &Value) -> Vec<(String, Value)> {
    match value {
        Value::List(list) => list.iter().enumerate().map(|(at, item)| (format!("[{at}]"), item.clone())).collect(),
        Value::Map(map) => map.entries().iter().map(|e| (e.key.to_string(), e.value.clone())).collect(),
        Value::Keyed(keyed) => keyed.items.entries().iter().map(|e| (e.key.to_string(), e.value.clone())).collect(),
        Value::Absent
        | Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Str(_)
        | Value::Memory(_)
        | Value::Cpu(_)
        | Value::Duration(_)
        | Value::Secret(_) => Vec::new(),
    }
}
