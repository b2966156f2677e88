//! Texts of files beside the sources.

use super::super::evaluator::{Eval, Evaluator};
use super::super::value::Str;
use crate::diagnostic::{Code, Diagnostic};
use crate::host::normal_path;
use crate::source::Span;

impl Evaluator<'_> {
    /// The text of a file, named relative to the directory of the file that `span` lies in. Read once.
    pub(in super::super) fn file_text(&mut self, path: &str, span: Span) -> Eval<Str> {
        let source = self.files.get(span.file).name.as_str();
        let directory = source.rsplit_once('/').map_or("", |(directory, _)| directory);
        let Some(normal) = normal_path(directory, path) else {
            let diagnostic = Diagnostic::error(Code::Unreadable, format!("`{path}` lies outside the project"), span);
            return self.fail(diagnostic.help("name a file of the project, relative to this one".to_string()));
        };
        if let Some(text) = self.file_texts.get(&normal) {
            return Ok(text.clone());
        }
        let problem = match self.host.read(&normal).map(String::from_utf8) {
            Ok(Ok(text)) => {
                self.spend(text.len())?;
                // A byte order mark says nothing in UTF-8, and configuration files do not want it.
                let text = Str::from(text.strip_prefix('\u{feff}').unwrap_or(&text));
                self.file_texts.insert(normal, text.clone());
                return Ok(text);
            }
            Ok(Err(_)) => format!("`{normal}` is not UTF-8"),
            Err(error) => error.to_string(),
        };
        self.fail(Diagnostic::error(Code::Unreadable, problem, span))
    }
}
