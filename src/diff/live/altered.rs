//! What the server does not take as it is declared: what admission changes, and what a schema drops.

use super::equal::equal;
use super::place::Place;
use crate::diff::secrets::is_secret;
use crate::diff::{Path, Step};
use crate::kubernetes::Object;
use crate::schema::Json;

/// The declared leaves that are others in what the server makes of the object, as in `spec.replicas becomes 2`.
pub(super) fn altered(object: &Object, declared: &Json, predicted: &Json, place: Place) -> Vec<String> {
    let mut search = Search { object, path: Path::default(), found: Vec::new() };
    search.values(declared, Some(predicted), place);
    search.found
}

struct Search<'v> {
    object: &'v Object,
    path: Path,
    found: Vec<String>,
}

impl Search<'_> {
    fn at(&mut self, step: Step, declared: &Json, predicted: Option<&Json>, place: Place) {
        self.path.0.push(step);
        self.values(declared, predicted, place);
        self.path.0.pop();
    }

    fn values(&mut self, declared: &Json, predicted: Option<&Json>, place: Place) {
        match (declared, predicted) {
            (Json::Null, _) => {}
            (_, None) => self.found.push(format!("`{}` is dropped", self.path)),
            (Json::Object(fields), Some(predicted @ Json::Object(_))) => {
                for (name, value) in fields {
                    self.at(Step::Key(name.as_str().into()), value, predicted.get(name), place.field(name));
                }
            }
            (Json::Array(items), Some(Json::Array(others))) => self.lists(items, others, place),
            (_, Some(predicted)) if equal(declared, predicted, place) => {}
            (_, Some(_)) if is_secret(self.object, &self.path) => {
                self.found.push(format!("`{}` becomes another", self.path));
            }
            (_, Some(predicted)) => self.found.push(format!("`{}` becomes {predicted}", self.path)),
        }
    }

    fn lists(&mut self, items: &[Json], others: &[Json], place: Place) {
        let keys = place.labelled().map(|(keys, _)| keys);
        for (at, item) in items.iter().enumerate() {
            let element = keys.and_then(|keys| Some((keys, place.element(item, keys)?)));
            let other = match &element {
                Some((keys, element)) => {
                    others.iter().find(|other| place.element(other, keys).as_ref() == Some(element))
                }
                // Sets come back in an order of their own.
                None if item.is_object() || item.is_array() => others.get(at),
                None => others.iter().find(|other| equal(item, other, place.item())),
            };
            let name = keys.and_then(|keys| item[keys.first()?].as_str());
            let step = name.map_or(Step::Index(at), |name| Step::Label(name.into()));
            self.at(step, item, other, place.item());
        }
    }
}
