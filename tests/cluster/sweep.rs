//! Leaf by leaf: each is removed from what is applied, changed in it, and changed by somebody else; and each time what is
//! said to come of an apply is held to what comes of it.

use crate::direct::Direct;
use crate::leaves::{self, At, Changes, Said, between, settled};
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
    fn step(&mut self, called: &str, object: &Json, (original, base): (&Json, &Json)) {
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
                let missing = missing(&happened, &offline);
                if !missing.is_empty() {
                    self.count.missed_offline.push(format!("{called}: {missing:?}: {}", text(&offline)));
                }
                if happened.is_empty() {
                    self.count.nothing += 1;
                } else {
                    self.count.changes += 1;
                }
            }
        }
        self.restore(base, original);
    }

    fn hold(&mut self, called: &str, happened: &Changes, said: &EnvironmentDiff) {
        let missing = missing(happened, said);
        if !missing.is_empty() || said.has_failed() {
            self.count.wrong.push(format!("{called}: {missing:?}: {}", text(said)));
        }
    }

    /// What is said of the same by what is written down of the object.
    fn offline(&self, object: &Json, live: &Json) -> EnvironmentDiff {
        let (mask, unmanaged) = (Mask::new([7; 32]), Unmanaged::Hide);
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
        let mut others = between(before, &settled(&again));
        others.retain(|path, _| !is_allocated(path));
        assert!(others.is_empty(), "{others:?}");
    }
}

/// What happened and was not said, or was said and did not happen: each leaf with both.
fn missing(happened: &Changes, said: &EnvironmentDiff) -> Vec<String> {
    let Said { changes, new } = leaves::said(said);
    let is_filled_in =
        |path: &str| new.iter().any(|part| path.strip_prefix(part).is_some_and(|rest| rest.starts_with('/')));
    let is_said = |path: &str, change: &(Option<Json>, Option<Json>)| match changes.get(path) {
        // Which one it is, only the real apply decides.
        Some((None, Some(_))) if is_allocated(path) => change.0.is_none() && change.1.is_some(),
        told => told == Some(change),
    };
    let unsaid = happened.iter().filter(|(path, change)| {
        let is_new = !changes.contains_key(*path) && change.0.is_none() && is_filled_in(path);
        !is_said(path, change) && !is_new
    });
    let unsaid = unsaid.map(|(path, change)| format!("{path} {change:?}, said {:?}", changes.get(path)));
    let wrong = changes.iter().filter(|(path, _)| !happened.contains_key(*path));
    unsaid.chain(wrong.map(|(path, change)| format!("{path} only said: {change:?}"))).collect()
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
        let mut manifests = rendered(name, environment);
        manifests.iter_mut().for_each(|manifest| mark(manifest, manager));
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
                    let live = direct.get(manifest);
                    let base = (manifest, &settled(&live));
                    match way {
                        Way::Removed => sweep.step(&called, &leaves::without(manifest, &path), base),
                        Way::Changed => sweep.step(&called, &leaves::changed(manifest, &path), base),
                        Way::Foreign => {
                            let other = leaves::changed(&live, &path_in(&live, manifest, &path));
                            if direct.replace(&other, "intruder").is_ok() {
                                sweep.step(&called, manifest, base);
                            }
                        }
                    }
                }
            }
        }
    }
    sweep.count
}

/// Puts on an object what Argo CD puts on what it applies.
fn mark(object: &mut Json, manager: &str) {
    if manager == "argocd-controller" {
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let group = text(&object["apiVersion"]).rsplit_once('/').map_or(String::new(), |(group, _)| group.to_owned());
        let (kind, metadata) = (text(&object["kind"]), &object["metadata"]);
        let id = format!("app:{group}/{kind}:{}/{}", text(&metadata["namespace"]), text(&metadata["name"]));
        object["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = Json::from(id);
    }
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

impl Count {
    /// Nothing was said that did not happen, and nothing happened that was not said.
    fn hold(&self, called: &str) {
        let Count { leaves, changes, refused, nothing, missed_offline, wrong } = self;
        let missed = missed_offline.len();
        println!(
            "{called}: {leaves} leaves: {changes} change something, {refused} are refused, {nothing} change nothing"
        );
        println!("{called}: {missed} are not what is predicted from the objects alone");
        assert_eq!(wrong[..], [""; 0]);
        let others = missed_offline.iter().filter(|missed| !KNOWN_OFFLINE.iter().any(|known| missed.contains(known)));
        assert_eq!(others.collect::<Vec<_>>(), [""; 0]);
    }
}

/// What only the server knows: one name of a service account is a copy of the other, a volume without a source is an
/// empty directory, what is false is not written, ports of nodes come and go with the type of a Service.
const KNOWN_OFFLINE: [&str; 4] =
    [" spec.template.spec.serviceAccountName ", ".configMap.name Removed", ".readOnly Changed", " spec.type "];

#[test]
fn each_leaf_of_what_flux_applies() {
    let count = sweep("kustomize-controller", &[("clicks", "prod")], &[Way::Removed, Way::Changed, Way::Foreign]);
    count.hold("Flux");
    assert!(count.leaves > 600 && count.changes > 500 && count.refused > 50 && count.nothing > 0, "{count:?}");
}

#[test]
fn each_leaf_of_what_argo_cd_applies() {
    let count = sweep("argocd-controller", &[("operator", "prod"), ("session", "prod")], &[Way::Changed]);
    count.hold("Argo CD, changed");
    assert!(count.leaves > 300 && count.changes > 200 && count.refused > 20, "{count:?}");
    let count = sweep("argocd-controller", &[("operator", "prod")], &[Way::Removed]);
    count.hold("Argo CD, removed");
    assert!(count.leaves > 200 && count.changes > 100, "{count:?}");
}

/// kubectl asks under its own name, and so learns nothing of what Flux would take away. The apply itself says who is
/// right: flinkc says all that it does, and each way of kubectl's less.
#[test]
fn kubectl_sees_less_than_flux_takes_away() {
    const WAYS: [&[&str]; 3] = [&[], &["--server-side"], &["--server-side", "--force-conflicts"]];
    const KINDS: [&str; 5] = ["Ingress", "Role", "RoleBinding", "Service", "ServiceAccount"];
    let server = server();
    server.succeed(["create", "namespace", "clicks"], "");
    let (cluster, direct) = (connect(&server.kubeconfig(), "admin"), Direct::new(&server));
    let manager = "kustomize-controller";
    let mut sweep = Sweep { cluster: &cluster, direct: &direct, manager, count: Count::default() };
    let mut found = [0; WAYS.len()];
    let manifests = rendered("clicks", "prod");
    let small = || manifests.iter().filter(|manifest| KINDS.iter().any(|kind| manifest["kind"] == *kind));
    for manifest in small() {
        direct.apply(manifest, manager).unwrap_or_else(|reason| panic!("{reason}: {manifest}"));
    }
    for manifest in small() {
        for path in leaves::of(manifest) {
            let object = leaves::without(manifest, &path);
            let codes = WAYS.map(|way| {
                let arguments = ["diff"].iter().chain(way).chain(&["-f", "-"]);
                server.kubectl(arguments, &object.to_string()).status.code()
            });
            let base = settled(&direct.get(manifest));
            let changes = sweep.count.changes;
            sweep.step(&format!("{} {}", manifest["kind"], shown(&path)), &object, (manifest, &base));
            if sweep.count.changes > changes {
                found.iter_mut().zip(codes).for_each(|(found, code)| *found += usize::from(code == Some(1)));
            }
        }
    }
    sweep.count.hold("removed by Flux");
    println!("of these changes kubectl diff finds, client-side, server-side and forced: {found:?}");
    assert!(sweep.count.changes > 30 && found.iter().all(|found| *found < sweep.count.changes), "{found:?}");
}
