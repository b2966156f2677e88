//! Functions of lists and maps.

use super::super::evaluator::{Eval, Evaluator};
use super::super::list::values;
use super::super::operators::{compare, same};
use super::super::value::{Map, Value};
use crate::core::Builtin;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use std::cmp::Ordering;
use std::rc::Rc;

/// The longest `range`.
const LONGEST_RANGE: i64 = 100_000;

impl Evaluator<'_> {
    pub(super) fn list_function(&mut self, function: Builtin, argument: &Value, span: Span) -> Eval<Value> {
        let list = match function {
            Builtin::Keys => keys(argument),
            Builtin::Values => values(argument),
            Builtin::Sort => {
                let mut list = values(argument);
                list.sort_by(|left, right| compare(left, right).unwrap_or(Ordering::Equal));
                list
            }
            Builtin::Unique => self.unique(&values(argument))?,
            Builtin::Reverse => values(argument).into_iter().rev().collect(),
            Builtin::Flatten => values(argument).iter().flat_map(values).collect(),
            Builtin::Range => match argument {
                Value::Int(end) if (0..=LONGEST_RANGE).contains(end) => (0..*end).map(Value::Int).collect(),
                Value::Int(end) if *end > LONGEST_RANGE => {
                    let message = format!("a range of {end}; {LONGEST_RANGE} is the most");
                    return self.fail(Diagnostic::error(Code::Limit, message, span));
                }
                other => {
                    let message = format!("a range of {} numbers", super::super::complete::shown(other));
                    return self.out_of_range(&message, span);
                }
            },
            Builtin::SortKeys => return Ok(sort_keys(argument)),
            Builtin::All => return Ok(Value::Bool(values(argument).iter().all(is_true))),
            Builtin::AnyOf => return Ok(Value::Bool(values(argument).iter().any(is_true))),
            other => unreachable!("{other:?} is no function of lists"),
        };
        self.spend(list.len() * size_of::<Value>())?;
        Ok(Value::List(Rc::new(list)))
    }

    /// The list with only the first of equal elements.
    fn unique(&mut self, list: &[Value]) -> Eval<Vec<Value>> {
        let mut texts = rustc_hash::FxHashSet::default();
        let mut unique: Vec<Value> = Vec::new();
        for value in list {
            let new = match value {
                Value::Str(text) => texts.insert(text.clone()),
                other => {
                    // Each comparison is a step: the budget ends what would take too long.
                    for _ in 0..=unique.len() / 16 {
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

fn keys(value: &Value) -> Vec<Value> {
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

fn sort_keys(value: &Value) -> Value {
    let Value::Map(map) = value else { return value.clone() };
    let mut entries = map.entries().to_vec();
    entries.sort_by(|left, right| left.key.cmp(&right.key));
    let mut sorted = Map::with_capacity(entries.len());
    for entry in entries {
        sorted.push(entry);
    }
    Value::Map(Rc::new(sorted))
}

fn is_true(value: &Value) -> bool {
    matches!(value, Value::Bool(true))
}
