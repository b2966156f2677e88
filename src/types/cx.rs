//! What a check knows at a place: the frame's variables, what is in scope, what is known to be there.

use super::graph::Node;
use super::labels::Labels;
use super::ty::Type;
use crate::core::{Expr, Slot, Start};
use crate::modules::ModuleId;
use crate::source::Span;
use crate::syntax::ast;
use rustc_hash::FxHashMap;

/// What a name in scope stands for.
#[derive(Clone)]
pub enum Local<'a> {
    /// A variable.
    Variable { slot: Slot, ty: Type, span: Span },
    /// A `let` of a component; checked when first used.
    Lazy { slot: Slot, declared: &'a ast::Let },
    /// A `let` that is being checked.
    Open { span: Span },
    /// A resource or instance that can be referred to.
    Label { span: Span },
}

/// Names that become known together.
#[derive(Default)]
pub struct Scope<'a> {
    pub names: FxHashMap<&'a str, Local<'a>>,
    // Textual paths of optional values that are known to be there.
    pub there: Vec<String>,
}

/// The place of a check.
pub struct Cx<'a> {
    pub module: ModuleId,
    /// Whose evaluation the checked expressions are part of.
    pub node: Option<Node>,
    pub scopes: Vec<Scope<'a>>,
    /// Variables of the frame so far.
    pub slots: u32,
    /// `let`s of the component, by slot.
    pub lazy: Vec<Option<Expr>>,
    /// The resources and instances that can be referred to, of the component or root that is being checked.
    pub labels: Option<(Start, Labels)>,
    /// The `when` around, for the rule that there is one at most.
    pub when: Option<Span>,
    /// The `let`s that are being checked, outermost first.
    pub open: Vec<(&'a str, Span)>,
    /// Whether what is computed depends on nothing but constants; reset and read around bodies.
    pub constant: bool,
}

impl<'a> Cx<'a> {
    pub fn new(module: ModuleId, node: Option<Node>) -> Cx<'a> {
        Cx {
            module,
            node,
            scopes: vec![Scope::default()],
            slots: 0,
            lazy: Vec::new(),
            labels: None,
            when: None,
            open: Vec::new(),
            constant: true,
        }
    }

    pub fn slot(&mut self) -> Slot {
        self.slots += 1;
        Slot(self.slots - 1)
    }

    pub fn push(&mut self) {
        self.scopes.push(Scope::default());
    }

    pub fn pop(&mut self) {
        self.scopes.pop();
    }

    /// The innermost meaning of a name, and the depth of its scope.
    pub fn lookup(&self, name: &str) -> Option<(usize, &Local<'a>)> {
        self.scopes.iter().enumerate().rev().find_map(|(depth, scope)| Some((depth, scope.names.get(name)?)))
    }

    pub fn declare(&mut self, name: &'a str, local: Local<'a>) {
        self.scopes.last_mut().expect("a check always has a scope").names.insert(name, local);
    }

    /// A new variable in the innermost scope.
    pub fn variable(&mut self, name: &'a ast::Name, ty: Type) -> Slot {
        let slot = self.slot();
        if &*name.text != "_" {
            self.declare(&name.text, Local::Variable { slot, ty, span: name.span });
        }
        slot
    }

    /// Notes that the optional values of these paths are there, in the innermost scope.
    pub fn assume(&mut self, paths: Vec<String>) {
        self.scopes.last_mut().expect("a check always has a scope").there.extend(paths);
    }

    pub fn is_there(&self, path: &str) -> bool {
        self.scopes.iter().any(|scope| scope.there.iter().any(|known| known == path))
    }

    /// The names in scope, for suggestions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.scopes.iter().flat_map(|scope| scope.names.keys().copied())
    }
}
