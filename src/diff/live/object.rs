//! Objects as a cluster has them, and as a program declares them, ready to be compared.

use super::appliers::Applier;
use super::merge::tidy;
use super::ownership::{Managed, managers};
use super::place::Place;
use crate::diff::base64;
use crate::eval::value::{Entry, Map, Origin, Rank, Str, Value};
use crate::kubernetes::identity::{Identity, group};
use crate::kubernetes::{Object, kustomize};
use crate::schema::Json;
use crate::source::{FileId, Span};
use crate::yaml;
use std::rc::Rc;

/// Where kubectl keeps a copy of what it applied.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Where Argo CD says which Application an object is of.
pub(super) const TRACKING: &str = "argocd.argoproj.io/tracking-id";

/// An object as a cluster has it.
#[derive(Debug)]
pub struct LiveObject {
    pub(super) manifest: Json,
    pub(super) identity: Identity,
    pub(super) managers: Vec<Managed>,
    /// What was applied last, where the object says that.
    pub(super) last_applied: Option<Json>,
}

/// Objects of a cluster, from documents as `kubectl get -o yaml` and backups write them: single objects and lists. How
/// many documents are neither is the second part.
#[must_use]
pub fn objects(documents: Vec<Json>) -> (Vec<LiveObject>, usize) {
    let (mut objects, mut others) = (Vec::new(), 0);
    let mut rest: Vec<Json> = documents.into_iter().rev().filter(|document| !document.is_null()).collect();
    while let Some(mut document) = rest.pop() {
        let kind = document["kind"].as_str().unwrap_or_default().to_owned();
        let items = document.get_mut("items").filter(|_| kind.ends_with("List")).map(Json::take);
        if let (Some(of), Some(Json::Array(items))) = (kind.strip_suffix("List"), items) {
            // In a `PodList` the items need not say what they are.
            let api_version = document["apiVersion"].clone();
            rest.extend(items.into_iter().rev().map(|mut item| {
                if let Json::Object(fields) = &mut item
                    && !of.is_empty()
                {
                    fields.entry("kind").or_insert_with(|| Json::from(of));
                    fields.entry("apiVersion").or_insert_with(|| api_version.clone());
                }
                item
            }));
            continue;
        }
        match LiveObject::new(document) {
            Some(object) => objects.push(object),
            None => others += 1,
        }
    }
    (objects, others)
}

impl LiveObject {
    /// An object with all its fields; none where it does not say who it is.
    #[must_use]
    pub fn new(manifest: Json) -> Option<LiveObject> {
        let text = |value: &Json| value.as_str().filter(|text| !text.is_empty()).map(Str::from);
        let metadata = &manifest["metadata"];
        let identity = Identity {
            group: group(&text(&manifest["apiVersion"])?).into(),
            kind: text(&manifest["kind"])?,
            namespace: text(&metadata["namespace"]),
            name: text(&metadata["name"])?,
        };
        let last_applied = metadata["annotations"][LAST_APPLIED].as_str();
        let last_applied = last_applied.and_then(|text| serde_json::from_str::<Json>(text).ok());
        let (managers, last_applied) = (managers(&manifest), last_applied.filter(Json::is_object));
        Some(LiveObject { manifest, identity, managers, last_applied })
    }

    /// Who it is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The same as an object that a program could make.
    #[must_use]
    pub fn object(&self) -> Object {
        object(&self.manifest, None)
    }

    /// The version of the API that it was read in, such as `apps/v1`.
    #[must_use]
    pub fn api_version(&self) -> &str {
        self.manifest["apiVersion"].as_str().unwrap_or_default()
    }

    pub(super) fn label(&self, name: &str) -> Option<&str> {
        self.manifest["metadata"]["labels"][name].as_str()
    }

    pub(super) fn annotation(&self, name: &str) -> Option<&str> {
        self.manifest["metadata"]["annotations"][name].as_str()
    }

    /// When it was made; texts of that kind sort by time.
    pub(super) fn created(&self) -> &str {
        self.manifest["metadata"]["creationTimestamp"].as_str().unwrap_or_default()
    }

    /// Puts the marks that whoever applies has put on the object on what is sent, unless the program says them itself.
    pub(super) fn mark(&self, sent: &mut Json, applier: Option<&Applier>) {
        for (field, mark) in self.marks(applier) {
            let there = &self.manifest["metadata"][field][mark];
            if !there.is_null() && sent["metadata"][field][mark].is_null() {
                sent["metadata"][field][mark] = there.clone();
            }
        }
    }

    /// The labels and annotations by which whoever applies knows the object again. Argo CD puts a label on objects only
    /// where it does not put an annotation on them.
    fn marks(&self, applier: Option<&Applier>) -> impl Iterator<Item = (&'static str, &'static str)> {
        let has_annotation = self.annotation(TRACKING).is_some();
        let marks = applier.into_iter().flat_map(|applier| applier.marks().iter().copied());
        marks.filter(move |(field, _)| !has_annotation || *field == "annotations")
    }

    /// What of it people and programs set: without what only the cluster writes, and without the marks of whoever applies.
    pub(super) fn settled(&self, applier: Option<&Applier>, declared: &Json, place: Place) -> Json {
        let mut manifest = self.manifest.clone();
        strip(&mut manifest, self.marks(applier), declared);
        if &*self.identity.kind == "Namespace"
            && let Some(Json::Object(labels)) = manifest["metadata"].get_mut("labels")
        {
            labels.shift_remove("kubernetes.io/metadata.name");
        }
        tidy(&mut manifest, place);
        manifest
    }
}

/// Takes out what is not part of a comparison.
fn strip(manifest: &mut Json, marks: impl Iterator<Item = (&'static str, &'static str)>, declared: &Json) {
    const OF_THE_CLUSTER: [&str; 8] = [
        "managedFields",
        "resourceVersion",
        "generation",
        "uid",
        "selfLink",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ];
    let Json::Object(fields) = manifest else { return };
    fields.shift_remove("status");
    let Some(Json::Object(metadata)) = fields.get_mut("metadata") else { return };
    for field in OF_THE_CLUSTER {
        metadata.shift_remove(field);
    }
    for (field, mark) in [
        ("annotations", LAST_APPLIED),
        ("annotations", "deployment.kubernetes.io/revision"),
        ("annotations", "deprecated.daemonset.template.generation"),
        ("annotations", "pv.kubernetes.io/bind-completed"),
        ("annotations", "pv.kubernetes.io/bound-by-controller"),
        ("annotations", "volume.kubernetes.io/storage-provisioner"),
        ("annotations", "volume.beta.kubernetes.io/storage-provisioner"),
        ("annotations", "volume.kubernetes.io/selected-node"),
    ]
    .into_iter()
    .chain(marks)
    {
        // What the program declares itself is no mark of anybody.
        if declared["metadata"][field][mark].is_null()
            && let Some(Json::Object(entries)) = metadata.get_mut(field)
        {
            entries.shift_remove(mark);
        }
    }
    for field in ["labels", "annotations"] {
        if metadata.get(field).and_then(Json::as_object).is_some_and(serde_json::Map::is_empty) {
            metadata.shift_remove(field);
        }
    }
}

/// An object as it is sent to apply it. The server takes texts of a Secret for what they are, but then whoever applied
/// them owns nothing that it could remove; Flux sends bytes, which `as_bytes` asks for.
pub(super) fn sent(object: &Object, as_bytes: bool) -> Json {
    let manifest = kustomize::manifest(object, object.namespace.as_ref());
    let mut manifest: Json = serde_json::from_str(&yaml::json(&Value::Map(Rc::new(manifest)))).unwrap_or_default();
    strip(&mut manifest, std::iter::empty(), &Json::Null);
    if as_bytes
        && &*object.kind == "Secret"
        && &*object.api_version == "v1"
        && let Json::Object(fields) = &mut manifest
        && let Some(Json::Object(texts)) = fields.shift_remove("stringData")
    {
        // The server keeps bytes only.
        let data = fields.entry("data").or_insert_with(|| Json::Object(serde_json::Map::new()));
        for (key, text) in texts {
            data[&key] = Json::from(base64::encode(text.as_str().unwrap_or_default().as_bytes()));
        }
    }
    manifest
}

/// An object as the server keeps it.
pub(super) fn declared(object: &Object, place: Place) -> Json {
    let mut manifest = sent(object, true);
    tidy(&mut manifest, place);
    manifest
}

/// An object of a manifest.
pub(super) fn object(manifest: &Json, like: Option<&Object>) -> Object {
    let text = |value: &Json| Str::from(value.as_str().unwrap_or_default());
    let mut fields = Map::default();
    for (name, value) in manifest.as_object().into_iter().flatten() {
        let value = match name.as_str() {
            "apiVersion" | "kind" => continue,
            "metadata" => {
                let mut metadata = value.clone();
                if let Json::Object(metadata) = &mut metadata {
                    metadata.shift_remove("namespace");
                }
                to_value(&metadata)
            }
            _ => to_value(value),
        };
        fields.set(name.as_str().into(), value);
    }
    Object {
        api_version: text(&manifest["apiVersion"]),
        kind: text(&manifest["kind"]),
        name: text(&manifest["metadata"]["name"]),
        namespace: manifest["metadata"]["namespace"].as_str().map(Str::from),
        namespaced_by: Origin::NONE,
        label: like.map_or_else(|| "".into(), |like| like.label.clone()),
        fields: Rc::new(fields),
        hashed: like.is_some_and(|like| like.hashed),
        span: like.map_or_else(|| Span::new(FileId(0), 0, 0), |like| like.span),
        instance: like.and_then(|like| like.instance),
    }
}

/// A value as the rest of the compiler has it.
pub(super) fn to_value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::String(text) => Value::Str(text.as_str().into()),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(int), _) => Value::Int(int),
            (None, float) => Value::Float(float.unwrap_or_default()),
        },
        Json::Array(items) => Value::List(Rc::new(items.iter().map(to_value).collect())),
        Json::Object(fields) => {
            let mut map = Map::with_capacity(fields.len());
            for (key, value) in fields {
                let (key, value) = (key.as_str().into(), to_value(value));
                map.push(Entry { key, value, origin: Origin::NONE, rank: Rank::NONE });
            }
            Value::Map(Rc::new(map))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_and_single_objects_are_read_in_their_order() {
        let named = |kind: &str, name: &str| json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}});
        let list = json!({"apiVersion": "v1", "kind": "List", "items": [named("Pod", "a"), named("Pod", "b")]});
        let typed = json!({"apiVersion": "apps/v1", "kind": "DeploymentList", "items": [{"metadata": {"name": "c"}}]});
        let nameless = json!({"kind": "Pod", "apiVersion": "v1"});
        let (objects, others) = objects(vec![list, Json::Null, typed, nameless, json!("text"), named("Pod", "d")]);
        let names: Vec<String> = objects.iter().map(|object| object.identity.to_string()).collect();
        assert_eq!(names, ["Pod `a`", "Pod `b`", "Deployment `c`", "Pod `d`"]);
        assert_eq!((&*objects[2].identity.group, others), ("apps", 2));
    }
}
