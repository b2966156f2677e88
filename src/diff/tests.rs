//! Changes of a few objects, and how they read.

use super::*;
use crate::eval::value::{Keyed, Map, Origin};
use crate::kubernetes::Unit;
use crate::source::{FileId, Span};
use std::rc::Rc;

fn map(entries: &[(&str, Value)]) -> Map {
    let mut map = Map::default();
    for (key, value) in entries {
        map.set((*key).into(), value.clone());
    }
    map
}

fn record(entries: &[(&str, Value)]) -> Value {
    Value::Map(Rc::new(map(entries)))
}

fn word(text: &str) -> Value {
    Value::Str(text.into())
}

fn labelled(items: &[(&str, Value)]) -> Value {
    Value::Keyed(Rc::new(Keyed { field: "name".into(), items: map(items) }))
}

fn object(kind: &str, name: &str, fields: &[(&str, Value)]) -> Object {
    let mut all = map(&[("metadata", record(&[("name", word(name))]))]);
    for (key, value) in fields {
        all.set((*key).into(), value.clone());
    }
    Object {
        api_version: "v1".into(),
        kind: kind.into(),
        name: name.into(),
        namespace: Some("n".into()),
        namespaced_by: Origin::NONE,
        label: "".into(),
        fields: Rc::new(all),
        hashed: kind == "ConfigMap",
        span: Span::new(FileId(0), 0, 0),
        instance: None,
    }
}

fn changes(before: &[Object], after: &[Object]) -> [EnvironmentDiff; 1] {
    let unit = |objects: &[Object]| Unit { name: "app".into(), source: String::new(), objects: objects.to_vec() };
    let objects = compare(&[unit(before)], &[unit(after)]);
    [EnvironmentDiff { environment: "prod".to_owned(), objects, notes: Vec::new(), failures: Vec::new() }]
}

fn pod(image: &str, env: &[(&str, Value)], args: &[&str]) -> Object {
    let args = Value::List(Rc::new(args.iter().map(|text| word(text)).collect()));
    let container = record(&[("image", word(image)), ("args", args), ("env", labelled(env))]);
    object("Pod", "p", &[("spec", record(&[("containers", labelled(&[("main", container)]))]))])
}

#[test]
fn the_same_is_no_change() {
    let pods = [pod("a:1", &[("A", record(&[("value", word("1"))]))], &["x"])];
    let changes = changes(&pods, &pods);
    assert!(changes[0].objects.is_empty());
    assert_eq!(text(&changes, Look::default()), "prod: no changes\n");
    assert_eq!(json(&changes), "{\"environments\":[{\"environment\":\"prod\",\"objects\":[]}]}\n");
}

#[test]
fn paths_name_what_changed() {
    let variable = |value: &str| record(&[("value", word(value))]);
    let before = pod("a:1", &[("A", variable("1")), ("B", variable("2"))], &["x", "z"]);
    let after = pod("a:2", &[("C", variable("no")), ("A", variable("3"))], &["x"]);
    let expected = "\
prod: 1 changed
~ v1 Pod n/p
    spec.containers[main].image: a:1 -> a:2
    spec.containers[main].args: [x, z] -> [x]
    spec.containers[main].env[A].value: \"1\" -> \"3\"
    spec.containers[main].env[B]:
  -   value: \"2\"
    spec.containers[main].env[C]:
  +   value: \"no\"

";
    assert_eq!(text(&changes(&[before], &[after]), Look::default()), expected);
}

#[test]
fn the_order_of_labelled_items_counts() {
    let (a, b) = (("A", record(&[])), ("B", record(&[])));
    let (before, after) = (pod("a", &[a.clone(), b.clone()], &[]), pod("a", &[b, a], &[]));
    assert!(text(&changes(&[before], &[after]), Look::default()).contains("env: [A, B] -> [B, A]\n"));
}

#[test]
fn a_generated_config_map_is_one_object_under_two_names() {
    let config = |data: &str| object("ConfigMap", "c", &[("data", record(&[("a.b", word(data))]))]);
    let changes = changes(&[config("one\ntwo\nthree\nfour\nfive\n")], &[config("one\ntwo\nthree\nfour\n5\n")]);
    let text = text(&changes, Look::default());
    assert!(text.starts_with("prod: 1 changed\n~ v1 ConfigMap n/c-"), "{text}");
    assert!(text.contains("\n    data[\"a.b\"]:\n      three\n      four\n  -   five\n  +   5\n"), "{text}");
}

#[test]
fn created_objects_are_whole_and_deleted_ones_named() {
    let changes = changes(&[object("Service", "old", &[])], &[object("Service", "new", &[])]);
    let expected = "\
prod: 1 created, 1 deleted
+ v1 Service n/new
  + apiVersion: v1
  + kind: Service
  + metadata:
  +   name: new
  +   namespace: \"n\"
- v1 Service n/old

";
    assert_eq!(text(&changes, Look::default()), expected);
    let markdown = markdown(&changes, Form::Paths);
    assert!(markdown.starts_with("### `prod`: 1 created, 1 deleted\n\n<details><summary>"), "{markdown}");
    assert!(markdown.contains("```diff\n+ apiVersion: v1\n") && markdown.ends_with("- `v1 Service n/old` deleted\n\n"));
}

#[test]
fn secrets_are_never_shown() {
    let secret = |value: &str, name: &str| {
        let copy = record(&[("kubectl.kubernetes.io/last-applied-configuration", word(value))]);
        let metadata = record(&[("name", word(name)), ("annotations", copy)]);
        let mut secret = object("Secret", name, &[("data", record(&[("password", word(value))]))]);
        Rc::make_mut(&mut secret.fields).set("metadata".into(), metadata);
        Rc::make_mut(&mut secret.fields).set("stringData".into(), record(&[("other", word(value))]));
        secret
    };
    let before = [secret("hunter2", "kept"), secret("hunter2", "old")];
    let after = [secret("hunter3", "kept"), secret("hunter3", "new"), secret("hunter2", "moved")];
    let changes = changes(&before, &after);
    for shown in [text(&changes, Look::default()), json(&changes), markdown(&changes, Form::Paths)] {
        assert!(!shown.contains("hunter"), "{shown}");
        assert!(shown.contains("password"), "{shown}");
    }
    assert!(text(&changes, Look::default()).contains("data.password: (hidden) -> (hidden, another)\n"));
    // All data at once, and all annotations at once.
    let bare = object("Secret", "kept", &[]);
    let shown = text(&super::tests::changes(&[bare], &before[..1]), Look::default());
    assert!(!shown.contains("hunter") && shown.contains("password"), "{shown}");
}

#[test]
fn what_stands_in_a_value_moves_no_cursor_and_ends_no_block() {
    let config = |data: &str| object("Service", "c", &[("data", record(&[("a", word(data))]))]);
    let changes = changes(&[config("x\u{1b}[2J\n````\n")], &[config("y\n")]);
    assert!(!text(&changes, Look::default()).contains('\u{1b}'));
    assert!(markdown(&changes, Form::Paths).contains("\n`````diff\n"), "{}", markdown(&changes, Form::Paths));
}

#[test]
fn what_a_change_does_stands_beside_it() {
    let mut changes = changes(&[pod("a:1", &[], &["x"])], &[pod("a:2", &[], &["z"])]);
    let Difference::Changed { paths, .. } = &mut changes[0].objects[0].difference else { panic!("it changed") };
    paths[0].consequence = Some(Consequence { cost: Cost::Restart, reason: Some("its image".into()) });
    paths[1].consequence = Some(Consequence { cost: Cost::Nothing, reason: None });
    let expected = "\
prod: 1 changed; at worst restart
~ v1 Pod n/p
    spec.containers[main].image: a:1 -> a:2  [restart: its image]
    spec.containers[main].args: [x] -> [z]  [nothing]

";
    assert_eq!(text(&changes, Look::default()), expected);
    assert!(json(&changes).contains("\"after\":\"a:2\",\"cost\":\"restart\",\"reason\":\"its image\"}"));
}

#[test]
fn what_it_does_that_an_object_is_gone_stands_beside_it() {
    let mut changes = changes(&[object("Service", "old", &[])], &[]);
    let reason = Some("nobody finds it".into());
    changes[0].objects[0].consequence = Some(Consequence { cost: Cost::Interrupt, reason });
    let expected = "prod: 1 deleted; at worst interrupt\n- v1 Service n/old  [interrupt: nobody finds it]\n\n";
    assert_eq!(text(&changes, Look::default()), expected);
    assert!(
        markdown(&changes, Form::Paths).ends_with("- `v1 Service n/old` deleted  [interrupt: nobody finds it]\n\n")
    );
    assert!(json(&changes).contains("},\"cost\":\"interrupt\",\"reason\":\"nobody finds it\"}"));
}

#[test]
fn what_came_as_a_whole_has_a_place_for_each_value_in_it() {
    let variable = ("A", record(&[("value", word("1")), ("empty", record(&[]))]));
    let changes = changes(&[pod("a", &[], &["x"])], &[pod("a", &[variable], &["x"])]);
    let Difference::Changed { paths, .. } = &changes[0].objects[0].difference else { panic!("it changed") };
    let leaves: Vec<String> = paths[0].leaves().iter().map(Path::to_string).collect();
    let path = "spec.containers[main].env[A]";
    assert_eq!(leaves, [format!("{path}.value"), format!("{path}.empty")]);
}
