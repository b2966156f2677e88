//! From origins to explanations.

use super::context::{Contexts, Declaration};
use super::leaf::{Leaf, SetBy, inside};
use super::{Explanation, Location, Maker, Setting, Source, Traced, as_json, data, notation};
use crate::eval::value::{Origin, Value};
use crate::eval::{By, Made, Read, Reads};
use crate::kubernetes::{Object, kustomize};
use crate::source::Span;
use std::collections::HashSet;

/// A chain of sources is followed so far.
const DEEPEST: usize = 12;
/// Of all sources of a value no more are told.
const MOST: usize = 400;

/// Explains the values of one object.
pub(super) struct Origins<'a, 'p> {
    traced: &'a Traced<'a, 'p>,
    made: Option<&'a Made>,
    object: &'a Object,
    contexts: &'a mut Contexts,
    // Whose sources were told already, of the value at hand.
    told: HashSet<Origin>,
    sources: usize,
}

impl<'a, 'p> Origins<'a, 'p> {
    pub fn new(traced: &'a Traced<'a, 'p>, object: &'a Object, contexts: &'a mut Contexts) -> Self {
        let made = traced.evaluator.made(&object.fields);
        Origins { traced, made, object, contexts, told: HashSet::new(), sources: 0 }
    }

    /// Who makes the object, outermost first.
    pub fn made_by(&mut self) -> Vec<Maker> {
        let spans: Vec<Span> = match self.made {
            Some(made) => made.instances.iter().copied().chain([made.declared]).collect(),
            None => vec![self.object.span],
        };
        let mut makers: Vec<Maker> = Vec::new();
        for span in spans {
            let context = self.contexts.of(span, self.traced.files);
            let what = match (&context.declaration, context.object) {
                (Declaration::Component(component), Some(object)) => format!("component {component}, {object}"),
                (_, Some(object)) => object,
                // An included component: `...cluster(name, spec)`.
                (Declaration::Component(component), None) => format!("component {component}"),
                (_, None) => continue,
            };
            makers.push(Maker { what, place: self.location(span) });
        }
        makers
    }

    /// Why a value is what it is. `before` is the same value before Kustomize's share.
    pub fn explanation(&mut self, leaf: &Leaf, before: Option<&Leaf>, rendered: &Object) -> Explanation {
        self.told.clear();
        self.sources = 0;
        // Only what was evaluated with tracing has origins that tell more.
        let mut settings = match before.map(|before| (before.set_by, before)) {
            None => vec![self.by_compiler(&leaf.value)],
            Some((SetBy::Declaration, _)) => vec![self.by_declaration(&leaf.value)],
            Some((SetBy::Namespace, _)) => self.namespace(&leaf.value),
            Some((SetBy::Origin(origin), before)) => {
                let element = before.list.as_ref();
                let reads = element.and_then(|(list, at)| self.traced.evaluator.element_reads(list, *at));
                self.settings(origin, &before.value, reads)
            }
        };
        if let Some(before) = before {
            self.lost_around(before, &mut settings);
        }
        let mut notes = Vec::new();
        let changed = before.filter(|before| before.value != leaf.value);
        if let (Some(before), Value::Str(old)) = (changed, changed.map_or(&Value::Absent, |before| &before.value)) {
            notes.push(if before.path() == "metadata.name" {
                format!("the name is `{old}`; Kustomize adds the hash of the content, since it is `@hashed`")
            } else {
                format!("the name is `{old}`; Kustomize adds the hash of the ConfigMap's content to it")
            });
        }
        if before.is_none() && kustomize::prepared(self.object).fields != self.object.fields {
            notes.push("some text of the object holds `${`, which Flux would replace else".to_owned());
        }
        debug_assert_eq!(rendered.kind, self.object.kind, "both are the same object");
        Explanation { path: leaf.path(), value: as_json(&leaf.value), settings, notes }
    }

    fn declared(&self) -> Span {
        self.made.map_or(self.object.span, |made| made.declared)
    }

    fn by_declaration(&mut self, value: &Value) -> Setting {
        let place = self.declared();
        let layer = self.contexts.of(place, self.traced.files).layer();
        self.plain(layer, value, Some(place))
    }

    fn by_compiler(&mut self, value: &Value) -> Setting {
        let place = self.declared();
        self.plain("compiler".to_owned(), value, Some(place))
    }

    fn plain(&self, layer: String, value: &Value, span: Option<Span>) -> Setting {
        Setting {
            layer,
            value: notation::value(value),
            place: span.map(|span| self.location(span)),
            overridden: false,
            from: Vec::new(),
            only_where: Vec::new(),
        }
    }

    fn namespace(&mut self, value: &Value) -> Vec<Setting> {
        let environment = &self.traced.program.environments[self.traced.environment.0 as usize];
        let of_environment = format!("environment {}", environment.name);
        let usual = Value::Str((&*environment.namespace).into());
        let below = self.plain(of_environment, &usual, Some(environment.span));
        match self.made.and_then(|made| made.namespace) {
            Some(origin) => {
                let mut settings = self.settings(origin, value, None);
                settings.push(Setting { overridden: true, ..below });
                settings
            }
            None => vec![below],
        }
    }

    /// All settings of an entry, the winner first. `reads` is what its value was computed from, where more is known
    /// than of the entry.
    fn settings(&mut self, origin: Origin, value: &Value, reads: Option<Option<Reads>>) -> Vec<Setting> {
        let mut settings = Vec::new();
        let (mut origin, mut value, mut reads) = (origin, value.clone(), reads);
        // Every setting has lost to a later one at most.
        loop {
            let overridden = !settings.is_empty();
            let Some(traced) = self.traced.evaluator.traced(origin) else {
                let span = self.traced.evaluator.place(origin).map(|place| place.span);
                if let Some(span) = span {
                    let layer = self.contexts.of(span, self.traced.files).layer();
                    settings.push(Setting { overridden, ..self.plain(layer, &value, Some(span)) });
                }
                return settings;
            };
            let (layer, place) = self.who(&traced.by);
            let fresh = !overridden && self.told.insert(origin);
            let own = reads.take().unwrap_or_else(|| traced.reads.clone());
            let (from, only_where) = if fresh {
                (self.sources(own.as_ref()), self.sources(traced.conditions.as_ref()))
            } else {
                (Vec::new(), Vec::new())
            };
            settings.push(Setting { layer, value: notation::value(&value), place, overridden, from, only_where });
            match &traced.lost {
                Some((loser, lost)) => (origin, value) = (*loser, lost.clone()),
                None => return settings,
            }
        }
    }

    /// What a setter is called, and where it stands.
    fn who(&mut self, by: &By) -> (String, Option<Location>) {
        let program = self.traced.program;
        let at = |this: &Self, span| Some(this.location(span));
        match by {
            By::Place(place) => {
                let span = program.places[place.0 as usize].span;
                (self.contexts.of(span, self.traced.files).layer(), at(self, span))
            }
            By::Global(id) => {
                let global = &program.globals[id.0 as usize];
                let layer = if global.param.is_some() { "default of the param" } else { "let" };
                (layer.to_owned(), at(self, global.span))
            }
            By::Outside(id) => {
                let global = &program.globals[id.0 as usize];
                (format!("--set {}", global.name), at(self, global.span))
            }
            By::Label(span) => {
                let place = self.location(*span);
                ("label".to_owned(), Some(Location { shown: place.text.clone(), ..place }))
            }
            By::Environment(id) => {
                let environment = &program.environments[id.0 as usize];
                (format!("environment {}", environment.name), at(self, environment.span))
            }
            By::File(name) => {
                let text = (self.traced.read)(name).and_then(|text| text.lines().next().map(str::to_owned));
                ("file".to_owned(), Some(Location::of_line(name, 1, 1, &text.unwrap_or_default())))
            }
            By::Data { file, path } => {
                let text = (self.traced.read)(file).unwrap_or_default();
                ("data".to_owned(), Some(data::location(file, &text, path)))
            }
        }
    }

    fn sources(&mut self, reads: Option<&Reads>) -> Vec<Source> {
        let Some(reads) = reads else { return Vec::new() };
        let mut sources = Vec::new();
        for read in &**reads {
            if self.sources >= MOST {
                break;
            }
            self.sources += 1;
            sources.push(self.source(read));
        }
        sources
    }

    fn source(&mut self, read: &Read) -> Source {
        let mut origin = read.origin;
        // What only hands on another's value is left out.
        for _ in 0..DEEPEST {
            let Some(traced) = self.traced.evaluator.traced(origin) else { break };
            match (&traced.by, traced.reads.as_deref(), &traced.lost) {
                (By::Place(_) | By::Label(_), Some([only]), None)
                    if only.value == read.value && only.origin != Origin::NONE =>
                {
                    origin = only.origin;
                }
                (_, _, _) => break,
            }
        }
        let settings = self.settings(origin, &read.value, None);
        Source { path: read.path.to_string(), value: notation::value(&read.value), settings }
    }

    /// Adds what was lost with something that the value lies in.
    fn lost_around(&mut self, leaf: &Leaf, settings: &mut Vec<Setting>) {
        for (steps, origin) in leaf.around.iter().rev() {
            let mut origin = *origin;
            while let Some((loser, value)) = self.traced.evaluator.traced(origin).and_then(|t| t.lost.clone()) {
                if let Some((value, own)) = inside(&value, loser, &leaf.steps[*steps..]) {
                    let own = if own == Origin::NONE { loser } else { own };
                    let lost = self.settings(own, &value, None);
                    settings.extend(lost.into_iter().map(|setting| Setting { overridden: true, ..setting }));
                }
                origin = loser;
            }
        }
    }

    fn location(&self, span: Span) -> Location {
        Location::of(self.traced.files, span)
    }
}
