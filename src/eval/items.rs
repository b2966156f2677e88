//! Declarations that make objects.

use super::body::LAYERS;
use super::convert::invalid_label;
use super::evaluator::{Eval, Evaluator, Failed};
use super::frame::{Frame, Known, Variable, lazy};
use super::value::{Map, Str, Value};
use crate::core::{Container, ExternalName, Instance, Item, Label, Resource, Shape, Spec, dns_label_problem};
use crate::diagnostic::{Code, Diagnostic};
use crate::kubernetes::{External, Object};
use std::rc::Rc;

/// What a unit makes in one environment.
#[derive(Debug, Default)]
pub struct Evaluated {
    /// In source order.
    pub objects: Vec<Object>,
    /// What its components expect to be there.
    pub externals: Vec<External>,
}

impl<'p> Evaluator<'p> {
    /// Makes what declarations say. Goes on after a mistake, to find the others.
    pub(super) fn items(&mut self, items: &'p [Item], frame: &Rc<Frame<'p>>, made: &mut Evaluated) -> Eval<()> {
        self.deeper()?;
        let mut result = Ok(());
        for item in items {
            result = self.item(item, frame, made).and(result);
        }
        self.depth -= 1;
        result
    }

    fn item(&mut self, item: &'p Item, frame: &Rc<Frame<'p>>, made: &mut Evaluated) -> Eval<()> {
        match item {
            Item::Let(slot) => {
                if let Some(site) = &frame.site {
                    frame.set(*slot, lazy(site.component, slot.0 as usize));
                }
                Ok(())
            }
            Item::Resource(resource) => self.resource(resource, frame, made),
            Item::Instance(instance) => self.instance(instance, frame, made),
            Item::External { kind, names } => self.external(kind, names, frame, &mut made.externals),
            Item::Check(check) => self.check(check, frame),
            Item::Topic(topic) => self.topic(topic, frame),
            Item::When { environments, items } => {
                if environments.contains(self.environment) {
                    self.items(items, frame, made)
                } else {
                    Ok(())
                }
            }
            Item::If { condition, then, otherwise } => {
                let items = if self.condition(condition, frame)? { then } else { otherwise };
                self.items(items, frame, made)
            }
            Item::For { key, variable, iterable, filter, each } => {
                let mut result = Ok(());
                for round in self.rounds(iterable, frame)? {
                    self.toil(super::plan::ROUND)?;
                    frame.bind_round(*key, *variable, round);
                    if let Some(site) = &frame.site {
                        site.forget(each);
                    }
                    let taken = match filter {
                        Some(filter) => self.condition(filter, frame),
                        None => Ok(true),
                    };
                    let done = match taken {
                        Ok(true) => self.items(each, frame, made),
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

    /// The names of an `external`.
    pub(super) fn external(
        &mut self,
        kind: &'p str,
        names: &'p [ExternalName],
        frame: &Rc<Frame<'p>>,
        externals: &mut Vec<External>,
    ) -> Eval<()> {
        let kind = self.shared(kind);
        for name in names {
            let text = self.string(&name.name, frame)?;
            self.spend(size_of::<External>() + text.len())?;
            externals.push(External { kind: kind.clone(), name: text, span: name.span });
        }
        Ok(())
    }

    /// Makes an object.
    pub(super) fn resource(&mut self, resource: &'p Resource, frame: &Rc<Frame<'p>>, made: &mut Evaluated) -> Eval<()> {
        let finished = self.object(resource, frame)?;
        let label = self.label(&resource.label, frame)?;
        let label = match &frame.site {
            Some(site) if !site.label.is_empty() => Str::from(format!("{}-{label}", site.label)),
            Some(_) | None => label,
        };
        let instance = frame.site.as_ref().and_then(|site| site.outermost());
        made.objects.push(Object {
            api_version: self.shared(&resource.api_version),
            kind: self.shared(&resource.kind),
            name: finished.name,
            namespace: finished.namespace,
            namespaced_by: finished.namespaced_by,
            label,
            fields: finished.fields,
            hashed: resource.hashed,
            span: instance.unwrap_or(resource.span),
            instance,
        });
        Ok(())
    }

    /// Makes what a component makes.
    pub(super) fn instance(&mut self, instance: &'p Instance, frame: &Rc<Frame<'p>>, made: &mut Evaluated) -> Eval<()> {
        let inner = self.instance_frame(instance, frame)?;
        let component = &self.program.components[instance.component.0 as usize];
        let result = self.items(&component.items, &inner, made);
        self.aimless_overrides(instance, frame, &inner).and(result)
    }

    pub(super) fn label(&mut self, label: &'p Label, frame: &Rc<Frame<'p>>) -> Eval<Str> {
        match label {
            Label::Static(sym) => Ok(self.name(*sym).clone()),
            Label::Computed(expr) => self.string(expr, frame),
        }
    }

    /// The variables of the component that an instance makes, its spec completed; made once.
    pub(super) fn instance_frame(&mut self, instance: &'p Instance, outer: &Rc<Frame<'p>>) -> Eval<Rc<Frame<'p>>> {
        let site = outer.site.as_ref().ok_or(Failed)?;
        let index = instance.index;
        let known = site.instances.borrow().get(&index).cloned().unwrap_or_default();
        match known {
            Known::Done(frame) => return Ok(frame),
            Known::Failed => return Err(Failed),
            Known::Busy => {
                let name = self.instance_path(instance, outer);
                return self.cycle(&name, instance.span);
            }
            Known::Not => {}
        }
        site.instances.borrow_mut().insert(index, Known::Busy);
        let path = self.instance_path(instance, outer);
        self.making.push((path, instance.span));
        let result = self.deeper().and_then(|()| {
            let result = self.make_frame(instance, outer);
            self.depth -= 1;
            result
        });
        self.making.pop();
        let known = result.as_ref().map_or(Known::Failed, |frame| Known::Done(frame.clone()));
        site.instances.borrow_mut().insert(index, known);
        result
    }

    /// What to call an instance in a message.
    fn instance_path(&self, instance: &Instance, outer: &Frame<'p>) -> String {
        let label = match &instance.label {
            Some(Label::Static(sym)) => self.program.name(*sym),
            Some(Label::Computed(_)) => "an instance",
            None => &self.program.components[instance.component.0 as usize].name,
        };
        match &outer.site {
            Some(site) if !site.name.is_empty() => format!("{}.{label}", site.name),
            Some(_) | None => label.to_string(),
        }
    }

    /// The name of an instance: `as`, or its label, after its component's name inside one.
    pub(super) fn instance_name(&mut self, instance: &'p Instance, outer: &Rc<Frame<'p>>) -> Eval<Str> {
        let name = match (&instance.name, &instance.label) {
            (Some(name), _) => self.string(name, outer)?,
            (None, Some(label)) => {
                let label = self.label(label, outer)?;
                prefixed(outer, label)
            }
            (None, None) => Str::from(outer.site.as_ref().map_or("", |site| &*site.name)),
        };
        match dns_label_problem(&name) {
            None => Ok(name),
            Some(problem) => self.fail(invalid_label(&name, &problem, instance.span)),
        }
    }

    fn make_frame(&mut self, instance: &'p Instance, outer: &Rc<Frame<'p>>) -> Eval<Rc<Frame<'p>>> {
        let component = &self.program.components[instance.component.0 as usize];
        let mark = self.mark();
        let name = self.instance_name(instance, outer)?;
        let label = self.label_path(instance, outer)?;
        let layout = self.layout(component);
        self.spend(component.slots as usize * size_of::<Variable>() + 2 * size_of::<Frame>())?;
        let frame = Frame::of(component, layout, Some((Rc::downgrade(outer), instance)), name.clone(), label);
        if let Some(slot) = component.name_slot {
            frame.bind(slot, Value::Str(name.clone()));
            self.trace_instance_name(&frame, slot, &name, instance.span, mark);
        }
        if let Some((slot, schema)) = component.spec {
            let mark = self.mark();
            let spec = match &instance.spec {
                Spec::Body(body) => {
                    let spec = self.record(body, outer, Container::Map, &[])?;
                    self.complete(spec, &Shape::Schema(schema), instance.span)?
                }
                Spec::Value(value) => {
                    let spec = self.expr(value, outer)?;
                    self.note_variable(&frame, slot, self.reads_since(mark));
                    spec
                }
            };
            self.forget_reads(mark);
            frame.bind(slot, spec);
        }
        Ok(frame)
    }

    /// The labels from below the unit to an instance. The unit's own is left out: it names the directory.
    fn label_path(&mut self, instance: &'p Instance, outer: &Rc<Frame<'p>>) -> Eval<String> {
        let Some(site) = outer.site.as_ref().filter(|site| site.outer.is_some()) else {
            return Ok(String::new());
        };
        let Some(label) = &instance.label else { return Ok(site.label.to_string()) };
        let label = self.label(label, outer)?;
        Ok(if site.label.is_empty() { label.to_string() } else { format!("{}-{label}", site.label) })
    }

    /// Reports overrides of what is not made in this environment.
    fn aimless_overrides(&mut self, instance: &'p Instance, frame: &Rc<Frame<'p>>, inner: &Rc<Frame<'p>>) -> Eval<()> {
        let mut result = Ok(());
        for entry in &instance.overrides {
            let missing = match self.follow(inner, &entry.routes) {
                Ok(Some(declared)) => declared,
                Ok(None) => continue,
                Err(Failed) => {
                    result = Err(Failed);
                    continue;
                }
            };
            match self.sets_anything(&entry.body.entries, frame) {
                Ok(false) => {}
                Ok(true) => {
                    let message = "what is overridden here is not made in this environment";
                    let diagnostic = Diagnostic::error(Code::NothingThere, message, entry.span);
                    self.report(diagnostic.also(missing, "declared here, under a condition that does not hold"));
                    result = Err(Failed);
                }
                Err(Failed) => result = Err(Failed),
            }
        }
        result
    }

    /// Applies to an object's fields what the instances around it override.
    pub(super) fn apply_overrides(
        &mut self,
        resource: &'p Resource,
        frame: &Rc<Frame<'p>>,
        fields: &mut Map,
        filter: super::body::Filter,
    ) -> Eval<()> {
        let mut path: Vec<u32> = Vec::new();
        let mut inner = frame.clone();
        let mut result = Ok(());
        // Inner instances first: what stands further out is stronger.
        while let Some((outer, instance)) = inner.site.as_ref().and_then(|site| site.outer.clone()) {
            let outer = outer.upgrade().ok_or(Failed)?;
            let own = instance.overrides.iter().filter(|o| o.reaches(&path, resource.index));
            let own: Vec<_> = own.collect();
            if !own.is_empty() {
                for layer in LAYERS {
                    let pass = super::body::Pass::new(layer, path.len() + 1, filter);
                    for body in own.iter().map(|o| &o.body).filter(|b| layer == LAYERS[0] || b.layered) {
                        result = self.entries(&body.entries, &outer, fields, Container::Map, pass).and(result);
                    }
                }
            }
            path.insert(0, instance.index);
            inner = outer;
        }
        result
    }
}

/// A label with the name of the component that it stands in before it.
pub(super) fn prefixed(frame: &Frame<'_>, label: Str) -> Str {
    match &frame.site {
        Some(site) if !site.name.is_empty() => Str::from(format!("{}-{label}", site.name)),
        Some(_) | None => label,
    }
}
