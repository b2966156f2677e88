//! The types of the built-in functions.

use super::ty::Type;
use crate::core::{Builtin, Const};
use std::rc::Rc;

/// What a parameter takes.
pub enum Argument {
    /// A value of that type, converted to it.
    Exactly(Type),
    /// A value whose alternatives all pass a test.
    Such { test: fn(&Type) -> bool, called: &'static str },
}

/// A built-in function.
pub struct Signature {
    pub function: Builtin,
    /// As the language guide writes it.
    pub signature: &'static str,
    pub parameters: Vec<Argument>,
    /// Whether the last parameter may be given more than once.
    pub repeats: bool,
    pub result: ResultType,
}

const ALL: [(&str, Builtin, &str); 46] = [
    ("len", Builtin::Len, "len(x) -> int"),
    ("join", Builtin::Join, "join(list: [string], separator: string) -> string"),
    ("split", Builtin::Split, "split(text: string, separator: string) -> [string]"),
    ("lines", Builtin::Lines, "lines(text: string) -> [string]"),
    ("replace", Builtin::Replace, "replace(text: string, from: string, to: string) -> string"),
    ("lower", Builtin::Lower, "lower(text: string) -> string"),
    ("upper", Builtin::Upper, "upper(text: string) -> string"),
    ("trim", Builtin::Trim, "trim(text: string) -> string"),
    ("indent", Builtin::Indent, "indent(text: string, spaces: int) -> string"),
    ("columns", Builtin::Columns, "columns(rows: [[string]]) -> string"),
    ("starts_with", Builtin::StartsWith, "starts_with(text: string, start: string) -> bool"),
    ("ends_with", Builtin::EndsWith, "ends_with(text: string, end: string) -> bool"),
    ("contains", Builtin::Contains, "contains(text: string, part: string) -> bool"),
    ("matches", Builtin::Matches, "matches(text: string, regex: string) -> bool"),
    ("captures", Builtin::Captures, "captures(text: string, regex: string) -> [string]?"),
    ("lookup", Builtin::Lookup, "lookup(table: string, word: string) -> string?"),
    ("nearest", Builtin::Nearest, "nearest(word: string, words: [string]) -> string?"),
    ("keys", Builtin::Keys, "keys(map) -> [string]"),
    ("values", Builtin::Values, "values(map: {string: T}) -> [T]"),
    ("sort", Builtin::Sort, "sort(list: [T]) -> [T]"),
    ("unique", Builtin::Unique, "unique(list: [T]) -> [T]"),
    ("reverse", Builtin::Reverse, "reverse(list: [T]) -> [T]"),
    ("flatten", Builtin::Flatten, "flatten(lists: [[T]]) -> [T]"),
    ("sort_keys", Builtin::SortKeys, "sort_keys(map: {string: T}) -> {string: T}"),
    ("flatten_keys", Builtin::FlattenKeys, "flatten_keys(x: {string: any}) -> {string: string | int | float | bool}"),
    ("range", Builtin::Range, "range(n: int) -> [int]"),
    ("min", Builtin::Min, "min(a: T, b: T, …) -> T"),
    ("max", Builtin::Max, "max(a: T, b: T, …) -> T"),
    ("sum", Builtin::Sum, "sum(list: [T]) -> T"),
    ("abs", Builtin::Abs, "abs(x: T) -> T"),
    ("floor", Builtin::Floor, "floor(x: float) -> int"),
    ("ceil", Builtin::Ceil, "ceil(x: float) -> int"),
    ("round", Builtin::Round, "round(x: float) -> int"),
    ("all", Builtin::All, "all(list: [bool]) -> bool"),
    ("any_of", Builtin::AnyOf, "any_of(list: [bool]) -> bool"),
    ("string", Builtin::String, "string(x: string | int | float | bool) -> string"),
    ("int", Builtin::Int, "int(x: string | int | float) -> int"),
    ("float", Builtin::Float, "float(x: string | int | float) -> float"),
    ("float32", Builtin::Float32, "float32(x: string | int | float) -> float"),
    ("yaml", Builtin::Yaml, "yaml(x: any) -> string"),
    ("json", Builtin::Json, "json(x: any) -> string"),
    ("xml_escape", Builtin::XmlEscape, "xml_escape(text: string) -> string"),
    ("sha256", Builtin::Sha256, "sha256(text: string) -> string"),
    ("base64", Builtin::Base64, "base64(text: string) -> string"),
    ("secret", Builtin::Secret, "secret(name: string, key: string) -> secret"),
    ("file", Builtin::File, "file(path: string) -> string"),
];

/// The names of all but `has` and `data`, whose types are special.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(name, _, _)| *name)
}

/// The function of a name.
pub fn find(name: &str) -> Option<Signature> {
    let (_, function, signature) = ALL.iter().find(|(known, _, _)| *known == name)?;
    let (parameters, result) = typed(*function);
    let repeats = matches!(function, Builtin::Min | Builtin::Max);
    Some(Signature { function: *function, signature, parameters, repeats, result })
}

/// The result where an argument is unknown.
pub fn sure_result(signature: &Signature) -> Type {
    let generic = matches!(
        signature.function,
        Builtin::Values
            | Builtin::Sort
            | Builtin::Unique
            | Builtin::Reverse
            | Builtin::Flatten
            | Builtin::SortKeys
            | Builtin::Min
            | Builtin::Max
            | Builtin::Sum
            | Builtin::Abs
    );
    if generic { Type::Error } else { (signature.result)(&[]) }
}

fn text() -> Argument {
    Argument::Exactly(Type::String)
}

const LIST: Argument = Argument::Such { test: is_list, called: "a list" };
const MAP: Argument = Argument::Such { test: is_map, called: "a map" };
const NUMBER: Argument = Argument::Such { test: Type::is_number, called: "a number" };
const ORDERED: Argument = Argument::Such { test: is_ordered, called: "a number or a quantity" };
const SORTABLE: Argument = Argument::Such { test: is_sortable, called: "a list of strings, numbers or quantities" };

fn is_list(ty: &Type) -> bool {
    matches!(ty, Type::List(_) | Type::Nothing)
}

fn is_map(ty: &Type) -> bool {
    matches!(ty, Type::Map(_) | Type::Block(_) | Type::Keyed { .. } | Type::Nothing)
}

fn is_ordered(ty: &Type) -> bool {
    ty.is_number() || matches!(ty, Type::Memory | Type::Cpu | Type::Duration)
}

fn is_sortable(ty: &Type) -> bool {
    match ty {
        Type::List(element) => element.alternatives().iter().all(|ty| is_ordered(ty) || ty.is_text()),
        _ => false,
    }
}

fn element(types: &[Type]) -> Type {
    match types.first() {
        Some(Type::List(element)) => (**element).clone(),
        _ => Type::Nothing,
    }
}

fn entry(types: &[Type]) -> Type {
    match types.first() {
        Some(Type::Map(value)) => (**value).clone(),
        Some(Type::Keyed { item, .. }) => Type::Definition(Rc::clone(item)),
        Some(Type::Block(block)) => {
            Type::union(block.fields.iter().map(|(_, ty)| ty.present()).chain(block.rest.clone()).collect::<Vec<_>>())
        }
        _ => Type::Nothing,
    }
}

/// The type that all arguments have, with literals as what they are of.
fn common(types: &[Type]) -> Type {
    if types.iter().all(Type::is_int) {
        return Type::Int;
    }
    if types.iter().all(Type::is_number) {
        return Type::Float;
    }
    let quantity = types.iter().find(|ty| matches!(ty, Type::Memory | Type::Cpu | Type::Duration));
    quantity.cloned().unwrap_or(Type::Error)
}

/// The type of a result, from those of the arguments.
type ResultType = fn(&[Type]) -> Type;

fn typed(function: Builtin) -> (Vec<Argument>, ResultType) {
    let is_text_list =
        |ty: &Type| matches!(ty, Type::List(element) if element.alternatives().iter().all(|ty| ty.is_text()));
    let has_length = |ty: &Type| ty.is_text() || is_list(ty) || is_map(ty);
    let scalar = |ty: &Type| ty.is_text() || ty.is_number() || ty.is_bool() || *ty == Type::IntOrString;
    match function {
        Builtin::Len => (vec![Argument::Such { test: has_length, called: "a string, list or map" }], |_| Type::Int),
        Builtin::Join => {
            (vec![Argument::Such { test: is_text_list, called: "a list of strings" }, text()], |_| Type::String)
        }
        Builtin::Split => (vec![text(), text()], |_| Type::String.list()),
        Builtin::Lines => (vec![text()], |_| Type::String.list()),
        Builtin::Replace => (vec![text(), text(), text()], |_| Type::String),
        Builtin::Lower | Builtin::Upper | Builtin::Trim => (vec![text()], |_| Type::String),
        Builtin::XmlEscape | Builtin::Sha256 | Builtin::Base64 | Builtin::File => (vec![text()], |_| Type::String),
        Builtin::Indent => (vec![text(), Argument::Exactly(Type::Int)], |_| Type::String),
        Builtin::StartsWith | Builtin::EndsWith | Builtin::Contains | Builtin::Matches => {
            (vec![text(), text()], |_| Type::Bool)
        }
        Builtin::Captures => (vec![text(), text()], |_| Type::String.list().optional()),
        Builtin::Lookup => (vec![text(), text()], |_| Type::String.optional()),
        Builtin::Nearest => {
            let words = Argument::Such { test: is_text_list, called: "a list of strings" };
            (vec![text(), words], |_| Type::String.optional())
        }
        Builtin::Keys => (vec![MAP], |_| Type::String.list()),
        Builtin::Values => (vec![MAP], |types| entry(types).list()),
        Builtin::Sort => (vec![SORTABLE], |types| types[0].clone()),
        Builtin::Unique | Builtin::Reverse => (vec![LIST], |types| types[0].clone()),
        Builtin::Flatten => (
            vec![Argument::Such {
                test: |ty| matches!(ty, Type::List(inner) if inner.alternatives().iter().all(is_list)),
                called: "a list of lists",
            }],
            |types| match element(types) {
                Type::Union(members) => {
                    Type::union(members.iter().map(|member| element(std::slice::from_ref(member)))).list()
                }
                inner => element(&[inner]).list(),
            },
        ),
        Builtin::SortKeys => (vec![MAP], |types| entry(types).map()),
        Builtin::FlattenKeys => {
            let any = |ty: &Type| (ty.has_inside() || is_list(ty)) && printable(ty);
            (vec![Argument::Such { test: any, called: "a map or list" }], |_| {
                Type::union([Type::String, Type::Int, Type::Float, Type::Bool]).map()
            })
        }
        Builtin::Columns => (vec![Argument::Exactly(Type::String.list().list())], |_| Type::String),
        Builtin::Range => (vec![Argument::Exactly(Type::Int)], |_| Type::Int.list()),
        Builtin::Min | Builtin::Max => (vec![ORDERED], common),
        Builtin::Sum => (
            vec![Argument::Such {
                test: |ty| matches!(ty, Type::List(element) if element.alternatives().iter().all(is_ordered)),
                called: "a list of numbers or quantities",
            }],
            |types| match element(types) {
                Type::Nothing => Type::Int,
                ty => common(&[ty]),
            },
        ),
        Builtin::Abs => (vec![ORDERED], common),
        Builtin::Floor | Builtin::Ceil | Builtin::Round => (vec![NUMBER], |_| Type::Int),
        Builtin::All | Builtin::AnyOf => (vec![Argument::Exactly(Type::Bool.list())], |_| Type::Bool),
        Builtin::String => {
            (vec![Argument::Such { test: scalar, called: "a string, number or bool" }], |_| Type::String)
        }
        Builtin::Int => (vec![Argument::Such { test: scalar, called: "a string or number" }], |_| Type::Int),
        Builtin::Float | Builtin::Float32 => {
            (vec![Argument::Such { test: scalar, called: "a string or number" }], |_| Type::Float)
        }
        Builtin::Yaml | Builtin::Json => {
            (vec![Argument::Such { test: printable, called: "a value" }], |_| Type::String)
        }
        Builtin::Secret => (vec![text(), text()], |_| Type::Secret),
    }
}

/// Secrets cannot be printed, wherever they stand.
fn printable(ty: &Type) -> bool {
    match ty {
        Type::Secret => false,
        Type::Optional(inner) | Type::List(inner) | Type::Map(inner) => printable(inner),
        Type::Union(members) => members.iter().all(printable),
        Type::Block(block) => {
            block.fields.iter().all(|(_, ty)| printable(ty)) && block.rest.as_ref().is_none_or(printable)
        }
        Type::Literal(Const::Absent) => false,
        _ => true,
    }
}
