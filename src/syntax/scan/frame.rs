//! What is open while the text is scanned, and what it enclosed.

use super::{Detail, MAX_NESTING, Scanner};
use crate::syntax::errors;
use std::ops::Range;

/// What opened a frame.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Opener {
    Brace,
    Paren,
    Square,
    /// `\(` in a string.
    Interpolation,
    /// Quotes, with `#` before them, and whether there are three.
    Text {
        hashes: usize,
        block: bool,
    },
}

impl Opener {
    /// The bracket that closes it; none for quotes.
    pub(super) fn closer(self) -> Option<char> {
        match self {
            Opener::Brace => Some('}'),
            Opener::Paren | Opener::Interpolation => Some(')'),
            Opener::Square => Some(']'),
            Opener::Text { .. } => None,
        }
    }
}

/// Something open.
pub(super) struct Frame {
    pub(super) opener: Opener,
    pub(super) at: usize,
    // The indentation of the line that it stands in.
    indentation: usize,
    // `if` and `for` since the last separator: each may go one level deeper without a bracket.
    words: usize,
    region: usize,
}

impl Frame {
    pub(super) fn is_text(&self) -> bool {
        matches!(self.opener, Opener::Text { .. })
    }

    fn is_one_line_text(&self) -> bool {
        matches!(self.opener, Opener::Text { block: false, .. })
    }
}

/// What a bracket encloses, and how it is divided.
pub(in crate::syntax) struct Region {
    /// From the bracket to its partner, both included.
    pub(in crate::syntax) range: Range<usize>,
    /// The text as a whole, which has no brackets.
    pub(in crate::syntax) is_root: bool,
    /// Whether its closing bracket is there.
    pub(in crate::syntax) is_closed: bool,
    /// Whether it is the kind of bracket that holds entries; the whole text counts as one.
    pub(in crate::syntax) holds_entries: bool,
    /// Where its parts begin, after a comma or at the first token of a line.
    pub(in crate::syntax) separators: Vec<usize>,
    /// The bytes after each `=` right inside it.
    pub(in crate::syntax) equals: Vec<usize>,
}

impl Region {
    pub(super) fn root(length: usize) -> Region {
        Region {
            range: 0..length,
            is_root: true,
            is_closed: false,
            holds_entries: true,
            separators: Vec::new(),
            equals: Vec::new(),
        }
    }
}

impl Scanner<'_> {
    /// Opens a bracket or string whose first byte is at `at`.
    pub(super) fn push(&mut self, opener: Opener, at: usize) {
        let line = &self.bytes[self.line_start..at];
        let indentation = line.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let region = self.scan.regions.len();
        let frame = Frame { opener, at, indentation, words: 0, region };
        if self.detail == Detail::Regions && !frame.is_text() {
            self.scan.regions.push(Region {
                range: at..self.bytes.len(),
                is_root: false,
                is_closed: false,
                holds_entries: opener == Opener::Brace,
                separators: Vec::new(),
                equals: Vec::new(),
            });
        }
        self.one_line_strings += usize::from(frame.is_one_line_text());
        self.frames.push(frame);
        self.measure(at);
    }

    /// Closes the innermost frame; `end` is the byte after it.
    pub(super) fn pop(&mut self, end: usize) {
        let Some(frame) = self.frames.pop() else { return };
        self.words -= frame.words;
        self.one_line_strings -= usize::from(frame.is_one_line_text());
        if let (false, Some(region)) = (frame.is_text(), self.scan.regions.get_mut(frame.region)) {
            region.range.end = end;
            region.is_closed = true;
        }
    }

    /// Notes how deep the declaration is nested by now.
    fn measure(&mut self, at: usize) {
        let depth = self.frames.len() + self.words;
        let Some(declaration) = self.scan.declarations.last_mut() else { return };
        let was_fine = !declaration.is_too_deep();
        declaration.depth = declaration.depth.max(depth);
        if was_fine && depth > MAX_NESTING {
            let span = self.span(at, at + 1);
            self.report(errors::nested_too_deep(span), at);
        }
    }

    /// An `if` or `for`.
    pub(super) fn count_word(&mut self, at: usize) {
        self.words += 1;
        match self.frames.last_mut() {
            Some(frame) => frame.words += 1,
            None => self.words_outside += 1,
        }
        self.measure(at);
    }

    /// A part of the innermost bracket ends, and another begins at `at`.
    pub(super) fn separate(&mut self, at: usize) {
        let words = self.frames.last_mut().map_or(&mut self.words_outside, |frame| &mut frame.words);
        self.words -= std::mem::take(words);
        let region = self.frames.last().map_or(0, |frame| frame.region);
        if let Some(region) = self.scan.regions.get_mut(region) {
            region.separators.push(at);
        }
    }

    /// An `=` that ends at `end`.
    pub(super) fn equal(&mut self, end: usize) {
        let region = self.frames.last().map_or(0, |frame| frame.region);
        if let Some(region) = self.scan.regions.get_mut(region) {
            region.equals.push(end);
        }
    }

    /// A closing bracket at the current byte.
    pub(super) fn close(&mut self, closer: char) {
        let at = self.at;
        self.at += 1;
        let matches = |frame: &Frame| frame.opener.closer() == Some(closer);
        let above = self.frames.iter().rev().take_while(|frame| !frame.is_text()).position(matches);
        match (above, self.frames.last()) {
            (Some(0), Some(frame)) => {
                // A bracket that closes further out than the line of its partner begins seems to be meant for another.
                if self.leads && at - self.line_start < frame.indentation && self.suspect.is_none() {
                    self.suspect = Some(frame.at);
                }
                self.pop(at + 1);
            }
            (Some(above), Some(innermost)) => {
                let (opener, expected) = (innermost.at, innermost.opener.closer());
                self.report(self.mismatched(opener, expected, at), at);
                if let Some(declaration) = self.scan.declarations.last_mut() {
                    declaration.faults.push(opener);
                }
                for _ in 0..=above {
                    self.pop(at + 1);
                }
            }
            // On one line, the wrong bracket is likelier than two mistakes.
            (None, Some(innermost)) if !innermost.is_text() && innermost.at >= self.line_start => {
                let (opener, expected) = (innermost.at, innermost.opener.closer());
                self.report(self.mismatched(opener, expected, at), at);
                self.pop(at + 1);
            }
            (None, _) | (_, None) => {
                self.report(errors::stray_closer(closer, self.span(at, at + 1)), at);
                if let Some(declaration) = self.scan.declarations.last_mut() {
                    declaration.strays.push(at);
                }
            }
        }
    }

    fn mismatched(&self, opener: usize, expected: Option<char>, at: usize) -> crate::diagnostic::Diagnostic {
        let found = &self.text[at..=at];
        let opener = self.span(opener, opener + 1);
        errors::mismatched(expected.unwrap_or(' '), found, opener, self.span(at, at + 1))
    }

    /// A string whose line ends before it does. Brackets at the end of the line are taken to be meant as such.
    pub(super) fn unterminated(&mut self) {
        let in_text = self.frames.last().is_some_and(Frame::is_text);
        let Some(index) = self.frames.iter().position(Frame::is_one_line_text) else { return };
        let quote = self.frames[index].at;
        while self.frames.len() > index {
            self.pop(self.at);
        }
        let quotes = self.bytes[quote..].iter().take_while(|byte| **byte == b'#').count() + 1;
        self.report(errors::unterminated_string(self.span(quote, quote + quotes)), quote);
        if in_text {
            self.at = self.closing_run(quote + quotes);
        }
        self.last = super::token::Last::Value;
        self.end = self.at;
    }

    /// Where the brackets at the end of the line begin that close what is open; else the end of the line.
    fn closing_run(&self, after: usize) -> usize {
        let line = &self.bytes[after..self.at];
        let tail = line.iter().rev().take_while(|byte| b")]}, \t\r".contains(byte)).count();
        let run = &line[line.len() - tail..];
        let closers = run.iter().filter(|byte| b")]}".contains(byte)).map(|byte| char::from(*byte));
        let open = self.frames.iter().rev().map(|frame| frame.opener.closer());
        let count = run.iter().filter(|byte| b")]}".contains(byte)).count();
        let fits = count <= self.frames.len() && closers.zip(open).all(|(closer, open)| open == Some(closer));
        if fits { self.at - tail } else { self.at }
    }
}
