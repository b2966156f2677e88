//! Expressions and bodies of the checked program.

use super::{DataType, EnvironmentSet, FunctionId, GlobalId, Layer, PlaceId, Shape, Slot, Sym, Target};
use crate::schema::FieldType;
use crate::source::Span;

pub use crate::syntax::ast::UnaryOperator;

/// A constant scalar.
#[derive(Debug, Clone, PartialEq)]
pub enum Const {
    /// Absent: no value at all.
    Absent,
    /// `null`
    Null,
    /// `true`
    Bool(bool),
    /// `42`
    Int(i64),
    /// `0.5`
    Float(f64),
    /// `"text"`
    String(Box<str>),
    /// Bytes.
    Memory(i64),
    /// Thousandths of a core.
    Cpu(i64),
    /// Milliseconds.
    Duration(i64),
}

/// A value to be computed.
#[derive(Debug)]
pub enum Expr {
    /// A constant.
    Const(Const),
    /// A string with computed parts; the values are strings, ints, floats or bools.
    Text(Box<[TextPart]>),
    /// A variable of the frame. A `let` of a component is computed when first read.
    Local(Slot),
    /// A `let` or `param` at the top of a module.
    Global(GlobalId),
    /// `environment.name`
    EnvironmentName,
    /// `environment.namespace`
    EnvironmentNamespace,
    /// A field of a record or entry of a map; absent where there is none, or where the base is absent.
    Member {
        /// Of what.
        base: Box<Expr>,
        /// Which.
        name: Sym,
    },
    /// A part of a memory, cpu, duration or secret value.
    UnitMember {
        /// Of what; absent gives absent.
        base: Box<Expr>,
        /// Which.
        member: UnitMember,
    },
    /// An element or entry; absent where there is none.
    Index {
        /// A list, keyed list or map.
        base: Box<Expr>,
        /// An int, or a string.
        index: Box<Expr>,
    },
    /// A user's function; one argument for each parameter.
    Call {
        /// Which.
        function: FunctionId,
        /// The arguments.
        arguments: Box<[Expr]>,
    },
    /// A built-in function. `min` and `max` take any number of arguments, all others as many as documented.
    Builtin {
        /// Which.
        function: Builtin,
        /// The arguments.
        arguments: Box<[Expr]>,
        /// The call, for what can go wrong: an unreadable file, a bad regular expression, a range out of bounds.
        span: Span,
    },
    /// `data(path)`, read by its type. Relative to the directory of the file that `span` lies in.
    Data {
        /// The path.
        path: Box<Expr>,
        /// What the place expects.
        ty: DataType,
        /// What has to be completed afterwards.
        shape: Shape,
        /// The call.
        span: Span,
    },
    /// `merge(base, over, …)`; `whole(base)`, which has nothing to lay over it
    Merge {
        /// What is laid over.
        base: Box<Expr>,
        /// What is laid over it, weakest first; absent ones count for nothing.
        overs: Box<[Expr]>,
        /// The type of the result.
        ty: FieldType,
        /// Whether what is laid over may lack what the result must have, so that it has to be looked through.
        verify: bool,
        /// The call.
        span: Span,
    },
    /// Whether a value is there.
    Has(Box<Expr>),
    /// `!x`, `-x`
    Unary {
        /// The operator.
        operator: UnaryOperator,
        /// What it applies to.
        operand: Box<Expr>,
    },
    /// Both sides have fitting types; overflow and division by zero are errors at `span`.
    Binary {
        /// The operator.
        operator: BinaryOperator,
        /// The left side.
        left: Box<Expr>,
        /// The right side.
        right: Box<Expr>,
        /// The whole expression.
        span: Span,
    },
    /// `if c then a else b`
    If {
        /// The condition.
        condition: Box<Expr>,
        /// Where it is true.
        then: Box<Expr>,
        /// Where it is false.
        otherwise: Box<Expr>,
    },
    /// The first arm that fits; the checker made sure that there is one.
    Match {
        /// What is looked at.
        value: Box<Expr>,
        /// The arms.
        arms: Box<[Arm]>,
    },
    /// A list.
    List(Box<[Element]>),
    /// A block as a record, map or keyed list.
    Record {
        /// The entries.
        body: Body,
        /// What it is when built: a map or a keyed list.
        container: Container,
        /// What has to be completed when it is built. Plain for what is part of a larger body.
        shape: Shape,
        /// The block.
        span: Span,
    },
    /// Something of an object that the program makes.
    Object {
        /// Which object.
        target: Target,
        /// What of it.
        read: ObjectRead,
        /// The reference.
        span: Span,
    },
    /// A value in the notation of the place it goes to.
    Convert {
        /// The value; absent stays absent.
        value: Box<Expr>,
        /// How.
        conversion: Conversion,
        /// The value's place, for what can go wrong.
        span: Span,
    },
}

/// A part of a string.
#[derive(Debug)]
pub enum TextPart {
    /// Plain text.
    Text(Box<str>),
    /// A string, int, float or bool.
    Value(Expr),
}

/// The operators that remain: typed alike on both sides, but for a unit times or divided by a number.
pub use crate::syntax::ast::BinaryOperator;

/// Parts of values with units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitMember {
    /// memory → int
    Bytes,
    /// memory → int, rounded down
    Kibibytes,
    /// memory → int, rounded down
    Mebibytes,
    /// memory → int, rounded down
    Gibibytes,
    /// cpu → int
    Millicores,
    /// cpu → float
    Cores,
    /// duration → int
    Milliseconds,
    /// duration → int, rounded down
    Seconds,
    /// duration → int, rounded down
    Minutes,
    /// secret → string
    SecretName,
    /// secret → string
    SecretKey,
}

/// What is read of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectRead {
    /// `metadata.name`, without computing the rest of the object.
    Name,
    /// The namespace it will be in.
    Namespace,
    /// The whole object as a map.
    Value,
}

/// How a value is brought into a place's notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conversion {
    /// To a Kubernetes quantity: memory `4Gi`, cpu `500m`, numbers as text; strings are checked against the
    /// grammar of `k8s.io/apimachinery/pkg/api/resource.Quantity`.
    Quantity,
    /// A duration to whole seconds; other values stay. A fraction of a second is an error.
    Seconds,
    /// A duration to Go's notation (`1h30m`, `250ms`); other values stay.
    DurationText,
    /// An int to a float.
    Float,
    /// An int or float to a cpu value.
    Cpu,
    /// A list of maps, or a map of maps by label, to a keyed list; a list in which an item lacks the field, or two
    /// have the same, stays as it is.
    Keyed {
        /// The field that labels the items.
        field: Sym,
        /// Whether two items with one label are a mistake.
        unique: bool,
    },
    /// A map without the field that its label in a keyed list says.
    Unlabelled(Sym),
    /// A string that must be a DNS label (RFC 1123).
    DnsLabel,
}

/// An arm of a match.
#[derive(Debug)]
pub struct Arm {
    /// Any of them.
    pub patterns: Box<[Pattern]>,
    /// The variable that the value is bound to.
    pub binding: Option<Slot>,
    /// The result.
    pub value: Expr,
}

/// What an arm takes.
#[derive(Debug)]
pub enum Pattern {
    /// Everything.
    Any,
    /// One value.
    Literal(Const),
    /// Values of a type.
    Type(TypeTest),
}

/// A test of a value's type.
#[derive(Debug, Clone, PartialEq)]
pub enum TypeTest {
    /// `null`
    Null,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `float`
    Float,
    /// `string`
    String,
    /// `memory`
    Memory,
    /// `cpu`
    Cpu,
    /// `duration`
    Duration,
    /// `secret`
    Secret,
    /// Any list, keyed or not.
    List,
    /// Any map or record.
    Map,
    /// One of these.
    Either(Vec<TypeTest>),
    /// One value.
    Literal(Const),
}

/// An element of a list. Absent values are left out.
#[derive(Debug)]
pub enum Element {
    /// A value.
    Value(Expr),
    /// All elements of a list.
    Spread(Expr),
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
        /// What is added.
        each: Box<[Element]>,
    },
    /// Where a condition holds.
    If {
        /// The condition.
        condition: Expr,
        /// What is added.
        then: Box<[Element]>,
    },
}

/// What a block's entries go into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// A map or record.
    Map,
    /// A keyed list; the label becomes this field of each item.
    Keyed(Sym),
}

/// The entries of a block.
#[derive(Debug)]
pub struct Body {
    /// In source order.
    pub entries: Box<[Entry]>,
    /// Whether there is a `When` at any depth below, so that later passes have something to do.
    pub layered: bool,
    /// Whether nothing below reads a variable, the environment or an object: evaluated once, shared ever after.
    pub constant: bool,
}

/// One step of a path.
#[derive(Debug)]
pub struct Step {
    /// The key.
    pub key: Key,
    /// What holds the key; it is made where it is missing.
    pub container: Container,
}

/// A key.
#[derive(Debug)]
pub enum Key {
    /// Known.
    Static(Sym),
    /// A string to be computed.
    Computed(Box<Expr>),
}

/// An entry of a body.
///
/// A body is evaluated in three passes, one a layer: `Base` takes what stands outside any `When`, `Group` and
/// `Environment` what stands in a `When` of that layer that holds the current environment.
#[derive(Debug)]
pub enum Entry {
    /// Sets the whole value at the path. An absent value sets nothing.
    Set {
        /// Never empty.
        path: Box<[Step]>,
        /// The value.
        value: Expr,
        /// Who sets it.
        place: PlaceId,
    },
    /// Reaches into the value at the path, which is made where it is missing, and stays empty where nothing is set.
    Open {
        /// Never empty.
        path: Box<[Step]>,
        /// What is set inside.
        body: Body,
        /// What the body's entries go into.
        container: Container,
        /// Who opens it.
        place: PlaceId,
    },
    /// Removes what a lower layer set.
    Unset {
        /// Never empty.
        path: Box<[Step]>,
        /// Who removes it.
        place: PlaceId,
    },
    /// All entries of a map, below what the block itself sets in the same layer. Absent gives none.
    Spread {
        /// The map.
        value: Expr,
        /// Who spreads it.
        place: PlaceId,
    },
    /// A variable for the entries of this block; evaluated in every pass.
    Let {
        /// The variable.
        slot: Slot,
        /// Its value.
        value: Expr,
    },
    /// What holds in some environments.
    When {
        /// Which.
        environments: EnvironmentSet,
        /// `Group` or `Environment`.
        layer: Layer,
        /// What is set; no `When` inside.
        entries: Box<[Entry]>,
    },
    /// What holds where a condition does.
    If {
        /// The condition.
        condition: Expr,
        /// Where it is true.
        then: Box<[Entry]>,
        /// Where it is false.
        otherwise: Box<[Entry]>,
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
        /// What is set.
        each: Box<[Entry]>,
    },
}

/// The functions that come with the language; the language guide says what each does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "documented in the language guide, under the same names")]
pub enum Builtin {
    Len,
    Join,
    Split,
    Lines,
    Replace,
    Lower,
    Upper,
    Trim,
    Indent,
    StartsWith,
    EndsWith,
    Contains,
    Matches,
    Captures,
    Lookup,
    Nearest,
    Keys,
    Values,
    Sort,
    Unique,
    Reverse,
    Flatten,
    SortKeys,
    FlattenKeys,
    Columns,
    Range,
    Min,
    Max,
    Sum,
    Abs,
    Floor,
    Ceil,
    Round,
    All,
    AnyOf,
    String,
    Int,
    Float,
    Float32,
    Yaml,
    Json,
    XmlEscape,
    Sha256,
    Base64,
    Secret,
    File,
}
