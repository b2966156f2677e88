//! Numbers and values with units in Kubernetes' notation.

use crate::eval::value::Value;

/// Appends a whole number in decimal digits.
pub fn write_int(out: &mut Vec<u8>, int: i64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut left = int.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(left % 10).expect("a remainder by ten is below ten");
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if int < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends a number as a YAML float: YAML 1.1 wants a point in it and a sign in the exponent.
pub fn write_yaml_float(out: &mut Vec<u8>, float: f64) {
    if float.is_nan() {
        out.extend_from_slice(b".nan");
    } else if float.is_infinite() {
        out.extend_from_slice(if float > 0.0 { b".inf" } else { b"-.inf" });
    } else {
        let text = format!("{float:?}");
        match text.split_once('e') {
            None => out.extend_from_slice(text.as_bytes()),
            Some((mantissa, exponent)) => {
                out.extend_from_slice(mantissa.as_bytes());
                if !mantissa.contains('.') {
                    out.extend_from_slice(b".0");
                }
                out.push(b'e');
                if !exponent.starts_with('-') {
                    out.push(b'+');
                }
                out.extend_from_slice(exponent.as_bytes());
            }
        }
    }
}

/// Appends a number as RFC 8259 has it, where infinity and not-a-number do not exist.
pub fn write_json_float(out: &mut Vec<u8>, float: f64) {
    if float.is_finite() {
        out.extend_from_slice(format!("{float:?}").as_bytes());
    } else {
        out.extend_from_slice(b"null");
    }
}

/// The text of a value with a unit; none for other values.
///
/// Always text, `2` cores too: a quantity's JSON type is string, and schemas of custom resources may insist on it.
pub fn notation(value: &Value) -> Option<String> {
    match value {
        Value::Memory(bytes) => Some(memory(*bytes)),
        Value::Cpu(millicores) => Some(cpu(*millicores)),
        Value::Duration(milliseconds) => Some(duration(*milliseconds)),
        Value::Absent
        | Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Str(_)
        | Value::Secret(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Keyed(_) => None,
    }
}

/// In the largest binary unit that divides the bytes evenly, as Kubernetes itself would store it.
fn memory(bytes: i64) -> String {
    const UNITS: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let mut size = bytes;
    let mut unit = 0;
    while size != 0 && size % 1024 == 0 && unit + 1 < UNITS.len() {
        size /= 1024;
        unit += 1;
    }
    format!("{size}{}", UNITS[unit])
}

fn cpu(millicores: i64) -> String {
    if millicores % 1000 == 0 { (millicores / 1000).to_string() } else { format!("{millicores}m") }
}

/// As Go's `time.ParseDuration` reads it, without fractions, which Prometheus does not read.
fn duration(milliseconds: i64) -> String {
    const UNITS: [(u64, &str); 4] = [(3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")];
    if milliseconds == 0 {
        return "0s".to_owned();
    }
    let mut text = String::from(if milliseconds < 0 { "-" } else { "" });
    let mut left = milliseconds.unsigned_abs();
    for (size, unit) in UNITS {
        if left >= size {
            text.push_str(&(left / size).to_string());
            text.push_str(unit);
            left %= size;
        }
    }
    text
}
