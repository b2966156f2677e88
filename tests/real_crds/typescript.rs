//! Interfaces of TypeScript back to the schemas that they were made of.

use serde_json::{Map, Value as Json, json};

/// Numbers of the Flink operator's definitions that need not be whole; TypeScript has one type for both.
const FRACTIONS: [&str; 1] = ["cpu"];

/// The schema of an interface.
pub fn schema(text: &str, interface: &str) -> Json {
    let head = format!("interface {interface} ");
    let start = text.find(&head).unwrap_or_else(|| panic!("there is no {interface}")) + head.len();
    Reader { rest: &text[start..] }.record()
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    /// Takes a token where it is the next.
    fn take(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn must(&mut self, token: &str) {
        let found = self.take(token);
        assert!(found, "expected `{token}` before {}", &self.rest[..self.rest.len().min(80)]);
    }

    /// What stands between quotes.
    fn quoted(&mut self) -> &'t str {
        self.must("\"");
        let (text, rest) = self.rest.split_once('"').expect("a string ends");
        self.rest = rest;
        text
    }

    /// `{ "field"?: type; }`, or `{ [key: string]: type; }`
    fn record(&mut self) -> Json {
        self.must("{");
        if self.take("[key: string]:") {
            let value = self.union("");
            self.must(";");
            self.must("}");
            return json!({ "type": "object", "additionalProperties": value });
        }
        let (mut properties, mut required) = (Map::new(), Vec::new());
        while !self.take("}") {
            let name = self.quoted();
            if !self.take("?") {
                required.push(json!(name));
            }
            self.must(":");
            properties.insert(name.to_owned(), self.union(name));
            self.must(";");
        }
        let mut schema = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            schema["required"] = Json::Array(required);
        }
        schema
    }

    /// A type of a field, or several with bars between them.
    fn union(&mut self, field: &str) -> Json {
        let mut members = vec![self.member(field)];
        while self.take("|") {
            members.push(self.member(field));
        }
        let values: Vec<Json> = members.iter().filter_map(|member| member.get("enum")?.get(0).cloned()).collect();
        match members.len() {
            1 => members.remove(0),
            many if values.len() == many => json!({ "type": "string", "enum": values }),
            2 => json!({ "x-kubernetes-int-or-string": true }),
            _ => panic!("`{field}` is of several types"),
        }
    }

    fn member(&mut self, field: &str) -> Json {
        if self.take("Array<") {
            let items = self.union("");
            self.must(">");
            return json!({ "type": "array", "items": items });
        }
        for (word, schema) in [
            ("string", json!({ "type": "string" })),
            ("boolean", json!({ "type": "boolean" })),
            ("number", json!({ "type": if FRACTIONS.contains(&field) { "number" } else { "integer" } })),
            ("any", json!({ "x-kubernetes-preserve-unknown-fields": true })),
            ("IObjectMeta", json!({ "type": "object" })),
        ] {
            if self.take(word) {
                return schema;
            }
        }
        if self.rest.starts_with('"') { json!({ "enum": [self.quoted()] }) } else { self.record() }
    }
}
