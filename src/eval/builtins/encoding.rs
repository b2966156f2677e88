//! Values as text in other notations.

use super::super::expr::{reference_text, write_scalar};
use super::super::value::{Entry, Keyed, Map, Value};
use sha2::Digest as _;
use std::rc::Rc;

/// Text for XML, in elements and in attributes.
pub(super) fn xml_escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The SHA-256 digest in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// JSON of any value, without spaces, in the value's order.
pub(in super::super) fn json(value: &Value) -> String {
    let mut text = String::new();
    write_json(&mut text, &plain(value));
    text
}

/// The value with everything that YAML and JSON do not know as text, and keyed lists as lists.
pub(super) fn plain(value: &Value) -> Value {
    match value {
        Value::Absent | Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) => value.clone(),
        Value::Memory(_) | Value::Cpu(_) | Value::Duration(_) => {
            let mut text = String::new();
            write_scalar(&mut text, value);
            Value::Str(text.into())
        }
        Value::Secret(secret) => Value::Str(reference_text(secret).into()),
        Value::List(list) => Value::List(Rc::new(list.iter().map(plain).collect())),
        Value::Keyed(keyed) => plain_items(keyed),
        Value::Map(map) => {
            let mut result = Map::with_capacity(map.len());
            for entry in map.entries() {
                result.push(Entry { value: plain(&entry.value), ..entry.clone() });
            }
            Value::Map(Rc::new(result))
        }
    }
}

fn plain_items(keyed: &Keyed) -> Value {
    Value::List(Rc::new(keyed.written().map(|item| plain(&item)).collect()))
}

fn write_json(text: &mut String, value: &Value) {
    match value {
        Value::Str(string) => text.push_str(&serde_json::Value::from(&**string).to_string()),
        Value::List(list) => {
            text.push('[');
            for (at, item) in list.iter().enumerate() {
                text.push_str(if at > 0 { "," } else { "" });
                write_json(text, item);
            }
            text.push(']');
        }
        Value::Map(map) => {
            text.push('{');
            for (at, entry) in map.entries().iter().enumerate() {
                text.push_str(if at > 0 { "," } else { "" });
                text.push_str(&serde_json::Value::from(&*entry.key).to_string());
                text.push(':');
                write_json(text, &entry.value);
            }
            text.push('}');
        }
        Value::Absent => text.push_str("null"),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Memory(_)
        | Value::Cpu(_)
        | Value::Duration(_)
        | Value::Secret(_)
        | Value::Keyed(_) => write_scalar(text, value),
    }
}
