//! How the text that is parsed differs from the text as written, after mistakes were taken out of it.

use std::borrow::Cow;
use std::ops::Range;

/// Stands for a part that could not be parsed. Tree building turns it into an error node.
const PLACEHOLDER: char = '_';

/// What was taken out of a text, and what stands there instead.
#[derive(Debug, Default)]
pub(super) struct Patches {
    // Sorted, and apart from each other.
    blanks: Vec<Range<usize>>,
    // Sorted bytes of the original text before which a placeholder stands.
    placeholders: Vec<usize>,
    // Bytes of the original text, and what stands there instead.
    puts: Vec<(usize, u8)>,
    closers: String,
}

impl Patches {
    /// Closing brackets to stand at the end of the text.
    pub(super) fn close(&mut self, closers: &str) {
        self.closers.push_str(closers);
    }

    /// Takes a range out. Nothing else moves.
    pub(super) fn blank(&mut self, range: Range<usize>) {
        self.placeholders.retain(|at| !range.contains(at) && *at != range.end);
        let first = self.blanks.partition_point(|blank| blank.end < range.start);
        let last = self.blanks.partition_point(|blank| blank.start <= range.end).max(first);
        let merged = self.blanks[first..last]
            .iter()
            .fold(range, |merged, blank| merged.start.min(blank.start)..merged.end.max(blank.end));
        self.blanks.splice(first..last, [merged]);
    }

    /// Takes a range out and lets a placeholder for a value or type stand there.
    pub(super) fn replace(&mut self, range: Range<usize>) {
        let start = range.start;
        self.blank(range);
        let at = self.placeholders.partition_point(|&at| at < start);
        self.placeholders.insert(at, start);
    }

    /// Lets another character of one byte stand at a byte that is a whole character.
    pub(super) fn put(&mut self, at: usize, character: char) {
        self.puts.push((at, u8::try_from(character).unwrap_or(b' ')));
    }

    /// Takes a range of at least one byte out and lets `=` and a placeholder stand there.
    pub(super) fn set(&mut self, range: Range<usize>) {
        let start = range.start;
        self.blank(range);
        self.put(start, '=');
        let at = self.placeholders.partition_point(|&at| at < start + 1);
        self.placeholders.insert(at, start + 1);
    }

    /// Whether something was already taken out between two bytes.
    pub(super) fn touches(&self, range: &Range<usize>) -> bool {
        let next = self.blanks.partition_point(|blank| blank.end <= range.start);
        self.blanks.get(next).is_some_and(|blank| blank.start < range.end)
            || self.placeholders.binary_search(&range.start).is_ok()
    }

    /// Whether nothing but white space is left of a range of the original text.
    pub(super) fn is_blank(&self, text: &str, range: &Range<usize>) -> bool {
        let mut bytes = text.as_bytes()[range.clone()].iter().enumerate();
        bytes.all(|(index, byte)| byte.is_ascii_whitespace() || self.is_taken(range.start + index))
    }

    fn is_taken(&self, at: usize) -> bool {
        let next = self.blanks.partition_point(|blank| blank.end <= at);
        self.blanks.get(next).is_some_and(|blank| blank.start <= at)
    }

    /// The text as it is parsed.
    pub(super) fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.blanks.is_empty() && self.puts.is_empty() && self.closers.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut bytes = text.as_bytes().to_vec();
        for blank in &self.blanks {
            for byte in &mut bytes[blank.clone()] {
                // Line ends stay out too: they would separate what is left of the entry.
                *byte = b' ';
            }
        }
        for (at, byte) in &self.puts {
            bytes[*at] = *byte;
        }
        // Ranges lie on character boundaries, so what is left is still UTF-8.
        let mut patched = String::from_utf8(bytes).unwrap_or_else(|_| " ".repeat(text.len()));
        for &at in self.placeholders.iter().rev() {
            patched.insert(at, PLACEHOLDER);
        }
        patched.push_str(&self.closers);
        Cow::Owned(patched)
    }

    /// The byte of the original text for a byte of the parsed one.
    pub(super) fn origin(&self, at: usize) -> usize {
        if self.placeholders.is_empty() {
            return at;
        }
        // The placeholder with index i stands i bytes later than in the original.
        let before = (0..self.placeholders.len()).take_while(|&index| self.placeholders[index] + index < at).count();
        at - before
    }

    /// Whether a placeholder stands at a byte of the parsed text.
    pub(super) fn is_placeholder(&self, at: usize) -> bool {
        self.placeholders.iter().enumerate().any(|(index, &place)| place + index == at)
    }
}
