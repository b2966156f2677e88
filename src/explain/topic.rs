//! What components answer when they are asked: as text for people, and exactly for programs.

use crate::eval::columns::aligned;
use crate::eval::value::{Map, Value};
use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};

/// A topic of an instance.
#[derive(Debug, Clone, Serialize)]
pub struct Topic {
    /// The environment's name.
    pub environment: String,
    /// The instance's name.
    pub instance: String,
    /// The topic's name.
    pub topic: String,
    /// What it is about.
    pub about: Option<String>,
    /// The answer, where it was asked for: sizes in bytes, CPU in cores, times in milliseconds.
    #[serde(serialize_with = "exact", skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// The text of some topics, ended by a line end: the answers, or what there is to ask.
#[must_use]
pub fn topics_text(topics: &[Topic]) -> String {
    let is_list = topics.iter().all(|topic| topic.value.is_none());
    if is_list {
        let rows: Vec<Vec<&str>> = topics
            .iter()
            .map(|topic| vec![&*topic.instance, &*topic.topic, topic.about.as_deref().unwrap_or_default()])
            .map(|row| row.into_iter().map(|cell| cell.lines().next().unwrap_or_default()).collect())
            .collect();
        return aligned(&rows) + "\n";
    }
    let mut out = String::new();
    for Topic { environment, instance, topic, value, .. } in topics {
        let Some(value) = value else { continue };
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&format!("{environment} {instance} {topic}\n"));
        section(&mut out, value, 1);
    }
    out
}

/// Writes a value below a heading.
fn section(out: &mut String, value: &Value, level: usize) {
    let mut lines = |text: &str| {
        for line in text.lines() {
            out.push_str(&"  ".repeat(level));
            out.push_str(line);
            out.push('\n');
        }
    };
    match value {
        Value::Map(map) => record(out, map, level),
        Value::List(items) if !items.is_empty() && items.iter().all(is_row) => lines(&table(items)),
        Value::List(items) => items.iter().for_each(|item| section(out, item, level)),
        Value::Keyed(keyed) => {
            let items: Vec<Value> = keyed.items.entries().iter().map(|entry| keyed.item(entry)).collect();
            section(out, &Value::List(items.into()), level);
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
        | Value::Secret(_) => lines(&cells(value).join("  ")),
    }
}

/// Plain entries first, below each other; then those that hold others, each with its name above.
fn record(out: &mut String, map: &Map, level: usize) {
    let margin = "  ".repeat(level);
    let (plain, others): (Vec<_>, Vec<_>) = map
        .entries()
        .iter()
        .filter(|entry| entry.value != Value::Absent)
        .partition(|entry| is_plain(&entry.value) && !matches!(entry.value, Value::List(_)));
    let rows: Vec<Vec<String>> =
        plain.iter().map(|entry| [vec![entry.key.to_string()], cells(&entry.value)].concat()).collect();
    for line in aligned(&borrowed(&rows)).lines() {
        out.push_str(&format!("{margin}{line}\n"));
    }
    for entry in others {
        out.push_str(&format!("\n{margin}{}\n", entry.key));
        section(out, &entry.value, level + 1);
    }
}

/// Records with the same fields as rows; the names of the fields stand above.
fn table(items: &[Value]) -> String {
    let maps: Vec<&Map> =
        items.iter().filter_map(|item| if let Value::Map(map) = item { Some(&**map) } else { None }).collect();
    let mut names: Vec<&str> = Vec::new();
    for entry in maps.iter().flat_map(|map| map.entries()) {
        if !names.contains(&&*entry.key) {
            names.push(&entry.key);
        }
    }
    let width = |name: &&str| maps.iter().filter_map(|map| map.get(name)).map(|value| cells(value).len()).max();
    let widths: Vec<usize> = names.iter().map(|name| width(name).unwrap_or(1)).collect();
    let padded = |mut cells: Vec<String>, width: usize| {
        cells.resize(width, String::new());
        cells
    };
    let head = names.iter().zip(&widths).flat_map(|(name, width)| padded(vec![(*name).to_owned()], *width)).collect();
    let row = |map: &&Map| {
        let cells =
            names.iter().zip(&widths).map(|(name, width)| padded(map.get(name).map(cells).unwrap_or_default(), *width));
        cells.flatten().collect()
    };
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(maps.iter().map(row)).collect();
    aligned(&borrowed(&rows))
}

fn borrowed(rows: &[Vec<String>]) -> Vec<Vec<&str>> {
    rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect()
}

fn is_row(value: &Value) -> bool {
    matches!(value, Value::Map(map) if map.entries().iter().all(|entry| is_plain(&entry.value)))
}

/// Whether a value fits into a line. A list of plain values does.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().all(|item| !matches!(item, Value::List(_)) && is_plain(item)),
        Value::Map(_) | Value::Keyed(_) => false,
        Value::Absent
        | Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Str(_)
        | Value::Memory(_)
        | Value::Cpu(_)
        | Value::Duration(_)
        | Value::Secret(_) => true,
    }
}

/// A plain value for people: a size is told in two ways.
fn cells(value: &Value) -> Vec<String> {
    match value {
        Value::Memory(bytes) => vec![short(*bytes), bytes.to_string()],
        Value::Str(text) => vec![text.lines().collect::<Vec<_>>().join(" ")],
        Value::List(items) => vec![items.iter().map(|item| cells(item).swap_remove(0)).collect::<Vec<_>>().join(" ")],
        Value::Secret(secret) => vec![format!("secret {} {}", secret.name, secret.key)],
        Value::Absent | Value::Null => vec![String::new()],
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Cpu(_) | Value::Duration(_) => {
            vec![super::notation::value(value).unwrap_or_default()]
        }
        // Never in a line.
        Value::Map(_) | Value::Keyed(_) => Vec::new(),
    }
}

/// A size in mebibytes, or in gibibytes where it is a whole number of these.
fn short(bytes: i64) -> String {
    const MEBIBYTE: i64 = 1 << 20;
    if bytes == 0 {
        "0".to_owned()
    } else if bytes % (1024 * MEBIBYTE) == 0 {
        format!("{}Gi", bytes / (1024 * MEBIBYTE))
    } else if bytes % MEBIBYTE == 0 {
        format!("{}Mi", bytes / MEBIBYTE)
    } else {
        format!("{:.1}Mi", bytes as f64 / MEBIBYTE as f64)
    }
}

fn exact<S: Serializer>(value: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
    value.as_ref().map(json_of).serialize(serializer)
}

/// A value for programs: a size in bytes, CPU in cores, a time in milliseconds. What is absent is left out.
fn json_of(value: &Value) -> Json {
    match value {
        Value::Absent | Value::Null => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(value) | Value::Memory(value) | Value::Duration(value) => json!(value),
        Value::Float(value) => json!(value),
        Value::Cpu(thousandths) => json!(*thousandths as f64 / 1000.0),
        Value::Str(text) => json!(&**text),
        Value::Secret(secret) => json!({ "secret": &*secret.name, "key": &*secret.key }),
        Value::List(items) => items.iter().map(json_of).collect(),
        Value::Keyed(keyed) => keyed.items.entries().iter().map(|entry| json_of(&keyed.item(entry))).collect(),
        Value::Map(map) => Json::Object(
            map.entries()
                .iter()
                .filter(|entry| entry.value != Value::Absent)
                .map(|entry| (entry.key.to_string(), json_of(&entry.value)))
                .collect(),
        ),
    }
}
