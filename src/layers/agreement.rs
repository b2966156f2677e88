//! What some environments agree on beyond what all of them have been given so far.

use super::base::{same, same_labels, same_map};
use crate::eval::value::{Keyed, Map, Value};
use std::rc::Rc;

/// The map nearest to `before` that has everything that all of `wanted` have otherwise. Where they do not agree it is
/// as before, so that each of them is at most as far from it as from `before`.
pub fn agreed_map(before: &Map, wanted: &[&Map]) -> Map {
    let mut agreed = Map::with_capacity(before.len());
    for entry in before.entries() {
        let here: Vec<&Value> = wanted.iter().filter_map(|map| map.get(&entry.key)).collect();
        if here.len() == wanted.len() {
            agreed.set(entry.key.clone(), agreed_value(&entry.value, &here));
        } else if !here.is_empty() {
            agreed.set(entry.key.clone(), entry.value.clone());
        }
    }
    let Some(first) = wanted.first() else { return agreed };
    for entry in first.entries().iter().filter(|entry| before.get(&entry.key).is_none()) {
        let here: Vec<&Value> = wanted.iter().filter_map(|map| map.get(&entry.key)).collect();
        if here.len() == wanted.len()
            && let Some(value) = agreed_addition(&here)
        {
            agreed.set(entry.key.clone(), value);
        }
    }
    agreed
}

fn agreed_value(before: &Value, wanted: &[&Value]) -> Value {
    if all_same(wanted) {
        return wanted[0].clone();
    }
    match before {
        Value::Map(map) => match maps(wanted) {
            Some(wanted) => Value::Map(Rc::new(agreed_map(map, &wanted))),
            None => before.clone(),
        },
        Value::Keyed(list) => agreed_list(list, wanted).unwrap_or_else(|| before.clone()),
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
        | Value::List(_) => before.clone(),
    }
}

/// The list with the labels that all have, in their order; none where they have not the same.
fn agreed_list(before: &Keyed, wanted: &[&Value]) -> Option<Value> {
    let lists: Option<Vec<&Keyed>> =
        wanted.iter().map(|value| if let Value::Keyed(list) = value { Some(&**list) } else { None }).collect();
    let lists = lists?;
    let first = *lists.first()?;
    if first.field != before.field || !lists.iter().all(|list| list.field == first.field && same_labels(list, first)) {
        return None;
    }
    let mut items = Map::with_capacity(first.items.len());
    let nothing = Map::default();
    for entry in first.items.entries() {
        let here: Vec<&Value> = lists.iter().filter_map(|list| list.items.get(&entry.key)).collect();
        let item = match before.items.get(&entry.key) {
            Some(before) => agreed_value(before, &here),
            None if all_same(&here) => entry.value.clone(),
            // What is not agreed on is added to it later.
            None => Value::Map(Rc::new(agreed_map(&nothing, &maps(&here)?))),
        };
        items.set(entry.key.clone(), item);
    }
    Some(Value::Keyed(Rc::new(Keyed { field: first.field.clone(), items })))
}

/// What to add where nothing was; none where nothing is agreed on.
fn agreed_addition(wanted: &[&Value]) -> Option<Value> {
    if all_same(wanted) {
        return wanted.first().map(|value| (*value).clone());
    }
    let map = agreed_map(&Map::default(), &maps(wanted)?);
    (!map.is_empty()).then(|| Value::Map(Rc::new(map)))
}

fn all_same(values: &[&Value]) -> bool {
    values.iter().all(|value| same(value, values[0]))
}

fn maps<'a>(values: &[&'a Value]) -> Option<Vec<&'a Map>> {
    values.iter().map(|value| if let Value::Map(map) = value { Some(&**map) } else { None }).collect()
}

/// Whether several maps are the same.
pub fn all_same_maps(maps: &[&Map]) -> bool {
    maps.iter().all(|map| same_map(map, maps[0]))
}
