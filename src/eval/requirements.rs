//! What schemas, components and policies ask for.

use super::blame::{Around, Judged, Surrounds};
use super::complete::shown;
use super::evaluator::{Eval, Evaluator, Failed};
use super::frame::Frame;
use super::value::{Origin, Value};
use crate::core::{Check, Place, Read, Requirement, Schema, Shape};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::source::Span;
use std::rc::Rc;

/// What requirements are asked of.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a, 'p> {
    /// Of a record, by its schema.
    Record(Record<'a, 'p>),
    /// Of an object, by a policy.
    Object(Judged<'a>),
}

/// The record whose requirements are looked at.
#[derive(Clone, Copy)]
pub(super) struct Record<'a, 'p> {
    pub schema: &'p Schema,
    /// Who set each of its fields.
    pub set: &'a [Origin],
    /// The place to blame for what is missing.
    pub at: Span,
    /// In a loop, who set the entry of this round.
    pub round: Option<Origin>,
}

impl<'p> Evaluator<'p> {
    /// Reports what does not hold.
    pub(super) fn requirements(
        &mut self,
        requirements: &'p [Requirement],
        subject: Subject<'_, 'p>,
        frame: &Rc<Frame<'p>>,
    ) -> Eval<()> {
        let mut result = Ok(());
        for requirement in requirements {
            let done = self.requirement(requirement, subject, frame);
            // What follows a variable that could not be computed cannot be looked at.
            if done.is_err() && matches!(requirement, Requirement::Let(..)) {
                return done;
            }
            result = done.and(result);
        }
        result
    }

    fn requirement(
        &mut self,
        requirement: &'p Requirement,
        subject: Subject<'_, 'p>,
        frame: &Rc<Frame<'p>>,
    ) -> Eval<()> {
        match requirement {
            Requirement::Check(check) => match subject {
                Subject::Record(record) => self.check_record(check, record, frame),
                Subject::Object(judged) => self.check_object(check, judged, frame),
            },
            Requirement::Let(slot, value) => {
                let mark = self.mark();
                let value = self.expr(value, frame)?;
                frame.bind(*slot, value);
                let reads = self.take_reads(mark);
                self.note_variable(frame, *slot, reads);
                Ok(())
            }
            Requirement::If { condition, then, otherwise } => {
                let mark = self.mark();
                let taken = if self.condition(condition, frame)? { then } else { otherwise };
                let reads = self.take_reads(mark);
                match subject {
                    Subject::Record(_) => self.requirements(taken, subject, frame),
                    Subject::Object(judged) => {
                        let around = Around { what: Surrounds::Condition, reads, outer: judged.around };
                        self.requirements(taken, Subject::Object(judged.within(&around)), frame)
                    }
                }
            }
            Requirement::For { key, variable, iterable, filter, each } => {
                let mut result = Ok(());
                for round in self.rounds(iterable, frame)? {
                    self.toil(1)?;
                    let outer = if let Subject::Object(judged) = subject { judged.around } else { None };
                    let around = Around { what: Surrounds::Loop, reads: round.reads.clone(), outer };
                    let inner = match subject {
                        Subject::Record(record) => {
                            let own = Some(round.origin).filter(|origin| *origin != Origin::NONE);
                            Subject::Record(Record { round: own.or(record.round), ..record })
                        }
                        Subject::Object(judged) => Subject::Object(judged.within(&around)),
                    };
                    frame.bind_round(*key, *variable, round);
                    let mark = self.mark();
                    let taken = match filter {
                        Some(filter) => self.condition(filter, frame),
                        None => Ok(true),
                    };
                    self.forget_reads(mark);
                    let done = match taken {
                        Ok(true) => self.requirements(each, inner, frame),
                        Ok(false) => Ok(()),
                        Err(Failed) => Err(Failed),
                    };
                    result = done.and(result);
                }
                frame.leave_loop(*key, *variable);
                result
            }
        }
    }

    fn check_record(&mut self, check: &'p Check, record: Record<'_, 'p>, frame: &Rc<Frame<'p>>) -> Eval<()> {
        if self.condition(&check.condition, frame)? {
            return Ok(());
        }
        let message = self.string(&check.message, frame)?;
        if let Some(place) = record.round.and_then(|round| self.place(round)) {
            return self.told(check, &message, place.span, Vec::new());
        }
        let mut blamed: Option<Place> = None;
        let mut notes = Vec::new();
        for (at, read) in check.reads.iter().enumerate() {
            // What is read of a field tells more than the field as a whole.
            let deeper = |other: &Read| other.slot == read.slot && other.path.len() > read.path.len();
            if check.reads.iter().enumerate().any(|(other, read)| other != at && deeper(read)) {
                continue;
            }
            let (origin, value) = self.what_was_read(read, record, frame)?;
            let is_element = read.slot.0 as usize >= record.schema.fields.len();
            if is_element && value.is_absent() {
                continue;
            }
            let is_empty = matches!(&value, Value::Map(map) if map.is_empty());
            if !value.is_absent() && !is_empty {
                let names = record.schema.fields.get(read.slot.0 as usize).map(|field| field.name);
                let names: Vec<&str> = names.iter().chain(&read.path).map(|name| self.program.name(*name)).collect();
                notes.push(format!("{} = {}", names.join("."), shown(&value)));
            }
            // A stronger layer spoke later: what it says broke what held before.
            let place = origin.and_then(|origin| self.place(origin));
            if place.is_some_and(|place| blamed.is_none_or(|blamed| place.layer > blamed.layer)) {
                blamed = place;
            }
        }
        // Where nobody set what the check reads, the record that lacks it is to blame.
        self.told(check, &message, blamed.map_or(record.at, |place| place.span), notes)
    }

    /// Who set what a check reads, where somebody did, and its value.
    fn what_was_read(
        &mut self,
        read: &Read,
        record: Record<'_, 'p>,
        frame: &Rc<Frame<'p>>,
    ) -> Eval<(Option<Origin>, Value)> {
        let mut value = self.local(read.slot, frame)?;
        let slot = read.slot.0 as usize;
        let mut origin = record.set.get(slot).copied().filter(|origin| *origin != Origin::NONE);
        let mut shape = record.schema.fields.get(slot).map(|field| &field.shape);
        for name in &read.path {
            let Value::Map(map) = &value else { return Ok((origin, Value::Absent)) };
            let Some(entry) = map.entry(self.name(*name)).cloned() else { return Ok((origin, Value::Absent)) };
            let field = match shape {
                Some(Shape::Schema(id)) => {
                    self.program.schemas[id.0 as usize].fields.iter().find(|field| field.name == *name)
                }
                Some(Shape::Plain | Shape::List(_) | Shape::Map(_)) | None => None,
            };
            // A default was set by nobody.
            let default = field.is_some_and(|field| self.origins.place_id(entry.origin) == Some(field.place));
            origin = Some(entry.origin).filter(|_| !default);
            shape = field.map(|field| &field.shape);
            value = entry.value;
        }
        Ok((origin, value))
    }

    /// A check of a component or of the root.
    pub(super) fn check(&mut self, check: &'p Check, frame: &Rc<Frame<'p>>) -> Eval<()> {
        if self.condition(&check.condition, frame)? {
            return Ok(());
        }
        let message = self.string(&check.message, frame)?;
        let blamed = frame.site.as_ref().and_then(|site| site.span());
        self.told(check, &message, blamed.unwrap_or(check.span), Vec::new())
    }

    /// Reports a check that does not hold. The first line of its text is the message; a line that begins with `help:`
    /// says what to do, and all others are one note. What only should hold stops nothing.
    pub(super) fn told(&mut self, check: &Check, text: &str, at: Span, read: Vec<String>) -> Eval<()> {
        let (message, rest) = text.split_once('\n').unwrap_or((text, ""));
        let mut diagnostic = Diagnostic::error(Code::CheckFailed, message, at);
        diagnostic.severity = check.severity;
        if at != check.span {
            diagnostic = diagnostic.also(check.span, "required here");
        }
        let (help, told): (Vec<&str>, Vec<&str>) = rest.lines().partition(|line| line.starts_with(HELP));
        if let Some(help) = help.first().and_then(|line| line.strip_prefix(HELP)) {
            diagnostic = diagnostic.help(help.trim().to_string());
        }
        if !told.is_empty() {
            diagnostic = diagnostic.note(told.join("\n"));
        }
        for note in read {
            diagnostic = diagnostic.note(note);
        }
        match check.severity {
            Severity::Error => self.fail(diagnostic),
            Severity::Warning => {
                self.report(diagnostic);
                Ok(())
            }
        }
    }
}

/// What the line of a check's text begins with that says what to do.
const HELP: &str = "help:";
