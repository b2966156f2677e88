//! The layout by example: `tests/fmt/*.flink`, each a text and, behind `//- formatted`, what becomes of it.
//! `UPDATE_CASES=1 cargo test --test fmt` rewrites the second part.

use super::laws::formatted;
use similar::TextDiff;
use std::fs;
use std::path::Path;

const FORMATTED: &str = "//- formatted\n";

#[test]
fn cases() {
    let update = std::env::var_os("UPDATE_CASES").is_some_and(|value| !value.is_empty() && value != "0");
    let mut failures = Vec::new();
    let mut count = 0;
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fmt");
    for entry in walkdir::WalkDir::new(directory).sort_by_file_name() {
        let path = entry.expect("the cases can be read").into_path();
        if path.extension().is_none_or(|extension| extension != "flink") {
            continue;
        }
        count += 1;
        let case = fs::read_to_string(&path).expect("a case is UTF-8");
        let (text, expected) = case.split_once(FORMATTED).unwrap_or((&case, ""));
        let result = formatted(text).unwrap_or_else(|| panic!("{} does not parse", path.display()));
        if result == expected {
            continue;
        }
        if update {
            fs::write(&path, format!("{text}{FORMATTED}{result}")).expect("a case can be written");
        } else {
            let diff = TextDiff::from_lines(expected, &result);
            failures.push(format!("── {} ──\n{}", path.display(), diff.unified_diff().header("expected", "formatted")));
        }
    }
    assert!(count > 5, "there are no cases");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_text_that_does_not_parse_is_reported() {
    let sink = flinkc::fmt::format(flinkc::source::FileId(0), "let x = \n").expect_err("has no value");
    assert_eq!(sink.finish(&[]).len(), 1);
}

#[test]
fn long_texts_take_linear_time() {
    let entry = "flink.application clicks { config { a.b = f(1, [2, 3], \"x\") ?? 4Gi  // why\n c = 2 } }\n";
    let text = entry.repeat(5_000);
    let start = std::time::Instant::now();
    let result = flinkc::fmt::format(flinkc::source::FileId(0), &text).expect("parses");
    assert!(result.lines().count() > 30_000);
    // Two orders of magnitude above what it takes without optimization would be quadratic.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn deep_nesting_is_formatted() {
    let depth = 60;
    for (open, close) in
        [("[", "]"), ("(", ")"), ("{ a = ", "}"), ("f(", ")"), ("match x { _ => ", "}"), ("if a then b else [", "]")]
    {
        let text = format!("let x = {}1{}\n", open.repeat(depth), close.repeat(depth));
        assert!(formatted(&text).is_some(), "{open} does not parse");
    }
    let chain = format!("let x = 1{}\n", " + (2)".repeat(100));
    assert!(formatted(&chain).is_some());
}
