//! What pest found, as a syntax tree. The grammar is trusted; what it cannot say is checked here.

mod entry;
mod expr;
mod item;
mod string;
mod types;

use super::grammar::{Pair, Parts, Rule};
use super::patch::Patches;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};
use crate::syntax::ast::{Comment, CommentKind, Dotted, File, Item, Name};

/// How deep a tree may get. Brackets, `else if` and every operator of a chain count, so that whoever walks a tree by
/// recursion is safe.
const MAX_DEPTH: usize = 256;

/// Builds the tree of one declaration's text.
pub(super) struct Builder<'a> {
    /// The file.
    pub(super) id: FileId,
    /// Where the text begins in the file.
    pub(super) base: usize,
    /// The text as it stands in the file.
    pub(super) text: &'a str,
    /// How the text that pest saw differs from it.
    pub(super) patches: &'a Patches,
    /// All comments of the file.
    pub(super) comments: &'a [Comment],
    /// What was found wrong.
    pub(super) found: Vec<Diagnostic>,
    depth: usize,
}

impl<'a> Builder<'a> {
    /// A builder for the part of a file that begins at byte `base`.
    pub(super) fn new(id: FileId, base: usize, text: &'a str, patches: &'a Patches, comments: &'a [Comment]) -> Self {
        Builder { id, base, text, patches, comments, found: Vec::new(), depth: 0 }
    }

    /// The declarations of a `file` node.
    pub(super) fn items(&mut self, file: Pair) -> Vec<Item> {
        Parts::of(file).filter_map(|pair| self.item(pair)).collect()
    }

    fn span(&self, pair: &Pair) -> Span {
        let span = pair.as_span();
        self.span_of(span.start(), span.end())
    }

    /// The place of what pest saw from `start` to `end`.
    fn span_of(&self, start: usize, end: usize) -> Span {
        let origin = |at| self.base + self.patches.origin(at).min(self.text.len());
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
        Dotted { span: self.span(&pair), parts: Parts::of(pair).map(|part| self.name(&part)).collect() }
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

    /// Whether only white space stands between two bytes of the file. What lies before this text belongs to nobody else:
    /// between two declarations there are only comments.
    fn is_blank(&self, start: usize, end: usize) -> bool {
        let within = |at: usize| at.saturating_sub(self.base);
        self.text.get(within(start)..within(end)).is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_whitespace()))
    }

    fn comment_text(&self, comment: &Comment) -> &'a str {
        let within = |at: usize| at.saturating_sub(self.base);
        comment_text(self.text.get(within(comment.span.start())..within(comment.span.end())).unwrap_or_default())
    }
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

/// A file without declarations.
pub(super) fn file(id: FileId, doc: Option<String>, items: Vec<Item>, comments: Vec<Comment>) -> File {
    File { id, doc, items, comments }
}

/// A rule that cannot stand here, because the grammar says so.
#[cold]
fn unexpected(rule: Rule, place: &str) -> ! {
    unreachable!("the grammar has no {rule:?} in {place}")
}
