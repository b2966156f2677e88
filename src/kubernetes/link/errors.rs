//! The diagnostics of links.

use super::{Namespaces, Part, Parts, Port, Reference, Selected, Selection, Summary, Workload, World};
use crate::diagnostic::{Code, Diagnostic, did_you_mean, nearest};
use crate::eval::value::Str;
use crate::kubernetes::identity::Identity;
use crate::source::Span;

/// Two objects are one for the cluster.
pub(super) fn duplicate(identity: &Identity, at: Span, other: Span) -> Diagnostic {
    let error = Diagnostic::error(Code::DuplicateObject, format!("{identity} is made twice"), at);
    let error = error.help("give one of the two another name".to_string());
    if other == at { error } else { error.also(other, "it is made here too") }
}

/// How many of those that refer to a missing object are named.
const NAMED: usize = 4;

/// Nothing has the name that these references share.
pub(super) fn missing(world: &World<'_>, references: &[&Reference], at: Span) -> Option<Diagnostic> {
    let (first, others) = references.split_first()?;
    let Reference { target, name, namespace, .. } = first;
    let kind = target.kind();
    let user = |reference: &Reference| {
        let Identity { kind, name, .. } = &world.index.objects[reference.from].identity;
        format!("{kind} `{name}`")
    };
    let message = format!("{} refers to the {kind} `{name}`, which nothing makes", user(first));
    let mut error = Diagnostic::error(Code::BrokenLink, message, at);
    let mut users: Vec<String> = others.iter().map(|reference| user(reference)).collect();
    users.dedup();
    users.retain(|other| *other != user(first));
    for other in users.iter().take(NAMED) {
        error = error.note(format!("{other} refers to it too"));
    }
    if users.len() > NAMED {
        error = error.note(format!("and {} more", users.len() - NAMED));
    }
    let declare = format!("`external {kind} {}`", as_word(name));
    if !world.may_search() {
        return Some(error.help(format!("if it is made elsewhere, declare {declare}")));
    }
    let objects = world.index.objects.iter().map(|object| &object.identity);
    let of_kind: Vec<&Identity> = objects.filter(|object| &*object.kind == kind).collect();
    let own = of_kind.iter().filter(|object| object.namespace == *namespace).map(|object| &*object.name);
    let externals = world.externals.keys().filter(|(known, _)| *known == kind).map(|(_, name)| *name);
    let error = match nearest(name, own.chain(externals)) {
        Some(other) => error.help(format!("did you mean `{other}`? If `{name}` is made elsewhere, declare {declare}")),
        None => error.help(format!("if it is made elsewhere, declare {declare}")),
    };
    let same_name = world.index.chain(world.index.by_name.get(&(namespace.clone(), name.clone())).copied());
    let other = same_name.map(|object| &*object.identity.kind).find(|other| first.may_be(other));
    let error = match other {
        Some(other) => error.note(format!("there is a {other} of that name")),
        None => error,
    };
    Some(match of_kind.iter().find(|object| object.name == *name).and_then(|object| object.namespace.as_deref()) {
        Some(namespace) => error.note(format!("there is one of that name in namespace `{namespace}`")),
        None => error,
    })
}

/// A name as a program writes it.
fn as_word(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let word = name.bytes().all(plain) && name.starts_with(|first: char| first.is_ascii_alphabetic());
    if word { name.into() } else { format!("{name:?}") }
}

/// The object is there, but not that key or port.
pub(super) fn missing_part(from: &Summary, reference: &Reference, object: &Summary) -> Diagnostic {
    let (what, wanted, known) = match (&reference.part, &object.parts) {
        (Part::Key(key), Parts::Keys(keys)) => ("key", key.to_string(), keys.iter().map(Str::to_string).collect()),
        (Part::PortName(name), parts) => ("port", name.to_string(), port_names(parts)),
        (Part::PortNumber(number), parts) => ("port", number.to_string(), port_numbers(parts)),
        (Part::Key(_) | Part::Whole, _) => ("part", String::new(), Vec::new()),
    };
    let Identity { kind, name, .. } = &from.identity;
    let message = format!("{kind} `{name}` refers to the {what} `{wanted}`, which {} does not have", object.identity);
    let error = Diagnostic::error(Code::BrokenLink, message, reference.part_at);
    let error = error.also(object.span, format!("{} `{}` is made here", object.identity.kind, object.identity.name));
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let list = format!("it has {}", if known.is_empty() { "none".to_string() } else { known.join(", ") });
    error.help(did_you_mean(&wanted, known.iter().copied()).or_else(|| (known.len() <= 12).then_some(list)))
}

fn port_names(parts: &Parts) -> Vec<String> {
    match parts {
        Parts::Ports(ports) => ports.iter().filter_map(|(name, _)| name.as_ref().map(Str::to_string)).collect(),
        Parts::None | Parts::Keys(_) | Parts::Claims(_) => Vec::new(),
    }
}

fn port_numbers(parts: &Parts) -> Vec<String> {
    match parts {
        Parts::Ports(ports) => ports.iter().filter_map(|(_, number)| number.map(|port| port.to_string())).collect(),
        Parts::None | Parts::Keys(_) | Parts::Claims(_) => Vec::new(),
    }
}

/// Kustomize would not put the generated name there.
pub(super) fn hashed(from: &Summary, reference: &Reference, object: &Summary) -> Diagnostic {
    let Identity { kind, name, .. } = &from.identity;
    let config = &reference.name;
    let message = format!("{kind} `{name}` refers to the ConfigMap `{config}`, whose name ends in a hash when applied");
    let why = if from.unit == object.unit {
        "Kustomize does not rewrite names in this field"
    } else {
        "Kustomize rewrites names only in the directory that generates the ConfigMap"
    };
    Diagnostic::error(Code::BrokenLink, message, reference.at)
        .also(object.span, "generated here")
        .help("take `@hashed` off the ConfigMap".to_string())
        .note(why)
}

/// Kustomize would break a text of the object.
pub(super) fn beyond_kustomize(identity: &Identity, at: Span) -> Diagnostic {
    let Identity { kind, name, .. } = identity;
    let message = format!("{kind} `{name}` holds a text that Kustomize cannot carry");
    Diagnostic::error(Code::InvalidValue, message, at)
        .note("Kustomize writes the characters U+007F, U+0085, U+FFFE and U+FFFF so that they cannot be read again")
        .note("nor can it write annotations and labels of several lines that begin with a tab")
}

/// A selector that nothing answers to.
pub(super) fn selects_nothing(world: &World<'_>, selection: &Selection) -> Diagnostic {
    let Identity { kind, name, .. } = &world.index.objects[selection.from].identity;
    let what = things(selection.what);
    let labels = selection.selector.text();
    let message = match (&selection.namespaces, labels.is_empty()) {
        (Namespaces::Own | Namespaces::All | Namespaces::Some(_), false) => {
            format!("{kind} `{name}` selects no {what}: nothing has the labels {labels}")
        }
        (Namespaces::Own, true) => format!("{kind} `{name}` selects all {what} of its namespace, and there are none"),
        (Namespaces::All | Namespaces::Some(_), true) => {
            format!("{kind} `{name}` selects all {what}, and there are none")
        }
    };
    let error = |at| Diagnostic::error(Code::BrokenLink, message.clone(), at);
    let Some(near) = closest(world, selection) else { return error(selection.at) };
    // One label that differs is the text to change.
    let place = selection.places.iter().find(|(key, _)| near.keys.as_slice() == [key.clone()]);
    error(place.map_or(selection.at, |(_, at)| *at)).help(near.text)
}

/// What is most like what a selector asks for.
struct Closest {
    text: String,
    /// The labels that it has not, or with other values.
    keys: Vec<Str>,
}

/// The labels that keep the most similar thing from being selected.
fn closest(world: &World<'_>, selection: &Selection) -> Option<Closest> {
    let wanted = selection.selector.labels();
    if !world.may_search() {
        return None;
    }
    let candidates = world.carriers(selection.what).all().iter();
    let candidates = candidates.filter(|carrier| world.reaches(selection, carrier.namespace.as_ref()));
    // Labels in common count most, then values that may be misspelt.
    let near = |(key, value): &(Str, Str), labels: &[(Str, Str)]| {
        labels.iter().any(|(known, other)| known == key && nearest(value, [&**other]).is_some())
    };
    let shared = |labels: &[(Str, Str)]| {
        let same = wanted.iter().filter(|label| labels.contains(label)).count();
        (same, wanted.iter().filter(|label| near(label, labels)).count())
    };
    // The first of those that share the most, so that the text does not hang on their order.
    let best = candidates.rev().max_by_key(|carrier| shared(&carrier.labels))?;
    if shared(&best.labels) == (0, 0) {
        return None;
    }
    let Identity { kind, name, .. } = &world.index.objects[best.object].identity;
    let missing: Vec<&(Str, Str)> = wanted.iter().filter(|label| !best.labels.contains(label)).collect();
    let differing = missing.iter().map(|(key, _)| match best.labels.iter().find(|(known, _)| known == key) {
        Some((_, value)) => format!("{key}={value}"),
        None => format!("no {key}"),
    });
    let differing = differing.collect::<Vec<_>>().join(", ");
    let text = format!("the nearest is {kind} `{name}`, which has {differing}");
    let keys = missing.iter().map(|(key, _)| key.clone()).collect();
    (!differing.is_empty()).then_some(Closest { text, keys })
}

/// What is selected has no such port.
pub(super) fn no_such_port(world: &World<'_>, selection: &Selection, port: &Port, at: Span) -> Diagnostic {
    let Identity { kind, name, .. } = &world.index.objects[selection.from].identity;
    let what = things(selection.what);
    let wanted = match port {
        Port::Name(name) => name.to_string(),
        Port::Number(number) => number.to_string(),
    };
    let message = format!("{kind} `{name}` names the port `{wanted}`, which none of the {what} that it selects has");
    let selected = world.carriers(selection.what).selected(&selection.selector);
    let selected = selected.filter(|carrier| world.reaches(selection, carrier.namespace.as_ref())).take(100);
    let ports = selected.flat_map(|carrier| carrier.ports.iter());
    let mut ports: Vec<String> = ports
        .filter_map(|known| match (port, known) {
            (Port::Name(_), Port::Name(name)) => Some(name.to_string()),
            (Port::Number(_), Port::Number(number)) => Some(number.to_string()),
            (Port::Name(_), Port::Number(_)) | (Port::Number(_), Port::Name(_)) => None,
        })
        .collect();
    ports.sort_unstable();
    ports.dedup();
    let list = if ports.is_empty() { "they name no ports".into() } else { format!("they have {}", ports.join(", ")) };
    let help = match port {
        Port::Name(name) => did_you_mean(name, ports.iter().map(String::as_str)).unwrap_or(list),
        Port::Number(_) => list,
    };
    Diagnostic::error(Code::BrokenLink, message, at).help(help)
}

/// Two ports of one pod have one name.
pub(super) fn port_twice(port: &str, container: &str, other: &str, at: Span, first: Span) -> Diagnostic {
    let message = if container == other {
        format!("the container `{container}` has two ports named `{port}`")
    } else {
        format!("the containers `{other}` and `{container}` of one pod both have a port named `{port}`")
    };
    let error = Diagnostic::error(Code::DuplicateName, message, at);
    let error = error.help("what names a port of the pod could mean either: give one another name".to_string());
    if first == at { error } else { error.also(first, "the other is here") }
}

/// A Service has one port twice.
pub(super) fn service_port_twice(from: &Identity, port: &str, at: Span, first: Span) -> Diagnostic {
    let message = format!("Service `{}` has the port {port} twice", from.name);
    let error = Diagnostic::error(Code::DuplicateName, message, at);
    if first == at { error } else { error.also(first, "the other is here") }
}

/// Two workloads would take each other's pods for their own.
pub(super) fn shared_selector(one: &Identity, two: &Identity, workload: &Workload, other: &Workload) -> Diagnostic {
    let message = format!(
        "{} `{}` and {} `{}` select each other's pods: {}",
        one.kind,
        one.name,
        two.kind,
        two.name,
        workload.selector.text()
    );
    let error = Diagnostic::error(Code::BrokenLink, message, workload.at);
    let error = error.help("give each a label of its own, in the selector and in the template".to_string());
    if other.at == workload.at { error } else { error.also(other.at, "the other selector is here") }
}

/// A workload whose selector misses its own pods.
pub(super) fn misses_own_pods(from: &Identity, selector: &str, at: Span) -> Diagnostic {
    let message = format!("{} `{}` does not select its own pods: they lack {selector}", from.kind, from.name);
    let help = "give the template's `metadata.labels` every label of `selector.matchLabels`";
    Diagnostic::error(Code::BrokenLink, message, at).help(help.to_string())
}

/// A mount of a volume that the pod does not have.
pub(super) fn no_such_volume(from: &Identity, container: &str, volume: &str, known: &[Str], at: Span) -> Diagnostic {
    let message = format!(
        "the container `{container}` of {} `{}` mounts the volume `{volume}`, which the pod does not have",
        from.kind, from.name
    );
    let names = known.iter().map(|name| &**name);
    let list = || format!("it has {}", names.clone().collect::<Vec<_>>().join(", "));
    let help = did_you_mean(volume, names.clone()).or_else(|| (!known.is_empty()).then(list));
    Diagnostic::error(Code::BrokenLink, message, at).help(help)
}

/// A probe or hook of a port that the container does not name.
pub(super) fn no_such_container_port(container: &str, port: &str, known: &[Str], at: Span) -> Diagnostic {
    let message = format!("the container `{container}` has no port named `{port}`");
    let names = known.iter().map(|name| &**name);
    Diagnostic::error(Code::BrokenLink, message, at).help(did_you_mean(port, names))
}

fn things(what: Selected) -> &'static str {
    match what {
        Selected::Pods => "pods",
        Selected::Services => "Services",
    }
}
