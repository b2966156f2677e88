//! Schemas: defaults filled in, required fields demanded, checks run.

use super::evaluator::{Eval, Evaluator, Failed};
use super::expr::write_scalar;
use super::frame::{Frame, Variable};
use super::requirements::{Record, Subject};
use super::value::{Entry, Map, Origin, Rank, Value};
use crate::core::{Schema, SchemaField, Shape, Slot};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use std::rc::Rc;

impl<'p> Evaluator<'p> {
    /// A value with what its schemas add. `at` is the place to blame for what is missing.
    pub(super) fn complete(&mut self, value: Value, shape: &Shape, at: Span) -> Eval<Value> {
        match (shape, value) {
            (Shape::Plain, value) => Ok(value),
            (Shape::Schema(id), Value::Map(map)) => {
                let schema = &self.program.schemas[id.0 as usize];
                self.deeper()?;
                let result = self.complete_record(map, schema, at);
                self.depth -= 1;
                Ok(Value::Map(result?))
            }
            (Shape::List(inner), Value::List(mut list)) => {
                // All are looked at, to find every mistake.
                let mut result = Ok(());
                for item in Rc::make_mut(&mut list) {
                    result = self.complete_in_place(item, inner, at).and(result);
                }
                result.map(|()| Value::List(list))
            }
            (Shape::Map(inner) | Shape::List(inner), Value::Map(mut map)) => {
                self.complete_entries(Rc::make_mut(&mut map), inner, at)?;
                Ok(Value::Map(map))
            }
            (Shape::Map(inner) | Shape::List(inner), Value::Keyed(mut keyed)) => {
                self.complete_entries(&mut Rc::make_mut(&mut keyed).items, inner, at)?;
                Ok(Value::Keyed(keyed))
            }
            // Absent, null, or the other side of a union.
            (Shape::Schema(_) | Shape::List(_) | Shape::Map(_), value) => Ok(value),
        }
    }

    fn complete_entries(&mut self, map: &mut Map, shape: &Shape, at: Span) -> Eval<()> {
        let mut result = Ok(());
        for entry in map.entries_mut() {
            let at = self.place(entry.origin).map_or(at, |place| place.span);
            result = self.complete_in_place(&mut entry.value, shape, at).and(result);
        }
        result
    }

    fn complete_in_place(&mut self, value: &mut Value, shape: &Shape, at: Span) -> Eval<()> {
        let taken = std::mem::replace(value, Value::Absent);
        *value = self.complete(taken, shape, at)?;
        Ok(())
    }

    fn complete_record(&mut self, mut map: Rc<Map>, schema: &'p Schema, at: Span) -> Eval<Rc<Map>> {
        self.spend(schema.fields.len() * (size_of::<Entry>() + size_of::<Variable>()) + size_of::<Frame>())?;
        let frame = self.spare.take(schema.slots);
        let mut result = Ok(());
        // Which fields somebody set, to know whom a check blames.
        let mut set: Vec<Origin> = Vec::with_capacity(schema.fields.len());
        for (slot, field) in (0..).zip(&schema.fields) {
            set.push(map.entry(self.name(field.name)).map_or(Origin::NONE, |entry| entry.origin));
            match self.complete_field(&mut map, field, schema, &frame, at) {
                Ok(value) => {
                    frame.bind(Slot(slot), value);
                    if self.is_tracing() {
                        self.trace_field(&frame, Slot(slot), map.entry(self.name(field.name)));
                    }
                }
                Err(Failed) => {
                    frame.set(Slot(slot), Variable::Failed);
                    result = Err(Failed);
                }
            }
        }
        let record = Subject::Record(Record { schema, set: &set, at, round: None });
        result = self.requirements(&schema.requirements, record, &frame).and(result);
        self.spare.put(frame);
        result.map(|()| map)
    }

    fn complete_field(
        &mut self,
        map: &mut Rc<Map>,
        field: &'p SchemaField,
        schema: &'p Schema,
        frame: &Rc<Frame<'p>>,
        at: Span,
    ) -> Eval<Value> {
        let name = self.name(field.name).clone();
        if let Some(position) = map.position(&name) {
            self.trace_default(map.entries()[position].origin, field, frame);
            if field.shape == Shape::Plain {
                return Ok(map.entries()[position].value.clone());
            }
            let origin = map.entries()[position].origin;
            let at = self.place(origin).map_or(at, |place| place.span);
            let entry = Rc::make_mut(map).entry_mut(position);
            self.complete_in_place(&mut entry.value, &field.shape, at)?;
            return Ok(entry.value.clone());
        }
        if let Some(default) = &field.default {
            let mark = self.mark();
            let conditions = self.leave_conditions();
            let value = self.expr(default, frame);
            let origin = self.origin_of(field.place, mark);
            self.enter_conditions(conditions);
            let value = value?;
            let value = self.complete(value, &field.shape, field.span)?;
            if !value.is_absent() {
                let entry = Entry { key: name, value: value.clone(), origin, rank: Rank::NONE };
                Rc::make_mut(map).push(entry);
            }
            return Ok(value);
        }
        if field.required {
            let message = format!("`{name}` of `{}` is missing", schema.name);
            let diagnostic = Diagnostic::error(Code::MissingField, message, at);
            return self.fail(diagnostic.also(field.span, "declared here, without a default"));
        }
        Ok(Value::Absent)
    }
}

/// Of a list or map this many parts are named in a note.
const NAMED: usize = 8;

/// How many parts something has, and what the first of them are called.
fn counted<'v>(what: &str, length: usize, names: impl Iterator<Item = &'v str>) -> String {
    let mut names: Vec<String> = names.take(NAMED).map(|name| format!("`{}`", name.escape_debug())).collect();
    match length {
        0 => return format!("{what} without entries"),
        _ if names.is_empty() => return format!("{what} of {length}"),
        _ if names.len() < length => names.push("…".to_string()),
        _ => {}
    }
    format!("{what} of {length}: {}", names.join(", "))
}

fn text(value: &Value) -> Option<&str> {
    if let Value::Str(text) = value { Some(text) } else { None }
}

fn keys(map: &Map) -> impl Iterator<Item = &str> {
    map.entries().iter().map(|entry| &*entry.key)
}

/// A value in a note: scalars in full, lists and maps by their first names.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Absent => "absent".to_string(),
        Value::Str(text) if text.chars().count() > 60 => format!("a text of {} bytes", text.len()),
        Value::Str(text) => format!("\"{}\"", text.escape_debug()),
        Value::List(list) => counted("a list", list.len(), list.iter().filter_map(text)),
        Value::Keyed(keyed) => counted("a list", keyed.items.len(), keys(&keyed.items)),
        Value::Map(map) => counted("a map", map.len(), keys(map)),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Memory(_)
        | Value::Cpu(_)
        | Value::Duration(_)
        | Value::Secret(_) => {
            let mut text = String::new();
            write_scalar(&mut text, value);
            text
        }
    }
}
