//! Types.

use super::Walker;
use super::doc::Doc;
use crate::syntax::ast::{TypeExpr, TypeExprKind};

/// Where the first member of a union stands, if the union takes several lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum First {
    /// On the line before it, because no line can end there.
    Here,
    /// On a line of its own like all others, with `|` before it.
    Below,
}

impl<'t> Walker<'t> {
    /// A type, in as many parentheses as it has.
    pub(super) fn type_expr(&mut self, ty: &TypeExpr) -> Doc<'t> {
        self.type_from(ty, First::Here)
    }

    /// The type behind the `=` of an alias, with the space or the line end before it.
    pub(super) fn aliased_type(&mut self, ty: &TypeExpr) -> Doc<'t> {
        let in_parentheses = self.reader.rest().starts_with('(') && self.reader.ahead < own_start(ty);
        match &ty.kind {
            TypeExprKind::Union(_) if !in_parentheses => self.type_from(ty, First::Below),
            _ => Doc::all(vec![Doc::space(), self.type_from(ty, First::Here)]),
        }
    }

    fn type_from(&mut self, ty: &TypeExpr, first: First) -> Doc<'t> {
        let above = self.leading_bar();
        let own_start = own_start(ty);
        let mut openings = Vec::new();
        while self.reader.ahead < own_start && self.reader.rest().starts_with('(') {
            openings.push((self.token("("), self.leading_bar()));
        }
        let mut doc = match &ty.kind {
            TypeExprKind::Union(members) => self.union(members, first),
            _ => self.bare_type(ty),
        };
        while let Some((opening, above)) = openings.pop() {
            doc = self.close(opening, super::with(above, doc), ")");
        }
        super::with(above, doc)
    }

    /// Goes over a `|` before a type, which says nothing; gives the comments before it.
    fn leading_bar(&mut self) -> Option<Doc<'t>> {
        if !self.reader.rest().starts_with('|') {
            return None;
        }
        let comments = self.comments();
        self.reader.token("|");
        comments
    }

    fn union(&mut self, members: &[TypeExpr], first: First) -> Doc<'t> {
        let mut docs = match first {
            First::Here => Vec::new(),
            First::Below => vec![Doc::line(), Doc::choice("|", ""), Doc::choice(" ", "")],
        };
        for (index, member) in members.iter().enumerate() {
            if index > 0 {
                docs.extend([Doc::line(), self.token("|"), Doc::space()]);
            }
            docs.push(self.type_expr(member));
        }
        Doc::all(docs).indent().group()
    }

    /// A type without the parentheses around it.
    fn bare_type(&mut self, ty: &TypeExpr) -> Doc<'t> {
        match &ty.kind {
            TypeExprKind::Error => self.place(ty.span),
            TypeExprKind::Name(name) => self.dotted(name),
            TypeExprKind::Kubernetes { api_version: _, name } => self.up_to(name.span.end()),
            TypeExprKind::Partial { api_version: _, name } => {
                Doc::all(vec![self.token("partial"), Doc::space(), self.up_to(name.span.end())])
            }
            TypeExprKind::Record(record) => self.record_type(record),
            TypeExprKind::Attributed { attributes, ty } => {
                Doc::all(vec![self.attributes(attributes).indent(), self.type_expr(ty)])
            }
            TypeExprKind::List(element) => {
                let opening = self.token("[");
                let element = self.type_expr(element);
                self.close(opening, element, "]")
            }
            TypeExprKind::Map(value) => {
                let opening = self.token("{");
                let inner = vec![self.token("string"), self.token(":"), Doc::space(), self.type_expr(value)];
                self.close(opening, Doc::all(inner), "}")
            }
            TypeExprKind::Optional(ty) => Doc::all(vec![self.type_expr(ty), self.token("?")]),
            TypeExprKind::Union(members) => self.union(members, First::Here),
            TypeExprKind::Literal(value) => self.expr(value),
        }
    }

    /// What is written up to a place.
    fn up_to(&mut self, end: usize) -> Doc<'t> {
        let comments = self.comments();
        super::with(comments, Doc::text(self.reader.take(end)))
    }
}

/// Where a type begins without the parentheses around the whole of it; see the function of that name for values.
fn own_start(ty: &TypeExpr) -> usize {
    match &ty.kind {
        TypeExprKind::Optional(first) => first.span.start(),
        TypeExprKind::Union(members) => members.first().map_or(usize::MAX, |first| first.span.start()),
        TypeExprKind::Error
        | TypeExprKind::Name(_)
        | TypeExprKind::Kubernetes { api_version: _, name: _ }
        | TypeExprKind::Partial { api_version: _, name: _ }
        | TypeExprKind::Record(_)
        | TypeExprKind::Attributed { attributes: _, ty: _ }
        | TypeExprKind::List(_)
        | TypeExprKind::Map(_)
        | TypeExprKind::Literal(_) => usize::MAX,
    }
}
