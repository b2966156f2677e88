//! What pest found, as a syntax tree. The grammar is trusted; what it cannot say is checked here.

mod entry;
mod expr;
mod item;
mod rules;
mod string;
mod types;

use super::grammar::{Pair, Parts, Rule};
use super::patch::Patches;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};
use crate::syntax::ast::{Comment, CommentKind, Dotted, Item, Name};
use std::ops::Range;

/// How deep a tree may get. Brackets, `else if` and every operator of a chain count, so that whoever walks a tree by
/// recursion is safe.
const MAX_DEPTH: usize = 256;

/// Builds the tree of one declaration's text.
pub(super) struct Builder<'a> {
    id: FileId,
    // The whole text of the file, and the part of it that is built from.
    text: &'a str,
    range: Range<usize>,
    // How the text that pest saw differs from that part.
    patches: &'a Patches,
    // All comments of the file.
    comments: &'a [Comment],
    /// What was found wrong.
    pub(super) found: Vec<Diagnostic>,
    depth: usize,
}

impl<'a> Builder<'a> {
    /// A builder for a part of a file.
    pub(super) fn new(
        id: FileId,
        text: &'a str,
        range: Range<usize>,
        patches: &'a Patches,
        comments: &'a [Comment],
    ) -> Self {
        Builder { id, text, range, patches, comments, found: Vec::new(), depth: 0 }
    }

    /// The declarations of a `file` node.
    pub(super) fn items(&mut self, file: Pair) -> Vec<Item> {
        gather(Parts::of(file).filter_map(|pair| self.item(pair)))
    }

    fn span(&self, pair: &Pair) -> Span {
        let span = pair.as_span();
        let span = self.span_of(span.start(), span.end());
        Span::new(self.id, span.start(), self.without_trivia(span.start(), span.end()))
    }

    /// The end of a node without the spaces and the comment behind it, which pest skips before it looks for optional
    /// parts that are not there.
    fn without_trivia(&self, start: usize, end: usize) -> usize {
        let trimmed = |end: usize| start + self.text[start..end].trim_end_matches([' ', '\t', '\r', '\n']).len();
        let last = trimmed(end);
        // Only at the end of a line can a comment have been skipped.
        if !matches!(self.text.as_bytes().get(end), None | Some(b'\n' | b'\r')) {
            return last;
        }
        let comment = self.comments.partition_point(|comment| comment.span.end() < last);
        match self.comments.get(comment) {
            Some(comment) if comment.span.end() == last && comment.span.start() >= start => {
                trimmed(comment.span.start())
            }
            Some(_) | None => last,
        }
    }

    /// The place of what pest saw from `start` to `end`.
    fn span_of(&self, start: usize, end: usize) -> Span {
        let origin = |at| (self.range.start + self.patches.origin(at)).min(self.range.end);
        Span::new(self.id, origin(start), origin(end))
    }

    /// Whether a node only stands for a part that could not be parsed.
    fn is_placeholder(&self, pair: &Pair) -> bool {
        self.patches.is_placeholder(pair.as_span().start())
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Goes `levels` deeper for the time of `build`; where that is too deep, says so and gives nothing.
    fn deeper<T>(&mut self, levels: usize, at: Span, build: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth + levels > MAX_DEPTH {
            self.report(too_deep(at));
            return None;
        }
        self.depth += levels;
        let built = build(self);
        self.depth -= levels;
        Some(built)
    }

    fn name(&self, pair: &Pair) -> Name {
        Name { text: pair.as_str().into(), span: self.span(pair) }
    }

    fn dotted(&self, pair: Pair) -> Dotted {
        Dotted { span: self.span(&pair), parts: gather(Parts::of(pair).map(|part| self.name(&part))) }
    }

    /// The text of the `///` lines right above what begins with `pair`.
    fn doc(&self, pair: &Pair) -> Option<String> {
        let start = self.span(pair).start();
        let before = self.comments.partition_point(|comment| comment.span.end() <= start);
        let mut lines = Vec::new();
        let mut end = start;
        for comment in self.comments[..before].iter().rev() {
            if !self.is_blank(comment.span.end(), end) {
                break;
            }
            match comment.kind {
                CommentKind::Item => lines.push(self.comment_text(comment)),
                CommentKind::Plain => {}
                CommentKind::File => break,
            }
            end = comment.span.start();
        }
        lines.reverse();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// Whether only white space stands between two bytes of the file.
    fn is_blank(&self, start: usize, end: usize) -> bool {
        self.text.get(start..end).is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_whitespace()))
    }

    fn comment_text(&self, comment: &Comment) -> &'a str {
        comment_text(self.text.get(comment.span.start()..comment.span.end()).unwrap_or_default())
    }
}

/// Collects without room to grow: all trees of a project are in memory at once, most lists in them have one item, and a
/// `Vec` makes room for four.
fn gather<T>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut gathered: Vec<T> = items.collect();
    gathered.shrink_to_fit();
    gathered
}

/// The text of a comment without its marker and the space after it.
fn comment_text(comment: &str) -> &str {
    let text = comment.strip_prefix("///").or_else(|| comment.strip_prefix("//!")).unwrap_or(comment);
    text.strip_prefix(' ').unwrap_or(text).trim_end()
}

/// The text of the `//!` lines at the start of a file.
pub(super) fn file_doc(text: &str, comments: &[Comment], first_item: usize) -> Option<String> {
    let lines: Vec<&str> = comments
        .iter()
        .take_while(|comment| comment.span.start() < first_item)
        .filter(|comment| comment.kind == CommentKind::File)
        .map(|comment| comment_text(text.get(comment.span.start()..comment.span.end()).unwrap_or_default()))
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Something is nested deeper than the compiler goes.
pub(super) fn too_deep(at: Span) -> Diagnostic {
    Diagnostic::error(Code::TooDeep, "this is nested deeper than the compiler goes", at)
        .help("give parts of it names with `let`".to_owned())
}

/// A rule that cannot stand here, because the grammar says so.
#[cold]
fn unexpected(rule: Rule, place: &str) -> ! {
    unreachable!("the grammar has no {rule:?} in {place}")
}
