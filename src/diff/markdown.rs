//! Changes for the comment of a pull request.

use super::lines::{self, Line, Mark};
use super::{Difference, EnvironmentDiff, ObjectChange, bracketed, summary, title};
use std::fmt::Write;

/// A heading for each environment, a list of its objects, and what changed in each as a block that can be unfolded.
#[must_use]
pub fn markdown(environments: &[EnvironmentDiff]) -> String {
    let mut out = String::new();
    for EnvironmentDiff { environment, objects } in environments {
        let _ = writeln!(out, "### `{environment}`: {}\n", summary(objects));
        for change in objects {
            object(&mut out, change);
        }
    }
    out
}

fn object(out: &mut String, change: &ObjectChange) {
    let verb = match change.difference {
        Difference::Created(_) => "created",
        Difference::Deleted(_) => "deleted",
        Difference::Changed { .. } => "changed",
    };
    let lines = lines::of(change);
    let title = title(change.object());
    if lines.is_empty() {
        let _ = writeln!(out, "- `{title}` {verb}{}\n", bracketed(change.consequence.as_ref()));
        return;
    }
    let fence = fence(&lines);
    // Only an object that changed is open: what is new is whole, and long.
    let open = if matches!(change.difference, Difference::Changed { .. }) { " open" } else { "" };
    let _ = writeln!(out, "<details{open}><summary><code>{title}</code> {verb}</summary>\n\n{fence}diff");
    for Line { mark, text } in lines {
        let sign = match mark {
            Mark::Plain => ' ',
            Mark::Added => '+',
            Mark::Removed => '-',
        };
        let _ = writeln!(out, "{}", format!("{sign} {text}").trim_end());
    }
    let _ = writeln!(out, "{fence}\n\n</details>\n");
}

/// A fence that is longer than any in the lines.
fn fence(lines: &[Line]) -> String {
    let longest = lines.iter().flat_map(|line| line.text.split(|letter| letter != '`').map(str::len)).max();
    "`".repeat(longest.unwrap_or_default().max(2) + 1)
}
