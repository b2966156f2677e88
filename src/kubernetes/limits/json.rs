//! Values as JSON, and what the API server adds to them.

use crate::eval::value::Value;
use crate::kubernetes::cel::escape;
use crate::schema::{Api, FieldType, Json, Limits};

/// A finished value as JSON.
pub(super) fn json(value: &Value) -> Json {
    match value {
        Value::Absent | Value::Null | Value::Secret(_) => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(number) => Json::from(*number),
        Value::Float(number) => Json::from(*number),
        Value::Str(text) => Json::from(&**text),
        Value::Memory(_) | Value::Cpu(_) | Value::Duration(_) => {
            let text = crate::yaml::json(value);
            serde_json::from_str(&text).unwrap_or(Json::Null)
        }
        Value::List(list) => Json::Array(list.iter().map(json).collect()),
        Value::Keyed(keyed) => Json::Array(keyed.written().map(|item| json(&item)).collect()),
        Value::Map(map) => {
            Json::Object(map.entries().iter().map(|entry| (entry.key.to_string(), json(&entry.value))).collect())
        }
    }
}

/// Puts defaults where nothing is said, as the API server does before it looks at rules.
pub(super) fn fill(value: &mut Json, ty: &FieldType, api: &Api) {
    match (ty, value) {
        (FieldType::Record(name), Json::Object(object)) => {
            let Some(definition) = api.definition(name).filter(|definition| definition.declared.is_some()) else {
                return;
            };
            for field in &definition.fields {
                let default = field.limits.as_ref().and_then(|limits| limits.default.as_ref());
                if let (Some(default), false) = (default, object.contains_key(&field.name)) {
                    object.insert(field.name.clone(), default.clone());
                }
                if let Some(inner) = object.get_mut(&field.name) {
                    fill(inner, &field.ty, api);
                }
            }
        }
        (FieldType::List(inner), Json::Array(list)) => list.iter_mut().for_each(|element| fill(element, inner, api)),
        (FieldType::Map(inner), Json::Object(map)) => map.values_mut().for_each(|value| fill(value, inner, api)),
        (FieldType::Keyed { item, .. }, Json::Array(list)) => {
            let item = FieldType::Record(item.clone());
            list.iter_mut().for_each(|element| fill(element, &item, api));
        }
        (FieldType::Nullable(inner), value) => fill(value, inner, api),
        (_, _) => {}
    }
}

/// Puts the elements of sets and keyed lists in one order, which rules are not to see when they compare them.
pub(super) fn sort_sets(value: &mut Json, ty: &FieldType, limits: Option<&Limits>, api: &Api) {
    match (ty, value) {
        (FieldType::Record(name), Json::Object(object)) => {
            let Some(definition) = api.definition(name).filter(|definition| definition.declared.is_some()) else {
                return;
            };
            for field in &definition.fields {
                if let Some(inner) = object.get_mut(&field.name) {
                    sort_sets(inner, &field.ty, field.limits.as_deref(), api);
                }
            }
        }
        (FieldType::List(inner), Json::Array(list)) => {
            let items = limits.and_then(|limits| limits.items.as_deref());
            list.iter_mut().for_each(|element| sort_sets(element, inner, items, api));
            if limits.is_some_and(|limits| limits.unique_items) {
                list.sort_by_cached_key(Json::to_string);
            }
        }
        (FieldType::Map(inner), Json::Object(map)) => {
            let items = limits.and_then(|limits| limits.items.as_deref());
            map.values_mut().for_each(|value| sort_sets(value, inner, items, api));
        }
        (FieldType::Keyed { item, .. }, Json::Array(list)) => {
            let item = FieldType::Record(item.clone());
            list.iter_mut().for_each(|element| sort_sets(element, &item, None, api));
            list.sort_by_cached_key(Json::to_string);
        }
        (FieldType::Nullable(inner), value) => sort_sets(value, inner, limits, api),
        (_, _) => {}
    }
}

/// Names fields as rules have to write them: `a__dash__b`. Keys of maps stay as they are.
pub(super) fn escape_names(value: &mut Json, ty: &FieldType, api: &Api) {
    match (ty, value) {
        (FieldType::Record(name), Json::Object(object)) => {
            let Some(definition) = api.definition(name) else { return };
            for field in &definition.fields {
                let Some(inner) = object.get_mut(&field.name) else { continue };
                escape_names(inner, &field.ty, api);
                if let Some(escaped) = escape(&field.name) {
                    let inner = inner.take();
                    object.shift_remove(&field.name);
                    object.insert(escaped, inner);
                }
            }
        }
        (FieldType::List(inner), Json::Array(list)) => {
            list.iter_mut().for_each(|element| escape_names(element, inner, api));
        }
        (FieldType::Map(inner), Json::Object(map)) => {
            map.values_mut().for_each(|value| escape_names(value, inner, api))
        }
        (FieldType::Keyed { item, .. }, Json::Array(list)) => {
            let item = FieldType::Record(item.clone());
            list.iter_mut().for_each(|element| escape_names(element, &item, api));
        }
        (FieldType::Nullable(inner), value) => escape_names(value, inner, api),
        (_, _) => {}
    }
}
