//! Tracing: what every setting was computed from. On only to explain values; all other runs pay a look at an `Option`.
//!
//! While an expression is evaluated, what it reads is gathered: entries of maps, values of modules, names of objects,
//! files. A setting keeps what was gathered for its value, a variable what was gathered for its own, and hands that on
//! to whoever reads it. A block gathers nothing for those outside: its entries have settings of their own.

use super::evaluator::Evaluator;
use super::frame::Frame;
use super::origins::{By, Read, Reads};
use super::value::{Entry, Map, Origin, Str, Value};
use crate::core::{Expr, GlobalId, PlaceId, Resource, SchemaField, Slot};
use crate::host::normal_path;
use crate::source::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::Cell;
use std::rc::Rc;

/// Of what is read at once no more is kept.
const MOST: usize = 500;
/// Of all that is read no more is kept.
const MOST_KEPT: usize = 4_000_000;
/// Of what is read within one expression no more is gathered.
const MOST_GATHERED: usize = 50_000;

/// What is known beside the values while tracing.
#[derive(Debug, Default)]
pub(super) struct Trace {
    // What the expressions under evaluation have read so far.
    reads: Vec<Read>,
    // What the conditions around the entry at hand have read, in the body that it stands in.
    conditions: Vec<Read>,
    // Where each value of a module came from, by environment.
    globals: FxHashMap<(u32, u32), Origin>,
    // What each element of a list was computed from, by the list's address; the list is kept so that it stays its own.
    elements: FxHashMap<*const Vec<Value>, (Rc<Vec<Value>>, Elements)>,
    // Where the name of each object came from that was asked for before the object.
    names: FxHashMap<(*const Frame<'static>, u32), Origin>,
    made: Vec<Made>,
    // How much of what was read is kept.
    kept: Cell<usize>,
}

/// What each element of a list was computed from.
pub(super) type Elements = Vec<Option<Reads>>;

/// How an object came to be.
#[derive(Debug)]
pub struct Made {
    /// The object's fields, by whose address it is found.
    pub fields: Rc<Map>,
    /// Where its resource is declared.
    pub declared: Span,
    /// The instances around it, outermost first: where each stands.
    pub instances: Vec<Span>,
    /// Who set `metadata.namespace`, where somebody did.
    pub namespace: Option<Origin>,
}

/// Where gathering began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark(usize);

impl<'p> Evaluator<'p> {
    /// Another evaluator of the same program, with the same params, in which every setting remembers what it was
    /// computed from.
    #[must_use]
    pub fn tracing(&self) -> Evaluator<'p> {
        let mut other = Evaluator::new(self.program, self.files, self.host, self.api, self.print_yaml);
        other.params.clone_from(&self.params);
        other.trace = Some(Box::default());
        other.origins.start_tracing();
        other
    }

    /// What an entry's setting was computed from, and whom it overrode; only while tracing.
    #[must_use]
    pub fn traced(&self, origin: Origin) -> Option<&super::Traced> {
        self.origins.traced(origin)
    }

    /// How an object came to be that was made while tracing.
    #[must_use]
    pub fn made(&self, fields: &Rc<Map>) -> Option<&Made> {
        self.trace.as_ref()?.made.iter().find(|made| Rc::ptr_eq(&made.fields, fields))
    }

    /// What an element of a list was computed from: `Some(None)` for nothing, `None` where no more is known than of the
    /// list as a whole.
    #[must_use]
    pub fn element_reads(&self, list: &Rc<Vec<Value>>, at: usize) -> Option<Option<Reads>> {
        self.trace.as_ref()?.elements.get(&Rc::as_ptr(list))?.1.get(at).cloned()
    }

    pub(super) fn is_tracing(&self) -> bool {
        self.trace.is_some()
    }

    /// Begins to gather.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.trace.as_ref().map_or(0, |trace| trace.reads.len()))
    }

    /// What was read since the mark, for whoever it was computed for; it stays gathered.
    pub(super) fn reads_since(&self, mark: Mark) -> Option<Reads> {
        let trace = self.trace.as_ref().filter(|trace| trace.kept.get() < MOST_KEPT)?;
        let reads = trace.reads.get(mark.0..)?;
        let mut seen = FxHashSet::default();
        let once = reads.iter().filter(|read| seen.insert((read.origin, read.path.clone())));
        let reads: Vec<Read> = once.take(MOST).cloned().collect();
        trace.kept.set(trace.kept.get() + reads.len());
        (!reads.is_empty()).then(|| reads.into())
    }

    /// What was read since the mark; it concerns nobody else.
    pub(super) fn take_reads(&mut self, mark: Mark) -> Option<Reads> {
        let reads = self.reads_since(mark);
        self.forget_reads(mark);
        reads
    }

    /// What was read since the mark concerns nobody.
    pub(super) fn forget_reads(&mut self, mark: Mark) {
        if let Some(trace) = &mut self.trace {
            trace.reads.truncate(mark.0);
        }
    }

    fn gather(&mut self, read: Read) {
        if let Some(trace) = &mut self.trace
            && trace.reads.len() < MOST_GATHERED
        {
            trace.reads.push(read);
        }
    }

    fn gather_all(&mut self, reads: &Reads) {
        for read in &**reads {
            self.gather(read.clone());
        }
    }

    /// Takes what the conditions around have read away from what is evaluated next: a block of its own.
    pub(super) fn leave_conditions(&mut self) -> Vec<Read> {
        self.trace.as_mut().map(|trace| std::mem::take(&mut trace.conditions)).unwrap_or_default()
    }

    /// Gives it back.
    pub(super) fn enter_conditions(&mut self, conditions: Vec<Read>) {
        if let Some(trace) = &mut self.trace {
            trace.conditions = conditions;
        }
    }

    /// What was read since the mark decides over the entries that follow; how many conditions there were before.
    pub(super) fn under_condition(&mut self, mark: Mark) -> usize {
        let reads = self.take_reads(mark);
        let Some(trace) = &mut self.trace else { return 0 };
        let before = trace.conditions.len();
        trace.conditions.extend(reads.iter().flat_map(|reads| reads.iter().cloned()));
        before
    }

    /// The entries under a condition are over.
    pub(super) fn after_condition(&mut self, before: usize) {
        if let Some(trace) = &mut self.trace {
            trace.conditions.truncate(before);
        }
    }

    /// The origin of what a place sets, computed from what was read since the mark.
    pub(super) fn origin_of(&mut self, place: PlaceId, mark: Mark) -> Origin {
        if !self.is_tracing() {
            return Origin(place.0);
        }
        let reads = self.take_reads(mark);
        self.traced_origin(By::Place(place), reads)
    }

    fn traced_origin(&mut self, by: By, reads: Option<Reads>) -> Origin {
        let conditions = self.trace.as_ref().map(|trace| trace.conditions.as_slice()).unwrap_or_default();
        let conditions: Option<Reads> = (!conditions.is_empty()).then(|| conditions.into());
        self.origins.trace(by, reads, conditions)
    }

    /// The origin of an entry that a place spreads.
    pub(super) fn spread_origin(&mut self, place: PlaceId, entry: &Entry) -> Origin {
        if !self.is_tracing() {
            return Origin(place.0);
        }
        let read = Read { path: entry.key.clone(), origin: entry.origin, value: entry.value.clone() };
        self.traced_origin(By::Place(place), Some(Rc::from([read])))
    }

    /// A variable was bound to what was read since the mark.
    pub(super) fn note_variable(&self, frame: &Frame<'p>, slot: Slot, reads: Option<Reads>) {
        if self.is_tracing() {
            frame.note(slot, reads);
        }
    }

    /// A variable is read, and with it what it was computed from.
    pub(super) fn trace_local(&mut self, frame: &Frame<'p>, slot: Slot) {
        if self.is_tracing()
            && let Some(reads) = frame.noted(slot)
        {
            self.gather_all(&reads);
        }
    }

    /// A part of a value is read, which stands for what was read to get at the value itself.
    pub(super) fn trace_part(&mut self, base: &Value, key: &str, value: &Value) {
        let (path, outer) = self.path_of_part(base, key);
        let origin = entry_of(base, key).map_or(Origin::NONE, |entry| entry.origin);
        let origin = if origin == Origin::NONE && !value.is_absent() { outer } else { origin };
        self.gather(Read { path, origin, value: value.clone() });
    }

    /// An element of a list or entry of a map is read by a computed index.
    pub(super) fn trace_index(&mut self, base: &Value, index: &Value, value: &Value) {
        match (base, index) {
            (_, Value::Str(key)) => self.trace_part(base, &key.clone(), value),
            (Value::List(list), Value::Int(at)) => {
                let position = usize::try_from(*at).unwrap_or(usize::MAX);
                match self.element_reads(list, position) {
                    Some(reads) => {
                        self.path_of_part(base, "");
                        reads.iter().for_each(|reads| self.gather_all(reads));
                    }
                    None => self.trace_part(base, &format!("[{at}]"), value),
                }
            }
            (_, _) => {}
        }
    }

    /// The path to a part of the value that was read last, which is taken away, and the origin of that value.
    fn path_of_part(&mut self, base: &Value, key: &str) -> (Str, Origin) {
        let Some(trace) = &mut self.trace else { return (Str::from(key), Origin::NONE) };
        match trace.reads.last() {
            Some(last) if is_same(&last.value, base) => {
                let path = joined(&last.path, key);
                let origin = last.origin;
                trace.reads.pop();
                (path, origin)
            }
            Some(_) | None => (Str::from(key), Origin::NONE),
        }
    }

    /// What each round of a loop over a value reads, in order.
    pub(super) fn trace_rounds(&mut self, mark: Mark, iterable: &Value) -> Elements {
        if !self.is_tracing() {
            return Vec::new();
        }
        let all = self.take_reads(mark);
        let whole = all.as_ref().and_then(|reads| reads.iter().find(|read| is_same(&read.value, iterable)).cloned());
        let path = |key: &str| whole.as_ref().map_or_else(|| Str::from(key), |whole| joined(&whole.path, key));
        match iterable {
            Value::List(list) => {
                let element = |(at, value): (usize, &Value)| {
                    if let Some(reads) = self.element_reads(list, at) {
                        return reads;
                    }
                    let whole = whole.as_ref();
                    let read = whole.map(|whole| Read {
                        path: path(&format!("[{at}]")),
                        origin: whole.origin,
                        value: value.clone(),
                    });
                    read.map(|read| Rc::from([read])).or_else(|| all.clone())
                };
                list.iter().enumerate().map(element).collect()
            }
            other => entries_of(other)
                .iter()
                .map(|entry| {
                    let read = Read { path: path(&entry.key), origin: entry.origin, value: entry.value.clone() };
                    Some(Rc::from([read]))
                })
                .collect(),
        }
    }

    /// What the elements of a list were computed from is known.
    pub(super) fn trace_elements(&mut self, list: &Rc<Vec<Value>>, elements: Elements) {
        if let Some(trace) = &mut self.trace
            && elements.len() == list.len()
        {
            trace.elements.insert(Rc::as_ptr(list), (list.clone(), elements));
        }
    }

    /// What `count` elements are computed from that a list takes over from another value.
    pub(super) fn spread_elements(&self, value: &Value, reads: Option<&Reads>, count: usize) -> Elements {
        let of = |at: usize| match value {
            Value::List(list) => self.element_reads(list, at),
            _ => None,
        };
        (0..count).map(|at| of(at).unwrap_or_else(|| reads.cloned())).collect()
    }

    /// A function of the language was called: it reads all that is in its arguments, and perhaps a file.
    pub(super) fn trace_builtin(&mut self, arguments: &[Value], file: Option<(&str, Span)>) {
        if !self.is_tracing() {
            return;
        }
        for argument in arguments {
            self.trace_inside(argument, "");
        }
        if let Some((path, span)) = file {
            let source = self.files.get(span.file).name.as_str();
            let directory = source.rsplit_once('/').map_or("", |(directory, _)| directory);
            let name: Str = normal_path(directory, path).unwrap_or_else(|| path.to_owned()).into();
            let origin = self.traced_origin(By::File(name), None);
            self.gather(Read { path: format!("file({path:?})").into(), origin, value: Value::Absent });
        }
    }

    /// A value has the entries of another, which was read last: what is read of it is read of that.
    pub(super) fn trace_reshaped(&mut self, from: &Value, to: &Value) {
        if let Some(last) = self.trace.as_mut().and_then(|trace| trace.reads.last_mut())
            && is_same(&last.value, from)
        {
            last.value = to.clone();
        }
    }

    fn trace_inside(&mut self, value: &Value, path: &str) {
        if self.trace.as_ref().is_none_or(|trace| trace.reads.len() >= MOST_GATHERED) {
            return;
        }
        if let Value::List(list) = value {
            for (at, item) in list.iter().enumerate() {
                match self.element_reads(list, at) {
                    Some(Some(reads)) => self.gather_all(&reads),
                    Some(None) | None => self.trace_inside(item, path),
                }
            }
        }
        for entry in entries_of(value) {
            let path = joined(path, &entry.key);
            if entries_of(&entry.value).is_empty() {
                self.gather(Read { path, origin: entry.origin, value: entry.value.clone() });
            } else {
                self.trace_inside(&entry.value, &path);
            }
        }
    }

    /// The values of a data file come from it, each entry.
    pub(super) fn trace_data(&mut self, value: &mut Value, path: &str, span: Span) {
        if !self.is_tracing() {
            return;
        }
        let source = self.files.get(span.file).name.as_str();
        let directory = source.rsplit_once('/').map_or("", |(directory, _)| directory);
        let name: Str = normal_path(directory, path).unwrap_or_else(|| path.to_owned()).into();
        self.place_data(value, &name, &mut Vec::new());
    }

    fn place_data(&mut self, value: &mut Value, file: &Str, path: &mut Vec<DataStep>) {
        match value {
            Value::List(list) => {
                for (at, item) in Rc::make_mut(list).iter_mut().enumerate() {
                    path.push(DataStep::Index(at));
                    self.place_data(item, file, path);
                    path.pop();
                }
            }
            Value::Map(map) => {
                for entry in Rc::make_mut(map).entries_mut() {
                    path.push(DataStep::Key(entry.key.clone()));
                    let by = By::Data { file: file.clone(), path: path.clone() };
                    entry.origin = self.traced_origin(by, None);
                    self.place_data(&mut entry.value, file, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// A value of a module was computed, from outside or from what was read since the mark.
    pub(super) fn trace_global(&mut self, id: GlobalId, mark: Mark) {
        if !self.is_tracing() {
            return;
        }
        let reads = self.take_reads(mark);
        let by = if self.params.contains_key(&id) { By::Outside(id) } else { By::Global(id) };
        let conditions = self.leave_conditions();
        let origin = self.traced_origin(by, reads);
        self.enter_conditions(conditions);
        if let Some(trace) = &mut self.trace {
            trace.globals.insert((self.environment.0, id.0), origin);
        }
    }

    /// A value of a module is read.
    pub(super) fn trace_read_of_global(&mut self, id: GlobalId, value: &Value) {
        let Some(trace) = &self.trace else { return };
        let origin = trace.globals.get(&(self.environment.0, id.0)).copied().unwrap_or(Origin::NONE);
        let path = Str::from(&*self.program.globals[id.0 as usize].name);
        self.gather(Read { path, origin, value: value.clone() });
    }

    /// What the environment says is read.
    pub(super) fn trace_environment(&mut self, member: &str, value: &Value) {
        if self.is_tracing() {
            let origin = self.traced_origin(By::Environment(self.environment), None);
            let path = format!("environment.{member}").into();
            self.gather(Read { path, origin, value: value.clone() });
        }
    }

    /// The origin of a name that a declaration has by its label.
    pub(super) fn label_origin(&mut self, span: Span) -> Origin {
        if self.is_tracing() { self.traced_origin(By::Label(span), None) } else { Origin::NONE }
    }

    /// An instance's name is known: from its label, or computed from what was read since the mark.
    pub(super) fn trace_instance_name(&mut self, frame: &Frame<'p>, slot: Slot, name: &Str, span: Span, mark: Mark) {
        if self.is_tracing() {
            let reads = self.take_reads(mark);
            let origin = self.traced_origin(By::Label(span), reads);
            let read = Read { path: "name".into(), origin, value: Value::Str(name.clone()) };
            frame.note(slot, Some(Rc::from([read])));
        }
    }

    /// The name of an object was computed before the object.
    pub(super) fn trace_name(&mut self, resource: &Resource, frame: &Rc<Frame<'p>>, fields: &Map) {
        if self.is_tracing() {
            let origin = match name_entry(fields) {
                Some(entry) => entry.origin,
                None => self.label_origin(resource.span),
            };
            if let Some(trace) = &mut self.trace {
                trace.names.insert((Rc::as_ptr(frame).cast(), resource.index), origin);
            }
        }
    }

    /// Something of an object is read.
    pub(super) fn trace_object(&mut self, resource: &Resource, frame: &Rc<Frame<'p>>, field: &str, value: &Value) {
        if !self.is_tracing() {
            return;
        }
        let path: Str = self.resource_path(resource, frame, field).into();
        let finished = frame.site.as_ref().and_then(|site| match site.objects.borrow().get(&resource.index) {
            Some(super::frame::Known::Done(finished)) => name_entry(&finished.fields).map(|entry| entry.origin),
            Some(_) | None => None,
        });
        let origin = match field {
            ".name" => {
                let key = (Rc::as_ptr(frame).cast(), resource.index);
                let known = self.trace.as_ref().and_then(|trace| trace.names.get(&key).copied());
                finished.or(known).unwrap_or(Origin::NONE)
            }
            ".namespace" => self.traced_origin(By::Environment(self.environment), None),
            _ => self.label_origin(resource.span),
        };
        self.gather(Read { path, origin, value: value.clone() });
    }

    /// An object is finished.
    pub(super) fn trace_made(
        &mut self,
        resource: &Resource,
        frame: &Rc<Frame<'p>>,
        fields: &Rc<Map>,
        namespace: Option<Origin>,
    ) {
        if !self.is_tracing() {
            return;
        }
        let mut instances = Vec::new();
        let mut inner = Some(frame.clone());
        while let Some((outer, instance)) = inner.as_ref().and_then(|frame| frame.site.as_ref()?.outer.clone()) {
            instances.insert(0, instance.span);
            inner = outer.upgrade();
        }
        if let Some(trace) = &mut self.trace {
            trace.made.push(Made { fields: fields.clone(), declared: resource.span, instances, namespace });
        }
    }

    /// A field of a record is known to what the schema computes after it.
    pub(super) fn trace_field(&self, frame: &Frame<'p>, slot: Slot, entry: Option<&Entry>) {
        let read =
            entry.map(|entry| Read { path: entry.key.clone(), origin: entry.origin, value: entry.value.clone() });
        self.note_variable(frame, slot, read.map(|read| Rc::from([read])));
    }

    /// The default that a field would have had, had nobody set it: the weakest of the layers. What is wrong with it
    /// does not matter to anybody.
    pub(super) fn trace_default(&mut self, origin: Origin, field: &'p SchemaField, frame: &Rc<Frame<'p>>) {
        if !self.is_tracing() {
            return;
        }
        let Some(default) = &field.default else { return };
        // A block says nothing as a whole: the fields inside have defaults of their own.
        if matches!(default, Expr::Record { .. }) {
            return;
        }
        let (mark, sink, reported) = (self.mark(), std::mem::take(&mut self.sink), self.reported);
        let value = self.expr(default, frame);
        self.forget_reads(mark);
        self.sink = sink;
        self.reported = reported;
        if let Ok(value) = value
            && !value.is_absent()
        {
            self.origins.put_below(origin, field.place, value);
        }
    }
}

pub(super) use super::origins::DataStep;

/// The entry that holds an object's name.
fn name_entry(fields: &Map) -> Option<&Entry> {
    match fields.get("metadata") {
        Some(Value::Map(metadata)) => metadata.entry("name"),
        Some(_) | None => None,
    }
}

fn joined(path: &str, key: &str) -> Str {
    match (path.is_empty(), key.starts_with('[')) {
        (true, _) => Str::from(key),
        (false, true) => [path, key].concat().into(),
        (false, false) => [path, ".", key].concat().into(),
    }
}

fn entries_of(value: &Value) -> &[Entry] {
    match value {
        Value::Map(map) => map.entries(),
        Value::Keyed(keyed) => keyed.items.entries(),
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
        | Value::List(_) => &[],
    }
}

fn entry_of<'v>(value: &'v Value, key: &str) -> Option<&'v Entry> {
    match value {
        Value::Map(map) => map.entry(key),
        Value::Keyed(keyed) => keyed.items.entry(key),
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
}

/// Whether both are one and the same list or map, or both are not there.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Map(one), Value::Map(other)) => Rc::ptr_eq(one, other),
        (Value::Keyed(one), Value::Keyed(other)) => Rc::ptr_eq(one, other),
        (Value::List(one), Value::List(other)) => Rc::ptr_eq(one, other),
        (Value::Absent, Value::Absent) => true,
        (_, _) => false,
    }
}
