//! The files to be formatted.

use crate::host::{Host, OsHost};
use crate::modules::LONGEST_SOURCE;
use crate::write::MANIFEST;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// Bytes of the largest text.
pub(super) const LARGEST: u64 = LONGEST_SOURCE as u64;

/// A file to be formatted.
pub(super) struct Source {
    /// As the user spelt it.
    pub(super) name: String,
    /// Where it really lies: a link stays a link.
    pub(super) path: PathBuf,
}

impl Source {
    /// The text. The error is one for the user.
    pub(super) fn read(&self) -> Result<String, String> {
        let Source { name, path } = self;
        let unreadable = || format!("`{name}` cannot be read");
        let directory = path.parent().ok_or_else(unreadable)?;
        let file = path.file_name().and_then(|file| file.to_str()).ok_or_else(unreadable)?;
        // The host knows what had better not be opened, such as a pipe.
        let read = OsHost::new(directory).and_then(|host| host.read(file));
        text(name, read.map_err(|error| explain(name, &error))?)
    }
}

/// Bytes as text. The error is one for the user.
pub(super) fn text(name: &str, bytes: Vec<u8>) -> Result<String, String> {
    if bytes.len() as u64 > LARGEST {
        return Err(format!("`{name}` is larger than {} MiB", LARGEST >> 20));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        format!("`{name}` is not UTF-8: byte {at} begins no character")
    })
}

/// The files that are named, and those below the directories that are named; each once, sorted by name.
///
/// Links, hidden directories, `target` and what `build` wrote are not gone into, unless they are named. The error is one
/// for the user.
pub(super) fn find(paths: &[PathBuf]) -> Result<Vec<Source>, String> {
    let mut found: BTreeMap<PathBuf, String> = BTreeMap::new();
    for path in paths {
        let shown = path.display().to_string();
        let real = fs::canonicalize(path).map_err(|error| explain(&shown, &error))?;
        if real.is_dir() {
            below(path, &mut found)?;
        } else if is_flink(&real) {
            found.insert(real, shown);
        } else {
            return Err(format!("`{shown}` is neither a directory nor a `.flink` file"));
        }
    }
    let mut sources: Vec<Source> = found.into_iter().map(|(path, name)| Source { name, path }).collect();
    sources.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(sources)
}

fn below(directory: &Path, found: &mut BTreeMap<PathBuf, String>) -> Result<(), String> {
    let entries = WalkDir::new(directory).into_iter().filter_entry(|entry| entry.depth() == 0 || is_entered(entry));
    for entry in entries {
        let entry = entry.map_err(|error| format!("`{}` cannot be read: {error}", directory.display()))?;
        if entry.file_type().is_file() && is_flink(entry.path()) {
            let shown = entry.path().strip_prefix(".").unwrap_or(entry.path()).display().to_string();
            let real = fs::canonicalize(entry.path()).map_err(|error| explain(&shown, &error))?;
            found.insert(real, shown);
        }
    }
    Ok(())
}

fn is_entered(entry: &DirEntry) -> bool {
    if !entry.file_type().is_dir() {
        return true;
    }
    let name = entry.file_name();
    let is_hidden = name.as_encoded_bytes().starts_with(b".");
    !is_hidden && name != "target" && !entry.path().join(MANIFEST).exists()
}

fn is_flink(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "flink")
}

/// Why a file cannot be read, for the user.
fn explain(name: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("`{name}` does not exist"),
        io::ErrorKind::PermissionDenied => format!("`{name}` cannot be read: permission denied"),
        io::ErrorKind::FileTooLarge => format!("`{name}` is larger than {} MiB", LARGEST >> 20),
        _ => format!("`{name}` cannot be read: {error}"),
    }
}
