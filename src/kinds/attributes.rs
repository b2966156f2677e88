//! Attributes of kinds, in the words of `JSONSchemaProps` in `apiextensions.k8s.io/v1`.

use super::Lowering;
use super::constant::json;
use super::types::text;
use crate::diagnostic::{Code, Diagnostic};
use crate::schema::{Bound, Json, Limits, Rule};
use crate::syntax::ast::{ApiRecord, Attribute, Expr};

/// All attributes that types and fields can have.
const KNOWN: [&str; 24] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "enum",
    "default",
    "keys",
    "embedded",
    "without",
    "oneOf",
    "anyOf",
    "allOf",
    "not",
    "rule",
];

/// What stands before a kind or a type.
pub(super) struct Own {
    pub(super) limits: Limits,
    pub(super) cluster: bool,
    pub(super) deprecated: Option<Box<str>>,
}

impl Lowering<'_> {
    /// What stands before a declaration.
    pub(super) fn own_attributes(&mut self, is_kind: bool, record: &ApiRecord) -> Own {
        let mut own = Own { limits: Limits::default(), cluster: false, deprecated: None };
        for attribute in &record.attributes {
            match (&*attribute.name.text, attribute.arguments.as_slice()) {
                ("cluster", []) if is_kind => own.cluster = true,
                ("deprecated", [warning]) if is_kind && text(warning).is_some() => {
                    own.deprecated = text(warning).map(Into::into);
                }
                ("cluster", _) if is_kind => self.bad_arguments(attribute, "says that objects lie in no namespace"),
                ("deprecated", _) if is_kind => {
                    self.bad_arguments(attribute, "says what to do instead: `@deprecated(\"use v1\")`");
                }
                (_, _) => {
                    let mut said = Limits::default();
                    if self.read_attribute(&mut said, attribute) {
                        merge(&mut own.limits, said);
                    }
                }
            }
        }
        own
    }

    /// Reads one attribute of a value; whether it could be read.
    pub(super) fn read_attribute(&mut self, limits: &mut Limits, attribute: &Attribute) -> bool {
        limits.declared = Some(attribute.span);
        let arguments = attribute.arguments.as_slice();
        let read = match &*attribute.name.text {
            "minimum" => bound(arguments, false).map(|bound| limits.minimum = Some(bound)),
            "maximum" => bound(arguments, false).map(|bound| limits.maximum = Some(bound)),
            "exclusiveMinimum" => bound(arguments, true).map(|bound| limits.minimum = Some(bound)),
            "exclusiveMaximum" => bound(arguments, true).map(|bound| limits.maximum = Some(bound)),
            "multipleOf" => number(arguments).filter(|n| *n > 0.0).map(|n| limits.multiple_of = Some(n)),
            "minLength" => count(arguments).map(|n| limits.min_length = Some(n)),
            "maxLength" => count(arguments).map(|n| limits.max_length = Some(n)),
            "minItems" => count(arguments).map(|n| limits.min_items = Some(n)),
            "maxItems" => count(arguments).map(|n| limits.max_items = Some(n)),
            "minProperties" => count(arguments).map(|n| limits.min_properties = Some(n)),
            "maxProperties" => count(arguments).map(|n| limits.max_properties = Some(n)),
            "pattern" => string(arguments).map(|text| limits.pattern = Some(text)),
            "format" => string(arguments).map(|text| limits.format = Some(text)),
            "uniqueItems" => arguments.is_empty().then(|| limits.unique_items = true),
            "embedded" => arguments.is_empty().then(|| limits.embedded = true),
            "enum" => constants(arguments).map(|values| limits.values = values),
            "default" => single(arguments).map(|value| limits.default = Some(value)),
            "without" => strings(arguments).map(|names| limits.without = names),
            "oneOf" => constants(arguments).map(|schemas| limits.one_of = schemas),
            "anyOf" => constants(arguments).map(|schemas| limits.any_of = schemas),
            "allOf" => constants(arguments).map(|schemas| limits.all_of = schemas),
            "not" => single(arguments).map(|schema| limits.not = Some(schema)),
            "rule" => rule(attribute).map(|rule| limits.rules.push(rule)),
            "keys" => {
                self.misplaced(attribute, "a field that is a list of records");
                return false;
            }
            "cluster" | "deprecated" => {
                self.misplaced(attribute, "a kind");
                return false;
            }
            name => {
                let message = format!("`@{name}` means nothing here");
                let known = KNOWN.into_iter().chain(["cluster", "deprecated"]);
                let diagnostic = Diagnostic::error(Code::UnknownAttribute, message, attribute.span);
                self.sink.report(diagnostic.suggest(name, attribute.name.span, known));
                return false;
            }
        };
        if read.is_none() {
            self.bad_arguments(attribute, wanted(&attribute.name.text));
        }
        read.is_some()
    }

    /// Reports arguments that an attribute does not take; `meaning` goes on from its name.
    pub(super) fn bad_arguments(&mut self, attribute: &Attribute, meaning: &str) {
        let message = format!("`@{}` {meaning}", attribute.name.text);
        self.sink.report(Diagnostic::error(Code::BadCall, message, attribute.span));
    }

    /// Reports an attribute that stands before something of the wrong type.
    pub(super) fn misplaced(&mut self, attribute: &Attribute, place: &str) {
        let message = format!("`@{}` stands before {place}", attribute.name.text);
        self.sink.report(Diagnostic::error(Code::Misplaced, message, attribute.span));
    }
}

/// What an attribute takes, as it goes on from its name.
fn wanted(name: &str) -> &'static str {
    match name {
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => "takes one number",
        "multipleOf" => "takes one number above zero",
        "pattern" => "takes one regular expression as a string",
        "format" => "takes the name of a format as a string",
        "uniqueItems" | "embedded" => "takes nothing",
        "enum" => "takes the values that are allowed",
        "default" => "takes one constant",
        "without" => "takes fields of built-in types as strings: `@without(\"PodSpec.hostUsers\")`",
        "oneOf" | "anyOf" | "allOf" | "not" => "takes schemas as blocks: `{ required = [\"a\"] }`",
        "rule" => "takes an expression in CEL and a message: `@rule(\"self > 0\", \"must be positive\")`",
        _ => "takes one whole number, zero or more",
    }
}

/// Adds limits to others; of two that say the same the last holds.
pub(super) fn merge(limits: &mut Limits, said: Limits) {
    let either = |known: Option<Bound>, said: Option<Bound>| said.or(known);
    limits.minimum = either(limits.minimum, said.minimum);
    limits.maximum = either(limits.maximum, said.maximum);
    limits.multiple_of = said.multiple_of.or(limits.multiple_of);
    limits.min_length = said.min_length.or(limits.min_length);
    limits.max_length = said.max_length.or(limits.max_length);
    limits.pattern = said.pattern.or(limits.pattern.take());
    limits.format = said.format.or(limits.format.take());
    limits.min_items = said.min_items.or(limits.min_items);
    limits.max_items = said.max_items.or(limits.max_items);
    limits.unique_items |= said.unique_items;
    limits.min_properties = said.min_properties.or(limits.min_properties);
    limits.max_properties = said.max_properties.or(limits.max_properties);
    limits.values.extend(said.values);
    limits.one_of.extend(said.one_of);
    limits.any_of.extend(said.any_of);
    limits.all_of.extend(said.all_of);
    limits.not = said.not.or(limits.not.take());
    limits.default = said.default.or(limits.default.take());
    limits.embedded |= said.embedded;
    limits.without.extend(said.without);
    limits.rules.extend(said.rules);
    limits.items = said.items.or(limits.items.take());
    limits.declared = limits.declared.or(said.declared);
}

fn number(arguments: &[Expr]) -> Option<f64> {
    single(arguments)?.as_f64().filter(|number| number.is_finite())
}

fn bound(arguments: &[Expr], exclusive: bool) -> Option<Bound> {
    number(arguments).map(|value| Bound { value, exclusive })
}

fn count(arguments: &[Expr]) -> Option<u64> {
    single(arguments)?.as_u64()
}

fn string(arguments: &[Expr]) -> Option<Box<str>> {
    match arguments {
        [argument] => text(argument).map(Into::into),
        _ => None,
    }
}

fn strings(arguments: &[Expr]) -> Option<Vec<Box<str>>> {
    let texts: Option<Vec<Box<str>>> = arguments.iter().map(|argument| text(argument).map(Into::into)).collect();
    texts.filter(|texts| !texts.is_empty())
}

fn single(arguments: &[Expr]) -> Option<Json> {
    match arguments {
        [argument] => json(argument),
        _ => None,
    }
}

fn constants(arguments: &[Expr]) -> Option<Vec<Json>> {
    let values: Option<Vec<Json>> = arguments.iter().map(json).collect();
    values.filter(|values| !values.is_empty())
}

/// `@rule("cel")`, `@rule("cel", "message")`, `@rule("cel", { message = "…", fieldPath = "…" })`
fn rule(attribute: &Attribute) -> Option<Rule> {
    let (rule, more) = attribute.arguments.split_first()?;
    let mut read = Rule {
        rule: text(rule)?.into(),
        message: None,
        message_expression: None,
        field_path: None,
        declared: attribute.span,
    };
    match more {
        [] => {}
        [message] if text(message).is_some() => read.message = text(message).map(Into::into),
        [rest] => {
            let rest = json(rest)?;
            for (key, value) in rest.as_object()? {
                let value: Option<Box<str>> = value.as_str().map(Into::into);
                match key.as_str() {
                    "message" => read.message = Some(value?),
                    "messageExpression" => read.message_expression = Some(value?),
                    "fieldPath" => read.field_path = Some(value?),
                    // What the API server answers besides the message.
                    "reason" | "optionalOldSelf" => {}
                    _ => return None,
                }
            }
        }
        _ => return None,
    }
    Some(read)
}
