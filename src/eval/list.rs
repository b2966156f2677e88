//! Lists and the rounds of loops.

use super::evaluator::{Eval, Evaluator};
use super::frame::{Frame, Round};
use super::origins::Read;
use super::trace::Elements;
use super::value::{Origin, Value};
use crate::core::{Element, Expr};
use std::rc::Rc;

impl<'p> Evaluator<'p> {
    /// A list from its elements.
    pub(super) fn list(&mut self, elements: &'p [Element], frame: &Rc<Frame<'p>>) -> Eval<Value> {
        let mut list = Growing { values: Vec::with_capacity(elements.len()), reads: Vec::new() };
        self.elements(elements, frame, &mut list)?;
        let values = Rc::new(list.values);
        self.trace_elements(&values, list.reads);
        Ok(Value::List(values))
    }

    fn elements(&mut self, elements: &'p [Element], frame: &Rc<Frame<'p>>, list: &mut Growing) -> Eval<()> {
        self.deeper()?;
        let result = self.add_elements(elements, frame, list);
        self.depth -= 1;
        result
    }

    fn add_elements(&mut self, elements: &'p [Element], frame: &Rc<Frame<'p>>, list: &mut Growing) -> Eval<()> {
        for element in elements {
            match element {
                Element::Value(value) => {
                    let mark = self.mark();
                    let value = self.expr(value, frame)?;
                    if !value.is_absent() {
                        self.spend(size_of::<Value>())?;
                        list.values.push(value);
                        if self.is_tracing() {
                            list.reads.push(self.reads_since(mark));
                        }
                    }
                }
                Element::Spread(value) => {
                    let mark = self.mark();
                    let value = self.expr(value, frame)?;
                    self.spend(length(&value) * size_of::<Value>())?;
                    list.values.extend(values(&value));
                    if self.is_tracing() {
                        let reads = self.reads_since(mark);
                        list.reads.extend(self.spread_elements(&value, reads.as_ref(), length(&value)));
                    }
                }
                Element::For { key, variable, iterable, filter, each } => {
                    for round in self.rounds(iterable, frame)? {
                        frame.bind_round(*key, *variable, round);
                        let taken = match filter {
                            Some(filter) => self.condition(filter, frame)?,
                            None => true,
                        };
                        if taken {
                            self.elements(each, frame, list)?;
                        }
                    }
                }
                Element::If { condition, then } => {
                    if self.condition(condition, frame)? {
                        self.elements(then, frame, list)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Index or key and element of each round of a loop.
    pub(super) fn rounds(&mut self, iterable: &'p Expr, frame: &Rc<Frame<'p>>) -> Eval<Vec<Round>> {
        let mark = self.mark();
        let iterable = self.expr(iterable, frame)?;
        let reads = self.trace_rounds(mark, &iterable);
        let rounds: Vec<(Value, Value, Origin)> = match &iterable {
            Value::List(list) => {
                (0..).zip(list.iter()).map(|(at, item)| (Value::Int(at), item.clone(), Origin::NONE)).collect()
            }
            Value::Keyed(keyed) => {
                let entries = keyed.items.entries().iter();
                entries.map(|e| (Value::Str(e.key.clone()), keyed.item(e), e.origin)).collect()
            }
            Value::Map(map) => {
                map.entries().iter().map(|e| (Value::Str(e.key.clone()), e.value.clone(), e.origin)).collect()
            }
            // Over what is absent there is nothing to do; the checker lets nothing else be looped over.
            Value::Absent
            | Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Str(_)
            | Value::Memory(_)
            | Value::Cpu(_)
            | Value::Duration(_)
            | Value::Secret(_) => Vec::new(),
        };
        self.toil(rounds.len())?;
        let mut reads = reads.into_iter();
        let is_keyed = matches!(iterable, Value::Keyed(_));
        let round = |(key, value, origin)| {
            let reads = reads.next().flatten();
            // An item has its label in it, and what is read of the item is read of that.
            let reads = match reads.as_deref() {
                Some([only]) if is_keyed => Some(Rc::from([Read { value: Value::clone(&value), ..only.clone() }])),
                Some(_) | None => reads,
            };
            Round { key, value, origin, reads }
        };
        Ok(rounds.into_iter().map(round).collect())
    }
}

/// A list that is being made.
struct Growing {
    values: Vec<Value>,
    // What each was computed from; empty but while tracing.
    reads: Elements,
}

/// How many values [`values`] gives.
pub(super) fn length(value: &Value) -> usize {
    match value {
        Value::List(list) => list.len(),
        Value::Keyed(keyed) => keyed.items.len(),
        Value::Map(map) => map.len(),
        Value::Absent
        | Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Str(_)
        | Value::Memory(_)
        | Value::Cpu(_)
        | Value::Duration(_)
        | Value::Secret(_) => 0,
    }
}

/// The elements of a list, the items of a keyed list, the values of a map.
pub(super) fn values(value: &Value) -> Vec<Value> {
    match value {
        Value::List(list) => list.to_vec(),
        Value::Keyed(keyed) => keyed.written().collect(),
        Value::Map(map) => map.entries().iter().map(|entry| entry.value.clone()).collect(),
        Value::Absent
        | Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Str(_)
        | Value::Memory(_)
        | Value::Cpu(_)
        | Value::Duration(_)
        | Value::Secret(_) => Vec::new(),
    }
}
