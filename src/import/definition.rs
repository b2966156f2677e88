//! CustomResourceDefinitions: what an object of that kind says besides its schemas.

use super::problems::{Path, Problems};
use super::text;
use crate::schema::Json;

/// The only API version of CustomResourceDefinitions that clusters have.
const API_VERSION: &str = "apiextensions.k8s.io/v1";

/// A served version of a definition.
#[derive(Debug)]
pub(super) struct Version<'d> {
    /// The object's name, such as `widgets.example.com`.
    pub(super) definition: String,
    pub(super) group: &'d str,
    /// Such as `v1beta1`.
    pub(super) version: &'d str,
    pub(super) kind: &'d str,
    pub(super) cluster: bool,
    /// What the API server says to those who use it.
    pub(super) deprecated: Option<String>,
    pub(super) schema: &'d Json,
    /// Where the schema stands.
    pub(super) path: Path,
}

/// What a document is.
pub(super) enum Found<'d> {
    Definition(&'d Json),
    /// `v1 List`, and what is in it.
    List(&'d [Json]),
    /// Another object; what to call it.
    Other(String),
    Nothing,
}

/// Looks at a document.
pub(super) fn look(document: &Json) -> Found<'_> {
    let text = |key: &str| document.get(key).and_then(Json::as_str);
    match (text("kind"), document) {
        (Some("CustomResourceDefinition"), _) => Found::Definition(document),
        (Some(kind), _) => match document.get("items").and_then(Json::as_array) {
            Some(items) if kind.ends_with("List") => Found::List(items),
            Some(_) | None => Found::Other(match document.pointer("/metadata/name").and_then(Json::as_str) {
                Some(name) => format!("{kind} `{}`", text::description(name)),
                None => text::description(kind),
            }),
        },
        (None, Json::Null) => Found::Nothing,
        (None, Json::Object(entries)) if entries.is_empty() => Found::Nothing,
        (None, _) => Found::Other("what stands there".to_owned()),
    }
}

/// The served versions of a definition.
pub(super) fn versions<'d>(definition: &'d Json, path: &Path, problems: &mut Problems) -> Vec<Version<'d>> {
    if !is_current(definition, path, problems) {
        return Vec::new();
    }
    let spec = path.then("spec");
    let group = word(definition, &["spec", "group"], path, problems).filter(|group| {
        is_group(group) || problems.report(&spec.then("group"), format!("`{group}` is no name of a group"))
    });
    let kind = word(definition, &["spec", "names", "kind"], path, problems).filter(|kind| {
        text::is_name(kind)
            || problems.report(&spec.then("names").then("kind"), format!("`{kind}` is no name of a kind"))
    });
    let scope = word(definition, &["spec", "scope"], path, problems).filter(|scope| {
        matches!(*scope, "Namespaced" | "Cluster")
            || problems.report(&spec.then("scope"), format!("`{scope}` is neither `Namespaced` nor `Cluster`"))
    });
    let (Some(group), Some(kind), Some(scope)) = (group, kind, scope) else {
        return Vec::new();
    };
    let list = spec.then("versions");
    let Some(versions) = definition.pointer("/spec/versions").and_then(Json::as_array) else {
        problems.report(&list, "there is no list of versions");
        return Vec::new();
    };
    let plural = definition.pointer("/spec/names/plural").and_then(Json::as_str);
    let name = definition.pointer("/metadata/name").and_then(Json::as_str);
    let name = name.map_or_else(|| format!("{}.{group}", plural.unwrap_or(kind)), text::description);
    let head = Head { name, group, kind, cluster: scope == "Cluster" };
    let served = versions.iter().enumerate().filter(|(_, version)| version.get("served") != Some(&Json::Bool(false)));
    served.filter_map(|(at, version)| head.version(version, &list.item(at), problems)).collect()
}

/// Whether it is of the API version that this module reads.
fn is_current(definition: &Json, path: &Path, problems: &mut Problems) -> bool {
    let found = definition.get("apiVersion").and_then(Json::as_str).unwrap_or_default();
    if found == API_VERSION {
        return true;
    }
    let message = match found {
        "apiextensions.k8s.io/v1beta1" => format!(
            "it is of `{found}`, which clusters do not have since Kubernetes 1.22; take the definition of `{API_VERSION}`"
        ),
        _ => format!("expected `{API_VERSION}`, found `{}`", text::description(found)),
    };
    problems.report(&path.then("apiVersion"), message)
}

/// What all versions share.
struct Head<'d> {
    name: String,
    group: &'d str,
    kind: &'d str,
    cluster: bool,
}

impl<'d> Head<'d> {
    fn version(&self, version: &'d Json, path: &Path, problems: &mut Problems) -> Option<Version<'d>> {
        let Head { name, group, kind, cluster } = self;
        let word = word(version, &["name"], path, problems)?;
        if !is_version(word) {
            let message = format!("`{word}` is no version such as `v1` or `v1beta2`; the language has no others");
            problems.report(&path.then("name"), message);
            return None;
        }
        let deprecated = version.get("deprecated") == Some(&Json::Bool(true));
        let warning = version.get("deprecationWarning").and_then(Json::as_str);
        // The default is what the API server says.
        let warning = || warning.map_or_else(|| format!("{group}/{word} {kind} is deprecated"), str::to_owned);
        let schema = path.then("schema").then("openAPIV3Schema");
        let Some(found) = version.pointer("/schema/openAPIV3Schema") else {
            problems.report(&schema, "the version has no schema");
            return None;
        };
        Some(Version {
            definition: name.clone(),
            group,
            version: word,
            kind,
            cluster: *cluster,
            deprecated: deprecated.then(warning),
            schema: found,
            path: schema,
        })
    }
}

/// A text that has to be there.
fn word<'d>(object: &'d Json, keys: &[&str], path: &Path, problems: &mut Problems) -> Option<&'d str> {
    let found = keys.iter().try_fold(object, |object, key| object.get(key));
    let path = || keys.iter().fold(path.clone(), |path, key| path.then(key));
    match found {
        Some(Json::String(text)) => Some(text),
        Some(other) => {
            problems.expected(&path(), "text", other);
            None
        }
        None => {
            problems.report(&path(), "it is missing");
            None
        }
    }
}

/// A DNS name with a dot, as the API server asks of groups. It becomes a directory's name.
fn is_group(group: &str) -> bool {
    let label = |label: &str| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty() && label.bytes().all(fits) && !label.starts_with('-') && !label.ends_with('-')
    };
    group.len() <= 253 && group.contains('.') && group.split('.').all(label)
}

/// `v1`, `v2beta1`
fn is_version(version: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(rest) = version.strip_prefix('v') else {
        return false;
    };
    match rest.split_once("alpha").or_else(|| rest.split_once("beta")) {
        Some((major, minor)) => number(major) && number(minor),
        None => number(rest),
    }
}
