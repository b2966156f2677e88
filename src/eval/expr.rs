//! Expressions.

use super::evaluator::{Eval, Evaluator, Failed};
use super::frame::{Frame, Variable};
use super::value::{SecretReference, Str, Value};
use crate::core::{
    Arm, Builtin, Const, Expr, FunctionId, Pattern, Shape, Slot, TextPart, TypeTest, UnaryOperator, UnitMember,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use std::fmt::Write as _;
use std::rc::Rc;

impl<'p> Evaluator<'p> {
    /// The value of an expression.
    pub(super) fn expr(&mut self, expr: &'p Expr, frame: &Rc<Frame<'p>>) -> Eval<Value> {
        // What needs no depth, and is most of what there is.
        if let Expr::Const(constant) = expr {
            return Ok(self.constant(constant));
        }
        if let Expr::Local(slot) = expr
            && !self.is_tracing()
            && let Some(Variable::Value(value)) = frame.slots.borrow().get(slot.0 as usize)
        {
            return Ok(value.clone());
        }
        self.deeper()?;
        let result = self.compound(expr, frame);
        self.depth -= 1;
        result
    }

    fn compound(&mut self, expr: &'p Expr, frame: &Rc<Frame<'p>>) -> Eval<Value> {
        match expr {
            Expr::Const(constant) => Ok(self.constant(constant)),
            Expr::Text(parts) => self.interpolated(parts, frame),
            Expr::Local(slot) => self.local(*slot, frame),
            Expr::Global(id) => self.global(*id),
            Expr::EnvironmentName => {
                let value = self.environment_name_value();
                self.trace_environment("name", &value);
                Ok(value)
            }
            Expr::EnvironmentNamespace => {
                let value = Value::Str(self.namespace());
                self.trace_environment("namespace", &value);
                Ok(value)
            }
            Expr::Member { base, name } => {
                let base = self.expr(base, frame)?;
                let value = member(&base, self.name(*name));
                if self.is_tracing() {
                    let name = self.name(*name).clone();
                    self.trace_part(&base, &name, &value);
                }
                Ok(value)
            }
            Expr::UnitMember { base, member } => {
                let base = self.expr(base, frame)?;
                Ok(unit_member(&base, *member))
            }
            Expr::Index { base, index } => {
                // What leads to the index is gathered first, so that the base comes last.
                let (base, index) = if self.is_tracing() {
                    let index = self.expr(index, frame)?;
                    (self.expr(base, frame)?, index)
                } else {
                    (self.expr(base, frame)?, self.expr(index, frame)?)
                };
                let value = indexed(&base, &index);
                if self.is_tracing() {
                    self.trace_index(&base, &index, &value);
                }
                Ok(value)
            }
            Expr::Call { function, arguments } => self.call(*function, arguments, frame),
            Expr::Builtin { function, arguments, span } => self.builtin(*function, arguments, *span, frame),
            Expr::Data { path, ty, shape, span } => {
                let path = self.string(path, frame)?;
                let value = self.data_file(std::ptr::from_ref(expr) as usize, &path, ty, *span)?;
                self.complete(value, shape, *span)
            }
            Expr::Merge { base, overs, ty, verify, span } => self.merged(base, overs, ty, (*verify, *span), frame),
            Expr::Has(value) => Ok(Value::Bool(!self.expr(value, frame)?.is_absent())),
            Expr::Unary { operator, operand } => {
                let operand = self.expr(operand, frame)?;
                self.unary(*operator, operand)
            }
            Expr::Binary { operator, left, right, span } => self.binary(*operator, left, right, *span, frame),
            Expr::If { condition, then, otherwise } => {
                let taken = if self.condition(condition, frame)? { then } else { otherwise };
                self.expr(taken, frame)
            }
            Expr::Match { value, arms } => self.matched(value, arms, frame),
            Expr::List(elements) => self.list(elements, frame),
            Expr::Record { body, container, shape, span } => {
                if body.constant {
                    return self.constant_record(body, frame, *container, shape, *span);
                }
                let mark = self.mark();
                let value = self.record(body, frame, *container, &[])?;
                self.forget_reads(mark);
                if *shape == Shape::Plain { Ok(value) } else { self.complete(value, shape, *span) }
            }
            Expr::Object { target, read, span } => self.read_object(target, *read, *span, frame),
            Expr::Convert { value, conversion, span } => {
                let value = self.expr(value, frame)?;
                self.convert(value, *conversion, *span)
            }
        }
    }

    fn unary(&mut self, operator: UnaryOperator, operand: Value) -> Eval<Value> {
        let negated = match (operator, operand) {
            (UnaryOperator::Not, Value::Bool(value)) => return Ok(Value::Bool(!value)),
            (UnaryOperator::Negate, Value::Int(value)) => value.checked_neg().map(Value::Int),
            (UnaryOperator::Negate, Value::Float(value)) => Some(Value::Float(-value)),
            (UnaryOperator::Negate, Value::Memory(value)) => value.checked_neg().map(Value::Memory),
            (UnaryOperator::Negate, Value::Cpu(value)) => value.checked_neg().map(Value::Cpu),
            (UnaryOperator::Negate, Value::Duration(value)) => value.checked_neg().map(Value::Duration),
            (UnaryOperator::Not | UnaryOperator::Negate, other) => return Ok(other),
        };
        match negated {
            Some(value) => Ok(value),
            None => self.fail(Diagnostic::global(Code::Arithmetic, "the number is too small to be negated")),
        }
    }

    /// The value of a variable; that of a `let` is computed now where nobody read it before.
    pub(super) fn local(&mut self, slot: Slot, frame: &Rc<Frame<'p>>) -> Eval<Value> {
        let lazy = match frame.slots.borrow().get(slot.0 as usize) {
            Some(Variable::Value(value)) => {
                let value = value.clone();
                self.trace_local(frame, slot);
                return Ok(value);
            }
            Some(Variable::Lazy(lazy)) => *lazy,
            Some(Variable::Busy) => {
                // The checker refuses a `let` that reads itself: this one does so by way of an object.
                let (name, span) = self.making.last().cloned().ok_or(Failed)?;
                return self.cycle(&name, span);
            }
            Some(Variable::Failed | Variable::Empty) | None => return Err(Failed),
        };
        frame.set(slot, Variable::Busy);
        let mark = self.mark();
        let result = self.expr(lazy, frame).and_then(|value| self.measured(value));
        self.note_variable(frame, slot, self.reads_since(mark));
        frame.set(slot, result.as_ref().map_or(Variable::Failed, |value| Variable::Value(value.clone())));
        result
    }

    fn call(&mut self, function: FunctionId, arguments: &'p [Expr], frame: &Rc<Frame<'p>>) -> Eval<Value> {
        let function = &self.program.functions[function.0 as usize];
        let own = self.spare.take(function.slots);
        for (slot, argument) in (0..).zip(arguments) {
            let mark = self.mark();
            let value = self.expr(argument, frame)?;
            own.bind(Slot(slot), value);
            let reads = self.take_reads(mark);
            self.note_variable(&own, Slot(slot), reads);
        }
        for (slot, value) in &function.lets {
            own.set(*slot, Variable::Lazy(value));
        }
        let conditions = self.leave_conditions();
        let result = self.expr(&function.body, &own);
        self.enter_conditions(conditions);
        self.spare.put(own);
        result
    }

    fn matched(&mut self, value: &'p Expr, arms: &'p [Arm], frame: &Rc<Frame<'p>>) -> Eval<Value> {
        let mark = self.mark();
        let value = self.expr(value, frame)?;
        for arm in arms {
            if arm.patterns.iter().any(|pattern| fits(&value, pattern)) {
                if let Some(slot) = arm.binding {
                    frame.bind(slot, value);
                    self.note_variable(frame, slot, self.reads_since(mark));
                }
                return self.expr(&arm.value, frame);
            }
        }
        self.fail(Diagnostic::global(Code::NotExhaustive, "no arm of a `match` fits its value"))
    }

    fn interpolated(&mut self, parts: &'p [TextPart], frame: &Rc<Frame<'p>>) -> Eval<Value> {
        // Parts that are interpolated in turn find the buffer taken, and use one of their own.
        let mut text = std::mem::take(&mut self.buffer);
        text.clear();
        for part in parts {
            match part {
                TextPart::Text(part) => text.push_str(part),
                TextPart::Value(part) => {
                    let value = self.expr(part, frame)?;
                    write_scalar(&mut text, &value);
                }
            }
        }
        let value = self.text(&text);
        self.buffer = text;
        value
    }

    /// An expression that is a bool.
    pub(super) fn condition(&mut self, expr: &'p Expr, frame: &Rc<Frame<'p>>) -> Eval<bool> {
        Ok(matches!(self.expr(expr, frame)?, Value::Bool(true)))
    }

    /// An expression that is a string.
    pub(super) fn string(&mut self, expr: &'p Expr, frame: &Rc<Frame<'p>>) -> Eval<Str> {
        match self.expr(expr, frame)? {
            Value::Str(text) => Ok(text),
            other => {
                let mut text = String::new();
                write_scalar(&mut text, &other);
                Ok(Str::from(text))
            }
        }
    }

    fn builtin(&mut self, function: Builtin, arguments: &'p [Expr], span: Span, frame: &Rc<Frame<'p>>) -> Eval<Value> {
        let values = arguments.iter().map(|argument| self.expr(argument, frame)).collect::<Eval<Vec<Value>>>()?;
        let file = match (function, values.first()) {
            (Builtin::File, Some(Value::Str(path))) => Some((&**path, span)),
            _ => None,
        };
        if let (Builtin::FlattenKeys, [whole]) = (function, values.as_slice()) {
            let flat = self.run_builtin(function, &values, span)?;
            self.trace_reshaped(whole, &flat);
            return Ok(flat);
        }
        self.trace_builtin(&values, file);
        self.run_builtin(function, &values, span)
    }
}

/// A field of a record, an entry of a map, an item of a keyed list.
pub(super) fn member(base: &Value, name: &str) -> Value {
    match base {
        Value::Map(map) => map.get(name).cloned().unwrap_or(Value::Absent),
        Value::Keyed(keyed) => keyed.items.entry(name).map_or(Value::Absent, |entry| keyed.item(entry)),
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
        | Value::List(_) => Value::Absent,
    }
}

fn indexed(base: &Value, index: &Value) -> Value {
    let at = match index {
        Value::Str(key) => return member(base, key),
        Value::Int(at) => usize::try_from(*at).ok(),
        Value::Absent
        | Value::Null
        | Value::Bool(_)
        | Value::Float(_)
        | Value::Memory(_)
        | Value::Cpu(_)
        | Value::Duration(_)
        | Value::Secret(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Keyed(_) => None,
    };
    let found = match (base, at) {
        (Value::List(list), Some(at)) => list.get(at).cloned(),
        (Value::Keyed(keyed), Some(at)) => keyed.items.entries().get(at).map(|entry| keyed.item(entry)),
        (_, _) => None,
    };
    found.unwrap_or(Value::Absent)
}

fn unit_member(base: &Value, member: UnitMember) -> Value {
    match (base, member) {
        (Value::Memory(bytes), UnitMember::Bytes) => Value::Int(*bytes),
        (Value::Memory(bytes), UnitMember::Kibibytes) => Value::Int(bytes.div_euclid(1 << 10)),
        (Value::Memory(bytes), UnitMember::Mebibytes) => Value::Int(bytes.div_euclid(1 << 20)),
        (Value::Memory(bytes), UnitMember::Gibibytes) => Value::Int(bytes.div_euclid(1 << 30)),
        (Value::Cpu(millicores), UnitMember::Millicores) => Value::Int(*millicores),
        (Value::Cpu(millicores), UnitMember::Cores) => Value::Float(float(*millicores) / 1000.0),
        (Value::Duration(milliseconds), UnitMember::Milliseconds) => Value::Int(*milliseconds),
        (Value::Duration(milliseconds), UnitMember::Seconds) => Value::Int(milliseconds.div_euclid(1000)),
        (Value::Duration(milliseconds), UnitMember::Minutes) => Value::Int(milliseconds.div_euclid(60_000)),
        (Value::Secret(secret), UnitMember::SecretName) => Value::Str(secret.name.clone()),
        (Value::Secret(secret), UnitMember::SecretKey) => Value::Str(secret.key.clone()),
        // The base is absent: the checker lets no other value have that member.
        (_, _) => Value::Absent,
    }
}

/// A number as the nearest float; what numbers above 2^53 lose is far below what units are counted in.
#[expect(clippy::cast_precision_loss, reason = "stated above")]
pub(super) fn float(number: i64) -> f64 {
    number as f64
}

/// A scalar as text. Values with units cannot be put into text without saying which unit; where data of type `any`
/// holds one, it is written as Kubernetes writes it.
pub(super) fn write_scalar(text: &mut String, value: &Value) {
    use crate::core::units;
    let written = match value {
        Value::Str(part) => {
            text.push_str(part);
            Ok(())
        }
        Value::Int(number) => write!(text, "{number}"),
        // `1.0`, not `1`: it stays a float for whoever reads the text.
        Value::Float(number) => write!(text, "{number:?}"),
        Value::Bool(value) => write!(text, "{value}"),
        Value::Null => write!(text, "null"),
        Value::Memory(bytes) => write!(text, "{}", units::memory_quantity(*bytes)),
        Value::Cpu(millicores) => write!(text, "{}", units::cpu_quantity(*millicores)),
        Value::Duration(milliseconds) => write!(text, "{}", units::duration_text(*milliseconds)),
        Value::Secret(secret) => write!(text, "{}", reference_text(secret)),
        Value::Absent | Value::List(_) | Value::Map(_) | Value::Keyed(_) => Ok(()),
    };
    written.expect("a string takes whatever is written");
}

/// What stands for a secret where its value would be wanted.
pub(super) fn reference_text(secret: &SecretReference) -> String {
    format!("secret({}/{})", secret.name, secret.key)
}

fn fits(value: &Value, pattern: &Pattern) -> bool {
    match pattern {
        Pattern::Any => true,
        Pattern::Literal(constant) => equals(value, constant),
        Pattern::Type(test) => has_type(value, test),
    }
}

/// Whether a value is a constant.
pub(super) fn equals(value: &Value, constant: &Const) -> bool {
    match (value, constant) {
        (Value::Absent, Const::Absent) | (Value::Null, Const::Null) => true,
        (Value::Bool(value), Const::Bool(constant)) => value == constant,
        (Value::Float(value), Const::Float(constant)) => value == constant,
        (Value::Float(value), Const::Int(constant)) => *value == float(*constant),
        (Value::Int(value), Const::Float(constant)) => float(*value) == *constant,
        (Value::Str(value), Const::String(constant)) => **value == **constant,
        (Value::Int(value), Const::Int(constant))
        | (Value::Memory(value), Const::Memory(constant))
        | (Value::Cpu(value), Const::Cpu(constant))
        | (Value::Duration(value), Const::Duration(constant)) => value == constant,
        (_, _) => false,
    }
}

fn has_type(value: &Value, test: &TypeTest) -> bool {
    match test {
        TypeTest::Null => matches!(value, Value::Null),
        TypeTest::Bool => matches!(value, Value::Bool(_)),
        TypeTest::Int => matches!(value, Value::Int(_)),
        TypeTest::Float => matches!(value, Value::Float(_)),
        TypeTest::String => matches!(value, Value::Str(_)),
        TypeTest::Memory => matches!(value, Value::Memory(_)),
        TypeTest::Cpu => matches!(value, Value::Cpu(_)),
        TypeTest::Duration => matches!(value, Value::Duration(_)),
        TypeTest::Secret => matches!(value, Value::Secret(_)),
        TypeTest::List => matches!(value, Value::List(_) | Value::Keyed(_)),
        TypeTest::Map => matches!(value, Value::Map(_)),
        TypeTest::Either(tests) => tests.iter().any(|test| has_type(value, test)),
        TypeTest::Literal(constant) => equals(value, constant),
    }
}
