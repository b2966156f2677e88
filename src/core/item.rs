//! Declarations of the checked program that make objects.

use super::{Body, ComponentId, EnvironmentSet, Expr, SchemaId, Slot, Sym};
use crate::diagnostic::Severity;
use crate::source::Span;

/// A component: what it makes of a name and a spec. The root of a program is one without parameters.
#[derive(Debug, Default)]
pub struct Component {
    /// Its name, for messages.
    pub name: Box<str>,
    /// Receives the instance's name.
    pub name_slot: Option<Slot>,
    /// Receives the completed body, of that schema.
    pub spec: Option<(Slot, SchemaId)>,
    /// All variables.
    pub slots: u32,
    /// For each slot, the expression of a `let`, which is computed when the slot is first read.
    /// `Item::Let` empties the slot again.
    pub lazy: Vec<Option<Expr>>,
    /// In source order.
    pub items: Vec<Item>,
    /// How many resources it declares; [`Resource::index`] is below that.
    pub resources: u32,
    /// How many instances it declares; [`Instance::index`] is below that.
    pub instances: u32,
}

/// A declaration that makes objects.
#[derive(Debug)]
pub enum Item {
    /// A `let`: the slot is forgotten, so that in a loop each round computes it anew.
    Let(Slot),
    /// An object.
    Resource(Box<Resource>),
    /// An instance of a component.
    Instance(Box<Instance>),
    /// Objects made elsewhere.
    External {
        /// Such as `Secret`.
        kind: Box<str>,
        /// Their names.
        names: Vec<ExternalName>,
    },
    /// What must hold.
    Check(Box<Check>),
    /// What can be asked.
    Topic(Box<Topic>),
    /// Only in some environments.
    When {
        /// Which.
        environments: EnvironmentSet,
        /// What is declared there.
        items: Vec<Item>,
    },
    /// Only where a condition holds.
    If {
        /// The condition.
        condition: Expr,
        /// Where it is true.
        then: Vec<Item>,
        /// Where it is false.
        otherwise: Vec<Item>,
    },
    /// Once for each element.
    For {
        /// Index or key.
        key: Option<Slot>,
        /// The element.
        variable: Slot,
        /// A list, keyed list or map.
        iterable: Expr,
        /// Only where true.
        filter: Option<Expr>,
        /// What is declared each time.
        each: Vec<Item>,
    },
}

/// What can be asked of what a component makes.
#[derive(Debug)]
pub struct Topic {
    /// Its name.
    pub name: Box<str>,
    /// What it is about, as its declaration says.
    pub doc: Option<Box<str>>,
    /// The answer; computed for those who ask.
    pub value: Expr,
}

/// A name of an object that is made elsewhere.
#[derive(Debug)]
pub struct ExternalName {
    /// A string.
    pub name: Expr,
    /// Its place.
    pub span: Span,
}

/// What a schema asks for beside its fields.
#[derive(Debug)]
pub enum Requirement {
    /// What must hold.
    Check(Check),
    /// A variable, for what follows.
    Let(Slot, Expr),
    /// Only where a condition holds.
    If {
        /// The condition.
        condition: Expr,
        /// Where it is true.
        then: Vec<Requirement>,
        /// Where it is false.
        otherwise: Vec<Requirement>,
    },
    /// For each element, entry or item; that is to blame for what does not hold.
    For {
        /// Index or key.
        key: Option<Slot>,
        /// The element.
        variable: Slot,
        /// A list, keyed list or map.
        iterable: Expr,
        /// Only where true.
        filter: Option<Expr>,
        /// What is asked for each time.
        each: Vec<Requirement>,
    },
}

/// `check condition : "message"`, `warn condition : "message"`
#[derive(Debug)]
pub struct Check {
    /// What it is where it does not hold.
    pub severity: Severity,
    /// Must be true.
    pub condition: Expr,
    /// The text of the diagnostic: the first line is its message, what follows are notes.
    pub message: Expr,
    /// In a schema: the fields that the condition reads, in its order; one that was set is to blame.
    pub reads: Vec<Read>,
    /// Where the condition stands.
    pub span: Span,
}

/// A field that a check reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The schema's own field.
    pub slot: Slot,
    /// The way from it to what is read.
    pub path: Vec<Sym>,
}

/// The word after a kind or component.
#[derive(Debug)]
pub enum Label {
    /// Known; others can refer to it.
    Static(Sym),
    /// A string to be computed.
    Computed(Expr),
}

/// An object.
#[derive(Debug)]
pub struct Resource {
    /// Its number in its component.
    pub index: u32,
    /// Its label; the default of its name.
    pub label: Label,
    /// Such as `apps/v1`.
    pub api_version: Box<str>,
    /// Such as `Deployment`.
    pub kind: Box<str>,
    /// Whether objects of the kind live in a namespace. True for kinds without a schema, as Kustomize has it.
    pub namespaced: bool,
    /// Whether Kustomize is to generate it, with a hash of its content at the end of its name.
    pub hashed: bool,
    /// Its fields, without `apiVersion` and `kind`.
    pub body: Body,
    /// The full name of its definition; none for kinds without a schema.
    pub definition: Option<Box<str>>,
    /// Whether a required field is only set under a condition, so that the finished object has to be looked
    /// through for missing fields.
    pub verify: bool,
    /// Where the label stands.
    pub span: Span,
}

/// A use of a component.
#[derive(Debug)]
pub struct Instance {
    /// Its number among the instances of its component.
    pub index: u32,
    /// Its label; the default of its name. None where what it makes goes by the labels of the component around it.
    pub label: Option<Label>,
    /// `as`: its name where that is not the label.
    pub name: Option<Expr>,
    /// Which component.
    pub component: ComponentId,
    /// What it makes it of.
    pub spec: Spec,
    /// What is set in objects that the component makes, in source order.
    pub overrides: Vec<Override>,
    /// Where the label stands.
    pub span: Span,
}

/// What an instance gives to its component.
#[derive(Debug)]
pub enum Spec {
    /// A body, before completion by the component's schema.
    Body(Body),
    /// A value of the schema; of a component without a spec, absent.
    Value(Expr),
}

/// Settings in an object that a component makes. `when`, `if` and `for` around it stand inside the body.
#[derive(Debug)]
pub struct Override {
    /// The ways to the object from the component: one of them is taken.
    pub routes: Vec<Route>,
    /// What is set.
    pub body: Body,
    /// Whether it may make something incomplete, so that the finished object has to be looked through.
    pub verify: bool,
    /// Where the label stands.
    pub span: Span,
}

impl Override {
    /// Whether one of its routes leads to that resource.
    #[must_use]
    pub fn reaches(&self, instances: &[u32], resource: u32) -> bool {
        self.routes.iter().any(|route| route.resource == resource && route.instances == instances)
    }
}

/// Which object an expression refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Where the numbers start to count.
    pub start: Start,
    /// The ways to the object; those of one target exclude each other, so that one of them is taken at most.
    pub routes: Vec<Route>,
}

/// A way to an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Numbers of instances, outermost first.
    pub instances: Vec<u32>,
    /// The number of the resource in the last of them.
    pub resource: u32,
}

/// Where a [`Target`] starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The component that the expression stands in.
    Own,
    /// The root of the program.
    Root,
}
