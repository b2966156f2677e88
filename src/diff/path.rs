//! Places in objects.

use crate::eval::value::{Str, Value};
use std::fmt;

/// One step from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// An entry of a map.
    Key(Str),
    /// An item of a list by its label.
    Label(Str),
    /// An item of a list by its position.
    Index(usize),
}

/// A place in an object, from its top.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Path(pub Vec<Step>);

impl Step {
    /// The name of an entry of a map.
    pub(super) fn key(&self) -> Option<&str> {
        match self {
            Step::Key(name) => Some(name),
            Step::Label(_) | Step::Index(_) => None,
        }
    }
}

/// As in `spec.template.spec.containers[main].env[TZ].value`; keys that are no plain words stand in quotes.
impl fmt::Display for Path {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if is_plain(key) && at == 0 => to.write_str(key)?,
                Step::Key(key) if is_plain(key) => write!(to, ".{key}")?,
                Step::Key(key) => write!(to, "[{key:?}]")?,
                Step::Label(label) => write!(to, "[{}]", label.escape_debug())?,
                Step::Index(index) => write!(to, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Adds the places of all values at or in a value that hold no others.
pub fn leaves(path: &Path, value: &Value, found: &mut Vec<Path>) {
    let below = |step: Step| Path(path.0.iter().cloned().chain([step]).collect());
    match value {
        Value::Map(map) if !map.is_empty() => {
            for entry in map.entries() {
                leaves(&below(Step::Key(entry.key.clone())), &entry.value, found);
            }
        }
        Value::Keyed(list) if !list.items.is_empty() => {
            for entry in list.items.entries() {
                leaves(&below(Step::Label(entry.key.clone())), &entry.value, found);
            }
        }
        Value::List(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                leaves(&below(Step::Index(at)), item, found);
            }
        }
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
        | Value::List(_)
        | Value::Map(_)
        | Value::Keyed(_) => found.push(path.clone()),
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}
