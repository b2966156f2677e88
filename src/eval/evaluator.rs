//! The evaluator: what it runs, what it remembers, how much it may use.

use super::data;
use super::frame::{Frame, Layout, SpareFrames, Variable};
use super::origins::{Origins, Overridden};
use super::topics::Asked;
use super::trace::Trace;
use super::value::{Origin, Str, Value};
use crate::core::{Component, Const, EnvironmentId, Global, GlobalId, Program, Sym};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::host::Host;
use crate::schema::Api;
use crate::source::{Files, Span};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// Writes a value as YAML, for `yaml(…)`: the same writer that writes objects, handed in because it lies above.
pub type PrintYaml = fn(&Value) -> String;

/// What went wrong was reported; whoever sees this adds nothing to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failed;

/// The result of evaluation.
pub(super) type Eval<T> = Result<T, Failed>;

/// Steps in all, for a program many times larger than any that people write.
const STEPS: u64 = 200_000_000;
/// Bytes that a unit may make, values that are dropped again included.
const BYTES: usize = 512 << 20;
/// The longest text.
pub(super) const LONGEST_TEXT: usize = 16 << 20;
/// How deeply expressions and bodies may be under evaluation within each other.
/// The stack of a thread of 2 MiB holds as many, also without optimization.
const DEPTH: u32 = 500;
/// How deeply lists and maps may lie in each other, where a name gives a value to build on: what is dropped, compared
/// or printed recursively would overflow the stack else.
pub(super) const NESTING: usize = 200;
/// How many values a value may hold, each counted wherever it stands: what is copied, compared or printed would grow
/// beyond all memory else, though each is there only once.
pub(super) const MOST_VALUES: usize = 4 << 20;

/// Runs a program for its environments.
pub struct Evaluator<'p> {
    pub(super) program: &'p Program,
    pub(super) files: &'p Files,
    pub(super) host: &'p dyn Host,
    pub(super) api: &'p Api,
    pub(super) print_yaml: PrintYaml,
    // The program's names as keys of values; shared by all of them.
    names: Vec<Str>,
    // Other constant texts, such as kinds.
    texts: FxHashMap<&'p str, Str>,
    // Constants of the program by their address.
    constants: FxHashMap<*const Const, Value>,
    // Constant bodies by their address, and by the environment where a `when` stands in them.
    pub(super) bodies: FxHashMap<(usize, Option<EnvironmentId>), Value>,
    layouts: FxHashMap<*const Component, Rc<Layout<'p>>>,
    pub(super) data: FxHashMap<(usize, String), Value>,
    pub(super) regexes: FxHashMap<String, regex_lite::Regex>,
    pub(super) file_texts: FxHashMap<String, Str>,
    // Of each environment, each global.
    globals: Vec<Vec<Variable<'p>>>,
    pub(super) params: FxHashMap<GlobalId, Value>,
    pub(super) origins: Origins,
    pub(super) trace: Option<Box<Trace>>,
    pub(super) environment: EnvironmentId,
    namespaces: Vec<Str>,
    environment_names: Vec<Str>,
    /// The root's frame in the unit at hand.
    pub(super) root: Option<Rc<Frame<'p>>>,
    /// What is being made, outermost first: what to call it, and where it is declared.
    pub(super) making: Vec<(String, Span)>,
    /// The declaration of the root that is being made.
    pub(super) declared: Option<Span>,
    /// Whether a rule looks at what it made, and stands somewhere else.
    pub(super) ruling: bool,
    /// What is asked of the components.
    pub(super) asked: Option<Asked>,
    pub(super) sink: Diagnostics,
    // Whether anything was reported since the unit began.
    pub(super) reported: bool,
    // Whether anything was ever reported: what failed in one unit is remembered, and fails in others without a word.
    reported_before: bool,
    most_steps: u64,
    steps: u64,
    bytes: usize,
    pub(super) depth: u32,
    pub(super) buffer: String,
    pub(super) spare: SpareFrames<'p>,
}

impl<'p> Evaluator<'p> {
    /// An evaluator with nothing evaluated yet.
    pub fn new(
        program: &'p Program,
        files: &'p Files,
        host: &'p dyn Host,
        api: &'p Api,
        print_yaml: PrintYaml,
    ) -> Evaluator<'p> {
        let globals = vec![Variable::Empty; program.globals.len()];
        Evaluator {
            program,
            files,
            host,
            api,
            print_yaml,
            names: program.names.iter().map(|name| Str::from(&**name)).collect(),
            texts: FxHashMap::default(),
            constants: FxHashMap::default(),
            bodies: FxHashMap::default(),
            layouts: FxHashMap::default(),
            data: FxHashMap::default(),
            regexes: FxHashMap::default(),
            file_texts: FxHashMap::default(),
            globals: vec![globals; program.environments.len()],
            params: FxHashMap::default(),
            origins: Origins::default(),
            trace: None,
            environment: EnvironmentId(0),
            namespaces: program.environments.iter().map(|e| Str::from(&*e.namespace)).collect(),
            environment_names: program.environments.iter().map(|e| Str::from(&*e.name)).collect(),
            root: None,
            asked: None,
            making: Vec::new(),
            declared: None,
            ruling: false,
            sink: Diagnostics::default(),
            reported: false,
            reported_before: false,
            most_steps: STEPS,
            steps: STEPS,
            bytes: BYTES,
            depth: 0,
            buffer: String::new(),
            spare: SpareFrames::default(),
        }
    }

    /// Allows this many steps in all, where that is less than what is allowed anyway.
    pub fn limit_steps(&mut self, most: u64) {
        self.most_steps = most.min(self.most_steps);
        self.steps = self.steps.min(most);
    }

    /// Forgets what was computed of the values at the top of modules.
    pub(super) fn forget_globals(&mut self) {
        for globals in &mut self.globals {
            globals.fill(Variable::Empty);
        }
    }

    /// The last setting that the entry's setting overrode; its `loser` leads to the one before.
    /// `None` where it overrode nothing.
    #[must_use]
    pub fn overridden(&self, origin: Origin) -> Option<&Overridden> {
        self.origins.get(origin)
    }

    /// Where the entry was set, and in which layer. `None` for what no source text set.
    #[must_use]
    pub fn place(&self, origin: Origin) -> Option<crate::core::Place> {
        self.origins.place(origin, &self.program.places)
    }

    /// Forgets which values overrode which in the units evaluated so far: their origins mean nothing from here on.
    pub fn clear(&mut self) {
        self.origins.clear();
    }

    /// Begins a unit or plan in an environment.
    pub(super) fn begin(&mut self, environment: EnvironmentId) {
        self.environment = environment;
        self.bytes = BYTES;
        self.reported = false;
        self.depth = 0;
        self.making.clear();
    }

    /// Ends a unit or plan: hands over what was reported.
    pub(super) fn end(&mut self, failed: bool, sink: &mut Diagnostics) {
        self.root = None;
        if failed && !self.reported_before {
            // Nothing may be left out without a word; the checker lets no such program through.
            let message = "a value is read where it cannot be known, such as a loop's variable outside the loop";
            self.report(Diagnostic::global(Code::NothingThere, message));
        }
        sink.extend(std::mem::take(&mut self.sink));
    }

    /// Reports what is wrong in the environment at hand.
    pub(super) fn report(&mut self, mut diagnostic: Diagnostic) {
        self.reported = true;
        self.reported_before = true;
        diagnostic.environments = vec![self.environment_name().to_string()];
        let place = diagnostic.primary.as_ref().map(|label| label.span.file);
        // What a rule itself does wrong tells nothing of what it was looking at.
        let strange = self.ruling && diagnostic.code != Code::CheckFailed;
        let is_elsewhere = |declared: &Span| place.is_some_and(|file| strange || file != declared.file);
        if let Some(declared) = self.declared.filter(is_elsewhere) {
            let doing = if strange { "found while looking at this" } else { "found while making this" };
            diagnostic = diagnostic.also(declared, doing);
        }
        self.sink.report(diagnostic);
    }

    /// Reports and fails.
    pub(super) fn fail<T>(&mut self, diagnostic: Diagnostic) -> Eval<T> {
        self.report(diagnostic);
        Err(Failed)
    }

    /// Counts a step.
    pub(super) fn step(&mut self) -> Eval<()> {
        match self.steps.checked_sub(1) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => {
                let message = format!("evaluation takes more than {} steps", self.most_steps);
                self.fail(Diagnostic::global(Code::Limit, message))
            }
        }
    }

    /// Goes one deeper; `self.depth` is to be counted down again where this succeeds.
    pub(super) fn deeper(&mut self) -> Eval<()> {
        if self.depth >= DEPTH {
            let message = format!("evaluation goes deeper than {DEPTH} expressions within each other");
            return self.fail(Diagnostic::global(Code::Limit, message));
        }
        self.depth += 1;
        self.step()
    }

    /// A value that others may be built on.
    pub(super) fn measured(&mut self, value: Value) -> Eval<Value> {
        self.measure(&value)?;
        Ok(value)
    }

    /// Sees to it that a value can be walked through, and counts the steps of doing so.
    pub(super) fn measure(&mut self, value: &Value) -> Eval<()> {
        match value.count(MOST_VALUES, NESTING) {
            Some(count) => self.toil(count / 8),
            None => {
                let message = format!(
                    "a value holds more than {MOST_VALUES} others, or lists and maps lie in each other more than \
                     {NESTING} levels deep"
                );
                self.fail(Diagnostic::global(Code::Limit, message))
            }
        }
    }

    /// Counts the steps of work whose amount depends on its input.
    pub(super) fn toil(&mut self, steps: usize) -> Eval<()> {
        self.steps = self.steps.saturating_sub(steps as u64);
        self.step()
    }

    /// Counts bytes that a value takes.
    pub(super) fn spend(&mut self, bytes: usize) -> Eval<()> {
        match self.bytes.checked_sub(bytes) {
            Some(left) => {
                self.bytes = left;
                Ok(())
            }
            None => {
                let message = format!("one unit takes more than {} MiB to evaluate", BYTES >> 20);
                self.fail(Diagnostic::global(Code::Limit, message))
            }
        }
    }

    /// A text as a value.
    pub(super) fn text(&mut self, text: &str) -> Eval<Value> {
        if text.len() > LONGEST_TEXT {
            let message = format!("a text grows longer than {} MiB", LONGEST_TEXT >> 20);
            return self.fail(Diagnostic::global(Code::Limit, message));
        }
        self.spend(text.len() + 16)?;
        Ok(Value::Str(Str::from(text)))
    }

    /// A name of the program as a key.
    pub(super) fn name(&self, sym: Sym) -> &Str {
        &self.names[sym.0 as usize]
    }

    /// A text of the program, shared.
    pub(super) fn shared(&mut self, text: &'p str) -> Str {
        self.texts.entry(text).or_insert_with(|| Str::from(text)).clone()
    }

    pub(super) fn environment_name(&self) -> &str {
        self.environment_names.get(self.environment.0 as usize).map_or("", |name| name)
    }

    pub(super) fn environment_name_value(&self) -> Value {
        Value::Str(self.environment_names[self.environment.0 as usize].clone())
    }

    pub(super) fn namespace(&self) -> Str {
        self.namespaces[self.environment.0 as usize].clone()
    }

    /// Where a component's declarations stand.
    pub(super) fn layout(&mut self, component: &'p Component) -> Rc<Layout<'p>> {
        let known = self.layouts.entry(std::ptr::from_ref(component));
        known.or_insert_with(|| Rc::new(Layout::of(component))).clone()
    }

    /// A constant as a value.
    pub(super) fn constant(&mut self, constant: &'p Const) -> Value {
        match constant {
            Const::String(text) => {
                let known = self.constants.entry(std::ptr::from_ref(constant));
                known.or_insert_with(|| Value::Str(Str::from(&**text))).clone()
            }
            Const::Absent
            | Const::Null
            | Const::Bool(_)
            | Const::Int(_)
            | Const::Float(_)
            | Const::Memory(_)
            | Const::Cpu(_)
            | Const::Duration(_) => data::constant(constant),
        }
    }

    /// The value of a `let` or `param` of a module.
    pub(super) fn global(&mut self, id: GlobalId) -> Eval<Value> {
        let environment = self.environment.0 as usize;
        match &self.globals[environment][id.0 as usize] {
            Variable::Value(value) => {
                let value = value.clone();
                self.trace_read_of_global(id, &value);
                return Ok(value);
            }
            Variable::Failed => return Err(Failed),
            Variable::Busy => {
                let global = &self.program.globals[id.0 as usize];
                return self.cycle(&global.name, global.span);
            }
            Variable::Empty | Variable::Lazy(_) => {}
        }
        let global = &self.program.globals[id.0 as usize];
        self.globals[environment][id.0 as usize] = Variable::Busy;
        self.making.push((global.name.to_string(), global.span));
        // Its value is kept for the units to come, and so must be what tells whom it overrode.
        self.origins.keep();
        let mark = self.mark();
        let result = self.compute_global(id, global).and_then(|value| self.measured(value));
        self.trace_global(id, mark);
        self.origins.release();
        self.making.pop();
        self.globals[environment][id.0 as usize] = match &result {
            Ok(value) => Variable::Value(value.clone()),
            Err(Failed) => Variable::Failed,
        };
        if let Ok(value) = &result {
            self.trace_read_of_global(id, value);
        }
        result
    }

    fn compute_global(&mut self, id: GlobalId, global: &'p Global) -> Eval<Value> {
        if let Some(value) = self.params.get(&id).cloned() {
            let ty = global.param.as_ref().expect("only params are set from outside");
            return self.complete(value, &data::shape(ty), global.span);
        }
        let Some(value) = &global.value else {
            let message = format!("the param `{}` has no value", global.name);
            let help = format!("pass `--set {}=…`, or give it a default", global.name);
            return self.fail(Diagnostic::error(Code::BadParam, message, global.span).help(help));
        };
        self.expr(value, &Frame::plain(global.slots))
    }

    /// Reports that something is needed to compute itself.
    pub(super) fn cycle<T>(&mut self, name: &str, at: Span) -> Eval<T> {
        let from = self.making.iter().position(|(making, _)| making == name).unwrap_or(0);
        let mut chain = self.making[from..].to_vec();
        if chain.is_empty() {
            chain.push((name.to_string(), at));
        }
        // The same circle is met from each of its members: told from the first of them, it is told once.
        let first = (0..chain.len()).min_by_key(|member| chain[*member].1).unwrap_or(0);
        chain.rotate_left(first);
        let (name, at) = chain[0].clone();
        let mut path: Vec<&str> = chain.iter().map(|(making, _)| making.as_str()).collect();
        path.push(&name);
        let message = if chain.len() == 1 {
            format!("`{name}` is defined by itself")
        } else {
            format!("these are defined by each other: {}", path.join(" → "))
        };
        let mut diagnostic = Diagnostic::error(Code::Cycle, message, at).label("the circle begins here");
        for (making, span) in &chain[1..] {
            diagnostic = diagnostic.also(*span, format!("`{making}` is part of it"));
        }
        self.fail(diagnostic.help("nothing may need itself".to_string()))
    }
}
