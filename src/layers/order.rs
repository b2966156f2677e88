//! The order of fields in pods and containers: that of Kubernetes' API reference, however the program put them together.
//!
//! Layers add fields where the program says them, and a reader looks for them where they always are. All other fields
//! stand as the program or the library has them.

use crate::eval::value::{Keyed, Map, Value};
use std::rc::Rc;

/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container>
const CONTAINER: &[&str] = &[
    "name",
    "image",
    "imagePullPolicy",
    "command",
    "args",
    "workingDir",
    "ports",
    "env",
    "envFrom",
    "volumeMounts",
    "volumeDevices",
    "resources",
    "resizePolicy",
    "lifecycle",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "restartPolicy",
    "securityContext",
    "stdin",
    "stdinOnce",
    "tty",
];

/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec>, with init containers before
/// the containers that run after them.
const POD: &[&str] = &[
    "initContainers",
    "containers",
    "ephemeralContainers",
    "imagePullSecrets",
    "enableServiceLinks",
    "os",
    "volumes",
    "nodeSelector",
    "nodeName",
    "affinity",
    "tolerations",
    "schedulerName",
    "runtimeClassName",
    "priorityClassName",
    "priority",
    "preemptionPolicy",
    "topologySpreadConstraints",
    "overhead",
    "restartPolicy",
    "terminationGracePeriodSeconds",
    "activeDeadlineSeconds",
    "readinessGates",
    "hostname",
    "setHostnameAsFQDN",
    "subdomain",
    "hostAliases",
    "dnsConfig",
    "dnsPolicy",
    "hostNetwork",
    "hostPID",
    "hostIPC",
    "shareProcessNamespace",
    "serviceAccountName",
    "automountServiceAccountToken",
    "securityContext",
    "hostUsers",
];

/// What a map is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Container,
    Other,
}

/// The map with the pods in it in order.
pub fn ordered(map: Map) -> Map {
    in_order(&map, Shape::Other).unwrap_or(map)
}

/// The map in order; none where it is already.
fn in_order(map: &Map, shape: Shape) -> Option<Map> {
    let is_pod = matches!(map.get("containers"), Some(Value::Keyed(_) | Value::List(_)));
    let order = match shape {
        Shape::Container => CONTAINER,
        Shape::Other if is_pod => POD,
        Shape::Other => &[],
    };
    // What the reference does not know comes last, as it comes.
    let rank = |key: &str| order.iter().position(|known| *known == key).unwrap_or(order.len());
    let mut entries: Vec<(usize, usize)> =
        map.entries().iter().enumerate().map(|(at, entry)| (rank(&entry.key), at)).collect();
    let mut changed = !entries.is_sorted();
    entries.sort_unstable();
    let mut sorted = Map::with_capacity(map.len());
    for (_, at) in entries {
        let mut entry = map.entries()[at].clone();
        let are_containers = is_pod && matches!(&*entry.key, "initContainers" | "containers" | "ephemeralContainers");
        let shape = if are_containers { Shape::Container } else { Shape::Other };
        if let Some(value) = value_in_order(&entry.value, shape) {
            entry.value = value;
            changed = true;
        }
        sorted.push(entry);
    }
    changed.then_some(sorted)
}

/// The value in order, `shape` being that of the items of a list; none where it is already.
fn value_in_order(value: &Value, shape: Shape) -> Option<Value> {
    match value {
        Value::Map(map) => in_order(map, Shape::Other).map(|map| Value::Map(Rc::new(map))),
        Value::Keyed(list) => {
            let mut items = list.items.clone();
            let mut changed = false;
            for at in 0..items.len() {
                let entry = items.entry_mut(at);
                if let Value::Map(item) = &entry.value
                    && let Some(item) = in_order(item, shape)
                {
                    entry.value = Value::Map(Rc::new(item));
                    changed = true;
                }
            }
            changed.then(|| Value::Keyed(Rc::new(Keyed { field: list.field.clone(), items })))
        }
        Value::List(list) => {
            let ordered = |item: &Value| match item {
                Value::Map(map) => in_order(map, shape).map(|map| Value::Map(Rc::new(map))),
                item => value_in_order(item, Shape::Other),
            };
            let items: Vec<Option<Value>> = list.iter().map(ordered).collect();
            if items.iter().all(Option::is_none) {
                return None;
            }
            let items = items.into_iter().zip(&**list).map(|(ordered, item)| ordered.unwrap_or_else(|| item.clone()));
            Some(Value::List(Rc::new(items.collect())))
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
        | Value::Secret(_) => None,
    }
}
