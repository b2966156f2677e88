//! Values as short texts that show how they were understood.

use crate::syntax::ast::{Element, Expr, ExprKind, Pattern, StringPart, UnaryOperator};

/// The structure of a value: operators by name with their operands in parentheses.
pub(super) fn shape(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Error => "error".to_owned(),
        ExprKind::Null => "null".to_owned(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Float(value) => format!("{value:?}"),
        ExprKind::Unit(text) => format!("unit {text}"),
        ExprKind::String(parts) => format!("[{}]", join(parts, string_part)),
        ExprKind::Name(name) => name.to_string(),
        ExprKind::Member { base, member, optional } => {
            format!("{}{}{}", shape(base), if *optional { "?." } else { "." }, member.text)
        }
        ExprKind::Index { base, index } => format!("{}[{}]", shape(base), shape(index)),
        ExprKind::Call { callee, arguments } => {
            let name = callee.parts.iter().map(|part| &*part.text).collect::<Vec<_>>().join(".");
            let argument = |argument: &crate::syntax::ast::Argument| {
                let name = argument.name.as_ref().map(|name| format!("{}=", name.text)).unwrap_or_default();
                name + &shape(&argument.value)
            };
            format!("{name}({})", join(arguments, argument))
        }
        ExprKind::Unary { operator: UnaryOperator::Not, operand } => format!("not({})", shape(operand)),
        ExprKind::Unary { operator: UnaryOperator::Negate, operand } => format!("minus({})", shape(operand)),
        ExprKind::Binary { operator, left, right, operator_span: _ } => {
            format!("{operator:?}({}, {})", shape(left), shape(right))
        }
        ExprKind::If { condition, then, otherwise } => {
            let otherwise = otherwise.as_ref().map(|otherwise| format!(", {}", shape(otherwise)));
            format!("if({}, {}{})", shape(condition), shape(then), otherwise.unwrap_or_default())
        }
        ExprKind::Match { value, arms } => {
            let arm =
                |arm: &crate::syntax::ast::Arm| format!("{} => {}", join(&arm.patterns, pattern), shape(&arm.value));
            format!("match {} {{{}}}", shape(value), join(arms, arm))
        }
        ExprKind::List(elements) => format!("list[{}]", join(elements, element)),
        ExprKind::Block(block) => format!("block of {}", block.entries.len()),
    }
}

fn join<T>(all: &[T], shape: impl Fn(&T) -> String) -> String {
    all.iter().map(shape).collect::<Vec<_>>().join(", ")
}

fn string_part(part: &StringPart) -> String {
    match part {
        StringPart::Text(text) => format!("{text:?}"),
        StringPart::Value(value) => shape(value),
    }
}

fn element(found: &Element) -> String {
    match found {
        Element::Value(value) => shape(value),
        Element::Spread(value) => format!("...{}", shape(value)),
        Element::For(each) => {
            let filter = each.filter.as_ref().map(|filter| format!(" if {}", shape(filter))).unwrap_or_default();
            let key = each.key.as_ref().map(|key| format!("{}, ", key.text)).unwrap_or_default();
            let (variable, iterable) = (&each.variable.text, shape(&each.iterable));
            format!("for {key}{variable} in {iterable}{filter}: {}", join(&each.each, element))
        }
        Element::If(found) => format!("if {}: {}", shape(&found.condition), join(&found.then, element)),
    }
}

fn pattern(found: &Pattern) -> String {
    match found {
        Pattern::Any(_) => "_".to_owned(),
        Pattern::Literal(value) => shape(value),
        Pattern::Type { name, ty: _, span: _ } => format!("{}: type", name.text),
    }
}
