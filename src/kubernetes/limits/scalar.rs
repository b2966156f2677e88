//! Limits of numbers, texts and containers by themselves.

use super::format::is_of;
use super::json::json;
use super::{Contents, LimitCheck, size, text};
use crate::diagnostic::Diagnostics;
use crate::eval::value::Value;
use crate::schema::{Bound, Limits};
use rustc_hash::FxHashSet;

impl LimitCheck<'_> {
    /// What is wrong with a value, each as it goes on from the value's name.
    pub(super) fn scalar(&mut self, value: &Value, limits: &Limits, sink: &mut Diagnostics) -> Vec<String> {
        let mut problems = Vec::new();
        if let Some(number) = number(value) {
            problems.extend(out_of_range(number, value, limits));
        }
        if let Some(text) = text(value) {
            problems.extend(length(text, limits));
            if let Some(pattern) = &limits.pattern
                && let Some(regex) = self.pattern(pattern, limits.declared, sink)
                && !regex.is_match(text)
            {
                problems.push(format!("is {}, which does not match `{pattern}`", quoted(text)));
            }
            if let Some(format) = &limits.format
                && !is_of(format, text)
            {
                problems.push(format!("is {}, which is no {format}", quoted(text)));
            }
        }
        if let Some((length, contents)) = size(value) {
            problems.extend(count(length, contents, limits));
        }
        if limits.unique_items
            && let Value::List(list) = value
            && let Some(twice) = first_twice(list)
        {
            problems.push(format!("holds {twice} twice"));
        }
        if !limits.values.is_empty() && !limits.values.contains(&json(value)) {
            let allowed: Vec<String> = limits.values.iter().map(ToString::to_string).collect();
            problems.push(format!("is {}; allowed are {}", json(value), allowed.join(", ")));
        }
        if limits.embedded
            && let Value::Map(map) = value
        {
            let missing = ["apiVersion", "kind"].into_iter().filter(|field| {
                map.get(field)
                    .is_none_or(|value| matches!(value, Value::Null) || text(value).is_some_and(|text| text.is_empty()))
            });
            problems.extend(missing.map(|field| format!("is an object of its own and has no `{field}`")));
            if let Some(version) = map.get("apiVersion").and_then(text).filter(|text| text.matches('/').count() > 1) {
                problems.push(format!("has the `apiVersion` {}; it must be GROUP/VERSION", quoted(version)));
            }
        }
        problems
    }
}

/// The first element that was there before, as JSON.
fn first_twice(list: &[Value]) -> Option<String> {
    let mut known = FxHashSet::default();
    list.iter().map(|element| json(element).to_string()).find(|element| !known.insert(element.clone()))
}

/// The number that a value is.
#[expect(clippy::cast_precision_loss, reason = "JSON schema compares all numbers as floats")]
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Absent
        | Value::Null
        | Value::Bool(_)
        | Value::Str(_)
        | Value::Memory(_)
        | Value::Cpu(_)
        | Value::Duration(_)
        | Value::Secret(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Keyed(_) => None,
    }
}

fn out_of_range(number: f64, value: &Value, limits: &Limits) -> Option<String> {
    let below = |bound: &Bound| number < bound.value || (bound.exclusive && number <= bound.value);
    let above = |bound: &Bound| number > bound.value || (bound.exclusive && number >= bound.value);
    if let Some(bound) = limits.minimum.filter(below) {
        let words = if bound.exclusive { "more than" } else { "at least" };
        return Some(format!("is {}; it must be {words} {}", json(value), bound.value));
    }
    if let Some(bound) = limits.maximum.filter(above) {
        let words = if bound.exclusive { "less than" } else { "at most" };
        return Some(format!("is {}; it must be {words} {}", json(value), bound.value));
    }
    let step = limits.multiple_of?;
    (!is_multiple(number, step)).then(|| format!("is {}, which is no multiple of {step}", json(value)))
}

pub(super) fn is_multiple(number: f64, step: f64) -> bool {
    let ratio = number / step;
    (ratio - ratio.round()).abs() <= 1e-9
}

fn length(text: &str, limits: &Limits) -> Option<String> {
    // As the API server counts: code points.
    let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
    bounds(length, limits.min_length, limits.max_length, ["character", "characters"])
}

fn count(length: usize, contents: Contents, limits: &Limits) -> Option<String> {
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    match contents {
        Contents::Elements => bounds(length, limits.min_items, limits.max_items, ["element", "elements"]),
        Contents::Entries => bounds(length, limits.min_properties, limits.max_properties, ["entry", "entries"]),
    }
}

/// `what`: one of them, and several.
fn bounds(length: u64, least: Option<u64>, most: Option<u64>, what: [&str; 2]) -> Option<String> {
    let what = if length == 1 { what[0] } else { what[1] };
    if let Some(least) = least.filter(|least| length < *least) {
        return Some(format!("has {length} {what}; it must have at least {least}"));
    }
    let most = most.filter(|most| length > *most)?;
    Some(format!("has {length} {what}; it must have at most {most}"))
}

/// A text in a message.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return format!("\"{}\"", text.escape_debug());
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("\"{}…\"", start.escape_debug())
}
