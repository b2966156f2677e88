//! Whether an overlay can say its namespace once, or every object must say its own.

use crate::eval::value::{Map, Str, Value};
use crate::kubernetes::Object;

/// How a unit's objects get their namespaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placement {
    /// Each overlay's `namespace`, one an environment; none where the environment has no namespaced object.
    Transformer(Vec<Option<Str>>),
    /// In the objects themselves.
    Written,
}

impl Placement {
    /// Kustomize's transformer where it does exactly what is wanted in every environment.
    pub fn of(environments: &[Vec<Object>]) -> Placement {
        let namespaces: Option<Vec<Option<Str>>> = environments.iter().map(|objects| one_namespace(objects)).collect();
        namespaces.map_or(Placement::Written, Placement::Transformer)
    }

    /// The namespace to write into an object's file.
    pub fn written<'a>(&self, object: &'a Object) -> Option<&'a Str> {
        match self {
            Placement::Transformer(_) => None,
            Placement::Written => object.namespace.as_ref(),
        }
    }

    /// The namespace to write into an environment's overlay.
    pub fn of_overlay(&self, environment: usize) -> Option<&Str> {
        match self {
            Placement::Transformer(namespaces) => namespaces[environment].as_ref(),
            Placement::Written => None,
        }
    }
}

/// `Some(None)` where nothing is namespaced, none where the transformer would not do.
fn one_namespace(objects: &[Object]) -> Option<Option<Str>> {
    let mut namespaces = objects.iter().filter_map(|object| object.namespace.as_ref());
    let Some(namespace) = namespaces.next() else { return Some(None) };
    let fits = namespaces.all(|other| other == namespace)
        && objects.iter().all(|object| does_as_wanted(object, namespace, objects));
    fits.then(|| Some(namespace.clone()))
}

/// Whether the namespace transformer, and the references that Kustomize repairs after it, leave an object as wanted.
fn does_as_wanted(object: &Object, namespace: &Str, unit: &[Object]) -> bool {
    // It knows the scope of the kinds below, and takes all others for namespaced.
    if object.namespace.is_none() != is_known_as_cluster_scoped(object) {
        return false;
    }
    match &*object.kind {
        // It names all Namespaces after the one it sets.
        "Namespace" => object.name == *namespace,
        // It, or the repair of references, writes the namespace of the Service behind these.
        "APIService" | "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" => false,
        "CustomResourceDefinition" => !has_conversion(&object.fields),
        "RoleBinding" | "ClusterRoleBinding" => {
            subjects(&object.fields).iter().all(|subject| leaves_subject(subject, namespace, unit))
        }
        _ => true,
    }
}

/// The transformer moves subjects named `default`; the repair of references moves those that bear the name of a
/// ServiceAccount of the unit and are in the namespace `default` or in none.
fn leaves_subject(subject: &Value, namespace: &Str, unit: &[Object]) -> bool {
    let Value::Map(subject) = subject else { return true };
    let text = |field: &str| match subject.get(field) {
        Some(Value::Str(text)) => Some(text.clone()),
        _ => None,
    };
    let of = text("namespace");
    if of.as_ref() == Some(namespace) {
        return true;
    }
    let Some(name) = text("name") else { return true };
    let is_account = || unit.iter().any(|object| &*object.kind == "ServiceAccount" && object.name == name);
    &*name != "default" && !(of.is_none_or(|of| &*of == "default") && is_account())
}

fn subjects(fields: &Map) -> &[Value] {
    match fields.get("subjects") {
        Some(Value::List(subjects)) => subjects,
        _ => &[],
    }
}

fn has_conversion(fields: &Map) -> bool {
    matches!(fields.get("spec"), Some(Value::Map(spec)) if spec.get("conversion").is_some())
}

/// The kinds that Kustomize 5 knows to be outside namespaces (`kyaml/openapi`, `precomputedIsNamespaceScoped`).
fn is_known_as_cluster_scoped(object: &Object) -> bool {
    let (group, version) = object.api_version.split_once('/').unwrap_or(("", &object.api_version));
    let kinds: &[&str] = match (group, version) {
        ("", "v1") => &["ComponentStatus", "Namespace", "Node", "NodeProxyOptions", "PersistentVolume"],
        ("admissionregistration.k8s.io", "v1" | "v1beta1") => {
            &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]
        }
        ("apiextensions.k8s.io", "v1" | "v1beta1") => &["CustomResourceDefinition"],
        ("apiregistration.k8s.io", "v1" | "v1beta1") => &["APIService"],
        ("certificates.k8s.io", "v1" | "v1beta1") => &["CertificateSigningRequest"],
        ("networking.k8s.io", "v1" | "v1beta1") => &["IngressClass"],
        ("node.k8s.io", "v1" | "v1beta1") => &["RuntimeClass"],
        ("rbac.authorization.k8s.io", "v1" | "v1beta1") => &["ClusterRole", "ClusterRoleBinding"],
        ("scheduling.k8s.io", "v1" | "v1beta1") => &["PriorityClass"],
        ("storage.k8s.io", "v1" | "v1beta1") => &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
        _ => &[],
    };
    kinds.contains(&&*object.kind)
}
