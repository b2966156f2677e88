//! Text to documents: YAML or JSON, one or many, bounded in depth and size.

use crate::schema::Json;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::cell::Cell;
use std::fmt;

/// Bytes of the largest text. The largest real CustomResourceDefinitions have one or two million.
const LARGEST: usize = 64 << 20;

/// What a text may take once its aliases are resolved, in bytes; a value without text counts as [`VALUE`] bytes.
const ROOM: usize = 256 << 20;

/// What a value takes besides its text.
const VALUE: usize = 64;

/// How deeply documents may be nested.
const DEPTH: usize = 200;

/// The YAML reader takes time by the square of the brackets that are open at once.
const BRACKETS: usize = 1000;

/// The documents of a text up to the first that cannot be read, and why that cannot.
#[must_use]
pub fn documents(text: &str) -> (Vec<Json>, Option<String>) {
    if text.len() > LARGEST {
        return (Vec::new(), Some(format!("the text is larger than {} MiB", LARGEST >> 20)));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let room = Cell::new(ROOM);
    // JSON is read as such, because YAML does not have all of it (tabs).
    if text.trim_start().starts_with('{') {
        let mut reader = serde_json::Deserializer::from_str(text);
        let value = Node { room: &room, depth: 0 }.deserialize(&mut reader);
        if let (Ok(value), Ok(())) = (value, reader.end()) {
            return (vec![value], None);
        }
    }
    if nests_deeply(text) {
        return (Vec::new(), Some(format!("more than {BRACKETS} brackets are open at once")));
    }
    let mut documents = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        match (Node { room: &room, depth: 0 }).deserialize(document) {
            Ok(value) => documents.push(value),
            Err(error) => return (documents, Some(error.to_string())),
        }
    }
    (documents, None)
}

/// Whether more brackets are open at once than any definition has. Only those count that can open a YAML collection.
fn nests_deeply(text: &str) -> bool {
    let mut open = 0_usize;
    let mut before = b'\n';
    text.bytes().any(|byte| {
        match byte {
            b'[' | b'{' if matches!(before, b'\n' | b'[' | b'{' | b',' | b':' | b'-' | b'?') => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        if !matches!(byte, b' ' | b'\t' | b'\r') {
            before = byte;
        }
        open > BRACKETS
    })
}

/// A value that is read within bounds.
#[derive(Clone, Copy)]
struct Node<'r> {
    room: &'r Cell<usize>,
    depth: usize,
}

impl Node<'_> {
    /// Counts a value and its text.
    fn spend<E: Error>(self, text: usize) -> Result<(), E> {
        match self.room.get().checked_sub(VALUE + text) {
            Some(left) => {
                self.room.set(left);
                Ok(())
            }
            None => Err(E::custom(format!("with its aliases it is larger than {} MiB", ROOM >> 20))),
        }
    }

    fn inner<E: Error>(self) -> Result<Self, E> {
        if self.depth == DEPTH {
            return Err(E::custom(format!("it is nested deeper than {DEPTH} levels")));
        }
        Ok(Node { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Json, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Json;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a value without a YAML tag")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        self.spend(0).map(|()| Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        self.spend(0).map(|()| Json::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        self.spend(0).map(|()| Json::from(value))
    }

    /// Numbers that JSON does not have (`.nan`) become null, which no place takes for a number.
    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        self.spend(0).map(|()| Json::from(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        self.spend(text.len()).map(|()| Json::from(text))
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        self.spend(0).map(|()| Json::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Json, E> {
        self.visit_unit()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        self.spend(0)?;
        let inner = self.inner()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        self.spend(0)?;
        let inner = self.inner()?;
        let mut map = serde_json::Map::new();
        let mut merged = Vec::new();
        while let Some(key) = entries.next_key_seed(Key)? {
            inner.spend(key.len())?;
            let value = entries.next_value_seed(inner)?;
            if key == "<<" {
                merged.push(value);
            } else if map.insert(key.clone(), value).is_some() {
                return Err(A::Error::custom(format!("two entries have the key `{key}`")));
            }
        }
        merged.into_iter().for_each(|value| merge(&mut map, value));
        Ok(Json::Object(map))
    }
}

/// `<<: *alias` of YAML 1.1: what the map itself does not say.
fn merge(map: &mut serde_json::Map<String, Json>, value: Json) {
    match value {
        Json::Object(entries) => {
            for (key, value) in entries {
                map.entry(key).or_insert(value);
            }
        }
        // Maps in a list: the first that says something wins.
        Json::Array(values) => {
            for value in values.into_iter().filter(Json::is_object) {
                merge(map, value);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// A key: text, or what YAML takes for something else (`on`, `404`) as it was written.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<String, D::Error> {
        reader.deserialize_any(self)
    }
}

impl Visitor<'_> for Key {
    type Value = String;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a key that is text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        documents(text).1.expect("the text cannot be read")
    }

    #[test]
    fn yaml_and_json_are_read_alike() {
        let (yaml, problem) = documents("a: 1\nb: [x, null]\n---\n---\n404: on\n");
        assert_eq!(problem, None);
        let json = |text| serde_json::from_str::<Json>(text).expect("is JSON");
        assert_eq!(yaml, [json(r#"{"a":1,"b":["x",null]}"#), Json::Null, json(r#"{"404":"on"}"#)]);
        assert_eq!(documents("{\n\t\"a\": [1]}").0, [json(r#"{"a":[1]}"#)]);
    }

    #[test]
    fn aliases_and_merges_are_resolved() {
        let (documents, problem) = documents("x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\n");
        assert_eq!(problem, None);
        assert_eq!(documents[0]["y"], serde_json::json!({"b": 3, "a": 1}));
    }

    #[test]
    fn what_grows_without_end_is_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..30 {
            let below = format!("*a{}, ", level - 1).repeat(10);
            bomb.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        assert!(problem(&bomb).contains("limit"), "{}", problem(&bomb));
        assert!(problem(&"[".repeat(1_000_000)).contains("brackets"));
        assert!(problem(&"[\n".repeat(1_000_000)).contains("brackets"));
        assert!(problem(&"- ".repeat(5000)).contains("limit") || problem(&"- ".repeat(500)).contains("nested"));
        assert!(problem("a: 1\na: 2\n").contains("two entries have the key `a`"));
        assert!(problem("a: !x 1\n").contains("tag"), "{}", problem("a: !x 1\n"));
    }
}
