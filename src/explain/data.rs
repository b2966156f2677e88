//! Places in data files, which are YAML or JSON.

use super::Location;
use crate::eval::DataStep;

/// Where the data at a path stands, or what it lies in as far as that is found: the line of its key, or of the dash
/// before it. Data in the flow style of JSON is found where its keys stand on lines of their own.
pub(super) fn location(file: &str, text: &str, path: &[DataStep]) -> Location {
    let lines: Vec<Line> = text.lines().enumerate().filter_map(|(number, text)| Line::of(number, text)).collect();
    let mut found = 0;
    let mut range = 0..lines.len();
    for step in path {
        let Some(at) = find(&lines[range.clone()], step).map(|at| range.start + at) else { break };
        found = at;
        let indent = lines[at].indent;
        // What belongs to a key is indented more, but for the dashes of a list, which may stand below it.
        let inside = |line: &Line| match step {
            DataStep::Key(_) => line.indent > indent || line.indent == indent && line.dash && !lines[at].dash,
            DataStep::Index(_) => line.indent > indent,
        };
        let end =
            lines[at + 1..range.end].iter().position(|line| !inside(line)).map_or(range.end, |count| at + 1 + count);
        // The first key of an item stands on the line of the dash.
        range = match step {
            DataStep::Index(_) => at..end,
            DataStep::Key(_) => at + 1..end,
        };
    }
    match lines.get(found) {
        Some(line) => Location::of_line(file, line.number + 1, line.indent + 1, line.text),
        None => Location::of_line(file, 1, 1, ""),
    }
}

/// A line that says something.
struct Line<'t> {
    number: usize,
    indent: usize,
    dash: bool,
    // Where the key stands: behind the dash, if there is one.
    content: usize,
    text: &'t str,
}

impl Line<'_> {
    fn of(number: usize, text: &str) -> Option<Line<'_>> {
        let trimmed = text.trim();
        let says_nothing =
            trimmed.is_empty() || trimmed.starts_with('#') || matches!(trimmed, "---" | "[" | "]" | "],");
        if says_nothing {
            return None;
        }
        let indent = text.len() - text.trim_start().len();
        let dash = trimmed == "-" || trimmed.starts_with("- ") || trimmed.starts_with('{');
        let rest = trimmed.trim_start_matches(['-', '{']).trim_start();
        Some(Line { number, indent, dash, content: indent + trimmed.len() - rest.len(), text: trimmed })
    }

    fn key(&self) -> Option<&str> {
        let rest = self.text.trim_start_matches(['-', '{', ' ']);
        let (key, _) = rest.split_once(':')?;
        Some(key.trim().trim_matches(['"', '\'']))
    }
}

/// The line where a step leads, among those that belong to one place.
fn find(lines: &[Line], step: &DataStep) -> Option<usize> {
    match step {
        DataStep::Index(index) => {
            let indent = lines.iter().filter(|line| line.dash).map(|line| line.indent).min()?;
            let mut items = lines.iter().enumerate().filter(|(_, line)| line.dash && line.indent == indent);
            items.nth(*index).map(|(at, _)| at)
        }
        DataStep::Key(key) => {
            // Keys of one mapping stand in one column.
            let column = lines.iter().filter(|line| line.key().is_some()).map(|line| line.content).min()?;
            let is_it = |line: &Line| line.content == column && line.key() == Some(key);
            lines.iter().position(is_it)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, path: &[DataStep]) -> usize {
        location("jobs.yaml", text, path).line
    }

    #[test]
    fn keys_and_items_are_found() {
        let key = |key: &str| DataStep::Key(key.into());
        let text = "# jobs\njobs:\n- name: a\n  size:\n    cpu: 1\n\n- name: b\n  size:\n    cpu: 2\n";
        assert_eq!(line(text, &[key("jobs")]), 2);
        assert_eq!(line(text, &[key("jobs"), DataStep::Index(1), key("name")]), 7);
        assert_eq!(line(text, &[key("jobs"), DataStep::Index(1), key("size"), key("cpu")]), 9);
        assert_eq!(line(text, &[key("jobs"), DataStep::Index(0), key("size"), key("cpu")]), 5);
        // What cannot be found lies in what was.
        assert_eq!(line(text, &[key("jobs"), DataStep::Index(1), key("other")]), 7);
        assert_eq!(line("- { name: a, cpu: 1 }\n- { name: b, cpu: 2 }\n", &[DataStep::Index(1), key("cpu")]), 2);
        assert_eq!(
            line(
                "[\n  {\n    \"name\": \"a\"\n  },\n  {\n    \"name\": \"b\"\n  }\n]\n",
                &[DataStep::Index(1), key("name")]
            ),
            6
        );
        assert_eq!(line("", &[key("a")]), 1);
    }
}
