//! What an apply makes of an object: takes away what its manager owned and does not declare any more, lays over it what
//! is declared, fills in what is absent.
//!
//! The rules are those of `sigs.k8s.io/structured-merge-diff` (`merge.Updater.Apply` and its `prune`) for server-side
//! apply, and those of kubectl's three-way patches for the rest.

use super::ownership::{Element, FieldSet};
use super::place::{Place, Shape};
use crate::schema::{Filled, Filling, Json};
use serde_json::Map;

/// The fields that a value declares.
pub(super) fn declared(value: &Json, place: Place, owned: Option<&FieldSet>) -> FieldSet {
    let mut set = FieldSet::default();
    match (place.shape(value, owned), value) {
        (Shape::Fields, Json::Object(fields)) if !fields.is_empty() => {
            for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                let element = Element::Field(name.clone());
                let below = declared(value, place.field(name), child(owned, &element));
                set.children.insert(element, below);
            }
        }
        (Shape::Items(keys), Json::Array(items)) if !items.is_empty() => {
            let elements: Option<Vec<Element>> = items.iter().map(|item| place.element(item, &keys)).collect();
            let Some(elements) = elements else { return FieldSet::whole() };
            for (element, item) in elements.into_iter().zip(items) {
                let mut below = declared(item, place.item(), child(owned, &element));
                below.member = true;
                set.children.insert(element, below);
            }
        }
        (Shape::Set, Json::Array(values)) if !values.is_empty() => {
            let values = values.iter().map(|value| (Element::Value(value.to_string()), FieldSet::whole()));
            set.children.extend(values);
        }
        (Shape::Fields | Shape::Items(_) | Shape::Set | Shape::Whole, _) => set.member = true,
    }
    set
}

fn child<'s>(set: Option<&'s FieldSet>, element: &Element) -> Option<&'s FieldSet> {
    set.and_then(|set| set.children.get(element))
}

/// Takes away from a value what was owned and is not kept by anybody, nor anything in it.
pub(super) fn remove(value: &mut Json, owned: &FieldSet, kept: &FieldSet, place: Place) {
    let gone = |element: &Element| match kept.children.get(element) {
        // What is kept as a whole keeps all that is in it.
        None => !kept.is_whole(),
        Some(_) => false,
    };
    match value {
        Json::Object(fields) => {
            for (element, below) in &owned.children {
                let Element::Field(name) = element else { continue };
                if gone(element) {
                    fields.shift_remove(name);
                } else if let (Some(value), Some(kept)) = (fields.get_mut(name), kept.children.get(element)) {
                    remove(value, below, kept, place.field(name));
                }
            }
        }
        Json::Array(items) => match owned.keys() {
            Some(keys) => items.retain_mut(|item| {
                let Some(element) = place.element(item, &keys) else { return true };
                let Some(below) = owned.children.get(&element) else { return true };
                if let Some(kept) = kept.children.get(&element) {
                    let named: Vec<(String, Json)> =
                        keys.iter().filter_map(|key| Some((key.clone(), item.get(key)?.clone()))).collect();
                    remove(item, below, kept, place.item());
                    // Whoever keeps a part of an item keeps what tells it apart.
                    for (key, value) in named {
                        item[key] = value;
                    }
                }
                !gone(&element)
            }),
            None => items.retain(|item| {
                let element = Element::Value(item.to_string());
                !owned.children.contains_key(&element) || !gone(&element)
            }),
        },
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// Lays what is declared over what is there.
pub(super) fn overlay(there: Option<&Json>, declared: &Json, place: Place, owned: Option<&FieldSet>) -> Json {
    let Some(there) = there else { return declared.clone() };
    match (place.shape(declared, owned), there, declared) {
        (Shape::Fields, Json::Object(old), Json::Object(new)) => {
            let mut fields = Map::new();
            for (name, old) in old {
                match new.get(name) {
                    // A null takes away.
                    Some(Json::Null) => {}
                    Some(new) => {
                        let owned = child(owned, &Element::Field(name.clone()));
                        fields.insert(name.clone(), overlay(Some(old), new, place.field(name), owned));
                    }
                    None if place.retains_keys() => {}
                    None => {
                        fields.insert(name.clone(), old.clone());
                    }
                }
            }
            for (name, new) in new.iter().filter(|(name, new)| !old.contains_key(*name) && !new.is_null()) {
                fields.insert(name.clone(), new.clone());
            }
            Json::Object(fields)
        }
        (Shape::Items(keys), Json::Array(old), Json::Array(new)) => match items(old, new, &keys, place, owned) {
            Some(items) => Json::Array(items),
            None => declared.clone(),
        },
        (Shape::Set, Json::Array(old), Json::Array(new)) => {
            let added = new.iter().filter(|value| !old.contains(value));
            Json::Array(old.iter().chain(added).cloned().collect())
        }
        (Shape::Fields | Shape::Items(_) | Shape::Set | Shape::Whole, _, _) => declared.clone(),
    }
}

/// What is declared in its order, then what only is there; none where items cannot be told apart.
fn items(old: &[Json], new: &[Json], keys: &[String], place: Place, owned: Option<&FieldSet>) -> Option<Vec<Json>> {
    let elements = |items: &[Json]| items.iter().map(|item| place.element(item, keys)).collect::<Option<Vec<_>>>();
    let (old_elements, new_elements) = (elements(old)?, elements(new)?);
    let is_ambiguous = |elements: &[Element]| {
        let mut sorted: Vec<&Element> = elements.iter().collect();
        sorted.sort();
        sorted.windows(2).any(|pair| pair[0] == pair[1])
    };
    if is_ambiguous(&old_elements) || is_ambiguous(&new_elements) {
        return None;
    }
    let mut merged = Vec::with_capacity(old.len().max(new.len()));
    for (element, new) in new_elements.iter().zip(new) {
        let there = old_elements.iter().position(|known| known == element).map(|at| &old[at]);
        merged.push(overlay(there, new, place.item(), child(owned, element)));
    }
    let others = old_elements.iter().zip(old).filter(|(element, _)| !new_elements.contains(element));
    merged.extend(others.map(|(_, item)| item.clone()));
    Some(merged)
}

/// Fills in what the server fills in; what it decides itself stays as it was.
pub(super) fn fill(value: &mut Json, was: Option<&Json>, place: Place) {
    if value.is_object() {
        let defaults = place.defaults();
        // What depends on a field that is itself filled in finds it there the second time.
        for known in defaults.iter().chain(&defaults) {
            fill_field(value, was, known);
        }
    }
    match value {
        Json::Object(fields) => {
            for (name, value) in fields {
                fill(value, was.and_then(|was| was.get(name)), place.field(name));
            }
        }
        Json::Array(items) => {
            let keys = place.labelled().map(|(keys, _)| keys);
            let element = |item: &Json| keys.and_then(|keys| place.element(item, keys));
            let before = was.and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
            for (at, item) in items.iter_mut().enumerate() {
                let was = match element(item) {
                    Some(mine) => before.iter().find(|other| element(other).as_ref() == Some(&mine)),
                    None => before.get(at),
                };
                fill(item, was, place.item());
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

fn fill_field(value: &mut Json, was: Option<&Json>, known: &Filled) {
    let Some((last, way)) = known.path.split_last() else { return };
    let Some(beside) = within(value, way).filter(|beside| beside.is_object() && known.applies(beside)) else { return };
    let filled = match &known.filling {
        Filling::Value(value) => Some(value.clone()),
        Filling::Server => was.and_then(|was| within(was, way)?.get(last).cloned()),
        Filling::Same(other) => beside.get(*other).cloned(),
        Filling::ByTag(image) => beside.get(*image).and_then(Json::as_str).map(pull_policy),
    };
    let target = way.iter().try_fold(value, |at, name| at.get_mut(name));
    if let (Some(Json::Object(target)), Some(filled)) = (target, filled)
        && target.get(last).is_none_or(Json::is_null)
    {
        target.insert(last.clone(), filled);
    }
}

fn within<'v>(value: &'v Json, way: &[String]) -> Option<&'v Json> {
    way.iter().try_fold(value, |at, name| at.get(name))
}

/// When the kubelet asks for an image, by its tag. A digest alone is no tag.
fn pull_policy(image: &str) -> Json {
    let (name, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    let last = name.rsplit('/').next().unwrap_or(name);
    let is_latest = match last.split_once(':') {
        Some((_, tag)) => tag == "latest",
        None => digest.is_none(),
    };
    Json::from(if is_latest { "Always" } else { "IfNotPresent" })
}

/// The value as the server writes it: without nulls, and without lists and maps that are empty where it leaves these
/// out. Of custom resources the server keeps what it got.
pub(super) fn tidy(value: &mut Json, place: Place) {
    match value {
        Json::Object(fields) => {
            for (name, value) in &mut *fields {
                tidy(value, place.field(name));
            }
            let is_nothing = |name: &str, value: &Json| match value {
                Json::Null => !place.is_custom(),
                Json::Array(items) => items.is_empty() && place.field(name).is_left_out_when_empty(),
                Json::Object(fields) => fields.is_empty() && place.field(name).is_left_out_when_empty(),
                Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
            };
            fields.retain(|name, value| !is_nothing(name, value));
        }
        Json::Array(items) => items.iter_mut().for_each(|item| tidy(item, place.item())),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}
