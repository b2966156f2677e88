//! Who set an entry, and whom it overrode.

use super::value::{Origin, Str, Value};
use crate::core::{EnvironmentId, GlobalId, Place, PlaceId};
use crate::source::Span;
use std::rc::Rc;

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

/// A setting of which is known what it was computed from.
#[derive(Debug, Clone)]
pub struct Traced {
    /// Who set it.
    pub by: By,
    /// What its value was computed from.
    pub reads: Option<Reads>,
    /// What the conditions have read that it stands under, within its block.
    pub conditions: Option<Reads>,
    /// The setting that it overrode, and the value that was lost.
    pub lost: Option<(Origin, Value)>,
}

/// Who set something.
#[derive(Debug, Clone)]
pub enum By {
    /// A place in the source.
    Place(PlaceId),
    /// A `let` or `param` of a module.
    Global(GlobalId),
    /// `--set`, for that param.
    Outside(GlobalId),
    /// A declaration, whose label is the name.
    Label(Span),
    /// The environment's declaration.
    Environment(EnvironmentId),
    /// A file, from the top of the project.
    File(Str),
    /// A place in a data file.
    Data {
        /// The file, from the top of the project.
        file: Str,
        /// The way to the place from the top of its data.
        path: Vec<DataStep>,
    },
}

/// A step in a data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataStep {
    /// Into a mapping.
    Key(Str),
    /// Into a sequence.
    Index(usize),
}

/// What was read to compute a value.
#[derive(Debug, Clone)]
pub struct Read {
    /// Its path, as far as it is known where it is read: `job.parallelism`.
    pub path: Str,
    /// Who set it; none where nobody did.
    pub origin: Origin,
    /// What it was; absent where nobody set it.
    pub value: Value,
}

/// All that was read to compute a value, in the order in which it was.
pub type Reads = Rc<[Read]>;

// An origin with this bit is an index into the overrides of the current unit.
const UNIT: u32 = 1 << 31;
// An origin with this bit, and not the other, is an index into the overrides of what is kept between units.
const KEPT: u32 = 1 << 30;
// With both it is an index into what was traced.
const TRACED: u32 = UNIT | KEPT;

/// The overrides of a unit, and of constants and globals, which outlive units.
#[derive(Debug, Default)]
pub(super) struct Origins {
    unit: Vec<Overridden>,
    kept: Vec<Overridden>,
    // How many computations of something kept are under way.
    keeping: u32,
    // All settings, while tracing.
    traced: Option<Vec<Traced>>,
}

impl Origins {
    /// From now on every setting is kept.
    pub fn start_tracing(&mut self) {
        self.traced = Some(Vec::new());
    }

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

    /// The origin of an entry that overrode another; `own` is that of the setting by itself.
    pub fn record(&mut self, winner: PlaceId, own: Origin, loser: Origin, value: Value) -> Origin {
        if self.traced.is_some() {
            let traced = self.traced(own).cloned();
            let traced = traced.unwrap_or(Traced { by: By::Place(winner), reads: None, conditions: None, lost: None });
            return self.push_traced(Traced { lost: Some((loser, value)), ..traced });
        }
        let (list, bit) = if self.keeping > 0 { (&mut self.kept, KEPT) } else { (&mut self.unit, UNIT) };
        let index = u32::try_from(list.len()).unwrap_or(u32::MAX);
        // Past a billion overrides, which the budget of steps forbids, losers are no longer told.
        if index >= KEPT - 1 {
            return Origin(winner.0);
        }
        list.push(Overridden { winner, loser, value });
        Origin(bit | index)
    }

    /// The origin of a setting, while tracing.
    pub fn trace(&mut self, by: By, reads: Option<Reads>, conditions: Option<Reads>) -> Origin {
        self.push_traced(Traced { by, reads, conditions, lost: None })
    }

    fn push_traced(&mut self, traced: Traced) -> Origin {
        let Some(list) = &mut self.traced else { return Origin::NONE };
        // The budget of steps forbids as many.
        let index = u32::try_from(list.len()).ok().filter(|index| *index < KEPT - 1);
        let Some(index) = index else { return Origin::NONE };
        list.push(traced);
        Origin(TRACED | index)
    }

    /// What was traced of a setting.
    pub fn traced(&self, origin: Origin) -> Option<&Traced> {
        self.traced.as_ref()?.get(traced_index(origin)?)
    }

    /// Puts a setting below all that an entry's setting overrode.
    pub fn put_below(&mut self, origin: Origin, place: PlaceId, value: Value) {
        let below = self.trace(By::Place(place), None, None);
        let mut at = origin;
        let Some(list) = &mut self.traced else { return };
        while let Some(traced) = traced_index(at).and_then(|index| list.get_mut(index)) {
            match (&traced.by, &traced.lost) {
                // It is there already: values of constants are shared.
                (By::Place(known), _) if *known == place => return,
                (_, Some((loser, _))) => at = *loser,
                (_, None) => {
                    traced.lost = Some((below, value));
                    return;
                }
            }
        }
    }

    /// The override that an origin stands for; while tracing there are none.
    pub fn get(&self, origin: Origin) -> Option<&Overridden> {
        if origin == Origin::NONE || traced_index(origin).is_some() {
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
        self.place_id(origin).and_then(|id| places.get(id.0 as usize)).copied()
    }

    /// The place that set the entry.
    pub fn place_id(&self, origin: Origin) -> Option<PlaceId> {
        if let Some(traced) = self.traced(origin) {
            return match traced.by {
                By::Place(place) => Some(place),
                By::Global(_) | By::Outside(_) | By::Label(_) | By::Environment(_) | By::File(_) | By::Data { .. } => {
                    None
                }
            };
        }
        Some(self.get(origin).map_or(PlaceId(origin.0), |overridden| overridden.winner))
    }
}

fn traced_index(origin: Origin) -> Option<usize> {
    (origin != Origin::NONE && origin.0 & TRACED == TRACED).then_some((origin.0 & !TRACED) as usize)
}
