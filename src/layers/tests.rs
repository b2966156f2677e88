//! Bases and patches without Kustomize; `tests/law.rs` builds them with the real one.

use super::base::common_map;
use super::names::{Names, file_name, unit_directory};
use super::patch;
use super::{Conditions, Gathering, Variant, plan_root, plan_unit};
use crate::eval::value::{Keyed, Map, Value};
use crate::kubernetes::Object;
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

fn keyed(labels: &[(&str, i64)]) -> Value {
    let mut items = Map::default();
    for (label, value) in labels {
        items.set((*label).into(), record(&[("value", Value::Int(*value))]));
    }
    Value::Keyed(Rc::new(Keyed { field: "name".into(), items }))
}

/// The patch from one value of `spec` to another, without its header.
fn patch_of(base: Value, wanted: Value) -> String {
    let changes = patch::changes(&map(&[("spec", base)]), &map(&[("spec", wanted)]));
    String::from_utf8(patch::to_bytes("", &changes)).expect("patches are text")
}

#[test]
fn the_base_has_what_most_environments_have() {
    let environment = |a: i64, b: Option<i64>, labels: &[(&str, i64)]| {
        let mut map = map(&[("a", Value::Int(a)), ("env", keyed(labels))]);
        if let Some(b) = b {
            map.set("b".into(), Value::Int(b));
        }
        map
    };
    let one = environment(1, Some(1), &[("x", 1), ("y", 1)]);
    let two = environment(2, None, &[("x", 2), ("y", 1)]);
    let three = environment(2, None, &[("y", 1), ("x", 2)]);
    assert_eq!(common_map(&[&one, &two, &three]), environment(2, None, &[("x", 1), ("y", 1)]));
    // Where nothing has a majority, the first environment decides.
    assert_eq!(common_map(&[&one, &two]), one);
    assert_eq!(common_map(&[&two, &one]), two);
}

#[test]
fn patches_name_what_they_change() {
    let base = keyed(&[("a", 1), ("b", 1), ("c", 1)]);
    let wanted = keyed(&[("b", 2), ("d/~", 1), ("c", 1)]);
    let expected = "\
# spec[a]
- op: remove
  path: /spec/0
# spec[d/~]
- op: add
  path: /spec/1
  value:
    name: d/~
    value: 1
# spec[b].value
- op: replace
  path: /spec/0/value
  value: 2
";
    assert_eq!(patch_of(base, wanted), expected);
    let escaped = patch_of(record(&[("a/b~", Value::Int(1))]), record(&[]));
    assert_eq!(escaped, "- op: remove\n  path: /spec/a~1b~0\n");
    let reordered = patch_of(keyed(&[("a", 1), ("b", 1)]), keyed(&[("b", 1), ("a", 1)]));
    assert!(reordered.starts_with("- op: replace\n  path: /spec\n"), "{reordered}");
}

#[test]
fn lists_of_records_are_changed_item_by_item() {
    let list = |items: &[Value]| Value::List(Rc::new(items.to_vec()));
    let item = |value: i64| record(&[("a", Value::Int(value))]);
    // What comes says by itself what it is.
    let come = patch_of(list(&[item(1), item(2)]), list(&[item(0), item(1), item(3), item(2)]));
    assert_eq!(
        come,
        "- op: add\n  path: /spec/0\n  value:\n    a: 0\n- op: add\n  path: /spec/2\n  value:\n    a: 3\n"
    );
    // What goes does not, nor do plain values.
    for (before, after) in [
        (list(&[item(1), item(2)]), list(&[item(2)])),
        (list(&[item(1), item(2)]), list(&[item(2), item(1), item(3)])),
        (list(&[Value::Int(1)]), list(&[Value::Int(1), Value::Int(2)])),
        (list(&[]), list(&[item(1)])),
    ] {
        let patch = patch_of(before, after);
        assert!(patch.starts_with("- op: replace\n  path: /spec\n") && patch.matches("op:").count() == 1, "{patch}");
    }
    let named = |name: &str, value: i64| record(&[("name", Value::Str(name.into())), ("a", Value::Int(value))]);
    let changed = patch_of(list(&[named("x", 1), named("y", 1)]), list(&[named("x", 2), named("z", 1)]));
    let expected =
        "# spec[x].a\n- op: replace\n  path: /spec/0/a\n  value: 2\n- op: replace\n  path: /spec/1/name\n  value: z\n";
    assert_eq!(changed, expected);
}

#[test]
fn names_are_safe_and_differ_in_more_than_case() {
    assert_eq!(file_name("/opt/flink ü"), "_opt_flink__");
    assert_eq!(file_name(".."), "_..");
    assert_eq!(unit_directory("Overlays"), "Overlays-unit");
    let mut names = Names::reserving(&["patches"], 2);
    let mut assign = |wish: &str, environments: &[bool]| names.assign(&[wish.to_owned()], "", environments);
    assert_eq!(assign("Patches", &[true, false]), "Patches-2");
    assert_eq!(assign("a", &[true, false]), "a");
    assert_eq!(assign("a", &[false, true]), "a");
    assert_eq!(assign("A", &[false, true]), "A-2");
}

#[test]
fn a_plan_holds_nothing_for_environments_without_objects() {
    let fields = Rc::new(map(&[("metadata", record(&[("name", Value::Str("s".into()))]))]));
    let object = Object {
        api_version: "v1".into(),
        kind: "Service".into(),
        name: "s".into(),
        namespace: Some("n".into()),
        namespaced_by: crate::eval::value::Origin::NONE,
        label: "".into(),
        fields,
        hashed: false,
        span: Span::new(FileId(0), 0, 0),
        instance: None,
    };
    let objects = [object];
    let conditions = Conditions::default();
    let variants = [
        Variant { environment: "dev", objects: &objects, conditions },
        Variant { environment: "prod", objects: &[], conditions },
    ];
    let tree = plan_unit("app", "app.flink", &variants, &[]);
    let paths: Vec<&str> = tree.files.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        ["app/base/kustomization.yaml", "app/base/s-service.yaml", "app/overlays/dev/kustomization.yaml"]
    );
    assert_eq!(plan_unit("app", "app.flink", &variants, &[]), tree);
    let units = ["app".to_owned()];
    let root =
        plan_root(&[Gathering { environment: "dev", units: &units }, Gathering { environment: "prod", units: &[] }]);
    let paths: Vec<&str> = root.files.keys().map(String::as_str).collect();
    assert_eq!(paths, ["overlays/dev/kustomization.yaml"]);
}

#[test]
fn pods_and_containers_are_in_the_order_of_the_reference() {
    let one = || Value::Int(1);
    let container = record(&[("securityContext", one()), ("args", one()), ("x", one()), ("image", one())]);
    let mut containers = Map::default();
    containers.set("main".into(), container.clone());
    let containers = Value::Keyed(Rc::new(Keyed { field: "name".into(), items: containers }));
    let init = Value::List(Rc::new(vec![container]));
    let pod = record(&[
        ("serviceAccountName", one()),
        ("volumes", one()),
        ("containers", containers),
        ("initContainers", init),
    ]);
    let spec = map(&[("template", record(&[("spec", pod)])), ("replicas", one())]);
    let expected = "\
template:
  spec:
    initContainers:
    - image: 1
      args: 1
      securityContext: 1
      x: 1
    containers:
    - name: main
      image: 1
      args: 1
      securityContext: 1
      x: 1
    volumes: 1
    serviceAccountName: 1
replicas: 1
";
    assert_eq!(crate::yaml::yaml(&Value::Map(Rc::new(super::order::ordered(spec)))), expected);
    // A definition has properties of these names, which are no pods.
    let schema = map(&[("volumes", one()), ("containers", record(&[("image", one()), ("name", one())]))]);
    let keys = |map: &Map| map.entries().iter().map(|entry| entry.key.to_string()).collect::<Vec<_>>();
    assert_eq!(keys(&super::order::ordered(schema)), ["volumes", "containers"]);
}
