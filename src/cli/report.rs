//! Diagnostics on stderr.

use crate::diagnostic::confidential;
use crate::diagnostic::render::{self, Color, Look};
use crate::driver::Outcome;
use std::io::{self, IsTerminal, Write};

/// Columns of a terminal that does not say how wide it is.
const WIDTH: usize = 80;

/// Prints the diagnostics and hands out the result, if there is one.
pub(super) fn take<T>(outcome: Outcome<T>) -> Option<T> {
    let text = render::human(&outcome.diagnostics, &outcome.files, look());
    // Where stderr is closed there is nobody to tell.
    let _ = io::stderr().lock().write_all(text.as_bytes());
    outcome.value
}

/// Bytes that a log gets at most: engines keep and show all of it.
const LONGEST_LOG: usize = 32 << 10;

/// [`take`] for a log that others read than those who may read the source: errors first, no line of the source, and
/// no values.
pub(super) fn take_for_log<T>(mut outcome: Outcome<T>) -> Option<T> {
    log(&mut outcome);
    outcome.value
}

/// Prints the diagnostics for a log, and leaves them as they were printed: errors first, and no values.
pub(super) fn log<T>(outcome: &mut Outcome<T>) {
    outcome.diagnostics.sort_by_key(|diagnostic| diagnostic.severity);
    confidential::mask(&mut outcome.diagnostics, &outcome.files);
    let mut text = render::human(&outcome.diagnostics, &outcome.files, Look::Places);
    if text.len() > LONGEST_LOG {
        let end = text.floor_char_boundary(LONGEST_LOG);
        text.truncate(text[..end].rfind('\n').map_or(end, |line| line + 1));
        text.push_str(&format!("… {}\n", render::summary(&outcome.diagnostics)));
    }
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Prints a line.
pub(super) fn line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints why something could not be done.
pub(super) fn error(text: &str) {
    let _ = writeln!(io::stderr().lock(), "error: {text}");
}

/// Prints something that the user should know.
pub(super) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "note: {text}");
}

fn look() -> Look {
    if !io::stderr().is_terminal() {
        return Look::Plain;
    }
    // https://no-color.org: any value but the empty one switches colour off.
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    let color = if refused || dumb { Color::Never } else { Color::Always };
    let width = terminal_size::terminal_size_of(io::stderr()).map_or(WIDTH, |(width, _)| usize::from(width.0));
    Look::Drawn { color, width }
}
