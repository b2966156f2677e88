//! Entries of a block whose type is known.

use super::coverage::{Certainty, Coverage};
use super::cx::Cx;
use super::expr::Wanted;
use super::ty::{Type, fits, fits_exactly};
use super::{Checker, errors};
use crate::core::{self, Body, Container, Layer};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{self, Entry};

/// Where entries stand.
#[derive(Clone)]
pub struct Standing {
    pub layer: Layer,
    pub certainty: Certainty,
    /// The keys that lead here from the outermost block, for what is covered.
    pub prefix: Vec<Box<str>>,
    /// Whether `override` may stand here; it is looked at elsewhere.
    pub overrides: bool,
    /// Whether there is a lower layer even outside any `when`: in an `override` there is.
    pub below: bool,
}

impl Standing {
    pub fn outermost() -> Standing {
        Standing {
            layer: Layer::Base,
            certainty: Certainty::Always,
            prefix: Vec::new(),
            overrides: false,
            below: false,
        }
    }

    pub fn maybe(&self) -> Standing {
        Standing { certainty: Certainty::Maybe, ..self.clone() }
    }

    pub(super) fn path(&self, names: &[Box<str>]) -> Vec<Box<str>> {
        self.prefix.iter().chain(names).cloned().collect()
    }
}

impl<'a> Checker<'a> {
    /// The entries of a block that fill a value of the wanted type.
    pub(super) fn body(
        &mut self,
        cx: &mut Cx<'a>,
        entries: &'a [Entry],
        holder: &Wanted,
        covered: &mut Coverage,
        standing: &Standing,
    ) -> Body {
        let outer = std::mem::replace(&mut cx.constant, true);
        cx.push();
        let entries = self.entries(cx, entries, holder, covered, standing);
        cx.pop();
        let constant = std::mem::replace(&mut cx.constant, outer);
        cx.constant &= constant;
        let layered = entries.iter().any(is_layered);
        Body { entries: entries.into(), layered, constant: constant && !layered }
    }

    pub(super) fn entries(
        &mut self,
        cx: &mut Cx<'a>,
        entries: &'a [Entry],
        holder: &Wanted,
        covered: &mut Coverage,
        standing: &Standing,
    ) -> Vec<core::Entry> {
        let mut checked = Vec::with_capacity(entries.len());
        let displaced = self.displaced(entries, &holder.ty, covered, standing);
        for (at, entry) in entries.iter().enumerate() {
            if displaced.get(at) == Some(&true) {
                continue;
            }
            self.entry(cx, entry, holder, covered, standing, &mut checked);
        }
        checked
    }

    fn entry(
        &mut self,
        cx: &mut Cx<'a>,
        entry: &'a Entry,
        holder: &Wanted,
        covered: &mut Coverage,
        standing: &Standing,
        checked: &mut Vec<core::Entry>,
    ) {
        match entry {
            Entry::Set { path, value } => checked.extend(self.set(cx, path, value, holder, covered, standing)),
            Entry::Open { path, block } => {
                let Some(walked) = self.walk(cx, holder, path) else {
                    covered.stray(&standing.path(&written(path)));
                    return;
                };
                let names = standing.path(&walked.names);
                let ty = walked.wanted.ty.present();
                let Some(inside) = ty.alternatives().iter().find(|ty| ty.has_inside()).cloned() else {
                    self.report_no_block(&walked.wanted, block.span, path);
                    return;
                };
                let certainty =
                    if walked.names.iter().any(|name| name.is_empty()) { Certainty::Maybe } else { standing.certainty };
                covered.open(&names, certainty, path.span);
                let container = self.container(&inside);
                let inner = Standing { prefix: names, overrides: false, ..standing.clone() };
                let body = self.body(cx, &block.entries, &walked.wanted.part(inside), covered, &inner);
                let place = self.place(path.span, standing.layer);
                checked.push(core::Entry::Open { path: walked.steps.into(), body, container, place });
            }
            Entry::Unset { path, span: _ } => {
                let Some(walked) = self.walk(cx, holder, path) else { return };
                let place = self.place(path.span, standing.layer);
                if standing.layer == Layer::Base && !standing.below {
                    let message = "there is no lower layer here whose setting could be removed";
                    let help = "`unset` stands in a `when` block or in an `override`".to_string();
                    self.sink.report(Diagnostic::error(Code::NothingThere, message, path.span).help(help));
                }
                checked.push(core::Entry::Unset { path: walked.steps.into(), place });
            }
            Entry::Spread { value, span } => {
                let value = self.spread(cx, value, holder);
                covered.spread(&standing.prefix, *span);
                let place = self.place(*span, standing.layer);
                checked.push(core::Entry::Spread { value, place });
            }
            Entry::Let(declared) => {
                let (value, ty) = self.inner_let(cx, declared);
                let slot = cx.variable(&declared.name, ty);
                checked.push(core::Entry::Let { slot, value });
            }
            Entry::When(when) => self.when_entry(cx, when, holder, covered, standing, checked),
            Entry::If(branch) => {
                let (condition, facts) = self.condition(cx, &branch.condition);
                let inner = standing.maybe();
                let then =
                    self.under(cx, facts.when_true, |this, cx| this.entries(cx, &branch.then, holder, covered, &inner));
                let otherwise = self.under(cx, facts.when_false, |this, cx| {
                    this.entries(cx, &branch.otherwise, holder, covered, &inner)
                });
                checked.push(core::Entry::If { condition, then: then.into(), otherwise: otherwise.into() });
            }
            Entry::For(each) => {
                cx.push();
                let (key, variable, iterable, filter) = self.for_head(cx, each);
                let entries = self.entries(cx, &each.each, holder, covered, &standing.maybe());
                cx.pop();
                checked.push(core::Entry::For { key, variable, iterable, filter, each: entries.into() });
            }
            Entry::Override { span, path, .. } => {
                if !standing.overrides {
                    let message = "an `override` stands in the body of an instance, not deeper";
                    let head = Span::new(span.file, span.start(), path.span.end());
                    self.sink.report(Diagnostic::error(Code::Misplaced, message, head));
                }
            }
        }
    }

    fn set(
        &mut self,
        cx: &mut Cx<'a>,
        path: &'a ast::Path,
        value: &'a ast::Expr,
        holder: &Wanted,
        covered: &mut Coverage,
        standing: &Standing,
    ) -> Option<core::Entry> {
        let Some(walked) = self.walk(cx, holder, path) else {
            covered.stray(&standing.path(&written(path)));
            // Still looks at the value, for what is wrong inside it.
            if !matches!(value.kind, ast::ExprKind::Name(_) | ast::ExprKind::Block(_) | ast::ExprKind::Unit(_)) {
                self.infer(cx, value);
            }
            return None;
        };
        let wanted = match walked.optional {
            true => walked.wanted.part(walked.wanted.ty.clone().optional()),
            false => walked.wanted.clone(),
        };
        let (value, found) = self.check_typed(cx, value, &wanted);
        let computed = walked.names.iter().any(|name| name.is_empty());
        let certainty = if found.is_optional() || computed { Certainty::Maybe } else { standing.certainty };
        let names = standing.path(&walked.names);
        if let Some(first) =
            covered.set(&names, certainty, path.span).filter(|_| standing.certainty == Certainty::Always)
        {
            let text = self.files.text(path.span).to_string();
            self.sink.report(errors::duplicate_field(&text, path.span, first));
        }
        let place = self.place(path.span, standing.layer);
        Some(core::Entry::Set { path: walked.steps.into(), value, place })
    }

    fn report_no_block(&mut self, wanted: &Wanted, at: Span, path: &ast::Path) {
        if wanted.ty == Type::Error {
            return;
        }
        let expected = self.describe(&wanted.ty.present());
        let mut diagnostic = errors::mismatch("a block", &expected, at, wanted.by.as_ref());
        if matches!(wanted.ty.present(), Type::List(_)) {
            let text = self.files.text(path.span);
            diagnostic = diagnostic.help(format!("this list has no keys: `{text} = [ … ]`"));
        }
        self.sink.report(diagnostic);
    }

    pub(super) fn container(&mut self, ty: &Type) -> Container {
        match ty {
            Type::Keyed { label, .. } => Container::Keyed(self.sym(&label.clone())),
            _ => Container::Map,
        }
    }

    fn when_entry(
        &mut self,
        cx: &mut Cx<'a>,
        when: &'a ast::When<Entry>,
        holder: &Wanted,
        covered: &mut Coverage,
        standing: &Standing,
        checked: &mut Vec<core::Entry>,
    ) {
        let head = when
            .environments
            .last()
            .map_or(when.span, |last| Span::new(when.span.file, when.span.start(), last.span.end()));
        if let Some(outer) = cx.when {
            let message = "a `when` cannot stand in another";
            let diagnostic = Diagnostic::error(Code::Misplaced, message, head).also(outer, "it stands in this one");
            self.sink.report(diagnostic.help("name a group that holds what both mean".to_string()));
            return;
        }
        let (environments, layer) = self.when(&when.environments);
        self.program.conditions.push(core::Condition { environments: environments.clone(), layer, span: head });
        cx.when = Some(head);
        let inner = Standing { layer, ..standing.maybe() };
        cx.push();
        let entries = self.entries(cx, &when.then, holder, covered, &inner);
        cx.pop();
        cx.when = None;
        checked.push(core::Entry::When { environments, layer, entries: entries.into() });
    }

    /// The variables and the iterable of a `for`, in a scope that the caller opened.
    pub(super) fn for_head<T>(
        &mut self,
        cx: &mut Cx<'a>,
        each: &'a ast::For<T>,
    ) -> (Option<core::Slot>, core::Slot, core::Expr, Option<core::Expr>) {
        let (iterable, ty) = self.infer(cx, &each.iterable);
        if ty.is_optional() {
            self.report_optional(&each.iterable, &ty);
        }
        let (key_type, element) = match ty.present() {
            Type::List(element) => (Type::Int, (*element).clone()),
            Type::Map(value) => (Type::String, (*value).clone()),
            Type::Keyed { item, .. } => (Type::String, Type::Definition(item)),
            Type::Block(block) => {
                let types: Vec<Type> =
                    block.fields.iter().map(|(_, ty)| ty.present()).chain(block.rest.clone()).collect();
                (Type::String, Type::union(types))
            }
            Type::Error | Type::Nothing => (Type::Error, Type::Error),
            Type::Any => (Type::String, Type::Any),
            other => {
                let message = format!("`for` walks a list or a map, found {}", self.describe(&other));
                self.sink.report(Diagnostic::error(Code::TypeMismatch, message, each.iterable.span));
                (Type::Error, Type::Error)
            }
        };
        cx.constant = false;
        let key = each.key.as_ref().map(|name| cx.variable(name, key_type));
        let variable = cx.variable(&each.variable, element);
        let filter = each.filter.as_ref().map(|filter| {
            let (condition, facts) = self.condition(cx, filter);
            cx.assume(facts.when_true);
            condition
        });
        (key, variable, iterable, filter)
    }

    /// The value of a spread, which must bring entries that the block could set.
    fn spread(&mut self, cx: &mut Cx<'a>, expr: &'a ast::Expr, holder: &Wanted) -> core::Expr {
        let target = holder.ty.present();
        let (value, found) = match (&expr.kind, &target) {
            // Blocks and conditions in a spread are typed by what they are spread into.
            (ast::ExprKind::If { .. } | ast::ExprKind::Match { .. }, Type::Map(_) | Type::Keyed { .. }) => {
                let wanted = holder.part(target.clone().optional());
                return self.check(cx, expr, &wanted);
            }
            _ => self.infer(cx, expr),
        };
        let found = found.present();
        if self.spreads(&found, &target) {
            // What is spread into an item has a label of its own there.
            let Some(label) = &holder.label else { return value };
            let conversion = core::Conversion::Unlabelled(self.sym(&label.clone()));
            return core::Expr::Convert { value: Box::new(value), conversion, span: expr.span };
        }
        let message = format!("{} cannot be spread into {}", self.describe(&found), self.describe(&target));
        let mut diagnostic = Diagnostic::error(Code::TypeMismatch, message, expr.span);
        if let (Type::Block(block), Type::Schema(_) | Type::Definition(_)) = (&found, &target) {
            let wrong = block.fields.iter().find(|(name, ty)| !self.field_spreads(&target, name, ty));
            if let Some((name, ty)) = wrong.cloned() {
                let wants = self.field_type(&target, &name);
                diagnostic = match wants {
                    Type::Error => diagnostic.note(format!("{} has no field `{name}`", self.describe(&target))),
                    wants => diagnostic.note(format!(
                        "`{name}` is {} there, and {} here",
                        self.describe(&wants),
                        self.describe(&ty)
                    )),
                };
            }
        }
        self.sink.report(diagnostic);
        super::broken()
    }

    fn spreads(&mut self, found: &Type, target: &Type) -> bool {
        match (found, target) {
            (Type::Error | Type::Nothing, _) | (_, Type::Error) => true,
            (found, Type::Any) => found.has_inside(),
            (Type::Block(block), Type::Schema(_) | Type::Definition(_)) => {
                let block = block.clone();
                block.rest.is_none() && block.fields.iter().all(|(name, ty)| self.field_spreads(target, name, ty))
            }
            (Type::Keyed { item, .. }, Type::Keyed { item: wanted, .. }) => {
                item == wanted || **item == *crate::schema::whole(wanted)
            }
            (found, target) => fits(found, target),
        }
    }

    fn field_spreads(&mut self, target: &Type, name: &str, ty: &Type) -> bool {
        let wants = match target {
            Type::Definition(definition) => self.api_field(definition, name).map(|field| field.ty),
            _ => match self.field_type(target, name) {
                Type::Error => None,
                ty => Some(ty),
            },
        };
        wants.is_some_and(|wants| self.fits_deep(&ty.present(), &wants.present()))
    }

    /// Whether a block without a type is, as it stands, a value of a record type.
    pub(super) fn fits_deep(&mut self, found: &Type, wanted: &Type) -> bool {
        match (found, wanted) {
            (Type::Block(block), Type::Definition(_)) => {
                let block = block.clone();
                block.rest.is_none() && block.fields.iter().all(|(name, ty)| self.field_spreads(wanted, name, ty))
            }
            (Type::Block(_), Type::Keyed { .. } | Type::Schema(_)) => false,
            (found, wanted) => fits_exactly(found, wanted),
        }
    }
}

/// The names of a path as it is written, up to the first that is computed.
pub(super) fn written(path: &ast::Path) -> Vec<Box<str>> {
    let name = |segment: &ast::Segment| match segment {
        ast::Segment::Name(name) => Some(name.text.clone()),
        ast::Segment::Computed(expr) => super::plain_string(expr).map(Into::into),
    };
    path.segments.iter().map_while(name).collect()
}

/// Whether an entry has something to do in later passes.
pub fn is_layered(entry: &core::Entry) -> bool {
    match entry {
        core::Entry::When { .. } => true,
        core::Entry::Open { body, .. } => body.layered,
        core::Entry::If { then, otherwise, .. } => then.iter().chain(otherwise.iter()).any(is_layered),
        core::Entry::For { each, .. } => each.iter().any(is_layered),
        core::Entry::Set { .. } | core::Entry::Unset { .. } | core::Entry::Spread { .. } | core::Entry::Let { .. } => {
            false
        }
    }
}
