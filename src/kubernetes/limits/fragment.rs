//! `oneOf`, `anyOf`, `allOf` and `not`: schemas that a value fulfils or not, as a CustomResourceDefinition writes them.

use super::format::is_of;
use super::json::json;
use super::scalar::is_multiple;
use super::{LimitCheck, Spot, Walk};
use crate::diagnostic::{Code, Diagnostics};
use crate::eval::value::Value;
use crate::schema::{Json, Limits};

/// Schemas within each other are followed so deep. Those of definitions are shallow.
const DEEPEST: usize = 32;

impl LimitCheck<'_> {
    /// Reports combinations that a value does not fulfil.
    pub(super) fn fragments(
        &mut self,
        walk: &Walk<'_>,
        value: &Value,
        limits: &Limits,
        spot: &Spot,
        sink: &mut Diagnostics,
    ) {
        let Limits { one_of, any_of, all_of, not, .. } = limits;
        if one_of.is_empty() && any_of.is_empty() && all_of.is_empty() && not.is_none() {
            return;
        }
        let value = json(value);
        let mut problems = Vec::new();
        let mut fulfilled = |schemas: &[Json]| {
            let fits: Vec<bool> = schemas.iter().map(|schema| self.fulfils(&value, schema, 0, sink)).collect();
            fits.iter().filter(|fits| **fits).count()
        };
        if !one_of.is_empty() {
            match fulfilled(one_of) {
                1 => {}
                0 => problems.push(format!("must {}", alternatives(one_of))),
                _ => problems.push(format!("must do only one of these: {}", alternatives(one_of))),
            }
        }
        if !any_of.is_empty() && fulfilled(any_of) == 0 {
            problems.push(format!("must {}", alternatives(any_of)));
        }
        if fulfilled(all_of) < all_of.len() {
            let all: Vec<String> = all_of.iter().map(words).collect();
            problems.push(format!("must {}", all.join(", and ")));
        }
        if let Some(not) = not
            && fulfilled(std::slice::from_ref(not)) == 1
        {
            problems.push(format!("must not {}", words(not)));
        }
        for problem in problems {
            sink.report(walk.wrong(Code::InvalidValue, spot, &problem, limits));
        }
    }

    /// Whether a value fulfils a schema. Words that are not understood are fulfilled: the API server knows them.
    fn fulfils(&mut self, value: &Json, schema: &Json, depth: usize, sink: &mut Diagnostics) -> bool {
        let Json::Object(words) = schema else { return true };
        if depth > DEEPEST {
            return true;
        }
        words.iter().all(|(word, wanted)| self.fulfils_word(value, word, wanted, words, depth, sink))
    }

    fn fulfils_word(
        &mut self,
        value: &Json,
        word: &str,
        wanted: &Json,
        words: &serde_json::Map<String, Json>,
        depth: usize,
        sink: &mut Diagnostics,
    ) -> bool {
        let mut each = |schemas: &Json, sink: &mut Diagnostics| -> (usize, usize) {
            let Json::Array(schemas) = schemas else { return (0, 0) };
            let fits = schemas.iter().filter(|schema| self.fulfils(value, schema, depth + 1, sink)).count();
            (fits, schemas.len())
        };
        let flag = |name: &str| words.get(name) == Some(&Json::Bool(true));
        let number = value.as_f64();
        let bound = wanted.as_f64();
        let length = value.as_str().map(|text| text.chars().count());
        let items = value.as_array().map(Vec::len);
        let properties = value.as_object().map(serde_json::Map::len);
        let at_least =
            |found: Option<usize>| found.is_none_or(|found| wanted.as_u64().is_none_or(|n| found as u64 >= n));
        let at_most =
            |found: Option<usize>| found.is_none_or(|found| wanted.as_u64().is_none_or(|n| found as u64 <= n));
        match word {
            "required" => value.as_object().is_none_or(|object| {
                wanted.as_array().into_iter().flatten().filter_map(Json::as_str).all(|name| object.contains_key(name))
            }),
            "properties" => match (value, wanted) {
                (Json::Object(object), Json::Object(schemas)) => schemas.iter().all(|(name, schema)| {
                    object.get(name).is_none_or(|value| self.fulfils(value, schema, depth + 1, sink))
                }),
                (_, _) => true,
            },
            "additionalProperties" => value
                .as_object()
                .is_none_or(|object| object.values().all(|value| self.fulfils(value, wanted, depth + 1, sink))),
            "items" => value
                .as_array()
                .is_none_or(|list| list.iter().all(|element| self.fulfils(element, wanted, depth + 1, sink))),
            "type" => is_type(value, wanted.as_str().unwrap_or_default()),
            "enum" => wanted.as_array().is_none_or(|values| values.contains(value)),
            "pattern" => match (value.as_str(), wanted.as_str()) {
                (Some(text), Some(pattern)) => {
                    self.pattern(pattern, None, sink).is_none_or(|regex| regex.is_match(text))
                }
                (_, _) => true,
            },
            "minimum" => number.zip(bound).is_none_or(|(n, b)| if flag("exclusiveMinimum") { n > b } else { n >= b }),
            "maximum" => number.zip(bound).is_none_or(|(n, b)| if flag("exclusiveMaximum") { n < b } else { n <= b }),
            "multipleOf" => number.zip(bound).is_none_or(|(number, step)| is_multiple(number, step)),
            "format" => value.as_str().zip(wanted.as_str()).is_none_or(|(text, format)| is_of(format, text)),
            "minLength" => at_least(length),
            "maxLength" => at_most(length),
            "minItems" => at_least(items),
            "maxItems" => at_most(items),
            "minProperties" => at_least(properties),
            "maxProperties" => at_most(properties),
            "oneOf" => each(wanted, sink).0 == 1,
            "anyOf" => each(wanted, sink).0 > 0,
            "allOf" => {
                let (fits, all) = each(wanted, sink);
                fits == all
            }
            "not" => !self.fulfils(value, wanted, depth + 1, sink),
            _ => true,
        }
    }
}

fn is_type(value: &Json, name: &str) -> bool {
    match name {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

/// Schemas in a sentence.
fn alternatives(schemas: &[Json]) -> String {
    schemas.iter().map(words).collect::<Vec<_>>().join(", or ")
}

/// What a schema asks for, in words where they are simple.
fn words(schema: &Json) -> String {
    let names = schema.get("required").and_then(Json::as_array);
    match (names, schema.as_object().map(serde_json::Map::len)) {
        (Some(names), Some(1)) => {
            let names: Vec<String> = names.iter().filter_map(Json::as_str).map(|name| format!("`{name}`")).collect();
            format!("have {}", names.join(" and "))
        }
        (_, _) => format!("match `{schema}`"),
    }
}
