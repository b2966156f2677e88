//! What a declaration, a type or a field is: a page for people and for programs.

use super::{Location, Page};
use crate::diagnostic::Severity;
use serde::Serialize;
use std::fmt::Write as _;

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Description {
    /// The full name: `flink.Job.parallelism`, `apps/v1 Deployment.spec.strategy`.
    pub subject: String,
    /// `component`, `schema`, `field`, `kind`, `type`, `function`, `param`, `let`.
    pub what: &'static str,
    /// The type, as one writes it.
    #[serde(rename = "type")]
    pub ty: Option<String>,
    /// Of a field: whether it must be set.
    pub required: Option<bool>,
    /// The source text of the default.
    pub default: Option<String>,
    /// The values that it can have, where they are a closed set.
    pub values: Vec<String>,
    /// Of a list whose items are written as labelled blocks: the field that labels them.
    pub label: Option<String>,
    /// The first version of Kubernetes that knows it, where an older one does not.
    pub since: Option<String>,
    /// The last version of Kubernetes that knows it, where a newer one does not.
    pub until: Option<String>,
    /// What is said of it.
    pub doc: Option<String>,
    /// Where it is declared; none for what Kubernetes declares.
    pub declared: Option<Location>,
    /// The page of the Kubernetes API reference.
    pub link: Option<String>,
    /// What must hold.
    pub checks: Vec<Rule>,
    /// What is in it; of a function, its parameters.
    pub fields: Vec<FieldLine>,
}

/// What must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// The condition, as written.
    pub condition: String,
    /// `error`, or `warning` where it is only worth a look.
    pub severity: &'static str,
    /// What is said where it does not hold, as written.
    pub message: String,
    /// Where it stands.
    pub place: Option<Location>,
}

/// A field in a list of fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldLine {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: String,
    /// Whether it must be set.
    pub required: bool,
    /// The source text of its default.
    pub default: Option<String>,
    /// The first sentence of what is said of it.
    pub doc: Option<String>,
}

/// Columns of a name or type that are aligned.
const WIDEST: usize = 36;

impl Description {
    /// For people.
    #[must_use]
    pub fn text(&self, page: Page) -> String {
        let mut out = self.heading();
        let mut facts: Vec<String> = Vec::new();
        facts.extend(self.default.as_ref().map(|default| format!("default: {default}")));
        facts.extend((self.required == Some(true)).then(|| "required".to_owned()));
        facts.extend((!self.values.is_empty()).then(|| format!("one of: {}", self.values.join(", "))));
        facts.extend(
            self.label.as_ref().map(|label| format!("written as blocks, each labelled with the item's `{label}`")),
        );
        facts.extend(self.since.as_ref().map(|version| format!("since Kubernetes {version}")));
        facts.extend(self.until.as_ref().map(|version| format!("until Kubernetes {version}")));
        facts.extend(
            self.declared.as_ref().map(|place| format!("declared at {}:{}:{}", place.file, place.line, place.column)),
        );
        facts.extend(self.link.clone());
        for fact in facts {
            wrap(&mut out, &fact, "  ", "    ", page.width);
        }
        if let Some(doc) = &self.doc {
            out.push('\n');
            paragraphs(&mut out, doc, page.width);
        }
        if !self.fields.is_empty() {
            out.push_str(if self.what == "function" { "\nparameters\n" } else { "\nfields\n" });
            self.field_table(&mut out, page.width);
        }
        if !self.checks.is_empty() {
            out.push_str("\nchecks\n");
            for Rule { condition, severity, message, place } in &self.checks {
                let mark = if *severity == Severity::Warning.name() { " (a warning)" } else { "" };
                wrap(&mut out, &format!("{condition}{mark}"), "  ", "    ", page.width);
                let place = place.as_ref().map(|place| format!("{}:{}", place.file, place.line));
                for line in [Some(message.clone()).filter(|message| !message.is_empty()), place].into_iter().flatten() {
                    wrap(&mut out, &line, "    ", "    ", page.width);
                }
            }
        }
        out
    }

    fn heading(&self) -> String {
        match &self.ty {
            Some(ty) => format!("{} {}: {ty}\n", self.what, self.subject),
            None => format!("{} {}\n", self.what, self.subject),
        }
    }

    fn field_table(&self, out: &mut String, width: usize) {
        let of = |line: &FieldLine| {
            let default = line.default.as_ref().map_or(String::new(), |default| format!(" = {default}"));
            let mark = if line.required { " (required)" } else { "" };
            format!("{}{default}{mark}", line.ty)
        };
        let rows: Vec<(&FieldLine, String)> = self.fields.iter().map(|line| (line, of(line))).collect();
        let widest = |lengths: &mut dyn Iterator<Item = usize>| lengths.filter(|l| *l <= WIDEST).max().unwrap_or(0);
        let names = widest(&mut rows.iter().map(|(line, _)| line.name.chars().count()));
        let types = widest(&mut rows.iter().map(|(_, ty)| ty.chars().count()));
        for (line, ty) in rows {
            let mut text = format!("  {:names$}  {ty:types$}", line.name);
            if let Some(doc) = &line.doc {
                let room = width.saturating_sub(text.chars().count() + 2);
                if room >= 16 {
                    text = format!("{text}  {}", cut(doc, room));
                }
            }
            writeln!(out, "{}", text.trim_end()).expect("a string takes any text");
        }
    }
}

fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let kept: String = text.chars().take(room.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Paragraphs are parted by empty lines; lines that are indented or begin a list stay on their own.
fn paragraphs(out: &mut String, text: &str, width: usize) {
    let mut paragraph = String::new();
    let flush = |out: &mut String, paragraph: &mut String| {
        if !paragraph.is_empty() {
            wrap(out, paragraph, "  ", "  ", width);
            paragraph.clear();
        }
    };
    for line in text.trim().lines() {
        let own = line.starts_with([' ', '\t', '-', '*', '|']);
        if line.trim().is_empty() || own {
            flush(out, &mut paragraph);
        }
        if line.trim().is_empty() {
            out.push('\n');
        } else if own {
            wrap(out, line.trim(), "  ", "    ", width);
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line.trim());
        }
    }
    flush(out, &mut paragraph);
}

/// Breaks a text at white space.
fn wrap(out: &mut String, text: &str, first: &str, next: &str, width: usize) {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !empty && line.chars().count() + 1 + word.chars().count() > width {
            out.push_str(line.trim_end());
            out.push('\n');
            line = next.to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

/// The first sentence of a text, on one line.
pub(super) fn first_sentence(text: &str) -> String {
    let paragraph = text.trim().split("\n\n").next().unwrap_or_default();
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.find(". ") {
        Some(at) => line[..=at].to_owned(),
        None => line,
    }
}
