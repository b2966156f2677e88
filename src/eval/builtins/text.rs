//! Functions of text.

use super::super::evaluator::{Eval, Evaluator, LONGEST_TEXT};
use super::super::expr::write_scalar;
use super::super::list::values;
use super::super::value::{Str, Value};
use super::text_of;
use crate::core::Builtin;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use std::rc::Rc;

/// The longest regular expression. Matching takes time linear in both the expression and the text.
const LONGEST_PATTERN: usize = 4096;

impl Evaluator<'_> {
    pub(super) fn text_function(&mut self, function: Builtin, arguments: &[Value], span: Span) -> Eval<Value> {
        let argument = |at: usize| arguments.get(at).map_or_else(|| Str::from(""), text_of);
        if function == Builtin::Join {
            return self.join(arguments.first().unwrap_or(&Value::Absent), &argument(1));
        }
        let text = argument(0);
        match function {
            Builtin::Split => {
                let separator = argument(1);
                if separator.is_empty() {
                    return self.out_of_range("the separator is empty", span);
                }
                let parts: Vec<&str> = text.split(&*separator).collect();
                self.texts(&parts)
            }
            Builtin::Lines => {
                let parts: Vec<&str> = text.lines().collect();
                self.texts(&parts)
            }
            Builtin::Replace => self.replace_text(&text, &argument(1), &argument(2), span),
            Builtin::Lower => self.text(&text.to_lowercase()),
            Builtin::Upper => self.text(&text.to_uppercase()),
            Builtin::Trim => self.text(text.trim()),
            Builtin::Indent => {
                let spaces = match arguments.get(1) {
                    Some(Value::Int(spaces)) => usize::try_from(*spaces).ok().filter(|spaces| *spaces <= 100),
                    Some(_) | None => None,
                };
                match spaces {
                    Some(spaces) => self.text(&indented(&text, spaces)),
                    None => self.out_of_range("texts are indented by 0 to 100 spaces", span),
                }
            }
            Builtin::StartsWith => Ok(Value::Bool(text.starts_with(&*argument(1)))),
            Builtin::EndsWith => Ok(Value::Bool(text.ends_with(&*argument(1)))),
            Builtin::Contains => Ok(Value::Bool(text.contains(&*argument(1)))),
            Builtin::Matches => self.matches(&text, &argument(1), span),
            other => unreachable!("{other:?} is no function of text"),
        }
    }

    fn texts(&mut self, parts: &[&str]) -> Eval<Value> {
        self.spend(std::mem::size_of_val(parts))?;
        let list = parts.iter().map(|part| self.text(part)).collect::<Eval<Vec<Value>>>()?;
        Ok(Value::List(Rc::new(list)))
    }

    fn join(&mut self, list: &Value, separator: &str) -> Eval<Value> {
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

    fn replace_text(&mut self, text: &str, from: &str, to: &str, span: Span) -> Eval<Value> {
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

    fn matches(&mut self, text: &str, pattern: &str, span: Span) -> Eval<Value> {
        if let Some(regex) = self.regexes.get(pattern) {
            return Ok(Value::Bool(regex.is_match(text)));
        }
        if pattern.len() > LONGEST_PATTERN {
            let message = format!("the regular expression is longer than {LONGEST_PATTERN} bytes");
            return self.fail(Diagnostic::error(Code::Limit, message, span));
        }
        let built = regex_lite::RegexBuilder::new(pattern).size_limit(1 << 20).nest_limit(50).build();
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
