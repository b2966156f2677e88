//! Changes for a terminal.

use super::lines::{self, Line, Mark};
use super::{Difference, EnvironmentDiff, ObjectChange, bracketed, summary, title};
use std::fmt::Write;

/// What a terminal shows: a line for each environment, below it the objects, below these what changed in them.
#[must_use]
pub fn text(environments: &[EnvironmentDiff]) -> String {
    let mut out = String::new();
    for EnvironmentDiff { environment, objects } in environments {
        let _ = writeln!(out, "{environment}: {}", summary(objects));
        for change in objects {
            object(&mut out, change);
        }
        if !objects.is_empty() {
            out.push('\n');
        }
    }
    out
}

fn object(out: &mut String, change: &ObjectChange) {
    let sign = match change.difference {
        Difference::Created(_) => '+',
        Difference::Deleted(_) => '-',
        Difference::Changed { .. } => '~',
    };
    let _ = writeln!(out, "{sign} {}{}", title(change.object()), bracketed(change.consequence.as_ref()));
    for Line { mark, text } in lines::of(change) {
        let sign = match mark {
            Mark::Plain => ' ',
            Mark::Added => '+',
            Mark::Removed => '-',
        };
        let _ = writeln!(out, "{}", format!("  {sign} {text}").trim_end());
    }
}
