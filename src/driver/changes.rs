//! A program against what another one made: what is different, and what that does to what runs.

use super::compilation::{Compilation, compile};
use super::{EnvironmentUnits, Outcome, Project, environment_units, on_disk};
use crate::diff::{
    self, Class, Consequence, Difference, EnvironmentDiff, Mask, ObjectChange, Path, PathChange, Step, rollout,
};
use crate::eval::value::Str;
use crate::host::Host;
use crate::kubernetes::Object;
use crate::kubernetes::identity::group;
use std::collections::HashMap;

/// What is different between what there was before and the program, by environment; of one alone where its name is
/// given, and nothing where neither has it. Environments that are gone come last. Values of Secrets are hidden by a mask,
/// and rules about changes see no more of them.
#[must_use]
pub fn diff(
    project: &Project,
    settings: &[(String, String)],
    before: &[EnvironmentUnits],
    only: Option<&str>,
    mask: &Mask,
) -> Outcome<Vec<EnvironmentDiff>> {
    on_disk(project, |host| diff_with(host, &project.module, project.file.as_deref(), settings, before, only, mask))
}

/// [`diff`] with files from any host.
#[must_use]
pub fn diff_with(
    host: &dyn Host,
    module: &str,
    file: Option<&str>,
    settings: &[(String, String)],
    before: &[EnvironmentUnits],
    only: Option<&str>,
    mask: &Mask,
) -> Outcome<Vec<EnvironmentDiff>> {
    compile(host, module, file, settings, |compilation| {
        let after = environment_units(compilation);
        let of = |all: &[EnvironmentUnits], name: &str| all.iter().position(|known| known.environment == name);
        let gone = before.iter().filter(|known| of(&after, &known.environment).is_none());
        let names = after.iter().chain(gone).map(|known| known.environment.as_str());
        let mut environments = Vec::new();
        for name in names.filter(|name| only.is_none_or(|only| only == *name)) {
            let (was, is) = (of(before, name), of(&after, name));
            let was = was.map_or(&[][..], |at| &before[at].units);
            let mut objects = diff::compare(was, is.map_or(&[][..], |at| &after[at].units), mask);
            if let Some(environment) = is {
                let successors = successors(&objects);
                for (change, successor) in objects.iter_mut().zip(&successors) {
                    judge(compilation, environment, change, successor.as_ref());
                }
            }
            environments.push(EnvironmentDiff {
                environment: name.to_owned(),
                objects,
                notes: Vec::new(),
                failures: Vec::new(),
            });
        }
        environments
    })
}

/// For each object that is gone, or that stays without being declared, the one that has its place in its declaration now: it has another name or namespace.
pub(super) fn successors(objects: &[ObjectChange]) -> Vec<Option<Object>> {
    let place = |unit: &Str, object: &Object| {
        (unit.clone(), object.label.clone(), group(&object.api_version).to_owned(), object.kind.clone())
    };
    let mut created = HashMap::new();
    for change in objects {
        if let Difference::Created(object) = &change.difference {
            created.entry(place(&change.unit, object)).or_insert_with(Vec::new).push(object);
        }
    }
    let successor = |change: &ObjectChange| match &change.difference {
        // Of what only a cluster knows nobody knows the declaration.
        Difference::Deleted(object) if change.unit.is_empty() => renamed(object, objects).cloned(),
        Difference::Deleted(object) => match created.get(&place(&change.unit, object))?[..] {
            [successor] => Some(successor.clone()),
            // Of several nobody knows which.
            _ => None,
        },
        // What stays although it is not in the program any more.
        Difference::Changed { before, paths, .. } if change.unit.is_empty() && paths.is_empty() => {
            renamed(before, objects).cloned()
        }
        Difference::Created(_) | Difference::Changed { .. } => None,
    };
    objects.iter().map(successor).collect()
}

/// The one created object that is another of the same kind under a longer or shorter name, with another hash behind it,
/// or in another namespace: what a prefix, a suffix, a change or a move makes of it.
fn renamed<'o>(gone: &Object, objects: &'o [ObjectChange]) -> Option<&'o Object> {
    let is_part = |whole: &str, part: &str| {
        let before = whole.strip_suffix(part).is_some_and(|rest| rest.ends_with('-'));
        before || whole.strip_prefix(part).is_some_and(|rest| rest.starts_with('-'))
    };
    let created = objects.iter().filter_map(|change| match &change.difference {
        Difference::Created(object) => Some(object),
        Difference::Deleted(_) | Difference::Changed { .. } => None,
    });
    let mut found = created.filter(|object| {
        let is_alike = object.kind == gone.kind && group(&object.api_version) == group(&gone.api_version);
        let (is, was) = (&object.name, &gone.name);
        is_alike && (stem(is) == stem(was) || is_part(is, was) || is_part(was, is))
    });
    // Of several nobody knows which.
    found.next().filter(|_| found.next().is_none())
}

/// A name without a hash of eight or ten letters.
fn stem(name: &str) -> &str {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    match name.rsplit_once('-') {
        // Without a digit it is a word.
        Some((stem, hash))
            if matches!(hash.len(), 8 | 10)
                && hash.bytes().all(is_letter)
                && hash.bytes().any(|byte| byte.is_ascii_digit()) =>
        {
            stem
        }
        Some(_) | None => name,
    }
}

/// Adds to each changed path what the program's rules about the kind say of it: of what came or went as a whole the
/// worst of its parts. That an object is gone is a change of its name. Where they say nothing, what Kubernetes does with
/// the pods is known anyway.
pub(super) fn judge(
    compilation: &mut Compilation,
    environment: usize,
    change: &mut ObjectChange,
    successor: Option<&Object>,
) {
    let (before, after, paths) = match &mut change.difference {
        Difference::Created(_) => return,
        Difference::Deleted(object) => {
            let known = of_name(compilation, environment, object, successor);
            change.consequence = known.or_else(|| rollout::of_deletion(object));
            return;
        }
        Difference::Changed { before, paths, .. } if paths.is_empty() => {
            let Some(successor) = successor else { return };
            change.consequence = of_name(compilation, environment, before, Some(successor));
            return;
        }
        Difference::Changed { before, after, paths } => (before, after, paths),
    };
    let leaves: Vec<Vec<Path>> = paths.iter().map(PathChange::leaves).collect();
    let asked: Vec<Vec<String>> = leaves.iter().flatten().map(words).collect();
    let mut answers = compilation.consequences(environment, before, Some(after), &asked).into_iter();
    for (path, leaves) in paths.iter_mut().zip(&leaves) {
        // Of several that are as bad the first says why.
        let known = answers.by_ref().take(leaves.len()).flatten();
        let worst = known.reduce(|worst, other| if other.cost > worst.cost { other } else { worst });
        let worst = worst.map(|known| Consequence { cost: known.cost, reason: known.reason });
        // What is known already comes from the API: a rule of the program may know worse.
        let known = path.consequence.take();
        path.consequence = match (known, worst) {
            (Some(known), Some(worst)) if worst.cost < known.cost => Some(known),
            (known, worst) => worst.or(known).or_else(|| rollout::of_change(before, after, &path.path)),
        };
    }
    // What stays as it is costs nothing, and needs no word; nor does a default that only the file has not.
    let is_computed = change.prediction.as_ref().is_some_and(|known| known.evidence.is_computed());
    let is_filled_in = |path: &PathChange| {
        let is_side_effect = path.predicted.as_ref().is_some_and(|known| known.class == Class::SideEffect);
        is_side_effect && is_computed && path.before.is_none()
    };
    for path in paths.iter_mut().filter(|path| path.before == path.after || is_filled_in(path)) {
        path.consequence = None;
    }
}

/// What it does that an object goes by another name, or by none.
fn of_name(
    compilation: &mut Compilation,
    environment: usize,
    before: &Object,
    after: Option<&Object>,
) -> Option<Consequence> {
    let name = [vec!["metadata".to_owned(), "name".to_owned()]];
    let known = compilation.consequences(environment, before, after, &name).into_iter().flatten().next()?;
    Some(Consequence { cost: known.cost, reason: known.reason })
}

fn words(path: &Path) -> Vec<String> {
    let word = |step: &Step| match step {
        Step::Key(name) | Step::Label(name) => name.to_string(),
        Step::Index(at) => format!("[{at}]"),
    };
    path.0.iter().map(word).collect()
}
