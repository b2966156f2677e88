//! Tokens, as far as the scan must tell them apart.

use super::{Opener, Scanner};
use crate::syntax::errors;

/// What the last token says of the next line.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Last {
    /// Nothing, or something after which no line goes on.
    Nothing,
    /// A word, a literal or a closing bracket.
    Value,
    /// An operator, `then`, `in`: the line goes on below.
    Operator,
    /// `=`
    Equal,
    /// `,`
    Comma,
    /// `@`
    At,
    /// `else`
    Else,
}

impl Scanner<'_> {
    /// The token at the current byte.
    pub(super) fn token(&mut self) {
        let byte = self.bytes[self.at];
        match byte {
            b'"' => self.open_string(0),
            b'#' => self.hashes(),
            b'{' => self.open(Opener::Brace),
            b'(' => self.open(Opener::Paren),
            b'[' => self.open(Opener::Square),
            b'}' | b')' | b']' => {
                self.close(char::from(byte));
                self.last = Last::Value;
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            b'0'..=b'9' => {
                self.at += self.word_length();
                self.last = Last::Value;
            }
            _ if is_control(byte) => self.control(),
            _ => self.symbol(byte),
        }
        self.end = self.at;
    }

    fn open(&mut self, opener: Opener) {
        if opener != Opener::Paren {
            self.no_attribute();
        }
        self.push(opener, self.at);
        self.at += 1;
        self.last = Last::Nothing;
    }

    fn open_string(&mut self, hashes: usize) {
        self.no_attribute();
        let quotes = self.at + hashes;
        let block = self.bytes[quotes..].starts_with(b"\"\"\"");
        self.push(Opener::Text { hashes, block }, self.at);
        self.at = quotes + if block { 3 } else { 1 };
        self.last = Last::Value;
    }

    fn hashes(&mut self) {
        let hashes = self.bytes[self.at..].iter().take_while(|byte| **byte == b'#').count();
        if self.bytes.get(self.at + hashes) == Some(&b'"') {
            self.open_string(hashes);
        } else {
            self.at += hashes;
            self.last = Last::Nothing;
        }
    }

    fn word_length(&self) -> usize {
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let rest = &self.bytes[self.at..];
        let mut length = 0;
        loop {
            length += rest[length..].iter().take_while(|byte| part(byte)).count();
            if rest.get(length) != Some(&b'-') || !rest.get(length + 1).is_some_and(part) {
                return length;
            }
            length += 1;
        }
    }

    fn word(&mut self) {
        let start = self.at;
        self.at += self.word_length();
        if self.last != Last::At {
            self.no_attribute();
        }
        self.last = match &self.text[start..self.at] {
            "then" | "in" => Last::Operator,
            "else" => Last::Else,
            "if" | "for" if self.last != Last::Else => {
                self.count_word(start);
                Last::Value
            }
            _ => Last::Value,
        };
    }

    /// The declaration has more than attributes by now.
    fn no_attribute(&mut self) {
        if let (true, Some(declaration)) = (self.frames.is_empty(), self.scan.declarations.last_mut()) {
            declaration.attributes = false;
        }
    }

    fn symbol(&mut self, byte: u8) {
        let next = self.bytes.get(self.at + 1).copied();
        if byte != b'@' {
            self.no_attribute();
        }
        let (length, last) = match (byte, next) {
            (b'=' | b'!' | b'<' | b'>', Some(b'=')) | (b'=' | b'-', Some(b'>')) => (2, Last::Operator),
            (b'=', _) => {
                self.equal(self.at + 1);
                (1, Last::Equal)
            }
            // Without a space before it, it belongs to a type: `T??`.
            (b'?', Some(b'?')) if self.bytes[..self.at].last().is_none_or(u8::is_ascii_whitespace) => {
                (2, Last::Operator)
            }
            (b'?', _) => (1, Last::Value),
            (b'<' | b'>' | b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b':', _) => (1, Last::Operator),
            (b',', _) => {
                self.separate(self.at + 1);
                (1, Last::Comma)
            }
            (b'@', _) => (1, Last::At),
            _ => (self.text[self.at..].chars().next().map_or(1, char::len_utf8), Last::Nothing),
        };
        self.at += length;
        self.last = last;
    }

    /// Reports a control character, once a line.
    fn control(&mut self) {
        let at = self.at;
        self.at += 1;
        self.last = Last::Nothing;
        let Some(declaration) = self.scan.declarations.last_mut() else { return };
        match declaration.faults.last_mut() {
            Some(fault) if *fault >= self.line_start => *fault = at,
            Some(_) | None => self.report(errors::control_character(self.bytes[at], self.span(at, at + 1)), at),
        }
    }

    /// The text of a string, up to its end, its line's end or an interpolation.
    pub(super) fn string_text(&mut self) {
        let Some(Opener::Text { hashes, block }) = self.frames.last().map(|frame| frame.opener) else { return };
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\n' if self.one_line_strings > 0 => return self.unterminated(),
                b'\n' => {
                    self.at += 1;
                    self.line_start = self.at;
                }
                b'"' => {
                    let quotes = if block { 3 } else { 1 };
                    if self.bytes[self.at..].starts_with(&b"\"\"\""[..quotes])
                        && self.hashes_at(self.at + quotes, hashes)
                    {
                        self.at += quotes + hashes;
                        self.pop(self.at);
                        self.last = Last::Value;
                        self.end = self.at;
                        return;
                    }
                    self.at += 1;
                }
                b'\\' => {
                    let bracket = self.at + 1 + hashes;
                    if self.hashes_at(self.at + 1, hashes) && self.bytes.get(bracket) == Some(&b'(') {
                        self.push(Opener::Interpolation, bracket);
                        self.at = bracket + 1;
                        self.last = Last::Nothing;
                        return;
                    }
                    let escaped = hashes == 0 && matches!(self.bytes.get(self.at + 1), Some(b'\\' | b'"'));
                    self.at += 1 + usize::from(escaped);
                }
                _ if is_control(byte) => {
                    self.control();
                }
                _ => self.at += 1,
            }
        }
    }

    fn hashes_at(&self, at: usize, hashes: usize) -> bool {
        self.bytes.get(at..at + hashes).is_some_and(|text| text.iter().all(|byte| *byte == b'#'))
    }

    /// Whether the line that begins at the current byte goes on with what stands above it.
    pub(super) fn continues(&self) -> bool {
        let rest = &self.bytes[self.at..];
        let above = match self.last {
            Last::Comma => true,
            // Where a value is missing at the end of a line, the next setting is no part of it.
            Last::Operator | Last::Equal | Last::Else => !self.is_setting(),
            Last::Nothing | Last::Value | Last::At => false,
        };
        let attributes = || self.scan.declarations.last().is_some_and(|declaration| declaration.attributes);
        above
            || [&b"??"[..], b"&&", b"|"].iter().any(|operator| rest.starts_with(operator))
            || matches!(&rest[..self.word_length()], b"then" | b"else")
            || (self.frames.is_empty() && attributes())
    }

    /// Whether what begins at the current byte can be no value: a path with `=` after it, or with `{` where that cannot
    /// be the block behind a condition, or two words.
    fn is_setting(&self) -> bool {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(byte)).count();
        if length == 0 || matches!(&rest[..length], b"match" | b"if" | b"for") {
            return false;
        }
        let after = &rest[length..];
        let blank = after.iter().take_while(|byte| b" \t".contains(byte)).count();
        match after[blank..] {
            [b'=', b'=' | b'>', ..] => false,
            [b'=', ..] => true,
            [b'{', ..] => self.last == Last::Equal,
            // Two words side by side begin a declaration or an entry, unless one of them belongs to a value.
            [b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] if blank > 0 => {
                let word = after[blank..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
                !matches!(&after[blank..blank + word], b"in" | b"then" | b"else" | b"if" | b"as")
            }
            _ => false,
        }
    }
}

/// Characters below space that are no white space.
fn is_control(byte: u8) -> bool {
    byte == 0x7f || (byte < 0x20 && !byte.is_ascii_whitespace()) || byte == 0x0c
}
