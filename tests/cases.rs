//! Runs every file under `tests/cases`; `UPDATE_CASES=1 cargo test --test cases` rewrites what they expect.
//!
//! A case is one `.flink` file. Its first lines say what to run; `//- PATH` starts a file of the program, and without
//! any the whole text is `main.flink`; a line of carets points at the line above it:
//!
//! ```text
//! //# check
//! //- lib/app.flink
//! schema App { replicas: int }
//! //- main.flink
//! import "lib"
//! let web: lib.App = {
//!   replica = 2
//! //^^^^^^^ error[unknown-field]: `App` has no field `replica`
//! //^^^^^^^ help: did you mean `replicas`?
//! }
//! ```
//!
//! | line | meaning |
//! | --- | --- |
//! | `//# check` | diagnostics only |
//! | `//# render ENV [--only UNIT]` | the text is compared with the section `//- output` |
//! | `//# build [--listed]` | the files are compared with the sections `//- expected: PATH`; with `--listed` only those |
//! | | all take `--set NAME=VALUE`, `--module DIR` and `--file NAME` |
//! | `//  ^^^^ error[code]: message` | a diagnostic with exactly this primary place; also `warning[code]` |
//! | `//@3..7 error[code]: message` | the same in columns, for what carets cannot show: the first two columns, an empty place; `@3..+2:7` ends two lines below |
//! | `//@ error[code]: message` | below `//#`: a diagnostic without a place |
//! | `//@ std/x.flink:3:7 error[code]: message` | below `//#`: a diagnostic in a file that the case does not hold |
//! | `//  ^^^^ help: text` | further lines for the same diagnostic: `help`, `note`, `only` (environments), `label`, `also` (a related place), `fix` (what replaces the place, or `main.flink:1:2..4 → text` elsewhere); what has no line of its kind is not compared |
//!
//! Every diagnostic must be expected, and every expectation met.

mod runner;

use flinkc::driver::{self, Question};
use flinkc::host::MemoryHost;
use rayon::prelude::*;
use runner::case::Case;
use serde::Deserialize as _;
use std::panic::catch_unwind;
use std::path::Path;

#[test]
fn cases() {
    let update = std::env::var_os("UPDATE_CASES").is_some_and(|value| !value.is_empty() && value != "0");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let paths: Vec<_> = walkdir::WalkDir::new(&root)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("the cases can be read").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "flink"))
        .collect();
    assert!(!paths.is_empty(), "there are no cases below {}", root.display());
    let failures: Vec<String> = paths
        .par_iter()
        .filter_map(|path| {
            let problem = catch_unwind(|| problem(path, update)).unwrap_or_else(|_| Some("panicked".to_owned()));
            let name = path.strip_prefix(&root).unwrap_or(path);
            problem.map(|problem| format!("── {} ──\n{problem}", name.display()))
        })
        .collect();
    let hint = "UPDATE_CASES=1 cargo test --test cases rewrites what the cases expect";
    assert!(failures.is_empty(), "{} of {} cases fail\n\n{}\n{hint}", failures.len(), paths.len(), failures.join("\n"));
}

/// What is wrong with a case, if anything; in an update, what cannot be put right by rewriting it.
fn problem(path: &Path, update: bool) -> Option<String> {
    let text = std::fs::read_to_string(path).expect("a case is UTF-8");
    let case = match Case::parse(&text) {
        Ok(case) => case,
        Err(error) => return Some(error),
    };
    let found = match runner::run(&case) {
        Ok(found) => found,
        Err(error) => return Some(error),
    };
    let (expected, actual) = (case.text(&case.expected), case.text(&found));
    if expected == actual {
        return None;
    }
    if update {
        std::fs::write(path, actual).expect("a case can be written");
        return None;
    }
    Some(similar::TextDiff::from_lines(&expected, &actual).unified_diff().header("expected", "actual").to_string())
}

/// Free of charge: every value of what a case makes is explained, and is what `render` prints.
#[test]
fn values_of_all_cases_are_explained() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let paths: Vec<_> = walkdir::WalkDir::new(&root)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("the cases can be read").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "flink"))
        .collect();
    let explained: usize = paths.par_iter().map(|path| values_explained(path)).sum();
    assert!(explained > 500, "{explained} values");
}

fn values_explained(path: &Path) -> usize {
    let case = Case::parse(&std::fs::read_to_string(path).expect("a case is UTF-8")).expect("is a case");
    let host = MemoryHost::new(case.files.iter().map(|file| (file.path.clone(), file.text())));
    let (module, file) = (case.directive.module.as_str(), case.directive.file.as_deref());
    let settings = &case.directive.settings;
    let Some(tree) = driver::build_with(&host, module, file, settings).value else { return 0 };
    let environments = tree.files.keys().filter_map(|path| path.strip_prefix("overlays/")?.split('/').next());
    let mut count = 0;
    for environment in environments {
        let question = Question { environment, object: None, path: None };
        let outcome = driver::explain_value_with(&host, module, file, settings, question);
        let objects = outcome.value.unwrap_or_else(|| panic!("{}: {:?}", path.display(), outcome.diagnostics));
        let rendered = driver::render_with(&host, module, file, settings, environment, None).value.expect("it builds");
        let mut printed = Vec::new();
        for document in serde_yaml::Deserializer::from_slice(&rendered) {
            let document = serde_yaml::Value::deserialize(document).expect("what is printed is YAML");
            scalars(&document, &mut printed);
        }
        let values: Vec<_> = objects.iter().flat_map(|object| &object.values).collect();
        let mut known: Vec<String> = values.iter().map(|value| value.value.to_string()).collect();
        known.sort();
        printed.sort();
        assert_eq!(known, printed, "{}", path.display());
        for value in &values {
            let what = format!("{}: {environment} {}", path.display(), value.path);
            let winner = value.settings.first().unwrap_or_else(|| panic!("{what} was set by somebody"));
            assert!(winner.place.is_some() && !winner.overridden, "{what}: {winner:?}");
        }
        count += values.len();
    }
    count
}

/// All values in a document that hold no others, as JSON.
fn scalars(value: &serde_yaml::Value, found: &mut Vec<String>) {
    match value {
        serde_yaml::Value::Mapping(map) if !map.is_empty() => map.values().for_each(|value| scalars(value, found)),
        serde_yaml::Value::Sequence(items) if !items.is_empty() => items.iter().for_each(|item| scalars(item, found)),
        other => found.push(serde_json::to_value(other).expect("YAML of ours is JSON").to_string()),
    }
}
