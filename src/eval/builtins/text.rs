//! Functions of text.

use super::super::evaluator::{Eval, Evaluator, LONGEST_TEXT};
use super::super::expr::write_scalar;
use super::super::list::values;
use super::super::value::Value;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

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
        if text.len() > LONGEST_MATCHED {
            let message = format!("a text of more than {} KiB is to be matched", LONGEST_MATCHED >> 10);
            return self.fail(Diagnostic::error(Code::Limit, message, span));
        }
        self.toil(text.len().saturating_mul(pattern.len()) / 8)?;
        if let Some(regex) = self.regexes.get(pattern) {
            return Ok(Value::Bool(regex.is_match(text)));
        }
        if pattern.len() > LONGEST_PATTERN {
            let message = format!("the regular expression is longer than {LONGEST_PATTERN} bytes");
            return self.fail(Diagnostic::error(Code::Limit, message, span));
        }
        let built = regex_lite::RegexBuilder::new(pattern).size_limit(LARGEST_PROGRAM).nest_limit(50).build();
        match built {
            Ok(regex) => {
                let found = regex.is_match(text);
                self.regexes.insert(pattern.to_string(), regex);
                Ok(Value::Bool(found))
            }
            Err(error) => {
                let message = format!("`{pattern}` is no regular expression: {error}");
                self.fail(Diagnostic::error(Code::InvalidValue, message, span))
            }
        }
    }
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
