//! Schemas: defaults filled in, required fields demanded, checks run.

use super::evaluator::{Eval, Evaluator, Failed};
use super::expr::write_scalar;
use super::frame::{Frame, Variable};
use super::value::{Entry, Map, Origin, Rank, Value};
use crate::core::{Check, Read, Schema, SchemaField, Shape, Slot};
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
                    let name = self.name(field.name).clone();
                    self.trace_field(&frame, Slot(slot), map.entry(&name));
                }
                Err(Failed) => {
                    frame.set(Slot(slot), Variable::Failed);
                    result = Err(Failed);
                }
            }
        }
        for check in &schema.checks {
            result = self.check_schema(check, schema, &set, &frame, at).and(result);
        }
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

    fn check_schema(
        &mut self,
        check: &'p Check,
        schema: &'p Schema,
        set: &[Origin],
        frame: &Rc<Frame<'p>>,
        at: Span,
    ) -> Eval<()> {
        if self.condition(&check.condition, frame)? {
            return Ok(());
        }
        let message = self.string(&check.message, frame)?;
        let mut blamed: Option<crate::core::Place> = None;
        let mut notes = Vec::new();
        for (at, read) in check.reads.iter().enumerate() {
            // What is read of a field tells more than the field as a whole.
            let deeper = |other: &Read| other.slot == read.slot && other.path.len() > read.path.len();
            if check.reads.iter().enumerate().any(|(other, read)| other != at && deeper(read)) {
                continue;
            }
            let (origin, value) = self.what_was_read(read, schema, set, frame)?;
            let is_empty = matches!(&value, Value::Map(map) if map.is_empty());
            if !value.is_absent() && !is_empty {
                let names = schema.fields.get(read.slot.0 as usize).map(|field| field.name);
                let names: Vec<&str> = names.iter().chain(&read.path).map(|name| self.program.name(*name)).collect();
                notes.push(format!("{} = {}", names.join("."), shown(&value)));
            }
            // A stronger layer spoke later: what it says broke what held before.
            let origin = entry_in(&value, &message).or(origin);
            let place = origin.and_then(|origin| self.place(origin));
            if place.is_some_and(|place| blamed.is_none_or(|blamed| place.layer > blamed.layer)) {
                blamed = place;
            }
        }
        // Where nobody set what the check reads, the record that lacks it is to blame.
        let blamed = blamed.map_or(at, |place| place.span);
        let mut diagnostic = Diagnostic::error(Code::CheckFailed, &*message, blamed).also(check.span, "required here");
        for note in notes {
            diagnostic = diagnostic.note(note);
        }
        self.fail(diagnostic)
    }

    /// Who set what a check reads, where somebody did, and its value.
    fn what_was_read(
        &mut self,
        read: &Read,
        schema: &'p Schema,
        set: &[Origin],
        frame: &Rc<Frame<'p>>,
    ) -> Eval<(Option<Origin>, Value)> {
        let mut value = self.local(read.slot, frame)?;
        let mut origin = set.get(read.slot.0 as usize).copied().filter(|origin| *origin != Origin::NONE);
        let mut shape = schema.fields.get(read.slot.0 as usize).map(|field| &field.shape);
        for name in &read.path {
            let Value::Map(map) = &value else { return Ok((origin, Value::Absent)) };
            let Some(entry) = map.entry(self.name(*name)).cloned() else { return Ok((origin, Value::Absent)) };
            let field = match shape {
                Some(Shape::Schema(id)) => {
                    self.program.schemas[id.0 as usize].fields.iter().find(|field| field.name == *name)
                }
                Some(Shape::Plain | Shape::List(_) | Shape::Map(_)) | None => None,
            };
            // A default was set by nobody.
            let default = field.is_some_and(|field| self.origins.place_id(entry.origin) == Some(field.place));
            origin = Some(entry.origin).filter(|_| !default);
            shape = field.map(|field| &field.shape);
            value = entry.value;
        }
        Ok((origin, value))
    }

    /// A check of a component or of the root.
    pub(super) fn check(&mut self, check: &'p Check, frame: &Rc<Frame<'p>>) -> Eval<()> {
        if self.condition(&check.condition, frame)? {
            return Ok(());
        }
        let message = self.string(&check.message, frame)?;
        let blamed = frame.site.as_ref().and_then(|site| site.span());
        let mut diagnostic = Diagnostic::error(Code::CheckFailed, &*message, blamed.unwrap_or(check.span));
        if blamed.is_some() {
            diagnostic = diagnostic.also(check.span, "required here");
        }
        self.fail(diagnostic)
    }
}

/// Of a map that a check reads, the entry that its message quotes is the one to change.
fn entry_in(value: &Value, message: &str) -> Option<Origin> {
    let Value::Map(map) = value else { return None };
    let quoted = |key: &str| message.contains(&format!("`{key}`"));
    // A key with a dot is no field's name, so that a message that quotes it means the entry. Of a map with very many
    // entries, the map as a whole is to blame.
    let entry = map.entries().iter().take(1000).find(|entry| entry.key.contains('.') && quoted(&entry.key))?;
    Some(entry.origin).filter(|origin| *origin != Origin::NONE)
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
