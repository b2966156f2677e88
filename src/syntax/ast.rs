//! The syntax tree. Immutable once parsed; every node knows its place.
//!
//! Names follow `grammar/flink.pest`. Comments are kept beside the tree, in source order, for the formatter.

use crate::source::{FileId, Span};

/// One file as parsed. What could not be parsed is missing from it and was reported.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// The file.
    pub id: FileId,
    /// The text of the leading `//!` lines, without the marker.
    pub doc: Option<String>,
    /// The declarations, in source order.
    pub items: Vec<Item>,
    /// All comments, in source order.
    pub comments: Vec<Comment>,
}

/// A comment, from its marker to the end of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// The place, without the line end.
    pub span: Span,
    /// What the marker says it is.
    pub kind: CommentKind,
}

/// What a comment documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentKind {
    /// `//`
    Plain,
    /// `///`, on the next declaration or field.
    Item,
    /// `//!`, on the file.
    File,
}

/// A name as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// The name; may contain `-` between letters and digits.
    pub text: Box<str>,
    /// The place.
    pub span: Span,
}

/// A dotted name, such as `flink.application`: never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Dotted {
    /// The parts.
    pub parts: Vec<Name>,
    /// The whole place.
    pub span: Span,
}

/// `@name` or `@name(argument, …)` before a declaration or a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// The name after `@`.
    pub name: Name,
    /// The arguments, empty where there are no parentheses.
    pub arguments: Vec<Expr>,
    /// The whole place.
    pub span: Span,
}

/// A declaration: at the top of a file, in a component, or inside `when`, `if` and `for` around declarations.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// `import std.flink`, `import "../lib/house" as house`
    Import(Import),
    /// `param image_tag: string = "2.3.1"`
    Param(Param),
    /// `environment dev { namespace = "clicks-dev" }`
    Environment(Environment),
    /// `group production = prod-eu, prod-us`
    Group(Group),
    /// `let NAME: TYPE = EXPR`
    Let(Let),
    /// `fn NAME(a: int, b: int = 1) -> int = a + b`
    Function(Function),
    /// `type Level = "debug" | "info"`
    TypeAlias(TypeAlias),
    /// `schema NAME { fields and checks }`
    Schema(Schema),
    /// `kind example.com/v1 Widget { fields }`
    Kind(ApiRecord),
    /// `type example.com/v1.Size { fields }`
    ApiType(ApiRecord),
    /// `policy apps/v1 Deployment it { requirements }`
    Policy(Policy),
    /// `change apps/v1 Deployment (before, after) { costs }`
    Change(Change),
    /// `component NAME(name: dns_label, spec: S) { declarations }`
    Component(Component),
    /// `resource apps/v1 Deployment web { … }`
    Resource(Resource),
    /// `flink.application clicks { … }`
    Instance(Instance),
    /// `external Secret a, b`
    External(External),
    /// `when prod { declarations }`
    When(When<Item>),
    /// `if condition { declarations } else { declarations }`
    If(If<Item>),
    /// `for job in jobs { declarations }`
    For(For<Item>),
    /// `check condition : "message"`, in a component
    Check(Check),
    /// `...cluster(name, spec)`, in a component
    Include(Include),
    /// `explain memory = budget(spec)`, in a component
    Topic(Topic),
}

/// What can be asked of what a component makes; it makes nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// `///` lines.
    pub doc: Option<String>,
    /// The name.
    pub name: Name,
    /// The answer.
    pub value: Expr,
    /// The whole place.
    pub span: Span,
}

/// Makes what another component makes, under its labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Include {
    /// Which component.
    pub component: Dotted,
    /// Its name and its spec.
    pub arguments: Vec<Argument>,
    /// The whole place.
    pub span: Span,
}

/// Makes a module's names available under one name.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// What is imported.
    pub module: ModulePath,
    /// The name after `as`; else the path's last part.
    pub alias: Option<Name>,
    /// The whole place.
    pub span: Span,
}

/// How a module is named.
#[derive(Debug, Clone, PartialEq)]
pub enum ModulePath {
    /// `std.flink`
    Standard(Dotted),
    /// `"../lib/house"`, a directory relative to the importing file's.
    Relative {
        /// The path as written.
        path: Box<str>,
        /// Its place, quotes included.
        span: Span,
    },
}

/// A value from outside: `--set NAME=VALUE`.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// `///` lines.
    pub doc: Option<String>,
    /// The name.
    pub name: Name,
    /// The type.
    pub ty: TypeExpr,
    /// The default; without one the param must be set.
    pub default: Option<Expr>,
    /// The whole place.
    pub span: Span,
}

/// An environment and its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    /// `///` lines.
    pub doc: Option<String>,
    /// The name.
    pub name: Name,
    /// `namespace`, `kubernetes`, `context`.
    pub body: Block,
    /// The whole place.
    pub span: Span,
}

/// A name for several environments.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// `///` lines.
    pub doc: Option<String>,
    /// The name.
    pub name: Name,
    /// Environments or other groups.
    pub members: Vec<Name>,
    /// The whole place.
    pub span: Span,
}

/// A named value.
#[derive(Debug, Clone, PartialEq)]
pub struct Let {
    /// `///` lines.
    pub doc: Option<String>,
    /// The name.
    pub name: Name,
    /// The declared type.
    pub ty: Option<TypeExpr>,
    /// The value.
    pub value: Expr,
    /// The whole place.
    pub span: Span,
}

/// A pure function.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// `///` lines.
    pub doc: Option<String>,
    /// The name.
    pub name: Name,
    /// The parameters.
    pub params: Vec<Parameter>,
    /// The type of the result.
    pub result: TypeExpr,
    /// `let`s before the result, of the form with braces.
    pub lets: Vec<Let>,
    /// The result.
    pub body: Expr,
    /// The whole place.
    pub span: Span,
}

/// A parameter of a function or component.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The name.
    pub name: Name,
    /// The type.
    pub ty: TypeExpr,
    /// The default.
    pub default: Option<Expr>,
    /// The whole place.
    pub span: Span,
}

/// A name for a type.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeAlias {
    /// `///` lines.
    pub doc: Option<String>,
    /// The name.
    pub name: Name,
    /// The type.
    pub ty: TypeExpr,
    /// The whole place.
    pub span: Span,
}

/// A closed record type.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// `///` lines.
    pub doc: Option<String>,
    /// The name.
    pub name: Name,
    /// The fields.
    pub fields: Vec<FieldDecl>,
    /// What must hold between the fields.
    pub requirements: Vec<Requirement>,
    /// The whole place.
    pub span: Span,
}

/// A field of a schema. `name: T?` is optional, `name: T = e` has a default, `name: T` is required.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldDecl {
    /// `///` lines.
    pub doc: Option<String>,
    /// `@…` before the field.
    pub attributes: Vec<Attribute>,
    /// The name.
    pub name: Name,
    /// The type.
    pub ty: TypeExpr,
    /// The default; may name fields declared before it.
    pub default: Option<Expr>,
    /// The whole place.
    pub span: Span,
}

/// A record of an API that the compiler does not know by itself: a kind of custom resources, or a type in it.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiRecord {
    /// `///` lines.
    pub doc: Option<String>,
    /// `@…` before it.
    pub attributes: Vec<Attribute>,
    /// Such as `example.com/v1`.
    pub api_version: Name,
    /// Such as `Widget`.
    pub name: Name,
    /// Its fields.
    pub record: RecordType,
    /// The whole place.
    pub span: Span,
}

/// `{ size: int, ... }`
#[derive(Debug, Clone, PartialEq)]
pub struct RecordType {
    /// The fields.
    pub fields: Vec<RecordField>,
    /// `...`: other fields are allowed too.
    pub open: bool,
    /// The place, braces included.
    pub span: Span,
}

/// A field of a record type. `name: T?` is optional, `name: T` is required.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordField {
    /// `///` lines.
    pub doc: Option<String>,
    /// `@…` before the field; they say what its value must be like.
    pub attributes: Vec<Attribute>,
    /// The name; any text where it is written in quotes.
    pub name: Name,
    /// The type.
    pub ty: TypeExpr,
    /// The whole place.
    pub span: Span,
}

/// What a schema asks for beside its fields.
#[derive(Debug, Clone, PartialEq)]
pub enum Requirement {
    /// `check …`, `warn …`
    Check(Check),
    /// `let x = value`, for what follows
    Let(Let),
    /// `if condition { requirements } else { requirements }`
    If(If<Requirement>),
    /// `for key, value in map { requirements }`
    For(For<Requirement>),
}

/// What a check that does not hold means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// `check`: the program is wrong.
    Must,
    /// `warn`: it is worth a look.
    Should,
}

/// `check condition : "message"`, `warn condition : "message"`
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Which of the two.
    pub demand: Demand,
    /// What must be true.
    pub condition: Expr,
    /// A string, with interpolation. Its first line is the message, what follows are notes.
    pub message: Expr,
    /// The whole place.
    pub span: Span,
}

/// What must hold of every object of a kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// `///` lines.
    pub doc: Option<String>,
    /// Such as `apps/v1`.
    pub api_version: Name,
    /// Such as `Deployment`.
    pub kind: Name,
    /// What the object is called in it.
    pub variable: Name,
    /// What must hold.
    pub requirements: Vec<Requirement>,
    /// The whole place.
    pub span: Span,
}

/// What a change of an object does to what runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// `///` lines.
    pub doc: Option<String>,
    /// Such as `apps/v1`.
    pub api_version: Name,
    /// Such as `Deployment`.
    pub kind: Name,
    /// What the object is called in it as it was.
    pub before: Name,
    /// What it is called as it will be.
    pub after: Name,
    /// What its parts cost.
    pub effects: Vec<Effect>,
    /// The whole place.
    pub span: Span,
}

/// What a `change` consists of.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// `spec.replicas : scale`
    Cost(CostEntry),
    /// `let x = value`, for what follows
    Let(Let),
    /// `if condition { effects } else { effects }`
    If(If<Effect>),
    /// `for key, value in map { effects }`
    For(For<Effect>),
}

/// What it costs to change something: `path : cost`, `path : cost : "reason"`.
#[derive(Debug, Clone, PartialEq)]
pub struct CostEntry {
    /// What is changed, with all that lies in it.
    pub path: Path,
    /// One of the words for costs.
    pub cost: Expr,
    /// Why; a string.
    pub reason: Option<Expr>,
    /// The whole place.
    pub span: Span,
}

/// A function from a name and a spec to objects.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// `///` lines.
    pub doc: Option<String>,
    /// The name.
    pub name: Name,
    /// The first receives the instance's name, the second, if any, its body.
    pub params: Vec<Parameter>,
    /// `let`, `resource`, instances, `check`, `when`, `if`, `for`.
    pub items: Vec<Item>,
    /// The whole place.
    pub span: Span,
}

/// A Kubernetes object.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// `///` lines.
    pub doc: Option<String>,
    /// `@…` before it.
    pub attributes: Vec<Attribute>,
    /// `open resource …`: the kind has no schema, and none is asked for.
    pub open: bool,
    /// Such as `apps/v1` or `v1`.
    pub api_version: Name,
    /// Such as `Deployment`.
    pub kind: Name,
    /// By which the program refers to it, and what its file is named for.
    pub label: LabelName,
    /// The body.
    pub body: Block,
    /// The whole place.
    pub span: Span,
}

/// The word after a kind or component: a name, or a string where it is computed.
#[derive(Debug, Clone, PartialEq)]
pub enum LabelName {
    /// `clicks`
    Name(Name),
    /// `"\(job.name)"`: no other declaration can refer to it.
    Computed(Expr),
}

/// A use of a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// `///` lines.
    pub doc: Option<String>,
    /// `@…` before it.
    pub attributes: Vec<Attribute>,
    /// Which component.
    pub component: Dotted,
    /// By which the program refers to it.
    pub label: LabelName,
    /// `as EXPR`: the instance's name where it is not the label.
    pub name: Option<Expr>,
    /// The spec, with `override`s.
    pub body: Block,
    /// The whole place.
    pub span: Span,
}

/// Objects that are made elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct External {
    /// The API version, where the kind alone does not tell.
    pub api_version: Option<Name>,
    /// Such as `Secret`.
    pub kind: Name,
    /// Names, or computed strings.
    pub names: Vec<LabelName>,
    /// The whole place.
    pub span: Span,
}

/// What holds in some environments.
#[derive(Debug, Clone, PartialEq)]
pub struct When<T> {
    /// Environments or groups; never empty.
    pub environments: Vec<Name>,
    /// What stands inside.
    pub then: Vec<T>,
    /// The whole place.
    pub span: Span,
}

/// What holds where a condition does. `else if` is an `If` alone in `otherwise`.
#[derive(Debug, Clone, PartialEq)]
pub struct If<T> {
    /// The condition.
    pub condition: Expr,
    /// Where it is true.
    pub then: Vec<T>,
    /// Where it is false.
    pub otherwise: Vec<T>,
    /// The whole place.
    pub span: Span,
}

/// Once for each element. With two variables: index and element of a list, key and value of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct For<T> {
    /// The key or index, where there are two variables.
    pub key: Option<Name>,
    /// The element.
    pub variable: Name,
    /// What is walked.
    pub iterable: Expr,
    /// `if condition` after it.
    pub filter: Option<Expr>,
    /// What stands inside.
    pub each: Vec<T>,
    /// The whole place.
    pub span: Span,
}

/// `{ entries }`: a record, a map, an object's fields, or keyed list items, as the expected type says.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The entries, in source order.
    pub entries: Vec<Entry>,
    /// The place, braces included.
    pub span: Span,
}

/// One line of a block.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// `a.b = value`: sets the whole value.
    Set {
        /// Where.
        path: Path,
        /// To what.
        value: Expr,
    },
    /// `a.b { … }`: reaches into the value.
    Open {
        /// Where.
        path: Path,
        /// What is set inside.
        block: Block,
    },
    /// `unset a.b`: removes what a lower layer set.
    Unset {
        /// Where.
        path: Path,
        /// The whole place.
        span: Span,
    },
    /// `...value`: all entries of a value; what the block itself sets wins over them.
    Spread {
        /// The value.
        value: Expr,
        /// The whole place.
        span: Span,
    },
    /// `let x = value`, for the entries of the same block.
    Let(Let),
    /// `when prod { … }`
    When(When<Entry>),
    /// `if condition { … } else { … }`
    If(If<Entry>),
    /// `for x in xs { … }`
    For(For<Entry>),
    /// `override label { … }`, only in an instance's body
    Override {
        /// The resource's label, after the labels of the instances around it.
        path: Path,
        /// What is set.
        block: Block,
        /// The whole place.
        span: Span,
    },
}

/// Where an entry sets something: never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The parts.
    pub segments: Vec<Segment>,
    /// The whole place.
    pub span: Span,
}

/// A part of a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Segment {
    /// `spec`
    Name(Name),
    /// `"app.kubernetes.io/name"`, `"\(key)"`
    Computed(Expr),
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// The place.
    pub span: Span,
}

/// The forms of values.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// Stands where a part could not be parsed and that was reported.
    Error,
    /// `null`
    Null,
    /// `true`
    Bool(bool),
    /// `42`
    Int(i64),
    /// `0.5`
    Float(f64),
    /// `4Gi`, `500m`, `1h30m`, as written: which quantity it is depends on the type that is expected.
    Unit(Box<str>),
    /// `"…\(e)…"`, `#"…"#`, `"""…"""`, with escapes and indentation resolved. One `Text` or none where there is no interpolation.
    String(Vec<StringPart>),
    /// `name`
    Name(Box<str>),
    /// `base.member`, `base?.member`
    Member {
        /// Of what.
        base: Box<Expr>,
        /// Which.
        member: Name,
        /// `?.`: absent where the base is.
        optional: bool,
    },
    /// `base[index]`
    Index {
        /// Of what.
        base: Box<Expr>,
        /// Which.
        index: Box<Expr>,
    },
    /// `callee(arguments)`: a function of this module or another, or a built-in one.
    Call {
        /// The function's name.
        callee: Dotted,
        /// The arguments.
        arguments: Vec<Argument>,
    },
    /// `!x`, `-x`
    Unary {
        /// The operator.
        operator: UnaryOperator,
        /// What it applies to.
        operand: Box<Expr>,
    },
    /// `a + b`
    Binary {
        /// The operator.
        operator: BinaryOperator,
        /// Where the operator stands.
        operator_span: Span,
        /// The left side.
        left: Box<Expr>,
        /// The right side.
        right: Box<Expr>,
    },
    /// `if c then a else b`
    If {
        /// The condition.
        condition: Box<Expr>,
        /// Where it is true.
        then: Box<Expr>,
        /// Where it is false; without it the value is absent there.
        otherwise: Option<Box<Expr>>,
    },
    /// `match value { pattern => result … }`
    Match {
        /// What is looked at.
        value: Box<Expr>,
        /// The arms, in order.
        arms: Vec<Arm>,
    },
    /// `[…]`
    List(Vec<Element>),
    /// `{ … }`
    Block(Block),
}

/// An argument of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// `name = value`
    pub name: Option<Name>,
    /// The value.
    pub value: Expr,
}

/// A part of a string.
#[derive(Debug, Clone, PartialEq)]
pub enum StringPart {
    /// Plain text.
    Text(Box<str>),
    /// `\(expression)`
    Value(Expr),
}

/// An element of a list literal.
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    /// A value.
    Value(Expr),
    /// `...values`
    Spread(Expr),
    /// `for x in xs if c: element`
    For(Box<For<Element>>),
    /// `if c: element`; `otherwise` is empty
    If(Box<If<Element>>),
}

/// An arm of a `match`.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// `a | b`: never empty.
    pub patterns: Vec<Pattern>,
    /// The result.
    pub value: Expr,
    /// The whole place.
    pub span: Span,
}

/// What an arm takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// `_`
    Any(Span),
    /// A string, number, bool or `null`; or a bare word, as `ExprKind::Name`, that the matched type knows.
    Literal(Expr),
    /// `x: string`: values of that type, bound to `x` (`_` binds nothing).
    Type {
        /// The variable.
        name: Name,
        /// The type.
        ty: TypeExpr,
        /// The whole place.
        span: Span,
    },
}

/// Operators before a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `!`
    Not,
    /// `-`
    Negate,
}

/// Operators between two values, loosest first: `??`, `||`, `&&`, comparisons and `in`, `+ - ++`, `* / %`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOperator {
    /// `??`: the right side where the left is absent
    Else,
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `in`: an element of a list, or a key of a map
    In,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `++`: lists or strings joined
    Concat,
    /// `*`
    Multiply,
    /// `/`: whole for two ints
    Divide,
    /// `%`
    Remainder,
}

impl BinaryOperator {
    /// How tightly it binds; higher is tighter.
    #[must_use]
    pub fn precedence(self) -> u8 {
        match self {
            BinaryOperator::Else => 1,
            BinaryOperator::Or => 2,
            BinaryOperator::And => 3,
            BinaryOperator::Equal
            | BinaryOperator::NotEqual
            | BinaryOperator::Less
            | BinaryOperator::LessEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterEqual
            | BinaryOperator::In => 4,
            BinaryOperator::Add | BinaryOperator::Subtract | BinaryOperator::Concat => 5,
            BinaryOperator::Multiply | BinaryOperator::Divide | BinaryOperator::Remainder => 6,
        }
    }
}

/// A type as written.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeExpr {
    /// What it is.
    pub kind: TypeExprKind,
    /// The place.
    pub span: Span,
}

/// The forms of types.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeExprKind {
    /// Stands where a type could not be parsed and that was reported.
    Error,
    /// `int`, `Size`, `house.Size`
    Name(Dotted),
    /// `apps/v1.Deployment`, `v1.Toleration`: a type of the Kubernetes API
    Kubernetes {
        /// `apps/v1`, `v1`
        api_version: Box<str>,
        /// `Deployment`
        name: Name,
    },
    /// `partial v1.PodSpec`: that type with nothing required
    Partial {
        /// `apps/v1`, `v1`
        api_version: Box<str>,
        /// `PodSpec`
        name: Name,
    },
    /// `{ size: int }`; only in kinds
    Record(RecordType),
    /// `@minLength(1) string`; only in kinds
    Attributed {
        /// What its values must be like; never empty.
        attributes: Vec<Attribute>,
        /// The type.
        ty: Box<TypeExpr>,
    },
    /// `[T]`
    List(Box<TypeExpr>),
    /// `{string: T}`
    Map(Box<TypeExpr>),
    /// `T?`
    Optional(Box<TypeExpr>),
    /// `"a" | "b"`, `string | int`
    Union(Vec<TypeExpr>),
    /// `"a"`, `1`, `true`, `null`
    Literal(Box<Expr>),
}
