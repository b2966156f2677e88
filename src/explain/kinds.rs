//! Kinds as people type them: `deploy`, `deployments`, `Deployment.apps`.

use crate::kubernetes::Object;

/// Short names, as `kubectl api-resources` lists them for the built-in kinds.
const SHORT: &[(&str, &str)] = &[
    ("cm", "ConfigMap"),
    ("cj", "CronJob"),
    ("crd", "CustomResourceDefinition"),
    ("csr", "CertificateSigningRequest"),
    ("deploy", "Deployment"),
    ("ds", "DaemonSet"),
    ("ep", "Endpoints"),
    ("hpa", "HorizontalPodAutoscaler"),
    ("ing", "Ingress"),
    ("limits", "LimitRange"),
    ("netpol", "NetworkPolicy"),
    ("no", "Node"),
    ("ns", "Namespace"),
    ("pc", "PriorityClass"),
    ("pdb", "PodDisruptionBudget"),
    ("po", "Pod"),
    ("pv", "PersistentVolume"),
    ("pvc", "PersistentVolumeClaim"),
    ("quota", "ResourceQuota"),
    ("rc", "ReplicationController"),
    ("rs", "ReplicaSet"),
    ("sa", "ServiceAccount"),
    ("sc", "StorageClass"),
    ("sts", "StatefulSet"),
    ("svc", "Service"),
];

/// `Kind/name` of an object.
pub(super) fn named(object: &Object) -> String {
    format!("{}/{}", object.kind, object.name)
}

/// Whether a word such as `deploy`, `Deployments` or `deployment.apps` names the kind of an object.
pub(super) fn is_kind(word: &str, object: &Object) -> bool {
    let (kind, group) = word.split_once('.').map_or((word, None), |(kind, group)| (kind, Some(group)));
    let own = object.api_version.split_once('/').map_or("", |(group, _)| group);
    // `deployments.v1.apps` is a way to say it, too.
    let is_group = |group: &str| group == own || group.split_once('.').is_some_and(|(_, rest)| rest == own);
    is_named(kind, &object.kind) && group.is_none_or(is_group)
}

fn is_named(word: &str, kind: &str) -> bool {
    let (word, lower) = (word.to_lowercase(), kind.to_lowercase());
    word == lower || word == plural(&lower) || SHORT.iter().any(|(short, long)| *short == word && *long == kind)
}

/// The plural of a kind in lower case, by the rule of `meta.UnsafeGuessKindToResource` of Kubernetes' apimachinery.
fn plural(kind: &str) -> String {
    match kind.strip_suffix('y') {
        _ if kind == "endpoints" => kind.to_owned(),
        _ if kind.ends_with('s') => format!("{kind}es"),
        Some(stem) => format!("{stem}ies"),
        None => format!("{kind}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_short_names_and_plurals() {
        for (word, kind) in [
            ("deploy", "Deployment"),
            ("Deployments", "Deployment"),
            ("ing", "Ingress"),
            ("ingresses", "Ingress"),
            ("networkpolicies", "NetworkPolicy"),
            ("endpoints", "Endpoints"),
            ("podmonitor", "PodMonitor"),
        ] {
            assert!(is_named(word, kind), "{word} is {kind}");
        }
        assert!(!is_named("deploy", "DeploymentConfig"));
    }
}
