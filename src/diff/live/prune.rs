//! Which objects would be pruned: those that whoever applies has applied before, and that the program does not make any
//! more.
//!
//! The rules are those of Flux (`status.inventory` of a Kustomization; `ID` is `NAMESPACE_NAME_GROUP_KIND`), of Argo CD
//! (the annotation `tracking-id`, else the label of an application), of `kubectl apply --prune --applyset`, and of
//! `kubectl apply --prune -l` where one is told the label.

use super::appliers::Applier;
use super::labelled::{labelled, selector};
use super::object::{TRACKING, object};
use super::{LiveObject, Matches, Question};
use crate::diff::{Difference, Evidence, Mask, ObjectChange, Prediction};
use crate::eval::value::Str;
use crate::kubernetes::Object;
use crate::kubernetes::identity::Identity;
use crate::schema::Json;
use std::collections::{BTreeSet, HashMap, HashSet};

const FLUX_NAME: &str = "kustomize.toolkit.fluxcd.io/name";
const FLUX_NAMESPACE: &str = "kustomize.toolkit.fluxcd.io/namespace";
pub(super) const FLUX_PRUNE: &str = "kustomize.toolkit.fluxcd.io/prune";
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
    pub objects: &'a [(Str, Object)],
    /// How to predict.
    pub question: Question<'a>,
}

/// What would be pruned, and what is to be said of it.
pub(super) struct Pruned<'a> {
    pub objects: Vec<ObjectChange>,
    pub notes: Vec<String>,
    mask: &'a Mask,
}

/// Where whoever applies has written down what it has applied.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// The Kustomizations of Flux, by namespace and name: each has an inventory.
    pub kustomizations: BTreeSet<(String, String)>,
    /// Labels that select what may be marked; one that is empty selects everything.
    pub selectors: BTreeSet<String>,
}

/// An entry of an inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// Such as `apps/v1`.
    pub api_version: String,
    /// Which object.
    pub identity: Identity,
}

/// What has to be read besides to know what would be pruned.
#[must_use]
pub fn marks(objects: &[(Str, Object)], live: &[LiveObject], question: Question) -> Marks {
    let matches = Matches::of(objects, live, question.manager);
    let made = matches.made(live);
    let cluster = Cluster { live, made: &made, wanted: &matches.wanted, objects, question };
    let kustomizations = cluster.applied_by(Applier::FLUX).filter_map(kustomization_of).collect();
    let mut selectors = BTreeSet::new();
    for object in cluster.applied_by(Applier::ARGOCD) {
        match (application_of(object), object.label(ARGO_INSTANCE)) {
            (Some(_), _) => selectors.insert(String::new()),
            (None, Some(name)) => selectors.insert(format!("{ARGO_INSTANCE}={name}")),
            (None, None) => false,
        };
    }
    let sets = made.iter().filter_map(|(at, _)| live[*at].label(APPLY_SET));
    selectors.extend(sets.map(|set| format!("{APPLY_SET}={set}")));
    selectors.extend((!question.labels.is_empty()).then(|| selector(question.labels)));
    if selectors.contains("") {
        selectors.retain(String::is_empty);
    }
    Marks { kustomizations, selectors }
}

/// The objects that a Kustomization has applied, as its status says.
#[must_use]
pub fn inventory(kustomization: &LiveObject) -> Vec<Inventory> {
    let entries = kustomization.manifest["status"]["inventory"]["entries"].as_array();
    let entries = entries.into_iter().flatten().filter_map(inventory_entry);
    entries.map(|(identity, version)| Inventory { api_version: versioned(&identity, &version), identity }).collect()
}

/// Which objects of the cluster would be pruned, or are only kept from it, by their numbers.
#[must_use]
pub fn doomed(objects: &[(Str, Object)], live: &[LiveObject], question: Question) -> Vec<usize> {
    let matches = Matches::of(objects, live, question.manager);
    let made = matches.made(live);
    let pruned = pruned(&Cluster { live, made: &made, wanted: &matches.wanted, objects, question });
    let gone: HashSet<Identity> = pruned.objects.iter().map(|change| Identity::of(change.object())).collect();
    (0..live.len()).filter(|at| gone.contains(&live[*at].identity)).collect()
}

pub(super) fn pruned<'a>(cluster: &Cluster<'a>) -> Pruned<'a> {
    let mut pruned = Pruned { objects: Vec::new(), notes: Vec::new(), mask: cluster.question.mask };
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
    pub fn others(&self) -> impl Iterator<Item = &LiveObject> {
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
        let difference = Difference::Changed { before: object.clone(), after: object, paths: Vec::new() };
        self.add(difference, notes);
    }

    pub fn delete(&mut self, manifest: &Json, mut notes: Vec<String>, by: &str) {
        notes.insert(0, format!("pruned by {by}"));
        let difference = Difference::Deleted(self.mask.object(&object(manifest, None)));
        self.add(difference, notes);
    }

    fn add(&mut self, difference: Difference, notes: Vec<String>) {
        self.objects.push(ObjectChange {
            unit: Str::from(""),
            difference,
            consequence: None,
            prediction: Some(Prediction { evidence: Evidence::Inventory, manager: None, notes, refused: None }),
        });
    }
}

/// An annotation of Argo CD's that is a list: whether something is in it.
pub(super) fn has_option(object: &LiveObject, option: &str) -> bool {
    let options = object.annotation(ARGO_OPTIONS).unwrap_or_default();
    options.split(',').any(|known| known.trim() == option)
}

/// The Kustomization that has applied an object, by namespace and name.
fn kustomization_of(object: &LiveObject) -> Option<(String, String)> {
    Some((object.label(FLUX_NAMESPACE)?.to_owned(), object.label(FLUX_NAME)?.to_owned()))
}

fn flux(cluster: &Cluster, pruned: &mut Pruned) {
    let ours: BTreeSet<(String, String)> = cluster.applied_by(Applier::FLUX).filter_map(kustomization_of).collect();
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
        for Inventory { api_version, identity } in inventory(kustomization) {
            if cluster.wanted.contains(&identity) {
                continue;
            }
            match by_identity.get(&identity) {
                Some(object) => {
                    let is_off = |value: &str| matches!(value, "disabled" | "Disabled");
                    let mark = object.annotation(FLUX_PRUNE).or_else(|| object.label(FLUX_PRUNE));
                    pruned.take(object, mark.is_some_and(is_off), &called);
                }
                // Where the server was asked, what was not read is not there.
                None if !cluster.question.answers.is_empty() => {}
                None => {
                    let notes = vec!["it is in the inventory, but not in what was read".to_owned()];
                    pruned.delete(&stub(&identity, &api_version), notes, &called);
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

fn versioned(identity: &Identity, version: &str) -> String {
    if identity.group.is_empty() { version.to_owned() } else { format!("{}/{version}", identity.group) }
}

/// An object of which nothing is known but who it is.
fn stub(identity: &Identity, api_version: &str) -> Json {
    let Identity { group: _, kind, namespace, name } = identity;
    let mut manifest = serde_json::json!({"apiVersion": api_version, "kind": **kind, "metadata": {"name": **name}});
    if let Some(namespace) = namespace {
        manifest["metadata"]["namespace"] = Json::from(&**namespace);
    }
    manifest
}

/// The Application that has applied an object, by the annotation that says so.
fn application_of(object: &LiveObject) -> Option<String> {
    // `APPLICATION:GROUP/KIND:NAMESPACE/NAME`; a copy of another object's says that object's name.
    let tracking = object.annotation(TRACKING)?;
    let Identity { group, kind, namespace, name } = &object.identity;
    let own = format!(":{group}/{kind}:{}/{name}", namespace.as_deref().unwrap_or_default());
    let is_own = tracking.ends_with(&own) || namespace.is_none() && tracking.ends_with(&format!("/{name}"));
    is_own.then(|| tracking.split(':').next().unwrap_or_default().to_owned())
}

fn argocd(cluster: &Cluster, pruned: &mut Pruned) {
    let instance = |object: &LiveObject| object.label(ARGO_INSTANCE).map(str::to_owned);
    let mut ours: BTreeSet<String> = cluster.applied_by(Applier::ARGOCD).filter_map(application_of).collect();
    let by_label = ours.is_empty();
    if by_label {
        ours = cluster.applied_by(Applier::ARGOCD).filter_map(instance).collect();
    }
    for object in cluster.others() {
        let of = if by_label { instance(object) } else { application_of(object) };
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
    object.managers.iter().any(|managed| managed.manager == Applier::ARGOCD)
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
