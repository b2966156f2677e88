//! Whether the values of custom resources are what their declarations ask for, as the API server would ask.
//!
//! Types, unknown fields and required ones are the checker's business. Here finished objects are looked through, one by
//! one; kinds that Kubernetes itself has are passed over at once.

mod format;
mod fragment;
mod json;
mod keys;
mod pattern;
mod rules;
mod scalar;
mod without;

use super::Object;
use super::cel::Program;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::eval::value::{Map, Origin, Str, Value};
use crate::schema::{Api, CustomKind, Definition, FieldType, Limits};
use crate::source::Span;
use pattern::Pattern;
use rustc_hash::FxHashMap;

/// The checks of all objects of a program. What is compiled for one serves all.
pub struct LimitCheck<'a> {
    api: &'a Api,
    /// Whether anything is asked of the values of a definition, at any depth.
    asked: FxHashMap<&'a str, bool>,
    /// Regular expressions; none for those that cannot be compiled, which is reported once.
    patterns: FxHashMap<Box<str>, Option<Pattern>>,
    /// Rules by their place; none for those that are not looked at: transitions, and those that cannot be compiled.
    programs: FxHashMap<Span, Option<Program>>,
    /// Rules of which was reported that they cannot be checked.
    unchecked: Vec<Span>,
}

/// The object that is looked through.
struct Walk<'w> {
    environment: &'w str,
    object: &'w Object,
    kind: &'w CustomKind,
    place: &'w dyn Fn(Origin) -> Option<Span>,
}

/// Where a walk is.
#[derive(Clone)]
struct Spot {
    /// As a message names it: `spec.endpoints[0].port`; empty for the object itself.
    path: String,
    /// The narrowest text that sets the value.
    at: Span,
}

impl Spot {
    fn entry(&self, walk: &Walk<'_>, key: &str, origin: Origin) -> Spot {
        let path = if self.path.is_empty() { key.to_string() } else { format!("{}.{key}", self.path) };
        Spot { path, at: (walk.place)(origin).unwrap_or(self.at) }
    }

    fn element(&self, index: usize) -> Spot {
        Spot { path: format!("{}[{index}]", self.path), at: self.at }
    }
}

impl<'a> LimitCheck<'a> {
    /// A check against the kinds of an API.
    #[must_use]
    pub fn new(api: &'a Api) -> LimitCheck<'a> {
        LimitCheck {
            api,
            asked: FxHashMap::default(),
            patterns: FxHashMap::default(),
            programs: FxHashMap::default(),
            unchecked: Vec::new(),
        }
    }

    /// Reports what is wrong with an object; `place` tells where an entry was set.
    pub fn add(
        &mut self,
        environment: &str,
        object: &Object,
        place: &dyn Fn(Origin) -> Option<Span>,
        sink: &mut Diagnostics,
    ) {
        let Some(kind) = self.api.kind(&object.api_version, &object.kind).and_then(|kind| kind.declared) else {
            return;
        };
        let Some(definition) = self.api.definition(&kind.definition) else { return };
        if !self.is_asked(&kind.definition) {
            return;
        }
        let walk = Walk { environment, object, kind, place };
        let top = Spot { path: String::new(), at: object.span };
        self.fields(&walk, &object.fields, definition, &top, sink);
        if let Some(limits) = &definition.limits {
            let whole = Value::Map(object.fields.clone());
            self.limits(&walk, &whole, &FieldType::Record(kind.definition.to_string()), limits, &top, sink);
        }
    }

    /// Whether anything is asked of a definition's values, at any depth.
    fn is_asked(&mut self, full_name: &'a str) -> bool {
        if let Some(known) = self.asked.get(full_name) {
            return *known;
        }
        // A type that holds itself is looked through in any case: what it asks is not known in the middle of it.
        self.asked.insert(full_name, true);
        let Some(definition) = self.api.definition(full_name).filter(|definition| definition.declared.is_some()) else {
            return false;
        };
        let asked = definition.limits.is_some()
            || definition.fields.iter().any(|field| {
                field.limits.is_some()
                    || keys::has_several(&field.ty)
                    || record_of(&field.ty).is_some_and(|inner| self.is_asked(inner))
            });
        self.asked.insert(full_name, asked);
        asked
    }

    fn fields(&mut self, walk: &Walk<'_>, map: &Map, definition: &'a Definition, spot: &Spot, sink: &mut Diagnostics) {
        for field in &definition.fields {
            let Some(entry) = map.entry(&field.name) else { continue };
            let spot = spot.entry(walk, &field.name, entry.origin);
            self.value(walk, &entry.value, &field.ty, field.limits.as_deref(), &spot, sink);
        }
    }

    fn value(
        &mut self,
        walk: &Walk<'_>,
        value: &Value,
        ty: &'a FieldType,
        limits: Option<&'a Limits>,
        spot: &Spot,
        sink: &mut Diagnostics,
    ) {
        if matches!(value, Value::Null) {
            return;
        }
        if let Some(limits) = limits {
            self.limits(walk, value, ty, limits, spot, sink);
        }
        self.keys(walk, value, ty, spot, sink);
        let items = limits.and_then(|limits| limits.items.as_deref());
        let present = if let FieldType::Nullable(inner) = ty { inner } else { ty };
        self.inside(walk, value, present, items, spot, sink);
    }

    fn inside(
        &mut self,
        walk: &Walk<'_>,
        value: &Value,
        ty: &'a FieldType,
        items: Option<&'a Limits>,
        spot: &Spot,
        sink: &mut Diagnostics,
    ) {
        match (ty, value) {
            (FieldType::Record(name), Value::Map(map)) => self.record(walk, map, name, spot, sink),
            (FieldType::List(inner), Value::List(list)) => {
                for (index, element) in list.iter().enumerate() {
                    self.value(walk, element, inner, items, &spot.element(index), sink);
                }
            }
            (FieldType::Map(inner), Value::Map(map)) => {
                for entry in map.entries() {
                    let spot = spot.entry(walk, &entry.key, entry.origin);
                    self.value(walk, &entry.value, inner, items, &spot, sink);
                }
            }
            (FieldType::Keyed { item, .. }, Value::Keyed(keyed)) => {
                for entry in keyed.items.entries() {
                    let spot = spot.entry(walk, &entry.key, entry.origin);
                    let whole = keyed.item(entry);
                    if let Some(limits) = items {
                        self.limits(walk, &whole, &FieldType::Record(item.clone()), limits, &spot, sink);
                    }
                    if let Value::Map(map) = &whole {
                        self.record(walk, map, item, &spot, sink);
                    }
                }
            }
            (FieldType::Keyed { item, .. }, Value::List(list)) => {
                for (index, element) in list.iter().enumerate() {
                    let spot = spot.element(index);
                    if let Some(limits) = items {
                        self.limits(walk, element, &FieldType::Record(item.clone()), limits, &spot, sink);
                    }
                    if let Value::Map(map) = element {
                        self.record(walk, map, item, &spot, sink);
                    }
                }
            }
            // Scalars have nothing inside, and a value of another type was refused by the checker.
            (_, _) => {}
        }
    }

    fn record(&mut self, walk: &Walk<'_>, map: &std::rc::Rc<Map>, name: &'a str, spot: &Spot, sink: &mut Diagnostics) {
        if !self.is_asked(name) {
            return;
        }
        let Some(definition) = self.api.definition(name) else { return };
        self.fields(walk, map, definition, spot, sink);
        if let Some(limits) = &definition.limits {
            self.limits(walk, &Value::Map(map.clone()), &FieldType::Record(name.to_string()), limits, spot, sink);
        }
    }

    /// All that limits ask of one value, but not of what is inside.
    fn limits(
        &mut self,
        walk: &Walk<'_>,
        value: &Value,
        ty: &FieldType,
        limits: &Limits,
        spot: &Spot,
        sink: &mut Diagnostics,
    ) {
        for problem in self.scalar(value, limits, sink) {
            sink.report(walk.wrong(Code::InvalidValue, spot, &problem, limits));
        }
        self.fragments(walk, value, limits, spot, sink);
        self.dropped(walk, value, ty, limits, spot, sink);
        self.rules(walk, value, ty, limits, spot, sink);
    }

    /// A regular expression, compiled when first used.
    fn pattern(&mut self, pattern: &str, declared: Option<Span>, sink: &mut Diagnostics) -> Option<&Pattern> {
        if !self.patterns.contains_key(pattern) {
            let built = Pattern::compile(pattern);
            if let Err(error) = &built {
                let message = format!("the pattern `{pattern}` is not checked: {error}");
                sink.report(unchecked(message, declared));
            }
            self.patterns.insert(pattern.into(), built.ok());
        }
        self.patterns.get(pattern).and_then(Option::as_ref)
    }
}

impl Walk<'_> {
    /// Something is wrong with the value at a spot; `problem` goes on from its path.
    fn wrong(&self, code: Code, spot: &Spot, problem: &str, limits: &Limits) -> Diagnostic {
        let path = if spot.path.is_empty() { String::new() } else { format!("`{}` of ", spot.path) };
        let message = format!("{path}{} `{}` {problem}", self.kind.kind, self.object.name);
        let diagnostic = Diagnostic::error(code, message, spot.at);
        let diagnostic = match limits.declared {
            Some(declared) => diagnostic.also(declared, "asked for here"),
            None => diagnostic,
        };
        self.here(diagnostic)
    }

    /// In this environment.
    fn here(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        diagnostic.environments = vec![self.environment.to_string()];
        diagnostic
    }
}

/// Something that only the API server can check.
fn unchecked(message: String, declared: Option<Span>) -> Diagnostic {
    let help = "the API server checks it when the object is applied".to_string();
    match declared {
        Some(at) => Diagnostic::warning(Code::Unchecked, message, at).help(help),
        None => Diagnostic::global(Code::Unchecked, message).help(help),
    }
}

/// The definition of the records that a type holds.
fn record_of(ty: &FieldType) -> Option<&str> {
    match ty {
        FieldType::Record(name) | FieldType::Keyed { item: name, .. } => Some(name),
        FieldType::List(inner) | FieldType::Map(inner) | FieldType::Nullable(inner) => record_of(inner),
        FieldType::String
        | FieldType::Int
        | FieldType::Float
        | FieldType::Bool
        | FieldType::Quantity
        | FieldType::IntOrString
        | FieldType::Duration
        | FieldType::Any
        | FieldType::Enum(_) => None,
    }
}

/// How many elements or entries there are in a value, and which it holds; none for scalars.
fn size(value: &Value) -> Option<(usize, Contents)> {
    match value {
        Value::List(list) => Some((list.len(), Contents::Elements)),
        Value::Keyed(keyed) => Some((keyed.items.len(), Contents::Elements)),
        Value::Map(map) => Some((map.len(), Contents::Entries)),
        Value::Absent
        | Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Str(_)
        | Value::Memory(_)
        | Value::Cpu(_)
        | Value::Duration(_)
        | Value::Secret(_) => None,
    }
}

/// What is in a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contents {
    Elements,
    Entries,
}

/// The text of a value.
fn text(value: &Value) -> Option<&Str> {
    if let Value::Str(text) = value { Some(text) } else { None }
}
