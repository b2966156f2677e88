//! Declarations.

use super::{Builder, unexpected};
use crate::source::Span;
use crate::syntax::ast::{
    ApiRecord, Attribute, Check, Component, Demand, Environment, Expr, External, FieldDecl, For, Function, Group, If,
    Import, Include, Instance, Item, LabelName, Let, ModulePath, Name, Param, Parameter, RecordField, RecordType,
    Requirement, Resource, Schema, StringPart, Topic, TypeAlias, When,
};
use crate::syntax::grammar::{Pair, Parts, Rule};

/// What the head of a `for` says.
pub(super) struct ForHead {
    pub(super) key: Option<Name>,
    pub(super) variable: Name,
    pub(super) iterable: Expr,
    pub(super) filter: Option<Expr>,
}

impl Builder<'_> {
    /// A declaration; none where it was too deep, which was reported.
    pub(super) fn item(&mut self, pair: Pair) -> Option<Item> {
        let span = self.span(&pair);
        let doc = self.doc(&pair);
        Some(match pair.as_rule() {
            Rule::import => Item::Import(self.import(pair, span)),
            Rule::param => Item::Param(self.param(pair, doc, span)),
            Rule::environment => {
                let mut parts = Parts::of(pair);
                let name = self.name(&parts.must());
                Item::Environment(Environment { doc, name, body: self.block(parts.must()), span })
            }
            Rule::group => {
                let mut parts = Parts::of(pair);
                let name = self.name(&parts.must());
                Item::Group(Group { doc, name, members: self.names(parts.must()), span })
            }
            Rule::let_binding => Item::Let(self.let_binding(pair)),
            Rule::topic => {
                let mut parts = Parts::of(pair);
                let name = self.name(&parts.must());
                Item::Topic(Topic { doc, name, value: self.expr(parts.must()), span })
            }
            Rule::function => Item::Function(self.function(pair, doc, span)),
            Rule::type_alias => {
                let mut parts = Parts::of(pair);
                let name = self.name(&parts.must());
                Item::TypeAlias(TypeAlias { doc, name, ty: self.type_expr(parts.must()), span })
            }
            Rule::schema => Item::Schema(self.schema(pair, doc, span)),
            Rule::policy => Item::Policy(self.policy(pair, doc, span)),
            Rule::change => Item::Change(self.change(pair, doc, span)),
            Rule::component => {
                let mut parts = Parts::of(pair);
                let name = self.name(&parts.must());
                let params = self.parameters(parts.must());
                Item::Component(Component { doc, name, params, items: self.item_list(parts.must()), span })
            }
            Rule::external => Item::External(self.external(pair, span)),
            Rule::object => self.object(pair, doc, span),
            Rule::when_items => {
                let mut parts = Parts::of(pair);
                let environments = self.names(parts.must());
                Item::When(When { environments, then: self.item_list(parts.must()), span })
            }
            Rule::if_items => Item::If(self.if_items(pair, span)?),
            Rule::for_items => {
                let mut parts = Parts::of(pair);
                let ForHead { key, variable, iterable, filter } = self.for_head(parts.must());
                Item::For(For { key, variable, iterable, filter, each: self.item_list(parts.must()), span })
            }
            Rule::check => Item::Check(self.check(pair, span)),
            Rule::include => {
                let mut parts = Parts::of(pair);
                let component = self.dotted(parts.must());
                Item::Include(Include { component, arguments: self.arguments(parts.must()), span })
            }
            rule => unexpected(rule, "an item"),
        })
    }

    fn item_list(&mut self, pair: Pair) -> Vec<Item> {
        let span = self.span(&pair);
        let items = |this: &mut Self| Parts::of(pair).filter_map(|item| this.item(item)).collect();
        self.deeper(1, span, items).unwrap_or_default()
    }

    pub(super) fn names(&mut self, pair: Pair) -> Vec<Name> {
        Parts::of(pair).filter(|name| !self.is_placeholder(name)).map(|name| self.name(&name)).collect()
    }

    fn import(&mut self, pair: Pair, span: Span) -> Import {
        let mut parts = Parts::of(pair);
        let path = parts.must();
        let module = if path.as_rule() == Rule::dotted {
            ModulePath::Standard(self.dotted(path))
        } else {
            let span = self.span(&path);
            let path = self.constant(path, "the path of an import");
            ModulePath::Relative { path, span }
        };
        Import { module, alias: parts.next().map(|name| self.name(&name)), span }
    }

    /// A string without interpolation; `what` names it in the message where it has one.
    fn constant(&mut self, pair: Pair, what: &str) -> Box<str> {
        let span = self.span(&pair);
        let mut text = String::new();
        for part in self.string_parts(pair) {
            match part {
                StringPart::Text(part) => text.push_str(&part),
                StringPart::Value(_) => self.report(super::string::not_constant(what, span)),
            }
        }
        text.into()
    }

    fn param(&mut self, pair: Pair, doc: Option<String>, span: Span) -> Param {
        let mut parts = Parts::of(pair);
        let name = self.name(&parts.must());
        let ty = self.type_expr(parts.must());
        Param { doc, name, ty, default: parts.next().map(|value| self.expr(value)), span }
    }

    /// A `let`, among declarations as well as among entries.
    pub(super) fn let_binding(&mut self, pair: Pair) -> Let {
        let doc = self.doc(&pair);
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let name = self.name(&parts.must());
        let ty = parts.when(Rule::type_expr).map(|ty| self.type_expr(ty));
        Let { doc, name, ty, value: self.expr(parts.must()), span }
    }

    fn function(&mut self, pair: Pair, doc: Option<String>, span: Span) -> Function {
        let mut parts = Parts::of(pair);
        let name = self.name(&parts.must());
        let params = self.parameters(parts.must());
        let result = self.type_expr(parts.must());
        let body = parts.must();
        let (lets, body) = if body.as_rule() == Rule::function_body {
            let mut parts = Parts::of(body);
            let mut lets = Vec::new();
            while let Some(binding) = parts.when(Rule::let_binding) {
                lets.push(self.let_binding(binding));
            }
            (lets, self.expr(parts.must()))
        } else {
            (Vec::new(), self.expr(body))
        };
        Function { doc, name, params, result, lets, body, span }
    }

    fn parameters(&mut self, pair: Pair) -> Vec<Parameter> {
        Parts::of(pair)
            .map(|parameter| {
                let span = self.span(&parameter);
                let mut parts = Parts::of(parameter);
                let name = self.name(&parts.must());
                let ty = self.type_expr(parts.must());
                Parameter { name, ty, default: parts.next().map(|value| self.expr(value)), span }
            })
            .collect()
    }

    fn schema(&mut self, pair: Pair, doc: Option<String>, span: Span) -> Schema {
        let mut parts = Parts::of(pair);
        let name = self.name(&parts.must());
        let mut fields = Vec::new();
        let mut requirements = Vec::new();
        for part in parts {
            if part.as_rule() == Rule::field {
                let span = self.span(&part);
                fields.push(self.field(part, span));
            } else {
                requirements.extend(self.requirement(part));
            }
        }
        Schema { doc, name, fields, requirements, span }
    }

    fn requirement(&mut self, pair: Pair) -> Option<Requirement> {
        let span = self.span(&pair);
        Some(match pair.as_rule() {
            Rule::check => Requirement::Check(self.check(pair, span)),
            Rule::let_binding => Requirement::Let(self.let_binding(pair)),
            Rule::if_checks => {
                let parts: Vec<Pair> = Parts::of(pair).collect();
                Requirement::If(self.branches(parts, span, Self::requirements, Requirement::If)?)
            }
            Rule::for_checks => {
                let mut parts = Parts::of(pair);
                let ForHead { key, variable, iterable, filter } = self.for_head(parts.must());
                Requirement::For(For { key, variable, iterable, filter, each: self.requirements(parts.must()), span })
            }
            rule => unexpected(rule, "a schema"),
        })
    }

    pub(super) fn requirements(&mut self, pair: Pair) -> Vec<Requirement> {
        let span = self.span(&pair);
        let requirements = |this: &mut Self| Parts::of(pair).filter_map(|part| this.requirement(part)).collect();
        self.deeper(1, span, requirements).unwrap_or_default()
    }

    fn field(&mut self, pair: Pair, span: Span) -> FieldDecl {
        let doc = self.doc(&pair);
        let mut parts = Parts::of(pair);
        let attributes = self.attributes(&mut parts);
        let name = self.name(&parts.must());
        let ty = self.type_expr(parts.must());
        FieldDecl { doc, attributes, name, ty, default: parts.next().map(|value| self.expr(value)), span }
    }

    fn check(&mut self, pair: Pair, span: Span) -> Check {
        let mut parts = Parts::of(pair);
        let demand = if parts.when(Rule::kw_warn).is_some() { Demand::Should } else { Demand::Must };
        let condition = self.expr(parts.must());
        Check { demand, condition, message: self.expr(parts.must()), span }
    }

    /// A record as types and declarations write it.
    pub(super) fn record_type(&mut self, pair: Pair) -> RecordType {
        let span = self.span(&pair);
        let mut fields = Vec::new();
        let mut open = false;
        for part in Parts::of(pair) {
            if part.as_rule() == Rule::other_fields {
                open = true;
            } else {
                fields.push(self.record_field(part));
            }
        }
        RecordType { fields, open, span }
    }

    fn record_field(&mut self, pair: Pair) -> RecordField {
        let span = self.span(&pair);
        let doc = self.doc(&pair);
        let mut parts = Parts::of(pair);
        let attributes = self.attributes(&mut parts);
        let name = parts.must();
        let name = if name.as_rule() == Rule::name {
            self.name(&name)
        } else {
            let span = self.span(&name);
            Name { text: self.constant(name, "the name of a field"), span }
        };
        RecordField { doc, attributes, name, ty: self.type_expr(parts.must()), span }
    }

    pub(super) fn attributes(&mut self, parts: &mut Parts) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        while let Some(attribute) = parts.when(Rule::attribute) {
            let span = self.span(&attribute);
            let mut parts = Parts::of(attribute);
            let name = self.name(&parts.must());
            let arguments = parts.next().map(|call| self.positional(call)).unwrap_or_default();
            attributes.push(Attribute { name, arguments, span });
        }
        attributes
    }

    fn object(&mut self, pair: Pair, doc: Option<String>, span: Span) -> Item {
        let mut parts = Parts::of(pair);
        let attributes = self.attributes(&mut parts);
        let object = parts.must();
        let rule = object.as_rule();
        let mut parts = Parts::of(object);
        if rule == Rule::kind {
            let api_version = self.name(&parts.must());
            let name = self.name(&parts.must());
            let record = self.record_type(parts.must());
            Item::Kind(ApiRecord { doc, attributes, api_version, name, record, span })
        } else if rule == Rule::api_type {
            let mut named = Parts::of(parts.must());
            let api_version = self.name(&named.must());
            let name = self.name(&named.must());
            let record = self.record_type(parts.must());
            Item::ApiType(ApiRecord { doc, attributes, api_version, name, record, span })
        } else if rule == Rule::resource {
            let open = parts.when(Rule::kw_open).is_some();
            let api_version = self.name(&parts.must());
            let kind = self.name(&parts.must());
            let label = self.label(parts.must());
            let body = self.block(parts.must());
            Item::Resource(Resource { doc, attributes, open, api_version, kind, label, body, span })
        } else {
            let component = self.dotted(parts.must());
            let label = self.label(parts.must());
            let name = if parts.rule() == Some(Rule::block) { None } else { Some(self.expr(parts.must())) };
            let body = self.block(parts.must());
            Item::Instance(Instance { doc, attributes, component, label, name, body, span })
        }
    }

    fn label(&mut self, pair: Pair) -> LabelName {
        if pair.as_rule() == Rule::name {
            LabelName::Name(self.name(&pair))
        } else {
            LabelName::Computed(self.string(pair))
        }
    }

    fn external(&mut self, pair: Pair, span: Span) -> External {
        let mut parts = Parts::of(pair);
        let api_version = parts.when(Rule::api_version).map(|version| self.name(&version));
        let kind = self.name(&parts.must());
        External { api_version, kind, names: parts.map(|label| self.label(label)).collect(), span }
    }

    /// The variables, the values and the condition of a `for`.
    pub(super) fn for_head(&mut self, pair: Pair) -> ForHead {
        let mut parts = Parts::of(pair);
        let first = self.name(&parts.must());
        let second = parts.when(Rule::name).map(|name| self.name(&name));
        let (key, variable) = match second {
            Some(second) => (Some(first), second),
            None => (None, first),
        };
        let iterable = self.expr(parts.must());
        let filter = parts.next().map(|filter| self.expr(Parts::of(filter).must()));
        ForHead { key, variable, iterable, filter }
    }

    fn if_items(&mut self, pair: Pair, span: Span) -> Option<If<Item>> {
        let parts: Vec<Pair> = Parts::of(pair).collect();
        self.branches(parts, span, Self::item_list, Item::If)
    }

    /// `if`, `else if` and `else` as they follow one another, folded from the end.
    pub(super) fn branches<T>(
        &mut self,
        mut parts: Vec<Pair>,
        span: Span,
        body: impl Fn(&mut Self, Pair) -> Vec<T>,
        wrap: impl Fn(If<T>) -> T,
    ) -> Option<If<T>> {
        self.deeper(parts.len() / 2, span, |this| {
            let end = span.end();
            let mut otherwise = if parts.len() % 2 == 1 { parts.pop().map(|last| body(this, last)) } else { None };
            while parts.len() > 2 {
                let branch = this.branch(&mut parts, end, otherwise.take().unwrap_or_default(), &body);
                otherwise = Some(vec![wrap(branch)]);
            }
            let first = this.branch(&mut parts, end, otherwise.unwrap_or_default(), &body);
            If { span, ..first }
        })
    }

    fn branch<T>(
        &mut self,
        parts: &mut Vec<Pair>,
        end: usize,
        otherwise: Vec<T>,
        body: &impl Fn(&mut Self, Pair) -> Vec<T>,
    ) -> If<T> {
        let then = parts.pop().map(|then| body(self, then)).unwrap_or_default();
        let condition = self.expr(parts.pop().expect("a condition stands before each branch"));
        let span = Span::new(self.id, condition.span.start(), end);
        If { condition, then, otherwise, span }
    }
}
