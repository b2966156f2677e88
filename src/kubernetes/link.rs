//! Whether what objects name exists: names of other objects, keys in them, ports, volumes and labels.
//!
//! Objects are added one by one and can be dropped at once: only their names, labels and references are kept.
//! Every link is looked up by hash, so that the time grows with the number of objects and links, not their product.

mod collect;
mod custom;
mod errors;
mod node;
mod pod;
mod selector;
mod table;
#[cfg(test)]
mod tests;

use super::External;
use super::identity::{self, Identity};
use super::{Object, Unit, kustomize};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::eval::value::{Origin, Str};
use crate::source::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use selector::{Carriers, Selector};

/// Reports everything that is wrong with the names of one environment's objects and the links between them.
///
/// `place` tells where an entry was set; where it does not know, the object's own place is shown.
pub fn check(
    environment: &str,
    namespace: &str,
    units: &[Unit],
    externals: &[External],
    place: &dyn Fn(Origin) -> Option<Span>,
    sink: &mut Diagnostics,
) {
    let mut index = LinkIndex::new(environment, namespace);
    for (at, unit) in units.iter().enumerate() {
        for object in &unit.objects {
            index.add(at, object, place, sink);
        }
    }
    index.finish(externals, &|_, _, _| None, sink);
}

/// What is known of one environment's objects.
#[derive(Debug)]
pub struct LinkIndex {
    environment: String,
    /// The environment's own, which is there.
    namespace: String,
    objects: Vec<Summary>,
    /// The last object of each namespace and name; [`Summary::former`] leads to the others.
    by_name: FxHashMap<(Option<Str>, Str), usize>,
    references: Vec<Reference>,
    selections: Vec<Selection>,
    pods: Carriers,
    services: Carriers,
    /// What controllers make of our objects: kind, namespace and name.
    made: FxHashSet<(&'static str, Option<Str>, Str)>,
    /// The selectors of workloads, as numbers of their own pods among `pods`.
    workloads: Vec<Workload>,
}

/// A workload that finds its pods by a selector.
#[derive(Debug)]
struct Workload {
    from: usize,
    selector: Selector,
    /// The labels of its own pods.
    labels: Vec<(Str, Str)>,
    at: Span,
}

/// What others can refer to of an object.
#[derive(Debug)]
struct Summary {
    identity: Identity,
    unit: usize,
    span: Span,
    /// See [`Object::instance`].
    instance: Option<Span>,
    hashed: bool,
    /// The object before it of the same namespace and name.
    former: Option<usize>,
    parts: Parts,
}

/// What others can refer to inside an object.
#[derive(Debug)]
enum Parts {
    /// Nothing.
    None,
    /// The keys of a ConfigMap or Secret.
    Keys(Vec<Str>),
    /// The ports of a Service: name and number.
    Ports(Vec<(Option<Str>, Option<i64>)>),
    /// The names of a StatefulSet's claims without the ordinal at the end.
    Claims(Vec<String>),
}

/// A name of an object, in another.
#[derive(Debug)]
struct Reference {
    from: usize,
    target: Target,
    namespace: Option<Str>,
    name: Str,
    part: Part,
    rewriting: Rewriting,
    /// Where the name stands.
    at: Span,
    /// Where the part is named.
    part_at: Span,
}

/// A kind that objects refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    ConfigMap,
    Secret,
    Claim,
    ServiceAccount,
    Service,
    Role,
    ClusterRole,
    /// Any other, by group and kind.
    Other(Box<(Str, Str)>),
}

/// What is referred to inside an object.
#[derive(Debug, Clone)]
enum Part {
    Whole,
    Key(Str),
    PortName(Str),
    PortNumber(i64),
}

/// Whether Kustomize puts a generated name in the place of the given one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rewriting {
    Done,
    NotDone,
    /// It does not, and nothing says that a name is meant at all.
    Unknown,
}

/// A selector, in an object.
#[derive(Debug)]
struct Selection {
    from: usize,
    what: Selected,
    namespaces: Namespaces,
    selector: Selector,
    /// Ports that something selected must have.
    ports: Vec<(Port, Span)>,
    at: Span,
    /// Where each label is asked for.
    places: Vec<(Str, Span)>,
}

/// A port of a pod or Service.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Port {
    Name(Str),
    /// One that pods need not declare; where they declare ports, it should be among them.
    Number(i64),
}

/// What a selector selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Selected {
    Pods,
    Services,
}

/// Where a selector selects.
#[derive(Debug)]
enum Namespaces {
    Own,
    All,
    Some(Vec<Str>),
}

impl Reference {
    /// Whether an object of another kind may have been meant: where the reference says the kind too, or one workload
    /// may do for another.
    fn may_be(&self, kind: &str) -> bool {
        let alike: [&[&str]; 3] =
            [&["Deployment", "StatefulSet", "DaemonSet"], &["Role", "ClusterRole"], &["ConfigMap", "Secret"]];
        alike.iter().any(|kinds| kinds.contains(&kind) && kinds.contains(&self.target.kind()))
    }
}

impl Target {
    fn group(&self) -> &str {
        match self {
            Target::ConfigMap | Target::Secret | Target::Claim | Target::ServiceAccount | Target::Service => "",
            Target::Role | Target::ClusterRole => "rbac.authorization.k8s.io",
            Target::Other(names) => &names.0,
        }
    }

    fn kind(&self) -> &str {
        match self {
            Target::ConfigMap => "ConfigMap",
            Target::Secret => "Secret",
            Target::Claim => "PersistentVolumeClaim",
            Target::ServiceAccount => "ServiceAccount",
            Target::Service => "Service",
            Target::Role => "Role",
            Target::ClusterRole => "ClusterRole",
            Target::Other(names) => &names.1,
        }
    }

    /// Whether every cluster or namespace has it without anybody making it.
    fn is_built_in(&self, name: &str) -> bool {
        match self {
            Target::ServiceAccount => name == "default",
            Target::ConfigMap => name == "kube-root-ca.crt",
            Target::ClusterRole => {
                matches!(name, "admin" | "cluster-admin" | "edit" | "view") || name.starts_with("system:")
            }
            Target::Other(names) => {
                let (group, kind) = (&*names.0, &*names.1);
                match (group, kind) {
                    ("", "Namespace") => name == "default" || name.starts_with("kube-"),
                    _ => false,
                }
            }
            Target::Secret | Target::Claim | Target::Service | Target::Role => false,
        }
    }

    /// The kind of a group.
    fn named(group: &str, kind: &str) -> Target {
        match (group, kind) {
            ("", "ConfigMap") => Target::ConfigMap,
            ("", "Secret") => Target::Secret,
            ("", "PersistentVolumeClaim") => Target::Claim,
            ("", "ServiceAccount") => Target::ServiceAccount,
            ("", "Service") => Target::Service,
            ("rbac.authorization.k8s.io", "Role") => Target::Role,
            ("rbac.authorization.k8s.io", "ClusterRole") => Target::ClusterRole,
            _ => Target::Other(Box::new((group.into(), kind.into()))),
        }
    }
}

impl LinkIndex {
    /// Of an environment, whose name the diagnostics carry, and its namespace.
    #[must_use]
    pub fn new(environment: &str, namespace: &str) -> LinkIndex {
        LinkIndex {
            environment: environment.into(),
            namespace: namespace.into(),
            made: FxHashSet::default(),
            workloads: Vec::new(),
            objects: Vec::new(),
            by_name: FxHashMap::default(),
            references: Vec::new(),
            selections: Vec::new(),
            pods: Carriers::default(),
            services: Carriers::default(),
        }
    }

    /// Takes what is to be known of an object, and reports what is wrong with it alone; `unit` tells the units apart,
    /// and `place` where an entry was set.
    pub fn add(
        &mut self,
        unit: usize,
        object: &Object,
        place: &dyn Fn(Origin) -> Option<Span>,
        sink: &mut Diagnostics,
    ) {
        let identity = Identity::of(object);
        let key = (identity.namespace.clone(), identity.name.clone());
        let at = self.objects.len();
        let former = self.by_name.insert(key, at);
        let same = self.chain(former).find(|other| other.identity == identity);
        if let Some(error) = same.map(|other| errors::duplicate(&identity, object.span, other.span)) {
            self.report(error, object.instance, sink);
        }
        for fault in identity::check(object, place) {
            let error = Diagnostic::error(Code::InvalidValue, fault.message, fault.at.unwrap_or(object.span));
            self.report(error.help(fault.help), object.instance, sink);
        }
        if kustomize::is_beyond_kustomize(object) {
            self.report(errors::beyond_kustomize(&identity, object.span), object.instance, sink);
        }
        let parts = collect::parts(object);
        let root = node::Node::root(&object.fields);
        for (kind, name) in table::makes(&object.api_version, &object.kind, &object.name, root) {
            self.made.insert((kind, object.namespace.clone(), name));
        }
        self.objects.push(Summary {
            identity,
            unit,
            span: object.span,
            instance: object.instance,
            hashed: object.hashed,
            former,
            parts,
        });
        collect::links(self, at, object, place, sink);
    }

    /// Follows all links, and reports what is broken. `written` finds where the declaration at the first place
    /// says a name that is set at the second.
    pub fn finish(
        self,
        externals: &[External],
        written: &dyn Fn(Span, Span, &str) -> Option<Span>,
        sink: &mut Diagnostics,
    ) {
        let world = World::new(&self, externals);
        let mut broken: Vec<(usize, Diagnostic)> = Vec::new();
        let mut missing: Vec<Vec<&Reference>> = Vec::new();
        let mut known = FxHashMap::default();
        for reference in &self.references {
            match world.follow(reference) {
                Followed::Sound => {}
                Followed::Wrong(error) => broken.push((reference.from, *error)),
                // One thing that is not there is one mistake, however many refer to it.
                Followed::Missing => {
                    let key = (reference.target.kind(), &reference.namespace, &reference.name);
                    let at = *known.entry(key).or_insert(missing.len());
                    if at == missing.len() {
                        missing.push(Vec::new());
                    }
                    missing[at].push(reference);
                }
            }
        }
        for references in &missing {
            let Some(first) = references.first() else { continue };
            // A component may only pass on what the declaration says.
            let instance = self.objects[first.from].instance;
            let said = instance.and_then(|instance| written(instance, first.at, &first.name));
            let error = errors::missing(&world, references, said.unwrap_or(first.at));
            let error = error.map(|error| match said.filter(|_| instance != Some(first.at)) {
                Some(_) => error.also(first.at, "passed on here"),
                None => error,
            });
            broken.extend(error.map(|error| (first.from, error)));
        }
        broken.extend(self.shared_selectors());
        for selection in &self.selections {
            broken.extend(world.select(selection).into_iter().map(|error| (selection.from, error)));
        }
        for (from, error) in broken {
            self.report(error, self.objects[from].instance, sink);
        }
    }

    /// Workloads of one namespace that would each take the other's pods for their own.
    fn shared_selectors(&self) -> Vec<(usize, Diagnostic)> {
        let mut by_pods: FxHashMap<usize, &Workload> = FxHashMap::default();
        let mut found = Vec::new();
        for workload in &self.workloads {
            let namespace = &self.objects[workload.from].identity.namespace;
            for carrier in self.pods.selected(&workload.selector) {
                let Some(other) = by_pods.get(&carrier.object) else { continue };
                if carrier.namespace == *namespace && other.selector.matches(&workload.labels) {
                    let (one, two) = (&self.objects[workload.from].identity, &self.objects[other.from].identity);
                    found.push((workload.from, errors::shared_selector(one, two, workload, other)));
                    // One of many that share a selector stands for all.
                    break;
                }
            }
            by_pods.insert(workload.from, workload);
        }
        found
    }

    /// Where the place is another file's than that of the instance, its user is shown the instance too.
    fn report(&self, mut diagnostic: Diagnostic, instance: Option<Span>, sink: &mut Diagnostics) {
        let elsewhere = |at: &Span| diagnostic.primary.as_ref().is_some_and(|place| place.span.file != at.file);
        if let Some(instance) = instance.filter(elsewhere) {
            diagnostic = diagnostic.also(instance, "made by this declaration");
        }
        diagnostic.environments.push(self.environment.clone());
        sink.report(diagnostic);
    }

    /// An object and those before it of the same namespace and name.
    fn chain(&self, last: Option<usize>) -> impl Iterator<Item = &Summary> {
        std::iter::successors(last.map(|at| &self.objects[at]), |object| object.former.map(|at| &self.objects[at]))
    }
}

/// Everything that links can lead to, once all objects are known.
struct World<'a> {
    index: &'a LinkIndex,
    externals: FxHashMap<(&'a str, &'a str), Span>,
    namespaces: FxHashSet<&'a str>,
    /// Claims that StatefulSets make, without the ordinal.
    claims: FxHashSet<(Option<&'a str>, &'a str)>,
    /// How many more times the nearest name is searched for: each time costs a walk over all objects.
    searches: std::cell::Cell<usize>,
}

/// The kinds that controllers make, as `LinkIndex::made` has them.
fn made_kind(kind: &str) -> &'static str {
    match kind {
        "Secret" => "Secret",
        "Service" => "Service",
        _ => "",
    }
}

/// Where a reference leads.
enum Followed {
    /// To what it names.
    Sound,
    /// Nowhere: nothing has that name.
    Missing,
    /// To an object that it cannot refer to in this way.
    Wrong(Box<Diagnostic>),
}

impl<'a> World<'a> {
    fn new(index: &'a LinkIndex, externals: &'a [External]) -> World<'a> {
        let claims = index.objects.iter().filter_map(|object| match &object.parts {
            Parts::Claims(claims) => Some((object.identity.namespace.as_deref(), claims)),
            Parts::None | Parts::Keys(_) | Parts::Ports(_) => None,
        });
        World {
            index,
            externals: externals.iter().map(|one| ((&*one.kind, &*one.name), one.span)).collect(),
            namespaces: index.objects.iter().filter_map(|object| object.identity.namespace.as_deref()).collect(),
            claims: claims.flat_map(|(space, claims)| claims.iter().map(move |claim| (space, &**claim))).collect(),
            searches: std::cell::Cell::new(64),
        }
    }

    /// What is wrong with a reference.
    fn follow(&self, reference: &Reference) -> Followed {
        let Reference { target, name, namespace, .. } = reference;
        let last = self.index.by_name.get(&(namespace.clone(), name.clone())).copied();
        let of_kind =
            |object: &&Summary| &*object.identity.kind == target.kind() && &*object.identity.group == target.group();
        if let Some(object) = self.index.chain(last).find(of_kind) {
            return self
                .follow_into(reference, object)
                .map_or(Followed::Sound, |error| Followed::Wrong(Box::new(error)));
        }
        let elsewhere = namespace.as_deref().is_some_and(|namespace| !self.namespaces.contains(namespace));
        if target.is_built_in(name)
            || self.externals.contains_key(&(target.kind(), &**name))
            || (*target == Target::Claim && self.is_made_claim(namespace.as_deref(), name))
            || self.index.made.contains(&(made_kind(target.kind()), namespace.clone(), name.clone()))
            // Nothing of ours lives there, so that it is somebody else's to know.
            || elsewhere
            || reference.rewriting == Rewriting::Unknown
        {
            return Followed::Sound;
        }
        Followed::Missing
    }

    /// What is wrong with a reference to an object that is there.
    fn follow_into(&self, reference: &Reference, object: &Summary) -> Option<Diagnostic> {
        let from = &self.index.objects[reference.from];
        if object.hashed && (object.unit != from.unit || reference.rewriting != Rewriting::Done) {
            return Some(errors::hashed(from, reference, object));
        }
        let known = match (&reference.part, &object.parts) {
            (Part::Key(key), Parts::Keys(keys)) => keys.contains(key),
            (Part::PortName(name), Parts::Ports(ports)) => ports.iter().any(|(known, _)| known.as_ref() == Some(name)),
            (Part::PortNumber(number), Parts::Ports(ports)) => ports.iter().any(|(_, known)| *known == Some(*number)),
            (Part::Whole, _)
            | (Part::Key(_), Parts::None | Parts::Ports(_) | Parts::Claims(_))
            | (Part::PortName(_) | Part::PortNumber(_), Parts::None | Parts::Keys(_) | Parts::Claims(_)) => true,
        };
        (!known).then(|| errors::missing_part(from, reference, object))
    }

    /// Whether a StatefulSet makes a claim of that name.
    fn is_made_claim(&self, namespace: Option<&str>, name: &str) -> bool {
        name.rsplit_once('-').is_some_and(|(claim, ordinal)| {
            ordinal.bytes().all(|byte| byte.is_ascii_digit()) && self.claims.contains(&(namespace, claim))
        })
    }

    /// What is wrong with a selector.
    fn select(&self, selection: &Selection) -> Vec<Diagnostic> {
        let mut missing: Vec<&(Port, Span)> = selection.ports.iter().collect();
        let mut any = false;
        for carrier in self.carriers(selection.what).selected(&selection.selector) {
            if self.reaches(selection, carrier.namespace.as_ref()) {
                any = true;
                missing.retain(|(port, _)| !carrier.has(port));
                if missing.is_empty() {
                    return Vec::new();
                }
            }
        }
        let kind = match selection.what {
            Selected::Pods => "Pod",
            Selected::Services => "Service",
        };
        // What is made elsewhere may be selected beside what is here, and have the ports.
        let mut labels = selection.selector.labels().iter();
        if labels.any(|(_, value)| self.externals.contains_key(&(kind, &**value))) {
            return Vec::new();
        }
        if any {
            return missing.into_iter().map(|(port, at)| errors::no_such_port(self, selection, port, *at)).collect();
        }
        vec![errors::selects_nothing(self, selection)]
    }

    fn carriers(&self, what: Selected) -> &'a Carriers {
        match what {
            Selected::Pods => &self.index.pods,
            Selected::Services => &self.index.services,
        }
    }

    /// Whether a selector looks into a namespace.
    fn reaches(&self, selection: &Selection, namespace: Option<&Str>) -> bool {
        match &selection.namespaces {
            Namespaces::Own => self.index.objects[selection.from].identity.namespace.as_ref() == namespace,
            Namespaces::All => true,
            Namespaces::Some(names) => namespace.is_some_and(|namespace| names.contains(namespace)),
        }
    }

    /// Whether there is still time to search for what was meant.
    fn may_search(&self) -> bool {
        let left = self.searches.get();
        self.searches.set(left.saturating_sub(1));
        left > 0
    }
}
