//! The one layout of `.flink` files: text in, text out.
//!
//! The tree is walked in the order of the text (`item`, `entry`, `expr`, `types`), and every token is taken from the text
//! itself (`reader`), so that no comment is lost and nothing is spelt anew. What comes of it is a text that may be laid
//! out in several ways (`doc`); that becomes lines (`page`), and neighbouring lines become columns (`columns`).
//!
//! What the author decides: where one empty line stands, and whether a block or a list is written over several lines
//! although it would fit on one, by a line end behind its opening bracket.

mod columns;
mod comment;
mod doc;
mod entry;
mod expr;
mod item;
mod page;
mod reader;
mod rules;
mod sequence;
mod string;
mod types;

use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, Dotted, Name};
use crate::syntax::parse;
use doc::Doc;
use page::Line;
use reader::{Reader, Remark};

/// Lays out the text of a file. The result parses to the same tree, has the same comments in the same places, and is
/// its own layout.
///
/// # Errors
///
/// What is wrong with the text, where it does not parse.
pub fn format(id: FileId, text: &str) -> Result<String, Diagnostics> {
    let mut sink = Diagnostics::default();
    let file = parse(id, text, &mut sink);
    if sink.has_errors() {
        return Err(sink);
    }
    Ok(columns::text(Walker { reader: Reader::new(text, &file.comments) }.file(&file)))
}

/// Walks the tree in the order of the text.
struct Walker<'t> {
    reader: Reader<'t>,
}

impl<'t> Walker<'t> {
    /// The lines of the whole file. A declaration of several lines has an empty line above and below.
    fn file(mut self, file: &ast::File) -> Vec<Line> {
        let ast::File { id: _, doc: _, items, comments: _ } = file;
        let mut lines: Vec<Line> = Vec::new();
        let mut was_long = false;
        for item in items {
            let separated = self.reader.gap.after_empty;
            let above = self.remarks_above(&mut lines);
            let mut declaration = page::lines(&self.item(item));
            let is_long = declaration.len() > 1;
            let first = above.start;
            if let Some(line) = declaration.first_mut() {
                line.after_empty = separated && !lines.is_empty();
            }
            lines.append(&mut declaration);
            // What separates it may as well stand between the comments above it.
            let gap = first..above.end + 1;
            if (was_long || is_long) && first > 0 && !lines[gap].iter().any(|line| line.after_empty) {
                lines[first].after_empty = true;
            }
            was_long = is_long;
        }
        self.remarks_above(&mut lines);
        lines
    }

    /// The comments before the next declaration, each on its line, but for one behind the last line. Gives their lines.
    fn remarks_above(&mut self, lines: &mut Vec<Line>) -> std::ops::Range<usize> {
        let first = lines.len();
        for Remark { text, trailing, after_empty } in std::mem::take(&mut self.reader.gap.remarks) {
            match lines.last_mut() {
                Some(line) if trailing && line.comment.is_none() => line.comment = Some(text.to_owned()),
                Some(_) | None => {
                    let after_empty = after_empty && !lines.is_empty();
                    lines.push(Line { text: text.to_owned(), after_empty, ..Line::default() });
                }
            }
        }
        first..lines.len()
    }

    /// A token after the comments before it.
    fn token(&mut self, token: &'static str) -> Doc<'t> {
        let comments = self.comments();
        self.reader.token(token);
        with(comments, Doc::text(token))
    }

    /// A place as it is written, after the comments before it.
    fn place(&mut self, span: Span) -> Doc<'t> {
        let comments = self.comments();
        let text = self.reader.place(span);
        with(comments, written(text))
    }

    /// A name, a number or a keyword, whichever comes next.
    fn word(&mut self) -> Doc<'t> {
        let comments = self.comments();
        with(comments, Doc::text(self.reader.word()))
    }

    fn name(&mut self, name: &Name) -> Doc<'t> {
        let Name { text: _, span } = name;
        self.place(*span)
    }

    fn dotted(&mut self, name: &Dotted) -> Doc<'t> {
        let Dotted { parts: _, span } = name;
        self.place(*span)
    }

    /// Names with commas, over several lines where they are many.
    fn names(&mut self, names: &[Name]) -> Doc<'t> {
        self.listed(names, Walker::name)
    }

    /// Anything with commas between, after which lines may end.
    fn listed<T>(&mut self, all: &[T], mut each: impl FnMut(&mut Self, &T) -> Doc<'t>) -> Doc<'t> {
        let mut docs = Vec::new();
        for (index, one) in all.iter().enumerate() {
            if index > 0 {
                docs.extend([Doc::text(","), Doc::line()]);
            }
            docs.push(each(self, one));
        }
        Doc::all(docs).indent().group()
    }
}

/// Comments, where there are any, and what stands behind them.
fn with<'t>(comments: Option<Doc<'t>>, doc: Doc<'t>) -> Doc<'t> {
    match comments {
        Some(comments) => Doc::all(vec![comments, doc]),
        None => doc,
    }
}

/// Text as the author wrote it.
fn written(text: &str) -> Doc<'_> {
    if text.contains('\n') { Doc::verbatim(text) } else { Doc::text(text) }
}
