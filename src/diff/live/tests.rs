//! Rules of merging, one by one: what becomes of a value, of what was owned, and of what is declared.

use super::merge::{declared, fill, overlay, remove, tidy};
use super::ownership::FieldSet;
use super::place::{Merging, Place};
use crate::schema::{Api, Json};
use serde_json::json;

/// An apply of a Deployment's `spec` by a manager that owned `own`, beside others that own `others`.
fn applied(merging: Merging, live: &Json, own: &Json, others: &Json, wanted: &Json) -> Json {
    let place = Place::root(Api::kubernetes(), "apps/v1", "Deployment", merging);
    let (live, wanted) = (json!({"spec": live}), json!({"spec": wanted}));
    // An empty set says that all of it is owned, which is not what is meant.
    let spec = |set: &Json| match set.as_object() {
        Some(fields) if fields.is_empty() => FieldSet::default(),
        Some(_) | None => FieldSet { member: false, ..FieldSet::parse(&json!({"f:spec": set})) },
    };
    let (own, others) = (spec(own), spec(others));
    let mut all = own.clone();
    all.add(&others);
    let mut kept = declared(&wanted, place, Some(&all));
    kept.add(&others);
    let mut value = live.clone();
    remove(&mut value, &own, &kept, place);
    overlay(Some(&value), &wanted, place, Some(&all))["spec"].take()
}

fn by_server(live: Json, own: Json, others: Json, wanted: Json) -> Json {
    applied(Merging::ServerSide, &live, &own, &others, &wanted)
}

fn containers(all: Json) -> Json {
    json!({"template": {"spec": {"containers": all}}})
}

fn of_containers(set: Json) -> Json {
    json!({"f:template": {"f:spec": {"f:containers": set}}})
}

#[test]
fn what_was_owned_goes_with_what_nobody_owns_in_it() {
    let live = json!({"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}, "replicas": 2});
    let own = json!({"f:strategy": {"f:type": {}}, "f:replicas": {}});
    assert_eq!(by_server(live.clone(), own.clone(), json!({}), json!({"replicas": 2})), json!({"replicas": 2}));
    // What another manager owns in it stays.
    let others = json!({"f:strategy": {"f:rollingUpdate": {"f:maxSurge": {}}}});
    let kept = json!({"strategy": {"rollingUpdate": {"maxSurge": 1}}, "replicas": 2});
    assert_eq!(by_server(live, own, others, json!({"replicas": 2})), kept);
}

#[test]
fn items_go_one_by_one_and_keep_what_tells_them_apart() {
    let live = containers(json!([{"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1", "tty": true}]));
    let both = json!({".": {}, "f:name": {}, "f:image": {}});
    let own = of_containers(json!({"k:{\"name\":\"a\"}": both, "k:{\"name\":\"b\"}": both}));
    let wanted = containers(json!([{"name": "a", "image": "a:2"}]));
    let alone = containers(json!([{"name": "a", "image": "a:2"}]));
    assert_eq!(by_server(live.clone(), own.clone(), json!({}), wanted.clone()), alone);
    let others = of_containers(json!({"k:{\"name\":\"b\"}": {"f:tty": {}}}));
    let shared = containers(json!([{"name": "a", "image": "a:2"}, {"tty": true, "name": "b"}]));
    assert_eq!(by_server(live, own, others, wanted), shared);
}

#[test]
fn what_is_atomic_is_replaced() {
    let live = json!({"selector": {"matchLabels": {"a": "1", "b": "2"}}});
    let wanted = json!({"selector": {"matchLabels": {"a": "1"}}});
    assert_eq!(by_server(live.clone(), json!({}), json!({}), wanted.clone()), wanted);
    // kubectl's patches know nothing of that: what it has not applied itself stays.
    assert_eq!(applied(Merging::Strategic, &live, &json!({}), &json!({}), &wanted), live);
    let live = containers(json!([{"name": "a", "args": ["x", "y"]}]));
    let wanted = containers(json!([{"name": "a", "args": ["y"]}]));
    for merging in [Merging::ServerSide, Merging::Strategic, Merging::JsonMerge] {
        assert_eq!(applied(merging, &live, &json!({}), &json!({}), &wanted), wanted);
    }
}

#[test]
fn sets_are_united_and_values_leave_them() {
    let place = Place::root(Api::kubernetes(), "apps/v1", "Deployment", Merging::ServerSide);
    let live = json!({"metadata": {"finalizers": ["theirs", "ours"]}});
    let own = FieldSet::parse(&json!({"f:metadata": {"f:finalizers": {"v:\"ours\"": {}}}}));
    let wanted = json!({"metadata": {"finalizers": ["new"]}});
    let kept = declared(&wanted, place, Some(&own));
    let mut value = live;
    remove(&mut value, &own, &kept, place);
    let merged = overlay(Some(&value), &wanted, place, Some(&own));
    assert_eq!(merged, json!({"metadata": {"finalizers": ["theirs", "new"]}}));
}

#[test]
fn patches_of_kubectl_drop_what_belongs_to_another_type_of_strategy() {
    let live = json!({"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}});
    let wanted = json!({"strategy": {"type": "Recreate"}});
    assert_eq!(applied(Merging::Strategic, &live, &json!({}), &json!({}), &wanted), wanted);
    let both = json!({"strategy": {"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}});
    assert_eq!(by_server(live, json!({}), json!({}), wanted), both);
}

#[test]
fn lists_whose_items_cannot_be_told_apart_are_replaced() {
    let live = containers(json!([{"name": "a"}, {"name": "a"}]));
    let wanted = containers(json!([{"name": "a", "image": "i"}]));
    assert_eq!(by_server(live, json!({}), json!({}), wanted.clone()), wanted);
}

#[test]
fn absent_fields_are_filled_in_as_the_server_does() {
    let filled = |kind: &str, mut value: Json, was: Option<&Json>| {
        let version = if kind == "Service" {
            "v1"
        } else if kind.ends_with("Job") {
            "batch/v1"
        } else {
            "apps/v1"
        };
        fill(&mut value, was, Place::root(Api::kubernetes(), version, kind, Merging::ServerSide));
        value
    };
    let image = |image: &str| {
        let pod = json!({"spec": {"template": {"spec": {"containers": [{"name": "a", "image": image}]}}}});
        filled("Deployment", pod, None)["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"].take()
    };
    assert_eq!(image("i"), "Always");
    assert_eq!(image("i:latest"), "Always");
    assert_eq!(image("host:5000/i"), "Always");
    assert_eq!(image("i:1"), "IfNotPresent");
    assert_eq!(image("i@sha256:0"), "IfNotPresent");
    let deployment = filled("Deployment", json!({"spec": {}}), None);
    let rolling = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}});
    assert_eq!((&deployment["spec"]["replicas"], &deployment["spec"]["strategy"]), (&json!(1), &rolling));
    // What a server has decided stays, and nobody else can know it.
    let was = json!({"spec": {"clusterIP": "10.0.0.1"}});
    assert_eq!(filled("Service", json!({"spec": {}}), Some(&was))["spec"]["clusterIP"], "10.0.0.1");
    assert_eq!(filled("Service", json!({"spec": {}}), None)["spec"]["clusterIP"], Json::Null);
    let port = filled("Service", json!({"spec": {"ports": [{"port": 80}]}}), None)["spec"]["ports"][0].take();
    assert_eq!(port, json!({"port": 80, "protocol": "TCP", "targetPort": 80}));
    // A Job's defaults are not those of a CronJob's template.
    assert_eq!(filled("Job", json!({"spec": {}}), None)["spec"]["completions"], 1);
    let cron = filled("CronJob", json!({"spec": {"jobTemplate": {"spec": {}}}}), None);
    assert_eq!(cron["spec"]["jobTemplate"]["spec"]["completions"], Json::Null);
}

#[test]
fn what_says_nothing_is_dropped_as_the_server_drops_it() {
    let mut value = json!({"metadata": {"annotations": {}}, "spec": {"paused": null, "template": {"spec": {
        "volumes": [], "containers": [{"name": "a", "securityContext": {}}]}}}});
    tidy(&mut value, Place::root(Api::kubernetes(), "apps/v1", "Deployment", Merging::ServerSide));
    let kept =
        json!({"metadata": {}, "spec": {"template": {"spec": {"containers": [{"name": "a", "securityContext": {}}]}}}});
    assert_eq!(value, kept);
    // A custom resource keeps what it got.
    let custom = json!({"spec": {"list": [], "nothing": null}});
    let mut value = custom.clone();
    tidy(&mut value, Place::root(Api::kubernetes(), "example.com/v1", "Engine", Merging::ServerSide));
    assert_eq!(value, custom);
}
