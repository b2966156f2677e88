//! One environment's overlay of a unit: only what differs from the base.

use super::kustomization::{Kustomization, Patch};
use super::patch::Change;
use super::unit::{Member, Plan, object_file};
use super::{Tree, images, patch, replicas};
use crate::kubernetes::Object;
use std::rc::Rc;

/// Writes the overlay of the environment at a position, into a directory of this name.
pub fn write(plan: &Plan, environment: usize, name: &str, tree: &mut Tree) {
    let directory = format!("{}/overlays/{name}", plan.directory);
    let mut overlay = Overlay {
        plan,
        environment,
        kustomization: Kustomization {
            namespace: plan.placement.of_overlay(environment).cloned(),
            ..Kustomization::default()
        },
        files: Vec::new(),
    };
    if plan.has_base() {
        overlay.kustomization.resources.push("../../base".to_owned());
    }
    overlay.add_own_objects();
    overlay.add_generators();
    overlay.add_differences();
    let Overlay { plan, environment: _, mut kustomization, files } = overlay;
    let mut inner = directory.clone();
    if kustomization.resources.is_empty() {
        // Flux marks all objects of a directory without resources with their origin, lest it look empty to it.
        inner = format!("{directory}/{GENERATED}");
        let generators = std::mem::take(&mut kustomization.generators);
        let generated = Kustomization { generators, ..Kustomization::default() };
        tree.files.insert(format!("{inner}/kustomization.yaml"), generated.to_bytes(&plan.header));
        kustomization.resources.push(GENERATED.to_owned());
    }
    tree.files.insert(format!("{directory}/kustomization.yaml"), kustomization.to_bytes(&plan.header));
    tree.files.extend(files.into_iter().map(|(path, content)| (format!("{inner}/{path}"), content)));
}

/// The directory of what is generated in an overlay that has nothing else.
const GENERATED: &str = "generated";

struct Overlay<'a> {
    plan: &'a Plan<'a>,
    environment: usize,
    kustomization: Kustomization,
    /// By path from the overlay.
    files: Vec<(String, Vec<u8>)>,
}

impl<'a> Overlay<'a> {
    /// The unit's members in this environment.
    fn members(&self) -> impl Iterator<Item = (&'a Member<'a>, &'a Object)> + use<'a> {
        let environment = self.environment;
        self.plan.members.iter().filter_map(move |member| Some((member, member.variants[environment]?)))
    }

    /// Objects that other environments have not.
    fn add_own_objects(&mut self) {
        for (member, object) in self.members() {
            if member.base.is_none() && member.generator.is_none() {
                let path = format!("resources/{}", member.file);
                let namespace = self.plan.placement.written(object);
                self.files.push((path.clone(), object_file(&self.plan.header, object, namespace)));
                self.kustomization.resources.push(path);
            }
        }
    }

    fn add_generators(&mut self) {
        for (member, object) in self.members() {
            let Some(generator) = &member.generator else { continue };
            let namespace = self.plan.placement.written(object);
            let entry = match &member.base {
                Some(base) => generator.change(base, object, namespace),
                None => Some(generator.create(object, namespace)),
            };
            if let Some(entry) = entry {
                self.kustomization.generators.push(entry.entry);
                self.files.extend(entry.files);
            }
        }
    }

    fn add_differences(&mut self) {
        let all = &self.plan.environments[self.environment];
        let mut members: Vec<&Member> = Vec::new();
        let mut changes: Vec<(&Object, Vec<Change>)> = Vec::new();
        for (member, object) in self.members() {
            if let (Some(base), None) = (&member.base, &member.generator)
                && !Rc::ptr_eq(&base.fields, &object.fields)
            {
                let mut found = patch::changes(&base.fields, &object.fields);
                self.kustomization.replicas.extend(replicas::extract(object, &mut found, all));
                members.push(member);
                changes.push((object, found));
            }
        }
        self.kustomization.images = images::extract(&mut changes, all);
        for (member, (object, changes)) in members.into_iter().zip(changes) {
            if !changes.is_empty() {
                self.add_patch(member, object, &changes);
            }
        }
    }

    fn add_patch(&mut self, member: &Member, object: &Object, changes: &[Change]) {
        let path = format!("patches/{}", member.file);
        let (group, version) = object.api_version.split_once('/').unwrap_or(("", &object.api_version));
        // No group in a target means any group; an expression that matches nothing means the core's.
        let is_ambiguous = self.plan.environments[self.environment].iter().any(|other| {
            other.kind == object.kind && other.name == object.name && other.api_version != object.api_version
        });
        let group = if group.is_empty() && is_ambiguous { "^$" } else { group };
        self.kustomization.patches.push(Patch {
            path: path.clone(),
            group: group.into(),
            version: version.into(),
            kind: object.kind.clone(),
            name: object.name.clone(),
            namespace: self.plan.placement.written(object).cloned(),
        });
        self.files.push((path, patch::to_bytes(&self.plan.header, changes)));
    }
}
