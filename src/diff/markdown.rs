//! Changes for the comment of a pull request.

use super::lines::{self, Line, Mark, plain};
use super::{Difference, EnvironmentDiff, Failed, Form, ObjectChange, bracketed, headline, summary, title};
use std::cmp::Reverse;
use std::fmt::Write;

/// Bytes of the largest text: GitHub takes 65,536 characters for a comment, GitLab more.
const LARGEST: usize = 65_000;
/// Bytes that are kept free for what is said of everything that is left out.
const RESERVE: usize = 200;
/// Bytes of the smallest object in full.
const SMALLEST: usize = 100;

/// A heading for each environment, a list of its objects, and what changed in each as a block that can be unfolded. What
/// does not fit in a comment is named without its parts, and counted where even the names are too many; the worst is the
/// last to go.
#[must_use]
pub fn markdown(environments: &[EnvironmentDiff], form: Form) -> String {
    let mut budget = Budget(LARGEST.saturating_sub(RESERVE));
    let mut sections: Vec<Section> = Vec::new();
    for environment in environments {
        let head = head(environment);
        if !budget.take(head.len() + RESERVE) {
            break;
        }
        let entries = vec![None; environment.objects.len()];
        sections.push(Section { head, failures: Vec::new(), notes: Vec::new(), entries });
    }
    let mut ranked: Vec<(usize, usize, &ObjectChange)> = Vec::new();
    for (at, environment) in environments.iter().take(sections.len()).enumerate() {
        ranked.extend(environment.objects.iter().enumerate().map(|(number, change)| (at, number, change)));
    }
    ranked.sort_by_key(|(at, number, change)| (Reverse(change.worst()), *number, *at));
    // Half of the room for what the worst is in full, then all names, then what else there is room for.
    let mut half = Budget(budget.0 / 2);
    budget.0 -= half.0;
    show(&ranked, form, &mut sections, &mut half);
    budget.0 += half.0;
    for (section, environment) in sections.iter_mut().zip(environments) {
        let failures = environment.failures.iter().map(unknown);
        section.failures = failures.take_while(|entry| budget.take(entry.len())).collect();
    }
    for (at, number, change) in &ranked {
        let entry = &mut sections[*at].entries[*number];
        let name = named(change, "; too long to be shown");
        if entry.is_none() && budget.take(name.len()) {
            *entry = Some(name);
        }
    }
    for (section, environment) in sections.iter_mut().zip(environments) {
        let notes = environment.notes.iter().map(|note| format!("> {}\n\n", prose(note)));
        section.notes = notes.take_while(|note| budget.take(note.len())).collect();
    }
    show(&ranked, form, &mut sections, &mut budget);
    let mut out = String::new();
    for (section, environment) in sections.iter().zip(environments) {
        section.write(environment, &mut out);
    }
    if sections.len() < environments.len() {
        let left_out = environments.len() - sections.len();
        let _ = writeln!(out, "… and {left_out} more environments, which are too many for a comment");
    }
    out
}

/// Shows objects in full as long as there is room, instead of their names where these stand already.
fn show(ranked: &[(usize, usize, &ObjectChange)], form: Form, sections: &mut [Section], budget: &mut Budget) {
    for (at, number, change) in ranked {
        // What is not shown need not be written first.
        if budget.0 < SMALLEST {
            break;
        }
        let entry = &mut sections[*at].entries[*number];
        let there = entry.as_ref().map_or(0, String::len);
        let whole = whole(change, form);
        if budget.take(whole.len().saturating_sub(there)) {
            *entry = Some(whole);
        }
    }
}

/// Bytes that are left.
struct Budget(usize);

impl Budget {
    /// Whether there are so many, which are taken then.
    fn take(&mut self, bytes: usize) -> bool {
        let rest = self.0.checked_sub(bytes);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }
}

/// What is shown of an environment.
struct Section {
    head: String,
    failures: Vec<String>,
    notes: Vec<String>,
    /// By the objects' numbers; none where there is no room for one.
    entries: Vec<Option<String>>,
}

impl Section {
    fn write(&self, environment: &EnvironmentDiff, out: &mut String) {
        out.push_str(&self.head);
        let parts = self.notes.iter().chain(&self.failures).chain(self.entries.iter().flatten());
        parts.for_each(|text| out.push_str(text));
        let notes = environment.notes.len() - self.notes.len();
        let unknown = environment.failures.len() - self.failures.len();
        let objects = unknown + self.entries.iter().filter(|entry| entry.is_none()).count();
        for (count, what) in [(notes, "notes"), (objects, "objects")] {
            if count > 0 {
                let _ = writeln!(out, "… and {count} more {what}, which are too many for a comment\n");
            }
        }
    }
}

fn head(EnvironmentDiff { environment, objects, failures, .. }: &EnvironmentDiff) -> String {
    let heading = format!("### `{environment}`: {}\n\n", summary(objects, failures));
    match headline(objects) {
        Some(headline) => format!("{heading}> {}\n\n", prose(&headline)),
        None => heading,
    }
}

fn unknown(Failed { object, reason }: &Failed) -> String {
    format!("- `{}` is not known: {}\n\n", plain(object), prose(reason))
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
    let title = plain(&title(change.object()));
    format!("- `{title}` {}{}{more}\n\n", verb(change), prose(&bracketed(change.consequence.as_ref())))
}

/// As in `; refused: spec.selector is immutable`.
fn refusal(change: &ObjectChange) -> String {
    change.refused().map(|reason| format!("; refused: {}", prose(reason))).unwrap_or_default()
}

fn whole(change: &ObjectChange, form: Form) -> String {
    let (verb, lines) = (verb(change), lines::of(change, form));
    if lines.is_empty() {
        return named(change, &refusal(change));
    }
    let mut out = String::new();
    let (fence, title) = (fence(&lines), prose(&title(change.object())));
    // Only an object that changed is open: what is new is whole, and long.
    let open = if matches!(change.difference, Difference::Changed { .. }) { " open" } else { "" };
    let consequence = prose(&bracketed(change.consequence.as_ref()));
    let refusal = refusal(change);
    let _ = writeln!(
        out,
        "<details{open}><summary><code>{title}</code> {verb}{consequence}{refusal}</summary>\n\n{fence}diff"
    );
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

/// A text that opens no tag of HTML.
fn prose(text: &str) -> String {
    plain(text).replace('<', "&lt;")
}

/// A fence that is longer than any in the lines.
fn fence(lines: &[Line]) -> String {
    let longest = lines.iter().flat_map(|line| line.text.split(|letter| letter != '`').map(str::len)).max();
    "`".repeat(longest.unwrap_or_default().max(2) + 1)
}
