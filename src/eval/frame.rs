//! Variables, and where a component is in being made.

use super::origins::Reads;
use super::value::{Map, Origin, Str, Value};
use crate::core::{Component, EnvironmentSet, Expr, Instance, Item, Resource, Slot};
use crate::source::Span;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::{Rc, Weak};

/// A variable of a frame.
#[derive(Debug, Clone)]
pub(super) enum Variable<'p> {
    /// Outside its loop or arm.
    Empty,
    /// Known.
    Value(Value),
    /// A `let` that nobody has read yet.
    Lazy(&'p Expr),
    /// A `let` that is being computed.
    Busy,
    /// What went wrong was reported.
    Failed,
}

/// The variables of a function, a schema, a global, a component or the root.
#[derive(Debug)]
pub(super) struct Frame<'p> {
    /// All variables.
    pub slots: RefCell<Vec<Variable<'p>>>,
    /// What each variable was computed from, while tracing; may be shorter than `slots`.
    pub reads: RefCell<Vec<Option<Reads>>>,
    /// What the frame of a component or the root has besides.
    pub site: Option<Site<'p>>,
}

/// A component that is being made, or the root.
#[derive(Debug)]
pub(super) struct Site<'p> {
    /// What is made.
    pub component: &'p Component,
    /// Where its declarations stand.
    pub layout: Rc<Layout<'p>>,
    /// Where it is used; none for the root. The outer frame outlives this one, which it holds.
    pub outer: Option<(Weak<Frame<'p>>, &'p Instance)>,
    /// The instance's name; empty for the root.
    pub name: Str,
    /// The labels below the unit that lead here, joined with `-`.
    pub label: String,
    /// What is known of each resource.
    pub objects: RefCell<FxHashMap<u32, Known<Finished>>>,
    /// What is known of each resource's name.
    pub names: RefCell<FxHashMap<u32, Known<Str>>>,
    /// What is known of each instance.
    pub instances: RefCell<FxHashMap<u32, Known<Rc<Frame<'p>>>>>,
}

/// How far something is that is computed when first asked for.
#[derive(Debug, Clone, Default)]
pub(super) enum Known<T> {
    /// Nobody asked.
    #[default]
    Not,
    /// It is being computed; to ask now is a cycle.
    Busy,
    /// Here it is.
    Done(T),
    /// What went wrong was reported.
    Failed,
}

/// An evaluated object.
#[derive(Debug, Clone)]
pub(super) struct Finished {
    /// All fields but `apiVersion`, `kind`, `metadata.namespace`.
    pub fields: Rc<Map>,
    /// `metadata.name`
    pub name: Str,
    /// Where it goes.
    pub namespace: Option<Str>,
    /// Who said so, where `metadata.namespace` does.
    pub namespaced_by: Origin,
}

/// A round of a loop.
#[derive(Debug)]
pub(super) struct Round {
    /// The index or key.
    pub key: Value,
    /// The element.
    pub value: Value,
    /// Who set it, of a map or a keyed list.
    pub origin: Origin,
    /// What it was computed from, while tracing.
    pub reads: Option<Reads>,
}

/// What a declaration depends on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Guard<'p> {
    /// On the environment.
    When(&'p EnvironmentSet),
    /// On a condition, and whether it must hold.
    If(&'p Expr, bool),
    /// On a loop's variable being set.
    For(Slot),
}

/// A declaration and what it depends on.
pub(super) type Guarded<'p, T> = (&'p T, Rc<[Guard<'p>]>);

/// A component's declarations by number.
#[derive(Debug)]
pub(super) struct Layout<'p> {
    /// Resources and what each depends on.
    pub resources: Vec<Option<Guarded<'p, Resource>>>,
    /// Instances and what each depends on.
    pub instances: Vec<Option<Guarded<'p, Instance>>>,
}

impl<'p> Layout<'p> {
    pub fn of(component: &'p Component) -> Layout<'p> {
        let mut layout = Layout {
            resources: vec![None; component.resources as usize],
            instances: vec![None; component.instances as usize],
        };
        layout.add(&component.items, &mut Vec::new());
        layout
    }

    fn add(&mut self, items: &'p [Item], guards: &mut Vec<Guard<'p>>) {
        let mut nested = |layout: &mut Layout<'p>, guard, items| {
            guards.push(guard);
            layout.add(items, guards);
            guards.pop();
        };
        for item in items {
            match item {
                Item::When { environments, items } => nested(self, Guard::When(environments), items),
                Item::If { condition, then, otherwise } => {
                    nested(self, Guard::If(condition, true), then);
                    nested(self, Guard::If(condition, false), otherwise);
                }
                Item::For { variable, each, .. } => nested(self, Guard::For(*variable), each),
                Item::Resource(_)
                | Item::Instance(_)
                | Item::Let(_)
                | Item::External { .. }
                | Item::Check(_)
                | Item::Topic(_) => {}
            }
        }
        for item in items {
            match item {
                Item::Resource(resource) => put(&mut self.resources, resource.index, (&**resource, guards[..].into())),
                Item::Instance(instance) => put(&mut self.instances, instance.index, (&**instance, guards[..].into())),
                Item::When { .. }
                | Item::If { .. }
                | Item::For { .. }
                | Item::Let(_)
                | Item::External { .. }
                | Item::Check(_)
                | Item::Topic(_) => {}
            }
        }
    }
}

fn put<T>(places: &mut Vec<Option<T>>, index: u32, item: T) {
    let index = index as usize;
    if places.len() <= index {
        places.resize_with(index + 1, || None);
    }
    places[index] = Some(item);
}

impl<'p> Frame<'p> {
    /// Variables that are all empty.
    pub fn plain(slots: u32) -> Rc<Frame<'p>> {
        let slots = RefCell::new(vec![Variable::Empty; slots as usize]);
        Rc::new(Frame { slots, reads: RefCell::default(), site: None })
    }

    /// Variables of a component, whose `let`s wait to be read.
    pub fn of(
        component: &'p Component,
        layout: Rc<Layout<'p>>,
        outer: Option<(Weak<Frame<'p>>, &'p Instance)>,
        name: Str,
        label: String,
    ) -> Rc<Frame<'p>> {
        let lets = (0..component.slots as usize).map(|slot| lazy(component, slot));
        let site = Site {
            component,
            outer,
            name,
            label,
            objects: RefCell::default(),
            names: RefCell::default(),
            instances: RefCell::default(),
            layout,
        };
        Rc::new(Frame { slots: RefCell::new(lets.collect()), reads: RefCell::default(), site: Some(site) })
    }

    /// Sets a variable.
    pub fn set(&self, slot: Slot, variable: Variable<'p>) {
        if let Some(place) = self.slots.borrow_mut().get_mut(slot.0 as usize) {
            *place = variable;
        }
    }

    /// Sets a variable to a value.
    pub fn bind(&self, slot: Slot, value: Value) {
        self.set(slot, Variable::Value(value));
    }

    /// Notes what a variable was computed from.
    pub fn note(&self, slot: Slot, reads: Option<Reads>) {
        let mut known = self.reads.borrow_mut();
        let at = slot.0 as usize;
        if known.len() <= at {
            known.resize(at + 1, None);
        }
        known[at] = reads;
    }

    /// What a variable was computed from.
    pub fn noted(&self, slot: Slot) -> Option<Reads> {
        self.reads.borrow().get(slot.0 as usize).cloned().flatten()
    }

    /// Sets the variables of a loop.
    pub fn bind_round(&self, key: Option<Slot>, variable: Slot, round: Round) {
        // Not while nothing is traced; what a former round was computed from says nothing of this one.
        if round.reads.is_some() || !self.reads.borrow().is_empty() {
            for slot in key.into_iter().chain([variable]) {
                self.note(slot, round.reads.clone());
            }
        }
        if let Some(key) = key {
            self.bind(key, round.key);
        }
        self.bind(variable, round.value);
    }

    /// Empties a loop's variable after the loop, so that what depends on it is known not to be made.
    pub fn leave_loop(&self, key: Option<Slot>, variable: Slot) {
        if let Some(key) = key {
            self.set(key, Variable::Empty);
        }
        self.set(variable, Variable::Empty);
    }
}

/// Frames of calls that are over. A program calls functions hundreds of times for an object, and a frame takes two
/// allocations.
#[derive(Debug, Default)]
pub(super) struct SpareFrames<'p> {
    frames: Vec<Rc<Frame<'p>>>,
}

impl<'p> SpareFrames<'p> {
    /// A frame like [`Frame::plain`].
    pub fn take(&mut self, slots: u32) -> Rc<Frame<'p>> {
        let Some(frame) = self.frames.pop() else { return Frame::plain(slots) };
        frame.slots.borrow_mut().resize(slots as usize, Variable::Empty);
        frame
    }

    /// Gives a plain frame back after its last use.
    pub fn put(&mut self, mut frame: Rc<Frame<'p>>) {
        // Whoever still holds it goes on using it.
        if let Some(unshared) = Rc::get_mut(&mut frame) {
            unshared.slots.get_mut().clear();
            unshared.reads.get_mut().clear();
            self.frames.push(frame);
        }
    }
}

impl<'p> Site<'p> {
    /// Forgets what an earlier round of a loop made.
    pub fn forget(&self, items: &'p [Item]) {
        for item in items {
            match item {
                Item::Resource(resource) => {
                    self.objects.borrow_mut().remove(&resource.index);
                    self.names.borrow_mut().remove(&resource.index);
                }
                Item::Instance(instance) => {
                    self.instances.borrow_mut().remove(&instance.index);
                }
                Item::When { items, .. } => self.forget(items),
                Item::If { then, otherwise, .. } => {
                    self.forget(then);
                    self.forget(otherwise);
                }
                Item::For { each, .. } => self.forget(each),
                Item::Let(_) | Item::External { .. } | Item::Check(_) | Item::Topic(_) => {}
            }
        }
    }

    /// The instance outside of all components, to which everything in this one belongs.
    pub fn outermost(&self) -> Option<Span> {
        let (outer, instance) = self.outer.as_ref()?;
        let above = outer.upgrade().and_then(|outer| outer.site.as_ref()?.outermost());
        Some(above.unwrap_or(instance.span))
    }

    /// The span to blame for what the component as a whole does.
    pub fn span(&self) -> Option<Span> {
        let (outer, instance) = self.outer.as_ref()?;
        // A component that is included stands for the one that includes it, whose user is to be told.
        match (&instance.label, outer.upgrade()) {
            (None, Some(outer)) => outer.site.as_ref()?.span(),
            (Some(_), _) | (None, None) => Some(instance.span),
        }
    }
}

/// What a component's variable is before anything was read.
pub(super) fn lazy(component: &Component, slot: usize) -> Variable<'_> {
    match component.lazy.get(slot) {
        Some(Some(value)) => Variable::Lazy(value),
        Some(None) | None => Variable::Empty,
    }
}
