//! Declarations.

use super::Walker;
use super::doc::{Column, Doc, Stay};
use super::sequence::{Brackets, Sequence};
use crate::syntax::ast::{
    ApiRecord, Attribute, Check, Component, Demand, Environment, Expr, External, FieldDecl, For, Function, Group, If,
    Import, Include, Instance, Item, LabelName, Let, ModulePath, Name, Param, Parameter, RecordField, RecordType,
    Requirement, Resource, Schema, Topic, TypeAlias, TypeExpr, When,
};

/// What a schema consists of, in the order of the text.
enum Member<'a> {
    Field(&'a FieldDecl),
    Requirement(&'a Requirement),
}

/// What a record type consists of.
enum RecordPart<'a> {
    Field(&'a RecordField),
    Others,
}

impl<'t> Walker<'t> {
    /// A declaration, without the comments above it.
    pub(super) fn item(&mut self, item: &Item) -> Doc<'t> {
        match item {
            Item::Import(import) => self.import(import),
            Item::Param(param) => self.param(param),
            Item::Environment(environment) => self.environment(environment),
            Item::Group(group) => self.environment_group(group),
            Item::Let(binding) => self.let_binding(binding),
            Item::Topic(topic) => self.topic(topic),
            Item::Function(function) => self.function(function),
            Item::TypeAlias(alias) => self.type_alias(alias),
            Item::Schema(schema) => self.schema(schema),
            Item::Kind(record) => self.api_record(record, "kind"),
            Item::ApiType(record) => self.api_record(record, "type"),
            Item::Policy(policy) => self.policy(policy),
            Item::Change(change) => self.change(change),
            Item::Component(component) => self.component(component),
            Item::Resource(resource) => self.resource(resource),
            Item::Instance(instance) => self.instance(instance),
            Item::External(external) => self.external(external),
            Item::When(when) => self.when(when, Walker::items),
            Item::If(branches) => self.branches(branches, Walker::items, |item| {
                if let Item::If(branches) = item { Some(branches) } else { None }
            }),
            Item::For(each) => self.each(each, Walker::items),
            Item::Check(check) => self.check(check),
            Item::Include(include) => self.include(include),
        }
    }

    fn items(&mut self, items: &[Item]) -> Sequence<'t> {
        let mut sequence = self.sequence(Brackets::BLOCK, items, Walker::item);
        // A comma behind a list of names goes on with it: such a declaration ends with its line.
        let ends_with_names = |item: &Item| matches!(item, Item::External(_) | Item::Group(_));
        sequence.is_broken |= items.iter().rev().skip(1).any(ends_with_names);
        sequence
    }

    fn import(&mut self, import: &Import) -> Doc<'t> {
        let Import { module, alias, span: _ } = import;
        let mut docs = vec![self.token("import"), Doc::space()];
        docs.push(match module {
            ModulePath::Standard(path) => self.dotted(path),
            ModulePath::Relative { path: _, span } => self.place(*span),
        });
        if let Some(alias) = alias {
            docs.extend([Doc::space(), self.token("as"), Doc::space(), self.name(alias)]);
        }
        Doc::all(docs)
    }

    fn param(&mut self, param: &Param) -> Doc<'t> {
        let Param { doc: _, name, ty, default, span: _ } = param;
        Doc::all(vec![self.token("param"), Doc::space(), self.typed(name, ty, default.as_ref())])
    }

    /// `name: type = default`
    fn typed(&mut self, name: &Name, ty: &TypeExpr, default: Option<&Expr>) -> Doc<'t> {
        let mut docs = vec![self.name(name), self.token(":"), Doc::space(), self.type_expr(ty)];
        docs.extend(default.map(|default| self.assigned(default)));
        Doc::all(docs)
    }

    /// ` = value`
    pub(super) fn assigned(&mut self, value: &Expr) -> Doc<'t> {
        Doc::all(vec![Doc::space(), self.token("="), self.value(value)])
    }

    fn environment(&mut self, environment: &Environment) -> Doc<'t> {
        let Environment { doc: _, name, body, span: _ } = environment;
        let key = Doc::all(vec![self.token("environment"), Doc::space(), self.name(name)]);
        Doc::cell(key, Column::Block, Doc::all(vec![Doc::space(), self.block(body).group()]))
    }

    fn environment_group(&mut self, group: &Group) -> Doc<'t> {
        let Group { doc: _, name, members, span: _ } = group;
        let mut docs = vec![self.token("group"), Doc::space(), self.name(name), Doc::space(), self.token("=")];
        let stay = if self.has_comments() { Stay::Never } else { Stay::UnlessNextHoldsIt };
        docs.push(self.names(members).value(stay));
        Doc::all(docs)
    }

    pub(super) fn let_binding(&mut self, binding: &Let) -> Doc<'t> {
        let Let { doc: _, name, ty, value, span: _ } = binding;
        let mut docs = vec![self.token("let"), Doc::space(), self.name(name)];
        if let Some(ty) = ty {
            docs.extend([self.token(":"), Doc::space(), self.type_expr(ty)]);
        }
        docs.push(self.assigned(value));
        Doc::all(docs)
    }

    fn topic(&mut self, topic: &Topic) -> Doc<'t> {
        let Topic { doc: _, name, value, span: _ } = topic;
        Doc::all(vec![self.token("explain"), Doc::space(), self.name(name), self.assigned(value)])
    }

    fn function(&mut self, function: &Function) -> Doc<'t> {
        let Function { doc: _, name, params, result, lets, body, span: _ } = function;
        let mut docs = vec![self.token("fn"), Doc::space(), self.name(name), self.parameters(params)];
        docs.extend([Doc::space(), self.token("->"), Doc::space(), self.type_expr(result).rigid()]);
        if self.reader.rest().starts_with('=') {
            docs.push(self.assigned(body));
            return Doc::all(docs);
        }
        let parts: Vec<Result<&Let, &Expr>> = lets.iter().map(Ok).chain([Err(body)]).collect();
        let body = self.sequence(Brackets::BLOCK, &parts, |this, part| match part {
            Ok(binding) => this.let_binding(binding),
            Err(result) => this.expr(result),
        });
        docs.extend([Doc::space(), body.group()]);
        Doc::all(docs)
    }

    fn parameters(&mut self, parameters: &[Parameter]) -> Doc<'t> {
        let parameters = self.sequence(Brackets::ARGUMENTS, parameters, |this, parameter| {
            let Parameter { name, ty, default, span: _ } = parameter;
            this.typed(name, ty, default.as_ref())
        });
        parameters.group()
    }

    fn type_alias(&mut self, alias: &TypeAlias) -> Doc<'t> {
        let TypeAlias { doc: _, name, ty, span: _ } = alias;
        let head = [self.token("type"), Doc::space(), self.name(name), Doc::space(), self.token("=")];
        Doc::all(head.into_iter().chain([self.aliased_type(ty)]).collect())
    }

    fn schema(&mut self, schema: &Schema) -> Doc<'t> {
        let Schema { doc: _, name, fields, requirements, span: _ } = schema;
        let requirements = requirements.iter().map(Member::Requirement);
        let mut members: Vec<Member> = fields.iter().map(Member::Field).chain(requirements).collect();
        members.sort_by_key(|member| match member {
            Member::Field(FieldDecl { span, .. })
            | Member::Requirement(
                Requirement::Check(Check { span, .. })
                | Requirement::Let(Let { span, .. })
                | Requirement::If(If { span, .. })
                | Requirement::For(For { span, .. }),
            ) => *span,
        });
        let head = [self.token("schema"), Doc::space(), self.name(name), Doc::space()];
        let body = self.sequence(Brackets::BLOCK, &members, |this, member| match member {
            Member::Field(field) => this.field(field),
            Member::Requirement(requirement) => this.requirement(requirement),
        });
        Doc::all(head.into_iter().chain([body.group()]).collect())
    }

    pub(super) fn requirements(&mut self, requirements: &[Requirement]) -> Sequence<'t> {
        self.sequence(Brackets::BLOCK, requirements, Walker::requirement)
    }

    fn requirement(&mut self, requirement: &Requirement) -> Doc<'t> {
        match requirement {
            Requirement::Check(check) => self.check(check),
            Requirement::Let(binding) => self.let_binding(binding),
            Requirement::If(branches) => self.branches(branches, Walker::requirements, |requirement| {
                if let Requirement::If(branches) = requirement { Some(branches) } else { None }
            }),
            Requirement::For(each) => self.each(each, Walker::requirements),
        }
    }

    fn field(&mut self, field: &FieldDecl) -> Doc<'t> {
        let FieldDecl { doc: _, attributes, name, ty, default, span: _ } = field;
        Doc::all(vec![self.attributes(attributes), self.typed(name, ty, default.as_ref())])
    }

    /// `kind example.com/v1 Widget { … }`, `type example.com/v1.Size { … }`
    fn api_record(&mut self, record: &ApiRecord, keyword: &'static str) -> Doc<'t> {
        let ApiRecord { doc: _, attributes, api_version, name, record, span: _ } = record;
        let mut docs = vec![self.attributes(attributes), self.token(keyword), Doc::space(), self.name(api_version)];
        docs.push(if self.reader.rest().starts_with('.') { self.token(".") } else { Doc::space() });
        docs.extend([self.name(name), Doc::space(), self.record_type(record)]);
        Doc::all(docs)
    }

    /// `{ size: int, ... }`
    pub(super) fn record_type(&mut self, record: &RecordType) -> Doc<'t> {
        let RecordType { fields, open, span: _ } = record;
        let others = open.then_some(RecordPart::Others);
        let parts: Vec<RecordPart> = fields.iter().map(RecordPart::Field).chain(others).collect();
        let part = |this: &mut Self, part: &RecordPart| match part {
            RecordPart::Field(RecordField { doc: _, attributes, name, ty, span: _ }) => {
                Doc::all(vec![this.attributes(attributes), this.typed(name, ty, None)])
            }
            RecordPart::Others => this.token("..."),
        };
        self.sequence(Brackets::BLOCK, &parts, part).group()
    }

    /// `check condition : message`, `warn condition : message`
    fn check(&mut self, check: &Check) -> Doc<'t> {
        let Check { demand, condition, message, span: _ } = check;
        let keyword = match demand {
            Demand::Must => "check",
            Demand::Should => "warn",
        };
        let mut docs = vec![self.token(keyword), Doc::space(), self.head(condition)];
        docs.extend([Doc::space(), self.token(":"), self.value(message)]);
        Doc::all(docs)
    }

    fn component(&mut self, component: &Component) -> Doc<'t> {
        let Component { doc: _, name, params, items, span: _ } = component;
        let mut docs = vec![self.token("component"), Doc::space(), self.name(name), self.parameters(params)];
        docs.extend([Doc::space(), self.items(items).group()]);
        Doc::all(docs)
    }

    fn resource(&mut self, resource: &Resource) -> Doc<'t> {
        let Resource { doc: _, attributes, open, api_version, kind, label, body, span: _ } = resource;
        let mut docs = vec![self.attributes(attributes)];
        if *open {
            docs.extend([self.token("open"), Doc::space()]);
        }
        docs.extend([self.token("resource"), Doc::space(), self.name(api_version), Doc::space(), self.name(kind)]);
        docs.extend([Doc::space(), self.label(label), Doc::space(), self.block(body).group()]);
        Doc::all(docs)
    }

    fn instance(&mut self, instance: &Instance) -> Doc<'t> {
        let Instance { doc: _, attributes, component, label, name, body, span: _ } = instance;
        let mut docs = vec![self.attributes(attributes), self.dotted(component), Doc::space(), self.label(label)];
        if let Some(name) = name {
            docs.extend([Doc::space(), self.token("as"), Doc::space(), self.head(name)]);
        }
        docs.extend([Doc::space(), self.block(body).group()]);
        Doc::all(docs)
    }

    fn label(&mut self, label: &LabelName) -> Doc<'t> {
        match label {
            LabelName::Name(name) => self.name(name),
            LabelName::Computed(text) => self.expr(text),
        }
    }

    fn external(&mut self, external: &External) -> Doc<'t> {
        let External { api_version, kind, names, span: _ } = external;
        let mut docs = vec![self.token("external"), Doc::space()];
        if let Some(api_version) = api_version {
            docs.extend([self.name(api_version), Doc::space()]);
        }
        docs.extend([self.name(kind), Doc::space(), self.listed(names, Walker::label)]);
        Doc::all(docs)
    }

    fn include(&mut self, include: &Include) -> Doc<'t> {
        let Include { component, arguments, span: _ } = include;
        Doc::all(vec![self.token("..."), self.dotted(component), self.arguments(arguments)])
    }

    /// `@name(argument)` before something, on the same line or above, as it is written.
    pub(super) fn attributes(&mut self, attributes: &[Attribute]) -> Doc<'t> {
        let mut docs = Vec::new();
        for attribute in attributes {
            docs.push(self.attribute(attribute));
            docs.push(if self.reader.gap.line_end { Doc::line_end() } else { Doc::space() });
        }
        Doc::all(docs)
    }

    fn attribute(&mut self, attribute: &Attribute) -> Doc<'t> {
        let Attribute { name, arguments, span } = attribute;
        let mut docs = vec![self.token("@"), self.name(name)];
        if self.reader.ahead < span.end() {
            docs.push(self.sequence(Brackets::ARGUMENTS, arguments, Walker::expr).group());
        }
        Doc::all(docs)
    }

    /// `when a, b { … }`
    pub(super) fn when<T>(&mut self, when: &When<T>, body: fn(&mut Self, &[T]) -> Sequence<'t>) -> Doc<'t> {
        let When { environments, then, span: _ } = when;
        let head = [self.token("when"), Doc::space(), self.names(environments), Doc::space()];
        Doc::all(head.into_iter().chain([body(self, then).group()]).collect())
    }

    /// `for x in xs { … }`
    pub(super) fn each<T>(&mut self, each: &For<T>, body: fn(&mut Self, &[T]) -> Sequence<'t>) -> Doc<'t> {
        let head = self.for_head(each);
        Doc::all(vec![head, Doc::space(), body(self, &each.each).group()])
    }

    /// `for key, value in map if condition`
    pub(super) fn for_head<T>(&mut self, head: &For<T>) -> Doc<'t> {
        let For { key, variable, iterable, filter, each: _, span: _ } = head;
        let mut docs = vec![self.token("for"), Doc::space()];
        if let Some(key) = key {
            docs.extend([self.name(key), Doc::text(","), Doc::space()]);
        }
        docs.extend([self.name(variable), Doc::space(), self.token("in"), Doc::space(), self.head(iterable)]);
        if let Some(filter) = filter {
            docs.extend([Doc::space(), self.token("if"), Doc::space(), self.head(filter)]);
        }
        Doc::all(docs)
    }

    /// `if a { … } else if b { … } else { … }`: on one line if all of it is.
    pub(super) fn branches<T>(
        &mut self,
        first: &If<T>,
        body: fn(&mut Self, &[T]) -> Sequence<'t>,
        nested: fn(&T) -> Option<&If<T>>,
    ) -> Doc<'t> {
        let mut docs = Vec::new();
        let mut is_broken = false;
        let mut branch = first;
        loop {
            let If { condition, then, otherwise, span: _ } = branch;
            docs.extend([self.token("if"), Doc::space(), self.head(condition), Doc::space()]);
            let then = body(self, then);
            is_broken |= then.is_broken;
            docs.push(then.ungrouped());
            if self.reader.ahead >= first.span.end() {
                break;
            }
            docs.extend([Doc::space(), self.token("else"), Doc::space()]);
            match otherwise.first().and_then(nested) {
                Some(next) if !self.reader.rest().starts_with('{') => branch = next,
                Some(_) | None => {
                    let otherwise = body(self, otherwise);
                    is_broken |= otherwise.is_broken;
                    docs.push(otherwise.ungrouped());
                    break;
                }
            }
        }
        let doc = Doc::all(docs);
        if is_broken { doc.broken() } else { doc.group() }
    }
}
