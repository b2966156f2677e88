//! Blocks and their entries.

use super::Walker;
use super::doc::{Column, Doc};
use super::sequence::{Brackets, Sequence};
use crate::syntax::ast::{Block, Entry, Path, Segment};

impl<'t> Walker<'t> {
    /// `{ entries }`
    pub(super) fn block(&mut self, block: &Block) -> Sequence<'t> {
        let Block { entries, span: _ } = block;
        self.entries(entries)
    }

    fn entries(&mut self, entries: &[Entry]) -> Sequence<'t> {
        let brackets = if needs_commas(entries) { Brackets::BLOCK_WITH_COMMAS } else { Brackets::BLOCK };
        self.sequence(brackets, entries, Walker::entry)
    }

    fn entry(&mut self, entry: &Entry) -> Doc<'t> {
        match entry {
            Entry::Set { path, value } => Doc::cell(self.path(path), Column::Value, self.assigned(value)),
            Entry::Open { path, block } => {
                let key = self.path(path);
                let rest = Doc::all(vec![Doc::space(), self.block(block).group()]);
                // What is empty has no column to begin.
                if block.entries.is_empty() { Doc::all(vec![key, rest]) } else { Doc::cell(key, Column::Block, rest) }
            }
            Entry::Unset { path, span: _ } => Doc::all(vec![self.token("unset"), Doc::space(), self.path(path)]),
            Entry::Spread { value, span: _ } => Doc::all(vec![self.token("..."), self.head(value)]),
            Entry::Let(binding) => self.let_binding(binding),
            Entry::When(when) => self.when(when, Walker::entries),
            Entry::If(branches) => self.branches(branches, Walker::entries, |entry| {
                if let Entry::If(branches) = entry { Some(branches) } else { None }
            }),
            Entry::For(each) => self.each(each, Walker::entries),
            Entry::Override { path, block, span: _ } => {
                let head = [self.token("override"), Doc::space(), self.path(path), Doc::space()];
                Doc::all(head.into_iter().chain([self.block(block).group()]).collect())
            }
        }
    }

    pub(super) fn path(&mut self, path: &Path) -> Doc<'t> {
        let Path { segments: _, span } = path;
        self.place(*span)
    }
}

/// Whether a key `else` stands behind an `if`, whose branch it would be without a comma between.
fn needs_commas(entries: &[Entry]) -> bool {
    entries.windows(2).any(|pair| match pair {
        [Entry::If(_), Entry::Open { path, block: _ }] => match path.segments.first() {
            Some(Segment::Name(name)) => &*name.text == "else",
            Some(Segment::Computed(_)) | None => false,
        },
        _ => false,
    })
}
