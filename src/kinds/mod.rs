//! Declared kinds to types of the API: what `kind` and `type GROUP/VERSION.NAME` say, as [`Custom`] holds it.

mod attributes;
mod constant;
mod types;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::modules::{Module, Modules};
use crate::schema::{Custom, CustomKind, Definition, Field, FieldType, FieldVersions};
use crate::source::Span;
use crate::syntax::ast::{ApiRecord, Item};
use std::collections::{BTreeMap, BTreeSet};

/// The type of `metadata`.
const OBJECT_META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// What every object has, whatever its kind declares.
const OF_EVERY_OBJECT: [&str; 4] = ["apiVersion", "kind", "metadata", "status"];

/// The custom resources that a program's modules declare. Where a program declares kinds of an API version itself, those
/// that the standard library has of it are left out.
#[must_use]
pub fn declare(modules: &Modules, sink: &mut Diagnostics) -> Custom {
    let own = modules.list.iter().filter(|module| !module.is_standard());
    let taken: BTreeSet<&str> = own.flat_map(records).map(|(_, record)| &*record.api_version.text).collect();
    let declared: Vec<(bool, &ApiRecord)> = modules
        .list
        .iter()
        .flat_map(|module| records(module).map(move |found| (module, found)))
        .filter(|(module, (_, record))| !module.is_standard() || !taken.contains(&*record.api_version.text))
        .map(|(_, found)| found)
        .collect();
    let mut names: BTreeMap<String, Span> = BTreeMap::new();
    let mut lowering = Lowering { sink, custom: Custom::default(), names: BTreeSet::new() };
    let mut first: Vec<(bool, &ApiRecord)> = Vec::with_capacity(declared.len());
    for (is_kind, record) in declared {
        lowering.check_group(record);
        let full = Custom::full_name(&record.api_version.text, &record.name.text);
        match names.get(&full) {
            Some(known) => lowering.sink.report(declared_twice(record, *known)),
            None => {
                names.insert(full, record.name.span);
                first.push((is_kind, record));
            }
        }
    }
    lowering.names = names.into_keys().collect();
    for (is_kind, record) in first {
        lowering.record(is_kind, record);
    }
    lowering.custom
}

/// The kinds and types that a module declares, and whether each is a kind.
fn records(module: &Module) -> impl Iterator<Item = (bool, &ApiRecord)> {
    module.files.iter().flat_map(|file| &file.items).filter_map(|item| match item {
        Item::Kind(record) => Some((true, record)),
        Item::ApiType(record) => Some((false, record)),
        Item::Import(_) | Item::Param(_) | Item::Environment(_) | Item::Group(_) | Item::Let(_) => None,
        Item::Function(_) | Item::TypeAlias(_) | Item::Schema(_) | Item::Component(_) => None,
        Item::Policy(_) | Item::Change(_) | Item::Topic(_) => None,
        Item::Resource(_) | Item::Instance(_) | Item::External(_) | Item::Include(_) => None,
        Item::When(_) | Item::If(_) | Item::For(_) | Item::Check(_) => None,
    })
}

/// The work in progress.
struct Lowering<'a> {
    sink: &'a mut Diagnostics,
    custom: Custom,
    /// The full names of all that is declared.
    names: BTreeSet<String>,
}

impl Lowering<'_> {
    /// Custom resources have a group: the API server refuses a definition without one.
    fn check_group(&mut self, record: &ApiRecord) {
        if !record.api_version.text.contains('/') {
            let message = format!("`{}` is no API version of custom resources", record.api_version.text);
            let help = format!("it has a group: `example.com/{}`", record.api_version.text);
            self.sink.report(Diagnostic::error(Code::InvalidValue, message, record.api_version.span).help(help));
        }
    }

    fn record(&mut self, is_kind: bool, record: &ApiRecord) {
        let api_version = &record.api_version.text;
        let full = Custom::full_name(api_version, &record.name.text);
        let mut scope = types::Scope { api_version, path: full.clone(), name: record.name.text.to_string() };
        let mut definition = self.definition(&mut scope, &record.record);
        definition.declared = Some(record.name.span);
        let own = self.own_attributes(is_kind, record);
        if !own.limits.is_empty() {
            definition.limits = Some(Box::new(own.limits));
        }
        if is_kind {
            self.objects_fields(&mut definition);
            self.custom.add_kind(CustomKind {
                api_version: api_version.clone(),
                kind: record.name.text.clone(),
                namespaced: !own.cluster,
                definition: full.as_str().into(),
                deprecated: own.deprecated,
                doc: record.doc.as_deref().map(Into::into),
                declared: record.name.span,
            });
        }
        self.custom.add_definition(&full, definition);
    }

    /// Adds what every object has; a kind that declares it itself would declare it differently.
    fn objects_fields(&mut self, definition: &mut Definition) {
        definition.fields.retain(|field| {
            let given = OF_EVERY_OBJECT.contains(&&*field.name);
            if let (true, Some(declared)) = (given, field.declared) {
                let message = format!("every object has `{}`; a kind does not declare it", field.name);
                self.sink.report(Diagnostic::error(Code::DuplicateField, message, declared));
            }
            !given
        });
        let of_all = |name: &str, status: bool, ty: FieldType| Field {
            name: name.to_string(),
            required: false,
            versions: FieldVersions::DECLARED,
            status,
            ty,
            limits: None,
            doc: None,
            declared: None,
        };
        definition.fields.push(of_all("metadata", false, FieldType::Record(OBJECT_META.to_string())));
        definition.fields.push(of_all("status", true, FieldType::Any));
    }
}

fn declared_twice(record: &ApiRecord, first: Span) -> Diagnostic {
    let message = format!("`{}` of `{}` is declared twice", record.name.text, record.api_version.text);
    Diagnostic::error(Code::DuplicateName, message, record.name.span)
        .label("declared again here")
        .also(first, "first declared here")
}
