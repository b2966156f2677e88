//! Rules in the Common Expression Language.

use super::json::{escape_names, fill, json, sort_sets};
use super::{LimitCheck, Spot, Walk, record_of, unchecked};
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
        let mut typed = Vec::new();
        if is_typed(limits.format.as_deref()) {
            typed.push("self".to_string());
        }
        self.typed_fields(ty, &mut typed, &mut Vec::new());
        for rule in &limits.rules {
            if let Some(name) = typed.iter().find(|name| mentions(&rule.rule, name)) {
                self.not_checked(
                    rule,
                    &format!("it reads `{name}`, which is more than a text to the API server"),
                    sink,
                );
                continue;
            }
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

    /// The names of fields, at any depth, that rules see as points in time, durations or bytes, and not as texts.
    fn typed_fields(&self, ty: &FieldType, names: &mut Vec<String>, seen: &mut Vec<String>) {
        let Some(full_name) = record_of(ty).filter(|name| !seen.iter().any(|known| known == name)) else { return };
        let Some(definition) = self.api.definition(full_name).filter(|known| known.declared.is_some()) else { return };
        seen.push(full_name.to_string());
        for field in &definition.fields {
            let format = field.limits.as_ref().and_then(|limits| limits.format.as_deref());
            if is_typed(format) {
                names.push(field.name.clone());
            }
            self.typed_fields(&field.ty, names, seen);
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

/// Whether rules see texts of a format as values of another type.
fn is_typed(format: Option<&str>) -> bool {
    matches!(format, Some("date-time" | "datetime" | "date" | "duration" | "byte"))
}

/// Whether a rule names a field.
fn mentions(rule: &str, name: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    rule.match_indices(name)
        .any(|(at, _)| !rule[..at].ends_with(is_name) && !rule[at + name.len()..].starts_with(is_name))
}
