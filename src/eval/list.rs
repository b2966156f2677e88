//! Lists and the rounds of loops.

use super::evaluator::{Eval, Evaluator};
use super::frame::Frame;
use super::value::Value;
use crate::core::{Element, Expr};
use std::rc::Rc;

impl<'p> Evaluator<'p> {
    /// A list from its elements.
    pub(super) fn list(&mut self, elements: &'p [Element], frame: &Rc<Frame<'p>>) -> Eval<Value> {
        let mut list = Vec::with_capacity(elements.len());
        self.elements(elements, frame, &mut list)?;
        Ok(Value::List(Rc::new(list)))
    }

    fn elements(&mut self, elements: &'p [Element], frame: &Rc<Frame<'p>>, list: &mut Vec<Value>) -> Eval<()> {
        self.deeper()?;
        let result = self.add_elements(elements, frame, list);
        self.depth -= 1;
        result
    }

    fn add_elements(&mut self, elements: &'p [Element], frame: &Rc<Frame<'p>>, list: &mut Vec<Value>) -> Eval<()> {
        for element in elements {
            match element {
                Element::Value(value) => {
                    let value = self.expr(value, frame)?;
                    if !value.is_absent() {
                        self.spend(size_of::<Value>())?;
                        list.push(value);
                    }
                }
                Element::Spread(value) => {
                    let value = self.expr(value, frame)?;
                    self.spend(length(&value) * size_of::<Value>())?;
                    list.extend(values(&value));
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
    pub(super) fn rounds(&mut self, iterable: &'p Expr, frame: &Rc<Frame<'p>>) -> Eval<Vec<(Value, Value)>> {
        let iterable = self.expr(iterable, frame)?;
        let rounds: Vec<(Value, Value)> = match &iterable {
            Value::List(list) => (0..).map(Value::Int).zip(list.iter().cloned()).collect(),
            Value::Keyed(keyed) => {
                keyed.items.entries().iter().map(|e| (Value::Str(e.key.clone()), keyed.item(e))).collect()
            }
            Value::Map(map) => map.entries().iter().map(|e| (Value::Str(e.key.clone()), e.value.clone())).collect(),
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
        Ok(rounds)
    }
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
