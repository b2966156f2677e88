//! The law for generated programs: objects of many kinds, and environments that differ in every way.
//!
//! An environment is made of the program's objects by edits, so that environments have most in common, and so that a
//! failure shrinks to few objects and few edits. `LAW_CASES=2000` tries that many programs.

use super::kustomize::{engines, objects};
use flinkc::kubernetes::Object;
use flinkc::layers::{Conditions, Group};
use objects::Project;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// One difference between environments. Numbers choose among what there is, whatever their size.
#[derive(Debug, Clone)]
enum Edit {
    /// The object is not there.
    Drop(usize),
    Rename(usize),
    /// Another namespace than the environment's.
    Move(usize),
    /// A label or annotation, or none with this key.
    Mark(usize, &'static str, &'static str, Option<&'static str>),
    /// A label of all objects, and where told of the pods that they make.
    MarkAll(&'static str, &'static str, Pods),
    Image(usize, &'static str),
    Replicas(usize, Option<u8>),
    /// An environment variable of the first container, or none with this name.
    Variable(usize, &'static str, Option<Json>),
    /// One more container, or one less where it is there.
    Container(usize, &'static str),
    /// The containers the other way round.
    Reorder(usize),
    /// One more record in a list without names: a rule, a path, a port.
    Record(usize, usize, u8),
    /// Arguments, which are an atomic list.
    Arguments(usize, Vec<&'static str>),
    /// A file of a ConfigMap, or none of this name.
    File(usize, &'static str, Option<&'static str>),
    Immutable(usize),
    /// Something in a custom resource: at a place, a value or nothing.
    Custom(usize, usize, Option<Json>),
}

/// Whether pods are labelled as what makes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pods {
    Too,
    Not,
}

/// A program: objects by unit, and for each environment its namespace and its edits of each unit.
#[derive(Debug, Clone)]
struct Program {
    units: Vec<Vec<(usize, &'static str)>>,
    environments: Vec<(&'static str, Vec<Vec<Edit>>)>,
    /// Groups of environments.
    groups: Vec<Vec<&'static str>>,
    /// The environment with the fewest conditions.
    plainest: usize,
}

/// The environments' names; programs with fewer have the first of them.
const NAMES: [&str; 4] = ["dev", "staging", "prod-eu", "prod-us"];

fn text() -> impl Strategy<Value = &'static str> {
    select(vec!["x", "no", "1", "", "a: b", "${A}", "x\ny\n", "1e3", "\ttab\nx"])
}

/// Few values, so that environments often agree.
fn leaf() -> impl Strategy<Value = Json> {
    let plain = vec![json!(1), json!(2), json!(null), json!(true), json!(1.5), json!(9_007_199_254_740_993_i64)];
    prop_oneof![3 => select(plain), 2 => text().prop_map(Json::from)]
}

fn tree() -> impl Strategy<Value = Json> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        let key = select(vec!["a", "b", "c/d", "e~f", "containers.x", "containers", "name"]);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
            proptest::collection::btree_map(key.prop_map(str::to_owned), inner, 0..4)
                .prop_map(|entries| Json::Object(entries.into_iter().collect())),
        ]
    })
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = || 0..8_usize;
    let optional = || proptest::option::weighted(0.7, text());
    let images = vec!["a:1", "a:2", "a", "b:1", "b:2", "r:5000/a:1", "a@sha256:00", "b:1@sha256:00", "${A}"];
    let mark = (at(), select(vec!["labels", "annotations"]), select(vec!["a", "b", "example.com/c"]), optional());
    prop_oneof![
        at().prop_map(Edit::Drop),
        at().prop_map(Edit::Rename),
        at().prop_map(Edit::Move),
        mark.prop_map(|(at, field, key, value)| Edit::Mark(at, field, key, value)),
        (select(vec!["a", "b", "app", "example.com/c"]), text(), select(vec![Pods::Too, Pods::Not]))
            .prop_map(|(key, value, pods)| Edit::MarkAll(key, value, pods)),
        (at(), select(images)).prop_map(|(at, image)| Edit::Image(at, image)),
        (at(), proptest::option::of(0..4_u8)).prop_map(|(at, count)| Edit::Replicas(at, count)),
        (at(), select(vec!["A", "B", "C"]), proptest::option::weighted(0.7, leaf()))
            .prop_map(|(at, name, value)| Edit::Variable(at, name, value)),
        (at(), select(vec!["main", "side", "c"])).prop_map(|(at, name)| Edit::Container(at, name)),
        at().prop_map(Edit::Reorder),
        (at(), 0..3_usize, 0..3_u8).prop_map(|(at, place, value)| Edit::Record(at, place, value)),
        (at(), proptest::collection::vec(text(), 0..3)).prop_map(|(at, arguments)| Edit::Arguments(at, arguments)),
        (at(), select(vec!["a", "b.yaml", "B.yaml", "c"]), optional())
            .prop_map(|(at, key, value)| Edit::File(at, key, value)),
        at().prop_map(Edit::Immutable),
        (at(), 0..12_usize, proptest::option::weighted(0.8, tree()))
            .prop_map(|(at, place, value)| Edit::Custom(at, place, value)),
    ]
}

/// Programs in which an environment often does what the one before does, and something more.
fn program() -> impl Strategy<Value = Program> {
    any_program().prop_map(|mut program| {
        for at in 1..program.environments.len() {
            if at % 2 == 1 && program.plainest % 2 == 0 {
                let before = program.environments[at - 1].1.clone();
                for (edits, mut before) in program.environments[at].1.iter_mut().zip(before) {
                    before.extend(edits.drain(..).take(1));
                    *edits = before;
                }
            }
        }
        program
    })
}

fn any_program() -> impl Strategy<Value = Program> {
    let object = (0..KINDS, select(vec!["main", "other", "default", "c"]));
    let units = proptest::collection::vec(proptest::collection::vec(object, 1..5), 1..=2);
    let edits = || proptest::collection::vec(edit(), 0..5);
    let environment = (select(vec!["n", "n", "m", "default"]), proptest::collection::vec(edits(), 2));
    let groups = proptest::collection::vec(proptest::sample::subsequence(NAMES.to_vec(), 2..4), 0..3);
    (units, proptest::collection::vec(environment, 1..=4), groups, 0..4_usize)
        .prop_map(|(units, environments, groups, plainest)| Program { units, environments, groups, plainest })
}

const KINDS: usize = 14;

fn pod(name: &str) -> Json {
    json!({
        "metadata": { "labels": { "app": name } },
        "spec": {
            "serviceAccountName": name,
            "containers": [
                { "name": "main", "image": "a:1", "args": ["x"], "env": [{ "name": "A", "value": "1" }, {
                    "name": "B", "valueFrom": { "configMapKeyRef": { "name": "c", "key": "a" } } }] },
                { "name": "side", "image": "b:1", "envFrom": [{ "configMapRef": { "name": "main" } }] },
            ],
            "volumes": [{ "name": "v", "configMap": { "name": "c" } }],
        },
    })
}

/// An object of one of the kinds.
fn object(kind: usize, name: &str) -> Json {
    let subjects = json!([{ "kind": "ServiceAccount", "name": name, "namespace": "n" },
        { "kind": "User", "name": "someone" }]);
    let role = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name });
    let rules =
        json!([{ "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["c", "d"], "verbs": ["get"] }]);
    let data = json!({ "a": "x\n", "b.yaml": "b: 1\n" });
    let (version, kind, rest) = match kind {
        0 => ("apps/v1", "Deployment", json!({ "spec": { "replicas": 1, "template": pod(name) } })),
        1 => ("apps/v1", "StatefulSet", json!({ "spec": { "serviceName": name, "template": pod(name) } })),
        2 => ("batch/v1", "CronJob", json!({ "spec": { "jobTemplate": { "spec": { "template": pod(name) } } } })),
        3 => {
            ("v1", "Service", json!({ "spec": { "ports": [{ "name": "a", "port": 1 }, { "name": "b", "port": 2 }] } }))
        }
        4 => ("v1", "ConfigMap", json!({ "hashed": true, "data": data })),
        5 => ("v1", "ConfigMap", json!({ "data": data })),
        6 => ("v1", "ServiceAccount", json!({})),
        7 => ("rbac.authorization.k8s.io/v1", "Role", json!({ "rules": rules })),
        8 => ("rbac.authorization.k8s.io/v1", "RoleBinding", json!({ "roleRef": role, "subjects": subjects })),
        9 => ("rbac.authorization.k8s.io/v1", "ClusterRole", json!({ "rules": rules })),
        10 => ("v1", "Namespace", json!({})),
        11 => (
            "networking.k8s.io/v1",
            "Ingress",
            json!({ "spec": { "rules": [{ "host": "h", "http": { "paths": [
            { "path": "/", "backend": { "service": { "name": name } } }] } }] } }),
        ),
        12 => (
            "flink.apache.org/v1beta1",
            "FlinkDeployment",
            json!({ "spec": { "image": "a:1", "podTemplate": pod(name),
            "flinkConfiguration": { "taskmanager.numberOfTaskSlots": "2" } } }),
        ),
        13 => (
            "example.com/v1",
            "Widget",
            json!({ "spec": { "a": 1, "list": [1, 2], "map": { "b": null },
            "records": [{ "host": "h", "port": 1 }, { "host": "i" }] } }),
        ),
        kind => panic!("there is no kind {kind}"),
    };
    let mut object = json!({ "apiVersion": version, "kind": kind, "metadata": { "name": name } });
    for (key, value) in rest.as_object().into_iter().flatten() {
        object[key] = value.clone();
    }
    object
}

fn is_cluster_scoped(object: &Json) -> bool {
    matches!(object["kind"].as_str(), Some("ClusterRole" | "Namespace"))
}

/// The template of the pods that an object makes, if it makes any.
fn template(object: &mut Json) -> Option<&mut Json> {
    let pointer = match object["kind"].as_str()? {
        "Deployment" | "StatefulSet" => "/spec/template",
        "CronJob" => "/spec/jobTemplate/spec/template",
        "FlinkDeployment" => "/spec/podTemplate",
        _ => return None,
    };
    object.pointer_mut(pointer)
}

fn containers(object: &mut Json) -> Option<&mut Vec<Json>> {
    template(object)?["spec"]["containers"].as_array_mut()
}

/// Changes the objects as an edit says; nothing where it does not fit.
fn apply(edit: &Edit, objects: &mut Vec<Json>) -> Option<()> {
    let count = objects.len();
    let chosen = |at: usize| at.checked_rem(count);
    match edit {
        Edit::Drop(at) => drop(objects.remove(chosen(*at)?)),
        Edit::Rename(at) => {
            let name = &mut objects[chosen(*at)?]["metadata"]["name"];
            *name = format!("{}-x", name.as_str()?).into();
        }
        Edit::Move(at) => objects[chosen(*at)?]["metadata"]["namespace"] = "elsewhere".into(),
        Edit::Mark(at, field, key, value) => {
            let metadata = &mut objects[chosen(*at)?]["metadata"];
            set(&mut metadata[*field], key, value.map(Json::from));
        }
        Edit::MarkAll(key, value, pods) => {
            for object in objects {
                set(&mut object["metadata"]["labels"], key, Some((*value).into()));
                if let (Pods::Too, Some(template)) = (pods, template(object)) {
                    set(&mut template["metadata"]["labels"], key, Some((*value).into()));
                }
            }
        }
        Edit::Image(at, image) => containers(&mut objects[chosen(*at)?])?.first_mut()?["image"] = (*image).into(),
        Edit::Replicas(at, replicas) => {
            let object = &mut objects[chosen(*at)?];
            containers(object)?;
            set(&mut object["spec"], "replicas", replicas.map(Json::from));
        }
        Edit::Variable(at, name, value) => {
            let variables = &mut containers(&mut objects[chosen(*at)?])?.first_mut()?["env"];
            let variables = variables.as_array_mut()?;
            variables.retain(|variable| variable["name"] != *name);
            variables.extend(value.as_ref().map(|value| json!({ "name": name, "value": value })));
        }
        Edit::Container(at, name) => {
            let containers = containers(&mut objects[chosen(*at)?])?;
            match containers.iter().position(|container| container["name"] == *name) {
                Some(at) => drop(containers.remove(at)),
                None => containers.insert(0, json!({ "name": name, "image": "a:2", "env": [] })),
            }
        }
        Edit::Reorder(at) => containers(&mut objects[chosen(*at)?])?.reverse(),
        Edit::Record(at, place, value) => {
            let object = &mut objects[chosen(*at)?];
            let lists = ["/rules", "/subjects", "/spec/rules", "/spec/rules/0/http/paths", "/spec/records"];
            let list = lists.iter().find(|list| object.pointer(list).is_some_and(Json::is_array))?;
            let records = object.pointer_mut(list)?.as_array_mut()?;
            records.insert(place % (records.len() + 1), json!({ "kind": "User", "name": format!("u{value}") }));
        }
        Edit::Arguments(at, arguments) => {
            containers(&mut objects[chosen(*at)?])?.first_mut()?["args"] = arguments.clone().into();
        }
        Edit::File(at, key, text) => {
            let object = &mut objects[chosen(*at)?];
            object.get("data")?;
            set(&mut object["data"], key, text.map(Json::from));
        }
        Edit::Immutable(at) => {
            let object = &mut objects[chosen(*at)?];
            object.get("data")?;
            object["immutable"] = true.into();
        }
        Edit::Custom(at, place, value) => {
            let object = &mut objects[chosen(*at)?];
            let custom = object["kind"] == "Widget" || object["kind"] == "FlinkDeployment";
            let keys = ["a", "list", "map", "records", "flinkConfiguration", "new"];
            let key = keys[place % keys.len()];
            custom.then(|| set(&mut object["spec"], key, value.clone()))?;
        }
    }
    Some(())
}

fn set(map: &mut Json, key: &str, value: Option<Json>) {
    if map.is_null() {
        *map = json!({});
    }
    let entries = map.as_object_mut().expect("what is edited is a map");
    match value {
        Some(value) => drop(entries.insert(key.to_owned(), value)),
        None => drop(entries.shift_remove(key)),
    }
}

fn conditions(own: usize) -> Conditions {
    Conditions { own, shared: 0 }
}

fn project(program: &Program) -> Project {
    let groups = program.groups.iter().enumerate().map(|(at, members)| Group {
        name: format!("group-{at}"),
        environments: members.iter().map(|name| (*name).to_owned()).collect(),
    });
    let mut project = Project {
        environments: NAMES[..program.environments.len()].iter().map(|name| (*name).to_owned()).collect(),
        conditions: (0..NAMES.len()).map(|at| usize::from(at != program.plainest)).map(conditions).collect(),
        groups: groups.collect(),
        units: Vec::new(),
    };
    project.units = vec![("one".to_owned(), Vec::new()), ("two".to_owned(), Vec::new())];
    project.units.truncate(program.units.len());
    for (namespace, edits) in &program.environments {
        // No cluster takes two objects with one identity.
        let mut known = BTreeSet::new();
        for ((unit, edits), (_, made)) in program.units.iter().zip(edits).zip(&mut project.units) {
            made.push(environment(unit, namespace, edits, &mut known));
        }
    }
    project
}

fn environment(unit: &[(usize, &str)], namespace: &str, edits: &[Edit], known: &mut BTreeSet<String>) -> Vec<Object> {
    let mut objects: Vec<Json> = unit.iter().map(|(kind, name)| object(*kind, name)).collect();
    for object in objects.iter_mut().filter(|object| !is_cluster_scoped(object)) {
        object["metadata"]["namespace"] = namespace.into();
    }
    for edit in edits {
        // An edit that does not fit the object does nothing.
        let _ = apply(edit, &mut objects);
    }
    for object in objects.iter_mut().filter(|object| is_cluster_scoped(object)) {
        set(&mut object["metadata"], "namespace", None);
    }
    objects.retain(|object| {
        let metadata = &object["metadata"];
        let identity = format!("{} {} {}", object["kind"], metadata["namespace"], metadata["name"]);
        known.insert(identity)
    });
    let made = objects.iter().map(objects::object);
    made.filter(|object| !flinkc::kubernetes::kustomize::is_beyond_kustomize(object)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("LAW_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(200),
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_program_obeys_the_law(program in program()) {
        let project = project(&program);
        if let Some(engines) = engines() && project.units.iter().all(|(_, all)| !all.is_empty()) {
            let outcome = project.obey_the_law(engines);
            prop_assert!(outcome.is_ok(), "{}\n{}", outcome.unwrap_err(), project.listing());
        }
    }
}
