//! Diagnostics as GitHub's workflow commands, which it shows at the lines of a pull request.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message>;
//! the escapes are those of `actions/toolkit`, `packages/core/src/command.ts`.

use super::render::{footer, title};
use super::{Diagnostic, Label};
use crate::source::{Files, Span};

/// One command a diagnostic, each on a line of its own.
///
/// What stands in a file that the repository does not hold is told without a place, for GitHub would drop it.
#[must_use]
pub fn commands(diagnostics: &[Diagnostic], files: &Files, is_ours: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let place = diagnostic.primary.as_ref().map(|label| label.span);
        let ours = place.filter(|span| is_ours(&files.get(span.file).name));
        let mut properties = ours.map(|span| place_properties(span, files)).unwrap_or_default();
        properties.push(("title", title(diagnostic)));
        let properties: Vec<String> =
            properties.iter().map(|(name, value)| format!("{name}={}", escape_property(value))).collect();
        let message = escape_data(&message(diagnostic, files, place.filter(|_| ours.is_none())));
        text.push_str(&format!("::{} {}::{message}\n", diagnostic.severity.name(), properties.join(",")));
    }
    text
}

/// Lines and columns are counted from 1, first and last alike. GitHub takes columns only of a range within a line.
fn place_properties(span: Span, files: &Files) -> Vec<(&'static str, String)> {
    let file = files.get(span.file);
    let (line, column) = file.line_column(span.start());
    let (end_line, end_column) = file.line_column(span.end());
    let mut properties =
        vec![("file", file.name.clone()), ("line", line.to_string()), ("endLine", end_line.to_string())];
    if line == end_line {
        let last = column.max(end_column - 1);
        properties.extend([("col", column.to_string()), ("endColumn", last.to_string())]);
    }
    properties
}

/// The message with all that explains it, a line each. `at`: the place, where the command cannot say it.
fn message(diagnostic: &Diagnostic, files: &Files, at: Option<Span>) -> String {
    let place = at.map(|span| format!("{}: ", files.place(span))).unwrap_or_default();
    let mut lines = vec![format!("{place}{}", diagnostic.message)];
    lines.extend(diagnostic.related.iter().map(|Label { span, text }| format!("{}: {text}", files.place(*span))));
    lines.extend(footer(diagnostic).into_iter().map(|(word, line)| format!("{word}: {line}")));
    lines.join("\n")
}

fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    fn only(diagnostic: Diagnostic, files: &Files) -> String {
        commands(&[diagnostic], files, |name| !name.starts_with("std:"))
    }

    #[test]
    fn escapes_what_would_end_a_command_or_a_property() {
        let mut files = Files::default();
        let file = files.add("a:b,c%.flink", "let ä = 1\n");
        let diagnostic = Diagnostic::error(Code::Syntax, "50 % :: a, b\r", Span::new(file, 4, 6)).note("two\nlines");
        assert_eq!(
            only(diagnostic, &files),
            "::error file=a%3Ab%2Cc%25.flink,line=1,endLine=1,col=5,endColumn=5,title=error[syntax]::\
             50 %25 :: a, b%0D%0Anote: two%0Alines\n"
        );
    }

    #[test]
    fn a_range_of_several_lines_has_no_columns() {
        let mut files = Files::default();
        let file = files.add("a.flink", "{\n  b\n}\n");
        let text = only(Diagnostic::warning(Code::Unused, "no", Span::new(file, 0, 7)), &files);
        assert_eq!(text, "::warning file=a.flink,line=1,endLine=3,title=warning[unused]::no\n");
        let text = only(Diagnostic::error(Code::Syntax, "no", Span::new(file, 3, 3)), &files);
        assert_eq!(text, "::error file=a.flink,line=2,endLine=2,col=2,endColumn=2,title=error[syntax]::no\n");
    }

    #[test]
    fn what_lies_outside_the_repository_is_told_without_a_place() {
        let mut files = Files::default();
        let file = files.add("std:flink/x.flink", "let a = 1\n");
        let text = only(Diagnostic::error(Code::Syntax, "no", Span::new(file, 4, 5)), &files);
        assert_eq!(text, "::error title=error[syntax]::std:flink/x.flink:1:5: no\n");
        let text = only(Diagnostic::global(Code::NoEnvironment, "none"), &files);
        assert_eq!(text, "::error title=error[no-environment]::none\n");
    }
}
