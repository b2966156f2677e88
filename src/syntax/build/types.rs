//! Types.

use super::{Builder, unexpected};
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, TypeExpr, TypeExprKind, UnaryOperator};
use crate::syntax::grammar::{Pair, Parts, Rule};

impl Builder<'_> {
    /// A type; a union only where it has several members.
    pub(super) fn type_expr(&mut self, pair: Pair) -> TypeExpr {
        let span = self.span(&pair);
        let members =
            |this: &mut Self| -> Vec<TypeExpr> { Parts::of(pair).map(|member| this.type_member(member)).collect() };
        let mut members = self.deeper(1, span, members).unwrap_or_default();
        if members.len() > 1 {
            return TypeExpr { kind: TypeExprKind::Union(members), span };
        }
        members.pop().unwrap_or(TypeExpr { kind: TypeExprKind::Error, span })
    }

    fn type_member(&mut self, pair: Pair) -> TypeExpr {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let attributes = self.attributes(&mut parts);
        let atom = parts.must();
        let marks: Vec<Pair> = parts.collect();
        let optional = |this: &mut Self| {
            let mut atom = this.type_atom(atom);
            if !attributes.is_empty() {
                let span = span.to(atom.span);
                atom = TypeExpr { kind: TypeExprKind::Attributed { attributes, ty: Box::new(atom) }, span };
            }
            marks.iter().fold(atom, |inner, mark| {
                let span = inner.span.to(this.span(mark));
                TypeExpr { kind: TypeExprKind::Optional(Box::new(inner)), span }
            })
        };
        let levels = marks.len();
        self.deeper(levels, span, optional).unwrap_or(TypeExpr { kind: TypeExprKind::Error, span })
    }

    fn type_atom(&mut self, pair: Pair) -> TypeExpr {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::dotted if self.is_placeholder(&pair) => TypeExprKind::Error,
            Rule::dotted => self.named_type(pair, span),
            Rule::kubernetes_type => {
                let mut parts = Parts::of(pair);
                let api_version = parts.must().as_str().into();
                TypeExprKind::Kubernetes { api_version, name: self.name(&parts.must()) }
            }
            Rule::list_type => TypeExprKind::List(Box::new(self.type_expr(Parts::of(pair).must()))),
            Rule::partial_type => {
                let mut parts = Parts::of(Parts::of(pair).must());
                let api_version = parts.must().as_str().into();
                TypeExprKind::Partial { api_version, name: self.name(&parts.must()) }
            }
            Rule::map_type => TypeExprKind::Map(Box::new(self.type_expr(Parts::of(pair).must()))),
            Rule::record_type => {
                let record = |this: &mut Self| this.record_type(pair);
                self.deeper(1, span, record).map_or(TypeExprKind::Error, TypeExprKind::Record)
            }
            Rule::literal => TypeExprKind::Literal(Box::new(self.literal(pair))),
            Rule::type_parentheses => self.type_expr(Parts::of(pair).must()).kind,
            rule => unexpected(rule, "a type"),
        };
        TypeExpr { kind, span }
    }

    fn named_type(&mut self, pair: Pair, span: Span) -> TypeExprKind {
        let constant = match pair.as_str() {
            "null" => ExprKind::Null,
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            _ => return TypeExprKind::Name(self.dotted(pair)),
        };
        TypeExprKind::Literal(Box::new(Expr { kind: constant, span }))
    }

    /// A literal of a type or a pattern.
    pub(super) fn literal(&mut self, pair: Pair) -> Expr {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let minus = parts.when(Rule::minus).is_some();
        let value = self.primary(parts.must());
        if minus {
            let kind = ExprKind::Unary { operator: UnaryOperator::Negate, operand: Box::new(value) };
            Expr { kind, span }
        } else {
            value
        }
    }
}
