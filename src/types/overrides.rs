//! Overrides: settings in the objects that an instance's component makes.

use super::Checker;
use super::coverage::Coverage;
use super::cx::Cx;
use super::entries::Standing;
use super::expr::Wanted;
use super::labels::Labelled;
use super::ty::Type;
use crate::core::{self, Body, ComponentId, Layer, Route};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::source::Span;
use crate::syntax::ast::{self, Entry, Segment};

/// What stands around an override in the instance's body, outermost first.
#[derive(Clone, Copy)]
enum Around<'a> {
    When(&'a ast::When<Entry>),
    Then(&'a ast::If<Entry>),
    Otherwise(&'a ast::If<Entry>),
    For(&'a ast::For<Entry>),
    Let(&'a ast::Let),
}

/// The object that an override reaches.
struct Reached {
    routes: Vec<Route>,
    definitions: Vec<Option<Box<str>>>,
    span: Span,
}

impl<'a> Checker<'a> {
    /// The overrides in an instance's body, in source order.
    pub(super) fn overrides(
        &mut self,
        cx: &mut Cx<'a>,
        entries: &'a [Entry],
        component: ComponentId,
    ) -> Vec<core::Override> {
        let mut found = Vec::new();
        collect(entries, &mut Vec::new(), &mut found);
        found
            .into_iter()
            .filter_map(|(path, block, around)| self.one_override(cx, path, block, &around, component))
            .collect()
    }

    fn one_override(
        &mut self,
        cx: &mut Cx<'a>,
        path: &'a ast::Path,
        block: &'a ast::Block,
        around: &[Around<'a>],
        component: ComponentId,
    ) -> Option<core::Override> {
        let reached = self.reach(path, component)?;
        let mut first: Option<(Body, bool, Diagnostics)> = None;
        // An object that is of one kind or another takes what either takes.
        for definition in &reached.definitions {
            let outer = std::mem::take(self.sink);
            let (body, verify) = self.override_body(cx, block, around, definition.as_deref());
            let said = std::mem::replace(self.sink, outer);
            let sound = !said.has_errors();
            if sound || first.is_none() {
                first = Some((body, verify, said));
            }
            if sound {
                break;
            }
        }
        let (body, verify, said) = first?;
        self.sink.extend(said);
        let Reached { routes, span, .. } = reached;
        Some(core::Override { routes, body, verify, span })
    }

    fn override_body(
        &mut self,
        cx: &mut Cx<'a>,
        block: &'a ast::Block,
        around: &[Around<'a>],
        definition: Option<&str>,
    ) -> (Body, bool) {
        let ty = definition.map_or(Type::Any, |definition| Type::Definition(definition.into()));
        let wanted = Wanted::new(ty.clone());
        let mut covered = Coverage::default();
        let outer = (std::mem::replace(&mut cx.constant, true), cx.when.take());
        let entries = self.wrapped(cx, block, around, &wanted, &mut covered, Layer::Base);
        (cx.constant, cx.when) = outer;
        let layered =
            around.iter().any(|one| matches!(one, Around::When(_))) || entries.iter().any(super::entries::is_layered);
        let verify = covered.reaches_items();
        (Body { entries: entries.into(), layered, constant: false }, verify)
    }

    /// The block's entries inside what stands around the override.
    fn wrapped(
        &mut self,
        cx: &mut Cx<'a>,
        block: &'a ast::Block,
        around: &[Around<'a>],
        wanted: &Wanted,
        covered: &mut Coverage,
        layer: Layer,
    ) -> Vec<core::Entry> {
        let [outermost, rest @ ..] = around else {
            let standing = Standing { layer, below: true, ..Standing::outermost() };
            cx.push();
            let entries = self.entries(cx, &block.entries, wanted, covered, &standing);
            cx.pop();
            return entries;
        };
        match outermost {
            Around::When(when) => {
                let (environments, layer) = self.when(&when.environments);
                cx.when = Some(when.environments[0].span);
                let entries = self.wrapped(cx, block, rest, wanted, covered, layer);
                cx.when = None;
                vec![core::Entry::When { environments, layer, entries: entries.into() }]
            }
            Around::Then(branch) => {
                let (condition, facts) = self.condition(cx, &branch.condition);
                let entries =
                    self.under(cx, facts.when_true, |this, cx| this.wrapped(cx, block, rest, wanted, covered, layer));
                vec![core::Entry::If { condition, then: entries.into(), otherwise: Box::new([]) }]
            }
            Around::Otherwise(branch) => {
                let (condition, facts) = self.condition(cx, &branch.condition);
                let entries =
                    self.under(cx, facts.when_false, |this, cx| this.wrapped(cx, block, rest, wanted, covered, layer));
                vec![core::Entry::If { condition, then: Box::new([]), otherwise: entries.into() }]
            }
            Around::For(each) => {
                cx.push();
                let (key, variable, iterable, filter) = self.for_head(cx, each);
                let entries = self.wrapped(cx, block, rest, wanted, covered, layer);
                cx.pop();
                vec![core::Entry::For { key, variable, iterable, filter, each: entries.into() }]
            }
            Around::Let(declared) => {
                cx.push();
                let (value, ty) = self.inner_let(cx, declared);
                let slot = cx.variable(&declared.name, ty);
                let mut entries = vec![core::Entry::Let { slot, value }];
                entries.extend(self.wrapped(cx, block, rest, wanted, covered, layer));
                cx.pop();
                entries
            }
        }
    }

    /// Follows the labels of an override through components to a resource.
    fn reach(&mut self, path: &'a ast::Path, component: ComponentId) -> Option<Reached> {
        let mut component = component;
        let mut instances: Vec<u32> = Vec::new();
        for (position, segment) in path.segments.iter().enumerate() {
            let name = match segment {
                Segment::Name(name) => name.clone(),
                Segment::Computed(expr) => {
                    let text = super::plain_string(expr).unwrap_or_default();
                    ast::Name { text: text.into(), span: expr.span }
                }
            };
            let last = position + 1 == path.segments.len();
            let labels = self.component_labels(component);
            match (labels.get(&name.text), last) {
                (Some(Labelled::Resource { routes, definitions, .. }), true) => {
                    let routes = routes.iter().map(|route| Route {
                        instances: instances.iter().chain(&route.instances).copied().collect(),
                        resource: route.resource,
                    });
                    let (routes, definitions) = (routes.collect(), definitions.clone());
                    return Some(Reached { routes, definitions, span: name.span });
                }
                (Some(Labelled::Instance { path, component: inner, .. }), false) => {
                    instances.extend(path);
                    component = *inner;
                }
                (Some(Labelled::Resource { .. }), false) => {
                    let message = format!("`{}` is an object: its fields stand in the block", name.text);
                    let help = format!("write `override {} {{ … }}`", name.text);
                    self.sink.report(Diagnostic::error(Code::UnknownName, message, path.span).help(help));
                    return None;
                }
                (Some(Labelled::Instance { component: inner, .. }), true) => {
                    let inner = self.component_labels(*inner);
                    let names = super::errors::listed(inner.names());
                    let message = format!("`{}` is an instance of a component, not an object", name.text);
                    let help = format!("it makes {names}: write `override {}.… {{ … }}`", name.text);
                    self.sink.report(Diagnostic::error(Code::UnknownName, message, name.span).help(help));
                    return None;
                }
                (None, _) => {
                    self.report_nothing_to_override(&name, component);
                    return None;
                }
            }
        }
        None
    }

    fn report_nothing_to_override(&mut self, name: &ast::Name, component: ComponentId) {
        let labels = self.component_labels(component);
        let declared = &self.components[component.0 as usize].declared.name;
        let message = format!("`{}` makes no object `{}`", declared.text, name.text);
        let diagnostic = Diagnostic::error(Code::UnknownName, message, name.span)
            .also(declared.span, format!("`{}` is declared here", declared.text))
            .help(format!("it makes {}", super::errors::listed(labels.names())))
            .suggest(&name.text, name.span, labels.names());
        self.sink.report(diagnostic);
    }
}

type Found<'a> = (&'a ast::Path, &'a ast::Block, Vec<Around<'a>>);

fn collect<'a>(entries: &'a [Entry], around: &mut Vec<Around<'a>>, found: &mut Vec<Found<'a>>) {
    let before = around.len();
    for entry in entries {
        match entry {
            Entry::Override { path, block, .. } => found.push((path, block, around.clone())),
            Entry::When(when) => inside(&when.then, Around::When(when), around, found),
            Entry::If(branch) => {
                inside(&branch.then, Around::Then(branch), around, found);
                inside(&branch.otherwise, Around::Otherwise(branch), around, found);
            }
            Entry::For(each) => inside(&each.each, Around::For(each), around, found),
            // Known to what follows in the same block.
            Entry::Let(declared) => around.push(Around::Let(declared)),
            Entry::Set { .. } | Entry::Open { .. } | Entry::Unset { .. } | Entry::Spread { .. } => {}
        }
    }
    around.truncate(before);
}

fn inside<'a>(entries: &'a [Entry], one: Around<'a>, around: &mut Vec<Around<'a>>, found: &mut Vec<Found<'a>>) {
    around.push(one);
    collect(entries, around, found);
    around.pop();
}
