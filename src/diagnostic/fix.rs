//! Changes that put a mistake right, and how they are made to texts.
//!
//! A diagnostic carries a fix only where there is one right answer: what a program may do unasked, an editor may offer
//! as the preferred action, and a reader of machine formats may trust.

use super::suggest::{did_you_mean, the_one};
use super::{Diagnostic, Severity};
use crate::source::{FileId, Files, Span};
use std::collections::BTreeMap;

/// A change that puts a mistake right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in the imperative and without a full stop: "replace `replica` with `replicas`".
    pub title: String,
    /// The edits, made all or none; no two touch.
    pub edits: Vec<Edit>,
}

/// A text that takes the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty where something is put in.
    pub span: Span,
    /// What stands there afterwards; empty where something is taken away.
    pub text: String,
}

impl Diagnostic {
    /// What puts it right, where there is one right answer.
    #[must_use]
    pub fn fix(self, title: impl Into<String>, at: Span, text: impl Into<String>) -> Diagnostic {
        self.fix_all(title, vec![Edit { span: at, text: text.into() }])
    }

    /// [`Diagnostic::fix`] with edits in several places.
    #[must_use]
    pub fn fix_all(mut self, title: impl Into<String>, edits: Vec<Edit>) -> Diagnostic {
        self.fixes.push(Fix { title: title.into(), edits });
        self
    }

    /// Offers the nearest of the names that the misspelt one at `at` may have meant: as help, and as a fix too where
    /// no other is as near. Leaves the help as it is where none is near.
    #[must_use]
    pub fn suggest<'a>(self, name: &str, at: Span, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
        let known: Vec<&str> = known.into_iter().collect();
        let diagnostic = self.help(did_you_mean(name, known.iter().copied()));
        // Where the place holds more than the name, such as quotes, the answer would have to be spelt otherwise.
        let length = at.end() - at.start();
        match the_one(name, &known) {
            Some(other) if length == name.len() && is_alike(name, other) => {
                diagnostic.fix(format!("replace `{name}` with `{other}`"), at, other)
            }
            Some(_) | None => diagnostic,
        }
    }

    /// [`Diagnostic::suggest`] for a text. `written`: what stands at `at`; a fix keeps its quotes.
    #[must_use]
    pub fn suggest_text<'a>(
        self,
        text: &str,
        at: Span,
        written: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Diagnostic {
        let known: Vec<&str> = known.into_iter().collect();
        let diagnostic = self.help(did_you_mean(text, known.iter().copied()));
        let plain = |other: &&str| written == format!("\"{text}\"") && !other.contains(['"', '\\', '\n']);
        match the_one(text, &known).filter(plain) {
            Some(other) => diagnostic.fix(format!("replace `{text}` with `{other}`"), at, format!("\"{other}\"")),
            None => diagnostic,
        }
    }

    /// Offers a new name for an old one. `written`: what stands at `at`; the fix keeps its quotes, and what a path has
    /// before the name. Offers nothing where something else stands there, such as what read the name from a file.
    #[must_use]
    pub fn rename(self, old: &str, new: &str, at: Span, written: &str) -> Diagnostic {
        let title = format!("replace `{old}` with `{new}`");
        if written == format!("\"{old}\"") && !new.contains(['"', '\\', '\n']) {
            return self.fix(title, at, format!("\"{new}\""));
        }
        match written.strip_suffix(old) {
            Some(before) if (before.is_empty() || before.ends_with('.')) && new.split('.').all(is_word) => {
                self.fix(title, at, format!("{before}{new}"))
            }
            Some(_) | None => self,
        }
    }
}

/// Whether a name can stand where another does, part by part of a dotted one.
fn is_alike(name: &str, other: &str) -> bool {
    let dots = |text: &str| text.bytes().filter(|byte| *byte == b'.').count();
    dots(name) == dots(other) && other.split('.').all(is_word)
}

/// Whether a text can stand as a name wherever one can: letters, digits and `_`, with `-` only between them.
fn is_word(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.split('-').all(|part| !part.is_empty() && part.bytes().all(plain))
}

/// A file with fixes made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// The file.
    pub file: FileId,
    /// Its text afterwards.
    pub text: String,
    /// What was done, in the order of places.
    pub done: Vec<Done>,
}

/// A fix that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The line of its first edit before it was made, counted from 1.
    pub line: usize,
    /// The fix's title.
    pub title: String,
}

/// Makes the fixes of `diagnostics`, those of errors first, then in source order. A fix that reaches into another file, or touches what an earlier one changed, is left for the next time.
#[must_use]
pub fn repair(diagnostics: &[Diagnostic], files: &Files) -> Vec<Repaired> {
    let mut chosen: BTreeMap<FileId, Vec<&Fix>> = BTreeMap::new();
    for severity in [Severity::Error, Severity::Warning] {
        for diagnostic in diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity) {
            let Some(fix) = diagnostic.fixes.first() else { continue };
            let Some(file) = fix.edits.first().map(|edit| edit.span.file) else { continue };
            let of_file = chosen.entry(file).or_default();
            let apart =
                |edit: &Edit| of_file.iter().flat_map(|fix| &fix.edits).all(|other| !touch(edit.span, other.span));
            if fix.edits.iter().all(|edit| edit.span.file == file && apart(edit)) {
                of_file.push(fix);
            }
        }
    }
    chosen.retain(|_, fixes| !fixes.is_empty());
    chosen.into_iter().map(|(file, fixes)| repaired(file, fixes, files)).collect()
}

/// Whether two edits of one file cannot both be made: what one changes is next to what the other does.
fn touch(one: Span, other: Span) -> bool {
    one.start() <= other.end() && other.start() <= one.end()
}

fn repaired(file: FileId, mut fixes: Vec<&Fix>, files: &Files) -> Repaired {
    let source = files.get(file);
    fixes.sort_by_key(|fix| fix.edits.first().map(|edit| edit.span));
    let line = |fix: &Fix| fix.edits.first().map_or(1, |edit| source.line_column(edit.span.start()).0);
    let done = fixes.iter().map(|fix| Done { line: line(fix), title: fix.title.clone() }).collect();
    let mut edits: Vec<&Edit> = fixes.iter().flat_map(|fix| &fix.edits).collect();
    edits.sort_by_key(|edit| edit.span);
    let mut text = String::with_capacity(source.text.len());
    let mut from = 0;
    for Edit { span, text: replacement } in edits {
        text.push_str(source.text.get(from..span.start()).unwrap_or_default());
        text.push_str(replacement);
        from = span.end();
    }
    text.push_str(source.text.get(from..).unwrap_or_default());
    Repaired { file, text, done }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    fn at(file: FileId, start: usize, end: usize) -> Span {
        Span::new(file, start, end)
    }

    fn wrong(span: Span) -> Diagnostic {
        Diagnostic::error(Code::UnknownField, "no", span)
    }

    #[test]
    fn only_the_one_nearest_name_is_a_fix() {
        let mut files = Files::default();
        let file = files.add("a.flink", "replica = 1");
        let of = |known: &[&str], span| wrong(span).suggest("replica", span, known.iter().copied());
        let one = of(&["replicas", "slots"], at(file, 0, 7));
        assert_eq!(one.fixes[0].edits, [Edit { span: at(file, 0, 7), text: "replicas".into() }]);
        assert_eq!(one.fixes[0].title, "replace `replica` with `replicas`");
        for (known, span) in [
            // Two are as near.
            (&["replicas", "replicb"][..], at(file, 0, 7)),
            // More stands there than the name.
            (&["replicas"], at(file, 0, 9)),
            // It would want quotes.
            (&["replic/a"], at(file, 0, 7)),
        ] {
            let found = of(known, span);
            assert!(found.fixes.is_empty(), "{known:?}");
            assert!(found.help.is_some_and(|help| help.starts_with("did you mean")), "{known:?}");
        }
        assert_eq!(of(&["slots"], at(file, 0, 7)).help, None);
    }

    #[test]
    fn a_name_is_replaced_only_where_it_stands() {
        let mut files = Files::default();
        let file = files.add("a.flink", "config.a.b = 1");
        let to = |new: &str, written: &str| {
            let diagnostic = wrong(at(file, 0, 10)).rename("a.b", new, at(file, 0, 10), written);
            diagnostic.fixes.first().map(|fix| fix.edits[0].text.clone())
        };
        assert_eq!(to("c", "a.b").as_deref(), Some("c"));
        assert_eq!(to("c.d", "config.a.b").as_deref(), Some("config.c.d"));
        assert_eq!(to("c d", "\"a.b\"").as_deref(), Some("\"c d\""));
        for (new, written) in [("c d", "a.b"), ("c", "aa.b"), ("c", "data(\"f\")"), ("c\"", "\"a.b\"")] {
            assert_eq!(to(new, written), None, "{new} {written}");
        }
    }

    #[test]
    fn fixes_that_touch_wait_for_the_next_round() {
        let mut files = Files::default();
        let file = files.add("a.flink", "ä = 1\nb = 2\n");
        let other = files.add("b.flink", "c");
        let diagnostics = [
            Diagnostic { severity: Severity::Warning, ..wrong(at(file, 7, 8)) }.fix("no room", at(file, 7, 8), "x"),
            wrong(at(file, 7, 8)).fix_all(
                "swap",
                vec![
                    Edit { span: at(file, 11, 12), text: "b".into() },
                    Edit { span: at(file, 7, 8), text: "2".into() },
                ],
            ),
            wrong(at(file, 0, 2)).fix("spell it", at(file, 0, 2), "a"),
            wrong(at(file, 2, 3)).fix_all(
                "reaches too far",
                vec![Edit { span: at(file, 4, 4), text: "-".into() }, Edit { span: at(other, 0, 1), text: "d".into() }],
            ),
            wrong(at(file, 5, 5)).fix("touches nothing", at(file, 5, 5), "0"),
        ];
        let repaired = repair(&diagnostics, &files);
        assert_eq!(repaired.len(), 1);
        assert_eq!(repaired[0].text, "a = 01\n2 = b\n");
        let done: Vec<(usize, &str)> = repaired[0].done.iter().map(|done| (done.line, &*done.title)).collect();
        assert_eq!(done, [(1, "spell it"), (1, "touches nothing"), (2, "swap")]);
    }
}
