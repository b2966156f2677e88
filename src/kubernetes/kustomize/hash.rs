//! The hash that Kustomize puts at the end of a generated name.

use super::super::Object;
use crate::eval::value::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The name of a generated ConfigMap as the cluster sees it.
///
/// Hashed is `{"data":{…},"kind":"ConfigMap","name":""}` as Go's `encoding/json` writes it, keys sorted. The name is
/// empty in it: the hasher looks for a field called `metadata/name`, and finds none.
pub fn name_with_hash(object: &Object) -> String {
    let mut json = String::from("{\"data\":{");
    if let Some(Value::Map(data)) = object.fields.get("data") {
        write_data(&mut json, data);
    }
    json.push_str("},\"kind\":\"ConfigMap\",\"name\":\"\"}");
    format!("{}-{}", object.name, encoded(&Sha256::digest(json.as_bytes())))
}

fn write_data(json: &mut String, data: &Map) {
    let mut files: Vec<(&str, &str)> = Vec::with_capacity(data.len());
    for entry in data.entries() {
        if let Value::Str(text) = &entry.value {
            files.push((&entry.key, text));
        }
    }
    files.sort_unstable();
    for (at, (key, text)) in files.into_iter().enumerate() {
        if at > 0 {
            json.push(',');
        }
        write_string(json, key);
        json.push(':');
        write_string(json, text);
    }
}

/// As Go writes strings: safe inside HTML and JavaScript.
fn write_string(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            '\0'..'\u{20}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                write!(json, "\\u{:04x}", u32::from(character)).expect("a string takes any text");
            }
            character => json.push(character),
        }
    }
    json.push('"');
}

/// The first ten hexadecimal digits, with letters in place of those that might spell a word.
fn encoded(digest: &[u8]) -> String {
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .take(10)
        .map(|digit| match digit {
            0 => 'g',
            1 => 'h',
            3 => 'k',
            10 => 'm',
            14 => 't',
            digit => char::from_digit(u32::from(digit), 16).expect("half a byte is one digit"),
        })
        .collect()
}
