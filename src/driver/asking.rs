//! What a live cluster says of an environment's objects, and of what an apply would do to them.

use crate::cluster::{Cluster, Progress, Target, Trial, Trouble};
use crate::diff::live::{Answer, LiveObject, Prognosis, Question, doomed, inventory, marks, predict, requests};
use crate::diff::{Difference, ObjectChange};
use crate::eval::value::{Str, Value};
use crate::kubernetes::identity::{Identity, group};
use crate::kubernetes::{Object, kustomize};
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap, HashSet};

const KUSTOMIZATION: &str = "kustomize.toolkit.fluxcd.io/v1";

/// What the cluster has, and what it says.
#[derive(Debug, Default)]
struct Heard {
    /// The objects that are there, and those that may be pruned.
    pub live: Vec<LiveObject>,
    /// What it says of each object of the program, in their order.
    pub answers: Vec<Answer>,
    /// What holds of all of it, for people.
    pub notes: Vec<String>,
}

/// What applying objects would do to those of a live cluster, as its server says.
#[must_use]
pub fn predict_on(cluster: &Cluster, objects: &[(Str, Object)], question: Question, progress: Progress) -> Prognosis {
    let heard = ask(cluster, objects, question, progress);
    let mut prognosis = predict(objects, &heard.live, Question { answers: &heard.answers, ..question });
    try_deletions(cluster, &mut prognosis.objects, progress);
    prognosis.notes.splice(0..0, heard.notes);
    prognosis
}

/// Asks a cluster about objects.
fn ask(cluster: &Cluster, objects: &[(Str, Object)], question: Question, progress: Progress) -> Heard {
    let mut heard = Heard { notes: vec![format!("cluster: {}", cluster.described())], ..Heard::default() };
    let unknown = heard.read(cluster, objects, progress);
    let requests = requests(objects, &heard.live, question);
    let expected = Expected::of(objects);
    let trials: Vec<(usize, (Target, Trial))> = objects
        .iter()
        .zip(requests)
        .enumerate()
        .filter(|(at, ((_, object), _))| !unknown.contains_key(at) && cluster.serves(&object.api_version, &object.kind))
        .map(|(at, ((_, object), request))| (at, (target(object), request)))
        .collect();
    let (numbers, trials): (Vec<usize>, Vec<(Target, Trial)>) = trials.into_iter().unzip();
    let results = cluster.try_out(&trials, progress);
    let mut answers: HashMap<usize, Answer> = numbers
        .into_iter()
        .zip(results)
        .map(|(at, result)| {
            (at, result.map_or_else(|trouble| expected.answer(&objects[at].1, &trouble), Answer::Object))
        })
        .collect();
    answers.extend(unknown.into_iter().map(|(at, trouble)| (at, Answer::Unknown(trouble.to_string()))));
    heard.answers = objects
        .iter()
        .enumerate()
        .map(|(at, (_, object))| answers.remove(&at).unwrap_or_else(|| expected.of_kind(object)))
        .collect();
    heard.read_marked(cluster, objects, question, progress);
    heard
}

/// Asks what the deletion of each object that would be pruned meets.
fn try_deletions(cluster: &Cluster, changes: &mut [ObjectChange], progress: Progress) {
    let gone = |change: &&mut ObjectChange| matches!(change.difference, Difference::Deleted(_));
    let mut deleted: Vec<&mut ObjectChange> = changes.iter_mut().filter(gone).collect();
    let trials: Vec<(Target, Trial)> = deleted.iter().map(|change| (target(change.object()), Trial::Delete)).collect();
    for (change, result) in deleted.iter_mut().zip(cluster.try_out(&trials, progress)) {
        let Some(prediction) = &mut change.prediction else { continue };
        match result {
            Ok(_) => {}
            Err(trouble) if trouble.is_forbidden() || trouble.takes_no_dry_run() => {
                prediction.notes.push(format!("the deletion was not tried: {trouble}"));
            }
            // It went in the meantime.
            Err(Trouble::Refused(refusal)) if refusal.code == 404 => {}
            Err(trouble) => prediction.refused = Some(trouble.to_string()),
        }
    }
}

fn target(object: &Object) -> Target {
    Target {
        api_version: object.api_version.to_string(),
        kind: object.kind.to_string(),
        namespace: object.namespace.as_ref().map(ToString::to_string),
        name: object.name.to_string(),
    }
}

impl Heard {
    /// Reads the objects that are there; the result says of which objects, by their numbers, that is not known.
    fn read(&mut self, cluster: &Cluster, objects: &[(Str, Object)], progress: Progress) -> HashMap<usize, Trouble> {
        let served = |object: &Object| cluster.serves(&object.api_version, &object.kind);
        let known: Vec<usize> = (0..objects.len()).filter(|at| served(&objects[*at].1)).collect();
        let targets: Vec<Target> = known.iter().map(|at| target(&objects[*at].1)).collect();
        let mut unknown = HashMap::new();
        for (at, found) in known.into_iter().zip(cluster.read(&targets, progress)) {
            match found {
                Ok(found) => self.live.extend(found.and_then(LiveObject::new)),
                Err(trouble) => {
                    unknown.insert(at, trouble);
                }
            }
        }
        self.read_former(cluster, objects);
        unknown
    }

    /// Reads what objects whose name ends with a hash take the place of.
    fn read_former(&mut self, cluster: &Cluster, objects: &[(Str, Object)]) {
        let mut families: BTreeSet<(&str, &str, Option<&str>)> = BTreeSet::new();
        let mut names: HashSet<String> = HashSet::new();
        for (_, object) in objects {
            let base = kustomize::name_without_hash(object);
            if *base != *object.name {
                families.insert((&object.api_version, &object.kind, object.namespace.as_deref()));
                names.insert(format!("{base}-"));
            }
        }
        for (api_version, kind, namespace) in families {
            // Who may not list sees them as new.
            let Ok(found) = cluster.list(api_version, kind, namespace) else { continue };
            self.add(found.into_iter().filter(|item| {
                let name = item["metadata"]["name"].as_str().unwrap_or_default();
                name.rsplit_once('-').is_some_and(|(base, _)| names.contains(&format!("{base}-")))
            }));
        }
    }

    /// Adds objects that are not yet known.
    fn add(&mut self, found: impl Iterator<Item = Json>) {
        let known: HashSet<Identity> = self.live.iter().map(|object| object.identity().clone()).collect();
        let found: Vec<LiveObject> =
            found.filter_map(LiveObject::new).filter(|object| !known.contains(object.identity())).collect();
        self.live.extend(found);
    }

    /// Reads what may be pruned: what inventories name, and what is marked.
    fn read_marked(&mut self, cluster: &Cluster, objects: &[(Str, Object)], question: Question, progress: Progress) {
        let marks = marks(objects, &self.live, question);
        let kustomizations: Vec<Target> = marks
            .kustomizations
            .iter()
            .map(|(namespace, name)| Target {
                api_version: KUSTOMIZATION.to_owned(),
                kind: "Kustomization".to_owned(),
                namespace: Some(namespace.clone()),
                name: name.clone(),
            })
            .collect();
        let found: Vec<LiveObject> = cluster
            .read(&kustomizations, progress)
            .into_iter()
            .filter_map(|found| LiveObject::new(found.ok()??))
            .collect();
        let listed = found.iter().flat_map(inventory).map(|entry| Target {
            api_version: entry.api_version,
            kind: entry.identity.kind.to_string(),
            namespace: entry.identity.namespace.as_deref().map(str::to_owned),
            name: entry.identity.name.to_string(),
        });
        let made: HashSet<Target> = objects.iter().map(|(_, object)| target(object)).collect();
        let listed: Vec<Target> = listed.filter(|target| !made.contains(target)).collect();
        let there: Vec<Json> =
            cluster.read(&listed, progress).into_iter().filter_map(|found| found.ok().flatten()).collect();
        self.live.extend(found);
        self.add(there.into_iter());
        let namespaces: BTreeSet<&str> = objects.iter().filter_map(|(_, object)| object.namespace.as_deref()).collect();
        let namespaces: Vec<&str> = namespaces.into_iter().collect();
        for selector in &marks.selectors {
            let (found, refused) = cluster.marked(&namespaces, selector, progress);
            self.add(found.into_iter());
            if !refused.is_empty() {
                self.notes.push(format!(
                    "what would be pruned is not known of kinds that may not be listed: {}",
                    refused.join(", ")
                ));
            }
        }
        if !marks.selectors.is_empty() {
            self.read_doomed(cluster, objects, question, progress);
        }
    }

    /// Reads the whole of what would be pruned, of which so far only the marks are known.
    fn read_doomed(&mut self, cluster: &Cluster, objects: &[(Str, Object)], question: Question, progress: Progress) {
        let doomed = doomed(objects, &self.live, question);
        let targets: Vec<Target> = doomed.iter().map(|at| place(&self.live[*at])).collect();
        for (at, found) in doomed.into_iter().zip(cluster.read(&targets, progress)) {
            if let Some(object) = found.ok().flatten().and_then(LiveObject::new) {
                self.live[at] = object;
            }
        }
    }
}

/// Where an object of the cluster is found.
fn place(object: &LiveObject) -> Target {
    let Identity { group: _, kind, namespace, name } = object.identity();
    Target {
        api_version: object.api_version().to_owned(),
        kind: kind.to_string(),
        namespace: namespace.as_deref().map(str::to_owned),
        name: name.to_string(),
    }
}

/// Group and kind of what a CustomResourceDefinition defines.
fn defined(object: &Object) -> Option<(String, String)> {
    let Value::Map(spec) = object.fields.get("spec")? else { return None };
    let Value::Map(names) = spec.get("names")? else { return None };
    match (spec.get("group")?, names.get("kind")?) {
        (Value::Str(group), Value::Str(kind)) => Some((group.to_string(), kind.to_string())),
        _ => None,
    }
}

/// What comes with the same change, and so may be missing yet.
struct Expected {
    namespaces: HashSet<String>,
    /// Groups and kinds of CustomResourceDefinitions.
    kinds: HashSet<(String, String)>,
}

impl Expected {
    fn of(objects: &[(Str, Object)]) -> Expected {
        let mut expected = Expected { namespaces: HashSet::new(), kinds: HashSet::new() };
        for (_, object) in objects {
            match &*object.kind {
                "Namespace" => {
                    expected.namespaces.insert(object.name.to_string());
                }
                "CustomResourceDefinition" => {
                    expected.kinds.extend(defined(object));
                }
                _ => {}
            }
        }
        expected
    }

    /// What it means that the server answers with trouble.
    fn answer(&self, object: &Object, trouble: &Trouble) -> Answer {
        let namespace = object.namespace.as_deref().unwrap_or_default();
        match trouble {
            Trouble::Refused(_) if trouble.lacks_namespace() && self.namespaces.contains(namespace) => {
                Answer::Unasked(format!("the Namespace `{namespace}` is part of the same change"))
            }
            Trouble::Refused(_) if trouble.lacks_namespace() => {
                Answer::Refused(format!("there is no Namespace `{namespace}` in the cluster, nor in the program"))
            }
            Trouble::Refused(_) if trouble.is_forbidden() => {
                Answer::Unasked("whoever asks may not patch these objects, not even as a dry run".to_owned())
            }
            Trouble::Refused(_) if trouble.takes_no_dry_run() => {
                Answer::Unasked(format!("a webhook takes no dry runs: {trouble}"))
            }
            Trouble::Refused(_) => Answer::Refused(trouble.to_string()),
            Trouble::UnknownKind { .. } => self.of_kind(object),
            Trouble::NoContext(_) | Trouble::UnknownContext { .. } | Trouble::Unreachable(_) => {
                Answer::Unknown(trouble.to_string())
            }
        }
    }

    /// What is known of an object whose kind the cluster does not serve.
    fn of_kind(&self, object: &Object) -> Answer {
        let Object { api_version, kind, .. } = object;
        let group = group(api_version);
        if self.kinds.contains(&(group.to_owned(), kind.to_string())) {
            Answer::Unasked(format!("the CustomResourceDefinition of {kind} is part of the same change"))
        } else {
            Answer::Refused(format!(
                "the cluster does not know {api_version} {kind}: its CustomResourceDefinition is missing"
            ))
        }
    }
}
