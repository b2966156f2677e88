//! What a place in the source belongs to: which declaration, which `when`.

use crate::diagnostic::Diagnostics;
use crate::source::{FileId, Files, Span};
use crate::syntax::ast::{Block, Entry, File, Item, LabelName, Name};
use crate::syntax::parse;
use std::collections::HashMap;

/// The trees of the files that were asked about.
#[derive(Debug, Default)]
pub(super) struct Contexts {
    trees: HashMap<FileId, File>,
}

/// What a place belongs to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Context {
    /// The outermost declaration.
    pub declaration: Declaration,
    /// The environments of the `when` around it, within the declaration.
    pub when: Vec<String>,
    /// Whether an `override` is around it.
    pub overriding: bool,
    /// The innermost resource or instance around it, such as `resource web`.
    pub object: Option<String>,
}

/// A declaration at the top of a file.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) enum Declaration {
    /// None of the others.
    #[default]
    Other,
    /// With its name.
    Schema(String),
    /// With its name.
    Function(String),
    /// With its name.
    Component(String),
    /// With its name.
    Let(String),
    /// With its name.
    Param(String),
    /// An object or an instance.
    Object,
}

impl Context {
    /// The layer that a setting in it belongs to, as users know it.
    pub fn layer(&self) -> String {
        let when = if self.when.is_empty() { String::new() } else { format!("when {}", self.when.join(", ")) };
        let (base, when) = match &self.declaration {
            Declaration::Schema(name) => (format!("default of {name}"), when),
            Declaration::Function(name) => (format!("fn {name}"), when),
            Declaration::Component(name) => (format!("component {name}"), when),
            Declaration::Let(name) => (format!("let {name}"), when),
            Declaration::Param(name) => (format!("default of {name}"), when),
            Declaration::Object | Declaration::Other if self.overriding => ("override".to_owned(), when),
            Declaration::Object | Declaration::Other if when.is_empty() => ("declaration".to_owned(), when),
            Declaration::Object | Declaration::Other => (when, String::new()),
        };
        if when.is_empty() { base } else { format!("{base}, {when}") }
    }
}

impl Contexts {
    /// What a place belongs to.
    pub fn of(&mut self, span: Span, files: &Files) -> Context {
        // What is wrong with the text was told when it was compiled.
        let parsed = || parse(span.file, &files.get(span.file).text, &mut Diagnostics::default());
        let tree = self.trees.entry(span.file).or_insert_with(parsed);
        let mut search = Search { span, found: Context::default() };
        search.items(&tree.items, true);
        search.found
    }
}

struct Search {
    span: Span,
    found: Context,
}

impl Search {
    fn holds(&self, span: Span) -> bool {
        span.contains(self.span)
    }

    fn items(&mut self, items: &[Item], top: bool) {
        for item in items {
            self.item(item, top);
        }
    }

    fn item(&mut self, item: &Item, top: bool) {
        let declares = |search: &mut Search, declaration| {
            if top {
                search.found.declaration = declaration;
            }
        };
        match item {
            Item::Param(param) if self.holds(param.span) => declares(self, Declaration::Param(text(&param.name))),
            Item::Let(value) if self.holds(value.span) => declares(self, Declaration::Let(text(&value.name))),
            Item::Function(function) if self.holds(function.span) => {
                declares(self, Declaration::Function(text(&function.name)));
            }
            Item::Schema(schema) if self.holds(schema.span) => {
                declares(self, Declaration::Schema(text(&schema.name)));
            }
            Item::Component(component) if self.holds(component.span) => {
                declares(self, Declaration::Component(text(&component.name)));
                self.items(&component.items, false);
            }
            Item::Resource(resource) if self.holds(resource.span) => {
                declares(self, Declaration::Object);
                self.found.object = Some(format!("{} {}", resource.kind.text, label(&resource.label)));
                self.block(&resource.body);
            }
            Item::Instance(instance) if self.holds(instance.span) => {
                declares(self, Declaration::Object);
                let component: Vec<&str> = instance.component.parts.iter().map(|part| &*part.text).collect();
                self.found.object = Some(format!("{} {}", component.join("."), label(&instance.label)));
                self.block(&instance.body);
            }
            Item::When(when) if self.holds(when.span) => self.items(&when.then, top),
            Item::If(branch) if self.holds(branch.span) => {
                self.items(&branch.then, top);
                self.items(&branch.otherwise, top);
            }
            Item::For(repeated) if self.holds(repeated.span) => self.items(&repeated.each, top),
            Item::Import(_)
            | Item::Param(_)
            | Item::Environment(_)
            | Item::Group(_)
            | Item::Let(_)
            | Item::Function(_)
            | Item::TypeAlias(_)
            | Item::Schema(_)
            | Item::Component(_)
            | Item::Resource(_)
            | Item::Instance(_)
            | Item::External(_)
            | Item::When(_)
            | Item::If(_)
            | Item::For(_)
            | Item::Check(_)
            | Item::Include(_)
            | Item::Topic(_)
            | Item::Kind(_)
            | Item::ApiType(_)
            | Item::Policy(_)
            | Item::Change(_) => {}
        }
    }

    fn block(&mut self, block: &Block) {
        self.entries(&block.entries);
    }

    fn entries(&mut self, entries: &[Entry]) {
        for entry in entries {
            match entry {
                Entry::Open { block, .. } if self.holds(block.span) => self.block(block),
                Entry::Override { block, span, .. } if self.holds(*span) => {
                    self.found.overriding = true;
                    self.block(block);
                }
                Entry::When(when) if self.holds(when.span) => {
                    self.found.when = when.environments.iter().map(text).collect();
                    self.entries(&when.then);
                }
                Entry::If(branch) if self.holds(branch.span) => {
                    self.entries(&branch.then);
                    self.entries(&branch.otherwise);
                }
                Entry::For(repeated) if self.holds(repeated.span) => self.entries(&repeated.each),
                Entry::Set { .. }
                | Entry::Open { .. }
                | Entry::Unset { .. }
                | Entry::Spread { .. }
                | Entry::Let(_)
                | Entry::When(_)
                | Entry::If(_)
                | Entry::For(_)
                | Entry::Override { .. } => {}
            }
        }
    }
}

fn text(name: &Name) -> String {
    name.text.to_string()
}

/// A label as it is written, where it is not computed.
fn label(label: &LabelName) -> String {
    match label {
        LabelName::Name(name) => name.text.to_string(),
        LabelName::Computed(_) => "…".to_owned(),
    }
}
