//! Paths of entries: where they lead in the type that holds them.

use super::cx::Cx;
use super::expr::Wanted;
use super::ty::Type;
use super::{Checker, errors, plain_string};
use crate::core::{Container, Key, Step};
use crate::diagnostic::{Code, Diagnostic};
use crate::schema::{FieldType, Version};
use crate::source::Span;
use crate::syntax::ast::{self, Segment};
use std::rc::Rc;

/// Where a path leads.
pub struct Walked {
    pub steps: Vec<Step>,
    /// The type there, and who declares it.
    pub wanted: Wanted,
    /// Whether it may be left unset.
    pub optional: bool,
    /// The keys, for what is covered; empty where a key is computed.
    pub names: Vec<Box<str>>,
}

/// A field of an API type.
pub struct ApiField {
    pub ty: Type,
    pub required: bool,
    /// Where it is declared, where the program or a library does that.
    pub declared: Option<Span>,
}

impl<'a> Checker<'a> {
    /// Follows a path from a type; what does not exist is reported.
    pub(super) fn walk(&mut self, cx: &mut Cx<'a>, holder: &Wanted, path: &'a ast::Path) -> Option<Walked> {
        let mut at = holder.clone();
        let mut walked = Walked {
            steps: Vec::with_capacity(path.segments.len()),
            wanted: holder.clone(),
            optional: true,
            names: Vec::with_capacity(path.segments.len()),
        };
        let mut segments = path.segments.as_slice();
        while let [segment, rest @ ..] = segments {
            let inside = self.inside(&at.ty);
            let container = match &inside {
                Type::Keyed { label, .. } => Container::Keyed(self.sym(&label.clone())),
                _ => Container::Map,
            };
            let (mut name, mut key, mut span) = self.key(cx, segment)?;
            segments = rest;
            if let (Type::Map(value), Some(first)) = (&inside, name.clone())
                && !value.has_inside()
                && !rest.is_empty()
            {
                // In a map of plain values the rest of the path is one key.
                let joined = self.joined(&first, rest)?;
                key = Key::Static(self.sym(&joined));
                name = Some(joined);
                span = path.span;
                segments = &[];
            }
            if let (Some(label), Some(name)) = (&at.label, &name)
                && **label == **name
            {
                let message = format!("the label of an item is its `{name}`, and needs no second one");
                let diagnostic = Diagnostic::error(Code::DuplicateField, message, span);
                self.sink.report(diagnostic.help(format!("leave `{name}` out, or rename the label")));
                return None;
            }
            let (next, optional) = self.step(&inside, name.as_deref(), span, &at)?;
            walked.optional = optional;
            walked.steps.push(Step { key, container });
            walked.names.push(name.unwrap_or_default());
            at = next;
        }
        walked.wanted = at;
        Some(walked)
    }

    fn joined(&mut self, first: &str, rest: &'a [Segment]) -> Option<Box<str>> {
        let mut key = first.to_string();
        for segment in rest {
            key.push('.');
            match segment {
                Segment::Name(name) => key.push_str(&name.text),
                Segment::Computed(expr) => match plain_string(expr) {
                    Some(text) => key.push_str(text),
                    None => {
                        let message = "a computed key stands alone";
                        let help = "write the whole key in one string: `\"a.b.\\(c)\" = …`".to_string();
                        self.sink.report(Diagnostic::error(Code::TypeMismatch, message, expr.span).help(help));
                        return None;
                    }
                },
            }
        }
        Some(key.into())
    }

    /// A key, with its text where it is known.
    fn key(&mut self, cx: &mut Cx<'a>, segment: &'a Segment) -> Option<(Option<Box<str>>, Key, Span)> {
        Some(match segment {
            Segment::Name(name) => (Some(name.text.clone()), Key::Static(self.sym(&name.text)), name.span),
            Segment::Computed(expr) => match plain_string(expr) {
                Some(text) => (Some(text.into()), Key::Static(self.sym(text)), expr.span),
                None => {
                    let wanted = Wanted::by(Type::String, "a key".to_string(), None);
                    (None, Key::Computed(Box::new(self.check(cx, expr, &wanted))), expr.span)
                }
            },
        })
    }

    /// The part of a type that a path can reach into.
    pub(super) fn inside(&self, ty: &Type) -> Type {
        let present = ty.present();
        present.alternatives().iter().find(|member| member.has_inside()).cloned().unwrap_or(present)
    }

    /// One step: the type of the entry, and whether it may be left unset.
    fn step(&mut self, inside: &Type, name: Option<&str>, span: Span, holder: &Wanted) -> Option<(Wanted, bool)> {
        match inside {
            Type::Error | Type::Any => Some((holder.part(inside.clone()), true)),
            Type::Map(value) => Some((holder.part((**value).clone()), true)),
            Type::Keyed { item, label, unique: _ } => {
                let wanted = Wanted::new(Type::Definition(item.clone()));
                Some((Wanted { label: Some(label.clone()), ..wanted }, true))
            }
            Type::Schema(_) | Type::Definition(_) => {
                let Some(name) = name else {
                    let message = format!("the fields of {} are named, not computed", self.describe(inside));
                    self.sink.report(Diagnostic::error(Code::TypeMismatch, message, span));
                    return None;
                };
                self.named_step(inside, name, span)
            }
            other => {
                let text = self.files.text(span).to_string();
                let message = format!("`{text}` reaches into {}, which has no fields", self.describe(other));
                let mut diagnostic = Diagnostic::error(Code::TypeMismatch, message, span);
                if let Some((who, declared)) = &holder.by {
                    diagnostic = match declared {
                        Some(declared) => diagnostic.also(*declared, format!("{who} is declared here")),
                        None => diagnostic.note(format!("{who} wants {}", self.describe(other))),
                    };
                }
                self.sink.report(diagnostic);
                None
            }
        }
    }

    fn named_step(&mut self, owner: &Type, name: &str, span: Span) -> Option<(Wanted, bool)> {
        match owner {
            Type::Schema(id) => {
                let declared = self.schemas[id.0 as usize].declared;
                let Some(at) = declared.fields.iter().position(|field| *field.name.text == *name) else {
                    let diagnostic = self.no_such_field(owner, name, span);
                    self.sink.report(diagnostic);
                    return None;
                };
                let field = &declared.fields[at];
                let ty = self.schema_fields(*id)[at].1.clone();
                let optional = ty.is_optional() || field.default.is_some();
                let who = format!("`{}.{name}`", declared.name.text);
                Some((Wanted::by(ty.present(), who, Some(field.name.span)), optional))
            }
            Type::Definition(definition) => match self.api_field(definition, name) {
                Some(field) => {
                    let owner = super::show::short(definition);
                    let who = match field.declared {
                        Some(_) => format!("`{owner}.{name}`"),
                        None => format!("`{owner}.{name}` of the Kubernetes API"),
                    };
                    Some((Wanted::by(field.ty, who, field.declared), !field.required))
                }
                None => {
                    let diagnostic = self.no_such_field(owner, name, span);
                    self.sink.report(diagnostic);
                    None
                }
            },
            _ => None,
        }
    }

    /// The type of a field that exists.
    pub(super) fn field_type(&mut self, owner: &Type, field: &str) -> Type {
        match owner {
            Type::Schema(id) => {
                let sym = self.sym(field);
                let fields = self.schema_fields(*id);
                fields.iter().find(|(name, _)| *name == sym).map_or(Type::Error, |(_, ty)| ty.present())
            }
            Type::Definition(name) => self.api_field(name, field).map_or(Type::Error, |field| field.ty),
            _ => Type::Error,
        }
    }

    /// A field of a type of the Kubernetes API.
    pub(super) fn api_field(&self, definition: &str, name: &str) -> Option<ApiField> {
        let definition = self.api.definition(definition)?;
        match definition.fields.iter().find(|field| field.name == name) {
            Some(field) => {
                let ty = api_type(&field.ty, &field.name);
                Some(ApiField { ty, required: field.required, declared: field.declared })
            }
            None if definition.open => Some(ApiField { ty: Type::Any, required: false, declared: None }),
            None => None,
        }
    }

    /// The diagnostic for a field that a type does not have.
    pub(super) fn no_such_field(&mut self, owner: &Type, name: &str, span: Span) -> Diagnostic {
        let shown = self.show(owner);
        match owner {
            Type::Schema(id) => {
                let declared = self.schemas[id.0 as usize].declared;
                let fields: Vec<String> = declared.fields.iter().map(|field| field.name.text.to_string()).collect();
                let elsewhere = self.one_level_down(owner, name);
                errors::unknown_field(name, span, &shown, Some(declared.name.span), &fields, elsewhere)
            }
            Type::Definition(definition) => {
                let known = self.api.definition(definition);
                let fields: Vec<String> = known
                    .map(|definition| definition.fields.iter().map(|field| field.name.clone()).collect())
                    .unwrap_or_default();
                let declared = known.and_then(|definition| definition.declared);
                let elsewhere = self.one_level_down(owner, name);
                let diagnostic = errors::unknown_field(name, span, &shown, declared, &fields, elsewhere);
                if declared.is_some() {
                    return diagnostic;
                }
                let (oldest, newest) = (Version::OLDEST, Version::NEWEST);
                diagnostic.note(format!("`{shown}` is a type of the Kubernetes API {oldest} to {newest}"))
            }
            Type::Block(block) => {
                let fields: Vec<String> = block.fields.iter().map(|(name, _)| name.to_string()).collect();
                errors::unknown_field(name, span, &shown, None, &fields, None)
            }
            _ => errors::unknown_field(name, span, &shown, None, &[], None),
        }
    }
}

/// A type of the API as the checker sees it. `name` tells counts of seconds from other ints.
pub fn api_type(ty: &FieldType, name: &str) -> Type {
    match ty {
        FieldType::String => Type::String,
        FieldType::Int if name.ends_with("Seconds") => Type::Seconds,
        FieldType::Int => Type::Int,
        FieldType::Float => Type::Float,
        FieldType::Bool => Type::Bool,
        FieldType::Quantity => Type::Quantity,
        FieldType::IntOrString => Type::IntOrString,
        FieldType::Duration => Type::DurationText,
        FieldType::Any => Type::Any,
        FieldType::Nullable(inner) => Type::union([api_type(inner, name), Type::Null]),
        FieldType::Enum(values) => Type::one_of(values.iter().map(String::as_str)),
        FieldType::List(element) => api_type(element, "").list(),
        FieldType::Map(value) => api_type(value, "").map(),
        FieldType::Record(name) => Type::Definition(name.as_str().into()),
        FieldType::Keyed { item, label, keys } => Type::Keyed {
            item: Rc::from(item.as_str()),
            label: Rc::from(label.as_str()),
            // Ports are told apart by their numbers, and yet no two may have one name.
            unique: keys.len() <= 1 || (label == "name" && !keys.contains(label)),
        },
    }
}
