//! Files in memory, for tests and texts that come from elsewhere.

use super::{Entry, Host};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// Files in memory; directories are there where a file is below them.
#[derive(Debug, Default, Clone)]
pub struct MemoryHost {
    files: BTreeMap<String, Vec<u8>>,
}

impl MemoryHost {
    /// A host with these files, by normal path.
    #[must_use]
    pub fn new<P: Into<String>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, B)>) -> MemoryHost {
        MemoryHost { files: files.into_iter().map(|(path, bytes)| (path.into(), bytes.into())).collect() }
    }

    /// The names below a directory given with its final `/`, or empty for the root.
    fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.files.range(prefix.to_owned()..).map_while(move |(path, _)| path.strip_prefix(prefix))
    }

    fn is_directory(&self, path: &str) -> bool {
        path.is_empty() || self.below(&format!("{path}/")).next().is_some()
    }
}

impl Host for MemoryHost {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        match self.files.get(path) {
            Some(bytes) => Ok(bytes.clone()),
            None if self.is_directory(path) => Err(super::is_a_directory(path)),
            None => Err(super::not_found(path)),
        }
    }

    fn list(&self, path: &str) -> io::Result<Vec<(String, Entry)>> {
        if self.files.contains_key(path) {
            return Err(super::not_a_directory(path));
        }
        if !self.is_directory(path) {
            return Err(super::not_found(path));
        }
        let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
        let entries: BTreeSet<(String, bool)> = self
            .below(&prefix)
            .map(|rest| match rest.split_once('/') {
                Some((directory, _)) => (directory.to_owned(), false),
                None => (rest.to_owned(), true),
            })
            .collect();
        Ok(entries.into_iter().map(|(name, file)| (name, if file { Entry::File } else { Entry::Directory })).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_files_and_the_directories_above_them() {
        let host = MemoryHost::new([("b.flink", "b"), ("a/x/y.flink", "y"), ("a/z.flink", "z"), ("a-b", "")]);
        let names = |path: &str| host.list(path).expect("is a directory");
        assert_eq!(
            names(""),
            [("a".into(), Entry::Directory), ("a-b".into(), Entry::File), ("b.flink".into(), Entry::File)]
        );
        assert_eq!(names("a"), [("x".into(), Entry::Directory), ("z.flink".into(), Entry::File)]);
        assert_eq!(host.read("a/z.flink").expect("is there"), b"z");
    }

    #[test]
    fn says_why_a_path_cannot_be_read() {
        let host = MemoryHost::new([("a/x", "")]);
        let text = |result: io::Result<Vec<u8>>| result.expect_err("cannot be read").to_string();
        assert_eq!(text(host.read("b")), "`b` does not exist");
        assert_eq!(text(host.read("a")), "`a` is a directory");
        assert_eq!(host.list("a/x").expect_err("is a file").to_string(), "`a/x` is not a directory");
        assert_eq!(host.list("c").expect_err("is not there").kind(), io::ErrorKind::NotFound);
    }
}
