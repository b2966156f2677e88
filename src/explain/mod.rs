//! What declarations, types and fields are; and why a value is what it is: every layer that set it, in order, and what
//! it was computed from.

mod api;
mod builtin;
mod context;
mod data;
mod describe;
mod kinds;
mod leaf;
mod lookup;
mod notation;
mod origin;
mod page;
mod text;
mod topic;
mod world;

pub use describe::{describe, is_api_version};
pub use lookup::Problem;
pub use notation::key;
pub use page::{Description, FieldLine, Rule};
pub use topic::{Topic, topics_text};
pub use world::World;

use crate::core::{EnvironmentId, Program};
use crate::eval::Evaluator;
use crate::eval::value::Value;
use crate::kubernetes::{Object, Unit, kustomize};
use crate::source::{Files, Span};
use context::Contexts;
use leaf::{Leaf, Step};
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::cell::RefCell;

/// What is known of a value, or of all values of an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Values {
    /// The environment's name.
    pub environment: String,
    /// `Kind/name`, as the cluster knows it.
    pub object: String,
    /// What was asked for; none for the whole object.
    pub path: Option<String>,
    /// Who makes the object, outermost first.
    pub made_by: Vec<Maker>,
    /// In the object's order; one where a scalar was asked for.
    pub values: Vec<Explanation>,
}

/// Who makes an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Maker {
    /// Such as `flink.application clicks`.
    pub what: String,
    /// Where it is declared.
    pub place: Location,
}

/// Why a value is what it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// From the top of the object; keys with dots are quoted.
    pub path: String,
    /// What the cluster receives.
    pub value: serde_json::Value,
    /// Who set it, the winner first, then those that lost, the strongest first. Never empty.
    pub settings: Vec<Setting>,
    /// What happens to it after evaluation.
    pub notes: Vec<String>,
}

/// A setting of a value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    /// Such as `declaration`, `when prod`, `default of flink.Job`.
    pub layer: String,
    /// In the language's notation; none where it cannot be told.
    pub value: Option<String>,
    /// Where it stands.
    pub place: Option<Location>,
    /// Whether a stronger one won.
    pub overridden: bool,
    /// What the value was computed from.
    pub from: Vec<Source>,
    /// What decided that it is set at all, within the block that it stands in.
    pub only_where: Vec<Source>,
}

/// What a value was computed from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Source {
    /// As far as it is known where it is read: `job.parallelism`.
    pub path: String,
    /// In the language's notation; none for what is not set.
    pub value: Option<String>,
    /// Who set it, the winner first.
    pub settings: Vec<Setting>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Location {
    /// From the top of the project; the standard library's begin with `std:`.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The line without the white space around it.
    pub text: String,
    /// What of the line people are shown: from the column on, where something is set there.
    #[serde(skip)]
    shown: String,
}

impl Location {
    /// Where a range of a text begins.
    fn of(files: &Files, span: Span) -> Location {
        let file = files.get(span.file);
        let (line, column) = file.line_column(span.start());
        let range = file.line_range(line - 1);
        let text = file.text[range.clone()].trim().to_owned();
        let shown = file.text.get(span.start()..range.end).unwrap_or_default().trim().to_owned();
        Location { file: file.name.clone(), line, column, text, shown }
    }

    /// A place of which the whole line is of interest.
    fn of_line(file: &str, line: usize, column: usize, text: &str) -> Location {
        let text = text.trim().to_owned();
        Location { file: file.to_owned(), line, column, shown: text.clone(), text }
    }
}

/// How a text for people looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Columns.
    pub width: usize,
}

/// An environment whose objects are known, and the means to explain them.
#[derive(Debug)]
pub struct Objects {
    /// As they are evaluated, in order.
    pub units: Vec<Unit>,
    /// As the cluster receives them: the number of the unit, that of the object in it, and the object.
    rendered: Vec<(usize, usize, Object)>,
    // Shared by all explanations: the same few files are asked about again and again.
    contexts: RefCell<Contexts>,
}

impl Objects {
    /// The objects of an environment.
    #[must_use]
    pub fn new(units: Vec<Unit>) -> Objects {
        let mut rendered = Vec::new();
        let mut all = kustomize::rendered(&units).into_iter().peekable();
        for (unit, object, original) in
            units.iter().enumerate().flat_map(|(unit, made)| (0..).zip(&made.objects).map(move |(at, o)| (unit, at, o)))
        {
            // Kustomize keeps the order and drops some.
            if let Some(found) = all.next_if(|found| is_of(found, original)) {
                rendered.push((unit, object, found));
            }
        }
        Objects { units, rendered, contexts: RefCell::default() }
    }

    /// The object that a user names, as an index to be explained.
    ///
    /// # Errors
    /// What is wrong with the name, and what there is.
    pub fn find(&self, name: &str) -> Result<Chosen, Problem> {
        lookup::object(self, name)
    }

    /// All objects as `Kind/name`, with the unit that each belongs to.
    pub fn names(&self) -> impl Iterator<Item = (String, &str)> {
        self.rendered.iter().map(|(unit, _, object)| (kinds::named(object), &*self.units[*unit].name))
    }
}

/// Whether an object is another one as Kustomize makes it.
fn is_of(rendered: &Object, original: &Object) -> bool {
    rendered.kind == original.kind
        && rendered.api_version == original.api_version
        && rendered.namespace == original.namespace
        && rendered.label == original.label
        && rendered.span == original.span
        && rendered.name.starts_with(&*original.name)
}

/// An object of [`Objects`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen(usize);

impl Objects {
    /// The name of the unit that makes it, to be evaluated once more with tracing.
    #[must_use]
    pub fn unit_of(&self, Chosen(at): Chosen) -> &str {
        &self.units[self.rendered[at].0].name
    }

    /// The objects that a unit makes.
    pub fn of_unit(&self, unit: &str) -> impl Iterator<Item = Chosen> {
        let own = move |at: &usize| &*self.units[self.rendered[*at].0].name == unit;
        (0..self.rendered.len()).filter(own).map(Chosen)
    }
}

/// A unit that was evaluated once more, by an evaluator that traces.
pub struct Traced<'a, 'p> {
    /// The program.
    pub program: &'a Program,
    /// Its texts.
    pub files: &'a Files,
    /// The evaluator that traced.
    pub evaluator: &'a Evaluator<'p>,
    /// The environment.
    pub environment: EnvironmentId,
    /// What it made of the unit, in the same order as the first time.
    pub objects: &'a [Object],
    /// Reads a file of the project, for places in data files.
    pub read: &'a dyn Fn(&str) -> Option<String>,
}

/// Explains an object's value at a path, or all its values.
///
/// # Errors
/// What is wrong with the path, and what there is.
pub fn explain(objects: &Objects, Chosen(at): Chosen, traced: &Traced, path: Option<&str>) -> Result<Values, Problem> {
    let (_, number, rendered) = &objects.rendered[at];
    let original = &traced.objects[*number];
    let leaves = leaf::leaves(rendered);
    let wanted: Vec<&Leaf> = match path {
        Some(path) => lookup::leaves(&leaves, path)?,
        None => leaves.iter().collect(),
    };
    let mut contexts = objects.contexts.borrow_mut();
    let mut origins = origin::Origins::new(traced, original, &mut contexts);
    let before = leaf::leaves(original);
    let before: FxHashMap<&[Step], &Leaf> = before.iter().map(|leaf| (leaf.steps.as_slice(), leaf)).collect();
    let values = wanted.iter().map(|leaf| {
        let same = before.get(leaf.steps.as_slice()).copied();
        origins.explanation(leaf, same, rendered)
    });
    let values = values.collect();
    Ok(Values {
        environment: traced.program.environments[traced.environment.0 as usize].name.to_string(),
        object: kinds::named(rendered),
        path: path.map(str::to_owned),
        made_by: origins.made_by(),
        values,
    })
}

impl Values {
    /// For people: a value in full, several one a line.
    #[must_use]
    pub fn text(&self, page: Page) -> String {
        text::values(self, page)
    }

    /// For programs: a JSON object, ended by a line end. The shape is stable: fields are added, never changed.
    #[must_use]
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("strings and numbers can always be written");
        text.push('\n');
        text
    }
}

/// A value as JSON.
fn as_json(value: &Value) -> serde_json::Value {
    serde_json::from_str(&crate::yaml::json(value)).unwrap_or(serde_json::Value::Null)
}
