//! Functions of text.

use super::super::columns::aligned;
use super::super::evaluator::{Eval, Evaluator, LONGEST_TEXT};
use super::super::expr::write_scalar;
use super::super::list::values;
use super::super::value::{Str, Value};
use super::text_of;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::source::Span;
use std::cmp::Ordering;
use std::rc::Rc;

/// The longest regular expression. Matching takes time linear in both the expression and the text.
const LONGEST_PATTERN: usize = 4096;
/// Bytes of the largest compiled regular expression: `(x?){999}` is short, but slow.
const LARGEST_PROGRAM: usize = 64 << 10;
/// The longest text that is matched.
const LONGEST_MATCHED: usize = 64 << 10;
/// The deepest indentation.
const MOST_SPACES: usize = 100;

impl Evaluator<'_> {
    pub(super) fn split(&mut self, text: &str, separator: &str, span: Span) -> Eval<Value> {
        if separator.is_empty() {
            return self.out_of_range("the separator is empty", span);
        }
        self.texts(text.split(separator))
    }

    pub(super) fn indent(&mut self, text: &str, spaces: &Value, span: Span) -> Eval<Value> {
        if let Value::Int(spaces) = spaces
            && let Ok(spaces) = usize::try_from(*spaces)
            && spaces <= MOST_SPACES
        {
            return self.text(&indented(text, spaces));
        }
        self.out_of_range(&format!("texts are indented by 0 to {MOST_SPACES} spaces"), span)
    }

    pub(super) fn texts<'t>(&mut self, parts: impl Iterator<Item = &'t str>) -> Eval<Value> {
        let list = parts.map(|part| self.text(part)).collect::<Eval<Vec<Value>>>()?;
        self.made_list(list)
    }

    pub(super) fn join(&mut self, list: &Value, separator: &str) -> Eval<Value> {
        let mut text = String::new();
        for (at, item) in values(list).iter().enumerate() {
            if at > 0 {
                text.push_str(separator);
            }
            write_scalar(&mut text, item);
            // Text of twice the limit is the most that is ever held.
            if text.len() > LONGEST_TEXT {
                break;
            }
        }
        self.text(&text)
    }

    pub(super) fn replace_text(&mut self, text: &str, from: &str, to: &str, span: Span) -> Eval<Value> {
        if from.is_empty() {
            return self.out_of_range("the text to be replaced is empty", span);
        }
        // How long it will be, before it is made.
        let length = text.len() + text.matches(from).count().saturating_mul(to.len());
        if length > 2 * LONGEST_TEXT {
            return self.out_of_range("the text grows too long", span);
        }
        self.text(&text.replace(from, to))
    }

    pub(super) fn matches(&mut self, text: &str, pattern: &str, span: Span) -> Eval<Value> {
        let found = self.regex(text, pattern, span)?.is_match(text);
        Ok(Value::Bool(found))
    }

    /// What the groups of a regular expression found, the empty text where one found nothing; absent where the whole
    /// does not match.
    pub(super) fn captures(&mut self, text: &str, pattern: &str, span: Span) -> Eval<Value> {
        let Some(captures) = self.regex(text, pattern, span)?.captures(text) else { return Ok(Value::Absent) };
        let groups = captures.iter().skip(1).map(|group| group.map_or("", |group| group.as_str()));
        let groups: Vec<Value> = groups.map(|group| Value::Str(group.into())).collect();
        self.spend(groups.len() * size_of::<Value>() + text.len() * groups.len())?;
        Ok(Value::List(Rc::new(groups)))
    }

    /// A regular expression, built when first used; the effort of one search is counted.
    fn regex(&mut self, text: &str, pattern: &str, span: Span) -> Eval<&regex_lite::Regex> {
        if text.len() > LONGEST_MATCHED {
            let message = format!("a text of more than {} KiB is to be matched", LONGEST_MATCHED >> 10);
            return self.fail(Diagnostic::error(Code::Limit, message, span));
        }
        self.toil(text.len().saturating_mul(pattern.len()) / 8)?;
        if !self.regexes.contains_key(pattern) {
            if pattern.len() > LONGEST_PATTERN {
                let message = format!("the regular expression is longer than {LONGEST_PATTERN} bytes");
                return self.fail(Diagnostic::error(Code::Limit, message, span));
            }
            let built = regex_lite::RegexBuilder::new(pattern).size_limit(LARGEST_PROGRAM).nest_limit(50).build();
            match built {
                Ok(regex) => self.regexes.insert(pattern.to_string(), regex),
                Err(error) => {
                    let message = format!("`{pattern}` is no regular expression: {error}");
                    return self.fail(Diagnostic::error(Code::InvalidValue, message, span));
                }
            };
        }
        Ok(&self.regexes[pattern])
    }

    /// Rows of texts below each other.
    pub(super) fn columns(&mut self, rows: &Value) -> Eval<Value> {
        let rows: Vec<Vec<Str>> = values(rows).iter().map(|row| values(row).iter().map(text_of).collect()).collect();
        let longest = rows.iter().flatten().map(|cell| cell.len()).max().unwrap_or(0);
        let cells = rows.iter().map(Vec::len).max().unwrap_or(0).saturating_mul(rows.len());
        // Each cell may become as wide as the widest.
        self.spend(cells.saturating_mul(longest + 2))?;
        let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(|cell| &**cell).collect()).collect();
        self.text(&aligned(&rows))
    }

    /// The word that a misspelt one may have meant, as diagnostics suggest it.
    pub(super) fn nearest(&mut self, word: &str, words: &Value) -> Eval<Value> {
        let words = values(words);
        // The comparison takes time by the product of the lengths.
        self.toil(words.len().saturating_mul(word.len().min(100)))?;
        let words: Vec<Str> = words.iter().map(text_of).collect();
        Ok(nearest(word, words.iter().map(|word| &**word)).map_or(Value::Absent, |word| Value::Str(word.into())))
    }
}

/// What follows a word and a space in the line of a table that begins with them. The lines are sorted by their bytes,
/// but for those at the top that begin with `#`.
pub(super) fn lookup<'t>(table: &'t str, word: &str) -> Option<&'t str> {
    let bytes = table.as_bytes();
    let line_start = |at: usize| bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let line_end = |at: usize| bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| at + end);
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let start = line_start(low + (high - low) / 2);
        let end = line_end(start);
        let line = table.get(start..end)?;
        let first = line.split(' ').next().unwrap_or(line);
        match first.cmp(word) {
            Ordering::Equal => return Some(line.get(word.len() + 1..).unwrap_or("").trim_end_matches('\r')),
            Ordering::Less => low = end + 1,
            Ordering::Greater => high = start,
        }
    }
    None
}

/// Every line that is not empty moved to the right.
fn indented(text: &str, spaces: usize) -> String {
    let margin = " ".repeat(spaces);
    let mut result = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if !line.trim_end_matches(['\r', '\n']).is_empty() {
            result.push_str(&margin);
        }
        result.push_str(line);
        if result.len() > 2 * LONGEST_TEXT {
            break;
        }
    }
    result
}
