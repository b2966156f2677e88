//! What `kubectl apply --prune -l` would prune: what has a label that one is told, was applied by somebody, and is not in
//! the program. No label says that by itself: others may put it on what they make.

use super::LiveObject;
use super::ownership::Operation;
use super::prune::{Cluster, FLUX_PRUNE, Pruned, has_option};
use crate::diff::ObjectChange;
use crate::eval::value::{Str, Value};
use crate::kubernetes::Object;
use crate::kubernetes::identity::Identity;
use std::collections::HashSet;

/// A label that whoever applies puts on all that it applies, and prunes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PruneLabel {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// Kinds that `kubectl apply --prune` looks for unless it is told others (`pkg/util/prune` of kubectl).
const OF_KUBECTL: [(&str, &str); 16] = [
    ("", "ConfigMap"),
    ("", "Endpoints"),
    ("", "Namespace"),
    ("", "PersistentVolume"),
    ("", "PersistentVolumeClaim"),
    ("", "Pod"),
    ("", "ReplicationController"),
    ("", "Secret"),
    ("", "Service"),
    ("apps", "DaemonSet"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
    ("batch", "CronJob"),
    ("batch", "Job"),
    ("networking.k8s.io", "Ingress"),
];

/// Adds what has the labels that one is told, and is not in the program.
pub(super) fn labelled(cluster: &Cluster, pruned: &mut Pruned) {
    let labels = cluster.question.labels;
    if labels.is_empty() {
        return;
    }
    let shown = selector(labels);
    let without = cluster.objects.iter().filter(|(_, object)| !declares(object, labels)).count();
    if without == cluster.objects.len() {
        // Whoever applies by the label would apply none of them: it is another program's, or misspelt.
        pruned.notes.push(format!("no object of the program has the label `{shown}`: nothing is pruned by it"));
        return;
    }
    if without > 0 {
        pruned.notes.push(format!("objects without the label `{shown}`, which are never pruned by it: {without}"));
    }
    let namespaces: HashSet<&Str> = cluster.wanted.iter().filter_map(|known| known.namespace.as_ref()).collect();
    let is_labelled = |object: &&LiveObject| {
        labels.iter().all(|label| object.label(&label.key) == Some(&label.value))
            && object.identity.namespace.as_ref().is_none_or(|of| namespaces.contains(of))
    };
    let known: Vec<&LiveObject> = cluster.others().filter(is_labelled).collect();
    for object in known {
        let is_gone = |change: &ObjectChange| Identity::of(change.object()) == object.identity;
        if pruned.objects.iter().any(is_gone) {
            continue;
        }
        if !is_applied_by_anybody(object) {
            let who = &object.identity;
            pruned.notes.push(format!("{who} has the label `{shown}`, but nothing says that it was applied: it stays"));
            continue;
        }
        let mut notes = Vec::new();
        if !OF_KUBECTL.contains(&(&*object.identity.group, &*object.identity.kind)) {
            notes.push("kubectl does so only where `--prune-allowlist` names the kind".to_owned());
        }
        if has_option(object, "Prune=false") || object.annotation(FLUX_PRUNE) == Some("disabled") {
            notes.push("it is marked to be kept, which Argo CD and Flux heed and kubectl does not".to_owned());
        }
        pruned.delete(&object.manifest, notes, &format!("the label `{shown}`"));
    }
}

/// The labels as selectors are written.
pub(super) fn selector(labels: &[PruneLabel]) -> String {
    let labels: Vec<String> = labels.iter().map(|PruneLabel { key, value }| format!("{key}={value}")).collect();
    labels.join(",")
}

/// Whether an object of the program has all the labels.
fn declares(object: &Object, labels: &[PruneLabel]) -> bool {
    let Some(Value::Map(metadata)) = object.fields.get("metadata") else { return false };
    let Some(Value::Map(declared)) = metadata.get("labels") else { return false };
    labels.iter().all(|PruneLabel { key, value }| matches!(declared.get(key), Some(Value::Str(is)) if **is == **value))
}

/// Whether somebody has applied an object: what others make may have the label too.
fn is_applied_by_anybody(object: &LiveObject) -> bool {
    let mut managers = object.managers.iter();
    object.last_applied.is_some() || managers.any(|managed| managed.operation == Operation::Apply)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::Mask;
    use crate::diff::live::{Question, Unmanaged, marks};
    use crate::schema::Api;

    #[test]
    fn whoever_asks_a_server_lists_what_has_the_labels() {
        let label = |key: &str| PruneLabel { key: key.to_owned(), value: "x".to_owned() };
        let (mask, labels) = (Mask::new([7; 32]), [label("a"), label("b")]);
        let unmanaged = Unmanaged::Hide;
        let question =
            Question { api: Api::kubernetes(), manager: None, unmanaged, labels: &[], mask: &mask, answers: &[] };
        assert!(marks(&[], &[], question).selectors.is_empty());
        let selectors = marks(&[], &[], Question { labels: &labels, ..question }).selectors;
        assert_eq!(selectors.into_iter().collect::<Vec<_>>(), ["a=x,b=x"]);
    }
}
