//! What a change of an object does to what runs.

use super::cx::Cx;
use super::expr::Wanted;
use super::ty::Type;
use super::{Checker, errors};
use crate::core::{self, Cost};
use crate::diagnostic::{Code, Diagnostic};
use crate::modules::ModuleId;
use crate::source::Span;
use crate::syntax::ast;

/// A `change`, and whose.
pub struct ChangeInfo<'a> {
    pub module: ModuleId,
    pub declared: &'a ast::Change,
}

impl<'a> Checker<'a> {
    pub(super) fn check_changes(&mut self) {
        for number in 0..self.changes.len() {
            let ChangeInfo { module, declared } = self.changes[number];
            let mut cx = Cx::new(module, None);
            let Some(kind) = self.ruled_kind(&declared.api_version, &declared.kind) else { continue };
            if declared.before.text == declared.after.text {
                let (name, first) = (&declared.after, &declared.before);
                self.sink.report(errors::duplicate_name(&name.text, name.span, first.span));
            }
            let before = kind.variable(&mut cx, &declared.before);
            let after = kind.variable(&mut cx, &declared.after);
            let who = format!("`{}`", declared.kind.text);
            let holder = Wanted::by(Type::Definition((&*kind.definition).into()), who, None);
            let effects = self.effects(&mut cx, &declared.effects, &holder);
            self.program.changes.push(core::Change {
                api_version: declared.api_version.text.clone(),
                kind: declared.kind.text.clone(),
                definition: kind.definition,
                before,
                after,
                slots: cx.slots,
                effects,
            });
        }
    }

    fn effects(&mut self, cx: &mut Cx<'a>, effects: &'a [ast::Effect], holder: &Wanted) -> Vec<core::Effect> {
        let mut paths: Vec<(String, Span)> = Vec::new();
        for effect in effects {
            let ast::Effect::Cost(entry) = effect else { continue };
            let written = self.files.text(entry.path.span);
            match paths.iter().find(|(path, _)| path == written) {
                Some((_, first)) => {
                    let message = format!("`{written}` has two costs");
                    let diagnostic = Diagnostic::error(Code::DuplicateField, message, entry.path.span);
                    let help = "keep one, or put each under a condition: of several the worst counts".to_string();
                    self.sink.report(diagnostic.also(*first, "the first is here").help(help));
                }
                None => paths.push((written.to_string(), entry.path.span)),
            }
        }
        effects.iter().filter_map(|effect| self.effect(cx, effect, holder)).collect()
    }

    fn effect(&mut self, cx: &mut Cx<'a>, effect: &'a ast::Effect, holder: &Wanted) -> Option<core::Effect> {
        Some(match effect {
            ast::Effect::Cost(entry) => core::Effect::Cost(self.cost(cx, entry, holder)?),
            ast::Effect::Let(declared) => {
                let (value, ty) = self.inner_let(cx, declared);
                core::Effect::Let(cx.variable(&declared.name, ty), value)
            }
            ast::Effect::If(branch) => {
                let (condition, facts) = self.condition(cx, &branch.condition);
                let then = self.under(cx, facts.when_true, |this, cx| this.effects(cx, &branch.then, holder));
                let otherwise =
                    self.under(cx, facts.when_false, |this, cx| this.effects(cx, &branch.otherwise, holder));
                core::Effect::If { condition, then, otherwise }
            }
            ast::Effect::For(each) => {
                cx.push();
                let (key, variable, iterable, filter) = self.for_head(cx, each);
                let each = self.effects(cx, &each.each, holder);
                cx.pop();
                core::Effect::For { key, variable, iterable, filter, each }
            }
        })
    }

    fn cost(&mut self, cx: &mut Cx<'a>, entry: &'a ast::CostEntry, holder: &Wanted) -> Option<core::CostEntry> {
        let walked = self.walk(cx, holder, &entry.path);
        let words = Type::one_of(Cost::ALL.iter().map(|cost| cost.word()));
        let cost = self.check(cx, &entry.cost, &Wanted::by(words, "what a change costs".to_string(), None));
        let reason = entry.reason.as_ref().map(|reason| {
            let wanted = Wanted::by(Type::String, "the reason of a cost".to_string(), None);
            self.check(cx, reason, &wanted)
        });
        let path = walked?.steps.into_iter().map(|step| step.key).collect();
        Some(core::CostEntry { path, cost, reason, span: entry.path.span })
    }
}
