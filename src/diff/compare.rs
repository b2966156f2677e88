//! Two sets of objects to changes.

use super::{Difference, Mask, ObjectChange, Path, PathChange, Step};
use crate::eval::value::{Keyed, Map, Str, Value};
use crate::kubernetes::identity::group;
use crate::kubernetes::{Object, Unit, kustomize};
use std::collections::HashMap;

/// Who an object is in both sets. The version is no part of it, nor is the hash of a generated ConfigMap.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Identity {
    group: Str,
    kind: Str,
    namespace: Option<Str>,
    name: Str,
}

impl Identity {
    fn of(object: &Object) -> Identity {
        Identity {
            group: group(&object.api_version).into(),
            kind: object.kind.clone(),
            namespace: object.namespace.clone(),
            name: kustomize::name_without_hash(object).into(),
        }
    }
}

/// What is different between an environment's units before and after, as a cluster would receive their objects. Values of
/// Secrets are hidden in all that is returned.
#[must_use]
pub fn compare(before: &[Unit], after: &[Unit], mask: &Mask) -> Vec<ObjectChange> {
    let (before, after) = (delivered(before), delivered(after));
    let mut known: HashMap<Identity, (usize, &Object)> = HashMap::with_capacity(before.len());
    for (at, (_, object)) in before.iter().enumerate() {
        known.insert(Identity::of(object), (at, object));
    }
    let mut gone = vec![true; before.len()];
    let mut changes = Vec::new();
    for (unit, object) in &after {
        let difference = match known.get(&Identity::of(object)) {
            None => Difference::Created(mask.object(object)),
            Some((at, before)) => {
                gone[*at] = false;
                let paths = paths(before, object, mask);
                if paths.is_empty() {
                    continue;
                }
                Difference::Changed { before: mask.object(before), after: mask.object(object), paths }
            }
        };
        changes.push(ObjectChange { unit: unit.clone(), difference, consequence: None, prediction: None });
    }
    let gone = before.iter().zip(gone).filter(|(_, gone)| *gone);
    changes.extend(gone.map(|((unit, object), _)| ObjectChange {
        unit: unit.clone(),
        difference: Difference::Deleted(mask.object(object)),
        consequence: None,
        prediction: None,
    }));
    changes
}

/// The objects that a cluster receives, each with its unit's name.
pub(super) fn delivered(units: &[Unit]) -> Vec<(Str, Object)> {
    // What is left out is left out of both, so that they stay in step.
    let names = units.iter().flat_map(|unit| {
        let delivered = unit.objects.iter().filter(|object| !kustomize::is_left_out(object));
        delivered.map(|_| unit.name.clone())
    });
    names.zip(kustomize::rendered(units)).collect()
}

/// Where two objects differ.
fn paths(before: &Object, after: &Object, mask: &Mask) -> Vec<PathChange> {
    let mut walk = Walk { object: after, mask, path: Path::default(), changes: Vec::new() };
    let manifest = |object: &Object| kustomize::manifest(object, object.namespace.as_ref());
    walk.maps(&manifest(before), &manifest(after));
    walk.changes
}

struct Walk<'a> {
    object: &'a Object,
    mask: &'a Mask,
    path: Path,
    changes: Vec<PathChange>,
}

impl Walk<'_> {
    fn report(&mut self, before: Option<&Value>, after: Option<&Value>) {
        let shown = |value: Option<&Value>| value.map(|value| self.mask.value(self.object, &self.path, value));
        self.changes.push(PathChange {
            path: self.path.clone(),
            before: shown(before),
            after: shown(after),
            consequence: None,
            predicted: None,
            set_by: None,
        });
    }

    fn at(&mut self, step: Step, go: impl FnOnce(&mut Self)) {
        self.path.0.push(step);
        go(self);
        self.path.0.pop();
    }

    fn values(&mut self, before: &Value, after: &Value) {
        match (before, after) {
            (Value::Map(before), Value::Map(after)) => self.maps(before, after),
            (Value::Keyed(before), Value::Keyed(after)) if before.field == after.field => self.keyed(before, after),
            (Value::List(before), Value::List(after)) if are_alike(before, after) => {
                for (at, (before, after)) in before.iter().zip(&**after).enumerate() {
                    self.at(Step::Index(at), |walk| walk.values(before, after));
                }
            }
            (before, after) if before == after => {}
            (before, after) => self.report(Some(before), Some(after)),
        }
    }

    fn maps(&mut self, before: &Map, after: &Map) {
        for entry in before.entries() {
            self.at(Step::Key(entry.key.clone()), |walk| match after.get(&entry.key) {
                Some(after) => walk.values(&entry.value, after),
                None => walk.report(Some(&entry.value), None),
            });
        }
        for entry in after.entries().iter().filter(|entry| before.get(&entry.key).is_none()) {
            self.at(Step::Key(entry.key.clone()), |walk| walk.report(None, Some(&entry.value)));
        }
    }

    fn keyed(&mut self, before: &Keyed, after: &Keyed) {
        for entry in before.items.entries() {
            self.at(Step::Label(entry.key.clone()), |walk| match after.items.get(&entry.key) {
                Some(after) => walk.values(&entry.value, after),
                None => walk.report(Some(&entry.value), None),
            });
        }
        for entry in after.items.entries().iter().filter(|entry| before.items.get(&entry.key).is_none()) {
            self.at(Step::Label(entry.key.clone()), |walk| walk.report(None, Some(&entry.value)));
        }
        let (was, is) = (common_labels(before, after), common_labels(after, before));
        if was != is {
            // The order counts, as that of init containers does.
            let list = |labels: Vec<Str>| Value::List(labels.into_iter().map(Value::Str).collect::<Vec<_>>().into());
            self.report(Some(&list(was)), Some(&list(is)));
        }
    }
}

/// The labels of one list that another has too, in the first one's order.
fn common_labels(of: &Keyed, other: &Keyed) -> Vec<Str> {
    let labels = of.items.entries().iter().map(|entry| entry.key.clone());
    labels.filter(|label| other.items.get(label).is_some()).collect()
}

/// Whether lists are best compared item by item: as long, and of records.
fn are_alike(before: &[Value], after: &[Value]) -> bool {
    let is_record = |value: &Value| matches!(value, Value::Map(_));
    before.len() == after.len() && before.iter().chain(after).all(is_record)
}
