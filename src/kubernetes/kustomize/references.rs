//! References to generated ConfigMaps: where Kustomize looks for them, and what it writes there.

use super::super::Object;
use super::{hash, is_generated};
use crate::eval::value::{Keyed, Map, Str, Value};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// Names of generated ConfigMaps, before and after.
pub struct Renamed {
    /// Name → (namespace, new name) of each that bears it.
    names: FxHashMap<Str, Vec<(Option<Str>, Str)>>,
}

impl Renamed {
    /// The names that change among these objects.
    pub fn of(objects: &[Object]) -> Renamed {
        let mut names: FxHashMap<Str, Vec<(Option<Str>, Str)>> = FxHashMap::default();
        for object in objects.iter().filter(|object| is_generated(object)) {
            let new = hash::name_with_hash(object).into();
            names.entry(object.name.clone()).or_default().push((object.namespace.clone(), new));
        }
        Renamed { names }
    }

    /// The object's fields where they hold a name that changes.
    pub fn rewritten(&self, object: &Object) -> Option<Map> {
        if self.names.is_empty() {
            return None;
        }
        let mut fields: Option<Map> = None;
        let rename = |name: &str| self.new_name(name, object.namespace.as_ref());
        for path in paths(object) {
            let before = fields.as_ref().unwrap_or(&object.fields);
            if let Some(after) = rewritten_map(before, &path, &rename) {
                fields = Some(after);
            }
        }
        fields
    }

    /// A namespaced object sees the names of its namespace, another one those of all, if they are not ambiguous.
    fn new_name(&self, name: &str, namespace: Option<&Str>) -> Option<Str> {
        let mut candidates = self
            .names
            .get(name)?
            .iter()
            .filter(|(of, _)| namespace.is_none() || of.as_ref() == namespace)
            .map(|(_, new)| new);
        let first = candidates.next()?;
        candidates.all(|other| other == first).then(|| first.clone())
    }
}

/// Places in a pod's specification; lists on the way are walked through.
const IN_POD: [&[&str]; 6] = [
    &["volumes", "configMap", "name"],
    &["volumes", "projected", "sources", "configMap", "name"],
    &["containers", "env", "valueFrom", "configMapKeyRef", "name"],
    &["initContainers", "env", "valueFrom", "configMapKeyRef", "name"],
    &["containers", "envFrom", "configMapRef", "name"],
    &["initContainers", "envFrom", "configMapRef", "name"],
];

/// Where Kustomize's `nameReference` configuration finds names of ConfigMaps in an object. It goes by kind alone,
/// whatever the group.
pub fn paths(object: &Object) -> Vec<Vec<&'static str>> {
    let pod: &[&str] = match &*object.kind {
        "Pod" if object.api_version.rsplit('/').next() == Some("v1") => &["spec"],
        "PodTemplate" => &["template", "spec"],
        "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" | "Job" => &["spec", "template", "spec"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        "Role" | "ClusterRole" => return vec![vec!["rules", "resourceNames"]],
        "Ingress" => {
            return vec![vec!["metadata", "annotations", "nginx.ingress.kubernetes.io/fastcgi-params-configmap"]];
        }
        _ => return Vec::new(),
    };
    IN_POD.iter().map(|path| pod.iter().chain(*path).copied().collect()).collect()
}

fn rewritten_map(map: &Map, path: &[&str], rename: &dyn Fn(&str) -> Option<Str>) -> Option<Map> {
    let (first, rest) = path.split_first()?;
    let at = map.position(first)?;
    let value = rewritten(&map.entries()[at].value, rest, rename)?;
    let mut map = map.clone();
    map.entry_mut(at).value = value;
    Some(map)
}

/// The value with what changes in it; none where nothing does. `path` leads on from `value`.
fn rewritten(value: &Value, path: &[&str], rename: &dyn Fn(&str) -> Option<Str>) -> Option<Value> {
    match value {
        Value::Str(name) if path.is_empty() => rename(name).map(Value::Str),
        Value::Map(map) => Some(Value::Map(Rc::new(rewritten_map(map, path, rename)?))),
        Value::List(items) => {
            let after: Vec<Option<Value>> = items.iter().map(|item| rewritten(item, path, rename)).collect();
            if after.iter().all(Option::is_none) {
                return None;
            }
            let items = after.into_iter().zip(&**items).map(|(after, before)| after.unwrap_or_else(|| before.clone()));
            Some(Value::List(Rc::new(items.collect())))
        }
        Value::Keyed(keyed) => {
            let mut items: Option<Map> = None;
            for (at, entry) in keyed.items.entries().iter().enumerate() {
                if let Some(after) = rewritten(&entry.value, path, rename) {
                    items.get_or_insert_with(|| keyed.items.clone()).entry_mut(at).value = after;
                }
            }
            Some(Value::Keyed(Rc::new(Keyed { field: keyed.field.clone(), items: items? })))
        }
        Value::Str(_)
        | Value::Absent
        | Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Memory(_)
        | Value::Cpu(_)
        | Value::Duration(_)
        | Value::Secret(_) => None,
    }
}
