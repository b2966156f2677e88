//! Data from outside: YAML and JSON files and params, read by type.

use super::evaluator::{Eval, Evaluator, Failed};
use super::value::{Entry, Map, Origin, Rank, Str, Value};
use crate::core::{Const, DataType, Program, Shape, dns_label_problem, units};
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::schema::{Api, Definition, FieldType};
use crate::source::Span;
use serde_yaml::Value as Yaml;
use std::rc::Rc;

/// A constant as a value.
pub(super) fn constant(constant: &Const) -> Value {
    match constant {
        Const::Absent => Value::Absent,
        Const::Null => Value::Null,
        Const::Bool(value) => Value::Bool(*value),
        Const::Int(value) => Value::Int(*value),
        Const::Float(value) => Value::Float(*value),
        Const::String(text) => Value::Str(Str::from(&**text)),
        Const::Memory(bytes) => Value::Memory(*bytes),
        Const::Cpu(millicores) => Value::Cpu(*millicores),
        Const::Duration(milliseconds) => Value::Duration(*milliseconds),
    }
}

/// What has to be completed in a value that was read by a type.
pub(super) fn shape(ty: &DataType) -> Shape {
    match ty {
        DataType::Schema(id) => Shape::Schema(*id),
        DataType::List(inner) => outer(Shape::List, inner),
        DataType::Map(inner) => outer(Shape::Map, inner),
        DataType::Optional(inner) => shape(inner),
        // Of several, the one that needs completion; the others are left alone by it.
        DataType::Union(types) => types.iter().map(shape).find(|shape| *shape != Shape::Plain).unwrap_or(Shape::Plain),
        DataType::Any
        | DataType::Null
        | DataType::Bool
        | DataType::Int
        | DataType::Float
        | DataType::String
        | DataType::DnsLabel
        | DataType::Memory
        | DataType::Cpu
        | DataType::Duration
        | DataType::Literal(_)
        | DataType::Nothing
        | DataType::Definition(_) => Shape::Plain,
    }
}

fn outer(shape_of: fn(Box<Shape>) -> Shape, inner: &DataType) -> Shape {
    match shape(inner) {
        Shape::Plain => Shape::Plain,
        inner => shape_of(Box::new(inner)),
    }
}

impl<'p> Evaluator<'p> {
    /// A data file by its type; read once for each place that reads it.
    pub(super) fn data_file(&mut self, expr: usize, path: &str, ty: &DataType, span: Span) -> Eval<Value> {
        let key = (expr, path.to_string());
        if let Some(value) = self.data.get(&key) {
            return Ok(value.clone());
        }
        let text = self.file_text(path, span)?;
        let parsed = match parse(&text) {
            Ok(parsed) => parsed,
            Err(problem) => {
                return self.fail(Diagnostic::error(Code::BadData, format!("{path}: {problem}"), span));
            }
        };
        let mut reader = Reader::new(self.program, self.api);
        match reader.read(&parsed, ty) {
            Ok(mut value) => {
                self.spend(text.len() * 4)?;
                self.trace_data(&mut value, path, span);
                self.data.insert(key, value.clone());
                Ok(value)
            }
            Err(first) => {
                for problem in std::iter::once(first).chain(reader.more) {
                    let place = problem.path.trim_start_matches('.');
                    let place = if place.is_empty() { path.to_string() } else { format!("{path}: {place}") };
                    let diagnostic = Diagnostic::error(Code::BadData, format!("{place}: {}", problem.text), span);
                    self.report(diagnostic.help(problem.help));
                }
                Err(Failed)
            }
        }
    }
}

/// YAML or JSON as a tree. `<<` merges as in YAML 1.1, which is what people expect of anchors.
pub(super) fn parse(text: &str) -> Result<Yaml, String> {
    if nests_deeply(text) {
        return Err(format!("the data is nested deeper than {BRACKETS} levels"));
    }
    let mut value: Yaml = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    value.apply_merge().map_err(|error| error.to_string())?;
    Ok(value)
}

/// The YAML reader takes time by the square of the open brackets, long before it refuses them.
const BRACKETS: usize = 1000;

/// Whether more brackets are open at once than any data has, those in texts and comments included.
fn nests_deeply(text: &str) -> bool {
    let mut open = 0_usize;
    text.bytes().any(|byte| {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        open > BRACKETS
    })
}

/// What is wrong with data, and where in it.
pub(super) struct Problem {
    path: String,
    pub(super) text: String,
    help: Option<String>,
}

pub(super) struct Reader<'a> {
    program: &'a Program,
    api: &'a Api,
    path: String,
    depth: u32,
    // What is wrong in further items of lists, each looked at by itself.
    more: Vec<Problem>,
}

pub(super) type Read<T> = Result<T, Problem>;

/// How deeply data may be nested.
const DEPTH: u32 = 100;
/// More mistakes than this in one file are not told.
const MOST_PROBLEMS: usize = 20;

impl<'a> Reader<'a> {
    pub(super) fn new(program: &'a Program, api: &'a Api) -> Reader<'a> {
        Reader { program, api, path: String::new(), depth: 0, more: Vec::new() }
    }

    fn problem<T>(&self, text: impl Into<String>) -> Read<T> {
        Err(Problem { path: self.path.clone(), text: text.into(), help: None })
    }

    fn mismatch<T>(&self, found: &Yaml, ty: &DataType) -> Read<T> {
        self.problem(format!("expected {}, found {}", self.expected(ty), found_text(found)))
    }

    fn inside<T>(&mut self, step: &str, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= DEPTH {
            return self.problem(format!("the data is nested deeper than {DEPTH} levels"));
        }
        let length = self.path.len();
        self.path.push_str(step);
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        self.path.truncate(length);
        result
    }

    pub(super) fn read(&mut self, found: &Yaml, ty: &DataType) -> Read<Value> {
        match (ty, found) {
            (_, Yaml::Tagged(_)) => self.problem("YAML tags are not supported"),
            (DataType::Any, found) => self.any(found),
            (DataType::Optional(_), Yaml::Null) => Ok(Value::Absent),
            (DataType::Optional(inner), found) => self.read(found, inner),
            (DataType::Union(types), found) => self.union(types, found, ty),
            (DataType::Null, Yaml::Null) => Ok(Value::Null),
            (DataType::Bool, Yaml::Bool(value)) => Ok(Value::Bool(*value)),
            (DataType::Int, Yaml::Number(number)) => match number.as_i64() {
                Some(number) => Ok(Value::Int(number)),
                None => self.mismatch(found, ty),
            },
            (DataType::Float, Yaml::Number(number)) => match number.as_f64().filter(|number| number.is_finite()) {
                Some(number) => Ok(Value::Float(number)),
                None => self.mismatch(found, ty),
            },
            (DataType::String, Yaml::String(text)) => Ok(Value::Str(Str::from(&**text))),
            (DataType::DnsLabel, Yaml::String(text)) => match dns_label_problem(text) {
                None => Ok(Value::Str(Str::from(&**text))),
                Some(problem) => self.problem(format!("`{text}` is no DNS label: {problem}")),
            },
            (DataType::Memory, Yaml::String(text)) => {
                self.unit(units::parse_memory(text).map(Value::Memory), found, ty)
            }
            (DataType::Cpu, Yaml::String(text)) => self.unit(units::parse_cpu(text).map(Value::Cpu), found, ty),
            (DataType::Cpu, Yaml::Number(number)) => {
                let millicores = units::parse_cpu(&number.to_string());
                self.unit(millicores.map(Value::Cpu), found, ty)
            }
            (DataType::Duration, Yaml::String(text)) => {
                self.unit(units::parse_duration(text).map(Value::Duration), found, ty)
            }
            (DataType::Literal(literal), found) => {
                if super::expr::equals(&self.any(found)?, literal) {
                    return Ok(constant(literal));
                }
                self.mismatch(found, ty)
            }
            (DataType::List(inner), Yaml::Sequence(items)) => {
                let mut list = Vec::with_capacity(items.len());
                let mut first = None;
                for (at, item) in items.iter().enumerate() {
                    match self.inside(&format!("[{at}]"), |reader| reader.read(item, inner)) {
                        Ok(value) if value.is_absent() => {}
                        Ok(value) => list.push(value),
                        Err(problem) if first.is_none() => first = Some(problem),
                        Err(problem) => self.more.push(problem),
                    }
                    if self.more.len() >= MOST_PROBLEMS {
                        break;
                    }
                }
                first.map_or_else(|| Ok(Value::List(Rc::new(list))), Err)
            }
            (DataType::Map(inner), Yaml::Mapping(mapping)) => {
                self.map(mapping, |reader, _, value| reader.read(value, inner))
            }
            (DataType::Schema(id), Yaml::Mapping(mapping)) => {
                let schema = &self.program.schemas[id.0 as usize];
                self.map(mapping, |reader, key, value| {
                    let program = reader.program;
                    match schema.fields.iter().find(|field| program.name(field.name) == key) {
                        Some(field) => reader.read(value, &field.data),
                        None => {
                            let names = schema.fields.iter().map(|field| program.name(field.name));
                            let mut text = format!("`{}` has no such field", schema.name);
                            if schema.fields.len() <= 12 {
                                let all: Vec<&str> = names.clone().collect();
                                text.push_str(&format!("; its fields are {}", all.join(", ")));
                            }
                            Err(Problem { path: reader.path.clone(), text, help: did_you_mean(key, names) })
                        }
                    }
                })
            }
            (DataType::Definition(name), found) => match definition(self.api, name) {
                Some(definition) => self.definition(found, definition, ty),
                None => self.any(found),
            },
            (
                DataType::Null
                | DataType::Bool
                | DataType::Int
                | DataType::Float
                | DataType::String
                | DataType::DnsLabel
                | DataType::Memory
                | DataType::Cpu
                | DataType::Duration
                | DataType::List(_)
                | DataType::Map(_)
                | DataType::Schema(_)
                | DataType::Nothing,
                found,
            ) => self.mismatch(found, ty),
        }
    }

    fn unit(&self, value: Option<Value>, found: &Yaml, ty: &DataType) -> Read<Value> {
        value.map_or_else(|| self.mismatch(found, ty), Ok)
    }

    fn union(&mut self, types: &[DataType], found: &Yaml, ty: &DataType) -> Read<Value> {
        let mut deepest: Option<Problem> = None;
        let known_before = self.more.len();
        for alternative in types {
            let result = self.read(found, alternative);
            // What an alternative does not take, another may.
            self.more.truncate(known_before);
            match result {
                Ok(value) => return Ok(value),
                // The alternative that fits furthest into the data is the one that was meant.
                Err(problem) => {
                    if deepest.as_ref().is_none_or(|known| problem.path.len() > known.path.len()) {
                        deepest = Some(problem);
                    }
                }
            }
        }
        match deepest {
            Some(problem) if problem.path.len() > self.path.len() => Err(problem),
            Some(_) | None => self.mismatch(found, ty),
        }
    }

    /// Data as it is, for places that take anything.
    fn any(&mut self, found: &Yaml) -> Read<Value> {
        match found {
            Yaml::Null => Ok(Value::Null),
            Yaml::Bool(value) => Ok(Value::Bool(*value)),
            Yaml::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(number), _) => Ok(Value::Int(number)),
                (None, Some(number)) if number.is_finite() && !found.is_u64() => Ok(Value::Float(number)),
                (None, _) => self.problem(format!("the number {number} cannot be represented")),
            },
            Yaml::String(text) => Ok(Value::Str(Str::from(&**text))),
            Yaml::Sequence(items) => {
                let mut list = Vec::with_capacity(items.len());
                for (at, item) in items.iter().enumerate() {
                    list.push(self.inside(&format!("[{at}]"), |reader| reader.any(item))?);
                }
                Ok(Value::List(Rc::new(list)))
            }
            Yaml::Mapping(mapping) => self.map(mapping, |reader, _, value| reader.any(value)),
            Yaml::Tagged(_) => self.problem("YAML tags are not supported"),
        }
    }

    fn map(
        &mut self,
        mapping: &serde_yaml::Mapping,
        mut read: impl FnMut(&mut Self, &str, &Yaml) -> Read<Value>,
    ) -> Read<Value> {
        let mut map = Map::with_capacity(mapping.len());
        for (key, value) in mapping {
            let key = match key {
                Yaml::String(key) => key.clone(),
                Yaml::Number(key) => key.to_string(),
                Yaml::Bool(key) => key.to_string(),
                Yaml::Null | Yaml::Sequence(_) | Yaml::Mapping(_) | Yaml::Tagged(_) => {
                    return self.problem(format!("a key must be text, found {}", found_text(key)));
                }
            };
            let value = self.inside(&format!(".{key}"), |reader| read(reader, &key, value))?;
            if map.position(&key).is_some() {
                // To YAML `1` and `"1"` are two keys.
                return self.problem(format!("there are two entries with the key `{key}`"));
            }
            if !value.is_absent() {
                map.push(Entry { key: Str::from(key), value, origin: Origin::NONE, rank: Rank::NONE });
            }
        }
        Ok(Value::Map(Rc::new(map)))
    }

    fn definition(&mut self, found: &Yaml, definition: &Definition, ty: &DataType) -> Read<Value> {
        let Yaml::Mapping(mapping) = found else {
            return self.mismatch(found, ty);
        };
        for field in definition.fields.iter().filter(|field| field.required) {
            if !mapping.contains_key(field.name.as_str()) {
                return self.problem(format!("`{}` of `{}` is missing", field.name, definition.name));
            }
        }
        self.map(mapping, |reader, key, value| match definition.fields.iter().find(|field| field.name == key) {
            Some(field) => reader.field(value, &field.ty),
            None if definition.open => reader.any(value),
            None => {
                let help = did_you_mean(key, definition.fields.iter().map(|field| field.name.as_str()));
                let text = format!("`{}` has no such field", definition.name);
                Err(Problem { path: reader.path.clone(), text, help })
            }
        })
    }

    /// Data in the notation of the Kubernetes API.
    fn field(&mut self, found: &Yaml, ty: &FieldType) -> Read<Value> {
        match ty {
            FieldType::String | FieldType::Duration => self.read(found, &DataType::String),
            FieldType::Int => self.read(found, &DataType::Int),
            FieldType::Float => self.read(found, &DataType::Float),
            FieldType::Bool => self.read(found, &DataType::Bool),
            FieldType::Quantity | FieldType::IntOrString => {
                self.read(found, &DataType::Union(vec![DataType::String, DataType::Int, DataType::Float]))
            }
            FieldType::Any => self.any(found),
            FieldType::Nullable(_) if found.is_null() => Ok(Value::Null),
            FieldType::Nullable(inner) => self.field(found, inner),
            FieldType::Enum(values) => match found.as_str() {
                Some(text) if values.iter().any(|value| value == text) => Ok(Value::Str(Str::from(text))),
                Some(_) | None => {
                    self.problem(format!("expected one of {}, found {}", values.join(", "), found_text(found)))
                }
            },
            FieldType::List(inner) => match found {
                Yaml::Sequence(items) => self.items(items, inner),
                Yaml::Null | Yaml::Bool(_) | Yaml::Number(_) | Yaml::String(_) | Yaml::Mapping(_) | Yaml::Tagged(_) => {
                    self.problem(format!("expected a list, found {}", found_text(found)))
                }
            },
            FieldType::Map(inner) => match found {
                Yaml::Mapping(mapping) => self.map(mapping, |reader, _, value| reader.field(value, inner)),
                Yaml::Null
                | Yaml::Bool(_)
                | Yaml::Number(_)
                | Yaml::String(_)
                | Yaml::Sequence(_)
                | Yaml::Tagged(_) => self.problem(format!("expected a map, found {}", found_text(found))),
            },
            FieldType::Record(name) => self.read(found, &DataType::Definition(name.as_str().into())),
            FieldType::Keyed { item, label, .. } => {
                let list = self.field(found, &FieldType::List(Box::new(FieldType::Record(item.clone()))))?;
                let Value::List(items) = &list else { return Ok(list) };
                Ok(match super::merge::keyed(items, &Str::from(label.as_str())) {
                    Some(keyed) => Value::Keyed(Rc::new(keyed)),
                    None => list,
                })
            }
        }
    }

    fn items(&mut self, items: &[Yaml], ty: &FieldType) -> Read<Value> {
        let mut list = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            list.push(self.inside(&format!("[{at}]"), |reader| reader.field(item, ty))?);
        }
        Ok(Value::List(Rc::new(list)))
    }

    fn expected(&self, ty: &DataType) -> String {
        match ty {
            DataType::Any => "anything".to_string(),
            DataType::Null => "null".to_string(),
            DataType::Bool => "true or false".to_string(),
            DataType::Int => "a whole number".to_string(),
            DataType::Float => "a number".to_string(),
            DataType::String => "text".to_string(),
            DataType::DnsLabel => "text that is a DNS label".to_string(),
            DataType::Memory => "memory, such as \"4Gi\"".to_string(),
            DataType::Cpu => "cpu, such as 2 or \"500m\"".to_string(),
            DataType::Duration => "a duration, such as \"30s\"".to_string(),
            DataType::Literal(literal) => super::complete::shown(&constant(literal)),
            DataType::Union(types) => types.iter().map(|ty| self.expected(ty)).collect::<Vec<String>>().join(" or "),
            DataType::Optional(inner) => self.expected(inner),
            DataType::List(_) => "a list".to_string(),
            DataType::Map(_) => "a map".to_string(),
            DataType::Schema(id) => format!("a map of `{}`", self.program.schemas[id.0 as usize].name),
            DataType::Nothing => "nothing: no data can hold this".to_string(),
            DataType::Definition(name) => {
                format!("a map of `{}`", name.rsplit('.').next().unwrap_or(name))
            }
        }
    }
}

/// The fields of a type of the Kubernetes API.
pub(super) fn definition<'a>(api: &'a Api, name: &str) -> Option<&'a Definition> {
    api.definition(name)
}

fn found_text(found: &Yaml) -> String {
    match found {
        Yaml::Null => "null".to_string(),
        Yaml::Bool(value) => value.to_string(),
        Yaml::Number(number) => number.to_string(),
        Yaml::String(text) if text.chars().count() > 40 => "a long text".to_string(),
        Yaml::String(text) => format!("\"{}\"", text.escape_debug()),
        Yaml::Sequence(_) => "a list".to_string(),
        Yaml::Mapping(_) => "a map".to_string(),
        Yaml::Tagged(_) => "a tagged value".to_string(),
    }
}
