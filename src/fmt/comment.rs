//! Comments, in the places where they stand.

use super::Walker;
use super::doc::Doc;
use super::reader::Remark;

impl<'t> Walker<'t> {
    /// Whether comments stand before the next token.
    pub(super) fn has_comments(&self) -> bool {
        !self.reader.gap.remarks.is_empty()
    }

    /// The comments before the next token, within something. A line ends behind each, as it does in the text: so what
    /// comes next can begin a line.
    pub(super) fn comments(&mut self) -> Option<Doc<'t>> {
        if !self.has_comments() {
            return None;
        }
        let mut docs = Vec::new();
        for Remark { text, trailing, after_empty: _ } in std::mem::take(&mut self.reader.gap.remarks) {
            if trailing {
                docs.push(Doc::trailing(text));
            } else {
                docs.extend([Doc::line_end(), Doc::text(text)]);
            }
            docs.push(Doc::line_end());
        }
        Some(Doc::all(docs))
    }

    /// The comments and the empty line before the next of several parts. Nothing is empty above the first.
    pub(super) fn comments_between(&mut self, mut is_first: bool) -> Doc<'t> {
        let mut docs = Vec::new();
        for Remark { text, trailing, after_empty } in std::mem::take(&mut self.reader.gap.remarks) {
            if trailing {
                docs.push(Doc::trailing(text));
            } else {
                let above = if after_empty && !is_first { Doc::empty_line() } else { Doc::line_end() };
                docs.extend([above, Doc::text(text)]);
                is_first = false;
            }
            docs.push(Doc::line_end());
        }
        if self.reader.gap.after_empty && !is_first {
            docs.push(Doc::empty_line());
        }
        Doc::all(docs)
    }

    /// The comments before a closing bracket, below which nothing is empty.
    pub(super) fn comments_at_end(&mut self, is_first: bool) -> Doc<'t> {
        self.reader.gap.after_empty = false;
        self.comments_between(is_first)
    }
}
