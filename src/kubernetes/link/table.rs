//! Fields of kinds without a module of their own that name objects, and objects that controllers make from others.
//!
//! Sources: the CustomResourceDefinitions of each project, and the documentation of each field there.

use super::collect::Collector;
use super::node::{Node, Text};
use super::{Part, Target};
use crate::eval::value::Str;
use crate::kubernetes::identity::group;

/// A field of a kind that names an object in the same namespace, or in the one that `namespace` beside it says.
struct Field {
    /// Where the kind belongs, and the kinds.
    group: &'static str,
    kinds: &'static [&'static str],
    /// The way to the map that holds the name; lists on the way are gone through.
    path: &'static [&'static str],
    /// The field with the name.
    name: &'static str,
    to: To,
}

/// What a field names.
enum To {
    /// An object of this group and kind.
    Kind(&'static str, &'static str),
    /// A key of a Secret, which the field `key` beside the name says.
    SecretKey,
    /// What `kind` beside the name says, of a group that `group` or `apiVersion` says; in default these.
    Said(&'static str, &'static str),
    /// A port of a Service, which `port` beside the name says, unless `kind` says that it is no Service.
    ServicePort,
}

const ROUTES: &[&str] = &["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"];
const SCALED: &[&str] = &["ScaledObject", "ScaledJob"];
const SOURCES: &[&str] = &["GitRepository", "OCIRepository", "HelmRepository", "Bucket"];
const ISSUERS: &[&str] = &["Issuer"];
const SECRET: To = To::Kind("", "Secret");

const fn field(
    group: &'static str,
    kinds: &'static [&'static str],
    path: &'static [&'static str],
    name: &'static str,
    to: To,
) -> Field {
    Field { group, kinds, path, name, to }
}

/// All such fields.
#[rustfmt::skip]
const FIELDS: &[Field] = &[
    field("", &["PersistentVolumeClaim"], &["spec", "dataSource"], "name", To::Said("", "PersistentVolumeClaim")),
    field("autoscaling", &["HorizontalPodAutoscaler"], &["spec", "scaleTargetRef"], "name", To::Said("apps", "Deployment")),
    field("autoscaling.k8s.io", &["VerticalPodAutoscaler"], &["spec", "targetRef"], "name", To::Said("apps", "Deployment")),
    field("flink.apache.org", &["FlinkSessionJob"], &["spec"], "deploymentName", To::Kind("flink.apache.org", "FlinkDeployment")),
    field("flink.apache.org", &["FlinkStateSnapshot"], &["spec", "jobReference"], "name", To::Said("flink.apache.org", "FlinkDeployment")),
    field("flink.apache.org", &["FlinkDeployment"], &["spec"], "serviceAccount", To::Kind("", "ServiceAccount")),
    field("monitoring.coreos.com", &["ServiceMonitor"], &["spec", "endpoints", "basicAuth", "username"], "name", To::SecretKey),
    field("monitoring.coreos.com", &["ServiceMonitor"], &["spec", "endpoints", "basicAuth", "password"], "name", To::SecretKey),
    field("monitoring.coreos.com", &["ServiceMonitor"], &["spec", "endpoints", "authorization", "credentials"], "name", To::SecretKey),
    field("monitoring.coreos.com", &["PodMonitor"], &["spec", "podMetricsEndpoints", "basicAuth", "username"], "name", To::SecretKey),
    field("monitoring.coreos.com", &["PodMonitor"], &["spec", "podMetricsEndpoints", "basicAuth", "password"], "name", To::SecretKey),
    field("gateway.networking.k8s.io", ROUTES, &["spec", "rules", "backendRefs"], "name", To::ServicePort),
    field("gateway.networking.k8s.io", ROUTES, &["spec", "parentRefs"], "name", To::Said("gateway.networking.k8s.io", "Gateway")),
    field("gateway.networking.k8s.io", &["Gateway"], &["spec", "listeners", "tls", "certificateRefs"], "name", To::Said("", "Secret")),
    field("cert-manager.io", &["Certificate"], &["spec", "issuerRef"], "name", To::Said("cert-manager.io", "Issuer")),
    field("cert-manager.io", ISSUERS, &["spec", "ca"], "secretName", SECRET),
    field("external-secrets.io", &["ExternalSecret"], &["spec", "secretStoreRef"], "name", To::Said("external-secrets.io", "SecretStore")),
    field("keda.sh", &["ScaledObject"], &["spec", "scaleTargetRef"], "name", To::Said("apps", "Deployment")),
    field("keda.sh", SCALED, &["spec", "triggers", "authenticationRef"], "name", To::Said("keda.sh", "TriggerAuthentication")),
    field("keda.sh", &["TriggerAuthentication"], &["spec", "secretTargetRef"], "name", To::SecretKey),
    field("kustomize.toolkit.fluxcd.io", &["Kustomization"], &["spec", "sourceRef"], "name", To::Said("source.toolkit.fluxcd.io", "GitRepository")),
    field("kustomize.toolkit.fluxcd.io", &["Kustomization"], &["spec", "dependsOn"], "name", To::Kind("kustomize.toolkit.fluxcd.io", "Kustomization")),
    field("kustomize.toolkit.fluxcd.io", &["Kustomization"], &["spec", "postBuild", "substituteFrom"], "name", To::Said("", "ConfigMap")),
    field("kustomize.toolkit.fluxcd.io", &["Kustomization"], &["spec", "decryption", "secretRef"], "name", SECRET),
    field("kustomize.toolkit.fluxcd.io", &["Kustomization"], &["spec", "kubeConfig", "secretRef"], "name", SECRET),
    field("kustomize.toolkit.fluxcd.io", &["Kustomization"], &["spec"], "serviceAccountName", To::Kind("", "ServiceAccount")),
    field("source.toolkit.fluxcd.io", SOURCES, &["spec", "secretRef"], "name", SECRET),
    field("source.toolkit.fluxcd.io", SOURCES, &["spec", "certSecretRef"], "name", SECRET),
    field("source.toolkit.fluxcd.io", &["OCIRepository"], &["spec"], "serviceAccountName", To::Kind("", "ServiceAccount")),
    field("helm.toolkit.fluxcd.io", &["HelmRelease"], &["spec", "chart", "spec", "sourceRef"], "name", To::Said("source.toolkit.fluxcd.io", "HelmRepository")),
    field("helm.toolkit.fluxcd.io", &["HelmRelease"], &["spec", "chartRef"], "name", To::Said("source.toolkit.fluxcd.io", "OCIRepository")),
    field("helm.toolkit.fluxcd.io", &["HelmRelease"], &["spec", "valuesFrom"], "name", To::Said("", "ConfigMap")),
];

/// Groups whose objects are not of a namespace, or belong to the cluster and not to a program.
const OF_THE_CLUSTER: [&str; 4] =
    ["ClusterIssuer", "ClusterSecretStore", "ClusterTriggerAuthentication", "ClusterExternalSecret"];

/// Collects what the table knows of an object.
pub(super) fn links(to: &mut Collector<'_>, root: Node<'_>) {
    let own_group: Str = group(&to.object().api_version).into();
    let kind = to.object().kind.clone();
    for field in FIELDS.iter().filter(|field| field.group == &*own_group && field.kinds.contains(&&*kind)) {
        for holder in holders(root, field.path) {
            if let Some(name) = holder.text(field.name).filter(|_| !holder.is_true("optional")) {
                refer(to, &field.to, holder, name);
            }
        }
    }
}

fn refer(to: &mut Collector<'_>, target: &To, holder: Node<'_>, name: Text<'_>) {
    let namespace = holder.text("namespace").map(|namespace| namespace.text.clone());
    let (target, part, origin) = match target {
        To::Kind(group, kind) => (Target::named(group, kind), Part::Whole, name.origin),
        To::SecretKey => match holder.text("key") {
            Some(key) => (Target::Secret, Part::Key(key.text.clone()), key.origin),
            None => (Target::Secret, Part::Whole, name.origin),
        },
        To::Said(default_group, default_kind) => {
            let kind = holder.text("kind").map_or(*default_kind, |kind| kind.text);
            let said = holder.text("group").map(|group| &**group.text);
            let said = said.or_else(|| holder.text("apiVersion").map(|version| group(version.text)));
            if OF_THE_CLUSTER.contains(&kind) {
                return;
            }
            (Target::named(said.unwrap_or(default_group), kind), Part::Whole, name.origin)
        }
        To::ServicePort => {
            if holder.text("kind").is_some_and(|kind| &**kind.text != "Service") {
                return;
            }
            match holder.int("port") {
                Some(port) => (Target::Service, Part::PortNumber(port), holder.origin_of("port")),
                None => (Target::Service, Part::Whole, name.origin),
            }
        }
    };
    to.refer_elsewhere(target, name, namespace, part, origin);
}

/// The maps at the end of a path.
fn holders<'a>(root: Node<'a>, path: &[&str]) -> Vec<Node<'a>> {
    path.iter().fold(vec![root], |nodes, key| {
        let below = |node: Node<'a>| node.get(key).map_or_else(|| node.items(key), |inner| vec![inner]);
        nodes.into_iter().flat_map(below).collect()
    })
}

/// The Secrets and other objects that a controller makes of this one, beside it: their kind and name.
pub(super) fn makes(api_version: &str, kind: &str, name: &Str, root: Node<'_>) -> Vec<(&'static str, Str)> {
    let text = |path: &[&str], field: &str| Some(root.path(path)?.text(field)?.text.clone());
    let secret = |name: Option<Str>| name.map(|name| ("Secret", name)).into_iter().collect::<Vec<_>>();
    match (group(api_version), kind) {
        ("cert-manager.io", "Certificate") => secret(text(&["spec"], "secretName")),
        ("cert-manager.io", "Issuer") => secret(text(&["spec", "acme", "privateKeySecretRef"], "name")),
        ("external-secrets.io", "ExternalSecret") => {
            secret(text(&["spec", "target"], "name").or_else(|| Some(name.clone())))
        }
        ("bitnami.com", "SealedSecret") => {
            secret(text(&["spec", "template", "metadata"], "name").or_else(|| Some(name.clone())))
        }
        // The operator puts the web UI behind a Service of this name.
        ("flink.apache.org", "FlinkDeployment") => vec![("Service", format!("{name}-rest").into())],
        _ => Vec::new(),
    }
}
