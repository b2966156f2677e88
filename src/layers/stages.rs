//! How a unit's objects come about, directory by directory: the base, what some share, each environment's overlay.
//!
//! Every environment walks through the stages that hold for it, and stands at its own objects after the last.

use super::agreement::agreed_map;
use super::base::same_map;
use super::patch;
use super::sets::Set;
use super::unit::{Home, Member};
use crate::kubernetes::Object;
use std::rc::Rc;

/// What a directory does with an object.
#[derive(Debug)]
pub enum Step {
    /// Nothing.
    Leave,
    /// There was none before.
    Introduce(Object),
    /// There was another one before.
    Change {
        /// What was before.
        from: Object,
        /// What is after.
        to: Object,
    },
}

/// What a directory does.
#[derive(Debug)]
pub struct Stage {
    /// By member.
    pub steps: Vec<Step>,
    /// What else passes through here unchanged.
    pub bystanders: Vec<Object>,
}

impl Stage {
    /// Whether there is anything to do.
    pub fn does_anything(&self) -> bool {
        self.steps.iter().any(|step| !matches!(step, Step::Leave))
    }

    /// All objects that come out of it.
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        let made = self.steps.iter().filter_map(|step| match step {
            Step::Introduce(object) | Step::Change { from: _, to: object } => Some(object),
            Step::Leave => None,
        });
        self.bystanders.iter().chain(made)
    }

    /// Gives every change another end. What ends as it began passes through.
    pub fn shorten_changes(&mut self, shortened: impl Fn(&Object, &Object) -> Object) {
        for step in &mut self.steps {
            let Step::Change { from, to } = step else { continue };
            let end = shortened(from, to);
            if same_map(&from.fields, &end.fields) {
                self.bystanders.push(end);
                *step = Step::Leave;
            } else {
                *to = end;
            }
        }
    }
}

/// Where an object stands in one environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Nothing,
    /// The number of its version.
    At(usize),
}

/// Where each object stands in each environment.
#[derive(Debug)]
pub struct Walk<'m, 'a> {
    members: &'m [Member<'a>],
    /// By member.
    versions: Vec<Vec<Object>>,
    /// By member and environment.
    standings: Vec<Vec<Standing>>,
    /// By member: whether directories of the chain can reach it, since it was introduced in one of them.
    chained: Vec<bool>,
}

impl<'m, 'a> Walk<'m, 'a> {
    /// Before the first stage nothing is there.
    pub fn new(members: &'m [Member<'a>], environments: usize) -> Walk<'m, 'a> {
        Walk {
            members,
            versions: members.iter().map(|_| Vec::new()).collect(),
            standings: vec![vec![Standing::Nothing; environments]; members.len()],
            chained: vec![true; members.len()],
        }
    }

    /// Introduces what is at home in the base.
    pub fn base(&mut self) -> Stage {
        let mut steps = Vec::with_capacity(self.members.len());
        for (at, member) in self.members.iter().enumerate() {
            let Home::Base(object) = &member.home else {
                steps.push(Step::Leave);
                continue;
            };
            self.versions[at].push(object.clone());
            self.standings[at].fill(Standing::At(0));
            steps.push(Step::Introduce(object.clone()));
        }
        Stage { steps, bystanders: Vec::new() }
    }

    /// Introduces what is at home with these environments, and changes what all of them want otherwise.
    pub fn sharing(&mut self, environments: &Set, in_chain: bool) -> Stage {
        let step = |walk: &mut Self, at: usize| match &walk.members[at].home {
            Home::Shared(set, object) if set == environments => {
                walk.versions[at].push(object.clone());
                walk.stand(at, environments, Standing::At(walk.versions[at].len() - 1));
                walk.chained[at] = in_chain;
                Step::Introduce(object.clone())
            }
            Home::Base(_) | Home::Shared(..) if in_chain && walk.chained[at] => walk.agree(at, environments),
            Home::Base(_) | Home::Shared(..) | Home::Overlay => Step::Leave,
        };
        let steps: Vec<Step> = (0..self.members.len()).map(|at| step(self, at)).collect();
        let bystanders = if in_chain { self.bystanders(environments, &steps) } else { Vec::new() };
        Stage { steps, bystanders }
    }

    /// Makes of what came before what the environment wants.
    pub fn overlay(&mut self, environment: usize) -> Stage {
        let mut steps = Vec::with_capacity(self.members.len());
        for (at, member) in self.members.iter().enumerate() {
            steps.push(match (self.before(at, environment), member.variants[environment]) {
                // What is introduced before the overlays is wanted by all that it is introduced for.
                (_, None) => Step::Leave,
                (None, Some(wanted)) => Step::Introduce(wanted.clone()),
                (Some(before), Some(wanted)) if same_map(&before.fields, &wanted.fields) => Step::Leave,
                (Some(before), Some(wanted)) => Step::Change { from: before.clone(), to: wanted.clone() },
            });
        }
        let bystanders = self.bystanders(&Set::from([environment]), &steps);
        Stage { steps, bystanders }
    }

    fn before(&self, member: usize, environment: usize) -> Option<&Object> {
        match self.standings[member][environment] {
            Standing::At(version) => Some(&self.versions[member][version]),
            Standing::Nothing => None,
        }
    }

    fn stand(&mut self, member: usize, environments: &Set, standing: Standing) {
        for environment in environments {
            self.standings[member][*environment] = standing;
        }
    }

    /// The step towards what all these environments want, from the one state that they are in.
    fn agree(&mut self, at: usize, environments: &Set) -> Step {
        let member = &self.members[at];
        let standings: Vec<Standing> =
            environments.iter().map(|environment| self.standings[at][*environment]).collect();
        let (Some(Standing::At(version)), true) =
            (standings.first(), standings.iter().all(|standing| *standing == standings[0]))
        else {
            return Step::Leave;
        };
        let before = self.versions[at][*version].clone();
        let wanted: Vec<&Object> =
            environments.iter().filter_map(|environment| member.variants[*environment]).collect();
        let maps: Vec<_> = wanted.iter().map(|object| &*object.fields).collect();
        let fields = agreed_map(&before.fields, &maps);
        if same_map(&before.fields, &fields) {
            return Step::Leave;
        }
        let to = Object { fields: Rc::new(fields), ..before.clone() };
        self.versions[at].push(to.clone());
        self.stand(at, environments, Standing::At(self.versions[at].len() - 1));
        Step::Change { from: before, to }
    }

    /// What passes through a directory beside what it changes: transformers meet that, too.
    fn bystanders(&self, environments: &Set, steps: &[Step]) -> Vec<Object> {
        let mut bystanders = Vec::new();
        for (at, standings) in self.standings.iter().enumerate() {
            let mut versions: Vec<usize> = environments
                .iter()
                .filter_map(|environment| match standings[*environment] {
                    Standing::At(version) if matches!(steps[at], Step::Leave) => Some(version),
                    Standing::At(_) | Standing::Nothing => None,
                })
                .collect();
            versions.dedup();
            bystanders.extend(versions.into_iter().map(|version| self.versions[at][version].clone()));
        }
        bystanders
    }
}

/// Which environments want the same of an object other than the base has, and what it is worth to say that once.
pub fn shared(members: &[Member], environments: usize) -> Vec<(Set, usize)> {
    let mut found = Vec::new();
    if environments < 3 {
        return found;
    }
    for member in members {
        let Home::Base(base) = &member.home else { continue };
        let mut classes: Vec<(&Object, Set)> = Vec::new();
        for (environment, object) in member.variants.iter().enumerate() {
            let Some(object) = object else { continue };
            match classes.iter_mut().find(|(known, _)| same_map(&known.fields, &object.fields)) {
                Some((_, set)) => drop(set.insert(environment)),
                None => classes.push((object, Set::from([environment]))),
            }
        }
        for (object, set) in classes {
            if set.len() > 1 && set.len() < environments && !same_map(&object.fields, &base.fields) {
                let bytes = patch::to_bytes("", &patch::changes(&base.fields, &object.fields)).len();
                found.push((set.clone(), bytes * (set.len() - 1)));
            }
        }
    }
    found
}
