//! The checked program: names resolved, types settled, conversions explicit. What evaluation runs.
//!
//! It is immutable and holds no reference-counted data, so that several evaluators can run it at once.

mod expr;
mod item;
mod rule;
pub mod units;

pub use expr::{
    Arm, BinaryOperator, Body, Builtin, Const, Container, Conversion, Element, Entry, Expr, Key, ObjectRead, Pattern,
    Step, TextPart, TypeTest, UnaryOperator, UnitMember,
};
pub use item::{
    Check, Component, ExternalName, Instance, Item, Label, Override, Read, Requirement, Resource, Route, Spec, Start,
    Target, Topic,
};
pub use rule::{Change, Cost, CostEntry, Effect, Policy};

use crate::schema::Version;
use crate::source::Span;

/// An interned name: an index into [`Program::names`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sym(pub u32);

/// A place in the source that sets a value: an index into [`Program::places`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PlaceId(pub u32);

/// An index into [`Program::globals`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GlobalId(pub u32);

/// An index into [`Program::functions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FunctionId(pub u32);

/// An index into [`Program::schemas`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SchemaId(pub u32);

/// An index into [`Program::components`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ComponentId(pub u32);

/// A variable of a frame: of a function, a component, a schema or the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slot(pub u32);

/// An index into [`Program::environments`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnvironmentId(pub u32);

/// A program that was checked.
#[derive(Debug, Default)]
pub struct Program {
    /// Text of every [`Sym`], each once.
    pub names: Vec<Box<str>>,
    /// What every [`PlaceId`] stands for.
    pub places: Vec<Place>,
    /// The `let`s and `param`s of all modules.
    pub globals: Vec<Global>,
    /// The functions of all modules.
    pub functions: Vec<Function>,
    /// The schemas of all modules.
    pub schemas: Vec<Schema>,
    /// The components of all modules.
    pub components: Vec<Component>,
    /// What must hold of objects, of all modules.
    pub policies: Vec<Policy>,
    /// What changes of objects cost, of all modules.
    pub changes: Vec<Change>,
    /// The environments, in source order.
    pub environments: Vec<Environment>,
    /// Groups of them, in source order.
    pub groups: Vec<Group>,
    /// Every `when` among settings.
    pub conditions: Vec<Condition>,
    /// The root module's declarations that make objects, as a component without parameters.
    /// Its `Let`s are globals, not items.
    pub root: Component,
}

impl Program {
    /// The text of a name.
    #[must_use]
    pub fn name(&self, sym: Sym) -> &str {
        &self.names[sym.0 as usize]
    }
}

/// A place that sets a value, and the layer it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The path that is set, as written.
    pub span: Span,
    /// Where in the order of layers.
    pub layer: Layer,
}

/// The layers within one declaration, weakest first. Components and schema defaults lie below all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Outside any `when`.
    Base,
    /// In a `when` of a group or of several environments.
    Group,
    /// In a `when` of one environment.
    Environment,
}

/// A set of environments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnvironmentSet {
    bits: Vec<u64>,
}

impl EnvironmentSet {
    /// Adds one.
    pub fn insert(&mut self, id: EnvironmentId) {
        let word = id.0 as usize / 64;
        if self.bits.len() <= word {
            self.bits.resize(word + 1, 0);
        }
        self.bits[word] |= 1 << (id.0 % 64);
    }

    /// Whether it holds one.
    #[must_use]
    pub fn contains(&self, id: EnvironmentId) -> bool {
        self.bits.get(id.0 as usize / 64).is_some_and(|word| word & (1 << (id.0 % 64)) != 0)
    }
}

/// A group of environments as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: Box<str>,
    /// Each once.
    pub environments: Vec<EnvironmentId>,
}

/// A `when` among settings: what is said of environments that others do not share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Where it holds.
    pub environments: EnvironmentSet,
    /// `Group` or `Environment`.
    pub layer: Layer,
    /// Where it stands.
    pub span: Span,
}

/// An environment as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Its name.
    pub name: Box<str>,
    /// Where namespaced objects go; `default` where nothing is said.
    pub namespace: Box<str>,
    /// The cluster's version of Kubernetes, and where it is said.
    pub kubernetes: Option<(Version, Span)>,
    /// The kubeconfig context for `diff`.
    pub context: Option<Box<str>>,
    /// Where it is declared.
    pub span: Span,
}

/// A `let` or `param` at the top of a module. Evaluated when first read, once for each environment.
#[derive(Debug)]
pub struct Global {
    /// Its name, for messages.
    pub name: Box<str>,
    /// The value; for a param without default, none.
    pub value: Option<Expr>,
    /// The type where it is a param, to read `--set` by.
    pub param: Option<DataType>,
    /// How many variables the expression needs.
    pub slots: u32,
    /// Where the name stands.
    pub span: Span,
}

/// A function. Recursion was refused by the checker.
#[derive(Debug)]
pub struct Function {
    /// Its name, for messages.
    pub name: Box<str>,
    /// How many parameters; they are the first slots. Calls give a value for each, defaults included.
    pub parameters: u32,
    /// All variables, parameters included.
    pub slots: u32,
    /// `let`s before the result, in order.
    pub lets: Vec<(Slot, Expr)>,
    /// The result.
    pub body: Expr,
}

/// A schema, as what completes a value: defaults filled in, required fields demanded, checks run.
#[derive(Debug)]
pub struct Schema {
    /// Its name, for messages.
    pub name: Box<str>,
    /// In declared order. Field `i` is slot `i` for defaults and checks, absent or not.
    pub fields: Vec<SchemaField>,
    /// What must hold.
    pub requirements: Vec<Requirement>,
    /// All variables, fields included.
    pub slots: u32,
    /// Where the name stands.
    pub span: Span,
}

/// A field of a schema.
#[derive(Debug)]
pub struct SchemaField {
    /// Its name.
    pub name: Sym,
    /// Whether it must be there when it has no default.
    pub required: bool,
    /// Its default, which may read the slots of the fields before it.
    pub default: Option<Expr>,
    /// The place of the default, as the origin of the value.
    pub place: PlaceId,
    /// What in its value has to be completed in turn.
    pub shape: Shape,
    /// What a data file may hold for it.
    pub data: DataType,
    /// Where the name stands.
    pub span: Span,
}

/// What in a value has to be completed by schemas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Nothing.
    Plain,
    /// It is a record of that schema.
    Schema(SchemaId),
    /// Its elements have that shape.
    List(Box<Shape>),
    /// Its values have that shape.
    Map(Box<Shape>),
}

/// A type as evaluation needs it: to read `data(…)` and `--set` by.
#[derive(Debug, Clone, PartialEq)]
pub enum DataType {
    /// Anything.
    Any,
    /// `null`
    Null,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `float`; an int becomes one
    Float,
    /// `string`
    String,
    /// `dns_label`
    DnsLabel,
    /// `memory`, as text such as `4Gi`
    Memory,
    /// `cpu`, as a number or text such as `500m`
    Cpu,
    /// `duration`, as text such as `30s`
    Duration,
    /// One value.
    Literal(Const),
    /// The first that fits.
    Union(Vec<DataType>),
    /// Absent, null in the data, or that.
    Optional(Box<DataType>),
    /// List.
    List(Box<DataType>),
    /// Map of strings.
    Map(Box<DataType>),
    /// A record of that schema, whose fields say what each holds; completed by the schema afterwards.
    /// Unknown fields are errors.
    Schema(SchemaId),
    /// What no data can hold, such as a secret.
    Nothing,
    /// A type of the Kubernetes API, by its full definition name.
    Definition(Box<str>),
}

/// What keeps a text from being a DNS label (RFC 1123, section 2.1; Kubernetes `IsDNS1123Label`), if anything does.
#[must_use]
pub fn dns_label_problem(text: &str) -> Option<String> {
    const LONGEST: usize = 63;
    if text.is_empty() {
        return Some("it is empty".to_string());
    }
    if text.len() > LONGEST {
        return Some(format!("it has {} characters, at most {LONGEST} are allowed", text.len()));
    }
    if let Some(bad) = text.chars().find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-')) {
        return Some(if bad.is_ascii_uppercase() || bad == '_' {
            format!("`{bad}` is not allowed; only `a-z`, `0-9` and `-` are")
        } else {
            format!("`{}` is not allowed; only `a-z`, `0-9` and `-` are", bad.escape_default())
        });
    }
    (text.starts_with('-') || text.ends_with('-')).then(|| "it begins or ends with `-`".to_string())
}
