//! Types as messages write them: the way users do.

use super::Checker;
use super::ty::Type;
use crate::core::Const;
use crate::schema::whole;

impl Checker<'_> {
    /// A type in the language's own notation.
    pub(super) fn show(&self, ty: &Type) -> String {
        match ty {
            Type::Error | Type::Any => "any".to_string(),
            Type::Nothing => "nothing".to_string(),
            Type::Null => "null".to_string(),
            Type::Bool => "bool".to_string(),
            Type::Int => "int".to_string(),
            Type::Float => "float".to_string(),
            Type::String => "string".to_string(),
            Type::DnsLabel => "dns_label".to_string(),
            Type::Word => "word".to_string(),
            Type::Memory => "memory".to_string(),
            Type::Cpu => "cpu".to_string(),
            Type::Duration => "duration".to_string(),
            Type::Secret => "secret".to_string(),
            Type::Quantity => "a quantity".to_string(),
            Type::IntOrString => "int | string".to_string(),
            Type::Seconds => "int (seconds)".to_string(),
            Type::DurationText => "a duration".to_string(),
            Type::Literal(literal) => show_const(literal),
            Type::Union(members) => members.iter().map(|member| self.show(member)).collect::<Vec<_>>().join(" | "),
            Type::Optional(inner) => match &**inner {
                Type::Union(_) => format!("({})?", self.show(inner)),
                inner => format!("{}?", self.show(inner)),
            },
            Type::List(element) => format!("[{}]", self.show(element)),
            Type::Map(value) => format!("{{string: {}}}", self.show(value)),
            Type::Keyed { item, .. } => format!("[{}]", named(item)),
            Type::Schema(id) => self.schemas[id.0 as usize].declared.name.text.to_string(),
            Type::Definition(name) => named(name),
            Type::Block(block) if block.fields.is_empty() => "{}".to_string(),
            Type::Block(block) => {
                let mut fields: Vec<String> =
                    block.fields.iter().take(4).map(|(name, ty)| format!("{name}: {}", self.show(ty))).collect();
                if block.fields.len() > 4 {
                    fields.push("…".to_string());
                }
                format!("{{{}}}", fields.join(", "))
            }
        }
    }

    /// A type with what one needs to know of it in a sentence: "a `dns_label`" would help nobody.
    pub(super) fn describe(&self, ty: &Type) -> String {
        match ty {
            Type::Literal(_) | Type::Quantity | Type::DurationText | Type::Any | Type::Error => self.show(ty),
            Type::Definition(_) | Type::Schema(_) => format!("a `{}`", self.show(ty)),
            Type::Union(members) if members.iter().all(|member| matches!(member, Type::Literal(_))) => {
                format!("one of {}", self.show(ty).replace(" | ", ", "))
            }
            Type::List(_) => format!("a list `{}`", self.show(ty)),
            Type::Map(_) => format!("a map `{}`", self.show(ty)),
            Type::Keyed { .. } => format!("a list `{}`", self.show(ty)),
            Type::Block(_) => format!("a block `{}`", self.show(ty)),
            _ => format!("`{}`", self.show(ty)),
        }
    }
}

/// A definition as a program names it, without the API version.
fn named(definition: &str) -> String {
    let whole = whole(definition);
    if whole == definition { short(definition).to_string() } else { format!("partial {}", short(whole)) }
}

/// The last part of a definition's full name.
pub fn short(definition: &str) -> &str {
    match definition.rsplit_once('/') {
        // `example.com/v1.Widget.spec`: a type without a name is called by its place.
        Some((_, versioned)) => versioned.split_once('.').map_or(versioned, |(_, name)| name),
        None => definition.rsplit('.').next().unwrap_or(definition),
    }
}

pub fn show_const(literal: &Const) -> String {
    match literal {
        Const::Absent => "absent".to_string(),
        Const::Null => "null".to_string(),
        Const::Bool(value) => value.to_string(),
        Const::Int(value) => value.to_string(),
        Const::Float(value) => value.to_string(),
        Const::String(value) => format!("{value:?}"),
        Const::Memory(bytes) => format!("{bytes} bytes"),
        Const::Cpu(millicores) => format!("{millicores}m"),
        Const::Duration(milliseconds) => format!("{milliseconds}ms"),
    }
}
