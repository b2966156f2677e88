//! Functions of numbers and of values with units, and conversions of scalars.

use super::super::evaluator::{Eval, Evaluator};
use super::super::expr::float;
use super::super::list::values;
use super::super::operators::{compare, truncated};
use super::super::value::Value;
use super::text_of;
use crate::core::BinaryOperator;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use std::cmp::Ordering;

impl Evaluator<'_> {
    pub(super) fn sum(&mut self, list: &[Value], span: Span) -> Eval<Value> {
        let Some((start, rest)) = list.split_first() else { return Ok(Value::Int(0)) };
        let mut sum = start.clone();
        for value in rest {
            sum = self.arithmetic(BinaryOperator::Add, &sum, value, span)?;
        }
        Ok(sum)
    }

    pub(super) fn absolute(&mut self, value: &Value, span: Span) -> Eval<Value> {
        let zero = match value {
            Value::Float(number) => return Ok(Value::Float(number.abs())),
            Value::Memory(_) => Value::Memory(0),
            Value::Cpu(_) => Value::Cpu(0),
            Value::Duration(_) => Value::Duration(0),
            Value::Absent
            | Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Str(_)
            | Value::Secret(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Keyed(_) => Value::Int(0),
        };
        if compare(value, &zero).is_some_and(Ordering::is_lt) {
            return self.arithmetic(BinaryOperator::Subtract, &zero, value, span);
        }
        Ok(value.clone())
    }

    /// The first of the arguments, or of the one argument's elements, that compares to all others as `wanted`.
    pub(super) fn extreme(&mut self, arguments: &[Value], wanted: Ordering, span: Span) -> Eval<Value> {
        let all = match arguments {
            [list @ (Value::List(_) | Value::Keyed(_))] => values(list),
            others => others.to_vec(),
        };
        let best = all.into_iter().reduce(|known, new| if compare(&new, &known) == Some(wanted) { new } else { known });
        match best {
            Some(value) => Ok(value),
            None => self.out_of_range("an empty list has no least or greatest element", span),
        }
    }

    pub(super) fn rounded(&mut self, value: &Value, round: fn(f64) -> f64, span: Span) -> Eval<Value> {
        let Value::Float(number) = value else { return Ok(value.clone()) };
        match truncated(round(*number)) {
            Some(number) => Ok(Value::Int(number)),
            None => self.out_of_range("the result is too large", span),
        }
    }

    pub(super) fn int_of(&mut self, value: &Value, span: Span) -> Eval<Value> {
        let result = match value {
            Value::Int(number) => Some(*number),
            Value::Float(number) => truncated(number.trunc()),
            Value::Bool(value) => Some(i64::from(*value)),
            other => text_of(other).trim().parse().ok(),
        };
        match result {
            Some(number) => Ok(Value::Int(number)),
            None => self.no_number(value, "whole number", span),
        }
    }

    pub(super) fn float_of(&mut self, value: &Value, span: Span) -> Eval<Value> {
        let result = match value {
            Value::Int(number) => Some(float(*number)),
            Value::Float(number) => Some(*number),
            other => text_of(other).trim().parse().ok().filter(|number: &f64| number.is_finite()),
        };
        match result {
            Some(number) => Ok(Value::Float(number)),
            None => self.no_number(value, "number", span),
        }
    }

    /// The nearest number that 32 bits can hold, for what reads its numbers so.
    #[expect(clippy::cast_possible_truncation, reason = "to lose what 32 bits cannot hold is what it is for")]
    pub(super) fn float32(&mut self, number: f64, span: Span) -> Eval<Value> {
        let narrow = number as f32;
        if narrow.is_finite() {
            return Ok(Value::Float(f64::from(narrow)));
        }
        self.out_of_range("the number is too large for 32 bits", span)
    }

    fn no_number(&mut self, value: &Value, wanted: &str, span: Span) -> Eval<Value> {
        let message = format!("`{}` is no {wanted}", text_of(value));
        self.fail(Diagnostic::error(Code::InvalidValue, message, span))
    }
}
