//! Who owns which fields: what the API server keeps in `metadata.managedFields`.
//!
//! The format is that of `FieldsV1` in `k8s.io/apimachinery/pkg/apis/meta/v1`: `f:name` is a field, `k:{…}` an item of a
//! keyed list by its keys, `v:…` a value of a set, `i:n` an element by its number, and `.` what all these lie in.

use crate::schema::Json;
use std::collections::BTreeMap;

/// A step to an owned part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Element {
    Field(String),
    /// The keys with their values as JSON, sorted.
    Item(Vec<(String, String)>),
    /// A value of a set, as JSON.
    Value(String),
    Index(String),
}

/// A set of fields, as a tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FieldSet {
    /// Whether this part is itself in the set. One without children is owned with all that lies in it.
    pub member: bool,
    pub children: BTreeMap<Element, FieldSet>,
}

impl FieldSet {
    /// A part that is owned as a whole.
    pub fn whole() -> FieldSet {
        FieldSet { member: true, children: BTreeMap::new() }
    }

    /// Reads `fieldsV1`. What nobody knows is passed over.
    pub fn parse(fields: &Json) -> FieldSet {
        let Json::Object(entries) = fields else { return FieldSet::default() };
        // `f:replicas: {}` is a field.
        let mut set = FieldSet { member: entries.is_empty(), children: BTreeMap::new() };
        for (key, below) in entries {
            if key == "." {
                set.member = true;
            } else if let Some(element) = Element::parse(key) {
                set.children.insert(element, FieldSet::parse(below));
            }
        }
        set
    }

    /// Adds what another set has.
    pub fn add(&mut self, other: &FieldSet) {
        self.member |= other.member;
        for (element, below) in &other.children {
            self.children.entry(element.clone()).or_default().add(below);
        }
    }

    /// Adds a way into the set, without anything at its end.
    pub fn keep(&mut self, path: &[&str]) {
        let way = path.iter().map(|name| Element::Field((*name).to_owned()));
        way.fold(self, |at, element| at.children.entry(element).or_default());
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        !self.member && self.children.is_empty()
    }

    /// What is owned of a part.
    pub fn at(&self, path: &[Element]) -> Option<&FieldSet> {
        path.iter().try_fold(self, |at, element| at.children.get(element))
    }

    /// Whether a part is owned: itself, or with what it lies in.
    pub fn owns(&self, path: &[Element]) -> bool {
        let mut at = self;
        for element in path {
            if at.is_whole() {
                return true;
            }
            match at.children.get(element) {
                Some(below) => at = below,
                None => return false,
            }
        }
        at.member
    }

    /// Whether a part is owned itself, and not only because what it lies in is owned as a whole.
    pub fn names(&self, path: &[Element]) -> bool {
        self.at(path).is_some_and(|known| known.member)
    }

    /// Whether a part, anything in it, or what it lies in is owned.
    pub fn touches(&self, path: &[Element]) -> bool {
        let mut at = self;
        for element in path {
            if at.is_whole() {
                return true;
            }
            match at.children.get(element) {
                Some(below) => at = below,
                None => return false,
            }
        }
        !at.is_empty()
    }

    /// Whether it is owned with all that lies in it.
    pub fn is_whole(&self) -> bool {
        self.member && self.children.is_empty()
    }

    /// Whether values of a set are owned.
    pub fn has_values(&self) -> bool {
        self.children.keys().any(|element| matches!(element, Element::Value(_)))
    }

    /// The keys that tell the items of a list apart, where the set has items.
    pub fn keys(&self) -> Option<Vec<String>> {
        self.children.keys().find_map(|element| match element {
            Element::Item(keys) => Some(keys.iter().map(|(key, _)| key.clone()).collect()),
            Element::Field(_) | Element::Value(_) | Element::Index(_) => None,
        })
    }
}

impl Element {
    fn parse(text: &str) -> Option<Element> {
        let (kind, rest) = text.split_once(':')?;
        match kind {
            "f" => Some(Element::Field(rest.to_owned())),
            "v" => Some(Element::Value(serde_json::from_str::<Json>(rest).ok()?.to_string())),
            "i" => Some(Element::Index(rest.to_owned())),
            "k" => {
                let Json::Object(keys) = serde_json::from_str(rest).ok()? else { return None };
                let mut keys: Vec<(String, String)> =
                    keys.into_iter().map(|(key, value)| (key, value.to_string())).collect();
                keys.sort();
                Some(Element::Item(keys))
            }
            _ => None,
        }
    }
}

/// How a manager wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Apply,
    Update,
}

/// An entry of `metadata.managedFields`.
#[derive(Debug, Clone)]
pub(super) struct Managed {
    pub manager: String,
    pub operation: Operation,
    /// Such as `scale`; empty for the object itself.
    pub subresource: String,
    pub fields: FieldSet,
}

impl Managed {
    /// Whether two entries are of one manager that writes the same way.
    pub fn is_same(&self, other: &Managed) -> bool {
        (&self.manager, self.operation, &self.subresource) == (&other.manager, other.operation, &other.subresource)
    }

    /// As in `kube-controller-manager (scale)`.
    pub fn shown(&self) -> String {
        if self.subresource.is_empty() {
            self.manager.clone()
        } else {
            format!("{} ({})", self.manager, self.subresource)
        }
    }
}

/// The managers of an object, without those who write nothing but its status.
pub(super) fn managers(manifest: &Json) -> Vec<Managed> {
    let entries = manifest["metadata"]["managedFields"].as_array().map(Vec::as_slice).unwrap_or_default();
    let known = entries.iter().filter_map(|entry| {
        let text = |field: &str| entry[field].as_str().unwrap_or_default();
        let operation = match text("operation") {
            "Apply" => Operation::Apply,
            "Update" => Operation::Update,
            _ => return None,
        };
        let (manager, subresource) = (text("manager").to_owned(), text("subresource").to_owned());
        // The root belongs to nobody, or an entry without fields would own everything.
        let fields = FieldSet { member: false, ..FieldSet::parse(&entry["fieldsV1"]) };
        Some(Managed { manager, operation, subresource, fields })
    });
    known.filter(|managed| managed.subresource != "status").collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn field(name: &str) -> Element {
        Element::Field(name.to_owned())
    }

    #[test]
    fn a_set_knows_fields_items_values_and_what_they_lie_in() {
        let set = FieldSet::parse(&json!({
            "f:metadata": {"f:finalizers": {".": {}, "v:\"a\"": {}}},
            "f:spec": {
                "f:replicas": {},
                "f:ports": {"k:{\"protocol\":\"TCP\",\"port\":80}": {".": {}, "f:port": {}}},
                "f:selector": {},
                "f:odd": {"i:0": {}}
            },
            "x:unknown": {}
        }));
        assert!(set.owns(&[field("spec"), field("replicas")]));
        assert!(!set.owns(&[field("spec")]), "it is only on the way");
        assert!(set.touches(&[field("spec")]));
        let port = Element::Item(vec![("port".into(), "80".into()), ("protocol".into(), "\"TCP\"".into())]);
        assert!(set.owns(&[field("spec"), field("ports"), port.clone()]));
        assert!(!set.owns(&[field("spec"), field("ports"), port, field("name")]));
        assert!(set.owns(&[field("spec"), field("selector"), field("app")]), "it is owned as a whole");
        assert!(set.owns(&[field("metadata"), field("finalizers"), Element::Value("\"a\"".into())]));
        let ports = &set.children[&field("spec")].children[&field("ports")];
        assert_eq!(ports.keys(), Some(vec!["port".to_owned(), "protocol".to_owned()]));
    }

    #[test]
    fn managers_of_the_status_do_not_count() {
        let object = json!({"metadata": {"managedFields": [
            {"manager": "a", "operation": "Apply", "fieldsV1": {"f:spec": {"f:x": {}}}},
            {"manager": "b", "operation": "Update", "subresource": "status", "fieldsV1": {"f:status": {}}},
            {"manager": "c", "operation": "Update", "subresource": "scale", "fieldsV1": {"f:spec": {"f:replicas": {}}}},
            {"manager": "d", "operation": "Strange"},
            "not an entry"
        ]}});
        let shown: Vec<String> = managers(&object).iter().map(Managed::shown).collect();
        assert_eq!(shown, ["a", "c (scale)"]);
    }
}
