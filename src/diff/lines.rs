//! A change as lines, each with what happened to it: what text and Markdown have in common.

use super::{Class, Consequence, Difference, Form, ObjectChange, PathChange, Predicted, SetBy, bracketed};
use crate::eval::value::Value;
use crate::kubernetes::kustomize;
use crate::yaml::yaml;
use similar::{ChangeTag, TextDiff};

/// Beyond this many characters two values do not stand on one line.
const SHORT: usize = 100;
/// Lines around a change in a text.
const CONTEXT: usize = 2;

/// What happened to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It says what changed, or what is around a change.
    Plain,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
}

/// A line, and how many columns it is further in than the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What happened to it.
    pub mark: Mark,
    /// Without a line break; control characters are escaped.
    pub text: String,
}

fn line(mark: Mark, text: &str) -> Line {
    Line { mark, text: plain(text) }
}

/// A text without control characters: whatever stands in a value must not move the cursor of a terminal, or end a block
/// of Markdown's.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() && letter != '\t' {
            plain.extend(letter.escape_default());
        } else {
            plain.push(letter);
        }
    }
    plain
}

/// The lines below the title of an object.
pub fn of(change: &ObjectChange, form: Form) -> Vec<Line> {
    let notes = change.prediction.iter().flat_map(|known| &known.notes);
    let mut lines: Vec<Line> = notes.map(|note| line(Mark::Plain, &format!("note: {note}"))).collect();
    lines.extend(of_difference(change, form));
    lines
}

fn of_difference(change: &ObjectChange, form: Form) -> Vec<Line> {
    match &change.difference {
        Difference::Created(object) => {
            let manifest = yaml(&Value::Map(kustomize::manifest(object, object.namespace.as_ref()).into()));
            manifest.lines().map(|text| line(Mark::Added, text)).collect()
        }
        // What is gone need not be read again.
        Difference::Deleted(_) => Vec::new(),
        Difference::Changed { before, after, .. } if form == Form::Unified => {
            let text = |object| yaml(&Value::Map(kustomize::manifest(object, object.namespace.as_ref()).into()));
            between(&text(before), &text(after))
        }
        Difference::Changed { paths, .. } => {
            let said = |at: usize| {
                let same = |other: &PathChange| other.consequence == paths[at].consequence;
                paths[..at].iter().any(same)
            };
            // What holds of many places is said at the first.
            paths.iter().enumerate().flat_map(|(at, path)| of_path(path, said(at))).collect()
        }
    }
}

fn of_path(change: &PathChange, is_said: bool) -> Vec<Line> {
    let PathChange { path, before, after, consequence, predicted, set_by } = change;
    let path = path.to_string();
    let mut consequence = match consequence {
        Some(known) if is_said => bracketed(Some(&Consequence { reason: None, ..known.clone() })),
        known => bracketed(known.as_ref()),
    };
    consequence.push_str(&predicted.as_ref().map(remark).unwrap_or_default());
    consequence.push_str(&set_by.as_ref().map(place).unwrap_or_default());
    let one_line = |value: &Option<Value>| match value {
        Some(value) => inline(value),
        None => Some(String::new()),
    };
    if let (Some(was), Some(is)) = (one_line(before), one_line(after))
        && path.len() + was.len() + is.len() <= SHORT
    {
        return match (before, after) {
            (Some(was), Some(is)) if was == is => {
                vec![line(Mark::Plain, &format!("{path}: {}{consequence}", one_line(before).unwrap_or_default()))]
            }
            (Some(_), Some(_)) => vec![line(Mark::Plain, &format!("{path}: {was} -> {is}{consequence}"))],
            (None, _) => vec![line(Mark::Added, &format!("{path}: {is}{consequence}"))],
            (_, None) => vec![line(Mark::Removed, &format!("{path}: {was}{consequence}"))],
        };
    }
    let mut lines = vec![line(Mark::Plain, &format!("{path}:{consequence}"))];
    lines.extend(between(&block(before), &block(after)));
    lines
}

/// As in `  (taken over from another)`; empty where there is nothing to say.
fn remark(Predicted { class, owners, notes }: &Predicted) -> String {
    let owners = owners.join(", ");
    let first = match class {
        Class::Change => None,
        Class::Removal => Some("no longer declared".to_owned()),
        Class::Takeover => Some(format!("taken over from {owners}")),
        Class::Conflict => Some(format!("the apply is refused: {owners} owns it")),
        Class::Orphaned => Some(format!("no longer declared, but stays: {owners} keeps it")),
        Class::SideEffect => Some("filled in by the server".to_owned()),
        Class::Unmanaged if owners.is_empty() => Some("not declared, stays".to_owned()),
        Class::Unmanaged => Some(format!("not declared, stays: set by {owners}")),
    };
    let said: Vec<&str> = first.iter().chain(notes).map(String::as_str).collect();
    if said.is_empty() { String::new() } else { format!("  ({})", said.join("; ")) }
}

/// As in `  <- main.flink:12, when prod`.
fn place(SetBy { layer, place }: &SetBy) -> String {
    match place {
        Some(place) => format!("  <- {place}, {layer}"),
        None => format!("  <- {layer}"),
    }
}

/// A scalar or an empty collection, as YAML writes it.
fn inline(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) if text.contains('\n') => None,
        Value::Map(map) if !map.is_empty() => None,
        Value::Keyed(list) if !list.items.is_empty() => None,
        Value::List(items) => {
            let items: Option<Vec<String>> = items.iter().map(inline).collect();
            Some(format!("[{}]", items?.join(", ")))
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
        | Value::Map(_)
        | Value::Keyed(_) => Some(yaml(value).trim_end().to_owned()),
    }
}

/// A value on lines of its own: a text as it is, all else as YAML.
fn block(value: &Option<Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::Str(text)) => text.to_string(),
        Some(value) => yaml(value),
    }
}

/// The lines that differ, with a few around them.
fn between(before: &str, after: &str) -> Vec<Line> {
    let diff = TextDiff::from_lines(before, after);
    let mut lines = Vec::new();
    for (at, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if at > 0 {
            lines.push(line(Mark::Plain, "  ..."));
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let mark = match change.tag() {
                ChangeTag::Equal => Mark::Plain,
                ChangeTag::Insert => Mark::Added,
                ChangeTag::Delete => Mark::Removed,
            };
            lines.push(line(mark, &format!("  {}", change.value().trim_end_matches(['\n', '\r']))));
        }
    }
    lines
}
