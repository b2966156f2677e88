//! What names mean, and why a value is what it is.

use super::compilation::{Compilation, InEnvironment, compile};
use super::{Outcome, Project, on_disk, unknown};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::eval::Answer;
use crate::explain::{self, Description, Objects, Problem, Topic, Values, World};
use crate::host::{Host, MemoryHost, OsHost};
use crate::kinds;
use crate::kubernetes::Unit;
use crate::modules::{self, RootModule, WithStandard};
use crate::schema::Api;
use crate::source::Files;

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
        // Values are computed from files of the library too.
        let library = WithStandard(host);
        let read = |path: &str| library.read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let explained = match question.object {
            Some(name) => match objects.find(name) {
                Ok(chosen) => compilation.traced(environment, objects.unit_of(chosen), &read, |traced| {
                    explain::explain(&objects, chosen, traced, question.path).map(|values| vec![values])
                })?,
                Err(problem) => {
                    compilation.report(told(problem, Code::UnknownName));
                    return None;
                }
            },
            None => all(compilation, environment, &objects, &read)?,
        };
        explained.map_err(|problem| compilation.report(told(problem, Code::UnknownField))).ok()
    });
    Outcome { files: outcome.files, diagnostics: outcome.diagnostics, value: outcome.value.flatten() }
}

fn all(
    compilation: &mut Compilation,
    environment: usize,
    objects: &Objects,
    read: &dyn Fn(&str) -> Option<String>,
) -> Option<Result<Vec<Values>, Problem>> {
    let mut values = Vec::new();
    for unit in &objects.units {
        let explained = compilation.traced(environment, &unit.name, read, |traced| {
            let own = objects.of_unit(&unit.name);
            own.map(|chosen| explain::explain(objects, chosen, traced, None)).collect::<Result<Vec<_>, _>>()
        })?;
        match explained {
            Ok(explained) => values.extend(explained),
            Err(problem) => return Some(Err(problem)),
        }
    }
    Some(Ok(values))
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

/// What can be asked of what a declaration makes, or the answers where a topic is named. Only this declaration is
/// evaluated: others may be wrong.
#[must_use]
pub fn topics(
    project: &Project,
    settings: &[(String, String)],
    environment: &str,
    unit: &str,
    topic: Option<&str>,
) -> Outcome<Vec<Topic>> {
    on_disk(project, |host| {
        topics_with(host, &project.module, project.file.as_deref(), settings, environment, unit, topic)
    })
}

/// [`topics`] with files from any host.
#[must_use]
pub fn topics_with(
    host: &dyn Host,
    module: &str,
    file: Option<&str>,
    settings: &[(String, String)],
    environment: &str,
    unit: &str,
    topic: Option<&str>,
) -> Outcome<Vec<Topic>> {
    let outcome = compile(host, module, file, settings, |compilation| {
        let wanted = numbered(compilation, environment)?;
        let answers = compilation.topics(wanted, unit, topic)?;
        let known: Vec<String> = answers.iter().map(|answer| answer.topic.clone()).collect();
        if let Some(topic) = topic
            && !known.iter().any(|known| known == topic)
        {
            let missing = unknown("topic", topic, &known, Code::UnknownName);
            compilation.report(missing.note(format!("asked of `{unit}`, by its `explain` declarations")));
            return None;
        }
        let asked = answers.into_iter().filter(|answer| topic.is_none() || answer.value.is_some());
        Some(asked.map(|answer| told_topic(environment, answer)).collect())
    });
    Outcome { files: outcome.files, diagnostics: outcome.diagnostics, value: outcome.value.flatten() }
}

fn told_topic(environment: &str, Answer { instance, topic, about, value }: Answer) -> Topic {
    Topic { environment: environment.to_owned(), instance: instance.to_string(), topic, about, value }
}

/// An environment's number; none where there is no such environment, which is reported.
fn numbered(compilation: &mut Compilation, environment: &str) -> Option<usize> {
    let names = compilation.environment_names();
    let wanted = names.iter().position(|name| name == environment);
    if wanted.is_none() {
        compilation.report(unknown("environment", environment, &names, Code::UnknownEnvironment));
    }
    wanted
}

/// An environment's number and its objects; none where there is no such environment, which is reported.
pub(super) fn objects(compilation: &mut Compilation, environment: &str) -> Option<(usize, Objects)> {
    let wanted = numbered(compilation, environment)?;
    let mut units = Vec::new();
    compilation.units(|unit| {
        for InEnvironment { objects, .. } in unit.variants.into_iter().filter(|made| made.environment == wanted) {
            units.push(Unit { name: unit.name.as_str().into(), source: unit.source.clone(), objects });
        }
    });
    Some((wanted, Objects::new(units)))
}

fn told(Problem { message, help }: Problem, code: Code) -> Diagnostic {
    Diagnostic::global(code, message).help(help)
}

/// What a declaration, a type or a field is: of the project, where there is one, or of the standard library.
///
/// # Errors
/// That nothing has that name, and what is near.
pub fn explain_type(project: Option<&Project>, subject: &str, path: Option<&str>) -> Result<Description, Problem> {
    explain::describe(&worlds(project, subject, path), subject, path)
}

/// The environments of a project.
#[must_use]
pub fn environments(project: &Project) -> Vec<String> {
    let world = OsHost::new(&project.root).ok().map(|host| {
        let root = super::compilation::root_module(&project.module, project.file.as_deref());
        world(&WithStandard(&host), &root)
    });
    world.iter().flat_map(World::environments).map(str::to_owned).collect()
}

/// The project's program, where there is one, and one that imports all of the standard library.
fn worlds(project: Option<&Project>, subject: &str, path: Option<&str>) -> Vec<World> {
    let mut worlds = Vec::new();
    if let Some(project) = project
        && let Ok(host) = OsHost::new(&project.root)
    {
        let root = super::compilation::root_module(&project.module, project.file.as_deref());
        worlds.push(world(&WithStandard(&host), &root));
    }
    let mut text: String = modules::standard_modules().iter().map(|name| format!("import std.{name}\n")).collect();
    // The kinds of an API version are loaded where one is used.
    let kind = path.unwrap_or_default().split('.').next().unwrap_or_default();
    if explain::is_api_version(subject) && kind.chars().all(char::is_alphanumeric) && !kind.is_empty() {
        text.push_str(&format!("resource {subject} {kind} explained {{}}\n"));
    }
    let host = MemoryHost::new([("main.flink", text)]);
    worlds.push(world(&WithStandard(&host), &RootModule::File("main.flink".to_owned())));
    worlds
}

/// A program as far as it can be loaded; what is wrong with it does not keep anybody from asking.
pub(super) fn world(host: &dyn Host, root: &RootModule) -> World {
    let mut files = Files::default();
    let mut sink = Diagnostics::default();
    let modules = modules::load(host, root, &mut files, &mut sink);
    let api = Api::with(kinds::declare(&modules, &mut sink));
    World { modules, files, api }
}
