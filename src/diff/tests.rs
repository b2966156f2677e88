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
    let objects = compare(&[unit(before)], &[unit(after)], &Mask::new([7; 32]));
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
    let summary = r#"{"changed":0,"created":0,"deleted":0}"#;
    let expected = format!(
        "{{\"version\":1,\"environments\":[{{\"environment\":\"prod\",\"summary\":{summary},\"objects\":[]}}]}}\n"
    );
    assert_eq!(json(&changes), expected);
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

/// A Secret with a value as bytes, as a text, and in all copies that others keep of it.
fn secret(value: &str, name: &str) -> Object {
    let copies = [
        "kubectl.kubernetes.io/last-applied-configuration",
        "objectset.rio.cattle.io/applied",
        "kapp.k14s.io/original",
        "kapp.k14s.io/original-diff-md5",
    ];
    let mut annotations: Vec<(&str, Value)> = copies.iter().map(|name| (*name, word(value))).collect();
    let own = format!("{{\"kind\":\"Secret\",\"stringData\":{{\"a\":\"{value}\"}}}}");
    annotations.extend([("example.com/kept", word(&own)), ("team", word("{\"data\":null}"))]);
    let metadata = record(&[("name", word(name)), ("annotations", record(&annotations))]);
    let bytes = word(&base64::encode(value.as_bytes()));
    let mut secret = object("Secret", name, &[("data", record(&[("password", bytes)]))]);
    Rc::make_mut(&mut secret.fields).set("metadata".into(), metadata);
    Rc::make_mut(&mut secret.fields).set("stringData".into(), record(&[("other", word(value))]));
    secret
}

/// The texts that stand for secrets, in their order.
fn hidden(shown: &str) -> Vec<&str> {
    let parts = shown.split("<secret ").skip(1);
    parts.map(|part| part.split('>').next().expect("a text has a first part")).collect()
}

#[test]
fn secrets_are_never_shown() {
    let before = [secret("hunter2", "kept"), secret("hunter2", "old")];
    let after = [secret("hunter3", "kept"), secret("hunter3", "new"), secret("hunter2", "moved")];
    let changes = changes(&before, &after);
    let unified = Look { form: Form::Unified, color: Color::Never };
    for shown in
        [text(&changes, Look::default()), text(&changes, unified), json(&changes), markdown(&changes, Form::Paths)]
    {
        for value in ["hunter", &base64::encode(b"hunter2"), &base64::encode(b"hunter3")] {
            assert!(!shown.contains(value), "{shown}");
        }
        assert!(shown.contains("password") && shown.contains("<secret "), "{shown}");
        let digits = hidden(&shown);
        assert!(digits.iter().all(|text| text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit())));
    }
    // All data at once, and all annotations at once.
    let bare = object("Secret", "kept", &[]);
    let shown = text(&super::tests::changes(&[bare], &before[..1]), Look::default());
    assert!(
        !shown.contains("hunter") && shown.contains("password") && shown.contains("team: '{\"data\":null}'"),
        "{shown}"
    );
}

#[test]
fn the_same_secret_looks_the_same_within_a_run_and_another_one_otherwise() {
    let environment = changes(&[secret("one", "a")], &[secret("other", "a")]);
    let shown = text(&environment, Look::default());
    let of = |field: &str| {
        let (_, rest) = shown.split_once(field).unwrap_or_else(|| panic!("{field}: {shown}"));
        let [before, after, ..] = hidden(rest)[..] else { panic!("{shown}") };
        (before.to_owned(), after.to_owned())
    };
    // As bytes, as text, and in what somebody else keeps of it.
    let (old, new) = of("data.password");
    assert_ne!(old, new);
    for field in ["stringData.other", "last-applied-configuration", "objectset.rio.cattle.io/applied"] {
        assert_eq!(of(field), (old.clone(), new.clone()), "{field}");
    }
    let unit = |object| Unit { name: "app".into(), source: String::new(), objects: vec![object] };
    let again = compare(&[unit(secret("one", "a"))], &[unit(secret("other", "a"))], &Mask::new([8; 32]));
    let again =
        [EnvironmentDiff { environment: "prod".to_owned(), objects: again, notes: Vec::new(), failures: Vec::new() }];
    assert!(!text(&again, Look::default()).contains(&old), "another run has another key");
    assert_eq!(format!("{:?}", Mask::new([7; 32])), "Mask");
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
prod: at worst restart: 1 changed
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
    let expected = "prod: at worst interrupt: 1 deleted\n- v1 Service n/old  [interrupt: nobody finds it]\n\n";
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

/// A change of everything: many objects, of which the one that loses its state stands last.
fn many(count: usize) -> [EnvironmentDiff; 1] {
    let objects = |image: &str| -> Vec<Object> {
        let pod = |at: usize| Object { name: format!("p{at}").into(), ..pod(image, &[], &[]) };
        (0..count).map(pod).collect()
    };
    let mut environment = changes(&objects("a:1"), &objects("a:2"));
    let Difference::Changed { paths, .. } = &mut environment[0].objects[count - 1].difference else {
        panic!("it changed")
    };
    paths[0].consequence = Some(Consequence { cost: Cost::StateLost, reason: Some("<it> is gone".into()) });
    environment
}

#[test]
fn a_comment_takes_what_fits_and_the_worst_first() {
    for count in [1, 10, 300, 3000] {
        let environment = many(count);
        let shown = markdown(&environment, Form::Paths);
        assert!(shown.len() <= 65_536, "{} bytes for {count}", shown.len());
        assert!(shown.starts_with(&format!("### `prod`: at worst state_lost: {count} changed\n")));
        // However little fits, what loses its state is there as a whole.
        let last =
            format!("<details open><summary><code>v1 Pod n/p{}</code> changed</summary>\n\n```diff\n", count - 1);
        assert!(shown.contains(&last) && shown.contains("a:1 -> a:2  [state_lost: <it> is gone]\n"), "{shown}");
        assert_eq!(count > 1, shown.contains("\n> state_lost: v1 Pod n/p"), "what is alone needs no headline");
        assert!(!shown.contains("> state_lost: v1 Pod n/p0,") && !shown.contains(": <it> is gone\n\n"));
        let whole = shown.matches("<details").count();
        let named = shown.matches("; too long to be shown").count();
        let left_out = shown.split_once("… and ").map_or(0, |(_, rest)| {
            let (number, rest) = rest.split_once(' ').expect("it is counted");
            assert!(rest.starts_with("more objects, which are too many for a comment\n"));
            number.parse().expect("a number")
        });
        assert_eq!(whole + named + left_out, count);
        assert_eq!(left_out > 0, count == 3000);
        assert_eq!(shown.matches("<details").count(), shown.matches("</details>").count());
    }
}

#[test]
fn notes_and_environments_are_cut_too() {
    let mut environment = many(3);
    environment[0].notes = vec!["x".repeat(1000); 100];
    let shown = markdown(&environment, Form::Paths);
    assert!(shown.len() <= 65_536 && shown.contains(" more notes, which are too many for a comment\n"));
    assert!(shown.contains("v1 Pod n/p0") && shown.contains("v1 Pod n/p2"), "objects come before notes");
    let crowd: Vec<EnvironmentDiff> = (0..3000).flat_map(|_| many(2)).collect();
    let shown = markdown(&crowd, Form::Paths);
    assert!(shown.len() <= 65_536 && shown.contains(" more environments, which are too many for a comment\n"));
}

#[test]
fn colours_are_those_of_what_comes_and_goes_and_what_is_told_of_many_places_is_told_once() {
    let before = pod("a:1", &[("A", record(&[("value", word("1"))]))], &["x"]);
    let mut changes = changes(&[before, object("Service", "old", &[])], &[pod("a:2", &[], &["z"])]);
    let Difference::Changed { paths, .. } = &mut changes[0].objects[0].difference else { panic!("it changed") };
    for path in paths {
        path.consequence = Some(Consequence { cost: Cost::Rolling, reason: Some("the pod is replaced".into()) });
    }
    let expected = "\
prod: at worst rolling: 1 changed, 1 deleted
  rolling: v1 Pod n/p, spec.containers[main].image: the pod is replaced
~ v1 Pod n/p
    spec.containers[main].image: a:1 -> a:2  [rolling: the pod is replaced]
    spec.containers[main].args: [x] -> [z]  [rolling]
    spec.containers[main].env[A]:  [rolling]
\u{1b}[31m  -   value: \"1\"\u{1b}[0m
\u{1b}[31m- v1 Service n/old\u{1b}[0m

";
    assert_eq!(text(&changes, Look { form: Form::Paths, color: Color::Always }), expected);
}

#[test]
fn controllers_do_with_pods_what_their_kind_says() {
    let workload = |kind: &str, spec: &[(&str, Value)]| Object {
        api_version: "apps/v1".into(),
        ..object(kind, "w", &[("spec", record(spec))])
    };
    let path = |steps: &[&str]| Path(steps.iter().map(|step| Step::Key((*step).into())).collect());
    let told = |kind: &str, spec: &[(&str, Value)], steps: &[&str]| {
        let object = workload(kind, spec);
        let known = rollout::of_change(&object, &object, &path(steps))?;
        Some(format!("{}: {}", known.cost.word(), known.reason?))
    };
    let on_delete = ("updateStrategy", record(&[("type", word("OnDelete"))]));
    let (template, replicas) = (["spec", "template", "spec"], ("replicas", Value::Int(2)));
    for (kind, spec, expected) in [
        ("StatefulSet", vec![replicas.clone()], Some("rolling: 2 pods are replaced, one after the other")),
        ("Deployment", vec![], Some("rolling: its pods are replaced, one after the other")),
        ("DaemonSet", vec![], Some("rolling: the pods of all nodes are replaced, one after the other")),
        ("DaemonSet", vec![on_delete.clone()], Some("nothing: its pods stay as they are until somebody deletes them")),
        ("StatefulSet", vec![on_delete], Some("nothing: its pods stay as they are until somebody deletes them")),
        ("ReplicaSet", vec![replicas], None),
    ] {
        assert_eq!(told(kind, &spec, &template).as_deref(), expected, "{kind}");
        assert_eq!(told(kind, &spec, &["metadata", "labels"]), None);
    }
    let number = |count: i64| workload("StatefulSet", &[("replicas", Value::Int(count))]);
    let scaled = |from, to| rollout::of_change(&number(from), &number(to), &path(&["spec", "replicas"]));
    assert_eq!(scaled(2, 2), None);
    assert_eq!(scaled(0, 2), Some(Consequence { cost: Cost::Scale, reason: Some("pods that come: 2".into()) }));
    assert_eq!(rollout::of_deletion(&number(0)), None);
    assert_eq!(
        rollout::of_deletion(&number(1)).and_then(|known| known.reason).as_deref(),
        Some("the one pod is stopped")
    );
    assert_eq!(rollout::of_deletion(&object("Service", "s", &[])), None);
}
