//! The text as a row of tokens, with the comments and empty lines between them.
//!
//! Whoever lays out a tree takes every token from here, in the order of the text. So no comment can be lost, and what
//! the tree does not keep (parentheses, the spelling of numbers and strings) comes from the text.

use crate::source::Span;
use crate::syntax::ast::Comment;

/// A comment between two tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Remark<'t> {
    /// The text with its marker.
    pub(super) text: &'t str,
    /// Whether it stands on the line of the token before it.
    pub(super) trailing: bool,
    /// Whether an empty line stands above.
    pub(super) after_empty: bool,
}

/// What stands between the last token and the next one.
#[derive(Debug, Default)]
pub(super) struct Gap<'t> {
    /// The comments that were not taken yet.
    pub(super) remarks: Vec<Remark<'t>>,
    /// Whether the line of the last token ends before anything else.
    pub(super) line_end: bool,
    /// Whether an empty line stands above the next token.
    pub(super) after_empty: bool,
}

/// A place in the text.
pub(super) struct Reader<'t> {
    text: &'t str,
    comments: &'t [Comment],
    /// Where the next token begins.
    pub(super) ahead: usize,
    /// What stands before it.
    pub(super) gap: Gap<'t>,
}

impl<'t> Reader<'t> {
    /// Before the first token.
    pub(super) fn new(text: &'t str, comments: &'t [Comment]) -> Reader<'t> {
        let mut reader = Reader { text, comments, ahead: 0, gap: Gap::default() };
        // A byte order mark is no token.
        reader.skip(text.len() - text.trim_start_matches('\u{feff}').len());
        for remark in &mut reader.gap.remarks {
            // There is no token that the first comment could stand behind.
            remark.trailing = false;
        }
        reader
    }

    /// The text from the next token on.
    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.ahead..]
    }

    /// The text from a place on.
    pub(super) fn after(&self, end: usize) -> &'t str {
        &self.text[end..]
    }

    /// The text of a place.
    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        &self.text[start..end]
    }

    /// Takes the next token, which is `token`.
    ///
    /// # Panics
    ///
    /// Where it is another one: then the tree is walked in another order than that of the text, and going on would
    /// change the meaning of what is written.
    pub(super) fn token(&mut self, token: &str) {
        assert!(self.rest().starts_with(token), "`{token}` comes next in the text as in the tree");
        self.skip(self.ahead + token.len());
    }

    /// Takes everything up to `end`, which is behind the next token.
    ///
    /// # Panics
    ///
    /// As [`Reader::token`].
    pub(super) fn take(&mut self, end: usize) -> &'t str {
        assert!(self.ahead < end, "what the tree names next is not yet behind us");
        let text = self.slice(self.ahead, end);
        self.skip(end);
        text
    }

    /// Takes the text of a place, which comes next.
    ///
    /// # Panics
    ///
    /// As [`Reader::token`].
    pub(super) fn place(&mut self, span: Span) -> &'t str {
        assert_eq!(self.ahead, span.start(), "places come in the order of the text");
        self.take(span.end())
    }

    /// Takes a name, a number or a keyword.
    pub(super) fn word(&mut self) -> &'t str {
        let part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let rest = self.rest().as_bytes();
        let mut length = 0;
        while part(rest.get(length)) || rest.get(length) == Some(&b'-') && part(rest.get(length + 1)) {
            length += 1;
        }
        self.take(self.ahead + length)
    }

    /// The end of what stands in `parentheses` pairs of parentheses, of which the last one ends at `end`.
    pub(super) fn inside(&self, mut end: usize, parentheses: usize) -> usize {
        for _ in 0..parentheses {
            end = self.trimmed(end).saturating_sub(1);
        }
        self.trimmed(end)
    }

    /// A place without the white space and the comments before it.
    fn trimmed(&self, mut end: usize) -> usize {
        loop {
            end = self.text[..end].trim_end_matches([' ', '\t', '\r', '\n']).len();
            // The trimmed spaces may have been the end of a comment.
            let before = self.comments.partition_point(|comment| comment.span.start() < end);
            match self.comments[..before].last() {
                Some(comment) if comment.span.end() >= end => end = comment.span.start(),
                Some(_) | None => return end,
            }
        }
    }

    /// Goes behind a token and what follows it that is no token. Commas only separate; what is printed has its own.
    fn skip(&mut self, end: usize) {
        let bytes = self.text.as_bytes();
        let mut at = end;
        let mut line_ends = 0;
        let mut gap = Gap::default();
        let passed = self.comments.partition_point(|comment| comment.span.start() < end);
        let mut comments = self.comments[passed..].iter().peekable();
        loop {
            match bytes.get(at) {
                Some(b'\n') => line_ends += 1,
                Some(b' ' | b'\t' | b'\r' | b',') => {}
                _ => match comments.next_if(|comment| comment.span.start() == at) {
                    Some(comment) => {
                        let text = self.text[at..comment.span.end()].trim_end();
                        let trailing = line_ends == 0;
                        gap.remarks.push(Remark { text, trailing, after_empty: line_ends > 1 });
                        at = comment.span.end();
                        line_ends = 0;
                        continue;
                    }
                    None => break,
                },
            }
            gap.line_end |= gap.remarks.is_empty() && line_ends > 0;
            at += 1;
        }
        self.comments = &self.comments[passed..];
        self.ahead = at;
        gap.after_empty = line_ends > 1;
        self.gap = gap;
    }
}
