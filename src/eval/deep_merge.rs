//! `merge` and `whole`: values laid over others, by their type.
//!
//! Records and maps are merged entry by entry, keyed lists item by item, in the order of what lies below and then of
//! what is new. All else is replaced. Every entry keeps who set it, and remembers whom it replaced.

use super::evaluator::{Eval, Evaluator};
use super::frame::Frame;
use super::merge::keyed;
use super::value::{Entry, Keyed, Map, Origin, Value};
use crate::core::Expr;
use crate::schema::FieldType;
use crate::source::Span;
use std::rc::Rc;

/// What the API server takes for a key that an item does not say.
const DEFAULTS: [(&str, &str); 1] = [("protocol", "TCP")];

impl<'p> Evaluator<'p> {
    /// `merge(base, over, …)`; `whole(base)` has nothing to lay over it. Whether to look for what is missing in the end, and the call.
    pub(super) fn merged(
        &mut self,
        base: &'p Expr,
        overs: &'p [Expr],
        ty: &'p FieldType,
        (verify, span): (bool, Span),
        frame: &Rc<Frame<'p>>,
    ) -> Eval<Value> {
        let mut value = self.expr(base, frame)?;
        let mut laid = overs.is_empty();
        for over in overs {
            let over = self.expr(over, frame)?;
            if over.is_absent() {
                continue;
            }
            value = match self.laid(&value, &over, ty)? {
                Some(value) => value,
                None => over,
            };
            laid = true;
        }
        if !laid {
            return Ok(value);
        }
        let value = self.measured(value)?;
        if verify {
            self.verify_merged(&value, ty, span, !overs.is_empty())?;
        }
        Ok(value)
    }

    /// A map to lay something over, which is a copy where others hold it too.
    fn copied(&mut self, map: &Map) -> Eval<Map> {
        self.spend(map.len() * size_of::<Entry>())?;
        self.toil(map.len())?;
        Ok(map.clone())
    }

    /// One value with another laid over it; nothing where that replaces it.
    fn laid(&mut self, base: &Value, over: &Value, ty: &FieldType) -> Eval<Option<Value>> {
        self.deeper()?;
        let laid = self.laid_by_type(base, over, ty);
        self.depth -= 1;
        laid
    }

    fn laid_by_type(&mut self, base: &Value, over: &Value, ty: &FieldType) -> Eval<Option<Value>> {
        match (ty, base, over) {
            (FieldType::Nullable(inner), base, over) => self.laid(base, over, inner),
            (FieldType::Record(name), Value::Map(base), Value::Map(over)) => {
                self.laid_record(base, over, name).map(|map| Some(Value::Map(Rc::new(map))))
            }
            (FieldType::Map(inner), Value::Map(base), Value::Map(over)) => {
                let mut all = self.copied(base)?;
                over.entries().iter().try_for_each(|entry| self.lay(&mut all, entry, inner))?;
                Ok(Some(Value::Map(Rc::new(all))))
            }
            (FieldType::Keyed { item, .. }, Value::Keyed(base), Value::Keyed(over)) => {
                let item = FieldType::Record(item.clone());
                let mut items = self.copied(&base.items)?;
                over.items.entries().iter().try_for_each(|entry| self.lay(&mut items, entry, &item))?;
                Ok(Some(Value::Keyed(Rc::new(Keyed { field: base.field.clone(), items }))))
            }
            (FieldType::Keyed { item, label, keys }, base, over) => match (items(base), items(over)) {
                (Some(base), Some(over)) => self.laid_items(base, &over, item, (label, keys)).map(Some),
                (_, _) => Ok(None),
            },
            (
                FieldType::Record(_)
                | FieldType::Map(_)
                | FieldType::List(_)
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
                _,
            ) => Ok(None),
        }
    }

    fn laid_record(&mut self, base: &Map, over: &Map, name: &str) -> Eval<Map> {
        let api = self.api;
        let mut all = self.copied(base)?;
        for entry in over.entries() {
            // What can only be one of several things becomes what is laid over it.
            for other in api.alternatives(name, &entry.key).filter(|other| over.entry(other).is_none()) {
                all.remove(other);
            }
            let field = api.definition(name).and_then(|definition| definition.field(&entry.key));
            self.lay(&mut all, entry, field.map_or(&FieldType::Any, |field| &field.ty))?;
        }
        Ok(all)
    }

    /// Lays an entry over the one of its key, or adds it.
    fn lay(&mut self, all: &mut Map, entry: &Entry, ty: &FieldType) -> Eval<()> {
        let Some(at) = all.position(&entry.key) else {
            self.spend(size_of::<Entry>())?;
            all.push(entry.clone());
            return Ok(());
        };
        let known = all.entry_mut(at);
        if let Some(value) = self.laid(&known.value, &entry.value, ty)? {
            known.value = value;
            return Ok(());
        }
        let loser = std::mem::replace(&mut known.value, entry.value.clone());
        known.origin = match self.origins.place_id(entry.origin).filter(|_| entry.origin != Origin::NONE) {
            Some(winner) => self.origins.record(winner, entry.origin, known.origin, loser),
            None => entry.origin,
        };
        Ok(())
    }

    /// Keyed lists of which one is written as a plain list whose items cannot be told apart by their label alone.
    fn laid_items(
        &mut self,
        mut base: Vec<Value>,
        over: &[Value],
        item: &str,
        (label, keys): (&str, &[String]),
    ) -> Eval<Value> {
        for value in over {
            self.toil(base.len())?;
            match base.iter_mut().find(|known| are_one(known, value, keys)) {
                Some(known) => {
                    let laid = self.laid(known, value, &FieldType::Record(item.to_string()))?;
                    *known = laid.unwrap_or_else(|| value.clone());
                }
                None => {
                    self.spend(size_of::<Value>())?;
                    base.push(value.clone());
                }
            }
        }
        Ok(match keyed(&base, &label.into()) {
            Some(keyed) => Value::Keyed(Rc::new(keyed)),
            None => Value::List(Rc::new(base)),
        })
    }
}

/// The items of a list as they are written.
fn items(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::List(list) => Some((**list).clone()),
        Value::Keyed(keyed) => Some(keyed.written().collect()),
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
        | Value::Map(_) => None,
    }
}

/// Whether the API server takes two items for one.
fn are_one(one: &Value, other: &Value, keys: &[String]) -> bool {
    let (Value::Map(one), Value::Map(other)) = (one, other) else { return false };
    let of = |map: &Map, key: &str| {
        let default = || DEFAULTS.iter().find(|(known, _)| *known == key).map(|(_, value)| Value::Str((*value).into()));
        map.get(key).cloned().or_else(default)
    };
    keys.iter().all(|key| matches!((of(one, key), of(other, key)), (Some(one), Some(other)) if one == other))
}
