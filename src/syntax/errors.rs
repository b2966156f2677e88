//! What is said of brackets, quotes and characters.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

pub(super) use super::build::too_deep as nested_too_deep;

pub(super) fn unterminated_string(at: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, "this string is not closed on its line", at)
        .label("opened here")
        .help("end it with the same quotes; a text of several lines stands between `\"\"\"` and `\"\"\"`".to_owned())
}

pub(super) fn unterminated_block(at: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, "this block of text is never closed", at)
        .label("opened here")
        .help("end it with the same quotes on a line of their own".to_owned())
}

pub(super) fn unclosed(opener: Span, bracket: &str, end: Span) -> Diagnostic {
    let (closer, what) = match bracket {
        "{" => ('}', "the block"),
        "[" => (']', "the list"),
        _ => (')', "the parenthesis"),
    };
    Diagnostic::error(Code::Syntax, format!("expected `{closer}` to close {what}"), end)
        .label(format!("`{closer}` is missing"))
        .also(opener, format!("{what} is opened here"))
}

pub(super) fn mismatched(expected: char, found: &str, opener: Span, at: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, format!("expected `{expected}`, found `{found}`"), at)
        .label(format!("`{expected}` is missing"))
        .also(opener, format!("`{expected}` has to close what is opened here"))
}

pub(super) fn stray_closer(found: char, at: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, format!("nothing is open that this `{found}` could close"), at)
        .help("remove it, or write the bracket that opens".to_owned())
}

pub(super) fn control_character(byte: u8, at: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, format!("the text contains the control character U+{byte:04X}"), at)
        .help("remove it; in a string, write it as an escape such as `\\u{7}`".to_owned())
}

pub(super) fn too_many(at: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, "there are more mistakes in this file than are shown", at)
}
