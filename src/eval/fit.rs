//! Data as the type of a kind has it: what does not fit is left out, so that whoever reads the rest by its type is safe.
//!
//! An object of a cluster, or one that the program leaves unchecked, may hold anything. A rule must neither break on that
//! nor blame the program for it.

use super::data::definition;
use super::expr::write_scalar;
use super::merge;
use super::value::{Entry, Keyed, Map, Str, Value};
use crate::schema::{Api, Definition, FieldType};
use std::rc::Rc;

/// What becomes of a value.
enum Fit {
    /// It fits as it is.
    Whole,
    /// This of it fits.
    Part(Value),
    /// Nothing of it fits.
    Nothing,
}

/// An object by the type of its kind.
pub(super) struct Fitting {
    /// What of it fits.
    pub fields: Rc<Map>,
    /// Whether nothing is missing that the type promises.
    pub is_complete: bool,
}

/// What of an object fits the definition of its kind.
pub(super) fn fitting(api: &Api, object: &Value, kind: &str) -> Fitting {
    let (Value::Map(map), Some(definition)) = (object, definition(api, kind)) else {
        return Fitting { fields: Rc::default(), is_complete: false };
    };
    let fields = match fit_fields(api, map, definition) {
        Fit::Part(Value::Map(part)) => part,
        Fit::Whole | Fit::Part(_) | Fit::Nothing => map.clone(),
    };
    let is_complete = !lacks(definition, &fields, None);
    Fitting { fields, is_complete }
}

fn fit(api: &Api, value: &Value, ty: &FieldType) -> Fit {
    match (ty, value) {
        (FieldType::Any, _) => Fit::Whole,
        (FieldType::Nullable(_), Value::Null) => Fit::Whole,
        (FieldType::Nullable(inner), _) => fit(api, value, inner),
        (FieldType::String | FieldType::Duration | FieldType::Quantity, Value::Str(_)) => Fit::Whole,
        // The cluster keeps `1` where a custom resource says so, and text where Kubernetes' own kinds do.
        (FieldType::Quantity, Value::Int(_) | Value::Float(_) | Value::Memory(_) | Value::Cpu(_))
        | (FieldType::Duration, Value::Duration(_)) => Fit::Part(text(value)),
        (FieldType::Int, Value::Int(_))
        | (FieldType::IntOrString, Value::Int(_) | Value::Str(_))
        | (FieldType::Float, Value::Float(_) | Value::Int(_))
        | (FieldType::Bool, Value::Bool(_)) => Fit::Whole,
        (FieldType::Enum(known), Value::Str(text)) if known.iter().any(|word| **word == **text) => Fit::Whole,
        (FieldType::List(inner), Value::List(list)) => fit_list(list, |item| fit(api, item, inner)),
        (FieldType::Map(inner), Value::Map(map)) => fit_map(map, |entry| fit(api, &entry.value, inner)),
        (FieldType::Record(name), _) => fit_record(api, value, name, None),
        (FieldType::Keyed { item, label, .. }, Value::Keyed(keyed)) => {
            match fit_map(&keyed.items, |entry| fit_record(api, &entry.value, item, Some(label))) {
                Fit::Part(Value::Map(items)) => {
                    let items = Rc::unwrap_or_clone(items);
                    Fit::Part(Value::Keyed(Rc::new(Keyed { field: keyed.field.clone(), items })))
                }
                other => other,
            }
        }
        (FieldType::Keyed { item, label, .. }, Value::List(list)) => {
            let fitting = match fit_list(list, |one| fit_record(api, one, item, None)) {
                Fit::Part(Value::List(fitting)) => fitting,
                Fit::Whole | Fit::Part(_) | Fit::Nothing => list.clone(),
            };
            Fit::Part(match merge::keyed(&fitting, &Str::from(label.as_str())) {
                Some(keyed) => Value::Keyed(Rc::new(keyed)),
                None => Value::List(fitting),
            })
        }
        (
            FieldType::String
            | FieldType::Int
            | FieldType::Float
            | FieldType::Bool
            | FieldType::Quantity
            | FieldType::IntOrString
            | FieldType::Duration
            | FieldType::Enum(_)
            | FieldType::List(_)
            | FieldType::Map(_)
            | FieldType::Keyed { .. },
            _,
        ) => Fit::Nothing,
    }
}

/// A record without a field that its type has is none of that type. `label` is the field that its place in a keyed list
/// says.
fn fit_record(api: &Api, value: &Value, name: &str, label: Option<&str>) -> Fit {
    let (Value::Map(map), Some(definition)) = (value, definition(api, name)) else { return Fit::Nothing };
    let fitted = fit_fields(api, map, definition);
    match &fitted {
        Fit::Whole if lacks(definition, map, label) => Fit::Nothing,
        Fit::Part(Value::Map(part)) if lacks(definition, part, label) => Fit::Nothing,
        Fit::Whole | Fit::Part(_) | Fit::Nothing => fitted,
    }
}

fn fit_fields(api: &Api, map: &Map, definition: &Definition) -> Fit {
    fit_map(map, |entry| match definition.field(&entry.key) {
        Some(field) => fit(api, &entry.value, &field.ty),
        // Nothing reads it by its name unless the record is open, and then it may be anything.
        None => Fit::Whole,
    })
}

/// Whether a record lacks a field that its type has.
fn lacks(definition: &Definition, map: &Map, label: Option<&str>) -> bool {
    let mut required = definition.fields.iter().filter(|field| field.required);
    required.any(|field| label != Some(&*field.name) && map.get(&field.name).is_none())
}

fn fit_list(list: &[Value], each: impl Fn(&Value) -> Fit) -> Fit {
    // Nearly always all of it fits, and nothing has to be copied.
    let mut changed: Option<Vec<Value>> = None;
    for (at, item) in list.iter().enumerate() {
        let fit = each(item);
        if changed.is_none() && !matches!(fit, Fit::Whole) {
            changed = Some(list[..at].to_vec());
        }
        let Some(fitting) = &mut changed else { continue };
        match fit {
            Fit::Whole => fitting.push(item.clone()),
            Fit::Part(part) => fitting.push(part),
            Fit::Nothing => {}
        }
    }
    changed.map_or(Fit::Whole, |fitting| Fit::Part(Value::List(Rc::new(fitting))))
}

fn fit_map(map: &Map, each: impl Fn(&Entry) -> Fit) -> Fit {
    let mut changed: Option<Map> = None;
    for (at, entry) in map.entries().iter().enumerate() {
        let fit = each(entry);
        if changed.is_none() && !matches!(fit, Fit::Whole) {
            let mut before = Map::with_capacity(map.len());
            map.entries()[..at].iter().for_each(|entry| {
                before.push(entry.clone());
            });
            changed = Some(before);
        }
        let Some(fitting) = &mut changed else { continue };
        match fit {
            Fit::Whole => fitting.push(entry.clone()),
            Fit::Part(value) => fitting.push(Entry { value, ..entry.clone() }),
            Fit::Nothing => continue,
        };
    }
    changed.map_or(Fit::Whole, |fitting| Fit::Part(Value::Map(Rc::new(fitting))))
}

/// A value with a unit or a number, as Kubernetes writes it.
fn text(value: &Value) -> Value {
    let mut text = String::new();
    write_scalar(&mut text, value);
    Value::Str(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, Value)]) -> Value {
        let mut map = Map::default();
        entries.iter().for_each(|(key, value)| map.set((*key).into(), value.clone()));
        Value::Map(Rc::new(map))
    }

    fn list(items: &[Value]) -> Value {
        Value::List(Rc::new(items.to_vec()))
    }

    fn fitted(value: &Value, name: &str) -> Value {
        Value::Map(fitting(Api::kubernetes(), value, name).fields)
    }

    const CONTAINER: &str = "io.k8s.api.core.v1.Container";

    #[test]
    fn what_fits_stays_as_it_is() {
        let text = |text: &str| Value::Str(text.into());
        let whole = map(&[("name", text("a")), ("image", text("b")), ("args", list(&[text("c")]))]);
        let (Value::Map(before), Value::Map(after)) = (&whole, &fitted(&whole, CONTAINER)) else { panic!("maps") };
        assert!(Rc::ptr_eq(before, after));
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let name = || Value::Str("a".into());
        let found = map(&[
            ("name", name()),
            ("image", name()),
            ("workingDir", Value::Int(3)),
            ("stdin", Value::Str("yes".into())),
            ("args", list(&[Value::Int(1), Value::Str("b".into()), Value::Null])),
            ("env", list(&[map(&[("name", name())]), Value::Int(4), map(&[("value", name())])])),
            ("resources", map(&[("limits", map(&[("cpu", Value::Int(1)), ("memory", Value::Bool(true))]))])),
            ("imagePullPolicy", Value::Str("Perhaps".into())),
        ]);
        let Value::Map(after) = fitted(&found, CONTAINER) else { panic!("a map") };
        assert_eq!(after.get("workingDir"), None);
        assert_eq!(after.get("stdin"), None);
        assert_eq!(after.get("args"), Some(&list(&[Value::Str("b".into())])));
        assert!(matches!(after.get("env"), Some(Value::Keyed(env)) if env.items.len() == 1));
        let limits = map(&[("limits", map(&[("cpu", Value::Str("1".into()))]))]);
        assert_eq!(after.get("resources"), Some(&limits));
    }

    #[test]
    fn a_record_without_what_it_must_have_is_none() {
        let spec = map(&[("containers", list(&[map(&[("image", Value::Str("a".into()))])]))]);
        let Value::Map(after) = fitted(&spec, "io.k8s.api.core.v1.PodSpec") else { panic!("a map") };
        assert_eq!(
            after.get("containers"),
            Some(&Value::Keyed(Rc::new(Keyed { field: "name".into(), items: Map::default() })))
        );
        assert_eq!(fitted(&Value::Int(1), CONTAINER), Value::empty_map());
        let fits = |object: &Value| fitting(Api::kubernetes(), object, CONTAINER).is_complete;
        assert!(!fits(&map(&[("name", Value::Str("a".into()))])));
        assert!(fits(&map(&[("name", Value::Str("a".into())), ("image", Value::Str("b".into()))])));
    }
}
