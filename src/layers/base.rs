//! What environments share: the value that most of them have, leaf by leaf.

use crate::eval::value::{Keyed, Map, Str, Value};
use std::rc::Rc;

/// Whether two values are the same. Environments share most subtrees, which pointers tell at once.
pub fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Map(one), Value::Map(other)) => Rc::ptr_eq(one, other) || same_map(one, other),
        (Value::Keyed(one), Value::Keyed(other)) => {
            // Unlike a map's, the order of a list counts.
            Rc::ptr_eq(one, other)
                || (one.field == other.field && same_labels(one, other) && same_map(&one.items, &other.items))
        }
        (Value::List(one), Value::List(other)) => {
            Rc::ptr_eq(one, other)
                || (one.len() == other.len() && one.iter().zip(&**other).all(|(one, other)| same(one, other)))
        }
        (Value::Str(one), Value::Str(other)) => Rc::ptr_eq(one, other) || one == other,
        (one, other) => one == other,
    }
}

/// Whether two maps hold the same entries, in any order.
pub fn same_map(one: &Map, other: &Map) -> bool {
    one.len() == other.len()
        && one.entries().iter().zip(other.entries()).all(|(mine, theirs)| {
            let theirs = if mine.key == theirs.key { Some(&theirs.value) } else { other.get(&mine.key) };
            theirs.is_some_and(|theirs| same(&mine.value, theirs))
        })
}

/// Whether two keyed lists have the same labels in the same order.
pub fn same_labels(one: &Keyed, other: &Keyed) -> bool {
    one.items.len() == other.items.len()
        && one.items.entries().iter().zip(other.items.entries()).all(|(one, other)| one.key == other.key)
}

/// The map that most environments have; where as many have something else, the first environment's.
pub fn common_map(maps: &[&Map]) -> Map {
    let Some(first) = maps.first() else { return Map::default() };
    let mut common = Map::with_capacity(first.len());
    for (at, map) in maps.iter().enumerate() {
        for entry in map.entries() {
            // Each key once, in the first map that has it.
            if maps[..at].iter().any(|before| before.get(&entry.key).is_some()) {
                continue;
            }
            let present: Vec<&Value> = maps.iter().filter_map(|map| map.get(&entry.key)).collect();
            let absent = maps.len() - present.len();
            if present.len() > absent || (present.len() == absent && at == 0) {
                set(&mut common, &entry.key, common_value(&present));
            }
        }
    }
    common
}

fn set(map: &mut Map, key: &Str, value: Option<Value>) {
    if let Some(value) = value {
        map.set(key.clone(), value);
    }
}

/// None for no values.
fn common_value(values: &[&Value]) -> Option<Value> {
    let first = *values.first()?;
    if values[1..].iter().all(|other| same(first, other)) {
        return Some(first.clone());
    }
    if let Some(maps) = all(values, as_map) {
        return Some(Value::Map(Rc::new(common_map(&maps))));
    }
    if let Some(lists) = all(values, as_keyed) {
        return common_keyed(&lists);
    }
    match all(values, as_list) {
        Some(lists) if go_item_by_item(&lists) => {
            let items = (0..lists[0].len()).filter_map(|at| {
                let items: Vec<&Value> = lists.iter().map(|list| &list[at]).collect();
                common_value(&items)
            });
            Some(Value::List(Rc::new(items.collect())))
        }
        _ => most_frequent(values, |one, other| same(one, other)).map(|(value, _)| (*value).clone()),
    }
}

/// The items of the labels, in their order, that most lists have.
fn common_keyed(lists: &[&Keyed]) -> Option<Value> {
    let alike = |one: &&Keyed, other: &&Keyed| one.field == other.field && same_labels(one, other);
    let (most, _) = most_frequent(lists, alike)?;
    let lists: Vec<&Map> = lists.iter().filter(|list| alike(list, most)).map(|list| &list.items).collect();
    Some(Value::Keyed(Rc::new(Keyed { field: most.field.clone(), items: common_map(&lists) })))
}

/// Whether lists are alike enough for their items to be compared by position: as long, and of records. A list of
/// plain values, such as arguments, reads better as a whole.
pub fn go_item_by_item(lists: &[&Vec<Value>]) -> bool {
    lists.iter().all(|list| list.len() == lists[0].len() && list.iter().all(is_record))
}

/// Whether an item of a list is more than a plain value.
pub fn is_record(item: &Value) -> bool {
    matches!(item, Value::Map(_) | Value::Keyed(_) | Value::List(_))
}

/// The value that occurs most often, of equals the first, and how often.
fn most_frequent<T>(values: &[T], alike: impl Fn(&T, &T) -> bool) -> Option<(&T, usize)> {
    let mut most: Option<(&T, usize)> = None;
    for value in values {
        let count = values.iter().filter(|other| alike(value, other)).count();
        if most.is_none_or(|(_, before)| count > before) {
            most = Some((value, count));
        }
    }
    most
}

fn all<'a, T>(values: &[&'a Value], as_kind: impl Fn(&'a Value) -> Option<&'a T>) -> Option<Vec<&'a T>> {
    values.iter().map(|value| as_kind(value)).collect()
}

fn as_map(value: &Value) -> Option<&Map> {
    if let Value::Map(map) = value { Some(map) } else { None }
}

fn as_keyed(value: &Value) -> Option<&Keyed> {
    if let Value::Keyed(keyed) = value { Some(keyed) } else { None }
}

fn as_list(value: &Value) -> Option<&Vec<Value>> {
    if let Value::List(list) = value { Some(list) } else { None }
}
