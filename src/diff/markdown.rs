//! Changes for the comment of a pull request.

use super::lines::{self, Line, Mark};
use super::{Difference, EnvironmentDiff, Failed, Form, ObjectChange, bracketed, summary, title};
use std::fmt::Write;

/// Bytes of the largest text: GitHub takes 65,536 characters for a comment, GitLab more.
const LARGEST: usize = 60_000;

/// A heading for each environment, a list of its objects, and what changed in each as a block that can be unfolded. What
/// does not fit in a comment is named without its parts, and counted where even the names are too many.
#[must_use]
pub fn markdown(environments: &[EnvironmentDiff], form: Form) -> String {
    let mut out = String::new();
    for EnvironmentDiff { environment, objects, notes, failures } in environments {
        let _ = writeln!(out, "### `{environment}`: {}\n", summary(objects, failures));
        for note in notes {
            let _ = writeln!(out, "> {note}\n");
        }
        let mut left_out = 0;
        let unknown = failures.iter().map(|Failed { object, reason }| {
            let entry = format!("- `{object}` is not known: {reason}\n\n");
            [entry, format!("- `{object}` is not known\n\n")]
        });
        let changes = objects.iter().map(|change| [whole(change, form), named(change, "; too long to be shown")]);
        for entries in unknown.chain(changes) {
            match entries.into_iter().find(|entry| out.len() + entry.len() <= LARGEST) {
                Some(entry) => out.push_str(&entry),
                None => left_out += 1,
            }
        }
        if left_out > 0 {
            let _ = writeln!(out, "… and {left_out} more objects, which are too many for a comment\n");
        }
    }
    out
}

fn verb(change: &ObjectChange) -> &'static str {
    match change.difference {
        Difference::Created(_) => "created",
        Difference::Deleted(_) => "deleted",
        Difference::Changed { .. } if change.is_difference() => "changed",
        Difference::Changed { .. } => "not changed",
    }
}

fn named(change: &ObjectChange, more: &str) -> String {
    let title = title(change.object());
    format!("- `{title}` {}{}{more}\n\n", verb(change), bracketed(change.consequence.as_ref()))
}

/// As in `; refused: spec.selector is immutable`.
fn refusal(change: &ObjectChange) -> String {
    change.refused().map(|reason| format!("; refused: {}", reason.replace('\n', " ").replace('<', "&lt;"))).unwrap_or_default()
}

fn whole(change: &ObjectChange, form: Form) -> String {
    let (verb, lines) = (verb(change), lines::of(change, form));
    if lines.is_empty() {
        return named(change, &refusal(change));
    }
    let mut out = String::new();
    let (fence, title) = (fence(&lines), title(change.object()));
    let refusal = refusal(change);
    // Only an object that changed is open: what is new is whole, and long.
    let open = if matches!(change.difference, Difference::Changed { .. }) { " open" } else { "" };
    let consequence = bracketed(change.consequence.as_ref());
    let _ = writeln!(out, "<details{open}><summary><code>{title}</code> {verb}{consequence}{refusal}</summary>\n\n{fence}diff");
    for Line { mark, text } in lines {
        let sign = match mark {
            Mark::Plain => ' ',
            Mark::Added => '+',
            Mark::Removed => '-',
        };
        let _ = writeln!(out, "{}", format!("{sign} {text}").trim_end());
    }
    let _ = writeln!(out, "{fence}\n\n</details>\n");
    out
}

/// A fence that is longer than any in the lines.
fn fence(lines: &[Line]) -> String {
    let longest = lines.iter().flat_map(|line| line.text.split(|letter| letter != '`').map(str::len)).max();
    "`".repeat(longest.unwrap_or_default().max(2) + 1)
}
