//! Slips that people make who come from other languages.

use super::{Failure, Found};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::grammar::Rule;
use crate::syntax::recover::Source;
use std::ops::Range;

/// What to say of a known slip.
struct Slip {
    message: String,
    help: String,
    /// What it should be, where there is no other way to read it.
    fix: Option<Change>,
}

/// A range of the text, and what is to stand there.
struct Change {
    title: String,
    range: Range<usize>,
    text: String,
}

/// The message for a failure that is a known slip.
pub(super) fn explain(source: &Source, failure: &Failure, found: &Found) -> Option<Diagnostic> {
    let slip = by_token(source, found).or_else(|| by_context(source, failure, found))?;
    let diagnostic = Diagnostic::error(Code::Syntax, slip.message, found.span).help(slip.help);
    Some(match slip.fix {
        Some(Change { title, range, text }) => {
            diagnostic.fix(title, Span::new(source.id, range.start, range.end), text)
        }
        None => diagnostic,
    })
}

fn slip(message: impl Into<String>, help: impl Into<String>) -> Option<Slip> {
    Some(Slip { message: message.into(), help: help.into(), fix: None })
}

/// A slip that is put right by another token in place of the one that was found.
fn replaced(found: &Found, token: &str, message: impl Into<String>, help: impl Into<String>) -> Option<Slip> {
    let title = format!("write `{token}` for `{}`", found.text);
    let fix = Some(Change { title, range: found.span.start()..found.span.end(), text: token.to_owned() });
    Some(Slip { fix, ..slip(message, help)? })
}

/// Tokens that the language does not have.
fn by_token(source: &Source, found: &Found) -> Option<Slip> {
    let rest = rest_of_line(source, found.span.start());
    match found.text {
        "'" | "`" | "“" | "”" | "‘" | "’" => {
            let content = rest.strip_prefix(found.text).and_then(|text| text.split(['\'', '`', '”', '’', '“']).next());
            let content = content.unwrap_or_default();
            let slip = slip("strings stand in double quotes", format!("write `\"{content}\"`"))?;
            Some(Slip { fix: requoted(found, rest, content), ..slip })
        }
        "#" => replaced(found, "//", "`#` does not begin a comment", "comments begin with `//`"),
        ";" if rest[1..].trim().is_empty() => {
            let range = found.span.start()..found.span.end();
            let fix = Some(Change { title: "take the `;` away".to_owned(), range, text: String::new() });
            Some(Slip { fix, ..slip("`;` does not separate entries", "the end of the line is enough")? })
        }
        ";" => slip("`;` does not separate entries", "write each entry on a line of its own, or `,` between them"),
        "&" => replaced(found, "&&", "`&` is no operator", "write `&&` for \"and\""),
        ":=" => replaced(found, "=", "`:=` is no operator", "write `=`"),
        "|" => slip(
            "`|` joins types and patterns, not values",
            "write `||` for \"or\", `??` for another value where one is absent",
        ),
        "and" => replaced(found, "&&", "`and` is no operator", "write `&&`"),
        "or" => replaced(found, "||", "`or` is no operator", "write `||`"),
        "not" => slip("`not` is no operator", "write `!`"),
        "$" => slip(
            "`$` means nothing outside of strings",
            "a name stands for its value as it is; in a string, write `\\(name)`",
        ),
        text if text.starts_with(|c: char| c.is_ascii_digit()) && rest.starts_with(text) && !is_number(text) => slip(
            format!("`{text}` is neither a number nor a number with a unit"),
            "write it like `1000`, `0.5`, `4Gi` or `1h30m`; text stands in quotes",
        ),
        text if !text.is_ascii() => slip(
            format!("`{text}` cannot be part of a name"),
            "names are made of the letters `a` to `z`, digits, `_` and `-`; anything else stands in quotes",
        ),
        _ => None,
    }
}

/// Words that a name and `=` follow.
const DECLARE: [&str; 3] = ["group", "let", "type"];

/// What stands before the comma or bracket that ends a value on its line.
fn first_value(text: &str) -> &str {
    let mut depth = 0i32;
    let end = text.find(|c| {
        match c {
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ')' => depth -= 1,
            _ => {}
        }
        depth < 0 || (depth == 0 && c == ',')
    });
    &text[..end.unwrap_or(text.len())]
}

/// Tokens that mean something else where they stand.
fn by_context(source: &Source, failure: &Failure, found: &Found) -> Option<Slip> {
    let sets = failure.expects(&[Rule::equal]);
    let is_value = failure.expects(&[Rule::operator]);
    match found.text {
        ":" if sets => {
            let value = rest_of_line(source, found.span.start()).trim_start_matches(':').trim();
            let value = first_value(value.split(" //").next().unwrap_or_default()).trim_end_matches(['{', ' ']);
            let key = key_before(source, found.span.start());
            if value.is_empty() || value.starts_with('{') {
                let message = "expected `=` or `{` after the field name, found `:`";
                let slip = slip(message, format!("write `{key} {{ … }}`"))?;
                let fix = value.starts_with('{').then(|| without_colon(source, found));
                Some(Slip { fix, ..slip })
            } else {
                let message = "expected `=` after the field name, found `:`";
                let slip = slip(message, format!("write `{key} = {value}`"))?;
                Some(Slip { fix: Some(equal_for_colon(source, found)), ..slip })
            }
        }
        "==" if sets => replaced(found, "=", "`==` compares, but here a value is set", "write `=`"),
        "=" if is_value && in_condition(source, found.span.start()) => {
            replaced(found, "==", "`=` sets a value and cannot stand in one", "write `==` to compare")
        }
        "=" if is_value => slip("`=` sets a value and cannot stand in one", "write `==` to compare"),
        "=" if failure.expects(&[Rule::colon]) => {
            slip("expected `:` and a type after the name, found `=`", "write `name: type = value`")
        }
        "=" if DECLARE.contains(&key_before(source, found.span.start())) => {
            let word = key_before(source, found.span.start());
            slip("expected a name, found `=`", format!("write `{word} name = …`"))
        }
        "=" if failure.expects(&[Rule::plain_string]) || failure.expects(&[Rule::name, Rule::string]) => {
            let key = key_before(source, found.span.start());
            slip("expected a declaration, found a setting", format!("write `let {key} = …` to name a value"))
        }
        "{" if failure.expects(&[Rule::kw_then]) => {
            slip("expected `then`, found `{`", "as a value, write `if c then a else b`")
        }
        "?" if is_value => slip("`?` is no operator", "write `if c then a else b`"),
        "let" | "if" | "for" | "match" | "then" | "else" | "in" if failure.expects(&[Rule::chain]) => slip(
            format!("expected a value, found the word `{}`", found.text),
            "a value of that name stands in quotes, or in parentheses where it is an expression",
        ),
        _ => None,
    }
}

/// A string in double quotes, where it ends on its line and needs no escapes.
fn requoted(found: &Found, rest: &str, content: &str) -> Option<Change> {
    let length = found.text.len() + content.len();
    let mut after = rest.get(length..)?.chars();
    let closing = after.next()?;
    // An apostrophe in the text is not its end.
    let ends = !after.next().is_some_and(char::is_alphanumeric);
    let start = found.span.start();
    let text = (ends && !content.contains(['"', '\\'])).then(|| format!("\"{content}\""))?;
    let title = "put the text in double quotes".to_owned();
    Some(Change { title, range: start..start + length + closing.len_utf8(), text })
}

/// `key: {` as `key {`.
fn without_colon(source: &Source, found: &Found) -> Change {
    let (start, end) = (found.span.start(), found.span.end());
    let text = if source.text[end..].starts_with(' ') { "" } else { " " };
    Change { title: "take the `:` away".to_owned(), range: start..end, text: text.to_owned() }
}

/// `key: value` as `key = value`, with a space on either side.
fn equal_for_colon(source: &Source, found: &Found) -> Change {
    let (start, end) = (found.span.start(), found.span.end());
    let before = if source.text[..start].ends_with([' ', '\t']) { "" } else { " " };
    let after = if source.text[end..].starts_with([' ', '\t']) { "" } else { " " };
    Change { title: "write `=` for `:`".to_owned(), range: start..end, text: format!("{before}={after}") }
}

/// Whether a byte stands in what is asked: behind `if` or `check` on its line.
fn in_condition(source: &Source, at: usize) -> bool {
    let before = &source.text[..at];
    let line = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
    line.split([' ', '\t', '(']).any(|word| ["if", "check"].contains(&word)) && !line.contains(['"', '{'])
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') || text.ends_with(|c: char| c.is_ascii_alphabetic())
}

fn rest_of_line<'t>(source: &Source<'t>, at: usize) -> &'t str {
    source.text[at..].lines().next().unwrap_or_default()
}

/// The path that ends before a byte.
fn key_before<'t>(source: &Source<'t>, at: usize) -> &'t str {
    let before = source.text[..at].trim_end_matches([' ', '\t']);
    let line = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
    line.rsplit(['{', ',', ' ', '\t']).next().unwrap_or_default()
}
