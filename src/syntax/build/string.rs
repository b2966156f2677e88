//! Strings: escapes, interpolation, and the indentation of blocks.

use super::Builder;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, StringPart};
use crate::syntax::grammar::{Pair, Parts, Rule};
use std::borrow::Cow;

/// A piece of a string before the indentation is taken off.
enum Piece<'i> {
    /// Text as written, in which line ends are the string's own.
    Source(Cow<'i, str>, usize),
    /// What an escape stands for.
    Escaped(Option<char>),
    /// `\(…)`
    Value(Expr),
}

impl Builder<'_> {
    /// A string as a value.
    pub(super) fn string(&mut self, pair: Pair) -> Expr {
        let span = self.span(&pair);
        Expr { kind: ExprKind::String(self.string_parts(pair)), span }
    }

    /// The parts of a string: adjacent texts are one.
    pub(super) fn string_parts(&mut self, pair: Pair) -> Vec<StringPart> {
        let rule = pair.as_rule();
        let span = self.span(&pair);
        let mut pieces: Vec<Piece> = Parts::of(pair).map(|part| self.piece(part)).collect();
        if matches!(rule, Rule::block_string | Rule::raw_block_string) {
            self.strip_indentation(&mut pieces, span);
        }
        merge(pieces)
    }

    fn piece<'i>(&mut self, pair: Pair<'i>) -> Piece<'i> {
        match pair.as_rule() {
            Rule::interpolation | Rule::raw_interpolation => Piece::Value(self.expr(Parts::of(pair).must())),
            Rule::escape => {
                let at = self.span(&pair);
                Piece::Escaped(self.escape(pair.as_str(), at))
            }
            _ => Piece::Source(Cow::Borrowed(pair.as_str()), pair.as_span().start()),
        }
    }

    /// The character of an escape; none for a line end, which joins two lines, and for a bad escape.
    fn escape(&mut self, text: &str, at: Span) -> Option<char> {
        let mut characters = text.chars().skip(1);
        match characters.next() {
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            Some('r') => Some('\r'),
            Some('0') => Some('\0'),
            Some(same @ ('"' | '\\')) => Some(same),
            Some('\n' | '\r') => None,
            Some('u') if text.starts_with("\\u{") => {
                let digits = text.trim_start_matches("\\u{").trim_end_matches('}');
                let character = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                if character.is_none() || digits.starts_with('+') {
                    self.report(bad_code_point(digits, at));
                }
                character
            }
            _ => {
                self.report(bad_escape(text, at));
                None
            }
        }
    }

    /// Takes the line end after the opening quotes, the one before the closing quotes, and the closing quotes'
    /// indentation off the text of a block. Quotes in the line of the text leave it as it is.
    fn strip_indentation(&mut self, pieces: &mut [Piece], span: Span) {
        let opens = match pieces.first() {
            Some(Piece::Source(text, _)) => text.split_once('\n').is_some_and(|(first, _)| is_blank(first)),
            Some(Piece::Escaped(_) | Piece::Value(_)) | None => false,
        };
        if !opens {
            return;
        }
        let closing = match pieces.last() {
            Some(Piece::Source(text, _)) => text.rsplit_once('\n').map(|(_, last)| last).filter(|last| is_blank(last)),
            Some(Piece::Escaped(_) | Piece::Value(_)) | None => None,
        };
        let Some(indentation) = closing.map(str::to_owned) else {
            self.report(closing_quotes(span));
            return;
        };
        let count = pieces.len();
        let mut joined = false;
        for (index, piece) in pieces.iter_mut().enumerate() {
            let joins = matches!(piece, Piece::Escaped(None));
            if let Piece::Source(text, at) = piece {
                let place = Lines { first: index == 0, last: index + 1 == count, joined };
                *text = Cow::Owned(self.strip_lines(text, *at, &indentation, place));
            }
            joined = joins;
        }
    }

    fn strip_lines(&mut self, text: &str, at: usize, indentation: &str, place: Lines) -> String {
        let count = text.split('\n').count();
        let mut kept = Vec::with_capacity(count);
        let mut start = at;
        for (index, line) in text.split('\n').enumerate() {
            let opening = place.first && index == 0;
            let closing = place.last && index + 1 == count;
            let begins = index > 0 || place.joined;
            let content = line.strip_suffix('\r').filter(|_| index + 1 < count).unwrap_or(line);
            if !begins && !opening {
                kept.push(content);
            } else if let (false, Some(rest)) = (opening || closing, content.strip_prefix(indentation)) {
                kept.push(rest);
            } else if !opening && !closing {
                if !is_blank(content) {
                    let indented = content.len() - content.trim_start().len();
                    let span = self.span_of(start, start + indented.max(1).min(content.len()));
                    self.report(less_indented(span));
                }
                kept.push(content.trim_start());
            }
            start += line.len() + 1;
        }
        kept.join("\n")
    }
}

/// Where a piece of text stands in its block.
#[derive(Clone, Copy)]
struct Lines {
    /// Right after the opening quotes.
    first: bool,
    /// Right before the closing quotes.
    last: bool,
    /// After a line end that a backslash took away.
    joined: bool,
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_whitespace())
}

fn merge(pieces: Vec<Piece>) -> Vec<StringPart> {
    let mut parts = Vec::new();
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Source(source, _) => text.push_str(&source),
            Piece::Escaped(character) => text.extend(character),
            Piece::Value(value) => {
                if !text.is_empty() {
                    parts.push(StringPart::Text(std::mem::take(&mut text).into()));
                }
                parts.push(StringPart::Value(value));
            }
        }
    }
    if !text.is_empty() {
        parts.push(StringPart::Text(text.into()));
    }
    parts
}

/// A string with interpolation stands where its text must be known.
pub(super) fn not_constant(what: &str, at: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, format!("{what} cannot be computed"), at)
        .help("write it without `\\(…)`".to_owned())
}

fn bad_escape(text: &str, at: Span) -> Diagnostic {
    Diagnostic::error(
        Code::Syntax,
        format!("`{}` is no escape", text.escape_debug().to_string().replace("\\\\", "\\")),
        at,
    )
    .help(r"for a backslash write `\\`; escapes are `\n`, `\t`, `\r`, `\0`, `\u{…}`, the quote and `\(…)`".to_owned())
}

fn bad_code_point(digits: &str, at: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, format!("`{digits}` is not the hexadecimal number of a character"), at)
        .help(r"write it like `\u{1F600}`".to_owned())
}

fn closing_quotes(at: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, "the closing quotes of a block of text stand on a line of their own", at)
        .help("their indentation is what is taken off every line".to_owned())
}

fn less_indented(at: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, "this line is indented less than the closing quotes of its block of text", at)
        .help("indent it like them, with the same tabs or spaces".to_owned())
}
