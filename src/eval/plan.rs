//! The units of an environment, and each of them evaluated.

use super::evaluator::{Eval, Evaluator, Failed};
use super::frame::{Frame, Variable, lazy};
use super::items::Evaluated;
use super::origins::Reads;
use super::value::Str;
use crate::core::{EnvironmentId, Instance, Item, Resource};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::kubernetes::External;
use crate::source::{FileId, Span};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// The units of an environment.
#[derive(Debug, Default)]
pub struct Plan<'p> {
    /// In source order of their first declarations.
    pub units: Vec<Planned<'p>>,
    /// What the root says is made elsewhere.
    pub externals: Vec<External>,
}

/// A unit that is known by name, and not evaluated yet.
#[derive(Debug, Clone)]
pub struct Planned<'p> {
    /// The directory's name: the instance's, or the file's for plain objects.
    pub name: Str,
    /// The file that declares it, as messages show it.
    pub source: String,
    /// Where its first declaration stands.
    pub span: Span,
    parts: Vec<Part<'p>>,
}

/// A declaration at the root.
#[derive(Debug, Clone)]
struct Part<'p> {
    made_by: MadeBy<'p>,
    // The root's variables where the declaration stands: those of the loops around it.
    variables: Rc<Vec<Variable<'p>>>,
    // What they were computed from, while tracing.
    reads: Rc<Vec<Option<Reads>>>,
}

#[derive(Debug, Clone, Copy)]
enum MadeBy<'p> {
    Instance(&'p Instance),
    Resource(&'p Resource),
}

/// What is known while planning.
struct Planning<'p> {
    plan: Plan<'p>,
    by_name: FxHashMap<Str, usize>,
    instances: FxHashMap<Str, Span>,
    file_names: FxHashMap<FileId, Str>,
    // The root's variables outside all loops, shared by nearly all parts.
    variables: Rc<Vec<Variable<'p>>>,
    loops: u32,
}

/// About how many steps it takes to begin a round of a loop around declarations.
pub(super) const ROUND: usize = 100;

impl<'p> Evaluator<'p> {
    /// The units of one environment. Evaluates nothing but labels, loops, conditions, externals and checks of the root.
    pub fn plan(&mut self, environment: EnvironmentId, sink: &mut Diagnostics) -> Plan<'p> {
        self.begin(environment);
        let root = self.root_frame(None);
        self.root = Some(root.clone());
        let mut planning = Planning {
            plan: Plan::default(),
            by_name: FxHashMap::default(),
            instances: FxHashMap::default(),
            file_names: FxHashMap::default(),
            variables: Rc::new(root.slots.borrow().clone()),
            loops: 0,
        };
        // Variables of loops are kept for the units to come.
        self.origins.keep();
        let result = self.plan_items(&self.program.root.items, &root, &mut planning);
        self.origins.release();
        self.end(result.is_err(), sink);
        planning.plan
    }

    /// The objects of a unit in an environment that it was planned for.
    pub fn unit(&mut self, environment: EnvironmentId, planned: &Planned<'p>, sink: &mut Diagnostics) -> Evaluated {
        self.begin(environment);
        let mut made = Evaluated::default();
        let mut result = Ok(());
        for part in &planned.parts {
            // Each has its own variables, and what was made with others is forgotten.
            let root = self.root_frame(Some(&part.variables));
            root.reads.borrow_mut().clone_from(&part.reads);
            self.root = Some(root.clone());
            let done = match part.made_by {
                MadeBy::Instance(instance) => {
                    self.declared = Some(instance.span);
                    self.instance(instance, &root, &mut made)
                }
                MadeBy::Resource(resource) => {
                    self.declared = Some(resource.span);
                    self.resource(resource, &root, &mut made)
                }
            };
            self.declared = None;
            result = done.and(result);
        }
        self.end(result.is_err(), sink);
        made
    }

    pub(super) fn root_frame(&mut self, variables: Option<&Rc<Vec<Variable<'p>>>>) -> Rc<Frame<'p>> {
        let layout = self.layout(&self.program.root);
        let frame = Frame::of(&self.program.root, layout, None, Str::from(""), String::new());
        if let Some(variables) = variables {
            frame.slots.borrow_mut().clone_from(variables);
        }
        frame
    }

    fn plan_items(&mut self, items: &'p [Item], root: &Rc<Frame<'p>>, planning: &mut Planning<'p>) -> Eval<()> {
        self.deeper()?;
        let mut result = Ok(());
        for item in items {
            result = self.plan_item(item, root, planning).and(result);
        }
        self.depth -= 1;
        result
    }

    fn plan_item(&mut self, item: &'p Item, root: &Rc<Frame<'p>>, planning: &mut Planning<'p>) -> Eval<()> {
        match item {
            Item::Let(slot) => {
                root.set(*slot, lazy(&self.program.root, slot.0 as usize));
                Ok(())
            }
            Item::Resource(resource) => {
                let name = self.file_unit(resource.span.file, planning);
                self.add(name, resource.span, MadeBy::Resource(resource), root, planning)
            }
            Item::Instance(instance) => {
                let name = self.instance_name(instance, root)?;
                if let Some(first) = planning.instances.insert(name.clone(), instance.span) {
                    let message = format!("two declarations are named `{name}`, and would share a directory");
                    let diagnostic = Diagnostic::error(Code::DuplicateObject, message, instance.span);
                    return self.fail(diagnostic.also(first, "the other is declared here"));
                }
                self.add(name, instance.span, MadeBy::Instance(instance), root, planning)
            }
            Item::External { kind, names } => self.external(kind, names, root, &mut planning.plan.externals),
            Item::Check(check) => self.check(check, root),
            // The checker keeps them from here.
            Item::Topic(_) => Ok(()),
            Item::When { environments, items } => {
                if environments.contains(self.environment) {
                    self.plan_items(items, root, planning)
                } else {
                    Ok(())
                }
            }
            Item::If { condition, then, otherwise } => {
                let items = if self.condition(condition, root)? { then } else { otherwise };
                self.plan_items(items, root, planning)
            }
            Item::For { key, variable, iterable, filter, each } => {
                let mut result = Ok(());
                planning.loops += 1;
                for round in self.rounds(iterable, root)? {
                    self.toil(ROUND)?;
                    root.bind_round(*key, *variable, round);
                    if let Some(site) = &root.site {
                        site.forget(each);
                    }
                    let taken = match filter {
                        Some(filter) => self.condition(filter, root),
                        None => Ok(true),
                    };
                    let done = match taken {
                        Ok(true) => self.plan_items(each, root, planning),
                        Ok(false) => Ok(()),
                        Err(Failed) => Err(Failed),
                    };
                    result = done.and(result);
                }
                planning.loops -= 1;
                root.leave_loop(*key, *variable);
                result
            }
        }
    }

    fn add(
        &mut self,
        name: Str,
        span: Span,
        made_by: MadeBy<'p>,
        root: &Rc<Frame<'p>>,
        planning: &mut Planning<'p>,
    ) -> Eval<()> {
        let variables = if planning.loops == 0 { 0 } else { self.program.root.slots as usize };
        self.spend(size_of::<Part>() + size_of::<Planned>() + variables * size_of::<Variable>())?;
        let variables =
            if planning.loops == 0 { planning.variables.clone() } else { Rc::new(root.slots.borrow().clone()) };
        let at = *planning.by_name.entry(name.clone()).or_insert_with(|| {
            let source = self.files.get(span.file).name.clone();
            planning.plan.units.push(Planned { name, source, span, parts: Vec::new() });
            planning.plan.units.len() - 1
        });
        let reads = Rc::new(root.reads.borrow().clone());
        planning.plan.units[at].parts.push(Part { made_by, variables, reads });
        Ok(())
    }

    /// The unit of a file's plain objects: `cleanup` for `cleanup.flink`, the directory's name for its `main.flink`.
    fn file_unit(&mut self, file: FileId, planning: &mut Planning<'p>) -> Str {
        if let Some(name) = planning.file_names.get(&file) {
            return name.clone();
        }
        let path = &self.files.get(file).name;
        let (directory, base) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = base.strip_suffix(".flink").unwrap_or(base);
        let directory = directory.rsplit('/').next().unwrap_or_default();
        let name = Str::from(if stem == "main" && !directory.is_empty() { directory } else { stem });
        planning.file_names.insert(file, name.clone());
        name
    }
}
