//! Which fields the entries of a block set, for sure or under a condition.

use super::Checker;
use super::errors;
use super::ty::Type;
use crate::diagnostic::nearest;
use crate::source::Span;

/// Whether something is set in every environment and case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    Always,
    Maybe,
}

/// What is set at a path and below it.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    children: Vec<(Box<str>, Coverage)>,
    // Set as a whole, or filled from a value whose entries are not known here.
    whole: bool,
    always: bool,
    // Where an unconditional `=` stands.
    set_at: Option<Span>,
    first: Option<Span>,
    // Names that are no fields here, which was reported.
    strangers: Vec<Box<str>>,
}

impl Coverage {
    /// Notes that a path leads nowhere, at whichever of its names: what it was meant to set is not missing as well.
    pub fn stray(&mut self, path: &[Box<str>]) {
        let mut node = self;
        for (at, name) in path.iter().enumerate() {
            node.strangers.push(name.clone());
            if at + 1 < path.len() {
                node = node.child(name);
            }
        }
    }

    /// Notes that a path is set or opened.
    pub fn open(&mut self, path: &[Box<str>], certainty: Certainty, at: Span) -> &mut Coverage {
        let mut node = self;
        for name in path {
            node = node.child(name);
            node.always |= certainty == Certainty::Always;
            node.first.get_or_insert(at);
        }
        node
    }

    /// Notes that a path is set as a whole; gives the place where it, or something around it, already is.
    pub fn set(&mut self, path: &[Box<str>], certainty: Certainty, at: Span) -> Option<Span> {
        let mut around = None;
        if certainty == Certainty::Always {
            let mut node = &*self;
            for name in path {
                let Some((_, child)) = node.children.iter().find(|(known, _)| known == name) else { break };
                around = around.or(child.set_at);
                node = child;
            }
        }
        let node = self.open(path, certainty, at);
        node.whole = true;
        if certainty == Certainty::Always {
            node.set_at.get_or_insert(at);
        }
        around
    }

    /// Notes that a path may hold entries that are not known here.
    pub fn spread(&mut self, path: &[Box<str>], at: Span) {
        self.open(path, Certainty::Maybe, at).whole = true;
    }

    /// Whether it reaches deeper than the fields of an object that are always there, so that what it makes may
    /// be incomplete: a new item of a keyed list, say.
    pub fn reaches_items(&self) -> bool {
        self.children.iter().any(|(_, child)| !child.children.is_empty())
    }

    fn child(&mut self, name: &str) -> &mut Coverage {
        let at = match self.children.iter().position(|(known, _)| **known == *name) {
            Some(at) => at,
            None => {
                self.children.push((name.into(), Coverage::default()));
                self.children.len() - 1
            }
        };
        &mut self.children[at].1
    }

    fn get(&self, name: &str) -> Option<&Coverage> {
        self.children.iter().find(|(known, _)| **known == *name).map(|(_, child)| child)
    }
}

/// How a required field is missing.
enum Lack {
    /// It is never set.
    Never,
    /// It is set only under a condition, so that evaluation has to look.
    Sometimes,
    /// It is set.
    None,
}

impl Checker<'_> {
    /// Reports required fields that are never set; says whether some are only set under a condition.
    /// `whole_value`: whether the block makes the whole value, or only reaches into one.
    pub(super) fn require(&mut self, ty: &Type, covered: &Coverage, at: Span, whole_value: bool) -> bool {
        match ty {
            Type::Optional(inner) => self.require(inner, covered, at, whole_value),
            Type::Union(_) if ty.has_inside() => self.require(&self.inside(ty), covered, at, whole_value),
            Type::Definition(name) => {
                let name = name.clone();
                let Some(definition) = self.api.definition(&name) else { return false };
                let fields: Vec<(String, bool)> =
                    definition.fields.iter().map(|field| (field.name.clone(), field.required)).collect();
                let mut verify = false;
                for (field, required) in fields {
                    verify |= self.require_field(ty, &field, required && whole_value, covered, at);
                }
                verify
            }
            Type::Schema(id) => {
                let fields = self.schema_fields(*id);
                let declared = self.schemas[id.0 as usize].declared;
                let mut verify = false;
                for ((_, ty_of_field), field) in fields.iter().zip(&declared.fields) {
                    let required = field.default.is_none() && !ty_of_field.is_optional() && whole_value;
                    verify |= self.require_field(ty, &field.name.text, required, covered, at);
                }
                verify
            }
            Type::Keyed { item, label, unique: _ } => {
                let item_type = Type::Definition(item.clone());
                let mut verify = covered.whole && whole_value;
                for (name, child) in &covered.children {
                    // The label is the field that it stands for.
                    let mut child = child.clone();
                    let first = child.first.unwrap_or(at);
                    child.open(&[(**label).into()], Certainty::Always, first);
                    if whole_value && !child.whole && !name.is_empty() {
                        verify |= self.require(&item_type, &child, first, true);
                    } else {
                        verify = true;
                    }
                }
                verify
            }
            Type::Map(value) if value.has_inside() => {
                let mut verify = false;
                for (_, child) in covered.children.iter().filter(|(_, child)| !child.whole) {
                    verify |= self.require(value, child, child.first.unwrap_or(at), false);
                }
                verify
            }
            _ => false,
        }
    }

    fn require_field(&mut self, owner: &Type, field: &str, required: bool, covered: &Coverage, at: Span) -> bool {
        let child = covered.get(field);
        let lack = match child {
            None if covered.whole => Lack::Sometimes,
            None => Lack::Never,
            Some(child) if child.always || !required => Lack::None,
            Some(_) => Lack::Sometimes,
        };
        let mut verify = false;
        if required {
            match lack {
                // One mistake: the field is there, under a wrong name or a level too high.
                Lack::Never if self.meant(owner, field, &covered.strangers) => {}
                Lack::Never => self.report_missing(owner, field, at),
                Lack::Sometimes => verify = true,
                Lack::None => {}
            }
        }
        if let Some(child) = child.filter(|child| !child.whole) {
            let ty = self.field_type(owner, field);
            // What is only opened may stay empty; then it is missing as a whole, which is fine.
            let whole_value = child.always || required;
            verify |= self.require(&ty, child, child.first.unwrap_or(at), whole_value);
        }
        verify
    }

    /// Whether one of the names that are no fields of a type may have meant a field, or one inside it.
    fn meant(&mut self, owner: &Type, field: &str, strangers: &[Box<str>]) -> bool {
        if strangers.is_empty() {
            return false;
        }
        let inside = self.field_type(owner, field);
        strangers
            .iter()
            .any(|name| **name == *field || nearest(name, [field]).is_some() || self.has_api_field(&inside, name))
    }

    fn has_api_field(&self, ty: &Type, name: &str) -> bool {
        matches!(ty, Type::Definition(definition) if self.api_field(definition, name).is_some())
    }

    /// The fields that a schema's value cannot do without.
    fn needed_fields(&mut self, ty: &Type) -> Option<Vec<String>> {
        let Type::Schema(id) = ty else { return None };
        let fields = self.schema_fields(*id);
        let declared = self.schemas[id.0 as usize].declared;
        let needed = fields.iter().zip(&declared.fields);
        let needed = needed.filter(|((_, ty), field)| field.default.is_none() && !ty.is_optional());
        Some(needed.map(|(_, field)| field.name.text.to_string()).collect())
    }

    fn report_missing(&mut self, owner: &Type, field: &str, at: Span) {
        let ty = self.field_type(owner, field).present();
        let inside = self.needed_fields(&ty);
        let ty = self.show(&ty);
        let declared = match owner {
            Type::Schema(id) => {
                let declared = self.schemas[id.0 as usize].declared;
                declared.fields.iter().find(|known| *known.name.text == *field).map(|known| known.name.span)
            }
            Type::Definition(name) => self.api_field(name, field).and_then(|field| field.declared),
            _ => None,
        };
        let owner = self.show(owner);
        self.sink.report(errors::missing_field(field, at, &owner, declared, &ty, inside.as_deref()));
    }
}
