//! How many `when` blocks hold for a unit in each environment: what makes some environments special.

use crate::core::{EnvironmentId, Layer, Program};
use crate::layers::Conditions;
use crate::source::{FileId, Span};
use std::collections::BTreeMap;

/// The `when` blocks of a program by the unit that they belong to.
///
/// A block belongs to the unit whose declaration is the last before it in its file. Where a file declares no unit, as
/// one with components does, its blocks belong to all.
#[derive(Debug, Default)]
pub(super) struct ConditionIndex {
    /// By the place of the unit's declaration, and environment.
    units: BTreeMap<(FileId, usize), Vec<Conditions>>,
    everywhere: Vec<Conditions>,
}

impl ConditionIndex {
    /// Sorts out a program's blocks; `units` are the places where its units are declared.
    pub(super) fn new(program: &Program, units: impl Iterator<Item = Span>) -> ConditionIndex {
        let none = vec![Conditions::default(); program.environments.len()];
        let mut index = ConditionIndex {
            units: units.map(|span| ((span.file, span.start()), none.clone())).collect(),
            everywhere: none,
        };
        for condition in &program.conditions {
            let (file, at) = (condition.span.file, condition.span.start());
            let mut of_file = index.units.range_mut((file, 0)..=(file, usize::MAX));
            let is_of_components = of_file.next().is_none();
            let last = index.units.range_mut((file, 0)..=(file, at)).next_back();
            let counts = match last {
                Some((_, counts)) => counts,
                None if is_of_components => &mut index.everywhere,
                None => continue,
            };
            for (number, counts) in (0u32..).zip(counts) {
                if condition.environments.contains(EnvironmentId(number)) {
                    match condition.layer {
                        Layer::Environment => counts.own += 1,
                        Layer::Group | Layer::Base => counts.shared += 1,
                    }
                }
            }
        }
        index
    }

    /// How many hold for the unit that is declared at a place.
    pub(super) fn of(&self, unit: Span, environment: usize) -> Conditions {
        let own = self.units.get(&(unit.file, unit.start())).map(|counts| counts[environment]).unwrap_or_default();
        let all = self.everywhere[environment];
        Conditions { own: own.own + all.own, shared: own.shared + all.shared }
    }
}
