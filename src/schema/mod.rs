//! Types of the Kubernetes API by API version and kind, loaded when first asked for.

/// The types of one version of the Kubernetes API.
#[derive(Debug)]
pub struct Api {}

impl Api {
    /// The fields of a type by its full name.
    #[must_use]
    pub fn definition(&self, _full_name: &str) -> Option<&Definition> {
        None
    }
}

/// A kind that objects can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind<'a> {
    /// The full name of its definition, such as `io.k8s.api.apps.v1.Deployment`.
    pub definition: &'a str,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
}

/// A record type.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// The last part of its full name: `DeploymentSpec`.
    pub name: String,
    /// In the API's order. Empty with `open` for types without known fields.
    pub fields: Vec<Field>,
    /// Whether other fields are allowed too.
    pub open: bool,
}

/// A field of a record type.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Whether an object without it is refused.
    pub required: bool,
    /// Its type.
    pub ty: FieldType,
}

/// The type of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldType {
    /// Text.
    String,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// `true`, `false`
    Bool,
    /// `resource.Quantity`
    Quantity,
    /// `intstr.IntOrString`
    IntOrString,
    /// A duration in Go's notation.
    Duration,
    /// Anything.
    Any,
    /// One of these strings.
    Enum(Vec<String>),
    /// A list without keys.
    List(Box<FieldType>),
    /// A map of strings.
    Map(Box<FieldType>),
    /// A record, by the full name of its definition.
    Record(String),
    /// A list of records that are told apart by keys.
    Keyed {
        /// The full name of the items' definition.
        item: String,
        /// The field that labels an item: `name` where it has one, else the first merge key.
        label: String,
        /// The fields that tell items apart for the API server.
        keys: Vec<String>,
    },
}
