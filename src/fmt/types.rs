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

/// What stands before a type.
struct Above<'t> {
    doc: Doc<'t>,
    /// Whether there is a `|` in it.
    keeps_bar: bool,
}

impl<'t> Walker<'t> {
    /// The type behind the `=` of an alias, with the space or the line end before it.
    pub(super) fn aliased_type(&mut self, ty: &TypeExpr) -> Doc<'t> {
        let comments = self.comments().map(Doc::indent);
        let above = self.above_type();
        let in_parentheses = self.reader.rest().starts_with('(') && self.reader.ahead < own_start(ty);
        let doc = if let (TypeExprKind::Union(members), false) = (&ty.kind, in_parentheses) {
            self.union(members, above, First::Below)
        } else {
            let above = Doc::all(vec![Doc::space(), above.doc.indent()]);
            Doc::all(vec![above, self.type_expr(ty)])
        };
        super::with(comments, doc)
    }

    /// A type, in as many parentheses as it has.
    pub(super) fn type_expr(&mut self, ty: &TypeExpr) -> Doc<'t> {
        let mut above = self.above_type();
        let own_start = own_start(ty);
        let mut openings = Vec::new();
        while self.reader.ahead < own_start && self.reader.rest().starts_with('(') {
            openings.push((above.doc, self.token("(")));
            above = self.above_type();
        }
        let mut doc = self.bare_type(ty, above);
        while let Some((above, opening)) = openings.pop() {
            doc = Doc::all(vec![above, self.close(opening, doc, ")")]);
        }
        doc
    }

    /// The comments before a type, and a `|` there, which says nothing. They are outside of the type's own groups,
    /// which need no line ends for the sake of comments above.
    fn above_type(&mut self) -> Above<'t> {
        let comments = self.comments().unwrap_or_else(Doc::nothing);
        if !self.reader.rest().starts_with('|') {
            return Above { doc: comments, keeps_bar: false };
        }
        self.reader.token("|");
        // Without it there might be no place for a line end, which comments need.
        if !self.has_comments() {
            return Above { doc: comments, keeps_bar: false };
        }
        let below = self.comments().unwrap_or_else(Doc::nothing);
        Above { doc: Doc::all(vec![comments, Doc::text("|"), Doc::space(), below]), keeps_bar: true }
    }

    fn union(&mut self, members: &[TypeExpr], above: Above<'t>, first: First) -> Doc<'t> {
        let Above { doc, keeps_bar } = above;
        let mut docs = match first {
            First::Below if !keeps_bar => vec![Doc::line(), Doc::choice("|", ""), Doc::choice(" ", "")],
            First::Below | First::Here => Vec::new(),
        };
        for (index, member) in members.iter().enumerate() {
            if index > 0 {
                docs.extend([Doc::line(), self.token("|"), Doc::space()]);
            }
            docs.push(self.type_expr(member));
        }
        let union = Doc::all(docs).indent().group();
        match first {
            First::Below if keeps_bar => Doc::all(vec![Doc::line(), doc, union]).indent(),
            First::Below | First::Here => Doc::all(vec![doc, union]),
        }
    }

    /// A type without the parentheses around it.
    fn bare_type(&mut self, ty: &TypeExpr, above: Above<'t>) -> Doc<'t> {
        let doc = match &ty.kind {
            TypeExprKind::Union(members) => return self.union(members, above, First::Here),
            TypeExprKind::Error => self.place(ty.span),
            TypeExprKind::Name(name) => self.dotted(name),
            TypeExprKind::Kubernetes { api_version: _, name } => self.up_to(name.span.end()),
            TypeExprKind::Partial { api_version: _, name } => {
                Doc::all(vec![self.token("partial"), Doc::space(), self.up_to(name.span.end())])
            }
            TypeExprKind::Record(record) => self.record_type(record),
            TypeExprKind::Attributed { attributes, ty } => {
                Doc::all(vec![self.attributes(attributes), self.type_expr(ty)])
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
            TypeExprKind::Literal(value) => self.expr(value),
        };
        Doc::all(vec![above.doc, doc])
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
