//! The lines around a diagnostic's places, made fit for a terminal.
//!
//! Whatever stands in a source text (tabs, control characters, a line of ten megabytes), an excerpt is short and
//! safe to print, and its marks lie on character boundaries. The renderers therefore need no care of their own.

use super::{Diagnostic, Label};
use crate::source::{FileId, Files, SourceFile, Span};

/// Lines above and below a place.
const CONTEXT: usize = 1;
/// A place that covers more lines than this is cut to its first.
const MOST_LINES: usize = 6;
/// Related places shown; what a reader cannot take in is left out.
const MOST_RELATED: usize = 8;
/// Bytes of the longest message; names and types in it may be as long as a whole file.
const LONGEST_LINE: usize = 2000;
/// Columns that a tab becomes.
const TAB: &str = "    ";

/// Lines of one file that lie together.
#[derive(Debug)]
pub(super) struct Block {
    /// The file's name.
    pub(super) name: String,
    /// The first line, counted from 0.
    pub(super) first_line: usize,
    /// The lines, each ended by `\n`.
    pub(super) text: String,
    /// The places in them, in the order of the diagnostic's labels.
    pub(super) marks: Vec<Mark>,
}

/// A place in a block.
#[derive(Debug)]
pub(super) struct Mark {
    /// Its first byte in the block's text.
    pub(super) start: usize,
    /// The byte after its last in the block's text.
    pub(super) end: usize,
    /// Its line in the file, counted from 0.
    pub(super) line: usize,
    /// Its column in the file, in characters, counted from 0.
    pub(super) column: usize,
    /// What is to be said of it; may be empty.
    pub(super) text: String,
    /// Whether it is what the diagnostic is about.
    pub(super) primary: bool,
}

/// The excerpts of a diagnostic, the one with its primary place first. `width` is in characters.
pub(super) fn blocks(diagnostic: &Diagnostic, files: &Files, width: usize) -> Vec<Block> {
    let primary = diagnostic.primary.iter().map(|label| (label, true));
    let related = diagnostic.related.iter().take(MOST_RELATED).map(|label| (label, false));
    let places: Vec<Place> = primary.chain(related).map(|(label, primary)| Place::new(label, primary, files)).collect();

    let mut ranges: Vec<Lines> = Vec::new();
    let mut ordered: Vec<&Place> = places.iter().collect();
    ordered.sort_by_key(|place| (place.file, place.first_line, place.last_line));
    for place in ordered {
        let last = files.get(place.file).line_count() - 1;
        let (from, to) = (place.first_line.saturating_sub(CONTEXT), (place.last_line + CONTEXT).min(last));
        match ranges.last_mut() {
            Some(range) if range.file == place.file && from <= range.to + 1 => range.to = range.to.max(to),
            _ => ranges.push(Lines { file: place.file, from, to }),
        }
    }
    // What it is about comes first, then what explains it, in the order of files and lines.
    ranges.sort_by_key(|range| !places.iter().any(|place| place.primary && range.holds(place)));
    ranges.iter().map(|range| block(range, &places, files, width)).collect()
}

/// Lines of a file, both counted from 0 and included.
struct Lines {
    file: FileId,
    from: usize,
    to: usize,
}

impl Lines {
    fn holds(&self, place: &Place) -> bool {
        self.file == place.file && self.from <= place.first_line && place.last_line <= self.to
    }
}

/// A label whose span is known to be sound.
struct Place<'a> {
    label: &'a Label,
    primary: bool,
    file: FileId,
    start: usize,
    end: usize,
    first_line: usize,
    last_line: usize,
}

impl Place<'_> {
    fn new<'a>(label: &'a Label, primary: bool, files: &Files) -> Place<'a> {
        let file = files.get(label.span.file);
        let (start, mut end) = sound(file, label.span);
        let first_line = file.line_of(start);
        // A range that ends with a line end does not reach into the next line.
        let mut last_line = file.line_of(end.saturating_sub(1).max(start));
        if last_line - first_line >= MOST_LINES {
            end = file.line_range(first_line).end.max(start);
            last_line = first_line;
        }
        Place { label, primary, file: label.span.file, start, end, first_line, last_line }
    }
}

/// The bytes of a span, moved into the text and onto character boundaries.
fn sound(file: &SourceFile, span: Span) -> (usize, usize) {
    let start = file.text.floor_char_boundary(span.start());
    let end = file.text.ceil_char_boundary(span.end()).max(start);
    (start, end)
}

fn block(lines: &Lines, places: &[Place], files: &Files, width: usize) -> Block {
    let file = files.get(lines.file);
    let mut marks: Vec<(&Place, Mark)> = places
        .iter()
        .filter(|place| lines.holds(place))
        .map(|place| {
            let (line, column) = file.line_column(place.start);
            let text = one_line(&place.label.text);
            (place, Mark { start: 0, end: 0, line: line - 1, column: column - 1, text, primary: place.primary })
        })
        .collect();
    let mut text = String::new();
    for line in lines.from..=lines.to {
        let range = file.line_range(line);
        let focus = marks.iter().find(|(place, _)| place.first_line == line).map_or(0, |(place, _)| place.start);
        let content = &file.text[range.clone()];
        let window = window(content, focus.saturating_sub(range.start), width);
        let mut points: Vec<(usize, &mut usize)> = Vec::new();
        for (place, mark) in &mut marks {
            if place.first_line == line {
                points.push((place.start.saturating_sub(range.start), &mut mark.start));
            }
            if place.last_line == line {
                points.push((place.end.saturating_sub(range.start), &mut mark.end));
            }
        }
        push_line(&mut text, content, &window, &mut points);
    }
    let marks = marks.into_iter().map(|(_, mark)| Mark { end: mark.end.max(mark.start), ..mark }).collect();
    Block { name: one_line(&file.name), first_line: lines.from, text, marks }
}

/// The part of a line that is shown: all of it, or `width` characters with the `focus` in their first third.
fn window(line: &str, focus: usize, width: usize) -> std::ops::Range<usize> {
    if line.len() <= width {
        return 0..line.len();
    }
    let focus = line.floor_char_boundary(focus);
    let from = line[..focus].char_indices().rev().take(width / 3).last().map_or(focus, |(at, _)| at);
    let to = line[from..].char_indices().nth(width).map_or(line.len(), |(at, _)| from + at);
    from..to
}

/// Appends the window of a line and tells each point (a byte of the line) where it came to stand.
fn push_line(text: &mut String, line: &str, window: &std::ops::Range<usize>, points: &mut [(usize, &mut usize)]) {
    if window.start > 0 {
        text.push('…');
    }
    for (_, place) in points.iter_mut() {
        **place = text.len();
    }
    for (at, character) in line[window.clone()].char_indices() {
        for (_, place) in points.iter_mut().filter(|(byte, _)| *byte >= window.start + at) {
            **place = text.len();
        }
        push_visible(text, character);
    }
    for (_, place) in points.iter_mut().filter(|(byte, _)| *byte >= window.end) {
        **place = text.len();
    }
    if window.end < line.len() {
        text.push('…');
    }
    text.push('\n');
}

/// Appends a character as a terminal may be shown it: no escapes, no switches of the writing direction.
fn push_visible(text: &mut String, character: char) {
    match character {
        '\t' => text.push_str(TAB),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => text.push('\u{fffd}'),
        control if control.is_control() => text.push('\u{fffd}'),
        plain => text.push(plain),
    }
}

/// A text as one line that is safe to print, without its end where it is longer than anyone reads.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(LONGEST_LINE));
    for character in text.chars() {
        if line.len() > LONGEST_LINE {
            line.push('…');
            break;
        }
        push_visible(&mut line, if character == '\n' { ' ' } else { character });
    }
    line
}
