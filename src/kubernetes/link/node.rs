//! Reading an object's fields, whichever way its lists are written.

use crate::eval::value::{Map, Origin, Str, Value};

/// A map inside an object, with the label that it is an item under and the nearest origin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'a> {
    map: &'a Map,
    /// The field whose value stands as the item's label, and that value.
    label: Option<(&'a str, &'a Str)>,
    /// Who set it.
    pub origin: Origin,
}

/// A text inside an object, and who set it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'a> {
    pub text: &'a Str,
    pub origin: Origin,
}

impl<'a> Node<'a> {
    /// The fields of an object.
    pub(super) fn root(map: &'a Map) -> Node<'a> {
        Node { map, label: None, origin: Origin::NONE }
    }

    /// The map itself.
    pub(super) fn map(self) -> &'a Map {
        self.map
    }

    /// A map below this one.
    pub(super) fn get(self, key: &str) -> Option<Node<'a>> {
        let entry = self.map.entry(key)?;
        let Value::Map(map) = &entry.value else { return None };
        Some(Node { map, label: None, origin: self.nearest(entry.origin) })
    }

    /// A map further below.
    pub(super) fn path(self, path: &[&str]) -> Option<Node<'a>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// A text.
    pub(super) fn text(self, key: &str) -> Option<Text<'a>> {
        if let Some((field, label)) = self.label
            && field == key
        {
            return Some(Text { text: label, origin: self.origin });
        }
        let entry = self.map.entry(key)?;
        let Value::Str(text) = &entry.value else { return None };
        Some(Text { text, origin: self.nearest(entry.origin) })
    }

    /// A whole number.
    pub(super) fn int(self, key: &str) -> Option<i64> {
        if let Some(Value::Int(number)) = self.map.get(key) { Some(*number) } else { None }
    }

    /// Whether a field is `true`.
    pub(super) fn is_true(self, key: &str) -> bool {
        self.map.get(key) == Some(&Value::Bool(true))
    }

    /// The entry's origin, or this map's.
    pub(super) fn origin_of(self, key: &str) -> Origin {
        self.map.entry(key).map_or(self.origin, |entry| self.nearest(entry.origin))
    }

    /// The maps of a list, keyed or plain.
    pub(super) fn items(self, key: &str) -> Vec<Node<'a>> {
        let Some(entry) = self.map.entry(key) else { return Vec::new() };
        let list = Node { map: self.map, label: None, origin: self.nearest(entry.origin) };
        if let Value::Keyed(keyed) = &entry.value {
            let items = keyed.items.entries().iter();
            let nodes = items.filter_map(|item| {
                let map = as_map(&item.value)?;
                Some(Node { map, label: Some((&keyed.field, &item.key)), origin: list.nearest(item.origin) })
            });
            return nodes.collect();
        }
        let Value::List(items) = &entry.value else { return Vec::new() };
        items.iter().filter_map(as_map).map(|map| Node { map, ..list }).collect()
    }

    /// The texts of a list.
    pub(super) fn texts(self, key: &str) -> Vec<Str> {
        let Some(Value::List(list)) = self.map.get(key) else { return Vec::new() };
        list.iter().filter_map(|item| if let Value::Str(text) = item { Some(text.clone()) } else { None }).collect()
    }

    /// The texts of a map, as pairs.
    pub(super) fn pairs(self, key: &str) -> Vec<(Str, Str)> {
        let Some(Value::Map(map)) = self.map.get(key) else { return Vec::new() };
        let entries = map.entries().iter();
        let text = |value: &Value| if let Value::Str(text) = value { Some(text.clone()) } else { None };
        entries.filter_map(|entry| Some((entry.key.clone(), text(&entry.value)?))).collect()
    }

    /// The maps among the fields.
    pub(super) fn maps(self) -> impl Iterator<Item = (&'a str, Node<'a>)> {
        self.map.entries().iter().filter_map(move |entry| {
            let map = as_map(&entry.value)?;
            Some((&*entry.key, Node { map, label: None, origin: self.nearest(entry.origin) }))
        })
    }

    fn nearest(self, origin: Origin) -> Origin {
        if origin == Origin::NONE { self.origin } else { origin }
    }
}

fn as_map(value: &Value) -> Option<&Map> {
    if let Value::Map(map) = value { Some(map) } else { None }
}
