//! Whether the cluster of each environment knows the kinds and fields of its objects.
//!
//! The checker lets pass what any known version of Kubernetes has; here each object meets the version of its
//! environment. Objects are looked at one by one and can be dropped at once. Only what differs between versions is
//! looked into: for most kinds that is nothing, for workloads the way to a few fields of pods.

use super::Object;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::eval::value::{Map, Origin, Str, Value};
use crate::schema::{Api, Definition, Field, FieldType, Lifetime, Version};
use crate::source::Span;
use rustc_hash::FxHashMap;

/// An environment, as far as its version goes.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// The environment's name.
    pub environment: String,
    /// What it runs, and where that is said; where nothing is said, the newest known version is meant.
    pub version: Option<(Version, Span)>,
}

/// What was found in the objects of all environments.
#[derive(Debug)]
pub struct VersionCheck<'a> {
    api: &'a Api,
    clusters: Vec<Cluster>,
    kinds: FxHashMap<(Str, Str), Known>,
    shapes: Vec<Shape<'a>>,
    by_definition: FxHashMap<&'a str, usize>,
    findings: Vec<Finding>,
    /// Place and subject of each finding, and its number.
    seen: FxHashMap<(Span, String), usize>,
}

/// What is known of a kind.
#[derive(Debug, Clone, Copy)]
struct Known {
    lifetime: Lifetime,
    /// Since when the API warns of it.
    deprecated: Option<Version>,
    shape: Option<usize>,
}

/// The fields of a definition about which versions differ, with the shape of what they hold once it was asked for.
#[derive(Debug)]
struct Shape<'a> {
    definition: &'a Definition,
    fields: Vec<(&'a Field, Option<usize>)>,
}

/// A mistake, and where it holds.
#[derive(Debug)]
struct Finding {
    severity: Severity,
    code: Code,
    /// What and since or until when.
    message: String,
    help: Option<String>,
    at: Span,
    instance: Option<Span>,
    /// Numbers of environments.
    environments: Vec<usize>,
}

/// The object that is being looked at.
struct Walk<'w> {
    environment: usize,
    version: Version,
    object: &'w Object,
    place: &'w dyn Fn(Origin) -> Option<Span>,
}

impl<'a> VersionCheck<'a> {
    /// Of these environments.
    #[must_use]
    pub fn new(api: &'a Api, clusters: Vec<Cluster>) -> VersionCheck<'a> {
        VersionCheck {
            api,
            clusters,
            kinds: FxHashMap::default(),
            shapes: Vec::new(),
            by_definition: FxHashMap::default(),
            findings: Vec::new(),
            seen: FxHashMap::default(),
        }
    }

    /// Looks at an object of an environment, by its number; `place` tells where an entry was set.
    pub fn add(&mut self, environment: usize, object: &Object, place: &dyn Fn(Origin) -> Option<Span>) {
        let Some(cluster) = self.clusters.get(environment) else { return };
        let version = cluster.version.map_or(Version::NEWEST, |(version, _)| version);
        let Some(known) = self.known(object) else { return };
        let walk = Walk { environment, version, object, place };
        if !known.lifetime.has(version) {
            self.unknown_kind(&walk, known.lifetime);
            return;
        }
        if known.deprecated.is_some_and(|since| since <= version) {
            self.deprecated(&walk, known.deprecated);
        }
        if let Some(shape) = known.shape {
            self.record(&walk, shape, &object.fields, None, Origin::NONE);
        }
    }

    /// Reports each finding once, with the environments that it holds in.
    pub fn finish(self, sink: &mut Diagnostics) {
        for finding in self.findings {
            let clusters: Vec<&Cluster> = finding.environments.iter().map(|at| &self.clusters[*at]).collect();
            let message = match finding.severity {
                Severity::Error => format!("{}; {}", finding.message, running(&clusters)),
                Severity::Warning => finding.message,
            };
            let mut diagnostic = Diagnostic::error(finding.code, message, finding.at).help(finding.help);
            diagnostic.severity = finding.severity;
            if let Some((_, said)) = clusters.iter().find_map(|cluster| cluster.version) {
                diagnostic = diagnostic.also(said, "the version is said here");
            }
            if let Some(instance) = finding.instance.filter(|instance| instance.file != finding.at.file) {
                diagnostic = diagnostic.also(instance, "made by this declaration");
            }
            diagnostic.environments = clusters.iter().map(|cluster| cluster.environment.clone()).collect();
            sink.report(diagnostic);
        }
    }

    fn known(&mut self, object: &Object) -> Option<Known> {
        let key = (object.api_version.clone(), object.kind.clone());
        if let Some(known) = self.kinds.get(&key) {
            return Some(*known);
        }
        let kind = self.api.kind(&key.0, &key.1)?;
        let lifecycle = self.api.lifecycle(&key.0, &key.1).filter(|_| kind.declared.is_none());
        let shape = self.shape(kind.definition);
        // A kind without differences is not looked into.
        let shape = shape.filter(|shape| !self.shapes[*shape].fields.is_empty());
        let deprecated = lifecycle.and_then(|lifecycle| lifecycle.deprecated);
        let known = Known { lifetime: kind.lifetime, deprecated, shape };
        self.kinds.insert(key, known);
        Some(known)
    }

    /// The number of a definition's shape.
    fn shape(&mut self, full_name: &'a str) -> Option<usize> {
        if let Some(shape) = self.by_definition.get(full_name) {
            return Some(*shape);
        }
        let definition = self.api.definition(full_name)?;
        let differs = |field: &&Field| {
            let versions = &field.versions;
            !field.status
                && (versions.lifetime != Lifetime::ALWAYS || versions.required.is_some() || versions.differ_below)
        };
        let fields = definition.fields.iter().filter(differs).map(|field| (field, None)).collect();
        self.shapes.push(Shape { definition, fields });
        self.by_definition.insert(full_name, self.shapes.len() - 1);
        Some(self.shapes.len() - 1)
    }

    /// `label` is the field that the record's place in a keyed list says; `origin` set the record.
    fn record(&mut self, walk: &Walk, shape: usize, map: &Map, label: Option<&str>, origin: Origin) {
        for at in 0..self.shapes[shape].fields.len() {
            let (field, inside) = self.shapes[shape].fields[at];
            let Some(entry) = map.entry(&field.name) else {
                let required = field.versions.required.is_some_and(|lifetime| lifetime.has(walk.version));
                if required && label != Some(&*field.name) {
                    self.missing_field(walk, shape, field, origin);
                }
                continue;
            };
            let origin = if entry.origin == Origin::NONE { origin } else { entry.origin };
            if !field.versions.lifetime.has(walk.version) {
                self.unknown_field(walk, shape, field, origin);
            } else if field.versions.differ_below {
                let inside = inside.or_else(|| {
                    let inside = self.shape(record_type(&field.ty)?);
                    self.shapes[shape].fields[at].1 = inside;
                    inside
                });
                if let Some(inside) = inside {
                    self.value(walk, inside, &field.ty, &entry.value, origin);
                }
            }
        }
    }

    fn value(&mut self, walk: &Walk, shape: usize, ty: &FieldType, value: &Value, origin: Origin) {
        let nearest = |inner: Origin| if inner == Origin::NONE { origin } else { inner };
        match (ty, value) {
            (FieldType::Nullable(inner), value) => self.value(walk, shape, inner, value, origin),
            (FieldType::Record(_), Value::Map(map)) => self.record(walk, shape, map, None, origin),
            (FieldType::Map(inner), Value::Map(map)) => {
                for entry in map.entries() {
                    self.value(walk, shape, inner, &entry.value, nearest(entry.origin));
                }
            }
            (FieldType::List(inner), Value::List(list)) => {
                for item in list.iter() {
                    self.value(walk, shape, inner, item, origin);
                }
            }
            (FieldType::Keyed { .. }, Value::List(list)) => {
                for item in list.iter() {
                    if let Value::Map(map) = item {
                        self.record(walk, shape, map, None, origin);
                    }
                }
            }
            (FieldType::Keyed { .. }, Value::Keyed(keyed)) => {
                for entry in keyed.items.entries() {
                    if let Value::Map(map) = &entry.value {
                        self.record(walk, shape, map, Some(&keyed.field), nearest(entry.origin));
                    }
                }
            }
            // Another value than the type asks for goes unchecked by will, in an `open resource`.
            _ => {}
        }
    }

    fn unknown_kind(&mut self, walk: &Walk, lifetime: Lifetime) {
        let Object { api_version, kind, .. } = walk.object;
        let instead = self.api.successor(api_version, kind, walk.version);
        let help = instead.map(|other| format!("use `{} {}`", other.api_version, other.kind));
        let message = format!("`{api_version} {kind}` {}", existence(lifetime));
        self.find(walk, Severity::Error, Code::UnknownKind, message, help, walk.object.span);
    }

    fn deprecated(&mut self, walk: &Walk, since: Option<Version>) {
        let Object { api_version, kind, .. } = walk.object;
        let Some(since) = since else { return };
        let message = format!("`{api_version} {kind}` is deprecated since Kubernetes {since}");
        let instead = self.api.successor(api_version, kind, walk.version);
        let help = instead.map(|other| format!("use `{} {}`", other.api_version, other.kind));
        self.find(walk, Severity::Warning, Code::Deprecated, message, help, walk.object.span);
    }

    fn unknown_field(&mut self, walk: &Walk, shape: usize, field: &Field, origin: Origin) {
        let subject = format!("{}.{}", self.shapes[shape].definition.name, field.name);
        let message = format!("`{subject}` {}", existence(field.versions.lifetime));
        let at = (walk.place)(origin).unwrap_or(walk.object.span);
        let help = "take it out, or set it only where the cluster knows it, in a `when`".to_string();
        self.find(walk, Severity::Error, Code::UnknownField, message, Some(help), at);
    }

    fn missing_field(&mut self, walk: &Walk, shape: usize, field: &Field, origin: Origin) {
        let subject = format!("{}.{}", self.shapes[shape].definition.name, field.name);
        let required = field.versions.required.unwrap_or(Lifetime::ALWAYS);
        let message = match (required.since(), required.until()) {
            (Some(since), _) => format!("`{subject}` is missing, and required since Kubernetes {since}"),
            (None, Some(until)) => format!("`{subject}` is missing, and required until Kubernetes {until}"),
            (None, None) => format!("`{subject}` is missing"),
        };
        let at = (walk.place)(origin).unwrap_or(walk.object.span);
        self.find(walk, Severity::Error, Code::MissingField, message, None, at);
    }

    fn find(&mut self, walk: &Walk, severity: Severity, code: Code, message: String, help: Option<String>, at: Span) {
        let number = *self.seen.entry((at, message.clone())).or_insert(self.findings.len());
        if number == self.findings.len() {
            let instance = walk.object.instance;
            self.findings.push(Finding { severity, code, message, help, at, instance, environments: Vec::new() });
        }
        let environments = &mut self.findings[number].environments;
        if !environments.contains(&walk.environment) {
            environments.push(walk.environment);
        }
    }
}

/// The record that a type is made of, at any depth of lists and maps.
fn record_type(ty: &FieldType) -> Option<&str> {
    match ty {
        FieldType::Record(name) | FieldType::Keyed { item: name, .. } => Some(name),
        FieldType::List(inner) | FieldType::Map(inner) | FieldType::Nullable(inner) => record_type(inner),
        FieldType::String
        | FieldType::Int
        | FieldType::Float
        | FieldType::Bool
        | FieldType::Quantity
        | FieldType::IntOrString
        | FieldType::Duration
        | FieldType::Any
        | FieldType::Enum(_) => None,
    }
}

/// `exists since Kubernetes 1.34`
fn existence(lifetime: Lifetime) -> String {
    match (lifetime.since(), lifetime.until()) {
        (Some(since), Some(until)) if since == until => format!("exists in Kubernetes {since} only"),
        (Some(since), Some(until)) => format!("exists in Kubernetes {since} to {until} only"),
        (Some(since), None) => format!("exists since Kubernetes {since}"),
        (None, Some(until)) => format!("exists until Kubernetes {until} only"),
        (None, None) => "exists".to_string(),
    }
}

/// `prod and staging run 1.33`, for each version.
fn running(clusters: &[&Cluster]) -> String {
    let mut groups: Vec<(Option<Version>, Vec<&str>)> = Vec::new();
    for cluster in clusters {
        let version = cluster.version.map(|(version, _)| version);
        match groups.iter_mut().find(|(known, _)| *known == version) {
            Some((_, names)) => names.push(&cluster.environment),
            None => groups.push((version, vec![&cluster.environment])),
        }
    }
    let clauses: Vec<String> = groups.iter().map(|(version, names)| clause(*version, names)).collect();
    clauses.join(", ")
}

fn clause(version: Option<Version>, names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let subject = match quoted.as_slice() {
        [others @ .., last] if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        one => one.concat(),
    };
    let one = names.len() == 1;
    match version {
        Some(version) => format!("{subject} {} {version}", if one { "runs" } else { "run" }),
        None => {
            let newest = Version::NEWEST;
            format!("{subject} {} checked against {newest}, the newest that is known", if one { "is" } else { "are" })
        }
    }
}
