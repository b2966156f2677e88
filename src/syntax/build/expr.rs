//! Values.

use super::item::ForHead;
use super::{Builder, gather, unexpected};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{
    Argument, Arm, BinaryOperator, Dotted, Element, Expr, ExprKind, For, If, Name, Pattern, UnaryOperator,
};
use crate::syntax::grammar::{Pair, Parts, Rule};

impl Builder<'_> {
    /// A value: a chain of operands and operators, or an `if`.
    pub(in crate::syntax) fn expr(&mut self, pair: Pair) -> Expr {
        let span = self.span(&pair);
        let built = if pair.as_rule() == Rule::chain {
            let parts = Parts::of(pair);
            self.deeper(parts.at_most(), span, |this| this.chain(parts))
        } else {
            let parts: Vec<Pair> = Parts::of(pair).collect();
            self.deeper(parts.len() / 2, span, |this| this.if_expr(parts, span))
        };
        built.unwrap_or(Expr { kind: ExprKind::Error, span })
    }

    /// Operands and operators as they stand, by precedence and without recursion.
    fn chain(&mut self, mut parts: Parts) -> Expr {
        let first = self.operand(&mut parts);
        if parts.rule().is_none() {
            return first;
        }
        let mut operands = vec![first];
        let mut waiting: Vec<(BinaryOperator, Span)> = Vec::new();
        while let Some(pair) = parts.next() {
            let operator = binary_operator(pair.as_str());
            while waiting.last().is_some_and(|(earlier, _)| earlier.precedence() >= operator.precedence()) {
                combine(&mut operands, &mut waiting);
            }
            waiting.push((operator, self.span(&pair)));
            operands.push(self.operand(&mut parts));
        }
        while !waiting.is_empty() {
            combine(&mut operands, &mut waiting);
        }
        operands.pop().expect("a chain has an operand")
    }

    /// What stands between two binary operators: prefixes, a value, postfixes.
    fn operand(&mut self, parts: &mut Parts) -> Expr {
        let mut prefixes = Vec::new();
        while let Some(prefix) = parts.when(Rule::prefix) {
            prefixes.push(prefix);
        }
        let mut value = self.primary(parts.must());
        while parts.rule().is_some_and(is_postfix) {
            value = self.postfix(value, parts.must());
        }
        for prefix in prefixes.iter().rev() {
            let operator = if prefix.as_str() == "!" { UnaryOperator::Not } else { UnaryOperator::Negate };
            let span = self.span(prefix).to(value.span);
            value = Expr { kind: ExprKind::Unary { operator, operand: Box::new(value) }, span };
        }
        value
    }

    fn postfix(&mut self, base: Expr, pair: Pair) -> Expr {
        let whole = self.span(&pair);
        let span = base.span.to(whole);
        let kind = match pair.as_rule() {
            Rule::member => {
                let optional = pair.as_str().starts_with('?');
                let member = self.name(&Parts::of(pair).must());
                ExprKind::Member { base: Box::new(base), member, optional }
            }
            Rule::index => {
                let index = self.expr(Parts::of(pair).must());
                ExprKind::Index { base: Box::new(base), index: Box::new(index) }
            }
            Rule::call => {
                let arguments = self.arguments(pair);
                match callee(&base) {
                    Some(callee) => ExprKind::Call { callee, arguments },
                    None => {
                        self.report(not_callable(base.span));
                        ExprKind::Error
                    }
                }
            }
            rule => unexpected(rule, "an operand"),
        };
        Expr { kind, span }
    }

    pub(super) fn arguments(&mut self, pair: Pair) -> Vec<Argument> {
        let argument = |pair| {
            let mut parts = Parts::of(pair);
            let name = parts.when(Rule::name).map(|name| self.name(&name));
            Argument { name, value: self.expr(parts.must()) }
        };
        gather(Parts::of(pair).map(argument))
    }

    /// The arguments of an attribute, which have no names.
    pub(super) fn positional(&mut self, pair: Pair) -> Vec<Expr> {
        let arguments = self.arguments(pair);
        for argument in &arguments {
            if let Some(name) = &argument.name {
                self.report(named_in_attribute(name));
            }
        }
        arguments.into_iter().map(|argument| argument.value).collect()
    }

    /// A value without operators.
    pub(super) fn primary(&mut self, pair: Pair) -> Expr {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::variable if self.is_placeholder(&pair) => ExprKind::Error,
            Rule::variable => word(pair.as_str()),
            Rule::unit => ExprKind::Unit(pair.as_str().into()),
            Rule::number => self.number(pair.as_str(), span),
            Rule::block => ExprKind::Block(self.block(pair)),
            Rule::list => ExprKind::List(gather(Parts::of(pair).map(|element| self.element(element)))),
            Rule::parentheses => return Expr { span, ..self.expr(Parts::of(pair).must()) },
            Rule::match_expr => self.match_expr(pair),
            _ => return self.string(pair),
        };
        Expr { kind, span }
    }

    fn number(&mut self, text: &str, span: Span) -> ExprKind {
        let digits = text.replace('_', "");
        let value = if digits.contains('.') {
            digits.parse().ok().filter(|value: &f64| value.is_finite()).map(ExprKind::Float)
        } else {
            digits.parse().ok().map(ExprKind::Int)
        };
        value.unwrap_or_else(|| {
            self.report(number_too_large(span));
            ExprKind::Error
        })
    }

    /// A condition and a value for each branch, then the last value, where there is an `else` without a condition.
    fn if_expr(&mut self, parts: Vec<Pair>, span: Span) -> Expr {
        let mut values: Vec<Expr> = parts.into_iter().map(|part| self.expr(part)).collect();
        let mut value = if values.len() % 2 == 1 { values.pop() } else { None };
        while let (Some(then), Some(condition)) = (values.pop(), values.pop()) {
            let span = condition.span.to(span);
            let (condition, then) = (Box::new(condition), Box::new(then));
            value = Some(Expr { kind: ExprKind::If { condition, then, otherwise: value.map(Box::new) }, span });
        }
        Expr { span, ..value.expect("an `if` has a condition and a value") }
    }

    fn element(&mut self, pair: Pair) -> Element {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::spread => Element::Spread(self.expr(Parts::of(pair).must())),
            Rule::for_element => {
                let mut parts = Parts::of(pair);
                let ForHead { key, variable, iterable, filter } = self.for_head(parts.must());
                let each = self.inner_element(parts.must(), span);
                Element::For(Box::new(For { key, variable, iterable, filter, each, span }))
            }
            Rule::if_element => {
                if pair.clone().into_inner().any(|part| part.as_rule() == Rule::kw_then) {
                    return Element::Value(self.expr(pair));
                }
                let mut parts: Vec<Pair> = Parts::of(pair).collect();
                let then = parts.pop().expect("an element stands after the condition");
                let condition = parts.pop().expect("a condition stands after `if`");
                let condition = self.expr(condition);
                let then = self.inner_element(then, span);
                Element::If(Box::new(If { condition, then, otherwise: Vec::new(), span }))
            }
            _ => Element::Value(self.expr(pair)),
        }
    }

    fn inner_element(&mut self, pair: Pair, span: Span) -> Vec<Element> {
        self.deeper(1, span, |this| vec![this.element(pair)]).unwrap_or_default()
    }

    fn match_expr(&mut self, pair: Pair) -> ExprKind {
        let mut parts = Parts::of(pair);
        let value = Box::new(self.expr(parts.must()));
        ExprKind::Match { value, arms: parts.map(|arm| self.arm(arm)).collect() }
    }

    fn arm(&mut self, pair: Pair) -> Arm {
        let span = self.span(&pair);
        let mut parts: Vec<Pair> = Parts::of(pair).collect();
        let value = parts.pop().expect("an arm has a result");
        let patterns = parts.into_iter().map(|pattern| self.pattern(pattern)).collect();
        Arm { patterns, value: self.expr(value), span }
    }

    fn pattern(&mut self, pair: Pair) -> Pattern {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::type_pattern => {
                let mut parts = Parts::of(pair);
                let name = self.name(&parts.must());
                Pattern::Type { name, ty: self.type_expr(parts.must()), span }
            }
            Rule::word if pair.as_str() == "_" => Pattern::Any(span),
            Rule::word => Pattern::Literal(Expr { kind: word(pair.as_str()), span }),
            _ => Pattern::Literal(self.literal(pair)),
        }
    }
}

/// A bare word: a constant or a name.
fn word(text: &str) -> ExprKind {
    match text {
        "null" => ExprKind::Null,
        "true" => ExprKind::Bool(true),
        "false" => ExprKind::Bool(false),
        name => ExprKind::Name(name.into()),
    }
}

fn is_postfix(rule: Rule) -> bool {
    matches!(rule, Rule::member | Rule::index | Rule::call)
}

/// Applies the last waiting operator to the last two operands.
fn combine(operands: &mut Vec<Expr>, waiting: &mut Vec<(BinaryOperator, Span)>) {
    let (operator, operator_span) = waiting.pop().expect("an operator waits");
    let right = operands.pop().expect("an operand stands after each operator");
    let left = operands.pop().expect("an operand stands before each operator");
    let span = left.span.to(right.span);
    let kind = ExprKind::Binary { operator, operator_span, left: Box::new(left), right: Box::new(right) };
    operands.push(Expr { kind, span });
}

/// The name of a function, where a value is nothing but a name.
fn callee(base: &Expr) -> Option<Dotted> {
    let mut parts = Vec::new();
    let mut rest = base;
    while let ExprKind::Member { base, member, optional: false } = &rest.kind {
        parts.push(member.clone());
        rest = base;
    }
    let ExprKind::Name(first) = &rest.kind else { return None };
    parts.push(Name { text: first.clone(), span: rest.span });
    parts.reverse();
    Some(Dotted { parts, span: base.span })
}

fn binary_operator(text: &str) -> BinaryOperator {
    match text {
        "??" => BinaryOperator::Else,
        "||" => BinaryOperator::Or,
        "&&" => BinaryOperator::And,
        "==" => BinaryOperator::Equal,
        "!=" => BinaryOperator::NotEqual,
        "<" => BinaryOperator::Less,
        "<=" => BinaryOperator::LessEqual,
        ">" => BinaryOperator::Greater,
        ">=" => BinaryOperator::GreaterEqual,
        "+" => BinaryOperator::Add,
        "-" => BinaryOperator::Subtract,
        "++" => BinaryOperator::Concat,
        "*" => BinaryOperator::Multiply,
        "/" => BinaryOperator::Divide,
        "%" => BinaryOperator::Remainder,
        _ => BinaryOperator::In,
    }
}

fn number_too_large(at: Span) -> Diagnostic {
    Diagnostic::error(Code::Arithmetic, "this number is too large", at)
        .help(format!("whole numbers go up to {}", i64::MAX))
}

fn not_callable(at: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, "only a function can be called, by its name", at)
}

fn named_in_attribute(name: &Name) -> Diagnostic {
    let message = format!("the arguments of an attribute have no names, but this one is called `{}`", name.text);
    Diagnostic::error(Code::Syntax, message, name.span)
}
