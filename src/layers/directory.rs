//! One directory of a unit: the base, what some environments share, or an environment's overlay.

use super::kustomization::{Kustomization, Patch};
use super::patch::Change;
use super::stages::{Stage, Step};
use super::unit::{Member, Plan, object_file};
use super::{Tree, images, labels, patch, replicas};
use crate::eval::value::Str;
use crate::kubernetes::Object;

/// The directory of what an overlay holds that has no resources otherwise.
pub const CONTENTS: &str = "contents";

/// A directory while it is written.
#[derive(Debug)]
pub struct Directory<'a> {
    plan: &'a Plan,
    members: &'a [Member<'a>],
    is_base: bool,
    namespace: Option<Str>,
    kustomization: Kustomization,
    /// By path from the directory.
    files: Vec<(String, Vec<u8>)>,
}

impl<'a> Directory<'a> {
    /// The base, which builds on nothing.
    pub fn base(plan: &'a Plan, members: &'a [Member<'a>]) -> Directory<'a> {
        let kustomization = Kustomization::default();
        Directory { plan, members, is_base: true, namespace: None, kustomization, files: Vec::new() }
    }

    /// A directory that builds on others.
    pub fn on(plan: &'a Plan, members: &'a [Member<'a>], others: Vec<String>, namespace: Option<Str>) -> Directory<'a> {
        let kustomization = Kustomization { resources: others, ..Kustomization::default() };
        Directory { plan, members, is_base: false, namespace, kustomization, files: Vec::new() }
    }

    /// Writes what a stage does into a directory of this path.
    pub fn write(mut self, mut stage: Stage, path: &str, tree: &mut Tree) {
        self.kustomization.labels = labels::extract(&mut stage);
        for (member, step) in self.members.iter().zip(&stage.steps) {
            match step {
                Step::Introduce(object) => self.introduce(member, object),
                Step::Change { from, to } => self.generate_otherwise(member, from, to),
                Step::Leave => {}
            }
        }
        self.add_differences(&stage);
        let Directory { plan, members: _, is_base, namespace, mut kustomization, files } = self;
        let mut inner = path.to_owned();
        if !is_base && kustomization.resources.is_empty() {
            // Flux marks all objects of a directory without resources with their origin, lest it look empty to it.
            inner = format!("{path}/{CONTENTS}");
            tree.files.insert(format!("{inner}/kustomization.yaml"), kustomization.to_bytes(&plan.header));
            kustomization = Kustomization { resources: vec![CONTENTS.to_owned()], ..Kustomization::default() };
        }
        kustomization.namespace = namespace;
        tree.files.insert(format!("{path}/kustomization.yaml"), kustomization.to_bytes(&plan.header));
        tree.files.extend(files.into_iter().map(|(file, content)| (format!("{inner}/{file}"), content)));
    }

    fn introduce(&mut self, member: &Member, object: &Object) {
        let namespace = self.plan.placement.written(object);
        if let Some(generator) = &member.generator {
            let entry = generator.create(object, namespace);
            self.kustomization.generators.push(entry.entry);
            self.files.extend(entry.files);
            return;
        }
        // The base's objects are what a reader looks for first.
        let path = if self.is_base { member.file.clone() } else { format!("resources/{}", member.file) };
        self.files.push((path.clone(), object_file(&self.plan.header, object, namespace)));
        self.kustomization.resources.push(path);
    }

    fn generate_otherwise(&mut self, member: &Member, from: &Object, to: &Object) {
        if let Some(generator) = &member.generator {
            let entry = generator.change(from, to, self.plan.placement.written(to));
            self.kustomization.generators.push(entry.entry);
            self.files.extend(entry.files);
        }
    }

    fn add_differences(&mut self, stage: &Stage) {
        let all: Vec<&Object> = stage.objects().collect();
        let mut changed: Vec<&Member> = Vec::new();
        let mut changes: Vec<(&Object, Vec<Change>)> = Vec::new();
        for (member, step) in self.members.iter().zip(&stage.steps) {
            if let (None, Step::Change { from, to }) = (&member.generator, step) {
                let mut found = patch::changes(&from.fields, &to.fields);
                self.kustomization.replicas.extend(replicas::extract(to, &mut found, &all));
                changed.push(member);
                changes.push((to, found));
            }
        }
        self.kustomization.images = images::extract(&mut changes, &all);
        for (member, (object, changes)) in changed.into_iter().zip(changes) {
            if !changes.is_empty() {
                self.add_patch(member, object, &changes);
            }
        }
    }

    fn add_patch(&mut self, member: &Member, object: &Object, changes: &[Change]) {
        let path = format!("patches/{}", member.file);
        let (group, version) = object.api_version.split_once('/').unwrap_or(("", &object.api_version));
        // No group in a target means any group; an expression that matches nothing means the core's.
        let is_ambiguous = || {
            self.members.iter().flat_map(|member| member.variants.iter().flatten()).any(|other| {
                other.kind == object.kind && other.name == object.name && other.api_version != object.api_version
            })
        };
        let group = if group.is_empty() && is_ambiguous() { "^$" } else { group };
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
