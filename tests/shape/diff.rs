//! Holds what `flinkc diff --format json` prints against the schema that `docs/diff.md` promises.

use jsonschema::Validator;
use serde_json::{Value, json};
use std::sync::OnceLock;

/// The schema, and in this one nothing may be printed that it does not describe.
fn shape() -> &'static Validator {
    static SHAPE: OnceLock<Validator> = OnceLock::new();
    SHAPE.get_or_init(|| {
        let mut schema: Value = serde_json::from_str(include_str!("../../docs/diff.schema.json")).expect("JSON");
        close(&mut schema);
        let definitions = schema["$defs"].as_object_mut().expect("it has definitions");
        definitions.values_mut().for_each(close);
        jsonschema::validator_for(&schema).expect("is a schema")
    })
}

fn close(schema: &mut Value) {
    if !schema["properties"].is_null() {
        schema["additionalProperties"] = json!(false);
    }
}

/// Fails where a document has another shape.
pub fn hold(document: &str) {
    let value: Value = serde_json::from_str(document).expect("the document is JSON");
    let wrong: Vec<String> =
        shape().iter_errors(&value).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{}\n{document}", wrong.join("\n"));
}
