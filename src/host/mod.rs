//! All that a compilation may learn from its surroundings or do to them.

use std::io;

mod memory;
mod os;
mod replace;

pub use memory::MemoryHost;
pub use os::{OsHost, project_root};
pub use replace::replace_file;

/// Bytes of the largest file that is read. Sources and configuration are far smaller; a larger file is a mistake,
/// and must not fill the memory.
pub const LARGEST_FILE: u64 = 32 << 20;

/// What a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// A regular file.
    File,
    /// A directory.
    Directory,
}

/// Reads below the project's root, and nothing else.
///
/// Paths are relative to the root, use `/`, and have no `.` or `..` components: [`normal_path`] makes them so.
/// A host refuses what leaves the root by a symbolic link, and what is neither file nor directory.
pub trait Host: Sync {
    /// The bytes of a file. Errors: not found, outside the root, not a regular file, larger than the limit,
    /// no permission; the error's text can be shown to the user.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// The names of a directory's entries with what they are, sorted by name, hidden ones too. What is neither file
    /// nor directory, or a link that leaves the project, is listed as a file: reading it says what is wrong with it.
    fn list(&self, path: &str) -> io::Result<Vec<(String, Entry)>>;
}

/// Joins `relative` to the directory `base` (both with `/`, `base` normal, empty for the root), resolving `.` and `..`.
/// `None` where the result would lie above the root, or `relative` is absolute or empty.
#[must_use]
pub fn normal_path(base: &str, relative: &str) -> Option<String> {
    if relative.is_empty() || relative.starts_with('/') || relative.contains(['\\', '\0']) {
        return None;
    }
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn not_found(path: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("`{path}` does not exist"))
}

fn is_a_directory(path: &str) -> io::Error {
    io::Error::new(io::ErrorKind::IsADirectory, format!("`{path}` is a directory"))
}

fn not_a_directory(path: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotADirectory, format!("`{path}` is not a directory"))
}
