//! From types as a definition says them to types as they are printed: with the types of Kubernetes that they repeat, keys
//! of lists that the definition does not name, and as much documentation as is wanted.

use super::known::{Hint, Recognizer};
use super::text;
use super::tree::{Attribute, Field, Record, RecordId, Shape, Tree, Type};
use rustc_hash::FxHashMap;

/// How much of the descriptions to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Docs {
    /// All.
    All,
    /// The first sentence of each.
    First,
    /// Nothing.
    None,
}

impl Docs {
    /// What is kept of a description.
    pub(super) fn of(self, text: &str) -> String {
        match self {
            Docs::All => text.to_owned(),
            Docs::First => text::first_sentence(text),
            Docs::None => String::new(),
        }
    }
}

/// The work in progress.
pub(super) struct Converter<'a> {
    pub(super) from: &'a Tree,
    pub(super) to: Tree,
    pub(super) recognizer: &'a mut Recognizer,
    pub(super) docs: Docs,
    done: FxHashMap<RecordId, RecordId>,
}

impl<'a> Converter<'a> {
    pub(super) fn new(from: &'a Tree, recognizer: &'a mut Recognizer, docs: Docs) -> Converter<'a> {
        Converter { from, to: Tree::default(), recognizer, docs, done: FxHashMap::default() }
    }

    /// A record that stays a record.
    pub(super) fn record(&mut self, id: RecordId) -> RecordId {
        if let Some(done) = self.done.get(&id) {
            return *done;
        }
        let Record { attributes, fields, open, atomic } = self.from.get(id);
        let fields = fields.iter().map(|field| self.field(field)).collect();
        let converted = self.to.add(Record { attributes: attributes.clone(), fields, open: *open, atomic: *atomic });
        self.done.insert(id, converted);
        converted
    }

    fn field(&mut self, field: &Field) -> Field {
        let Field { name, doc, required, ty } = field;
        let mut ty = self.ty(ty, Hint { name, doc });
        if let Some(keys) = self.recognizer.keys(self.from, field) {
            let mut arguments = String::new();
            for key in keys {
                arguments.push_str(if arguments.is_empty() { "" } else { ", " });
                text::string(&mut arguments, key);
            }
            ty.attributes.insert(0, Attribute::new("keys", arguments));
        }
        Field { name: name.clone(), doc: self.docs.of(doc).into(), required: *required, ty }
    }

    fn ty(&mut self, ty: &Type, hint: Hint) -> Type {
        let Type { shape, nullable, attributes } = ty;
        let shape = match shape {
            Shape::Word(word) => Shape::Word(*word),
            Shape::Strings(values) => Shape::Strings(values.clone()),
            Shape::Known(known) => Shape::Known(known.clone()),
            Shape::List(inner) => Shape::List(Box::new(self.ty(inner, hint))),
            Shape::Map(inner) => Shape::Map(Box::new(self.ty(inner, hint))),
            Shape::Record(id) => match self.recognizer.recognize(self.from, *id, hint) {
                Some(known) => Shape::Known(known),
                None => Shape::Record(self.record(*id)),
            },
        };
        Type { shape, nullable: *nullable, attributes: attributes.clone() }
    }
}
