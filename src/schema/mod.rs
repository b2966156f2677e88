//! Types of the Kubernetes API by API version and kind, loaded when first asked for.

mod alternatives;
mod custom;
mod descriptions;
mod evolution;
mod lifecycle;
mod limits;
mod table;
mod versions;

pub use custom::{Custom, CustomKind};
pub use evolution::{Filled, Filling, Fixed, Merge, Notation};
pub use lifecycle::{Lifecycle, Successor};
pub use limits::{Bound, Json, Limits, Rule};
pub use versions::{FieldVersions, Lifetime, NoVersion, Version};

use crate::source::Span;
use std::borrow::Cow;
use std::sync::{LazyLock, OnceLock};
use table::{Section, Table};

/// The kinds and definitions of all known versions, as `tests/tools/schemas` writes them from k8s-openapi; its
/// `merge.rs` says how.
const DATA: &str = include_str!("data/types.txt");
/// Lists whose items are told apart by keys.
const KEYS: &str = include_str!("data/keys.txt");
/// Fields that take one of a closed set of strings, as the API marks them.
const ENUMS: &str = include_str!("data/enums.txt");
/// Others, which validation closes without a mark.
const CLOSED: &str = include_str!("data/closed.txt");
/// Fields that validation requires although the schema does not.
const REQUIRED: &str = include_str!("data/required.txt");

/// What the name of a type begins with that has no required fields.
const PARTIAL: &str = "partial ";

/// The package of types that every API version shares.
const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1";

/// The types that a program's objects can have: those of Kubernetes, and those of its custom resources.
#[derive(Debug)]
pub struct Api {
    builtin: &'static Builtin,
    custom: Custom,
}

/// The types of the Kubernetes API, in all known versions.
#[derive(Debug)]
struct Builtin {
    data: Table,
    keys: Table,
    enums: Table,
    closed: Table,
    required: Table,
    // One for each line of `data`, filled in when asked for.
    definitions: Vec<OnceLock<Definition>>,
    // The same with nothing required.
    partials: Vec<OnceLock<Definition>>,
}

/// A kind that objects can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind<'a> {
    /// The full name of its definition, such as `io.k8s.api.apps.v1.Deployment`.
    pub definition: &'a str,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
    /// The versions of Kubernetes that know it; of custom resources, all.
    pub lifetime: Lifetime,
    /// Its declaration, where the program or a library declares it.
    pub declared: Option<&'a CustomKind>,
}

/// A record type.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// The last part of its full name: `DeploymentSpec`.
    pub name: String,
    /// In the API's order, which is that of the alphabet. Empty with `open` for types without known fields.
    /// `apiVersion` and `kind` of kinds are not among them: a declaration says them, not its fields.
    pub fields: Vec<Field>,
    /// Whether other fields are allowed too.
    pub open: bool,
    /// What its values must be like besides; only for types of custom resources.
    pub limits: Option<Box<Limits>>,
    /// Where it is declared, where the program or a library does that.
    pub declared: Option<Span>,
}

/// A field of a record type.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Whether an object without it is refused, by every version that knows it.
    pub required: bool,
    /// In what the versions of Kubernetes differ about it.
    pub versions: FieldVersions,
    /// Whether it is the `status` of a kind, which the cluster keeps and ignores when it is applied.
    pub status: bool,
    /// Its type.
    pub ty: FieldType,
    /// What its values must be like besides; only for types of custom resources.
    pub limits: Option<Box<Limits>>,
    /// What its declaration says of it; only for types of custom resources. Of others, [`Api::describe`] knows it.
    pub doc: Option<Box<str>>,
    /// Where it is declared, where the program or a library does that.
    pub declared: Option<Span>,
}

/// The type of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldType {
    /// Text. Bytes, which are text in base64, and points in time, which are text in RFC 3339, are too.
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
    /// `null`, or that.
    Nullable(Box<FieldType>),
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

impl Definition {
    /// A field by its name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl Field {
    /// The first version of Kubernetes that knows it, where an older one is known that does not.
    #[must_use]
    pub fn since(&self) -> Option<Version> {
        self.versions.lifetime.since()
    }

    /// The last version of Kubernetes that knows it, where a newer one is known that does not.
    #[must_use]
    pub fn until(&self) -> Option<Version> {
        self.versions.lifetime.until()
    }
}

impl Kind<'_> {
    /// The first version of Kubernetes that knows it, where an older one is known that does not.
    #[must_use]
    pub fn since(&self) -> Option<Version> {
        self.lifetime.since()
    }

    /// The last version of Kubernetes that knows it, where a newer one is known that does not.
    #[must_use]
    pub fn until(&self) -> Option<Version> {
        self.lifetime.until()
    }
}

impl Api {
    /// The API of all versions of Kubernetes that this compiler knows, without custom resources.
    #[must_use]
    pub fn kubernetes() -> &'static Api {
        static API: LazyLock<Api> = LazyLock::new(|| Api::with(Custom::default()));
        &API
    }

    /// The API of Kubernetes and these custom resources, which win over built-in kinds of the same name.
    #[must_use]
    pub fn with(custom: Custom) -> Api {
        Api { builtin: Builtin::get(), custom }
    }

    /// A kind, such as `Deployment` of `apps/v1`.
    #[must_use]
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<Kind<'_>> {
        match self.custom.kind(api_version, kind) {
            Some(declared) => Some(Kind {
                definition: &declared.definition,
                namespaced: declared.namespaced,
                lifetime: Lifetime::ALWAYS,
                declared: Some(declared),
            }),
            None => self.builtin.kind(api_version, kind),
        }
    }

    /// All kinds as API version and kind, sorted among those of Kubernetes and those of custom resources; for
    /// suggestions.
    pub fn kinds(&self) -> impl Iterator<Item = (&str, &str)> {
        self.builtin.kinds().chain(self.custom.kinds().map(|kind| (&*kind.api_version, &*kind.kind)))
    }

    /// The API versions that have a kind.
    pub fn api_versions_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a str> {
        self.kinds().filter(move |(_, known)| *known == kind).map(|(api_version, _)| api_version)
    }

    /// The full name of a type, such as `Toleration` of `v1` or `DeploymentStrategy` of `apps/v1`.
    ///
    /// The types that all versions share, such as `LabelSelector`, belong to `meta/v1` and to every version that has
    /// no type of that name itself.
    #[must_use]
    pub fn type_named(&self, api_version: &str, name: &str) -> Option<&str> {
        self.custom.type_named(api_version, name).or_else(|| self.builtin.type_named(api_version, name))
    }

    /// The names of an API version's own types, sorted; for suggestions.
    pub fn types_of<'a>(&'a self, api_version: &'a str) -> impl Iterator<Item = &'a str> {
        self.builtin.types_of(api_version).chain(self.custom.types_of(api_version))
    }

    /// A record type by its full name.
    #[must_use]
    pub fn definition(&self, full_name: &str) -> Option<&Definition> {
        self.custom.definition(full_name).or_else(|| self.builtin.definition(full_name))
    }

    /// What the newest version of the Kubernetes API that knows it says of a definition, by its full name, or of a
    /// field of it: Markdown, in which single line ends may be wanted. What declarations of custom resources say is
    /// [`CustomKind::doc`] and [`Field::doc`].
    #[must_use]
    pub fn describe(&self, definition: &str, field: Option<&str>) -> Option<Cow<'static, str>> {
        descriptions::find(whole(definition), field)
    }
}

/// The full name of a type with nothing required, at any depth: it is laid over a whole one elsewhere.
#[must_use]
pub fn partial(full_name: &str) -> String {
    format!("{PARTIAL}{full_name}")
}

/// The full name without the mark of a partial type.
#[must_use]
pub fn whole(full_name: &str) -> &str {
    full_name.strip_prefix(PARTIAL).unwrap_or(full_name)
}

impl Builtin {
    fn get() -> &'static Builtin {
        static BUILTIN: LazyLock<Builtin> = LazyLock::new(|| {
            let data = Table::new(DATA);
            let empty = || std::iter::repeat_with(OnceLock::new).take(data.len()).collect();
            let (definitions, partials) = (empty(), empty());
            let [keys, enums, closed, required] = [KEYS, ENUMS, CLOSED, REQUIRED].map(Table::new);
            Builtin { data, keys, enums, closed, required, definitions, partials }
        });
        &BUILTIN
    }

    fn kind(&self, api_version: &str, kind: &str) -> Option<Kind<'_>> {
        let (_, rest) = self.data.find(&["kind", api_version, kind])?;
        let mut words = rest.split(' ');
        let (scope, definition) = (words.next()?, words.next()?);
        let lifetime = Lifetime::parse(words.next().unwrap_or_default(), Lifetime::ALWAYS);
        Some(Kind { definition, namespaced: scope == "namespaced", lifetime, declared: None })
    }

    fn kinds(&self) -> impl Iterator<Item = (&str, &str)> {
        self.data.starting_with("kind ").filter_map(|rest| {
            let mut words = rest.split(' ');
            Some((words.next()?, words.next()?))
        })
    }

    fn type_named(&self, api_version: &str, name: &str) -> Option<&str> {
        let full = |package: &str| self.data.find_word(&["type", &format!("{package}.{name}")]);
        let package = self.package(api_version)?;
        full(package).or_else(|| full(META))
    }

    fn types_of(&self, api_version: &str) -> impl Iterator<Item = &str> {
        let prefix = self.package(api_version).map(|package| format!("type {package}."));
        let lines = prefix.map(|prefix| self.data.starting_with(&prefix));
        lines.into_iter().flatten().filter_map(|rest| rest.split(' ').next())
    }

    fn definition(&self, full_name: &str) -> Option<&Definition> {
        let (at, fields) = self.data.find(&["type", whole(full_name)])?;
        let parse = || self.parse(whole(full_name), fields);
        if full_name.starts_with(PARTIAL) {
            return Some(self.partials[at].get_or_init(|| without_required(parse())));
        }
        Some(self.definitions[at].get_or_init(parse))
    }

    /// The package that holds an API version's types.
    fn package(&self, api_version: &str) -> Option<&str> {
        if api_version == "meta/v1" {
            return Some(META);
        }
        let rest = self.data.starting_with(&format!("kind {api_version} ")).next()?;
        // After the kind and its scope.
        Some(rest.split(' ').nth(2)?.rsplit_once('.')?.0)
    }

    /// Reads the fields of a line of the data.
    fn parse(&self, definition: &str, fields: &str) -> Definition {
        let name = definition.rsplit('.').next().unwrap_or(definition);
        let facts = Facts {
            keys: self.keys.section(definition),
            enums: self.enums.section(definition),
            closed: self.closed.section(definition),
            required: self.required.section(definition),
            top: fields.contains("status") && self.is_kind(definition),
        };
        let fields = fields.split(' ').filter_map(|field| field.split_once(':'));
        let fields = fields.map(|(name, ty)| facts.field(name, ty)).collect();
        Definition { name: name.into(), fields, open: false, limits: None, declared: None }
    }

    /// Whether a definition is that of a kind.
    fn is_kind(&self, definition: &str) -> bool {
        self.data.starting_with("kind ").any(|rest| rest.split(' ').nth(3) == Some(definition))
    }
}

/// What the tables say of one definition.
struct Facts<'a> {
    keys: Section<'a>,
    enums: Section<'a>,
    closed: Section<'a>,
    required: Section<'a>,
    /// Whether it has a status and is that of a kind.
    top: bool,
}

impl Facts<'_> {
    /// A field, by its name with what the data marks it with, and its type there.
    fn field(&self, name: &str, ty: &str) -> Field {
        let (name, marks) = name.split_at(name.find(['!', '@', '~']).unwrap_or(name.len()));
        let (mut required, mut versions) = FieldVersions::parse(marks);
        let status = self.top && name == "status";
        if status || self.required.find(name).is_some() {
            (required, versions.required) = (!status, None);
        }
        let ty = self.field_type(name, ty);
        Field { name: name.into(), required, versions, status, ty, limits: None, doc: None, declared: None }
    }

    /// The type of a field.
    fn field_type(&self, name: &str, ty: &str) -> FieldType {
        let keys = self.keys.find(name).and_then(|rest| rest.split_once(' '));
        match (keys, parse_type(ty)) {
            (Some((label, keys)), FieldType::List(item)) => match *item {
                FieldType::Record(item) => {
                    FieldType::Keyed { item, label: label.into(), keys: keys.split(',').map(String::from).collect() }
                }
                item => FieldType::List(Box::new(item)),
            },
            (_, ty) => match self.enums.find(name).or_else(|| self.closed.find(name)) {
                Some(values) => closed(ty, values),
                None => ty,
            },
        }
    }
}

/// The type with nothing required but what labels the items of keyed lists, in the types of its fields too.
fn without_required(mut definition: Definition) -> Definition {
    for field in &mut definition.fields {
        (field.required, field.versions.required) = (false, None);
        make_partial(&mut field.ty);
    }
    definition
}

fn make_partial(ty: &mut FieldType) {
    match ty {
        FieldType::Record(name) | FieldType::Keyed { item: name, .. } => *name = partial(name),
        FieldType::List(inner) | FieldType::Map(inner) | FieldType::Nullable(inner) => make_partial(inner),
        FieldType::String
        | FieldType::Int
        | FieldType::Float
        | FieldType::Bool
        | FieldType::Quantity
        | FieldType::IntOrString
        | FieldType::Duration
        | FieldType::Any
        | FieldType::Enum(_) => {}
    }
}

/// Reads a type as the data writes it.
fn parse_type(text: &str) -> FieldType {
    let inside = |open, close| text.strip_prefix(open).and_then(|text: &str| text.strip_suffix(close));
    if let Some(item) = inside('[', ']') {
        return FieldType::List(Box::new(parse_type(item)));
    }
    if let Some(value) = inside('{', '}') {
        return FieldType::Map(Box::new(parse_type(value)));
    }
    match text {
        "string" => FieldType::String,
        "int" => FieldType::Int,
        "float" => FieldType::Float,
        "bool" => FieldType::Bool,
        "quantity" => FieldType::Quantity,
        "int-or-string" => FieldType::IntOrString,
        "duration" => FieldType::Duration,
        "any" => FieldType::Any,
        definition => FieldType::Record(definition.into()),
    }
}

/// The type, with its strings replaced by the closed set.
fn closed(ty: FieldType, values: &str) -> FieldType {
    match ty {
        FieldType::String => FieldType::Enum(values.split('|').map(String::from).collect()),
        FieldType::List(item) => FieldType::List(Box::new(closed(*item, values))),
        FieldType::Nullable(_)
        | FieldType::Int
        | FieldType::Float
        | FieldType::Bool
        | FieldType::Quantity
        | FieldType::IntOrString
        | FieldType::Duration
        | FieldType::Any
        | FieldType::Enum(_)
        | FieldType::Map(_)
        | FieldType::Record(_)
        | FieldType::Keyed { .. } => ty,
    }
}
