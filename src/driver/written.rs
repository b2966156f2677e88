//! Where a declaration says a name that was passed on: through functions and components a value loses the place where
//! it was written, and only when something is wrong with it is it worth looking for.

use crate::source::{Files, Span};

/// The text in quotes that says `name` in the block of the declaration whose label stands at `label`, unless the line of
/// the setting at `at` says it itself.
///
/// Of several the first, if all of them name a Secret; otherwise nothing says which was meant.
pub(super) fn find(files: &Files, label: Span, at: Span, name: &str) -> Option<Span> {
    let line = files.get(at.file).text[at.end()..].lines().next().unwrap_or_default();
    if at != label && line.contains(&format!("\"{name}\"")) {
        return None;
    }
    let text = &files.get(label.file).text;
    let block = label.end() + text[label.end()..].find('{')?;
    let places = literals(text, block, name);
    let names_secret = |at: &usize| text[..*at].trim_end().ends_with("secret(");
    match places.as_slice() {
        [] => None,
        [only] => Some(*only),
        [first, ..] if places.iter().all(names_secret) => Some(*first),
        [_, ..] => None,
    }
    .map(|at| Span::new(label.file, at, at + name.len() + 2))
}

/// The plain strings in the braces at a byte that consist of a name.
fn literals(text: &str, block: usize, name: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut depth = 0usize;
    let mut at = block;
    while at < bytes.len() {
        let rest = &bytes[at..];
        at += match rest[0] {
            b'{' => {
                depth += 1;
                1
            }
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
                1
            }
            b'/' if rest.starts_with(b"//") => length_to(rest, b"\n"),
            b'"' if rest.starts_with(b"\"\"\"") => 3 + length_to(&rest[3..], b"\"\"\""),
            b'"' => {
                let length = string_length(rest);
                if rest[..length].strip_prefix(b"\"").and_then(|inner| inner.strip_suffix(b"\""))
                    == Some(name.as_bytes())
                {
                    found.push(at);
                }
                length
            }
            _ => 1,
        };
    }
    found
}

/// How many bytes a text has up to the end of what is searched for.
fn length_to(text: &[u8], end: &[u8]) -> usize {
    text.windows(end.len()).position(|window| window == end).map_or(text.len(), |at| at + end.len())
}

/// How long a string with escapes is that a text begins with. What is interpolated has no quotes or has them in pairs.
fn string_length(text: &[u8]) -> usize {
    let mut at = 1;
    while at < text.len() && text[at] != b'"' && text[at] != b'\n' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, name: &str) -> Option<usize> {
        let mut files = Files::default();
        let file = files.add("main.flink", text.to_string());
        let label = Span::new(file, 2, 3);
        find(&files, label, label, name).map(|span| {
            assert_eq!(files.text(span), format!("\"{name}\""));
            span.start()
        })
    }

    #[test]
    fn the_only_text_of_that_name_is_found() {
        let text = "w a { b = \"x\", c { d = \"tls\" } } // \"tls\"\nw e { f = \"tls\" }";
        assert_eq!(found(text, "tls"), text.find("\"tls\""));
        assert_eq!(found(text, "f"), None);
        assert_eq!(found("w a { b = \"tls\", c = \"tls\" }", "tls"), None);
        assert_eq!(found("w a { b = \"}\\\"\", c = \"tls\" // }\n", "tls"), Some(21));
        assert_eq!(found("w a", "tls"), None);
    }

    #[test]
    fn a_secret_that_is_read_twice_is_found_once() {
        let text = "w a { b = secret(\"s3\", \"id\"), c = secret( \"s3\", \"key\") }";
        assert_eq!(found(text, "s3"), text.find("\"s3\""));
    }
}
