//! What is different between two sets of objects, object by object, and how people and programs read it.
//!
//! Pure: where the objects come from is the caller's business, and so is what a change does to what runs: whoever knows
//! that sets the consequence of each path.

mod base64;
mod compare;
mod json;
mod lines;
pub mod live;
mod markdown;
mod path;
pub mod rollout;
mod secrets;
mod text;

#[cfg(test)]
mod tests;

pub use compare::compare;
pub use json::json;
pub use markdown::markdown;
pub use path::{Path, Step};
pub use secrets::Mask;
pub use text::text;

/// What is shown of an object that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// Each place where it differs.
    #[default]
    Paths,
    /// The lines of its YAML that differ.
    Unified,
}

/// How a text for people looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// What is shown.
    pub form: Form,
    /// Whether with colours.
    pub color: Color,
}

/// Whether a text has colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Color {
    /// It has none.
    #[default]
    Never,
    /// It has, for a terminal.
    Always,
}

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
    /// What holds of all of it, for people.
    pub notes: Vec<String>,
    /// The objects of which it is not known what would become of them.
    pub failures: Vec<Failed>,
}

/// An object of which it is not known what would become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// As titles show it.
    pub object: String,
    /// Why.
    pub reason: String,
}

impl EnvironmentDiff {
    /// Whether anything is not known, or would be refused.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        !self.failures.is_empty() || self.objects.iter().any(|change| change.refused().is_some())
    }

    /// Whether anything is different.
    #[must_use]
    pub fn is_different(&self) -> bool {
        self.objects.iter().any(ObjectChange::is_difference)
    }

    /// The worst that it does to what runs, where anything is known.
    #[must_use]
    pub fn worst(&self) -> Option<Cost> {
        worst(&self.objects).map(|(cost, _)| cost)
    }
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
    /// How it is known, where it is a prediction.
    pub prediction: Option<Prediction>,
}

/// How what an apply would do to an object is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prediction {
    /// What it is told by.
    pub evidence: Evidence,
    /// The field manager that applies; none where nobody knows.
    pub manager: Option<String>,
    /// What else is to be known, for people.
    pub notes: Vec<String>,
    /// Why the server refuses the apply, where it was asked and does.
    pub refused: Option<String>,
}

/// What a prediction is told by, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// The server says so: it was asked, by a dry run.
    Server,
    /// The object says in `managedFields` who owns which field.
    Ownership,
    /// The object holds a copy of what was applied last.
    LastApplied,
    /// What applies it keeps a list of its objects, or has marked them.
    Inventory,
    /// Only what is declared is known: what was declared before is not.
    Declared,
}

impl Evidence {
    /// Whether what the server fills in is computed here, and not what a server has answered. A file need not have what
    /// its server had filled in long ago, so that it may look as if it came now.
    #[must_use]
    pub fn is_computed(self) -> bool {
        match self {
            Evidence::Server => false,
            Evidence::Ownership | Evidence::LastApplied | Evidence::Inventory | Evidence::Declared => true,
        }
    }

    /// As programs read it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Evidence::Server => "server",
            Evidence::Ownership => "ownership",
            Evidence::LastApplied => "last-applied",
            Evidence::Inventory => "inventory",
            Evidence::Declared => "declared",
        }
    }
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
        /// Where they differ, in the order of fields; empty only where a prediction has nothing but notes.
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
    /// What an apply would do there, where that is predicted.
    pub predicted: Option<Predicted>,
    /// Who in the program says so, where that is known.
    pub set_by: Option<SetBy>,
}

/// What an apply would do at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predicted {
    /// What kind of change it is.
    pub class: Class,
    /// The other managers that own the place.
    pub owners: Vec<String>,
    /// What else is to be known, for people.
    pub notes: Vec<String>,
}

/// What kind of change an apply makes at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The program declares another value.
    Change,
    /// The program does not declare it any more, and nobody else keeps it: it goes, or goes back to its default.
    Removal,
    /// Another manager set the value; the apply takes it over.
    Takeover,
    /// Another manager set the value; the apply is refused.
    Conflict,
    /// The program does not declare it any more, but another manager keeps it.
    Orphaned,
    /// Nobody declares it: the server fills it in since something else changes.
    SideEffect,
    /// Nobody declares it, and it stays.
    Unmanaged,
}

impl Class {
    /// As programs read it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Class::Change => "change",
            Class::Removal => "removal",
            Class::Takeover => "takeover",
            Class::Conflict => "conflict",
            Class::Orphaned => "orphaned",
            Class::SideEffect => "side-effect",
            Class::Unmanaged => "unmanaged",
        }
    }

    /// Whether something is different afterwards that somebody wanted. What the server fills in comes with something
    /// else, and what nobody declares stays as it is.
    #[must_use]
    pub fn is_difference(self) -> bool {
        match self {
            Class::Change | Class::Removal | Class::Takeover | Class::Conflict | Class::Orphaned => true,
            Class::SideEffect | Class::Unmanaged => false,
        }
    }
}

/// Who in a program set a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetBy {
    /// The layer, such as `when prod`.
    pub layer: String,
    /// File and line, where they are known.
    pub place: Option<String>,
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
    /// Whether it counts as a difference.
    fn is_difference(&self) -> bool {
        self.predicted.as_ref().is_none_or(|predicted| predicted.class.is_difference())
    }

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
    /// Whether an apply changes anything that somebody wanted changed; else there is only something to be known.
    #[must_use]
    pub fn is_difference(&self) -> bool {
        match &self.difference {
            Difference::Created(_) | Difference::Deleted(_) => true,
            Difference::Changed { paths, .. } => paths.iter().any(PathChange::is_difference),
        }
    }

    /// Why the server refuses the apply, where it does.
    #[must_use]
    pub fn refused(&self) -> Option<&str> {
        self.prediction.as_ref()?.refused.as_deref()
    }

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
    let count = |is: fn(&Difference) -> bool| {
        objects.iter().filter(|change| change.is_difference() && is(&change.difference)).count()
    };
    [
        (count(|difference| matches!(difference, Difference::Changed { .. })), "changed"),
        (count(|difference| matches!(difference, Difference::Created(_))), "created"),
        (count(|difference| matches!(difference, Difference::Deleted(_))), "deleted"),
    ]
}

/// As in `at worst restart: 2 changed, 1 deleted, 1 refused`.
fn summary(objects: &[ObjectChange], failures: &[Failed]) -> String {
    let refused = objects.iter().filter(|change| change.refused().is_some()).count();
    let counts = counts(objects).into_iter().chain([(refused, "refused"), (failures.len(), "not known")]);
    let parts: Vec<String> =
        counts.filter(|(count, _)| *count > 0).map(|(count, verb)| format!("{count} {verb}")).collect();
    if parts.is_empty() {
        return "no changes".to_owned();
    }
    match worst(objects) {
        Some((cost, _)) => format!("at worst {}: {}", cost.word(), parts.join(", ")),
        None => parts.join(", "),
    }
}

/// The worst that all changes do, and the first object that it happens to.
fn worst(objects: &[ObjectChange]) -> Option<(Cost, &ObjectChange)> {
    let known = objects.iter().filter_map(|change| Some((change.worst()?, change)));
    known.reduce(|worst, other| if other.0 > worst.0 { other } else { worst })
}

/// Where the worst happens, and why, as in `restart: apps/v1 Deployment clicks/web: spec.template…`; none where one sees
/// it at once, or where nothing happens to what runs.
fn headline(objects: &[ObjectChange]) -> Option<String> {
    let (cost, change) = worst(objects).filter(|(cost, _)| objects.len() > 1 && *cost > Cost::Nothing)?;
    let others = objects.iter().filter(|other| other.worst() == Some(cost)).count() - 1;
    let is_worst = |known: &&Consequence| known.cost == cost;
    let of_path = match &change.difference {
        Difference::Created(_) | Difference::Deleted(_) => None,
        Difference::Changed { paths, .. } => {
            paths.iter().find_map(|path| Some((&path.path, path.consequence.as_ref().filter(is_worst)?)))
        }
    };
    let title = title(change.object());
    let (place, known) = match of_path {
        Some((path, known)) => (format!("{title}, {path}"), Some(known)),
        None => (title, change.consequence.as_ref()),
    };
    let reason =
        known.and_then(|known| known.reason.as_deref()).map(|reason| format!(": {reason}")).unwrap_or_default();
    let more = if others > 0 { format!("; more such objects: {others}") } else { String::new() };
    Some(format!("{}: {place}{reason}{more}", cost.word()))
}

/// As in `apps/v1 Deployment clicks/clicks-web`.
fn title(object: &Object) -> String {
    let Object { api_version, kind, name, namespace, .. } = object;
    match namespace {
        Some(namespace) => format!("{api_version} {kind} {namespace}/{name}"),
        None => format!("{api_version} {kind} {name}"),
    }
}
