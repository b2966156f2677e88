//! The list of what a build wrote, kept in the output directory.
//!
//! One line a file, `SHA-256  PATH`, sorted by path. While a build is replacing files the list holds the former and
//! the new digest of each, so that whatever a killed build leaves is known to the next one.

use super::{MANIFEST, WriteError, names};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

/// SHA-256 of a file's bytes.
pub(super) type Digest = [u8; 32];

/// The first line: for the person who opens the file.
const TITLE: &str = "# What flinkc wrote here. Files that are not in this list are never touched.\n";

/// The files of former builds, and the contents that they may have.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Manifest {
    files: BTreeMap<String, BTreeSet<Digest>>,
}

impl Manifest {
    /// Reads the list; empty where there is none. Errors: no permission, lines that are no entries.
    pub(super) fn read(directory: &Path) -> Result<Manifest, WriteError> {
        let path = directory.join(MANIFEST);
        let text = match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() => fs::read(&path),
            Ok(_) => return Err(WriteError::DamagedManifest { path, line: 1 }),
            Err(error) => Err(error),
        };
        match text {
            Ok(bytes) => Manifest::parse(&String::from_utf8_lossy(&bytes))
                .map_err(|line| WriteError::DamagedManifest { path, line }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Manifest::default()),
            Err(source) => Err(WriteError::Io { verb: "read", path, source }),
        }
    }

    /// The list that a text holds, or the number of the first line that is none.
    fn parse(text: &str) -> Result<Manifest, usize> {
        let mut manifest = Manifest::default();
        for (number, line) in text.lines().enumerate() {
            if line.starts_with('#') {
                continue;
            }
            // A path that is not plain could lead out of the directory: files are removed by this list.
            let entry = line.split_once("  ").filter(|(_, path)| names::is_plain(path));
            let (digest, path) = entry.and_then(|(digest, path)| Some((parse_hex(digest)?, path))).ok_or(number + 1)?;
            manifest.add(path, digest);
        }
        Ok(manifest)
    }

    /// Notes that a file may have this content.
    pub(super) fn add(&mut self, path: &str, digest: Digest) {
        self.files.entry(path.to_owned()).or_default().insert(digest);
    }

    /// This list and another as one.
    pub(super) fn union(&self, other: &Manifest) -> Manifest {
        let mut both = self.clone();
        for (path, digests) in &other.files {
            both.files.entry(path.clone()).or_default().extend(digests);
        }
        both
    }

    /// The paths, in order.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Whether a former build wrote this path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Whether a former build wrote these bytes to this path.
    pub(super) fn wrote(&self, path: &str, bytes: &[u8]) -> bool {
        self.files.get(path).is_some_and(|digests| digests.contains(&digest(bytes)))
    }

    /// The list as text.
    pub(super) fn text(&self) -> String {
        let mut text = String::from(TITLE);
        for (path, digests) in &self.files {
            for digest in digests {
                push_hex(&mut text, digest);
                text.push_str("  ");
                text.push_str(path);
                text.push('\n');
            }
        }
        text
    }
}

/// SHA-256 of a file's bytes.
pub(super) fn digest(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

fn push_hex(text: &mut String, digest: &Digest) {
    for byte in digest {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).expect("four bits are one digit"));
        }
    }
}

fn parse_hex(text: &str) -> Option<Digest> {
    let mut digest = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let mut manifest = Manifest::default();
        manifest.add("b/ü.yaml", digest(b"1"));
        manifest.add("a.yaml", digest(b"2"));
        manifest.add("a.yaml", digest(b"3"));
        assert_eq!(Manifest::parse(&manifest.text()), Ok(manifest.clone()));
        assert!(manifest.wrote("a.yaml", b"2") && manifest.wrote("a.yaml", b"3"));
        assert!(!manifest.wrote("a.yaml", b"1") && !manifest.wrote("c", b"1"));
    }

    #[test]
    fn refuses_lines_that_lead_elsewhere() {
        let digest = "0".repeat(64);
        for line in ["<<<<<<< HEAD", "abc  x", &format!("{digest}  ../x"), &format!("{digest}  /etc/x")] {
            assert_eq!(Manifest::parse(&format!("{TITLE}{line}\n")), Err(2), "{line}");
        }
    }
}
