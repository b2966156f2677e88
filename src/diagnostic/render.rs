//! Diagnostics as text for people. The only user of miette.

use super::excerpt::{self, Block, one_line};
use super::plain::{self, Source};
use super::{Diagnostic, Severity};
use crate::source::Files;
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SpanContents};
use std::fmt;

/// More diagnostics than this are only counted: nobody reads them, and a broken file can have thousands.
const MOST_SHOWN: usize = 50;

/// Whether to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// ANSI colours.
    Always,
    /// None.
    Never,
}

/// How diagnostics look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Drawn boxes, for a terminal that is `width` columns wide.
    Drawn {
        /// Whether to use colour.
        color: Color,
        /// In columns.
        width: usize,
    },
    /// For files and logs: the first line of each says it all.
    Plain,
    /// Plain, with places and without the source's own text: for logs that others read than those who may read that.
    Places,
}

/// The diagnostics as a text that ends with a line that counts them; empty where there are none.
#[must_use]
pub fn human(diagnostics: &[Diagnostic], files: &Files, look: Look) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(MOST_SHOWN) {
        match look {
            Look::Drawn { color, width } => drawn(&mut text, diagnostic, files, color, width),
            Look::Plain => plain::push(&mut text, diagnostic, files, Source::Shown),
            Look::Places => plain::push(&mut text, diagnostic, files, Source::Kept),
        }
        text.push('\n');
    }
    if diagnostics.len() > MOST_SHOWN {
        text.push_str(&format!("… and {} more\n\n", diagnostics.len() - MOST_SHOWN));
    }
    text.push_str(&summary(diagnostics));
    text.push('\n');
    text
}

/// How many there are: `2 errors, 1 warning`.
#[must_use]
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let of = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let counted = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        _ => Some(format!("{count} {word}s")),
    };
    let parts = [counted(of(Severity::Error), "error"), counted(of(Severity::Warning), "warning")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The lines below a diagnostic's excerpt: what to do, facts, environments, each with the word before it.
pub(super) fn footer(diagnostic: &Diagnostic) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    lines.extend(diagnostic.help.iter().map(|help| ("help", help.clone())));
    lines.extend(diagnostic.notes.iter().map(|note| ("note", note.clone())));
    if !diagnostic.environments.is_empty() {
        lines.push(("note", format!("only in environment {}", diagnostic.environments.join(", "))));
    }
    lines
}

/// `error[unknown-field]`
pub(super) fn title(diagnostic: &Diagnostic) -> String {
    format!("{}[{}]", diagnostic.severity.name(), diagnostic.code.name())
}

fn drawn(text: &mut String, diagnostic: &Diagnostic, files: &Files, color: Color, width: usize) {
    let width = width.clamp(40, 200);
    let mut theme = match color {
        Color::Always => GraphicalTheme::unicode(),
        Color::Never => GraphicalTheme::unicode_nocolor(),
    };
    let title = format!("{}:", title(diagnostic));
    theme.characters.error = title.clone();
    theme.characters.warning = title;
    // Room for line numbers and arrows.
    let report = Report::new(diagnostic, excerpt::blocks(diagnostic, files, width - 12));
    let handler = GraphicalReportHandler::new_themed(theme.clone()).with_width(width).with_context_lines(1);
    let mut drawing = String::new();
    // Writing into a string does not fail, and excerpts hold every span that is asked for.
    if handler.render_report(&mut drawing, &report).is_err() {
        plain::push(text, diagnostic, files, Source::Shown);
        return;
    }
    // miette indents the title like everything else.
    text.push_str(drawing.strip_prefix("  ").unwrap_or(&drawing));
    for (word, line) in footer(diagnostic) {
        let mut rows = line.lines().map(one_line);
        let word = theme.styles.help.style(word);
        text.push_str(&format!("  {word}: {}\n", rows.next().unwrap_or_default()));
        for row in rows {
            text.push_str(&format!("        {row}\n"));
        }
    }
}

/// A diagnostic as miette wants it: one source whose offsets are those of the excerpts, laid end to end.
struct Report {
    message: String,
    severity: Severity,
    // Where a block starts in the offsets that miette sees, with a gap between blocks so that none touch.
    blocks: Vec<(usize, Block)>,
}

impl Report {
    fn new(diagnostic: &Diagnostic, excerpts: Vec<Block>) -> Report {
        let mut blocks = Vec::with_capacity(excerpts.len());
        let mut base = 0;
        for block in excerpts {
            let length = block.text.len();
            blocks.push((base, block));
            base += length + 2;
        }
        Report { message: one_line(&diagnostic.message), severity: diagnostic.severity, blocks }
    }
}

impl miette::Diagnostic for Report {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if self.blocks.is_empty() {
            return None;
        }
        let labels = self.blocks.iter().flat_map(|(base, block)| {
            block.marks.iter().map(move |mark| {
                let text = (!mark.text.is_empty()).then(|| mark.text.clone());
                let span = (base + mark.start, mark.end - mark.start);
                if mark.primary {
                    LabeledSpan::new_primary_with_span(text, span)
                } else {
                    LabeledSpan::new_with_span(text, span)
                }
            })
        });
        Some(Box::new(labels))
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        (!self.blocks.is_empty()).then_some(self as &dyn miette::SourceCode)
    }
}

/// A span gets its whole block: the excerpt has chosen the lines already.
impl miette::SourceCode for Report {
    fn read_span<'a>(
        &'a self,
        span: &miette::SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let (base, block) = self
            .blocks
            .iter()
            .find(|(base, block)| *base <= start && end <= base + block.text.len())
            .ok_or(MietteError::OutOfBounds)?;
        // Without context only the line and column are asked for, those of the real file.
        let mark = block.marks.iter().find(|mark| base + mark.start == start).filter(|_| before + after == 0);
        let (line, column) = mark.map_or((block.first_line, 0), |mark| (mark.line, mark.column));
        let whole = (*base, block.text.len()).into();
        let lines = block.text.lines().count();
        let data = block.text.as_bytes();
        Ok(Box::new(MietteSpanContents::new_named(block.name.clone(), data, whole, line, column, lines)))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::source::{FileId, Span};
    use proptest::prelude::*;

    const DRAWN: Look = Look::Drawn { color: Color::Never, width: 80 };

    fn files(texts: &[&str]) -> Files {
        let mut files = Files::default();
        for (number, text) in texts.iter().enumerate() {
            files.add(format!("file{number}.flink"), *text);
        }
        files
    }

    fn at(file: u32, start: usize, end: usize) -> Span {
        Span::new(FileId(file), start, end)
    }

    fn unknown_field() -> (Diagnostic, Files) {
        let files = files(&["let web = {\n  replica = 2\n}\n", "schema App {\n  replicas: int\n}\n"]);
        let diagnostic = Diagnostic::error(Code::UnknownField, "`App` has no field `replica`", at(0, 14, 21))
            .label("not a field")
            .also(at(1, 7, 10), "`App` is declared here")
            .help("did you mean `replicas`?".to_owned())
            .note("a schema is closed");
        (Diagnostic { environments: vec!["prod".into(), "staging".into()], ..diagnostic }, files)
    }

    #[test]
    fn drawn_report_shows_both_files() {
        let (diagnostic, files) = unknown_field();
        let expected = "\
error[unknown-field]: `App` has no field `replica`
   ╭─[file0.flink:2:3]
 1 │ let web = {
 2 │   replica = 2
   ·   ───┬───
   ·      ╰── not a field
 3 │ }
   ╰────
   ╭─[file1.flink:1:8]
 1 │ schema App {
   ·        ─┬─
   ·         ╰── `App` is declared here
 2 │   replicas: int
   ╰────
  help: did you mean `replicas`?
  note: a schema is closed
  note: only in environment prod, staging

1 error
";
        assert_eq!(human(&[diagnostic], &files, DRAWN), expected);
    }

    #[test]
    fn plain_report_says_all_in_its_first_line() {
        let (diagnostic, files) = unknown_field();
        let expected = "\
error[unknown-field]: file0.flink:2:3: `App` has no field `replica`
  2 |   replica = 2
    |   ^^^^^^^ not a field
  file1.flink:1:8: `App` is declared here
  help: did you mean `replicas`?
  note: a schema is closed
  note: only in environment prod, staging

1 error
";
        assert_eq!(human(&[diagnostic], &files, Look::Plain), expected);
    }

    #[test]
    fn without_a_place_there_is_no_excerpt() {
        let diagnostic = Diagnostic::global(Code::NoEnvironment, "there is no environment");
        let text = human(&[diagnostic], &Files::default(), DRAWN);
        assert_eq!(text, "error[no-environment]: there is no environment\n\n1 error\n");
    }

    #[test]
    fn colour_only_where_asked_for() {
        let (diagnostic, files) = unknown_field();
        let diagnostics = [diagnostic];
        assert!(!human(&diagnostics, &files, DRAWN).contains('\u{1b}'));
        assert!(!human(&diagnostics, &files, Look::Plain).contains('\u{1b}'));
        let coloured = human(&diagnostics, &files, Look::Drawn { color: Color::Always, width: 80 });
        assert!(coloured.contains('\u{1b}'), "{coloured}");
    }

    #[test]
    fn escapes_in_the_source_do_not_reach_the_terminal() {
        let files = files(&["let a = \"\u{1b}[31m\u{202e}\"\tx\r\n"]);
        let diagnostic = Diagnostic::error(Code::Syntax, "bad \u{1b}[0m", at(0, 4, 5));
        for look in [DRAWN, Look::Plain] {
            let text = human(std::slice::from_ref(&diagnostic), &files, look);
            assert!(!text.contains(['\u{1b}', '\u{202e}', '\r', '\t']), "{text:?}");
        }
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let line = format!("{}here{}", "x".repeat(1_000_000), "y".repeat(1_000_000));
        let files = files(&[&line]);
        let diagnostic = Diagnostic::error(Code::Syntax, "no", at(0, 1_000_000, 1_000_004));
        let text = human(&[diagnostic], &files, DRAWN);
        assert!(text.contains("xhere"), "{text}");
        assert!(text.len() < 1000, "{text}");
    }

    #[test]
    fn thousands_are_counted_not_shown() {
        let text = "a = 1\n".repeat(5000);
        let files = files(&[&text]);
        let diagnostics: Vec<_> = (0..5000)
            .map(|line| Diagnostic::warning(Code::Unused, "`a` is not used", at(0, line * 6, line * 6 + 1)))
            .collect();
        let text = human(&diagnostics, &files, Look::Plain);
        assert!(text.ends_with("… and 4950 more\n\n5000 warnings\n"), "{}", &text[text.len() - 100..]);
    }

    proptest! {
        #[test]
        fn no_text_and_no_span_panics(
            text in "([a-z ä漢🎉\u{301}\t\r\n\u{1b}\u{0}]{0,60}\n?){0,6}",
            spans in proptest::collection::vec((0usize..200, 0usize..80), 1..5),
            width in 0usize..300,
        ) {
            let files = files(&[&text, "other\n"]);
            let mut diagnostic = Diagnostic::error(Code::Syntax, text.clone(), at(0, spans[0].0, spans[0].0 + spans[0].1));
            for (number, (start, length)) in spans.iter().enumerate() {
                let span = at(u32::try_from(number % 2).expect("0 or 1"), *start, start + length);
                diagnostic = diagnostic.also(span, if number % 3 == 0 { String::new() } else { text.clone() });
            }
            let diagnostics = [diagnostic];
            let drawn = human(&diagnostics, &files, Look::Drawn { color: Color::Never, width });
            prop_assert!(drawn.contains('╭'), "fell back to plain text: {}", drawn);
            let _ = human(&diagnostics, &files, Look::Plain);
        }
    }
}
