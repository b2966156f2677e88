//! Types to text, in the language's layout.

use super::text;
use super::tree::{Attribute, Field, Known, Record, RecordId, Shape, Tree, Type, Word};
use rustc_hash::FxHashMap;

/// Columns up to which attributes stay on the line of what they belong to. Within attributes, the layout decides.
const WIDTH: usize = 100;

/// Columns of one level.
const STEP: usize = 2;

/// A kind, ready to be printed.
pub(super) struct Kind<'a> {
    pub(super) api_version: &'a str,
    pub(super) name: &'a str,
    pub(super) cluster: bool,
    pub(super) deprecated: Option<&'a str>,
    pub(super) doc: &'a str,
    pub(super) record: RecordId,
}

/// Prints records of one API version.
pub(super) struct Printer<'a> {
    tree: &'a Tree,
    names: FxHashMap<RecordId, &'a str>,
    out: String,
}

/// What a type stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Alone behind a colon, or between brackets.
    Alone,
    /// With something before or behind it that binds tighter than `|`.
    Bound,
}

impl<'a> Printer<'a> {
    /// A printer that calls these records by name.
    pub(super) fn new(tree: &'a Tree, names: &'a [(RecordId, String)]) -> Printer<'a> {
        Printer { tree, names: names.iter().map(|(id, name)| (*id, name.as_str())).collect(), out: String::new() }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// `kind example.com/v1 Widget { … }`
    pub(super) fn kind(&mut self, kind: &Kind) {
        let Kind { api_version, name, cluster, deprecated, doc, record } = kind;
        let record = self.tree.get(*record);
        self.out.push('\n');
        text::doc(&mut self.out, doc, 0);
        if let Some(warning) = deprecated {
            self.out.push_str("@deprecated(");
            text::string(&mut self.out, warning);
            self.out.push_str(")\n");
        }
        self.attribute_lines(&record.attributes, 0);
        self.out.push_str(if *cluster { "@cluster kind " } else { "kind " });
        self.out.push_str(&format!("{api_version} {name} "));
        self.record(record, 0);
        self.out.push('\n');
    }

    /// `type example.com/v1.Size { … }`
    pub(super) fn named(&mut self, api_version: &str, name: &str, record: RecordId) {
        let record = self.tree.get(record);
        self.out.push('\n');
        self.attribute_lines(&record.attributes, 0);
        self.out.push_str(&format!("type {api_version}.{name} "));
        self.record(record, 0);
        self.out.push('\n');
    }

    /// `{ … }`
    fn record(&mut self, record: &Record, indent: usize) {
        let Record { attributes: _, fields, open, atomic: _ } = record;
        if fields.is_empty() {
            return self.out.push_str(if *open { "{ ... }" } else { "{}" });
        }
        self.out.push_str("{\n");
        for field in fields {
            self.field(field, indent + STEP);
        }
        if *open {
            text::indentation(&mut self.out, indent + STEP);
            self.out.push_str("...\n");
        }
        text::indentation(&mut self.out, indent);
        self.out.push('}');
    }

    fn field(&mut self, field: &Field, indent: usize) {
        let Field { name, doc, required, ty } = field;
        text::doc(&mut self.out, doc, indent);
        let attributes = self.attributes_of(ty);
        text::indentation(&mut self.out, indent);
        let start = self.out.len();
        text::name(&mut self.out, name);
        self.out.push_str(": ");
        self.shape(ty, *required, indent);
        self.out.push('\n');
        // Where they fit, they stand on the same line; that is known only now, and nothing is printed twice for it.
        let line = self.out[start..].find('\n').unwrap_or(0);
        let mut before = String::new();
        attributes.iter().for_each(|attribute| write_attribute(&mut before, attribute, " "));
        if indent + before.len() + line > WIDTH {
            before.clear();
            let below = format!("\n{:indent$}", "");
            attributes.iter().for_each(|attribute| write_attribute(&mut before, attribute, &below));
        }
        self.out.insert_str(start, &before);
    }

    fn attribute_lines(&mut self, attributes: &[Attribute], indent: usize) {
        for attribute in attributes {
            text::indentation(&mut self.out, indent);
            write_attribute(&mut self.out, attribute, "\n");
        }
    }

    /// The attributes that stand before a type: its own, and those of the record that it is, unless that has a name.
    fn attributes_of(&self, ty: &Type) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        match &ty.shape {
            Shape::Record(id) if !self.names.contains_key(id) => {
                attributes.extend(self.tree.get(*id).attributes.iter().cloned());
            }
            Shape::Known(Known { name: _, partial: _, without }) if !without.is_empty() => {
                let mut arguments = String::new();
                for field in without {
                    arguments.push_str(if arguments.is_empty() { "" } else { ", " });
                    text::string(&mut arguments, field);
                }
                attributes.push(Attribute::new("without", arguments));
            }
            Shape::Word(_)
            | Shape::Strings(_)
            | Shape::List(_)
            | Shape::Map(_)
            | Shape::Record(_)
            | Shape::Known(_) => {}
        }
        attributes.extend(ty.attributes.iter().cloned());
        attributes
    }

    /// A field's type without its attributes, which stand before the field.
    fn shape(&mut self, ty: &Type, required: bool, indent: usize) {
        let place = if required { Place::Alone } else { Place::Bound };
        self.nullable(ty, place, indent);
        self.out.push_str(if required { "" } else { "?" });
    }

    /// An element's type with its attributes before it: on its line if they fit, else each on a line of its own.
    fn element(&mut self, ty: &Type, indent: usize) {
        let attributes = self.attributes_of(ty);
        if attributes.is_empty() {
            return self.nullable(ty, Place::Alone, indent);
        }
        let line = self.out.rfind('\n').map_or(0, |at| at + 1);
        let mut before = String::new();
        attributes.iter().for_each(|attribute| write_attribute(&mut before, attribute, " "));
        if self.out.len() - line + before.len() <= WIDTH {
            self.out.push_str(&before);
            return self.nullable(ty, Place::Bound, indent);
        }
        // A line may end behind an attribute and behind the bracket of a list, but not behind the colon of a map.
        let below = format!("\n{:width$}", "", width = indent + STEP);
        if self.out.ends_with('[') {
            self.out.push_str(&below);
        }
        attributes.iter().for_each(|attribute| write_attribute(&mut self.out, attribute, &below));
        self.nullable(ty, Place::Bound, indent + STEP);
        self.out.push('\n');
        text::indentation(&mut self.out, indent);
    }

    /// A type that may be null.
    fn nullable(&mut self, ty: &Type, place: Place, indent: usize) {
        let is_union = ty.nullable
            || match &ty.shape {
                Shape::Strings(values) => values.len() > 1,
                Shape::Word(word) => *word == Word::IntOrString,
                Shape::List(_) | Shape::Map(_) | Shape::Record(_) | Shape::Known(_) => false,
            };
        let bound = is_union && place == Place::Bound;
        self.out.push_str(if bound { "(" } else { "" });
        self.bare(&ty.shape, indent);
        self.out.push_str(if ty.nullable { " | null" } else { "" });
        self.out.push_str(if bound { ")" } else { "" });
    }

    fn bare(&mut self, shape: &Shape, indent: usize) {
        match shape {
            Shape::Word(word) => self.out.push_str(spelling(*word)),
            Shape::Strings(values) => self.union(values, indent),
            Shape::List(item) => {
                self.out.push('[');
                self.element(item, indent);
                self.out.push(']');
            }
            Shape::Map(value) => {
                self.out.push_str("{string: ");
                self.element(value, indent);
                self.out.push('}');
            }
            Shape::Record(id) => match self.names.get(id) {
                Some(name) => self.out.push_str(name),
                None => self.record(self.tree.get(*id), indent),
            },
            Shape::Known(Known { name, partial, without: _ }) => {
                self.out.push_str(if *partial { "partial " } else { "" });
                self.out.push_str(name);
            }
        }
    }

    /// `"a" | "b"`, on several lines where it is long.
    fn union(&mut self, values: &[Box<str>], indent: usize) {
        let start = self.out.len();
        let line = self.out.rfind('\n').map_or(0, |at| at + 1);
        let mut column = start - line;
        for (at, value) in values.iter().enumerate() {
            let before = self.out.len();
            self.out.push_str(if at > 0 { " | " } else { "" });
            text::string(&mut self.out, value);
            let length = self.out.len() - before;
            if column + length > WIDTH && at > 0 {
                // The bar stands at the end of a line: a line that begins with it would do as well.
                self.out.truncate(before);
                self.out.push_str(" |\n");
                text::indentation(&mut self.out, indent + 2 * STEP);
                text::string(&mut self.out, value);
                column = indent + 2 * STEP;
            }
            column += length;
        }
    }
}

/// Writes an attribute and what separates it from what follows.
fn write_attribute(out: &mut String, attribute: &Attribute, separator: &str) {
    out.push('@');
    out.push_str(attribute.name);
    if !attribute.arguments.is_empty() {
        out.push('(');
        out.push_str(&attribute.arguments);
        out.push(')');
    }
    out.push_str(separator);
}

fn spelling(word: Word) -> &'static str {
    match word {
        Word::String => "string",
        Word::Int => "int",
        Word::Float => "float",
        Word::Bool => "bool",
        Word::Any => "any",
        Word::Quantity => "quantity",
        Word::Duration => "duration",
        Word::IntOrString => "int | string",
    }
}
