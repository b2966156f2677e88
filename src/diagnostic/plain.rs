//! Diagnostics as plain text, for logs and files.

use super::Diagnostic;
use super::excerpt::{self, Block, Mark, one_line};
use super::render::{footer, title};
use crate::source::Files;

/// Characters of a source line that are shown.
const WIDTH: usize = 160;

/// Whether a line of the source is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The line that the place is in.
    Shown,
    /// None: the reader may not be allowed to see it.
    Kept,
}

/// Appends a diagnostic: a line that says it all, the source line, the other places, help and notes.
pub(super) fn push(text: &mut String, diagnostic: &Diagnostic, files: &Files, source: Source) {
    let place = diagnostic.primary.as_ref().map(|label| format!("{}: ", one_line(&files.place(label.span))));
    text.push_str(&format!("{}: {}{}\n", title(diagnostic), place.unwrap_or_default(), one_line(&diagnostic.message)));
    for block in &excerpt::blocks(diagnostic, files, WIDTH) {
        for mark in &block.marks {
            if mark.primary {
                match source {
                    Source::Shown => push_source(text, block, mark),
                    // Without the line that it is about, a label often only repeats the message.
                    Source::Kept if diagnostic.message.contains(&mark.text) => {}
                    Source::Kept => text.push_str(&format!("  {}\n", mark.text)),
                }
            } else {
                let (line, column) = (mark.line + 1, mark.column + 1);
                text.push_str(&format!("  {}:{line}:{column}: {}\n", block.name, mark.text));
            }
        }
    }
    for (word, lines) in footer(diagnostic) {
        let mut before = format!("{word}: ");
        for line in lines.lines() {
            text.push_str(&format!("  {before}{}\n", one_line(line)));
            before = " ".repeat(before.len());
        }
    }
}

/// Appends the line that the place starts in, with carets under the place.
fn push_source(text: &mut String, block: &Block, mark: &Mark) {
    let line_start = block.text[..mark.start].rfind('\n').map_or(0, |end| end + 1);
    let line_end = block.text[mark.start..].find('\n').map_or(block.text.len(), |end| mark.start + end);
    let number = (mark.line + 1).to_string();
    let before = block.text[line_start..mark.start].chars().count();
    let under = block.text[mark.start..mark.end.min(line_end)].chars().count().max(1);
    text.push_str(&format!("  {number} | {}\n", &block.text[line_start..line_end]));
    let line = format!("  {:gutter$} | {:before$}{} {}", "", "", "^".repeat(under), mark.text, gutter = number.len());
    text.push_str(line.trim_end());
    text.push('\n');
}
