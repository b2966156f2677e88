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
    pub rank: u8,
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
                self.push(Entry { key, value, origin: Origin::NONE, rank: 0 });
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
