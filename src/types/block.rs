//! Blocks and lists as values.

use super::coverage::{Certainty, Coverage};
use super::cx::Cx;
use super::entries::Standing;
use super::expr::Wanted;
use super::ty::{BlockType, Type};
use super::{Checker, plain_string};
use crate::core::{self, Body, Container, Element, Expr, Key, Layer, Shape, Step};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{self, Entry, Segment};
use std::rc::Rc;

impl<'a> Checker<'a> {
    /// A block where a type is wanted that has entries.
    pub(super) fn check_block(&mut self, cx: &mut Cx<'a>, block: &'a ast::Block, wanted: &Wanted) -> Expr {
        let mut covered = Coverage::default();
        let when = cx.when.take();
        let body = self.body(cx, &block.entries, wanted, &mut covered, &Standing::outermost());
        cx.when = when;
        if let Some(label) = &wanted.label {
            covered.open(&[(**label).into()], Certainty::Always, block.span);
        }
        self.require(&wanted.ty, &covered, opening(block.span), true);
        let shape = self.shape(&wanted.ty);
        if shape != Shape::Plain {
            cx.constant = false;
        }
        if let (Type::Schema(id), Some(node)) = (&wanted.ty, cx.node) {
            self.graph.needs(node, super::Node::Schema(*id));
        }
        let container = self.container(&wanted.ty);
        Expr::Record { body, container, shape, span: block.span }
    }

    /// A block where nothing says what it is.
    pub(super) fn infer_block(&mut self, cx: &mut Cx<'a>, block: &'a ast::Block) -> (Expr, Type) {
        let mut ty = BlockType::default();
        let body = self.infer_body(cx, &block.entries, &mut ty, false);
        let record = Expr::Record { body, container: Container::Map, shape: Shape::Plain, span: block.span };
        let ty = match ty {
            BlockType { fields, rest: Some(rest) } if fields.is_empty() => rest.map(),
            ty => Type::Block(Rc::new(ty)),
        };
        (record, ty)
    }

    fn infer_body(&mut self, cx: &mut Cx<'a>, entries: &'a [Entry], ty: &mut BlockType, conditional: bool) -> Body {
        let outer = std::mem::replace(&mut cx.constant, true);
        cx.push();
        let entries = self.infer_entries(cx, entries, ty, conditional);
        cx.pop();
        let constant = std::mem::replace(&mut cx.constant, outer);
        cx.constant &= constant;
        Body { entries: entries.into(), layered: false, constant }
    }

    fn infer_entries(
        &mut self,
        cx: &mut Cx<'a>,
        entries: &'a [Entry],
        ty: &mut BlockType,
        conditional: bool,
    ) -> Vec<core::Entry> {
        entries.iter().filter_map(|entry| self.infer_entry(cx, entry, ty, conditional)).collect()
    }

    fn infer_entry(
        &mut self,
        cx: &mut Cx<'a>,
        entry: &'a Entry,
        ty: &mut BlockType,
        conditional: bool,
    ) -> Option<core::Entry> {
        match entry {
            Entry::Set { path, value } => {
                let (value, found) = self.infer(cx, value);
                let (steps, names) = self.untyped_path(cx, path);
                add(ty, &names, found, conditional);
                let place = self.place(path.span, Layer::Base);
                Some(core::Entry::Set { path: steps.into(), value, place })
            }
            Entry::Open { path, block } => {
                let (steps, names) = self.untyped_path(cx, path);
                let mut inner = BlockType::default();
                let body = self.infer_body(cx, &block.entries, &mut inner, conditional);
                add(ty, &names, Type::Block(Rc::new(inner)), conditional);
                let place = self.place(path.span, Layer::Base);
                Some(core::Entry::Open { path: steps.into(), body, container: Container::Map, place })
            }
            Entry::Spread { value, span } => {
                let (checked, found) = self.infer(cx, value);
                self.spread_into(ty, &found, value.span, conditional);
                let place = self.place(*span, Layer::Base);
                Some(core::Entry::Spread { value: checked, place })
            }
            Entry::Let(declared) => {
                let (value, found) = self.inner_let(cx, declared);
                Some(core::Entry::Let { slot: cx.variable(&declared.name, found), value })
            }
            Entry::If(branch) => {
                let (condition, facts) = self.condition(cx, &branch.condition);
                let then = self.under(cx, facts.when_true, |this, cx| this.infer_entries(cx, &branch.then, ty, true));
                let otherwise =
                    self.under(cx, facts.when_false, |this, cx| this.infer_entries(cx, &branch.otherwise, ty, true));
                Some(core::Entry::If { condition, then: then.into(), otherwise: otherwise.into() })
            }
            Entry::For(each) => {
                cx.push();
                let (key, variable, iterable, filter) = self.for_head(cx, each);
                let entries = self.infer_entries(cx, &each.each, ty, true);
                cx.pop();
                Some(core::Entry::For { key, variable, iterable, filter, each: entries.into() })
            }
            Entry::Unset { span, .. } | Entry::Override { span, .. } => {
                self.report_untyped("this", *span);
                None
            }
            Entry::When(when) => {
                self.report_untyped("a `when`", when.span);
                None
            }
        }
    }

    fn report_untyped(&mut self, what: &str, span: Span) {
        let message = format!("{what} stands in a declaration's body, not in a value without a declared type");
        let help = "layers belong to declarations; a value can ask `environment.name`".to_string();
        self.sink.report(Diagnostic::error(Code::Misplaced, message, span).help(help));
    }

    fn untyped_path(&mut self, cx: &mut Cx<'a>, path: &'a ast::Path) -> (Vec<Step>, Vec<Option<Box<str>>>) {
        let mut steps = Vec::new();
        let mut names = Vec::new();
        for segment in &path.segments {
            let (key, name) = match segment {
                Segment::Name(name) => (Key::Static(self.sym(&name.text)), Some(name.text.clone())),
                Segment::Computed(expr) => match plain_string(expr) {
                    Some(text) => (Key::Static(self.sym(text)), Some(text.into())),
                    None => {
                        let wanted = Wanted::by(Type::String, "a key".to_string(), None);
                        (Key::Computed(Box::new(self.check(cx, expr, &wanted))), None)
                    }
                },
            };
            steps.push(Step { key, container: Container::Map });
            names.push(name);
        }
        (steps, names)
    }

    fn spread_into(&mut self, ty: &mut BlockType, found: &Type, at: Span, conditional: bool) {
        let conditional = conditional || found.is_optional();
        match found.present() {
            Type::Block(block) => {
                for (name, field) in &block.fields {
                    add(ty, &[Some(name.clone())], field.clone(), conditional);
                }
                if let Some(rest) = &block.rest {
                    add(ty, &[None], rest.clone(), true);
                }
            }
            Type::Map(value) => add(ty, &[None], (*value).clone(), true),
            Type::Schema(id) => {
                for (name, field) in self.schema_fields(id).iter() {
                    let name = self.program.name(*name).into();
                    add(ty, &[Some(name)], field.clone(), conditional);
                }
            }
            Type::Error | Type::Nothing => {}
            Type::Any | Type::Definition(_) => add(ty, &[None], Type::Any, true),
            other => {
                let message = format!("{} has no entries to spread", self.describe(&other));
                self.sink.report(Diagnostic::error(Code::TypeMismatch, message, at));
            }
        }
    }

    /// A list where a list is wanted.
    pub(super) fn check_list(
        &mut self,
        cx: &mut Cx<'a>,
        elements: &'a [ast::Element],
        wanted: &Wanted,
        span: Span,
    ) -> Expr {
        let element = match &wanted.ty {
            Type::List(element) => wanted.part((**element).clone()),
            Type::Keyed { item, .. } => wanted.part(Type::Definition(item.clone())),
            _ => wanted.part(Type::Error),
        };
        let elements = elements.iter().map(|one| self.element(cx, one, Some(&element), &mut Vec::new())).collect();
        let list = Expr::List(elements);
        match &wanted.ty {
            Type::Keyed { label, unique, .. } => {
                let conversion = core::Conversion::Keyed { field: self.sym(&label.clone()), unique: *unique };
                Expr::Convert { value: Box::new(list), conversion, span }
            }
            _ => list,
        }
    }

    /// A list where nothing says what it holds.
    pub(super) fn infer_list(&mut self, cx: &mut Cx<'a>, elements: &'a [ast::Element]) -> (Expr, Type) {
        let mut types = Vec::new();
        let elements = elements.iter().map(|one| self.element(cx, one, None, &mut types)).collect();
        let types = types.into_iter().map(|ty| match ty {
            Type::Literal(core::Const::Int(_)) => Type::Int,
            Type::Literal(core::Const::String(_)) => Type::String,
            other => other.present(),
        });
        let element = types.reduce(|left, right| self.join(left, right)).unwrap_or(Type::Nothing);
        (Expr::List(elements), element.list())
    }

    fn element(
        &mut self,
        cx: &mut Cx<'a>,
        element: &'a ast::Element,
        wanted: Option<&Wanted>,
        types: &mut Vec<Type>,
    ) -> Element {
        match element {
            ast::Element::Value(expr) => match wanted {
                // What is absent is left out.
                Some(wanted) => Element::Value(self.check(cx, expr, &wanted.part(wanted.ty.clone().optional()))),
                None => {
                    let (value, ty) = self.infer(cx, expr);
                    types.push(ty);
                    Element::Value(value)
                }
            },
            ast::Element::Spread(expr) => match wanted {
                Some(wanted) => {
                    Element::Spread(self.check(cx, expr, &wanted.part(wanted.ty.clone().list().optional())))
                }
                None => Element::Spread(self.spread_list(cx, expr, types)),
            },
            ast::Element::For(each) => {
                cx.push();
                let (key, variable, iterable, filter) = self.for_head(cx, each);
                let elements = each.each.iter().map(|one| self.element(cx, one, wanted, types)).collect();
                cx.pop();
                Element::For { key, variable, iterable, filter, each: elements }
            }
            ast::Element::If(branch) => {
                let (condition, facts) = self.condition(cx, &branch.condition);
                let then = self.under(cx, facts.when_true, |this, cx| {
                    branch.then.iter().map(|one| this.element(cx, one, wanted, types)).collect()
                });
                Element::If { condition, then }
            }
        }
    }

    fn spread_list(&mut self, cx: &mut Cx<'a>, expr: &'a ast::Expr, types: &mut Vec<Type>) -> Expr {
        let (value, ty) = self.infer(cx, expr);
        match ty.present() {
            Type::List(element) => types.push((*element).clone()),
            Type::Error | Type::Nothing => {}
            other => {
                let message = format!("{} cannot be spread into a list", self.describe(&other));
                self.sink.report(Diagnostic::error(Code::TypeMismatch, message, expr.span));
                return super::broken();
            }
        }
        value
    }
}

/// Adds an entry to the type of a block; `None` in a path is a computed key.
fn add(ty: &mut BlockType, path: &[Option<Box<str>>], found: Type, conditional: bool) {
    match path {
        [] => {}
        [None, rest @ ..] => {
            let inner = nested(rest, found, conditional);
            let known = ty.rest.take();
            ty.rest = Some(match known {
                Some(known) if known == inner => known,
                Some(known) => Type::union([known, inner]),
                None => inner.present(),
            });
        }
        [Some(name), rest @ ..] => {
            let at = ty.fields.iter().position(|(known, _)| known == name);
            let mut inner = match (at, rest) {
                (Some(at), [_, ..]) => match ty.fields[at].1.present() {
                    Type::Block(block) => {
                        let mut block = (*block).clone();
                        add(&mut block, rest, found, conditional);
                        Type::Block(Rc::new(block))
                    }
                    _ => nested(rest, found, conditional),
                },
                _ => nested(rest, found, conditional),
            };
            if conditional {
                inner = match at.map(|at| &ty.fields[at].1) {
                    Some(known) if !known.is_optional() => inner,
                    _ => inner.optional(),
                };
            }
            match at {
                Some(at) if rest.is_empty() && ty.fields[at].1 != inner => {
                    let optional = ty.fields[at].1.is_optional() && inner.is_optional();
                    let both = Type::union([ty.fields[at].1.present(), inner.present()]);
                    ty.fields[at].1 = if optional { both.optional() } else { both };
                }
                Some(at) => ty.fields[at].1 = inner,
                None => ty.fields.push((name.clone(), inner)),
            }
        }
    }
}

fn nested(rest: &[Option<Box<str>>], found: Type, conditional: bool) -> Type {
    if rest.is_empty() {
        return found;
    }
    let mut block = BlockType::default();
    add(&mut block, rest, found, conditional);
    Type::Block(Rc::new(block))
}

/// The brace that opens a block: the narrowest place for what is missing inside.
fn opening(block: Span) -> Span {
    Span::new(block.file, block.start(), (block.start() + 1).min(block.end()))
}
