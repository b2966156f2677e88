//! Finds and loads the files of a program: the root module, what it imports, the standard library.

mod standard;
mod uses;

pub use standard::{WithStandard, is_standard, modules as standard_modules};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, nearest};
use crate::host::{Entry, Host, normal_path};
use crate::source::{FileId, Files, Span};
use crate::syntax::{self, ast};
use rayon::prelude::*;
use std::collections::HashMap;

/// An index into [`Modules::list`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub u32);

/// The files of one directory, or one file by itself.
#[derive(Debug)]
pub struct Module {
    /// The directory, relative to the project's root; `std:NAME` for the standard library's.
    pub path: String,
    /// Its files, in the order of their names.
    pub files: Vec<ast::File>,
    /// What each file imports: the name it is known by, the module, and the place.
    pub imports: HashMap<FileId, Vec<Imported>>,
    /// Names of imports that could not be loaded, which was reported.
    pub broken: Vec<(FileId, Box<str>)>,
}

impl Module {
    /// Whether it belongs to the standard library.
    #[must_use]
    pub fn is_standard(&self) -> bool {
        self.path.starts_with(standard::PREFIX)
    }
}

/// An import of a file.
#[derive(Debug)]
pub struct Imported {
    /// The name it is known by.
    pub name: Box<str>,
    /// The module.
    pub module: ModuleId,
    /// Where it is imported.
    pub span: Span,
}

/// All modules of a program.
#[derive(Debug, Default)]
pub struct Modules {
    /// Imported ones before those that import them; the root is the last.
    pub list: Vec<Module>,
}

impl Modules {
    /// The module that the command line named.
    #[must_use]
    pub fn root(&self) -> ModuleId {
        ModuleId(u32::try_from(self.list.len().saturating_sub(1)).unwrap_or(u32::MAX))
    }

    /// A module.
    #[must_use]
    pub fn get(&self, id: ModuleId) -> &Module {
        &self.list[id.0 as usize]
    }
}

/// Which files make the root module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootModule {
    /// All `.flink` files of a directory, relative to the project's root.
    Directory(String),
    /// One file.
    File(String),
}

/// More than this in one module is a mistake, such as the root of a file system.
const MOST_FILES: usize = 20_000;
/// Bytes of the longest source. Its tree takes some hundred times as many; long tables belong into data files.
pub const LONGEST_SOURCE: usize = 4 << 20;

/// Loads the root module and all that it imports. What cannot be loaded is reported and missing.
pub fn load(host: &dyn Host, root: &RootModule, files: &mut Files, sink: &mut Diagnostics) -> Modules {
    let mut loader = Loader { host, files, sink, modules: Modules::default(), known: HashMap::new(), open: Vec::new() };
    match root {
        RootModule::Directory(path) => {
            let names = loader.flink_files(path);
            if names.is_empty() && !loader.sink.has_errors() {
                let message = "there are no `.flink` files here";
                let diagnostic = Diagnostic::global(Code::Unreadable, message);
                loader.sink.report(diagnostic.help("`flinkc init` writes a small project that builds".to_string()));
            }
            loader.module(path, names);
        }
        RootModule::File(path) => {
            let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
            loader.module(directory, vec![path.clone()]);
        }
    }
    loader.kinds();
    loader.modules
}

/// The name that an import goes by in its file.
fn known_as(import: &ast::Import) -> Option<Box<str>> {
    let last = match &import.module {
        ast::ModulePath::Standard(dotted) => dotted.parts.last().map(|part| part.text.clone()),
        ast::ModulePath::Relative { path, .. } => path.rsplit('/').next().map(Into::into),
    };
    import.alias.as_ref().map(|alias| alias.text.clone()).or(last)
}

/// The name that an import of the standard library would go by, were its path not misspelt.
fn meant(import: &ast::Import) -> Option<Box<str>> {
    let ast::ModulePath::Standard(dotted) = &import.module else { return None };
    let last = &dotted.parts.last()?.text;
    let names = standard::modules().iter().filter_map(|path| path.rsplit('/').next());
    nearest(last, names).filter(|_| import.alias.is_none()).map(Into::into)
}

struct Loader<'a> {
    host: &'a dyn Host,
    files: &'a mut Files,
    sink: &'a mut Diagnostics,
    modules: Modules,
    // None while its imports are being loaded.
    known: HashMap<String, Option<ModuleId>>,
    // The modules being loaded, outermost first, with the import that led into each but the first.
    open: Vec<(String, Option<Span>)>,
}

impl Loader<'_> {
    /// The paths of a directory's `.flink` files, sorted.
    fn flink_files(&mut self, path: &str) -> Vec<String> {
        let entries = match self.host.list(path) {
            Ok(entries) => entries,
            Err(error) => {
                self.sink.report(Diagnostic::global(Code::Unreadable, error.to_string()));
                return Vec::new();
            }
        };
        let names = entries
            .into_iter()
            .filter(|(name, entry)| *entry == Entry::File && name.ends_with(".flink") && !name.starts_with('.'));
        let mut paths: Vec<String> =
            names.map(|(name, _)| if path.is_empty() { name } else { format!("{path}/{name}") }).collect();
        if paths.len() > MOST_FILES {
            let message = format!("`{path}` holds {} `.flink` files; a module has at most {MOST_FILES}", paths.len());
            self.sink.report(Diagnostic::global(Code::Limit, message));
            paths.truncate(MOST_FILES);
        }
        paths
    }

    fn module(&mut self, path: &str, names: Vec<String>) -> ModuleId {
        self.known.insert(path.to_string(), None);
        if self.open.is_empty() {
            self.open.push((path.to_string(), None));
        }
        let read: Vec<FileId> = names.iter().filter_map(|name| self.read(name)).collect();
        let files = self.parse(&read);
        let mut imports = HashMap::new();
        let mut broken = Vec::new();
        for file in &files {
            let of_file: Vec<Imported> = file
                .items
                .iter()
                .filter_map(|item| match item {
                    ast::Item::Import(import) => {
                        let imported = self.import(path, import);
                        if imported.is_none() {
                            let names = known_as(import).into_iter().chain(meant(import));
                            broken.extend(names.map(|name| (file.id, name)));
                        }
                        imported
                    }
                    _ => None,
                })
                .collect();
            imports.insert(file.id, of_file);
        }
        let id = ModuleId(u32::try_from(self.modules.list.len()).unwrap_or(u32::MAX));
        self.modules.list.push(Module { path: path.to_string(), files, imports, broken });
        self.known.insert(path.to_string(), Some(id));
        id
    }

    /// Loads what the standard library has of the API versions that the program speaks of: a kind needs no import, as a
    /// resource names it with its group.
    fn kinds(&mut self) {
        let wanted: Vec<(String, String)> =
            uses::api_versions(&self.modules).into_iter().filter_map(standard::kinds_of).collect();
        let root = self.modules.list.pop();
        for (module, file) in wanted {
            let read: Vec<FileId> = self.read(&file).into_iter().collect();
            let files = self.parse(&read);
            self.modules.list.push(Module { path: module, files, imports: HashMap::new(), broken: Vec::new() });
        }
        // The root stays the last.
        self.modules.list.extend(root);
    }

    fn read(&mut self, path: &str) -> Option<FileId> {
        let bytes = match self.host.read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.sink.report(Diagnostic::global(Code::Unreadable, error.to_string()));
                return None;
            }
        };
        if bytes.len() > LONGEST_SOURCE {
            let message = format!("`{path}` is larger than {} MiB", LONGEST_SOURCE >> 20);
            let help =
                "split it into several files, or keep tables as YAML or JSON: `data(\"table.yaml\")`".to_string();
            self.sink.report(Diagnostic::global(Code::Limit, message).help(help));
            return None;
        }
        match String::from_utf8(bytes) {
            Ok(text) => Some(self.files.add(path, text)),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let message = format!("`{path}` is not UTF-8: byte {at} begins no character");
                let help = "save the file as UTF-8".to_string();
                self.sink.report(Diagnostic::global(Code::Unreadable, message).help(help));
                None
            }
        }
    }

    /// Parses files on all cores: no file's tree depends on another's, and parsing takes most of a small program's time.
    /// Trees and diagnostics come in the order of the files.
    fn parse(&mut self, read: &[FileId]) -> Vec<ast::File> {
        let files = &*self.files;
        let parse = |id: &FileId| {
            let mut sink = Diagnostics::default();
            (syntax::parse(*id, &files.get(*id).text, &mut sink), sink)
        };
        let parsed: Vec<(ast::File, Diagnostics)> = match read {
            // Threads are not worth their start.
            [] | [_] => read.iter().map(parse).collect(),
            _ => read.par_iter().map(parse).collect(),
        };
        parsed
            .into_iter()
            .map(|(file, found)| {
                self.sink.extend(found);
                file
            })
            .collect()
    }

    fn import(&mut self, importer: &str, import: &ast::Import) -> Option<Imported> {
        let (path, last, span) = match &import.module {
            ast::ModulePath::Standard(dotted) => {
                (self.standard(dotted)?, dotted.parts.last()?.text.clone(), dotted.span)
            }
            ast::ModulePath::Relative { path, span } => {
                let normal = self.relative(importer, path, *span)?;
                let last = normal.rsplit('/').next().unwrap_or_default().into();
                (normal, last, *span)
            }
        };
        let module = self.enter(&path, span)?;
        let name = import.alias.as_ref().map_or(last, |alias| alias.text.clone());
        Some(Imported { name, module, span: import.span })
    }

    fn standard(&mut self, dotted: &ast::Dotted) -> Option<String> {
        let parts: Vec<&str> = dotted.parts.iter().map(|part| &*part.text).collect();
        let path = match parts.as_slice() {
            ["std", rest @ ..] if !rest.is_empty() => rest.join("/"),
            _ => {
                let message = format!("`{}` is no module of the standard library", parts.join("."));
                let help = "the standard library's modules begin with `std.`; one of your own is imported by its \
                            path in quotes: `import \"../lib/house\"`";
                self.sink.report(Diagnostic::error(Code::UnknownModule, message, dotted.span).help(help.to_string()));
                return None;
            }
        };
        if !standard::modules().contains(&path.as_str()) {
            let message = format!("the standard library has no module `{}`", parts.join("."));
            let names: Vec<String> =
                standard::modules().iter().map(|name| format!("std.{}", name.replace('/', "."))).collect();
            let diagnostic = Diagnostic::error(Code::UnknownModule, message, dotted.span)
                .help(format!("it has {}", names.join(", ")))
                .suggest(&parts.join("."), dotted.span, names.iter().map(String::as_str));
            self.sink.report(diagnostic);
            return None;
        }
        Some(format!("{}{path}", standard::PREFIX))
    }

    fn relative(&mut self, importer: &str, path: &str, span: Span) -> Option<String> {
        let Some(normal) = normal_path(importer, path) else {
            let message = format!("`{path}` lies outside the project");
            let help = "modules are directories below the project's root, named relative to the importing file";
            self.sink.report(Diagnostic::error(Code::UnknownModule, message, span).help(help.to_string()));
            return None;
        };
        Some(normal)
    }

    /// The module of a path, loaded if it is not yet; `None` where it is not there or would import itself.
    fn enter(&mut self, path: &str, span: Span) -> Option<ModuleId> {
        match self.known.get(path) {
            Some(Some(id)) => return Some(*id),
            Some(None) => {
                self.cycle(path, span);
                return None;
            }
            None => {}
        }
        let names = match self.host.list(path) {
            Ok(_) => self.flink_files(path),
            Err(error) => {
                let message = format!("there is no module here: {error}");
                self.sink.report(Diagnostic::error(Code::UnknownModule, message, span));
                self.known.remove(path);
                return None;
            }
        };
        if names.is_empty() {
            let message = format!("there are no `.flink` files in `{path}`");
            self.sink.report(Diagnostic::error(Code::UnknownModule, message, span));
            return None;
        }
        if self.open.len() > 100 {
            let message = "imports go deeper than 100 modules";
            self.sink.report(Diagnostic::error(Code::Limit, message, span));
            return None;
        }
        self.open.push((path.to_string(), Some(span)));
        let id = self.module(path, names);
        self.open.pop();
        Some(id)
    }

    fn cycle(&mut self, path: &str, span: Span) {
        let start = self.open.iter().position(|(open, _)| open == path).unwrap_or(0);
        let shown = |path: &str| if path.is_empty() { ".".to_string() } else { path.to_string() };
        let chain: Vec<String> = self.open[start..].iter().map(|(path, _)| shown(path)).collect();
        let message = format!("modules import each other: {} → {}", chain.join(" → "), shown(path));
        let mut diagnostic = Diagnostic::error(Code::Cycle, message, span).label("this import closes the circle");
        for (open, import) in &self.open[start..] {
            if let Some(import) = import.filter(|_| open != path) {
                diagnostic = diagnostic.also(import, format!("`{}` is imported here", shown(open)));
            }
        }
        let help = "move what both need into a module of its own";
        self.sink.report(diagnostic.help(help.to_string()));
    }
}
