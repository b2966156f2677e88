//! One unit: which objects its environments share, what each file is called, which directories there are.

use super::agreement::all_same_maps;
use super::base::common_map;
use super::directory::{CONTENTS, Directory};
use super::generator::{self, Generator};
use super::names::{Names, file_name, unit_directory};
use super::namespace::Placement;
use super::order::ordered;
use super::sets::{self, Set, Sharing};
use super::stages::{self, Walk};
use super::{Group, Tree, Variant};
use crate::eval::value::{Map, Str};
use crate::kubernetes::{Object, kustomize};
use crate::yaml;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// The files of one unit: its base, what some environments share, and an overlay for each environment in which it makes something.
///
/// `source` is the file that declares the unit, for the first line of each file.
#[must_use]
pub fn plan_unit(name: &str, source: &str, variants: &[Variant], groups: &[Group]) -> Tree {
    let variants: Vec<&Variant> = variants.iter().filter(|variant| !variant.objects.is_empty()).collect();
    let prepared: Vec<Vec<Object>> =
        variants.iter().map(|variant| variant.objects.iter().map(kustomize::prepared).collect()).collect();
    let placement = Placement::of(&prepared);
    // Of several that are as plain as each other the first that is declared.
    let plainest = (0..variants.len()).min_by_key(|at| variants[*at].conditions).unwrap_or_default();
    let members = members(&prepared, &placement, plainest);
    let plan = Plan { header: header(source), directory: unit_directory(name), placement };
    let mut tree = Tree::default();
    let mut walk = Walk::new(&members, variants.len());
    let base = walk.base();
    // What each environment's overlay builds on: the end of its chain, then what stands by itself.
    let mut below: Vec<Below> = vec![Below::default(); variants.len()];
    if base.does_anything() {
        below.fill(Below { chain: Some("../../base".to_owned()), others: Vec::new() });
        Directory::base(&plan, &members).write(base, &format!("{}/base", plan.directory), &mut tree);
    }
    let names: Vec<&str> = variants.iter().map(|variant| variant.environment).collect();
    let required: Vec<Set> = members.iter().filter_map(Member::sharing).cloned().collect();
    let mut files = Names::default();
    for Sharing { name, environments, in_chain } in
        sets::choose(&names, groups, &required, &stages::shared(&members, names.len()))
    {
        let stage = walk.sharing(&environments, in_chain);
        if !stage.does_anything() {
            continue;
        }
        let name = files.assign(&[file_name(&name)], "", &[true]);
        let first = environments.iter().next().map(|first| below[*first].chain.clone()).filter(|_| in_chain);
        let others: Vec<String> = first.flatten().into_iter().collect();
        let directory = format!("{}/groups/{name}", plan.directory);
        Directory::on(&plan, &members, others, None).write(stage, &directory, &mut tree);
        for environment in environments {
            let path = format!("../../groups/{name}");
            let below = &mut below[environment];
            if in_chain { below.chain = Some(path) } else { below.others.push(path) }
        }
    }
    for ((at, variant), below) in variants.iter().enumerate().zip(below) {
        let others = below.chain.into_iter().chain(below.others).collect();
        let directory = format!("{}/overlays/{}", plan.directory, file_name(variant.environment));
        let namespace = plan.placement.of_overlay(at).cloned();
        Directory::on(&plan, &members, others, namespace).write(walk.overlay(at), &directory, &mut tree);
    }
    tree
}

/// What an overlay builds on, as paths from it.
#[derive(Debug, Clone, Default)]
struct Below {
    /// The base, or what is built on it.
    chain: Option<String>,
    /// Directories that hold objects only.
    others: Vec<String>,
}

/// What is the same for all directories of a unit.
#[derive(Debug)]
pub struct Plan {
    /// The first line of each file.
    pub header: String,
    /// The unit's directory.
    pub directory: String,
    /// How namespaces are said.
    pub placement: Placement,
}

/// An object in all environments that have it.
#[derive(Debug)]
pub struct Member<'a> {
    /// The name of its file, without directory.
    pub file: String,
    /// How it is generated, if it is.
    pub generator: Option<Generator>,
    /// By environment.
    pub variants: Vec<Option<&'a Object>>,
    /// Where it is introduced.
    pub home: Home,
}

/// Which directory introduces an object, and as what.
#[derive(Debug)]
pub enum Home {
    /// All environments begin with it.
    Base(Object),
    /// These begin with it, and no others have it.
    Shared(Set, Object),
    /// Each environment that has it.
    Overlay,
}

impl Member<'_> {
    /// The environments that share a directory for its sake.
    fn sharing(&self) -> Option<&Set> {
        match &self.home {
            Home::Shared(set, _) => Some(set),
            Home::Base(_) | Home::Overlay => None,
        }
    }
}

/// An object as a file.
pub fn object_file(header: &str, object: &Object, namespace: Option<&Str>) -> Vec<u8> {
    let mut out = header.as_bytes().to_vec();
    yaml::write_map(&mut out, &ordered(kustomize::manifest(object, namespace)));
    out
}

/// The first line of each file that comes of a source.
pub fn header(source: &str) -> String {
    let source: String = source.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    format!("# Generated by flinkc from {source}. Do not edit.\n")
}

/// What tells one object from another in a build.
#[derive(PartialEq, Eq, Hash)]
struct Identity {
    api_version: Str,
    kind: Str,
    name: Str,
    /// Where objects say it themselves; with the transformer it is the environment's.
    namespace: Option<Str>,
    generated: bool,
}

fn members<'a>(environments: &'a [Vec<Object>], placement: &Placement, plainest: usize) -> Vec<Member<'a>> {
    let order = variants(environments, placement);
    let is_generated =
        |variants: &[Option<&Object>]| variants.iter().flatten().any(|object| kustomize::is_generated(object));
    let generators = order.iter().filter(|variants| is_generated(variants)).count();
    let mut files = Names::reserving(&["kustomization.yaml"], environments.len());
    let mut directories = Names::reserving(&["patches", "resources", CONTENTS], environments.len());
    let mut name = |variants: Vec<Option<&'a Object>>| {
        let present: Vec<&Object> = variants.iter().copied().flatten().collect();
        let first = *present.first()?;
        let is_generated = kustomize::is_generated(first);
        let home = home(&variants, plainest, is_generated);
        let here: Vec<bool> = variants.iter().map(Option::is_some).collect();
        let file = if is_generated { String::new() } else { files.assign(&file_wishes(first), ".yaml", &here) };
        let generator = is_generated.then(|| {
            let wishes = if generators == 1 { vec!["config".to_owned()] } else { directory_wishes(first) };
            Generator::new(directories.assign(&wishes, "", &here), &present)
        });
        Some(Member { file, generator, variants, home })
    };
    order.into_iter().filter_map(&mut name).collect()
}

/// All objects that the unit makes anywhere, by environment, in the order of their first appearance.
fn variants<'a>(environments: &'a [Vec<Object>], placement: &Placement) -> Vec<Vec<Option<&'a Object>>> {
    let mut order: Vec<Vec<Option<&Object>>> = Vec::new();
    let mut known: FxHashMap<Identity, usize> = FxHashMap::default();
    for (environment, objects) in environments.iter().enumerate() {
        for object in objects {
            let identity = Identity {
                api_version: object.api_version.clone(),
                kind: object.kind.clone(),
                name: object.name.clone(),
                namespace: placement.written(object).cloned(),
                generated: kustomize::is_generated(object),
            };
            let at = *known.entry(identity).or_insert_with(|| {
                order.push(vec![None; environments.len()]);
                order.len() - 1
            });
            order[at][environment] = Some(object);
        }
    }
    order
}

/// Where an object is introduced. What some environments lack is not in the base: taking it away there would need a
/// strategic merge patch, the first of which costs Kustomize more than all else that it does.
fn home(variants: &[Option<&Object>], plainest: usize, is_generated: bool) -> Home {
    // The plainest environment's values are the base's where there is no majority.
    let from_plainest = (0..variants.len()).map(|at| (at + plainest) % variants.len());
    let present: Vec<&Object> = from_plainest.filter_map(|at| variants[at]).collect();
    let Some(object) = shared_object(&present, is_generated) else { return Home::Overlay };
    if present.len() == variants.len() {
        return Home::Base(object);
    }
    if present.len() == 1 {
        return Home::Overlay;
    }
    let set = variants.iter().enumerate().filter(|(_, object)| object.is_some()).map(|(at, _)| at).collect();
    Home::Shared(set, object)
}

/// What environments share of an object; none where a patch could not make of it what each of them wants.
fn shared_object(variants: &[&Object], is_generated: bool) -> Option<Object> {
    let first = *variants.first()?;
    let maps: Vec<&Map> = variants.iter().map(|object| &*object.fields).collect();
    let fields = if all_same_maps(&maps) {
        first.fields.clone()
    } else if is_generated {
        Rc::new(generator::common(variants))
    } else if variants.iter().all(|object| survives_patching(object)) {
        Rc::new(common_map(&maps))
    } else {
        return None;
    };
    Some(Object { fields, ..first.clone() })
}

fn survives_patching(object: &Object) -> bool {
    object.fields.entries().iter().all(|entry| kustomize::survives_json(&entry.value))
}

/// Label and kind; where that is taken, the object's name too, then its namespace.
pub fn file_wishes(object: &Object) -> Vec<String> {
    let kind = object.kind.to_ascii_lowercase();
    let namespace = object.namespace.as_deref().unwrap_or("cluster");
    let label = if object.label.is_empty() { &object.name } else { &object.label };
    // Nobody needs to be told twice that an Ingress is one.
    let says_kind = label.strip_suffix(&*kind).is_some_and(|rest| rest.is_empty() || rest.ends_with('-'));
    let label = if says_kind { label.to_string() } else { format!("{label}-{kind}") };
    [label.clone(), format!("{label}-{}", object.name), format!("{label}-{}-{namespace}", object.name)]
        .iter()
        .map(|wish| file_name(wish))
        .collect()
}

fn directory_wishes(object: &Object) -> Vec<String> {
    let label = if object.label.is_empty() { &object.name } else { &object.label };
    vec![file_name(label), file_name(&format!("config-{label}")), file_name(&format!("config-{label}-{}", object.name))]
}
