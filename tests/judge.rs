//! Values of custom resources that an API server takes and refuses: `tests/judge/*.yaml`.
//!
//! The compiler is held to the tables always. With the feature `real`, the tables themselves are held to the API server's
//! own validation, which `tests/tools/judge` runs.

#[cfg(feature = "real")]
#[path = "judge/server.rs"]
mod server;

use flinkc::diagnostic::{Code, Diagnostic, Severity};
use flinkc::driver::check_with;
use flinkc::host::MemoryHost;
use flinkc::import::{Docs, Options, Source, import_crds};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::fmt::Write;

/// A schema, and values that it takes and refuses.
#[derive(Deserialize)]
struct Case {
    name: String,
    schema: Json,
    good: Vec<Json>,
    bad: Vec<Json>,
}

/// Cases with values that the compiler takes although an API server refuses them, and what its warnings say.
///
/// The other way round there are none: what an API server takes is never refused.
const NOT_CHECKED: &[(&str, &str)] = &[
    // Imported as durations, which may be written as texts, in notations that other definitions have too.
    ("duration", ""),
    // Rules about a change are not for what is new.
    ("optional transition", ""),
    // Points in time are no texts to the API server.
    ("dates", "`self`"),
    ("durations", "`duration`"),
    ("durations of texts", "`duration`"),
    ("urls", "`url`"),
    ("parts of urls", "`url`"),
    ("addresses", "`ip`"),
    ("networks", "`cidr`"),
    ("positions in lists", "lastIndexOf"),
    ("sets", "`sets`"),
    ("formats", "`format`"),
    ("two variables", "`k`"),
];

fn cases() -> Vec<Case> {
    let tables = [include_str!("judge/values.yaml"), include_str!("judge/rules.yaml")];
    let cases = tables.iter().flat_map(|table| serde_yaml::from_str::<Vec<Case>>(table).expect("a table of cases"));
    cases.collect()
}

fn definition(schema: &Json) -> Json {
    let spec = json!({ "type": "object", "properties": { "x": schema } });
    let whole = json!({ "type": "object", "properties": { "spec": spec } });
    let versions = json!([{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": whole } }]);
    let names = json!({ "kind": "Widget", "plural": "widgets" });
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": "widgets.example.com" },
        "spec": { "group": "example.com", "scope": "Namespaced", "names": names, "versions": versions },
    })
}

/// A constant in the language's notation.
fn constant(out: &mut String, value: &Json) {
    match value {
        Json::String(text) => string(out, text),
        Json::Array(items) => {
            out.push('[');
            for item in items {
                constant(out, item);
                out.push_str(", ");
            }
            out.push(']');
        }
        Json::Object(entries) => {
            out.push_str("{ ");
            for (key, value) in entries {
                string(out, key);
                out.push_str(" = ");
                constant(out, value);
                out.push_str(", ");
            }
            out.push('}');
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => write!(out, "{value}").expect("text takes all"),
    }
}

fn string(out: &mut String, text: &str) {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    write!(out, "\"{text}\"").expect("text takes all");
}

/// What the compiler says of a value.
fn diagnostics(kinds: &str, value: &Json) -> Vec<Diagnostic> {
    let mut program =
        String::from("environment dev { namespace = \"a\" }\nresource example.com/v1 Widget w {\n  spec { x = ");
    constant(&mut program, value);
    program.push_str(" }\n}\n");
    let host = MemoryHost::new([("main.flink", program.as_str()), ("kinds.flink", kinds)]);
    check_with(&host, "", None, &[]).diagnostics
}

#[test]
fn the_compiler_judges_like_an_api_server() {
    let mut failures = String::new();
    for Case { name, schema, good, bad } in cases() {
        let text = definition(&schema).to_string();
        let options = Options { docs: Docs::First, origin: None };
        let imported = import_crds(&[Source { name: "crd.json", text: &text }], options);
        assert!(imported.diagnostics.is_empty(), "{name}: {:?}", imported.diagnostics);
        let (_, kinds) = imported.files.first().expect("a definition is one file");
        let warning = NOT_CHECKED.iter().find(|(case, _)| *case == name).map(|(_, warning)| *warning);
        for (value, is_good) in good.iter().map(|value| (value, true)).chain(bad.iter().map(|value| (value, false))) {
            let found = diagnostics(kinds, value);
            let (errors, warnings): (Vec<_>, Vec<_>) = found.iter().partition(|one| one.severity == Severity::Error);
            let is_right = match warning {
                None => errors.is_empty() == is_good && warnings.is_empty(),
                Some("") => found.is_empty(),
                Some(said) => {
                    (errors.is_empty() || !is_good)
                        && found.iter().all(|one| one.code != Code::Unchecked || one.message.contains(said))
                }
            };
            if !is_right {
                writeln!(failures, "{name}: {value}: {found:#?}").expect("text takes all");
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// The API server's own code says the same of the tables.
#[cfg(feature = "real")]
#[test]
fn an_api_server_judges_like_the_tables() {
    let mut questions = String::new();
    let mut expected = Vec::new();
    for Case { name, schema, good, bad } in cases() {
        for (value, is_good) in good.into_iter().map(|value| (value, true)).chain(bad.into_iter().map(|v| (v, false))) {
            let metadata = json!({ "name": "w" });
            let spec = json!({ "x": value });
            let object =
                json!({ "apiVersion": "example.com/v1", "kind": "Widget", "metadata": metadata, "spec": spec });
            let question = json!({ "definition": definition(&schema), "object": object });
            writeln!(questions, "{question}").expect("text takes all");
            expected.push((format!("{name}: {}", object["spec"]["x"]), is_good));
        }
    }
    let answers = server::answers(questions);
    assert_eq!(answers.len(), expected.len());
    for (answer, (case, is_good)) in answers.iter().zip(&expected) {
        assert_eq!(answer["accepted"], json!(is_good), "{case}: {answer}");
        assert_eq!(answer["dropped"], json!([]), "{case}");
        // A rule that does not compile refuses all, which proves nothing.
        assert!(!answer["messages"].to_string().contains("compilation failed"), "{case}: {answer}");
    }
}
