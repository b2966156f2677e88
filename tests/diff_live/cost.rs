//! What a change does to pods, where no rule of the program says it, and where the worst is told.

use super::{CASE, Case, FLUX, PROGRAM, body, changed, predicted, text, with};
use flinkc::diff::{self, Look};
use serde_json::json;

#[test]
fn the_pods_that_are_replaced_are_counted() {
    let program = with(PROGRAM, "web:1", "web:2");
    let image = |program: &str, live: &str| {
        let shown = body(Case { program, live, ..CASE });
        let line = shown.lines().find(|line| line.contains(".image: ")).unwrap_or_else(|| panic!("{shown}"));
        let (_, rest) = line.split_once("  [").unwrap_or_else(|| panic!("{line}"));
        rest.split(']').next().expect("a text has a first part").to_owned()
    };
    assert_eq!(image(&program, FLUX), "rolling: 3 pods are replaced, one after the other");
    let one = with(&program, "spec.replicas = 3", "spec.replicas = 1");
    assert_eq!(image(&one, &with(FLUX, "replicas: 3\n", "replicas: 1\n")), "rolling: the one pod is replaced");
    assert_eq!(image(&one, &with(FLUX, "replicas: 3\n", "replicas: 0\n")), "nothing: there are no pods");
    let strategy = with(&program, "    replicas = 2\n", "    replicas = 2\n    strategy.type = \"Recreate\"\n");
    assert_eq!(image(&strategy, FLUX), "restart: 3 pods are stopped, then others started");
    let paused = with(&program, "    replicas = 2\n", "    replicas = 2\n    paused = true\n");
    assert_eq!(image(&paused, FLUX), "nothing: it is paused: its pods stay as they are");
}

#[test]
fn other_numbers_of_pods_and_workloads_that_go_have_a_cost_too() {
    for (count, told) in [("5", "scale: pods that come: 2"), ("1", "scale: pods that go: 2")] {
        let program = with(PROGRAM, "spec.replicas = 3", &format!("spec.replicas = {count}"));
        let expected = format!(
            "~ apps/v1 Deployment clicks/web\n    spec.replicas: 3 -> {count}  [{told}]  <- main.flink:23, when prod"
        );
        assert_eq!(body(Case { program: &program, ..CASE }), expected);
    }
    let (_, rest) = PROGRAM.split_once("resource v1 Secret").expect("it has one");
    let program = format!("environment prod {{ namespace = \"clicks\" }}\nresource v1 Secret{rest}");
    let shown = text(Case { program: &program, ..CASE });
    assert!(shown.contains("- apps/v1 Deployment clicks/web  [interrupt: 3 pods are stopped]\n"), "{shown}");
}

/// What a rule of the program says counts for more: it knows what the pods do.
#[test]
fn rules_of_the_program_come_first() {
    let program = with(PROGRAM, "web:1", "web:2");
    let rules = "\nchange apps/v1 Deployment (before, after) { spec.template : nothing : \"they read it again\" }\n";
    let shown = body(Case { program: &format!("{program}{rules}"), ..CASE });
    assert!(shown.contains("[nothing: they read it again]"), "{shown}");
}

#[test]
fn the_worst_comes_first_with_its_place_and_its_reason() {
    let program = with(&with(PROGRAM, "web:1", "web:2"), "sesame", "open");
    let shown = text(Case { program: &program, ..CASE });
    let expected = "\
prod: at worst rolling: 2 changed
  rolling: apps/v1 Deployment clicks/web, spec.template.spec.containers[main].image: 3 pods are replaced, one after the other
";
    assert!(shown.starts_with(expected), "{shown}");
    let markdown = diff::markdown(&[predicted(Case { program: &program, ..CASE })], diff::Form::Paths);
    assert!(
        markdown.starts_with("### `prod`: at worst rolling: 2 changed\n\n> rolling: apps/v1 Deployment"),
        "{markdown}"
    );
}

/// What takes the place of an object under a prefix, or in another namespace, is known where there is one only.
#[test]
fn what_a_prefix_renames_is_told_from_what_goes() {
    let rules = "\nchange v1 Service (before, after) { metadata.name : restart : if after.metadata.name == \"\" then \"it goes\" else \"it is \\(after.metadata.name) now\" }\n";
    let service = |name: &str| format!("{}{rules}", with(PROGRAM, "Service frontend", &format!("Service {name}")));
    for (name, told) in [
        ("blue-frontend", "it is blue-frontend now"),
        ("frontend-blue", "it is frontend-blue now"),
        ("bluefrontend", "it goes"),
        ("other", "it goes"),
    ] {
        let shown = text(Case { program: &service(name), ..CASE });
        assert!(shown.contains(&format!("- v1 Service clicks/frontend  [restart: {told}]")), "{name}: {shown}");
    }
    let several = format!(
        "{}\nresource v1 Service frontend-green {{ spec {{ selector = {{ app = \"web\" }} }} }}\n",
        service("frontend-blue")
    );
    let shown = text(Case { program: &several, ..CASE });
    assert!(shown.contains("[restart: it goes]"), "{shown}");
}

/// A server has no names with such letters; a file may.
#[test]
fn names_move_no_cursor_and_open_no_tag() {
    let live = changed(FLUX, |list| {
        let entries = list["items"][3]["status"]["inventory"]["entries"].as_array_mut().expect("a list");
        entries.push(json!({"id": "clicks_<b>\u{1b}[2J__ConfigMap", "v": "v1"}));
    });
    let environment = [predicted(Case { live: &live, ..CASE })];
    let shown = diff::text(&environment, Look::default());
    assert!(shown.contains("- v1 ConfigMap clicks/<b>\\u{1b}[2J"), "{shown}");
    let markdown = diff::markdown(&environment, diff::Form::Paths);
    assert!(!markdown.contains('\u{1b}') && !markdown.contains("<code>v1 ConfigMap clicks/<b>"), "{markdown}");
}
