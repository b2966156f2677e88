//! Kinds that declarations name, and what is said of those that nothing knows.

use super::{Checker, errors};
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::schema::Version;
use crate::syntax::ast::Name;

impl Checker<'_> {
    /// Reports a kind that the API does not have. `otherwise` is what one could write for a kind that nobody declares.
    pub(super) fn report_kind(&mut self, version: &Name, kind: &Name, otherwise: Option<&str>) {
        if let Some(removed) = self.api.lifecycle(&version.text, &kind.text).and_then(|lifecycle| lifecycle.removed) {
            let successor = self.api.successor(&version.text, &kind.text, Version::NEWEST);
            self.sink.report(errors::removed_kind(version, &kind.text, removed, successor));
            return;
        }
        let versions: Vec<String> = self.api.api_versions_of(&kind.text).map(str::to_string).collect();
        let neighbours: Vec<&str> =
            self.api.kinds().filter(|(known, _)| **known == *version.text).map(|(_, kind)| kind).collect();
        let diagnostic = if !versions.is_empty() {
            let message = format!("`{}` has no kind `{}`", version.text, kind.text);
            let help = format!("it is in {}", errors::listed(versions.iter().map(String::as_str)));
            let diagnostic = Diagnostic::error(Code::UnknownKind, message, version.span).help(help);
            match versions.as_slice() {
                [only] => diagnostic.fix(format!("write `{only}`"), version.span, only.as_str()),
                _ => diagnostic,
            }
        } else if !neighbours.is_empty() {
            let message = format!("`{}` has no kind `{}`", version.text, kind.text);
            let all = neighbours.iter().copied().chain(self.api.kinds().map(|(_, kind)| kind));
            let few = (neighbours.len() <= errors::FEW)
                .then(|| format!("it has {}", errors::listed(neighbours.iter().copied())));
            Diagnostic::error(Code::UnknownKind, message, kind.span)
                .help(did_you_mean(&kind.text, all).or(few))
                .suggest(&kind.text, kind.span, neighbours)
        } else {
            let message = format!("nothing declares the kind `{}` of `{}`", kind.text, version.text);
            let import = "`flinkc import` makes a declaration of its CustomResourceDefinition";
            let import = otherwise.map_or_else(|| import.to_string(), |otherwise| format!("{import}; {otherwise}"));
            let near = did_you_mean(&kind.text, self.api.kinds().map(|(_, kind)| kind));
            Diagnostic::error(Code::UnknownKind, message, kind.span).help(near.unwrap_or(import))
        };
        self.sink.report(diagnostic);
    }
}
