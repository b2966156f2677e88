//! Syntax trees to the checked program: names, types, conversions, all in one walk.
//!
//! Every declaration is checked once, where it stands; components too, whatever uses them.
//! Reports go to the sink; what is wrong becomes [`Type::Error`], which fits everywhere.

mod block;
mod builtins;
mod calls;
mod change;
mod coverage;
mod cx;
mod displaced;
mod entries;
mod errors;
mod expr;
mod flow;
mod graph;
mod items;
mod kinds;
mod labels;
mod literals;
mod members;
mod merges;
mod mismatch;
mod operators;
mod overrides;
mod paths;
mod policy;
mod schemas;
mod show;
mod tables;
mod ty;
mod type_expr;
mod unused;

use crate::core::{
    self, ComponentId, EnvironmentId, FunctionId, GlobalId, Layer, Place, PlaceId, Program, SchemaId, Sym,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::modules::{ModuleId, Modules};
use crate::schema::Api;
use crate::source::{Files, Span};
use crate::syntax::ast;
use graph::{Graph, Node};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use tables::{EnvironmentNames, Table};
use ty::Type;
use unused::Uses;

/// How deeply expressions and types may be under check within each other, those of the declarations that they name
/// included.
const DEPTH: usize = 1000;

/// Enough for that, without optimization.
const STACK: usize = 256 << 20;

/// Checks all modules.
pub fn check(modules: &Modules, api: &Api, files: &Files, sink: &mut Diagnostics) -> Program {
    std::thread::scope(|scope| {
        // The caller's stack may be small.
        let thread = std::thread::Builder::new().stack_size(STACK);
        let checker = thread.spawn_scoped(scope, || check_here(modules, api, files, sink));
        // Where there is no thread to be had, there is none for the rest of the compilation either.
        match checker.expect("the system gives the checker a thread").join() {
            Ok(program) => program,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn check_here(modules: &Modules, api: &Api, files: &Files, sink: &mut Diagnostics) -> Program {
    let mut checker = Checker {
        modules,
        api,
        files,
        sink,
        program: Program::default(),
        syms: FxHashMap::default(),
        tables: Vec::new(),
        environments: EnvironmentNames::default(),
        globals: Vec::new(),
        functions: Vec::new(),
        schemas: Vec::new(),
        components: Vec::new(),
        aliases: Vec::new(),
        policies: Vec::new(),
        changes: Vec::new(),
        graph: Graph::default(),
        root: labels::Labels::default(),
        collecting: Vec::new(),
        resolving: Vec::new(),
        uses: Uses::default(),
        depth: 0,
    };
    checker.collect();
    checker.check_all();
    checker.report_cycles();
    checker.report_unused();
    checker.program
}

/// A `let` or `param` at the top of a module.
struct GlobalInfo<'a> {
    module: ModuleId,
    declared: GlobalDecl<'a>,
    // None until it is checked; Some(None) while it is.
    ty: Option<Option<Type>>,
}

#[derive(Clone, Copy)]
enum GlobalDecl<'a> {
    Let(&'a ast::Let),
    Param(&'a ast::Param),
}

impl<'a> GlobalDecl<'a> {
    fn name(self) -> &'a ast::Name {
        match self {
            GlobalDecl::Let(declared) => &declared.name,
            GlobalDecl::Param(declared) => &declared.name,
        }
    }
}

struct FunctionInfo<'a> {
    module: ModuleId,
    declared: &'a ast::Function,
    params: Vec<Type>,
    result: Type,
}

struct SchemaInfo<'a> {
    module: ModuleId,
    declared: &'a ast::Schema,
    // As other values see them: optional where a value may lack them.
    fields: Rc<[(Sym, Type)]>,
}

struct ComponentInfo<'a> {
    module: ModuleId,
    declared: &'a ast::Component,
    spec: Option<SchemaId>,
    labels: labels::Labels,
}

struct AliasInfo<'a> {
    module: ModuleId,
    declared: &'a ast::TypeAlias,
    // None until it is resolved; Some(None) while it is.
    ty: Option<Option<Type>>,
}

/// The state of a check.
struct Checker<'a> {
    modules: &'a Modules,
    api: &'a Api,
    files: &'a Files,
    sink: &'a mut Diagnostics,
    program: Program,
    syms: FxHashMap<Box<str>, Sym>,
    tables: Vec<Table>,
    environments: EnvironmentNames,
    globals: Vec<GlobalInfo<'a>>,
    functions: Vec<FunctionInfo<'a>>,
    schemas: Vec<SchemaInfo<'a>>,
    components: Vec<ComponentInfo<'a>>,
    aliases: Vec<AliasInfo<'a>>,
    policies: Vec<policy::PolicyInfo<'a>>,
    changes: Vec<change::ChangeInfo<'a>>,
    graph: Graph,
    root: labels::Labels,
    // The components whose labels are being collected, outermost first.
    collecting: Vec<ComponentId>,
    // The type aliases that are being resolved, outermost first.
    resolving: Vec<usize>,
    uses: Uses<'a>,
    // How many expressions and types are under check within each other.
    depth: usize,
}

impl<'a> Checker<'a> {
    /// Goes one deeper into expressions, types and the declarations that they name; `None` where that was too deep.
    fn deeper<T>(&mut self, at: Span, check: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= DEPTH {
            let message = format!("declarations need each other in a chain of more than {DEPTH} expressions");
            self.sink.report(Diagnostic::error(Code::Limit, message, at));
            return None;
        }
        self.depth += 1;
        let result = check(self);
        self.depth -= 1;
        Some(result)
    }

    fn sym(&mut self, text: &str) -> Sym {
        if let Some(sym) = self.syms.get(text) {
            return *sym;
        }
        let sym = Sym(index(self.program.names.len()));
        self.program.names.push(text.into());
        self.syms.insert(text.into(), sym);
        sym
    }

    fn place(&mut self, span: Span, layer: Layer) -> PlaceId {
        let id = PlaceId(index(self.program.places.len()));
        self.program.places.push(Place { span, layer });
        id
    }

    fn check_all(&mut self) {
        for id in 0..self.aliases.len() {
            self.alias_type(id);
        }
        for id in 0..self.schemas.len() {
            self.schema_fields(SchemaId(index(id)));
        }
        for id in 0..self.functions.len() {
            self.signature(FunctionId(index(id)));
        }
        for id in 0..self.globals.len() {
            self.global_type(GlobalId(index(id)));
        }
        for id in 0..self.schemas.len() {
            self.schema_body(SchemaId(index(id)));
        }
        for id in 0..self.functions.len() {
            self.function_body(FunctionId(index(id)));
        }
        for id in 0..self.components.len() {
            self.component(ComponentId(index(id)));
        }
        self.root();
        self.check_policies();
        self.check_changes();
    }

    /// Cycles among functions, values, schemas and components that checking alone did not run into.
    fn report_cycles(&mut self) {
        for cycle in self.graph.cycles() {
            let named: Vec<(String, Span)> = cycle.iter().map(|node| self.node_name(*node)).collect();
            self.sink.report(errors::cycle(&named));
        }
    }

    fn node_name(&self, node: Node) -> (String, Span) {
        match node {
            Node::Global(id) => {
                let name = self.globals[id.0 as usize].declared.name();
                (name.text.to_string(), name.span)
            }
            Node::Function(id) => {
                let name = &self.functions[id.0 as usize].declared.name;
                (name.text.to_string(), name.span)
            }
            Node::Schema(id) => {
                let name = &self.schemas[id.0 as usize].declared.name;
                (name.text.to_string(), name.span)
            }
            Node::Component(id) => {
                let name = &self.components[id.0 as usize].declared.name;
                (name.text.to_string(), name.span)
            }
        }
    }

    fn layer_of(&self, when: &[EnvironmentId], group: bool) -> Layer {
        if group || when.len() != 1 { Layer::Group } else { Layer::Environment }
    }
}

fn index(length: usize) -> u32 {
    u32::try_from(length).expect("a program has fewer than 2^32 parts of any kind: its files are limited in size")
}

/// The constant of a string that nothing is computed in.
fn plain_string(expr: &ast::Expr) -> Option<&str> {
    match &expr.kind {
        ast::ExprKind::String(parts) => match parts.as_slice() {
            [] => Some(""),
            [ast::StringPart::Text(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// An expression that stands for something that was reported.
fn broken() -> core::Expr {
    core::Expr::Const(core::Const::Absent)
}
