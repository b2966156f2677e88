//! What must hold of finished objects.
//!
//! An object is looked at twice only where something is wrong with it: [`Evaluator::broken_policies`] finds that out, and
//! a [`Evaluator::tracing`] evaluator, which knows what every value was computed from, then tells who is to blame.

use super::blame::{Judged, Mode, OBJECT};
use super::evaluator::{Eval, Evaluator};
use super::fit::fitting;
use super::frame::Frame;
use super::origins::Read;
use super::requirements::Subject;
use super::value::{Entry, Map, Origin, Rank, Str, Value};
use crate::core::{EnvironmentId, Policy};
use crate::diagnostic::Diagnostics;
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
        let result = self.judged(policy, object, mode);
        self.ruling = false;
        self.declared = None;
        self.end(result.is_err(), sink);
    }

    fn judged(&mut self, policy: &'p Policy, object: &Object, mode: Mode<'_>) -> Eval<()> {
        let whole = as_ruled(self.api, &whole(object), &policy.definition);
        let frame = Frame::plain(policy.slots);
        frame.bind(policy.object, whole.clone());
        let read = Read { path: OBJECT.into(), origin: Origin::NONE, value: whole.clone() };
        self.note_variable(&frame, policy.object, Some(Rc::from([read])));
        let mark = self.mark();
        let judged = Judged { object, whole: &whole, mode, around: None };
        let result = self.requirements(&policy.requirements, Subject::Object(judged), &frame);
        self.forget_reads(mark);
        result
    }
}

/// An object as the rules about its kind see it: by its type, and with what they take for granted.
pub(super) fn as_ruled(api: &Api, whole: &Value, definition: &str) -> Value {
    let fitting = fitting(api, whole, definition);
    let Value::Map(fields) = &fitting else { return fitting };
    let metadata = fields.get("metadata");
    if fields.get("apiVersion").is_some() && fields.get("kind").is_some() && name_of(metadata).is_some() {
        return fitting;
    }
    let text = |value: Option<&Value>| match value {
        Some(Value::Str(text)) => Value::Str(text.clone()),
        Some(_) | None => Value::Str("".into()),
    };
    let mut fields = (**fields).clone();
    let mut named = match metadata {
        Some(Value::Map(metadata)) => (**metadata).clone(),
        Some(_) | None => Map::default(),
    };
    let given = match whole {
        Value::Map(given) => given.clone(),
        _ => Rc::default(),
    };
    named.set("name".into(), text(name_of(given.get("metadata"))));
    fields.set("apiVersion".into(), text(given.get("apiVersion")));
    fields.set("kind".into(), text(given.get("kind")));
    fields.set("metadata".into(), Value::Map(Rc::new(named)));
    Value::Map(Rc::new(fields))
}

fn name_of(metadata: Option<&Value>) -> Option<&Value> {
    match metadata {
        Some(Value::Map(metadata)) => metadata.get("name"),
        Some(_) | None => None,
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
