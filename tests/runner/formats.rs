//! What programs are told of a case, held against the schemas of the formats.

use flinkc::diagnostic::{Diagnostic, github, json, sarif};
use flinkc::driver::is_in_project;
use flinkc::source::Files;
use jsonschema::Validator;
use serde_json::Value;
use std::sync::OnceLock;

/// The shape that `docs/diagnostics.md` promises.
fn shape() -> &'static Validator {
    static SHAPE: OnceLock<Validator> = OnceLock::new();
    SHAPE.get_or_init(|| validator(include_str!("../../docs/diagnostics.schema.json")))
}

/// The standard's own schema; `tests/data/sarif/README.md` says where it comes from.
fn standard() -> &'static Validator {
    static STANDARD: OnceLock<Validator> = OnceLock::new();
    STANDARD.get_or_init(|| {
        let schema = include_str!("../data/sarif/sarif-schema-2.1.0.json");
        // The pattern for languages, which we do not name, has a bracket too many to be one.
        let (flawed, meant) = ("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}?$");
        assert!(schema.contains(flawed), "the flaw is not there any more");
        validator(&schema.replace(flawed, meant))
    })
}

fn validator(schema: &str) -> Validator {
    let schema: Value = serde_json::from_str(schema).expect("a schema is JSON");
    // Formats such as `uri` are only remarks unless one asks for more.
    jsonschema::options().should_validate_formats(true).build(&schema).expect("is a schema")
}

/// What is wrong with any of the formats.
pub fn problem(diagnostics: &[Diagnostic], files: &Files) -> Option<String> {
    let texts = [
        ("json", shape(), json::report(diagnostics, files)),
        ("sarif", standard(), sarif::log(diagnostics, files, is_in_project)),
    ];
    for (name, schema, text) in texts {
        let value: Value = match serde_json::from_str(&text) {
            Ok(value) => value,
            Err(error) => return Some(format!("{name}: {error}")),
        };
        if let Some(error) = schema.iter_errors(&value).next() {
            return Some(format!("{name}: {error} at {}", error.instance_path()));
        }
    }
    let commands = github::commands(diagnostics, files, is_in_project);
    let sound = |line: &str| line.starts_with("::error ") || line.starts_with("::warning ");
    (commands.lines().count() != diagnostics.len() || !commands.lines().all(sound))
        .then(|| format!("github: a command is not one line\n{commands}"))
}
