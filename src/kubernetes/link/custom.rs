//! Names of ConfigMaps in kinds that nothing is known of: Kustomize leaves them as they are.

use super::collect::Collector;
use super::node::Node;
use super::{Rewriting, Target};
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
