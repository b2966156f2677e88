//! A program against what a cluster has, or says of its objects.

use super::asking::predict_on;
use super::changes::{judge, successors};
use super::compilation::{Compilation, compile};
use super::explain::objects as objects_of;
use super::{Outcome, Project, on_disk};
use crate::cluster::{Access, Cluster, Progress, Trouble};
use crate::diff::live::{LiveObject, Prognosis, PruneLabel, Question, Unmanaged, predict, wanted};
use crate::diff::{Class, Difference, EnvironmentDiff, Mask, Path, PathChange, SetBy, Step};
use crate::explain::{self, Explanation, Objects};
use crate::host::Host;
use crate::modules::WithStandard;

/// What to compare, and how.
#[derive(Clone, Copy)]
pub struct Against<'a> {
    /// The environment's name.
    pub environment: &'a str,
    /// Where it is said what the cluster has.
    pub source: Source<'a>,
    /// Who applies; none to tell it from the objects.
    pub manager: Option<&'a str>,
    /// What to do with fields that nobody declares.
    pub unmanaged: Unmanaged,
    /// Labels by which whoever applies prunes; none where nobody has told.
    pub labels: &'a [PruneLabel],
    /// What hides the values of Secrets.
    pub mask: &'a Mask,
}

/// Where it is said what a cluster has.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// Somebody wrote it down.
    Written(&'a [LiveObject]),
    /// The API server is asked.
    Server {
        /// Which; without a context that of the environment.
        access: Access<'a>,
        /// Is told how far the requests are.
        progress: Progress<'a>,
    },
}

/// What applying an environment would do to the objects of a cluster. The error says why there is no connection to it.
#[must_use]
pub fn diff_live(
    project: &Project,
    settings: &[(String, String)],
    against: Against,
) -> Outcome<Result<EnvironmentDiff, Trouble>> {
    on_disk(project, |host| diff_live_with(host, &project.module, project.file.as_deref(), settings, against))
}

/// [`diff_live`] with files from any host.
#[must_use]
pub fn diff_live_with(
    host: &dyn Host,
    module: &str,
    file: Option<&str>,
    settings: &[(String, String)],
    against: Against,
) -> Outcome<Result<EnvironmentDiff, Trouble>> {
    let outcome = compile(host, module, file, settings, |compilation| {
        let (environment, objects) = objects_of(compilation, against.environment)?;
        Some(compared(compilation, host, (environment, &objects), against))
    });
    Outcome { files: outcome.files, diagnostics: outcome.diagnostics, value: outcome.value.flatten() }
}

fn compared(
    compilation: &mut Compilation,
    host: &dyn Host,
    (environment, objects): (usize, &Objects),
    against: Against,
) -> Result<EnvironmentDiff, Trouble> {
    let question = Question {
        api: compilation.api(),
        manager: against.manager,
        unmanaged: against.unmanaged,
        labels: against.labels,
        mask: against.mask,
        answers: &[],
    };
    let wanted = wanted(&objects.units);
    let Prognosis { objects: mut changes, mut notes, failures } = match against.source {
        Source::Written(live) => predict(&wanted, live, question),
        Source::Server { access, progress } => {
            let context = access.context.or_else(|| compilation.context(environment));
            let cluster = Cluster::connect(Access { context, ..access })?;
            predict_on(&cluster, &wanted, question, progress)
        }
    };
    let successors = successors(&changes);
    for (change, successor) in changes.iter_mut().zip(&successors) {
        judge(compilation, environment, change, successor.as_ref());
    }
    let library = WithStandard(host);
    let read = |path: &str| library.read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    for unit in &objects.units {
        let own = changes.iter_mut().filter(|change| change.unit == unit.name);
        let changed: Vec<(String, &mut Vec<PathChange>)> = own
            .filter_map(|change| match &mut change.difference {
                Difference::Changed { after, paths, .. } => Some((format!("{}/{}", after.kind, after.name), paths)),
                Difference::Created(_) | Difference::Deleted(_) => None,
            })
            .collect();
        if !changed.is_empty() {
            attribute(compilation, environment, objects, &unit.name, changed, &read);
        }
    }
    notes.dedup();
    Ok(EnvironmentDiff { environment: against.environment.to_owned(), objects: changes, notes, failures })
}

/// Adds to each value that the program says who in it does.
fn attribute(
    compilation: &mut Compilation,
    environment: usize,
    objects: &Objects,
    unit: &str,
    changed: Vec<(String, &mut Vec<PathChange>)>,
    read: &dyn Fn(&str) -> Option<String>,
) {
    compilation.traced(environment, unit, read, |traced| {
        for (name, paths) in changed {
            // Where two objects share a name it is not known which.
            let Ok(chosen) = objects.find(&name) else { continue };
            let Ok(values) = explain::explain(objects, chosen, traced, None) else { continue };
            for path in paths.iter_mut().filter(|path| is_declared(path)) {
                path.set_by = winner(&values.values, &shown(&path.path));
            }
        }
    });
}

fn is_declared(path: &PathChange) -> bool {
    path.predicted.as_ref().is_some_and(|known| match known.class {
        Class::Change | Class::Takeover | Class::Conflict => true,
        Class::Removal | Class::Orphaned | Class::SideEffect | Class::Unmanaged => false,
    })
}

/// Who set a value, or the first value in it.
fn winner(values: &[Explanation], path: &str) -> Option<SetBy> {
    let inside = |known: &&Explanation| {
        known.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    // What a Secret has as text the cluster keeps as bytes.
    let Some(found) = values.iter().find(inside) else {
        return winner(values, &format!("stringData{}", path.strip_prefix("data")?));
    };
    let setting = found.settings.first()?;
    let place = setting.place.as_ref().map(|place| format!("{}:{}", place.file, place.line));
    Some(SetBy { layer: setting.layer.clone(), place })
}

/// A path as explanations write it.
fn shown(path: &Path) -> String {
    let mut text = String::new();
    for step in &path.0 {
        match step {
            Step::Key(name) | Step::Label(name) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(&explain::key(name));
            }
            Step::Index(at) => text.push_str(&format!("[{at}]")),
        }
    }
    text
}
