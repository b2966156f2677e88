//! Values of the wrong type that are right but for their spelling.

use super::ty::{Type, fits};
use crate::core::Const;
use crate::core::units::{parse_duration, parse_memory};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Adds the fix to a mismatch that has one right answer. `text`: the value as it is written at `at`.
pub fn with_fix(diagnostic: Diagnostic, found: &Type, wanted: &Type, text: &str, at: Span) -> Diagnostic {
    let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    match (found, wanted) {
        (Type::Literal(Const::String(value)), Type::Union(members)) => {
            let known = members.iter().filter_map(|member| match member {
                Type::Literal(Const::String(known)) => Some(&**known),
                _ => None,
            });
            diagnostic.suggest_text(value, at, text, known)
        }
        (Type::Literal(Const::String(value)), wanted)
            if bare != text && **value == *bare && is_literal(bare, wanted) =>
        {
            diagnostic.fix("take the quotes away", at, bare)
        }
        (found, Type::String) if (found.is_int() || found.is_bool() || *found == Type::Float) && is_constant(text) => {
            diagnostic.fix(format!("put `{text}` in quotes"), at, format!("\"{text}\""))
        }
        (found, Type::List(element)) if fits(found, element) && !text.contains('\n') => {
            diagnostic.fix("make a list of it", at, format!("[{text}]"))
        }
        _ => diagnostic,
    }
}

/// Whether a text is the literal of a type that a person would write.
fn is_literal(text: &str, ty: &Type) -> bool {
    let whole = |text: &str| text.len() < 19 && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty();
    let broken = |text: &str| text.split_once('.').is_some_and(|(left, right)| whole(left) && whole(right));
    match ty {
        // What begins with 0 may be meant as octal, or as a text after all.
        Type::Int => whole(text) && (text == "0" || !text.starts_with('0')),
        Type::Float | Type::Cpu => whole(text) || broken(text),
        Type::Bool => is_bool(text),
        Type::Memory => parse_memory(text).is_some(),
        Type::Duration => parse_duration(text).is_some(),
        _ => false,
    }
}

fn is_bool(text: &str) -> bool {
    ["true", "false"].contains(&text)
}

/// Whether a text is a number or bool as it stands, not something that has such a value.
fn is_constant(text: &str) -> bool {
    let number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    is_bool(text) || number(text) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}
