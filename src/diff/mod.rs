//! What is different between two sets of objects, object by object, and how people and programs read it.
//!
//! Pure: where the objects come from is the caller's business, and so is what a change does to what runs: whoever knows
//! that sets the consequence of each path.

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

use crate::core::Cost;
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
    /// What it does to what runs that the object is gone, where that is known.
    pub consequence: Option<Consequence>,
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
    /// What it does to what runs, where that is known.
    pub consequence: Option<Consequence>,
}

/// What a change does to what runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequence {
    /// How bad it is.
    pub cost: Cost,
    /// Why, in the words of who knows.
    pub reason: Option<Str>,
}

impl PathChange {
    /// The steps to each value that holds no others, of what is different: one, unless something came or went as a
    /// whole.
    #[must_use]
    pub fn leaves(&self) -> Vec<Path> {
        let mut leaves = Vec::new();
        for value in self.before.iter().chain(&self.after) {
            path::leaves(&self.path, value, &mut leaves);
        }
        leaves
    }
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

impl ObjectChange {
    /// The worst that the change does to what runs, where anything is known.
    fn worst(&self) -> Option<Cost> {
        let of_paths = match &self.difference {
            Difference::Created(_) | Difference::Deleted(_) => &[][..],
            Difference::Changed { paths, .. } => paths,
        };
        let consequences = of_paths.iter().map(|path| &path.consequence).chain([&self.consequence]);
        consequences.flatten().map(|known| known.cost).max()
    }
}

/// As in `  [restart: the pods are replaced]`; empty where nothing is known.
fn bracketed(consequence: Option<&Consequence>) -> String {
    match consequence {
        Some(Consequence { cost, reason: Some(reason) }) => format!("  [{}: {reason}]", cost.word()),
        Some(Consequence { cost, reason: None }) => format!("  [{}]", cost.word()),
        None => String::new(),
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

/// As in `2 changed, 1 deleted; at worst restart`.
fn summary(objects: &[ObjectChange]) -> String {
    let some = counts(objects).into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = some.map(|(count, verb)| format!("{count} {verb}")).collect();
    if parts.is_empty() {
        return "no changes".to_owned();
    }
    match objects.iter().filter_map(ObjectChange::worst).max() {
        Some(cost) => format!("{}; at worst {}", parts.join(", "), cost.word()),
        None => parts.join(", "),
    }
}

/// As in `apps/v1 Deployment clicks/clicks-web`.
fn title(object: &Object) -> String {
    let Object { api_version, kind, name, namespace, .. } = object;
    match namespace {
        Some(namespace) => format!("{api_version} {kind} {namespace}/{name}"),
        None => format!("{api_version} {kind} {name}"),
    }
}
