//! Operators.

use super::cx::Cx;
use super::expr::Wanted;
use super::ty::{Type, fits};
use super::{Checker, broken};
use crate::core::{BinaryOperator, Const, Conversion, Expr, UnaryOperator};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind};

impl<'a> Checker<'a> {
    /// An operator where a type is wanted: the wish reaches the operands of arithmetic and of `??`.
    pub(super) fn check_operator(
        &mut self,
        cx: &mut Cx<'a>,
        expr: &'a ast::Expr,
        wanted: &Wanted,
    ) -> Option<(Expr, Type)> {
        let (value, found) = match &expr.kind {
            ExprKind::Binary { operator: BinaryOperator::Else, left, right, .. } => {
                let (left_value, left_type) = self.infer_with(cx, left, &wanted.ty);
                self.warn_present(left, &left_type, right);
                let left_value = self.coerce(left_value, &left_type.present(), wanted, left.span);
                let (right_value, right_type) = self.check_typed(cx, right, wanted);
                let ty = self.join(left_type.present(), right_type);
                let value = binary(BinaryOperator::Else, left_value, right_value, expr.span);
                return Some((value, ty));
            }
            ExprKind::Binary { operator, left, right, .. } if is_arithmetic(*operator) => {
                let (left_value, left_type) = self.infer_with(cx, left, &wanted.ty);
                let (right_value, right_type) = self.infer_with(cx, right, &wanted.ty);
                self.arithmetic(*operator, (left, left_value, left_type), (right, right_value, right_type), expr.span)
            }
            ExprKind::Unary { operator: UnaryOperator::Negate, operand } => {
                let (value, ty) = self.infer_with(cx, operand, &wanted.ty);
                self.negated(operand, value, ty)
            }
            _ => return None,
        };
        Some((self.coerce(value, &found, wanted, expr.span), found))
    }

    /// An operator where nothing is wanted.
    pub(super) fn operator(&mut self, cx: &mut Cx<'a>, expr: &'a ast::Expr) -> (Expr, Type) {
        match &expr.kind {
            ExprKind::Unary { operator: UnaryOperator::Not, .. } => (self.condition(cx, expr).0, Type::Bool),
            ExprKind::Unary { operator: UnaryOperator::Negate, operand } => {
                let (value, ty) = self.infer(cx, operand);
                self.negated(operand, value, ty)
            }
            ExprKind::Binary { operator: BinaryOperator::And | BinaryOperator::Or, .. } => {
                (self.condition(cx, expr).0, Type::Bool)
            }
            ExprKind::Binary { operator, left, right, .. } => self.binary(cx, *operator, left, right, expr.span),
            _ => (broken(), Type::Error),
        }
    }

    fn negated(&mut self, operand: &'a ast::Expr, value: Expr, ty: Type) -> (Expr, Type) {
        let value = match value {
            Expr::Const(Const::Int(number)) => match number.checked_neg() {
                Some(number) => return (Expr::Const(Const::Int(number)), Type::Literal(Const::Int(number))),
                None => Expr::Const(Const::Int(number)),
            },
            other => other,
        };
        if !ty.is_number() {
            self.report_operand("-", "a number", operand, &ty);
            return (broken(), Type::Error);
        }
        let ty = if ty.is_int() { Type::Int } else { ty };
        (Expr::Unary { operator: UnaryOperator::Negate, operand: Box::new(value) }, ty)
    }

    fn binary(
        &mut self,
        cx: &mut Cx<'a>,
        operator: BinaryOperator,
        left: &'a ast::Expr,
        right: &'a ast::Expr,
        span: Span,
    ) -> (Expr, Type) {
        match operator {
            BinaryOperator::Else => {
                let (left_value, left_type) = self.infer(cx, left);
                self.warn_present(left, &left_type, right);
                let wanted = left_type.present();
                let (right_value, right_type) = self.infer_with(cx, right, &wanted);
                let ty = self.join(wanted, right_type);
                (super::operators::binary(operator, left_value, right_value, span), ty)
            }
            BinaryOperator::Equal | BinaryOperator::NotEqual => {
                let ((left_value, left_type), (right_value, right_type)) = self.pair(cx, left, right);
                self.comparable(left, &left_type, right, &right_type, operator);
                (super::operators::binary(operator, left_value, right_value, span), Type::Bool)
            }
            BinaryOperator::Less
            | BinaryOperator::LessEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterEqual => {
                let ((left_value, left_type), (right_value, right_type)) = self.pair(cx, left, right);
                if self.comparable(left, &left_type, right, &right_type, operator) && !is_ordered(&left_type) {
                    self.report_operand(symbol(operator), "an ordered value", left, &left_type);
                }
                let left_value = as_cpu(left_value, &left_type, &right_type, left.span);
                let right_value = as_cpu(right_value, &right_type, &left_type, right.span);
                (super::operators::binary(operator, left_value, right_value, span), Type::Bool)
            }
            BinaryOperator::In => self.membership(cx, left, right, span),
            BinaryOperator::Concat => {
                let (left_value, left_type) = self.infer(cx, left);
                let (right_value, right_type) = self.infer_with(cx, right, &left_type);
                self.concat((left, left_value, left_type), (right, right_value, right_type), span)
            }
            BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Remainder => {
                let ((left_value, left_type), (right_value, right_type)) = self.pair(cx, left, right);
                self.arithmetic(operator, (left, left_value, left_type), (right, right_value, right_type), span)
            }
            BinaryOperator::And | BinaryOperator::Or => (broken(), Type::Error),
        }
    }

    /// Both sides; a literal that needs to be told what it is learns it from the other.
    fn pair(&mut self, cx: &mut Cx<'a>, left: &'a ast::Expr, right: &'a ast::Expr) -> ((Expr, Type), (Expr, Type)) {
        if matches!(left.kind, ExprKind::Unit(_)) {
            let right = self.infer(cx, right);
            let left = self.infer_with(cx, left, &right.1);
            return (left, right);
        }
        let left = self.infer(cx, left);
        let right = self.infer_with(cx, right, &left.1);
        (left, right)
    }

    fn comparable(
        &mut self,
        left: &'a ast::Expr,
        left_type: &Type,
        right: &'a ast::Expr,
        right_type: &Type,
        operator: BinaryOperator,
    ) -> bool {
        let equality = matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual);
        for (side, ty) in [(left, left_type), (right, right_type)] {
            if ty.is_optional() {
                self.report_optional(side, ty);
                return false;
            }
        }
        let alike = fits(left_type, right_type)
            || fits(right_type, left_type)
            || (left_type.is_number() && right_type.is_number())
            || (left_type.is_text() && right_type.is_text() && !equality)
            || (equality && share_a_member(left_type, right_type));
        if !alike {
            let message = format!(
                "{} and {} cannot be compared: they are never {}",
                self.describe(left_type),
                self.describe(right_type),
                if equality { "equal" } else { "ordered" }
            );
            let mut diagnostic = Diagnostic::error(Code::TypeMismatch, message, right.span);
            if let (Type::Literal(Const::String(word)), Type::Union(_)) = (right_type, left_type) {
                let known = super::expr::choices(left_type);
                diagnostic.message = format!("`{}` is never \"{word}\"", self.files.text(left.span));
                let listed = format!("it is {}", self.describe(left_type));
                diagnostic = diagnostic.suggest_text(word, right.span, self.files.text(right.span), known);
                diagnostic = if diagnostic.help.is_some() { diagnostic.note(listed) } else { diagnostic.help(listed) };
            }
            self.sink.report(diagnostic);
        }
        alike
    }

    fn membership(&mut self, cx: &mut Cx<'a>, left: &'a ast::Expr, right: &'a ast::Expr, span: Span) -> (Expr, Type) {
        let (right_value, right_type) = self.infer(cx, right);
        if right_type.is_optional() {
            self.report_optional(right, &right_type);
            return (broken(), Type::Bool);
        }
        let element = match &right_type {
            Type::List(element) => (**element).clone(),
            Type::Map(_) | Type::Keyed { .. } | Type::Block(_) => Type::String,
            Type::Error | Type::Any | Type::Nothing => Type::Any,
            other => {
                let other = other.clone();
                self.report_operand("in", "a list or a map", right, &other);
                return (broken(), Type::Bool);
            }
        };
        let (left_value, left_type) = self.infer_with(cx, left, &element);
        if left_type.is_optional() {
            self.report_optional(left, &left_type);
        } else if !fits(&left_type, &element) && !share_a_member(&left_type, &element) && element != Type::Any {
            let message = format!("{} is never in {}", self.describe(&left_type), self.describe(&right_type));
            self.sink.report(Diagnostic::error(Code::TypeMismatch, message, left.span));
        }
        (binary(BinaryOperator::In, left_value, right_value, span), Type::Bool)
    }

    fn concat(
        &mut self,
        left: (&'a ast::Expr, Expr, Type),
        right: (&'a ast::Expr, Expr, Type),
        span: Span,
    ) -> (Expr, Type) {
        let is_list = |ty: &Type| matches!(ty, Type::List(_) | Type::Error | Type::Nothing);
        for (expr, _, ty) in [&left, &right] {
            if ty.is_optional() {
                self.report_optional(expr, ty);
                return (broken(), Type::Error);
            }
        }
        let ty = match (&left.2, &right.2) {
            (Type::List(a), Type::List(b)) => self.join((**a).clone(), (**b).clone()).list(),
            (a, b) if is_list(a) && is_list(b) => {
                if matches!(a, Type::List(_)) {
                    a.clone()
                } else {
                    b.clone()
                }
            }
            (a, b) if a.is_text() && b.is_text() => Type::String,
            (a, b) => {
                let (wrong, ty) = if is_list(a) || a.is_text() { (right.0, b) } else { (left.0, a) };
                let wants = if is_list(a) { "a list" } else { "a list or a string" };
                let ty = ty.clone();
                self.report_operand("++", wants, wrong, &ty);
                return (broken(), Type::Error);
            }
        };
        (binary(BinaryOperator::Concat, left.1, right.1, span), ty)
    }

    fn arithmetic(
        &mut self,
        operator: BinaryOperator,
        left: (&'a ast::Expr, Expr, Type),
        right: (&'a ast::Expr, Expr, Type),
        span: Span,
    ) -> (Expr, Type) {
        for (expr, _, ty) in [&left, &right] {
            if ty.is_optional() {
                self.report_optional(expr, ty);
                return (broken(), Type::Error);
            }
        }
        let ty = match result(operator, &left.2, &right.2) {
            Some(ty) => ty,
            None => {
                let (wrong, ty) =
                    if is_quantity(&left.2) || left.2.is_number() { (right.0, &right.2) } else { (left.0, &left.2) };
                let message = format!(
                    "`{}` does not go with {} and {}",
                    symbol(operator),
                    self.describe(&left.2),
                    self.describe(&right.2)
                );
                let mut diagnostic = Diagnostic::error(Code::TypeMismatch, message, wrong.span);
                if operator == BinaryOperator::Add && (left.2.is_text() || ty.is_text()) {
                    diagnostic =
                        diagnostic.help("strings are joined with `++`, or written `\"\\(a)\\(b)\"`".to_string());
                }
                if operator == BinaryOperator::Add && matches!(left.2, Type::List(_)) {
                    diagnostic = diagnostic.help("lists are joined with `++`".to_string());
                }
                self.sink.report(diagnostic);
                return (broken(), Type::Error);
            }
        };
        let (left_value, right_value) = match operator {
            BinaryOperator::Add | BinaryOperator::Subtract => {
                (as_cpu(left.1, &left.2, &right.2, left.0.span), as_cpu(right.1, &right.2, &left.2, right.0.span))
            }
            _ => (left.1, right.1),
        };
        (binary(operator, left_value, right_value, span), ty)
    }

    fn report_operand(&mut self, operator: &str, wants: &str, operand: &'a ast::Expr, ty: &Type) {
        if *ty == Type::Error {
            return;
        }
        if ty.is_optional() {
            self.report_optional(operand, ty);
            return;
        }
        let message = format!("`{operator}` wants {wants}, found {}", self.describe(ty));
        self.sink.report(Diagnostic::error(Code::TypeMismatch, message, operand.span));
    }

    /// `??` after a value that is always there does nothing.
    fn warn_present(&mut self, left: &'a ast::Expr, ty: &Type, right: &'a ast::Expr) {
        if !ty.is_optional() && !matches!(ty, Type::Error | Type::Any) {
            let text = self.files.text(left.span).to_string();
            let message = format!("`{text}` is never absent");
            let help = "take the `??` and what follows away".to_string();
            let mut diagnostic = Diagnostic::warning(Code::Unused, message, left.span).help(help);
            let between = Span::new(left.span.file, left.span.end(), right.span.start());
            // Else a parenthesis around one of them lies between.
            if self.files.text(between).trim() == "??" {
                diagnostic = diagnostic.fix("take the needless `??` away", between.to(right.span), "");
            }
            self.sink.report(diagnostic);
        }
    }
}

/// A binary expression of the checked program.
pub fn binary(operator: BinaryOperator, left: Expr, right: Expr, span: Span) -> Expr {
    Expr::Binary { operator, left: Box::new(left), right: Box::new(right), span }
}

fn is_arithmetic(operator: BinaryOperator) -> bool {
    matches!(
        operator,
        BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Remainder
    )
}

fn is_quantity(ty: &Type) -> bool {
    matches!(ty, Type::Memory | Type::Cpu | Type::Duration)
}

fn is_ordered(ty: &Type) -> bool {
    ty.is_number() || ty.is_text() || is_quantity(ty)
}

fn share_a_member(left: &Type, right: &Type) -> bool {
    left.alternatives().iter().any(|a| right.alternatives().iter().any(|b| fits(a, b) || fits(b, a)))
}

/// A plain number beside a cpu value counts cores.
fn as_cpu(value: Expr, own: &Type, other: &Type, span: Span) -> Expr {
    if own.is_number() && *other == Type::Cpu {
        Expr::Convert { value: Box::new(value), conversion: Conversion::Cpu, span }
    } else {
        value
    }
}

/// The type of an arithmetic result, where the operator goes with the operands.
fn result(operator: BinaryOperator, left: &Type, right: &Type) -> Option<Type> {
    use BinaryOperator::{Add, Divide, Multiply, Remainder, Subtract};
    if *left == Type::Error || *right == Type::Error {
        return Some(Type::Error);
    }
    if left.is_int() && right.is_int() {
        return Some(Type::Int);
    }
    if left.is_number() && right.is_number() {
        return Some(Type::Float);
    }
    match operator {
        Add | Subtract if is_quantity(left) && left == right => Some(left.clone()),
        Add | Subtract if *left == Type::Cpu && right.is_number() => Some(Type::Cpu),
        Add | Subtract if *right == Type::Cpu && left.is_number() => Some(Type::Cpu),
        Multiply if is_quantity(left) && right.is_number() => Some(left.clone()),
        Multiply if left.is_number() && is_quantity(right) => Some(right.clone()),
        Divide if is_quantity(left) && right.is_number() => Some(left.clone()),
        // How often one goes into the other.
        Divide if is_quantity(left) && left == right => Some(Type::Float),
        Remainder if is_quantity(left) && left == right => Some(left.clone()),
        _ => None,
    }
}

fn symbol(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Else => "??",
        BinaryOperator::Or => "||",
        BinaryOperator::And => "&&",
        BinaryOperator::Equal => "==",
        BinaryOperator::NotEqual => "!=",
        BinaryOperator::Less => "<",
        BinaryOperator::LessEqual => "<=",
        BinaryOperator::Greater => ">",
        BinaryOperator::GreaterEqual => ">=",
        BinaryOperator::In => "in",
        BinaryOperator::Add => "+",
        BinaryOperator::Subtract => "-",
        BinaryOperator::Concat => "++",
        BinaryOperator::Multiply => "*",
        BinaryOperator::Divide => "/",
        BinaryOperator::Remainder => "%",
    }
}
