//! What is different between two sets of objects, object by object, and how people and programs read it.
//!
//! Pure: where the objects come from is the caller's business. Each change keeps both objects, so that whoever knows
//! more of a kind, such as what a change costs, can be asked about the pair and say so beside the paths.

mod compare;
mod json;
mod lines;
mod markdown;
mod path;
mod secrets;
mod text;

#[cfg(test)]
mod tests;

pub use compare::compare;
pub use json::json;
pub use markdown::markdown;
pub use path::{Path, Step};
pub use text::text;

use crate::eval::value::{Str, Value};
use crate::kubernetes::Object;

/// What is different in an environment.
#[derive(Debug, Clone)]
pub struct EnvironmentDiff {
    /// Its name.
    pub environment: String,
    /// In the order of the objects as they are after; what is gone comes last.
    pub objects: Vec<ObjectChange>,
}

/// An object that is not the same before and after.
#[derive(Debug, Clone)]
pub struct ObjectChange {
    /// The declaration that makes it, or made it.
    pub unit: Str,
    /// What is different.
    pub difference: Difference,
}

/// How an object is different.
#[derive(Debug, Clone)]
pub enum Difference {
    /// It was not there.
    Created(Object),
    /// It is not there any more.
    Deleted(Object),
    /// It is otherwise.
    Changed {
        /// As it was.
        before: Object,
        /// As it is.
        after: Object,
        /// Where they differ, in the order of fields; never empty.
        paths: Vec<PathChange>,
    },
}

/// A place in an object where something is different. Values of Secrets are hidden in it already.
#[derive(Debug, Clone)]
pub struct PathChange {
    /// Where.
    pub path: Path,
    /// None where nothing was.
    pub before: Option<Value>,
    /// None where nothing is.
    pub after: Option<Value>,
}

impl ObjectChange {
    /// The object as it is, or was last.
    #[must_use]
    pub fn object(&self) -> &Object {
        match &self.difference {
            Difference::Created(object) | Difference::Deleted(object) | Difference::Changed { after: object, .. } => {
                object
            }
        }
    }
}

/// How many objects are created, changed and deleted.
fn counts(objects: &[ObjectChange]) -> [(usize, &'static str); 3] {
    let count = |is: fn(&Difference) -> bool| objects.iter().filter(|change| is(&change.difference)).count();
    [
        (count(|difference| matches!(difference, Difference::Changed { .. })), "changed"),
        (count(|difference| matches!(difference, Difference::Created(_))), "created"),
        (count(|difference| matches!(difference, Difference::Deleted(_))), "deleted"),
    ]
}

/// As in `2 changed, 1 deleted`.
fn summary(objects: &[ObjectChange]) -> String {
    let some = counts(objects).into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = some.map(|(count, verb)| format!("{count} {verb}")).collect();
    if parts.is_empty() { "no changes".to_owned() } else { parts.join(", ") }
}

/// As in `apps/v1 Deployment clicks/clicks-web`.
fn title(object: &Object) -> String {
    let Object { api_version, kind, name, namespace, .. } = object;
    match namespace {
        Some(namespace) => format!("{api_version} {kind} {namespace}/{name}"),
        None => format!("{api_version} {kind} {name}"),
    }
}
