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
    /// Where, unless it is the token that was found.
    at: Option<Span>,
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
    let diagnostic = Diagnostic::error(Code::Syntax, slip.message, slip.at.unwrap_or(found.span)).help(slip.help);
    Some(match slip.fix {
        Some(Change { title, range, text }) => {
            diagnostic.fix(title, Span::new(source.id, range.start, range.end), text)
        }
        None => diagnostic,
    })
}

fn slip(message: impl Into<String>, help: impl Into<String>) -> Option<Slip> {
    Some(Slip { message: message.into(), help: help.into(), at: None, fix: None })
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
        ":=" => slip("`:=` is no operator", "write `=`"),
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
pub(in crate::syntax) fn first_value(text: &str) -> &str {
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
            let key = key_before(source, found.span.start());
            slip("expected `=` or `{` after the field name, found `:`", format!("write `{key} {{ … }}`"))
        }
        ":" | "/" if is_value || failure.expects(&[Rule::chain]) => bare_text(source, found),
        "=" if is_value && dash_before(source, found.span.start()).is_some() => {
            let dash = dash_before(source, found.span.start())?;
            let message = "`-` does not begin an element of a list".to_string();
            let help = "separate elements with commas and put each map into braces: `[{ name = … }, { name = … }]`";
            Some(Slip { at: Some(Span::new(source.id, dash, dash + 1)), ..slip(message, help)? })
        }
        "=" if is_value && in_condition(source, found.span.start()) => {
            replaced(found, "==", "`=` sets a value and cannot stand in one", "write `==` to compare")
        }
        "=" if is_value => slip("`=` sets a value and cannot stand in one", "write `==` to compare"),
        "=" if failure.expects(&[Rule::cost_colon]) => {
            replaced(found, ":", "`=` sets a value, but here stands what a change costs", "write `path : cost`")
        }
        text if text.starts_with('"') && failure.expects(&[Rule::cost_colon]) => {
            slip("the reason of a cost stands behind a second `:`", "write `path : cost : \"reason\"`")
        }
        ")" if failure.expected == [Rule::comma] => slip(
            "a change has two names: of the object as it was, and as it will be",
            "write `change API-VERSION KIND (before, after) { … }`",
        ),
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

/// Whether a byte stands in what is asked: behind `if` or `check` on its line.
fn in_condition(source: &Source, at: usize) -> bool {
    let before = &source.text[..at];
    let line = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
    line.split([' ', '\t', '(']).any(|word| ["if", "check"].contains(&word)) && !line.contains(['"', '{'])
}

/// Text without quotes, such as an image or an address: `registry.example.com/clicks:2.3.1`.
fn bare_text(source: &Source, found: &Found) -> Option<Slip> {
    let ends = |c: char| c.is_whitespace() || "\"'`,;(){}[]=".contains(c);
    let before = &source.text[..found.span.start()];
    let start = before.rfind(ends).map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let text = source.text[start..].split(ends).next().unwrap_or_default();
    // What is meant as a division or a type has blank space around the sign.
    let is_text = text.len() > 1 && text.contains(|c: char| c.is_ascii_alphanumeric());
    let at = Some(Span::new(source.id, start, start + text.len()));
    if !is_text {
        return None;
    }
    let title = format!("put `{text}` in quotes");
    let fix = Some(Change { title, range: start..start + text.len(), text: format!("\"{text}\"") });
    Some(Slip { at, fix, ..slip("text stands in quotes", format!("write `\"{text}\"`"))? })
}

/// The dash that the line of a byte begins with.
fn dash_before(source: &Source, at: usize) -> Option<usize> {
    let start = source.text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = &source.text[start..at];
    let indent = line.len() - line.trim_start().len();
    line[indent..].starts_with("- ").then_some(start + indent)
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') || text.ends_with(|c: char| c.is_ascii_alphabetic())
}

fn rest_of_line<'t>(source: &Source<'t>, at: usize) -> &'t str {
    source.text[at..].lines().next().unwrap_or_default()
}

/// The path that ends before a byte.
pub(in crate::syntax) fn key_before<'t>(source: &Source<'t>, at: usize) -> &'t str {
    let before = source.text[..at].trim_end_matches([' ', '\t']);
    let line = &before[before.rfind('\n').map_or(0, |end| end + 1)..];
    line.rsplit(['{', ',', ' ', '\t']).next().unwrap_or_default()
}
