//! Functions of lists and maps.

use super::super::complete::shown;
use super::super::evaluator::{Eval, Evaluator};
use super::super::expr::write_scalar;
use super::super::list::values;
use super::super::operators::{compare, same};
use super::super::value::{Entry, Map, Origin, Rank, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use std::cmp::Ordering;
use std::rc::Rc;

/// The longest `range`.
const LONGEST_RANGE: i64 = 100_000;

impl Evaluator<'_> {
    pub(super) fn range(&mut self, end: &Value, span: Span) -> Eval<Value> {
        match end {
            Value::Int(end) if (0..=LONGEST_RANGE).contains(end) => self.made_list((0..*end).map(Value::Int).collect()),
            Value::Int(end) if *end > LONGEST_RANGE => {
                let message = format!("a range of {end}; {LONGEST_RANGE} is the most");
                self.fail(Diagnostic::error(Code::Limit, message, span))
            }
            other => {
                let message = format!("a range of {} numbers", shown(other));
                self.out_of_range(&message, span)
            }
        }
    }

    /// The list with only the first of equal elements.
    pub(super) fn unique(&mut self, list: &[Value]) -> Eval<Vec<Value>> {
        let mut texts = rustc_hash::FxHashSet::default();
        let mut unique: Vec<Value> = Vec::new();
        for value in list {
            let new = match value {
                Value::Str(text) => texts.insert(text.clone()),
                other => {
                    // Each comparison is a step: the budget ends what would take too long.
                    for _ in 0..=unique.len() / 4 {
                        self.step()?;
                    }
                    !unique.iter().any(|known| same(known, other))
                }
            };
            if new {
                unique.push(value.clone());
            }
        }
        Ok(unique)
    }

    /// The scalars in a value by their paths: keys joined with dots, elements as `[0]`. Of two with one path the later
    /// counts; where nothing is said there is nothing.
    pub(super) fn flatten_keys(&mut self, value: &Value) -> Eval<Value> {
        let mut flat = Map::default();
        let top = Entry { key: "".into(), value: value.clone(), origin: Origin::NONE, rank: Rank::NONE };
        self.flatten_into(&top, &mut String::new(), &mut flat)?;
        Ok(Value::Map(Rc::new(flat)))
    }

    fn flatten_into(&mut self, entry: &Entry, path: &mut String, flat: &mut Map) -> Eval<()> {
        let length = path.len();
        let mut inside = |this: &mut Self, step: &str, entry: &Entry| {
            if length > 0 && !step.starts_with('[') {
                path.push('.');
            }
            path.push_str(step);
            let result = this.flatten_into(entry, path, flat);
            path.truncate(length);
            result
        };
        match &entry.value {
            Value::Absent | Value::Null => Ok(()),
            Value::Map(map) => map.entries().iter().try_for_each(|inner| inside(self, &inner.key, inner)),
            Value::Keyed(keyed) => keyed.items.entries().iter().try_for_each(|inner| {
                let item = Entry { value: keyed.item(inner), ..inner.clone() };
                inside(self, &inner.key, &item)
            }),
            Value::List(list) => list.iter().enumerate().try_for_each(|(at, item)| {
                // An element was set with its list.
                let element = Entry { value: item.clone(), ..entry.clone() };
                inside(self, &format!("[{at}]"), &element)
            }),
            Value::Str(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) if length > 0 => {
                self.put_flat(path, entry.value.clone(), entry.origin, flat)
            }
            // In data of any type there may be values with units: they are what is written of them.
            Value::Memory(_) | Value::Cpu(_) | Value::Duration(_) | Value::Secret(_) if length > 0 => {
                let mut text = String::new();
                write_scalar(&mut text, &entry.value);
                self.put_flat(path, Value::Str(text.into()), entry.origin, flat)
            }
            Value::Str(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) => Ok(()),
            Value::Memory(_) | Value::Cpu(_) | Value::Duration(_) | Value::Secret(_) => Ok(()),
        }
    }

    fn put_flat(&mut self, path: &str, value: Value, origin: Origin, flat: &mut Map) -> Eval<()> {
        self.spend(path.len() + size_of::<Entry>())?;
        let entry = Entry { key: path.into(), value, origin, rank: Rank::NONE };
        match flat.position(path) {
            Some(at) => *flat.entry_mut(at) = entry,
            None => {
                flat.push(entry);
            }
        }
        Ok(())
    }
}

/// The length of a text in characters, of a list, of a map.
pub(super) fn len(value: &Value) -> Value {
    let length = match value {
        Value::Str(text) => text.chars().count(),
        Value::List(list) => list.len(),
        Value::Map(map) => map.len(),
        Value::Keyed(keyed) => keyed.items.len(),
        Value::Absent
        | Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Memory(_)
        | Value::Cpu(_)
        | Value::Duration(_)
        | Value::Secret(_) => 0,
    };
    Value::Int(i64::try_from(length).unwrap_or(i64::MAX))
}

pub(super) fn keys(value: &Value) -> Vec<Value> {
    let map = match value {
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
        | Value::List(_) => return Vec::new(),
    };
    map.entries().iter().map(|entry| Value::Str(entry.key.clone())).collect()
}

pub(super) fn sort_keys(value: &Value) -> Value {
    let Value::Map(map) = value else { return value.clone() };
    let mut entries = map.entries().to_vec();
    entries.sort_by(|left, right| left.key.cmp(&right.key));
    let mut sorted = Map::with_capacity(entries.len());
    for entry in entries {
        sorted.push(entry);
    }
    Value::Map(Rc::new(sorted))
}

/// The elements in ascending order; equal ones stay in theirs.
pub(super) fn sorted(value: &Value) -> Vec<Value> {
    let mut list = values(value);
    list.sort_by(|left, right| compare(left, right).unwrap_or(Ordering::Equal));
    list
}
