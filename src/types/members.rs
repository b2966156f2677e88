//! Names and members: variables, declarations of this and other modules, fields, objects.

use super::cx::{Cx, Local};
use super::graph::Node;
use super::labels::{Labelled, Labels};
use super::tables::Definition;
use super::ty::Type;
use super::{Checker, broken, errors};
use crate::core::{ComponentId, Expr, GlobalId, ObjectRead, Route, Start, Target, UnitMember};
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::modules::ModuleId;
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind};

/// What a name or member chain stands for.
enum Referent {
    Value(Expr, Type),
    Module(ModuleId, Box<str>),
    Environment,
    Resource { target: Target, definition: Option<Box<str>> },
    Instance { start: Start, instances: Vec<u32>, component: ComponentId, label: Box<str> },
    // Already reported.
    Nothing,
}

/// Whether a word stands where text is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WantedText {
    Yes,
    No,
}

impl<'a> Checker<'a> {
    /// A name or member chain as a value.
    pub(super) fn reference(&mut self, cx: &mut Cx<'a>, expr: &'a ast::Expr) -> (Expr, Type) {
        let (message, help) = match self.referent(cx, expr, expr.span) {
            Referent::Value(value, ty) => return (value, ty),
            Referent::Nothing => return (broken(), Type::Error),
            Referent::Module(_, name) => {
                (format!("`{name}` is a module, not a value"), format!("name something in it: `{name}.…`"))
            }
            Referent::Environment => (
                "`environment` is no value by itself".to_string(),
                "`environment.name` and `environment.namespace` are".to_string(),
            ),
            Referent::Resource { .. } => {
                let text = self.files.text(expr.span);
                (format!("`{text}` is an object, not a value"), format!("read something of it, such as `{text}.name`"))
            }
            Referent::Instance { label, .. } => (
                format!("`{label}` is an instance of a component, not a value"),
                format!("name one of its objects: `{label}.….name`"),
            ),
        };
        self.sink.report(Diagnostic::error(Code::TypeMismatch, message, expr.span).help(help));
        (broken(), Type::Error)
    }

    /// `whole` is the member chain that it belongs to.
    fn referent(&mut self, cx: &mut Cx<'a>, expr: &'a ast::Expr, whole: Span) -> Referent {
        match &expr.kind {
            ExprKind::Name(name) => self.name(cx, name, expr.span, whole),
            ExprKind::Member { base, member, optional } => {
                let base_referent = self.referent(cx, base, whole);
                self.member(cx, expr, base_referent, base, member, *optional)
            }
            _ => {
                let (value, ty) = self.infer(cx, expr);
                Referent::Value(value, ty)
            }
        }
    }

    fn name(&mut self, cx: &mut Cx<'a>, name: &str, span: Span, whole: Span) -> Referent {
        match cx.lookup(name).map(|(depth, local)| (depth, local.clone())) {
            Some((_, Local::Variable { slot, ty, span: declared })) => {
                self.uses.mark(declared);
                cx.constant = false;
                return Referent::Value(Expr::Local(slot), self.narrowed(cx, name, ty));
            }
            Some((depth, Local::Lazy { slot, declared })) => {
                self.uses.mark(declared.name.span);
                cx.constant = false;
                let ty = self.lazy_let(cx, depth, slot, declared);
                return Referent::Value(Expr::Local(slot), self.narrowed(cx, name, ty));
            }
            Some((_, Local::Open { span: declared })) => {
                let from = cx.open.iter().position(|(_, span)| *span == declared).unwrap_or(0);
                let chain: Vec<_> = cx.open[from..].iter().map(|(name, span)| (name.to_string(), *span)).collect();
                self.sink.report(errors::cycle(&chain));
                return Referent::Nothing;
            }
            Some((_, Local::Label { .. })) => return self.label(cx, name),
            // The labels of included components stand in no declaration of this one.
            None if cx.node.is_some() && cx.labels.as_ref().is_some_and(|(_, labels)| labels.get(name).is_some()) => {
                return self.label(cx, name);
            }
            None => {}
        }
        if name == "environment" {
            return Referent::Environment;
        }
        match self.use_of(cx.module, name) {
            Some((definition, declared)) => self.top_level(cx, definition, name, span, declared),
            None => match self.imported(cx.module, span, name) {
                Some(module) => Referent::Module(module, name.into()),
                None => {
                    self.report_unknown(cx, name, span, whole, WantedText::No);
                    Referent::Nothing
                }
            },
        }
    }

    pub(super) fn report_unknown(&mut self, cx: &Cx<'a>, name: &str, span: Span, whole: Span, wanted: WantedText) {
        if self.is_broken_import(cx.module, span, name) {
            return;
        }
        if let Some(Node::Schema(id)) = cx.node {
            let declared = self.schemas[id.0 as usize].declared;
            if let Some(field) = declared.fields.iter().find(|field| *field.name.text == *name) {
                let message = format!("the default uses `{name}`, which is declared after it");
                let help = format!("declare `{name}` first: a default may use the fields before it");
                let diagnostic = Diagnostic::error(Code::UnknownName, message, span);
                self.sink.report(diagnostic.also(field.name.span, "declared here").help(help));
                return;
            }
        }
        let imports = self.import_names(cx.module, span);
        let table = &self.tables[cx.module.0 as usize];
        let known = cx
            .names()
            .chain(table.names.keys().map(|name| &**name))
            .chain(imports.iter().map(String::as_str))
            .chain(["environment"]);
        let known: Vec<&str> = known.collect();
        let text = self.files.text(whole);
        let is_near = nearest(name, known.iter().copied()).is_some();
        let mut diagnostic = errors::unknown_name(name, span, known, (text, whole));
        let elsewhere = self
            .modules
            .list
            .iter()
            .any(|module| module.files.iter().any(|file| file.id == span.file) && module.imports.is_empty());
        if name == "flink" && !elsewhere {
            diagnostic = diagnostic.help("import it: `import std.flink`".to_string());
            diagnostic.fixes.clear();
        }
        // Where text is wanted, the word may be text that lacks its quotes, or a name that is misspelt: not both.
        if wanted == WantedText::Yes {
            let no_other = diagnostic.fixes.is_empty() && !is_near;
            diagnostic.fixes.clear();
            if no_other && !text.contains(['\n', '"', '\\']) {
                diagnostic = diagnostic.fix(format!("put `{text}` in quotes"), whole, format!("\"{text}\""));
            }
        }
        self.sink.report(diagnostic);
    }

    fn top_level(
        &mut self,
        cx: &mut Cx<'a>,
        definition: Definition,
        name: &str,
        span: Span,
        declared: Span,
    ) -> Referent {
        match definition {
            Definition::Global(id) => {
                let (value, ty) = self.global(cx, id);
                Referent::Value(value, self.narrowed(cx, name, ty))
            }
            Definition::Label => self.root_label(name),
            Definition::Function(_) => {
                let message = format!("`{name}` is a function");
                let diagnostic = Diagnostic::error(Code::TypeMismatch, message, span);
                let diagnostic = diagnostic.also(declared, "declared here");
                self.sink.report(diagnostic.help(format!("call it: `{name}(…)`")));
                Referent::Nothing
            }
            Definition::Schema(_) | Definition::Component(_) | Definition::Alias(_) => {
                let message = format!("`{name}` is not a value");
                let diagnostic = Diagnostic::error(Code::TypeMismatch, message, span);
                self.sink.report(diagnostic.also(declared, "it is declared here"));
                Referent::Nothing
            }
        }
    }

    fn global(&mut self, cx: &mut Cx<'a>, id: GlobalId) -> (Expr, Type) {
        cx.constant = false;
        if let Some(node) = cx.node {
            self.graph.needs(node, Node::Global(id));
        }
        (Expr::Global(id), self.global_type(id))
    }

    fn label(&mut self, cx: &mut Cx<'a>, name: &str) -> Referent {
        let Some((start, labels)) = cx.labels.clone() else { return Referent::Nothing };
        cx.constant = false;
        self.labelled(start, Vec::new(), &labels, name)
    }

    fn root_label(&mut self, name: &str) -> Referent {
        let labels = self.root_labels();
        self.labelled(Start::Root, Vec::new(), &labels, name)
    }

    fn labelled(&mut self, start: Start, instances: Vec<u32>, labels: &Labels, name: &str) -> Referent {
        match labels.get(name) {
            Some(Labelled::Resource { routes, definition, .. }) => {
                let routes = routes.iter().map(|route| Route {
                    instances: instances.iter().chain(&route.instances).copied().collect(),
                    resource: route.resource,
                });
                let target = Target { start, routes: routes.collect() };
                Referent::Resource { target, definition: definition.clone() }
            }
            Some(Labelled::Instance { path, component, .. }) => {
                let mut instances = instances;
                instances.extend(path);
                Referent::Instance { start, instances, component: *component, label: name.into() }
            }
            None => Referent::Nothing,
        }
    }

    fn member(
        &mut self,
        cx: &mut Cx<'a>,
        expr: &'a ast::Expr,
        base_referent: Referent,
        base: &'a ast::Expr,
        member: &'a ast::Name,
        optional: bool,
    ) -> Referent {
        match base_referent {
            Referent::Nothing => Referent::Nothing,
            Referent::Module(module, alias) => self.module_member(cx, module, &alias, member),
            Referent::Environment => self.environment_member(cx, member),
            Referent::Resource { target, definition } => {
                cx.constant = false;
                self.object_member(target, definition, member, expr.span)
            }
            Referent::Instance { start, instances, component, label } => {
                cx.constant = false;
                self.instance_member(start, instances, component, &label, member)
            }
            Referent::Value(value, ty) => {
                if ty.is_optional() && !optional {
                    self.report_optional(base, &ty);
                    return Referent::Nothing;
                }
                match self.field(value, &ty.present(), member) {
                    Some((value, found)) => {
                        let found = if ty.is_optional() { found.optional() } else { found };
                        let path = chain(expr);
                        let found = match path {
                            Some(path) => self.narrowed(cx, &path, found),
                            None => found,
                        };
                        Referent::Value(value, found)
                    }
                    None => Referent::Nothing,
                }
            }
        }
    }

    fn module_member(&mut self, cx: &mut Cx<'a>, module: ModuleId, alias: &str, member: &ast::Name) -> Referent {
        match self.use_of(module, &member.text) {
            Some((Definition::Global(id), _)) => {
                let (value, ty) = self.global(cx, id);
                Referent::Value(value, ty)
            }
            Some((definition, declared)) => self.top_level(cx, definition, &member.text, member.span, declared),
            None => {
                let table = &self.tables[module.0 as usize];
                let known = table.names.keys().map(|name| &**name);
                self.sink.report(errors::unknown_in_module(&member.text, member.span, alias, "value", known));
                Referent::Nothing
            }
        }
    }

    fn environment_member(&mut self, cx: &mut Cx<'a>, member: &ast::Name) -> Referent {
        cx.constant = false;
        match &*member.text {
            "name" => {
                // A library cannot know which environments there will be.
                let ty = if cx.module == self.modules.root() && !self.program.environments.is_empty() {
                    Type::one_of(self.program.environments.iter().map(|environment| &*environment.name))
                } else {
                    Type::String
                };
                Referent::Value(Expr::EnvironmentName, ty)
            }
            "namespace" => Referent::Value(Expr::EnvironmentNamespace, Type::String),
            unknown => {
                let message = format!("`environment` has no `{unknown}`");
                let help = "it has `name` and `namespace`";
                self.sink.report(Diagnostic::error(Code::UnknownField, message, member.span).help(help.to_string()));
                Referent::Nothing
            }
        }
    }

    fn instance_member(
        &mut self,
        start: Start,
        instances: Vec<u32>,
        component: ComponentId,
        label: &str,
        member: &ast::Name,
    ) -> Referent {
        let labels = self.component_labels(component);
        if labels.get(&member.text).is_some() {
            return self.labelled(start, instances, &labels, &member.text);
        }
        let declared = &self.components[component.0 as usize].declared.name;
        let names: Vec<String> = labels.names().map(str::to_string).collect();
        let message = format!("`{label}` makes no object `{}`", member.text);
        let diagnostic = Diagnostic::error(Code::UnknownName, message, member.span)
            .also(declared.span, format!("`{}` is declared here", declared.text))
            .help(format!("it makes {}", errors::listed(names.iter().map(String::as_str))))
            .suggest(&member.text, member.span, names.iter().map(String::as_str));
        self.sink.report(diagnostic);
        Referent::Nothing
    }

    fn object_member(
        &mut self,
        target: Target,
        definition: Option<Box<str>>,
        member: &'a ast::Name,
        span: Span,
    ) -> Referent {
        let read = |read: ObjectRead| Expr::Object { target: target.clone(), read, span };
        match &*member.text {
            "name" => return Referent::Value(read(ObjectRead::Name), Type::String),
            "namespace" => return Referent::Value(read(ObjectRead::Namespace), Type::String),
            _ => {}
        }
        let value = read(ObjectRead::Value);
        let ty = match definition {
            Some(definition) => Type::Definition((*definition).into()),
            None => Type::Any,
        };
        match self.field(value, &ty, member) {
            Some((value, ty)) => Referent::Value(value, ty),
            None => Referent::Nothing,
        }
    }

    /// A field of a value that is there. What is unknown is reported.
    pub(super) fn field(&mut self, base: Expr, ty: &Type, member: &ast::Name) -> Option<(Expr, Type)> {
        if let Some((part, ty)) = unit_member(ty, &member.text) {
            return Some((Expr::UnitMember { base: Box::new(base), member: part }, ty));
        }
        let found = match ty {
            Type::Error | Type::Any => Some(ty.clone()),
            Type::Map(value) => Some((**value).clone().optional()),
            Type::Keyed { item, .. } => Some(Type::Definition(item.clone()).optional()),
            Type::Schema(id) => {
                let sym = self.sym(&member.text);
                let fields = self.schema_fields(*id);
                fields.iter().find(|(name, _)| *name == sym).map(|(_, ty)| ty.clone())
            }
            Type::Definition(name) => self.api_field(name, &member.text).map(|field| match field.required {
                true => field.ty,
                false => field.ty.optional(),
            }),
            Type::Block(block) => block.field(&member.text).cloned().or_else(|| block.rest.clone().map(Type::optional)),
            _ => None,
        };
        match found {
            Some(Type::Any) => {
                let name = self.sym(&member.text);
                Some((Expr::Member { base: Box::new(base), name }, Type::Any.optional()))
            }
            Some(found) => {
                let name = self.sym(&member.text);
                Some((Expr::Member { base: Box::new(base), name }, found))
            }
            None => {
                self.report_no_field(ty, member);
                None
            }
        }
    }

    fn report_no_field(&mut self, ty: &Type, member: &ast::Name) {
        if *ty == Type::Error {
            return;
        }
        if ty.has_inside() {
            let diagnostic = self.no_such_field(ty, &member.text, member.span);
            self.sink.report(diagnostic);
            return;
        }
        let members: &[&str] = match ty {
            Type::Memory => &["bytes", "kibibytes", "mebibytes", "gibibytes"],
            Type::Cpu => &["millicores", "cores"],
            Type::Duration => &["milliseconds", "seconds", "minutes"],
            Type::Secret => &["name", "key"],
            _ => &[],
        };
        let message = format!("{} has no `{}`", self.describe(ty), member.text);
        let mut diagnostic = Diagnostic::error(Code::UnknownField, message, member.span).suggest(
            &member.text,
            member.span,
            members.iter().copied(),
        );
        if !members.is_empty() {
            diagnostic = diagnostic.note(format!("it has {}", errors::listed(members.iter().copied())));
        }
        self.sink.report(diagnostic);
    }

    fn narrowed(&self, cx: &Cx<'a>, path: &str, ty: Type) -> Type {
        if ty.is_optional() && cx.is_there(path) { ty.present() } else { ty }
    }

    pub(super) fn index(&mut self, cx: &mut Cx<'a>, base: &'a ast::Expr, index: &'a ast::Expr) -> (Expr, Type) {
        let (value, ty) = self.infer(cx, base);
        if ty.is_optional() {
            self.report_optional(base, &ty);
            return (broken(), Type::Error);
        }
        let (key, found) = match &ty {
            Type::List(element) => (Type::Int, (**element).clone()),
            Type::Map(value) => (Type::String, (**value).clone()),
            Type::Keyed { item, .. } => (Type::String, Type::Definition(item.clone())),
            Type::Block(block) => {
                let types = block.fields.iter().map(|(_, ty)| ty.clone()).chain(block.rest.clone());
                (Type::String, Type::union(types.collect::<Vec<_>>()))
            }
            Type::Any | Type::Error => (Type::Any, ty.clone()),
            _ => {
                let message = format!("{} has no elements", self.describe(&ty));
                self.sink.report(Diagnostic::error(Code::TypeMismatch, message, base.span));
                return (broken(), Type::Error);
            }
        };
        let who = format!("an index of {}", self.describe(&ty));
        let index = self.check(cx, index, &super::expr::Wanted::by(key, who, None));
        (Expr::Index { base: Box::new(value), index: Box::new(index) }, found.optional())
    }
}

/// `a.b.c` as a text, where it is nothing but names.
pub fn chain(expr: &ast::Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name.to_string()),
        ExprKind::Member { base, member, .. } => Some(format!("{}.{}", chain(base)?, member.text)),
        _ => None,
    }
}

fn unit_member(ty: &Type, name: &str) -> Option<(UnitMember, Type)> {
    Some(match (ty, name) {
        (Type::Memory, "bytes") => (UnitMember::Bytes, Type::Int),
        (Type::Memory, "kibibytes") => (UnitMember::Kibibytes, Type::Int),
        (Type::Memory, "mebibytes") => (UnitMember::Mebibytes, Type::Int),
        (Type::Memory, "gibibytes") => (UnitMember::Gibibytes, Type::Int),
        (Type::Cpu, "millicores") => (UnitMember::Millicores, Type::Int),
        (Type::Cpu, "cores") => (UnitMember::Cores, Type::Float),
        (Type::Duration, "milliseconds") => (UnitMember::Milliseconds, Type::Int),
        (Type::Duration, "seconds") => (UnitMember::Seconds, Type::Int),
        (Type::Duration, "minutes") => (UnitMember::Minutes, Type::Int),
        (Type::Secret, "name") => (UnitMember::SecretName, Type::String),
        (Type::Secret, "key") => (UnitMember::SecretKey, Type::String),
        _ => return None,
    })
}
