//! A diagnostic as a case expects it, and the lines that say so.

use super::case::Case;
use flinkc::diagnostic::{Diagnostic, Edit, Fix};
use flinkc::source::{Files, Span};

/// A diagnostic. Ordered by place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expectation {
    pub place: Place,
    /// `error[code]: message`
    pub title: String,
    pub details: Vec<(Kind, String)>,
}

/// Where a diagnostic points. Lines and columns are counted from 0, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Nowhere.
    Nowhere,
    /// In a file that the case does not hold, as messages show it.
    Elsewhere(String),
    /// In a file of the case, given by its number.
    In { file: usize, line: usize, column: usize, end_line: usize, end_column: usize },
}

/// What a line says of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Label,
    Also,
    Help,
    Note,
    Fix,
    Only,
}

const KINDS: [(Kind, &str); 6] = [
    (Kind::Label, "label: "),
    (Kind::Also, "also: "),
    (Kind::Help, "help: "),
    (Kind::Note, "note: "),
    (Kind::Fix, "fix: "),
    (Kind::Only, "only: "),
];

/// What an expectation line says, without its place.
pub enum Said {
    Title(String),
    Detail(Kind, String),
}

impl Said {
    /// None where the text is none of them, so that the line is an ordinary comment.
    pub fn parse(text: &str) -> Option<Said> {
        if text.starts_with("error[") || text.starts_with("warning[") {
            return Some(Said::Title(text.to_owned()));
        }
        KINDS.iter().find_map(|(kind, word)| Some(Said::Detail(*kind, text.strip_prefix(word)?.to_owned())))
    }
}

impl Expectation {
    /// A diagnostic that was reported, with all its details.
    pub fn of(diagnostic: &Diagnostic, files: &Files, case: &Case) -> Expectation {
        let Diagnostic { code, severity, message, primary, related, help, notes, environments, fixes } = diagnostic;
        let place = primary.as_ref().map_or(Place::Nowhere, |label| Place::of(label.span, files, case));
        let mut details = Vec::new();
        if let Some(label) = primary.as_ref().filter(|label| !label.text.is_empty()) {
            details.push((Kind::Label, one_line(&label.text)));
        }
        let also = |span, text: &str| format!("{}: {}", files.place(span), one_line(text));
        details.extend(related.iter().map(|label| (Kind::Also, also(label.span, &label.text))));
        details.extend(help.iter().map(|help| (Kind::Help, one_line(help))));
        details.extend(notes.iter().map(|note| (Kind::Note, one_line(note))));
        details
            .extend(fixes.iter().map(|fix| (Kind::Fix, edits(fix, primary.as_ref().map(|label| label.span), files))));
        if !environments.is_empty() {
            details.push((Kind::Only, environments.join(", ")));
        }
        let title = format!("{}[{}]: {}", severity.name(), code.name(), one_line(message));
        Expectation { place, title, details }
    }

    /// Whether this expects that, whatever the details.
    pub fn is_for(&self, actual: &Expectation) -> bool {
        self.place == actual.place && self.title == actual.title
    }

    /// The lines that expect this diagnostic, each with the pointer before it.
    pub fn push_lines(&self, text: &mut String) {
        let pointer = self.place.pointer();
        let details = self.details.iter().map(|(kind, detail)| (word(*kind), detail.as_str()));
        for (word, rest) in [("", self.title.as_str())].into_iter().chain(details) {
            text.push_str(&format!("{pointer} {word}{rest}\n"));
        }
    }
}

/// What a fix does: the text that replaces the diagnostic's place, or `PLACE..COLUMN → text` for edits elsewhere.
fn edits(fix: &Fix, primary: Option<Span>, files: &Files) -> String {
    let written = |edit: &Edit| {
        let text = match edit.text.trim() {
            "" if edit.text.is_empty() => "(nothing)".to_owned(),
            // Blank space at the ends could not be seen.
            bare if bare.len() < edit.text.len() => format!("{:?}", edit.text),
            _ => one_line(&edit.text),
        };
        if Some(edit.span) == primary {
            return text;
        }
        let end = files.get(edit.span.file).line_column(edit.span.end()).1;
        format!("{}..{end} → {text}", files.place(edit.span))
    };
    fix.edits.iter().map(written).collect::<Vec<_>>().join("; ")
}

fn word(kind: Kind) -> &'static str {
    KINDS.iter().find(|(known, _)| *known == kind).map_or("", |(_, word)| word)
}

/// Every expectation is one line.
fn one_line(text: &str) -> String {
    text.replace('\\', r"\\").replace('\n', r"\n").replace('\r', r"\r")
}

impl Place {
    fn of(span: Span, files: &Files, case: &Case) -> Place {
        let name = &files.get(span.file).name;
        let Some(file) = case.files.iter().position(|file| file.path == *name) else {
            return Place::Elsewhere(files.place(span));
        };
        let lines = &case.files[file].lines;
        let at = |byte| {
            let (line, column) = files.get(span.file).line_column(byte);
            // The end of the file is shown at the end of its last line: below it there is no line to point at.
            match lines.last() {
                Some(last) if line > lines.len() => (lines.len() - 1, last.chars().count()),
                _ => (line - 1, column - 1),
            }
        };
        let ((line, column), (end_line, end_column)) = (at(span.start()), at(span.end()));
        Place::In { file, line, column, end_line, end_column }
    }

    /// The start of an expectation line.
    fn pointer(&self) -> String {
        match self {
            Place::Nowhere => "//@".to_owned(),
            Place::Elsewhere(place) => format!("//@ {place}"),
            Place::In { file: _, line, column, end_line, end_column } => {
                if line == end_line && column < end_column && *column >= 2 {
                    return format!("//{}{}", " ".repeat(column - 2), "^".repeat(end_column - column));
                }
                let below = if line == end_line { String::new() } else { format!("+{}:", end_line - line) };
                format!("//@{}..{below}{}", column + 1, end_column + 1)
            }
        }
    }

    /// Reads a pointer below a line of a file; gives the rest of the line too.
    pub fn parse(text: &str, file: usize, line: usize) -> Option<(Place, &str)> {
        let after = text.trim_start().strip_prefix("//")?.trim_start();
        let indent = text.chars().count() - after.chars().count();
        let (pointer, rest) = after.split_once(' ')?;
        if !pointer.is_empty() && pointer.chars().all(|character| character == '^') {
            let end_column = indent + pointer.len();
            return Some((Place::In { file, line, column: indent, end_line: line, end_column }, rest));
        }
        let (start, end) = pointer.strip_prefix('@')?.split_once("..")?;
        let (below, end) = match end.strip_prefix('+') {
            Some(end) => end.split_once(':')?,
            None => ("0", end),
        };
        let column = |text: &str| text.parse::<usize>().ok()?.checked_sub(1);
        let end_line = line + below.parse::<usize>().ok()?;
        Some((Place::In { file, line, column: column(start)?, end_line, end_column: column(end)? }, rest))
    }
}
