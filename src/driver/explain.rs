//! Why a value is what it is.

use super::compilation::compile;
use super::{Outcome, Project, on_disk, unknown};
use crate::diagnostic::{Code, Diagnostic};
use crate::explain::{self, Objects, Problem, Values};
use crate::host::Host;
use crate::kubernetes::Unit;

/// What of a program's values is to be explained.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The environment's name.
    pub environment: &'a str,
    /// `Kind/name`; none for the names of all objects.
    pub object: &'a str,
    /// The path in the object; none for all of it.
    pub path: Option<&'a str>,
}

/// Explains a value of an object, or all of them.
#[must_use]
pub fn explain_value(project: &Project, settings: &[(String, String)], question: Question) -> Outcome<Values> {
    on_disk(project, |host| explain_value_with(host, &project.module, project.file.as_deref(), settings, question))
}

/// [`explain_value`] with files from any host.
#[must_use]
pub fn explain_value_with(
    host: &dyn Host,
    module: &str,
    file: Option<&str>,
    settings: &[(String, String)],
    question: Question,
) -> Outcome<Values> {
    let outcome = compile(host, module, file, settings, |compilation| {
        let names = compilation.environment_names();
        let Some(environment) = names.iter().position(|name| name == question.environment) else {
            compilation.report(unknown("environment", question.environment, &names, Code::UnknownEnvironment));
            return None;
        };
        let mut units = Vec::new();
        compilation.units(|unit| {
            for (_, objects) in unit.variants.into_iter().filter(|(at, _)| *at == environment) {
                units.push(Unit { name: unit.name.as_str().into(), source: unit.source.clone(), objects });
            }
        });
        let objects = Objects::new(units);
        let read = |path: &str| host.read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let chosen = match objects.find(question.object) {
            Ok(chosen) => chosen,
            Err(problem) => {
                compilation.report(told(problem, Code::UnknownName));
                return None;
            }
        };
        let unit = objects.units[objects.unit_of(chosen)].name.clone();
        let explained = compilation
            .traced(environment, &unit, &read, |traced| explain::explain(&objects, chosen, traced, question.path));
        match explained {
            Some(Ok(values)) => Some(values),
            Some(Err(problem)) => {
                compilation.report(told(problem, Code::UnknownField));
                None
            }
            None => None,
        }
    });
    Outcome { files: outcome.files, diagnostics: outcome.diagnostics, value: outcome.value.flatten() }
}

/// The names of all objects of an environment, each with the declaration that makes it.
#[must_use]
pub fn explain_environment(
    project: &Project,
    settings: &[(String, String)],
    environment: &str,
) -> Outcome<Vec<(String, String)>> {
    on_disk(project, |host| {
        compile(host, &project.module, project.file.as_deref(), settings, |compilation| {
            let names = compilation.environment_names();
            let wanted = names.iter().position(|name| name == environment);
            if wanted.is_none() {
                compilation.report(unknown("environment", environment, &names, Code::UnknownEnvironment));
            }
            let mut units = Vec::new();
            compilation.units(|unit| {
                for (_, objects) in unit.variants.into_iter().filter(|(at, _)| Some(*at) == wanted) {
                    units.push(Unit { name: unit.name.as_str().into(), source: unit.source.clone(), objects });
                }
            });
            Objects::new(units).names().map(|(object, unit)| (object, unit.to_owned())).collect()
        })
    })
}

fn told(Problem { message, help }: Problem, code: Code) -> Diagnostic {
    Diagnostic::global(code, message).help(help)
}
