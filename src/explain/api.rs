//! Types of the Kubernetes API and of custom resources.

use super::describe::no_field;
use super::lookup::Problem;
use super::page::{Description, FieldLine, Rule, first_sentence};
use super::world::World;
use crate::diagnostic::Severity;
use crate::schema::{Definition, Field, FieldType, Kind, Limits, Version};

/// The reference of the API, one page a version; the parts of a page are named for kind, version and group.
const REFERENCE: &str = "https://kubernetes.io/docs/reference/generated/kubernetes-api";

/// A longer list of values is not told in a type.
const WIDEST: usize = 40;

/// Where a path of fields starts.
pub(super) struct ApiType<'w> {
    /// What it is: `kind`, `type`, `field`.
    pub what: &'static str,
    /// What to call it.
    pub name: String,
    /// The kind, where it is one.
    pub kind: Option<Kind<'w>>,
    /// Its type.
    pub ty: FieldType,
}

/// A type of the API, or what a path of fields leads to from it.
pub(super) fn described(world: &World, top: &ApiType, path: &[&str]) -> Result<Description, Problem> {
    let mut name = top.name.clone();
    let mut ty = top.ty.clone();
    let mut last: Option<(String, &Field)> = None;
    for part in path {
        let Some(full) = record_of(&ty) else {
            let help = Some(format!("its type is `{}`", shown(&ty)));
            return Err(Problem { message: format!("`{name}` has no fields"), help });
        };
        let definition = world.api.definition(full);
        let Some(field) = definition.and_then(|definition| definition.field(part)) else {
            let fields: Vec<&str> =
                definition.iter().flat_map(|definition| &definition.fields).map(|field| &*field.name).collect();
            return Err(no_field(&name, part, fields.into_iter()));
        };
        last = Some((full.to_owned(), field));
        name = format!("{name}.{part}");
        ty = field.ty.clone();
    }
    let inner = record_of(&ty).map(str::to_owned);
    let mut page = match last {
        Some((owner, field)) => field_page(world, &owner, field),
        None => top_page(world, top),
    };
    page.subject = name;
    page.values = values(&ty);
    page.label = label(&ty);
    page.link = inner.as_deref().or(page.link.as_deref()).and_then(|full| link(world, full, page.until.as_deref()));
    page.fields = inner.as_deref().map(|full| lines(world, full)).unwrap_or_default();
    Ok(page)
}

fn top_page(world: &World, top: &ApiType) -> Description {
    let full = record_of(&top.ty).unwrap_or_default();
    let definition = world.api.definition(full);
    let declared = top.kind.as_ref().and_then(|kind| kind.declared);
    Description {
        what: top.what,
        doc: declared
            .and_then(|kind| kind.doc.as_deref().map(str::to_owned))
            .or_else(|| world.api.describe(full, None).map(|doc| doc.into_owned())),
        since: top.kind.as_ref().and_then(Kind::since).map(|version| version.to_string()),
        until: top.kind.as_ref().and_then(Kind::until).map(|version| version.to_string()),
        declared: declared
            .map(|kind| kind.declared)
            .or_else(|| definition.and_then(|definition| definition.declared))
            .map(|span| world.location(span)),
        checks: definition.and_then(|definition| definition.limits.as_deref()).map(limits).unwrap_or_default(),
        ..Description::default()
    }
}

fn field_page(world: &World, owner: &str, field: &Field) -> Description {
    Description {
        what: "field",
        ty: Some(shown(&field.ty)),
        required: Some(field.required),
        since: field.since().map(|version| version.to_string()),
        until: field.until().map(|version| version.to_string()),
        default: field.limits.as_ref().and_then(|limits| limits.default.as_ref()).map(ToString::to_string),
        doc: doc(world, owner, field),
        declared: field.declared.map(|span| world.location(span)),
        // The part of the reference that describes the field is that of the record it is in.
        link: Some(owner.to_owned()),
        checks: field.limits.as_deref().map(limits).unwrap_or_default(),
        ..Description::default()
    }
}

fn doc(world: &World, owner: &str, field: &Field) -> Option<String> {
    let declared = field.doc.as_deref().map(str::to_owned);
    declared.or_else(|| world.api.describe(owner, Some(&field.name)).map(|doc| doc.into_owned()))
}

/// What the values of a type must be like, as one would say it.
fn limits(limits: &Limits) -> Vec<Rule> {
    let mut said: Vec<String> = Vec::new();
    let bound = |words: &str, bound: Option<crate::schema::Bound>| {
        bound.map(|bound| format!("{words} {}{}", bound.value, if bound.exclusive { ", exclusive" } else { "" }))
    };
    said.extend(bound("at least", limits.minimum));
    said.extend(bound("at most", limits.maximum));
    said.extend(limits.multiple_of.map(|of| format!("a multiple of {of}")));
    said.extend(limits.min_length.map(|least| format!("at least {least} characters")));
    said.extend(limits.max_length.map(|most| format!("at most {most} characters")));
    said.extend(limits.pattern.as_ref().map(|pattern| format!("matches {pattern}")));
    said.extend(limits.format.as_ref().map(|format| format!("has the format {format}")));
    said.extend(limits.min_items.map(|least| format!("at least {least} elements")));
    said.extend(limits.max_items.map(|most| format!("at most {most} elements")));
    said.extend(limits.unique_items.then(|| "no element twice".to_owned()));
    said.extend(limits.min_properties.map(|least| format!("at least {least} entries")));
    said.extend(limits.max_properties.map(|most| format!("at most {most} entries")));
    let severity = Severity::Error.name();
    let plain = said.into_iter().map(|condition| Rule { condition, severity, message: String::new(), place: None });
    let rules = limits.rules.iter().map(|rule| Rule {
        condition: rule.rule.to_string(),
        severity,
        message: rule.message.as_deref().unwrap_or_default().to_owned(),
        place: None,
    });
    plain.chain(rules).collect()
}

/// The fields of a record type.
pub(super) fn lines(world: &World, full: &str) -> Vec<FieldLine> {
    let Some(Definition { fields, .. }) = world.api.definition(full) else { return Vec::new() };
    let line = |field: &Field| FieldLine {
        name: field.name.clone(),
        ty: shown(&field.ty),
        required: field.required,
        default: None,
        doc: doc(world, full, field).map(|doc| first_sentence(&doc)),
    };
    fields.iter().map(line).collect()
}

/// The record that the values of a type are, or the items or entries of its values.
fn record_of(ty: &FieldType) -> Option<&str> {
    match ty {
        FieldType::Record(full) | FieldType::Keyed { item: full, .. } => Some(full),
        FieldType::List(inner) | FieldType::Map(inner) | FieldType::Nullable(inner) => record_of(inner),
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

fn values(ty: &FieldType) -> Vec<String> {
    match ty {
        FieldType::Enum(values) => values.iter().map(|value| format!("\"{value}\"")).collect(),
        FieldType::List(inner) | FieldType::Map(inner) | FieldType::Nullable(inner) => values(inner),
        FieldType::String
        | FieldType::Int
        | FieldType::Float
        | FieldType::Bool
        | FieldType::Quantity
        | FieldType::IntOrString
        | FieldType::Duration
        | FieldType::Any
        | FieldType::Record(_)
        | FieldType::Keyed { .. } => Vec::new(),
    }
}

fn label(ty: &FieldType) -> Option<String> {
    match ty {
        FieldType::Keyed { label, .. } => Some(label.clone()),
        FieldType::Nullable(inner) => label(inner),
        FieldType::List(_)
        | FieldType::Map(_)
        | FieldType::Enum(_)
        | FieldType::String
        | FieldType::Int
        | FieldType::Float
        | FieldType::Bool
        | FieldType::Quantity
        | FieldType::IntOrString
        | FieldType::Duration
        | FieldType::Any
        | FieldType::Record(_) => None,
    }
}

/// A type as people would write it.
pub(super) fn shown(ty: &FieldType) -> String {
    let short = |full: &str| match full.rsplit('.').next().unwrap_or(full) {
        // A record without a name of its own goes by the field that it is written in.
        field if field.starts_with(char::is_lowercase) => "{ … }".to_owned(),
        name => name.to_owned(),
    };
    match ty {
        FieldType::Enum(values) if values.iter().map(|value| value.len() + 5).sum::<usize>() <= WIDEST => {
            values.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(" | ")
        }
        FieldType::String | FieldType::Enum(_) => "string".to_owned(),
        FieldType::Int => "int".to_owned(),
        FieldType::Float => "float".to_owned(),
        FieldType::Bool => "bool".to_owned(),
        FieldType::Quantity => "quantity".to_owned(),
        FieldType::IntOrString => "int | string".to_owned(),
        FieldType::Duration => "duration".to_owned(),
        FieldType::Any => "any".to_owned(),
        FieldType::Nullable(inner) => format!("{} | null", shown(inner)),
        FieldType::List(inner) => match shown(inner) {
            union if union.contains(" | ") => format!("[({union})]"),
            single => format!("[{single}]"),
        },
        FieldType::Map(inner) => format!("{{string: {}}}", shown(inner)),
        FieldType::Record(full) => short(full),
        FieldType::Keyed { item, .. } => format!("[{}]", short(item)),
    }
}

/// The part of the API reference that describes a type, of the last version that knows it; none for the types of custom
/// resources.
pub(super) fn link(world: &World, full: &str, until: Option<&str>) -> Option<String> {
    let full = crate::schema::whole(full);
    let (package, name) = full.rsplit_once('.')?;
    let group_version = match package.strip_prefix("io.k8s.") {
        Some("apimachinery.pkg.apis.meta.v1") => "v1-meta".to_owned(),
        Some(_) => {
            let of_package = world.api.kinds().find(|(api_version, kind)| {
                let kind = world.api.kind(api_version, kind);
                kind.is_some_and(|kind| kind.definition.rsplit_once('.').is_some_and(|(own, _)| own == package))
            });
            match of_package?.0.split_once('/') {
                Some((group, version)) => format!("{version}-{}", group.replace('.', "-")),
                None => format!("{}-core", of_package?.0),
            }
        }
        None => return None,
    };
    let version = until.map_or_else(|| Version::NEWEST.to_string(), str::to_owned);
    Some(format!("{REFERENCE}/v{version}/#{}-{group_version}", name.to_lowercase()))
}
