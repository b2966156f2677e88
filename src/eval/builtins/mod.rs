//! The functions that come with the language.

mod encoding;
mod files;
mod lists;
mod numbers;
mod text;

#[cfg(test)]
pub(super) use encoding::json;

use super::evaluator::{Eval, Evaluator};
use super::list::{length, values};
use super::value::{SecretReference, Str, Value};
use crate::core::Builtin;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::cmp::Ordering;
use std::rc::Rc;

impl Evaluator<'_> {
    /// The result of a function. The checker saw to the number and types of the arguments.
    pub(super) fn run_builtin(&mut self, function: Builtin, arguments: &[Value], span: Span) -> Eval<Value> {
        let argument = |at: usize| arguments.get(at).unwrap_or(&Value::Absent);
        let text = |at: usize| text_of(argument(at));
        let first = argument(0);
        for argument in arguments {
            self.handles(function, argument)?;
        }
        match function {
            Builtin::Len => Ok(lists::len(first)),
            Builtin::Join => self.join(first, &text(1)),
            Builtin::Split => self.split(&text(0), &text(1), span),
            Builtin::Lines => self.texts(text(0).lines()),
            Builtin::Replace => self.replace_text(&text(0), &text(1), &text(2), span),
            Builtin::Lower => self.text(&text(0).to_lowercase()),
            Builtin::Upper => self.text(&text(0).to_uppercase()),
            Builtin::Trim => self.text(text(0).trim()),
            Builtin::Indent => self.indent(&text(0), argument(1), span),
            Builtin::StartsWith => Ok(Value::Bool(text(0).starts_with(&*text(1)))),
            Builtin::EndsWith => Ok(Value::Bool(text(0).ends_with(&*text(1)))),
            Builtin::Contains => Ok(Value::Bool(text(0).contains(&*text(1)))),
            Builtin::Matches => self.matches(&text(0), &text(1), span),
            Builtin::Captures => self.captures(&text(0), &text(1), span),
            Builtin::Lookup => {
                Ok(text::lookup(&text(0), &text(1)).map_or(Value::Absent, |rest| Value::Str(rest.into())))
            }
            Builtin::Nearest => self.nearest(&text(0), &arguments[1]),
            Builtin::Keys => self.made_list(lists::keys(first)),
            Builtin::Values => self.made_list(values(first)),
            Builtin::Sort => self.made_list(lists::sorted(first)),
            Builtin::Unique => {
                let unique = self.unique(&values(first))?;
                self.made_list(unique)
            }
            Builtin::Reverse => self.made_list(values(first).into_iter().rev().collect()),
            Builtin::Flatten => {
                let lists = values(first);
                self.spend(lists.iter().map(length).fold(0, usize::saturating_add) * size_of::<Value>())?;
                Ok(Value::List(Rc::new(lists.iter().flat_map(values).collect())))
            }
            Builtin::SortKeys => Ok(lists::sort_keys(first)),
            Builtin::FlattenKeys => self.flatten_keys(first),
            Builtin::Columns => self.columns(first),
            Builtin::Range => self.range(first, span),
            Builtin::All => Ok(Value::Bool(values(first).iter().all(is_true))),
            Builtin::AnyOf => Ok(Value::Bool(values(first).iter().any(is_true))),
            Builtin::Min => self.extreme(arguments, Ordering::Less, span),
            Builtin::Max => self.extreme(arguments, Ordering::Greater, span),
            Builtin::Sum => self.sum(&values(first), span),
            Builtin::Abs => self.absolute(first, span),
            Builtin::Floor => self.rounded(first, f64::floor, span),
            Builtin::Ceil => self.rounded(first, f64::ceil, span),
            Builtin::Round => self.rounded(first, f64::round, span),
            Builtin::String => self.text(&text(0)),
            Builtin::Int => self.int_of(first, span),
            Builtin::Float => self.float_of(first, span),
            Builtin::Float32 => match self.float_of(first, span)? {
                Value::Float(number) => self.float32(number, span),
                other => Ok(other),
            },
            Builtin::Yaml => {
                let text = (self.print_yaml)(&encoding::plain(first));
                self.text(&text)
            }
            Builtin::Json => self.text(&encoding::json(first)),
            Builtin::XmlEscape => self.text(&encoding::xml_escaped(&text(0))),
            Builtin::Sha256 => self.text(&encoding::sha256(text(0).as_bytes())),
            Builtin::Base64 => self.text(&STANDARD.encode(text(0).as_bytes())),
            Builtin::Secret => Ok(Value::Secret(Rc::new(SecretReference { name: text(0), key: text(1) }))),
            Builtin::File => self.file_text(&text(0), span).map(Value::Str),
        }
    }

    /// Counts what it costs at most to read an argument.
    fn handles(&mut self, function: Builtin, argument: &Value) -> Eval<()> {
        match argument {
            // A table is not read: its lines are halved until the word is found.
            Value::Str(_) if matches!(function, Builtin::Lookup) => self.step(),
            Value::Str(text) => self.toil(text.len() / 16),
            // These walk through all that is inside.
            Value::List(_) | Value::Map(_) | Value::Keyed(_)
                if matches!(
                    function,
                    Builtin::Yaml | Builtin::Json | Builtin::Unique | Builtin::FlattenKeys | Builtin::Columns
                ) =>
            {
                self.measure(argument)
            }
            Value::List(list) => self.toil(list.len() / 8),
            Value::Map(map) => self.toil(map.len() / 8),
            Value::Keyed(keyed) => self.toil(keyed.items.len() / 8),
            Value::Absent
            | Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Memory(_)
            | Value::Cpu(_)
            | Value::Duration(_)
            | Value::Secret(_) => Ok(()),
        }
    }

    fn made_list(&mut self, list: Vec<Value>) -> Eval<Value> {
        self.spend(list.len() * size_of::<Value>())?;
        Ok(Value::List(Rc::new(list)))
    }

    fn out_of_range<T>(&mut self, problem: &str, span: Span) -> Eval<T> {
        self.fail(Diagnostic::error(Code::Arithmetic, problem, span))
    }
}

/// The text of a string.
fn text_of(value: &Value) -> Str {
    match value {
        Value::Str(text) => text.clone(),
        other => {
            let mut text = String::new();
            super::expr::write_scalar(&mut text, other);
            Str::from(text)
        }
    }
}

fn is_true(value: &Value) -> bool {
    matches!(value, Value::Bool(true))
}
