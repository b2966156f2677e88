//! What nobody who reads a difference may learn from it: the values of Secrets.
//!
//! What stands for a value is its keyed hash. The key is made for one run and never shown, so that within the run one
//! sees which values are the same, and can guess at none of them afterwards.

use super::{Path, Step, base64};
use crate::eval::value::{Map, Value};
use crate::kubernetes::Object;
use crate::schema::Json;
use crate::yaml;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use std::rc::Rc;

/// Hides the values of Secrets: each behind eight hexadecimal digits, the same ones wherever the value stands.
pub struct Mask {
    keyed: Hmac<Sha256>,
}

impl Mask {
    /// One of a key that nobody can guess.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Mask {
        let keyed = Hmac::new_from_slice(&key).expect("a key of any length will do");
        Mask { keyed }
    }

    /// The object without the values that are secret.
    pub(super) fn object(&self, object: &Object) -> Object {
        if !is_a_secret(object) {
            return object.clone();
        }
        Object { fields: Rc::new(self.map(Zone::Object, &object.fields)), ..object.clone() }
    }

    /// What is shown of a value that stands in a place of an object.
    pub(super) fn value(&self, object: &Object, path: &Path, value: &Value) -> Value {
        if !is_a_secret(object) {
            return value.clone();
        }
        self.shown(path.0.iter().fold(Zone::Object, Zone::step), value)
    }

    fn shown(&self, zone: Zone, value: &Value) -> Value {
        match (zone, value) {
            (Zone::Open, value) => value.clone(),
            (zone, Value::Map(map)) => Value::Map(Rc::new(self.map(zone, map))),
            (Zone::Annotation, Value::Str(text)) if !is_copy(text) => value.clone(),
            (Zone::Object | Zone::Metadata | Zone::Annotations, value) => value.clone(),
            (Zone::Bytes, Value::Str(text)) => match base64::decode(text) {
                Some(bytes) => self.hidden(&bytes),
                None => self.hidden(text.as_bytes()),
            },
            (Zone::Text | Zone::Annotation, Value::Str(text)) => self.hidden(text.as_bytes()),
            // The server takes texts only; whatever else stands there is no less secret.
            (Zone::Text | Zone::Annotation | Zone::Bytes, value) => self.hidden(yaml::json(value).as_bytes()),
        }
    }

    fn map(&self, zone: Zone, map: &Map) -> Map {
        let mut shown = Map::with_capacity(map.len());
        for entry in map.entries() {
            shown.set(entry.key.clone(), self.shown(zone.entry(&entry.key), &entry.value));
        }
        shown
    }

    /// As in `<secret 5f3a09c1>`.
    fn hidden(&self, bytes: &[u8]) -> Value {
        let mut keyed = self.keyed.clone();
        keyed.update(bytes);
        let digits: String = keyed.finalize().into_bytes().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Value::Str(format!("<secret {digits}>").into())
    }
}

/// Whether the values at and below a place are secret, or may be.
pub(super) fn is_secret(object: &Object, path: &Path) -> bool {
    let zone = path.0.iter().fold(Zone::Object, Zone::step);
    is_a_secret(object) && !matches!(zone, Zone::Object | Zone::Metadata | Zone::Open)
}

/// The key stays where it is.
impl fmt::Debug for Mask {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Mask")
    }
}

/// What a value in a Secret is, by where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Zone {
    /// The Secret itself.
    Object,
    /// Its metadata.
    Metadata,
    /// All its annotations.
    Annotations,
    /// An annotation, which is secret where it holds a copy of the Secret.
    Annotation,
    /// A secret text.
    Text,
    /// Secret bytes in base64.
    Bytes,
    /// Nothing that is secret.
    Open,
}

impl Zone {
    fn step(self, step: &Step) -> Zone {
        match step {
            Step::Key(name) | Step::Label(name) => self.entry(name),
            Step::Index(_) => self,
        }
    }

    fn entry(self, name: &str) -> Zone {
        match (self, name) {
            (Zone::Object, "data") => Zone::Bytes,
            (Zone::Object, "stringData") => Zone::Text,
            (Zone::Object, "metadata") => Zone::Metadata,
            (Zone::Metadata, "annotations") => Zone::Annotations,
            // kubectl, Rancher, kapp and the operators of Banzai keep what they applied, packed or plain.
            (
                Zone::Annotations,
                "kubectl.kubernetes.io/last-applied-configuration"
                | "objectset.rio.cattle.io/applied"
                | "banzaicloud.com/last-applied",
            ) => Zone::Text,
            (Zone::Annotations, name) if name.starts_with("kapp.k14s.io/original") => Zone::Text,
            (Zone::Annotations, _) => Zone::Annotation,
            (Zone::Object | Zone::Metadata | Zone::Open, _) => Zone::Open,
            (Zone::Text | Zone::Bytes | Zone::Annotation, _) => self,
        }
    }
}

/// Whether a text holds the values of a Secret, as whoever applies may keep it under any name.
fn is_copy(text: &str) -> bool {
    let document = serde_json::from_str::<Json>(text.trim()).unwrap_or_default();
    ["data", "stringData"].into_iter().any(|field| !document[field].is_null())
}

fn is_a_secret(object: &Object) -> bool {
    &*object.kind == "Secret" && &*object.api_version == "v1"
}
