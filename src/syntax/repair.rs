//! Mistakes whose meaning is plain, although the text does not follow the grammar: it is parsed on as what was meant, so
//! that nothing else seems to be missing.

use super::expected::{Failure, key_before};
use super::grammar::Rule;
use super::patch::Patches;
use super::recover::Source;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use std::ops::Range;

/// What to report, and how to go on. Bytes count from the start of the file.
pub(super) struct Repair {
    pub(super) diagnostic: Diagnostic,
    change: Change,
}

enum Change {
    /// Other characters stand here, as many as there were.
    Put(usize, &'static str),
    /// A value stands here that is not known.
    Value(Range<usize>),
    /// The setting of an unknown value stands here, as `= value`.
    Setting(Range<usize>),
}

impl Repair {
    /// Makes the change; `base` is where the patched piece begins in the file.
    pub(super) fn apply(&self, patches: &mut Patches, base: usize) {
        match &self.change {
            Change::Put(at, text) => {
                text.chars().enumerate().for_each(|(offset, character)| patches.put(at - base + offset, character));
            }
            Change::Value(range) => patches.replace(range.start - base..range.end - base),
            Change::Setting(range) => patches.set(range.start - base..range.end - base),
        }
    }
}

/// The repair of a failure, if it is one of those that are understood. `limit` is where the entries around it end.
pub(super) fn find(source: &Source, failure: &Failure, limit: usize) -> Option<Repair> {
    if failure.expects(&[Rule::equal]) {
        return colon(source, failure)
            .or_else(|| operator(source, failure))
            .or_else(|| indentation(source, failure, limit));
    }
    double_braces(source, failure, limit)
}

/// `image: "x"` and `job: { … }`.
fn colon(source: &Source, failure: &Failure) -> Option<Repair> {
    let at = failure.at + blanks(&source.text[failure.at..]);
    let rest = line(source.text, at).strip_prefix(':').filter(|rest| !rest.starts_with(['=', ':']))?;
    let value = super::expected::first_value(rest.split(" //").next().unwrap_or_default()).trim();
    if value.is_empty() {
        return None;
    }
    let key = key_before(source, at);
    if key.is_empty() {
        return None;
    }
    let opens = value.starts_with('{');
    let (message, help) = if opens {
        ("expected `{` after the field name, found `:`", format!("write `{key} {{ … }}`"))
    } else {
        ("expected `=` after the field name, found `:`", format!("write `{key} = {value}`"))
    };
    let span = Span::new(source.id, at, at + 1);
    let diagnostic = Diagnostic::error(Code::Syntax, message, span).help(help);
    let blank = |text: bool| if text { "" } else { " " };
    let after = blank(rest.starts_with([' ', '\t']));
    Some(if opens {
        Repair { diagnostic: diagnostic.fix("take the `:` away", span, after), change: Change::Put(at, " ") }
    } else {
        let before = blank(source.text[..at].ends_with([' ', '\t']));
        let diagnostic = diagnostic.fix("write `=` for `:`", span, format!("{before}={after}"));
        Repair { diagnostic, change: Change::Put(at, "=") }
    })
}

/// `replicas := 1` and `replicas == 1`.
fn operator(source: &Source, failure: &Failure) -> Option<Repair> {
    let at = failure.at + blanks(&source.text[failure.at..]);
    let rest = &source.text[at..];
    let (message, operator) = match rest.get(..2)? {
        "==" => ("`==` compares, but here a value is set", "=="),
        ":=" => ("`:=` is no operator", ":="),
        _ => return None,
    };
    let span = Span::new(source.id, at, at + operator.len());
    let diagnostic = Diagnostic::error(Code::Syntax, message, span).help("write `=`".to_owned()).fix(
        format!("write `=` for `{operator}`"),
        span,
        "=",
    );
    Some(Repair { diagnostic, change: Change::Put(at, " =") })
}

/// A field's name, and below it lines that are indented deeper or begin with `-`.
fn indentation(source: &Source, failure: &Failure, limit: usize) -> Option<Repair> {
    let text = source.text;
    let at = failure.at + blanks(&text[failure.at..]);
    let end = if text[at..].starts_with(':') { at } else { source.significant_end(at) };
    let key = key_before(source, end);
    let line_start = text[..end].rfind('\n').map_or(0, |newline| newline + 1);
    let outer = blanks(&text[line_start..]);
    // Only what stands alone on its line can have lines below it.
    if key.is_empty() || text[line_start + outer..end] != *key {
        return None;
    }
    let after = end + text[end..].find('\n')?;
    let rest = text[end..after].trim_start_matches(':').trim();
    if !(rest.is_empty() || rest.starts_with("//")) {
        return None;
    }
    let below = lines_below(text, after + 1, limit, outer)?;
    let dashes: Vec<&str> = below.lines.iter().filter_map(|line| line.strip_prefix('-')).map(str::trim).collect();
    let is_list = below.lines.first().is_some_and(|line| line.starts_with('-'));
    let help = if !is_list {
        format!("a block stands in braces: `{key} {{ … }}`")
    } else {
        let is_value = |item: &&str| item.starts_with('"') && item.ends_with('"') && item.len() > 1;
        if dashes.len() == below.lines.len() && dashes.len() <= MOST_ITEMS && dashes.iter().all(is_value) {
            format!("a list stands in brackets: `{key} = [{}]`", dashes.join(", "))
        } else {
            format!("a list stands in brackets, maps in it in braces: `{key} = [{{ … }}, {{ … }}]`")
        }
    };
    let what = if is_list { "a list" } else { "a block" };
    let message = format!("indentation does not make {what} of what is below `{key}`");
    let diagnostic = Diagnostic::error(Code::Syntax, message, Span::new(source.id, end - key.len(), end)).help(help);
    Some(Repair { diagnostic, change: Change::Setting(end..below.end) })
}

/// Lists of more items are not written out in a message.
const MOST_ITEMS: usize = 6;

struct Below<'t> {
    /// Without indentation, and without empty ones.
    lines: Vec<&'t str>,
    /// Where the last of them ends.
    end: usize,
}

/// The lines from a byte on that are indented deeper than `outer`, or as deep with a dash.
fn lines_below(text: &str, start: usize, limit: usize, outer: usize) -> Option<Below<'_>> {
    let mut below = Below { lines: Vec::new(), end: start };
    let mut at = start;
    while at < limit {
        let line = line(text, at);
        let indent = blanks(line);
        let content = line.trim();
        if !content.is_empty() {
            if indent < outer || (indent == outer && !content.starts_with("- ")) {
                break;
            }
            below.lines.push(content);
            below.end = (at + line.trim_end().len()).min(limit);
        }
        at += line.len() + 1;
    }
    (!below.lines.is_empty()).then_some(below)
}

/// `{{ name }}`, as templates have it.
fn double_braces(source: &Source, failure: &Failure, limit: usize) -> Option<Repair> {
    let text = source.text;
    let inner = failure.at + blanks(&text[failure.at..]);
    let outer = inner.checked_sub(1).filter(|outer| text.as_bytes()[*outer..].starts_with(b"{{"))?;
    let content = line(text, inner + 1);
    let content = &content[..content.find("}}")?];
    let end = inner + 1 + content.len() + 2;
    if end > limit + 1 {
        return None;
    }
    let name = content.trim().trim_start_matches('.');
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)) && !name.is_empty();
    let help = if is_name {
        format!("a name stands for its value: `{name}`; in a string it is `\\({name})`")
    } else {
        "a name stands for its value; in a string it is `\\(name)`".to_string()
    };
    let message = "`{{ … }}` means nothing here: this is no template";
    let diagnostic = Diagnostic::error(Code::Syntax, message, Span::new(source.id, outer, end)).help(help);
    Some(Repair { diagnostic, change: Change::Value(outer..end) })
}

/// The text from a byte to the end of its line.
fn line(text: &str, at: usize) -> &str {
    text[at..].split('\n').next().unwrap_or_default()
}

/// How many bytes of blank space a text begins with, line ends left out.
fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t', '\r']).len()
}
