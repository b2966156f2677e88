//! Values to text: YAML that both YAML 1.1 and 1.2 readers understand as it was meant, and JSON.
//!
//! Kubernetes and Kustomize read YAML 1.1 (`no` is false, `12:30:45` is a number), most other tools 1.2. A string
//! stays bare only where neither would read something else.

mod json;
mod number;
mod scalar;

#[cfg(test)]
mod tests;

pub use json::json;

use crate::eval::value::{Entry, Keyed, Map, Str, Value};

/// A block scalar's content and nested blocks stand this many columns to the right of their parent.
const STEP: usize = 2;

/// Beyond 1024 characters a key must be marked as one; this leaves room for quotes and escapes.
const LONGEST_SIMPLE_KEY: usize = 1000;

/// Text of any value, in block style, ending with a line break.
#[must_use]
pub fn yaml(value: &Value) -> String {
    let mut out = Vec::new();
    match Block::of(value) {
        Some(Block::Entries(map)) => write_map(&mut out, map),
        Some(Block::Items(items)) => write_items(&mut out, items, 0),
        Some(Block::Labelled(keyed)) => write_labelled(&mut out, keyed, 0),
        None => {
            write_inline(&mut out, value, 0);
            end_line(&mut out);
        }
    }
    String::from_utf8(out).expect("the emitter writes whole characters")
}

/// Appends a map as a document of its own, ending with a line break.
pub fn write_map(out: &mut Vec<u8>, map: &Map) {
    if is_empty(map) {
        out.extend_from_slice(b"{}\n");
    } else {
        write_entries(out, map, 0, Start::OwnLine);
    }
}

/// What takes lines of its own.
enum Block<'a> {
    Entries(&'a Map),
    Items(&'a [Value]),
    Labelled(&'a Keyed),
}

impl Block<'_> {
    /// None for what is written on one line: scalars and empty collections.
    fn of(value: &Value) -> Option<Block<'_>> {
        match value {
            Value::Map(map) => (!is_empty(map)).then_some(Block::Entries(map)),
            Value::List(items) => (!items.is_empty()).then_some(Block::Items(items)),
            Value::Keyed(keyed) => (!keyed.items.is_empty()).then_some(Block::Labelled(keyed)),
            Value::Absent
            | Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Str(_)
            | Value::Memory(_)
            | Value::Cpu(_)
            | Value::Duration(_)
            | Value::Secret(_) => None,
        }
    }
}

/// Where the first entry of a block is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// On a line of its own, after indentation.
    OwnLine,
    /// Behind the dash of a list item.
    BehindDash,
}

fn write_entries(out: &mut Vec<u8>, map: &Map, indent: usize, start: Start) {
    let mut start = start;
    for Entry { key, value, origin: _, rank: _ } in map.entries() {
        if matches!(value, Value::Absent) {
            continue;
        }
        write_entry(out, key, value, indent, start);
        start = Start::OwnLine;
    }
}

fn write_entry(out: &mut Vec<u8>, key: &str, value: &Value, indent: usize, start: Start) {
    if start == Start::OwnLine {
        write_indent(out, indent);
    }
    let before = out.len();
    scalar::write_key(out, key);
    if out.len() - before > LONGEST_SIMPLE_KEY {
        let key = out.split_off(before);
        out.extend_from_slice(b"? ");
        out.extend_from_slice(&key);
        out.push(b'\n');
        write_indent(out, indent);
    }
    out.push(b':');
    match Block::of(value) {
        Some(Block::Entries(map)) => {
            out.push(b'\n');
            write_entries(out, map, indent + STEP, Start::OwnLine);
        }
        // The dashes stand under the key, as kubectl and Kustomize write them.
        Some(Block::Items(items)) => {
            out.push(b'\n');
            write_items(out, items, indent);
        }
        Some(Block::Labelled(keyed)) => {
            out.push(b'\n');
            write_labelled(out, keyed, indent);
        }
        None => {
            out.push(b' ');
            write_inline(out, value, indent);
            end_line(out);
        }
    }
}

fn write_items(out: &mut Vec<u8>, items: &[Value], indent: usize) {
    items.iter().for_each(|item| write_item(out, item, indent));
}

fn write_labelled(out: &mut Vec<u8>, keyed: &Keyed, indent: usize) {
    let Keyed { field, items } = keyed;
    for Entry { key, value, origin: _, rank: _ } in items.entries() {
        write_keyed_item(out, field, key, value, indent);
    }
}

fn write_keyed_item(out: &mut Vec<u8>, field: &Str, label: &Str, item: &Value, indent: usize) {
    write_indent(out, indent);
    out.extend_from_slice(b"- ");
    write_entry(out, field, &Value::Str(label.clone()), indent + STEP, Start::BehindDash);
    if let Value::Map(map) = item {
        write_entries(out, map, indent + STEP, Start::OwnLine);
    }
}

fn write_item(out: &mut Vec<u8>, item: &Value, indent: usize) {
    write_indent(out, indent);
    out.extend_from_slice(b"- ");
    let from = out.len();
    match Block::of(item) {
        Some(Block::Entries(map)) => return write_entries(out, map, indent + STEP, Start::BehindDash),
        Some(Block::Items(items)) => write_items(out, items, indent + STEP),
        Some(Block::Labelled(keyed)) => write_labelled(out, keyed, indent + STEP),
        None => {
            write_inline(out, item, indent);
            return end_line(out);
        }
    }
    // A list in a list begins on the dash's own line.
    out.drain(from..from + indent + STEP);
}

/// Scalars and empty collections. `indent` is that of the block that holds the value.
fn write_inline(out: &mut Vec<u8>, value: &Value, indent: usize) {
    match value {
        // The checker keeps both from here; a reader would take anything else for a real value.
        Value::Absent | Value::Secret(_) | Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Int(int) => number::write_int(out, *int),
        Value::Float(float) => number::write_yaml_float(out, *float),
        Value::Str(text) => scalar::write_string(out, text, indent + STEP),
        Value::Memory(_) | Value::Cpu(_) | Value::Duration(_) => {
            if let Some(text) = number::notation(value) {
                scalar::write_string(out, &text, indent + STEP);
            }
        }
        Value::List(_) | Value::Keyed(_) => out.extend_from_slice(b"[]"),
        Value::Map(_) => out.extend_from_slice(b"{}"),
    }
}

/// Ends the line, unless a literal block has ended its own.
fn end_line(out: &mut Vec<u8>) {
    if out.last() != Some(&b'\n') {
        out.push(b'\n');
    }
}

fn write_indent(out: &mut Vec<u8>, indent: usize) {
    const SPACES: [u8; 64] = [b' '; 64];
    let mut left = indent;
    while left > 0 {
        let now = left.min(SPACES.len());
        out.extend_from_slice(&SPACES[..now]);
        left -= now;
    }
}

fn is_empty(map: &Map) -> bool {
    map.entries().iter().all(|entry| matches!(entry.value, Value::Absent))
}
