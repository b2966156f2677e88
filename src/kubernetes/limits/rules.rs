//! Rules in the Common Expression Language.

use super::json::{escape_names, fill, json, sort_sets};
use super::{LimitCheck, Spot, Walk, unchecked};
use crate::diagnostic::{Code, Diagnostics};
use crate::eval::value::Value;
use crate::kubernetes::cel::{Program, Verdict};
use crate::schema::{FieldType, Json, Limits, Rule};
use crate::source::Span;

impl LimitCheck<'_> {
    /// Reports rules that a value breaks.
    pub(super) fn rules(
        &mut self,
        walk: &Walk<'_>,
        value: &Value,
        ty: &FieldType,
        limits: &Limits,
        spot: &Spot,
        sink: &mut Diagnostics,
    ) {
        if limits.rules.is_empty() {
            return;
        }
        let mut subject = json(value);
        if spot.path.is_empty() {
            whole_object(walk, &mut subject);
        }
        fill(&mut subject, ty, self.api);
        let mut sorted = subject.clone();
        sort_sets(&mut sorted, ty, Some(limits), self.api);
        for seen in [&mut subject, &mut sorted] {
            escape_names(seen, ty, self.api);
        }
        for rule in &limits.rules {
            let Some(program) = self.program(rule, sink) else { continue };
            match program.check(&subject) {
                Verdict::Holds => {}
                // Sets are equal whatever their order.
                Verdict::Fails if compares(rule) && program.check(&sorted) == Verdict::Holds => {}
                Verdict::Fails => {
                    let text = message(rule, &subject);
                    let spot = Spot { at: field_at(walk, rule, value).unwrap_or(spot.at), ..spot.clone() };
                    let problem = format!("breaks a rule of its definition: {text}");
                    let diagnostic = walk.wrong(Code::CheckFailed, &spot, &problem, limits);
                    sink.report(diagnostic.note(format!("the rule is `{}`", rule.rule)));
                }
                Verdict::Unknown(why) => self.not_checked(rule, &why, sink),
            }
        }
    }

    /// The compiled form of a rule; none for one that is not to be run.
    fn program(&mut self, rule: &Rule, sink: &mut Diagnostics) -> Option<&Program> {
        if !self.programs.contains_key(&rule.declared) {
            let program = match Program::compile(&rule.rule) {
                // It compares two states of an object, and there is one.
                Ok(program) if program.is_transition() => None,
                Ok(program) => Some(program),
                Err(why) => {
                    self.not_checked(rule, &why, sink);
                    None
                }
            };
            self.programs.insert(rule.declared, program);
        }
        self.programs.get(&rule.declared).and_then(Option::as_ref)
    }

    fn not_checked(&mut self, rule: &Rule, why: &str, sink: &mut Diagnostics) {
        if !self.unchecked.contains(&rule.declared) {
            self.unchecked.push(rule.declared);
            let message = format!("the rule `{}` is not checked: {why}", rule.rule);
            sink.report(unchecked(message, Some(rule.declared)));
        }
    }
}

/// What the rules of a kind see: the object with its API version and kind.
fn whole_object(walk: &Walk<'_>, subject: &mut Json) {
    if let Json::Object(object) = subject {
        object.insert("apiVersion".to_string(), Json::from(&*walk.object.api_version));
        object.insert("kind".to_string(), Json::from(&*walk.object.kind));
    }
}

fn compares(rule: &Rule) -> bool {
    rule.rule.contains("==") || rule.rule.contains("!=")
}

fn message(rule: &Rule, subject: &Json) -> String {
    let computed = rule.message_expression.as_ref().and_then(|text| Program::compile(text).ok()?.text(subject));
    computed.or_else(|| rule.message.as_deref().map(str::to_string)).unwrap_or_else(|| format!("`{}`", rule.rule))
}

/// The place of the field that a rule blames.
fn field_at(walk: &Walk<'_>, rule: &Rule, value: &Value) -> Option<Span> {
    let path = rule.field_path.as_deref()?;
    let mut at = None;
    let mut value = value.clone();
    for key in path.split('.').filter(|key| !key.is_empty()) {
        let Value::Map(map) = &value else { return at };
        let Some(entry) = map.entry(key).cloned() else { return at };
        at = (walk.place)(entry.origin).or(at);
        value = entry.value;
    }
    at
}
