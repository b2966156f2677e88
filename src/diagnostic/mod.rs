//! What is wrong with a program: codes, places, help; and the sink that phases report into.

mod code;
pub mod confidential;
mod excerpt;
mod fix;
pub mod github;
pub mod json;
mod page;
mod plain;
pub mod render;
pub mod sarif;
mod suggest;

pub use code::Code;
pub use fix::{Done, Edit, Fix, Repaired, repair};
pub use suggest::{did_you_mean, nearest};

use crate::source::Span;
use std::collections::{HashMap, HashSet};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is built.
    Error,
    /// Worth a look; everything is built.
    Warning,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// A text that stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be said of it; may be empty for the primary place.
    pub text: String,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of mistake, explained by `flinkc explain CODE`.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// One sentence without a full stop; what one would show if one could show only one thing.
    pub message: String,
    /// The narrowest text to change. None where no text is at fault (an empty project, a bad `--set`).
    pub primary: Option<Label>,
    /// Other places that explain it: where the thing is declared, what it collides with.
    pub related: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// Facts that help to understand, one a line.
    pub notes: Vec<String>,
    /// The environments in which it holds; empty means in all.
    pub environments: Vec<String>,
    /// What puts it right; only where there is one right answer.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>, at: Span) -> Diagnostic {
        Diagnostic { primary: Some(Label { span: at, text: String::new() }), ..Diagnostic::global(code, message) }
    }

    /// A warning at a place.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>, at: Span) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, message, at) }
    }

    /// An error that no text is to blame for.
    #[must_use]
    pub fn global(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            primary: None,
            related: Vec::new(),
            help: None,
            notes: Vec::new(),
            environments: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// What stands under the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        if let Some(primary) = &mut self.primary {
            primary.text = text.into();
        }
        self
    }

    /// Another place that explains it.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.related.push(Label { span, text: text.into() });
        self
    }

    /// What to do. `None` leaves the help as it is, so that a suggestion can be passed on as found.
    #[must_use]
    pub fn help(mut self, text: impl Into<Option<String>>) -> Diagnostic {
        if let Some(text) = text.into() {
            self.help = Some(text);
        }
        self
    }

    /// A fact that helps to understand.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Diagnostic {
        self.notes.push(text.into());
        self
    }
}

/// Where phases report to.
///
/// A mistake that shows in several environments is one diagnostic that names them.
#[derive(Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    // Code, place and message of what is in the list, and its index.
    seen: HashMap<(Code, Option<Span>, String), usize>,
    has_errors: bool,
}

/// More than these are dropped: they say nothing that those before them did not, and must not fill the memory.
const MOST: usize = 10_000;

impl Diagnostics {
    /// Takes a diagnostic; one that says the same as an earlier one only adds its environments.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.has_errors |= diagnostic.severity == Severity::Error;
        let key = (diagnostic.code, diagnostic.primary.as_ref().map(|label| label.span), diagnostic.message.clone());
        if let Some(&index) = self.seen.get(&key) {
            let known = &mut self.list[index];
            // What puts it right in one environment and not in another is not the one right answer.
            if known.fixes != diagnostic.fixes {
                known.fixes.clear();
            }
            if known.environments.is_empty() || diagnostic.environments.is_empty() {
                known.environments.clear();
            } else {
                for environment in diagnostic.environments {
                    if !known.environments.contains(&environment) {
                        known.environments.push(environment);
                    }
                }
            }
            return;
        }
        // An error is never dropped for warnings' sake: without one in the list nothing would say why nothing is built.
        if self.list.len() < MOST || diagnostic.severity == Severity::Error && self.list.len() < 2 * MOST {
            self.seen.insert(key, self.list.len());
            self.list.push(diagnostic);
        }
    }

    /// Takes all of another sink.
    pub fn extend(&mut self, others: Diagnostics) {
        for diagnostic in others.list {
            self.report(diagnostic);
        }
    }

    /// Whether anything forbids building.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.has_errors
    }

    /// Whether nothing was reported.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// What was reported, in source order, with `all` environments' names dropped where they are all. Of a program with
    /// errors nothing is told that is merely unused: it may be what was forgotten where the error is.
    #[must_use]
    pub fn finish(mut self, all: &[String]) -> Vec<Diagnostic> {
        if self.has_errors {
            self.list.retain(|diagnostic| diagnostic.code != Code::Unused);
        }
        let mut list = joined(self.list);
        let everywhere: HashSet<&String> = all.iter().collect();
        for diagnostic in &mut list {
            if diagnostic.environments.len() == everywhere.len() {
                diagnostic.environments.clear();
            }
        }
        list.sort_by_key(|diagnostic| diagnostic.primary.as_ref().map(|label| label.span));
        list
    }
}

/// Messages of other environments that a diagnostic shows beside its own.
const MOST_MESSAGES: usize = 5;

/// Makes one diagnostic of those that say the same of one place, but for a value that differs between environments:
/// who puts it right there does so for all. Others of the same kind there hold in the same environment.
fn joined(list: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut joined: Vec<Diagnostic> = Vec::with_capacity(list.len());
    // Code and places of what is in `joined`, its index, and how many messages came to it.
    let mut known: HashMap<(Code, Vec<Span>), (usize, usize)> = HashMap::new();
    for diagnostic in list {
        let Some(primary) = diagnostic.primary.as_ref().filter(|_| !diagnostic.environments.is_empty()) else {
            joined.push(diagnostic);
            continue;
        };
        let places = std::iter::once(primary).chain(&diagnostic.related).map(|label| label.span).collect();
        let (at, more) = known.entry((diagnostic.code, places)).or_insert((joined.len(), 0));
        let apart = |first: &&mut Diagnostic| {
            !diagnostic.environments.iter().any(|environment| first.environments.contains(environment))
        };
        let Some(first) = joined.get_mut(*at).filter(apart) else {
            joined.push(diagnostic);
            continue;
        };
        *more += 1;
        if *more <= MOST_MESSAGES {
            first.notes.push(format!("in {}: {}", diagnostic.environments.join(", "), diagnostic.message));
        }
        if first.fixes != diagnostic.fixes {
            first.fixes.clear();
        }
        first.environments.extend(diagnostic.environments);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn of(message: &str, at: usize, environments: &[&str]) -> Diagnostic {
        let environments = environments.iter().map(|name| (*name).to_owned()).collect();
        let at = Span::new(FileId(0), at, at + 1);
        Diagnostic { environments, ..Diagnostic::error(Code::CheckFailed, message, at) }
    }

    fn finished(all: &[&str], diagnostics: impl IntoIterator<Item = Diagnostic>) -> Vec<Diagnostic> {
        let mut sink = Diagnostics::default();
        diagnostics.into_iter().for_each(|diagnostic| sink.report(diagnostic));
        sink.finish(&all.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn one_place_is_one_diagnostic_whatever_the_environments_call_it() {
        let found = finished(
            &["dev", "test", "prod"],
            [of("8 are too many", 3, &["dev"]), of("9 are too many", 3, &["prod"]), of("8 are too many", 3, &["test"])],
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "8 are too many");
        assert_eq!(found[0].notes, ["in prod: 9 are too many"]);
        assert_eq!(found[0].environments, [""; 0], "it holds in all");
    }

    #[test]
    fn two_mistakes_of_one_environment_stay_two() {
        let found = finished(
            &["dev", "prod"],
            [of("too many", 3, &["dev"]), of("too few", 3, &["dev"]), of("too many", 9, &["prod"])],
        );
        assert_eq!(
            found.iter().map(|diagnostic| &*diagnostic.message).collect::<Vec<_>>(),
            ["too many", "too few", "too many"]
        );
    }

    #[test]
    fn what_is_put_right_differently_is_not_put_right_unasked() {
        let with = |text: &str, environment| {
            let at = Span::new(FileId(0), 3, 4);
            of("no", 3, &[environment]).fix("write it", at, text)
        };
        assert_eq!(finished(&["dev", "prod"], [with("a", "dev"), with("a", "prod")])[0].fixes.len(), 1);
        assert_eq!(finished(&["dev", "prod"], [with("a", "dev"), with("b", "prod")])[0].fixes.len(), 0);
    }
}
