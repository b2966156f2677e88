//! What holds for all objects of a kind: policies, and what changes cost.

use super::item::ForHead;
use super::{Builder, unexpected};
use crate::source::Span;
use crate::syntax::ast::{Change, CostEntry, Effect, For, Policy};
use crate::syntax::grammar::{Pair, Parts, Rule};

impl Builder<'_> {
    pub(super) fn policy(&mut self, pair: Pair, doc: Option<String>, span: Span) -> Policy {
        let mut parts = Parts::of(pair);
        let api_version = self.name(&parts.must());
        let kind = self.name(&parts.must());
        let variable = self.name(&parts.must());
        Policy { doc, api_version, kind, variable, requirements: self.requirements(parts.must()), span }
    }

    pub(super) fn change(&mut self, pair: Pair, doc: Option<String>, span: Span) -> Change {
        let mut parts = Parts::of(pair);
        let api_version = self.name(&parts.must());
        let kind = self.name(&parts.must());
        let mut versions = Parts::of(parts.must());
        let before = self.name(&versions.must());
        let after = self.name(&versions.must());
        Change { doc, api_version, kind, before, after, effects: self.effects(parts.must()), span }
    }

    fn effects(&mut self, pair: Pair) -> Vec<Effect> {
        let span = self.span(&pair);
        let effects = |this: &mut Self| Parts::of(pair).filter_map(|part| this.effect(part)).collect();
        self.deeper(1, span, effects).unwrap_or_default()
    }

    fn effect(&mut self, pair: Pair) -> Option<Effect> {
        let span = self.span(&pair);
        Some(match pair.as_rule() {
            Rule::cost => {
                let mut parts = Parts::of(pair);
                let path = self.path(parts.must());
                let cost = self.expr(parts.must());
                Effect::Cost(CostEntry { path, cost, reason: parts.next().map(|reason| self.expr(reason)), span })
            }
            Rule::let_binding => Effect::Let(self.let_binding(pair)),
            Rule::if_effects => {
                let parts: Vec<Pair> = Parts::of(pair).collect();
                Effect::If(self.branches(parts, span, Self::effects, Effect::If)?)
            }
            Rule::for_effects => {
                let mut parts = Parts::of(pair);
                let ForHead { key, variable, iterable, filter } = self.for_head(parts.must());
                Effect::For(For { key, variable, iterable, filter, each: self.effects(parts.must()), span })
            }
            rule => unexpected(rule, "a change"),
        })
    }
}
