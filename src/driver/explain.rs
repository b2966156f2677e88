//! Why a value is what it is.

use super::compilation::{Compilation, compile};
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
    /// `Kind/name`; none for all objects.
    pub object: Option<&'a str>,
    /// The path in the object; none for all of it.
    pub path: Option<&'a str>,
}

/// Explains a value of an object, or all of them, or those of all objects.
#[must_use]
pub fn explain_value(project: &Project, settings: &[(String, String)], question: Question) -> Outcome<Vec<Values>> {
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
) -> Outcome<Vec<Values>> {
    let outcome = compile(host, module, file, settings, |compilation| {
        let (environment, objects) = objects(compilation, question.environment)?;
        let read = |path: &str| host.read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let explained = match question.object {
            Some(name) => objects.find(name).map_err(|problem| told(problem, Code::UnknownName)).and_then(|chosen| {
                let unit = objects.unit_of(chosen).to_owned();
                compilation.traced(environment, &unit, &read, |traced| {
                    explain::explain(&objects, chosen, traced, question.path)
                        .map(|values| vec![values])
                        .map_err(|problem| told(problem, Code::UnknownField))
                })
            }),
            None => all(compilation, environment, &objects, &read),
        };
        explained.map_err(|diagnostic| compilation.report(diagnostic)).ok()
    });
    Outcome { files: outcome.files, diagnostics: outcome.diagnostics, value: outcome.value.flatten() }
}

fn all(
    compilation: &Compilation,
    environment: usize,
    objects: &Objects,
    read: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Values>, Diagnostic> {
    let mut values = Vec::new();
    for unit in &objects.units {
        let explained = compilation.traced(environment, &unit.name, read, |traced| {
            let own = objects.of_unit(&unit.name);
            own.map(|chosen| explain::explain(objects, chosen, traced, None)).collect::<Result<Vec<_>, _>>()
        });
        values.extend(explained.map_err(|problem| told(problem, Code::UnknownField))?);
    }
    Ok(values)
}

/// The names of all objects of an environment as `Kind/name`, each with that of the declaration that makes it.
#[must_use]
pub fn objects_of(
    project: &Project,
    settings: &[(String, String)],
    environment: &str,
) -> Outcome<Vec<(String, String)>> {
    let outcome = on_disk(project, |host| {
        compile(host, &project.module, project.file.as_deref(), settings, |compilation| {
            let (_, objects) = objects(compilation, environment)?;
            Some(objects.names().map(|(object, unit)| (object, unit.to_owned())).collect())
        })
    });
    Outcome { files: outcome.files, diagnostics: outcome.diagnostics, value: outcome.value.flatten() }
}

/// An environment's number and its objects; none where there is no such environment, which is reported.
fn objects(compilation: &mut Compilation, environment: &str) -> Option<(usize, Objects)> {
    let names = compilation.environment_names();
    let wanted = names.iter().position(|name| name == environment);
    if wanted.is_none() {
        compilation.report(unknown("environment", environment, &names, Code::UnknownEnvironment));
    }
    let wanted = wanted?;
    let mut units = Vec::new();
    compilation.units(|unit| {
        for (_, objects) in unit.variants.into_iter().filter(|(at, _)| *at == wanted) {
            units.push(Unit { name: unit.name.as_str().into(), source: unit.source.clone(), objects });
        }
    });
    Some((wanted, Objects::new(units)))
}

fn told(Problem { message, help }: Problem, code: Code) -> Diagnostic {
    Diagnostic::global(code, message).help(help)
}
