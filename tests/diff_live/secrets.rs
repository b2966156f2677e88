//! Values of Secrets: whether they are the same is seen, and nothing else.

use super::{CASE, Case, FLUX, PROGRAM, body, changed, client_side, predicted, silent, with};
use flinkc::diff::live::Unmanaged;
use flinkc::diff::{self, Form, Look};
use serde_json::json;

#[test]
fn values_of_secrets_never_appear() {
    let program = with(PROGRAM, "sesame", "open");
    for live in [FLUX.to_owned(), client_side("kubectl-client-side-apply"), silent()] {
        let environment = [predicted(Case { program: &program, live: &live, unmanaged: Unmanaged::Show, ..CASE })];
        let unified = Look { form: Form::Unified, ..Look::default() };
        let shown = [
            diff::text(&environment, Look::default()),
            diff::text(&environment, unified),
            diff::json(&environment),
            diff::markdown(&environment, Form::Unified),
        ];
        for shown in shown {
            assert_eq!(shown.matches("<secret ").count(), 2, "{shown}");
            for secret in ["sesame", "c2VzYW1l", "open\"", "b3Blbg"] {
                assert!(!shown.contains(secret), "{secret}: {shown}");
            }
        }
    }
    // One that would be pruned has none either.
    let program = PROGRAM.split("resource v1 Secret").next().expect("there is a first part");
    let shown = diff::json(&[predicted(Case { program, ..CASE })]);
    assert!(shown.contains("\"change\":\"deleted\"") && !shown.contains("c2VzYW1l"), "{shown}");
}

#[test]
fn unified_shows_which_values_are_others() {
    let program =
        with(PROGRAM, "{ password = \"sesame\" }", "{ password = \"sesame\", old = \"sesame\", new = \"open\" }");
    let environment = [predicted(Case { program: &program, ..CASE })];
    let shown = diff::text(&environment, Look { form: Form::Unified, ..Look::default() });
    let value = |key: &str| {
        let line = shown.lines().find(|line| line.contains(&format!("{key}: \"<secret ")));
        line.unwrap_or_else(|| panic!("{key}: {shown}")).split_once("<secret ").map(|(_, digits)| digits.to_owned())
    };
    assert_eq!(value("old"), value("password"));
    assert_ne!(value("new"), value("password"));
}

/// The server decodes what it gets and encodes it anew; what it would refuse is another text.
#[test]
fn other_line_breaks_are_the_same_bytes_and_no_other_padding_is() {
    let declared = |text: &str| {
        with(PROGRAM, "stringData = { password = \"sesame\" }", &format!("data = {{ password = \"{text}\" }}"))
    };
    for text in ["c2VzYW1l", "c2Vz\\nYW1l\\n"] {
        assert_eq!(body(Case { program: &declared(text), ..CASE }), "", "{text:?}");
    }
    let live = changed(FLUX, |list| list["items"][2]["data"]["password"] = json!("YQ=="));
    assert_eq!(body(Case { program: &declared("YQ==\\n"), live: &live, ..CASE }), "");
    assert!(body(Case { program: &declared("YQ"), live: &live, ..CASE }).contains("data.password"));
}

/// A rule about a kind of its own sees a Secret as everybody does.
#[test]
fn rules_cannot_tell_what_is_in_a_secret() {
    let rule = "\nchange v1 Secret (before, after) { data : restart : \"from \\((before.data ?? {})[\"password\"] ?? \"\") to \\((after.data ?? {})[\"password\"] ?? \"\")\" }\n";
    let program = format!("{}{rule}", with(PROGRAM, "sesame", "open"));
    let shown = diff::text(&[predicted(Case { program: &program, ..CASE })], Look::default());
    assert!(shown.contains("[restart: from <secret "), "{shown}");
    for secret in ["sesame", "c2VzYW1l", "b3Blbg"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}
