//! Conditions and what they tell; `match`.

use super::cx::Cx;
use super::expr::Wanted;
use super::members::chain;
use super::ty::{Type, fits};
use super::{Checker, broken, plain_string};
use crate::core::{self, BinaryOperator, Const, Expr, TypeTest, UnaryOperator};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind, Pattern};

/// Which optional values a condition shows to be there.
#[derive(Debug, Default)]
pub struct Facts {
    pub when_true: Vec<String>,
    pub when_false: Vec<String>,
}

impl<'a> Checker<'a> {
    /// A condition, and what it tells.
    pub(super) fn condition(&mut self, cx: &mut Cx<'a>, expr: &'a ast::Expr) -> (Expr, Facts) {
        match &expr.kind {
            ExprKind::Unary { operator: UnaryOperator::Not, operand } => {
                let (value, facts) = self.condition(cx, operand);
                let value = Expr::Unary { operator: UnaryOperator::Not, operand: Box::new(value) };
                (value, Facts { when_true: facts.when_false, when_false: facts.when_true })
            }
            ExprKind::Binary { operator: operator @ BinaryOperator::And, left, right, .. } => {
                let (left, mut facts) = self.condition(cx, left);
                let known = facts.when_true.clone();
                let (right, more) = self.under(cx, known, |this, cx| this.condition(cx, right));
                facts.when_true.extend(more.when_true);
                let value = super::operators::binary(*operator, left, right, expr.span);
                (value, Facts { when_true: facts.when_true, when_false: Vec::new() })
            }
            ExprKind::Binary { operator: operator @ BinaryOperator::Or, left, right, .. } => {
                let (left, mut facts) = self.condition(cx, left);
                let known = facts.when_false.clone();
                let (right, more) = self.under(cx, known, |this, cx| this.condition(cx, right));
                facts.when_false.extend(more.when_false);
                let value = super::operators::binary(*operator, left, right, expr.span);
                (value, Facts { when_true: Vec::new(), when_false: facts.when_false })
            }
            ExprKind::Call { callee, arguments } if self.is_builtin(cx, callee, "has") => {
                self.has(cx, arguments, expr.span)
            }
            _ => {
                let (value, ty) = self.infer(cx, expr);
                if ty.is_optional() {
                    self.report_optional(expr, &ty);
                    return (broken(), Facts::default());
                }
                if !ty.is_bool() {
                    let message = format!("a condition is true or false, found {}", self.describe(&ty));
                    self.sink.report(Diagnostic::error(Code::TypeMismatch, message, expr.span));
                    return (broken(), Facts::default());
                }
                (value, Facts::default())
            }
        }
    }

    pub(super) fn has(&mut self, cx: &mut Cx<'a>, arguments: &'a [ast::Argument], span: Span) -> (Expr, Facts) {
        let [argument] = arguments else {
            let diagnostic = super::errors::bad_call(
                format!("`has` takes one value, {} are given", arguments.len()),
                span,
                None,
                "has(x: T?) -> bool",
            );
            self.sink.report(diagnostic);
            return (broken(), Facts::default());
        };
        let (value, ty) = self.infer(cx, &argument.value);
        if !ty.is_optional() && !matches!(ty, Type::Error | Type::Any) && !self.narrowed_chain(cx, &argument.value) {
            let text = self.files.text(argument.value.span).to_string();
            let message = format!("`{text}` is always there");
            let help = "ask only for what is optional".to_string();
            self.sink.report(Diagnostic::warning(Code::Unused, message, span).help(help));
        }
        let mut known = Vec::new();
        let mut expr = &argument.value;
        // `has(a?.b)` tells that `a` is there too.
        loop {
            known.extend(chain(expr));
            match &expr.kind {
                ExprKind::Member { base, optional: true, .. } => expr = base,
                _ => break,
            }
        }
        (Expr::Has(Box::new(value)), Facts { when_true: known, when_false: Vec::new() })
    }

    fn narrowed_chain(&self, cx: &Cx<'a>, expr: &ast::Expr) -> bool {
        chain(expr).is_some_and(|path| cx.is_there(&path))
    }

    /// Runs a check in a scope in which some optional values are known to be there.
    pub(super) fn under<T>(
        &mut self,
        cx: &mut Cx<'a>,
        known: Vec<String>,
        run: impl FnOnce(&mut Self, &mut Cx<'a>) -> T,
    ) -> T {
        cx.push();
        cx.assume(known);
        let result = run(self, cx);
        cx.pop();
        result
    }

    /// A `match`, with a wanted type or without.
    pub(super) fn check_match(
        &mut self,
        cx: &mut Cx<'a>,
        value: &'a ast::Expr,
        arms: &'a [ast::Arm],
        wanted: Option<&Wanted>,
        span: Span,
    ) -> (Expr, Type) {
        let (matched, ty) = self.infer(cx, value);
        if ty.is_optional() {
            self.report_optional(value, &ty);
        }
        let ty = ty.present();
        // What no arm has taken yet.
        let mut left: Vec<Type> = expanded(&ty);
        let mut result: Option<Type> = None;
        let mut checked = Vec::new();
        for arm in arms {
            cx.push();
            let mut binding = None;
            let patterns: Vec<core::Pattern> =
                arm.patterns.iter().map(|pattern| self.pattern(cx, pattern, &ty, &mut left, &mut binding)).collect();
            let (value, found) = match wanted {
                Some(wanted) => self.check_typed(cx, &arm.value, wanted),
                None => self.infer(cx, &arm.value),
            };
            cx.pop();
            result = Some(match result {
                Some(known) => self.join(known, found),
                None => found,
            });
            checked.push(core::Arm { patterns: patterns.into(), binding, value });
        }
        if !left.is_empty() && ty != Type::Error {
            self.report_left(&left, &ty, value, span);
        }
        let value = Expr::Match { value: Box::new(matched), arms: checked.into() };
        (value, result.unwrap_or(Type::Error))
    }

    fn report_left(&mut self, left: &[Type], ty: &Type, value: &ast::Expr, span: Span) {
        let countable =
            left.iter().all(|ty| matches!(ty, Type::Literal(_) | Type::Null)) || matches!(ty, Type::Union(_));
        let message = if countable {
            let missing: Vec<String> = left.iter().map(|ty| self.show(ty)).collect();
            format!("this `match` says nothing about {}", missing.join(", "))
        } else {
            format!("this `match` says nothing about other values of {}", self.describe(ty))
        };
        let head = Span::new(span.file, span.start(), value.span.end());
        let help = "add an arm for it, or `_ => …` for all that is left".to_string();
        self.sink.report(Diagnostic::error(Code::NotExhaustive, message, head).help(help));
    }

    fn pattern(
        &mut self,
        cx: &mut Cx<'a>,
        pattern: &'a Pattern,
        ty: &Type,
        left: &mut Vec<Type>,
        binding: &mut Option<core::Slot>,
    ) -> core::Pattern {
        match pattern {
            Pattern::Any(_) => {
                left.clear();
                core::Pattern::Any
            }
            Pattern::Literal(expr) => {
                let Some(literal) = self.pattern_literal(expr) else { return core::Pattern::Any };
                let own = match &literal {
                    Const::Null => Type::Null,
                    other => Type::Literal(other.clone()),
                };
                if !ty.alternatives().iter().any(|member| fits(&own, member)) && *ty != Type::Error {
                    let message = format!("{} is never {}", self.describe(ty), self.show(&own));
                    self.sink.report(Diagnostic::error(Code::TypeMismatch, message, expr.span));
                }
                left.retain(|member| *member != own);
                core::Pattern::Literal(literal)
            }
            Pattern::Type { name, ty: written, span } => {
                let tested = self.resolve_type(cx.module, written);
                let members: Vec<Type> = ty
                    .alternatives()
                    .iter()
                    .filter(|member| fits(member, &tested) || fits(&tested, member))
                    .cloned()
                    .collect();
                if members.is_empty() && *ty != Type::Error {
                    let message = format!("{} is never {}", self.describe(ty), self.describe(&tested));
                    self.sink.report(Diagnostic::error(Code::TypeMismatch, message, *span));
                }
                left.retain(|member| !fits(member, &tested));
                // Inside the arm the value is what the matched type and the pattern have in common.
                let narrowed = match members.is_empty() {
                    true => tested.clone(),
                    false => Type::union(
                        members
                            .iter()
                            .map(|member| if fits(member, &tested) { member.clone() } else { tested.clone() }),
                    ),
                };
                let slot = cx.variable(name, narrowed);
                *binding = Some(slot);
                core::Pattern::Type(type_test(&tested))
            }
        }
    }

    fn pattern_literal(&mut self, expr: &ast::Expr) -> Option<Const> {
        if let Some(text) = plain_string(expr) {
            return Some(Const::String(text.into()));
        }
        match &expr.kind {
            ExprKind::Int(value) => Some(Const::Int(*value)),
            ExprKind::Bool(value) => Some(Const::Bool(*value)),
            ExprKind::Null => Some(Const::Null),
            ExprKind::Name(word) => Some(Const::String(word.clone())),
            ExprKind::Error => None,
            _ => {
                let message = "a pattern is a plain string, an int, `true`, `false`, `null`, `name: type` or `_`";
                self.sink.report(Diagnostic::error(Code::TypeMismatch, message, expr.span));
                None
            }
        }
    }
}

/// Whether it is an `if` that ends without `else`.
pub(super) fn lacks_else(expr: &ast::Expr) -> bool {
    let mut last = expr;
    while let ExprKind::If { otherwise, .. } = &last.kind {
        let Some(otherwise) = otherwise else { return true };
        last = otherwise;
    }
    false
}

/// The value of an `if` without `else` where its condition does not hold.
pub(super) fn absent() -> Expr {
    Expr::Const(Const::Absent)
}

/// The alternatives of a type, with `bool` as its two values.
fn expanded(ty: &Type) -> Vec<Type> {
    ty.alternatives()
        .iter()
        .flat_map(|member| match member {
            Type::Bool => vec![Type::Literal(Const::Bool(true)), Type::Literal(Const::Bool(false))],
            Type::Error => Vec::new(),
            other => vec![other.clone()],
        })
        .collect()
}

/// The test of a value that a type stands for when the program runs.
fn type_test(ty: &Type) -> TypeTest {
    match ty {
        Type::Null => TypeTest::Null,
        Type::Bool => TypeTest::Bool,
        Type::Int | Type::Seconds => TypeTest::Int,
        Type::Float => TypeTest::Float,
        Type::String | Type::DnsLabel | Type::Word | Type::Quantity | Type::DurationText => TypeTest::String,
        Type::Memory => TypeTest::Memory,
        Type::Cpu => TypeTest::Cpu,
        Type::Duration => TypeTest::Duration,
        Type::Secret => TypeTest::Secret,
        Type::List(_) => TypeTest::List,
        Type::Keyed { .. } => TypeTest::List,
        Type::Map(_) | Type::Schema(_) | Type::Definition(_) | Type::Block(_) => TypeTest::Map,
        Type::Literal(literal) => TypeTest::Literal(literal.clone()),
        Type::IntOrString => TypeTest::Either(vec![TypeTest::Int, TypeTest::String]),
        Type::Union(members) => TypeTest::Either(members.iter().map(type_test).collect()),
        Type::Optional(inner) => type_test(inner),
        Type::Error | Type::Any | Type::Nothing => TypeTest::Either(Vec::new()),
    }
}
