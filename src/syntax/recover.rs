//! Parsing of a text that may hold mistakes: what cannot be parsed is reported, taken out, and the rest parsed again.
//!
//! What is taken out is an entry of the innermost braces around the mistake, or only its value where it has one; so
//! the other entries, and the declarations around them, survive.

use super::build::Builder;
use super::expected::{self, Failure};
use super::grammar::{Grammar, Pair, Rule};
use super::patch::Patches;
use super::repair;
use super::scan::{self, Region};
use crate::diagnostic::Diagnostic;
use crate::source::FileId;
use crate::syntax::ast::Comment;
use pest::Parser;
use pest::error::{Error, ErrorVariant, InputLocation};
use std::ops::Range;

/// Mistakes in one declaration after which the rest of it is given up.
const MAX_MISTAKES: usize = 100;

/// Bytes that may be parsed a second time in one file: what keeps a huge declaration full of mistakes from taking long.
const MAX_REPEATED: usize = 16 << 20;

/// What all pieces of a file share.
pub(super) struct Source<'t> {
    /// The file.
    pub(super) id: FileId,
    /// Its whole text.
    pub(super) text: &'t str,
    /// Its comments.
    pub(super) comments: &'t [Comment],
    /// What was found wrong.
    pub(super) found: Vec<Diagnostic>,
    repeated: usize,
}

/// A piece of the file to parse, with what the scan said of it.
pub(super) struct Piece<'t> {
    /// Where it lies in the file.
    pub(super) range: Range<usize>,
    /// Mistakes that were reported already, as places in the file.
    pub(super) faults: &'t [usize],
}

/// What to do about a mistake.
enum Remedy {
    /// Take an entry out.
    Drop(Range<usize>),
    /// Take a value out and mark its place.
    Replace(Range<usize>),
    /// Nothing helps.
    GiveUp,
}

/// Which part a mistake spoils.
struct Part {
    remedy: Remedy,
    /// The mistake follows from one that was reported.
    known: bool,
}

impl<'t> Source<'t> {
    pub(super) fn new(id: FileId, text: &'t str, comments: &'t [Comment]) -> Self {
        Source { id, text, comments, found: Vec::new(), repeated: 0 }
    }

    /// Parses a piece as a `rule` and builds from it; nothing where too little of it could be parsed.
    pub(super) fn parse<T>(
        &mut self,
        rule: Rule,
        piece: &Piece,
        mut patches: Patches,
        build: impl FnOnce(&mut Builder, Pair) -> T,
    ) -> Option<T> {
        let text = &self.text[piece.range.clone()];
        let mut regions = Vec::new();
        for _ in 0..=MAX_MISTAKES {
            let patched = patches.apply(text);
            let error = match Grammar::parse(rule, &patched) {
                Ok(mut pairs) => {
                    let mut builder = Builder::new(self.id, self.text, piece.range.clone(), &patches, self.comments);
                    let built = pairs.next().map(|pair| build(&mut builder, pair));
                    self.found.append(&mut builder.found);
                    return built;
                }
                Err(error) => error,
            };
            if regions.is_empty() {
                regions = scan::regions(self.id, text);
            }
            let failure = self.failure(&error, piece, &patches, &regions);
            let limit = innermost(&regions, failure.at - piece.range.start).map_or(piece.range.end, |region| {
                piece.range.start + if region.is_closed { region.range.end - 1 } else { region.range.end }
            });
            if let Some(repair) = repair::find(self, &failure, limit) {
                repair.apply(&mut patches, piece.range.start);
                self.found.push(repair.diagnostic);
                self.repeated += text.len();
                if self.repeated > MAX_REPEATED {
                    return None;
                }
                continue;
            }
            let part = self.part(&failure, piece, &regions, &patches);
            if !part.known {
                self.found.push(expected::explain(self, &failure));
            }
            match part.remedy {
                Remedy::Drop(range) => patches.blank(range),
                Remedy::Replace(range) => patches.replace(range),
                Remedy::GiveUp => return None,
            }
            self.repeated += text.len();
            if self.repeated > MAX_REPEATED {
                return None;
            }
        }
        None
    }

    /// Where and why pest stopped, in terms of the file.
    fn failure(&self, error: &Error<Rule>, piece: &Piece, patches: &Patches, regions: &[Region]) -> Failure {
        let (InputLocation::Pos(at) | InputLocation::Span((at, _))) = error.location;
        let at = piece.range.start + patches.origin(at).min(piece.range.len());
        let expected = match &error.variant {
            ErrorVariant::ParsingError { positives, negatives: _ } => positives.clone(),
            ErrorVariant::CustomError { message: _ } => Vec::new(),
        };
        let failure = Failure { at, end: piece.range.end, expected };
        self.missing_value(&failure, piece, regions).unwrap_or(failure)
    }

    /// Where a value is missing at the end of a line, pest took the next line's first word for it and stopped after that.
    fn missing_value(&self, failure: &Failure, piece: &Piece, regions: &[Region]) -> Option<Failure> {
        let base = piece.range.start;
        let part = entry(innermost(regions, failure.at - base)?, failure.at - base);
        let start = base + part.start;
        let key = self.text.get(start..failure.at)?.trim();
        let is_path = key.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
        let end = self.significant_end(start);
        if !is_path || end <= base || !self.text[end..start].contains('\n') {
            return None;
        }
        let last = self.text[base..end].chars().next_back()?;
        "=+-*/%<>&|?".contains(last).then(|| Failure { at: end, end: failure.end, expected: vec![Rule::chain] })
    }

    /// The end of the last token before a byte, past white space and comments.
    pub(super) fn significant_end(&self, before: usize) -> usize {
        let mut end = before;
        loop {
            end = self.text[..end].trim_end().len();
            let index = self.comments.partition_point(|comment| comment.span.end() < end);
            match self.comments.get(index) {
                Some(comment) if comment.span.start() < end => end = comment.span.start(),
                Some(_) | None => return end,
            }
        }
    }

    fn part(&self, failure: &Failure, piece: &Piece, regions: &[Region], patches: &Patches) -> Part {
        let base = piece.range.start;
        let text = &self.text[piece.range.clone()];
        let mut at = failure.at - base;
        let mut known = false;
        while let Some(region) = innermost(regions, at) {
            let mut part = entry(region, at);
            part.end = self.significant_end(base + part.end).saturating_sub(base).max(part.start);
            known |=
                piece.faults.iter().any(|fault| part.start <= fault.saturating_sub(base) && *fault <= base + part.end);
            if !patches.is_blank(text, &part) {
                let value = region.equals.iter().copied().find(|end| part.contains(end) || *end == part.end);
                let remedy = match value {
                    Some(value) if value <= at && !patches.touches(&(value..part.end)) => {
                        let end = if text[..part.end].ends_with(',') { part.end - 1 } else { part.end };
                        Remedy::Replace(value..end.max(value))
                    }
                    Some(_) | None => Remedy::Drop(part),
                };
                return Part { remedy, known };
            }
            known |= patches.touches(&part);
            if region.is_root {
                break;
            }
            at = region.range.start;
        }
        Part { remedy: Remedy::GiveUp, known }
    }
}

/// The smallest region with entries that a byte lies in; its closing bracket still belongs to it, the opening does not.
fn innermost(regions: &[Region], at: usize) -> Option<&Region> {
    let inside = |region: &&Region| region.range.start < at && at < region.range.end;
    let braces = regions.iter().skip(1).filter(|region| region.holds_entries).filter(inside);
    braces.min_by_key(|region| region.range.len()).or(regions.first())
}

/// The entry of a region around a byte, a comma after it included.
fn entry(region: &Region, at: usize) -> Range<usize> {
    let index = region.separators.partition_point(|separator| *separator <= at);
    let is_root = region.is_root;
    let first = if is_root { region.range.start } else { region.range.start + 1 };
    let last = if is_root || !region.is_closed { region.range.end } else { region.range.end - 1 };
    let start = index.checked_sub(1).map_or(first, |index| region.separators[index]);
    let end = region.separators.get(index).copied().unwrap_or(last);
    start..end.max(start)
}
