//! Types of the Kubernetes API that parts of a definition repeat: a pod template, a selector, a container.

use crate::schema::{Api, Definition, FieldType};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::tree::{Field, Known, Record, RecordId, Shape, Tree, Type, Word};

/// The API versions whose types are looked for, with those first that are preferred.
const API_VERSIONS: [&str; 8] = [
    "v1",
    "meta/v1",
    "apps/v1",
    "batch/v1",
    "networking.k8s.io/v1",
    "autoscaling/v2",
    "policy/v1",
    "rbac.authorization.k8s.io/v1",
];

/// Types that custom resources are known to use, best first. Others are taken where the field is named like them.
const PREFERRED: [&str; 24] = [
    "PodTemplateSpec",
    "PodSpec",
    "Pod",
    "Container",
    "ResourceRequirements",
    "Affinity",
    "NodeAffinity",
    "PodAffinity",
    "PodAntiAffinity",
    "Toleration",
    "TopologySpreadConstraint",
    "SecretKeySelector",
    "ConfigMapKeySelector",
    "LocalObjectReference",
    "LabelSelector",
    "LabelSelectorRequirement",
    "EnvVar",
    "EnvFromSource",
    "Volume",
    "VolumeMount",
    "PodSecurityContext",
    "SecurityContext",
    "Probe",
    "ObjectReference",
];

/// Types that look alike, and the word without which a field does not mean them.
const TOLD_BY_WORD: [(&str, &str); 5] = [
    ("SecretKeySelector", "secret"),
    ("ConfigMapKeySelector", "configmap"),
    ("SecretEnvSource", "secret"),
    ("ConfigMapEnvSource", "configmap"),
    ("SecretReference", "secret"),
];

/// Fields that must agree, those in nested records included, so that a likeness is no accident.
const EVIDENCE: u32 = 3;
/// As many are evidence enough whatever is missing, and whatever the field is called.
const MUCH_EVIDENCE: u32 = 8;

/// A type of the Kubernetes API.
struct Candidate {
    /// Such as `v1.PodSpec`.
    name: String,
    full: &'static str,
    definition: &'static Definition,
    /// Its place among the preferred types.
    rank: usize,
}

/// How a record fits a type.
#[derive(Debug, PartialEq)]
struct Fit {
    /// Whether it requires less than the type, at any depth.
    less: bool,
    /// Fields that agree.
    evidence: u32,
    /// Fields of the type itself that it has.
    present: usize,
    /// The fields that each type lacks that was looked at, by its short name; empty where it lacks none.
    lacks: BTreeMap<&'static str, Vec<&'static str>>,
}

/// All types that can be recognized, and what was found out about records.
pub(super) struct Recognizer {
    candidates: Vec<Candidate>,
    /// For each name of a field the candidates that have it, as bits.
    by_field: FxHashMap<&'static str, Vec<u64>>,
    fits: FxHashMap<(RecordId, &'static str), Option<Rc<Fit>>>,
    /// For each record the candidates that it fits, best first.
    found: FxHashMap<RecordId, Rc<[usize]>>,
    /// The lists of pods and containers whose items are told apart by keys.
    keyed: FxHashMap<&'static str, KeyedList>,
}

/// A keyed list of pods or containers.
struct KeyedList {
    item: &'static Definition,
    keys: Vec<&'static str>,
}

/// What a field is called, and what is said of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hint<'a> {
    pub(super) name: &'a str,
    pub(super) doc: &'a str,
}

impl Recognizer {
    pub(super) fn new() -> Recognizer {
        let api = Api::kubernetes();
        let mut candidates = Vec::new();
        for api_version in API_VERSIONS {
            for name in api.types_of(api_version) {
                let Some(full) = api.type_named(api_version, name) else { continue };
                let Some(definition) = api.definition(full) else { continue };
                let rank = PREFERRED.iter().position(|known| *known == name).unwrap_or(PREFERRED.len());
                if !definition.fields.is_empty() {
                    candidates.push(Candidate { name: format!("{api_version}.{name}"), full, definition, rank });
                }
            }
        }
        let mut by_field: FxHashMap<&'static str, Vec<u64>> = FxHashMap::default();
        let words = candidates.len().div_ceil(64);
        for (at, candidate) in candidates.iter().enumerate() {
            for field in &candidate.definition.fields {
                by_field.entry(&field.name).or_insert_with(|| vec![0; words])[at / 64] |= 1 << (at % 64);
            }
        }
        let (fits, found) = (FxHashMap::default(), FxHashMap::default());
        Recognizer { candidates, by_field, fits, found, keyed: keyed_lists(api) }
    }

    /// The type of the Kubernetes API that a record is meant to be.
    pub(super) fn recognize(&mut self, tree: &Tree, id: RecordId, hint: Hint) -> Option<Known> {
        let found = self.candidates_of(tree, id);
        if found.is_empty() {
            return None;
        }
        let said = self.meant(&found, tree.get(id), hint)?;
        let Candidate { name, full, definition: _, rank: _ } = &self.candidates[said];
        let fit = self.fits.get(&(id, *full)).cloned().flatten()?;
        let lacks = fit.lacks.iter().flat_map(|(ty, fields)| fields.iter().map(move |field| format!("{ty}.{field}")));
        Some(Known { name: name.as_str().into(), partial: fit.less, without: lacks.map(Into::into).collect() })
    }

    /// The keys of a list of records that looks like one of a pod's, though the definition names none.
    pub(super) fn keys(&self, tree: &Tree, field: &Field) -> Option<&[&'static str]> {
        let KeyedList { item: wanted, keys } = self.keyed.get(&*field.name)?;
        let Shape::List(item) = &field.ty.shape else {
            return None;
        };
        if item.nullable || field.ty.has("keys") {
            return None;
        }
        let Shape::Record(id) = &item.shape else {
            return None;
        };
        let record = tree.get(*id);
        let is_text = |key: &&str| {
            record
                .fields
                .iter()
                .any(|field| *field.name == **key && matches!(field.ty.shape, Shape::Word(Word::String)))
        };
        let common = record.fields.iter().filter(|field| wanted.field(&field.name).is_some()).count();
        let alike = common == record.fields.len() || common >= 2 && common * 2 >= record.fields.len();
        (alike && keys.iter().all(is_text)).then_some(keys)
    }

    /// The candidates that a record fits, best first.
    fn candidates_of(&mut self, tree: &Tree, id: RecordId) -> Rc<[usize]> {
        if let Some(found) = self.found.get(&id) {
            return found.clone();
        }
        let record = tree.get(id);
        let mut fitting: Vec<(usize, usize, usize)> = Vec::new();
        for at in self.with_all_fields(record) {
            let Candidate { full, definition, rank, .. } = self.candidates[at];
            let Some(fit) = self.fit(tree, id, full, definition) else { continue };
            let size = definition.fields.iter().filter(|field| !field.status).count();
            let whole = fit.present >= size;
            let lacking: usize = fit.lacks.values().map(Vec::len).sum();
            let enough = fit.evidence >= EVIDENCE
                && fit.evidence as usize >= lacking
                && (fit.present * 2 >= size || fit.evidence >= MUCH_EVIDENCE);
            if enough || record.atomic && whole && fit.evidence > 0 {
                fitting.push((rank, size - fit.present.min(size), at));
            }
        }
        fitting.sort_unstable();
        let found: Rc<[usize]> = fitting.into_iter().map(|(_, _, at)| at).collect();
        self.found.insert(id, found.clone());
        found
    }

    /// The candidates that have all fields of a record.
    fn with_all_fields(&self, record: &Record) -> Vec<usize> {
        if record.fields.is_empty() || record.open || !record.attributes.is_empty() {
            return Vec::new();
        }
        let mut common: Option<Vec<u64>> = None;
        for field in &record.fields {
            let Some(with) = self.by_field.get(&*field.name) else {
                return Vec::new();
            };
            match &mut common {
                Some(common) => common.iter_mut().zip(with).for_each(|(left, right)| *left &= right),
                None => common = Some(with.clone()),
            }
        }
        let common = common.unwrap_or_default();
        (0..self.candidates.len()).filter(|at| common[at / 64] & (1 << (at % 64)) != 0).collect()
    }

    /// The candidate that a field means: a preferred one, or one that it is named like.
    fn meant(&self, found: &[usize], record: &Record, hint: Hint) -> Option<usize> {
        let bare = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        let name = bare(hint.name);
        let doc: String =
            [hint.doc].into_iter().chain(record.fields.iter().map(|field| &*field.doc)).map(bare).collect();
        let told: Vec<(&str, &str)> = found.iter().filter_map(|at| self.told_by_word(*at)).collect();
        // What the field is called decides before what is said of it, which may speak of several.
        let by_name = told.iter().any(|(_, word)| name.contains(word));
        let by_doc = told.iter().filter(|(_, word)| doc.contains(word)).count() == 1;
        found.iter().copied().find(|at| match self.told_by_word(*at) {
            Some((_, word)) if by_name => name.contains(word),
            Some((_, word)) => by_doc && doc.contains(word),
            None if self.candidates[*at].rank < PREFERRED.len() => true,
            None => {
                camel_words(&self.candidates[*at].definition.name).any(|word| word.len() > 3 && name.contains(&word))
            }
        })
    }

    fn told_by_word(&self, candidate: usize) -> Option<(&'static str, &'static str)> {
        let name = self.candidates[candidate].definition.name.as_str();
        TOLD_BY_WORD.into_iter().find(|(known, _)| *known == name)
    }

    /// How a record fits a type; `None` where it says something that the type does not.
    fn fit(
        &mut self,
        tree: &Tree,
        id: RecordId,
        full: &'static str,
        definition: &'static Definition,
    ) -> Option<Rc<Fit>> {
        if let Some(known) = self.fits.get(&(id, full)) {
            return known.clone();
        }
        let fit = self.fit_record(tree, tree.get(id), definition).map(Rc::new);
        self.fits.insert((id, full), fit.clone());
        fit
    }

    fn fit_record(&mut self, tree: &Tree, record: &Record, definition: &'static Definition) -> Option<Fit> {
        if record.open || !record.attributes.is_empty() {
            return None;
        }
        let mut fit = Fit { less: false, evidence: 0, present: 0, lacks: BTreeMap::new() };
        for field in &record.fields {
            let known = definition.field(&field.name)?;
            if field.required && !known.required {
                return None;
            }
            fit.less |= known.required && !field.required && !is_filled_in(field);
            fit.evidence += self.fit_type(tree, &field.ty, &known.ty, &mut fit)?;
            fit.present += usize::from(!known.status);
        }
        let has = |name: &str| record.fields.iter().any(|field| *field.name == *name);
        let lacking = definition.fields.iter().filter(|field| !field.status && !has(&field.name));
        let mut lacks = Vec::new();
        for field in lacking {
            fit.less |= field.required;
            lacks.push(field.name.as_str());
        }
        agree(&mut fit.lacks, &definition.name, &lacks).then_some(fit)
    }

    /// Whether a type says no more than another, and how much that is worth. What it lacks goes to `into`.
    fn fit_type(&mut self, tree: &Tree, ty: &Type, known: &'static FieldType, into: &mut Fit) -> Option<u32> {
        let asks = |name: &str| !matches!(name, "default" | "keys" | "uniqueItems" | "format");
        if ty.attributes.iter().any(|attribute| asks(attribute.name)) {
            return None;
        }
        match (&ty.shape, known) {
            (shape, FieldType::Nullable(known)) => {
                let ty = Type { shape: shape.clone(), nullable: ty.nullable, attributes: Vec::new() };
                self.fit_type(tree, &ty, known, into)
            }
            // What is kept unknown there is known here.
            (Shape::Word(Word::Any), _) => Some(0),
            (Shape::Word(word), known) => fits_word(*word, known).then_some(1),
            (Shape::Strings(values), FieldType::Enum(known)) => {
                let same =
                    values.len() == known.len() && values.iter().all(|value| known.iter().any(|k| **k == **value));
                same.then_some(1)
            }
            (Shape::List(item), FieldType::List(known)) => {
                self.fit_type(tree, item, known, into).map(|inner| inner + 1)
            }
            (Shape::List(item), FieldType::Keyed { item: known, .. }) => match &item.shape {
                Shape::Record(id) => self.fit_nested(tree, *id, known, into),
                Shape::Word(_) | Shape::Strings(_) | Shape::List(_) | Shape::Map(_) | Shape::Known(_) => None,
            },
            (Shape::Map(value), FieldType::Map(known)) => {
                self.fit_type(tree, value, known, into).map(|inner| inner + 1)
            }
            // A map of anything is what a definition says that keeps a record unknown.
            (Shape::Map(value), FieldType::Record(_) | FieldType::Any) => {
                matches!(value.shape, Shape::Word(Word::Any)).then_some(0)
            }
            (Shape::Record(id), FieldType::Record(known)) => self.fit_nested(tree, *id, known, into),
            (Shape::Record(id), FieldType::Any) => tree.get(*id).fields.is_empty().then_some(0),
            (Shape::Strings(_) | Shape::List(_) | Shape::Map(_) | Shape::Record(_) | Shape::Known(_), _) => None,
        }
    }

    fn fit_nested(&mut self, tree: &Tree, id: RecordId, full: &'static str, into: &mut Fit) -> Option<u32> {
        let definition = Api::kubernetes().definition(full)?;
        let fit = self.fit(tree, id, full, definition)?;
        into.less |= fit.less;
        let agrees = fit.lacks.iter().all(|(ty, fields)| agree(&mut into.lacks, ty, fields));
        agrees.then_some(fit.evidence + 1)
    }
}

/// Whether the API server fills in an empty text, as it does for the names of referents. The API calls these fields
/// required all the same: nothing has an empty name.
fn is_filled_in(field: &Field) -> bool {
    field.ty.attributes.iter().any(|attribute| attribute.name == "default" && *attribute.arguments == *"\"\"")
}

/// Notes what a type lacks. False where it lacks something else elsewhere: that cannot be said.
fn agree(lacks: &mut BTreeMap<&'static str, Vec<&'static str>>, ty: &'static str, fields: &[&'static str]) -> bool {
    lacks.entry(ty).or_insert_with(|| fields.to_vec()) == fields
}

fn fits_word(word: Word, known: &FieldType) -> bool {
    match word {
        Word::String => matches!(known, FieldType::String | FieldType::Enum(_)),
        Word::Int => matches!(known, FieldType::Int),
        Word::Float => matches!(known, FieldType::Float),
        Word::Bool => matches!(known, FieldType::Bool),
        Word::Quantity => matches!(known, FieldType::Quantity),
        // Some generators write quantities so.
        Word::IntOrString => matches!(known, FieldType::IntOrString | FieldType::Quantity),
        Word::Duration => matches!(known, FieldType::Duration),
        Word::Any => true,
    }
}

/// The lists of pods and containers whose items are told apart by keys.
fn keyed_lists(api: &'static Api) -> FxHashMap<&'static str, KeyedList> {
    let mut keyed = FxHashMap::default();
    for name in ["PodSpec", "Container"] {
        let definition = api.type_named("v1", name).and_then(|full| api.definition(full));
        for field in definition.into_iter().flat_map(|definition| &definition.fields) {
            if let FieldType::Keyed { item, label, keys } = &field.ty
                && let Some(item) = api.definition(item)
            {
                // A label that is no key (the name of a port) is the only one, as no one else tells items apart.
                let keys =
                    if keys.contains(label) { keys.iter().map(String::as_str).collect() } else { vec![&**label] };
                keyed.insert(field.name.as_str(), KeyedList { item, keys });
            }
        }
    }
    keyed
}

/// `PodDNSConfig` as `pod`, `d`, `n`, `s`, `config`.
fn camel_words(name: &str) -> impl Iterator<Item = String> {
    let starts: Vec<usize> = name.char_indices().filter(|(_, c)| c.is_ascii_uppercase()).map(|(at, _)| at).collect();
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([name.len()]).collect();
    starts.into_iter().zip(ends).map(|(start, end)| name[start..end].to_lowercase()).collect::<Vec<_>>().into_iter()
}
