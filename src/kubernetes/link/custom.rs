//! Pods and names of ConfigMaps in custom resources, wherever they stand; Kustomize leaves such names as they are.

use super::collect::Collector;
use super::node::Node;
use super::{Rewriting, Target, pod};
use crate::eval::value::Value;
use crate::kubernetes::kustomize;

/// Fields that hold a reference to a ConfigMap wherever they stand, as pods and custom resources have them.
const REFERENCES: [&str; 4] = ["configMap", "configMapRef", "configMapKeyRef", "configMapKeySelector"];

/// Fields that hold the name itself.
const NAMES: [&str; 2] = ["configMapName", "configMap"];

/// Collects what looks like the name of a ConfigMap. What is not made here is nobody's business: the kind may mean
/// something else by such a field.
pub(super) fn config_maps(to: &mut Collector<'_>, root: Node<'_>) {
    if kustomize::rewrites_names_in(to.object()) {
        return;
    }
    to.rewriting = Rewriting::Unknown;
    for (field, inside) in root.maps().filter(|(field, _)| *field != "metadata") {
        found(to, inside, field);
    }
}

/// Fields of custom resources that hold a pod's template.
const TEMPLATES: [&str; 2] = ["podTemplate", "template"];

/// Collects the links of the pods that a custom resource describes.
pub(super) fn pods(to: &mut Collector<'_>, root: Node<'_>) {
    let group = crate::kubernetes::identity::group(&to.object().api_version);
    if !group.contains('.') || pod::template(group, &to.object().kind).is_some() {
        return;
    }
    to.rewriting = Rewriting::NotDone;
    let mut templates = Vec::new();
    if let Some(spec) = root.get("spec") {
        templates_in(spec, &mut templates);
    }
    pod::templates(to, &templates);
}

fn templates_in<'a>(node: Node<'a>, templates: &mut Vec<Node<'a>>) {
    for (field, inner) in node.maps() {
        match inner.get("spec") {
            Some(spec) if TEMPLATES.contains(&field) && !spec.items("containers").is_empty() => templates.push(spec),
            Some(_) | None => templates_in(inner, templates),
        }
    }
}

/// Objects are nested no deeper than evaluation lets them be.
fn found(to: &mut Collector<'_>, node: Node<'_>, field: &str) {
    if REFERENCES.contains(&field)
        && let Some(name) = node.text("name")
    {
        to.refer(Target::ConfigMap, name);
    }
    for name in NAMES.into_iter().filter_map(|field| node.text(field)) {
        to.refer(Target::ConfigMap, name);
    }
    for entry in node.map().entries() {
        match &entry.value {
            Value::Map(_) => node.get(&entry.key).into_iter().for_each(|inner| found(to, inner, &entry.key)),
            Value::List(_) | Value::Keyed(_) => {
                node.items(&entry.key).into_iter().for_each(|inner| found(to, inner, &entry.key));
            }
            Value::Absent
            | Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Str(_)
            | Value::Memory(_)
            | Value::Cpu(_)
            | Value::Duration(_)
            | Value::Secret(_) => {}
        }
    }
}
