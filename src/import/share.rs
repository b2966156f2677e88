//! Which records get a name: those that are large and stand in several places, and those that are nested deeply.

use super::tree::{RecordId, Shape, Tree, Type};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Fields of the smallest record that is worth a name, those of records in it included.
const SHARED: u32 = 4;

/// How many records stand inside one another before the innermost gets a name.
const DEPTH: u32 = 9;

/// A kind, for naming.
pub(super) struct Root<'a> {
    pub(super) kind: &'a str,
    pub(super) record: RecordId,
}

/// The names of the records that have one, in the order of first mention.
pub(super) fn names(tree: &Tree, kinds: &[Root]) -> Vec<(RecordId, String)> {
    let wanted = wanted(tree, kinds);
    let mut naming = Naming {
        tree,
        wanted: &wanted,
        taken: kinds.iter().map(|root| root.kind.to_owned()).collect(),
        named: Vec::new(),
        seen: BTreeSet::new(),
    };
    for root in kinds {
        naming.record(root.record, &[camel(root.kind)]);
    }
    naming.named
}

/// The records that are to have a name.
fn wanted(tree: &Tree, kinds: &[Root]) -> BTreeSet<RecordId> {
    let mut sizes: FxHashMap<RecordId, u32> = FxHashMap::default();
    for (id, record) in tree.inside_out() {
        let inner = |ty: &Type| ty.record().map_or(0, |id| sizes[&id]);
        let size = record.fields.iter().fold(0_u32, |sum, field| sum.saturating_add(1 + inner(&field.ty)));
        sizes.insert(id, size);
    }
    // How often each is printed, and how deep, once those around it are settled.
    let mut printed: FxHashMap<RecordId, (u32, u32)> = kinds.iter().map(|root| (root.record, (1, 0))).collect();
    let tops: BTreeSet<RecordId> = kinds.iter().map(|root| root.record).collect();
    let mut wanted = BTreeSet::new();
    for (id, record) in tree.inside_out().rev() {
        let Some(&(mut times, mut depth)) = printed.get(&id) else { continue };
        // Two kinds may be the same record, and a record may be that of a kind.
        let is_top = tops.contains(&id);
        if !is_top && (times > 1 && sizes[&id] >= SHARED || depth >= DEPTH && !record.fields.is_empty()) {
            wanted.insert(id);
            (times, depth) = (1, 0);
        }
        for inner in record.fields.iter().filter_map(|field| field.ty.record()) {
            let (known, deepest) = printed.entry(inner).or_default();
            *known = known.saturating_add(times);
            *deepest = (*deepest).max(depth + 1);
        }
    }
    wanted
}

/// Gives names in the order in which a reader meets the records.
struct Naming<'a> {
    tree: &'a Tree,
    wanted: &'a BTreeSet<RecordId>,
    taken: BTreeSet<String>,
    named: Vec<(RecordId, String)>,
    seen: BTreeSet<RecordId>,
}

impl Naming<'_> {
    /// Goes through a record whose place these words name, from outside in.
    fn record(&mut self, id: RecordId, place: &[String]) {
        if !self.seen.insert(id) {
            return;
        }
        if self.wanted.contains(&id) {
            let name = self.free_name(place);
            self.taken.insert(name.clone());
            self.named.push((id, name));
        }
        for field in &self.tree.get(id).fields {
            if let Some(inner) = field.ty.record() {
                let word = if is_list(&field.ty) { singular(&camel(&field.name)) } else { camel(&field.name) };
                let place: Vec<String> = place.iter().cloned().chain([word]).collect();
                self.record(inner, &place);
            }
        }
    }

    /// The field's name; where that is taken, with those of the fields around it; at last with a number.
    fn free_name(&self, place: &[String]) -> String {
        let longer = (1..=place.len()).map(|words| place[place.len() - words..].concat());
        let last = place.last().map_or("", String::as_str);
        let numbered = (2..).map(|number: u32| format!("{last}{number}"));
        longer.chain(numbered).find(|name| !self.taken.contains(name)).expect("numbers do not end")
    }
}

fn is_list(ty: &Type) -> bool {
    matches!(ty.shape, Shape::List(_))
}

/// `podTemplate` and `pod-template` as `PodTemplate`.
fn camel(name: &str) -> String {
    let mut out = String::new();
    for word in name.split(|character: char| !character.is_ascii_alphanumeric()) {
        let mut letters = word.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    if out.starts_with(|first: char| first.is_ascii_alphabetic()) { out } else { format!("Type{out}") }
}

/// `Endpoints` as `Endpoint`: what one of several is called.
fn singular(name: &str) -> String {
    if let Some(stem) = name.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for ending in ["sses", "xes", "ches", "shes"] {
        if let Some(stem) = name.strip_suffix("es").filter(|_| name.ends_with(ending)) {
            return stem.to_owned();
        }
    }
    match name.strip_suffix('s') {
        Some(stem) if !stem.is_empty() && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        Some(_) | None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_names() {
        for (word, name) in [("pod-template", "PodTemplate"), ("$ref", "Ref"), ("2x", "Type2x"), ("", "Type")] {
            assert_eq!(camel(word), name);
        }
        for (many, one) in [
            ("Endpoints", "Endpoint"),
            ("Policies", "Policy"),
            ("Classes", "Class"),
            ("Matches", "Match"),
            ("Access", "Access"),
            ("Status", "Status"),
            ("TLS", "TL"),
        ] {
            assert_eq!(singular(many), one);
        }
    }
}
