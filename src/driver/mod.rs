//! The use cases: check, fix, build, render, compare. The one place that says 'stop if there are errors'.

mod application;
mod asking;
mod changes;
mod compilation;
mod conditions;
mod fix;
mod function;
mod live;
mod policies;
mod written;

pub use application::{ClusterFacts, Collection, Given, Items, Manifests, Offer, Parameter, Request, manifests, offer};
pub use asking::predict_on;
pub use changes::{diff, diff_with};
pub use compilation::Way;
pub use fix::{Fixed, fix, fix_with};
pub use function::{Annotations, Identity, Manifest, manifests_for_list, manifests_for_list_with};
pub use live::{Against, Source, diff_live, diff_live_with};
mod explain;

pub use explain::{
    Question, environments, explain_type, explain_value, explain_value_with, objects_of, topics, topics_with,
};

use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::host::{Host, OsHost, project_root};
use crate::kubernetes::{Unit, kustomize};
use crate::layers::{Gathering, Tree, Variant, plan_rendered, plan_root, plan_unit, stream};
use crate::modules;
use crate::source::Files;
use compilation::{Compilation, compile};
use std::path::{Path, PathBuf};

/// What the user named on the command line, found on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The directory that nothing outside of is read.
    pub root: PathBuf,
    /// The directory of the program's main module, relative to the root, empty for the root itself.
    pub module: String,
    /// The only file of the module, where a file was named.
    pub file: Option<String>,
}

/// What came of a use case.
#[derive(Debug)]
pub struct Outcome<T> {
    /// The texts that the diagnostics point into.
    pub files: Files,
    /// What is wrong, in source order.
    pub diagnostics: Vec<Diagnostic>,
    /// The result; none where errors forbid it.
    pub value: Option<T>,
}

/// Finds the project of a directory or file. The error is a text for the user.
pub fn open(path: &Path) -> Result<Project, String> {
    let shown = path.display();
    let real = path.canonicalize().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("`{shown}` does not exist"),
        std::io::ErrorKind::PermissionDenied => format!("`{shown}` cannot be read: permission denied"),
        _ => format!("`{shown}` cannot be read: {error}"),
    })?;
    let (directory, file) = if real.is_dir() {
        (real.as_path(), None)
    } else {
        let name = real.file_name().and_then(|name| name.to_str()).filter(|name| name.ends_with(".flink"));
        let name = name.ok_or_else(|| format!("`{shown}` is neither a directory nor a `.flink` file"))?;
        (real.parent().unwrap_or(&real), Some(name.to_owned()))
    };
    let root = project_root(directory);
    let below = directory.strip_prefix(&root).unwrap_or(Path::new(""));
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    let module = parts.ok_or_else(|| format!("the path `{shown}` is not UTF-8"))?.join("/");
    Ok(Project { root, module, file })
}

/// All diagnostics for all environments.
#[must_use]
pub fn check(project: &Project, settings: &[(String, String)]) -> Outcome<()> {
    on_disk(project, |host| check_with(host, &project.module, project.file.as_deref(), settings))
}

/// What an environment consists of.
#[derive(Debug)]
pub struct EnvironmentUnits {
    /// Its name.
    pub environment: String,
    /// In source order, without those that make nothing in it.
    pub units: Vec<Unit>,
}

/// The files to be written: a base and overlays.
#[must_use]
pub fn build(project: &Project, settings: &[(String, String)]) -> Outcome<Tree> {
    on_disk(project, |host| build_with(host, &project.module, project.file.as_deref(), settings))
}

/// How much of what a build makes is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// Everything.
    All,
    /// What one environment is built from.
    Environment(&'a str),
}

/// [`build`], or as much of it as one environment is built from.
#[must_use]
pub fn build_part(project: &Project, settings: &[(String, String)], part: Part) -> Outcome<Tree> {
    let Part::Environment(environment) = part else { return build(project, settings) };
    let file = project.file.as_deref();
    on_disk(project, |host| {
        compile(host, &project.module, file, settings, |compilation| {
            let names = compilation.environment_names();
            if !names.iter().any(|name| name == environment) {
                compilation.report(unknown("environment", environment, &names, Code::UnknownEnvironment));
            }
            overlays(compilation, &project.module).of_environment(environment)
        })
    })
}

/// The files to be written where each environment's objects are to be whole.
#[must_use]
pub fn build_rendered(project: &Project, settings: &[(String, String)]) -> Outcome<Tree> {
    on_disk(project, |host| build_rendered_with(host, &project.module, project.file.as_deref(), settings))
}

/// The objects of one environment as a YAML stream, or those of one unit in it.
#[must_use]
pub fn render(
    project: &Project,
    settings: &[(String, String)],
    environment: &str,
    only: Option<&str>,
) -> Outcome<Vec<u8>> {
    let file = project.file.as_deref();
    on_disk(project, |host| render_with(host, &project.module, file, settings, environment, only))
}

/// [`check`] with files from any host.
#[must_use]
pub fn check_with(host: &dyn Host, module: &str, file: Option<&str>, settings: &[(String, String)]) -> Outcome<()> {
    compile(host, module, file, settings, |compilation| compilation.units(|_| {}))
}

/// [`build`] with files from any host.
#[must_use]
pub fn build_with(host: &dyn Host, module: &str, file: Option<&str>, settings: &[(String, String)]) -> Outcome<Tree> {
    compile(host, module, file, settings, |compilation| overlays(compilation, module))
}

/// [`build_rendered`] with files from any host.
#[must_use]
pub fn build_rendered_with(
    host: &dyn Host,
    module: &str,
    file: Option<&str>,
    settings: &[(String, String)],
) -> Outcome<Tree> {
    compile(host, module, file, settings, |compilation| {
        let mut tree = Tree::default();
        for EnvironmentUnits { environment, mut units } in environment_units(compilation) {
            for unit in &mut units {
                unit.source = shown(&unit.source, module).to_owned();
            }
            tree.absorb(plan_rendered(&environment, &units));
        }
        tree
    })
}

fn overlays(compilation: &mut Compilation, module: &str) -> Tree {
    let names: Vec<String> = compilation.environment_names();
    let groups = compilation.groups();
    let mut tree = Tree::default();
    let mut gathered: Vec<Vec<String>> = vec![Vec::new(); names.len()];
    compilation.units(|unit| {
        let variants: Vec<Variant> = unit
            .variants
            .iter()
            .map(|made| Variant {
                environment: &names[made.environment],
                objects: &made.objects,
                conditions: made.conditions,
            })
            .collect();
        for made in unit.variants.iter().filter(|made| !made.objects.is_empty()) {
            gathered[made.environment].push(unit.name.clone());
        }
        tree.absorb(plan_unit(&unit.name, shown(&unit.source, module), &variants, &groups));
    });
    let gatherings: Vec<Gathering> =
        names.iter().zip(&gathered).map(|(environment, units)| Gathering { environment, units }).collect();
    tree.absorb(plan_root(&gatherings));
    tree
}

/// A file as seen from the program's directory, so that output is the same wherever that lies.
fn shown<'a>(source: &'a str, module: &str) -> &'a str {
    source.strip_prefix(module).map_or(source, |inside| inside.trim_start_matches('/'))
}

/// The objects of all environments, with files from any host.
#[must_use]
pub fn objects_with(
    host: &dyn Host,
    module: &str,
    file: Option<&str>,
    settings: &[(String, String)],
) -> Outcome<Vec<EnvironmentUnits>> {
    compile(host, module, file, settings, environment_units)
}

fn environment_units(compilation: &mut Compilation) -> Vec<EnvironmentUnits> {
    let names = compilation.environment_names();
    let mut environments: Vec<EnvironmentUnits> =
        names.into_iter().map(|environment| EnvironmentUnits { environment, units: Vec::new() }).collect();
    compilation.units(|unit| {
        for made in unit.variants.into_iter().filter(|made| !made.objects.is_empty()) {
            let (name, source) = (unit.name.as_str().into(), unit.source.clone());
            environments[made.environment].units.push(Unit { name, source, objects: made.objects });
        }
    });
    environments
}

/// [`render`] with files from any host.
#[must_use]
pub fn render_with(
    host: &dyn Host,
    module: &str,
    file: Option<&str>,
    settings: &[(String, String)],
    environment: &str,
    only: Option<&str>,
) -> Outcome<Vec<u8>> {
    compile(host, module, file, settings, |compilation| {
        let names = compilation.environment_names();
        let wanted = names.iter().position(|name| name == environment);
        let mut units = Vec::new();
        let mut unit_names: Vec<String> = Vec::new();
        compilation.units(|unit| {
            unit_names.push(unit.name.clone());
            if only.is_some_and(|only| only != unit.name) {
                return;
            }
            let objects =
                unit.variants.into_iter().find(|made| Some(made.environment) == wanted).map(|made| made.objects);
            if let Some(objects) = objects {
                units.push(Unit { name: unit.name.as_str().into(), source: unit.source, objects });
            }
        });
        if wanted.is_none() {
            compilation.report(unknown("environment", environment, &names, Code::UnknownEnvironment));
        }
        if let Some(only) = only.filter(|only| !unit_names.iter().any(|name| name == only)) {
            compilation.report(unknown("declaration", only, &unit_names, Code::UnknownName));
        }
        stream(&kustomize::rendered(&units))
    })
}

/// Whether a file, named as in an [`Outcome`], lies in the project: the standard library's do not.
#[must_use]
pub fn is_in_project(file: &str) -> bool {
    !modules::is_standard(file)
}

/// A name from the command line that the program does not have.
fn unknown(what: &str, name: &str, known: &[String], code: Code) -> Diagnostic {
    let help = did_you_mean(name, known.iter().map(String::as_str)).or_else(|| {
        let listed: Vec<String> = known.iter().take(12).map(|name| format!("`{name}`")).collect();
        (!listed.is_empty()).then(|| format!("there are {}", listed.join(", ")))
    });
    Diagnostic::global(code, format!("there is no {what} `{name}`")).help(help)
}

fn on_disk<T>(project: &Project, run: impl FnOnce(&dyn Host) -> Outcome<T>) -> Outcome<T> {
    match OsHost::new(&project.root) {
        Ok(host) => run(&host),
        Err(error) => {
            let diagnostic = Diagnostic::global(Code::Unreadable, error.to_string());
            Outcome { files: Files::default(), diagnostics: vec![diagnostic], value: None }
        }
    }
}
