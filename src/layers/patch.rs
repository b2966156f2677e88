//! What makes an environment's object of the base's: a JSON patch (RFC 6902).
//!
//! No strategic merge patches: they know no custom resources' lists, and the first one in a process makes Kustomize
//! load the whole OpenAPI schema.

use super::base::{go_item_by_item, is_record, same};
use crate::eval::value::{Keyed, Map, Value};
use crate::yaml;
use std::rc::Rc;

/// One step of a patch.
#[derive(Debug, Clone)]
pub struct Change {
    /// A JSON pointer.
    pub pointer: String,
    /// The same place by labels instead of positions, where it goes through a list of named items, from the first on:
    /// `containers[main].env[TZ].value`.
    pub note: Option<String>,
    /// What happens there.
    pub action: Action,
}

/// What happens at a place.
#[derive(Debug, Clone)]
pub enum Action {
    /// A value where there was none.
    Add(Value),
    /// Another value.
    Replace {
        /// What the base has.
        from: Value,
        /// What is wanted.
        to: Value,
    },
    /// No value.
    Remove,
}

/// The steps from `base` to `wanted`, to be taken in their order.
pub fn changes(base: &Map, wanted: &Map) -> Vec<Change> {
    let mut walk = Walk { pointer: String::new(), path: String::new(), noted: None, changes: Vec::new() };
    walk.map(base, wanted);
    walk.changes
}

/// The patch as a file.
pub fn to_bytes(header: &str, changes: &[Change]) -> Vec<u8> {
    let mut out = header.as_bytes().to_vec();
    for Change { pointer, note, action } in changes {
        if let Some(note) = note {
            let note: String = note.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
            out.extend_from_slice(format!("# {note}\n").as_bytes());
        }
        let (operation, value) = match action {
            Action::Add(value) => ("add", Some(value)),
            Action::Replace { from: _, to } => ("replace", Some(to)),
            Action::Remove => ("remove", None),
        };
        let mut step = Map::default();
        step.set("op".into(), Value::Str(operation.into()));
        step.set("path".into(), Value::Str(pointer.as_str().into()));
        if let Some(value) = value {
            step.set("value".into(), value.clone());
        }
        out.extend_from_slice(yaml::yaml(&Value::List(Rc::new(vec![Value::Map(Rc::new(step))]))).as_bytes());
    }
    out
}

/// Where the comparison stands, and what it has found.
struct Walk {
    pointer: String,
    path: String,
    /// Where in `path` the outermost list of named items begins, inside of one.
    noted: Option<usize>,
    changes: Vec<Change>,
}

impl Walk {
    fn report(&mut self, action: Action) {
        let note = self.noted.map(|from| self.path[from..].to_owned());
        self.changes.push(Change { pointer: self.pointer.clone(), note, action });
    }

    /// Goes one step down, and back; `name` is what the path says of it.
    fn at(&mut self, step: &str, name: &str, go: impl FnOnce(&mut Walk)) {
        let (pointer, path) = (self.pointer.len(), self.path.len());
        self.pointer.push('/');
        for letter in step.chars() {
            match letter {
                '~' => self.pointer.push_str("~0"),
                '/' => self.pointer.push_str("~1"),
                letter => self.pointer.push(letter),
            }
        }
        if path > 0 && !name.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(name);
        go(self);
        self.pointer.truncate(pointer);
        self.path.truncate(path);
    }

    fn at_label(&mut self, position: usize, label: &str, go: impl FnOnce(&mut Walk)) {
        let outer = self.noted;
        // The list's own name is the last step of the path.
        self.noted = outer.or_else(|| Some(self.path.rfind('.').map_or(0, |dot| dot + 1)));
        self.at(&position.to_string(), &format!("[{label}]"), go);
        self.noted = outer;
    }

    fn value(&mut self, base: &Value, wanted: &Value) {
        if same(base, wanted) {
            return;
        }
        match (base, wanted) {
            (Value::Map(base), Value::Map(wanted)) => self.map(base, wanted),
            (Value::Keyed(base), Value::Keyed(wanted)) if base.field == wanted.field && keeps_order(base, wanted) => {
                self.keyed(base, wanted);
            }
            (Value::List(base), Value::List(wanted)) if go_item_by_item(&[base, wanted]) => {
                for (at, (base, wanted)) in base.iter().zip(&**wanted).enumerate() {
                    self.item(at, base, wanted);
                }
            }
            (Value::List(before), Value::List(after)) => match additions(before, after) {
                Some(positions) => {
                    for at in positions {
                        let item = after[at].clone();
                        self.at(&at.to_string(), &format!("[{at}]"), |walk| walk.report(Action::Add(item)));
                    }
                }
                None => self.report(Action::Replace { from: base.clone(), to: wanted.clone() }),
            },
            (base, wanted) => self.report(Action::Replace { from: base.clone(), to: wanted.clone() }),
        }
    }

    /// An item of a list without labels; its name, if it has one, says more than its position.
    fn item(&mut self, at: usize, base: &Value, wanted: &Value) {
        match (name(base), name(wanted)) {
            (Some(name), Some(after)) if name == after => self.at_label(at, name, |walk| walk.value(base, wanted)),
            _ => self.at(&at.to_string(), &format!("[{at}]"), |walk| walk.value(base, wanted)),
        }
    }

    fn map(&mut self, base: &Map, wanted: &Map) {
        for entry in base.entries() {
            let key = &entry.key;
            match wanted.get(key) {
                Some(wanted) => self.at(key, key, |walk| walk.value(&entry.value, wanted)),
                None => self.at(key, key, |walk| walk.report(Action::Remove)),
            }
        }
        for entry in wanted.entries().iter().filter(|entry| base.get(&entry.key).is_none()) {
            self.at(&entry.key, &entry.key, |walk| walk.report(Action::Add(entry.value.clone())));
        }
    }

    /// Items go from the end, come from the front, and change last, when each stands where it will be.
    fn keyed(&mut self, base: &Keyed, wanted: &Keyed) {
        for (at, entry) in base.items.entries().iter().enumerate().rev() {
            if wanted.items.get(&entry.key).is_none() {
                self.at_label(at, &entry.key, |walk| walk.report(Action::Remove));
            }
        }
        for (at, entry) in wanted.items.entries().iter().enumerate() {
            if base.items.get(&entry.key).is_none() {
                let item = labelled(wanted, &entry.key, &entry.value);
                self.at_label(at, &entry.key, |walk| walk.report(Action::Add(item)));
            }
        }
        for (at, entry) in wanted.items.entries().iter().enumerate() {
            if let Some(before) = base.items.get(&entry.key) {
                self.at_label(at, &entry.key, |walk| walk.value(before, &entry.value));
            }
        }
    }
}

fn name(item: &Value) -> Option<&str> {
    match item {
        Value::Map(item) => match item.get("name") {
            Some(Value::Str(name)) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// Where the second list of records has items that the first lacks, if that is all that they differ in. What goes is
/// not told by its position; there the whole list is said again.
fn additions(before: &[Value], after: &[Value]) -> Option<Vec<usize>> {
    if before.is_empty() || !after.iter().all(is_record) {
        return None;
    }
    let mut rest = before.iter().peekable();
    let added = (0..after.len()).filter(|at| rest.next_if(|item| same(item, &after[*at])).is_none());
    let added: Vec<usize> = added.collect();
    rest.next().is_none().then_some(added)
}

/// Whether the labels that both lists have come in the same order in both.
fn keeps_order(base: &Keyed, wanted: &Keyed) -> bool {
    let before = base.items.entries().iter().map(|entry| &entry.key).filter(|key| wanted.items.get(key).is_some());
    let after = wanted.items.entries().iter().map(|entry| &entry.key).filter(|key| base.items.get(key).is_some());
    before.eq(after)
}

/// An item as it stands in the list, with the field that its label is the value of.
fn labelled(list: &Keyed, label: &crate::eval::value::Str, item: &Value) -> Value {
    let mut labelled = Map::default();
    labelled.set(list.field.clone(), Value::Str(label.clone()));
    if let Value::Map(fields) = item {
        for entry in fields.entries() {
            labelled.push(entry.clone());
        }
    }
    Value::Map(Rc::new(labelled))
}
