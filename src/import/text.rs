//! The language's notation of names, strings, constants and documentation.

use crate::schema::Json;
use std::fmt::Write;

/// Columns up to which documentation goes.
const DOC_WIDTH: usize = 100;

/// Words that mean something to the scanner or in a type, wherever they stand.
const QUOTED: [&str; 8] = ["if", "for", "then", "else", "match", "in", "let", "string"];

/// A name of a field or of an entry: bare where the grammar takes it for a name.
pub(super) fn name(out: &mut String, text: &str) {
    if is_name(text) && !QUOTED.contains(&text) {
        out.push_str(text);
    } else {
        string(out, text);
    }
}

/// Whether it is a `name` of the grammar: letters, digits and `_`, with hyphens between them.
pub(super) fn is_name(text: &str) -> bool {
    let word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    !text.starts_with(|first: char| first.is_ascii_digit()) && text.split('-').all(word)
}

/// A string: plain where it can be, raw where it has quotes or backslashes, else with escapes.
pub(super) fn string(out: &mut String, text: &str) {
    if text.chars().any(needs_escape) || text.starts_with("\"\"") {
        escaped(out, text);
    } else if text.contains(['"', '\\']) {
        let hashes = "#".repeat(hashes(text));
        let _ = write!(out, "{hashes}\"{text}\"{hashes}");
    } else {
        let _ = write!(out, "\"{text}\"");
    }
}

/// How many `#` a raw string needs so that nothing in it is special.
fn hashes(text: &str) -> usize {
    let run = |after: &str| after.bytes().take_while(|byte| *byte == b'#').count();
    text.match_indices(['"', '\\']).map(|(at, _)| run(&text[at + 1..]) + 1).max().unwrap_or(1)
}

fn escaped(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other if needs_escape(other) => {
                let _ = write!(out, "\\u{{{:X}}}", u32::from(other));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Control characters, and those that make text look like what it is not.
fn needs_escape(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A constant: a literal, a list, or a block.
pub(super) fn constant(out: &mut String, value: &Json) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Json::Number(number) => out.push_str(&self::number(number)),
        Json::String(text) => string(out, text),
        Json::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                constant(out, item);
            }
            out.push(']');
        }
        Json::Object(entries) if entries.is_empty() => out.push_str("{}"),
        Json::Object(entries) => {
            out.push_str("{ ");
            for (at, (key, value)) in entries.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                name(out, key);
                out.push_str(" = ");
                constant(out, value);
            }
            out.push_str(" }");
        }
    }
}

/// A number without an exponent, which the language does not have.
pub(super) fn number(number: &serde_json::Number) -> String {
    match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) => whole.to_string(),
        (None, Some(float)) => {
            let text = float.to_string();
            if text.contains('.') { text } else { format!("{text}.0") }
        }
        // `serde_json` keeps numbers as one of the two.
        (None, None) => "0".to_owned(),
    }
}

/// Documentation as `///` lines, wrapped; nothing for an empty text.
pub(super) fn doc(out: &mut String, text: &str, indent: usize) {
    for line in text.lines() {
        let mut column = 0;
        for word in line.split_whitespace() {
            let length = word.chars().count();
            if column > 0 && indent + 4 + column + length > DOC_WIDTH {
                out.push('\n');
                column = 0;
            }
            if column == 0 {
                indentation(out, indent);
                out.push_str("///");
            }
            out.push(' ');
            out.push_str(word);
            column += length + 1;
        }
        if column == 0 {
            indentation(out, indent);
            out.push_str("///");
        }
        out.push('\n');
    }
}

/// Spaces before a line.
pub(super) fn indentation(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// A description without what must not be shown, without empty lines around it.
pub(super) fn description(text: &str) -> String {
    let visible = |character: &char| *character == '\n' || *character == '\t' || !needs_escape(*character);
    text.chars().filter(visible).collect::<String>().trim().to_owned()
}

/// The first sentence of a description, on one line.
pub(super) fn first_sentence(text: &str) -> String {
    let paragraph = text.split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = paragraph.split_whitespace().collect();
    let ends = |word: &str| {
        let bare = word.trim_end_matches([')', '"', '`', '\'']);
        bare.ends_with(['.', '!', '?']) && !ABBREVIATIONS.contains(&bare.to_lowercase().trim_start_matches('('))
    };
    // What follows a sentence begins with a capital letter, a quote or the like.
    let starts = |word: &str| !word.starts_with(|first: char| first.is_lowercase());
    let end = (0..words.len()).find(|at| ends(words[*at]) && words.get(at + 1).is_none_or(|next| starts(next)));
    words[..end.map_or(words.len(), |at| at + 1)].join(" ").trim_end_matches(':').to_owned()
}

/// Words that end with a full stop in the middle of a sentence.
const ABBREVIATIONS: [&str; 6] = ["e.g.", "i.e.", "etc.", "vs.", "cf.", "no."];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(write: impl Fn(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    #[test]
    fn names_are_quoted_where_the_grammar_wants_it() {
        let named = |text| of(|out| name(out, text));
        for bare in ["a", "type", "_a1", "a-b", "x-1"] {
            assert_eq!(named(bare), bare);
        }
        for quoted in ["", "if", "string", "1a", "-a", "a-", "a--b", "a.b", "$ref", "ä"] {
            assert_eq!(named(quoted), format!("\"{quoted}\""));
        }
    }

    #[test]
    fn strings_are_written_the_shortest_way() {
        let written = |text| of(|out| string(out, text));
        assert_eq!(written("a b"), r#""a b""#);
        assert_eq!(written(r"^\d+$"), r##"#"^\d+$"#"##);
        assert_eq!(written(r##"a"#b\##(c"##), r####"###"a"#b\##(c"###"####);
        assert_eq!(written("a\n\"\\(b)\u{202e}"), r#""a\n\"\\(b)\u{202E}""#);
    }

    #[test]
    fn documentation_is_wrapped_and_cut() {
        let text = of(|out| doc(out, &format!("{}\n\n  x", "word ".repeat(30)), 2));
        assert!(text.lines().all(|line| line.len() <= DOC_WIDTH), "{text}");
        assert!(text.ends_with("\n  ///\n  /// x\n"), "{text}");
        assert_eq!(first_sentence("Size, e.g. 3\nor v1.2. Default: 1."), "Size, e.g. 3 or v1.2.");
        assert_eq!(first_sentence("One of:\n\n* a"), "One of");
    }
}
