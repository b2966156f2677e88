//! Settings into maps: which wins, which collide.
//!
//! Settings of one map arrive weakest rank first. A container that was set as a whole has one rank for all that is in
//! it; the first time a stronger setting reaches into it, that rank is handed down to its entries.

use super::evaluator::{Eval, Evaluator};
use super::value::{Entry, Keyed, Map, Origin, Rank, Str, Value};
use crate::core::{Container, PlaceId};
use crate::core::{Layer, Place};
use crate::diagnostic::{Code, Diagnostic};
use std::rc::Rc;

/// Who sets something, and how strong that is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setter {
    pub place: PlaceId,
    pub rank: Rank,
    /// The place as an origin, with what was traced of it.
    pub origin: Origin,
}

impl Setter {
    /// One that computes nothing.
    pub fn new(place: PlaceId, rank: Rank) -> Setter {
        Setter { place, rank, origin: Origin(place.0) }
    }
}

/// Key, value and who sets it, for [`Evaluator::set`].
pub(super) struct Setting {
    pub key: Str,
    pub value: Value,
    pub setter: Setter,
}

impl Evaluator<'_> {
    /// Sets the whole value of a key.
    pub(super) fn set(&mut self, map: &mut Map, container: Container, setting: Setting) -> Eval<()> {
        let Setting { key, mut value, setter } = setting;
        if let Container::Keyed(field) = container {
            value = self.keyed_item(value, self.name(field).clone(), &key, setter)?;
        }
        let Some(at) = map.position(&key) else {
            self.spend(size_of::<Entry>())?;
            map.push(Entry { key, value, origin: setter.origin, rank: setter.rank });
            return Ok(());
        };
        let entry = map.entry_mut(at);
        if let Some(first) = colliding(entry, setter.rank) {
            return self.duplicate(&key, first, setter);
        }
        self.replace(entry, value, setter);
        Ok(())
    }

    fn replace(&mut self, entry: &mut Entry, value: Value, setter: Setter) {
        let loser = std::mem::replace(&mut entry.value, value);
        entry.origin = self.origins.record(setter.place, setter.origin, entry.origin, loser);
        entry.rank = setter.rank;
    }

    /// An item of a keyed list, without its label, which is the key.
    fn keyed_item(&mut self, value: Value, field: Str, key: &Str, setter: Setter) -> Eval<Value> {
        let Value::Map(mut item) = value else {
            return Ok(value);
        };
        match item.get(&field) {
            None => {}
            Some(Value::Str(label)) if label == key => {
                Rc::make_mut(&mut item).remove(&field);
            }
            Some(_) => {
                let message = format!("the item `{key}` says another `{field}` than its label");
                let help = format!("leave `{field}` out: the label is the `{field}`");
                return self.fail(Diagnostic::error(Code::InvalidValue, message, self.span(setter.place)).help(help));
            }
        }
        Ok(Value::Map(item))
    }

    /// Brings in the entries of another map, below what is set in the same layer.
    pub(super) fn spread(&mut self, map: &mut Map, container: Container, source: &Map, setter: Setter) -> Eval<()> {
        let rank = setter.rank.spread();
        for entry in source.entries() {
            let mut value = entry.value.clone();
            if let Container::Keyed(field) = container {
                value = self.keyed_item(value, self.name(field).clone(), &entry.key, setter)?;
            }
            let origin = self.spread_origin(setter.place, entry);
            let Some(at) = map.position(&entry.key) else {
                self.spend(size_of::<Entry>())?;
                map.push(Entry { key: entry.key.clone(), value, origin, rank });
                continue;
            };
            let known = map.entry_mut(at);
            if colliding(known, setter.rank).is_none() {
                self.replace(known, value, Setter { origin, rank, ..setter });
            } else if known.rank.is_opened() {
                match (&mut known.value, &value) {
                    (Value::Map(known), Value::Map(source)) => {
                        self.spread(Rc::make_mut(known), Container::Map, source, setter)?;
                    }
                    (Value::Keyed(known), Value::Keyed(source)) => {
                        self.spread(&mut Rc::make_mut(known).items, Container::Map, &source.items, setter)?;
                    }
                    // What the block reaches into is of another form than what is spread: the block wins.
                    (_, _) => {}
                }
            }
        }
        Ok(())
    }

    /// What a key holds, to reach into; made where it is missing.
    pub(super) fn descend<'m>(
        &mut self,
        map: &'m mut Map,
        key: Str,
        container: Container,
        setter: Setter,
    ) -> Eval<&'m mut Map> {
        let at = match map.position(&key) {
            Some(at) => at,
            None => {
                self.spend(size_of::<Entry>())?;
                let value = self.empty(container);
                map.push(Entry { key, value, origin: setter.origin, rank: setter.rank.opened() })
            }
        };
        let entry = map.entry_mut(at);
        if !entry.rank.is_opened() {
            if entry.rank.collides(setter.rank) {
                let (key, origin) = (entry.key.clone(), entry.origin);
                return self.duplicate(&key, origin, setter);
            }
            self.open(entry, container, setter)?;
        }
        if let (Value::List(list), Container::Keyed(field)) = (&entry.value, container) {
            let list = list.clone();
            entry.value = self.list_to_keyed(&list, field, setter)?;
        }
        match &mut entry.value {
            Value::Map(map) => Ok(Rc::make_mut(map)),
            Value::Keyed(keyed) => Ok(&mut Rc::make_mut(keyed).items),
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
            | Value::List(_) => {
                let message = format!("`{}` holds no fields that could be reached", entry.key);
                let mut diagnostic = Diagnostic::error(Code::InvalidValue, message, self.span(setter.place));
                if let Some(place) = self.place(entry.origin) {
                    diagnostic = diagnostic.also(place.span, "its value is set here");
                }
                self.fail(diagnostic)
            }
        }
    }

    /// Hands the rank of a container that was set as a whole down to what is in it; replaces a value without fields.
    fn open(&mut self, entry: &mut Entry, container: Container, setter: Setter) -> Eval<()> {
        let rank = entry.rank;
        match &mut entry.value {
            Value::Map(map) => hand_down(Rc::make_mut(map), rank),
            Value::Keyed(keyed) => hand_down(&mut Rc::make_mut(keyed).items, rank),
            // Settings inside say in full what a scalar was: it loses as a whole.
            Value::Absent
            | Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Str(_)
            | Value::Memory(_)
            | Value::Cpu(_)
            | Value::Duration(_)
            | Value::Secret(_) => {
                let empty = self.empty(container);
                self.replace(entry, empty, setter);
            }
            Value::List(list) => {
                if let Container::Keyed(field) = container {
                    let list = list.clone();
                    let value = self.list_to_keyed(&list, field, setter)?;
                    if let Value::Keyed(mut keyed) = value {
                        hand_down(&mut Rc::make_mut(&mut keyed).items, rank);
                        entry.value = Value::Keyed(keyed);
                    }
                }
            }
        }
        entry.rank = entry.rank.opened();
        Ok(())
    }

    fn list_to_keyed(&mut self, list: &[Value], field: crate::core::Sym, setter: Setter) -> Eval<Value> {
        let field = self.name(field).clone();
        match keyed(list, &field) {
            Some(keyed) => Ok(Value::Keyed(Rc::new(keyed))),
            None => {
                let message = format!("the list cannot be reached into by label: not every item has its own `{field}`");
                self.fail(Diagnostic::error(Code::InvalidValue, message, self.span(setter.place)))
            }
        }
    }

    pub(super) fn empty(&mut self, container: Container) -> Value {
        match container {
            Container::Map => Value::Map(Rc::default()),
            Container::Keyed(field) => {
                Value::Keyed(Rc::new(Keyed { field: self.name(field).clone(), items: Map::default() }))
            }
        }
    }

    pub(super) fn span(&self, place: PlaceId) -> crate::source::Span {
        self.program.places[place.0 as usize].span
    }

    fn duplicate<T>(&mut self, key: &str, first: Origin, setter: Setter) -> Eval<T> {
        let message = format!("`{key}` is set twice in the same layer");
        let Place { span, layer } = self.program.places[setter.place.0 as usize];
        let help = match layer {
            Layer::Group => {
                let name = &self.program.environments[self.environment.0 as usize].name;
                format!("settle it in `when {name} {{ … }}`, which stands above groups")
            }
            Layer::Base | Layer::Environment => "set it once, or under conditions that exclude each other".to_string(),
        };
        let mut diagnostic = Diagnostic::error(Code::DuplicateField, message, span).label("set again here").help(help);
        if let Some(place) = self.place(first) {
            diagnostic = diagnostic.also(place.span, "first set here");
        }
        self.fail(diagnostic)
    }
}

/// A list as a keyed list, where every item is a map with a text of its own in the field.
pub(super) fn keyed(list: &[Value], field: &Str) -> Option<Keyed> {
    let mut items = Map::with_capacity(list.len());
    for item in list {
        let Value::Map(map) = item else { return None };
        let entry = map.entry(field)?;
        let Value::Str(label) = &entry.value else { return None };
        if items.position(label).is_some() {
            return None;
        }
        let origin = entry.origin;
        let mut rest = (**map).clone();
        rest.remove(field);
        items.push(Entry { key: label.clone(), value: Value::Map(Rc::new(rest)), origin, rank: Rank::NONE });
    }
    Some(Keyed { field: field.clone(), items })
}

/// The first label that two items of a list have.
pub(super) fn repeated_label(list: &[Value], field: &Str) -> Option<Str> {
    let mut seen = rustc_hash::FxHashSet::default();
    for item in list {
        if let Value::Map(map) = item
            && let Some(Value::Str(label)) = map.get(field)
            && !seen.insert(label.clone())
        {
            return Some(label.clone());
        }
    }
    None
}

/// An item without the field that its label stands for.
pub(super) fn without_label(item: &Value, field: &Str) -> Value {
    match item {
        Value::Map(map) if map.get(field).is_some() => {
            let mut rest = (**map).clone();
            rest.remove(field);
            Value::Map(Rc::new(rest))
        }
        other => other.clone(),
    }
}

fn hand_down(map: &mut Map, rank: Rank) {
    for entry in map.entries_mut() {
        entry.rank = rank.inside();
    }
}

/// The origin of what a setting of that rank would collide with.
fn colliding(entry: &Entry, rank: Rank) -> Option<Origin> {
    if !entry.rank.is_opened() {
        return entry.rank.collides(rank).then_some(entry.origin);
    }
    let inside = match &entry.value {
        Value::Map(map) => map,
        Value::Keyed(keyed) => &keyed.items,
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
        | Value::List(_) => return None,
    };
    inside.entries().iter().find_map(|inner| colliding(inner, rank))
}
