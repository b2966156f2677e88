//! What a server is asked of objects, and what it may say.

use super::pair::{Pair, body};
use super::{LiveObject, Matches, Question};
use crate::cluster::Trial;
use crate::eval::value::Str;
use crate::kubernetes::Object;
use crate::schema::Json;

/// Who applies where nothing says who does.
const NOBODY: &str = "flinkc";

/// What is known of an object by asking.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The object as it would be.
    Object(Json),
    /// The apply is refused: why.
    Refused(String),
    /// The server was not asked, or could not say: why, as the second half of a sentence.
    Unasked(String),
    /// Not even what is there is known: why.
    Unknown(String),
}

/// What to ask of each object.
#[must_use]
pub fn requests(objects: &[(Str, Object)], live: &[LiveObject], question: Question) -> Vec<Trial> {
    let matches = Matches::of(objects, live, question.manager);
    let one = |(at, (unit, object)): (usize, &(Str, Object))| match matches.found[at] {
        Some(found) if !found.is_former => {
            let applier = matches.appliers.for_object(&live[found.at]);
            Pair { unit, object, live: &live[found.at], applier, question, answer: None }.request()
        }
        // What takes the place of another object is itself new.
        Some(_) | None => {
            let manager = matches.appliers.usual_name().unwrap_or_else(|| NOBODY.to_owned());
            Trial::Apply { body: body(object, &manager), manager }
        }
    };
    objects.iter().enumerate().map(one).collect()
}

/// The field manager that applies, where one has to be named.
pub(super) fn manager_or_nobody(manager: Option<&str>) -> String {
    manager.unwrap_or(NOBODY).to_owned()
}
