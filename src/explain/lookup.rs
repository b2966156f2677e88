//! Finds what a user names: an object, a path in it.

use super::leaf::{Leaf, Step};
use super::{Chosen, Objects, kinds, notation};
use crate::diagnostic::did_you_mean;
use crate::kubernetes::Object;

/// Of many candidates these are named.
const NAMED: usize = 12;

/// What is wrong with a name on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A sentence without a full stop.
    pub message: String,
    /// What to say instead.
    pub help: Option<String>,
}

/// The object that a text such as `deploy/clicks`, `Deployment.apps/clicks` or `Service/other-namespace/web` names.
pub(super) fn object(objects: &Objects, name: &str) -> Result<Chosen, Problem> {
    let Some((kind, rest)) = name.split_once('/') else {
        return Err(Problem {
            message: format!("`{name}` names no object"),
            help: Some("an object is named as `Kind/name`, such as `Deployment/web`".to_owned()),
        });
    };
    let all = || objects.rendered.iter().map(|(unit, at, object)| (&*objects.units[*unit].objects[*at].name, object));
    let found: Vec<(usize, &Object)> = (0..)
        .zip(all())
        .filter(|(_, (before, object))| kinds::is_kind(kind, object) && is_name(rest, before, object))
        .map(|(at, (_, object))| (at, object))
        .collect();
    match found.as_slice() {
        [(at, _)] => Ok(Chosen(*at)),
        [] => Err(no_object(kind, rest, name, &all().map(|(_, object)| object).collect::<Vec<_>>())),
        several => {
            let full = several.iter().map(|(_, object)| {
                let group = object.api_version.split_once('/').map_or(String::new(), |(group, _)| format!(".{group}"));
                let namespace = object.namespace.as_deref().map_or(String::new(), |name| format!("{name}/"));
                format!("{}{group}/{namespace}{}", object.kind, object.name)
            });
            let help = Some(format!("say which one: {}", listed(full)));
            Err(Problem { message: format!("`{name}` names {} objects", several.len()), help })
        }
    }
}

/// Whether a text is an object's name, with its namespace or without; also the name without the hash that Kustomize
/// adds, which is the one in the source.
fn is_name(text: &str, before: &str, object: &Object) -> bool {
    match text.split_once('/') {
        Some((namespace, name)) => {
            object.namespace.as_deref() == Some(namespace) && (name == before || name == &*object.name)
        }
        None => text == before || text == &*object.name,
    }
}

fn no_object(kind: &str, rest: &str, name: &str, all: &[&Object]) -> Problem {
    let of_kind: Vec<&&Object> = all.iter().filter(|object| kinds::is_kind(kind, object)).collect();
    let bare = rest.rsplit('/').next().unwrap_or(rest);
    if of_kind.is_empty() {
        let message = format!("there is no object of the kind `{kind}`");
        let help = did_you_mean(kind, all.iter().map(|object| &*object.kind))
            .unwrap_or_else(|| format!("there are {}", listed(all.iter().map(|object| kinds::named(object)))));
        return Problem { message, help: Some(help) };
    }
    let near = crate::diagnostic::nearest(bare, of_kind.iter().map(|object| &*object.name));
    let help = match near.and_then(|near| of_kind.iter().find(|object| &*object.name == near)) {
        Some(object) => format!("did you mean `{}`?", kinds::named(object)),
        None => format!("there are {}", listed(of_kind.iter().map(|object| kinds::named(object)))),
    };
    Problem { message: format!("there is no `{name}`"), help: Some(help) }
}

/// Names for a sentence, the first of many.
pub(super) fn listed(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match names.len() {
        0 => "none".to_owned(),
        count if count > NAMED => format!("{} and {} more", names[..NAMED].join(", "), count - NAMED),
        _ => names.join(", "),
    }
}

/// The values at a path and below it.
pub(super) fn leaves<'l>(leaves: &'l [Leaf], path: &str) -> Result<Vec<&'l Leaf>, Problem> {
    let found: Vec<&Leaf> = leaves.iter().filter(|leaf| walked(path, &leaf.steps).left.is_empty()).collect();
    // A key may be the beginning of another with a dot: the longest wins.
    let exact: Vec<&Leaf> = found.iter().copied().filter(|l| walked(path, &l.steps).steps == l.steps.len()).collect();
    match (exact.is_empty(), found.is_empty()) {
        (false, _) => Ok(exact),
        (true, false) => Ok(found),
        (true, true) => Err(no_path(leaves, path)),
    }
}

/// How far a path leads towards a value.
struct Walked<'t> {
    steps: usize,
    // What of the path is left.
    left: &'t str,
}

fn walked<'t>(path: &'t str, steps: &[Step]) -> Walked<'t> {
    let mut left = path.strip_prefix('.').unwrap_or(path);
    for (at, step) in steps.iter().enumerate() {
        if left.is_empty() {
            return Walked { steps: at, left };
        }
        match after(left, step) {
            Some(rest) => left = rest,
            None => return Walked { steps: at, left },
        }
    }
    Walked { steps: steps.len(), left }
}

/// What is left of a path after a step, if the step is what it begins with.
fn after<'t>(path: &'t str, step: &Step) -> Option<&'t str> {
    let (names, number): (&[&str], Option<usize>) = match step {
        Step::Key(key) => (&[key.as_str()], None),
        Step::Item(Some(name), at) => (&[name.as_str()], Some(*at)),
        Step::Item(None, at) => (&[], Some(*at)),
    };
    let number = number.map(|at| at.to_string());
    let plain = names.iter().copied().chain(number.as_deref());
    for name in plain {
        let quoted = format!("\"{name}\"");
        for form in [name.to_owned(), quoted.clone(), format!("[{name}]"), format!("[{quoted}]")] {
            if let Some(rest) = path.strip_prefix(form.as_str()) {
                if rest.is_empty() || rest.starts_with('[') {
                    return Some(rest);
                }
                if let Some(rest) = rest.strip_prefix('.') {
                    return Some(rest);
                }
            }
        }
    }
    None
}

/// Says how far a path leads, and what there is.
fn no_path(leaves: &[Leaf], path: &str) -> Problem {
    let deepest =
        leaves.iter().map(|leaf| walked(path, &leaf.steps)).zip(leaves).max_by_key(|(walked, _)| walked.steps);
    let Some((Walked { steps, left }, leaf)) = deepest else {
        return Problem { message: "the object is empty".to_owned(), help: None };
    };
    let before = &leaf.steps[..steps];
    let there: Vec<&Leaf> = leaves.iter().filter(|leaf| leaf.steps.starts_with(before)).collect();
    let mut next: Vec<String> = Vec::new();
    for leaf in there {
        if let Some(step) = leaf.steps.get(steps) {
            let name = notation::path(std::slice::from_ref(step));
            if !next.contains(&name) {
                next.push(name);
            }
        }
    }
    let wrong = left.split(['.', '[']).next().filter(|word| !word.is_empty()).unwrap_or(left);
    let place = if before.is_empty() { "the object".to_owned() } else { format!("`{}`", notation::path(before)) };
    if next.is_empty() {
        let message = format!("{place} is a plain value, with nothing in it");
        return Problem { message, help: Some(format!("leave out `{left}`")) };
    }
    let help = did_you_mean(wrong, next.iter().map(String::as_str));
    let help = help.unwrap_or_else(|| format!("there are {}", listed(next.into_iter())));
    Problem { message: format!("{place} has no `{wrong}`"), help: Some(help) }
}
