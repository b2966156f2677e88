//! What is said of a value that does not fit where it stands, and what to write instead.

use super::expr::{Wanted, choices};
use super::ty::{Type, fits};
use super::{Checker, errors, literals};
use crate::core::Const;
use crate::core::units::{parse_duration, parse_memory};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Types of lists that take more bytes to write than this are not written.
const LONGEST_LIST: usize = 40;

impl Checker<'_> {
    /// Reports a value of one type where another is wanted.
    pub(super) fn report_mismatch(&mut self, found: &Type, wanted: &Wanted, span: Span) {
        if found.is_optional() && !wanted.ty.is_optional() && fits(&found.present(), &wanted.ty) {
            let text = self.files.text(span).to_string();
            let mut diagnostic = errors::optional_read(&text, span, &self.show(&found.present()), None);
            if let Some((who, declared)) = &wanted.by {
                diagnostic = match declared {
                    Some(declared) => diagnostic.also(*declared, format!("{who} needs a value")),
                    None => diagnostic.note(format!("{who} needs a value")),
                };
            }
            self.sink.report(diagnostic);
            return;
        }
        // Absence is told only where it matters: the value that stands here is there.
        let expected = self.describe(&wanted.ty.present());
        let found_text = match found {
            Type::Literal(Const::String(_)) => format!("the string {}", self.show(found)),
            Type::Literal(Const::Int(_)) => format!("the int {}", self.show(found)),
            Type::Float if self.files.text(span).parse::<f64>().is_ok() => {
                format!("the number {}", self.files.text(span))
            }
            // The types of many or large elements say less than the text does.
            Type::List(_) if self.show(found).len() > LONGEST_LIST => "a list".to_string(),
            other => self.describe(other),
        };
        let mut diagnostic = errors::mismatch(&found_text, &expected, span, wanted.by.as_ref());
        diagnostic = diagnostic.help(self.mismatch_help(found, &wanted.ty.present(), span));
        let text = self.files.text(span);
        self.sink.report(with_fix(diagnostic, found, &wanted.ty.present(), text, span));
    }

    fn mismatch_help(&self, found: &Type, wanted: &Type, span: Span) -> Option<String> {
        let text = self.files.text(span);
        let bare = text.trim_matches('"');
        match (found, wanted) {
            (Type::Literal(Const::String(value)), Type::Int | Type::Float | Type::Cpu)
                if value.parse::<f64>().is_ok() =>
            {
                Some(format!("take the quotes away: `{bare}`"))
            }
            (Type::Literal(Const::String(value)), Type::Bool) if matches!(&**value, "true" | "false") => {
                Some(format!("take the quotes away: `{bare}`"))
            }
            (Type::Literal(Const::String(value)), Type::Memory | Type::Duration | Type::Cpu) => {
                Some(match literals::meant(value) {
                    Some(literal) => format!("quantities stand without quotes: `{literal}`"),
                    None => format!("a `{}` stands without quotes, such as {}", self.show(wanted), example(wanted)),
                })
            }
            (Type::Float, wanted) if !choices(wanted).is_empty() => {
                Some(format!("a version or name stands in quotes: `\"{text}\"`"))
            }
            (Type::List(element), Type::Map(_)) => Some(self.map_help(element)),
            (found, Type::String) if found.is_int() || found.is_bool() || *found == Type::Float => {
                Some(if matches!(found, Type::Literal(_) | Type::Bool | Type::Float) && !text.contains('.') {
                    format!("a string stands in quotes: `\"{text}\"`")
                } else {
                    format!("make a string of it: `\"\\({text})\"`")
                })
            }
            (found, Type::Memory) if found.is_int() => Some(format!("say the unit: `{text}Mi`, `{text}Gi`")),
            (found, Type::Duration) if found.is_int() => Some(format!("say the unit: `{text}s`, `{text}ms`")),
            (Type::Memory, Type::Int) => Some(format!("take the number in one unit: `({text}).mebibytes`")),
            (Type::Duration, Type::Int) => Some(format!("take the number in one unit: `({text}).seconds`")),
            (Type::Block(_), Type::Schema(id)) => {
                let name = &self.schemas[id.0 as usize].declared.name.text;
                Some(format!("declare the type where the block is written: `let x: {name} = {{ … }}`"))
            }
            (Type::Block(_), Type::Definition(_)) => {
                Some("declare the type where the block is written: `let x: v1.Container = { … }`".to_string())
            }
            (Type::Definition(partial), Type::Definition(whole))
                if *partial != *whole && **whole == *crate::schema::whole(partial) =>
            {
                Some(format!(
                    "something may be missing in it: lay it over what is whole, `merge(…, {text})`, or say that nothing \
                     is, `whole({text})`"
                ))
            }
            (found, Type::List(element)) if fits(found, element) => Some(format!("a list: `[{text}]`")),
            (Type::Secret, Type::String) => {
                Some("a secret is a reference; only what takes a `secret` can use it".to_string())
            }
            _ => None,
        }
    }

    /// What to write where a list stands in the place of a map, such as `env` as Kubernetes has it.
    fn map_help(&self, element: &Type) -> String {
        let has = |field: &str| {
            element.alternatives().iter().all(
                |member| matches!(member, Type::Block(block) if block.fields.iter().any(|(name, _)| **name == *field)),
            )
        };
        if has("name") && has("value") {
            "the names are the keys of a map: `{ NAME = \"value\" }`".to_string()
        } else {
            "a map stands in braces: `{ key = value }`".to_string()
        }
    }
}

/// A value of a type of quantities.
fn example(ty: &Type) -> &'static str {
    match ty {
        Type::Cpu => "`2`, `0.5` or `500m`",
        Type::Duration => "`30s`, `5min` or `1h`",
        _ => "`512Mi` or `4Gi`",
    }
}

/// Adds the fix to a mismatch that has one right answer. `text`: the value as it is written at `at`.
fn with_fix(diagnostic: Diagnostic, found: &Type, wanted: &Type, text: &str, at: Span) -> Diagnostic {
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
