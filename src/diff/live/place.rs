//! Where a value stands in the types of its kind, and what that means for merging it.

use super::ownership::{Element, FieldSet};
use crate::schema::{Api, FieldType, Filled, Filling, Json, Merge, Notation, whole};

/// Longer lists are compared as a whole: looking for each item takes time by the square of their number.
pub(super) const MOST_ITEMS: usize = 2000;

/// Whose rules merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Merging {
    /// The API server's, for server-side apply.
    ServerSide,
    /// kubectl's for built-in kinds: strategic merge patches.
    Strategic,
    /// kubectl's for custom resources: JSON merge patches (RFC 7386).
    JsonMerge,
}

/// How a value is merged with another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// Field by field.
    Fields,
    /// Item by item, by these keys.
    Items(Vec<String>),
    /// As a set of plain values.
    Set,
    /// As a whole.
    Whole,
}

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    api: &'a Api,
    ty: Option<&'a FieldType>,
    /// The full name of the record's definition.
    record: Option<&'a str>,
    merge: Merge,
    /// What its text stands for, or those in it.
    notation: Option<Notation>,
    /// Whether the object is of a custom resource.
    custom: bool,
    merging: Merging,
}

impl<'a> Place<'a> {
    /// An object of a kind.
    pub fn root(api: &'a Api, api_version: &str, kind: &str, merging: Merging) -> Place<'a> {
        let known = api.kind(api_version, kind);
        let custom = known.as_ref().is_none_or(|known| known.declared.is_some());
        let merging = if custom && merging == Merging::Strategic { Merging::JsonMerge } else { merging };
        let record = known.map(|known| known.definition);
        Place { api, ty: None, record, merge: Merge::ByType, notation: None, custom, merging }
    }

    /// A field of it.
    pub fn field(self, name: &str) -> Place<'a> {
        match (self.record, self.ty) {
            (Some(record), _) => {
                let field = self.api.definition(record).and_then(|definition| definition.field(name));
                let place = Place { notation: self.api.notation_of(record, name), ..self };
                place.at(field.map(|field| &field.ty), self.api.merge_of(record, name))
            }
            (None, Some(FieldType::Map(value))) => self.at(Some(value), Merge::ByType),
            (None, _) => self.at(None, Merge::ByType),
        }
    }

    /// An item or element of it.
    pub fn item(self) -> Place<'a> {
        match self.ty {
            Some(FieldType::Keyed { item, .. }) => {
                Place { ty: None, record: Some(whole(item)), merge: Merge::ByType, ..self }
            }
            Some(FieldType::List(item)) => self.at(Some(item), Merge::ByType),
            Some(_) | None => self.at(None, Merge::ByType),
        }
    }

    fn at(self, ty: Option<&'a FieldType>, merge: Merge) -> Place<'a> {
        let ty = match ty {
            Some(FieldType::Nullable(inner)) => Some(&**inner),
            other => other,
        };
        let record = match ty {
            Some(FieldType::Record(name)) => Some(whole(name)),
            Some(_) | None => None,
        };
        Place { ty, record, merge, ..self }
    }

    /// How a value there is merged. Who owned it before tells more than the types do: `owned` is what is known of that.
    pub fn shape(self, value: &Json, owned: Option<&FieldSet>) -> Shape {
        let by_server = self.merging == Merging::ServerSide;
        let is_whole = by_server && owned.is_some_and(FieldSet::is_whole);
        match value {
            Json::Object(_) if is_whole => Shape::Whole,
            Json::Object(_) if by_server && self.is_atomic() => Shape::Whole,
            Json::Object(_) => Shape::Fields,
            Json::Array(items) if is_whole || items.len() > MOST_ITEMS => Shape::Whole,
            Json::Array(_) if self.merging == Merging::JsonMerge => Shape::Whole,
            Json::Array(_) if by_server && owned.is_some_and(FieldSet::has_values) => Shape::Set,
            Json::Array(_) => match owned.filter(|_| by_server).and_then(FieldSet::keys) {
                Some(keys) => Shape::Items(keys),
                None => self.list(),
            },
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Shape::Whole,
        }
    }

    fn is_atomic(self) -> bool {
        self.merge == Merge::Atomic || self.record.is_some_and(|record| self.api.is_atomic(record))
    }

    fn list(self) -> Shape {
        match self.ty {
            // A custom resource's pod template looks like one, but the server knows no keys in it.
            Some(FieldType::Keyed { item, .. }) if self.custom && whole(item).starts_with("io.k8s.") => Shape::Whole,
            Some(FieldType::Keyed { keys, .. }) => {
                // Strategic merge patches know one key of a list.
                let count = if self.merging == Merging::Strategic { 1 } else { keys.len() };
                Shape::Items(keys.iter().take(count).cloned().collect())
            }
            Some(_) | None if self.merge == Merge::Set => Shape::Set,
            Some(_) | None => Shape::Whole,
        }
    }

    /// The keys and the label of a list whose items have some, whoever merges it: for people.
    pub fn labelled(self) -> Option<(&'a [String], &'a str)> {
        match self.ty {
            Some(FieldType::Keyed { keys, label, .. }) => Some((keys, label)),
            Some(_) | None => None,
        }
    }

    /// The item of a list that these keys belong to; none where one of them is missing.
    pub fn element(self, item: &Json, keys: &[String]) -> Option<Element> {
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            let value = match &item[key] {
                Json::Null => self.item().filled(key)?.to_string(),
                known => known.to_string(),
            };
            values.push((key.clone(), value));
        }
        values.sort();
        Some(Element::Item(values))
    }

    /// What every server fills in for a field that is absent.
    fn filled(self, field: &str) -> Option<Json> {
        let mut defaults = self.api.defaults_of(self.record?);
        defaults.find_map(|known| match known {
            Filled { path, filling: Filling::Value(value), .. } if path == [field] => Some(value),
            Filled { .. } => None,
        })
    }

    /// What the server fills in in a record that stands there.
    pub fn defaults(self) -> Vec<Filled> {
        // A definition of a custom resource may share types with Kubernetes, but not what fills them in.
        let record = self.record.filter(|record| !self.custom || !record.starts_with("io.k8s."));
        record.map(|record| self.api.defaults_of(record).collect()).unwrap_or_default()
    }

    /// Whether an object without that field is refused.
    pub fn requires(self, field: &str) -> bool {
        let definition = self.record.and_then(|record| self.api.definition(record));
        definition.and_then(|known| known.field(field)).is_some_and(|field| field.required)
    }

    /// Whether each server decides what stands in that field where nobody says it, such as a Service's `clusterIP`.
    pub fn leaves_to_the_server(self, field: &str) -> bool {
        self.defaults().iter().any(|known| known.path == [field] && matches!(known.filling, Filling::Server))
    }

    /// Whether strategic merge patches keep nothing of the value that is not declared: what takes the place of another
    /// (`patchStrategy: retainKeys`).
    pub fn retains_keys(self) -> bool {
        const RETAINED: [&str; 3] = [
            "io.k8s.api.apps.v1.DeploymentStrategy",
            "io.k8s.api.core.v1.PodResourceClaim",
            "io.k8s.api.core.v1.Volume",
        ];
        self.merging == Merging::Strategic && self.record.is_some_and(|record| RETAINED[..].contains(&record))
    }

    pub fn is_custom(self) -> bool {
        self.custom
    }

    pub fn is_quantity(self) -> bool {
        matches!(self.ty, Some(FieldType::Quantity))
    }

    /// What its text stands for. A custom resource's types may say so, but the server keeps what it got.
    pub fn notation(self) -> Option<Notation> {
        match self.ty {
            Some(FieldType::Duration) => Some(Notation::Duration),
            Some(_) | None => self.notation,
        }
    }

    /// Whether the server writes nothing where the value is empty.
    pub fn is_left_out_when_empty(self) -> bool {
        !self.custom && matches!(self.ty, Some(FieldType::Map(_) | FieldType::List(_) | FieldType::Keyed { .. }))
    }
}
