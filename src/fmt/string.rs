//! Strings, which are kept as they are written; only blocks of text move with what stands around them.

use super::Walker;
use super::doc::Doc;
use crate::syntax::ast::{Expr, StringPart};

impl<'t> Walker<'t> {
    /// A string that stands in a number of parentheses, without them.
    pub(super) fn string(&mut self, expr: &Expr, parts: &[StringPart], parentheses: usize) -> Doc<'t> {
        let comments = self.comments();
        let movable = parts.iter().all(|part| self.is_on_one_line(part));
        let end = self.reader.inside(expr.span.end(), parentheses);
        let text = self.reader.take(end);
        let doc = match text_block(text) {
            Some(lines) if movable => Doc::text_block(lines),
            Some(_) | None => super::written(text),
        };
        super::with(comments, doc)
    }

    /// Whether no line ends between the brackets of an interpolation: what stands there is not the string's own text.
    fn is_on_one_line(&self, part: &StringPart) -> bool {
        match part {
            StringPart::Text(_) => true,
            StringPart::Value(value) => {
                let (start, end) = (value.span.start(), value.span.end());
                let is_space = |character: char| matches!(character, ' ' | '\t');
                // The interpolation lies in the string, which is what comes next.
                let before = self.reader.slice(self.reader.ahead, start).trim_end_matches(is_space);
                let after = self.reader.after(end).trim_start_matches(is_space);
                before.ends_with('(') && after.starts_with(')') && !self.reader.slice(start, end).contains('\n')
            }
        }
    }
}

/// The lines of a string that begins and ends on lines of its own, without their indentation, which is that of the
/// closing quotes; none for any other string.
fn text_block(text: &str) -> Option<Vec<&str>> {
    let hashes = text.len() - text.trim_start_matches('#').len();
    let (opening, rest) = text.split_once('\n')?;
    let quotes = hashes + 3;
    if !opening.get(hashes..).is_some_and(|text| text.starts_with("\"\"\"")) || !is_blank(&opening[quotes..]) {
        return None;
    }
    let closing = rest.rsplit('\n').next()?;
    let indentation = &closing[..closing.len().checked_sub(quotes)?];
    if !is_blank(indentation) {
        return None;
    }
    let mut lines = vec![&opening[..quotes]];
    for line in rest.split('\n') {
        let content = line.strip_suffix('\r').unwrap_or(line);
        match content.strip_prefix(indentation) {
            Some(content) => lines.push(content),
            None if is_blank(content) => lines.push(""),
            None => return None,
        }
    }
    Some(lines)
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_whitespace())
}
