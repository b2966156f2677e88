//! The values of an object that hold no others, each with the way to it.

use super::notation;
use crate::eval::value::{Entry, Map, Origin, Value};
use crate::kubernetes::Object;
use std::rc::Rc;

/// A step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// Into a map.
    Key(String),
    /// Into a list: by number, and by name where the item has one.
    Item(Option<String>, usize),
}

/// A value that holds no others.
#[derive(Debug)]
pub(super) struct Leaf {
    /// The way to it.
    pub steps: Vec<Step>,
    /// What it is.
    pub value: Value,
    /// Who set it.
    pub set_by: SetBy,
    /// Who set what it lies in, with the number of steps to there, outermost first.
    pub around: Vec<(usize, Origin)>,
    /// The list that it is an element of.
    pub list: Option<(Rc<Vec<Value>>, usize)>,
}

/// Who set a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SetBy {
    /// A setting.
    Origin(Origin),
    /// The declaration of the object: its API version and kind.
    Declaration,
    /// The environment, or whoever set another namespace than the environment's.
    Namespace,
}

impl Leaf {
    /// The way to it as text.
    pub fn path(&self) -> String {
        notation::path(&self.steps)
    }
}

/// All of an object, in the order in which people read it.
pub(super) fn leaves(object: &Object) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    let plain = |steps: &[&str], value: &str, set_by| Leaf {
        steps: steps.iter().map(|step| Step::Key((*step).to_owned())).collect(),
        value: Value::Str(value.into()),
        set_by,
        around: Vec::new(),
        list: None,
    };
    leaves.push(plain(&["apiVersion"], &object.api_version, SetBy::Declaration));
    leaves.push(plain(&["kind"], &object.kind, SetBy::Declaration));
    let mut walk = Walk { leaves, steps: Vec::new(), around: Vec::new() };
    let metadata = object.fields.entry("metadata");
    let fields = match metadata.map(|entry| &entry.value) {
        Some(Value::Map(fields)) => fields.clone(),
        Some(_) | None => Rc::default(),
    };
    let metadata_origin = metadata.map_or(Origin::NONE, |entry| entry.origin);
    walk.steps.push(Step::Key("metadata".to_owned()));
    walk.around.push((1, metadata_origin));
    if let Some(entry) = fields.entry("name") {
        walk.entry(entry);
    }
    if let Some(namespace) = &object.namespace {
        walk.leaves.push(plain(&["metadata", "namespace"], namespace, SetBy::Namespace));
    }
    for entry in fields.entries().iter().filter(|entry| &*entry.key != "name") {
        walk.entry(entry);
    }
    walk.steps.pop();
    walk.around.pop();
    for entry in object.fields.entries().iter().filter(|entry| &*entry.key != "metadata") {
        walk.entry(entry);
    }
    walk.leaves
}

struct Walk {
    leaves: Vec<Leaf>,
    steps: Vec<Step>,
    around: Vec<(usize, Origin)>,
}

impl Walk {
    fn entry(&mut self, entry: &Entry) {
        self.steps.push(Step::Key(entry.key.to_string()));
        self.value(&entry.value, entry.origin, None);
        self.steps.pop();
    }

    fn value(&mut self, value: &Value, origin: Origin, list: Option<(Rc<Vec<Value>>, usize)>) {
        self.around.push((self.steps.len(), origin));
        match value {
            Value::Map(map) if !map.is_empty() => self.map(map),
            Value::Keyed(keyed) if !keyed.items.is_empty() => {
                for (at, entry) in keyed.items.entries().iter().enumerate() {
                    self.steps.push(Step::Item(Some(entry.key.to_string()), at));
                    // With the label in it, as it is written.
                    self.value(&keyed.item(entry), entry.origin, None);
                    self.steps.pop();
                }
            }
            Value::List(items) if !items.is_empty() => {
                for (at, item) in items.iter().enumerate() {
                    self.steps.push(Step::Item(name_of(item), at));
                    self.value(item, origin, Some((items.clone(), at)));
                    self.steps.pop();
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
            | Value::Keyed(_) => {
                // Where nobody is known to have set it, whoever set what it lies in did.
                let known = self.around.iter().rev().map(|(_, origin)| *origin).find(|origin| *origin != Origin::NONE);
                self.leaves.push(Leaf {
                    steps: self.steps.clone(),
                    value: value.clone(),
                    set_by: SetBy::Origin(if origin == Origin::NONE { known.unwrap_or(origin) } else { origin }),
                    around: self.around[..self.around.len() - 1].to_vec(),
                    list,
                });
            }
        }
        self.around.pop();
    }

    fn map(&mut self, map: &Map) {
        for entry in map.entries() {
            self.entry(entry);
        }
    }
}

/// What people call an item of a list that is told apart by numbers only.
fn name_of(item: &Value) -> Option<String> {
    match item {
        Value::Map(fields) => match fields.get("name") {
            Some(Value::Str(name)) => Some(name.to_string()),
            Some(_) | None => None,
        },
        _ => None,
    }
}

/// The value that lies in another behind these steps, and who set it, where that is known.
pub(super) fn inside(value: &Value, origin: Origin, steps: &[Step]) -> Option<(Value, Origin)> {
    let Some((first, rest)) = steps.split_first() else {
        return Some((value.clone(), origin));
    };
    match (value, first) {
        (Value::Map(map), Step::Key(key)) => {
            let entry = map.entry(key)?;
            inside(&entry.value, entry.origin, rest)
        }
        (Value::Keyed(keyed), Step::Item(Some(label), _)) => {
            let entry = keyed.items.entry(label)?;
            inside(&keyed.item(entry), entry.origin, rest)
        }
        (Value::List(items), Step::Item(_, at)) => inside(items.get(*at)?, origin, rest),
        (_, _) => None,
    }
}
