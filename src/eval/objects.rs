//! Objects: their fields, layer by layer, and their names.

use super::body::Filter;
use super::evaluator::{Eval, Evaluator, Failed};
use super::frame::{Finished, Frame, Known};
use super::items::prefixed;
use super::value::{Entry, Map, Origin, Rank, Str, Value};
use crate::core::{Container, Label, Resource};
use crate::diagnostic::{Code, Diagnostic};
use std::rc::Rc;

const NAME: Filter = &["metadata", "name"];
const NAMESPACE: Filter = &["metadata", "namespace"];

/// About how many bytes an object takes that says next to nothing.
const PLAINEST: usize = 512;

impl<'p> Evaluator<'p> {
    /// An object with all its fields; evaluated once.
    pub(super) fn object(&mut self, resource: &'p Resource, frame: &Rc<Frame<'p>>) -> Eval<Finished> {
        let site = frame.site.as_ref().ok_or(Failed)?;
        let index = resource.index;
        let known = site.objects.borrow().get(&index).cloned().unwrap_or_default();
        match known {
            Known::Done(finished) => return Ok(finished),
            Known::Failed => return Err(Failed),
            Known::Busy => {
                let path = self.resource_path(resource, frame, "");
                return self.cycle(&path, resource.span);
            }
            Known::Not => {}
        }
        site.objects.borrow_mut().insert(index, Known::Busy);
        let path = self.resource_path(resource, frame, "");
        self.making.push((path, resource.span));
        let result = self.make_object(resource, frame);
        self.making.pop();
        let known = result.as_ref().map_or(Known::Failed, |finished| Known::Done(finished.clone()));
        site.objects.borrow_mut().insert(index, known);
        result
    }

    /// What to call an object in a message.
    pub(super) fn resource_path(&self, resource: &Resource, frame: &Frame<'p>, field: &str) -> String {
        let label = match &resource.label {
            Label::Static(sym) => self.program.name(*sym),
            Label::Computed(_) => &resource.kind,
        };
        let outer = frame.site.as_ref().map_or("", |site| &*site.name);
        let dot = if outer.is_empty() { "" } else { "." };
        [outer, dot, label, field].concat()
    }

    fn fields(&mut self, resource: &'p Resource, frame: &Rc<Frame<'p>>, filter: Filter) -> Eval<Map> {
        let mut fields = Map::with_capacity(resource.body.entries.len() + 1);
        let own = self.fill(&resource.body, frame, &mut fields, Container::Map, filter);
        self.apply_overrides(resource, frame, &mut fields, filter).and(own)?;
        Ok(fields)
    }

    fn make_object(&mut self, resource: &'p Resource, frame: &Rc<Frame<'p>>) -> Eval<Finished> {
        self.spend(PLAINEST)?;
        let mut fields = self.fields(resource, frame, &[])?;
        let name = match metadata(&fields, "name") {
            Some(Value::Str(name)) => name.clone(),
            Some(_) => return self.not_text("metadata.name", resource),
            None => {
                let name = self.default_name(resource, frame)?;
                let origin = self.label_origin(resource.span);
                insert_name(&mut fields, name.clone(), origin);
                name
            }
        };
        let explicit = take_namespace(&mut fields);
        let explicit_origin = explicit.as_ref().map(|entry| entry.origin);
        let namespace = match (resource.namespaced, explicit.map(|entry| entry.value)) {
            (false, _) => None,
            (true, None) => Some(self.namespace()),
            (true, Some(Value::Str(namespace))) => Some(namespace),
            (true, Some(_)) => return self.not_text("metadata.namespace", resource),
        };
        if let Some(definition) = &resource.definition
            && (resource.verify || overridden_to_verify(resource, frame))
        {
            self.verify(&fields, definition, resource, &name)?;
        }
        let fields = Rc::new(fields);
        self.measure(&Value::Map(fields.clone()))?;
        self.trace_made(resource, frame, &fields, explicit_origin);
        let namespaced_by = explicit_origin.unwrap_or(Origin::NONE);
        Ok(Finished { fields, name, namespace, namespaced_by })
    }

    fn not_text<T>(&mut self, field: &str, resource: &Resource) -> Eval<T> {
        let message = format!("`{field}` is not text");
        self.fail(Diagnostic::error(Code::InvalidValue, message, resource.span))
    }

    fn default_name(&mut self, resource: &'p Resource, frame: &Rc<Frame<'p>>) -> Eval<Str> {
        let label = self.label(&resource.label, frame)?;
        Ok(prefixed(frame, label))
    }

    /// An object's name, without computing the rest of it.
    pub(super) fn object_name(&mut self, resource: &'p Resource, frame: &Rc<Frame<'p>>) -> Eval<Str> {
        let site = frame.site.as_ref().ok_or(Failed)?;
        let index = resource.index;
        if let Some(Known::Done(finished)) = site.objects.borrow().get(&index) {
            return Ok(finished.name.clone());
        }
        let known = site.names.borrow().get(&index).cloned().unwrap_or_default();
        match known {
            Known::Done(name) => return Ok(name),
            Known::Failed => return Err(Failed),
            Known::Busy => {
                let path = self.resource_path(resource, frame, ".name");
                return self.cycle(&path, resource.span);
            }
            Known::Not => {}
        }
        site.names.borrow_mut().insert(index, Known::Busy);
        let path = self.resource_path(resource, frame, ".name");
        self.making.push((path, resource.span));
        let result = self.make_name(resource, frame);
        self.making.pop();
        let known = result.as_ref().map_or(Known::Failed, |name| Known::Done(name.clone()));
        site.names.borrow_mut().insert(index, known);
        result
    }

    fn make_name(&mut self, resource: &'p Resource, frame: &Rc<Frame<'p>>) -> Eval<Str> {
        let fields = self.fields(resource, frame, NAME)?;
        self.trace_name(resource, frame, &fields);
        match metadata(&fields, "name") {
            Some(Value::Str(name)) => Ok(name.clone()),
            Some(_) => self.not_text("metadata.name", resource),
            None => self.default_name(resource, frame),
        }
    }

    /// The namespace that an object will be in; that of the environment for what lives in none.
    pub(super) fn object_namespace(&mut self, resource: &'p Resource, frame: &Rc<Frame<'p>>) -> Eval<Str> {
        let fields = self.fields(resource, frame, NAMESPACE)?;
        match metadata(&fields, "namespace") {
            Some(Value::Str(namespace)) => Ok(namespace.clone()),
            Some(_) => self.not_text("metadata.namespace", resource),
            None => Ok(self.namespace()),
        }
    }
}

/// Whether an override around an object may have made it incomplete.
fn overridden_to_verify(resource: &Resource, frame: &Rc<Frame<'_>>) -> bool {
    let mut inner = Some(frame.clone());
    while let Some((outer, instance)) = inner.as_ref().and_then(|frame| frame.site.as_ref()?.outer.clone()) {
        // Overrides for another object of the same number in another component cost no more than a look.
        if instance
            .overrides
            .iter()
            .any(|entry| entry.verify && entry.routes.iter().any(|route| route.resource == resource.index))
        {
            return true;
        }
        inner = outer.upgrade();
    }
    false
}

fn metadata<'m>(fields: &'m Map, key: &str) -> Option<&'m Value> {
    match fields.get("metadata") {
        Some(Value::Map(metadata)) => metadata.get(key),
        Some(_) | None => None,
    }
}

/// Puts the name first in `metadata`, and `metadata` first in the object where it was not there.
fn insert_name(fields: &mut Map, name: Str, origin: Origin) {
    let entry = |key: &str, value| Entry { key: key.into(), value, origin, rank: Rank::NONE };
    let mut metadata = Map::with_capacity(4);
    metadata.push(entry("name", Value::Str(name)));
    match fields.position("metadata") {
        Some(at) => {
            let known = fields.entry_mut(at);
            if let Value::Map(others) = &known.value {
                for other in others.entries() {
                    metadata.push(other.clone());
                }
            }
            known.value = Value::Map(Rc::new(metadata));
        }
        None => {
            let mut all = Map::with_capacity(fields.len() + 1);
            all.push(entry("metadata", Value::Map(Rc::new(metadata))));
            for other in std::mem::take(fields).into_entries() {
                all.push(other);
            }
            *fields = all;
        }
    }
}

fn take_namespace(fields: &mut Map) -> Option<Entry> {
    let at = fields.position("metadata")?;
    let Value::Map(metadata) = &mut fields.entry_mut(at).value else { return None };
    // Without a look first, shared metadata would be copied for nothing.
    metadata.position("namespace")?;
    Rc::make_mut(metadata).remove("namespace")
}
