//! Diagnostics as JSON, for programs. The shape is described in `docs/diagnostics.md` and held by a schema beside it:
//! within a version, members are added, never changed or taken away.

use super::{Diagnostic, Edit, Fix, Label, Severity};
use crate::source::{Files, Span};
use serde::Serialize;

/// The version of the shape.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    errors: usize,
    warnings: usize,
    diagnostics: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    place: Option<Place<'a>>,
    label: Option<&'a str>,
    related: Vec<Related<'a>>,
    help: Option<&'a str>,
    notes: &'a [String],
    environments: &'a [String],
    fixes: Vec<Change<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    start: Position,
    end: Position,
}

/// Bytes are counted from 0, lines and columns (in characters) from 1.
#[derive(Serialize)]
struct Position {
    byte: usize,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Related<'a> {
    place: Place<'a>,
    label: &'a str,
}

#[derive(Serialize)]
struct Change<'a> {
    title: &'a str,
    edits: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
struct Replacement<'a> {
    place: Place<'a>,
    text: &'a str,
}

/// The diagnostics as one JSON object, ended by a line end.
#[must_use]
pub fn report(diagnostics: &[Diagnostic], files: &Files) -> String {
    let of = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let report = Report {
        version: VERSION,
        errors: of(Severity::Error),
        warnings: of(Severity::Warning),
        diagnostics: diagnostics.iter().map(|diagnostic| entry(diagnostic, files)).collect(),
    };
    let mut text = serde_json::to_string_pretty(&report).expect("strings and numbers can always be written");
    text.push('\n');
    text
}

fn entry<'a>(diagnostic: &'a Diagnostic, files: &'a Files) -> Entry<'a> {
    let Diagnostic { code, severity, message, primary, related, help, notes, environments, fixes } = diagnostic;
    Entry {
        code: code.name(),
        severity: severity.name(),
        message,
        place: primary.as_ref().map(|label| place(label.span, files)),
        label: primary.as_ref().map(|label| label.text.as_str()).filter(|text| !text.is_empty()),
        related: related
            .iter()
            .map(|Label { span, text }| Related { place: place(*span, files), label: text })
            .collect(),
        help: help.as_deref(),
        notes,
        environments,
        fixes: fixes.iter().map(|fix| change(fix, files)).collect(),
    }
}

fn change<'a>(fix: &'a Fix, files: &'a Files) -> Change<'a> {
    let edits = fix.edits.iter().map(|Edit { span, text }| Replacement { place: place(*span, files), text });
    Change { title: &fix.title, edits: edits.collect() }
}

fn place(span: Span, files: &Files) -> Place<'_> {
    let file = files.get(span.file);
    let position = |byte| {
        let (line, column) = file.line_column(byte);
        Position { byte, line, column }
    };
    Place { file: &file.name, start: position(span.start()), end: position(span.end()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    #[test]
    fn names_places_in_bytes_and_lines() {
        let mut files = Files::default();
        let file = files.add("main.flink", "ä\nlet a = \"ä\" + 1\n");
        let at = Span::new(file, 11, 15);
        let diagnostic = Diagnostic::warning(Code::Unused, "no", at).fix("take it away", at, "");
        let text = report(&[diagnostic, Diagnostic::global(Code::NoEnvironment, "none")], &files);
        let value: serde_json::Value = serde_json::from_str(&text).expect("is JSON");
        assert_eq!((&value["version"], &value["errors"], &value["warnings"]), (&1.into(), &1.into(), &1.into()));
        let [first, second] = value["diagnostics"].as_array().expect("is a list").as_slice() else { panic!("{text}") };
        let place = serde_json::json!({
            "file": "main.flink",
            "start": { "byte": 11, "line": 2, "column": 9 },
            "end": { "byte": 15, "line": 2, "column": 12 },
        });
        assert_eq!((&first["severity"], &first["place"]), (&"warning".into(), &place));
        let edits = serde_json::json!([{ "place": place, "text": "" }]);
        assert_eq!(first["fixes"], serde_json::json!([{ "title": "take it away", "edits": edits }]));
        assert_eq!((&second["place"], &second["fixes"]), (&serde_json::Value::Null, &serde_json::json!([])));
    }
}
