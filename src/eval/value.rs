//! Values: reference-counted trees that remember who set each entry.

use std::rc::Rc;

/// Text of values and keys; cloning counts a reference.
pub type Str = Rc<str>;

/// Who set an entry. An index into the program's places, or, where it overrode something, into the
/// evaluator's list of overrides, which keeps the losers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin(pub u32);

impl Origin {
    /// Nobody in the source: read from a data file, or made by the compiler.
    pub const NONE: Origin = Origin(u32::MAX);
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value. Never inside a list or map.
    Absent,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number.
    Float(f64),
    /// Text.
    Str(Str),
    /// Bytes.
    Memory(i64),
    /// Thousandths of a core.
    Cpu(i64),
    /// Milliseconds.
    Duration(i64),
    /// A reference to a key of a Secret.
    Secret(Rc<SecretReference>),
    /// A list.
    List(Rc<Vec<Value>>),
    /// A map or record, in source order.
    Map(Rc<Map>),
    /// A list of maps, written as labelled blocks: the label of each item is also its field `field`.
    Keyed(Rc<Keyed>),
}

/// A key of a Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretReference {
    /// The Secret's name.
    pub name: Str,
    /// The key in it.
    pub key: Str,
}

impl Value {
    /// An empty map.
    #[must_use]
    pub fn empty_map() -> Value {
        Value::Map(Rc::default())
    }

    /// How many values there are in it and it itself, each counted wherever it stands; `None` where there are more
    /// than `most`, or more than `levels` lists and maps within each other. It takes no more time than counting to
    /// `most`, also where a value stands in many places.
    #[must_use]
    pub fn count(&self, most: usize, levels: usize) -> Option<usize> {
        let left = most.checked_sub(1)?;
        let inside = match self {
            Value::List(list) => {
                return count_all(list.iter(), most, left, levels);
            }
            Value::Map(map) => map,
            Value::Keyed(keyed) => &keyed.items,
            Value::Absent
            | Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Str(_)
            | Value::Memory(_)
            | Value::Cpu(_)
            | Value::Duration(_)
            | Value::Secret(_) => return Some(1),
        };
        count_all(inside.entries.iter().map(|entry| &entry.value), most, left, levels)
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Value::Absent)
    }
}

fn count_all<'v>(
    values: impl Iterator<Item = &'v Value>,
    most: usize,
    mut left: usize,
    levels: usize,
) -> Option<usize> {
    let levels = levels.checked_sub(1)?;
    for value in values {
        left -= value.count(left, levels)?;
    }
    Some(most - left)
}

impl Keyed {
    /// An item with its label in it, as it stands in the written list.
    #[must_use]
    pub fn item(&self, entry: &Entry) -> Value {
        let Value::Map(fields) = &entry.value else {
            return entry.value.clone();
        };
        let mut item = Map::with_capacity(fields.len() + 1);
        let label = Value::Str(entry.key.clone());
        item.push(Entry { key: self.field.clone(), value: label, origin: entry.origin, rank: Rank::NONE });
        for field in fields.entries().iter().filter(|field| field.key != self.field) {
            item.push(field.clone());
        }
        Value::Map(Rc::new(item))
    }

    /// All items with their labels in them.
    pub fn written(&self) -> impl Iterator<Item = Value> {
        self.items.entries().iter().map(|entry| self.item(entry))
    }
}

/// A keyed list.
#[derive(Debug, Clone, PartialEq)]
pub struct Keyed {
    /// The field that each label is the value of; the items themselves do not hold it.
    pub field: Str,
    /// Label → item, in source order. Every item is a map.
    pub items: Map,
}

/// An entry of a map.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: Str,
    /// The value; never absent.
    pub value: Value,
    /// Who set it.
    pub origin: Origin,
    /// The layer that set it, across nested declarations; two settings of the same rank collide.
    /// Means something only while the body that it belongs to is being put together.
    pub rank: Rank,
}

/// How strong an entry is against another setting of the same key, and how it came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rank(u8);

impl Rank {
    /// Data, and values that the compiler makes.
    pub const NONE: Rank = Rank(0);
    // Made by reaching into it, not set as a whole: what lies inside has ranks of its own.
    const OPENED: u8 = 0x80;
    // Spread: gives way to what is set in the same layer.
    const SPREAD: u8 = 0x40;
    const STRENGTH: u8 = 0x3f;

    /// A setting in the layer `layer` (0 to 2) of a declaration that lies `depth` declarations above the object's own.
    #[must_use]
    pub fn new(depth: usize, layer: u8) -> Rank {
        // Twenty components around each other are as good as any more: the checker allows fewer.
        let depth = u8::try_from(depth.min(20)).unwrap_or(20);
        Rank(depth * 3 + layer)
    }

    /// The same strength, for a container that was made to reach into.
    #[must_use]
    pub fn opened(self) -> Rank {
        Rank(self.0 | Rank::OPENED)
    }

    /// The same strength, for what was spread.
    #[must_use]
    pub fn spread(self) -> Rank {
        Rank(self.0 | Rank::SPREAD)
    }

    /// The same, for what lies in a container that was set as a whole.
    #[must_use]
    pub fn inside(self) -> Rank {
        Rank(self.0 & !Rank::OPENED)
    }

    /// Whether the entry was made by reaching into it.
    #[must_use]
    pub fn is_opened(self) -> bool {
        self.0 & Rank::OPENED != 0
    }

    /// Whether another setting of that rank would collide with this one.
    #[must_use]
    pub fn collides(self, other: Rank) -> bool {
        self.0 == other.0 & Rank::STRENGTH
    }
}

/// Origins and ranks do not make maps different.
impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        self.key == other.key && self.value == other.value
    }
}

/// Above this many entries a map keeps an index.
const INDEXED: usize = 24;

/// A map in order of insertion.
///
/// Most maps are small and their keys shared, so that a scan that compares pointers first beats hashing.
#[derive(Debug, Clone, Default)]
pub struct Map {
    entries: Vec<Entry>,
    // Holds every key once `entries` has grown past INDEXED.
    index: Option<Box<rustc_hash::FxHashMap<Str, usize>>>,
}

/// Equal as YAML maps are: the order of entries does not count.
impl PartialEq for Map {
    fn eq(&self, other: &Map) -> bool {
        self.len() == other.len()
            && self.entries.iter().zip(&other.entries).all(|(mine, theirs)| {
                // Nearly always in the same order.
                if mine.key == theirs.key {
                    mine.value == theirs.value
                } else {
                    other.get(&mine.key).is_some_and(|value| *value == mine.value)
                }
            })
    }
}

impl Map {
    /// An empty map with room.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Map {
        Map { entries: Vec::with_capacity(capacity), index: None }
    }

    /// Makes room for more entries.
    pub fn reserve(&mut self, more: usize) {
        self.entries.reserve(more);
    }

    /// How many entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Where a key stands.
    #[must_use]
    pub fn position(&self, key: &str) -> Option<usize> {
        if let Some(index) = &self.index {
            return index.get(key).copied();
        }
        self.entries.iter().position(|entry| std::ptr::eq(&*entry.key, key) || *entry.key == *key)
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.position(key).map(|at| &self.entries[at].value)
    }

    /// The entry of a key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.position(key).map(|at| &self.entries[at])
    }

    /// The entry at a position, for a change that keeps its key.
    pub fn entry_mut(&mut self, at: usize) -> &mut Entry {
        &mut self.entries[at]
    }

    /// The entries in order, by value.
    pub fn into_entries(self) -> impl Iterator<Item = Entry> {
        self.entries.into_iter()
    }

    /// All entries, for changes that keep their keys.
    pub fn entries_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.entries.iter_mut()
    }

    /// Appends an entry whose key is not there yet; says where it stands.
    pub fn push(&mut self, entry: Entry) -> usize {
        let at = self.entries.len();
        if let Some(index) = &mut self.index {
            index.insert(entry.key.clone(), at);
        } else if at >= INDEXED {
            let known = self.entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at));
            self.index = Some(Box::new(known.chain([(entry.key.clone(), at)]).collect()));
        }
        self.entries.push(entry);
        at
    }

    /// Sets a value without an origin, as made by the compiler.
    pub fn set(&mut self, key: Str, value: Value) {
        match self.position(&key) {
            Some(at) => self.entries[at].value = value,
            None => {
                self.push(Entry { key, value, origin: Origin::NONE, rank: Rank::NONE });
            }
        }
    }

    /// Removes a key and gives its entry.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        let at = self.position(key)?;
        let entry = self.entries.remove(at);
        if let Some(index) = &mut self.index {
            index.remove(key);
            for place in index.values_mut().filter(|place| **place > at) {
                *place -= 1;
            }
        }
        Some(entry)
    }
}
