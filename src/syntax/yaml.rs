//! YAML that was pasted into a file: one mistake, however many lines it has.

use super::scan::Declaration;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Span};
use std::ops::Range;

/// A run of declarations that are YAML.
pub(super) struct Pasted {
    /// Of the declarations, by number.
    pub(super) declarations: Range<usize>,
    /// Of the text, in bytes.
    pub(super) range: Range<usize>,
}

/// The Kubernetes objects in YAML among the declarations: each begins with `apiVersion:`, `kind:` or `---`.
pub(super) fn pasted(text: &str, declarations: &[Declaration]) -> Vec<Pasted> {
    let mut found: Vec<Pasted> = Vec::new();
    let mut at = 0;
    while let Some(first) = declarations.get(at) {
        let begins = &text[first.range.start..];
        if !["apiVersion:", "kind:", "---"].iter().any(|word| begins.starts_with(word)) {
            at += 1;
            continue;
        }
        let rest = declarations[at..].iter().take_while(|one| continues(text, one.range.start)).count().max(1);
        let end = declarations[at + rest - 1].range.end;
        found.push(Pasted { declarations: at..at + rest, range: first.range.start..end });
        at += rest;
    }
    found
}

/// Whether what begins here goes on with YAML: a key, an item, a document's beginning, or anything indented.
fn continues(text: &str, start: usize) -> bool {
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let key = line.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "_.-/\"'".contains(c));
    line_start < start || line.starts_with("- ") || line.starts_with("---") || key.starts_with(':')
}

/// What to say of it.
pub(super) fn explain(id: FileId, text: &str, pasted: &Pasted) -> Diagnostic {
    let yaml = &text[pasted.range.clone()];
    let value = |key: &str| {
        let mut lines = yaml.lines().map(str::trim);
        let value = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
        Some(value.trim().trim_matches(['"', '\''])).filter(|value| !value.is_empty() && !value.contains(' '))
    };
    let declaration = match (value("apiVersion"), value("kind"), value("name")) {
        (Some(version), Some(kind), name) => format!("resource {version} {kind} {} {{ … }}", name.unwrap_or("name")),
        (None, _, _) | (_, None, _) => "resource apps/v1 Deployment name { … }".to_string(),
    };
    let length = yaml.find('\n').unwrap_or(yaml.len());
    let at = Span::new(id, pasted.range.start, pasted.range.start + yaml[..length].trim_end().len());
    Diagnostic::error(Code::Syntax, "this is YAML, and not the language of `.flink` files", at)
        .label("up to the next declaration")
        .help(format!("write `{declaration}`"))
        .note("`name = value` for `name: value`, `name { … }` for what is indented below, text in double quotes")
}
