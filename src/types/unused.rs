//! Names that nothing uses: imports, `let`s, and what the root module declares for itself.
//!
//! Resolution notes which declarations it was led to. Only a program without errors is looked at: a misspelt use is one
//! mistake, and not two.

use super::tables::Definition;
use super::{Checker, GlobalDecl};
use crate::diagnostic::{Code, Diagnostic};
use crate::modules::ModuleId;
use crate::source::Span;
use crate::syntax::ast::{self, Item};
use rustc_hash::FxHashSet;
use std::cell::RefCell;

/// The declarations that are used, by the places of their names, of imports by the whole place; and the `let`s in
/// blocks, functions and components.
#[derive(Debug, Default)]
pub struct Uses<'a> {
    // Resolution looks at the tables and is no change to them.
    used: RefCell<FxHashSet<Span>>,
    inner: Vec<&'a ast::Name>,
}

impl<'a> Uses<'a> {
    /// Notes that what is declared there is used.
    pub fn mark(&self, declared: Span) {
        self.used.borrow_mut().insert(declared);
    }

    /// Takes a `let` that is known in a part of a file only.
    pub fn declare(&mut self, name: &'a ast::Name) {
        self.inner.push(name);
    }

    fn lacks(&self, name: &ast::Name) -> bool {
        !name.text.starts_with('_') && !self.used.borrow().contains(&name.span)
    }
}

impl Checker<'_> {
    pub(super) fn report_unused(&mut self) {
        if self.sink.has_errors() || self.modules.list.is_empty() {
            return;
        }
        let mut found = self.unused_imports();
        for name in &self.uses.inner {
            if self.uses.lacks(name) && !crate::modules::is_standard(&self.files.get(name.span.file).name) {
                found.push(unused(&format!("`{}` is never used", name.text), name.span, &name.text));
            }
        }
        // A program without environments is a library, and all that it declares is there for others.
        if !self.program.environments.is_empty() {
            found.extend(self.unused_at_root());
        }
        for diagnostic in found {
            self.sink.report(diagnostic);
        }
    }

    fn unused_at_root(&self) -> Vec<Diagnostic> {
        let root = self.modules.root();
        let is_lacking = |name: &ast::Name| self.uses.lacks(name);
        let mut found = Vec::new();
        for global in self.globals.iter().filter(|global| global.module == root) {
            let name = global.declared.name();
            if is_lacking(name) {
                found.push(match global.declared {
                    GlobalDecl::Let(_) => unused(&format!("`{}` is never used", name.text), name.span, &name.text),
                    GlobalDecl::Param(_) => unread(name),
                });
            }
        }
        for function in self.functions.iter().filter(|function| function.module == root) {
            let name = &function.declared.name;
            if is_lacking(name) {
                found.push(unused(&format!("`{}` is never called", name.text), name.span, &name.text));
            }
        }
        found
    }

    fn unused_imports(&self) -> Vec<Diagnostic> {
        let brings_kinds = self.modules_with_kinds();
        let used = self.uses.used.borrow();
        let modules = self.modules.list.iter().filter(|module| !module.is_standard());
        let mut imports: Vec<_> = modules.flat_map(|module| module.imports.values().flatten()).collect();
        imports.sort_by_key(|import| import.span);
        let (named, mut others): (Vec<_>, Vec<_>) = imports.into_iter().partition(|import| used.contains(&import.span));
        // Rules hold wherever their module is part of the program: one import is enough, and none is needed for them
        // where another is needed for names.
        let with_rules = self.modules_with_rules();
        let mut part: FxHashSet<ModuleId> = named.iter().map(|import| import.module).collect();
        others.retain(|import| {
            let needed = with_rules[import.module.0 as usize] && part.insert(import.module);
            !needed && !brings_kinds.contains(&import.module)
        });
        let unused = others.into_iter().map(|import| {
            let message = format!("nothing in this file uses `{}`", import.name);
            let help = "take the import away".to_owned();
            Diagnostic::warning(Code::Unused, message, import.span).help(help)
        });
        unused.collect()
    }

    /// The modules that declare kinds, or import such: kinds are known in the whole program, and used without the
    /// module's name.
    fn modules_with_kinds(&self) -> FxHashSet<ModuleId> {
        let mut with_kinds = FxHashSet::default();
        // Imported modules come before those that import them.
        for (id, module) in (0..).map(ModuleId).zip(&self.modules.list) {
            let mut items = module.files.iter().flat_map(|file| &file.items);
            if items.any(|item| matches!(item, Item::Kind(_) | Item::ApiType(_)))
                || module.imports.values().flatten().any(|import| with_kinds.contains(&import.module))
            {
                with_kinds.insert(id);
            }
        }
        with_kinds
    }

    /// What a name at the top of a module stands for; a use of it.
    pub(super) fn use_of(&self, module: ModuleId, name: &str) -> Option<(Definition, Span)> {
        let found = self.tables[module.0 as usize].names.get(name).copied();
        if let Some((_, declared)) = found {
            self.uses.mark(declared);
        }
        found
    }
}

fn unused(message: &str, at: Span, name: &str) -> Diagnostic {
    let help = format!("take it away, or call it `_{name}` if it is meant to stay");
    Diagnostic::warning(Code::Unused, message, at).help(help)
}

fn unread(name: &ast::Name) -> Diagnostic {
    let text = &name.text;
    let message = format!("nothing reads the param `{text}`");
    let help =
        format!("`--set {text}=…` has no effect: take the param away, or call it `_{text}` if it is meant to stay");
    Diagnostic::warning(Code::Unused, message, name.span).help(help)
}
