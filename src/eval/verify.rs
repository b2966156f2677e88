//! Finished objects against the fields that the API requires, where the checker could not tell.

use super::data::definition;
use super::evaluator::{Eval, Evaluator, Failed};
use super::value::{Map, Origin, Value};
use crate::core::Resource;
use crate::diagnostic::{Code, Diagnostic};
use crate::schema::FieldType;
use crate::source::Span;

/// Where a walk through an object is.
struct Walk {
    /// Such as " of Deployment `web`"; empty where it is not known which objects there will be.
    of: String,
    /// Whom to blame where nobody set anything.
    at: Span,
    path: Vec<String>,
    /// Who set what the walk is in, as near as it is known.
    origins: Vec<Origin>,
    /// The other items of the keyed list whose item the walk is in, while it is not deeper.
    others: Vec<String>,
    /// Whether an item may have been meant for one of those.
    may_be_misnamed: bool,
}

impl<'p> Evaluator<'p> {
    /// Reports required fields that are missing.
    pub(super) fn verify(&mut self, fields: &Map, name: &str, resource: &'p Resource, object: &str) -> Eval<()> {
        let mut walk = Walk::new(format!(" of {} `{object}`", resource.kind), resource.span);
        self.verify_record(fields, name, None, &mut walk)
    }

    /// The same for a value whose parts may lack what is required. Whether they were laid over others, so that a new
    /// item of a list may have been meant for one that was there.
    pub(super) fn verify_merged(&mut self, value: &Value, ty: &FieldType, at: Span, laid_over: bool) -> Eval<()> {
        let walk = Walk::new(String::new(), at);
        self.verify_value(value, ty, &mut Walk { may_be_misnamed: laid_over, ..walk })
    }

    /// `label` is the field that the record's place in a keyed list says.
    fn verify_record(&mut self, fields: &Map, name: &str, label: Option<&str>, walk: &mut Walk) -> Eval<()> {
        let Some(definition) = definition(self.api, name) else { return Ok(()) };
        let mut result = Ok(());
        for field in &definition.fields {
            match fields.entry(&field.name) {
                Some(entry) => {
                    walk.enter(field.name.clone(), entry.origin);
                    result = self.verify_value(&entry.value, &field.ty, walk).and(result);
                    walk.leave();
                }
                None if !field.required || label == Some(&*field.name) => {}
                // These two stand outside an object's body.
                None if walk.path.is_empty() && matches!(&*field.name, "apiVersion" | "kind") => {}
                None => {
                    let dot = if walk.path.is_empty() { "" } else { "." };
                    let path = format!("{}{dot}{}", walk.path.join("."), field.name);
                    let message = format!("`{path}`{} is missing", walk.of);
                    let setter = walk.origins.iter().rev().find(|origin| **origin != Origin::NONE);
                    let place = setter.and_then(|origin| self.place(*origin));
                    let at = place.map_or(walk.at, |place| place.span);
                    self.report(Diagnostic::error(Code::MissingField, message, at).help(walk.advice()));
                    result = Err(Failed);
                }
            }
        }
        result
    }

    fn verify_value(&mut self, value: &Value, ty: &FieldType, walk: &mut Walk) -> Eval<()> {
        match (ty, value) {
            (FieldType::Record(name), Value::Map(map)) => self.verify_record(map, name, None, walk),
            (FieldType::Nullable(inner), value) => self.verify_value(value, inner, walk),
            (FieldType::List(inner) | FieldType::Map(inner), value) => {
                let mut result = Ok(());
                for (step, item, origin) in children(value) {
                    walk.enter(step, origin);
                    result = self.verify_value(&item, inner, walk).and(result);
                    walk.leave();
                }
                result
            }
            (FieldType::Keyed { item, label, .. }, value) => {
                let known = matches!(value, Value::Keyed(_)).then_some(label.as_str());
                let mut result = Ok(());
                let all = children(value);
                for (at, (step, value, origin)) in all.iter().enumerate() {
                    if let Value::Map(map) = value {
                        walk.enter(step.clone(), *origin);
                        walk.others = all
                            .iter()
                            .enumerate()
                            .filter(|(other, _)| *other != at)
                            .map(|(_, one)| one.0.clone())
                            .collect();
                        result = self.verify_record(map, item, known, walk).and(result);
                        walk.others.clear();
                        walk.leave();
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

impl Walk {
    fn new(of: String, at: Span) -> Walk {
        Walk { of, at, path: Vec::new(), origins: Vec::new(), others: Vec::new(), may_be_misnamed: true }
    }

    fn enter(&mut self, step: String, origin: Origin) {
        self.path.push(step);
        self.origins.push(origin);
    }

    fn leave(&mut self) {
        self.path.pop();
        self.origins.pop();
    }

    /// In a keyed list, a name that nothing else has makes a new item, where another one may have been meant.
    fn advice(&self) -> Option<String> {
        let new = self.path.last()?;
        let others: Vec<String> = self.others.iter().take(8).map(|name| format!("`{name}`")).collect();
        let list = self.path.get(self.path.len().checked_sub(2)?)?;
        (self.may_be_misnamed && !others.is_empty())
            .then(|| format!("`{new}` is a new item of `{list}`; there is {}", others.join(", ")))
    }
}

/// The values in a container, how a path names each, and who set it.
fn children(value: &Value) -> Vec<(String, Value, Origin)> {
    let entries = |map: &Map| map.entries().iter().map(|e| (e.key.to_string(), e.value.clone(), e.origin)).collect();
    match value {
        Value::List(list) => {
            list.iter().enumerate().map(|(at, item)| (format!("[{at}]"), item.clone(), Origin::NONE)).collect()
        }
        Value::Map(map) => entries(map),
        Value::Keyed(keyed) => entries(&keyed.items),
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
