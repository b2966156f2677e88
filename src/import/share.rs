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
    let (met, at, seen) = (Vec::new(), FxHashMap::default(), BTreeSet::new());
    let mut naming = Naming { tree, wanted: &wanted, met, at, seen };
    for root in kinds {
        naming.meet(root.record, &camel(root.kind));
    }
    let mut taken: BTreeSet<String> = kinds.iter().map(|root| root.kind.to_owned()).collect();
    let mut numbers = FxHashMap::default();
    let named = naming.met.into_iter().map(|(id, places)| {
        let name = free_name(&places, &taken, &mut numbers);
        taken.insert(name.clone());
        (id, name)
    });
    named.collect()
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
    /// In the order of first mention, with the places of all mentions.
    met: Vec<(RecordId, Vec<Place>)>,
    /// Where in `met`.
    at: FxHashMap<RecordId, usize>,
    seen: BTreeSet<RecordId>,
}

/// Where a record is mentioned: the words for what is around it, and for the field, one of several in a list.
struct Place {
    around: String,
    field: String,
}

impl Naming<'_> {
    /// Goes through a record that these words name.
    fn meet(&mut self, id: RecordId, around: &str) {
        if !self.seen.insert(id) {
            return;
        }
        for field in &self.tree.get(id).fields {
            let Some(inner) = field.ty.record() else { continue };
            let word = if is_list(&field.ty) { singular(&camel(&field.name)) } else { camel(&field.name) };
            if self.wanted.contains(&inner) {
                let at = *self.at.entry(inner).or_insert_with(|| {
                    self.met.push((inner, Vec::new()));
                    self.met.len() - 1
                });
                self.met[at].1.push(Place { around: around.to_owned(), field: word.clone() });
            }
            self.meet(inner, &word);
        }
    }
}

/// What all mentions have in common at the end (`frontDoor` and `backDoor` are a `Door`), else what the first
/// is called; with what is around it where that is taken, at last with a number.
fn free_name(places: &[Place], taken: &BTreeSet<String>, numbers: &mut FxHashMap<String, u32>) -> String {
    let Some(Place { around, field }) = places.first() else {
        return String::new();
    };
    let common = common_end(places.iter().map(|place| place.field.clone()));
    // Every kind has a spec: what is around it tells more, if need be the longest of several.
    let around_all = || places.iter().map(|place| format!("{}{}", place.around, place.field));
    let longest = || around_all().reduce(|best, name| if name.len() > best.len() { name } else { best });
    let specs = (common == "Spec").then(|| match common_end(around_all()) {
        common if common == "Spec" => longest().unwrap_or_default(),
        common => common,
    });
    // A letter or two in common say nothing.
    let common = (common.len() > 2).then_some(common);
    let mut by_words = specs.into_iter().chain(common).chain([field.clone(), format!("{around}{field}")]);
    let free = |name: &String| !taken.contains(name);
    by_words.find(free).unwrap_or_else(|| {
        // Goes on where it stopped, so that thousands of equal names take no time.
        let last = numbers.entry(field.clone()).or_insert(1);
        let mut numbered = std::iter::repeat_with(|| {
            *last += 1;
            format!("{field}{last}")
        });
        numbered.find(free).expect("numbers do not end")
    })
}

/// The words at the end that all texts have.
fn common_end(texts: impl Iterator<Item = String>) -> String {
    let common = texts.reduce(|common, text| {
        let same = common.bytes().rev().zip(text.bytes().rev()).take_while(|(left, right)| left == right).count();
        let end = &common[common.len() - same..];
        // Only whole words: from a capital letter on.
        let word = end.find(|character: char| character.is_ascii_uppercase());
        word.map_or_else(String::new, |start| end[start..].to_owned())
    });
    common.unwrap_or_default()
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
            ("TLS", "TLS"),
        ] {
            assert_eq!(singular(many), one);
        }
    }
}
