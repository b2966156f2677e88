//! What is wrong with a definition, named by document and path.

use crate::diagnostic::{Code, Diagnostic};
use crate::schema::Json;
use std::fmt::{self, Display};

/// Problems after which no more are told: they say nothing that those before them did not.
const MOST: usize = 50;

/// Where something stands: `widgets.yaml: document 2: spec.versions[0].name`.
#[derive(Debug, Clone)]
pub(super) struct Path {
    document: String,
    steps: String,
}

impl Path {
    /// A document.
    pub(super) fn of(document: String) -> Path {
        Path { document, steps: String::new() }
    }

    /// An entry. Keys that are no plain words stand in quotes.
    pub(super) fn then(&self, key: &str) -> Path {
        let mut path = self.clone();
        path.push(key);
        path
    }

    /// An item of a list.
    pub(super) fn item(&self, at: usize) -> Path {
        Path { document: self.document.clone(), steps: format!("{}[{at}]", self.steps) }
    }

    /// Goes into an entry; what it answers leads back out.
    pub(super) fn push(&mut self, key: &str) -> usize {
        let length = self.steps.len();
        let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) && !key.is_empty();
        if plain {
            self.steps.push_str(if length > 0 { "." } else { "" });
            self.steps.push_str(key);
        } else {
            self.steps.push_str(&format!("[{key:?}]"));
        }
        length
    }

    /// Back to where [`Path::push`] was.
    pub(super) fn pop(&mut self, length: usize) {
        self.steps.truncate(length);
    }
}

impl Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let separator = if self.steps.is_empty() { "" } else { ": " };
        write!(out, "{}{separator}{}", self.document, self.steps)
    }
}

/// All that was found.
#[derive(Debug, Default)]
pub(super) struct Problems {
    list: Vec<Diagnostic>,
}

impl Problems {
    /// Reports a problem. Always false, so that it can stand for a failed test.
    pub(super) fn report(&mut self, path: &Path, message: impl Display) -> bool {
        if self.list.len() < MOST {
            self.list.push(Diagnostic::global(Code::BadData, format!("{path}: {message}")));
        }
        false
    }

    /// Reports a value of a wrong type.
    pub(super) fn expected(&mut self, path: &Path, what: &str, found: &Json) -> bool {
        self.report(path, format!("expected {what}, found {}", kind_of(found)))
    }

    pub(super) fn finish(self) -> Vec<Diagnostic> {
        self.list
    }
}

fn kind_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "text",
        Json::Array(_) => "a list",
        Json::Object(_) => "a map",
    }
}
