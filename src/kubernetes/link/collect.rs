//! What each kind refers to, and what others can refer to in it.

use super::node::{Node, Text};
use super::selector::{Carrier, Selector};
use super::{
    LinkIndex, Namespaces, Part, Parts, Port, Reference, Rewriting, Selected, Selection, Target, Workload, custom,
    errors, pod, table,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::eval::value::{Map, Origin, Str, Value};
use crate::kubernetes::Object;
use crate::kubernetes::identity::{self, Identity, Rule, group};
use crate::source::Span;

/// What others can refer to inside an object.
pub(super) fn parts(object: &Object) -> Parts {
    let root = Node::root(&object.fields);
    match (group(&object.api_version), &*object.kind) {
        ("", "ConfigMap" | "Secret") => {
            let fields = ["data", "binaryData", "stringData"].into_iter();
            let maps = fields.filter_map(|field| root.get(field));
            Parts::Keys(maps.flat_map(|map| map.map().entries().iter().map(|entry| entry.key.clone())).collect())
        }
        ("", "Service") => {
            let ports = root.get("spec").map(|spec| spec.items("ports")).unwrap_or_default();
            let port = |port: &Node<'_>| (port.text("name").map(|name| name.text.clone()), port.int("port"));
            Parts::Ports(ports.iter().map(port).collect())
        }
        ("apps", "StatefulSet") => {
            let names = root.get("spec").map(pod::claim_names).unwrap_or_default();
            Parts::Claims(names.iter().map(|claim| format!("{claim}-{}", object.name)).collect())
        }
        _ => Parts::None,
    }
}

/// Collects what an object refers to and selects.
pub(super) fn links(
    index: &mut LinkIndex,
    from: usize,
    object: &Object,
    place: &dyn Fn(Origin) -> Option<Span>,
    sink: &mut Diagnostics,
) {
    let root = Node::root(&object.fields);
    let mut to = Collector { index, from, object, place, sink, rewriting: Rewriting::Done };
    let group = group(&object.api_version);
    if let Some((path, rewriting)) = pod::template(group, &object.kind) {
        to.rewriting = rewriting;
        pod::workload(&mut to, root, path);
    }
    match (group, &*object.kind) {
        ("", "Service") => to.service(root),
        ("", "ServiceAccount") => to.service_account(root),
        ("apps", "StatefulSet") => to.governing_service(root),
        ("networking.k8s.io", "Ingress") => to.ingress(root),
        ("networking.k8s.io", "NetworkPolicy") => to.network_policy(root),
        ("policy", "PodDisruptionBudget") => to.selection(root, "selector", Vec::new()),
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => to.binding(root),
        ("monitoring.coreos.com", "ServiceMonitor") => to.monitor(root, "endpoints", Selected::Services),
        ("monitoring.coreos.com", "PodMonitor") => to.monitor(root, "podMetricsEndpoints", Selected::Pods),
        _ => {}
    }
    to.namespace();
    table::links(&mut to, root);
    custom::pods(&mut to, root);
    // Groups of Kubernetes' own have no dot, or end in `k8s.io`.
    if group.contains('.') && !group.ends_with(".k8s.io") {
        custom::config_maps(&mut to, root);
    }
}

/// Takes the links of one object.
pub(super) struct Collector<'i> {
    index: &'i mut LinkIndex,
    from: usize,
    object: &'i Object,
    place: &'i dyn Fn(Origin) -> Option<Span>,
    sink: &'i mut Diagnostics,
    /// Whether Kustomize rewrites the names that are taken next. It matters for ConfigMaps only, which only pods name.
    pub rewriting: Rewriting,
}

impl Collector<'_> {
    pub(super) fn object(&self) -> &Object {
        self.object
    }

    pub(super) fn identity(&self) -> &Identity {
        &self.index.objects[self.from].identity
    }

    /// The place of an entry, or the object's.
    pub(super) fn at(&self, origin: Origin) -> Span {
        (self.place)(origin).unwrap_or(self.object.span)
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.index.report(diagnostic, self.object().instance, self.sink);
    }

    /// Checks the labels and annotations of a pod template.
    pub(super) fn check_metadata(&mut self, metadata: &Map) {
        for fault in identity::check_metadata(metadata, self.place) {
            let at = fault.at.unwrap_or(self.object.span);
            self.report(Diagnostic::error(Code::InvalidValue, fault.message, at).help(fault.help));
        }
    }

    /// Takes the pods that the object makes.
    pub(super) fn pods(&mut self, make: impl FnOnce(usize, Option<Str>) -> Carrier) {
        self.index.pods.push(make(self.from, self.object.namespace.clone()));
    }

    /// Takes a name.
    pub(super) fn refer(&mut self, target: Target, name: Text<'_>) {
        let reference = self.reference(target, name);
        self.index.references.push(reference);
    }

    /// Takes the name in a field, where there is one.
    pub(super) fn refer_by(&mut self, target: Target, node: Node<'_>, field: &str) {
        if let Some(name) = node.text(field).filter(|_| !node.is_true("optional")) {
            self.refer(target, name);
        }
    }

    /// Takes a name and what is meant inside the object of that name.
    pub(super) fn refer_to_part(&mut self, target: Target, name: Text<'_>, part: Part, part_origin: Origin) {
        let reference = self.reference(target, name);
        let part_at = (self.place)(part_origin).unwrap_or(reference.at);
        self.index.references.push(Reference { part, part_at, ..reference });
    }

    /// Takes a name that may lead to another namespace.
    pub(super) fn refer_elsewhere(
        &mut self,
        target: Target,
        name: Text<'_>,
        namespace: Option<Str>,
        part: Part,
        part_origin: Origin,
    ) {
        let reference = self.reference(target, name);
        let namespace = namespace.or_else(|| reference.namespace.clone());
        let part_at = (self.place)(part_origin).unwrap_or(reference.at);
        self.index.references.push(Reference { namespace, part, part_at, ..reference });
    }

    /// A name that leads to the object's own namespace.
    fn reference(&self, target: Target, name: Text<'_>) -> Reference {
        let at = self.at(name.origin);
        let namespace = if target == Target::ClusterRole { None } else { self.object.namespace.clone() };
        let (from, name, rewriting) = (self.from, name.text.clone(), self.rewriting);
        Reference { from, target, namespace, name, part: Part::Whole, rewriting, at, part_at: at }
    }

    /// A Service selects pods, and its target ports are theirs; it can be selected itself.
    fn service(&mut self, root: Node<'_>) {
        let Some(spec) = root.get("spec") else { return };
        let ports = spec.items("ports");
        for port in &ports {
            self.port_number(*port, "port");
            self.port_number(*port, "targetPort");
        }
        let labels = root.get("metadata").map(|metadata| metadata.pairs("labels")).unwrap_or_default();
        let names = ports.iter().filter_map(|port| Some(Port::Name(port.text("name")?.text.clone()))).collect();
        self.unique_ports(&ports);
        let (object, namespace) = (self.from, self.object.namespace.clone());
        self.index.services.push(Carrier { object, namespace, labels, ports: names });

        let selector = spec.pairs("selector");
        // Without a selector somebody else keeps its endpoints.
        if selector.is_empty() || spec.text("type").is_some_and(|kind| &**kind.text == "ExternalName") {
            return;
        }
        // What asks for the addresses of the pods themselves takes any port that they listen to.
        let is_headless = spec.text("clusterIP").is_some_and(|address| &**address.text == "None");
        let wanted = ports.iter().filter_map(|port| {
            let (wanted, origin) = target_port(*port)?;
            (matches!(wanted, Port::Name(_)) || !is_headless).then(|| (wanted, self.at(origin)))
        });
        let ports = wanted.collect();
        let at = self.at(spec.origin_of("selector"));
        let places = self.places(spec.get("selector"));
        let (from, what, namespaces) = (self.from, Selected::Pods, Namespaces::Own);
        let selector = Selector::of_labels(selector);
        self.index.selections.push(Selection { from, what, namespaces, selector, ports, at, places });
    }

    /// Names and numbers of a Service's ports tell them apart.
    fn unique_ports(&mut self, ports: &[Node<'_>]) {
        for (at, port) in ports.iter().enumerate() {
            let protocol = |port: &Node<'_>| port.text("protocol").map_or("TCP".into(), |name| name.text.clone());
            let number = port.int("port");
            let name = port.text("name");
            let same_name = ports[..at]
                .iter()
                .find(|other| name.is_some_and(|name| other.text("name").is_some_and(|other| other.text == name.text)));
            let same_number = ports[..at]
                .iter()
                .find(|other| number.is_some() && other.int("port") == number && protocol(other) == protocol(port));
            let error = if let (Some(first), Some(name)) = (same_name, name) {
                let first = first.text("name").map_or(first.origin, |name| name.origin);
                errors::service_port_twice(
                    self.identity(),
                    &format!("`{}`", name.text),
                    self.at(name.origin),
                    self.at(first),
                )
            } else if let (Some(first), Some(number)) = (same_number, number) {
                let (here, there) = (port.origin_of("port"), first.origin_of("port"));
                errors::service_port_twice(self.identity(), &number.to_string(), self.at(here), self.at(there))
            } else {
                continue;
            };
            self.report(error);
        }
    }

    /// A namespace that is not the environment's own is made here or elsewhere.
    fn namespace(&mut self) {
        let origin = self.object.namespaced_by;
        let Some(name) = self.object.namespace.clone() else { return };
        // One that cannot be has been reported.
        if origin == Origin::NONE || *name == *self.index.namespace || Rule::Label(63).fault(&name).is_some() {
            return;
        }
        let reference = self.reference(Target::named("", "Namespace"), Text { text: &name, origin });
        self.index.references.push(Reference { namespace: None, ..reference });
    }

    /// Takes the selector by which the object finds its own pods.
    pub(super) fn own_pods(&mut self, selector: Selector, labels: Vec<(Str, Str)>, origin: Origin) {
        let at = self.at(origin);
        self.index.workloads.push(Workload { from: self.from, selector, labels, at });
    }

    /// Where each label of a selector is asked for.
    fn places(&self, labels: Option<Node<'_>>) -> Vec<(Str, Span)> {
        let Some(labels) = labels else { return Vec::new() };
        let entries = labels.map().entries().iter();
        entries.map(|entry| (entry.key.clone(), self.at(labels.origin_of(&entry.key)))).collect()
    }

    /// A port is a number of 16 bits, and not 0.
    pub(super) fn port_number(&mut self, node: Node<'_>, field: &str) {
        if let Some(number) = node.int(field).filter(|number| !(1..=65535).contains(number)) {
            let message = format!("`{number}` is no port: ports go from 1 to 65535");
            let at = self.at(node.origin_of(field));
            self.report(Diagnostic::error(Code::InvalidValue, message, at));
        }
    }

    fn service_account(&mut self, root: Node<'_>) {
        for list in ["secrets", "imagePullSecrets"] {
            for secret in root.items(list) {
                self.refer_by(Target::Secret, secret, "name");
            }
        }
    }

    /// The Service that gives a StatefulSet's pods their names.
    fn governing_service(&mut self, root: Node<'_>) {
        let name = root.get("spec").and_then(|spec| spec.text("serviceName"));
        if let Some(name) = name.filter(|name| !name.text.is_empty()) {
            self.refer(Target::Service, name);
        }
    }

    fn ingress(&mut self, root: Node<'_>) {
        let Some(spec) = root.get("spec") else { return };
        let rules = spec.items("rules").into_iter().filter_map(|rule| rule.get("http"));
        let paths = rules.flat_map(|http| http.items("paths")).filter_map(|path| path.get("backend"));
        let backends: Vec<Node<'_>> = spec.get("defaultBackend").into_iter().chain(paths).collect();
        for service in backends.into_iter().filter_map(|backend| backend.get("service")) {
            let Some(name) = service.text("name") else { continue };
            let port = service.get("port");
            let by_name = port.and_then(|port| port.text("name"));
            let by_number = port.and_then(|port| Some((port.int("number")?, port.origin_of("number"))));
            let (part, origin) = match (by_name, by_number) {
                (Some(port), _) => (Part::PortName(port.text.clone()), port.origin),
                (None, Some((number, origin))) => (Part::PortNumber(number), origin),
                (None, None) => (Part::Whole, name.origin),
            };
            self.refer_to_part(Target::Service, name, part, origin);
        }
        for tls in spec.items("tls") {
            self.refer_by(Target::Secret, tls, "secretName");
        }
    }

    fn binding(&mut self, root: Node<'_>) {
        if let Some(role) = root.get("roleRef")
            && let (Some(kind), Some(name)) = (role.text("kind"), role.text("name"))
        {
            let target = if &**kind.text == "Role" { Target::Role } else { Target::ClusterRole };
            self.refer(target, name);
        }
        for subject in root.items("subjects") {
            let is_account = subject.text("kind").is_some_and(|kind| &**kind.text == "ServiceAccount");
            if let Some(name) = subject.text("name").filter(|_| is_account) {
                let reference = self.reference(Target::ServiceAccount, name);
                let namespace = subject.text("namespace").map(|namespace| namespace.text.clone());
                let namespace = namespace.or(reference.namespace);
                self.index.references.push(Reference { namespace, ..reference });
            }
        }
    }

    /// A policy is about pods, and the ports that it names are theirs.
    fn network_policy(&mut self, root: Node<'_>) {
        let rules = root.get("spec").map(|spec| spec.items("ingress")).unwrap_or_default();
        let ports = rules.iter().flat_map(|rule| rule.items("ports"));
        let named: Vec<(Port, Span)> = ports
            .filter_map(|port| port.text("port"))
            .map(|port| (Port::Name(port.text.clone()), self.at(port.origin)))
            .collect();
        self.selection(root, "podSelector", named);
    }

    /// A selector of pods in the object's own namespace. An empty one selects all.
    fn selection(&mut self, root: Node<'_>, field: &str, ports: Vec<(Port, Span)>) {
        let Some(spec) = root.get("spec") else { return };
        let Some(selector) = spec.get(field).filter(|selector| !selector.map().is_empty()) else { return };
        let at = self.at(selector.origin);
        let places = self.places(selector.get("matchLabels"));
        let (from, selector) = (self.from, Selector::of(selector));
        let (namespaces, what) = (Namespaces::Own, Selected::Pods);
        self.index.selections.push(Selection { from, what, namespaces, selector, ports, at, places });
    }

    /// A monitor of the Prometheus operator, which names ports of what it selects.
    fn monitor(&mut self, root: Node<'_>, endpoints: &str, what: Selected) {
        let Some(spec) = root.get("spec") else { return };
        let Some(selector) = spec.get("selector") else { return };
        let namespaces = match spec.get("namespaceSelector") {
            Some(node) if node.is_true("any") => Namespaces::All,
            Some(node) if matches!(node.map().get("matchNames"), Some(Value::List(_))) => {
                Namespaces::Some(node.texts("matchNames"))
            }
            Some(_) | None => Namespaces::Own,
        };
        let ports = spec.items(endpoints).into_iter().filter_map(|endpoint| endpoint.text("port"));
        let ports = ports.map(|port| (Port::Name(port.text.clone()), self.at(port.origin))).collect();
        let at = self.at(selector.origin);
        let places = self.places(selector.get("matchLabels"));
        let (from, selector) = (self.from, Selector::of(selector));
        self.index.selections.push(Selection { from, what, namespaces, selector, ports, at, places });
    }
}

/// The port of the pods that a Service's port leads to: the same number where nothing else is said.
fn target_port(port: Node<'_>) -> Option<(Port, Origin)> {
    if let Some(target) = port.text("targetPort") {
        let wanted = target.text.parse().map_or_else(|_| Port::Name(target.text.clone()), Port::Number);
        return Some((wanted, target.origin));
    }
    let field = if port.int("targetPort").is_some() { "targetPort" } else { "port" };
    Some((Port::Number(port.int(field)?), port.origin_of(field)))
}
