//! Lists whose elements are told apart by several keys: no two may have the same ones.
//!
//! Of lists with one key, the label of an element is that key, and the checker has seen to it.

use super::json::json;
use super::{LimitCheck, Spot, Walk};
use crate::diagnostic::{Code, Diagnostics};
use crate::eval::value::Value;
use crate::schema::{FieldType, Json, Limits};
use rustc_hash::FxHashSet;

/// Whether a type is such a list.
pub(super) fn has_several(ty: &FieldType) -> bool {
    matches!(ty, FieldType::Keyed { keys, .. } if keys.len() > 1)
}

impl LimitCheck<'_> {
    /// Reports elements with the keys of one before them.
    pub(super) fn keys(&self, walk: &Walk<'_>, value: &Value, ty: &FieldType, spot: &Spot, sink: &mut Diagnostics) {
        let FieldType::Keyed { item, keys, .. } = ty else { return };
        if !has_several(ty) {
            return;
        }
        let (Json::Array(list), Some(definition)) = (json(value), self.api.definition(item)) else { return };
        // A key that is not set has its default.
        let default = |key: &str| definition.field(key)?.limits.as_ref()?.default.as_ref();
        let key_of = |element: &Json| -> Vec<String> {
            keys.iter()
                .map(|key| element.get(key).or_else(|| default(key)).map(Json::to_string).unwrap_or_default())
                .collect()
        };
        let mut known = FxHashSet::default();
        for (index, element) in list.iter().enumerate() {
            if !known.insert(key_of(element)) {
                let names: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
                let problem = format!("has the same {} as an element before it", names.join(" and "));
                sink.report(walk.wrong(Code::InvalidValue, &spot.element(index), &problem, &Limits::default()));
            }
        }
    }
}
