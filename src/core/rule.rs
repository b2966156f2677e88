//! Rules about all objects of a kind.

use super::{Expr, Key, Requirement, Slot};
use crate::source::Span;

/// What must hold of every object of a kind.
#[derive(Debug)]
pub struct Policy {
    /// Such as `apps/v1`.
    pub api_version: Box<str>,
    /// Such as `Deployment`.
    pub kind: Box<str>,
    /// The full name of the kind's definition.
    pub definition: Box<str>,
    /// Receives the object.
    pub object: Slot,
    /// All variables.
    pub slots: u32,
    /// What must hold.
    pub requirements: Vec<Requirement>,
}

/// What a change of an object does to what runs.
#[derive(Debug)]
pub struct Change {
    /// Such as `apps/v1`.
    pub api_version: Box<str>,
    /// Such as `Deployment`.
    pub kind: Box<str>,
    /// The full name of the kind's definition.
    pub definition: Box<str>,
    /// Receives the object as it was.
    pub before: Slot,
    /// Receives the object as it will be.
    pub after: Slot,
    /// All variables.
    pub slots: u32,
    /// What its parts cost.
    pub effects: Vec<Effect>,
}

/// What a [`Change`] consists of.
#[derive(Debug)]
pub enum Effect {
    /// What it costs to change something.
    Cost(CostEntry),
    /// A variable, for what follows.
    Let(Slot, Expr),
    /// Only where a condition holds.
    If {
        /// The condition.
        condition: Expr,
        /// Where it is true.
        then: Vec<Effect>,
        /// Where it is false.
        otherwise: Vec<Effect>,
    },
    /// For each element, entry or item.
    For {
        /// Index or key.
        key: Option<Slot>,
        /// The element.
        variable: Slot,
        /// A list, keyed list or map.
        iterable: Expr,
        /// Only where true.
        filter: Option<Expr>,
        /// What it says each time.
        each: Vec<Effect>,
    },
}

/// What it costs to change something, with all that lies in it.
#[derive(Debug)]
pub struct CostEntry {
    /// Never empty.
    pub path: Box<[Key]>,
    /// The word of a [`Cost`].
    pub cost: Expr,
    /// Why: a string.
    pub reason: Option<Expr>,
    /// Where the path stands.
    pub span: Span,
}

/// What a change does to what runs, from the least to the worst. The set is closed: a rule can say no more than what
/// people ask of a change before they let it through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cost {
    /// Nothing that runs is touched.
    Nothing,
    /// Processes are added or taken away; those that stay go on.
    Scale,
    /// Processes are replaced one after the other; what they do together goes on.
    Rolling,
    /// The workload stops, and goes on where it stopped.
    Restart,
    /// The workload starts again from where it is told, not from where it stopped.
    Redeploy,
    /// Everything that runs inside the workload stops with it, what belongs to others too.
    Interrupt,
    /// It is refused as it stands: the object has to be deleted and made anew.
    Recreate,
    /// What the workload has kept is lost, or cannot be read any more.
    StateLost,
}

impl Cost {
    /// All of them, from the least to the worst.
    pub const ALL: [Cost; 8] = [
        Cost::Nothing,
        Cost::Scale,
        Cost::Rolling,
        Cost::Restart,
        Cost::Redeploy,
        Cost::Interrupt,
        Cost::Recreate,
        Cost::StateLost,
    ];

    /// How it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Cost::Nothing => "nothing",
            Cost::Scale => "scale",
            Cost::Rolling => "rolling",
            Cost::Restart => "restart",
            Cost::Redeploy => "redeploy",
            Cost::Interrupt => "interrupt",
            Cost::Recreate => "recreate",
            Cost::StateLost => "state_lost",
        }
    }

    /// The cost of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Cost> {
        Cost::ALL.into_iter().find(|cost| cost.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_listed_in_their_order_and_known_by_their_words() {
        assert!(Cost::ALL.is_sorted());
        for cost in Cost::ALL {
            assert_eq!(Cost::of(cost.word()), Some(cost));
        }
        assert_eq!(Cost::of("reboot"), None);
    }
}
