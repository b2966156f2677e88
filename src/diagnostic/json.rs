//! Diagnostics as JSON, for programs. The shape is stable: fields are added, never changed.

use super::{Diagnostic, Label};
use crate::source::Files;
use serde::Serialize;

#[derive(Serialize)]
struct Entry<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    #[serde(flatten)]
    place: Option<Place<'a>>,
    label: Option<&'a str>,
    related: Vec<Related<'a>>,
    help: Option<&'a str>,
    notes: &'a [String],
    environments: &'a [String],
}

/// Bytes are counted from 0, lines and columns (in characters) from 1.
#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    start: usize,
    end: usize,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Related<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    label: &'a str,
}

/// All diagnostics as a JSON array, ended by a line end.
#[must_use]
pub fn array(diagnostics: &[Diagnostic], files: &Files) -> String {
    let entries: Vec<Entry> = diagnostics.iter().map(|diagnostic| entry(diagnostic, files)).collect();
    let mut text = serde_json::to_string_pretty(&entries).expect("strings and numbers can always be written");
    text.push('\n');
    text
}

fn entry<'a>(diagnostic: &'a Diagnostic, files: &'a Files) -> Entry<'a> {
    let Diagnostic { code, severity, message, primary, related, help, notes, environments } = diagnostic;
    Entry {
        code: code.name(),
        severity: severity.name(),
        message,
        place: primary.as_ref().map(|label| place(label, files)),
        label: primary.as_ref().map(|label| label.text.as_str()).filter(|text| !text.is_empty()),
        related: related.iter().map(|label| Related { place: place(label, files), label: &label.text }).collect(),
        help: help.as_deref(),
        notes,
        environments,
    }
}

fn place<'a>(label: &Label, files: &'a Files) -> Place<'a> {
    let file = files.get(label.span.file);
    let (line, column) = file.line_column(label.span.start());
    let (end_line, end_column) = file.line_column(label.span.end());
    let (start, end) = (label.span.start(), label.span.end());
    Place { file: &file.name, start, end, line, column, end_line, end_column }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::source::Span;

    #[test]
    fn names_places_in_bytes_and_lines() {
        let mut files = Files::default();
        let file = files.add("main.flink", "ä\nlet a = 1\n");
        let diagnostic = Diagnostic::warning(Code::Unused, "`a` is not used", Span::new(file, 7, 8)).help(None);
        let text = array(&[diagnostic, Diagnostic::global(Code::NoEnvironment, "none")], &files);
        let value: serde_json::Value = serde_json::from_str(&text).expect("is JSON");
        assert_eq!(value[0]["severity"], "warning");
        assert_eq!(value[0]["start"], 7);
        assert_eq!((&value[0]["line"], &value[0]["column"]), (&2.into(), &5.into()));
        assert_eq!(value[1].get("file"), None);
    }
}
