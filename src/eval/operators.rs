//! Operators between two values.

use super::evaluator::{Eval, Evaluator};
use super::expr::float;
use super::frame::Frame;
use super::list::values;
use super::value::Value;
use crate::core::{BinaryOperator, Expr};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use std::cmp::Ordering;
use std::rc::Rc;

impl<'p> Evaluator<'p> {
    /// The value of `left operator right`.
    pub(super) fn binary(
        &mut self,
        operator: BinaryOperator,
        left: &'p Expr,
        right: &'p Expr,
        span: Span,
        frame: &Rc<Frame<'p>>,
    ) -> Eval<Value> {
        let left = self.expr(left, frame)?;
        // These look at the right side only where they must.
        match (operator, &left) {
            (BinaryOperator::Else, Value::Absent) => return self.expr(right, frame),
            (BinaryOperator::Else, _)
            | (BinaryOperator::Or, Value::Bool(true))
            | (BinaryOperator::And, Value::Bool(false)) => return Ok(left),
            (BinaryOperator::Or | BinaryOperator::And, _) => return self.expr(right, frame),
            (_, _) => {}
        }
        let right = self.expr(right, frame)?;
        if !matches!((&left, &right), (Value::Int(_), Value::Int(_))) {
            self.compares(&left, &right)?;
        }
        let holds = |ordering: fn(Ordering) -> bool| Ok(Value::Bool(compare(&left, &right).is_some_and(ordering)));
        match operator {
            BinaryOperator::Equal => Ok(Value::Bool(same(&left, &right))),
            BinaryOperator::NotEqual => Ok(Value::Bool(!same(&left, &right))),
            BinaryOperator::Less => holds(Ordering::is_lt),
            BinaryOperator::LessEqual => holds(Ordering::is_le),
            BinaryOperator::Greater => holds(Ordering::is_gt),
            BinaryOperator::GreaterEqual => holds(Ordering::is_ge),
            BinaryOperator::In => Ok(Value::Bool(is_in(&left, &right))),
            BinaryOperator::Concat => self.concat(&left, &right),
            BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Remainder => self.arithmetic(operator, &left, &right, span),
            // Done above.
            BinaryOperator::Else | BinaryOperator::Or | BinaryOperator::And => Ok(right),
        }
    }

    /// Counts what a comparison costs at most.
    fn compares(&mut self, left: &Value, right: &Value) -> Eval<()> {
        for value in [left, right] {
            match value {
                Value::Str(text) => self.toil(text.len() / 64)?,
                Value::List(_) | Value::Map(_) | Value::Keyed(_) => self.measure(value)?,
                Value::Absent
                | Value::Null
                | Value::Bool(_)
                | Value::Int(_)
                | Value::Float(_)
                | Value::Memory(_)
                | Value::Cpu(_)
                | Value::Duration(_)
                | Value::Secret(_) => {}
            }
        }
        Ok(())
    }

    fn concat(&mut self, left: &Value, right: &Value) -> Eval<Value> {
        if let (Value::Str(left), Value::Str(right)) = (left, right) {
            self.spend(left.len() + right.len())?;
            return self.text(&[&**left, &**right].concat());
        }
        let mut list = values(left);
        list.extend(values(right));
        self.spend(list.len() * size_of::<Value>())?;
        Ok(Value::List(Rc::new(list)))
    }

    /// `left operator right` of numbers and values with units.
    pub(super) fn arithmetic(
        &mut self,
        operator: BinaryOperator,
        left: &Value,
        right: &Value,
        span: Span,
    ) -> Eval<Value> {
        let result = match (left, right) {
            (Value::Int(left), Value::Int(right)) => whole(operator, *left, *right).map(Value::Int),
            (Value::Float(left), Value::Float(right)) => fraction(operator, *left, *right),
            (Value::Int(left), Value::Float(right)) => fraction(operator, float(*left), *right),
            (Value::Float(left), Value::Int(right)) => fraction(operator, *left, float(*right)),
            (Value::Memory(left), right) => quantity(operator, *left, right, Value::Memory),
            (Value::Cpu(left), right) => quantity(operator, *left, right, Value::Cpu),
            (Value::Duration(left), right) => quantity(operator, *left, right, Value::Duration),
            (left, Value::Memory(right)) => quantity(operator, *right, left, Value::Memory),
            (left, Value::Cpu(right)) => quantity(operator, *right, left, Value::Cpu),
            (left, Value::Duration(right)) => quantity(operator, *right, left, Value::Duration),
            (_, _) => Err("these values cannot be calculated with"),
        };
        match result {
            Ok(Value::Memory(amount) | Value::Cpu(amount) | Value::Duration(amount)) if amount < 0 => {
                self.fail(Diagnostic::error(Code::Arithmetic, BELOW_ZERO, span))
            }
            Ok(value) => Ok(value),
            Err(problem) => self.fail(Diagnostic::error(Code::Arithmetic, problem, span)),
        }
    }
}

/// No process has less than no memory, and nothing takes less than no time.
const BELOW_ZERO: &str = "the result is below zero, which no quantity can be";

const OVERFLOW: &str = "the result is too large";
const BY_ZERO: &str = "a division by zero";

fn whole(operator: BinaryOperator, left: i64, right: i64) -> Result<i64, &'static str> {
    let result = match operator {
        BinaryOperator::Add => left.checked_add(right),
        BinaryOperator::Subtract => left.checked_sub(right),
        BinaryOperator::Multiply => left.checked_mul(right),
        BinaryOperator::Divide | BinaryOperator::Remainder if right == 0 => return Err(BY_ZERO),
        BinaryOperator::Divide => left.checked_div(right),
        BinaryOperator::Remainder => left.checked_rem(right),
        BinaryOperator::Else
        | BinaryOperator::Or
        | BinaryOperator::And
        | BinaryOperator::Equal
        | BinaryOperator::NotEqual
        | BinaryOperator::Less
        | BinaryOperator::LessEqual
        | BinaryOperator::Greater
        | BinaryOperator::GreaterEqual
        | BinaryOperator::In
        | BinaryOperator::Concat => None,
    };
    result.ok_or(OVERFLOW)
}

fn fraction(operator: BinaryOperator, left: f64, right: f64) -> Result<Value, &'static str> {
    let result = match operator {
        BinaryOperator::Add => left + right,
        BinaryOperator::Subtract => left - right,
        BinaryOperator::Multiply => left * right,
        BinaryOperator::Divide | BinaryOperator::Remainder if right == 0.0 => return Err(BY_ZERO),
        BinaryOperator::Divide => left / right,
        BinaryOperator::Remainder => left % right,
        BinaryOperator::Else
        | BinaryOperator::Or
        | BinaryOperator::And
        | BinaryOperator::Equal
        | BinaryOperator::NotEqual
        | BinaryOperator::Less
        | BinaryOperator::LessEqual
        | BinaryOperator::Greater
        | BinaryOperator::GreaterEqual
        | BinaryOperator::In
        | BinaryOperator::Concat => f64::NAN,
    };
    if result.is_finite() { Ok(Value::Float(result)) } else { Err(OVERFLOW) }
}

/// A value with a unit, and a number or another of its kind. A product with a float is exact, as if both were written
/// out in decimals, and cut to the smallest unit; what is divided by a float is rounded to it.
fn quantity(
    operator: BinaryOperator,
    amount: i64,
    other: &Value,
    unit: fn(i64) -> Value,
) -> Result<Value, &'static str> {
    match other {
        Value::Int(number) => whole(operator, amount, *number).map(unit),
        Value::Float(number) if operator == BinaryOperator::Multiply => {
            product(amount, *number).map(unit).ok_or(OVERFLOW)
        }
        Value::Float(number) => match fraction(operator, float(amount), *number)? {
            Value::Float(result) => truncated(result.round()).map(unit).ok_or(OVERFLOW),
            result => Ok(result),
        },
        Value::Memory(other) | Value::Cpu(other) | Value::Duration(other) => {
            if operator == BinaryOperator::Divide {
                // How often the one goes into the other.
                fraction(operator, float(amount), float(*other))
            } else {
                whole(operator, amount, *other).map(unit)
            }
        }
        Value::Absent
        | Value::Null
        | Value::Bool(_)
        | Value::Str(_)
        | Value::Secret(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Keyed(_) => Err("these values cannot be calculated with"),
    }
}

/// The product of a whole number and the decimal number that a float is written as, without what follows the point.
fn product(amount: i64, number: f64) -> Option<i64> {
    // Such as `1.0000000149011612e-1`, with the fewest digits that tell the float from all others.
    let text = format!("{number:e}");
    let (mantissa, exponent) = text.split_once('e')?;
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    // At most 17 digits and a sign.
    let digits: i128 = format!("{whole}{decimals}").parse().ok()?;
    let exponent = exponent.parse::<i32>().ok()?.checked_sub(i32::try_from(decimals.len()).ok()?)?;
    // 19 digits and 17: there is room for them.
    let product = digits.checked_mul(i128::from(amount))?;
    let power = 10_i128.checked_pow(exponent.unsigned_abs());
    let shifted = match power {
        Some(power) if exponent >= 0 => product.checked_mul(power)?,
        Some(power) => product / power,
        // Nothing of it is left, unless it grows beyond all bounds.
        None if exponent < 0 || product == 0 => 0,
        None => return None,
    };
    i64::try_from(shifted).ok()
}

/// A whole float as an int, where one can hold it.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
pub(super) fn truncated(number: f64) -> Option<i64> {
    // 2^63 exactly; i64::MAX itself is no float.
    const END: f64 = 9_223_372_036_854_775_808.0;
    (-END..END).contains(&number).then_some(number as i64)
}

/// The order of two values of one type; none between others.
pub(super) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(left), Value::Int(right))
        | (Value::Memory(left), Value::Memory(right))
        | (Value::Cpu(left), Value::Cpu(right))
        | (Value::Duration(left), Value::Duration(right)) => Some(left.cmp(right)),
        (Value::Float(left), Value::Float(right)) => left.partial_cmp(right),
        (Value::Int(left), Value::Float(right)) => float(*left).partial_cmp(right),
        (Value::Float(left), Value::Int(right)) => left.partial_cmp(&float(*right)),
        (Value::Str(left), Value::Str(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (_, _) => None,
    }
}

/// Equality; an int equals a float of the same number.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Int(_), Value::Float(_)) | (Value::Float(_), Value::Int(_)) => {
            compare(left, right).is_some_and(Ordering::is_eq)
        }
        (Value::Keyed(_), Value::List(_)) | (Value::List(_), Value::Keyed(_)) => values(left) == values(right),
        (_, _) => left == right,
    }
}

/// Whether a list has an element, or a map or keyed list a key.
pub(super) fn is_in(element: &Value, container: &Value) -> bool {
    match (container, element) {
        (Value::List(list), element) => list.iter().any(|item| same(item, element)),
        (Value::Map(map), Value::Str(key)) => map.position(key).is_some(),
        (Value::Keyed(keyed), Value::Str(key)) => keyed.items.position(key).is_some(),
        (_, _) => false,
    }
}
