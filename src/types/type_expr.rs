//! Types as written to types.

use super::tables::Definition;
use super::ty::Type;
use super::{AliasInfo, Checker, errors, plain_string};
use crate::core::{Const, DataType};
use crate::diagnostic::{Code, Diagnostic};
use crate::modules::ModuleId;
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind, TypeExpr, TypeExprKind};

const BUILT_IN: [(&str, Type); 11] = [
    ("string", Type::String),
    ("int", Type::Int),
    ("float", Type::Float),
    ("bool", Type::Bool),
    ("memory", Type::Memory),
    ("cpu", Type::Cpu),
    ("duration", Type::Duration),
    ("secret", Type::Secret),
    ("dns_label", Type::DnsLabel),
    ("word", Type::Word),
    ("any", Type::Any),
];

/// Members of the largest union that is written down; each is compared with each.
const MOST_MEMBERS: usize = 1000;
/// Parts of the largest type, each counted wherever it stands.
const LARGEST: usize = 10_000;
/// How deeply the parts of a type may lie within each other.
const DEEPEST: usize = 200;

impl<'a> Checker<'a> {
    /// The type that is meant. What is unknown is reported and becomes [`Type::Error`].
    pub(super) fn resolve_type(&mut self, module: ModuleId, written: &TypeExpr) -> Type {
        self.deeper(written.span, |this| this.resolve_within(module, written)).unwrap_or(Type::Error)
    }

    fn resolve_within(&mut self, module: ModuleId, written: &TypeExpr) -> Type {
        match &written.kind {
            TypeExprKind::Error => Type::Error,
            TypeExprKind::Name(dotted) => self.named_type(module, dotted),
            TypeExprKind::Kubernetes { api_version, name } => self.kubernetes_type(api_version, name, written.span),
            TypeExprKind::Partial { api_version, name } => {
                match self.kubernetes_type(api_version, name, written.span) {
                    Type::Definition(full) => self.partial_type(&full, written.span),
                    other => other,
                }
            }
            TypeExprKind::Record(record) => self.misplaced_record(record),
            TypeExprKind::Attributed { attributes, ty } => {
                for attribute in attributes {
                    self.unknown_attribute(attribute, &[]);
                }
                self.resolve_type(module, ty)
            }
            TypeExprKind::List(element) => {
                let element = self.resolve_type(module, element);
                self.no_absence(&element, written.span).list()
            }
            TypeExprKind::Map(value) => {
                let value = self.resolve_type(module, value);
                self.no_absence(&value, written.span).map()
            }
            TypeExprKind::Optional(inner) => self.resolve_type(module, inner).optional(),
            TypeExprKind::Union(members) if members.len() > MOST_MEMBERS => {
                let message = format!("a union has at most {MOST_MEMBERS} members, this one has {}", members.len());
                self.sink.report(Diagnostic::error(Code::Limit, message, written.span));
                Type::Error
            }
            TypeExprKind::Union(members) => {
                let members: Vec<Type> = members.iter().map(|member| self.resolve_type(module, member)).collect();
                if members.contains(&Type::Error) {
                    return Type::Error;
                }
                Type::union(members)
            }
            TypeExprKind::Literal(value) => self.literal_type(value),
        }
    }

    /// A type with nothing required, which those of declared kinds do not have.
    fn partial_type(&mut self, full: &str, span: Span) -> Type {
        let partial = crate::schema::partial(full);
        if self.api.definition(&partial).is_some() {
            return Type::Definition(partial.into());
        }
        let message = "only types of Kubernetes can be partial";
        let help = "declare the fields optional where the kind is declared: `name: T?`".to_string();
        self.sink.report(Diagnostic::error(Code::UnknownType, message, span).help(help));
        Type::Error
    }

    fn misplaced_record(&mut self, record: &ast::RecordType) -> Type {
        let diagnostic = match record.fields.as_slice() {
            [field] if !record.open && BUILT_IN.iter().any(|(name, _)| **name == *field.name.text) => {
                let message = format!("the keys of a map are strings, not `{}`", field.name.text);
                Diagnostic::error(Code::TypeMismatch, message, field.name.span).help("write `{string: …}`".to_string())
            }
            _ => {
                let message = "the fields of a record are listed where a kind is declared";
                let help = "declare them as a `schema`, and name that here".to_string();
                Diagnostic::error(Code::Misplaced, message, record.span).help(help)
            }
        };
        self.sink.report(diagnostic);
        Type::Error
    }

    fn no_absence(&mut self, ty: &Type, span: Span) -> Type {
        if ty.is_optional() {
            let message = "elements and entries cannot be optional: what is absent is not there";
            self.sink
                .report(Diagnostic::error(Code::TypeMismatch, message, span).help("take the `?` away".to_string()));
        }
        ty.present()
    }

    fn literal_type(&mut self, value: &ast::Expr) -> Type {
        match (&value.kind, plain_string(value)) {
            (_, Some(text)) => Type::Literal(Const::String(text.into())),
            (ExprKind::Int(value), _) => Type::Literal(Const::Int(*value)),
            (ExprKind::Bool(value), _) => Type::Literal(Const::Bool(*value)),
            (ExprKind::Null, _) => Type::Null,
            _ => {
                let message = "a literal type is a plain string, an int, `true`, `false` or `null`";
                self.sink.report(Diagnostic::error(Code::UnknownType, message, value.span));
                Type::Error
            }
        }
    }

    fn named_type(&mut self, module: ModuleId, dotted: &ast::Dotted) -> Type {
        match dotted.parts.as_slice() {
            [name] => {
                if let Some((_, ty)) = BUILT_IN.iter().find(|(known, _)| **known == *name.text) {
                    return ty.clone();
                }
                self.type_in(module, module, name)
            }
            [alias, name] => match self.imported(module, alias.span, &alias.text) {
                Some(target) => self.type_in(module, target, name),
                None => {
                    self.report_no_import(module, alias);
                    Type::Error
                }
            },
            _ => {
                let message = format!("`{}` is no type", self.files.text(dotted.span));
                self.sink.report(Diagnostic::error(Code::UnknownType, message, dotted.span));
                Type::Error
            }
        }
    }

    fn type_in(&mut self, from: ModuleId, module: ModuleId, name: &ast::Name) -> Type {
        match self.tables[module.0 as usize].names.get(&name.text).map(|(definition, span)| (*definition, *span)) {
            Some((Definition::Schema(id), _)) => Type::Schema(id),
            Some((Definition::Alias(id), _)) => self.alias_type(id),
            Some((_, declared)) => {
                let message = format!("`{}` is not a type", name.text);
                let diagnostic = Diagnostic::error(Code::UnknownType, message, name.span);
                self.sink.report(diagnostic.also(declared, "it is declared here"));
                Type::Error
            }
            None => {
                let types = self.tables[module.0 as usize]
                    .names
                    .iter()
                    .filter(|(_, (definition, _))| matches!(definition, Definition::Schema(_) | Definition::Alias(_)))
                    .map(|(name, _)| &**name);
                let built_in = BUILT_IN.iter().map(|(name, _)| *name).filter(|_| from == module);
                let message = format!("there is no type `{}`", name.text);
                let diagnostic = Diagnostic::error(Code::UnknownType, message, name.span);
                self.sink.report(diagnostic.suggest(&name.text, name.span, types.chain(built_in)));
                Type::Error
            }
        }
    }

    fn kubernetes_type(&mut self, api_version: &str, name: &ast::Name, span: Span) -> Type {
        if let Some(full) = self.api.type_named(api_version, &name.text) {
            return Type::Definition(full.into());
        }
        let message = format!("the Kubernetes API has no type `{}` in `{api_version}`", name.text);
        let diagnostic = Diagnostic::error(Code::UnknownType, message, span);
        self.sink.report(diagnostic.suggest(&name.text, name.span, self.api.types_of(api_version)));
        Type::Error
    }

    /// The type of an alias, resolved when first asked for.
    pub(super) fn alias_type(&mut self, id: usize) -> Type {
        let AliasInfo { module, declared, ty } = &self.aliases[id];
        let (module, declared) = (*module, *declared);
        match ty {
            Some(Some(ty)) => return ty.clone(),
            Some(None) => {
                let from = self.resolving.iter().position(|open| *open == id).unwrap_or(0);
                let chain = self.resolving[from..].iter().map(|open| &self.aliases[*open].declared.name);
                let chain: Vec<_> = chain.map(|name| (name.text.to_string(), name.span)).collect();
                self.sink.report(errors::cycle(&chain));
                return Type::Error;
            }
            None => {}
        }
        self.aliases[id].ty = Some(None);
        self.resolving.push(id);
        let ty = self.resolve_type(module, &declared.ty);
        self.resolving.pop();
        let ty = self.bounded(ty, declared.name.span);
        self.aliases[id].ty = Some(Some(ty.clone()));
        ty
    }

    /// A type that has a name, and that others may be made of: each could be twice as large as the one before.
    pub(super) fn bounded(&mut self, ty: Type, at: Span) -> Type {
        if ty.count(LARGEST, DEEPEST).is_some() {
            return ty;
        }
        let message =
            format!("the type has more than {LARGEST} parts, or lies in itself more than {DEEPEST} levels deep");
        self.sink.report(Diagnostic::error(Code::Limit, message, at));
        Type::Error
    }

    /// The module that a name stands for in the file of `at`.
    pub(super) fn imported(&self, module: ModuleId, at: Span, name: &str) -> Option<ModuleId> {
        let imports = self.modules.get(module).imports.get(&at.file)?;
        let import = imports.iter().find(|import| &*import.name == name)?;
        self.uses.mark(import.span);
        Some(import.module)
    }

    /// Whether a name is that of an import that could not be loaded, which was reported.
    pub(super) fn is_broken_import(&self, module: ModuleId, at: Span, name: &str) -> bool {
        let broken = &self.modules.get(module).broken;
        broken.iter().any(|(file, known)| *file == at.file && **known == *name)
    }

    /// Reports that nothing is imported under a name, unless the import itself was reported.
    pub(super) fn report_no_import(&mut self, module: ModuleId, alias: &ast::Name) {
        if !self.is_broken_import(module, alias.span, &alias.text) {
            let known = self.import_names(module, alias.span);
            self.sink.report(errors::unknown_name(
                &alias.text,
                alias.span,
                known.iter().map(String::as_str),
                (&alias.text, alias.span),
            ));
        }
    }

    /// The names of a file's imports.
    pub(super) fn import_names(&self, module: ModuleId, at: Span) -> Vec<String> {
        let imports = self.modules.get(module).imports.get(&at.file);
        imports.into_iter().flatten().map(|import| import.name.to_string()).collect()
    }

    /// A type as evaluation reads data by it.
    pub(super) fn data_type(&self, ty: &Type) -> DataType {
        match ty {
            Type::Error | Type::Any => DataType::Any,
            Type::Null => DataType::Null,
            Type::Bool => DataType::Bool,
            Type::Int | Type::Seconds => DataType::Int,
            Type::Float => DataType::Float,
            Type::String | Type::Word | Type::Quantity | Type::DurationText => DataType::String,
            Type::IntOrString => DataType::Union(vec![DataType::Int, DataType::String]),
            Type::DnsLabel => DataType::DnsLabel,
            Type::Memory => DataType::Memory,
            Type::Cpu => DataType::Cpu,
            Type::Duration => DataType::Duration,
            Type::Literal(literal) => DataType::Literal(literal.clone()),
            Type::Union(members) => DataType::Union(members.iter().map(|member| self.data_type(member)).collect()),
            Type::Optional(inner) => DataType::Optional(Box::new(self.data_type(inner))),
            Type::List(element) => DataType::List(Box::new(self.data_type(element))),
            Type::Map(value) => DataType::Map(Box::new(self.data_type(value))),
            Type::Schema(id) => DataType::Schema(*id),
            Type::Definition(name) => DataType::Definition((&**name).into()),
            Type::Keyed { item, .. } => DataType::List(Box::new(DataType::Definition((&**item).into()))),
            Type::Secret | Type::Block(_) | Type::Nothing => DataType::Nothing,
        }
    }
}
