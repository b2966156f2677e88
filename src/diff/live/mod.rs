//! What an apply would do to the objects of a cluster, predicted from what the cluster says of them.
//!
//! What the API server would answer is computed here: by ownership where `managedFields` are there, by the copy of what
//! was applied last where that is there, else by what is declared. Whoever can ask a server hands in the objects that it
//! answers with instead; the classes are the same.

mod appliers;
mod equal;
mod merge;
mod object;
mod ownership;
mod place;
mod prune;
mod walk;

pub use object::{LiveObject, objects};
pub use prune::PruneLabel;

use super::{Class, Consequence, Difference, Evidence, Mask, ObjectChange, PathChange, Prediction, Step};
use crate::core::Cost;
use crate::eval::value::Str;
use crate::kubernetes::identity::{Identity, group};
use crate::kubernetes::{Object, Unit, kustomize};
use crate::schema::{Api, Json};
use appliers::{Applier, Owners};
use ownership::FieldSet;
use place::{Merging, Place};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use walk::{Known, Sides, walk};

/// A note names so many fields.
const NAMED: usize = 5;

/// What to do with fields that nobody declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmanaged {
    /// They are part of the result.
    Show,
    /// They are not.
    Hide,
}

/// How to predict.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The types of all kinds.
    pub api: &'a Api,
    /// Who applies: a field manager, or `argocd`, `flux`, `kubectl`; none to tell it from the objects.
    pub manager: Option<&'a str>,
    /// What to do with fields that nobody declares.
    pub unmanaged: Unmanaged,
    /// Labels by which whoever applies prunes; none where nobody has told.
    pub labels: &'a [PruneLabel],
    /// What hides the values of Secrets.
    pub mask: &'a Mask,
}

/// What an apply would do.
#[derive(Debug, Default)]
pub struct Answer {
    /// In the order of the program's objects; what would be pruned comes last.
    pub objects: Vec<ObjectChange>,
    /// What holds of all of it, for people.
    pub notes: Vec<String>,
}

/// What applying an environment's units would do to the objects of a cluster.
#[must_use]
pub fn predict(units: &[Unit], live: &[LiveObject], question: Question) -> Answer {
    let known: HashMap<&Identity, usize> = live.iter().enumerate().map(|(at, live)| (&live.identity, at)).collect();
    let objects = super::compare::delivered(units);
    let mut wanted: HashSet<Identity> = objects.iter().map(|(_, object)| Identity::of(object)).collect();
    let predecessors = Predecessors::of(live, &wanted);
    let appliers = Appliers::of(live, question.manager);
    let (mut answer, mut made, mut blind) = (Answer::default(), Vec::new(), 0);
    for (unit, object) in &objects {
        let there = known.get(&Identity::of(object)).copied();
        let former = if there.is_none() { predecessors.find(object) } else { None };
        let Some(at) = there.or(former) else {
            let prediction =
                Prediction { evidence: Evidence::Declared, manager: appliers.usual_name(), notes: Vec::new() };
            answer.objects.push(ObjectChange {
                unit: unit.clone(),
                difference: Difference::Created(question.mask.object(object)),
                consequence: None,
                prediction: Some(prediction),
            });
            continue;
        };
        let pair = Pair { unit, object, live: &live[at], applier: appliers.for_object(&live[at]), question };
        let change = if former.is_some() {
            wanted.insert(live[at].identity.clone());
            pair.replaced()
        } else {
            pair.changed()
        };
        blind += usize::from(pair.evidence() == Evidence::Declared);
        made.push((at, pair.applier.clone()));
        answer.objects.extend(change);
    }
    answer.notes.extend(appliers.told(&made));
    answer.notes.extend(blindness(blind));
    answer.notes.extend(unread(&objects, live));
    let pruned = prune::pruned(&prune::Cluster {
        live,
        made: &made,
        wanted: &wanted,
        declared: &objects,
        labels: question.labels,
        mask: question.mask,
    });
    answer.objects.extend(pruned.objects);
    answer.notes.extend(pruned.notes);
    answer
}

/// What is said where objects do not tell who set what.
fn blindness(count: usize) -> Option<String> {
    (count > 0).then(|| {
        format!(
            "{count} of the objects do not say who set what, so that fields which are no longer declared cannot be told \
             from those of others: `kubectl get -o yaml --show-managed-fields` writes it down"
        )
    })
}

/// What is said of kinds of which nothing was read: their objects look as if they were new.
fn unread(objects: &[(Str, Object)], live: &[LiveObject]) -> Option<String> {
    let read: HashSet<(&str, &str)> = live.iter().map(|live| (&*live.identity.group, &*live.identity.kind)).collect();
    let missing: BTreeSet<&str> = objects
        .iter()
        .filter(|(_, object)| !read.contains(&(group(&object.api_version), &*object.kind)))
        .map(|(_, object)| &*object.kind)
        .collect();
    let missing: Vec<&str> = missing.into_iter().collect();
    (!missing.is_empty())
        .then(|| format!("of these kinds nothing was read: {}; they are taken for new", missing.join(", ")))
}

/// Who applies which object.
struct Appliers<'a> {
    told: Option<&'a str>,
    /// Who applies most of the objects.
    usual: Option<Applier>,
}

impl<'a> Appliers<'a> {
    fn of(live: &[LiveObject], told: Option<&'a str>) -> Appliers<'a> {
        let mut counts: BTreeMap<String, (usize, Applier)> = BTreeMap::new();
        for applier in live.iter().filter_map(Applier::of) {
            counts.entry(applier.shown()).or_insert((0, applier)).0 += 1;
        }
        // Of two that apply as many the first by name.
        let usual = counts.into_values().rev().max_by_key(|(count, _)| *count).map(|(_, applier)| applier);
        Appliers { told, usual }
    }

    fn for_object(&self, object: &LiveObject) -> Option<Applier> {
        match self.told {
            Some(name) => Some(Applier::named(name, Some(object))),
            None => Applier::of(object).or_else(|| {
                let usual = self.usual.clone()?;
                Some(Applier::named(&usual.manager, Some(object)))
            }),
        }
    }

    fn usual_name(&self) -> Option<String> {
        match self.told {
            Some(name) => Some(Applier::named(name, None).manager),
            None => self.usual.as_ref().map(|applier| applier.manager.clone()),
        }
    }

    /// Who applies, and how that is known.
    fn told(&self, made: &[(usize, Option<Applier>)]) -> Vec<String> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for (_, applier) in made {
            let shown = applier.as_ref().map_or_else(|| "nobody who is known".to_owned(), Applier::shown);
            *counts.entry(shown).or_default() += 1;
        }
        let by = if self.told.is_some() { "as told" } else { "as the objects say" };
        counts.into_iter().map(|(who, count)| format!("applied by {who} ({by}): objects {count}")).collect()
    }
}

/// Former versions of objects whose name ends with a hash of their content.
struct Predecessors {
    /// By what they are called without the hash: the last one that was made.
    known: HashMap<Identity, usize>,
}

impl Predecessors {
    fn of(live: &[LiveObject], wanted: &HashSet<Identity>) -> Predecessors {
        let mut known: HashMap<Identity, usize> = HashMap::new();
        for (at, object) in live.iter().enumerate().filter(|(_, object)| !wanted.contains(&object.identity)) {
            let Some((base, hash)) = object.identity.name.rsplit_once('-') else { continue };
            if hash.len() != 10 || !hash.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
                continue;
            }
            let base = Identity { name: base.into(), ..object.identity.clone() };
            let last = known.entry(base).or_insert(at);
            if live[*last].created() < object.created() {
                *last = at;
            }
        }
        Predecessors { known }
    }

    fn find(&self, object: &Object) -> Option<usize> {
        let base = kustomize::name_without_hash(object);
        let identity = Identity { name: base.into(), ..Identity::of(object) };
        if *base == *object.name { None } else { self.known.get(&identity).copied() }
    }
}

/// An object of the program and what the cluster has in its place.
struct Pair<'a> {
    unit: &'a Str,
    object: &'a Object,
    live: &'a LiveObject,
    applier: Option<Applier>,
    question: Question<'a>,
}

impl Pair<'_> {
    fn is_by_client(&self) -> bool {
        self.applier.as_ref().is_some_and(|applier| !applier.by_server)
    }

    fn evidence(&self) -> Evidence {
        if self.is_by_client() && self.live.last_applied.is_some() {
            Evidence::LastApplied
        } else if self.live.managers.is_empty() || self.is_by_client() {
            Evidence::Declared
        } else {
            Evidence::Ownership
        }
    }

    fn place(&self) -> Place<'_> {
        let merging = if self.is_by_client() { Merging::Strategic } else { Merging::ServerSide };
        Place::root(self.question.api, &self.object.api_version, &self.object.kind, merging)
    }

    /// What an apply changes in the object; none where nothing is worth a word.
    fn changed(&self) -> Option<ObjectChange> {
        let place = self.place();
        let declared = object::declared(self.object, place);
        let owners = Owners::of(self.live, self.applier.as_ref());
        let own = match &self.live.last_applied {
            Some(last) if self.is_by_client() => {
                let mut last = last.clone();
                merge::tidy(&mut last, place);
                merge::declared(&last, place, None)
            }
            Some(_) | None if self.is_by_client() => FieldSet::default(),
            Some(_) | None => owners.own.clone(),
        };
        let live = self.live.settled(self.applier.as_ref(), &declared, place);
        let mut kept = merge::declared(&declared, place, Some(&owners.all));
        if !self.is_by_client() {
            owners.others.iter().for_each(|other| kept.add(&other.fields));
        }
        let mut predicted = live.clone();
        merge::remove(&mut predicted, &own, &kept, place);
        predicted = merge::overlay(Some(&predicted), &declared, place, Some(&owners.all));
        merge::fill(&mut predicted, Some(&live), place);
        merge::tidy(&mut predicted, place);
        self.between(&live, &predicted, &declared, &Owners { own, ..owners })
    }

    /// What is different in an object that takes the place of another, under another name.
    fn replaced(&self) -> Option<ObjectChange> {
        let place = self.place();
        let declared = object::declared(self.object, place);
        let live = self.live.settled(self.applier.as_ref(), &declared, place);
        let mut predicted = declared.clone();
        merge::fill(&mut predicted, None, place);
        let own = merge::declared(&live, place, None);
        let owners = Owners { own, others: Vec::new(), all: FieldSet::default() };
        let mut change = self.between(&live, &predicted, &declared, &owners)?;
        if let Some(prediction) = &mut change.prediction {
            prediction.evidence = Evidence::Declared;
            let name = &self.live.identity.name;
            prediction.notes.push(format!("made anew; `{name}`, whose place it takes, is left or pruned"));
        }
        Some(change)
    }

    fn between(&self, live: &Json, predicted: &Json, declared: &Json, owners: &Owners) -> Option<ObjectChange> {
        let place = self.place();
        let mut fresh = declared.clone();
        merge::fill(&mut fresh, Some(live), place);
        let known = Known {
            object: self.object,
            applier: self.applier.as_ref(),
            own: &owners.own,
            others: &owners.others,
            all: &owners.all,
            unmanaged: self.question.unmanaged,
            mask: self.question.mask,
        };
        let sides = Sides {
            live: Some(live),
            predicted: Some(predicted),
            declared: Some(declared),
            fresh: Some(&fresh),
            place,
            required: true,
        };
        let walk::Found { mut paths, unmanaged, leftovers } = walk(known, sides);
        // What the server fills in is of no interest where nothing else happens.
        if !paths.iter().any(|path| path.is_difference()) {
            paths.retain(|path| path.predicted.as_ref().is_none_or(|known| known.class != Class::SideEffect));
        }
        let is_different = paths.iter().any(|path| path.is_difference());
        let mut notes = self.recreation(live, &mut paths);
        notes.extend(self.versions(is_different));
        notes.extend(exclusive_strategy(predicted));
        notes.extend(self.leftovers(&leftovers));
        let is_blind = self.evidence() == Evidence::Declared;
        if is_blind && unmanaged > 0 && is_different && self.question.unmanaged == Unmanaged::Hide {
            notes.push(format!("it has {unmanaged} more fields that are not declared: whether they stay is not known"));
        }
        if paths.is_empty() && notes.is_empty() {
            return None;
        }
        let manager = self.applier.as_ref().map(|applier| applier.manager.clone());
        let whole = |manifest| self.question.mask.object(&object::object(manifest, Some(self.object)));
        let (before, after) = (whole(live), whole(predicted));
        Some(ObjectChange {
            unit: self.unit.clone(),
            difference: Difference::Changed { before, after, paths },
            consequence: None,
            prediction: Some(Prediction { evidence: self.evidence(), manager, notes }),
        })
    }

    /// Marks what cannot be changed; says what becomes of the object.
    fn recreation(&self, live: &Json, paths: &mut [PathChange]) -> Vec<String> {
        let fixed = self.question.api.fixed(group(&self.object.api_version), &self.object.kind);
        let fixed: Vec<_> = fixed.filter(|fixed| fixed.holds(live)).collect();
        let mut any = false;
        for path in paths.iter_mut().filter(|path| path.is_difference()) {
            let is_kept = path.predicted.as_ref().is_some_and(|known| known.class == Class::Orphaned);
            let keys: Vec<&str> = path.path.0.iter().map_while(Step::key).collect();
            if !is_kept && fixed.iter().any(|fixed| fixed.covers(&keys)) {
                let reason = Some("the server never changes it".into());
                path.consequence = Some(Consequence { cost: Cost::Recreate, reason });
                any = true;
            }
        }
        if !any {
            return Vec::new();
        }
        vec![match self.is_replaced_by_force() {
            Some(mark) => format!("the object is deleted and made anew, since `{mark}` asks for it"),
            None => "the server refuses the apply: the object has to be deleted and made anew".to_owned(),
        }]
    }

    /// The annotation that asks for an object to be made anew where it cannot be changed.
    fn is_replaced_by_force(&self) -> Option<&'static str> {
        let declared = object::declared(self.object, self.place());
        let annotation = |name: &str| declared["metadata"]["annotations"][name].as_str().unwrap_or_default().to_owned();
        let manager = self.applier.as_ref().map(|applier| applier.manager.as_str());
        let options = annotation("argocd.argoproj.io/sync-options");
        let has = |option: &str| options.split(',').any(|known| known.trim() == option);
        match manager {
            Some("kustomize-controller") if annotation("kustomize.toolkit.fluxcd.io/force") == "enabled" => {
                Some("kustomize.toolkit.fluxcd.io/force")
            }
            Some("argocd-controller") if has("Force=true") && has("Replace=true") => Some("Force=true,Replace=true"),
            Some(_) | None => None,
        }
    }

    fn versions(&self, is_different: bool) -> Option<String> {
        let (live, declared) = (self.live.api_version(), &*self.object.api_version);
        (is_different && live != declared)
            .then(|| format!("read as {live} and declared as {declared}: a field may differ by the version alone"))
    }

    fn leftovers(&self, fields: &[String]) -> Option<String> {
        if fields.is_empty() || self.is_by_client() {
            return None;
        }
        let mut named: Vec<String> = fields.iter().take(NAMED).map(|field| format!("`{field}`")).collect();
        if fields.len() > NAMED {
            named.push(format!("{} more", fields.len() - NAMED));
        }
        Some(format!(
            "only a former `kubectl apply` has set {}: it stays, although nobody declares it, until it is removed by hand",
            named.join(", ")
        ))
    }
}

/// What the server refuses of a Deployment's strategy: the details of rolling updates, where there are none.
fn exclusive_strategy(predicted: &Json) -> Option<String> {
    let strategy = &predicted["spec"]["strategy"];
    let is_refused =
        predicted["kind"] == "Deployment" && strategy["type"] == "Recreate" && strategy["rollingUpdate"].is_object();
    is_refused.then(|| {
        "the server refuses `spec.strategy.rollingUpdate`, which it has filled in itself, beside the type `Recreate`: \
         remove it by hand first, or let the object be made anew"
            .to_owned()
    })
}

#[cfg(test)]
mod tests;
