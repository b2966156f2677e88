//! An object of the program beside the one that the cluster has in its place.

use super::altered::altered;
use super::appliers::{Applier, Owners};
use super::asked::{Answer, manager_or_nobody};
use super::ownership::{FieldSet, Managed};
use super::place::{Merging, Place};
use super::walk::{self, Known, Sides, walk};
use super::{LiveObject, NAMED, Question, Unmanaged, merge, object};
use crate::cluster::Trial;
use crate::core::Cost;
use crate::diff::{Class, Consequence, Difference, Evidence, ObjectChange, PathChange, Prediction, Step};
use crate::eval::value::Str;
use crate::kubernetes::Object;
use crate::kubernetes::identity::group;
use crate::schema::{Api, Json};

/// An object of the program and what the cluster has in its place.
pub(super) struct Pair<'a> {
    pub unit: &'a Str,
    pub object: &'a Object,
    pub live: &'a LiveObject,
    pub applier: Option<Applier>,
    pub question: Question<'a>,
    /// What a server says of it, where one was asked.
    pub answer: Option<&'a Answer>,
}

/// An object that the cluster does not have yet.
pub(super) fn created(
    (unit, object): (&Str, &Object),
    manager: Option<String>,
    question: Question,
    answer: Option<&Answer>,
) -> ObjectChange {
    let (mut evidence, mut notes, mut refused) = (Evidence::Declared, Vec::new(), None);
    match answer {
        Some(Answer::Object(predicted)) => {
            evidence = Evidence::Server;
            notes.extend(admission(object, predicted, question.api));
        }
        Some(Answer::Refused(reason)) => refused = Some(reason.clone()),
        Some(Answer::Unasked(reason)) => notes.push(format!("not validated by the server, since {reason}")),
        Some(Answer::Unknown(_)) | None => {}
    }
    ObjectChange {
        unit: unit.clone(),
        difference: Difference::Created(question.mask.object(object)),
        consequence: None,
        prediction: Some(Prediction { evidence, manager, notes, refused }),
    }
}

/// What becomes of declared values that the server does not take as they are.
fn admission(object: &Object, predicted: &Json, api: &Api) -> Option<String> {
    let place = Place::root(api, &object.api_version, &object.kind, Merging::ServerSide);
    let mut predicted = predicted.clone();
    merge::tidy(&mut predicted, place);
    let altered = altered(object, &object::declared(object, place), &predicted, place);
    (!altered.is_empty()).then(|| format!("the server does not keep what is declared: {}", named(&altered)))
}

/// A list of which a few are named.
fn named(all: &[String]) -> String {
    let mut named: Vec<String> = all.iter().take(NAMED).cloned().collect();
    if all.len() > NAMED {
        named.push(format!("{} more", all.len() - NAMED));
    }
    named.join(", ")
}

/// What is sent of an object to apply it.
pub(super) fn body(object: &Object, manager: &str) -> Json {
    object::sent(object, manager == Applier::FLUX)
}

impl Pair<'_> {
    fn is_by_client(&self) -> bool {
        self.applier.as_ref().is_some_and(|applier| !applier.by_server)
    }

    pub fn evidence(&self) -> Evidence {
        if let Some(Answer::Object(_)) = self.answer {
            Evidence::Server
        } else if self.is_by_client() && self.live.last_applied.is_some() {
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

    /// What to ask a server. Where fields go that another manager has set, it is the client that makes them go.
    pub fn request(&self) -> Trial {
        let manager = manager_or_nobody(self.applier.as_ref().map(|applier| applier.manager.as_str()));
        if !self.is_by_client() && !self.live.managers.iter().any(|managed| self.adopts(managed)) {
            let mut body = body(self.object, &manager);
            self.live.mark(&mut body, self.applier.as_ref());
            return Trial::Apply { manager, body };
        }
        let place = self.place();
        let declared = object::declared(self.object, place);
        let mut body = self.merged(&self.live.manifest, &declared, &self.owners());
        if let Some(Json::Object(metadata)) = body.get_mut("metadata") {
            metadata.shift_remove("managedFields");
        }
        Trial::Replace { manager, body }
    }

    fn adopts(&self, managed: &Managed) -> bool {
        self.applier.as_ref().is_some_and(|applier| applier.inherits(managed) && !applier.applied(managed))
    }

    /// Who owns what, as whoever applies sees it.
    fn owners(&self) -> Owners<'_> {
        let owners = Owners::of(self.live, self.applier.as_ref());
        let own = match &self.live.last_applied {
            Some(last) if self.is_by_client() => {
                let (mut last, place) = (last.clone(), self.place());
                merge::tidy(&mut last, place);
                merge::declared(&last, place, None)
            }
            Some(_) | None if self.is_by_client() => FieldSet::default(),
            Some(_) | None => owners.own.clone(),
        };
        Owners { own, ..owners }
    }

    /// An object with what is declared, and without what is not declared any more.
    fn merged(&self, there: &Json, declared: &Json, owners: &Owners) -> Json {
        let place = self.place();
        let mut kept = merge::declared(declared, place, Some(&owners.all));
        if self.is_by_client() {
            // What kubectl applies always has annotations: at least the copy of itself.
            kept.keep(&["metadata", "annotations"]);
        } else {
            owners.others.iter().for_each(|other| kept.add(&other.fields));
        }
        let mut merged = there.clone();
        merge::remove(&mut merged, &owners.own, &kept, place);
        merge::overlay(Some(&merged), declared, place, Some(&owners.all))
    }

    /// What an apply changes in the object; none where nothing is worth a word.
    pub fn changed(&self) -> Option<ObjectChange> {
        let place = self.place();
        let declared = object::declared(self.object, place);
        let owners = self.owners();
        let live = self.live.settled(self.applier.as_ref(), &declared, place);
        if let Some(after) = self.after() {
            let predicted = after.settled(self.applier.as_ref(), &declared, place);
            return self.between(&live, &predicted, &declared, &owners, Some(&after.managers));
        }
        let mut predicted = self.merged(&live, &declared, &owners);
        merge::fill(&mut predicted, Some(&live), place);
        merge::tidy(&mut predicted, place);
        self.between(&live, &predicted, &declared, &owners, None)
    }

    /// The object as the server says that it would be.
    fn after(&self) -> Option<LiveObject> {
        match self.answer? {
            Answer::Object(object) => LiveObject::new(object.clone()),
            Answer::Refused(_) | Answer::Unasked(_) | Answer::Unknown(_) => None,
        }
    }

    /// What is different in an object that takes the place of another, under another name.
    pub fn replaced(&self) -> Option<ObjectChange> {
        let place = self.place();
        let declared = object::declared(self.object, place);
        let live = self.live.settled(self.applier.as_ref(), &declared, place);
        let predicted = match self.after() {
            Some(after) => after.settled(self.applier.as_ref(), &declared, place),
            None => {
                let mut predicted = declared.clone();
                merge::fill(&mut predicted, None, place);
                predicted
            }
        };
        let own = merge::declared(&live, place, None);
        let owners = Owners { own, others: Vec::new(), all: FieldSet::default() };
        let mut change = self.between(&live, &predicted, &declared, &owners, None)?;
        if let Some(prediction) = &mut change.prediction {
            if prediction.evidence != Evidence::Server {
                prediction.evidence = Evidence::Declared;
            }
            let name = &self.live.identity.name;
            prediction.notes.push(format!("made anew; `{name}`, whose place it takes, is left or pruned"));
        }
        Some(change)
    }

    /// The difference of the object as it is and as it would be; `after` are its managers then, where they are known.
    fn between(
        &self,
        live: &Json,
        predicted: &Json,
        declared: &Json,
        owners: &Owners,
        after: Option<&[Managed]>,
    ) -> Option<ObjectChange> {
        let place = self.place();
        let mut fresh = declared.clone();
        merge::fill(&mut fresh, Some(live), place);
        let known = Known {
            object: self.object,
            applier: self.applier.as_ref(),
            own: &owners.own,
            others: &owners.others,
            all: &owners.all,
            after,
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
            decided: false,
        };
        let walk::Found { mut paths, unmanaged, leftovers } = walk(known, sides);
        // What the server fills in is of no interest where nothing else happens.
        if !paths.iter().any(|path| path.is_difference()) {
            paths.retain(|path| path.predicted.as_ref().is_none_or(|known| known.class != Class::SideEffect));
        }
        let is_different = paths.iter().any(|path| path.is_difference());
        let (mut notes, mut refused) = (Vec::new(), None);
        match self.answer {
            Some(Answer::Object(_)) => {
                let altered = altered(self.object, declared, predicted, place);
                let kept = "the server does not keep what is declared";
                notes.extend((!altered.is_empty()).then(|| format!("{kept}: {}", named(&altered))));
            }
            Some(Answer::Refused(reason)) => {
                let (recreated, forced) = self.recreation(live, &mut paths);
                refused = (!forced).then(|| reason.clone());
                notes.extend(recreated);
            }
            Some(Answer::Unasked(_) | Answer::Unknown(_)) | None => {
                notes.extend(self.recreation(live, &mut paths).0);
                notes.extend(self.versions(is_different));
                notes.extend(exclusive_strategy(predicted));
            }
        }
        notes.extend(self.leftovers(&leftovers));
        let is_blind = self.evidence() == Evidence::Declared;
        if is_blind && unmanaged > 0 && is_different && self.question.unmanaged == Unmanaged::Hide {
            notes.push(format!("it has {unmanaged} more fields that are not declared: whether they stay is not known"));
        }
        if paths.is_empty() && notes.is_empty() && refused.is_none() {
            return None;
        }
        let manager = self.applier.as_ref().map(|applier| applier.manager.clone());
        let whole = |manifest| self.question.mask.object(&object::object(manifest, Some(self.object)));
        let (before, after) = (whole(live), whole(predicted));
        Some(ObjectChange {
            unit: self.unit.clone(),
            difference: Difference::Changed { before, after, paths },
            consequence: None,
            prediction: Some(Prediction { evidence: self.evidence(), manager, notes, refused }),
        })
    }

    /// Marks what cannot be changed; says what becomes of the object, and whether it is made anew by force.
    fn recreation(&self, live: &Json, paths: &mut [PathChange]) -> (Option<String>, bool) {
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
            return (None, false);
        }
        match self.is_replaced_by_force() {
            Some(mark) => (Some(format!("the object is deleted and made anew, since `{mark}` asks for it")), true),
            None => {
                let text = "the server refuses the apply: the object has to be deleted and made anew";
                (Some(text.to_owned()), false)
            }
        }
    }

    /// The annotation that asks for an object to be made anew where it cannot be changed.
    fn is_replaced_by_force(&self) -> Option<&'static str> {
        let declared = object::declared(self.object, self.place());
        let annotation = |name: &str| declared["metadata"]["annotations"][name].as_str().unwrap_or_default().to_owned();
        let manager = self.applier.as_ref().map(|applier| applier.manager.as_str());
        let options = annotation("argocd.argoproj.io/sync-options");
        let has = |option: &str| options.split(',').any(|known| known.trim() == option);
        match manager {
            Some(Applier::FLUX) if annotation("kustomize.toolkit.fluxcd.io/force") == "enabled" => {
                Some("kustomize.toolkit.fluxcd.io/force")
            }
            Some(Applier::ARGOCD) if has("Force=true") && has("Replace=true") => Some("Force=true,Replace=true"),
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
        let fields: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
        Some(format!(
            "only a former `kubectl apply` has set {}: it stays, although nobody declares it, until it is removed by hand",
            named(&fields)
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
