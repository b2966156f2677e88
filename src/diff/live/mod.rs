//! What an apply would do to the objects of a cluster.
//!
//! Whoever can ask the API server does so with [`requests`], and hands in the objects that it answers with. Else its
//! answer is computed here: by ownership where `managedFields` are there, by the copy of what was applied last where
//! that is there, else by what is declared. The classes are the same.

mod altered;
mod appliers;
mod asked;
mod equal;
mod labelled;
mod merge;
mod object;
mod ownership;
mod pair;
mod place;
mod prune;
mod walk;

pub use asked::{Answer, requests};
pub use labelled::PruneLabel;
pub use object::{LiveObject, objects};
pub use prune::{Inventory, Marks, doomed, inventory, marks};

use super::compare::delivered;
use super::{Evidence, Failed, Mask, ObjectChange};
use crate::eval::value::Str;
use crate::kubernetes::identity::{Identity, group};
use crate::kubernetes::{Object, Unit, kustomize};
use crate::schema::Api;
use appliers::Applier;
use pair::Pair;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

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
    /// What a server says of each object, in their order; nothing where none was asked.
    pub answers: &'a [Answer],
}

/// What an apply would do.
#[derive(Debug, Default)]
pub struct Prognosis {
    /// In the order of the program's objects; what would be pruned comes last.
    pub objects: Vec<ObjectChange>,
    /// What holds of all of it, for people.
    pub notes: Vec<String>,
    /// The objects of which it is not known.
    pub failures: Vec<Failed>,
}

/// The objects that an environment's units make, as a cluster receives them, each with its unit's name.
#[must_use]
pub fn wanted(units: &[Unit]) -> Vec<(Str, Object)> {
    delivered(units)
}

/// What applying objects would do to those of a cluster.
#[must_use]
pub fn predict(objects: &[(Str, Object)], live: &[LiveObject], question: Question) -> Prognosis {
    let matches = Matches::of(objects, live, question.manager);
    let (mut prognosis, mut blind) = (Prognosis::default(), 0);
    for (at, (unit, object)) in objects.iter().enumerate() {
        let answer = question.answers.get(at);
        if let Some(Answer::Unknown(reason)) = answer {
            prognosis.failures.push(Failed { object: super::title(object), reason: reason.clone() });
            continue;
        }
        let Some(found) = matches.found[at] else {
            prognosis.objects.push(pair::created((unit, object), matches.appliers.usual_name(), question, answer));
            continue;
        };
        let applier = matches.appliers.for_object(&live[found.at]);
        let pair = Pair { unit, object, live: &live[found.at], applier, question, answer };
        let change = if found.is_former { pair.replaced() } else { pair.changed() };
        blind += usize::from(pair.evidence() == Evidence::Declared);
        prognosis.objects.extend(change);
    }
    let made = matches.made(live);
    prognosis.notes.extend(matches.appliers.told(&made));
    prognosis.notes.extend(blindness(blind));
    prognosis.notes.extend(unasked(question.answers));
    if question.answers.is_empty() {
        prognosis.notes.extend(unread(objects, live));
    }
    let pruned = prune::pruned(&prune::Cluster { live, made: &made, wanted: &matches.wanted, objects, question });
    prognosis.objects.extend(pruned.objects);
    prognosis.notes.extend(pruned.notes);
    prognosis
}

/// What the cluster has in the place of each object.
struct Matches<'a> {
    appliers: Appliers<'a>,
    found: Vec<Option<Found>>,
    /// Who the objects are, and those whose place a new one takes.
    wanted: HashSet<Identity>,
}

/// An object of the cluster, by its number.
#[derive(Clone, Copy)]
struct Found {
    at: usize,
    /// Whether it has another name, which ends with another hash.
    is_former: bool,
}

impl<'a> Matches<'a> {
    fn of(objects: &[(Str, Object)], live: &[LiveObject], manager: Option<&'a str>) -> Matches<'a> {
        let known: HashMap<&Identity, usize> = live.iter().enumerate().map(|(at, live)| (&live.identity, at)).collect();
        let mut wanted: HashSet<Identity> = objects.iter().map(|(_, object)| Identity::of(object)).collect();
        let predecessors = Predecessors::of(live, &wanted);
        let found: Vec<Option<Found>> = objects
            .iter()
            .map(|(_, object)| match known.get(&Identity::of(object)) {
                Some(at) => Some(Found { at: *at, is_former: false }),
                None => predecessors.find(object).map(|at| Found { at, is_former: true }),
            })
            .collect();
        let former = found.iter().flatten().filter(|found| found.is_former);
        wanted.extend(former.map(|found| live[found.at].identity.clone()));
        Matches { appliers: Appliers::of(live, manager), found, wanted }
    }

    /// The objects that are there already, by their numbers, each with who applies it.
    fn made(&self, live: &[LiveObject]) -> Vec<(usize, Option<Applier>)> {
        let found = self.found.iter().flatten();
        found.map(|found| (found.at, self.appliers.for_object(&live[found.at]))).collect()
    }
}

/// What is said of objects of which the server could not be asked.
fn unasked(answers: &[Answer]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for answer in answers {
        if let Answer::Unasked(reason) = answer {
            *counts.entry(reason).or_default() += 1;
        }
    }
    let said =
        |(reason, count)| format!("not asked of the server, but predicted here: objects {count}, since {reason}");
    counts.into_iter().map(said).collect()
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

#[cfg(test)]
mod tests;
