//! Hashes, references and marks, without Kustomize itself; `tests/law.rs` compares with the real one.

use super::super::{Object, Unit};
use super::{is_beyond_kustomize, prepared, rendered};
use crate::eval::value::{Map, Value};
use crate::source::{FileId, Span};
use std::rc::Rc;

fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Object(entries) => Value::Map(Rc::new(map(entries))),
        serde_json::Value::Array(items) => Value::List(Rc::new(items.iter().map(value).collect())),
        serde_json::Value::String(text) => Value::Str(text.as_str().into()),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Value::Null,
    }
}

fn map(entries: &serde_json::Map<String, serde_json::Value>) -> Map {
    let mut map = Map::default();
    for (key, entry) in entries {
        map.set(key.as_str().into(), value(entry));
    }
    map
}

fn object(kind: &str, name: &str, fields: serde_json::Value) -> Object {
    let Value::Map(fields) = value(&fields) else { panic!("an object is a map") };
    let mut fields = (*fields).clone();
    if fields.get("metadata").is_none() {
        fields.set("metadata".into(), value(&serde_json::json!({ "name": name })));
    }
    Object {
        api_version: "v1".into(),
        kind: kind.into(),
        name: name.into(),
        namespace: Some("clicks".into()),
        namespaced_by: crate::eval::value::Origin::NONE,
        label: name.into(),
        fields: Rc::new(fields),
        hashed: kind == "ConfigMap",
        span: Span::new(FileId(0), 0, 0),
        instance: None,
    }
}

fn unit(objects: Vec<Object>) -> Unit {
    Unit { name: "clicks".into(), source: "clicks.flink".into(), objects }
}

#[test]
fn a_generated_name_ends_with_its_hash_and_references_follow() {
    let config = object("ConfigMap", "config", serde_json::json!({ "data": { "a": "b<c", "A": "1\n" } }));
    let pod = serde_json::json!({ "spec": { "volumes": [
        { "name": "config", "configMap": { "name": "config" } },
        { "name": "other", "configMap": { "name": "other" } },
    ] } });
    let objects = rendered(&[unit(vec![config, object("Pod", "main", pod)])]);
    // What Kustomize 5.8 calls a ConfigMap of this content.
    assert_eq!(&*objects[0].name, "config-gdkg26gtg9");
    let text = format!("{:?}", objects[1].fields.get("spec"));
    assert!(text.contains(&format!("{:?}", objects[0].name)), "{text}");
    assert!(text.contains("\"other\"") && text.matches("\"config\"").count() == 1, "{text}");
}

#[test]
fn what_flux_would_replace_is_marked_once() {
    let fields = serde_json::json!({ "spec": { "a": ["x ${HOME}"] } });
    let marked = prepared(&object("Pod", "main", fields));
    let text = format!("{:?}", marked.fields.get("metadata"));
    assert!(text.contains("\"kustomize.toolkit.fluxcd.io/substitute\"") && text.contains("\"disabled\""), "{text}");
    assert!(Rc::ptr_eq(&prepared(&marked).fields, &marked.fields));
    let plain = object("Pod", "main", serde_json::json!({ "spec": { "a": ["x $HOME"] } }));
    assert!(Rc::ptr_eq(&prepared(&plain).fields, &plain.fields));
}

#[test]
fn texts_that_kustomize_would_break_are_known() {
    let text = |text: &str| object("Pod", "main", serde_json::json!({ "spec": { "a": [text] } }));
    for fine in ["", "a\tb\n", "\u{1f600}", "\u{1}", "\ta\nb"] {
        assert!(!is_beyond_kustomize(&text(fine)), "{fine:?}");
    }
    for broken in ["\u{7f}", "a\u{85}b", "\u{ffff}"] {
        assert!(is_beyond_kustomize(&text(broken)), "{broken:?}");
    }
    let annotations = serde_json::json!({ "metadata": { "name": "a", "annotations": { "a": "\ta\nb" } } });
    assert!(is_beyond_kustomize(&object("Pod", "a", annotations)));
}
