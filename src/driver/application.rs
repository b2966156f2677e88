//! An environment as an engine in the cluster asks for it: by parameters, and for the cluster that it has.

use super::compilation::{Compilation, Way, checked, root_module};
use super::explain::world;
use super::{Outcome, Project, on_disk, unknown};
use crate::core::{Const, DataType};
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::value::Value;
use crate::host::OsHost;
use crate::kubernetes::{Object, Unit, kustomize};
use crate::layers::stream;
use crate::modules::WithStandard;
use crate::schema::{Api, NoVersion, Version};
use crate::yaml::json;
use std::collections::HashSet;

pub use crate::eval::Given;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Values of params.
    pub given: &'a [(String, Given)],
    /// How they came in.
    pub way: Way,
    /// The environment's name.
    pub environment: &'a str,
    /// The only declaration whose objects are wanted.
    pub only: Option<&'a str>,
    /// Steps of evaluation; more than the compiler's own limit are not allowed.
    pub most_steps: u64,
    /// What the cluster says of itself.
    pub cluster: &'a ClusterFacts,
}

/// What a cluster says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterFacts {
    /// Its version, such as `1.34.2`; empty where it is not known.
    pub version: String,
    /// What it serves: `apps/v1` and `apps/v1/Deployment`; empty where it is not known.
    pub api_versions: Vec<String>,
}

/// The objects of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifests {
    /// As a YAML stream, the same that [`super::render`] gives.
    pub text: Vec<u8>,
    /// How many they are.
    pub count: usize,
}

/// A param, as whoever sets it wants to see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// `///` lines.
    pub doc: Option<String>,
    /// Its type as it is written.
    pub ty: String,
    /// Whether it must be set.
    pub required: bool,
    /// What single values of it are.
    pub items: Items,
    /// Whether it is one value or many.
    pub collection: Collection,
    /// What it is where it is not set: in the environment, or in all alike.
    pub default: Option<Given>,
}

/// What a single value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Items {
    /// Text, or a text that stands for something else.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
}

/// One value or many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collection {
    /// One.
    Single,
    /// Many in order.
    List,
    /// Many by name.
    Map,
}

/// What a project offers.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The names of its environments.
    pub environments: Vec<String>,
    /// Its params.
    pub parameters: Vec<Parameter>,
}

/// The objects of one environment, checked against the cluster that they are for.
#[must_use]
pub fn manifests(project: &Project, request: Request) -> Outcome<Manifests> {
    on_disk(project, |host| {
        checked(host, &root_module(&project.module, project.file.as_deref()), |compilation| {
            let objects = requested(compilation, request)?;
            Some(Manifests { count: objects.len(), text: stream(&objects) })
        })
    })
}

/// The objects that are asked for; none where the environment is unknown or a param is wrong, which is reported.
pub(super) fn requested(compilation: &mut Compilation, request: Request) -> Option<Vec<Object>> {
    compilation.limit_steps(request.most_steps);
    compilation.set_params(request.way, request.given);
    let names = compilation.environment_names();
    let wanted = names.iter().position(|name| name == request.environment);
    if wanted.is_none() {
        let nothing = unknown("environment", request.environment, &names, Code::UnknownEnvironment);
        compilation.report(nothing);
    }
    let wanted = wanted.filter(|_| !compilation.has_errors())?;
    let units = units(compilation, wanted, request.only);
    let objects = kustomize::rendered(&units);
    check_version(compilation, wanted, request);
    check_served(compilation, &objects, request);
    Some(objects)
}

/// The units of one environment, or the one that is wanted; all environments are looked at.
fn units(compilation: &mut Compilation, wanted: usize, only: Option<&str>) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut names: Vec<String> = Vec::new();
    compilation.units(|unit| {
        names.push(unit.name.clone());
        let made = unit.variants.into_iter().find(|made| made.environment == wanted);
        if let Some(made) = made.filter(|_| only.is_none_or(|only| only == unit.name)) {
            units.push(Unit { name: unit.name.as_str().into(), source: unit.source, objects: made.objects });
        }
    });
    if let Some(only) = only.filter(|only| !names.iter().any(|name| name == only)) {
        compilation.report(unknown("declaration", only, &names, Code::UnknownName));
    }
    units
}

/// A cluster that is older than what the environment declares may not know what was checked; a newer one is worth a
/// word, and what it no longer serves is found object by object.
fn check_version(compilation: &mut Compilation, environment: usize, request: Request) {
    let Request { environment: name, cluster: ClusterFacts { version, .. }, .. } = request;
    let Some((declared, at)) = compilation.kubernetes(environment) else { return };
    let older = match Version::parse(version) {
        Ok(runs) if runs == declared => return,
        Ok(runs) => runs < declared,
        Err(NoVersion::Older) => true,
        Err(NoVersion::Newer) => false,
        // What is no version says nothing of the cluster.
        Err(NoVersion::Malformed) => return,
    };
    let runs = version.trim_start_matches('v');
    let minor = runs.split('.').take(2).collect::<Vec<_>>().join(".");
    let message = format!("environment `{name}` declares Kubernetes {declared}, but its cluster runs {runs}");
    let diagnostic = if older {
        let help = format!("objects were checked for a newer cluster: let it declare {minor}");
        Diagnostic::error(Code::InvalidValue, message, at).help(help)
    } else {
        Diagnostic::warning(Code::InvalidValue, message, at).help(format!("let it declare {minor}"))
    };
    compilation.report(diagnostic.label("declared here"));
}

/// Kinds of Kubernetes that the cluster does not serve are errors. Those of custom resources come and go with their
/// definitions, which another application may be about to bring: they are warnings.
fn check_served(compilation: &mut Compilation, objects: &[Object], request: Request) {
    let ClusterFacts { version, api_versions } = request.cluster;
    if api_versions.is_empty() {
        return;
    }
    let served: HashSet<&str> = api_versions.iter().map(String::as_str).collect();
    let by_kind = api_versions.iter().any(|known| is_kind(known));
    let brought = brought(objects);
    let mut told: HashSet<(&str, &str)> = HashSet::new();
    for object in objects {
        let (api_version, kind) = (&*object.api_version, &*object.kind);
        let full = format!("{api_version}/{kind}");
        let known = if by_kind { served.contains(&*full) } else { served.contains(api_version) };
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        if known || brought.contains(&(group, kind)) || !told.insert((api_version, kind)) {
            continue;
        }
        let runs = if version.is_empty() { String::new() } else { format!(" (Kubernetes {version})") };
        let message = format!("the cluster of `{}`{runs} does not serve {api_version} {kind}", request.environment);
        let diagnostic = if Api::kubernetes().kind(api_version, kind).is_some() {
            Diagnostic::error(Code::UnknownKind, message, object.span)
        } else {
            let help = "install its CustomResourceDefinition before this is synchronised".to_owned();
            Diagnostic::warning(Code::UnknownKind, message, object.span).help(help)
        };
        compilation.report(diagnostic);
    }
}

/// Whether an entry names a kind: `v1/Pod` or `apps/v1/Deployment`, where kinds begin with a capital letter.
fn is_kind(entry: &str) -> bool {
    entry.rsplit_once('/').is_some_and(|(_, kind)| kind.starts_with(|first: char| first.is_ascii_uppercase()))
}

/// The group and kind of each CustomResourceDefinition among the objects.
fn brought(objects: &[Object]) -> HashSet<(&str, &str)> {
    let definitions = objects.iter().filter(|object| &*object.kind == "CustomResourceDefinition");
    let names = definitions.filter_map(|object| {
        let Value::Map(spec) = object.fields.get("spec")? else { return None };
        let Value::Map(names) = spec.get("names")? else { return None };
        match (spec.get("group")?, names.get("kind")?) {
            (Value::Str(group), Value::Str(kind)) => Some((&**group, &**kind)),
            _ => None,
        }
    });
    names.collect()
}

/// The environments and params of a project. Values are those of the environment that is named, if there is one.
#[must_use]
pub fn offer(project: &Project, environment: Option<&str>, most_steps: u64) -> Outcome<Offer> {
    let root = root_module(&project.module, project.file.as_deref());
    let host = OsHost::new(&project.root).ok();
    let declared = host.map(|host| world(&WithStandard(&host), &root));
    on_disk(project, |host| {
        checked(host, &root, |compilation| {
            compilation.limit_steps(most_steps);
            let environments = compilation.environment_names();
            let chosen = environment.and_then(|wanted| environments.iter().position(|name| name == wanted));
            let mut parameters: Vec<Parameter> = Vec::new();
            for (name, ty, value) in compilation.params(chosen) {
                // One setting sets all params of a name.
                if parameters.iter().any(|known| known.name == name) {
                    continue;
                }
                let written = declared.iter().flat_map(|world| world.params()).find(|param| *param.name.text == *name);
                parameters.push(Parameter {
                    name: name.to_owned(),
                    doc: written.and_then(|param| param.doc.clone()),
                    ty: declared.iter().zip(written).map(|(world, param)| world.source(param.ty.span)).collect(),
                    required: written.is_some_and(|param| param.default.is_none()),
                    items: items(ty),
                    collection: collection(ty),
                    default: value.and_then(|value| given(&value)),
                });
            }
            Some(Offer { environments, parameters })
        })
    })
}

fn collection(ty: &DataType) -> Collection {
    match ty {
        DataType::List(_) => Collection::List,
        DataType::Map(_) => Collection::Map,
        DataType::Optional(inner) => collection(inner),
        DataType::Any
        | DataType::Null
        | DataType::Bool
        | DataType::Int
        | DataType::Float
        | DataType::String
        | DataType::DnsLabel
        | DataType::Memory
        | DataType::Cpu
        | DataType::Duration
        | DataType::Literal(_)
        | DataType::Union(_)
        | DataType::Schema(_)
        | DataType::Nothing
        | DataType::Definition(_) => Collection::Single,
    }
}

fn items(ty: &DataType) -> Items {
    match ty {
        DataType::Bool | DataType::Literal(Const::Bool(_)) => Items::Bool,
        DataType::Int | DataType::Float | DataType::Literal(Const::Int(_) | Const::Float(_)) => Items::Number,
        DataType::Optional(inner) | DataType::List(inner) | DataType::Map(inner) => items(inner),
        DataType::Any
        | DataType::Null
        | DataType::String
        | DataType::DnsLabel
        | DataType::Memory
        | DataType::Cpu
        | DataType::Duration
        | DataType::Literal(_)
        | DataType::Union(_)
        | DataType::Schema(_)
        | DataType::Nothing
        | DataType::Definition(_) => Items::Text,
    }
}

/// A value as it would be given from outside; none where it is absent.
fn given(value: &Value) -> Option<Given> {
    let parsed: serde_json::Value = serde_json::from_str(&json(value)).ok()?;
    match parsed {
        serde_json::Value::Null => None,
        serde_json::Value::Array(items) => Some(Given::List(items.iter().map(text).collect())),
        serde_json::Value::Object(entries) => {
            Some(Given::Map(entries.iter().map(|(key, item)| (key.clone(), text(item))).collect()))
        }
        single => Some(Given::Text(text(&single))),
    }
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
