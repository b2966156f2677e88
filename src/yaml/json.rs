//! Values to JSON.

use super::number;
use crate::eval::value::{Entry, Keyed, Map, Value};

/// Text of any value as RFC 8259 has it, without white space, keys in the map's order.
#[must_use]
pub fn json(value: &Value) -> String {
    let mut out = Vec::new();
    write(&mut out, value);
    String::from_utf8(out).expect("the emitter writes whole characters")
}

fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        // The checker keeps both from here.
        Value::Absent | Value::Secret(_) | Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Int(int) => number::write_int(out, *int),
        Value::Float(float) => number::write_json_float(out, *float),
        Value::Str(text) => write_string(out, text),
        Value::Memory(_) | Value::Cpu(_) | Value::Duration(_) => {
            if let Some(text) = number::notation(value) {
                write_string(out, &text);
            }
        }
        Value::List(items) => write_list(out, items.iter(), write),
        Value::Keyed(keyed) => {
            let Keyed { field, items } = &**keyed;
            write_list(out, items.entries().iter(), |out, entry| write_keyed_item(out, field, entry));
        }
        Value::Map(map) => {
            out.push(b'{');
            write_entries(out, map, Separator::None);
            out.push(b'}');
        }
    }
}

/// What stands before the next entry.
#[derive(Clone, Copy)]
enum Separator {
    None,
    Comma,
}

fn write_list<T>(out: &mut Vec<u8>, items: impl Iterator<Item = T>, write: impl Fn(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

fn write_keyed_item(out: &mut Vec<u8>, field: &str, item: &Entry) {
    out.push(b'{');
    write_string(out, field);
    out.push(b':');
    write_string(out, &item.key);
    if let Value::Map(map) = &item.value {
        write_entries(out, map, Separator::Comma);
    }
    out.push(b'}');
}

fn write_entries(out: &mut Vec<u8>, map: &Map, first: Separator) {
    let mut separator = first;
    for Entry { key, value, origin: _, rank: _ } in map.entries() {
        if matches!(value, Value::Absent) {
            continue;
        }
        if matches!(separator, Separator::Comma) {
            out.push(b',');
        }
        write_string(out, key);
        out.push(b':');
        write(out, value);
        separator = Separator::Comma;
    }
}

fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for &byte in text.as_bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 15)]);
            }
            byte => out.push(byte),
        }
    }
    out.push(b'"');
}
