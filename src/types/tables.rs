//! The names that each module declares.

use super::change::ChangeInfo;
use super::policy::PolicyInfo;
use super::{AliasInfo, Checker, ComponentInfo, FunctionInfo, GlobalDecl, GlobalInfo, SchemaInfo, errors, index};
use crate::core::{
    self, ComponentId, Environment, EnvironmentId, EnvironmentSet, FunctionId, GlobalId, Group, Layer, SchemaId,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::modules::ModuleId;
use crate::schema::Version;
use crate::source::Span;
use crate::syntax::ast::{self, Item};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// What a top-level name stands for.
#[derive(Debug, Clone, Copy)]
pub enum Definition {
    Global(GlobalId),
    Function(FunctionId),
    Schema(SchemaId),
    Component(ComponentId),
    Alias(usize),
    /// A resource or instance of the root module.
    Label,
}

/// The names of one module.
#[derive(Debug, Default)]
pub struct Table {
    pub names: FxHashMap<Box<str>, (Definition, Span)>,
}

/// Environments and groups of the whole program.
#[derive(Debug, Default)]
pub struct EnvironmentNames {
    pub environments: FxHashMap<Box<str>, (EnvironmentId, Span)>,
    pub groups: FxHashMap<Box<str>, (Vec<EnvironmentId>, Span)>,
}

impl<'a> Checker<'a> {
    pub(super) fn collect(&mut self) {
        let modules = self.modules;
        for (number, module) in modules.list.iter().enumerate() {
            let id = ModuleId(index(number));
            self.tables.push(Table::default());
            for item in module.files.iter().flat_map(|file| &file.items) {
                self.collect_item(id, item);
            }
            for imports in module.imports.values() {
                for (position, import) in imports.iter().enumerate() {
                    let twin = imports[..position].iter().find(|other| other.name == import.name);
                    if let Some(twin) = twin {
                        let diagnostic = errors::duplicate_name(&import.name, import.span, twin.span);
                        let line = self.files.get(import.span.file).whole_lines(import.span);
                        self.sink.report(match line.filter(|_| twin.module == import.module) {
                            Some(line) => diagnostic.fix("take the second import away", line, ""),
                            None => diagnostic,
                        });
                    }
                }
            }
        }
        for module in &modules.list {
            for item in module.files.iter().flat_map(|file| &file.items) {
                if let Item::Group(group) = item {
                    self.collect_group(group);
                }
            }
        }
    }

    fn collect_item(&mut self, module: ModuleId, item: &'a Item) {
        match item {
            Item::Param(declared) => {
                if self.modules.get(module).is_standard() {
                    let message = "the standard library has no params";
                    self.sink.report(Diagnostic::error(Code::Misplaced, message, declared.span));
                }
                let id = GlobalId(index(self.globals.len()));
                self.globals.push(GlobalInfo { module, declared: GlobalDecl::Param(declared), ty: None });
                self.empty_global(&declared.name);
                self.define(module, &declared.name, Definition::Global(id));
            }
            Item::Let(declared) => {
                let id = GlobalId(index(self.globals.len()));
                self.globals.push(GlobalInfo { module, declared: GlobalDecl::Let(declared), ty: None });
                self.empty_global(&declared.name);
                self.define(module, &declared.name, Definition::Global(id));
            }
            Item::Function(declared) => {
                let id = FunctionId(index(self.functions.len()));
                let result = super::Type::Error;
                self.functions.push(FunctionInfo { module, declared, params: Vec::new(), result });
                self.define(module, &declared.name, Definition::Function(id));
            }
            Item::TypeAlias(declared) => {
                self.aliases.push(AliasInfo { module, declared, ty: None });
                self.define(module, &declared.name, Definition::Alias(self.aliases.len() - 1));
            }
            Item::Schema(declared) => {
                let id = SchemaId(index(self.schemas.len()));
                self.schemas.push(SchemaInfo { module, declared, fields: Rc::default() });
                self.define(module, &declared.name, Definition::Schema(id));
            }
            Item::Component(declared) => {
                let id = ComponentId(index(self.components.len()));
                let labels = super::labels::Labels::default();
                self.components.push(ComponentInfo { module, declared, spec: None, labels });
                self.program.components.push(core::Component::default());
                self.define(module, &declared.name, Definition::Component(id));
            }
            Item::Include(include) => {
                let message = "`...` with a component stands in a component";
                self.sink.report(Diagnostic::error(Code::Misplaced, message, include.span));
            }
            Item::Topic(topic) => {
                let message = "an `explain` stands in a component";
                self.sink.report(Diagnostic::error(Code::Misplaced, message, topic.span));
            }
            Item::Environment(declared) => self.collect_environment(module, declared),
            Item::Check(check) => {
                let message = "a `check` stands in a schema or a component";
                self.sink.report(Diagnostic::error(Code::Misplaced, message, check.span));
            }
            Item::Resource(_) | Item::Instance(_) | Item::External(_) | Item::When(_) | Item::If(_) | Item::For(_) => {
                if module != self.modules.root() {
                    self.object_of_an_import(item);
                }
            }
            Item::Policy(declared) => self.policies.push(PolicyInfo { module, declared }),
            Item::Change(declared) => self.changes.push(ChangeInfo { module, declared }),
            // Kinds belong to the API, not to a module.
            Item::Import(_) | Item::Group(_) | Item::Kind(_) | Item::ApiType(_) => {}
        }
    }

    fn empty_global(&mut self, name: &ast::Name) {
        let global = core::Global { name: name.text.clone(), value: None, param: None, slots: 0, span: name.span };
        self.program.globals.push(global);
    }

    pub(super) fn define(&mut self, module: ModuleId, name: &ast::Name, definition: Definition) {
        let table = &mut self.tables[module.0 as usize];
        if let Some((other, first)) = table.names.get(&name.text) {
            let first = *first;
            let objects = matches!((other, definition), (Definition::Label, Definition::Label));
            let report = if objects { errors::duplicate_label } else { errors::duplicate_name };
            self.sink.report(report(&name.text, name.span, first));
            return;
        }
        table.names.insert(name.text.clone(), (definition, name.span));
    }

    /// Objects in a module that is imported would appear wherever it is, which nobody could see.
    fn object_of_an_import(&mut self, item: &Item) {
        let span = match item {
            Item::Resource(resource) => resource.span,
            Item::Instance(instance) => instance.span,
            Item::External(external) => external.span,
            Item::When(when) => when.span,
            Item::If(branch) => branch.span,
            Item::For(each) => each.span,
            _ => return,
        };
        let message = "an imported module makes no objects";
        let help = "put them into a component, and use the component where they are wanted";
        let start = Span::new(span.file, span.start(), span.start() + first_word(self.files.text(span)));
        self.sink.report(Diagnostic::error(Code::Misplaced, message, start).help(help.to_string()));
    }

    fn collect_environment(&mut self, module: ModuleId, declared: &'a ast::Environment) {
        if self.modules.get(module).is_standard() {
            let message = "the standard library has no environments";
            self.sink.report(Diagnostic::error(Code::Misplaced, message, declared.name.span));
            return;
        }
        let name = &declared.name;
        if let Some((_, first)) = self.environments.environments.get(&name.text) {
            self.sink.report(errors::duplicate_name(&name.text, name.span, *first));
            return;
        }
        self.check_name(name, "an environment");
        let mut environment = Environment {
            name: name.text.clone(),
            namespace: "default".into(),
            kubernetes: None,
            context: None,
            span: name.span,
        };
        let mut seen: FxHashMap<&str, Span> = FxHashMap::default();
        for entry in &declared.body.entries {
            self.environment_setting(entry, &mut environment, &mut seen);
        }
        let id = EnvironmentId(index(self.program.environments.len()));
        self.program.environments.push(environment);
        self.environments.environments.insert(name.text.clone(), (id, name.span));
    }

    fn environment_setting(
        &mut self,
        entry: &'a ast::Entry,
        environment: &mut Environment,
        seen: &mut FxHashMap<&'a str, Span>,
    ) {
        const SETTINGS: [&str; 3] = ["namespace", "kubernetes", "context"];
        let ast::Entry::Set { path, value } = entry else {
            let message = "an environment has settings of the form `namespace = \"…\"` only";
            self.sink.report(Diagnostic::error(Code::Misplaced, message, entry_span(entry)));
            return;
        };
        let [ast::Segment::Name(name)] = path.segments.as_slice() else {
            self.sink.report(errors::unknown_setting(self.files.text(path.span), path.span, &SETTINGS));
            return;
        };
        if let Some(first) = seen.insert(&name.text, name.span) {
            self.sink.report(errors::duplicate_field(&name.text, name.span, first));
        }
        if value.kind == ast::ExprKind::Error {
            return;
        }
        let Some(text) = super::plain_string(value) else {
            let message = format!("`{}` of an environment is a plain string", name.text);
            let text = self.files.text(value.span);
            let mut diagnostic = Diagnostic::error(Code::TypeMismatch, message, value.span);
            diagnostic = match value.kind {
                ast::ExprKind::Name(_) | ast::ExprKind::Int(_) | ast::ExprKind::Float(_) => diagnostic
                    .help(format!("text stands in quotes: `\"{text}\"`"))
                    .fix(format!("put `{text}` in quotes"), value.span, format!("\"{text}\"")),
                _ => diagnostic.help("environments are known before anything is computed".to_string()),
            };
            self.sink.report(diagnostic);
            return;
        };
        match &*name.text {
            "namespace" => {
                if let Some(problem) = label_problem(text) {
                    let message = format!("`{text}` cannot be a namespace: {problem}");
                    self.sink.report(Diagnostic::error(Code::InvalidValue, message, value.span));
                }
                environment.namespace = text.into();
            }
            "kubernetes" => match Version::parse(text) {
                Ok(version) => environment.kubernetes = Some((version, value.span)),
                Err(problem) => self.sink.report(errors::unknown_version(text, value.span, problem)),
            },
            "context" => environment.context = Some(text.into()),
            unknown => self.sink.report(errors::unknown_setting(unknown, name.span, &SETTINGS)),
        }
    }

    fn collect_group(&mut self, declared: &ast::Group) {
        let name = &declared.name;
        let known = self.environments.environments.get(&name.text).map(|(_, span)| *span);
        if let Some(first) = known.or_else(|| self.environments.groups.get(&name.text).map(|(_, span)| *span)) {
            self.sink.report(errors::duplicate_name(&name.text, name.span, first));
            return;
        }
        let mut members = Vec::new();
        for member in &declared.members {
            for id in self.environment_ids(member) {
                if !members.contains(&id) {
                    members.push(id);
                }
            }
        }
        self.program.groups.push(Group { name: name.text.clone(), environments: members.clone() });
        self.environments.groups.insert(name.text.clone(), (members, name.span));
    }

    /// What a word after `when` or in a group stands for; empty where it is unknown, which is reported.
    fn environment_ids(&mut self, name: &ast::Name) -> Vec<EnvironmentId> {
        if let Some((id, _)) = self.environments.environments.get(&name.text) {
            return vec![*id];
        }
        if let Some((members, _)) = self.environments.groups.get(&name.text) {
            return members.clone();
        }
        let known: Vec<&str> = self.program.environments.iter().map(|environment| &*environment.name).collect();
        let groups = self.environments.groups.keys().map(|name| &**name);
        let mut diagnostic =
            Diagnostic::error(Code::UnknownEnvironment, format!("there is no environment `{}`", name.text), name.span)
                .suggest(&name.text, name.span, known.iter().copied().chain(groups));
        if diagnostic.help.is_none() {
            diagnostic = diagnostic.help(if known.is_empty() {
                format!("declare it: `environment {} {{ namespace = \"…\" }}`", name.text)
            } else {
                format!("the environments are {}", errors::listed(known.iter().copied().take(errors::FEW)))
            });
        }
        self.sink.report(diagnostic);
        Vec::new()
    }

    /// The environments of a `when`, and its layer.
    pub(super) fn when(&mut self, names: &[ast::Name]) -> (EnvironmentSet, Layer) {
        let mut set = EnvironmentSet::default();
        let mut ids = Vec::new();
        let mut group = names.len() > 1;
        for name in names {
            group |= self.environments.groups.contains_key(&name.text);
            for id in self.environment_ids(name) {
                set.insert(id);
                ids.push(id);
            }
        }
        (set, self.layer_of(&ids, group))
    }

    /// A name of our own that becomes part of paths and object names.
    fn check_name(&mut self, name: &ast::Name, what: &str) {
        if let Some(problem) = label_problem(&name.text) {
            let message = format!("`{}` cannot be the name of {what}: {problem}", name.text);
            let help = "it names a directory, and often parts of objects' names";
            self.sink.report(Diagnostic::error(Code::InvalidValue, message, name.span).help(help.to_string()));
        }
    }
}

/// The place of an entry, for a message about the whole of it.
pub fn entry_span(entry: &ast::Entry) -> Span {
    match entry {
        ast::Entry::Set { path, .. } | ast::Entry::Open { path, .. } => path.span,
        ast::Entry::Unset { span, .. } | ast::Entry::Spread { span, .. } | ast::Entry::Override { span, .. } => *span,
        ast::Entry::Let(declared) => declared.span,
        ast::Entry::When(when) => when.span,
        ast::Entry::If(branch) => branch.span,
        ast::Entry::For(each) => each.span,
    }
}

fn first_word(text: &str) -> usize {
    text.find(char::is_whitespace).unwrap_or(text.len())
}

/// What keeps a text from being a DNS label as RFC 1123 has it, which Kubernetes asks of most names.
pub fn label_problem(text: &str) -> Option<String> {
    crate::core::dns_label_problem(text)
}
