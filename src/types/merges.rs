//! `merge(base, over, …)`: what is laid over what. `whole(x)`: what is partial by its type, and complete in fact.

use super::cx::Cx;
use super::expr::Wanted;
use super::ty::Type;
use super::{Checker, broken, errors};
use crate::core::Expr;
use crate::diagnostic::{Code, Diagnostic};
use crate::schema::{FieldType, partial, whole};
use crate::source::Span;
use crate::syntax::ast;
use std::rc::Rc;

/// As the language guide writes them.
const SIGNATURE: &str = "merge(base: T, over: partial T?, …) -> T";
const WHOLE: &str = "whole(x: partial T) -> T";

impl<'a> Checker<'a> {
    /// `wanted`: what the place takes, of a type that can be merged.
    pub(super) fn merge(
        &mut self,
        cx: &mut Cx<'a>,
        arguments: &'a [ast::Argument],
        wanted: Option<&Wanted>,
        span: Span,
    ) -> (Expr, Type) {
        if let Some(named) = arguments.iter().find_map(|argument| argument.name.as_ref()) {
            let message = format!("built-in functions take no named arguments such as `{}`", named.text);
            self.sink.report(errors::bad_call(message, named.span, None, SIGNATURE));
        }
        let [base, overs @ ..] = arguments else {
            return self.too_few(cx, arguments, span);
        };
        if overs.is_empty() {
            return self.too_few(cx, arguments, span);
        }
        let Some((base, ty)) = self.merge_base(cx, &base.value, wanted) else {
            for over in overs {
                self.infer(cx, &over.value);
            }
            return (broken(), Type::Error);
        };
        let loose = self.loosened(&ty);
        let by = Wanted::by(loose.optional(), format!("`{SIGNATURE}`"), None);
        let mut verify = false;
        let mut laid = Vec::with_capacity(overs.len());
        for over in overs {
            let (over, found) = self.check_typed(cx, &over.value, &by);
            verify |= found.present() != ty;
            laid.push(over);
        }
        let merged = merged(&ty);
        (Expr::Merge { base: Box::new(base), overs: laid.into(), ty: merged, verify, span }, ty)
    }

    fn too_few(&mut self, cx: &mut Cx<'a>, arguments: &'a [ast::Argument], span: Span) -> (Expr, Type) {
        let message = format!("`merge` takes two values or more, {} are given", arguments.len());
        self.sink.report(errors::bad_call(message, span, None, SIGNATURE));
        self.call_nothing(cx, arguments)
    }

    /// `whole(x)`
    pub(super) fn whole(
        &mut self,
        cx: &mut Cx<'a>,
        arguments: &'a [ast::Argument],
        wanted: Option<&Wanted>,
        span: Span,
    ) -> (Expr, Type) {
        let [ast::Argument { name: None, value: argument }] = arguments else {
            let message = "`whole` takes one value, without a name".to_string();
            self.sink.report(errors::bad_call(message, span, None, WHOLE));
            return self.call_nothing(cx, arguments);
        };
        let (value, ty) = match wanted {
            Some(wanted) => {
                let target = wanted.ty.present();
                let loose = wanted.part(self.loosened(&target));
                (self.check(cx, argument, &loose), target)
            }
            None => {
                let (value, ty) = self.infer(cx, argument);
                if ty.is_optional() {
                    self.report_optional(argument, &ty);
                    return (broken(), Type::Error);
                }
                match completed(&ty) {
                    Some(whole) => (value, whole),
                    None if ty == Type::Error => return (value, ty),
                    None => {
                        let by = (format!("`{WHOLE}`").into(), None);
                        let found = self.describe(&ty);
                        self.sink.report(errors::mismatch(&found, "a partial type", argument.span, Some(&by)));
                        return (broken(), Type::Error);
                    }
                }
            }
        };
        let merged = merged(&ty);
        (Expr::Merge { base: Box::new(value), overs: Box::default(), ty: merged, verify: true, span }, ty)
    }

    /// What is laid over, and its type; nothing where it cannot be, which is reported.
    fn merge_base(&mut self, cx: &mut Cx<'a>, base: &'a ast::Expr, wanted: Option<&Wanted>) -> Option<(Expr, Type)> {
        if let Some(wanted) = wanted {
            let target = wanted.ty.present();
            return Some((self.check(cx, base, &wanted.part(target.clone())), target));
        }
        let (value, ty) = self.infer(cx, base);
        if ty == Type::Error {
            return None;
        }
        if ty.is_optional() {
            self.report_optional(base, &ty);
            return None;
        }
        if is_mergeable(&ty) {
            return Some((value, ty));
        }
        let message = format!("{} cannot be merged", self.describe(&ty));
        let help = match &ty {
            Type::Schema(_) => Some(
                "a value of a schema has all its defaults: set what is to differ, `{ ...base, field = value }`".into(),
            ),
            Type::Block(_) => Some("say its type where it is written, such as `let x: v1.PodSpec = { … }`".to_string()),
            Type::List(_) => Some("nothing tells the elements of this list apart: `first ++ second`".to_string()),
            _ => None,
        };
        let diagnostic = Diagnostic::error(Code::TypeMismatch, message, base.span).help(help);
        self.sink.report(diagnostic.note("types of the Kubernetes API and maps can".to_string()));
        None
    }

    /// A type without what it requires, wherever it does.
    fn loosened(&self, ty: &Type) -> Type {
        let loose = |name: &Rc<str>| {
            let partial = partial(whole(name));
            if self.api.definition(&partial).is_some() { partial.into() } else { name.clone() }
        };
        match ty {
            Type::Definition(name) => Type::Definition(loose(name)),
            Type::Keyed { item, label, unique } => {
                Type::Keyed { item: loose(item), label: label.clone(), unique: *unique }
            }
            Type::Map(value) => self.loosened(value).map(),
            other => other.clone(),
        }
    }
}

/// The type that a partial one becomes once nothing is missing.
fn completed(ty: &Type) -> Option<Type> {
    let complete = |name: &Rc<str>| Some(whole(name)).filter(|whole| **whole != **name).map(Rc::from);
    match ty {
        Type::Definition(name) => complete(name).map(Type::Definition),
        Type::Keyed { item, label, unique } => {
            let item = complete(item)?;
            Some(Type::Keyed { item, label: label.clone(), unique: *unique })
        }
        Type::List(element) => completed(element).map(Type::list),
        Type::Map(value) => completed(value).map(Type::map),
        _ => None,
    }
}

/// Whether values of a type can be laid over each other.
pub(super) fn is_mergeable(ty: &Type) -> bool {
    matches!(ty, Type::Definition(_) | Type::Keyed { .. } | Type::Map(_))
}

/// How values of a type are laid over each other: what is neither a record of the API nor a map nor a keyed list is
/// replaced as a whole.
fn merged(ty: &Type) -> FieldType {
    match ty {
        Type::Definition(name) => FieldType::Record(name.to_string()),
        Type::Keyed { item, label, unique: _ } => {
            FieldType::Keyed { item: item.to_string(), label: label.to_string(), keys: vec![label.to_string()] }
        }
        Type::Map(value) => FieldType::Map(Box::new(merged(value))),
        // Replaced as a whole; what its elements are is asked when they are looked through.
        Type::List(element) => FieldType::List(Box::new(merged(element))),
        _ => FieldType::Any,
    }
}
