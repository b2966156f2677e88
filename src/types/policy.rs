//! What must hold of every object of a kind.

use super::Checker;
use super::cx::Cx;
use super::schemas::Derived;
use super::ty::Type;
use crate::core;
use crate::modules::ModuleId;
use crate::syntax::ast;
use rustc_hash::{FxHashMap, FxHashSet};

/// A policy, and whose.
pub struct PolicyInfo<'a> {
    pub module: ModuleId,
    pub declared: &'a ast::Policy,
}

/// A kind that a rule is about.
pub struct Ruled {
    /// The full name of its definition.
    pub definition: Box<str>,
    namespaced: bool,
}

impl Ruled {
    /// The variable that a rule has for an object. What no finished object lacks is known to be there.
    pub fn variable<'a>(&self, cx: &mut Cx<'a>, name: &'a ast::Name) -> core::Slot {
        let always = [".apiVersion", ".kind", ".metadata", ".metadata.name"];
        let always = always.into_iter().chain(self.namespaced.then_some(".metadata.namespace"));
        cx.assume(always.map(|path| format!("{}{path}", name.text)).collect());
        cx.variable(name, Type::Definition((&*self.definition).into()))
    }
}

/// An API version and a kind.
type Kind<'a> = (&'a str, &'a str);

impl<'a> Checker<'a> {
    pub(super) fn check_policies(&mut self) {
        for number in 0..self.policies.len() {
            let PolicyInfo { module, declared } = self.policies[number];
            let mut cx = Cx::new(module, None);
            let Some(kind) = self.ruled_kind(&declared.api_version, &declared.kind) else { continue };
            let object = kind.variable(&mut cx, &declared.variable);
            let requirements = self.requirements(&mut cx, &declared.requirements, &mut Derived::default());
            self.program.policies.push(core::Policy {
                api_version: declared.api_version.text.clone(),
                kind: declared.kind.text.clone(),
                definition: kind.definition,
                object,
                slots: cx.slots,
                requirements,
            });
        }
    }

    /// The kind that a rule is about; an unknown one is reported.
    pub(super) fn ruled_kind(&mut self, version: &ast::Name, kind: &ast::Name) -> Option<Ruled> {
        let known = self.api.kind(&version.text, &kind.text);
        let ruled = known.map(|kind| Ruled { definition: kind.definition.into(), namespaced: kind.namespaced });
        if ruled.is_none() {
            self.report_kind(version, kind, None);
        }
        ruled
    }

    /// For each module, in their order, whether an import of it is worth having for the rules that come with it: some
    /// resource elsewhere is of a kind that one of them is about.
    pub(super) fn modules_with_rules(&self) -> Vec<bool> {
        let count = self.modules.list.len();
        let mut rules: Vec<FxHashSet<Kind<'_>>> = vec![FxHashSet::default(); count];
        for PolicyInfo { module, declared } in &self.policies {
            rules[module.0 as usize].insert((&declared.api_version.text, &declared.kind.text));
        }
        for super::change::ChangeInfo { module, declared } in &self.changes {
            rules[module.0 as usize].insert((&declared.api_version.text, &declared.kind.text));
        }
        if rules.iter().all(FxHashSet::is_empty) {
            return vec![false; count];
        }
        let mut makers: FxHashMap<Kind<'_>, Vec<usize>> = FxHashMap::default();
        for (number, module) in self.modules.list.iter().enumerate() {
            let mut note = |resource: &'a ast::Resource| {
                makers.entry((&resource.api_version.text, &resource.kind.text)).or_default().push(number);
            };
            module.files.iter().for_each(|file| each_resource(&file.items, &mut note));
        }
        let concerned = |brought: &FxHashSet<usize>| {
            let kinds = brought.iter().flat_map(|module| &rules[*module]);
            let mut others = kinds.filter_map(|kind| makers.get(kind)).flatten();
            others.any(|maker| !brought.contains(maker))
        };
        // Imported modules come before those that import them.
        let mut brought: Vec<FxHashSet<usize>> = Vec::with_capacity(count);
        for (number, module) in self.modules.list.iter().enumerate() {
            let mut own = FxHashSet::from_iter([number]);
            for import in module.imports.values().flatten() {
                own.extend(&brought[import.module.0 as usize]);
            }
            brought.push(own);
        }
        brought.iter().map(concerned).collect()
    }
}

fn each_resource<'a>(items: &'a [ast::Item], note: &mut impl FnMut(&'a ast::Resource)) {
    for item in items {
        match item {
            ast::Item::Resource(resource) => note(resource),
            ast::Item::Component(component) => each_resource(&component.items, note),
            ast::Item::When(when) => each_resource(&when.then, note),
            ast::Item::If(branch) => {
                each_resource(&branch.then, note);
                each_resource(&branch.otherwise, note);
            }
            ast::Item::For(each) => each_resource(&each.each, note),
            ast::Item::Import(_) | ast::Item::Param(_) | ast::Item::Environment(_) | ast::Item::Group(_) => {}
            ast::Item::Let(_) | ast::Item::Function(_) | ast::Item::TypeAlias(_) | ast::Item::Schema(_) => {}
            ast::Item::Kind(_) | ast::Item::ApiType(_) | ast::Item::Policy(_) | ast::Item::Change(_) => {}
            ast::Item::Topic(_) => {}
            ast::Item::Instance(_) | ast::Item::External(_) | ast::Item::Check(_) | ast::Item::Include(_) => {}
        }
    }
}
