//! What schemas ask of values besides their types, as attributes.

use super::lower::{Lowering, Map, is_either, is_true, strings};
use super::text;
use super::tree::{Attribute, Shape, Type, Word};
use crate::schema::Json;
use regex_lite::RegexBuilder;
use std::fmt::Write;

/// Formats of strings that the API server checks; it takes no notice of others.
/// Source: `SupportedFormats` in `pkg/apiserver/validation/formats.go` of `k8s.io/apiextensions-apiserver` v0.34.
const FORMATS: [&str; 24] = [
    "bsonobjectid",
    "byte",
    "cidr",
    "creditcard",
    "date",
    "date-time",
    "datetime",
    "email",
    "hexcolor",
    "hostname",
    "ipv4",
    "ipv6",
    "isbn",
    "isbn10",
    "isbn13",
    "mac",
    "password",
    "rgbcolor",
    "ssn",
    "uri",
    "uuid",
    "uuid3",
    "uuid4",
    "uuid5",
];

/// How deeply constants in attributes may be nested, so that the parser takes what is around them too.
const DEPTH: usize = 32;

/// Durations that a pattern of durations takes, and what it does not take.
const DURATIONS: [&str; 4] = ["30s", "5m", "1h", "90s"];
const NO_DURATIONS: [&str; 8] = ["30", "abc", "5Gi", "s", "x30s", "30s!", "30 s", "30x"];

/// Characters of the longest pattern that is looked at, and what it may take when compiled.
const LONGEST_PATTERN: usize = 300;
const LARGEST_PATTERN: usize = 1 << 18;

/// What applies to a value whatever its type.
pub(super) struct Fragments {
    /// What belongs to a record wherever it stands.
    pub(super) whole: Vec<Attribute>,
    /// What belongs to the field.
    pub(super) default: Option<Attribute>,
}

/// Which attributes mean something for a type.
struct Applies {
    numbers: bool,
    strings: bool,
    lists: bool,
    maps: bool,
}

impl Applies {
    fn to(shape: &Shape) -> Applies {
        let (mut numbers, mut strings, mut lists, mut maps) = (false, false, false, false);
        match shape {
            Shape::Word(Word::Any) => (numbers, strings, lists, maps) = (true, true, true, true),
            Shape::Word(Word::Int | Word::Float) => numbers = true,
            Shape::Word(Word::IntOrString) => (numbers, strings) = (true, true),
            Shape::Word(Word::String | Word::Duration) => strings = true,
            // The API server sees a text that it compares with nothing but the pattern of quantities.
            Shape::Word(Word::Quantity | Word::Bool) | Shape::Strings(_) => {}
            Shape::List(_) => lists = true,
            Shape::Map(_) | Shape::Record(_) | Shape::Known(_) => maps = true,
        }
        Applies { numbers, strings, lists, maps }
    }
}

impl Lowering<'_> {
    /// A type with what its schema says besides; `whole` and `default` hold for values of all types.
    pub(super) fn limited(
        &mut self,
        schema: &Map,
        shape: Shape,
        whole: Vec<Attribute>,
        default: Option<Attribute>,
    ) -> Type {
        let applies = Applies::to(&shape);
        let mut attributes = Vec::new();
        if applies.lists {
            self.lists(schema, &shape, &mut attributes);
        }
        if applies.numbers {
            self.numbers(schema, &mut attributes);
        }
        if applies.strings {
            self.strings(schema, &shape, &mut attributes);
        }
        attributes.extend(self.listed(schema, &shape));
        // How many entries there may be means nothing for what has none.
        attributes.extend(whole.into_iter().filter(|known| applies.maps || !known.name.ends_with("Properties")));
        attributes.extend(default);
        // Where values are listed, null is one of them or none.
        let listed = schema.get("enum").and_then(Json::as_array).is_none_or(|values| values.contains(&Json::Null));
        Type { shape, nullable: is_true(schema, "nullable") && listed, attributes }
    }

    /// `@enum(200, 404)`, where the type does not list the values itself.
    fn listed(&mut self, schema: &Map, shape: &Shape) -> Option<Attribute> {
        match schema.get("enum")? {
            Json::Array(values) => {
                let said = values.is_empty() || matches!(shape, Shape::Strings(_)) || !self.is_shallow("enum", schema);
                (!said).then(|| Attribute::new("enum", arguments(values.iter().cloned())))
            }
            other => {
                self.wrong("enum", "a list of values", other);
                None
            }
        }
    }

    fn lists(&mut self, schema: &Map, shape: &Shape, attributes: &mut Vec<Attribute>) {
        let kind = self.text(schema, "x-kubernetes-list-type");
        let of_records = matches!(shape, Shape::List(item) if matches!(item.shape, Shape::Record(_)) && !item.nullable);
        let keys: Vec<&str> = strings(schema.get("x-kubernetes-list-map-keys")).collect();
        if kind == Some("map") && of_records && !keys.is_empty() {
            attributes.push(Attribute::new("keys", arguments(keys.iter().map(|key| Json::from(*key)))));
        }
        attributes.extend(self.count(schema, "minItems"));
        attributes.extend(self.count(schema, "maxItems"));
        if is_true(schema, "uniqueItems") || kind == Some("set") {
            attributes.push(Attribute::new("uniqueItems", ""));
        }
    }

    fn numbers(&mut self, schema: &Map, attributes: &mut Vec<Attribute>) {
        let ends = [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")];
        for (name, exclusive) in ends {
            if let Some(number) = self.number(schema, name) {
                attributes.push(Attribute::new(if is_true(schema, exclusive) { exclusive } else { name }, number));
            }
        }
        if let Some(number) = self.number(schema, "multipleOf") {
            attributes.push(Attribute::new("multipleOf", number));
        }
    }

    fn number(&mut self, schema: &Map, key: &str) -> Option<String> {
        match schema.get(key)? {
            Json::Number(number) => Some(text::number(number)),
            other => {
                self.wrong(key, "a number", other);
                None
            }
        }
    }

    fn strings(&mut self, schema: &Map, shape: &Shape, attributes: &mut Vec<Attribute>) {
        attributes.extend(self.count(schema, "minLength"));
        attributes.extend(self.count(schema, "maxLength"));
        if let Some(pattern) = self.text(schema, "pattern") {
            attributes.push(Attribute::new("pattern", arguments([Json::from(pattern)])));
        }
        let format = self.text(schema, "format").filter(|format| FORMATS.contains(format));
        if let (Some(format), Shape::Word(Word::String)) = (format, shape) {
            attributes.push(Attribute::new("format", arguments([Json::from(format)])));
        }
    }

    /// `@minItems(1)` and its like.
    fn count(&mut self, schema: &Map, key: &'static str) -> Option<Attribute> {
        let found = schema.get(key)?;
        match found.as_u64().filter(|count| i64::try_from(*count).is_ok()) {
            Some(count) => Some(Attribute::new(key, count.to_string())),
            None => {
                self.wrong(key, "a whole number, zero or more", found);
                None
            }
        }
    }

    /// What applies to any value.
    pub(super) fn fragments(&mut self, schema: &Map) -> Fragments {
        let mut whole = Vec::new();
        whole.extend(self.count(schema, "minProperties"));
        whole.extend(self.count(schema, "maxProperties"));
        self.alternatives(schema, &mut whole);
        if is_true(schema, "x-kubernetes-embedded-resource") {
            whole.push(Attribute::new("embedded", ""));
        }
        self.rules(schema, &mut whole);
        let default = schema.get("default").filter(|_| self.is_shallow("default", schema));
        let default = default.map(|value| Attribute::new("default", arguments([value.clone()])));
        Fragments { whole, default }
    }

    /// `oneOf`, `anyOf`, `allOf` and `not`, without what the type says already.
    fn alternatives(&mut self, schema: &Map, whole: &mut Vec<Attribute>) {
        for key in ["oneOf", "anyOf", "allOf"] {
            let Some(found) = schema.get(key) else { continue };
            let Some(schemas) = found.as_array().filter(|schemas| schemas.iter().all(Json::is_object)) else {
                self.wrong(key, "a list of schemas", found);
                continue;
            };
            let said =
                |schema: &&Json| !(key == "allOf" && schema.get("anyOf").is_some_and(is_either) && is_alone(schema));
            let schemas: Vec<Json> = schemas.iter().filter(said).cloned().collect();
            let says_more = !(schemas.is_empty() || key == "anyOf" && is_either(found));
            if says_more && self.is_shallow(key, schema) {
                whole.push(Attribute::new(key, arguments(schemas)));
            }
        }
        match schema.get("not") {
            Some(not @ Json::Object(_)) if self.is_shallow("not", schema) => {
                whole.push(Attribute::new("not", arguments([not.clone()])));
            }
            Some(Json::Object(_)) | None => {}
            Some(other) => self.wrong("not", "a schema", other),
        }
    }

    /// `x-kubernetes-validations`
    fn rules(&mut self, schema: &Map, whole: &mut Vec<Attribute>) {
        const KEY: &str = "x-kubernetes-validations";
        let rules = match schema.get(KEY) {
            Some(Json::Array(rules)) => rules,
            Some(other) => return self.wrong(KEY, "a list of rules", other),
            None => return,
        };
        for found in rules {
            let Some((rule, rest)) = parts(found) else {
                self.wrong(KEY, "a map with a `rule`", found);
                continue;
            };
            let rest = match rest.iter().next() {
                Some((_, message)) if rest.len() == 1 && rest.contains_key("message") => Some(message.clone()),
                Some(_) => Some(Json::Object(rest)),
                None => None,
            };
            whole.push(Attribute::new("rule", arguments([Json::from(rule)].into_iter().chain(rest))));
        }
    }

    /// Whether an entry can be written without going deeper than the parser does.
    fn is_shallow(&mut self, key: &str, schema: &Map) -> bool {
        let shallow = schema.get(key).is_none_or(|value| is_below(value, DEPTH));
        if !shallow {
            self.inside(key, |this| {
                this.problems.report(&this.path, format!("it is nested deeper than {DEPTH} levels"))
            });
        }
        shallow
    }

    /// Whether a pattern takes durations such as `30s` and nothing else, as far as examples tell.
    pub(super) fn is_duration(&mut self, pattern: &str) -> bool {
        if pattern.len() > LONGEST_PATTERN || !pattern.contains('s') || !pattern.contains('m') || !pattern.contains('h')
        {
            return false;
        }
        if let Some(known) = self.durations.get(pattern) {
            return *known;
        }
        let regex = RegexBuilder::new(pattern).size_limit(LARGEST_PATTERN).build();
        let fits = regex.is_ok_and(|regex| {
            DURATIONS.iter().all(|text| regex.is_match(text)) && !NO_DURATIONS.iter().any(|text| regex.is_match(text))
        });
        self.durations.insert(pattern.to_owned(), fits);
        fits
    }
}

/// A rule, and what it says besides its expression.
fn parts(rule: &Json) -> Option<(&str, Map)> {
    let map = rule.as_object()?;
    let texts = ["message", "messageExpression", "fieldPath", "reason"];
    let mut rest = Map::new();
    for key in texts {
        if let Some(value) = map.get(key) {
            rest.insert(key.to_owned(), Json::from(value.as_str()?));
        }
    }
    if map.get("optionalOldSelf") == Some(&Json::Bool(true)) {
        rest.insert("optionalOldSelf".to_owned(), Json::Bool(true));
    }
    Some((map.get("rule")?.as_str()?, rest))
}

/// Whether a schema has one entry.
fn is_alone(schema: &Json) -> bool {
    schema.as_object().is_some_and(|schema| schema.len() == 1)
}

fn is_below(value: &Json, depth: usize) -> bool {
    match value {
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => true,
        Json::Array(items) => depth > 0 && items.iter().all(|item| is_below(item, depth - 1)),
        Json::Object(entries) => depth > 0 && entries.values().all(|value| is_below(value, depth - 1)),
    }
}

/// Constants with commas between them.
fn arguments(values: impl IntoIterator<Item = Json>) -> String {
    let mut out = String::new();
    for value in values {
        let _ = write!(out, "{}", if out.is_empty() { "" } else { ", " });
        text::constant(&mut out, &value);
    }
    out
}
