//! Expressions: what they are, and whether they fit where they stand.

use super::cx::{Cx, Local};
use super::flow::{absent, lacks_else};
use super::members::WantedText;
use super::merges::is_mergeable;
use super::tables::label_problem;
use super::ty::{Type, fits};
use super::{Checker, broken, errors, plain_string};
use crate::core::{Const, Conversion, Expr, Shape, TextPart};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind, StringPart};
use std::rc::Rc;

/// Who wants a type, and where that is declared. Shared, because every part of what is wanted is wanted by the same.
pub type Asker = (Rc<str>, Option<Span>);

/// Alternatives that a list's elements, or branches, have; each is compared with each.
const MOST_ALTERNATIVES: usize = 64;

/// A type that a place wants, and who says so.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub ty: Type,
    /// Such as "`Size.memory`", and where that is declared.
    pub by: Option<Asker>,
    /// The field that the label of a keyed list's item stands for, so that the item itself need not say it.
    pub label: Option<Rc<str>>,
}

impl Wanted {
    pub fn new(ty: Type) -> Wanted {
        Wanted { ty, by: None, label: None }
    }

    pub fn by(ty: Type, who: impl Into<Rc<str>>, declared: Option<Span>) -> Wanted {
        Wanted { ty, by: Some((who.into(), declared)), label: None }
    }

    /// The same asker wants another type, of a part.
    pub fn part(&self, ty: Type) -> Wanted {
        Wanted { ty, by: self.by.clone(), label: self.label.clone() }
    }
}

impl<'a> Checker<'a> {
    /// An expression at a place that wants a type.
    pub(super) fn check(&mut self, cx: &mut Cx<'a>, expr: &'a ast::Expr, wanted: &Wanted) -> Expr {
        self.check_typed(cx, expr, wanted).0
    }

    /// Like [`Checker::check`], with the type that was found.
    pub(super) fn check_typed(&mut self, cx: &mut Cx<'a>, expr: &'a ast::Expr, wanted: &Wanted) -> (Expr, Type) {
        self.deeper(expr.span, |this| this.check_within(cx, expr, wanted)).unwrap_or_else(|| (broken(), Type::Error))
    }

    fn check_within(&mut self, cx: &mut Cx<'a>, expr: &'a ast::Expr, wanted: &Wanted) -> (Expr, Type) {
        if let Some(done) = self.check_form(cx, expr, wanted) {
            return done;
        }
        let (value, found) = self.infer(cx, expr);
        (self.coerce(value, &found, wanted, expr.span), found)
    }

    /// Forms whose meaning depends on what is wanted.
    fn check_form(&mut self, cx: &mut Cx<'a>, expr: &'a ast::Expr, wanted: &Wanted) -> Option<(Expr, Type)> {
        let target = wanted.ty.present();
        match &expr.kind {
            ExprKind::Unit(text) => {
                let (value, found) = self.unit_literal(text, expr.span, Some(wanted));
                Some((self.coerce(value, &found, wanted, expr.span), found))
            }
            ExprKind::Name(name) => match self.bare_word(cx, name, &target) {
                Some(value) => Some((value, target)),
                None if !self.is_known(cx, name) && is_choice(&target) => {
                    self.report_no_choice(name, wanted, expr.span);
                    Some((broken(), Type::Error))
                }
                // What it may be is not known, because of a mistake that was reported.
                None if target == Type::Error && !self.is_known(cx, name) => Some((broken(), Type::Error)),
                None if wants_text(&target) && !self.is_known(cx, name) => {
                    self.check_word(cx, name, expr.span, expr.span)
                }
                None => None,
            },
            ExprKind::Member { .. } if wants_text(&target) => {
                let (name, span) = root_name(expr).filter(|(name, _)| !self.is_known(cx, name))?;
                self.check_word(cx, name, span, expr.span)
            }
            ExprKind::List(elements) => {
                let list = target.alternatives().iter().find(|ty| matches!(ty, Type::List(_) | Type::Keyed { .. }))?;
                let list = list.clone();
                Some((self.check_list(cx, elements, &wanted.part(list.clone()), expr.span), list))
            }
            ExprKind::Block(block) => {
                let inside = target.alternatives().iter().find(|ty| !matches!(ty, Type::Any) && ty.has_inside())?;
                let inside = inside.clone();
                let value = self.check_block(cx, block, &wanted.part(inside.clone()));
                Some((value, inside))
            }
            ExprKind::If { condition, then, otherwise } => {
                if otherwise.is_none() && !wanted.ty.is_optional() && wanted.ty != Type::Error {
                    self.sink.report(errors::no_else(expr.span, wanted.by.as_ref()));
                }
                let (condition, facts) = self.condition(cx, condition);
                let (then, then_type) = self.under(cx, facts.when_true, |this, cx| this.check_typed(cx, then, wanted));
                let (otherwise, ty) = match otherwise {
                    Some(otherwise) => {
                        let (otherwise, ty) =
                            self.under(cx, facts.when_false, |this, cx| this.check_typed(cx, otherwise, wanted));
                        (otherwise, Type::union([then_type, ty]))
                    }
                    None => (absent(), then_type.optional()),
                };
                let value =
                    Expr::If { condition: Box::new(condition), then: Box::new(then), otherwise: Box::new(otherwise) };
                Some((value, ty))
            }
            ExprKind::Match { value, arms } => Some(self.check_match(cx, value, arms, Some(wanted), expr.span)),
            ExprKind::Call { callee, arguments } if self.is_builtin(cx, callee, "data") => {
                Some((self.data(cx, arguments, wanted, expr.span), target))
            }
            ExprKind::Call { callee, arguments } if self.is_builtin(cx, callee, "merge") && is_mergeable(&target) => {
                Some(self.merge(cx, arguments, Some(wanted), expr.span))
            }
            ExprKind::Call { callee, arguments } if self.is_builtin(cx, callee, "whole") && is_mergeable(&target) => {
                Some(self.whole(cx, arguments, Some(wanted), expr.span))
            }
            ExprKind::Unary { .. } | ExprKind::Binary { .. } => self.check_operator(cx, expr, wanted),
            ExprKind::Int(value) if target == Type::Cpu => Some((self.cpu_literal(*value, expr.span), Type::Cpu)),
            ExprKind::Error | ExprKind::Null | ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Float(_) => None,
            ExprKind::String(_) | ExprKind::Member { .. } | ExprKind::Index { .. } | ExprKind::Call { .. } => None,
        }
    }

    /// A name that nothing has, or that an import has, where text is wanted.
    fn check_word(&mut self, cx: &Cx<'a>, name: &str, span: Span, whole: Span) -> Option<(Expr, Type)> {
        if self.imported(cx.module, span, name).is_some() {
            return None;
        }
        self.report_unknown(cx, name, span, whole, WantedText::Yes);
        Some((broken(), Type::Error))
    }

    fn cpu_literal(&mut self, cores: i64, span: Span) -> Expr {
        match cores.checked_mul(1000) {
            Some(millicores) => Expr::Const(Const::Cpu(millicores)),
            None => {
                self.sink.report(Diagnostic::error(Code::InvalidValue, format!("{cores} cores are too many"), span));
                broken()
            }
        }
    }

    /// A word that a union of strings knows, or that stands for itself where the place allows words.
    fn bare_word(&mut self, cx: &mut Cx<'a>, name: &str, target: &Type) -> Option<Expr> {
        let text = || Some(Expr::Const(Const::String(name.into())));
        for alternative in target.alternatives() {
            match alternative {
                Type::Literal(Const::String(known)) if **known == *name => return text(),
                Type::Word if !self.is_known(cx, name) => return text(),
                _ => {}
            }
        }
        None
    }

    fn report_no_choice(&mut self, word: &str, wanted: &Wanted, span: Span) {
        let target = wanted.ty.present();
        let expected = self.describe(&target);
        let diagnostic = errors::mismatch(&format!("`{word}`"), &expected, span, wanted.by.as_ref());
        self.sink.report(diagnostic.suggest(word, span, choices(&target)));
    }

    /// What an expression is, where nothing says what is wanted.
    pub(super) fn infer(&mut self, cx: &mut Cx<'a>, expr: &'a ast::Expr) -> (Expr, Type) {
        self.deeper(expr.span, |this| this.infer_within(cx, expr)).unwrap_or_else(|| (broken(), Type::Error))
    }

    fn infer_within(&mut self, cx: &mut Cx<'a>, expr: &'a ast::Expr) -> (Expr, Type) {
        match &expr.kind {
            ExprKind::Error => (broken(), Type::Error),
            ExprKind::Null => (Expr::Const(Const::Null), Type::Null),
            ExprKind::Bool(value) => (Expr::Const(Const::Bool(*value)), Type::Bool),
            ExprKind::Int(value) => (Expr::Const(Const::Int(*value)), Type::Literal(Const::Int(*value))),
            ExprKind::Float(value) => (Expr::Const(Const::Float(*value)), Type::Float),
            ExprKind::Unit(text) => self.unit_literal(text, expr.span, None),
            ExprKind::String(parts) => self.string(cx, expr, parts),
            ExprKind::Name(_) | ExprKind::Member { .. } => self.reference(cx, expr),
            ExprKind::Index { base, index } => self.index(cx, base, index),
            ExprKind::Call { callee, arguments } => self.call(cx, callee, arguments, expr.span),
            ExprKind::Unary { .. } | ExprKind::Binary { .. } => self.operator(cx, expr),
            ExprKind::If { condition, then, otherwise } => {
                let (condition, facts) = self.condition(cx, condition);
                let (then, then_type) = self.under(cx, facts.when_true, |this, cx| this.infer(cx, then));
                let (otherwise, ty) = match otherwise {
                    Some(otherwise) => {
                        let (otherwise, ty) = self.under(cx, facts.when_false, |this, cx| this.infer(cx, otherwise));
                        (otherwise, self.join(then_type, ty))
                    }
                    None => (absent(), then_type.optional()),
                };
                let value =
                    Expr::If { condition: Box::new(condition), then: Box::new(then), otherwise: Box::new(otherwise) };
                (value, ty)
            }
            ExprKind::Match { value, arms } => self.check_match(cx, value, arms, None, expr.span),
            ExprKind::List(elements) => self.infer_list(cx, elements),
            ExprKind::Block(block) => self.infer_block(cx, block),
        }
    }

    /// A hint helps literals and words; anything else is what it is.
    pub(super) fn infer_with(&mut self, cx: &mut Cx<'a>, expr: &'a ast::Expr, hint: &Type) -> (Expr, Type) {
        match &expr.kind {
            ExprKind::Unit(text) => self.unit_literal(text, expr.span, Some(&Wanted::new(hint.clone()))),
            ExprKind::Name(name) => match self.bare_word(cx, name, &hint.present()) {
                Some(value) => (value, Type::Literal(Const::String(name.clone()))),
                None => self.infer(cx, expr),
            },
            _ => self.infer(cx, expr),
        }
    }

    fn string(&mut self, cx: &mut Cx<'a>, expr: &'a ast::Expr, parts: &'a [StringPart]) -> (Expr, Type) {
        self.warn_of_foreign_interpolation(cx, expr.span, parts);
        if let Some(text) = plain_string(expr) {
            let text = Const::String(text.into());
            return (Expr::Const(text.clone()), Type::Literal(text));
        }
        let parts = parts.iter().map(|part| match part {
            StringPart::Text(text) => TextPart::Text(text.clone()),
            StringPart::Value(value) => TextPart::Value(self.interpolated(cx, value)),
        });
        (Expr::Text(parts.collect()), Type::String)
    }

    /// `${name}` and `{{ name }}` are left to whoever reads the text; with a name of the program they were meant for it.
    fn warn_of_foreign_interpolation(&mut self, cx: &Cx<'a>, span: Span, parts: &'a [StringPart]) {
        let holds =
            |part: &StringPart| matches!(part, StringPart::Text(text) if text.contains("${") || text.contains("{{"));
        if !parts.iter().any(holds) {
            return;
        }
        let text = self.files.text(span);
        // Who writes a raw string or several lines means a script or a template.
        if text.starts_with('#') || text.starts_with("\"\"\"") {
            return;
        }
        let mut found = Vec::new();
        for (opening, closing) in [("${", "}"), ("{{", "}}")] {
            for (at, _) in text.match_indices(opening) {
                let Some(length) = text[at + opening.len()..].find(closing) else { break };
                let inside = text[at + opening.len()..at + opening.len() + length].trim();
                let name = inside.split('.').next().unwrap_or_default();
                if self.is_known(cx, name) {
                    let start = span.start() + at;
                    let end = start + opening.len() + length + closing.len();
                    found.push((Span::new(span.file, start, end), inside.to_string()));
                }
            }
        }
        for (at, inside) in found {
            let message = format!("`{}` is not replaced here: it stays in the text as it is", self.files.text(at));
            let help = format!("write `\\({inside})`; if the text is meant, write it as `#\"…\"#`");
            self.sink.report(Diagnostic::warning(Code::NotReplaced, message, at).help(help));
        }
    }

    fn interpolated(&mut self, cx: &mut Cx<'a>, expr: &'a ast::Expr) -> Expr {
        let (value, found) = self.infer(cx, expr);
        if found.is_optional() {
            self.report_optional(expr, &found);
            return broken();
        }
        let wrong = found.alternatives().iter().find(|ty| !(ty.is_text() || ty.is_number() || ty.is_bool()));
        let Some(wrong) = wrong.filter(|ty| !matches!(ty, Type::IntOrString | Type::Error)) else { return value };
        let text = self.files.text(expr.span).to_string();
        let help = match wrong {
            Type::Memory => Some(format!("say in which unit: `\\({text}.mebibytes)m`, `\\({text}.bytes)`")),
            Type::Cpu => Some(format!("say in which unit: `\\({text}.cores)`, `\\({text}.millicores)m`")),
            Type::Duration => Some(format!("say in which unit: `\\({text}.seconds)s`, `\\({text}.milliseconds)ms`")),
            Type::Secret => Some(
                "only the cluster knows its value: pass it as an environment variable, and read that where it is needed"
                    .to_string(),
            ),
            Type::List(_) => Some(format!("`join({text}, \", \")` makes one text of a list of strings")),
            _ => None,
        };
        let message = format!("{} cannot be put into a string", self.describe(wrong));
        self.sink.report(Diagnostic::error(Code::TypeMismatch, message, expr.span).help(help));
        broken()
    }

    /// Brings a value of one type to a place that wants another, or reports that it does not fit.
    pub(super) fn coerce(&mut self, value: Expr, found: &Type, wanted: &Wanted, span: Span) -> Expr {
        if *found == Type::Error || wanted.ty == Type::Error {
            return value;
        }
        if !fits(found, &wanted.ty) {
            self.report_mismatch(found, wanted, span);
            return broken();
        }
        self.convert(value, found, &wanted.ty.present(), span)
    }

    /// Wraps a value that fits in the conversion to the notation of its place.
    fn convert(&mut self, value: Expr, found: &Type, wanted: &Type, span: Span) -> Expr {
        let members = found.present();
        let any = |test: &dyn Fn(&Type) -> bool| members.alternatives().iter().any(test);
        let conversion = match wanted {
            Type::Quantity if *found != Type::Quantity => {
                if let Expr::Const(Const::String(text)) = &value
                    && let Some(problem) = crate::core::units::quantity_problem(text)
                {
                    let message = format!("`{text}` is no quantity: {problem}");
                    let help = match super::literals::meant(text) {
                        Some(literal) => format!("write `{literal}`, without quotes"),
                        None => "write `0.5` or `500m` for cpu, `512Mi` or `4Gi` for memory".to_string(),
                    };
                    self.sink.report(Diagnostic::error(Code::InvalidValue, message, span).help(help));
                    return broken();
                }
                Conversion::Quantity
            }
            Type::Seconds if any(&|ty| *ty == Type::Duration) => Conversion::Seconds,
            Type::DurationText if any(&|ty| *ty == Type::Duration) => Conversion::DurationText,
            Type::Float if any(&Type::is_int) => Conversion::Float,
            Type::Cpu if any(&Type::is_number) => Conversion::Cpu,
            Type::Keyed { label, unique, .. } if !matches!(members, Type::Keyed { .. }) => {
                Conversion::Keyed { field: self.sym(&label.clone()), unique: *unique }
            }
            Type::DnsLabel if any(&|ty| !matches!(ty, Type::DnsLabel | Type::Error | Type::Nothing)) => {
                if let Expr::Const(Const::String(text)) = &value {
                    if let Some(problem) = label_problem(text) {
                        let message = format!("`{text}` is no DNS label: {problem}");
                        self.sink.report(Diagnostic::error(Code::InvalidValue, message, span));
                    }
                    return value;
                }
                Conversion::DnsLabel
            }
            // A union takes a value as it stands where one of its members does; else by the first member it fits.
            Type::Union(alternatives) => {
                if any(&|ty| !alternatives.contains(ty))
                    && let Some(target) = alternatives.iter().find(|ty| fits(&members, ty))
                {
                    let target = target.clone();
                    return self.convert(value, found, &target, span);
                }
                return value;
            }
            _ => return value,
        };
        Expr::Convert { value: Box::new(value), conversion, span }
    }

    /// What in a value of a type has to be completed by schemas.
    pub(super) fn shape(&self, ty: &Type) -> Shape {
        match ty {
            Type::Schema(id) => Shape::Schema(*id),
            Type::Optional(inner) => self.shape(inner),
            Type::List(element) => match self.shape(element) {
                Shape::Plain => Shape::Plain,
                shape => Shape::List(Box::new(shape)),
            },
            Type::Map(value) => match self.shape(value) {
                Shape::Plain => Shape::Plain,
                shape => Shape::Map(Box::new(shape)),
            },
            Type::Union(members) => members
                .iter()
                .map(|member| self.shape(member))
                .find(|shape| *shape != Shape::Plain)
                .unwrap_or(Shape::Plain),
            _ => Shape::Plain,
        }
    }

    pub(super) fn report_optional(&mut self, expr: &'a ast::Expr, found: &Type) {
        if lacks_else(expr) {
            self.sink.report(errors::no_else(expr.span, None));
            return;
        }
        let text = self.files.text(expr.span).to_string();
        let ty = self.show(&found.present());
        self.sink.report(errors::optional_read(&text, expr.span, &ty, None));
    }

    /// The type that two branches have in common; of very many different ones that is no more than anything.
    pub(super) fn join(&self, left: Type, right: Type) -> Type {
        if left.alternatives().len() > MOST_ALTERNATIVES {
            return Type::Any;
        }
        if fits(&left, &right) && super::ty::fits_exactly(&left, &right) {
            return right;
        }
        if super::ty::fits_exactly(&right, &left) {
            return left;
        }
        Type::union([left, right])
    }

    /// Whether a name means something here.
    pub(super) fn is_known(&self, cx: &Cx<'a>, name: &str) -> bool {
        name == "environment"
            || cx.lookup(name).is_some()
            || cx.labels.as_ref().is_some_and(|(_, labels)| labels.get(name).is_some())
            || self.tables[cx.module.0 as usize].names.contains_key(name)
    }

    /// The type of a `let` of a component, checked when first used.
    pub(super) fn lazy_let(
        &mut self,
        cx: &mut Cx<'a>,
        depth: usize,
        slot: crate::core::Slot,
        declared: &'a ast::Let,
    ) -> Type {
        // Its scope is the one it is declared in: what is deeper does not count.
        let deeper = cx.scopes.split_off(depth + 1);
        let name: &'a str = &declared.name.text;
        cx.open.push((name, declared.name.span));
        cx.declare(name, Local::Open { span: declared.name.span });
        let (value, ty) = self.inner_let(cx, declared);
        cx.open.pop();
        cx.declare(name, Local::Variable { slot, ty: ty.clone(), span: declared.name.span });
        cx.scopes.extend(deeper);
        let at = slot.0 as usize;
        if cx.lazy.len() <= at {
            cx.lazy.resize_with(at + 1, || None);
        }
        cx.lazy[at] = Some(value);
        ty
    }

    /// The value of a `let` that is known in a part of a file only.
    pub(super) fn inner_let(&mut self, cx: &mut Cx<'a>, declared: &'a ast::Let) -> (Expr, Type) {
        self.uses.declare(&declared.name);
        self.let_value(cx, declared)
    }

    /// The value of a `let`, with its declared type if it has one.
    pub(super) fn let_value(&mut self, cx: &mut Cx<'a>, declared: &'a ast::Let) -> (Expr, Type) {
        match &declared.ty {
            Some(written) => {
                let ty = self.resolve_type(cx.module, written);
                let who = format!("`{}`", declared.name.text);
                let wanted = Wanted::by(ty.clone(), who, Some(written.span));
                (self.check(cx, &declared.value, &wanted), ty)
            }
            None => {
                let (value, ty) = self.infer(cx, &declared.value);
                (value, self.bounded(widened(ty), declared.name.span))
            }
        }
    }
}

/// The strings that a union offers.
pub(super) fn choices(ty: &Type) -> Vec<&str> {
    let known = ty.alternatives().iter().filter_map(|member| match member {
        Type::Literal(Const::String(known)) => Some(&**known),
        _ => None,
    });
    known.collect()
}

/// The name that a chain of fields begins with.
fn root_name(expr: &ast::Expr) -> Option<(&str, Span)> {
    let mut root = expr;
    while let ExprKind::Member { base, .. } = &root.kind {
        root = base;
    }
    match &root.kind {
        ExprKind::Name(name) => Some((name, root.span)),
        _ => None,
    }
}

/// Whether a place takes any text.
fn wants_text(ty: &Type) -> bool {
    ty.alternatives().iter().any(|ty| matches!(ty, Type::String | Type::DnsLabel))
}

/// Whether a place takes one of several strings and nothing else.
fn is_choice(ty: &Type) -> bool {
    ty.alternatives().len() > 1 && choices(ty).len() == ty.alternatives().len()
}

/// A literal's type is that of its kind once it has a name, but for strings, which unions may want.
fn widened(ty: Type) -> Type {
    match ty {
        Type::Literal(Const::Int(_)) => Type::Int,
        other => other,
    }
}
