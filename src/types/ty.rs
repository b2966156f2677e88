//! The types of the language and of the Kubernetes API, as the checker sees them.

use crate::core::{Const, SchemaId};
use crate::schema::whole;
use std::rc::Rc;

/// A type.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// Already reported. It fits everywhere, so that one mistake yields one diagnostic.
    Error,
    /// Anything.
    Any,
    /// The element type of an empty list, the value type of an empty map: fits everywhere.
    Nothing,
    /// `null`
    Null,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `float`
    Float,
    /// `string`
    String,
    /// A string that is a DNS label.
    DnsLabel,
    /// In unions: a bare word, which is a string.
    Word,
    /// Bytes.
    Memory,
    /// Thousandths of a core.
    Cpu,
    /// Milliseconds.
    Duration,
    /// A reference to a key of a Secret.
    Secret,
    /// A quantity of the Kubernetes API.
    Quantity,
    /// An int or a string of the Kubernetes API.
    IntOrString,
    /// An int of the Kubernetes API that counts seconds, so that a duration fits.
    Seconds,
    /// A duration of the Kubernetes API, in Go's notation.
    DurationText,
    /// One string, int or bool.
    Literal(Const),
    /// One of these; never nested, at least two.
    Union(Rc<[Type]>),
    /// That, or absent.
    Optional(Rc<Type>),
    /// List.
    List(Rc<Type>),
    /// Map of strings.
    Map(Rc<Type>),
    /// A list of API records with labels.
    Keyed {
        /// The full name of the items' definition.
        item: Rc<str>,
        /// The field that labels them.
        label: Rc<str>,
        /// Whether no two items may have one label: they may where other keys tell them apart.
        unique: bool,
    },
    /// A schema of the program.
    Schema(SchemaId),
    /// A record of the Kubernetes API, by the full name of its definition.
    Definition(Rc<str>),
    /// A block without a declared type.
    Block(Rc<BlockType>),
}

/// What a block without a declared type holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BlockType {
    /// Known entries; optional where they stand under a condition.
    pub fields: Vec<(Box<str>, Type)>,
    /// The type of the entries whose keys are computed or spread from a map.
    pub rest: Option<Type>,
}

impl BlockType {
    /// The type of an entry.
    pub fn field(&self, name: &str) -> Option<&Type> {
        self.fields.iter().find(|(key, _)| &**key == name).map(|(_, ty)| ty)
    }
}

impl Type {
    /// A list of it.
    pub fn list(self) -> Type {
        Type::List(Rc::new(self))
    }

    /// A map of it.
    pub fn map(self) -> Type {
        Type::Map(Rc::new(self))
    }

    /// It or absent; an optional stays as it is.
    pub fn optional(self) -> Type {
        match self {
            Type::Optional(_) | Type::Error => self,
            other => Type::Optional(Rc::new(other)),
        }
    }

    /// It without absence.
    pub fn present(&self) -> Type {
        match self {
            Type::Optional(inner) => (**inner).clone(),
            other => other.clone(),
        }
    }

    /// Whether it may be absent.
    pub fn is_optional(&self) -> bool {
        matches!(self, Type::Optional(_))
    }

    /// The alternatives: the members of a union, else the type itself.
    pub fn alternatives(&self) -> &[Type] {
        match self {
            Type::Union(members) => members,
            other => std::slice::from_ref(other),
        }
    }

    /// A union of types, flattened, without those that fit another.
    pub fn union(types: impl IntoIterator<Item = Type>) -> Type {
        let mut members: Vec<Type> = Vec::new();
        let mut optional = false;
        for ty in types {
            optional |= ty.is_optional();
            for member in ty.present().alternatives() {
                if !members.contains(member) {
                    members.push(member.clone());
                }
            }
        }
        let joined = match members.len() {
            0 => Type::Nothing,
            1 => members.swap_remove(0),
            _ => Type::Union(members.into()),
        };
        if optional { joined.optional() } else { joined }
    }

    /// A union of strings.
    pub fn one_of<'a>(values: impl IntoIterator<Item = &'a str>) -> Type {
        Type::union(values.into_iter().map(|value| Type::Literal(Const::String(value.into()))))
    }

    /// How many parts it has, each counted wherever it stands; `None` where there are more than `most`, or more than
    /// `levels` within each other.
    pub fn count(&self, most: usize, levels: usize) -> Option<usize> {
        let mut left = most.checked_sub(1)?;
        let levels = levels.checked_sub(1)?;
        let mut inside = |ty: &Type| {
            left -= ty.count(left, levels)?;
            Some(())
        };
        match self {
            Type::Union(members) => members.iter().try_for_each(inside)?,
            Type::Optional(inner) | Type::List(inner) | Type::Map(inner) => inside(inner)?,
            Type::Block(block) => {
                block.fields.iter().map(|(_, ty)| ty).chain(&block.rest).try_for_each(inside)?;
            }
            Type::Error | Type::Any | Type::Nothing | Type::Null | Type::Bool | Type::Int | Type::Float => {}
            Type::String | Type::DnsLabel | Type::Word | Type::Memory | Type::Cpu | Type::Duration => {}
            Type::Secret | Type::Quantity | Type::IntOrString | Type::Seconds | Type::DurationText => {}
            Type::Literal(_) | Type::Keyed { .. } | Type::Schema(_) | Type::Definition(_) => {}
        }
        Some(most - left)
    }

    /// Whether blocks can reach into values of it by a path.
    pub fn has_inside(&self) -> bool {
        match self {
            Type::Any | Type::Error | Type::Map(_) | Type::Keyed { .. } | Type::Schema(_) | Type::Definition(_) => true,
            Type::Block(_) => true,
            Type::Optional(inner) => inner.has_inside(),
            Type::Union(members) => members.iter().any(Type::has_inside),
            Type::List(_) => false,
            Type::Nothing | Type::Null | Type::Bool | Type::Int | Type::Float | Type::String => false,
            Type::DnsLabel | Type::Word | Type::Memory | Type::Cpu | Type::Duration | Type::Secret => false,
            Type::Quantity | Type::IntOrString | Type::Seconds | Type::DurationText | Type::Literal(_) => false,
        }
    }

    /// Whether its values are strings when the program runs.
    pub fn is_text(&self) -> bool {
        match self {
            Type::String | Type::DnsLabel | Type::Word | Type::Literal(Const::String(_)) => true,
            Type::Quantity | Type::DurationText => true,
            Type::Union(members) => members.iter().all(Type::is_text),
            Type::Error | Type::Nothing => true,
            _ => false,
        }
    }

    /// Whether its values are ints when the program runs.
    pub fn is_int(&self) -> bool {
        match self {
            Type::Int | Type::Seconds | Type::Literal(Const::Int(_)) | Type::Error | Type::Nothing => true,
            Type::Union(members) => members.iter().all(Type::is_int),
            _ => false,
        }
    }

    /// Whether its values are ints or floats when the program runs.
    pub fn is_number(&self) -> bool {
        match self {
            Type::Float => true,
            Type::Union(members) => members.iter().all(Type::is_number),
            other => other.is_int(),
        }
    }

    /// Whether its values are bools when the program runs.
    pub fn is_bool(&self) -> bool {
        match self {
            Type::Bool | Type::Literal(Const::Bool(_)) | Type::Error | Type::Nothing => true,
            Type::Union(members) => members.iter().all(Type::is_bool),
            _ => false,
        }
    }
}

/// Whether a value of `found` can stand where `expected` is wanted, possibly converted.
/// Schemas and definitions fit by name; names of schemas are the caller's business.
pub fn fits(found: &Type, expected: &Type) -> bool {
    match (found, expected) {
        (Type::Error | Type::Nothing, _) | (_, Type::Error | Type::Any) => !found.is_optional(),
        (Type::Optional(found), Type::Optional(expected)) => fits(found, expected),
        (Type::Optional(_), _) => false,
        (found, Type::Optional(expected)) => fits(found, expected),
        (Type::Union(members), expected) => members.iter().all(|member| fits(member, expected)),
        (found, Type::Union(members)) => members.iter().any(|member| fits(found, member)),
        (found, Type::Literal(_)) => found == expected,
        (found, Type::String | Type::Word | Type::DnsLabel) => found.is_text(),
        (found, Type::DurationText) => found.is_text() || *found == Type::Duration,
        (found, Type::Int) => found.is_int(),
        (found, Type::Seconds) => found.is_int() || *found == Type::Duration,
        (found, Type::Float) => found.is_number(),
        (found, Type::Bool) => found.is_bool(),
        (found, Type::Cpu) => *found == Type::Cpu || found.is_number(),
        (found, Type::Quantity) => matches!(found, Type::Memory | Type::Cpu) || found.is_number() || found.is_text(),
        (found, Type::IntOrString) => *found == Type::IntOrString || found.is_int() || found.is_text(),
        (Type::List(found), Type::List(expected)) => fits_exactly(found, expected),
        // What has all that is required has all that a partial type requires.
        (Type::Definition(found), Type::Definition(expected)) => found == expected || **found == *whole(expected),
        (Type::Keyed { item, .. }, Type::List(expected)) => fits(&Type::Definition(item.clone()), expected),
        (Type::Keyed { item: found, .. }, Type::Keyed { item: expected, .. }) => {
            found == expected || **found == *whole(expected)
        }
        (Type::List(found), Type::Keyed { item, .. }) => fits_exactly(found, &Type::Definition(item.clone())),
        (Type::Map(found), Type::Keyed { item, .. }) => fits(found, &Type::Definition(item.clone())),
        (Type::Block(block), Type::Keyed { item, .. }) => {
            let item = Type::Definition(item.clone());
            block.fields.iter().all(|(_, ty)| fits_exactly(&ty.present(), &item))
                && block.rest.as_ref().is_none_or(|rest| fits_exactly(rest, &item))
        }
        (Type::Map(found), Type::Map(expected)) => fits_exactly(found, expected),
        (Type::Block(block), Type::Map(expected)) => {
            block.fields.iter().all(|(_, ty)| fits_exactly(&ty.present(), expected))
                && block.rest.as_ref().is_none_or(|rest| fits_exactly(rest, expected))
        }
        (found, expected) => found == expected,
    }
}

/// Whether a value of `found` is a value of `expected` as it stands: inside lists and maps nothing is converted.
pub fn fits_exactly(found: &Type, expected: &Type) -> bool {
    match (found, expected) {
        (Type::Optional(found), Type::Optional(expected)) => fits_exactly(found, expected),
        (Type::Union(members), expected) => members.iter().all(|member| fits_exactly(member, expected)),
        (found, Type::Union(members)) => members.iter().any(|member| fits_exactly(found, member)),
        (found, Type::Optional(expected)) if !found.is_optional() => fits_exactly(found, expected),
        (Type::Memory | Type::Cpu | Type::Duration, Type::Quantity | Type::Seconds | Type::DurationText) => false,
        (found, Type::Float) => *found == Type::Float || *found == Type::Error || *found == Type::Nothing,
        (found, Type::Quantity) => *found == Type::Quantity || *found == Type::Error || *found == Type::Nothing,
        (found, Type::Cpu) => *found == Type::Cpu || *found == Type::Error || *found == Type::Nothing,
        (found, Type::DnsLabel) => *found == Type::DnsLabel || *found == Type::Error || *found == Type::Nothing,
        (found, expected) => fits(found, expected),
    }
}
