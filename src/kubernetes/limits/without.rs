//! Fields of built-in types that a custom resource does not have although it holds such a type: the API server drops
//! them without a word.

use super::{LimitCheck, Spot, Walk};
use crate::diagnostic::{Code, Diagnostics};
use crate::eval::value::Value;
use crate::schema::{FieldType, Limits};

impl LimitCheck<'_> {
    /// Reports fields that would be dropped.
    pub(super) fn dropped(
        &mut self,
        walk: &Walk<'_>,
        value: &Value,
        ty: &FieldType,
        limits: &Limits,
        spot: &Spot,
        sink: &mut Diagnostics,
    ) {
        if !limits.without.is_empty() {
            self.dropped_inside(walk, value, ty, limits, spot, sink);
        }
    }

    fn dropped_inside(
        &self,
        walk: &Walk<'_>,
        value: &Value,
        ty: &FieldType,
        limits: &Limits,
        spot: &Spot,
        sink: &mut Diagnostics,
    ) {
        match (ty, value) {
            (FieldType::Nullable(inner), value) => self.dropped_inside(walk, value, inner, limits, spot, sink),
            (FieldType::List(inner), Value::List(list)) => {
                for (index, element) in list.iter().enumerate() {
                    self.dropped_inside(walk, element, inner, limits, &spot.element(index), sink);
                }
            }
            (FieldType::Map(inner), Value::Map(map)) => {
                for entry in map.entries() {
                    let spot = spot.entry(walk, &entry.key, entry.origin);
                    self.dropped_inside(walk, &entry.value, inner, limits, &spot, sink);
                }
            }
            (FieldType::Keyed { item, .. }, Value::Keyed(keyed)) => {
                let item = FieldType::Record(item.clone());
                for entry in keyed.items.entries() {
                    let spot = spot.entry(walk, &entry.key, entry.origin);
                    self.dropped_inside(walk, &entry.value, &item, limits, &spot, sink);
                }
            }
            (FieldType::Keyed { item, .. }, Value::List(list)) => {
                let item = FieldType::Record(item.clone());
                for (index, element) in list.iter().enumerate() {
                    self.dropped_inside(walk, element, &item, limits, &spot.element(index), sink);
                }
            }
            (FieldType::Record(name), Value::Map(map)) => {
                let Some(definition) = self.api.definition(name) else { return };
                for entry in map.entries() {
                    let spot = spot.entry(walk, &entry.key, entry.origin);
                    let is_it = |lacking: &str| lacking.split_once('.') == Some((&definition.name, &entry.key));
                    if limits.without.iter().any(|lacking| is_it(lacking)) {
                        let problem = format!("would be dropped: its definition has no `{}` there", entry.key);
                        sink.report(walk.wrong(Code::UnknownField, &spot, &problem, limits));
                    } else if let Some(field) = definition.field(&entry.key) {
                        self.dropped_inside(walk, &entry.value, &field.ty, limits, &spot, sink);
                    }
                }
            }
            // Scalars have nothing inside.
            (_, _) => {}
        }
    }
}
