//! Schemas: their fields as others see them, their defaults and checks.

use super::cx::Cx;
use super::expr::Wanted;
use super::graph::Node;
use super::ty::Type;
use super::{Checker, broken, errors};
use crate::core::{self, Check, Expr, Read, Requirement, SchemaField, SchemaId, Slot, Sym};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind};
use std::rc::Rc;

impl<'a> Checker<'a> {
    /// The fields with their types: optional where a value of the schema may lack them.
    pub(super) fn schema_fields(&mut self, id: SchemaId) -> Rc<[(Sym, Type)]> {
        let info = &self.schemas[id.0 as usize];
        let (module, declared) = (info.module, info.declared);
        if info.fields.len() == declared.fields.len() {
            return info.fields.clone();
        }
        let fields: Rc<[(Sym, Type)]> = declared
            .fields
            .iter()
            .map(|field| (self.sym(&field.name.text), self.resolve_type(module, &field.ty)))
            .collect();
        self.schemas[id.0 as usize].fields.clone_from(&fields);
        fields
    }

    /// Reports an optional field whose default is always there.
    fn report_default(&mut self, field: &ast::FieldDecl, default: &ast::Expr) {
        let message = "an optional field needs no default";
        let help = "take the `?` away, or the default".to_string();
        let mut diagnostic = Diagnostic::error(Code::TypeMismatch, message, default.span).help(help);
        if default.kind == ast::ExprKind::Null {
            let behind = Span::new(default.span.file, field.ty.span.end(), default.span.end());
            diagnostic = diagnostic.fix("take the default away", behind, "");
        }
        self.sink.report(diagnostic);
    }

    pub(super) fn schema_body(&mut self, id: SchemaId) {
        let types = self.schema_fields(id);
        let info = &self.schemas[id.0 as usize];
        let (module, declared) = (info.module, info.declared);
        let mut cx = Cx::new(module, Some(Node::Schema(id)));
        let mut fields = Vec::with_capacity(types.len());
        for (at, (field, (name, ty))) in declared.fields.iter().zip(types.iter()).enumerate() {
            let twin = declared.fields[..at].iter().find(|other| other.name.text == field.name.text);
            if let Some(twin) = twin {
                self.sink.report(errors::duplicate_name(&field.name.text, field.name.span, twin.name.span));
            }
            for attribute in &field.attributes {
                self.unknown_attribute(attribute, &[]);
            }
            // Field i is slot i; the fields before it are in scope of its default.
            let default = field.default.as_ref().map(|default| {
                if ty.is_optional() && is_literal(default) {
                    self.report_default(field, default);
                    return broken();
                }
                let who = format!("`{}.{}`", declared.name.text, field.name.text);
                let wanted = Wanted::by(ty.clone(), who, Some(field.ty.span));
                let (value, found) = self.check_typed(&mut cx, default, &wanted);
                if ty.is_optional() && !found.is_optional() && found != Type::Error {
                    self.report_default(field, default);
                }
                value
            });
            let place = self.place(field.name.span, core::Layer::Base);
            fields.push(SchemaField {
                name: *name,
                required: !ty.is_optional() && default.is_none(),
                default,
                place,
                shape: self.shape(ty),
                data: self.data_type(ty),
                span: field.name.span,
            });
            // Defaults need slots beyond those of the fields; so fields are declared, not given new slots.
            let slot = Slot(super::index(at));
            cx.slots = cx.slots.max(super::index(types.len()));
            let local = super::cx::Local::Variable { slot, ty: ty.clone(), span: field.name.span };
            cx.declare(&field.name.text, local);
        }
        cx.slots = cx.slots.max(super::index(types.len()));
        let mut derived = Derived::of(declared.fields.len());
        let requirements = self.requirements(&mut cx, &declared.requirements, &mut derived);
        self.program.schemas.push(core::Schema {
            name: declared.name.text.clone(),
            fields,
            requirements,
            slots: cx.slots,
            span: declared.name.span,
        });
    }

    /// What a schema asks for beside its fields.
    pub(super) fn requirements(
        &mut self,
        cx: &mut Cx<'a>,
        requirements: &'a [ast::Requirement],
        derived: &mut Derived,
    ) -> Vec<Requirement> {
        requirements.iter().map(|requirement| self.requirement(cx, requirement, derived)).collect()
    }

    fn requirement(
        &mut self,
        cx: &mut Cx<'a>,
        requirement: &'a ast::Requirement,
        derived: &mut Derived,
    ) -> Requirement {
        match requirement {
            ast::Requirement::Check(check) => Requirement::Check(self.check_declaration(cx, check, derived)),
            ast::Requirement::Let(declared) => {
                let (value, ty) = self.inner_let(cx, declared);
                let slot = cx.variable(&declared.name, ty);
                derived.variable(slot, &value);
                Requirement::Let(slot, value)
            }
            ast::Requirement::If(branch) => {
                let (condition, facts) = self.condition(cx, &branch.condition);
                let then = self.under(cx, facts.when_true, |this, cx| this.requirements(cx, &branch.then, derived));
                let otherwise =
                    self.under(cx, facts.when_false, |this, cx| this.requirements(cx, &branch.otherwise, derived));
                Requirement::If { condition, then, otherwise }
            }
            ast::Requirement::For(each) => {
                cx.push();
                let (key, variable, iterable, filter) = self.for_head(cx, each);
                derived.element(variable, &iterable);
                let each = self.requirements(cx, &each.each, derived);
                cx.pop();
                Requirement::For { key, variable, iterable, filter, each }
            }
        }
    }

    /// A `check` or `warn`.
    pub(super) fn check_declaration(&mut self, cx: &mut Cx<'a>, check: &'a ast::Check, derived: &Derived) -> Check {
        let (condition, facts) = self.condition(cx, &check.condition);
        let wanted = Wanted::by(Type::String, "the message of a `check`".to_string(), None);
        // The message is shown where the condition is false.
        let message = self.under(cx, facts.when_false, |this, cx| this.check(cx, &check.message, &wanted));
        let severity = match check.demand {
            ast::Demand::Must => Severity::Error,
            ast::Demand::Should => Severity::Warning,
        };
        let reads = derived.reads(&condition);
        Check { severity, condition, message, reads, span: check.condition.span }
    }

    pub(super) fn unknown_attribute(&mut self, attribute: &ast::Attribute, known: &[&str]) {
        let message = format!("`@{}` means nothing here", attribute.name.text);
        let diagnostic = Diagnostic::error(Code::UnknownAttribute, message, attribute.span);
        self.sink.report(diagnostic.suggest(&attribute.name.text, attribute.name.span, known.iter().copied()));
    }
}

/// Which fields of a schema the variables of its requirements come from.
#[derive(Debug, Default)]
pub struct Derived {
    fields: usize,
    variables: Vec<(Slot, Vec<Read>)>,
    // Variables of loops that stand for one field after another.
    elements: Vec<Slot>,
}

impl Derived {
    /// For a schema whose first slots are its fields.
    fn of(fields: usize) -> Derived {
        Derived { fields, ..Derived::default() }
    }

    fn variable(&mut self, slot: Slot, value: &Expr) {
        let reads = self.reads(value);
        self.variables.push((slot, reads));
    }

    /// A loop's variable. In a loop over some of the fields, what is read of it is read of a field.
    fn element(&mut self, slot: Slot, iterable: &Expr) {
        let Expr::List(elements) = iterable else { return };
        let is_field = |read: &Read| (read.slot.0 as usize) < self.fields;
        let only_fields = elements.iter().all(|element| match element {
            core::Element::Value(value) => chain(value).is_some_and(|read| is_field(&read)),
            core::Element::Spread(_) | core::Element::For { .. } | core::Element::If { .. } => false,
        });
        if only_fields {
            self.elements.push(slot);
        }
    }

    /// What an expression reads of the fields, by way of variables too, in the order of reading, each once.
    fn reads(&self, expr: &Expr) -> Vec<Read> {
        let mut found = Vec::new();
        read_slots(expr, &mut found);
        let mut reads: Vec<Read> = Vec::with_capacity(found.len());
        for read in found {
            let through = self.variables.iter().find(|(slot, _)| *slot == read.slot).map(|(_, reads)| reads.as_slice());
            let element = !read.path.is_empty() && self.elements.contains(&read.slot);
            let own = element || (read.slot.0 as usize) < self.fields;
            for read in through.unwrap_or(if own { std::slice::from_ref(&read) } else { &[] }) {
                if !reads.contains(read) {
                    reads.push(read.clone());
                }
            }
        }
        reads
    }
}

/// The variable that a chain of fields starts from, and the chain.
fn chain(expr: &Expr) -> Option<Read> {
    match expr {
        Expr::Local(slot) => Some(Read { slot: *slot, path: Vec::new() }),
        Expr::Member { base, name } => {
            let mut read = chain(base)?;
            read.path.push(*name);
            Some(read)
        }
        _ => None,
    }
}

/// Whether an expression says by itself that its value is there.
fn is_literal(expr: &ast::Expr) -> bool {
    match &expr.kind {
        ExprKind::Null | ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Unit(_) => true,
        ExprKind::String(_) | ExprKind::List(_) | ExprKind::Block(_) => true,
        ExprKind::Error | ExprKind::Name(_) | ExprKind::Member { .. } | ExprKind::Index { .. } => false,
        ExprKind::Call { .. } | ExprKind::Unary { .. } | ExprKind::Binary { .. } => false,
        ExprKind::If { .. } | ExprKind::Match { .. } => false,
    }
}

/// What an expression reads of variables, in the order of reading, each once.
fn read_slots(expr: &Expr, reads: &mut Vec<Read>) {
    if let Some(read) = chain(expr) {
        if !reads.contains(&read) {
            reads.push(read);
        }
        return;
    }
    match expr {
        Expr::Member { base, .. } | Expr::UnitMember { base, .. } => read_slots(base, reads),
        Expr::Has(value) | Expr::Convert { value, .. } => read_slots(value, reads),
        Expr::Unary { operand, .. } => read_slots(operand, reads),
        Expr::Index { base, index } => {
            read_slots(base, reads);
            read_slots(index, reads);
        }
        Expr::Binary { left, right, .. } => {
            read_slots(left, reads);
            read_slots(right, reads);
        }
        Expr::If { condition, then, otherwise } => {
            for part in [condition, then, otherwise] {
                read_slots(part, reads);
            }
        }
        Expr::Call { arguments, .. } | Expr::Builtin { arguments, .. } => {
            for argument in arguments {
                read_slots(argument, reads);
            }
        }
        Expr::Merge { base, overs, .. } => {
            for part in std::iter::once(&**base).chain(&**overs) {
                read_slots(part, reads);
            }
        }
        Expr::Match { value, arms } => {
            read_slots(value, reads);
            for arm in arms {
                read_slots(&arm.value, reads);
            }
        }
        Expr::Text(parts) => {
            for part in parts {
                if let core::TextPart::Value(value) = part {
                    read_slots(value, reads);
                }
            }
        }
        Expr::List(elements) => {
            for element in elements {
                match element {
                    core::Element::Value(value) | core::Element::Spread(value) => read_slots(value, reads),
                    core::Element::For { iterable, .. } => read_slots(iterable, reads),
                    core::Element::If { condition, .. } => read_slots(condition, reads),
                }
            }
        }
        Expr::Local(_) | Expr::Const(_) | Expr::Global(_) | Expr::EnvironmentName | Expr::EnvironmentNamespace => {}
        Expr::Data { .. } | Expr::Record { .. } | Expr::Object { .. } => {}
    }
}
