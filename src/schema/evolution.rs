//! What the API server does to values by itself: how it merges them, what it fills in, what it refuses to change.

use super::table::Table;
use super::{Api, Json};
use std::sync::LazyLock;

/// Which values server-side apply takes as a whole, and which lists for sets.
const MERGES: &str = include_str!("data/merges.txt");
/// Which texts are read and written anew.
const NOTATIONS: &str = include_str!("data/notations.txt");
/// What is filled in where fields are absent.
const DEFAULTS: &str = include_str!("data/defaults.txt");
/// What cannot be changed.
const IMMUTABLE: &str = include_str!("data/immutable.txt");

/// How a value is merged with what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    /// As its type says: records and maps field by field, keyed lists item by item, other lists as a whole.
    ByType,
    /// As a whole.
    Atomic,
    /// As a set of values.
    Set,
}

/// What a text stands for that the server reads, and writes anew in its own notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// Bytes in base64.
    Bytes,
    /// A point in time, to the second.
    Time,
    /// A point in time, to the microsecond.
    MicroTime,
    /// A duration in Go's notation.
    Duration,
}

/// What the server fills in for an absent field.
#[derive(Debug, Clone, PartialEq)]
pub enum Filling {
    /// This.
    Value(Json),
    /// What it has decided once; nobody else knows.
    Server,
    /// The value of the field beside it.
    Same(&'static str),
    /// `Always` where the field beside it is an image with the tag `latest` or none, else `IfNotPresent`.
    ByTag(&'static str),
}

/// When something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Always,
    When(&'static str, &'static str),
    Unless(&'static str, &'static str),
    With(&'static str),
    Without(&'static str),
}

/// A field that the server fills in.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    /// The fields that lead to it from the record.
    pub path: Vec<String>,
    /// What it becomes.
    pub filling: Filling,
    condition: Condition,
}

/// A part of an object that cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    path: Vec<&'static str>,
    except: Vec<&'static str>,
    condition: Condition,
}

impl Filled {
    /// Whether it is filled in, in a record with these fields.
    #[must_use]
    pub fn applies(&self, beside: &Json) -> bool {
        self.condition.holds(beside)
    }
}

impl Fixed {
    /// Whether it holds of an object as it is.
    #[must_use]
    pub fn holds(&self, object: &Json) -> bool {
        self.condition.holds(object)
    }

    /// Whether a place with these keys is a part of it, or holds it.
    #[must_use]
    pub fn covers(&self, keys: &[&str]) -> bool {
        let shared = keys.len().min(self.path.len());
        let inside = keys[..shared] == self.path[..shared];
        inside && keys.get(self.path.len()).is_none_or(|below| !self.except.contains(below))
    }
}

impl Condition {
    /// Reads what follows a value in the tables.
    fn parse(words: &[&'static str]) -> Condition {
        match words {
            ["with", field] => Condition::With(field),
            ["without", field] => Condition::Without(field),
            ["when", test] => test.split_once('=').map_or(Condition::Always, |(at, is)| Condition::When(at, is)),
            ["unless", test] => test.split_once('=').map_or(Condition::Always, |(at, is)| Condition::Unless(at, is)),
            _ => Condition::Always,
        }
    }

    fn holds(self, record: &Json) -> bool {
        let is_one_of = |field: &str, values: &str| match &record[field] {
            Json::String(text) => values.split('|').any(|value| value == text),
            Json::Bool(value) => values == value.to_string(),
            Json::Null | Json::Number(_) | Json::Array(_) | Json::Object(_) => false,
        };
        let is_there = |field: &str| match &record[field] {
            Json::Null => false,
            Json::Array(items) => !items.is_empty(),
            Json::Object(entries) => !entries.is_empty(),
            Json::String(_) | Json::Bool(_) | Json::Number(_) => true,
        };
        match self {
            Condition::Always => true,
            Condition::When(field, values) => is_one_of(field, values),
            Condition::Unless(field, values) => !is_one_of(field, values),
            Condition::With(field) => is_there(field),
            Condition::Without(field) => !is_there(field),
        }
    }
}

impl Api {
    /// How server-side apply merges a field of a record, by the record's full name.
    #[must_use]
    pub fn merge_of(&self, definition: &str, field: &str) -> Merge {
        static TABLE: LazyLock<Table> = LazyLock::new(|| Table::new(MERGES));
        match TABLE.find(&[definition, field]) {
            Some((_, "atomic")) => Merge::Atomic,
            Some((_, "set")) => Merge::Set,
            Some(_) | None => Merge::ByType,
        }
    }

    /// What the text in a field of a built-in record stands for, by the record's full name; of lists and maps each value
    /// is one. None where the server keeps the text as it is.
    #[must_use]
    pub fn notation_of(&self, definition: &str, field: &str) -> Option<Notation> {
        static TABLE: LazyLock<Table> = LazyLock::new(|| Table::new(NOTATIONS));
        match TABLE.find(&[definition, field])?.1 {
            "bytes" => Some(Notation::Bytes),
            "time" => Some(Notation::Time),
            "micro-time" => Some(Notation::MicroTime),
            "duration" => Some(Notation::Duration),
            _ => None,
        }
    }

    /// Whether server-side apply takes a record as a whole, wherever it stands.
    #[must_use]
    pub fn is_atomic(&self, definition: &str) -> bool {
        self.merge_of(definition, "*") == Merge::Atomic
    }

    /// What the server fills in in a record, by its full name: of built-in kinds what its code says, of custom resources
    /// what their definitions say.
    pub fn defaults_of<'a>(&'a self, definition: &str) -> impl Iterator<Item = Filled> + 'a {
        static TABLE: LazyLock<Table> = LazyLock::new(|| Table::new(DEFAULTS));
        let fields = self.definition(definition).map(|known| known.fields.as_slice()).unwrap_or_default();
        let defined = fields.iter().filter_map(|field| {
            let value = field.limits.as_ref()?.default.clone()?;
            let (path, filling) = (vec![field.name.clone()], Filling::Value(value));
            Some(Filled { path, filling, condition: Condition::Always })
        });
        let coded = TABLE.starting_with(&format!("{definition} ")).filter_map(|line| {
            let words: Vec<&'static str> = line.split(' ').collect();
            let (path, filling, condition) = (words.first()?, words.get(1)?, Condition::parse(&words[2..]));
            let filling = match filling.split_once(':') {
                _ if *filling == "server" => Filling::Server,
                Some(("same", field)) => Filling::Same(field),
                Some(("by-tag", field)) => Filling::ByTag(field),
                Some(_) | None => Filling::Value(serde_json::from_str(filling).ok()?),
            };
            Some(Filled { path: path.split('.').map(str::to_owned).collect(), filling, condition })
        });
        coded.chain(defined)
    }

    /// What cannot be changed of the objects of a kind.
    pub fn fixed(&self, group: &str, kind: &str) -> impl Iterator<Item = Fixed> {
        static TABLE: LazyLock<Table> = LazyLock::new(|| Table::new(IMMUTABLE));
        let group = if group.is_empty() { "core" } else { group };
        TABLE.starting_with(&format!("{group} {kind} ")).map(|line| {
            let words: Vec<&'static str> = line.split(' ').collect();
            let path = words[0].split('.').collect();
            match words.get(1..) {
                Some(["except", fields]) => {
                    Fixed { path, except: fields.split(',').collect(), condition: Condition::Always }
                }
                Some(condition) => Fixed { path, except: Vec::new(), condition: Condition::parse(condition) },
                None => Fixed { path, except: Vec::new(), condition: Condition::Always },
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Api;
    use serde_json::json;

    #[test]
    fn tables_are_sorted_and_name_what_exists() {
        for text in [MERGES, DEFAULTS, IMMUTABLE] {
            let lines: Vec<&str> = text.lines().collect();
            let unsorted = lines.windows(2).find(|pair| pair[0] >= pair[1] && !pair[0].starts_with('#'));
            assert_eq!(unsorted, None);
        }
        let api = Api::kubernetes();
        for line in DEFAULTS.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            let mut definition = words.next().unwrap_or_default().to_owned();
            // Every object has these two, and so no definition lists them.
            let fields =
                words.next().unwrap_or_default().split('.').filter(|field| !matches!(*field, "apiVersion" | "kind"));
            for field in fields {
                let known = api.definition(&definition).and_then(|record| record.field(field));
                let known = known.unwrap_or_else(|| panic!("{line}: no field {field} in {definition}"));
                if let crate::schema::FieldType::Record(name) = &known.ty {
                    definition.clone_from(name);
                }
            }
            let parsed = api.defaults_of(line.split(' ').next().unwrap_or_default()).count();
            assert!(parsed > 0, "{line}");
        }
    }

    #[test]
    fn conditions_are_about_fields_beside() {
        let api = Api::kubernetes();
        let strategy: Vec<Filled> = api.defaults_of("io.k8s.api.apps.v1.DeploymentStrategy").collect();
        let filled = |record: Json| strategy.iter().filter(|known| known.applies(&record)).count();
        assert_eq!(filled(json!({"type": "RollingUpdate"})), 2);
        assert_eq!(filled(json!({"type": "Recreate"})), 1);
    }

    #[test]
    fn what_is_fixed_may_have_exceptions_and_conditions() {
        let api = Api::kubernetes();
        let is_fixed = |group, kind, keys: &[&str], object: Json| {
            api.fixed(group, kind).any(|fixed| fixed.holds(&object) && fixed.covers(keys))
        };
        assert!(is_fixed("apps", "StatefulSet", &["spec", "volumeClaimTemplates"], json!({})));
        assert!(!is_fixed("apps", "StatefulSet", &["spec", "template", "spec"], json!({})));
        assert!(is_fixed("apps", "Deployment", &["spec", "selector", "matchLabels", "app"], json!({})));
        assert!(!is_fixed("apps", "Deployment", &["spec", "replicas"], json!({})));
        assert!(!is_fixed("", "ConfigMap", &["data", "a"], json!({})));
        assert!(is_fixed("", "ConfigMap", &["data", "a"], json!({"immutable": true})));
    }
}
