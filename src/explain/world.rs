//! The declarations of a program, by name.

use super::Location;
use crate::modules::{Module, ModuleId, Modules};
use crate::schema::Api;
use crate::source::{FileId, Files, Span};
use crate::syntax::ast::{self, Dotted, Item, TypeExpr};

/// A program as it was loaded, perhaps with mistakes.
#[derive(Debug)]
pub struct World {
    /// Its modules.
    pub modules: Modules,
    /// Its texts.
    pub files: Files,
    /// The types that its objects can have.
    pub api: Api,
}

/// A declaration at the top of a module.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'w> {
    pub module: ModuleId,
    pub file: FileId,
    pub item: &'w Item,
}

/// A type where it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'w> {
    pub module: ModuleId,
    pub file: FileId,
    pub ty: &'w TypeExpr,
}

impl World {
    /// The environments that the root module declares.
    pub fn environments(&self) -> impl Iterator<Item = &str> {
        let items = self.items(self.modules.root());
        items.filter_map(|(_, item)| match item {
            Item::Environment(environment) => Some(&*environment.name.text),
            _ => None,
        })
    }

    /// The params of all modules.
    pub fn params(&self) -> impl Iterator<Item = &ast::Param> {
        let items = self.modules.list.iter().flat_map(|module| &module.files).flat_map(|file| &file.items);
        items.filter_map(|item| match item {
            Item::Param(param) => Some(param),
            _ => None,
        })
    }

    fn module(&self, id: ModuleId) -> Option<&Module> {
        self.modules.list.get(id.0 as usize)
    }

    fn items(&self, module: ModuleId) -> impl Iterator<Item = (FileId, &Item)> {
        let files = self.module(module).map(|module| module.files.as_slice()).unwrap_or_default();
        files.iter().flat_map(|file| file.items.iter().map(|item| (file.id, item)))
    }

    /// The policies of all modules.
    pub(super) fn policies(&self) -> impl Iterator<Item = &ast::Policy> {
        let items = self.modules.list.iter().flat_map(|module| &module.files).flat_map(|file| &file.items);
        items.filter_map(|item| match item {
            Item::Policy(policy) => Some(policy),
            _ => None,
        })
    }

    /// A declaration of a module that has a name which `explain` knows.
    pub(super) fn declared(&self, module: ModuleId, name: &str) -> Option<Found<'_>> {
        self.items(module).find(|(_, item)| name_of(item) == Some(name)).map(|(file, item)| Found {
            module,
            file,
            item,
        })
    }

    /// The module that the files of another know by a name; in one file, or in any.
    pub(super) fn imported(&self, module: ModuleId, file: Option<FileId>, name: &str) -> Option<ModuleId> {
        let mut imports: Vec<_> = self.module(module)?.imports.iter().collect();
        // The order of a hash map must not decide.
        imports.sort_by_key(|(file, _)| **file);
        let own = imports.into_iter().filter(|(id, _)| file.is_none_or(|file| file == **id));
        own.flat_map(|(_, imports)| imports).find(|import| &*import.name == name).map(|import| import.module)
    }

    /// What a dotted name stands for in a file.
    pub(super) fn resolve(&self, module: ModuleId, file: FileId, name: &Dotted) -> Option<Found<'_>> {
        match name.parts.as_slice() {
            [only] => self.declared(module, &only.text),
            [outer, inner] => self.declared(self.imported(module, Some(file), &outer.text)?, &inner.text),
            _ => None,
        }
    }

    /// The names that `explain` knows from the root module: its own, and those of what it imports.
    pub(super) fn names(&self) -> Vec<String> {
        let root = self.modules.root();
        let mut names: Vec<String> =
            self.items(root).filter_map(|(_, item)| name_of(item)).map(str::to_owned).collect();
        let Some(module) = self.module(root) else { return names };
        for import in module.imports.values().flatten() {
            let inner = self.items(import.module).filter_map(|(_, item)| name_of(item));
            names.extend(inner.map(|name| format!("{}.{name}", import.name)));
        }
        names.sort();
        names.dedup();
        names
    }

    pub(super) fn location(&self, span: Span) -> Location {
        Location::of(&self.files, span)
    }

    /// Source text on one line.
    #[must_use]
    pub fn source(&self, span: Span) -> String {
        self.files.text(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// The name of a declaration that has a page.
fn name_of(item: &Item) -> Option<&str> {
    let name: &ast::Name = match item {
        Item::Param(param) => &param.name,
        Item::Let(value) => &value.name,
        Item::Function(function) => &function.name,
        Item::TypeAlias(alias) => &alias.name,
        Item::Schema(schema) => &schema.name,
        Item::Component(component) => &component.name,
        Item::Import(_)
        | Item::Environment(_)
        | Item::Group(_)
        | Item::Kind(_)
        | Item::ApiType(_)
        | Item::Policy(_)
        | Item::Change(_)
        | Item::Resource(_)
        | Item::Instance(_)
        | Item::External(_)
        | Item::When(_)
        | Item::If(_)
        | Item::For(_)
        | Item::Check(_)
        | Item::Include(_)
        | Item::Topic(_) => return None,
    };
    Some(&name.text)
}
