//! Changes for a terminal.

use super::lines::{self, Line, Mark, plain};
use super::{Color, Difference, EnvironmentDiff, Failed, Look, ObjectChange, bracketed, headline, summary, title};
use std::fmt::Write;

/// What a terminal shows: a line for each environment, below it the objects, below these what changed in them.
#[must_use]
pub fn text(environments: &[EnvironmentDiff], look: Look) -> String {
    let mut out = String::new();
    for EnvironmentDiff { environment, objects, notes, failures } in environments {
        let _ = writeln!(out, "{environment}: {}", summary(objects, failures));
        if let Some(headline) = headline(objects) {
            let _ = writeln!(out, "  {}", plain(&headline));
        }
        for note in notes {
            let _ = writeln!(out, "  note: {}", plain(note));
        }
        for change in objects {
            object(&mut out, change, look);
        }
        for Failed { object, reason } in failures {
            let _ = writeln!(out, "{}", colored(&format!("? {object}"), Mark::Removed, look.color));
            let _ = writeln!(out, "    not known: {reason}");
        }
        if !objects.is_empty() || !failures.is_empty() {
            out.push('\n');
        }
    }
    out
}

fn object(out: &mut String, change: &ObjectChange, look: Look) {
    let (sign, mark) = match change.difference {
        Difference::Created(_) => ('+', Mark::Added),
        Difference::Deleted(_) => ('-', Mark::Removed),
        Difference::Changed { .. } if change.is_difference() => ('~', Mark::Plain),
        Difference::Changed { .. } => ('=', Mark::Plain),
    };
    let title = format!("{sign} {}{}", title(change.object()), bracketed(change.consequence.as_ref()));
    let _ = writeln!(out, "{}", colored(&plain(&title), mark, look.color));
    if let Some(reason) = change.refused() {
        let _ = writeln!(out, "{}", colored(&plain(&format!("  ! refused: {reason}")), Mark::Removed, look.color));
    }
    for Line { mark, text } in lines::of(change, look.form) {
        let sign = match mark {
            Mark::Plain => ' ',
            Mark::Added => '+',
            Mark::Removed => '-',
        };
        let _ = writeln!(out, "{}", colored(format!("  {sign} {text}").trim_end(), mark, look.color));
    }
}

/// Green for what comes, red for what goes: the codes of ECMA-48.
fn colored(text: &str, mark: Mark, color: Color) -> String {
    match (color, mark) {
        (Color::Never, _) | (Color::Always, Mark::Plain) => text.to_owned(),
        (Color::Always, Mark::Added) => format!("\u{1b}[32m{text}\u{1b}[0m"),
        (Color::Always, Mark::Removed) => format!("\u{1b}[31m{text}\u{1b}[0m"),
    }
}
