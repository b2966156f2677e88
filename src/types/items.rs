//! Declarations that make objects: components, resources, instances, and the root.

use super::coverage::Coverage;
use super::cx::{Cx, Local};
use super::entries::Standing;
use super::expr::Wanted;
use super::graph::Node;
use super::labels::{Labelled, Labels, Numbers};
use super::schemas::Derived;
use super::tables::Definition;
use super::ty::Type;
use super::{Checker, errors};
use crate::core::{self, ComponentId, Label, Spec, Start};
use crate::diagnostic::{Code, Diagnostic, did_you_mean};
use crate::source::Span;
use crate::syntax::ast::{self, Item, LabelName};

impl<'a> Checker<'a> {
    pub(super) fn component(&mut self, id: ComponentId) {
        let labels = self.component_labels(id);
        let info = &self.components[id.0 as usize];
        let (module, declared) = (info.module, info.declared);
        let mut cx = Cx::new(module, Some(Node::Component(id)));
        cx.labels = Some((Start::Own, labels));
        let mut component = core::Component { name: declared.name.text.clone(), ..core::Component::default() };
        self.component_params(&mut cx, id, &mut component);
        let items: Vec<&Item> = declared.items.iter().collect();
        let mut numbers = Numbers::default();
        component.items = self.items(&mut cx, &items, &mut numbers);
        component.resources = numbers.resources;
        component.instances = numbers.instances;
        component.slots = cx.slots;
        cx.lazy.resize_with(cx.slots as usize, || None);
        component.lazy = cx.lazy;
        self.program.components[id.0 as usize] = component;
    }

    fn component_params(&mut self, cx: &mut Cx<'a>, id: ComponentId, component: &mut core::Component) {
        let declared = self.components[id.0 as usize].declared;
        for (position, param) in declared.params.iter().enumerate() {
            let ty = self.resolve_type(cx.module, &param.ty);
            let slot = cx.variable(&param.name, ty.clone());
            let problem = match (position, &ty) {
                (_, Type::Error) => None,
                (0, ty) if ty.is_text() => {
                    component.name_slot = Some(slot);
                    None
                }
                (1, Type::Schema(schema)) => {
                    component.spec = Some((slot, *schema));
                    self.graph.needs(Node::Component(id), Node::Schema(*schema));
                    None
                }
                (0, _) => Some("the first parameter receives the instance's name: `name: dns_label`"),
                (1, _) => Some("the second parameter receives the instance's body: its type is a schema"),
                _ => Some("a component has two parameters at most: a name and a spec"),
            };
            if let Some(problem) = problem {
                self.sink.report(Diagnostic::error(Code::TypeMismatch, problem, param.span));
            }
            if let Some(default) = &param.default {
                let message = "a parameter of a component has no default";
                let help = "give the fields of its schema defaults".to_string();
                self.sink.report(Diagnostic::error(Code::Misplaced, message, default.span).help(help));
            }
        }
        if declared.params.is_empty() {
            let message = format!("`{}` receives no name", declared.name.text);
            let help = format!("write `component {}(name: dns_label, …)`", declared.name.text);
            self.sink.report(Diagnostic::error(Code::BadCall, message, declared.name.span).help(help));
        }
    }

    /// The spec schema of a component, as its declaration says.
    pub(super) fn spec_of(&mut self, id: ComponentId) -> Option<core::SchemaId> {
        let info = &self.components[id.0 as usize];
        if info.spec.is_some() {
            return info.spec;
        }
        let (module, declared) = (info.module, info.declared);
        let param = declared.params.get(1)?;
        match self.resolve_type(module, &param.ty) {
            Type::Schema(schema) => {
                self.components[id.0 as usize].spec = Some(schema);
                Some(schema)
            }
            _ => None,
        }
    }

    pub(super) fn root(&mut self) {
        if self.modules.list.is_empty() {
            return;
        }
        let labels = self.root_labels();
        let module = self.modules.root();
        for (name, labelled) in labels.iter() {
            let span = match labelled {
                Labelled::Resource { span, .. } | Labelled::Instance { span, .. } => *span,
            };
            let name = ast::Name { text: name.clone(), span };
            self.define(module, &name, Definition::Label);
        }
        let items = self.root_items();
        if let (Some(item), true) = (items.first(), self.program.environments.is_empty()) {
            self.report_no_environment(item);
        }
        let mut cx = Cx::new(module, None);
        cx.labels = Some((Start::Root, labels));
        let mut numbers = Numbers::default();
        let mut root = core::Component { items: self.items(&mut cx, &items, &mut numbers), ..Default::default() };
        root.resources = numbers.resources;
        root.instances = numbers.instances;
        root.slots = cx.slots;
        cx.lazy.resize_with(cx.slots as usize, || None);
        root.lazy = cx.lazy;
        self.program.root = root;
    }

    fn report_no_environment(&mut self, item: &Item) {
        let span = match item {
            Item::Resource(resource) => label_span(&resource.label),
            Item::Instance(instance) => label_span(&instance.label),
            Item::External(external) => external.kind.span,
            Item::When(_) => return,
            Item::If(branch) => branch.condition.span,
            Item::For(each) => each.variable.span,
            _ => return,
        };
        let message = "there is no environment to build this for";
        let help = "declare one: `environment dev { namespace = \"my-namespace\" }`".to_string();
        self.sink.report(Diagnostic::error(Code::NoEnvironment, message, span).help(help));
    }

    fn items(&mut self, cx: &mut Cx<'a>, items: &[&'a Item], numbers: &mut Numbers) -> Vec<core::Item> {
        // What stands side by side is known in any order.
        let mut lets: Vec<&'a ast::Let> = Vec::new();
        for item in items {
            if let Item::Let(declared) = item
                && makes_objects_or_local(cx)
            {
                let slot = cx.slot();
                self.declare_once(cx, &declared.name, Local::Lazy { slot, declared });
                lets.push(declared);
            }
        }
        if let Some((_, labels)) = &cx.labels
            && cx.scopes.len() == 1
            && cx.node.is_some()
        {
            let labels = labels.clone();
            self.declare_labels(cx, items, &labels);
        }
        self.topics_once(items);
        let checked = items.iter().filter_map(|item| self.item(cx, item, numbers)).collect();
        // A `let` that nothing read is checked all the same.
        for declared in lets {
            let pending = cx.lookup(&declared.name.text).map(|(depth, local)| (depth, local.clone()));
            if let Some((depth, Local::Lazy { slot, declared })) = pending {
                self.lazy_let(cx, depth, slot, declared);
            }
        }
        checked
    }

    fn topic(&mut self, cx: &mut Cx<'a>, topic: &'a ast::Topic) -> core::Item {
        let (value, _) = self.infer(cx, &topic.value);
        let doc = topic.doc.as_deref().map(Box::from);
        core::Item::Topic(Box::new(core::Topic { name: topic.name.text.clone(), doc, value }))
    }

    /// Of several topics side by side with one name only the first could be asked for.
    fn topics_once(&mut self, items: &[&'a Item]) {
        let topics =
            items.iter().filter_map(|item| if let Item::Topic(topic) = item { Some(&topic.name) } else { None });
        let mut known: Vec<&ast::Name> = Vec::new();
        for name in topics {
            match known.iter().find(|first| first.text == name.text) {
                Some(first) => self.sink.report(errors::duplicate_name(&name.text, name.span, first.span)),
                None => known.push(name),
            }
        }
    }

    fn declare_once(&mut self, cx: &mut Cx<'a>, name: &'a ast::Name, local: Local<'a>) {
        let depth = cx.scopes.len() - 1;
        if let Some((known, Local::Variable { span, .. } | Local::Label { span })) =
            cx.lookup(&name.text).map(|(known, local)| (known, local.clone()))
            && known == depth
        {
            self.sink.report(errors::duplicate_name(&name.text, name.span, span));
        } else if let Some((known, Local::Lazy { declared, .. })) =
            cx.lookup(&name.text).map(|(known, local)| (known, local.clone()))
            && known == depth
        {
            self.sink.report(errors::duplicate_name(&name.text, name.span, declared.name.span));
        }
        cx.declare(&name.text, local);
    }

    /// Labels, wherever under `if` and `when` they stand, are known in the whole component.
    fn declare_labels(&mut self, cx: &mut Cx<'a>, items: &[&'a Item], labels: &Labels) {
        for item in items {
            match item {
                Item::Resource(ast::Resource { label: LabelName::Name(name), .. })
                | Item::Instance(ast::Instance { label: LabelName::Name(name), .. }) => {
                    let first = labels.get(&name.text).map(|labelled| match labelled {
                        Labelled::Resource { span, .. } | Labelled::Instance { span, .. } => *span,
                    });
                    if first == Some(name.span) {
                        self.declare_once(cx, name, Local::Label { span: name.span });
                    }
                }
                Item::When(when) => {
                    self.declare_labels(cx, &when.then.iter().collect::<Vec<_>>(), labels);
                }
                Item::If(branch) => {
                    let both: Vec<&Item> = branch.then.iter().chain(&branch.otherwise).collect();
                    self.declare_labels(cx, &both, labels);
                }
                _ => {}
            }
        }
    }

    fn item(&mut self, cx: &mut Cx<'a>, item: &'a Item, numbers: &mut Numbers) -> Option<core::Item> {
        match item {
            Item::Let(declared) => match cx.lookup(&declared.name.text) {
                Some((_, Local::Lazy { slot, .. } | Local::Variable { slot, .. })) => Some(core::Item::Let(*slot)),
                _ => None,
            },
            Item::Resource(resource) => self.resource(cx, resource, numbers),
            Item::Instance(instance) => self.instance(cx, instance, numbers),
            Item::Include(include) => self.include(cx, include, numbers),
            Item::External(external) => Some(self.external(cx, external)),
            Item::Check(check) => {
                let check = self.check_declaration(cx, check, &Derived::default());
                Some(core::Item::Check(Box::new(check)))
            }
            Item::Topic(topic) => Some(self.topic(cx, topic)),
            Item::When(when) => {
                if let Some(outer) = cx.when {
                    let message = "a `when` cannot stand in another";
                    let diagnostic = Diagnostic::error(Code::Misplaced, message, when.environments[0].span);
                    self.sink.report(diagnostic.also(outer, "it stands in this one"));
                }
                let (environments, _) = self.when(&when.environments);
                let outer = cx.when.replace(when.environments[0].span);
                cx.push();
                let items = self.items(cx, &when.then.iter().collect::<Vec<_>>(), numbers);
                cx.pop();
                cx.when = outer;
                Some(core::Item::When { environments, items })
            }
            Item::If(branch) => {
                let (condition, facts) = self.condition(cx, &branch.condition);
                let then: Vec<&Item> = branch.then.iter().collect();
                let otherwise: Vec<&Item> = branch.otherwise.iter().collect();
                let then = self.under(cx, facts.when_true, |this, cx| this.items(cx, &then, numbers));
                let otherwise = self.under(cx, facts.when_false, |this, cx| this.items(cx, &otherwise, numbers));
                Some(core::Item::If { condition, then, otherwise })
            }
            Item::For(each) => {
                cx.push();
                let (key, variable, iterable, filter) = self.for_head(cx, each);
                let items = self.items(cx, &each.each.iter().collect::<Vec<_>>(), numbers);
                cx.pop();
                Some(core::Item::For { key, variable, iterable, filter, each: items })
            }
            Item::Import(_) | Item::Param(_) | Item::Environment(_) | Item::Group(_) => {
                self.misplaced(item);
                None
            }
            Item::Function(_) | Item::TypeAlias(_) | Item::Schema(_) | Item::Component(_) => {
                self.misplaced(item);
                None
            }
            Item::Kind(_) | Item::ApiType(_) | Item::Policy(_) | Item::Change(_) => {
                self.misplaced(item);
                None
            }
        }
    }

    fn misplaced(&mut self, item: &Item) {
        let (what, span) = match item {
            Item::Import(import) => ("an import", import.span),
            Item::Param(param) => ("a param", param.span),
            Item::Environment(environment) => ("an environment", environment.name.span),
            Item::Group(group) => ("a group", group.name.span),
            Item::Function(function) => ("a function", function.name.span),
            Item::TypeAlias(alias) => ("a type", alias.name.span),
            Item::Schema(schema) => ("a schema", schema.name.span),
            Item::Kind(kind) => ("a kind", kind.name.span),
            Item::ApiType(record) => ("a type of an API", record.name.span),
            Item::Policy(policy) => ("a policy", policy.kind.span),
            Item::Change(change) => ("a change", change.kind.span),
            Item::Component(component) => ("a component", component.name.span),
            _ => return,
        };
        let message = format!("{what} is declared at the top of a file");
        self.sink.report(Diagnostic::error(Code::Misplaced, message, span));
    }

    fn label_of(&mut self, cx: &mut Cx<'a>, label: &'a LabelName, ty: Type) -> Label {
        match label {
            LabelName::Name(name) => {
                if let (Type::DnsLabel, Some(problem)) = (&ty, super::tables::label_problem(&name.text)) {
                    let message = format!("`{}` is no DNS label: {problem}", name.text);
                    self.sink.report(Diagnostic::error(Code::InvalidValue, message, name.span));
                }
                Label::Static(self.sym(&name.text))
            }
            LabelName::Computed(expr) => {
                let wanted = Wanted::by(ty, "a label".to_string(), None);
                Label::Computed(self.check(cx, expr, &wanted))
            }
        }
    }

    fn resource(&mut self, cx: &mut Cx<'a>, resource: &'a ast::Resource, numbers: &mut Numbers) -> Option<core::Item> {
        let number = numbers.resource();
        let label = self.label_of(cx, &resource.label, Type::String);
        let kind = self.api.kind(&resource.api_version.text, &resource.kind.text);
        let (holder, namespaced) = match (&kind, resource.open) {
            (Some(kind), false) => (Type::Definition(kind.definition.into()), kind.namespaced),
            (Some(kind), true) => (Type::Any, kind.namespaced),
            (None, true) => (Type::Any, true),
            (None, false) => {
                let (version, kind) = (&resource.api_version, &resource.kind);
                let open = format!("`open resource {} {} …` goes unchecked", version.text, kind.text);
                self.report_kind(version, kind, Some(&open));
                (Type::Error, true)
            }
        };
        let who = format!("`{}`", resource.kind.text);
        let wanted = Wanted::by(holder.clone(), who, None);
        let mut covered = Coverage::default();
        // Layers inside a body of a `when` around it are its own.
        let outer = cx.when.take();
        let body = self.body(cx, &resource.body.entries, &wanted, &mut covered, &Standing::outermost());
        cx.when = outer;
        let verify = self.require(&holder, &covered, label_span(&resource.label), true);
        let definition = match &holder {
            Type::Definition(name) => Some((**name).into()),
            _ => None,
        };
        Some(core::Item::Resource(Box::new(core::Resource {
            index: number,
            label,
            api_version: resource.api_version.text.clone(),
            kind: resource.kind.text.clone(),
            namespaced,
            hashed: self.hashed(resource),
            body,
            definition,
            verify,
            span: label_span(&resource.label),
        })))
    }

    fn hashed(&mut self, resource: &'a ast::Resource) -> bool {
        let mut hashed = false;
        for attribute in &resource.attributes {
            if &*attribute.name.text != "hashed" {
                self.unknown_attribute(attribute, &["hashed"]);
                continue;
            }
            if &*resource.kind.text != "ConfigMap" || &*resource.api_version.text != "v1" {
                let message = "`@hashed` goes with a `v1 ConfigMap` only";
                self.sink.report(Diagnostic::error(Code::Misplaced, message, attribute.span));
            }
            hashed = true;
        }
        hashed
    }

    fn instance(&mut self, cx: &mut Cx<'a>, instance: &'a ast::Instance, numbers: &mut Numbers) -> Option<core::Item> {
        let number = numbers.instance();
        for attribute in &instance.attributes {
            self.unknown_attribute(attribute, &[]);
        }
        let Some(component) = self.component_named(cx.module, &instance.component) else {
            self.report_component(cx, &instance.component);
            return None;
        };
        if let Some(node) = cx.node {
            self.graph.needs(node, Node::Component(component));
        }
        let label = self.label_of(cx, &instance.label, Type::DnsLabel);
        let name = instance.name.as_ref().map(|name| {
            let wanted = Wanted::by(Type::DnsLabel, "the name of an instance".to_string(), None);
            self.check(cx, name, &wanted)
        });
        let declared = self.components[component.0 as usize].declared;
        let holder = match self.spec_of(component) {
            Some(schema) => Type::Schema(schema),
            None => Type::Error,
        };
        let wanted = Wanted::by(holder.clone(), format!("`{}`", declared.name.text), Some(declared.name.span));
        let mut covered = Coverage::default();
        let standing = Standing { overrides: true, ..Standing::outermost() };
        let outer = cx.when.take();
        if declared.params.len() < 2 {
            self.no_spec(instance, declared);
        }
        let body = self.body(cx, &instance.body.entries, &wanted, &mut covered, &standing);
        self.require(&holder, &covered, label_span(&instance.label), true);
        let overrides = self.overrides(cx, &instance.body.entries, component);
        cx.when = outer;
        Some(core::Item::Instance(Box::new(core::Instance {
            index: number,
            label: Some(label),
            name,
            component,
            spec: Spec::Body(body),
            overrides,
            span: label_span(&instance.label),
        })))
    }

    /// `...cluster(name, spec)`: an instance without a label of its own.
    fn include(&mut self, cx: &mut Cx<'a>, include: &'a ast::Include, numbers: &mut Numbers) -> Option<core::Item> {
        let number = numbers.instance();
        let Some(component) = self.component_named(cx.module, &include.component) else {
            self.report_component(cx, &include.component);
            return None;
        };
        if let Some(node) = cx.node {
            self.graph.needs(node, Node::Component(component));
        }
        let declared = self.components[component.0 as usize].declared;
        let schema = self.spec_of(component);
        let signature = self.files.text(declared.name.span).to_string();
        let takes = 1 + usize::from(schema.is_some());
        if include.arguments.len() != takes || include.arguments.iter().any(|argument| argument.name.is_some()) {
            let what = if takes == 2 { "a name and a spec" } else { "a name" };
            let message = format!("`{signature}` takes {what}");
            let diagnostic = Diagnostic::error(Code::BadCall, message, include.span);
            self.sink.report(diagnostic.also(declared.name.span, "declared here"));
            return None;
        }
        let who = format!("the name of `{signature}`");
        let wanted = Wanted::by(Type::DnsLabel, who, Some(declared.params.first()?.span));
        let name = self.check(cx, &include.arguments[0].value, &wanted);
        let spec = match (schema, include.arguments.get(1)) {
            (Some(schema), Some(argument)) => {
                let who = format!("the spec of `{signature}`");
                let wanted = Wanted::by(Type::Schema(schema), who, Some(declared.params.get(1)?.span));
                self.check(cx, &argument.value, &wanted)
            }
            _ => super::broken(),
        };
        Some(core::Item::Instance(Box::new(core::Instance {
            index: number,
            label: None,
            name: Some(name),
            component,
            spec: Spec::Value(spec),
            overrides: Vec::new(),
            span: include.component.span,
        })))
    }

    fn no_spec(&mut self, instance: &'a ast::Instance, declared: &'a ast::Component) {
        if let Some(entry) = first_setting(&instance.body.entries) {
            let message = format!("`{}` takes a name only", declared.name.text);
            let span = super::tables::entry_span(entry);
            let diagnostic = Diagnostic::error(Code::UnknownField, message, span);
            self.sink.report(diagnostic.also(declared.name.span, "declared here, without a spec"));
        }
    }

    fn report_component(&mut self, cx: &Cx<'a>, dotted: &ast::Dotted) {
        let last = dotted.parts.last().expect("a dotted name has parts");
        let (module, from) = match dotted.parts.as_slice() {
            [_] => (Some(cx.module), None),
            [alias, _] => (self.imported(cx.module, alias.span, &alias.text), Some(alias)),
            _ => (None, dotted.parts.first()),
        };
        let Some(module) = module else {
            let alias = from.unwrap_or(last);
            if self.is_broken_import(cx.module, alias.span, &alias.text) {
                return;
            }
            let imports = self.import_names(cx.module, alias.span);
            let mut diagnostic = errors::unknown_name(
                &alias.text,
                alias.span,
                imports.iter().map(String::as_str),
                (&alias.text, alias.span),
            );
            if diagnostic.fixes.is_empty() {
                let near = did_you_mean(&alias.text, imports.iter().map(String::as_str));
                diagnostic.help = near.or_else(|| Some(format!("import it: `import std.{}`", alias.text)));
            }
            self.sink.report(diagnostic);
            return;
        };
        let table = &self.tables[module.0 as usize];
        if let Some((_, declared)) = table.names.get(&last.text) {
            let message = format!("`{}` is not a component", last.text);
            let diagnostic = Diagnostic::error(Code::TypeMismatch, message, last.span);
            self.sink.report(diagnostic.also(*declared, "it is declared here"));
            return;
        }
        let known = table
            .names
            .iter()
            .filter(|(_, (definition, _))| matches!(definition, Definition::Component(_)))
            .map(|(name, _)| &**name);
        let diagnostic = match from {
            Some(alias) => errors::unknown_in_module(&last.text, last.span, &alias.text, "component", known),
            None => Diagnostic::error(Code::UnknownName, format!("there is no component `{}`", last.text), last.span)
                .suggest(&last.text, last.span, known),
        };
        self.sink.report(diagnostic);
    }

    fn external(&mut self, cx: &mut Cx<'a>, external: &'a ast::External) -> core::Item {
        let wanted = Wanted::by(Type::String, "a name".to_string(), None);
        let names = external
            .names
            .iter()
            .map(|name| match name {
                LabelName::Name(name) => core::ExternalName {
                    name: core::Expr::Const(core::Const::String(name.text.clone())),
                    span: name.span,
                },
                LabelName::Computed(expr) => {
                    core::ExternalName { name: self.check(cx, expr, &wanted), span: expr.span }
                }
            })
            .collect();
        core::Item::External { kind: external.kind.text.clone(), names }
    }
}

/// The first entry that sets something in the spec, at any depth.
fn first_setting(entries: &[ast::Entry]) -> Option<&ast::Entry> {
    entries.iter().find_map(|entry| match entry {
        ast::Entry::Set { .. } | ast::Entry::Open { .. } | ast::Entry::Unset { .. } | ast::Entry::Spread { .. } => {
            Some(entry)
        }
        ast::Entry::When(when) => first_setting(&when.then),
        ast::Entry::If(branch) => first_setting(&branch.then).or_else(|| first_setting(&branch.otherwise)),
        ast::Entry::For(each) => first_setting(&each.each),
        ast::Entry::Let(_) | ast::Entry::Override { .. } => None,
    })
}

/// At the root, `let`s are globals; elsewhere they belong to the component or loop.
fn makes_objects_or_local(cx: &Cx<'_>) -> bool {
    cx.node.is_some() || cx.scopes.len() > 1
}

pub fn label_span(label: &LabelName) -> Span {
    match label {
        LabelName::Name(name) => name.span,
        LabelName::Computed(expr) => expr.span,
    }
}
