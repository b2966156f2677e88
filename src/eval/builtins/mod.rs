//! The functions that come with the language.

mod encoding;
mod files;
mod lists;
mod numbers;
mod text;

use super::evaluator::{Eval, Evaluator};
use super::value::{SecretReference, Str, Value};
use crate::core::Builtin;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use std::rc::Rc;

impl Evaluator<'_> {
    /// The result of a function. The checker saw to the number and types of the arguments.
    pub(super) fn run_builtin(&mut self, function: Builtin, arguments: &[Value], span: Span) -> Eval<Value> {
        let first = arguments.first().unwrap_or(&Value::Absent);
        let second = arguments.get(1).unwrap_or(&Value::Absent);
        match function {
            Builtin::Len => Ok(lists::len(first)),
            Builtin::Join
            | Builtin::Split
            | Builtin::Lines
            | Builtin::Replace
            | Builtin::Lower
            | Builtin::Upper
            | Builtin::Trim
            | Builtin::Indent
            | Builtin::StartsWith
            | Builtin::EndsWith
            | Builtin::Contains
            | Builtin::Matches => self.text_function(function, arguments, span),
            Builtin::Keys
            | Builtin::Values
            | Builtin::Sort
            | Builtin::Unique
            | Builtin::Reverse
            | Builtin::Flatten
            | Builtin::SortKeys
            | Builtin::Range
            | Builtin::All
            | Builtin::AnyOf => self.list_function(function, first, span),
            Builtin::Min
            | Builtin::Max
            | Builtin::Sum
            | Builtin::Abs
            | Builtin::Floor
            | Builtin::Ceil
            | Builtin::Round
            | Builtin::String
            | Builtin::Int
            | Builtin::Float => self.number_function(function, arguments, span),
            Builtin::Yaml | Builtin::Json | Builtin::XmlEscape | Builtin::Sha256 | Builtin::Base64 => {
                self.encode(function, first)
            }
            Builtin::Secret => {
                let secret = SecretReference { name: text_of(first), key: text_of(second) };
                Ok(Value::Secret(Rc::new(secret)))
            }
            Builtin::File => self.file_text(&text_of(first), span).map(Value::Str),
        }
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
