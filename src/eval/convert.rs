//! Values in the notation of the place they go to.

use super::evaluator::{Eval, Evaluator};
use super::expr::float;
use super::merge;
use super::operators::truncated;
use super::value::{Entry, Keyed, Map, Value};
use crate::core::{Conversion, dns_label_problem, units};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use std::rc::Rc;

impl Evaluator<'_> {
    /// A value in a place's notation; what the conversion does not concern stays as it is.
    pub(super) fn convert(&mut self, value: Value, conversion: Conversion, span: Span) -> Eval<Value> {
        match (conversion, value) {
            (Conversion::Quantity, value) => self.quantity(value, span),
            (Conversion::Seconds, Value::Duration(milliseconds)) => {
                if milliseconds % 1000 == 0 {
                    return Ok(Value::Int(milliseconds / 1000));
                }
                let text = units::duration_text(milliseconds);
                let message = format!("`{text}` is no whole number of seconds, which this field wants");
                self.fail(Diagnostic::error(Code::InvalidValue, message, span))
            }
            (Conversion::DurationText, Value::Duration(milliseconds)) => self.text(&units::duration_text(milliseconds)),
            (Conversion::Float, Value::Int(number)) => Ok(Value::Float(float(number))),
            (Conversion::Cpu, Value::Int(cores)) => match cores.checked_mul(1000) {
                Some(millicores) => Ok(Value::Cpu(millicores)),
                None => self.fail(Diagnostic::error(Code::Arithmetic, format!("`{cores}` cores are too many"), span)),
            },
            (Conversion::Cpu, Value::Float(cores)) => match truncated((cores * 1000.0).round()) {
                Some(millicores) => Ok(Value::Cpu(millicores)),
                None => self.fail(Diagnostic::error(Code::Arithmetic, format!("`{cores}` cores are too many"), span)),
            },
            (Conversion::Keyed { field, unique }, Value::List(list)) => {
                let field = self.name(field).clone();
                match merge::keyed(&list, &field) {
                    Some(keyed) => Ok(Value::Keyed(Rc::new(keyed))),
                    None => match merge::repeated_label(&list, &field).filter(|_| unique) {
                        Some(label) => {
                            let message = format!("two items of this list have the {field} `{label}`");
                            let help = "the API server tells the items apart by it: give each its own".to_string();
                            self.fail(Diagnostic::error(Code::DuplicateField, message, span).help(help))
                        }
                        None => Ok(Value::List(list)),
                    },
                }
            }
            (Conversion::Keyed { field, .. }, Value::Map(map)) => {
                let field = self.name(field).clone();
                let mut items = Map::with_capacity(map.len());
                for entry in map.entries() {
                    let value = merge::without_label(&entry.value, &field);
                    items.push(Entry { value, ..entry.clone() });
                }
                Ok(Value::Keyed(Rc::new(Keyed { field, items })))
            }
            (Conversion::Unlabelled(field), value) => Ok(merge::without_label(&value, &self.name(field).clone())),
            (Conversion::DnsLabel, Value::Str(text)) => match dns_label_problem(&text) {
                None => Ok(Value::Str(text)),
                Some(problem) => self.fail(invalid_label(&text, &problem, span)),
            },
            (
                Conversion::Seconds
                | Conversion::DurationText
                | Conversion::Float
                | Conversion::Cpu
                | Conversion::Keyed { .. }
                | Conversion::DnsLabel,
                value,
            ) => Ok(value),
        }
    }

    fn quantity(&mut self, value: Value, span: Span) -> Eval<Value> {
        match value {
            Value::Memory(bytes) => self.text(&units::memory_quantity(bytes)),
            Value::Cpu(millicores) => self.text(&units::cpu_quantity(millicores)),
            Value::Int(number) => self.text(&number.to_string()),
            Value::Float(number) => self.text(&number.to_string()),
            Value::Str(text) => match units::quantity_problem(&text) {
                None => Ok(Value::Str(text)),
                Some(problem) => {
                    let message = format!("`{text}` is no quantity: {problem}");
                    self.fail(Diagnostic::error(Code::InvalidValue, message, span))
                }
            },
            Value::Absent
            | Value::Null
            | Value::Bool(_)
            | Value::Duration(_)
            | Value::Secret(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Keyed(_) => Ok(value),
        }
    }
}

/// A name that Kubernetes would refuse.
pub(super) fn invalid_label(text: &str, problem: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::InvalidValue, format!("`{text}` is no DNS label: {problem}"), span)
}
