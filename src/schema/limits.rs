//! What a CustomResourceDefinition asks of values besides their types.
//!
//! Names and meanings are those of `JSONSchemaProps` in `apiextensions.k8s.io/v1`.

use crate::source::Span;
pub use serde_json::Value as Json;

/// What a value must be like besides being of its type.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Limits {
    /// The least number.
    pub minimum: Option<Bound>,
    /// The greatest number.
    pub maximum: Option<Bound>,
    /// What a number is a multiple of.
    pub multiple_of: Option<f64>,
    /// The fewest characters of a string.
    pub min_length: Option<u64>,
    /// The most characters of a string.
    pub max_length: Option<u64>,
    /// A regular expression (RE2, not anchored) that a string matches.
    pub pattern: Option<Box<str>>,
    /// What a string is in: `date-time`, `ipv4`, `uri`, … Formats that the API server does not know are not here.
    pub format: Option<Box<str>>,
    /// The fewest elements of a list.
    pub min_items: Option<u64>,
    /// The most elements of a list.
    pub max_items: Option<u64>,
    /// Whether the elements of a list differ: `uniqueItems`, `x-kubernetes-list-type: set`.
    pub unique_items: bool,
    /// The fewest entries of a map or record.
    pub min_properties: Option<u64>,
    /// The most entries of a map or record.
    pub max_properties: Option<u64>,
    /// The values that it can have, where they are not all strings.
    pub values: Vec<Json>,
    /// Schemas, as a CustomResourceDefinition writes them, of which a value fulfils exactly one.
    pub one_of: Vec<Json>,
    /// Schemas of which a value fulfils at least one.
    pub any_of: Vec<Json>,
    /// Schemas that a value fulfils.
    pub all_of: Vec<Json>,
    /// A schema that a value does not fulfil.
    pub not: Option<Json>,
    /// What the API server puts where nothing is said. It does so before it applies the rules.
    pub default: Option<Json>,
    /// Whether a record is an object of its own, with `apiVersion` and `kind`.
    pub embedded: bool,
    /// Fields of built-in types, as `PodSpec.hostUsers`, that the custom resource does not have: the API server drops
    /// them without a word.
    pub without: Vec<Box<str>>,
    /// Rules in the Common Expression Language.
    pub rules: Vec<Rule>,
    /// What the elements of a list or the values of a map must be like.
    pub items: Option<Box<Limits>>,
    /// Where they are declared.
    pub declared: Option<Span>,
}

impl Limits {
    /// Whether they allow every value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Limits { declared: self.declared, ..Limits::default() }
    }
}

/// An end of a range of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// The number.
    pub value: f64,
    /// Whether the number itself is outside.
    pub exclusive: bool,
}

/// A rule of `x-kubernetes-validations`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// An expression in CEL, which sees the value as `self`.
    pub rule: Box<str>,
    /// What is said where it is false.
    pub message: Option<Box<str>>,
    /// An expression in CEL that makes the message; it goes before `message`.
    pub message_expression: Option<Box<str>>,
    /// The field to blame, relative to the value, as `.spec.replicas`.
    pub field_path: Option<Box<str>>,
    /// Where the rule stands.
    pub declared: Span,
}
