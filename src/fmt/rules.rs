//! What holds for all objects of a kind: policies, and what changes cost.

use super::Walker;
use super::doc::{Column, Doc};
use super::sequence::{Brackets, Sequence};
use crate::syntax::ast::{Change, CostEntry, Effect, Policy};

impl<'t> Walker<'t> {
    /// `policy apps/v1 Deployment it { … }`
    pub(super) fn policy(&mut self, policy: &Policy) -> Doc<'t> {
        let Policy { doc: _, api_version, kind, variable, requirements, span: _ } = policy;
        let mut docs = vec![self.token("policy"), Doc::space(), self.name(api_version), Doc::space(), self.name(kind)];
        docs.extend([Doc::space(), self.name(variable), Doc::space(), self.requirements(requirements).group()]);
        Doc::all(docs)
    }

    /// `change apps/v1 Deployment (before, after) { … }`
    pub(super) fn change(&mut self, change: &Change) -> Doc<'t> {
        let Change { doc: _, api_version, kind, before, after, effects, span: _ } = change;
        let mut docs = vec![self.token("change"), Doc::space(), self.name(api_version), Doc::space(), self.name(kind)];
        docs.extend([Doc::space(), self.token("("), self.name(before), Doc::text(","), Doc::space()]);
        docs.extend([self.name(after), self.token(")"), Doc::space(), self.effects(effects).group()]);
        Doc::all(docs)
    }

    fn effects(&mut self, effects: &[Effect]) -> Sequence<'t> {
        self.sequence(Brackets::BLOCK, effects, Walker::effect)
    }

    fn effect(&mut self, effect: &Effect) -> Doc<'t> {
        match effect {
            Effect::Cost(entry) => self.cost(entry),
            Effect::Let(binding) => self.let_binding(binding),
            Effect::If(branches) => self.branches(branches, Walker::effects, |effect| {
                if let Effect::If(branches) = effect { Some(branches) } else { None }
            }),
            Effect::For(each) => self.each(each, Walker::effects),
        }
    }

    /// `path : cost`, `path : cost : reason`
    fn cost(&mut self, entry: &CostEntry) -> Doc<'t> {
        let CostEntry { path, cost, reason, span: _ } = entry;
        let key = self.path(path);
        let mut docs = vec![Doc::space(), self.token(":"), self.value(cost)];
        if let Some(reason) = reason {
            docs.extend([Doc::space(), self.token(":"), self.value(reason)]);
        }
        Doc::cell(key, Column::Cost, Doc::all(docs))
    }
}
