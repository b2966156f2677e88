//! Who is to blame for what an object holds: the place that somebody wrote, behind components and functions.
//!
//! All of this needs a traced evaluation; without one nobody is blamed but who declared the object.

use super::complete::shown;
use super::evaluator::{Eval, Evaluator};
use super::expr::write_scalar;
use super::frame::Frame;
use super::origins::{By, Read, Reads};
use super::value::{Entry, Origin, Value};
use crate::core::{Check, Layer, Place};
use crate::kubernetes::Object;
use crate::source::Span;
use std::cell::Cell;
use std::rc::Rc;

/// What the paths of reads begin with that lead into the object: no name begins so.
pub(super) const OBJECT: &str = "@";

/// A chain of settings, each computed from the one before, is followed so far.
const DEEPEST: usize = 20;
/// Of all settings that one was computed from no more are looked at.
const MOST: usize = 200;
/// Values of an object that are told with what is wrong with it.
const MOST_TOLD: usize = 4;

/// An object under a policy.
#[derive(Clone, Copy)]
pub(super) struct Judged<'a> {
    pub object: &'a Object,
    /// The object as the policy sees it.
    pub whole: &'a Value,
    pub mode: Mode<'a>,
    /// What the check at hand stands in, innermost first.
    pub around: Option<&'a Around<'a>>,
}

/// What to do about a check that does not hold.
#[derive(Clone, Copy)]
pub(super) enum Mode<'a> {
    /// To take note that there is one.
    Note(&'a Cell<bool>),
    /// To report it. Tells which places can be blamed: those that a user wrote.
    Tell(&'a dyn Fn(Span) -> bool),
}

/// What a check in a policy stands in.
pub(super) struct Around<'a> {
    pub what: Surrounds,
    /// What the condition or the round's element was read from.
    pub reads: Option<Reads>,
    pub outer: Option<&'a Around<'a>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Surrounds {
    Condition,
    Loop,
}

impl<'a> Judged<'a> {
    pub fn within(self, around: &'a Around<'a>) -> Judged<'a> {
        Judged { around: Some(around), ..self }
    }
}

impl<'p> Evaluator<'p> {
    /// A check of a policy.
    pub(super) fn check_object(&mut self, check: &'p Check, judged: Judged<'_>, frame: &Rc<Frame<'p>>) -> Eval<()> {
        let mark = self.mark();
        let holds = self.condition(&check.condition, frame);
        let reads = self.take_reads(mark);
        if holds? {
            return Ok(());
        }
        let is_theirs = match judged.mode {
            Mode::Note(broken) => {
                broken.set(true);
                return Ok(());
            }
            Mode::Tell(is_theirs) => is_theirs,
        };
        let message = self.string(&check.message, frame)?;
        self.forget_reads(mark);
        let reads = of_object(reads.as_ref());
        let at = self.culprit(&reads, judged, is_theirs).unwrap_or(judged.object.span);
        self.told(check, &message, at, vec![told_of(judged.object, &reads)])
    }

    /// The narrowest place that made a check fail.
    fn culprit(&self, reads: &[&Read], judged: Judged<'_>, is_theirs: &dyn Fn(Span) -> bool) -> Option<Span> {
        let blamed = |reads: &[&Read]| self.blamed(reads, judged, is_theirs);
        let mut around = judged.around;
        // In a loop the entry of its round is to blame, or what of it the check reads.
        while let Some(outer) = around {
            let round = of_object(outer.reads.as_ref());
            if let (Surrounds::Loop, [entry, ..]) = (outer.what, round.as_slice()) {
                let inside: Vec<&Read> =
                    reads.iter().copied().filter(|read| is_below(&read.path, &entry.path)).collect();
                return blamed(&inside).or_else(|| blamed(&round)).or_else(|| blamed(reads));
            }
            around = outer.outer;
        }
        let mut found = blamed(reads);
        let mut around = judged.around;
        // A check that reads nothing itself stands for the condition that it stands under.
        while let (None, Some(outer)) = (found, around) {
            found = blamed(&of_object(outer.reads.as_ref()));
            around = outer.outer;
        }
        found
    }

    /// Of what was read, the place of the strongest layer; where nothing of it is there, who made what lacks it.
    fn blamed(&self, reads: &[&Read], judged: Judged<'_>, is_theirs: &dyn Fn(Span) -> bool) -> Option<Span> {
        let whole = judged.whole;
        let mut best: Option<Place> = None;
        for read in reads.iter().filter(|read| !read.value.is_absent()) {
            let way = self.way(whole, &read.path);
            let place = if self.is_declared(&read.path, way.last()) {
                Some(Place { span: judged.object.span, layer: Layer::Base })
            } else {
                // What a list or a data file holds was set with what it lies in.
                let origin = way.into_iter().rev().find(|origin| *origin != Origin::NONE);
                origin.and_then(|origin| self.written(origin, &read.value, is_theirs))
            };
            let Some(place) = place else { continue };
            if best.is_none_or(|best| place.layer > best.layer) {
                best = Some(place);
            }
        }
        let missing = || {
            let absent = reads.iter().filter(|read| read.value.is_absent());
            let mut parents = absent.flat_map(|read| self.way(whole, &read.path).into_iter().rev());
            parents.find_map(|origin| self.written(origin, &Value::Absent, is_theirs))
        };
        best.or_else(missing).map(|place| place.span)
    }

    /// Whether the declaration itself says what is read: the kind, a name that is only the label, and the environment's
    /// namespace, of which it says nothing else.
    fn is_declared(&self, path: &str, origin: Option<&Origin>) -> bool {
        match path.strip_prefix(OBJECT) {
            Some(".apiVersion" | ".kind") => true,
            Some(".metadata.namespace") => origin == Some(&Origin::NONE),
            Some(".metadata.name") => {
                origin.is_some_and(|origin| matches!(self.traced(*origin).map(|traced| &traced.by), Some(By::Label(_))))
            }
            Some(_) | None => false,
        }
    }

    /// Who set each value on the way along a path, as far as there are values.
    fn way(&self, whole: &Value, path: &str) -> Vec<Origin> {
        let mut origins = Vec::new();
        let mut at = whole.clone();
        let mut rest = path.strip_prefix(OBJECT).unwrap_or(path);
        while let Some((entry, behind)) = step(&at, rest) {
            origins.push(entry.origin);
            at = entry.value;
            rest = behind;
        }
        origins
    }

    /// The place where somebody wrote what an entry holds.
    fn written(&self, origin: Origin, value: &Value, is_theirs: &dyn Fn(Span) -> bool) -> Option<Place> {
        self.written_within(origin, value, is_theirs, DEEPEST, &mut MOST.clone())
    }

    fn written_within(
        &self,
        origin: Origin,
        value: &Value,
        is_theirs: &dyn Fn(Span) -> bool,
        levels: usize,
        left: &mut usize,
    ) -> Option<Place> {
        *left = left.checked_sub(1)?;
        let levels = levels.checked_sub(1)?;
        let place = self.set_at(origin).filter(|place| is_theirs(place.span));
        let reads = self.traced(origin).and_then(|traced| traced.reads.as_deref()).unwrap_or_default();
        let mut behind = |read: &Read| self.written_within(read.origin, &read.value, is_theirs, levels, left);
        if let [only] = reads
            && is_handed_on(&only.value, value)
            && let Some(source) = behind(only)
        {
            return Some(source);
        }
        if place.is_some() {
            return place;
        }
        // Who made it of one thing that somebody wrote made it of that; of several, nobody knows which is meant.
        let mut sources = reads.iter().filter_map(behind);
        let first = sources.next()?;
        sources.all(|source| source.span == first.span).then_some(first)
    }

    /// Where a setting stands. What comes of an environment or a file stands in no place of its own.
    fn set_at(&self, origin: Origin) -> Option<Place> {
        let base = |span| Some(Place { span, layer: Layer::Base });
        match self.traced(origin).map(|traced| &traced.by) {
            Some(By::Global(id) | By::Outside(id)) => base(self.program.globals[id.0 as usize].span),
            Some(By::Label(span)) => base(*span),
            Some(By::Environment(_) | By::File(_) | By::Data { .. }) => None,
            Some(By::Place(_)) | None => self.place(origin),
        }
    }
}

/// What was read of the object, but for what only led to something deeper.
fn of_object(reads: Option<&Reads>) -> Vec<&Read> {
    let all: Vec<&Read> =
        reads.into_iter().flat_map(|reads| reads.iter()).filter(|r| r.path.starts_with(OBJECT)).collect();
    let leads_on = |read: &Read| all.iter().any(|other| other.path != read.path && is_below(&other.path, &read.path));
    all.iter().copied().filter(|read| !leads_on(read)).collect()
}

/// Whether a path leads to a place or into it.
fn is_below(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The next entry on a path, and the path behind it. Of keys that hold dots the longest that fits is meant.
fn step<'t>(value: &Value, path: &'t str) -> Option<(Entry, &'t str)> {
    let keyed = |entry: &Entry| Entry { key: entry.key.clone(), ..entry.clone() };
    let key = path.strip_prefix('.').unwrap_or(path);
    let entries = match value {
        Value::Map(map) => map.entries(),
        Value::Keyed(keyed) => keyed.items.entries(),
        Value::List(list) => {
            let (index, behind) = path.strip_prefix('[')?.split_once(']')?;
            let value = list.get(index.parse::<usize>().ok()?)?.clone();
            return Some((
                Entry { key: index.into(), value, origin: Origin::NONE, rank: super::value::Rank::NONE },
                behind,
            ));
        }
        _ => return None,
    };
    let fitting = entries.iter().filter(|entry| !key.is_empty() && is_below(key, &entry.key));
    let longest = fitting.max_by_key(|entry| entry.key.len())?;
    Some((keyed(longest), &key[longest.key.len()..]))
}

/// Whether a value is another, perhaps in the notation of its place.
fn is_handed_on(from: &Value, to: &Value) -> bool {
    let text = |value: &Value| {
        let mut text = String::new();
        write_scalar(&mut text, value);
        text
    };
    let is_scalar = |value: &Value| !matches!(value, Value::Absent | Value::List(_) | Value::Map(_) | Value::Keyed(_));
    from == to || (is_scalar(from) && is_scalar(to) && text(from) == text(to))
}

/// What is told of an object beside the message: which one it is, and what the check read of it. Of Secrets no value.
fn told_of(object: &Object, reads: &[&Read]) -> String {
    let is_secret = &*object.kind == "Secret" && &*object.api_version == "v1";
    let mut there = Vec::new();
    let mut missing = Vec::new();
    for read in reads {
        let path = read.path.strip_prefix(OBJECT).unwrap_or(&read.path).trim_start_matches('.');
        match &read.value {
            _ if path.is_empty() => {}
            Value::Absent => missing.push(format!("`{path}`")),
            _ if is_secret => there.push(format!("`{path}`")),
            value => there.push(format!("`{path}` = {}", shown(value))),
        }
    }
    there.truncate(MOST_TOLD);
    missing.truncate(MOST_TOLD);
    let name = format!("{} `{}`", object.kind, object.name);
    match (there.is_empty(), missing.is_empty()) {
        (true, true) => format!("this concerns {name}"),
        (false, true) => format!("{name} has {}", there.join(", ")),
        (true, false) => format!("{name} has no {}", missing.join(", no ")),
        (false, false) => format!("{name} has {}, and no {}", there.join(", "), missing.join(", no ")),
    }
}
