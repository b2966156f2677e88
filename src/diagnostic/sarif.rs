//! Diagnostics as SARIF 2.1.0, which code scanners and editors read.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>. Paths are relative to the project, and nothing
//! tells where or when the program ran: one mistake gives the same bytes on every machine.

use super::render::footer;
use super::{Code, Diagnostic, Edit, Fix, Label};
use crate::source::{Files, Span};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What stands for the project's root, by a name that readers know.
const ROOT: &str = "%SRCROOT%";

/// The diagnostics as a log of one run, ended by a line end. `is_ours`: whether a file lies in the project; others,
/// such as the standard library's, are named by an address of their own.
#[must_use]
pub fn log(diagnostics: &[Diagnostic], files: &Files, is_ours: impl Fn(&str) -> bool) -> String {
    let mut writer = Writer { files, is_ours: &is_ours, met: HashMap::new() };
    let results: Vec<Value> = diagnostics.iter().map(|diagnostic| writer.result(diagnostic)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": env!("CARGO_PKG_NAME"),
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": Code::ALL.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
                },
            },
            "originalUriBaseIds": {
                ROOT: { "description": { "text": "The project: the directory that holds `.git`, else the program's own." } },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).expect("strings and numbers can always be written");
    text.push('\n');
    text
}

fn rule(code: Code) -> Value {
    let explain = format!("`flinkc explain {}` shows a wrong program and a right one.", code.name());
    json!({
        "id": code.name(),
        "shortDescription": { "text": code.summary() },
        "help": { "text": explain },
    })
}

struct Writer<'a> {
    files: &'a Files,
    is_ours: &'a dyn Fn(&str) -> bool,
    /// How often a mistake was met that nothing but its place tells from others.
    met: HashMap<String, usize>,
}

impl Writer<'_> {
    fn result(&mut self, diagnostic: &Diagnostic) -> Value {
        let Diagnostic { code, severity, primary, related, environments, fixes, message: _, help: _, notes: _ } =
            diagnostic;
        let rule = Code::ALL.iter().position(|known| known == code);
        let numbered = (1..).zip(related).map(|(id, label)| {
            let mut location = self.location(label);
            location["id"] = json!(id);
            location
        });
        let mut result = json!({
            "ruleId": code.name(),
            "ruleIndex": rule,
            "level": severity.name(),
            "message": { "text": message(diagnostic) },
            "locations": primary.iter().map(|label| self.location(label)).collect::<Vec<_>>(),
            "relatedLocations": numbered.collect::<Vec<_>>(),
            "fixes": fixes.iter().map(|fix| self.fix(fix)).collect::<Vec<_>>(),
        });
        result["partialFingerprints"] = json!({ "mistake/v1": self.fingerprint(diagnostic) });
        if !environments.is_empty() {
            result["properties"] = json!({ "environments": environments });
        }
        result
    }

    fn location(&self, label: &Label) -> Value {
        let mut location = json!({
            "physicalLocation": {
                "artifactLocation": self.artifact(&self.files.get(label.span.file).name),
                "region": self.region(label.span),
            },
        });
        if !label.text.is_empty() {
            location["message"] = json!({ "text": label.text });
        }
        location
    }

    /// The place of a file: below the root, or an absolute address, for which a base would be wrong.
    fn artifact(&self, name: &str) -> Value {
        if (self.is_ours)(name) {
            return json!({ "uri": encoded(name, "/"), "uriBaseId": ROOT });
        }
        json!({ "uri": encoded(name, "/:") })
    }

    /// Lines and columns from 1; the end is the column behind the last character.
    fn region(&self, span: Span) -> Value {
        let file = self.files.get(span.file);
        let (line, column) = file.line_column(span.start());
        let (end_line, end_column) = file.line_column(span.end());
        json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column })
    }

    fn fix(&self, fix: &Fix) -> Value {
        let mut by_file: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for Edit { span, text } in &fix.edits {
            let replacement = json!({ "deletedRegion": self.region(*span), "insertedContent": { "text": text } });
            by_file.entry(&self.files.get(span.file).name).or_default().push(replacement);
        }
        let change =
            |(name, replacements)| json!({ "artifactLocation": self.artifact(name), "replacements": replacements });
        json!({
            "description": { "text": fix.title },
            "artifactChanges": by_file.into_iter().map(change).collect::<Vec<_>>(),
        })
    }

    /// What a mistake is known by when the lines around it change: its code, file, message and the line it stands in,
    /// and its number among those that have all of these in common.
    fn fingerprint(&mut self, diagnostic: &Diagnostic) -> String {
        let place = diagnostic.primary.as_ref().map(|label| {
            let file = self.files.get(label.span.file);
            (file.name.as_str(), file.text[file.line_range(file.line_of(label.span.start()))].trim())
        });
        let (file, line) = place.unwrap_or_default();
        // No text holds the separator: names of files cannot, and in sources it is a mistake.
        let mut text = [diagnostic.code.name(), file, &diagnostic.message, line].join("\0");
        let number = self.met.entry(text.clone()).or_default();
        *number += 1;
        let _ = write!(text, "\0{number}");
        Sha256::digest(text.as_bytes()).iter().take(16).fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

/// All that the diagnostic says but for its places.
fn message(diagnostic: &Diagnostic) -> String {
    let lines = footer(diagnostic).into_iter().map(|(word, line)| format!("{word}: {line}"));
    [diagnostic.message.clone()].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

/// A path as a part of an address (RFC 3986): all but the unreserved characters and `kept` as `%XX`.
fn encoded(path: &str, kept: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut address, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.as_bytes().contains(&byte) {
            address.push(char::from(byte));
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
        address
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(diagnostics: &[Diagnostic], files: &Files) -> Vec<Value> {
        let text = log(diagnostics, files, |name| !name.starts_with("std:"));
        let log: Value = serde_json::from_str(&text).expect("is JSON");
        log["runs"][0]["results"].as_array().expect("is a list").clone()
    }

    #[test]
    fn places_are_relative_and_counted_in_characters() {
        let mut files = Files::default();
        let file = files.add("a b/ä:c.flink", "x\nlet ä = \"🎉\" + 1\n");
        let library = files.add("std:flink/x.flink", "let a = 1\n");
        let at = Span::new(file, 11, 17);
        let diagnostic = Diagnostic::error(Code::Syntax, "no", at).also(Span::new(library, 4, 5), "here");
        let found = results(&[diagnostic.fix("take it away", at, "")], &files);
        let ours = json!({ "uri": "a%20b/%C3%A4%3Ac.flink", "uriBaseId": "%SRCROOT%" });
        let region = json!({ "startLine": 2, "startColumn": 9, "endLine": 2, "endColumn": 12 });
        assert_eq!(
            found[0]["locations"],
            json!([{ "physicalLocation": { "artifactLocation": ours, "region": region } }])
        );
        let theirs = &found[0]["relatedLocations"][0]["physicalLocation"]["artifactLocation"];
        assert_eq!(*theirs, json!({ "uri": "std:flink/x.flink" }));
        let replacements = json!([{ "deletedRegion": region, "insertedContent": { "text": "" } }]);
        let changes = json!([{ "artifactLocation": ours, "replacements": replacements }]);
        assert_eq!(found[0]["fixes"][0]["artifactChanges"], changes);
    }

    #[test]
    fn a_mistake_keeps_its_fingerprint_when_lines_above_change() {
        let prints = |text: &str| {
            let mut files = Files::default();
            let file = files.add("a.flink", text);
            let wrong = |(at, _)| Diagnostic::error(Code::Syntax, "no", Span::new(file, at, at + 1));
            let wrong: Vec<Diagnostic> = text.match_indices('?').map(wrong).collect();
            let prints = results(&wrong, &files).into_iter();
            prints.map(|result| result["partialFingerprints"]["mistake/v1"].to_string()).collect::<Vec<_>>()
        };
        let before = prints("a = ?\na = ?\nb = ?\n");
        assert_eq!(before, prints("// more\n\n  a = ?\na = ?\nb = ?\n"));
        assert!(before[0] != before[1] && before[0] != before[2], "{before:?}");
    }
}
