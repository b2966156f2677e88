//! One pass over the text before pest: comments, brackets, and where declarations begin.
//!
//! What concerns brackets and quotes is reported here, because only here it is known what they enclose. What is nested
//! too deep never reaches pest, which works by recursion.

mod frame;
mod token;

use super::errors;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};
use crate::syntax::ast::{Comment, CommentKind};
pub(super) use frame::Region;
use frame::{Frame, Opener};
use std::ops::Range;
use token::Last;

/// How deep brackets, and `if` and `for` without brackets around them, may be nested.
const MAX_NESTING: usize = 128;

/// What a scan found out.
pub(super) struct Scan {
    /// All comments.
    pub(super) comments: Vec<Comment>,
    /// The declarations at the top of the file.
    pub(super) declarations: Vec<Declaration>,
    /// What is wrong with brackets, quotes and characters.
    pub(super) found: Vec<Diagnostic>,
    /// The brackets and what they separate, where that was asked for.
    pub(super) regions: Vec<Region>,
}

/// A piece of the file that holds one declaration, or something that should be one. Bytes count from the scanned text.
#[derive(Debug)]
pub(super) struct Declaration {
    /// From its first token up to the next declaration.
    pub(super) range: Range<usize>,
    /// Brackets that are missing at its end.
    pub(super) closers: String,
    /// Closing brackets that close nothing.
    pub(super) strays: Vec<usize>,
    /// The places of mistakes that the scan reported.
    pub(super) faults: Vec<usize>,
    /// The deepest nesting.
    pub(super) depth: usize,
    // Only attributes so far: what they belong to may follow on the next line.
    attributes: bool,
}

impl Declaration {
    /// Whether it is nested too deep to be parsed.
    pub(super) fn is_too_deep(&self) -> bool {
        self.depth > MAX_NESTING
    }
}

/// Whether an unclosed bracket ends where the layout says that another declaration begins.
#[derive(Clone, Copy, PartialEq)]
enum Layout {
    /// Brackets alone say what belongs together.
    Ignored,
    /// A bracket is missing somewhere: a word at the start of a line begins a declaration.
    Trusted,
}

/// Whether to keep the structure for recovery.
#[derive(Clone, Copy, PartialEq)]
enum Detail {
    Declarations,
    Regions,
}

/// Finds comments, declarations and bracket mistakes.
pub(super) fn scan(id: FileId, text: &str) -> Scan {
    Scanner::new(id, text, Detail::Declarations).run()
}

/// Finds how brackets and separators divide a text.
pub(super) fn regions(id: FileId, text: &str) -> Vec<Region> {
    Scanner::new(id, text, Detail::Regions).run().regions
}

struct Scanner<'t> {
    id: FileId,
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    line_start: usize,
    // A line end stands before the next token.
    fresh_line: bool,
    // The current token is the first of its line.
    leads: bool,
    last: Last,
    // The end of the last token.
    end: usize,
    frames: Vec<Frame>,
    // `if` and `for` that are open outside of all brackets, and within any.
    words_outside: usize,
    words: usize,
    // Strings among the frames that must end on their line.
    one_line_strings: usize,
    // The bracket that seems to have no partner, judged by indentation.
    suspect: Option<usize>,
    layout: Layout,
    detail: Detail,
    scan: Scan,
}

impl<'t> Scanner<'t> {
    fn new(id: FileId, text: &'t str, detail: Detail) -> Self {
        let scan = Scan { comments: Vec::new(), declarations: Vec::new(), found: Vec::new(), regions: Vec::new() };
        Scanner {
            id,
            text,
            bytes: text.as_bytes(),
            at: if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 },
            line_start: 0,
            fresh_line: true,
            leads: true,
            last: Last::Nothing,
            end: 0,
            frames: Vec::new(),
            words_outside: 0,
            words: 0,
            one_line_strings: 0,
            suspect: None,
            layout: Layout::Ignored,
            detail,
            scan,
        }
    }

    fn run(mut self) -> Scan {
        if self.detail == Detail::Regions {
            self.scan.regions.push(Region::root(self.bytes.len()));
        }
        loop {
            while self.at < self.bytes.len() {
                if self.frames.last().is_some_and(|frame| frame.is_text()) { self.string_text() } else { self.step() }
            }
            if self.one_line_strings > 0 {
                self.unterminated();
            } else if !self.finish() {
                break;
            }
        }
        self.scan
    }

    /// What remains open at the end of the text. True where the scan goes back to find out more.
    fn finish(&mut self) -> bool {
        if let Some(frame) = self.frames.iter().find(|frame| frame.is_text()) {
            let at = frame.at;
            self.report(errors::unterminated_block(self.span(at, at + 3)), at);
        } else if !self.frames.is_empty() {
            if self.layout == Layout::Ignored && self.detail == Detail::Declarations {
                self.rewind();
                return true;
            }
            self.unclosed();
        }
        self.end_declaration(self.bytes.len());
        false
    }

    /// Back to the declaration that swallowed the rest of the file, now with an eye on the layout.
    fn rewind(&mut self) {
        let Some(declaration) = self.scan.declarations.pop() else { return };
        let start = declaration.range.start;
        self.layout = Layout::Trusted;
        self.scan.comments.truncate(self.scan.comments.partition_point(|comment| comment.span.start() < start));
        self.scan
            .found
            .retain(|diagnostic| diagnostic.primary.as_ref().is_none_or(|primary| primary.span.start() < start));
        self.forget_frames();
        self.at = start;
        self.line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        self.fresh_line = true;
        self.last = Last::Nothing;
    }

    fn forget_frames(&mut self) {
        self.frames.clear();
        self.words = 0;
        self.words_outside = 0;
        self.one_line_strings = 0;
        self.suspect = None;
    }

    /// Reports brackets that never close, and closes them.
    fn unclosed(&mut self) {
        let Some(innermost) = self.frames.last() else { return };
        let at = self.suspect.unwrap_or(innermost.at);
        let opener = self.span(at, at + 1);
        let end = self.end;
        self.report(errors::unclosed(opener, &self.text[at..=at], self.span(end, end)), end);
        let closers: String = self.frames.iter().rev().filter_map(|frame| frame.opener.closer()).collect();
        if let Some(declaration) = self.scan.declarations.last_mut() {
            declaration.closers.push_str(&closers);
            declaration.faults.push(at);
        }
        self.forget_frames();
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.id, start, end)
    }

    /// Reports a mistake at a byte of the current declaration.
    fn report(&mut self, diagnostic: Diagnostic, at: usize) {
        self.scan.found.push(diagnostic);
        if let Some(declaration) = self.scan.declarations.last_mut() {
            declaration.faults.push(at);
        }
    }

    /// Whatever comes next outside of strings: white space, a comment or a token.
    fn step(&mut self) {
        match self.bytes[self.at] {
            b'\n' => self.line_end(),
            b' ' | b'\t' | b'\r' => self.at += 1,
            b'/' if self.bytes.get(self.at + 1) == Some(&b'/') => self.comment(),
            _ => {
                self.begin_token();
                self.token();
            }
        }
    }

    fn line_end(&mut self) {
        if self.one_line_strings > 0 {
            self.unterminated();
            return;
        }
        self.at += 1;
        self.line_start = self.at;
        self.fresh_line = true;
    }

    fn comment(&mut self) {
        let rest = &self.text[self.at..];
        let length = rest.find('\n').unwrap_or(rest.len());
        let text = rest[..length].trim_end_matches('\r');
        let kind = match text.as_bytes().get(2) {
            Some(b'!') => CommentKind::File,
            // A line of slashes is a ruler, not documentation.
            Some(b'/') if text.as_bytes().get(3) != Some(&b'/') => CommentKind::Item,
            _ => CommentKind::Plain,
        };
        if self.detail == Detail::Declarations {
            self.scan.comments.push(Comment { span: self.span(self.at, self.at + text.len()), kind });
        }
        self.at += length;
    }

    /// Decides whether the token that begins here begins an entry or a declaration.
    fn begin_token(&mut self) {
        let fresh = std::mem::take(&mut self.fresh_line);
        self.leads = fresh;
        if self.layout == Layout::Trusted && fresh && !self.frames.is_empty() && self.begins_by_layout() {
            self.unclosed();
        }
        if self.scan.declarations.is_empty() {
            self.begin_declaration();
        } else if fresh && !self.continues() {
            if self.frames.is_empty() { self.begin_declaration() } else { self.separate(self.at) }
        }
    }

    fn begins_by_layout(&self) -> bool {
        self.at == self.line_start
            && matches!(self.bytes[self.at], b'a'..=b'z' | b'A'..=b'Z' | b'@')
            && !self.frames.iter().any(Frame::is_text)
    }

    fn begin_declaration(&mut self) {
        self.end_declaration(self.at);
        self.separate(self.at);
        self.suspect = None;
        self.scan.declarations.push(Declaration {
            range: self.at..self.bytes.len(),
            closers: String::new(),
            strays: Vec::new(),
            faults: Vec::new(),
            depth: 0,
            attributes: self.bytes[self.at] == b'@',
        });
    }

    fn end_declaration(&mut self, at: usize) {
        if let Some(declaration) = self.scan.declarations.last_mut() {
            declaration.range.end = at;
        }
    }
}
