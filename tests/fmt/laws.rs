//! What formatting may never do.

use flinkc::diagnostic::Diagnostics;
use flinkc::fmt::format;
use flinkc::source::FileId;
use flinkc::syntax::ast::File;
use flinkc::syntax::parse;
use similar::TextDiff;

const FILE: FileId = FileId(0);

/// Formats a text that must parse, and holds the result against it: the same tree, the same comments, and nothing left
/// to format. None where the text does not parse.
pub fn formatted(text: &str) -> Option<String> {
    let before = tree(text)?;
    let after = format(FILE, text).unwrap_or_else(|_| panic!("what parses is formatted:\n{text}"));
    let Some(parsed) = tree(&after) else {
        panic!("the result does not parse\n── before ──\n{text}\n── after ──\n{after}");
    };
    same("another tree", &shape(&before), &shape(&parsed), text, &after);
    same("other comments", &comments(&before, text), &comments(&parsed, &after), text, &after);
    let again = format(FILE, &after).unwrap_or_else(|_| panic!("the result is formatted:\n{after}"));
    same("not its own layout", &after, &again, text, &after);
    Some(after)
}

fn tree(text: &str) -> Option<File> {
    let mut sink = Diagnostics::default();
    let file = parse(FILE, text, &mut sink);
    (!sink.has_errors()).then_some(file)
}

/// The tree as text, without places.
fn shape(file: &File) -> String {
    let File { id: _, doc, items, comments: _ } = file;
    let text = format!("{doc:?}\n{items:?}");
    let mut parts = text.split("Span {");
    let mut shape = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, rest) = part.split_once('}').expect("a place is shown in braces");
        // A line for each place, so that a difference is shown by lines.
        shape.push_str(rest);
        shape.push('\n');
    }
    shape
}

/// The comments in their order, each with its kind.
fn comments(file: &File, text: &str) -> String {
    let comment = |place: &flinkc::syntax::ast::Comment| {
        format!("{:?} {}\n", place.kind, text[place.span.start()..place.span.end()].trim_end())
    };
    file.comments.iter().map(comment).collect()
}

fn same(what: &str, one: &str, other: &str, before: &str, after: &str) {
    if one != other {
        let diff = TextDiff::from_lines(one, other);
        let diff = diff.unified_diff().context_radius(3).to_string();
        panic!("{what}\n{diff}\n── before ──\n{before}\n── after ──\n{after}");
    }
}
