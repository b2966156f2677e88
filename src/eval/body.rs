//! Bodies: the entries of a block, layer by layer.

use super::evaluator::{Eval, Evaluator, Failed};
use super::frame::{Frame, Variable};
use super::merge::{Setter, Setting};
use super::value::{Entry as Item, Map, Rank, Str, Value};
use crate::core::{Body, Container, Entry, Expr, Key, Layer, PlaceId, Shape, Step};
use crate::diagnostic::{Code, Diagnostic};
use std::rc::Rc;

/// The path that is wanted of a body; empty for all of it.
pub(super) type Filter = &'static [&'static str];

/// One pass over a body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass {
    layer: Layer,
    rank: Rank,
    // Whether the entries at hand belong to the layer: in the stronger layers, only what stands in a `when`.
    active: bool,
    filter: Filter,
}

impl Pass {
    pub fn new(layer: Layer, depth: usize, filter: Filter) -> Pass {
        let strength = match layer {
            Layer::Base => 0,
            Layer::Group => 1,
            Layer::Environment => 2,
        };
        Pass { layer, rank: Rank::new(depth, strength), active: layer == Layer::Base, filter }
    }
}

/// The layers, weakest first.
pub(super) const LAYERS: [Layer; 3] = [Layer::Base, Layer::Group, Layer::Environment];

impl<'p> Evaluator<'p> {
    /// Runs a body's passes over a map.
    pub(super) fn fill(
        &mut self,
        body: &'p Body,
        frame: &Rc<Frame<'p>>,
        map: &mut Map,
        container: Container,
        filter: Filter,
    ) -> Eval<()> {
        let mut result = Ok(());
        for layer in LAYERS {
            if layer == Layer::Base || body.layered {
                let pass = Pass::new(layer, 0, filter);
                result = self.entries(&body.entries, frame, map, container, pass).and(result);
            }
        }
        result
    }

    /// A block as a value.
    pub(super) fn record(
        &mut self,
        body: &'p Body,
        frame: &Rc<Frame<'p>>,
        container: Container,
        filter: Filter,
    ) -> Eval<Value> {
        let mut map = Map::with_capacity(body.entries.len());
        self.fill(body, frame, &mut map, container, filter)?;
        Ok(self.contain(map, container))
    }

    fn contain(&mut self, map: Map, container: Container) -> Value {
        match container {
            Container::Map => Value::Map(Rc::new(map)),
            Container::Keyed(field) => {
                Value::Keyed(Rc::new(super::value::Keyed { field: self.name(field).clone(), items: map }))
            }
        }
    }

    /// A constant block as a value; evaluated once, and once for each environment where it has layers.
    pub(super) fn constant_record(
        &mut self,
        body: &'p Body,
        frame: &Rc<Frame<'p>>,
        container: Container,
        shape: &Shape,
        at: crate::source::Span,
    ) -> Eval<Value> {
        // Defaults and checks may depend on the environment.
        let environment = (body.layered || *shape != Shape::Plain).then_some(self.environment);
        let key = (std::ptr::from_ref(body) as usize, environment);
        if let Some(value) = self.bodies.get(&key) {
            return Ok(value.clone());
        }
        self.origins.keep();
        let value = self.record(body, frame, container, &[]).and_then(|value| self.complete(value, shape, at));
        self.origins.release();
        let value = value?;
        self.bodies.insert(key, value.clone());
        Ok(value)
    }

    /// The value of a constant body that is opened in a place where nothing is yet.
    fn constant_part(
        &mut self,
        body: &'p Body,
        frame: &Rc<Frame<'p>>,
        container: Container,
        pass: Pass,
    ) -> Eval<Value> {
        // A body always has the same rank: it stands in one place of one declaration.
        let key = (std::ptr::from_ref(body) as usize, None);
        if let Some(value) = self.bodies.get(&key) {
            return Ok(value.clone());
        }
        self.origins.keep();
        let mut map = Map::with_capacity(body.entries.len());
        let result = self.entries(&body.entries, frame, &mut map, container, pass);
        self.origins.release();
        result?;
        let value = self.contain(map, container);
        self.bodies.insert(key, value.clone());
        Ok(value)
    }

    /// Runs one pass over entries. Goes on after a mistake, to find the others.
    pub(super) fn entries(
        &mut self,
        entries: &'p [Entry],
        frame: &Rc<Frame<'p>>,
        map: &mut Map,
        container: Container,
        pass: Pass,
    ) -> Eval<()> {
        self.deeper()?;
        let mut result = Ok(());
        let mut unsets = false;
        for entry in entries {
            unsets |= matches!(entry, Entry::Unset { .. });
            result = self.entry(entry, frame, map, container, pass).and(result);
        }
        // What is unset goes after all else of its layer, so that it does not matter where it stands.
        if unsets && pass.active && pass.filter.is_empty() {
            for entry in entries {
                if let Entry::Unset { path, place } = entry {
                    result = self.unset(map, path, *place, frame).and(result);
                }
            }
        }
        self.depth -= 1;
        result
    }

    fn entry(
        &mut self,
        entry: &'p Entry,
        frame: &Rc<Frame<'p>>,
        map: &mut Map,
        container: Container,
        pass: Pass,
    ) -> Eval<()> {
        match entry {
            Entry::Set { path, value, place } if pass.active => {
                let Some(filter) = self.admit(path, frame, pass.filter)? else { return Ok(()) };
                let mark = self.mark();
                let conditions = self.leave_conditions();
                let value = self.wanted(value, frame, filter);
                self.enter_conditions(conditions);
                let value = value?;
                let origin = self.origin_of(*place, mark);
                if value.is_absent() {
                    return Ok(());
                }
                let setter = Setter { place: *place, rank: pass.rank, origin };
                let (map, container, key) = self.walk(map, container, path, frame, setter)?;
                self.set(map, container, Setting { key, value, setter })
            }
            Entry::Open { path, body, container: inner, place } if pass.active || body.layered => {
                let Some(filter) = self.admit(path, frame, pass.filter)? else { return Ok(()) };
                let setter = Setter::new(*place, pass.rank);
                let (map, _, key) = self.walk(map, container, path, frame, setter)?;
                if body.constant && !body.layered && filter.is_empty() && map.position(&key).is_none() {
                    let value = self.constant_part(body, frame, *inner, pass)?;
                    self.spend(size_of::<Item>())?;
                    let origin = super::value::Origin(place.0);
                    map.push(Item { key, value, origin, rank: pass.rank.opened() });
                    return Ok(());
                }
                let map = self.descend(map, key, *inner, setter)?;
                if map.is_empty() && filter.is_empty() {
                    map.reserve(body.entries.len());
                }
                self.entries(&body.entries, frame, map, *inner, Pass { filter, ..pass })
            }
            Entry::Spread { value, place } if pass.active => {
                let value = self.wanted(value, frame, pass.filter)?;
                let setter = Setter::new(*place, pass.rank);
                self.spread_value(map, container, &value, setter, pass.filter)
            }
            Entry::Let { slot, value } => {
                frame.set(*slot, Variable::Lazy(value));
                Ok(())
            }
            Entry::When { environments, layer, entries } => {
                if *layer == pass.layer && environments.contains(self.environment) {
                    self.entries(entries, frame, map, container, Pass { active: true, ..pass })
                } else {
                    Ok(())
                }
            }
            Entry::If { condition, then, otherwise } => {
                if !pass.active && !layered(then) && !layered(otherwise) {
                    return Ok(());
                }
                let mark = self.mark();
                let entries = if self.condition(condition, frame)? { then } else { otherwise };
                let before = self.under_condition(mark);
                let result = self.entries(entries, frame, map, container, pass);
                self.after_condition(before);
                result
            }
            Entry::For { key, variable, iterable, filter, each } => {
                if !pass.active && !layered(each) {
                    return Ok(());
                }
                let mut result = Ok(());
                for round in self.rounds(iterable, frame)? {
                    frame.bind_round(*key, *variable, round);
                    let taken = match filter {
                        Some(filter) => self.condition(filter, frame),
                        None => Ok(true),
                    };
                    let done = match taken {
                        Ok(true) => self.entries(each, frame, map, container, pass),
                        Ok(false) => Ok(()),
                        Err(Failed) => Err(Failed),
                    };
                    result = done.and(result);
                }
                result
            }
            // These do not belong to the layer at hand; `unset` comes at the end.
            Entry::Set { .. } | Entry::Open { .. } | Entry::Spread { .. } | Entry::Unset { .. } => Ok(()),
        }
    }

    /// An expression, of which only a part may be wanted.
    fn wanted(&mut self, value: &'p Expr, frame: &Rc<Frame<'p>>, filter: Filter) -> Eval<Value> {
        if let (Expr::Record { body, container, .. }, false) = (value, filter.is_empty()) {
            return self.record(body, frame, *container, filter);
        }
        self.expr(value, frame)
    }

    fn spread_value(
        &mut self,
        map: &mut Map,
        container: Container,
        value: &Value,
        setter: Setter,
        filter: Filter,
    ) -> Eval<()> {
        match value {
            Value::Map(source) => match filter.first().map(|key| source.entry(key)) {
                None => self.spread(map, container, source, setter),
                Some(None) => Ok(()),
                Some(Some(entry)) => {
                    let mut one = Map::with_capacity(1);
                    one.push(entry.clone());
                    self.spread(map, container, &one, setter)
                }
            },
            Value::Keyed(source) => self.spread(map, container, &source.items, setter),
            Value::List(list) => {
                let Container::Keyed(field) = container else { return Ok(()) };
                let field = self.name(field).clone();
                match super::merge::keyed(list, &field) {
                    Some(source) => self.spread(map, container, &source.items, setter),
                    None => {
                        let message = format!("the list cannot be spread here: not every item has its own `{field}`");
                        self.fail(Diagnostic::error(Code::InvalidValue, message, self.span(setter.place)))
                    }
                }
            }
            // The checker lets only maps and what may be absent be spread.
            Value::Absent
            | Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Str(_)
            | Value::Memory(_)
            | Value::Cpu(_)
            | Value::Duration(_)
            | Value::Secret(_) => Ok(()),
        }
    }

    /// Whether a path leads to, or through, what is wanted; and what is wanted below it.
    fn admit(&mut self, path: &'p [Step], frame: &Rc<Frame<'p>>, filter: Filter) -> Eval<Option<Filter>> {
        let mut rest = filter;
        for step in path {
            let Some((wanted, below)) = rest.split_first() else { break };
            let key = self.key(&step.key, frame)?;
            if *key != **wanted {
                return Ok(None);
            }
            rest = below;
        }
        Ok(Some(rest))
    }

    pub(super) fn key(&mut self, key: &'p Key, frame: &Rc<Frame<'p>>) -> Eval<Str> {
        match key {
            Key::Static(sym) => Ok(self.name(*sym).clone()),
            Key::Computed(expr) => self.string(expr, frame),
        }
    }

    /// The map that a path's last key is in, made where it is missing, and that key.
    fn walk<'m>(
        &mut self,
        mut map: &'m mut Map,
        container: Container,
        path: &'p [Step],
        frame: &Rc<Frame<'p>>,
        setter: Setter,
    ) -> Eval<(&'m mut Map, Container, Str)> {
        let Some((last, before)) = path.split_last() else {
            return Err(Failed);
        };
        for (at, step) in before.iter().enumerate() {
            let key = self.key(&step.key, frame)?;
            map = self.descend(map, key, path[at + 1].container, setter)?;
        }
        let container = if before.is_empty() { container } else { last.container };
        Ok((map, container, self.key(&last.key, frame)?))
    }

    /// Removes what lies at a path.
    fn unset(&mut self, map: &mut Map, path: &'p [Step], place: PlaceId, frame: &Rc<Frame<'p>>) -> Eval<()> {
        let Some((last, before)) = path.split_last() else {
            return Err(Failed);
        };
        let mut inside = Some(map);
        for step in before {
            let key = self.key(&step.key, frame)?;
            inside = inside.and_then(|map| {
                let at = map.position(&key)?;
                match &mut map.entry_mut(at).value {
                    Value::Map(map) => Some(Rc::make_mut(map)),
                    Value::Keyed(keyed) => Some(&mut Rc::make_mut(keyed).items),
                    Value::Absent
                    | Value::Null
                    | Value::Bool(_)
                    | Value::Int(_)
                    | Value::Float(_)
                    | Value::Str(_)
                    | Value::Memory(_)
                    | Value::Cpu(_)
                    | Value::Duration(_)
                    | Value::Secret(_)
                    | Value::List(_) => None,
                }
            });
        }
        let key = self.key(&last.key, frame)?;
        if inside.and_then(|map| map.remove(&key)).is_some() {
            return Ok(());
        }
        // What should be there may have failed.
        if self.reported {
            return Err(Failed);
        }
        let diagnostic = Diagnostic::error(Code::NothingThere, format!("no `{key}` is set here"), self.span(place));
        self.fail(diagnostic.label("nothing to unset"))
    }

    /// Whether a body sets anything in this environment.
    pub(super) fn sets_anything(&mut self, entries: &'p [Entry], frame: &Rc<Frame<'p>>) -> Eval<bool> {
        for entry in entries {
            let sets = match entry {
                Entry::Set { .. } | Entry::Unset { .. } | Entry::Spread { .. } => true,
                Entry::Open { body, .. } => body.entries.is_empty() || self.sets_anything(&body.entries, frame)?,
                Entry::Let { slot, value } => {
                    frame.set(*slot, Variable::Lazy(value));
                    false
                }
                Entry::When { environments, entries, .. } => {
                    environments.contains(self.environment) && self.sets_anything(entries, frame)?
                }
                Entry::If { condition, then, otherwise } => {
                    let entries = if self.condition(condition, frame)? { then } else { otherwise };
                    self.sets_anything(entries, frame)?
                }
                Entry::For { key, variable, iterable, filter, each } => {
                    let mut any = false;
                    for round in self.rounds(iterable, frame)? {
                        frame.bind_round(*key, *variable, round);
                        let taken = match filter {
                            Some(filter) => self.condition(filter, frame)?,
                            None => true,
                        };
                        any = any || (taken && self.sets_anything(each, frame)?);
                    }
                    any
                }
            };
            if sets {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether a `when` stands anywhere in the entries.
fn layered(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| match entry {
        Entry::When { .. } => true,
        Entry::Open { body, .. } => body.layered,
        Entry::If { then, otherwise, .. } => layered(then) || layered(otherwise),
        Entry::For { each, .. } => layered(each),
        Entry::Set { .. } | Entry::Unset { .. } | Entry::Spread { .. } | Entry::Let { .. } => false,
    })
}
