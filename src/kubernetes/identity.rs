//! Who an object is for the API server, and whether it may be called so.
//!
//! The rules are those of `pkg/apis/*/validation` and `apimachinery/pkg/util/validation` of Kubernetes.

use super::Object;
use crate::eval::value::{Map, Origin, Str, Value};
use crate::source::Span;
use std::fmt;

/// What no two objects of a cluster share.
///
/// The version is no part of it: `autoscaling/v1` and `autoscaling/v2` show one object.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// The API group; empty for the core.
    pub group: Str,
    /// Such as `Deployment`.
    pub kind: Str,
    /// None for cluster-scoped kinds.
    pub namespace: Option<Str>,
    /// Its name.
    pub name: Str,
}

impl Identity {
    /// The identity of an object.
    #[must_use]
    pub fn of(object: &Object) -> Identity {
        Identity {
            group: group(&object.api_version).into(),
            kind: object.kind.clone(),
            namespace: object.namespace.clone(),
            name: object.name.clone(),
        }
    }
}

/// As messages show it.
impl fmt::Display for Identity {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Identity { group: _, kind, namespace, name } = self;
        write!(to, "{kind} `{name}`")?;
        match namespace {
            Some(namespace) => write!(to, " in namespace `{namespace}`"),
            None => Ok(()),
        }
    }
}

/// The group of an API version: `apps` of `apps/v1`, nothing of `v1`.
#[must_use]
pub fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// What a name may consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// RFC 1123 label: at most this many of `a-z`, `0-9`, `-`; never more than 63.
    Label(usize),
    /// RFC 1035 label: as before, and begins with a letter.
    ServiceName,
    /// RFC 1123 subdomain: labels joined with `.`, at most this many characters.
    Subdomain(usize),
    /// What can stand in a URL between slashes.
    PathSegment,
    /// The name of a container's port (RFC 6335): at most 15 characters, one of them a letter.
    PortName,
    /// The key of a label or annotation: an optional subdomain and `/`, then at most 63 characters.
    QualifiedName,
    /// The value of a label.
    LabelValue,
    /// A key of a ConfigMap or Secret: a file's name.
    DataKey,
}

impl Rule {
    /// What is wrong with a text, as the end of a sentence; none where it is right.
    #[must_use]
    pub fn fault(self, text: &str) -> Option<String> {
        let limit = self.limit();
        let fits = match self {
            Rule::Label(_) => is_label(text.as_bytes()),
            Rule::ServiceName => {
                is_label(text.as_bytes()) && text.starts_with(|first: char| first.is_ascii_lowercase())
            }
            Rule::Subdomain(_) => text.as_bytes().split(|byte| *byte == b'.').all(is_label),
            Rule::PathSegment => !text.is_empty() && text != "." && text != ".." && !text.contains(['/', '%']),
            Rule::PortName => {
                is_label(text.as_bytes())
                    && !text.contains("--")
                    && text.contains(|letter: char| letter.is_ascii_lowercase())
            }
            Rule::QualifiedName => return qualified_name_fault(text),
            Rule::LabelValue => text.is_empty() || is_loose(text.as_bytes()),
            Rule::DataKey => {
                let letters = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
                !text.is_empty() && letters && text != "." && !text.starts_with("..")
            }
        };
        if !fits {
            return Some(self.expectation().to_string());
        }
        let length = text.len();
        (length > limit).then(|| format!("it is {length} characters long, {limit} are allowed"))
    }

    /// The most bytes that Kubernetes accepts.
    fn limit(self) -> usize {
        match self {
            Rule::ServiceName | Rule::QualifiedName | Rule::LabelValue => 63,
            Rule::Label(limit) | Rule::Subdomain(limit) => limit,
            Rule::PathSegment | Rule::DataKey => 253,
            Rule::PortName => 15,
        }
    }

    /// What is accepted.
    fn expectation(self) -> &'static str {
        match self {
            Rule::Label(_) => "only a-z, 0-9 and `-` are allowed, and no `-` at either end",
            Rule::ServiceName => "only a-z, 0-9 and `-` are allowed, a letter first, and no `-` at the end",
            Rule::Subdomain(_) => "only a-z, 0-9, `-` and `.` are allowed, and each part ends in letters or digits",
            Rule::PathSegment => "it cannot be empty, `.` or `..`, or hold `/` or `%`",
            Rule::PortName => {
                "only a-z, 0-9 and single `-` are allowed, with at least one letter, and no `-` at the ends"
            }
            Rule::QualifiedName => {
                "a key is a name of letters, digits, `-`, `_` and `.`, after an optional domain and `/`"
            }
            Rule::LabelValue => {
                "only letters, digits, `-`, `_` and `.` are allowed, and letters or digits at both ends"
            }
            Rule::DataKey => "only letters, digits, `-`, `_` and `.` are allowed",
        }
    }
}

// Every name and label of every object comes by here, most of them short; bytes are quicker than `str`'s searchers.

/// One part of a domain name, whatever its length.
fn is_label(text: &[u8]) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.iter().all(|byte| letter(*byte) || *byte == b'-') && ends(text, letter)
}

/// Letters and digits at both ends, `-`, `_` and `.` between them.
fn is_loose(text: &[u8]) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric();
    text.iter().all(|byte| letter(*byte) || matches!(byte, b'-' | b'_' | b'.')) && ends(text, letter)
}

/// Whether there is a first and a last byte, and both are right.
fn ends(text: &[u8], right: impl Fn(u8) -> bool) -> bool {
    text.first().is_some_and(|first| right(*first)) && text.last().is_some_and(|last| right(*last))
}

fn qualified_name_fault(text: &str) -> Option<String> {
    let rule = Rule::QualifiedName;
    let slash = text.bytes().position(|byte| byte == b'/');
    let (prefix, name) = slash.map_or((None, text), |at| (Some(&text[..at]), &text[at + 1..]));
    if !is_loose(name.as_bytes()) || prefix.is_some_and(|prefix| Rule::Subdomain(253).fault(prefix).is_some()) {
        return Some(rule.expectation().to_string());
    }
    let (length, limit) = (name.len(), rule.limit());
    (length > limit).then(|| format!("`{name}` is {length} characters long, {limit} are allowed"))
}

/// How objects of a kind may be named.
///
/// A Service's name becomes a DNS name, a StatefulSet's the hostnames of its pods and, with eleven characters more,
/// a label of theirs; a Job's becomes a label, and a CronJob's, with eleven characters more, that of a Job. RBAC
/// takes any part of a path. Custom resources are subdomains unless their own rules say more.
#[must_use]
pub fn name_rule(group: &str, kind: &str) -> Rule {
    match (group, kind) {
        ("", "Namespace") => Rule::Label(63),
        ("", "Service") => Rule::ServiceName,
        ("apps", "StatefulSet") => Rule::Label(52),
        ("batch", "CronJob") => Rule::Subdomain(52),
        ("batch", "Job") => Rule::Subdomain(63),
        ("rbac.authorization.k8s.io", _) => Rule::PathSegment,
        _ => Rule::Subdomain(253),
    }
}

/// The most bytes that the API server accepts as data of one ConfigMap or Secret.
const MAX_DATA: usize = 1 << 20;
/// The most bytes that the API server accepts as annotations of one object.
const MAX_ANNOTATIONS: usize = 256 << 10;

/// A value that Kubernetes refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub message: String,
    /// The place, where the value itself has one.
    pub at: Option<Span>,
    /// What to do.
    pub help: Option<String>,
}

/// Checks an object's name, namespace, labels, annotations and keys of data.
pub fn check(object: &Object, place: &dyn Fn(Origin) -> Option<Span>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let metadata = map_at(&object.fields, "metadata");
    let at = |key| metadata.and_then(|metadata| metadata.entry(key)).and_then(|entry| place(entry.origin));
    let kind = &object.kind;
    // A generated ConfigMap's name grows by a hyphen and ten characters.
    let rule = if object.hashed { Rule::Subdomain(242) } else { name_rule(group(&object.api_version), kind) };
    if let Some(why) = rule.fault(&object.name) {
        let plain = plain_name(&object.name);
        let help = rule.fault(&plain).is_none().then(|| format!("call it `{plain}`"));
        let message = format!("a {kind} cannot be named `{}`: {why}", object.name);
        faults.push(Fault { message, at: at("name"), help });
    }
    if let Some(namespace) = &object.namespace
        && let Some(why) = Rule::Label(63).fault(namespace)
    {
        let message = format!("`{namespace}` cannot be a namespace: {why}");
        faults.push(Fault { message, at: place(object.namespaced_by), help: None });
    }
    if let Some(metadata) = metadata {
        faults.extend(check_metadata(metadata, place));
    }
    if matches!((&*object.api_version, &**kind), ("v1", "ConfigMap" | "Secret")) {
        check_data(object, place, &mut faults);
    }
    faults
}

/// Checks the labels and annotations of an object or a pod template.
pub fn check_metadata(metadata: &Map, place: &dyn Fn(Origin) -> Option<Span>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for entry in map_at(metadata, "labels").map_or(&[][..], Map::entries) {
        if let Some(why) = Rule::QualifiedName.fault(&entry.key) {
            faults.push(Fault {
                message: format!("`{}` cannot be a label: {why}", entry.key),
                at: place(entry.origin),
                help: None,
            });
        }
        if let Value::Str(value) = &entry.value
            && let Some(why) = Rule::LabelValue.fault(value)
        {
            let message = format!("`{value}` cannot be the value of the label `{}`: {why}", entry.key);
            faults.push(Fault { message, at: place(entry.origin), help: None });
        }
    }
    let mut size = 0;
    for entry in map_at(metadata, "annotations").map_or(&[][..], Map::entries) {
        // The API server compares annotations' keys in lower case, so that their letters' case is free.
        if let Some(why) = Rule::QualifiedName.fault(&entry.key.to_lowercase()) {
            let message = format!("`{}` cannot be an annotation: {why}", entry.key);
            faults.push(Fault { message, at: place(entry.origin), help: None });
        }
        size += entry.key.len() + text_length(&entry.value);
    }
    if size > MAX_ANNOTATIONS {
        let at = metadata.entry("annotations").and_then(|entry| place(entry.origin));
        faults.push(Fault {
            message: format!("the annotations have {size} bytes, {MAX_ANNOTATIONS} are allowed"),
            at,
            help: None,
        });
    }
    faults
}

/// Checks the keys of a ConfigMap or Secret and its size.
fn check_data(object: &Object, place: &dyn Fn(Origin) -> Option<Span>, faults: &mut Vec<Fault>) {
    let mut size = 0;
    for field in ["data", "binaryData", "stringData"] {
        for entry in map_at(&object.fields, field).map_or(&[][..], Map::entries) {
            if let Some(why) = Rule::DataKey.fault(&entry.key) {
                let message = format!("`{}` cannot be a key of a {}: {why}", entry.key, object.kind);
                faults.push(Fault { message, at: place(entry.origin), help: None });
            }
            size += text_length(&entry.value);
        }
    }
    if size > MAX_DATA {
        let message = format!("the {} has {size} bytes of data, {MAX_DATA} are allowed", object.kind);
        faults.push(Fault { message, at: None, help: None });
    }
}

/// A name as near to the given one as names of objects can be.
fn plain_name(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' };
    let plain: String = name.chars().map(letter).collect();
    plain.trim_matches(['-', '.']).to_string()
}

fn text_length(value: &Value) -> usize {
    if let Value::Str(text) = value { text.len() } else { 0 }
}

fn map_at<'a>(map: &'a Map, key: &str) -> Option<&'a Map> {
    if let Some(Value::Map(inner)) = map.get(key) { Some(inner) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_their_kind() {
        let fault = |group, kind, name: &str| name_rule(group, kind).fault(name);
        assert_eq!(fault("apps", "Deployment", "clicks.v2"), None);
        assert!(fault("", "Service", "clicks.v2").is_some());
        assert!(fault("", "Service", "2clicks").is_some());
        assert_eq!(fault("", "Namespace", "2clicks"), None);
        assert_eq!(fault("rbac.authorization.k8s.io", "Role", "system:x_Y"), None);
        assert!(fault("rbac.authorization.k8s.io", "Role", "a/b").is_some());
        assert!(fault("batch", "CronJob", &"a".repeat(53)).is_some());
        assert_eq!(fault("batch", "CronJob", &"a".repeat(52)), None);
        assert!(fault("", "ConfigMap", &"a".repeat(254)).is_some());
        assert!(fault("", "ConfigMap", "").is_some());
        assert!(fault("", "ConfigMap", "a..b").is_some());
        assert!(fault("", "ConfigMap", "Upper").is_some());
    }

    #[test]
    fn labels_annotations_and_keys_have_rules() {
        assert_eq!(Rule::QualifiedName.fault("app.kubernetes.io/name"), None);
        assert!(Rule::QualifiedName.fault("App/x/y").is_some());
        assert!(Rule::QualifiedName.fault("/x").is_some());
        assert_eq!(Rule::LabelValue.fault(""), None);
        assert_eq!(Rule::LabelValue.fault("2.3.1_x"), None);
        assert!(Rule::LabelValue.fault("-x").is_some());
        assert!(Rule::LabelValue.fault(&"x".repeat(64)).is_some());
        assert_eq!(Rule::DataKey.fault("log4j-console.properties"), None);
        assert!(Rule::DataKey.fault("conf/x").is_some());
        assert!(Rule::DataKey.fault("..x").is_some());
        assert_eq!(Rule::PortName.fault("blob"), None);
        assert!(Rule::PortName.fault("queryable-state-").is_some());
        assert!(Rule::PortName.fault("8081").is_some());
        assert!(Rule::PortName.fault("a-name-of-16-long").is_some());
    }

    #[test]
    fn a_version_is_no_part_of_an_identity() {
        assert_eq!(group("apps/v1"), "apps");
        assert_eq!(group("v1"), "");
    }
}
