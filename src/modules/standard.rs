//! The standard library, embedded in the binary, as a part of the files that a program can read.

use crate::host::{Entry, Host};
use include_dir::{Dir, DirEntry, include_dir};
use std::io;
use std::sync::OnceLock;

/// What the paths of the standard library begin with. No path of a project does: `:` is not portable in names.
pub(super) const PREFIX: &str = "std:";

/// Whether a file is the standard library's, which no user can change.
#[must_use]
pub fn is_standard(path: &str) -> bool {
    path.starts_with(PREFIX)
}

/// Where the kinds of custom resources lie: in a directory a group, in a file a version.
const KINDS: &str = "kinds";

/// The module and the file that declare what the standard library has of an API version; none where it has nothing.
pub(super) fn kinds_of(api_version: &str) -> Option<(String, String)> {
    let (group, _) = api_version.split_once('/')?;
    let file = format!("{KINDS}/{api_version}.flink");
    STANDARD.get_file(&file)?;
    Some((format!("{PREFIX}{KINDS}/{group}"), format!("{PREFIX}{file}")))
}

static STANDARD: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/stdlib");

/// The names of the standard library's modules, such as `flink`.
#[must_use]
pub fn modules() -> &'static [&'static str] {
    static NAMES: OnceLock<Vec<&'static str>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names = Vec::new();
        collect(&STANDARD, &mut names);
        names.sort_unstable();
        names
    })
}

fn collect(directory: &'static Dir<'static>, names: &mut Vec<&'static str>) {
    if directory.files().any(|file| file.path().extension().is_some_and(|extension| extension == "flink")) {
        names.extend(directory.path().to_str());
    }
    // Kinds are known without an import.
    for inner in directory.dirs().filter(|inner| inner.path().as_os_str() != KINDS) {
        collect(inner, names);
    }
}

/// A host that also has the standard library's files, under names that begin with `std:`.
pub struct WithStandard<'a>(pub &'a dyn Host);

impl Host for WithStandard<'_> {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        match path.strip_prefix(PREFIX) {
            Some(inner) => match STANDARD.get_file(inner) {
                Some(file) => Ok(file.contents().to_vec()),
                None => Err(not_found()),
            },
            None => self.0.read(path),
        }
    }

    fn list(&self, path: &str) -> io::Result<Vec<(String, Entry)>> {
        let Some(inner) = path.strip_prefix(PREFIX) else { return self.0.list(path) };
        let directory = STANDARD.get_dir(inner).ok_or_else(not_found)?;
        let mut names: Vec<(String, Entry)> = directory
            .entries()
            .iter()
            .filter_map(|entry| {
                let name = entry.path().file_name()?.to_str()?.to_string();
                Some(match entry {
                    DirEntry::Dir(_) => (name, Entry::Directory),
                    DirEntry::File(_) => (name, Entry::File),
                })
            })
            .collect();
        names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(names)
    }
}

fn not_found() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "the standard library has no such file")
}
