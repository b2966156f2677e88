//! What is printed: the types of a version, each record once.

use rustc_hash::FxHashMap;

/// Names a record of a [`Tree`]. Records that a record contains have smaller numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct RecordId(usize);

/// A type, and what its values must be like besides.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Type {
    pub(super) shape: Shape,
    pub(super) nullable: bool,
    /// In the order of printing.
    pub(super) attributes: Vec<Attribute>,
}

/// The forms of types.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    Word(Word),
    /// One of these strings; never empty.
    Strings(Vec<Box<str>>),
    List(Box<Type>),
    Map(Box<Type>),
    Record(RecordId),
    Known(Known),
}

/// Types that are one word, or two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Word {
    String,
    Int,
    Float,
    Bool,
    Any,
    Quantity,
    Duration,
    IntOrString,
}

/// A type of the Kubernetes API.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Known {
    /// Such as `v1.PodSpec`.
    pub(super) name: Box<str>,
    /// Whether nothing is required.
    pub(super) partial: bool,
    /// Fields that are missing, as `PodSpec.hostUsers`, sorted.
    pub(super) without: Vec<Box<str>>,
}

/// `@name(arguments)`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Attribute {
    pub(super) name: &'static str,
    /// As printed; empty for none.
    pub(super) arguments: Box<str>,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Record {
    /// What is asked of the whole value, wherever it stands.
    pub(super) attributes: Vec<Attribute>,
    pub(super) fields: Vec<Field>,
    /// Whether other fields are allowed too.
    pub(super) open: bool,
    /// `x-kubernetes-map-type: atomic`, which the types of Kubernetes have that refer to objects.
    pub(super) atomic: bool,
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Field {
    pub(super) name: Box<str>,
    /// The whole description, unwrapped.
    pub(super) doc: Box<str>,
    pub(super) required: bool,
    pub(super) ty: Type,
}

impl Type {
    pub(super) fn plain(shape: Shape) -> Type {
        Type { shape, nullable: false, attributes: Vec::new() }
    }

    pub(super) fn word(word: Word) -> Type {
        Type::plain(Shape::Word(word))
    }

    /// The record that it is or holds, in lists and maps.
    pub(super) fn record(&self) -> Option<RecordId> {
        match &self.shape {
            Shape::Record(id) => Some(*id),
            Shape::List(inner) | Shape::Map(inner) => inner.record(),
            Shape::Word(_) | Shape::Strings(_) | Shape::Known(_) => None,
        }
    }

    pub(super) fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|known| known.name == attribute)
    }
}

impl Attribute {
    pub(super) fn new(name: &'static str, arguments: impl Into<Box<str>>) -> Attribute {
        Attribute { name, arguments: arguments.into() }
    }
}

/// All records. Two that say the same are one, so that looking for repetition takes no time.
#[derive(Debug, Default)]
pub(super) struct Tree {
    records: Vec<Record>,
    ids: FxHashMap<Record, RecordId>,
}

impl Tree {
    pub(super) fn add(&mut self, record: Record) -> RecordId {
        if let Some(id) = self.ids.get(&record) {
            return *id;
        }
        let id = RecordId(self.records.len());
        self.records.push(record.clone());
        self.ids.insert(record, id);
        id
    }

    pub(super) fn get(&self, id: RecordId) -> &Record {
        &self.records[id.0]
    }

    /// All records, those before others that contain them.
    pub(super) fn inside_out(&self) -> impl DoubleEndedIterator<Item = (RecordId, &Record)> {
        self.records.iter().enumerate().map(|(at, record)| (RecordId(at), record))
    }
}
