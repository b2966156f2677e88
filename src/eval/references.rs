//! Expressions that read of objects.

use super::evaluator::{Eval, Evaluator, Failed};
use super::frame::{Frame, Guard, Variable};
use super::value::{Entry, Map, Origin, Rank, Str, Value};
use crate::core::{ObjectRead, Resource, Route, Start, Target};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use std::rc::Rc;

impl<'p> Evaluator<'p> {
    /// What an expression reads of an object.
    pub(super) fn read_object(
        &mut self,
        target: &'p Target,
        read: ObjectRead,
        span: Span,
        frame: &Rc<Frame<'p>>,
    ) -> Eval<Value> {
        let start = match target.start {
            Start::Own => frame.clone(),
            Start::Root => self.root.clone().ok_or(Failed)?,
        };
        let (owner, resource) = match self.follow_to(&start, &target.routes)? {
            Reached::Made(owner, resource) => (owner, resource),
            Reached::NotMade(declared) => {
                let message = "what is named here is not made in this environment";
                let diagnostic = Diagnostic::error(Code::NothingThere, message, span);
                return self.fail(diagnostic.also(declared, "declared here, under a condition that does not hold"));
            }
        };
        // Not what the object reads, but what is read of the object is of interest.
        let mark = self.mark();
        let conditions = self.leave_conditions();
        let (field, value) = match read {
            ObjectRead::Name => (".name", self.object_name(resource, &owner).map(Value::Str)),
            ObjectRead::Namespace => (".namespace", self.object_namespace(resource, &owner).map(Value::Str)),
            ObjectRead::Value => ("", self.object_value(resource, &owner)),
        };
        self.enter_conditions(conditions);
        self.forget_reads(mark);
        if let Ok(value) = &value {
            self.trace_object(resource, &owner, field, value);
        }
        value
    }

    fn object_value(&mut self, resource: &'p Resource, owner: &Rc<Frame<'p>>) -> Eval<Value> {
        let finished = self.object(resource, owner)?;
        let entry = |key: &str, value: Str| Entry {
            key: Str::from(key),
            value: Value::Str(value),
            origin: Origin::NONE,
            rank: Rank::NONE,
        };
        let mut map = Map::with_capacity(finished.fields.len() + 2);
        map.push(entry("apiVersion", self.shared(&resource.api_version)));
        map.push(entry("kind", self.shared(&resource.kind)));
        for field in finished.fields.entries().iter().filter(|field| is_plain_field(&field.key)) {
            map.push(field.clone());
        }
        self.measured(Value::Map(Rc::new(map)))
    }

    /// Where an object is declared that none of these ways leads to in this environment; none where one does.
    pub(super) fn follow(&mut self, start: &Rc<Frame<'p>>, routes: &[Route]) -> Eval<Option<Span>> {
        Ok(match self.follow_to(start, routes)? {
            Reached::Made(..) => None,
            Reached::NotMade(declared) => Some(declared),
        })
    }

    fn follow_to(&mut self, start: &Rc<Frame<'p>>, routes: &[Route]) -> Eval<Reached<'p>> {
        let mut nowhere = Err(Failed);
        for route in routes {
            match self.follow_one(start, route)? {
                made @ Reached::Made(..) => return Ok(made),
                not_made @ Reached::NotMade(_) => nowhere = nowhere.or(Ok(not_made)),
            }
        }
        nowhere
    }

    fn follow_one(&mut self, start: &Rc<Frame<'p>>, Route { instances, resource }: &Route) -> Eval<Reached<'p>> {
        let mut frame = start.clone();
        for index in instances {
            let layout = frame.site.as_ref().ok_or(Failed)?.layout.clone();
            let (instance, guards) = layout.instances.get(*index as usize).and_then(Option::as_ref).ok_or(Failed)?;
            if !self.holds(guards, &frame)? {
                return Ok(Reached::NotMade(instance.span));
            }
            frame = self.instance_frame(instance, &frame)?;
        }
        let layout = frame.site.as_ref().ok_or(Failed)?.layout.clone();
        let (resource, guards) = layout.resources.get(*resource as usize).and_then(Option::as_ref).ok_or(Failed)?;
        Ok(match self.holds(guards, &frame)? {
            true => Reached::Made(frame, resource),
            false => Reached::NotMade(resource.span),
        })
    }

    fn holds(&mut self, guards: &[Guard<'p>], frame: &Rc<Frame<'p>>) -> Eval<bool> {
        for guard in guards {
            let holds = match guard {
                Guard::When(environments) => environments.contains(self.environment),
                Guard::If(condition, wanted) => self.condition(condition, frame)? == *wanted,
                Guard::For(slot) => !matches!(frame.slots.borrow().get(slot.0 as usize), Some(Variable::Empty) | None),
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Where a path of instances leads.
enum Reached<'p> {
    /// To an object that is made, and the frame it is made in.
    Made(Rc<Frame<'p>>, &'p Resource),
    /// To a declaration whose conditions do not hold.
    NotMade(Span),
}

/// Whether a field is none of those that every object has outside its body.
fn is_plain_field(key: &str) -> bool {
    key != "apiVersion" && key != "kind"
}
