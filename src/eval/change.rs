//! What a change of an object does to what runs, as the program's rules have it.

use super::evaluator::{Eval, Evaluator, Failed, MOST_VALUES, NESTING};
use super::frame::Frame;
use super::policy::{Ruled, as_ruled};
use super::value::{Str, Value};
use crate::core::{Change, Cost, CostEntry, Effect, EnvironmentId, Key};
use crate::diagnostic::Diagnostics;
use crate::source::Span;
use std::rc::Rc;

/// An object before and after a change. Both are plain data, with `apiVersion`, `kind` and `metadata`, as [`super::whole`]
/// makes them of an object of a program, or [`super::plain`] of YAML or JSON.
///
/// They may hold anything: a rule sees of them what fits the type of the kind, and of lists that have keys the items by
/// these. What does not fit is as if it were not there.
#[derive(Debug, Clone, Copy)]
pub struct Versions<'a> {
    /// Such as `apps/v1`.
    pub api_version: &'a str,
    /// Such as `Deployment`.
    pub kind: &'a str,
    /// As it is.
    pub before: &'a Value,
    /// As it will be.
    pub after: &'a Value,
}

/// What a change of one value does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequence {
    /// How bad it is.
    pub cost: Cost,
    /// Why, in the words of the rule.
    pub reason: Option<Str>,
    /// The path of the entry that says so, with dots between its keys.
    pub path: Str,
    /// Where the entry stands.
    pub span: Span,
}

impl<'p> Evaluator<'p> {
    /// What the change of each of these values does, by the `change` rules about the kind, in all modules; none for a
    /// value that no rule speaks of.
    ///
    /// A path consists of keys, of the labels of items that have some, and of `[0]` for elements by their number. It is to
    /// lead to a value that holds no others, on either side: of what appears or disappears as a whole, each value in it is
    /// a change of its own.
    ///
    /// Of all entries the one with the longest path that the changed path begins with decides, and of several as long the
    /// worst. Keys are compared as text with dots between them, so that `a.b` in a free-form map is met by `a { b … }` too.
    ///
    /// What goes wrong in a rule is reported, and leaves the rest of that rule out.
    pub fn consequences(
        &mut self,
        environment: EnvironmentId,
        versions: Versions<'_>,
        paths: &[Vec<String>],
        sink: &mut Diagnostics,
    ) -> Vec<Option<Consequence>> {
        let program = self.program;
        let mut entries = Vec::new();
        let own = |change: &&Change| *change.kind == *versions.kind && *change.api_version == *versions.api_version;
        for change in program.changes.iter().filter(own) {
            self.begin(environment);
            self.root = Some(self.root_frame(None));
            let (before, after) = (self.version(versions.before, change), self.version(versions.after, change));
            let result = self.change(change, &before.object, &after.object, &mut entries);
            // What cannot be computed of an incomplete object is not the rule's fault.
            let mut unheard = Diagnostics::default();
            let heard = before.is_complete && after.is_complete;
            self.end(result.is_err(), if heard { sink } else { &mut unheard });
        }
        paths.iter().map(|path| decisive(&entries, &joined(path.iter().map(String::as_str)))).collect()
    }

    fn version(&mut self, version: &Value, change: &Change) -> Ruled {
        // What is walked through must have an end, and be no deeper than the stack; that it has none is nobody's fault.
        match version.count(MOST_VALUES, NESTING) {
            Some(_) => as_ruled(self.api, version, &change.definition),
            None => as_ruled(self.api, &Value::Absent, &change.definition),
        }
    }

    fn change(
        &mut self,
        change: &'p Change,
        before: &Value,
        after: &Value,
        entries: &mut Vec<Consequence>,
    ) -> Eval<()> {
        let frame = Frame::plain(change.slots);
        frame.bind(change.before, before.clone());
        frame.bind(change.after, after.clone());
        self.effects(&change.effects, &frame, entries)
    }

    fn effects(&mut self, effects: &'p [Effect], frame: &Rc<Frame<'p>>, entries: &mut Vec<Consequence>) -> Eval<()> {
        let mut result = Ok(());
        for effect in effects {
            let done = self.effect(effect, frame, entries);
            // What follows a variable that could not be computed cannot be looked at.
            if done.is_err() && matches!(effect, Effect::Let(..)) {
                return done;
            }
            result = done.and(result);
        }
        result
    }

    fn effect(&mut self, effect: &'p Effect, frame: &Rc<Frame<'p>>, entries: &mut Vec<Consequence>) -> Eval<()> {
        match effect {
            Effect::Cost(entry) => {
                let consequence = self.consequence(entry, frame)?;
                self.spend(size_of::<Consequence>() + consequence.path.len())?;
                entries.push(consequence);
                Ok(())
            }
            Effect::Let(slot, value) => {
                let value = self.expr(value, frame)?;
                frame.bind(*slot, value);
                Ok(())
            }
            Effect::If { condition, then, otherwise } => {
                let taken = if self.condition(condition, frame)? { then } else { otherwise };
                self.effects(taken, frame, entries)
            }
            Effect::For { key, variable, iterable, filter, each } => {
                let mut result = Ok(());
                for round in self.rounds(iterable, frame)? {
                    self.toil(1)?;
                    frame.bind_round(*key, *variable, round);
                    let taken = match filter {
                        Some(filter) => self.condition(filter, frame),
                        None => Ok(true),
                    };
                    let done = match taken {
                        Ok(true) => self.effects(each, frame, entries),
                        Ok(false) => Ok(()),
                        Err(Failed) => Err(Failed),
                    };
                    result = done.and(result);
                }
                frame.leave_loop(*key, *variable);
                result
            }
        }
    }

    fn consequence(&mut self, entry: &'p CostEntry, frame: &Rc<Frame<'p>>) -> Eval<Consequence> {
        let mut keys = Vec::with_capacity(entry.path.len());
        for key in &entry.path {
            keys.push(match key {
                Key::Static(sym) => self.name(*sym).clone(),
                Key::Computed(text) => self.string(text, frame)?,
            });
        }
        let word = self.string(&entry.cost, frame)?;
        // The checker lets no other word through.
        let cost = Cost::of(&word).ok_or(Failed)?;
        let reason = entry.reason.as_ref().map(|reason| self.string(reason, frame)).transpose()?;
        let path = joined(keys.iter().map(|key| &**key)).into();
        Ok(Consequence { cost, reason, path, span: entry.span })
    }
}

/// Keys with dots between them; numbers of elements stand as they are.
fn joined<'k>(keys: impl Iterator<Item = &'k str>) -> String {
    let mut path = String::new();
    for key in keys {
        if !path.is_empty() && !key.starts_with('[') {
            path.push('.');
        }
        path.push_str(key);
    }
    path
}

/// What the entries say of a change of the value at a path.
fn decisive(entries: &[Consequence], path: &str) -> Option<Consequence> {
    let mut best: Option<&Consequence> = None;
    for consequence in entries {
        if !leads_to(&consequence.path, path) {
            continue;
        }
        let rank = |consequence: &Consequence| (consequence.path.len(), consequence.cost);
        // Of two alike the first one counts.
        if best.is_none_or(|best| rank(consequence) > rank(best)) {
            best = Some(consequence);
        }
    }
    best.cloned()
}

/// Whether a path lies in another.
fn leads_to(outer: &str, path: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}
