//! Diagnostics without values, for logs that others read than those who may read the source.
//!
//! Names stay, and so do the places, where whoever may read the source finds the value. Masked are:
//! - what a literal is: `the string "…"`, `the int 5`;
//! - what data files hold, of which a message says what was found;
//! - values that no source text spells, so that they came from a file or were computed;
//! - every quoted text and longer number of what is said of a file that declares a Secret.

use super::{Code, Diagnostic, Label};
use crate::source::Files;
use regex_lite::{Captures, Regex};
use std::sync::LazyLock;

/// Takes values out of all texts of the diagnostics.
pub fn mask(diagnostics: &mut [Diagnostic], files: &Files) {
    for diagnostic in diagnostics {
        let places: Vec<&Label> = diagnostic.primary.iter().chain(&diagnostic.related).collect();
        let declares_secret = |label: &&Label| files.get(label.span.file).text.contains("v1 Secret");
        let masks = Masks {
            data: diagnostic.code == Code::BadData,
            computed: diagnostic.code == Code::InvalidValue,
            quoted: places.iter().any(declares_secret),
            files,
        };
        masks.apply(&mut diagnostic.message);
        for label in diagnostic.primary.iter_mut().chain(&mut diagnostic.related) {
            masks.apply(&mut label.text);
        }
        diagnostic.help.iter_mut().for_each(|text| masks.apply(text));
        diagnostic.notes.iter_mut().for_each(|text| masks.apply(text));
    }
}

/// What is masked in a diagnostic beside literals.
struct Masks<'a> {
    data: bool,
    computed: bool,
    quoted: bool,
    files: &'a Files,
}

/// A literal as messages describe it.
static LITERAL: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"\bthe (string|int|float|bool) ("(?:[^"\\]|\\.)*"|[-+0-9][0-9A-Za-z_.+-]*|true|false)"#));
static NAMED: LazyLock<Regex> = LazyLock::new(|| regex("`([^`]*)`"));
static QUOTED: LazyLock<Regex> = LazyLock::new(|| regex(r#""(?:[^"\\]|\\.)*""#));
static NUMBER: LazyLock<Regex> = LazyLock::new(|| regex("[0-9][0-9_.]{3,}"));

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the patterns are regular expressions")
}

impl Masks<'_> {
    fn apply(&self, text: &mut String) {
        if self.data
            && let Some(at) = text.find(", found ")
        {
            text.truncate(at);
        }
        *text = LITERAL
            .replace_all(text, |found: &Captures| match &found[1] {
                "int" => "an int".to_owned(),
                kind => format!("a {kind}"),
            })
            .into_owned();
        if self.computed {
            let mask =
                |found: &Captures| if self.is_spelt(&found[1]) { found[0].to_owned() } else { "`…`".to_owned() };
            *text = NAMED.replace_all(text, mask).into_owned();
        }
        if self.quoted {
            *text = QUOTED.replace_all(text, "\"…\"").into_owned();
            *text = NUMBER.replace_all(text, "…").into_owned();
        }
    }

    /// Whether any source has the text.
    fn is_spelt(&self, text: &str) -> bool {
        self.files.iter().any(|file| file.text.contains(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    /// What is left of a message about the beginning of a source.
    fn masked(code: Code, source: &str, message: &str) -> String {
        let mut files = Files::default();
        let file = files.add("main.flink", source);
        let at = Span::new(file, 0, 1);
        let mut diagnostics = [Diagnostic::error(code, message, at).help(message.to_owned())];
        mask(&mut diagnostics, &files);
        let [diagnostic] = diagnostics;
        assert_eq!(diagnostic.help.as_ref(), Some(&diagnostic.message));
        diagnostic.message
    }

    #[test]
    fn values_go_and_names_stay() {
        let of = |message| masked(Code::TypeMismatch, "let x = 1", message);
        assert_eq!(of("expected `bool`, found the string \"a \\\" b\""), "expected `bool`, found a string");
        assert_eq!(of("`x` is the int 4711, no more"), "`x` is an int, no more");
        assert_eq!(of("expected \"a\" or \"b\""), "expected \"a\" or \"b\"");
        assert_eq!(of("`Secret` has no field `hunter2`"), "`Secret` has no field `hunter2`");
    }

    #[test]
    fn data_and_what_is_computed_go() {
        assert_eq!(masked(Code::BadData, "", "t.yaml: expected int, found \"hunter2\""), "t.yaml: expected int");
        assert_eq!(masked(Code::InvalidValue, "let x = 1", "`x` is no `hunter2`"), "`x` is no `…`");
    }

    #[test]
    fn a_file_with_secrets_is_not_quoted() {
        let source = "resource v1 Secret s {}";
        assert_eq!(masked(Code::Syntax, source, "write `\"hunter2\"` or 4711471"), "write `\"…\"` or …");
    }
}
