//! Kinds of custom resources, as `kind` declarations give them.

use super::Definition;
use crate::source::Span;
use std::collections::BTreeMap;

/// A kind of custom resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomKind {
    /// Such as `cert-manager.io/v1`.
    pub api_version: Box<str>,
    /// Such as `Certificate`.
    pub kind: Box<str>,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
    /// The full name of its definition.
    pub definition: Box<str>,
    /// What its owner says to those who still use it.
    pub deprecated: Option<Box<str>>,
    /// What its declaration says of it.
    pub doc: Option<Box<str>>,
    /// Where it is declared.
    pub declared: Span,
}

/// All custom resources of a program.
#[derive(Debug, Default)]
pub struct Custom {
    // By API version and kind.
    kinds: BTreeMap<(Box<str>, Box<str>), CustomKind>,
    // By full name. Those of named types are API version, `.` and name.
    definitions: BTreeMap<Box<str>, Definition>,
}

impl Custom {
    /// Adds a kind, unless it is known already: then that is the answer.
    pub fn add_kind(&mut self, kind: CustomKind) -> Option<&CustomKind> {
        let key = (kind.api_version.clone(), kind.kind.clone());
        if self.kinds.contains_key(&key) {
            return self.kinds.get(&key);
        }
        self.kinds.insert(key, kind);
        None
    }

    /// Adds a record type under its full name.
    pub fn add_definition(&mut self, full_name: &str, definition: Definition) {
        self.definitions.insert(full_name.into(), definition);
    }

    /// The full name that a named type of an API version has.
    #[must_use]
    pub fn full_name(api_version: &str, name: &str) -> String {
        format!("{api_version}.{name}")
    }

    /// A kind, such as `Certificate` of `cert-manager.io/v1`.
    pub(super) fn kind(&self, api_version: &str, kind: &str) -> Option<&CustomKind> {
        // Most programs have few; no key is made to look for one.
        self.kinds.values().find(|known| *known.api_version == *api_version && *known.kind == *kind)
    }

    /// All kinds, sorted.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &CustomKind> {
        self.kinds.values()
    }

    pub(super) fn type_named(&self, api_version: &str, name: &str) -> Option<&str> {
        self.definitions.get_key_value(&*Custom::full_name(api_version, name)).map(|(full, _)| &**full)
    }

    /// The names of an API version's types, sorted; without those that have none but their place.
    pub(super) fn types_of<'a>(&'a self, api_version: &'a str) -> impl Iterator<Item = &'a str> {
        let inside = move |full: &'a str| full.strip_prefix(api_version)?.strip_prefix('.');
        self.definitions.keys().filter_map(move |full| inside(full)).filter(|name| !name.contains('.'))
    }

    pub(super) fn definition(&self, full_name: &str) -> Option<&Definition> {
        self.definitions.get(full_name)
    }
}
