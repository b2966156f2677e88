//! Schemas of CustomResourceDefinitions to types.

use super::definition::Version;
use super::limits::Fragments;
use super::problems::{Path, Problems};
use super::text;
use super::tree::{Attribute, Field, Known, Record, RecordId, Shape, Tree, Type, Word};
use crate::schema::Json;
use rustc_hash::{FxHashMap, FxHashSet};

/// An object of JSON.
pub(super) type Map = serde_json::Map<String, Json>;

/// How deeply schemas may be nested. With what stands around it, the result stays within what the parser takes.
const DEPTH: usize = 44;

/// What the schema of `resource.Quantity` has for a pattern.
const QUANTITY: &str = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

/// What every object has, and the cluster's part of it. A kind does not declare them.
const OF_EVERY_OBJECT: [&str; 4] = ["apiVersion", "kind", "metadata", "status"];

/// A version's schema as a type.
#[derive(Debug)]
pub(super) struct Lowered {
    pub(super) doc: String,
    pub(super) record: RecordId,
}

/// The work in progress.
pub(super) struct Lowering<'a> {
    pub(super) tree: &'a mut Tree,
    pub(super) problems: &'a mut Problems,
    /// Whether a pattern is one of durations; patterns repeat.
    pub(super) durations: &'a mut FxHashMap<String, bool>,
    pub(super) path: Path,
    pub(super) depth: usize,
}

impl Lowering<'_> {
    /// The schema of a version.
    pub(super) fn version(&mut self, version: &Version) -> Option<Lowered> {
        let schema = self.map(version.schema)?;
        let Fragments { whole: mut attributes, default: _ } = self.fragments(schema);
        let fields = match schema.get("properties") {
            Some(Json::Object(properties)) => {
                attributes.extend(metadata(properties));
                let own = properties.iter().filter(|(name, _)| !OF_EVERY_OBJECT.contains(&name.as_str()));
                self.inside("properties", |this| this.fields(schema, own))
            }
            Some(_) | None => Vec::new(),
        };
        let open = is_open(schema);
        let record = self.tree.add(Record { attributes, fields, open, atomic: false });
        Some(Lowered { doc: self.doc(schema), record })
    }

    /// Works on what an entry holds.
    pub(super) fn inside<T>(&mut self, key: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        let outside = self.path.push(key);
        let result = work(self);
        self.path.pop(outside);
        result
    }

    /// Reports what stands at an entry.
    pub(super) fn wrong(&mut self, key: &str, what: &str, found: &Json) {
        self.inside(key, |this| this.problems.expected(&this.path, what, found));
    }

    fn map<'j>(&mut self, schema: &'j Json) -> Option<&'j Map> {
        let map = schema.as_object();
        if map.is_none() {
            self.problems.expected(&self.path, "a schema", schema);
        }
        map
    }

    /// A text of a schema.
    pub(super) fn text<'j>(&mut self, schema: &'j Map, key: &str) -> Option<&'j str> {
        let found = schema.get(key)?;
        let text = found.as_str();
        if text.is_none() && !found.is_null() {
            self.wrong(key, "text", found);
        }
        text
    }

    fn doc(&mut self, schema: &Map) -> String {
        let said = self.text(schema, "description").or_else(|| schema.get("title").and_then(Json::as_str));
        text::description(said.unwrap_or_default())
    }

    /// The fields of a record.
    fn fields<'j>(&mut self, schema: &Map, properties: impl Iterator<Item = (&'j String, &'j Json)>) -> Vec<Field> {
        let required: FxHashSet<&str> = strings(schema.get("required")).collect();
        properties
            .map(|(name, schema)| {
                let (ty, doc) = self.inside(name, |this| {
                    let doc = schema.as_object().map(|schema| this.doc(schema)).unwrap_or_default();
                    (this.value(schema), doc)
                });
                // The API server fills defaults in before it looks for what is missing.
                let required = required.contains(name.as_str()) && !ty.has("default");
                Field { name: name.as_str().into(), doc: doc.into(), required, ty }
            })
            .collect()
    }

    /// The type of a schema.
    fn value(&mut self, schema: &Json) -> Type {
        if self.depth == DEPTH {
            self.problems.report(&self.path, format!("the schema is nested deeper than {DEPTH} levels"));
            return Type::word(Word::Any);
        }
        let Some(schema) = self.map(schema) else {
            return Type::word(Word::Any);
        };
        self.depth += 1;
        let Fragments { mut whole, default } = self.fragments(schema);
        let shape = self.shape(schema, &mut whole);
        let ty = self.limited(schema, shape, whole, default);
        self.depth -= 1;
        ty
    }

    /// The form of a type. A record takes what is asked of it for its own.
    fn shape(&mut self, schema: &Map, whole: &mut Vec<Attribute>) -> Shape {
        if schema.contains_key("$ref") {
            self.problems.report(&self.path, "it has a `$ref`, which definitions cannot have");
        }
        if is_int_or_string(schema) {
            let is_quantity = schema.get("pattern").and_then(Json::as_str) == Some(QUANTITY);
            return Shape::Word(if is_quantity { Word::Quantity } else { Word::IntOrString });
        }
        let given = self.text(schema, "type");
        match given.unwrap_or_else(|| implied(schema)) {
            "string" => self.string(schema),
            "integer" => Shape::Word(Word::Int),
            "number" => Shape::Word(Word::Float),
            "boolean" => Shape::Word(Word::Bool),
            "array" => Shape::List(Box::new(match schema.get("items") {
                Some(items) => self.inside("items", |this| this.value(items)),
                None => Type::word(Word::Any),
            })),
            "object" => self.object(schema, whole),
            "" => closed_set(schema).map_or(Shape::Word(Word::Any), Shape::Strings),
            other => {
                let message = format!("there is no type `{}`", text::description(other));
                self.inside("type", |this| this.problems.report(&this.path, message));
                Shape::Word(Word::Any)
            }
        }
    }

    fn string(&mut self, schema: &Map) -> Shape {
        if let Some(values) = closed_set(schema) {
            return Shape::Strings(values);
        }
        let format = self.text(schema, "format");
        let pattern = self.text(schema, "pattern");
        // Some definitions say so only in words: what is meant is Go's notation.
        let said = schema.get("description").and_then(Json::as_str).is_some_and(|doc| doc.contains("ParseDuration"));
        let is_duration = match pattern {
            Some(pattern) => self.is_duration(pattern),
            None => format == Some("duration") || said,
        };
        Shape::Word(if is_duration { Word::Duration } else { Word::String })
    }

    fn object(&mut self, schema: &Map, whole: &mut Vec<Attribute>) -> Shape {
        let embedded = is_true(schema, "x-kubernetes-embedded-resource");
        let open = is_open(schema);
        let none = Map::new();
        let properties = match schema.get("properties") {
            Some(Json::Object(properties)) => properties,
            Some(Json::Null) | None => &none,
            Some(other) => {
                self.wrong("properties", "a map of schemas", other);
                &none
            }
        };
        if properties.is_empty() && !embedded {
            if open {
                whole.extend(undeclared(schema, &[]));
            }
            match schema.get("additionalProperties") {
                Some(Json::Object(values)) if !values.is_empty() => {
                    let values = Json::Object(values.clone());
                    let values = self.inside("additionalProperties", |this| this.value(&values));
                    return Shape::Map(Box::new(values));
                }
                Some(_) | None if open => return Shape::Map(Box::new(Type::word(Word::Any))),
                Some(_) | None => {}
            }
        }
        let mut fields = self.inside("properties", |this| this.fields(schema, properties.iter()));
        if embedded {
            embed(&mut fields);
        }
        whole.extend(undeclared(schema, &fields));
        let attributes = std::mem::take(whole);
        let atomic = schema.get("x-kubernetes-map-type").and_then(Json::as_str) == Some("atomic");
        Shape::Record(self.tree.add(Record { attributes, fields, open, atomic }))
    }
}

/// What a schema without a type can only be.
fn implied(schema: &Map) -> &'static str {
    if schema.contains_key("properties") || schema.contains_key("additionalProperties") {
        "object"
    } else if schema.contains_key("items") {
        "array"
    } else {
        ""
    }
}

/// The strings of an enum that has no others. Null, where it is allowed, the type says itself.
fn closed_set(schema: &Map) -> Option<Vec<Box<str>>> {
    let Some(Json::Array(values)) = schema.get("enum") else {
        return None;
    };
    if values.len() > LARGEST_SET {
        return None;
    }
    let mut texts: Vec<Box<str>> = Vec::with_capacity(values.len());
    for value in values.iter().filter(|value| !value.is_null()) {
        let text: Box<str> = value.as_str()?.into();
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    (!texts.is_empty()).then_some(texts)
}

/// Values of the largest enum that becomes a union. A union's members are compared one by one.
const LARGEST_SET: usize = 1000;

/// `metadata` is every object's, but a definition may ask for more: for short names, say.
fn metadata(properties: &Map) -> Option<Attribute> {
    let schema = properties.get("metadata")?;
    let says_more = schema.as_object()?.keys().any(|key| !matches!(key.as_str(), "type" | "description"));
    says_more.then(|| {
        let mut arguments = "{ properties = { metadata = ".to_owned();
        text::constant(&mut arguments, schema);
        arguments.push_str(" } }");
        Attribute::new("allOf", arguments)
    })
}

/// Required fields that the schema does not declare, in a record that is open for them.
fn undeclared(schema: &Map, fields: &[Field]) -> Option<Attribute> {
    let declared: FxHashSet<&str> = fields.iter().map(|field| &*field.name).collect();
    let missing = strings(schema.get("required")).filter(|name| !declared.contains(name));
    let missing: Vec<Json> = missing.map(Json::from).collect();
    (!missing.is_empty()).then(|| {
        let mut arguments = "{ required = ".to_owned();
        text::constant(&mut arguments, &Json::Array(missing));
        arguments.push_str(" }");
        Attribute::new("allOf", arguments)
    })
}

/// The API server gives objects in objects these fields, whatever their schema says.
fn embed(fields: &mut Vec<Field>) {
    fields.retain(|field| !matches!(&*field.name, "apiVersion" | "kind" | "metadata"));
    let field = |name: &str, required: bool, shape: Shape| Field {
        name: name.into(),
        doc: "".into(),
        required,
        ty: Type::plain(shape),
    };
    let meta = Known { name: "meta/v1.ObjectMeta".into(), partial: false, without: Vec::new() };
    fields.splice(
        0..0,
        [
            field("apiVersion", true, Shape::Word(Word::String)),
            field("kind", true, Shape::Word(Word::String)),
            field("metadata", false, Shape::Known(meta)),
        ],
    );
}

/// Whether fields are kept that a schema does not name.
fn is_open(schema: &Map) -> bool {
    let additional = schema.get("additionalProperties");
    is_true(schema, "x-kubernetes-preserve-unknown-fields")
        || additional.is_some_and(|additional| additional.is_object() || *additional == Json::Bool(true))
}

/// `x-kubernetes-int-or-string`, or the two types that it stands for.
fn is_int_or_string(schema: &Map) -> bool {
    is_true(schema, "x-kubernetes-int-or-string")
        || !schema.contains_key("type") && schema.get("anyOf").is_some_and(is_either)
}

/// `[{type: integer}, {type: string}]`
pub(super) fn is_either(schemas: &Json) -> bool {
    let is = |schema: &Json, ty: &str| {
        schema.as_object().is_some_and(|schema| schema.len() == 1)
            && schema.get("type").and_then(Json::as_str) == Some(ty)
    };
    match schemas.as_array().map(Vec::as_slice) {
        Some([one, other]) => is(one, "integer") && is(other, "string") || is(one, "string") && is(other, "integer"),
        Some(_) | None => false,
    }
}

pub(super) fn is_true(schema: &Map, key: &str) -> bool {
    schema.get(key) == Some(&Json::Bool(true))
}

/// The texts of a list.
pub(super) fn strings(list: Option<&Json>) -> impl Iterator<Item = &str> {
    list.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
}
