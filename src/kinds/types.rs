//! Types as kinds write them to types of the API.

use super::Lowering;
use super::attributes::merge;
use crate::diagnostic::{Code, Diagnostic};
use crate::schema::{Api, Custom, Definition, Field, FieldType, FieldVersions, Limits, partial};
use crate::source::Span;
use crate::syntax::ast::{Attribute, Dotted, Expr, ExprKind, Name, RecordType, StringPart, TypeExpr, TypeExprKind};

/// The words for types that are no records.
const WORDS: [(&str, FieldType); 7] = [
    ("string", FieldType::String),
    ("int", FieldType::Int),
    ("float", FieldType::Float),
    ("bool", FieldType::Bool),
    ("quantity", FieldType::Quantity),
    ("duration", FieldType::Duration),
    ("any", FieldType::Any),
];

/// Where a type stands: types without a name are called by their place.
pub(super) struct Scope<'a> {
    pub(super) api_version: &'a str,
    /// The full name that a record here has.
    pub(super) path: String,
    /// The same as messages show it.
    pub(super) name: String,
}

/// A type, and what values must be like besides.
pub(super) struct Lowered {
    pub(super) ty: FieldType,
    pub(super) optional: bool,
    pub(super) limits: Limits,
}

impl From<FieldType> for Lowered {
    fn from(ty: FieldType) -> Lowered {
        Lowered { ty, optional: false, limits: Limits::default() }
    }
}

impl Lowering<'_> {
    /// The fields of a record.
    pub(super) fn definition(&mut self, scope: &mut Scope<'_>, record: &RecordType) -> Definition {
        let mut fields: Vec<Field> = Vec::with_capacity(record.fields.len());
        for declared in &record.fields {
            let name = &declared.name;
            if let Some(first) = fields.iter().find(|field| *field.name == *name.text).and_then(|field| field.declared)
            {
                let message = format!("`{}` is declared twice", name.text);
                let diagnostic = Diagnostic::error(Code::DuplicateName, message, name.span);
                self.sink.report(diagnostic.label("declared again here").also(first, "first declared here"));
                continue;
            }
            let (path, shown) = (scope.path.len(), scope.name.len());
            scope.path.push('.');
            scope.path.push_str(&name.text);
            scope.name.push('.');
            scope.name.push_str(&name.text);
            let lowered = self.field(scope, &declared.ty, &declared.attributes);
            scope.path.truncate(path);
            scope.name.truncate(shown);
            fields.push(Field {
                name: name.text.to_string(),
                required: !lowered.optional,
                versions: FieldVersions::DECLARED,
                status: false,
                ty: lowered.ty,
                limits: (!lowered.limits.is_empty()).then(|| Box::new(lowered.limits)),
                doc: declared.doc.as_deref().map(Into::into),
                declared: Some(name.span),
            });
        }
        fields.sort_by(|left, right| left.name.cmp(&right.name));
        Definition { name: scope.name.clone(), fields, open: record.open, limits: None, declared: Some(record.span) }
    }

    fn field(&mut self, scope: &mut Scope<'_>, ty: &TypeExpr, attributes: &[Attribute]) -> Lowered {
        let lowered = self.lower(scope, ty);
        self.attributed(lowered, attributes)
    }

    /// What attributes add to a type.
    fn attributed(&mut self, mut lowered: Lowered, attributes: &[Attribute]) -> Lowered {
        for attribute in attributes {
            if *attribute.name.text == *"keys" {
                lowered.ty = self.keyed(lowered.ty, attribute);
            } else {
                self.limit(&mut lowered.limits, attribute);
            }
        }
        lowered
    }

    fn lower(&mut self, scope: &mut Scope<'_>, ty: &TypeExpr) -> Lowered {
        match &ty.kind {
            // Reported where it could not be parsed.
            TypeExprKind::Error => FieldType::Any.into(),
            TypeExprKind::Name(dotted) => self.named(scope, dotted).into(),
            TypeExprKind::Kubernetes { api_version, name } => self.versioned(api_version, name, ty.span).into(),
            TypeExprKind::Partial { api_version, name } => self.partial(api_version, name, ty.span).into(),
            TypeExprKind::Record(record) => {
                let mut definition = self.definition(scope, record);
                definition.declared = Some(record.span);
                self.custom.add_definition(&scope.path, definition);
                FieldType::Record(scope.path.clone()).into()
            }
            TypeExprKind::Attributed { attributes, ty } => self.field(scope, ty, attributes),
            TypeExprKind::List(element) => {
                let (ty, limits) = self.element(scope, element);
                Lowered { ty: FieldType::List(Box::new(ty)), optional: false, limits }
            }
            TypeExprKind::Map(value) => {
                let (ty, limits) = self.element(scope, value);
                Lowered { ty: FieldType::Map(Box::new(ty)), optional: false, limits }
            }
            TypeExprKind::Optional(inner) => Lowered { optional: true, ..self.lower(scope, inner) },
            TypeExprKind::Union(members) => self.union(scope, members, ty.span),
            TypeExprKind::Literal(value) => match text(value) {
                Some(text) => FieldType::Enum(vec![text.to_string()]).into(),
                None => {
                    let message = "a literal type of a kind is a string";
                    let help = "other values stand in an attribute: `@enum(1, 2) int`".to_string();
                    self.sink.report(Diagnostic::error(Code::UnknownType, message, value.span).help(help));
                    FieldType::Any.into()
                }
            },
        }
    }

    /// The type of a list's elements or a map's values, and limits of the container that holds theirs.
    fn element(&mut self, scope: &mut Scope<'_>, written: &TypeExpr) -> (FieldType, Limits) {
        let Lowered { ty, optional, limits } = self.lower(scope, written);
        if optional {
            let message = "elements and entries cannot be optional: what is absent is not there";
            let help = "take the `?` away".to_string();
            self.sink.report(Diagnostic::error(Code::TypeMismatch, message, written.span).help(help));
        }
        let items = (!limits.is_empty()).then(|| Box::new(limits));
        (ty, Limits { items, ..Limits::default() })
    }

    /// A union: of strings, of int and string, or of something and `null`.
    fn union(&mut self, scope: &mut Scope<'_>, members: &[TypeExpr], span: Span) -> Lowered {
        let is_null = |member: &&TypeExpr| matches!(&member.kind, TypeExprKind::Literal(value) if matches!(value.kind, ExprKind::Null));
        let others: Vec<&TypeExpr> = members.iter().filter(|member| !is_null(member)).collect();
        let nullable = others.len() < members.len();
        let mut values: Vec<String> = Vec::with_capacity(others.len());
        for other in &others {
            if let TypeExprKind::Literal(value) = &other.kind {
                values.extend(text(value).map(str::to_string));
            }
        }
        let mut lowered = match others.as_slice() {
            [one] => self.lower(scope, one),
            all if values.len() == all.len() => FieldType::Enum(values).into(),
            [one, other] if is_word(one, "int") && is_word(other, "string") => FieldType::IntOrString.into(),
            [one, other] if is_word(one, "string") && is_word(other, "int") => FieldType::IntOrString.into(),
            _ => {
                let message = "a kind has unions of strings, `int | string`, and unions of a type and `null`";
                let help = "where values of several types are allowed, write `any`".to_string();
                self.sink.report(Diagnostic::error(Code::UnknownType, message, span).help(help));
                FieldType::Any.into()
            }
        };
        if nullable {
            lowered.ty = FieldType::Nullable(Box::new(lowered.ty));
        }
        lowered
    }

    /// A word, or a type of the same API version.
    fn named(&mut self, scope: &Scope<'_>, dotted: &Dotted) -> FieldType {
        let [name] = dotted.parts.as_slice() else {
            let message = format!("there is no type `{}`", joined(dotted));
            let help = "a type of the API is named with its version, such as `v1.Toleration`".to_string();
            self.sink.report(Diagnostic::error(Code::UnknownType, message, dotted.span).help(help));
            return FieldType::Any;
        };
        if let Some((_, ty)) = WORDS.iter().find(|(word, _)| **word == *name.text) {
            return ty.clone();
        }
        let full = Custom::full_name(scope.api_version, &name.text);
        if self.names.contains(&full) {
            return FieldType::Record(full);
        }
        let prefix = Custom::full_name(scope.api_version, "");
        let types = self.names.iter().filter_map(|known| known.strip_prefix(prefix.as_str()));
        let known: Vec<&str> = types.chain(WORDS.iter().map(|(word, _)| *word)).collect();
        let message = format!("there is no type `{}` in `{}`", name.text, scope.api_version);
        let diagnostic = Diagnostic::error(Code::UnknownType, message, name.span);
        self.sink.report(diagnostic.suggest(&name.text, name.span, known));
        FieldType::Any
    }

    /// A type with its API version: one that is declared, or one of Kubernetes.
    fn versioned(&mut self, api_version: &str, name: &Name, span: Span) -> FieldType {
        let full = Custom::full_name(api_version, &name.text);
        if self.names.contains(&full) {
            return FieldType::Record(full);
        }
        match Api::kubernetes().type_named(api_version, &name.text) {
            Some(full) => FieldType::Record(full.to_string()),
            None => {
                let message = format!("there is no type `{}` in `{api_version}`", name.text);
                let diagnostic = Diagnostic::error(Code::UnknownType, message, span);
                let known = Api::kubernetes().types_of(api_version);
                self.sink.report(diagnostic.suggest(&name.text, name.span, known));
                FieldType::Any
            }
        }
    }

    fn partial(&mut self, api_version: &str, name: &Name, span: Span) -> FieldType {
        if self.names.contains(&Custom::full_name(api_version, &name.text)) {
            let message = "only types of Kubernetes can be partial";
            let help = "declare the fields optional: `name: T?`".to_string();
            self.sink.report(Diagnostic::error(Code::UnknownType, message, span).help(help));
            return FieldType::Any;
        }
        match self.versioned(api_version, name, span) {
            FieldType::Record(full) => FieldType::Record(partial(&full)),
            other => other,
        }
    }

    /// `@keys("name")` on a list of records.
    fn keyed(&mut self, ty: FieldType, attribute: &Attribute) -> FieldType {
        let keys: Vec<String> = attribute.arguments.iter().filter_map(text).map(str::to_string).collect();
        if keys.is_empty() || keys.len() < attribute.arguments.len() {
            self.bad_arguments(attribute, "names the fields that tell items apart: `@keys(\"name\")`");
            return ty;
        }
        match ty {
            FieldType::List(item) => match *item {
                FieldType::Record(item) => {
                    let first = keys.iter().find(|key| *key == "name").or(keys.first());
                    FieldType::Keyed { item, label: first.cloned().unwrap_or_default(), keys }
                }
                other => {
                    self.misplaced(attribute, "a list of records");
                    FieldType::List(Box::new(other))
                }
            },
            FieldType::Nullable(inner) => FieldType::Nullable(Box::new(self.keyed(*inner, attribute))),
            other => {
                self.misplaced(attribute, "a list of records");
                other
            }
        }
    }

    /// Adds what an attribute says to limits, which may have it already.
    fn limit(&mut self, limits: &mut Limits, attribute: &Attribute) {
        let mut said = Limits::default();
        if self.read_attribute(&mut said, attribute) {
            merge(limits, said);
        }
    }
}

fn is_word(ty: &TypeExpr, word: &str) -> bool {
    matches!(&ty.kind, TypeExprKind::Name(dotted) if matches!(dotted.parts.as_slice(), [name] if *name.text == *word))
}

fn joined(dotted: &Dotted) -> String {
    dotted.parts.iter().map(|part| &*part.text).collect::<Vec<_>>().join(".")
}

/// The text of a string that nothing is computed in.
pub(super) fn text(value: &Expr) -> Option<&str> {
    match &value.kind {
        ExprKind::String(parts) => match parts.as_slice() {
            [] => Some(""),
            [StringPart::Text(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}
