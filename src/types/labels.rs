//! The labels of components and the root: what other declarations can refer to.

use super::tables::Definition;
use super::{Checker, errors};
use crate::core::{ComponentId, Route};
use crate::modules::ModuleId;
use crate::source::Span;
use crate::syntax::ast::{self, Item, LabelName};
use std::rc::Rc;

/// What a label of a component or the root stands for.
#[derive(Debug, Clone)]
pub enum Labelled {
    /// A resource. Resources in exclusive branches of an `if` may share a label.
    Resource {
        /// The ways to them.
        routes: Vec<Route>,
        /// The definitions of the kinds that it can be; none for a kind without schema.
        definitions: Vec<Option<Box<str>>>,
        /// The only one of them.
        definition: Option<Box<str>>,
        span: Span,
    },
    Instance {
        /// Numbers of instances, its own the last.
        path: Vec<u32>,
        component: ComponentId,
        span: Span,
    },
}

/// The labels of a component or the root.
#[derive(Debug, Clone, Default)]
pub struct Labels(Rc<Vec<(Box<str>, Labelled)>>);

impl Labels {
    pub fn get(&self, name: &str) -> Option<&Labelled> {
        self.0.iter().find(|(known, _)| **known == *name).map(|(_, labelled)| labelled)
    }

    pub fn iter(&self) -> impl Iterator<Item = &(Box<str>, Labelled)> {
        self.0.iter()
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| &**name)
    }
}

/// Numbers resources and instances in source order, in the same way when labels are collected and when items are checked.
#[derive(Default)]
pub struct Numbers {
    pub resources: u32,
    pub instances: u32,
}

impl Numbers {
    pub fn resource(&mut self) -> u32 {
        self.resources += 1;
        self.resources - 1
    }

    pub fn instance(&mut self) -> u32 {
        self.instances += 1;
        self.instances - 1
    }
}

/// Which side of which `if`s a declaration stands on: the place of each, and whether it is the `then` side.
type Branches = Vec<(usize, bool)>;

/// Labels as they are found.
#[derive(Default)]
struct Collected {
    labels: Vec<(Box<str>, Labelled)>,
    // For each label, where its declarations stand.
    places: Vec<Vec<Branches>>,
    numbers: Numbers,
    branches: Branches,
}

impl Collected {
    fn get(&mut self, name: &str) -> Option<(&mut Labelled, &mut Vec<Branches>)> {
        let at = self.labels.iter().position(|(known, _)| **known == *name)?;
        Some((&mut self.labels[at].1, &mut self.places[at]))
    }

    fn add(&mut self, name: &ast::Name, labelled: Labelled) {
        self.labels.push((name.text.clone(), labelled));
        self.places.push(vec![self.branches.clone()]);
    }
}

/// Whether what stands at `own` excludes everything at `others`.
fn exclusive(others: &[Branches], own: &Branches) -> bool {
    others.iter().all(|other| own.iter().any(|(place, side)| other.contains(&(*place, !*side))))
}

impl<'a> Checker<'a> {
    /// The labels of a component, collected when first asked for.
    pub(super) fn component_labels(&mut self, id: ComponentId) -> Labels {
        let info = &self.components[id.0 as usize];
        let (module, declared) = (info.module, info.declared);
        // A component that includes itself has no labels of its own; the circle is reported elsewhere.
        if info.labels.0.is_empty() && !self.collecting.contains(&id) {
            self.collecting.push(id);
            let labels = self.collect_labels(module, &declared.items.iter().collect::<Vec<_>>());
            self.collecting.pop();
            self.components[id.0 as usize].labels = labels;
        }
        self.components[id.0 as usize].labels.clone()
    }

    pub(super) fn root_labels(&mut self) -> Labels {
        if self.root.0.is_empty() {
            let items = self.root_items();
            self.root = self.collect_labels(self.modules.root(), &items);
        }
        self.root.clone()
    }

    /// The root module's declarations that make objects.
    pub(super) fn root_items(&self) -> Vec<&'a Item> {
        let modules = self.modules;
        if modules.list.is_empty() {
            return Vec::new();
        }
        let files = &modules.get(modules.root()).files;
        files.iter().flat_map(|file| &file.items).filter(|item| makes_objects(item)).collect()
    }

    fn collect_labels(&mut self, module: ModuleId, items: &[&'a Item]) -> Labels {
        let mut collected = Collected::default();
        for item in items {
            self.collect_label(module, item, &mut collected, false);
        }
        Labels(Rc::new(collected.labels))
    }

    fn collect_label(&mut self, module: ModuleId, item: &'a Item, collected: &mut Collected, looped: bool) {
        match item {
            Item::Resource(resource) => {
                let number = collected.numbers.resource();
                if let (LabelName::Name(name), false) = (&resource.label, looped) {
                    let route = Route { instances: Vec::new(), resource: number };
                    let definitions = vec![self.definition_of(resource)];
                    self.collect_resource(name, vec![route], definitions, collected);
                }
            }
            Item::Instance(instance) => {
                let number = collected.numbers.instance();
                let component = self.component_named(module, &instance.component);
                if let (LabelName::Name(name), false, Some(component)) = (&instance.label, looped, component) {
                    self.collect_instance(name, vec![number], component, collected);
                }
            }
            Item::Include(include) => {
                let number = collected.numbers.instance();
                if let (false, Some(component)) = (looped, self.component_named(module, &include.component)) {
                    self.collect_included(number, component, include.span, collected);
                }
            }
            Item::When(when) => {
                for item in &when.then {
                    self.collect_label(module, item, collected, looped);
                }
            }
            Item::If(branch) => {
                let one = branch.span.start();
                for (side, items) in [(true, &branch.then), (false, &branch.otherwise)] {
                    collected.branches.push((one, side));
                    for item in items {
                        self.collect_label(module, item, collected, looped);
                    }
                    collected.branches.pop();
                }
            }
            Item::For(each) => {
                for item in &each.each {
                    self.collect_label(module, item, collected, true);
                }
            }
            _ => {}
        }
    }

    /// In exclusive branches of an `if`, one label may stand for objects of different kinds.
    fn collect_resource(
        &mut self,
        name: &ast::Name,
        own: Vec<Route>,
        kinds: Vec<Option<Box<str>>>,
        collected: &mut Collected,
    ) {
        let branches = collected.branches.clone();
        match collected.get(&name.text) {
            Some((Labelled::Resource { routes, definitions, definition, .. }, places))
                if exclusive(places, &branches) =>
            {
                routes.extend(own);
                definitions.extend(kinds);
                if definitions.iter().any(|other| other != definition) {
                    *definition = None;
                }
                places.push(branches);
            }
            Some((Labelled::Resource { span, .. } | Labelled::Instance { span, .. }, _)) => {
                let first = *span;
                self.sink.report(errors::duplicate_label(&name.text, name.span, first));
            }
            None => {
                let definition = match kinds.as_slice() {
                    [first, rest @ ..] if rest.iter().all(|other| other == first) => first.clone(),
                    _ => None,
                };
                let labelled = Labelled::Resource { routes: own, definitions: kinds, definition, span: name.span };
                collected.add(name, labelled);
            }
        }
    }

    fn collect_instance(
        &mut self,
        name: &ast::Name,
        path: Vec<u32>,
        component: ComponentId,
        collected: &mut Collected,
    ) {
        match collected.get(&name.text) {
            Some((Labelled::Resource { span, .. } | Labelled::Instance { span, .. }, _)) => {
                let first = *span;
                self.sink.report(errors::duplicate_label(&name.text, name.span, first));
            }
            None => collected.add(name, Labelled::Instance { path, component, span: name.span }),
        }
    }

    /// What an included component makes goes by its labels here too.
    fn collect_included(&mut self, number: u32, component: ComponentId, at: Span, collected: &mut Collected) {
        for (name, labelled) in self.component_labels(component).iter() {
            let name = ast::Name { text: name.clone(), span: at };
            match labelled {
                Labelled::Resource { routes, definitions, .. } => {
                    let behind = |route: &Route| {
                        let instances = std::iter::once(number).chain(route.instances.iter().copied()).collect();
                        Route { instances, resource: route.resource }
                    };
                    let routes = routes.iter().map(behind).collect();
                    self.collect_resource(&name, routes, definitions.clone(), collected);
                }
                Labelled::Instance { path, component, .. } => {
                    let path = std::iter::once(number).chain(path.iter().copied()).collect();
                    self.collect_instance(&name, path, *component, collected);
                }
            }
        }
    }

    /// The component of a name, without reports.
    pub(super) fn component_named(&self, module: ModuleId, dotted: &ast::Dotted) -> Option<ComponentId> {
        let (module, name) = match dotted.parts.as_slice() {
            [name] => (module, name),
            [alias, name] => (self.imported(module, alias.span, &alias.text)?, name),
            _ => return None,
        };
        match self.tables[module.0 as usize].names.get(&name.text)?.0 {
            Definition::Component(id) => Some(id),
            _ => None,
        }
    }

    pub(super) fn definition_of(&self, resource: &ast::Resource) -> Option<Box<str>> {
        if resource.open {
            return None;
        }
        self.api.kind(&resource.api_version.text, &resource.kind.text).map(|kind| kind.definition.into())
    }
}

fn makes_objects(item: &Item) -> bool {
    match item {
        Item::Resource(_) | Item::Instance(_) | Item::External(_) | Item::When(_) | Item::If(_) | Item::For(_) => true,
        Item::Import(_) | Item::Param(_) | Item::Environment(_) | Item::Group(_) | Item::Let(_) => false,
        Item::Function(_) | Item::TypeAlias(_) | Item::Schema(_) | Item::Component(_) => false,
        Item::Kind(_) | Item::ApiType(_) | Item::Check(_) | Item::Include(_) | Item::Topic(_) => false,
        Item::Policy(_) | Item::Change(_) => false,
    }
}
