//! What pods refer to.

use super::collect::Collector;
use super::node::{Node, Text};
use super::selector::{Carrier, Selector};
use super::{Part, Port, Rewriting, Target, errors};
use crate::diagnostic::{Code, Diagnostic};
use crate::eval::value::Str;
use crate::kubernetes::identity::Rule;

/// Where a kind keeps its pod template, and whether Kustomize rewrites names of ConfigMaps in it.
///
/// Source of the latter: `namereference.go` of Kustomize 5.
pub(super) fn template(group: &str, kind: &str) -> Option<(&'static [&'static str], Rewriting)> {
    match (group, kind) {
        ("", "Pod") => Some((&[], Rewriting::Done)),
        ("", "ReplicationController") => Some((&["spec", "template"], Rewriting::NotDone)),
        ("apps", "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet") | ("batch", "Job") => {
            Some((&["spec", "template"], Rewriting::Done))
        }
        ("batch", "CronJob") => Some((&["spec", "jobTemplate", "spec", "template"], Rewriting::Done)),
        _ => None,
    }
}

/// Collects the links of a workload's pods.
pub(super) fn workload(to: &mut Collector<'_>, root: Node<'_>, path: &[&str]) {
    let Some(template) = root.path(path) else { return };
    let metadata = template.get("metadata");
    let labels = metadata.map(|metadata| metadata.pairs("labels")).unwrap_or_default();
    if !path.is_empty()
        && let Some(metadata) = metadata
    {
        to.check_metadata(metadata.map());
    }
    own_selector(to, root, &labels);
    let Some(spec) = template.get("spec") else { return };
    let claims: Vec<Str> = root.get("spec").map_or_else(Vec::new, claim_names);
    let mut pod = Pod { to, volumes: claims, files: Vec::new() };
    pod.spec(spec);
    unique_port_names(to, spec);
    let ports = containers(spec).flat_map(|(_, container)| ports(container)).collect();
    to.pods(|object, namespace| Carrier { object, namespace, labels, ports });
}

/// Collects the links of pods that a custom resource describes in one or several templates, which its controller may
/// lay over each other, so that one mounts what another declares.
pub(super) fn templates(to: &mut Collector<'_>, specs: &[Node<'_>]) {
    let volumes = specs.iter().flat_map(|spec| spec.items("volumes"));
    let volumes: Vec<Str> = volumes.filter_map(|volume| Some(volume.text("name")?.text.clone())).collect();
    let rewriting = to.rewriting;
    for spec in specs {
        Pod { to, volumes: volumes.clone(), files: Vec::new() }.spec(*spec);
        to.rewriting = rewriting;
    }
}

/// A workload's selector must select its own pods. A Job's is made by its controller.
fn own_selector(to: &mut Collector<'_>, root: Node<'_>, labels: &[(Str, Str)]) {
    let kind = to.object().kind.clone();
    let Some(spec) = root.get("spec").filter(|_| !matches!(&*kind, "Job" | "CronJob" | "Pod")) else { return };
    let Some(node) = spec.get("selector") else { return };
    let selector = if &*kind == "ReplicationController" {
        Selector::of_labels(spec.pairs("selector"))
    } else {
        Selector::of(node)
    };
    if !selector.matches(labels) {
        let error = errors::misses_own_pods(to.identity(), &selector.text(), to.at(node.origin));
        to.report(error);
        return;
    }
    to.own_pods(selector, labels.to_vec(), node.origin);
}

/// The name of a port stands for one port of the pod, whichever container has it.
fn unique_port_names(to: &mut Collector<'_>, spec: Node<'_>) {
    let mut known: Vec<(Text<'_>, &str)> = Vec::new();
    for (_, container) in containers(spec) {
        let owner = container.text("name").map_or("", |name| name.text);
        for name in container.items("ports").iter().filter_map(|port| port.text("name")) {
            match known.iter().find(|(other, _)| other.text == name.text) {
                Some((first, other)) => {
                    let error = errors::port_twice(name.text, owner, other, to.at(name.origin), to.at(first.origin));
                    to.report(error);
                }
                None => known.push((name, owner)),
            }
        }
    }
}

/// The ports that a container declares, each by its name and by its number.
fn ports(container: Node<'_>) -> Vec<Port> {
    let ports = container.items("ports").into_iter();
    let named = ports.flat_map(|port| {
        let name = port.text("name").map(|name| Port::Name(name.text.clone()));
        name.into_iter().chain(port.int("containerPort").map(Port::Number))
    });
    named.collect()
}

/// The names of the claims that a StatefulSet makes for each pod.
pub(super) fn claim_names(spec: Node<'_>) -> Vec<Str> {
    let templates = spec.items("volumeClaimTemplates").into_iter();
    templates.filter_map(|claim| Some(claim.get("metadata")?.text("name")?.text.clone())).collect()
}

/// All containers, with the list that they stand in.
fn containers<'a>(spec: Node<'a>) -> impl Iterator<Item = (&'static str, Node<'a>)> {
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    lists.into_iter().flat_map(move |list| spec.items(list).into_iter().map(move |container| (list, container)))
}

fn port_names(container: Node<'_>) -> Vec<Str> {
    container.items("ports").into_iter().filter_map(|port| Some(port.text("name")?.text.clone())).collect()
}

struct Pod<'t, 'c, 'i> {
    to: &'t mut Collector<'i>,
    /// The names that mounts can use.
    volumes: Vec<Str>,
    /// Volumes that hold every key of a ConfigMap or Secret as a file.
    files: Vec<(Str, Target, Text<'c>)>,
}

impl<'c> Pod<'_, 'c, '_> {
    fn spec(&mut self, spec: Node<'c>) {
        // `serviceAccount` is its old name.
        for field in ["serviceAccountName", "serviceAccount"] {
            if let Some(account) = spec.text(field) {
                self.to.refer(Target::ServiceAccount, account);
            }
        }
        for secret in spec.items("imagePullSecrets") {
            self.to.refer_by(Target::Secret, secret, "name");
        }
        for volume in spec.items("volumes") {
            self.volume(volume);
        }
        for (list, container) in containers(spec) {
            // The last list: Kustomize does not look into containers that are only added to running pods.
            if list == "ephemeralContainers" {
                self.to.rewriting = Rewriting::NotDone;
            }
            self.container(container);
        }
    }

    fn volume(&mut self, volume: Node<'c>) {
        if let Some(name) = volume.text("name") {
            self.volumes.push(name.text.clone());
            self.well_formed(name, Rule::Label(63), "volume");
        }
        for (source, node) in volume.maps() {
            let whole = [("configMap", Target::ConfigMap, "name"), ("secret", Target::Secret, "secretName")];
            for (_, target, field) in whole.into_iter().filter(|(kind, _, _)| *kind == source) {
                if let (Some(volume), Some(name)) = (volume.text("name"), node.text(field))
                    && node.items("items").is_empty()
                    && !node.is_true("optional")
                {
                    self.files.push((volume.text.clone(), target, name));
                }
            }
            match source {
                "configMap" => self.data(Target::ConfigMap, node, "name"),
                "secret" => self.data(Target::Secret, node, "secretName"),
                "persistentVolumeClaim" => self.to.refer_by(Target::Claim, node, "claimName"),
                "azureFile" => self.to.refer_by(Target::Secret, node, "secretName"),
                "projected" => {
                    for part in node.items("sources") {
                        for (kind, field) in [(Target::ConfigMap, "configMap"), (Target::Secret, "secret")] {
                            if let Some(node) = part.get(field) {
                                self.data(kind, node, "name");
                            }
                        }
                    }
                }
                // Other sources authenticate with a Secret, if they name any.
                _ => {
                    for field in ["secretRef", "nodePublishSecretRef"] {
                        if let Some(secret) = node.get(field) {
                            self.to.refer_by(Target::Secret, secret, "name");
                        }
                    }
                }
            }
        }
    }

    fn container(&mut self, container: Node<'_>) {
        let name = container.text("name");
        if let Some(name) = name {
            self.well_formed(name, Rule::Label(63), "container");
        }
        for port in container.items("ports") {
            self.to.port_number(port, "containerPort");
            self.to.port_number(port, "hostPort");
            if let Some(name) = port.text("name") {
                self.well_formed(name, Rule::PortName, "container port");
            }
        }
        for source in container.items("envFrom") {
            for (kind, field) in [(Target::ConfigMap, "configMapRef"), (Target::Secret, "secretRef")] {
                if let Some(node) = source.get(field) {
                    self.data(kind, node, "name");
                }
            }
        }
        for variable in container.items("env") {
            for (kind, field) in [(Target::ConfigMap, "configMapKeyRef"), (Target::Secret, "secretKeyRef")] {
                if let Some(node) = variable.path(&["valueFrom", field]) {
                    self.data(kind, node, "name");
                }
            }
        }
        let name = name.map_or("", |name| name.text);
        self.mounts(container, name);
        self.probes(container, name);
    }

    /// A ConfigMap or Secret that is mounted or read, and the keys that are taken from it.
    fn data(&mut self, kind: Target, node: Node<'_>, field: &str) {
        let Some(name) = node.text(field).filter(|_| !node.is_true("optional")) else { return };
        let items = node.items("items");
        let keys: Vec<Text<'_>> = items.iter().chain([&node]).filter_map(|item| item.text("key")).collect();
        for key in &keys {
            self.to.refer_to_part(kind.clone(), name, Part::Key(key.text.clone()), key.origin);
        }
        if keys.is_empty() {
            self.to.refer(kind, name);
        }
    }

    fn mounts(&mut self, container: Node<'_>, name: &str) {
        for list in ["volumeMounts", "volumeDevices"] {
            for mount in container.items(list) {
                if let Some(volume) = mount.text("name").filter(|volume| !self.volumes.contains(volume.text)) {
                    let at = self.to.at(volume.origin);
                    let error = errors::no_such_volume(self.to.identity(), name, volume.text, &self.volumes, at);
                    self.to.report(error);
                }
                self.sub_path(mount);
            }
        }
    }

    /// A single file of a volume is a key of what the volume holds.
    fn sub_path(&mut self, mount: Node<'_>) {
        let (Some(volume), Some(path)) = (mount.text("name"), mount.text("subPath")) else { return };
        if let Some((_, target, name)) = self.files.iter().find(|(known, _, _)| known == volume.text) {
            let key = Part::Key(path.text.clone());
            self.to.refer_to_part(target.clone(), *name, key, path.origin);
        }
    }

    fn probes(&mut self, container: Node<'_>, name: &str) {
        let places: [&[&str]; 5] = [
            &["livenessProbe"],
            &["readinessProbe"],
            &["startupProbe"],
            &["lifecycle", "postStart"],
            &["lifecycle", "preStop"],
        ];
        for handler in places.into_iter().filter_map(|path| container.path(path)) {
            for action in ["httpGet", "tcpSocket"].into_iter().filter_map(|action| handler.get(action)) {
                let Some(port) = action.text("port").filter(|port| port.text.parse::<u16>().is_err()) else { continue };
                let known = port_names(container);
                if !known.contains(port.text) {
                    let at = self.to.at(port.origin);
                    self.to.report(errors::no_such_container_port(name, port.text, &known, at));
                }
            }
        }
    }

    fn well_formed(&mut self, name: Text<'_>, rule: Rule, what: &str) {
        if let Some(why) = rule.fault(name.text) {
            let message = format!("a {what} cannot be named `{}`: {why}", name.text);
            let at = self.to.at(name.origin);
            self.to.report(Diagnostic::error(Code::InvalidValue, message, at));
        }
    }
}
