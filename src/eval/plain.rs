//! YAML and JSON as values, as they are.

use super::value::{Entry, Map, Origin, Rank, Str, Value};
use serde_yaml::Value as Yaml;
use std::rc::Rc;

/// How deeply lists and maps may lie in each other.
const DEEPEST: usize = 128;

/// Data of any shape as a value: what a cluster or a file holds. What has no counterpart is left out: a key that is a list
/// or a map, and what lies deeper than 128 lists and maps. A tag is passed over, a whole number beyond 64 bits becomes the
/// nearest float, and of two entries with one key the later counts.
#[must_use]
pub fn plain(data: &Yaml) -> Value {
    within(data, DEEPEST)
}

fn within(data: &Yaml, levels: usize) -> Value {
    match data {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(*value),
        Yaml::String(text) => Value::Str(Str::from(&**text)),
        Yaml::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => Value::Int(number),
            (None, Some(number)) if number.is_finite() => Value::Float(number),
            // A value is a finite number; these are told by their names in YAML.
            (None, _) => Value::Str(number.to_string().into()),
        },
        Yaml::Tagged(tagged) => within(&tagged.value, levels.saturating_sub(1)),
        Yaml::Sequence(_) | Yaml::Mapping(_) if levels == 0 => Value::Absent,
        Yaml::Sequence(items) => {
            let items = items.iter().map(|item| within(item, levels - 1)).filter(|item| !item.is_absent());
            Value::List(Rc::new(items.collect()))
        }
        Yaml::Mapping(mapping) => {
            let mut map = Map::with_capacity(mapping.len());
            for (key, value) in mapping {
                let (Some(key), value) = (key_text(key), within(value, levels - 1)) else { continue };
                match map.position(&key) {
                    _ if value.is_absent() => {}
                    Some(at) => map.entry_mut(at).value = value,
                    None => {
                        map.push(Entry { key: key.into(), value, origin: Origin::NONE, rank: Rank::NONE });
                    }
                }
            }
            Value::Map(Rc::new(map))
        }
    }
}

fn key_text(key: &Yaml) -> Option<String> {
    match key {
        Yaml::String(key) => Some(key.clone()),
        Yaml::Number(key) => Some(key.to_string()),
        Yaml::Bool(key) => Some(key.to_string()),
        Yaml::Null => Some("null".to_owned()),
        Yaml::Sequence(_) | Yaml::Mapping(_) | Yaml::Tagged(_) => None,
    }
}
