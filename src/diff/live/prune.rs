//! Which objects would be pruned: those that whoever applies has applied before, and that the program does not make any
//! more.
//!
//! The rules are those of Flux (`status.inventory` of a Kustomization; `ID` is `NAMESPACE_NAME_GROUP_KIND`), of Argo CD
//! (the annotation `tracking-id`, else the label of an application), of `kubectl apply --prune --applyset`, and of
//! `kubectl apply --prune -l` where one is told the label.

use super::LiveObject;
use super::appliers::Applier;
use super::object::object;
use super::ownership::Operation;
use crate::diff::{Difference, Evidence, Mask, ObjectChange, Prediction};
use crate::eval::value::{Str, Value};
use crate::kubernetes::Object;
use crate::kubernetes::identity::Identity;
use crate::schema::Json;
use std::collections::{BTreeSet, HashMap, HashSet};

/// A label that whoever applies puts on all that it applies, and prunes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PruneLabel {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
}

const FLUX_NAME: &str = "kustomize.toolkit.fluxcd.io/name";
const FLUX_NAMESPACE: &str = "kustomize.toolkit.fluxcd.io/namespace";
const FLUX_PRUNE: &str = "kustomize.toolkit.fluxcd.io/prune";
const ARGO_TRACKING: &str = "argocd.argoproj.io/tracking-id";
const ARGO_INSTANCE: &str = "app.kubernetes.io/instance";
const ARGO_OPTIONS: &str = "argocd.argoproj.io/sync-options";
const APPLY_SET: &str = "applyset.kubernetes.io/part-of";

/// What is known of the objects of a cluster.
pub(super) struct Cluster<'a> {
    pub live: &'a [LiveObject],
    /// Those that the program makes, by their numbers, each with who applies it.
    pub made: &'a [(usize, Option<Applier>)],
    /// Who the program's objects are, and those whose place a new one takes.
    pub wanted: &'a HashSet<Identity>,
    /// The program's objects.
    pub declared: &'a [(Str, Object)],
    /// The labels that are pruned by; none where nobody has told.
    pub labels: &'a [PruneLabel],
    /// What hides the values of Secrets.
    pub mask: &'a Mask,
}

/// What would be pruned, and what is to be said of it.
pub(super) struct Pruned<'a> {
    pub objects: Vec<ObjectChange>,
    pub notes: Vec<String>,
    mask: &'a Mask,
}

pub(super) fn pruned<'a>(cluster: &Cluster<'a>) -> Pruned<'a> {
    let mut pruned = Pruned { objects: Vec::new(), notes: Vec::new(), mask: cluster.mask };
    flux(cluster, &mut pruned);
    argocd(cluster, &mut pruned);
    apply_sets(cluster, &mut pruned);
    labelled(cluster, &mut pruned);
    pruned
}

impl Cluster<'_> {
    /// The program's objects that someone applies.
    fn applied_by(&self, manager: &str) -> impl Iterator<Item = &LiveObject> {
        let by = move |applier: &Option<Applier>| applier.as_ref().is_some_and(|known| known.manager == manager);
        self.made.iter().filter(move |(_, applier)| by(applier)).map(|(at, _)| &self.live[*at])
    }

    /// What is not the program's, and belongs to nobody who makes and removes it.
    fn others(&self) -> impl Iterator<Item = &LiveObject> {
        self.live.iter().filter(|object| {
            let owners = object.manifest["metadata"]["ownerReferences"].as_array();
            !self.wanted.contains(&object.identity) && owners.is_none_or(Vec::is_empty)
        })
    }
}

impl Pruned<'_> {
    fn take(&mut self, object_there: &LiveObject, protected: bool, by: &str) {
        if protected {
            return self.keep(&object_there.manifest);
        }
        self.delete(&object_there.manifest, Vec::new(), by);
    }

    fn keep(&mut self, manifest: &Json) {
        let object = self.mask.object(&object(manifest, None));
        let notes = vec!["it is not in the program; it stays, protected from pruning".to_owned()];
        self.objects.push(ObjectChange {
            unit: Str::from(""),
            difference: Difference::Changed { before: object.clone(), after: object, paths: Vec::new() },
            consequence: None,
            prediction: Some(Prediction { evidence: Evidence::Inventory, manager: None, notes }),
        });
    }

    fn delete(&mut self, manifest: &Json, mut notes: Vec<String>, by: &str) {
        notes.insert(0, format!("pruned by {by}"));
        self.objects.push(ObjectChange {
            unit: Str::from(""),
            difference: Difference::Deleted(self.mask.object(&object(manifest, None))),
            consequence: None,
            prediction: Some(Prediction { evidence: Evidence::Inventory, manager: None, notes }),
        });
    }
}

/// An annotation of Argo CD's that is a list: whether something is in it.
fn has_option(object: &LiveObject, option: &str) -> bool {
    let options = object.annotation(ARGO_OPTIONS).unwrap_or_default();
    options.split(',').any(|known| known.trim() == option)
}

fn flux(cluster: &Cluster, pruned: &mut Pruned) {
    let named =
        |object: &LiveObject| Some((object.label(FLUX_NAMESPACE)?.to_owned(), object.label(FLUX_NAME)?.to_owned()));
    let ours: BTreeSet<(String, String)> = cluster.applied_by("kustomize-controller").filter_map(named).collect();
    let by_identity: HashMap<&Identity, &LiveObject> =
        cluster.live.iter().map(|object| (&object.identity, object)).collect();
    for (namespace, name) in &ours {
        let called = format!("the Kustomization `{namespace}/{name}`");
        let kustomization = cluster.live.iter().find(|object| {
            let Identity { group, kind, namespace: of, name: known } = &object.identity;
            (&**group, &**kind) == ("kustomize.toolkit.fluxcd.io", "Kustomization")
                && (of.as_deref(), &**known) == (Some(namespace), name)
        });
        let Some(kustomization) = kustomization else {
            pruned.notes.push(format!("{called} is not in what was read: what it would prune is not known"));
            continue;
        };
        if kustomization.manifest["spec"]["prune"] != Json::Bool(true) {
            pruned.notes.push(format!("{called} does not prune"));
            continue;
        }
        let entries = kustomization.manifest["status"]["inventory"]["entries"].as_array();
        for (identity, version) in entries.into_iter().flatten().filter_map(inventory_entry) {
            if cluster.wanted.contains(&identity) {
                continue;
            }
            match by_identity.get(&identity) {
                Some(object) => {
                    let is_off = |value: &str| matches!(value, "disabled" | "Disabled");
                    let mark = object.annotation(FLUX_PRUNE).or_else(|| object.label(FLUX_PRUNE));
                    pruned.take(object, mark.is_some_and(is_off), &called);
                }
                None => {
                    let notes = vec!["it is in the inventory, but not in what was read".to_owned()];
                    pruned.delete(&stub(&identity, &version), notes, &called);
                }
            }
        }
    }
}

/// Reads `NAMESPACE_NAME_GROUP_KIND` and the version. Names of RBAC objects may hold `:`, written as `__`.
fn inventory_entry(entry: &Json) -> Option<(Identity, String)> {
    let (rest, kind) = entry["id"].as_str()?.rsplit_once('_')?;
    let (rest, group) = rest.rsplit_once('_')?;
    let (namespace, name) = rest.split_once('_')?;
    let namespace = (!namespace.is_empty()).then(|| namespace.into());
    let name = name.replace("__", ":").as_str().into();
    let version = entry["v"].as_str().unwrap_or("v1").to_owned();
    Some((Identity { group: group.into(), kind: kind.into(), namespace, name }, version))
}

/// An object of which nothing is known but who it is.
fn stub(identity: &Identity, version: &str) -> Json {
    let Identity { group, kind, namespace, name } = identity;
    let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    let mut manifest = serde_json::json!({"apiVersion": api_version, "kind": **kind, "metadata": {"name": **name}});
    if let Some(namespace) = namespace {
        manifest["metadata"]["namespace"] = Json::from(&**namespace);
    }
    manifest
}

fn argocd(cluster: &Cluster, pruned: &mut Pruned) {
    let application = |object: &LiveObject| match object.annotation(ARGO_TRACKING) {
        // `APPLICATION:GROUP/KIND:NAMESPACE/NAME`; a copy of another object's says that object's name.
        Some(tracking) => {
            let Identity { group, kind, namespace, name } = &object.identity;
            let own = format!(":{group}/{kind}:{}/{name}", namespace.as_deref().unwrap_or_default());
            let is_own = tracking.ends_with(&own) || namespace.is_none() && tracking.ends_with(&format!("/{name}"));
            is_own.then(|| tracking.split(':').next().unwrap_or_default().to_owned())
        }
        None => None,
    };
    let instance = |object: &LiveObject| object.label(ARGO_INSTANCE).map(str::to_owned);
    let mut ours: BTreeSet<String> = cluster.applied_by("argocd-controller").filter_map(application).collect();
    let by_label = ours.is_empty();
    if by_label {
        ours = cluster.applied_by("argocd-controller").filter_map(instance).collect();
    }
    for object in cluster.others() {
        let of = if by_label { instance(object) } else { application(object) };
        let Some(of) = of.filter(|of| ours.contains(of)) else { continue };
        if by_label && !is_applied(object) {
            continue;
        }
        let protected = has_option(object, "Prune=false")
            || object
                .annotation("argocd.argoproj.io/compare-options")
                .is_some_and(|text| text.contains("IgnoreExtraneous"));
        pruned.take(object, protected, &format!("the Application `{of}`, where it prunes"));
    }
}

/// Whether Argo CD itself has applied an object: a label alone may be a chart's.
fn is_applied(object: &LiveObject) -> bool {
    object.managers.iter().any(|managed| managed.manager == "argocd-controller")
}

fn apply_sets(cluster: &Cluster, pruned: &mut Pruned) {
    let mut ours: BTreeSet<&str> = BTreeSet::new();
    for (at, _) in cluster.made {
        if let Some(set) = cluster.live[*at].label(APPLY_SET) {
            ours.insert(set);
        }
    }
    for object in cluster.others() {
        if object.label(APPLY_SET).is_some_and(|set| ours.contains(set)) {
            pruned.take(object, false, "`kubectl apply --prune --applyset`");
        }
    }
}

/// Kinds that `kubectl apply --prune` looks for unless it is told others (`pkg/util/prune` of kubectl).
const OF_KUBECTL: [(&str, &str); 16] = [
    ("", "ConfigMap"),
    ("", "Endpoints"),
    ("", "Namespace"),
    ("", "PersistentVolume"),
    ("", "PersistentVolumeClaim"),
    ("", "Pod"),
    ("", "ReplicationController"),
    ("", "Secret"),
    ("", "Service"),
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
    ("batch", "CronJob"),
    ("batch", "Job"),
    ("networking.k8s.io", "Ingress"),
];

fn labelled(cluster: &Cluster, pruned: &mut Pruned) {
    if cluster.labels.is_empty() {
        return;
    }
    let shown: Vec<String> = cluster.labels.iter().map(|PruneLabel { key, value }| format!("{key}={value}")).collect();
    let shown = shown.join(",");
    let without = cluster.declared.iter().filter(|(_, object)| !declares(object, cluster.labels)).count();
    if without == cluster.declared.len() {
        // Whoever applies by the label would apply none of them: it is another program's, or misspelt.
        pruned.notes.push(format!("no object of the program has the label `{shown}`: nothing is pruned by it"));
        return;
    }
    if without > 0 {
        pruned.notes.push(format!("objects without the label `{shown}`, which are never pruned by it: {without}"));
    }
    let namespaces: HashSet<&Str> = cluster.wanted.iter().filter_map(|known| known.namespace.as_ref()).collect();
    let is_labelled = |object: &&LiveObject| {
        cluster.labels.iter().all(|label| object.label(&label.key) == Some(&label.value))
            && object.identity.namespace.as_ref().is_none_or(|of| namespaces.contains(of))
    };
    let known: Vec<&LiveObject> = cluster.others().filter(is_labelled).collect();
    for object in known {
        let is_gone = |change: &ObjectChange| Identity::of(change.object()) == object.identity;
        if pruned.objects.iter().any(is_gone) {
            continue;
        }
        if !is_applied_by_anybody(object) {
            let who = &object.identity;
            pruned.notes.push(format!("{who} has the label `{shown}`, but nothing says that it was applied: it stays"));
            continue;
        }
        let mut notes = Vec::new();
        if !OF_KUBECTL.contains(&(&*object.identity.group, &*object.identity.kind)) {
            notes.push("kubectl does so only where `--prune-allowlist` names the kind".to_owned());
        }
        if has_option(object, "Prune=false") || object.annotation(FLUX_PRUNE) == Some("disabled") {
            notes.push("it is marked to be kept, which Argo CD and Flux heed and kubectl does not".to_owned());
        }
        pruned.delete(&object.manifest, notes, &format!("the label `{shown}`"));
    }
}

/// Whether an object of the program has all the labels.
fn declares(object: &Object, labels: &[PruneLabel]) -> bool {
    let Some(Value::Map(metadata)) = object.fields.get("metadata") else { return false };
    let Some(Value::Map(declared)) = metadata.get("labels") else { return false };
    labels.iter().all(|PruneLabel { key, value }| matches!(declared.get(key), Some(Value::Str(is)) if **is == **value))
}

/// Whether somebody has applied an object: what others make may have the label too.
fn is_applied_by_anybody(object: &LiveObject) -> bool {
    let mut managers = object.managers.iter();
    object.last_applied.is_some() || managers.any(|managed| managed.operation == Operation::Apply)
}
