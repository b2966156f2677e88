//! What stands in brackets, one below the other or on one line.

use super::Walker;
use super::doc::{Doc, Hug};

/// Brackets, and how what they hold is separated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Brackets {
    open: &'static str,
    close: &'static str,
    /// Inside the brackets on one line.
    padding: Padding,
    /// Behind each part on a line of its own.
    separator: &'static str,
    /// Whether a line end that the author put behind the opening bracket stays.
    line_end: LineEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Padding {
    None,
    Space,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineEnd {
    Stays,
    WhereNeeded,
}

impl Brackets {
    /// `{ a = 1, b = 2 }`; nothing at the ends of lines
    pub(super) const BLOCK: Brackets =
        Brackets { open: "{", close: "}", padding: Padding::Space, separator: "", line_end: LineEnd::Stays };
    /// As a block, but with commas at the ends of lines, where without them two parts would be one.
    pub(super) const BLOCK_WITH_COMMAS: Brackets = Brackets { separator: ",", ..Brackets::BLOCK };
    /// `[1, 2]`
    pub(super) const LIST: Brackets =
        Brackets { open: "[", close: "]", padding: Padding::None, separator: ",", line_end: LineEnd::Stays };
    /// `(a, b)`
    pub(super) const ARGUMENTS: Brackets =
        Brackets { open: "(", close: ")", padding: Padding::None, separator: ",", line_end: LineEnd::WhereNeeded };

    fn inside(self) -> Doc<'static> {
        match self.padding {
            Padding::None => Doc::soft_line(),
            Padding::Space => Doc::line(),
        }
    }
}

/// Brackets with what they hold, not yet a group: several of them may take their line ends together.
pub(super) struct Sequence<'t> {
    /// Up to what is hugged, or all.
    before: Doc<'t>,
    hugged: Option<Doc<'t>>,
    after: Doc<'t>,
    /// Whether it takes its line ends in any case.
    pub(super) is_broken: bool,
}

impl<'t> Sequence<'t> {
    /// With line ends where it does not fit on one line.
    pub(super) fn group(self) -> Doc<'t> {
        let Sequence { before, hugged, after, is_broken } = self;
        match hugged {
            Some(hugged) if !is_broken => Doc::hug(Hug { before, hugged, after, indented: true }),
            hugged => {
                let doc = Sequence { before, hugged, after, is_broken }.ungrouped();
                if is_broken { doc.broken() } else { doc.group() }
            }
        }
    }

    /// With the line ends of what it stands in.
    pub(super) fn ungrouped(self) -> Doc<'t> {
        let Sequence { before, hugged, after, is_broken: _ } = self;
        let hugged = hugged.map(Doc::indent);
        Doc::all([Some(before), hugged, Some(after)].into_iter().flatten().collect())
    }
}

impl<'t> Walker<'t> {
    /// Brackets around parts.
    pub(super) fn sequence<T>(
        &mut self,
        brackets: Brackets,
        parts: &[T],
        part: impl FnMut(&mut Self, &T) -> Doc<'t>,
    ) -> Sequence<'t> {
        self.sequence_with(brackets, parts, |_| None, part)
    }

    /// Brackets around parts of which one may be hugged. `hugs` is asked behind the opening bracket.
    pub(super) fn sequence_with<T>(
        &mut self,
        brackets: Brackets,
        parts: &[T],
        hugs: impl FnOnce(&Self) -> Option<usize>,
        mut part: impl FnMut(&mut Self, &T) -> Doc<'t>,
    ) -> Sequence<'t> {
        let open = self.token(brackets.open);
        let is_broken = brackets.line_end == LineEnd::Stays && self.reader.gap.line_end;
        if parts.is_empty() && !self.has_comments() {
            let after = self.token(brackets.close);
            return Sequence { before: open, hugged: None, after, is_broken: false };
        }
        let hugs = hugs(self);
        let mut hugged = None;
        let mut before = vec![open];
        let mut inner = vec![brackets.inside()];
        for (index, one) in parts.iter().enumerate() {
            if index > 0 {
                inner.extend([Doc::choice(brackets.separator, ","), Doc::line()]);
            }
            inner.push(self.comments_between(index == 0));
            let doc = part(self, one);
            if hugs == Some(index) {
                before.push(Doc::all(std::mem::take(&mut inner)).indent());
                hugged = Some(doc);
            } else {
                inner.push(doc);
            }
        }
        if !parts.is_empty() {
            inner.push(Doc::choice(brackets.separator, ""));
        }
        inner.push(self.comments_at_end(parts.is_empty()));
        let mut after = vec![Doc::all(inner).indent(), brackets.inside(), self.token(brackets.close)];
        if hugged.is_none() {
            before.append(&mut after);
        }
        Sequence { before: Doc::all(before), hugged, after: Doc::all(after), is_broken }
    }
}
