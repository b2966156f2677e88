//! What an evaluation costs at most, estimated before it begins: the engine itself has no limit.
//!
//! The API server estimates rules in the same way before it accepts a definition. Here the largest list, map and text of
//! the value are known, so that the estimate is closer.

use cel::IdedExpr;
use cel::common::ast::{EntryExpr, Expr, LiteralValue};
use serde_json::Value as Json;

/// Bytes that one step goes through.
const BYTES_A_STEP: usize = 64;
/// The longest text that `format` makes of a number.
const LONGEST_NUMBER: usize = 2 << 10;

/// How large a value is at most.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Size {
    /// Elements of it, where it is a list or map.
    count: usize,
    /// Elements of the largest list or map that is inside.
    inner: usize,
    /// Bytes of all texts, and some for each value.
    bytes: usize,
}

impl Size {
    /// The size of what a rule sees.
    pub(super) fn of(value: &Json) -> Size {
        let gather = |parts: &mut dyn Iterator<Item = (usize, &Json)>| {
            parts.fold(Size::SCALAR, |whole, (name, part)| {
                let part = Size::of(part);
                let inner = whole.inner.max(part.count).max(part.inner);
                Size { count: whole.count + 1, inner, bytes: whole.bytes + name + part.bytes }
            })
        };
        match value {
            Json::Null | Json::Bool(_) | Json::Number(_) => Size::SCALAR,
            Json::String(text) => Size::text(text.len()),
            Json::Array(list) => gather(&mut list.iter().map(|element| (0, element))),
            Json::Object(map) => gather(&mut map.iter().map(|(name, value)| (name.len(), value))),
        }
    }

    const SCALAR: Size = Size { count: 0, inner: 0, bytes: 8 };

    fn text(length: usize) -> Size {
        Size { bytes: length.saturating_add(8), ..Size::default() }
    }

    fn widest(self) -> usize {
        self.count.max(self.inner)
    }

    /// Something inside.
    fn part(self) -> Size {
        Size { count: self.widest(), inner: self.widest(), bytes: self.bytes }
    }

    fn larger(self, other: Size) -> Size {
        Size {
            count: self.count.max(other.count),
            inner: self.inner.max(other.inner),
            bytes: self.bytes.max(other.bytes),
        }
    }

    fn and(self, other: Size) -> Size {
        Size {
            count: self.count.saturating_add(other.count),
            inner: self.inner.max(other.inner),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
}

/// The steps of a regular expression that is part of the value.
const UNKNOWN_PATTERN: usize = 20_000;

/// The steps that the engine takes to compile a regular expression, which it does at every call: the more, the oftener
/// its parts are repeated.
fn pattern(argument: &IdedExpr) -> usize {
    const BASE: usize = 200;
    let Expr::Literal(LiteralValue::String(text)) = &argument.expr else { return UNKNOWN_PATTERN };
    let counts = text.inner().split('{').skip(1).filter_map(|rest| {
        let inside = rest.split('}').next().unwrap_or_default();
        inside.rsplit(',').find_map(|number| number.trim().parse::<usize>().ok())
    });
    counts.fold(BASE, |steps, count| steps.saturating_mul(count.max(1)))
}

/// Whether an expression has a loop in it. The engine goes through maps in no order that one could rely on.
pub(super) fn has_loop(expression: &IdedExpr) -> bool {
    match &expression.expr {
        Expr::Comprehension(_) => true,
        Expr::Call(call) => call.target.iter().map(|target| &**target).chain(&call.args).any(has_loop),
        Expr::List(list) => list.elements.iter().any(has_loop),
        Expr::Select(select) => has_loop(&select.operand),
        Expr::Map(map) => map.entries.iter().flat_map(|entry| parts(&entry.expr)).any(has_loop),
        Expr::Struct(record) => record.entries.iter().flat_map(|entry| parts(&entry.expr)).any(has_loop),
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => false,
    }
}

/// The steps that an expression takes at most when `self` is of this size.
pub(super) fn steps(expression: &IdedExpr, value: Size) -> usize {
    let mut estimate = Estimate { value, variables: Vec::new(), steps: 0, times: 1 };
    estimate.size(expression);
    estimate.steps
}

struct Estimate<'e> {
    value: Size,
    variables: Vec<(&'e str, Size)>,
    steps: usize,
    /// How often the expression at hand is evaluated.
    times: usize,
}

impl<'e> Estimate<'e> {
    /// The size of what an expression yields, with its steps counted. It was parsed, so that it is not deep.
    fn size(&mut self, expression: &'e IdedExpr) -> Size {
        match &expression.expr {
            Expr::Unspecified => Size::SCALAR,
            Expr::Literal(LiteralValue::String(text)) => Size::text(text.inner().len()),
            Expr::Literal(_) => Size::SCALAR,
            Expr::Ident(name) => {
                let variable = self.variables.iter().rev().find(|(known, _)| known == name);
                variable.map_or(if name == "self" { self.value } else { Size::SCALAR }, |(_, size)| *size)
            }
            Expr::Select(select) => {
                let whole = self.size(&select.operand);
                if select.test { Size::SCALAR } else { whole.part() }
            }
            Expr::List(list) => self.gathered(&mut list.elements.iter()),
            Expr::Map(map) => self.gathered(&mut map.entries.iter().flat_map(|entry| parts(&entry.expr))),
            Expr::Struct(record) => self.gathered(&mut record.entries.iter().flat_map(|entry| parts(&entry.expr))),
            Expr::Call(call) => {
                let sizes: Vec<Size> =
                    call.target.iter().map(|target| &**target).chain(&call.args).map(|part| self.size(part)).collect();
                let made = made_by(&call.func_name, &sizes, self.value);
                // What is part of the value is gone through once; what grew beyond it is made anew each time.
                self.count(1 + made.bytes.saturating_sub(self.value.bytes) / BYTES_A_STEP);
                if matches!(call.func_name.as_str(), "matches" | "find" | "findAll") {
                    self.count(call.args.last().map_or(UNKNOWN_PATTERN, pattern));
                }
                made
            }
            Expr::Comprehension(inner) => {
                let range = self.size(&inner.iter_range);
                let start = self.size(&inner.accu_init);
                let rounds = range.count.max(1);
                let outside = self.times;
                self.times = self.times.saturating_mul(rounds);
                let part = Size { count: range.inner, inner: range.inner, bytes: range.bytes.div_ceil(rounds) };
                self.variables.push((&inner.iter_var, part));
                self.variables.extend(inner.iter_var2.as_deref().map(|name| (name, part)));
                self.variables.push((&inner.accu_var, start));
                self.count(1);
                self.size(&inner.loop_cond);
                let step = self.size(&inner.loop_step);
                self.times = outside;
                let grown = Size {
                    count: step.count.saturating_mul(rounds),
                    inner: step.inner,
                    bytes: step.bytes.saturating_mul(rounds),
                };
                let names = 2 + usize::from(inner.iter_var2.is_some());
                self.variables.truncate(self.variables.len() - names);
                self.variables.push((&inner.accu_var, grown));
                let result = self.size(&inner.result);
                self.variables.pop();
                self.count(grown.bytes.saturating_sub(self.value.bytes) / BYTES_A_STEP);
                result
            }
        }
    }

    fn gathered(&mut self, parts: &mut dyn Iterator<Item = &'e IdedExpr>) -> Size {
        let mut whole = Size::SCALAR;
        for part in parts {
            let part = self.size(part);
            whole.count += 1;
            whole.inner = whole.inner.max(part.widest());
            whole.bytes = whole.bytes.saturating_add(part.bytes);
        }
        whole
    }

    fn count(&mut self, steps: usize) {
        self.steps = self.steps.saturating_add(steps.saturating_mul(self.times));
    }
}

fn parts(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::StructField(field) => vec![&field.value],
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
    }
}

/// The size of what a function makes of values of these sizes, its target first.
fn made_by(function: &str, sizes: &[Size], value: Size) -> Size {
    let all = sizes.iter().copied().reduce(Size::and).unwrap_or(Size::SCALAR);
    let first = sizes.first().copied().unwrap_or(Size::SCALAR);
    let second = sizes.get(1).copied().unwrap_or(Size::SCALAR);
    match function {
        "_&&_"
        | "_||_"
        | "!_"
        | "_==_"
        | "_!=_"
        | "_<_"
        | "_<=_"
        | "_>_"
        | "_>=_"
        | "@in"
        | "in"
        | "size"
        | "matches"
        | "startsWith"
        | "endsWith"
        | "contains"
        | "int"
        | "double"
        | "uint"
        | "@not_strictly_false"
        | "isSorted"
        | "hasValue" => Size::SCALAR,
        "_?_:_" => sizes.iter().skip(1).copied().reduce(Size::larger).unwrap_or(Size::SCALAR),
        "_[_]" => first.part(),
        // Every character can be an element.
        "split" | "findAll" => Size { count: first.bytes, inner: 0, bytes: first.bytes.saturating_mul(2) },
        "join" => Size::text(first.bytes.saturating_add(first.count.saturating_mul(second.bytes))),
        "replace" => {
            let to = sizes.get(2).copied().unwrap_or(Size::SCALAR);
            Size::text(first.bytes.max(value.bytes).saturating_mul(to.bytes.max(1)))
        }
        "format" => {
            let numbers = all.widest().saturating_mul(LONGEST_NUMBER);
            Size::text(all.bytes.saturating_mul(2).saturating_add(numbers))
        }
        // Signs that are written as escapes.
        "quote" | "strings.quote" => Size::text(all.bytes.saturating_mul(4)),
        _ => all,
    }
}
