//! Source texts, and places in them.

use std::ops::Range;
use std::sync::Arc;

/// Names one file of a compilation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A range of bytes in one file.
///
/// Bytes, never characters or lines: the terminal and the editor each convert at their own edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file that the range lies in.
    pub file: FileId,
    // Invariant: start <= end, both on character boundaries.
    start: u32,
    end: u32,
}

impl Span {
    /// The range from `start` up to, not including, `end`.
    #[must_use]
    pub fn new(file: FileId, start: usize, end: usize) -> Span {
        let end = end.max(start);
        Span { file, start: offset(start), end: offset(end) }
    }

    /// The first byte.
    #[must_use]
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// The byte after the last.
    #[must_use]
    pub fn end(self) -> usize {
        self.end as usize
    }

    /// From the start of this range to the end of `other`, which lies in the same file.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The empty range at this range's start.
    #[must_use]
    pub fn at_start(self) -> Span {
        Span { end: self.start, ..self }
    }

    /// Whether `other` lies inside this range.
    #[must_use]
    pub fn contains(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }
}

/// Files larger than 4 GiB never reach here: the host refuses them long before.
fn offset(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}

/// One source text.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path as messages and output show it: relative, with `/`, `std/…` for the standard library.
    pub name: String,
    /// The text, without a byte order mark.
    pub text: Arc<str>,
    line_starts: Vec<u32>,
}

impl SourceFile {
    /// The line and column of a byte, both counted from 1, the column in characters.
    #[must_use]
    pub fn line_column(&self, byte: usize) -> (usize, usize) {
        let byte = byte.min(self.text.len());
        let line = self.line_starts.partition_point(|&start| start as usize <= byte);
        let start = self.line_starts[line - 1] as usize;
        let column = self.text.get(start..byte).map_or(byte - start, |before| before.chars().count());
        (line, column + 1)
    }

    /// A range with the rest of its lines, line end included, where it is all that stands in them.
    #[must_use]
    pub fn whole_lines(&self, span: Span) -> Option<Span> {
        let start = self.line_range(self.line_of(span.start())).start;
        let last = self.line_of(span.end());
        let end = self.line_starts.get(last + 1).map_or(self.text.len(), |&next| next as usize);
        let around = [self.text.get(start..span.start())?, self.text.get(span.end()..end)?];
        around.iter().all(|text| text.trim().is_empty()).then(|| Span::new(span.file, start, end))
    }

    /// How many lines there are; at least one, and one more than there are line ends.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// The line that a byte lies in, counted from 0.
    #[must_use]
    pub fn line_of(&self, byte: usize) -> usize {
        self.line_starts.partition_point(|&start| start as usize <= byte).saturating_sub(1)
    }

    /// The bytes of a line, counted from 0, without its line end; empty for a line that is not there.
    #[must_use]
    pub fn line_range(&self, line: usize) -> Range<usize> {
        let Some(&start) = self.line_starts.get(line) else {
            return self.text.len()..self.text.len();
        };
        let start = start as usize;
        let end = self.line_starts.get(line + 1).map_or(self.text.len(), |&next| next as usize - 1);
        let content = &self.text[start..end];
        start..start + content.strip_suffix('\r').unwrap_or(content).len()
    }
}

/// All texts of a compilation.
#[derive(Debug, Default, Clone)]
pub struct Files {
    files: Vec<SourceFile>,
}

impl Files {
    /// Adds a text and gives it an id.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let text = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| offset(at + 1)));
        self.files.push(SourceFile { name: name.into(), text, line_starts });
        FileId(offset(self.files.len() - 1))
    }

    /// The file of an id that this table gave out.
    #[must_use]
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter()
    }

    /// The text of a range.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).text.get(span.start()..span.end()).unwrap_or_default()
    }

    /// `file:line:column` of a range's start, as messages show it.
    #[must_use]
    pub fn place(&self, span: Span) -> String {
        let file = self.get(span.file);
        let (line, column) = file.line_column(span.start());
        format!("{}:{line}:{column}", file.name)
    }
}
