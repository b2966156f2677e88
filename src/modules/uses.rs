//! Which API versions a program speaks of, to know what is needed of the standard library's kinds.

use super::Modules;
use crate::syntax::ast::{Item, Parameter, TypeExpr, TypeExprKind};
use std::collections::BTreeSet;

/// The API versions of all resources, and of types of the API where declarations name them.
pub(super) fn api_versions(modules: &Modules) -> BTreeSet<&str> {
    let mut uses = BTreeSet::new();
    for file in modules.list.iter().flat_map(|module| &module.files) {
        of_items(&file.items, &mut uses);
    }
    uses
}

fn of_items<'a>(items: &'a [Item], uses: &mut BTreeSet<&'a str>) {
    for item in items {
        of_item(item, uses);
    }
}

fn of_item<'a>(item: &'a Item, uses: &mut BTreeSet<&'a str>) {
    match item {
        // An open resource asks for no kind.
        Item::Resource(resource) if resource.open => {}
        Item::Resource(resource) => {
            uses.insert(&resource.api_version.text);
        }
        // Objects of the kind may all the same be open resources, or none: what a rule reads of them is checked.
        Item::Policy(policy) => {
            uses.insert(&policy.api_version.text);
        }
        Item::Change(change) => {
            uses.insert(&change.api_version.text);
        }
        Item::Param(param) => of_type(&param.ty, uses),
        Item::Let(declared) => declared.ty.iter().for_each(|ty| of_type(ty, uses)),
        Item::TypeAlias(alias) => of_type(&alias.ty, uses),
        Item::Function(function) => {
            of_parameters(&function.params, uses);
            of_type(&function.result, uses);
            function.lets.iter().filter_map(|declared| declared.ty.as_ref()).for_each(|ty| of_type(ty, uses));
        }
        Item::Schema(schema) => schema.fields.iter().for_each(|field| of_type(&field.ty, uses)),
        Item::Kind(record) | Item::ApiType(record) => {
            record.record.fields.iter().for_each(|field| of_type(&field.ty, uses));
        }
        Item::Component(component) => {
            of_parameters(&component.params, uses);
            of_items(&component.items, uses);
        }
        Item::When(when) => of_items(&when.then, uses),
        Item::If(branch) => {
            of_items(&branch.then, uses);
            of_items(&branch.otherwise, uses);
        }
        Item::For(each) => of_items(&each.each, uses),
        Item::Import(_) | Item::Environment(_) | Item::Group(_) | Item::Instance(_) => {}
        Item::External(_) | Item::Check(_) | Item::Include(_) | Item::Topic(_) => {}
    }
}

fn of_parameters<'a>(parameters: &'a [Parameter], uses: &mut BTreeSet<&'a str>) {
    parameters.iter().for_each(|parameter| of_type(&parameter.ty, uses));
}

// The parser bounds how deep a type is.
fn of_type<'a>(ty: &'a TypeExpr, uses: &mut BTreeSet<&'a str>) {
    match &ty.kind {
        TypeExprKind::Kubernetes { api_version, .. } => {
            uses.insert(api_version);
        }
        TypeExprKind::List(inner) | TypeExprKind::Map(inner) | TypeExprKind::Optional(inner) => of_type(inner, uses),
        TypeExprKind::Attributed { ty, .. } => of_type(ty, uses),
        TypeExprKind::Union(members) => members.iter().for_each(|member| of_type(member, uses)),
        TypeExprKind::Record(record) => record.fields.iter().for_each(|field| of_type(&field.ty, uses)),
        TypeExprKind::Error | TypeExprKind::Name(_) | TypeExprKind::Literal(_) | TypeExprKind::Partial { .. } => {}
    }
}
