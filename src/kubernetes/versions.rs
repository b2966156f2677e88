//! Whether the cluster of each environment knows the kinds and fields of its objects.
//!
//! The checker lets pass what any known version of Kubernetes has; here each object meets the version of its
//! environment. Objects are looked at one by one and can be dropped at once. Only what differs between versions is
//! looked into: for most kinds that is nothing, for workloads the way to a few fields of pods.

use super::Object;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::eval::value::{Map, Origin, Str, Value};
use crate::schema::{Api, Definition, Field, FieldType, FieldVersions, Lifetime, Version};
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

impl Cluster {
    fn runs(&self) -> Version {
        self.version.map_or(Version::NEWEST, |(version, _)| version)
    }
}

/// What was found in the objects of all environments.
#[derive(Debug)]
pub struct VersionCheck<'a> {
    api: &'a Api,
    clusters: Vec<Cluster>,
    kinds: FxHashMap<(Str, Str), Known<'a>>,
    shapes: Vec<Shape<'a>>,
    by_definition: FxHashMap<&'a str, usize>,
    findings: Vec<Finding>,
    /// Place and subject of each finding, and its number.
    seen: FxHashMap<(Span, String), usize>,
}

/// What is known of a kind.
#[derive(Debug, Clone, Copy)]
struct Known<'a> {
    lifetime: Lifetime,
    /// Since when Kubernetes warns of it.
    deprecated: Option<Version>,
    /// What the owner of a custom resource says to those who still use it.
    warning: Option<&'a str>,
    shape: Option<usize>,
}

/// The fields of a definition that some cluster has another opinion of, or of what they hold, whose shape is given.
#[derive(Debug)]
struct Shape<'a> {
    definition: &'a Definition,
    fields: Vec<(&'a Field, Option<usize>)>,
    /// Whether the fields are known yet.
    settled: bool,
}

/// Definitions within each other are looked through up to this depth beforehand. Those of Kubernetes are shallower.
const DEEPEST: usize = 40;

/// Why something is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// For what the cluster runs.
    Version,
    /// For what the owner of a custom resource says, whatever the cluster runs.
    Owner,
}

/// A mistake, and where it holds.
#[derive(Debug)]
struct Finding {
    severity: Severity,
    cause: Cause,
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
        let version = cluster.runs();
        let Some(known) = self.known(object) else { return };
        let walk = Walk { environment, version, object, place };
        if !known.lifetime.has(version) {
            self.unknown_kind(&walk, known.lifetime);
            return;
        }
        if let Some(since) = known.deprecated.filter(|since| *since <= version) {
            self.deprecated(&walk, since);
        }
        if let Some(warning) = known.warning {
            self.warned_of(&walk, warning);
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
            let said = clusters.iter().find_map(|cluster| cluster.version);
            if let (Cause::Version, Some((_, said))) = (finding.cause, said) {
                diagnostic = diagnostic.also(said, "the version is said here");
            }
            if let Some(instance) = finding.instance.filter(|instance| instance.file != finding.at.file) {
                diagnostic = diagnostic.also(instance, "made by this declaration");
            }
            diagnostic.environments = clusters.iter().map(|cluster| cluster.environment.clone()).collect();
            sink.report(diagnostic);
        }
    }

    fn known(&mut self, object: &Object) -> Option<Known<'a>> {
        let key = (object.api_version.clone(), object.kind.clone());
        if let Some(known) = self.kinds.get(&key) {
            return Some(*known);
        }
        let kind = self.api.kind(&key.0, &key.1)?;
        let lifecycle = self.api.lifecycle(&key.0, &key.1).filter(|_| kind.declared.is_none());
        let shape = self.shape(kind.definition, 0);
        // A kind without differences is not looked into.
        let shape = shape.filter(|shape| !self.shapes[*shape].fields.is_empty());
        let deprecated = lifecycle.and_then(|lifecycle| lifecycle.deprecated);
        let warning = kind.declared.and_then(|declared| declared.deprecated.as_deref());
        let known = Known { lifetime: kind.lifetime, deprecated, warning, shape };
        self.kinds.insert(key, known);
        Some(known)
    }

    /// The number of a definition's shape, which is made at `depth` definitions below a kind's.
    fn shape(&mut self, full_name: &'a str, depth: usize) -> Option<usize> {
        if let Some(shape) = self.by_definition.get(full_name) {
            return Some(*shape);
        }
        let definition = self.api.definition(full_name)?;
        let number = self.shapes.len();
        self.by_definition.insert(full_name, number);
        self.shapes.push(Shape { definition, fields: Vec::new(), settled: false });
        let mut fields = Vec::new();
        for field in definition.fields.iter().filter(|field| !field.status) {
            let below = record_type(&field.ty).filter(|_| field.versions.differ_below && depth < DEEPEST);
            let inside = below.and_then(|below| self.shape(below, depth + 1));
            // What is not settled is a circle, or too deep to be known beforehand.
            let matters = |inside: usize| !self.shapes[inside].settled || !self.shapes[inside].fields.is_empty();
            if self.is_disputed(field) || field.versions.differ_below && inside.is_none_or(matters) {
                fields.push((field, inside));
            }
        }
        self.shapes[number].fields = fields;
        self.shapes[number].settled = true;
        Some(number)
    }

    /// Whether a field is one that the cluster of some environment does not know, or alone requires.
    fn is_disputed(&self, field: &Field) -> bool {
        let FieldVersions { lifetime, required, differ_below: _ } = field.versions;
        self.clusters.iter().map(Cluster::runs).any(|version| {
            let required = required.is_some_and(|required| required.has(version));
            required || !lifetime.has(version)
        })
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
                    let inside = self.shape(record_type(&field.ty)?, 0);
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
        let message = format!("`{api_version} {kind}` {}", existence(lifetime));
        let finding = walk.error(Code::UnknownKind, message, Origin::NONE);
        self.find(walk, Finding { help: self.instead(walk), ..finding });
    }

    fn deprecated(&mut self, walk: &Walk, since: Version) {
        let Object { api_version, kind, .. } = walk.object;
        let message = format!("`{api_version} {kind}` is deprecated since Kubernetes {since}");
        let finding = walk.error(Code::Deprecated, message, Origin::NONE);
        self.find(walk, Finding { severity: Severity::Warning, help: self.instead(walk), ..finding });
    }

    fn warned_of(&mut self, walk: &Walk, warning: &str) {
        let message = format!("`{} {}` is deprecated", walk.object.api_version, walk.object.kind);
        let finding = walk.error(Code::Deprecated, message, Origin::NONE);
        let (severity, cause) = (Severity::Warning, Cause::Owner);
        self.find(walk, Finding { severity, cause, help: Some(warning.to_string()), ..finding });
    }

    fn unknown_field(&mut self, walk: &Walk, shape: usize, field: &Field, origin: Origin) {
        let definition = &self.shapes[shape].definition.name;
        let message = format!("`{definition}.{}` {}", field.name, existence(field.versions.lifetime));
        let help = "take it out, or set it only where the cluster knows it, in a `when`".to_string();
        self.find(walk, Finding { help: Some(help), ..walk.error(Code::UnknownField, message, origin) });
    }

    fn missing_field(&mut self, walk: &Walk, shape: usize, field: &Field, origin: Origin) {
        let definition = &self.shapes[shape].definition.name;
        let required = field.versions.required.unwrap_or(Lifetime::ALWAYS);
        let when = match (required.since(), required.until()) {
            (Some(since), _) => format!(", and required since Kubernetes {since}"),
            (None, Some(until)) => format!(", and required until Kubernetes {until}"),
            (None, None) => String::new(),
        };
        let message = format!("`{definition}.{}` is missing{when}", field.name);
        self.find(walk, walk.error(Code::MissingField, message, origin));
    }

    /// What to use in the place of an object's kind.
    fn instead(&self, walk: &Walk) -> Option<String> {
        let Object { api_version, kind, .. } = walk.object;
        let successor = self.api.successor(api_version, kind, walk.version)?;
        Some(format!("use `{} {}`", successor.api_version, successor.kind))
    }

    fn find(&mut self, walk: &Walk, finding: Finding) {
        let number = *self.seen.entry((finding.at, finding.message.clone())).or_insert(self.findings.len());
        if number == self.findings.len() {
            self.findings.push(finding);
        }
        let environments = &mut self.findings[number].environments;
        if !environments.contains(&walk.environment) {
            environments.push(walk.environment);
        }
    }
}

impl Walk<'_> {
    /// An error where an entry was set, or at the object.
    fn error(&self, code: Code, message: String, origin: Origin) -> Finding {
        Finding {
            severity: Severity::Error,
            cause: Cause::Version,
            code,
            message,
            help: None,
            at: (self.place)(origin).unwrap_or(self.object.span),
            instance: self.object.instance,
            environments: Vec::new(),
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
