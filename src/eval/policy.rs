//! What must hold of finished objects.
//!
//! An object is looked at twice only where something is wrong with it: [`Evaluator::broken_policies`] finds that out, and
//! a [`Evaluator::tracing`] evaluator, which knows what every value was computed from, then tells who is to blame.

use super::blame::{Judged, Mode, OBJECT};
use super::evaluator::{Eval, Evaluator};
use super::fit::{Fitting, fitting};
use super::frame::Frame;
use super::origins::Read;
use super::requirements::Subject;
use super::value::{Entry, Map, Origin, Rank, Str, Value};
use crate::core::{EnvironmentId, Policy};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::kubernetes::Object;
use crate::schema::Api;
use crate::source::Span;
use std::cell::Cell;
use std::rc::Rc;

/// A policy that an object does not keep: its number among those of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken(usize);

impl<'p> Evaluator<'p> {
    /// The policies that an object of an environment breaks. Reports nothing but what goes wrong in evaluating them.
    pub fn broken_policies(
        &mut self,
        environment: EnvironmentId,
        object: &Object,
        sink: &mut Diagnostics,
    ) -> Vec<Broken> {
        let program = self.program;
        let own = |policy: &Policy| *policy.kind == *object.kind && *policy.api_version == *object.api_version;
        let mut broken = Vec::new();
        for (number, policy) in program.policies.iter().enumerate().filter(|(_, policy)| own(policy)) {
            let found = Cell::new(false);
            self.judge(environment, policy, object, Mode::Note(&found), sink);
            if found.get() {
                broken.push(Broken(number));
            }
        }
        broken
    }

    /// Reports what breaks a policy, at the place that a user wrote: `is_theirs` knows those.
    pub fn report_broken(
        &mut self,
        environment: EnvironmentId,
        object: &Object,
        broken: &[Broken],
        is_theirs: &dyn Fn(Span) -> bool,
        sink: &mut Diagnostics,
    ) {
        for Broken(number) in broken {
            if let Some(policy) = self.program.policies.get(*number) {
                self.judge(environment, policy, object, Mode::Tell(is_theirs), sink);
            }
        }
    }

    fn judge(
        &mut self,
        environment: EnvironmentId,
        policy: &'p Policy,
        object: &Object,
        mode: Mode<'_>,
        sink: &mut Diagnostics,
    ) {
        self.begin(environment);
        self.root = Some(self.root_frame(None));
        self.declared = Some(object.span);
        self.ruling = true;
        let ruled = as_ruled(self.api, &whole(object), &policy.definition);
        let result = self.judged(policy, object, &ruled.object, mode);
        self.ruling = false;
        self.declared = None;
        if ruled.is_complete {
            self.end(result.is_err(), sink);
            return;
        }
        // What cannot be computed of an incomplete object is not the policy's fault.
        let mut found = Diagnostics::default();
        self.end(result.is_err(), &mut found);
        let broken = |diagnostic: &Diagnostic| diagnostic.code == Code::CheckFailed;
        found.finish(&[]).into_iter().filter(broken).for_each(|diagnostic| sink.report(diagnostic));
    }

    fn judged(&mut self, policy: &'p Policy, object: &Object, whole: &Value, mode: Mode<'_>) -> Eval<()> {
        let frame = Frame::plain(policy.slots);
        frame.bind(policy.object, whole.clone());
        let read = Read { path: OBJECT.into(), origin: Origin::NONE, value: whole.clone() };
        self.note_variable(&frame, policy.object, Some(Rc::from([read])));
        let mark = self.mark();
        let judged = Judged { object, whole, mode, around: None };
        let result = self.requirements(&policy.requirements, Subject::Object(judged), &frame);
        self.forget_reads(mark);
        result
    }
}

/// An object as the rules about its kind see it.
pub(super) struct Ruled {
    /// What of it fits the type of the kind.
    pub object: Value,
    /// Whether nothing is missing that the type promises.
    pub is_complete: bool,
}

/// An object by the type of its kind, with what rules take for granted: its kind and its name.
pub(super) fn as_ruled(api: &Api, whole: &Value, definition: &str) -> Ruled {
    let Fitting { fields, is_complete } = fitting(api, whole, definition);
    let object = if is_identified(&fields) { Value::Map(fields) } else { identified(&fields, whole) };
    Ruled { object, is_complete }
}

fn is_identified(fields: &Map) -> bool {
    let name = fields.get("metadata").and_then(|metadata| member(metadata, "name"));
    name.is_some() && fields.get("apiVersion").is_some() && fields.get("kind").is_some()
}

/// The fields with the identity of the whole object; empty texts where it has none.
fn identified(fields: &Map, whole: &Value) -> Value {
    let text = |value: Option<&Value>| match value {
        Some(Value::Str(text)) => Value::Str(text.clone()),
        Some(_) | None => Value::Str("".into()),
    };
    let mut named = match fields.get("metadata") {
        Some(Value::Map(metadata)) => (**metadata).clone(),
        Some(_) | None => Map::default(),
    };
    named.set("name".into(), text(member(whole, "metadata").and_then(|metadata| member(metadata, "name"))));
    let mut fields = fields.clone();
    fields.set("apiVersion".into(), text(member(whole, "apiVersion")));
    fields.set("kind".into(), text(member(whole, "kind")));
    fields.set("metadata".into(), Value::Map(Rc::new(named)));
    Value::Map(Rc::new(fields))
}

fn member<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match value {
        Value::Map(map) => map.get(key),
        _ => None,
    }
}

/// An object as it is written: with its kind, and the namespace in its metadata.
#[must_use]
pub fn whole(object: &Object) -> Value {
    let entry = |key: &str, value: &Str, origin| Entry {
        key: key.into(),
        value: Value::Str(value.clone()),
        origin,
        rank: Rank::NONE,
    };
    let mut map = Map::with_capacity(object.fields.len() + 2);
    map.push(entry("apiVersion", &object.api_version, Origin::NONE));
    map.push(entry("kind", &object.kind, Origin::NONE));
    for field in object.fields.entries().iter().filter(|field| !matches!(&*field.key, "apiVersion" | "kind")) {
        let mut field = field.clone();
        if let (Value::Map(metadata), "metadata", Some(namespace)) = (&mut field.value, &*field.key, &object.namespace)
        {
            Rc::make_mut(metadata).push(entry("namespace", namespace, object.namespaced_by));
        }
        map.push(field);
    }
    Value::Map(Rc::new(map))
}
