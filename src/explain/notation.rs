//! Paths and values as text.

use super::leaf::Step;
use crate::core::units;
use crate::eval::value::Value;

/// A longer value is cut.
const LONGEST: usize = 72;

/// A path: keys joined by dots, quoted where they hold dots or brackets themselves.
pub(super) fn path(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        let (key, at) = match step {
            Step::Key(key) | Step::Item(Some(key), _) => (key.as_str(), None),
            Step::Item(None, at) => ("", Some(*at)),
        };
        match at {
            Some(at) => text.push_str(&format!("[{at}]")),
            None => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(&self::key(key));
            }
        }
    }
    text
}

/// A key as it stands in a path.
#[must_use]
pub fn key(key: &str) -> String {
    if is_plain(key) { key.to_owned() } else { quoted(key) }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '/'))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.escape_debug())
}

/// A value on one line, in the language's notation, cut where it is long.
pub(super) fn value(value: &Value) -> Option<String> {
    Some(match value {
        Value::Absent => return None,
        Value::Str(text) => match text.trim_end_matches('\n').split_once('\n') {
            Some((first, rest)) => format!("{} … ({} lines)", cut(&quoted(first)), rest.lines().count() + 1),
            None => cut(&quoted(text)),
        },
        Value::Memory(bytes) => units::memory_quantity(*bytes),
        Value::Cpu(millicores) => units::cpu_quantity(*millicores),
        Value::Duration(milliseconds) => units::duration_text(*milliseconds),
        Value::Secret(secret) => format!("secret({}, {})", quoted(&secret.name), quoted(&secret.key)),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => crate::yaml::json(value),
        Value::Map(map) if map.is_empty() => "{}".to_owned(),
        // What matters of it are its fields, which have settings of their own.
        Value::Map(_) | Value::Keyed(_) => "{ … }".to_owned(),
        Value::List(_) => cut(&crate::yaml::json(value)),
    })
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
