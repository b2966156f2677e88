//! An object as it is against what an apply would make of it: where they differ, and whose doing that is.

use super::Unmanaged;
use super::appliers::Applier;
use super::equal::{equal, same};
use super::object::to_value;
use super::ownership::{Element, FieldSet, Managed, Operation};
use super::place::{MOST_ITEMS, Place, Shape};
use crate::diff::{Class, Mask, Path, PathChange, Predicted, Step};
use crate::kubernetes::Object;
use crate::schema::Json;

/// A place in all the forms that an object has.
#[derive(Clone, Copy)]
pub(super) struct Sides<'v> {
    /// As the cluster has it.
    pub live: Option<&'v Json>,
    /// As it would be after the apply.
    pub predicted: Option<&'v Json>,
    /// As the program says it.
    pub declared: Option<&'v Json>,
    /// As it would be if there had been nothing.
    pub fresh: Option<&'v Json>,
    pub place: Place<'v>,
    /// Whether an object without it is refused.
    pub required: bool,
    /// Whether each server decides the value itself.
    pub decided: bool,
}

/// What is known of who owns what.
pub(super) struct Known<'v> {
    pub object: &'v Object,
    pub applier: Option<&'v Applier>,
    pub own: &'v FieldSet,
    pub others: &'v [&'v Managed],
    pub all: &'v FieldSet,
    /// Who owns what afterwards, where a server says it.
    pub after: Option<&'v [Managed]>,
    pub unmanaged: Unmanaged,
    pub mask: &'v Mask,
}

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    pub paths: Vec<PathChange>,
    /// Fields that nobody declares, and that are not what the server fills in.
    pub unmanaged: usize,
    /// Of these, the ones that only a client-side apply of former times owns.
    pub leftovers: Vec<String>,
}

pub(super) struct Walk<'v> {
    known: Known<'v>,
    path: Path,
    elements: Vec<Element>,
    found: Found,
}

/// Where two objects differ.
pub(super) fn walk<'v>(known: Known<'v>, sides: Sides<'v>) -> Found {
    let mut walk = Walk { known, path: Path::default(), elements: Vec::new(), found: Found::default() };
    let names = field_names(sides.live, sides.predicted);
    for name in names.filter(|name| !matches!(*name, "apiVersion" | "kind")) {
        walk.field(sides, name);
    }
    walk.found
}

/// The fields of both, in the order of the first.
fn field_names<'v>(one: Option<&'v Json>, other: Option<&'v Json>) -> impl Iterator<Item = &'v str> {
    let fields = |value: Option<&'v Json>| value.and_then(Json::as_object);
    let first = fields(one).into_iter().flatten().map(|(name, _)| name.as_str());
    let rest = fields(other).into_iter().flatten().map(|(name, _)| name.as_str());
    first.chain(rest.filter(move |name| fields(one).is_none_or(|one| !one.contains_key(*name))))
}

impl<'v> Walk<'v> {
    fn field(&mut self, sides: Sides<'v>, name: &'v str) {
        let of = |value: Option<&'v Json>| value.and_then(|value| value.get(name));
        let below = Sides {
            live: of(sides.live),
            predicted: of(sides.predicted),
            declared: of(sides.declared).filter(|value| !value.is_null()),
            fresh: of(sides.fresh),
            place: sides.place.field(name),
            required: sides.place.requires(name),
            decided: sides.place.leaves_to_the_server(name),
        };
        self.at(Step::Key(name.into()), Element::Field(name.to_owned()), below);
    }

    fn at(&mut self, step: Step, element: Element, sides: Sides<'v>) {
        self.path.0.push(step);
        self.elements.push(element);
        self.values(sides);
        self.elements.pop();
        self.path.0.pop();
    }

    fn values(&mut self, sides: Sides<'v>) {
        match (sides.live, sides.predicted) {
            (None, None) => {}
            (Some(live), None) => self.removed(live, sides),
            (None, Some(predicted)) => self.added(predicted, sides),
            (Some(live), Some(predicted)) if self.is_foreign(sides) && live == predicted => self.unmanaged(live),
            (Some(live @ Json::Object(one)), Some(predicted @ Json::Object(other))) => {
                if one.is_empty() && other.is_empty() {
                    return self.same(live, sides);
                }
                for name in field_names(Some(live), Some(predicted)) {
                    self.field(sides, name);
                }
            }
            (Some(live @ Json::Array(one)), Some(predicted @ Json::Array(other))) => {
                self.lists(one, other, (live, predicted), sides);
            }
            (Some(live), Some(predicted)) => self.leaves(live, predicted, sides),
        }
    }

    fn leaves(&mut self, live: &'v Json, predicted: &'v Json, sides: Sides<'v>) {
        if equal(live, predicted, sides.place) {
            self.same(live, sides);
        } else {
            self.differing(live, predicted, sides);
        }
    }

    fn lists(&mut self, one: &'v [Json], other: &'v [Json], whole: (&'v Json, &'v Json), sides: Sides<'v>) {
        let place = sides.place;
        let shape = place.shape(whole.1, self.known.all.at(&self.elements));
        let keys = match (place.labelled(), &shape) {
            (Some((keys, _)), _) => Some(keys.to_vec()),
            (None, Shape::Items(keys)) => Some(keys.clone()),
            (None, Shape::Fields | Shape::Set | Shape::Whole) => None,
        };
        let elements = |items: &[Json]| keys.as_ref().and_then(|keys| told_apart(items, keys, place));
        if let (Some(mine), Some(theirs)) = (elements(one), elements(other)) {
            let items = Items { one, other, mine, theirs };
            return self.items(&items, &keys.unwrap_or_default(), sides);
        }
        let is_record = |value: &Json| value.is_object();
        if one.len() == other.len() && !one.is_empty() && one.iter().chain(other).all(is_record) {
            for at in 0..one.len() {
                let of = |value: Option<&'v Json>| value.and_then(|value| value.get(at));
                let below = Sides {
                    live: of(sides.live),
                    predicted: of(sides.predicted),
                    declared: of(sides.declared),
                    fresh: of(sides.fresh),
                    place: place.item(),
                    required: false,
                    decided: false,
                };
                self.at(Step::Index(at), Element::Index(at.to_string()), below);
            }
            return;
        }
        let is_same_set = || one.len() == other.len() && one.iter().all(|value| other.contains(value));
        if shape == Shape::Set && is_same_set() {
            return self.same(whole.0, sides);
        }
        self.leaves(whole.0, whole.1, sides);
    }

    fn items(&mut self, items: &Items<'v>, keys: &[String], sides: Sides<'v>) {
        let place = sides.place;
        let in_list = |value: Option<&'v Json>, element: &Element| {
            let items = value.and_then(Json::as_array)?;
            items.iter().find(|item| place.element(item, keys).as_ref() == Some(element))
        };
        let new = items.theirs.iter().filter(|element| !items.mine.contains(element));
        for element in items.mine.iter().chain(new) {
            let below = Sides {
                live: in_list(sides.live, element),
                predicted: in_list(sides.predicted, element),
                declared: in_list(sides.declared, element),
                fresh: in_list(sides.fresh, element),
                place: place.item(),
                required: false,
                decided: false,
            };
            let item = below.predicted.or(below.live).unwrap_or(&Json::Null);
            // An item that goes may have the name of one that comes.
            let label = place.labelled().map(|(_, label)| label).filter(|label| !items.share(item, element, label));
            self.at(Step::Label(label_of(item, label, keys).into()), element.clone(), below);
        }
        // Only these are run one after the other.
        let is_ordered = matches!(self.path.0.last(), Some(Step::Key(name)) if &**name == "initContainers");
        let common = |of: &[Element], other: &[Element]| -> Vec<Element> {
            of.iter().filter(|element| other.contains(element)).cloned().collect()
        };
        if is_ordered && common(&items.mine, &items.theirs) != common(&items.theirs, &items.mine) {
            let names = |items: &[Json]| Json::Array(items.iter().map(|item| item["name"].clone()).collect());
            self.report(Some(&names(items.one)), Some(&names(items.other)), Class::Change, Vec::new(), Vec::new());
        }
    }

    /// Whether nobody declares a part, nor fills it in, nor owns it by applying it.
    fn is_foreign(&self, sides: Sides) -> bool {
        sides.declared.is_none() && sides.fresh.is_none() && !self.known.own.touches(&self.elements) && {
            let mut applied = self.known.others.iter().filter(|other| other.operation == Operation::Apply);
            !applied.any(|other| other.fields.touches(&self.elements))
        }
    }

    fn owners(&self) -> Vec<&'v Managed> {
        self.known.others.iter().copied().filter(|other| other.fields.owns(&self.elements)).collect()
    }

    /// Of the owners those that lose the part; where no server says it, all.
    fn losers(&self, owners: &[&'v Managed]) -> Vec<&'v Managed> {
        let keeps = |owner: &Managed| {
            self.known.after.is_some_and(|after| {
                after.iter().any(|other| other.is_same(owner) && other.fields.owns(&self.elements))
            })
        };
        owners.iter().copied().filter(|owner| !keeps(owner)).collect()
    }

    fn removed(&mut self, live: &Json, sides: Sides) {
        let notes = match sides.required {
            true => vec!["the server refuses an object without it".to_owned()],
            false => Vec::new(),
        };
        self.report(Some(live), None, Class::Removal, Vec::new(), notes);
    }

    fn added(&mut self, predicted: &Json, sides: Sides) {
        // What the server fills in inside of what is new goes without saying.
        match sides.declared {
            Some(declared) => self.report(None, Some(declared), Class::Change, Vec::new(), Vec::new()),
            None => {
                let told = self.known.after.is_some() && sides.decided;
                let notes = told.then(|| "as the dry run has it: an apply may get another value".to_owned());
                self.report(None, Some(predicted), Class::SideEffect, Vec::new(), notes.into_iter().collect());
            }
        }
    }

    fn differing(&mut self, live: &Json, predicted: &Json, sides: Sides) {
        let owners = self.losers(&self.owners());
        let (class, mut notes) = match sides.declared {
            Some(_) if owners.is_empty() => (Class::Change, Vec::new()),
            Some(_) => (self.dispute(), self.advice(&owners)),
            None if self.known.own.owns(&self.elements) => {
                (Class::Removal, vec!["goes back to what the server fills in".to_owned()])
            }
            None => (Class::SideEffect, Vec::new()),
        };
        if let Some(what) = same(live, predicted, sides.place) {
            notes.push(format!("the same {what}, but the server keeps what a custom resource says"));
        }
        let owners = if sides.declared.is_some() { shown(&owners) } else { Vec::new() };
        self.report(Some(live), Some(predicted), class, owners, notes);
    }

    fn dispute(&self) -> Class {
        if self.known.applier.is_some_and(|applier| applier.by_server && !applier.forces()) {
            Class::Conflict
        } else {
            Class::Takeover
        }
    }

    fn advice(&self, owners: &[&Managed]) -> Vec<String> {
        let is_scaled = owners.iter().any(|owner| owner.subresource == "scale");
        let advice = "leave it out of the program, and whoever scales it keeps it";
        if is_scaled { vec![advice.to_owned()] } else { Vec::new() }
    }

    fn same(&mut self, live: &Json, sides: Sides) {
        let owners = self.owners();
        match sides.declared {
            // The server compares what another manager owns before it brings it into its own notation.
            Some(declared) if declared != live && self.dispute() == Class::Conflict => {
                let losers = self.losers(&owners);
                if !losers.is_empty() {
                    let notes = vec!["the values are the same, but not written the same".to_owned()];
                    self.report(Some(live), Some(declared), Class::Conflict, shown(&losers), notes);
                }
            }
            Some(_) => {}
            // What lies in a part that is owned as a whole, and stays, is what the server has filled in there.
            None if self.known.own.names(&self.elements) && !owners.is_empty() => {
                self.report(Some(live), Some(live), Class::Orphaned, shown(&owners), Vec::new());
            }
            None if self.is_foreign(sides) => self.unmanaged(live),
            None => {}
        }
    }

    fn unmanaged(&mut self, live: &Json) {
        const FORMER: [&str; 2] = ["kubectl-client-side-apply", "before-first-apply"];
        self.found.unmanaged += 1;
        let owners: Vec<&Managed> =
            self.known.others.iter().copied().filter(|other| other.fields.touches(&self.elements)).collect();
        if !owners.is_empty() && owners.iter().all(|owner| FORMER.contains(&owner.manager.as_str())) {
            self.found.leftovers.push(self.path.to_string());
        }
        match self.known.unmanaged {
            Unmanaged::Show => self.report(Some(live), Some(live), Class::Unmanaged, shown(&owners), Vec::new()),
            Unmanaged::Hide => {}
        }
    }

    fn report(
        &mut self,
        before: Option<&Json>,
        after: Option<&Json>,
        class: Class,
        owners: Vec<String>,
        notes: Vec<String>,
    ) {
        let shown = |value: Option<&Json>| {
            value.map(|value| self.known.mask.value(self.known.object, &self.path, &to_value(value)))
        };
        let (before, after) = (shown(before), shown(after));
        self.found.paths.push(PathChange {
            path: self.path.clone(),
            before,
            after,
            consequence: None,
            predicted: Some(Predicted { class, owners, notes }),
            set_by: None,
        });
    }
}

/// Two lists whose items are told apart by keys.
struct Items<'v> {
    one: &'v [Json],
    other: &'v [Json],
    mine: Vec<Element>,
    theirs: Vec<Element>,
}

impl Items<'_> {
    /// Whether another item, of either list, has the same value in a field.
    fn share(&self, item: &Json, element: &Element, field: &str) -> bool {
        let all = self.one.iter().zip(&self.mine).chain(self.other.iter().zip(&self.theirs));
        all.into_iter().any(|(other, known)| known != element && !item[field].is_null() && other[field] == item[field])
    }
}

/// The items' elements, where no two are alike.
fn told_apart(items: &[Json], keys: &[String], place: Place) -> Option<Vec<Element>> {
    if items.len() > MOST_ITEMS {
        return None;
    }
    let elements: Vec<Element> = items.iter().map(|item| place.element(item, keys)).collect::<Option<_>>()?;
    let mut sorted: Vec<&Element> = elements.iter().collect();
    sorted.sort();
    (!sorted.windows(2).any(|pair| pair[0] == pair[1])).then_some(elements)
}

/// What people call an item: its label, or its keys.
fn label_of(item: &Json, label: Option<&str>, keys: &[String]) -> String {
    let text = |value: &Json| match value {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => Some(value.to_string()),
    };
    label.and_then(|label| text(&item[label])).unwrap_or_else(|| {
        let values: Vec<String> = keys.iter().filter_map(|key| text(&item[key])).collect();
        values.join("/")
    })
}

fn shown(owners: &[&Managed]) -> Vec<String> {
    owners.iter().map(|owner| owner.shown()).collect()
}
