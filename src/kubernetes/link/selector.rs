//! Label selectors, and finding what they select without comparing everything with everything.

use super::Port;
use super::node::Node;
use crate::eval::value::Str;
use rustc_hash::FxHashMap;

/// Labels that controllers add to the pods they make, so that no template shows them.
const ADDED_BY_CONTROLLERS: [&str; 8] = [
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "batch.kubernetes.io/job-name",
    "controller-uid",
    "job-name",
    "pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
];

/// A label selector.
#[derive(Debug, Default)]
pub(super) struct Selector {
    labels: Vec<(Str, Str)>,
    expressions: Vec<Expression>,
}

/// A requirement of `matchExpressions`.
#[derive(Debug)]
struct Expression {
    key: Str,
    operator: Operator,
    values: Vec<Str>,
}

#[derive(Debug)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl Selector {
    /// Of a field that is a map of labels, as Services have it.
    pub(super) fn of_labels(mut labels: Vec<(Str, Str)>) -> Selector {
        labels.retain(|(key, _)| !ADDED_BY_CONTROLLERS.contains(&&**key));
        Selector { labels, expressions: Vec::new() }
    }

    /// Of a `LabelSelector`.
    pub(super) fn of(node: Node<'_>) -> Selector {
        let expressions = node.items("matchExpressions").into_iter().filter_map(|item| {
            let operator = match &**item.text("operator")?.text {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                // Its type is checked elsewhere.
                _ => return None,
            };
            Some(Expression { key: item.text("key")?.text.clone(), operator, values: item.texts("values") })
        });
        let expressions = expressions.filter(|one| !ADDED_BY_CONTROLLERS.contains(&&*one.key)).collect();
        Selector { expressions, ..Selector::of_labels(node.pairs("matchLabels")) }
    }

    /// The labels that it asks for.
    pub(super) fn labels(&self) -> &[(Str, Str)] {
        &self.labels
    }

    /// Whether it selects these labels.
    pub(super) fn matches(&self, labels: &[(Str, Str)]) -> bool {
        self.labels.iter().all(|wanted| labels.contains(wanted))
            && self.expressions.iter().all(|one| one.matches(labels))
    }

    /// `a=b, c=d`, as messages show it.
    pub(super) fn text(&self) -> String {
        let labels = self.labels.iter().map(|(key, value)| format!("{key}={value}"));
        let expressions = self.expressions.iter().map(|one| {
            let values: Vec<&str> = one.values.iter().map(|value| &**value).collect();
            match one.operator {
                Operator::In => format!("{} in ({})", one.key, values.join(", ")),
                Operator::NotIn => format!("{} notin ({})", one.key, values.join(", ")),
                Operator::Exists => one.key.to_string(),
                Operator::DoesNotExist => format!("!{}", one.key),
            }
        });
        labels.chain(expressions).collect::<Vec<_>>().join(", ")
    }
}

impl Expression {
    fn matches(&self, labels: &[(Str, Str)]) -> bool {
        let value = labels.iter().find(|(key, _)| *key == self.key).map(|(_, value)| value);
        let listed = value.is_some_and(|value| self.values.contains(value));
        match self.operator {
            Operator::In => listed,
            Operator::NotIn => !listed,
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
        }
    }
}

/// What can be selected: pods, or Services.
#[derive(Debug)]
pub(super) struct Carrier {
    /// The object that makes it, as an index.
    pub object: usize,
    pub namespace: Option<Str>,
    pub labels: Vec<(Str, Str)>,
    /// Its ports: names, and numbers where it is said what they are.
    pub ports: Vec<Port>,
}

impl Carrier {
    /// Whether it has a port. What declares no ports may have any number.
    pub(super) fn has(&self, port: &Port) -> bool {
        match port {
            Port::Name(_) => self.ports.contains(port),
            Port::Number(_) => self.ports.is_empty() || self.ports.contains(port),
        }
    }
}

/// All that can be selected, by label.
#[derive(Debug, Default)]
pub(super) struct Carriers {
    all: Vec<Carrier>,
    by_label: FxHashMap<(Str, Str), Vec<usize>>,
}

impl Carriers {
    pub(super) fn push(&mut self, carrier: Carrier) {
        for label in &carrier.labels {
            self.by_label.entry(label.clone()).or_default().push(self.all.len());
        }
        self.all.push(carrier);
    }

    pub(super) fn all(&self) -> &[Carrier] {
        &self.all
    }

    /// Every carrier that a selector selects, in any namespace.
    pub(super) fn selected<'a>(&'a self, selector: &'a Selector) -> Box<dyn Iterator<Item = &'a Carrier> + 'a> {
        // The rarest label leaves the fewest to compare.
        let rarest = selector.labels.iter().map(|label| self.by_label.get(label).map_or(&[][..], Vec::as_slice));
        let fits = |carrier: &&Carrier| selector.matches(&carrier.labels);
        match rarest.min_by_key(|places| places.len()) {
            Some(places) => Box::new(places.iter().map(|&at| &self.all[at]).filter(fits)),
            None => Box::new(self.all.iter().filter(fits)),
        }
    }
}
