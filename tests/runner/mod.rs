//! Runs a case and says what came out in the terms in which cases expect it.

pub mod case;
pub mod expectation;
mod fixes;
mod formats;

use case::{Case, Command, Found};
use expectation::{Expectation, Kind};
use flinkc::diagnostic::Severity;
use flinkc::driver::{self, Outcome};
use flinkc::host::MemoryHost;
use std::collections::BTreeMap;

/// Runs a case. An error is a contradiction that no expectation could describe.
pub fn run(case: &Case) -> Result<Found, String> {
    let host = MemoryHost::new(case.files.iter().map(|file| (file.path.clone(), file.text())));
    let (module, file) = (case.directive.module.as_str(), case.directive.file.as_deref());
    let settings = &case.directive.settings;
    match &case.directive.command {
        Command::Check => found(case, driver::check_with(&host, module, file, settings), |()| BTreeMap::new()),
        Command::Render { environment, only } => {
            let outcome = driver::render_with(&host, module, file, settings, environment, only.as_deref());
            found(case, outcome, |bytes| BTreeMap::from([("output".to_owned(), text(&bytes))]))
        }
        Command::Build { listed } => found(case, driver::build_with(&host, module, file, settings), |tree| {
            let files = tree.files.iter().map(|(path, bytes)| (format!("expected: {path}"), text(bytes)));
            files.filter(|(name, _)| !listed || case.expected.outputs.contains_key(name)).collect()
        }),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn found<T>(
    case: &Case,
    outcome: Outcome<T>,
    outputs: impl FnOnce(T) -> BTreeMap<String, String>,
) -> Result<Found, String> {
    let Outcome { files, diagnostics, value } = outcome;
    let errors = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    if errors == value.is_some() {
        return Err(
            if errors { "there are errors and yet a result" } else { "there is neither result nor error" }.into()
        );
    }
    if let Some(problem) = formats::problem(&diagnostics, &files).or_else(|| fixes::problem(case, &diagnostics)) {
        return Err(problem);
    }
    let all = diagnostics.iter().map(|diagnostic| Expectation::of(diagnostic, &files, case));
    let mut diagnostics: Vec<Expectation> = all.map(|actual| compared(actual, &case.expected.diagnostics)).collect();
    diagnostics.sort();
    Ok(Found { diagnostics, outputs: value.map(outputs).unwrap_or_default() })
}

/// A diagnostic without what its expectation does not compare.
fn compared(mut actual: Expectation, expected: &[Expectation]) -> Expectation {
    if let Some(expectation) = expected.iter().find(|expectation| expectation.is_for(&actual)) {
        let wanted = |kind: Kind| expectation.details.iter().any(|(known, _)| *known == kind);
        actual.details.retain(|(kind, _)| wanted(*kind));
    }
    actual
}

#[cfg(test)]
mod tests {
    use super::*;
    use flinkc::diagnostic::{Code, Diagnostic};
    use flinkc::source::{Files, Span};

    const CASE: &str = "\
//# check
//@ error[no-environment]: none
//- lib/a.flink
ab = 1
//@1..3 warning[unused]: a
//- main.flink
let web = {
  replica = 2
//^^^^^^^ error[unknown-field]: wrong
//^^^^^^^ also: lib/a.flink:1:1: here
//^^^^^^^ help: right
//@3..+1:2 error[type-mismatch]: two lines
}
//@2..2 error[syntax]: the end\\nof all
";

    /// The diagnostics that `CASE` expects, as a compiler would report them.
    fn reported(case: &Case) -> Outcome<()> {
        let mut files = Files::default();
        let lib = files.add("lib/a.flink", case.files[0].text());
        let main = files.add("main.flink", case.files[1].text());
        let at = |start, end| Span::new(main, start, end);
        let unknown = Diagnostic::error(Code::UnknownField, "wrong", at(14, 21)).label("not compared");
        let diagnostics = vec![
            Diagnostic::error(Code::Syntax, "the end\nof all", at(28, 28)),
            unknown.also(Span::new(lib, 0, 2), "here").help("right".to_owned()),
            Diagnostic::error(Code::TypeMismatch, "two lines", at(14, 27)),
            Diagnostic::warning(Code::Unused, "a", Span::new(lib, 0, 2)),
            Diagnostic::global(Code::NoEnvironment, "none"),
        ];
        Outcome { files, diagnostics, value: None }
    }

    #[test]
    fn places_are_found_and_written_alike() {
        let case = Case::parse(CASE).expect("is a case");
        let actual = found(&case, reported(&case), |()| BTreeMap::new()).expect("fits");
        assert_eq!(case.text(&case.expected), CASE);
        assert_eq!(case.text(&actual), CASE);
    }

    #[test]
    fn an_update_writes_all_details() {
        let bare = CASE.lines().filter(|line| !line.contains("[unknown-field]") && !line.contains("//^^^^^^^"));
        let bare: String = bare.flat_map(|line| [line, "\n"]).collect();
        let case = Case::parse(&bare).expect("is a case");
        let actual = found(&case, reported(&case), |()| BTreeMap::new()).expect("fits");
        let label = "//^^^^^^^ label: not compared\n//^^^^^^^ also";
        assert_eq!(case.text(&actual), CASE.replacen("//^^^^^^^ also", label, 1));
    }

    #[test]
    fn outputs_are_kept_to_the_byte() {
        let text =
            "//# build --listed --set a=b\nlet a = 1\n//- expected: x/y\na\n\n//- expected: z\nb\n\\ no line end\n";
        let case = Case::parse(text).expect("is a case");
        assert_eq!(case.expected.outputs["expected: x/y"], "a\n\n");
        assert_eq!(case.expected.outputs["expected: z"], "b");
        assert_eq!(case.text(&case.expected), text);
    }

    #[test]
    fn mistakes_in_a_case_are_named() {
        for (text, error) in [
            ("", "the first line"),
            ("//# run", "`run` is not"),
            ("//# check --only x", "`--only` is unknown here"),
            ("//# check\nx = 1\n//- a.flink\n", "`x = 1` stands before"),
            ("//# check\nx = 1\n// ^ help: y\n", "belongs to no error"),
        ] {
            let found = Case::parse(text).err().unwrap_or_default();
            assert!(found.contains(error), "{text}: {found}");
        }
    }
}
