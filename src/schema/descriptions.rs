//! What the Kubernetes API says of its types and fields, in its own words.

use std::borrow::Cow;

/// Sorted lines `DEFINITION text` and `DEFINITION.FIELD text`, as `tests/tools/schemas` writes them.
const TEXT: &str = include_str!("data/descriptions.txt");

/// What is said of a definition, or of a field of it. Line ends are those of Markdown paragraphs and lists.
///
/// The text is searched as it lies in the binary: it is by far the largest table, and seldom asked.
pub(super) fn find(definition: &str, field: Option<&str>) -> Option<Cow<'static, str>> {
    let name = match field {
        Some(field) => format!("{definition}.{field} "),
        None => format!("{definition} "),
    };
    let line = line_with_prefix(TEXT, &name)?;
    Some(unescaped(&line[name.len()..]))
}

/// The line of a sorted text that begins with a prefix.
fn line_with_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let bytes = text.as_bytes();
    // Both always stand at the beginning of a line or at the end of the text.
    let (mut from, mut to) = (0, bytes.len());
    while from < to {
        let middle = from + (to - from) / 2;
        let start = bytes[from..middle].iter().rposition(|byte| *byte == b'\n').map_or(from, |at| from + at + 1);
        let end = bytes[middle..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| middle + at);
        let line = &bytes[start..end];
        if line.starts_with(prefix.as_bytes()) {
            return text.get(start..end);
        }
        if line < prefix.as_bytes() {
            from = (end + 1).min(to);
        } else {
            to = start;
        }
    }
    None
}

/// The text with `\n` and `\\` as what they stand for.
fn unescaped(text: &'static str) -> Cow<'static, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut whole = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => whole.extend(characters.next().map(|escaped| if escaped == 'n' { '\n' } else { escaped })),
            plain => whole.push(plain),
        }
    }
    Cow::Owned(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_by_its_name() {
        for line in TEXT.lines().filter(|line| !line.starts_with('#')) {
            let (name, _) = line.split_once(' ').expect("a name and a text");
            assert_eq!(line_with_prefix(TEXT, &format!("{name} ")), Some(line));
        }
        assert_eq!(line_with_prefix(TEXT, "io.k8s.api.apps.v1.Deploy "), None);
        assert_eq!(line_with_prefix(TEXT, "zzz "), None);
        assert_eq!(line_with_prefix(TEXT, "a "), None);
        assert_eq!(line_with_prefix("", "a "), None);
        assert_eq!(line_with_prefix("a b", "a "), Some("a b"));
    }

    #[test]
    fn line_ends_are_written_out() {
        assert_eq!(unescaped(r"a\nb \\n c"), "a\nb \\n c");
    }
}
