//! Values in the notation of the place they go to.

use super::evaluator::{Eval, Evaluator};
use super::expr::float;
use super::merge;
use super::operators::truncated;
use super::value::Value;
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
            (Conversion::Keyed(field), Value::List(list)) => {
                let field = self.name(field).clone();
                Ok(match merge::keyed(&list, &field) {
                    Some(keyed) => Value::Keyed(Rc::new(keyed)),
                    None => match merge::twin(&list, &field) {
                        Some(name) => {
                            let message = format!("two items of the list have the name `{name}`");
                            let help = "give one of the two another name".to_string();
                            return self.fail(Diagnostic::error(Code::InvalidValue, message, span).help(help));
                        }
                        None => Value::List(list),
                    },
                })
            }
            (Conversion::DnsLabel, Value::Str(text)) => match dns_label_problem(&text) {
                None => Ok(Value::Str(text)),
                Some(problem) => self.fail(invalid_label(&text, &problem, span)),
            },
            (
                Conversion::Seconds
                | Conversion::DurationText
                | Conversion::Float
                | Conversion::Cpu
                | Conversion::Keyed(_)
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
