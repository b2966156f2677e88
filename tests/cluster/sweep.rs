//! Leaf by leaf: each is removed from what is applied, changed in it, and changed by somebody else; and each time what is
//! said to come of an apply is held to what comes of it.

use crate::direct::Direct;
use crate::leaves::{self, At, Changes, between, settled};
use crate::{api, connect, made, predicted, rendered, server, text};
use flinkc::cluster::Cluster;
use flinkc::diff::live::{LiveObject, Question, Unmanaged, predict};
use flinkc::diff::{EnvironmentDiff, Mask};
use serde_json::Value as Json;

/// What came of a number of leaves.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    leaves: usize,
    changes: usize,
    refused: usize,
    nothing: usize,
    /// What is said without the server's answer, and is not what happened.
    missed_offline: Vec<String>,
    wrong: Vec<String>,
}

struct Sweep<'a> {
    cluster: &'a Cluster,
    direct: &'a Direct,
    manager: &'a str,
    count: Count,
}

impl Sweep<'_> {
    /// An apply of an object to what is there: said, done, and undone.
    fn step(&mut self, called: &str, object: &Json, original: &Json) {
        self.count.leaves += 1;
        let live = self.direct.get(object);
        let said = predicted(self.cluster, std::slice::from_ref(object), None);
        let offline = self.offline(object, &live);
        match self.direct.apply(object, self.manager) {
            Err(reason) => {
                self.count.refused += 1;
                // The server says the same each time, but not in the same order.
                let is_said = said.objects.iter().any(|change| change.refused().is_some());
                if !is_said {
                    self.count.wrong.push(format!("{called}: refused, {reason}, and said: {}", text(&said)));
                }
            }
            Ok(after) => {
                let (before, after) = (settled(&live), settled(&after));
                let happened = between(&before, &after);
                self.hold(called, &happened, &said);
                if leaves::said(&offline) != happened {
                    self.count.missed_offline.push(format!("{called}: {happened:?}, and said: {}", text(&offline)));
                }
                if happened.is_empty() {
                    self.count.nothing += 1;
                } else {
                    self.count.changes += 1;
                }
                self.restore(&before, original);
            }
        }
    }

    fn hold(&mut self, called: &str, happened: &Changes, said: &EnvironmentDiff) {
        let told = leaves::said(said);
        if told != *happened || said.has_failed() {
            self.count.wrong.push(format!("{called}: {happened:?}, and said {told:?}: {}", text(said)));
        }
    }

    /// What is said of the same by what is written down of the object.
    fn offline(&self, object: &Json, live: &Json) -> EnvironmentDiff {
        let mask = Mask::new([7; 32]);
        let unmanaged = Unmanaged::Hide;
        let question = Question { api: api(), manager: None, unmanaged, labels: &[], mask: &mask, answers: &[] };
        let live = [LiveObject::new(live.clone()).expect("it says who it is")];
        let prognosis = predict(&made(std::slice::from_ref(object)), &live, question);
        EnvironmentDiff {
            environment: "test".to_owned(),
            objects: prognosis.objects,
            notes: prognosis.notes,
            failures: prognosis.failures,
        }
    }

    /// Brings the object back; made anew where that is the only way.
    fn restore(&self, before: &Json, original: &Json) {
        let back = self.direct.apply(original, self.manager);
        if back.is_ok_and(|back| settled(&back) == *before) {
            return;
        }
        self.direct.delete(original);
        let again = self.direct.apply(original, self.manager).expect("it could be made before");
        assert_eq!(between(before, &settled(&again)).keys().filter(|path| !is_allocated(path)).count(), 0);
    }
}

/// What a server gives each object that it makes.
fn is_allocated(path: &str) -> bool {
    ["/spec/clusterIP", "/nodePort"].iter().any(|part| path.contains(part))
}

fn shown(path: &[At]) -> String {
    let steps: Vec<String> = path
        .iter()
        .map(|at| match at {
            At::Field(name) => name.clone(),
            At::Item(at) => format!("[{at}]"),
        })
        .collect();
    steps.join(".")
}

/// Who changes an object, or how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The program has the leaf no more.
    Removed,
    /// The program has another value.
    Changed,
    /// Somebody else has changed the value in the cluster.
    Foreign,
}

fn sweep(manager: &str, programs: &[(&str, &str)], ways: &[Way]) -> Count {
    let server = server();
    let (cluster, direct) = (connect(&server.kubeconfig(), "admin"), Direct::new(&server));
    let mut sweep = Sweep { cluster: &cluster, direct: &direct, manager, count: Count::default() };
    for (name, environment) in programs {
        let manifests = rendered(name, environment);
        for manifest in &manifests {
            if let Some(namespace) = manifest["metadata"]["namespace"].as_str() {
                server.kubectl(["create", "namespace", namespace], "");
            }
        }
        for manifest in manifests.iter().filter(|manifest| manifest["kind"] != "Namespace") {
            direct.apply(manifest, manager).unwrap_or_else(|reason| panic!("{reason}: {manifest}"));
        }
        for manifest in manifests.iter().filter(|manifest| manifest["kind"] != "Namespace") {
            for path in leaves::of(manifest) {
                for way in ways {
                    let called =
                        format!("{} {} {} {way:?}", manifest["kind"], manifest["metadata"]["name"], shown(&path));
                    match way {
                        Way::Removed => sweep.step(&called, &leaves::without(manifest, &path), manifest),
                        Way::Changed => sweep.step(&called, &leaves::changed(manifest, &path), manifest),
                        Way::Foreign => {
                            let other = leaves::changed(
                                &direct.get(manifest),
                                &path_in(&direct.get(manifest), manifest, &path),
                            );
                            if direct.replace(&other, "intruder").is_ok() {
                                sweep.step(&called, manifest, manifest);
                            }
                        }
                    }
                }
            }
        }
    }
    sweep.count
}

/// A path of what is applied, in what the server has of it: items of lists may have others before them.
fn path_in(live: &Json, applied: &Json, path: &[At]) -> Vec<At> {
    let (mut there, mut here, mut found) = (live, applied, Vec::new());
    for at in path {
        match at {
            At::Field(name) => {
                (there, here) = (&there[name.as_str()], &here[name.as_str()]);
                found.push(at.clone());
            }
            At::Item(number) => {
                let item = &here[*number];
                let items = there.as_array().map(Vec::as_slice).unwrap_or_default();
                let same = |other: &Json| match item.get("name") {
                    Some(name) => other.get("name") == Some(name),
                    None => other == item,
                };
                let position = items.iter().position(same).unwrap_or(*number);
                (there, here) = (&there[position], item);
                found.push(At::Item(position));
            }
        }
    }
    found
}

fn report(count: &Count) {
    let Count { leaves, changes, refused, nothing, missed_offline, wrong } = count;
    println!(
        "leaves: {leaves}, changes: {changes}, refused: {refused}, nothing: {nothing}, offline otherwise: {}, wrong: {}",
        missed_offline.len(),
        wrong.len()
    );
    for one in wrong.iter().take(30) {
        println!("WRONG {one}");
    }
    for one in missed_offline.iter().take(30) {
        println!("OFFLINE {one}");
    }
}

#[test]
fn each_leaf_of_what_flux_applies() {
    let count = sweep("kustomize-controller", &[("clicks", "prod")], &[Way::Removed, Way::Changed, Way::Foreign]);
    report(&count);
    assert_eq!(count.wrong, [""; 0]);
}
