//! Functions of numbers and of values with units, and conversions of scalars.

use super::super::evaluator::{Eval, Evaluator};
use super::super::expr::{float, write_scalar};
use super::super::list::values;
use super::super::operators::{compare, truncated};
use super::super::value::Value;
use super::text_of;
use crate::core::{BinaryOperator, Builtin};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

impl Evaluator<'_> {
    pub(super) fn number_function(&mut self, function: Builtin, arguments: &[Value], span: Span) -> Eval<Value> {
        let first = arguments.first().cloned().unwrap_or(Value::Absent);
        match function {
            Builtin::Min | Builtin::Max => self.extreme(function, arguments, span),
            Builtin::Sum => {
                let list = values(&first);
                let Some((start, rest)) = list.split_first() else { return Ok(Value::Int(0)) };
                let mut sum = start.clone();
                for value in rest {
                    sum = self.arithmetic(BinaryOperator::Add, &sum, value, span)?;
                }
                Ok(sum)
            }
            Builtin::Abs => {
                let result = match &first {
                    Value::Int(number) => number.checked_abs().map(Value::Int),
                    Value::Float(number) => Some(Value::Float(number.abs())),
                    Value::Memory(bytes) => bytes.checked_abs().map(Value::Memory),
                    Value::Cpu(millicores) => millicores.checked_abs().map(Value::Cpu),
                    Value::Duration(milliseconds) => milliseconds.checked_abs().map(Value::Duration),
                    _ => Some(first),
                };
                self.whole_or_fail(result, span)
            }
            Builtin::Floor => self.rounded(first, f64::floor, span),
            Builtin::Ceil => self.rounded(first, f64::ceil, span),
            Builtin::Round => self.rounded(first, f64::round, span),
            Builtin::String => {
                if let Value::Str(_) = first {
                    return Ok(first);
                }
                let mut text = String::new();
                write_scalar(&mut text, &first);
                self.text(&text)
            }
            Builtin::Int => self.to_int(first, span),
            Builtin::Float => self.to_float(first, span),
            other => unreachable!("{other:?} is no function of numbers"),
        }
    }

    fn whole_or_fail(&mut self, result: Option<Value>, span: Span) -> Eval<Value> {
        match result {
            Some(value) => Ok(value),
            None => self.out_of_range("the result is too large", span),
        }
    }

    /// The least or greatest of the arguments, or of the one argument's elements.
    fn extreme(&mut self, function: Builtin, arguments: &[Value], span: Span) -> Eval<Value> {
        let all = match arguments {
            [list @ (Value::List(_) | Value::Keyed(_))] => values(list),
            others => others.to_vec(),
        };
        let better = |new: &Value, known: &Value| match compare(new, known) {
            Some(ordering) if function == Builtin::Min => ordering.is_lt(),
            Some(ordering) => ordering.is_gt(),
            None => false,
        };
        let mut rest = all.into_iter();
        let Some(mut known) = rest.next() else {
            return self.out_of_range("an empty list has no least or greatest element", span);
        };
        for value in rest {
            if better(&value, &known) {
                known = value;
            }
        }
        Ok(known)
    }

    fn rounded(&mut self, value: Value, round: fn(f64) -> f64, span: Span) -> Eval<Value> {
        match value {
            Value::Float(number) => self.whole_or_fail(truncated(round(number)).map(Value::Int), span),
            other => Ok(other),
        }
    }

    fn to_int(&mut self, value: Value, span: Span) -> Eval<Value> {
        let result = match &value {
            Value::Int(number) => Some(*number),
            Value::Float(number) => truncated(number.trunc()),
            Value::Bool(value) => Some(i64::from(*value)),
            Value::Str(text) => text.trim().parse().ok(),
            _ => None,
        };
        match result {
            Some(number) => Ok(Value::Int(number)),
            None => self.no_number(&value, "whole number", span),
        }
    }

    fn to_float(&mut self, value: Value, span: Span) -> Eval<Value> {
        let result = match &value {
            Value::Int(number) => Some(float(*number)),
            Value::Float(number) => Some(*number),
            Value::Str(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            _ => None,
        };
        match result {
            Some(number) => Ok(Value::Float(number)),
            None => self.no_number(&value, "number", span),
        }
    }

    fn no_number(&mut self, value: &Value, wanted: &str, span: Span) -> Eval<Value> {
        let message = format!("`{}` is no {wanted}", text_of(value));
        self.fail(Diagnostic::error(Code::InvalidValue, message, span))
    }
}
