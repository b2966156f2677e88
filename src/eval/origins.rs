//! Who set an entry, and whom it overrode.

use super::value::{Origin, Value};
use crate::core::{Place, PlaceId};

/// A setting that won over another.
#[derive(Debug, Clone)]
pub struct Overridden {
    /// Who won.
    pub winner: PlaceId,
    /// Who lost; it may have won over another in turn.
    pub loser: Origin,
    /// What was lost.
    pub value: Value,
}

// An origin with this bit is an index into the overrides of the current unit.
const UNIT: u32 = 1 << 31;
// An origin with this bit, and not the other, is an index into the overrides of what is kept between units.
const KEPT: u32 = 1 << 30;

/// The overrides of a unit, and of constants and globals, which outlive units.
#[derive(Debug, Default)]
pub(super) struct Origins {
    unit: Vec<Overridden>,
    kept: Vec<Overridden>,
    // How many computations of something kept are under way.
    keeping: u32,
}

impl Origins {
    /// What is recorded until `release` outlives the unit.
    pub fn keep(&mut self) {
        self.keeping += 1;
    }

    /// Ends a `keep`.
    pub fn release(&mut self) {
        self.keeping -= 1;
    }

    /// Drops the overrides of the unit.
    pub fn clear(&mut self) {
        self.unit.clear();
    }

    /// The origin of an entry that overrode another.
    pub fn record(&mut self, winner: PlaceId, loser: Origin, value: Value) -> Origin {
        let (list, bit) = if self.keeping > 0 { (&mut self.kept, KEPT) } else { (&mut self.unit, UNIT) };
        let index = u32::try_from(list.len()).unwrap_or(u32::MAX);
        // Past a billion overrides, which the budget of steps forbids, losers are no longer told.
        if index >= KEPT - 1 {
            return Origin(winner.0);
        }
        list.push(Overridden { winner, loser, value });
        Origin(bit | index)
    }

    /// The override that an origin stands for.
    pub fn get(&self, origin: Origin) -> Option<&Overridden> {
        if origin == Origin::NONE {
            None
        } else if origin.0 & UNIT != 0 {
            self.unit.get((origin.0 & !UNIT) as usize)
        } else if origin.0 & KEPT != 0 {
            self.kept.get((origin.0 & !KEPT) as usize)
        } else {
            None
        }
    }

    /// Who set the entry.
    pub fn place(&self, origin: Origin, places: &[Place]) -> Option<Place> {
        let id = match self.get(origin) {
            Some(overridden) => overridden.winner.0,
            None => origin.0,
        };
        places.get(id as usize).copied()
    }
}
