//! Params: their values from outside, by type, and those that they have by themselves.

use super::Evaluator;
use super::data::{Reader, parse};
use super::value::Value;
use crate::core::{Const, DataType, EnvironmentId, GlobalId, Program};
use crate::diagnostic::Diagnostics;
use crate::schema::Api;
use serde_yaml::Value as Yaml;

/// A param's value as it comes from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// One text, for any type: what it is as YAML, where the type is none of texts.
    Text(String),
    /// The items of a list, each as a text.
    List(Vec<String>),
    /// The entries of a map, each as a text.
    Map(Vec<(String, String)>),
}

impl Evaluator<'_> {
    /// Sets a param from outside.
    ///
    /// # Errors
    /// What is wrong with the value, as a sentence without its end.
    pub fn set_param(&mut self, global: GlobalId, given: &Given) -> Result<(), String> {
        let Some(ty) = self.program.globals.get(global.0 as usize).and_then(|global| global.param.as_ref()) else {
            return Err("it is no param".to_string());
        };
        let value = match given {
            Given::Text(text) => read_text(self.program, self.api, text, ty)?,
            Given::List(items) => {
                let inner = inner(ty, item_of_list);
                let items = items.iter().map(|item| item_of(item, inner)).collect();
                read(self.program, self.api, &Yaml::Sequence(items), ty)?
            }
            Given::Map(entries) => {
                let inner = inner(ty, item_of_map);
                let entries = entries.iter().map(|(key, item)| (Yaml::String(key.clone()), item_of(item, inner)));
                read(self.program, self.api, &Yaml::Mapping(entries.collect()), ty)?
            }
        };
        self.params.insert(global, value);
        self.forget_globals();
        Ok(())
    }

    /// The value of a param in an environment; none where it has none, or cannot be computed, which is reported.
    pub fn param(&mut self, environment: EnvironmentId, global: GlobalId, sink: &mut Diagnostics) -> Option<Value> {
        let declared = self.program.globals.get(global.0 as usize)?;
        if declared.value.is_none() && !self.params.contains_key(&global) {
            return None;
        }
        self.begin(environment);
        let value = self.global(global);
        self.end(value.is_err(), sink);
        value.ok()
    }
}

/// The value of a param from its text: text for text, else what the text is as YAML.
fn read_text(program: &Program, api: &Api, text: &str, ty: &DataType) -> Result<Value, String> {
    let mut reader = Reader::new(program, api);
    let as_text = Yaml::String(text.to_string());
    let parsed = parse(text).unwrap_or_else(|_| as_text.clone());
    // `2.10` for a string is that text, not the number 2.1; and `5` for `string | int` is a number.
    let result = match (reader.read(&parsed, ty), reader.read(&as_text, ty)) {
        (_, Ok(value)) if matches!(parsed, Yaml::Null) || is_text(ty) => Ok(value),
        (Ok(value), _) | (Err(_), Ok(value)) => Ok(value),
        (Err(problem), Err(_)) => Err(problem),
    };
    result.map_err(|problem| problem.text)
}

fn read(program: &Program, api: &Api, found: &Yaml, ty: &DataType) -> Result<Value, String> {
    Reader::new(program, api).read(found, ty).map_err(|problem| problem.text)
}

/// An item of a list or map, as data of the type that it should have.
fn item_of(text: &str, ty: Option<&DataType>) -> Yaml {
    let as_text = || Yaml::String(text.to_owned());
    if ty.is_none_or(is_text) { as_text() } else { parse(text).unwrap_or_else(|_| as_text()) }
}

/// The type of what is in a list or map.
fn inner(ty: &DataType, of: fn(&DataType) -> Option<&DataType>) -> Option<&DataType> {
    match ty {
        DataType::Optional(inner) => of(inner),
        DataType::Union(types) => types.iter().find_map(of),
        ty => of(ty),
    }
}

fn item_of_list(ty: &DataType) -> Option<&DataType> {
    if let DataType::List(inner) = ty { Some(inner) } else { None }
}

fn item_of_map(ty: &DataType) -> Option<&DataType> {
    if let DataType::Map(inner) = ty { Some(inner) } else { None }
}

fn is_text(ty: &DataType) -> bool {
    match ty {
        DataType::String | DataType::DnsLabel => true,
        DataType::Optional(inner) => is_text(inner),
        DataType::Union(types) => types.iter().all(is_text),
        DataType::Literal(constant) => matches!(constant, Const::String(_)),
        DataType::Any
        | DataType::Null
        | DataType::Bool
        | DataType::Int
        | DataType::Float
        | DataType::Memory
        | DataType::Cpu
        | DataType::Duration
        | DataType::List(_)
        | DataType::Map(_)
        | DataType::Schema(_)
        | DataType::Nothing
        | DataType::Definition(_) => false,
    }
}
