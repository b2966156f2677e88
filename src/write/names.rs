//! Which trees can be written on every file system.

use super::{MANIFEST, STAGING, WriteError};
use crate::layers::Tree;
use std::collections::BTreeMap;

/// Refuses paths that are not plain relative paths, that are files and directories at once, or that a file system
/// which ignores case would take for one.
pub(super) fn check(tree: &Tree) -> Result<(), WriteError> {
    // Every path and every directory above one, as such a file system sees it → as it is spelt, and whether a file.
    let mut seen: BTreeMap<String, (&str, bool)> = BTreeMap::new();
    for path in tree.files.keys() {
        if !is_plain(path) {
            return Err(WriteError::BadPath(path.clone()));
        }
        let directories = path.match_indices('/').map(|(at, _)| (&path[..at], false));
        for (spelling, is_file) in directories.chain([(path.as_str(), true)]) {
            let (known, known_as_file) = *seen.entry(spelling.to_lowercase()).or_insert((spelling, is_file));
            if known != spelling || known_as_file != is_file {
                return Err(WriteError::Clash { one: known.to_owned(), other: path.clone() });
            }
        }
    }
    Ok(())
}

/// Whether a path is relative, goes only downward, and is none of the writer's own.
pub(super) fn is_plain(path: &str) -> bool {
    let top = path.split('/').next().unwrap_or_default();
    !path.contains(['\\', '\0', '\n', '\r'])
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && top != MANIFEST
        && top != STAGING
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(paths: &[&str]) -> Option<String> {
        let files = paths.iter().map(|path| ((*path).to_owned(), Vec::new())).collect();
        check(&Tree { files }).err().map(|error| error.to_string())
    }

    #[test]
    fn a_plain_tree_is_fine() {
        assert_eq!(refusal(&["a/b", "a/c", "a-b", "d"]), None);
    }

    #[test]
    fn paths_stay_below_the_directory() {
        for path in ["", "/a", "a//b", "../a", "a/./b", "a\\b", "a\nb", ".flinkc-manifest", ".flinkc-new/a"] {
            assert!(refusal(&[path]).is_some(), "{path:?}");
        }
    }

    #[test]
    fn names_that_differ_in_case_only_clash() {
        let text = "`deploy/A.yaml` and `deploy/a.yaml` cannot both be written: \
                    on a file system that ignores case they are one name";
        assert_eq!(refusal(&["deploy/A.yaml", "deploy/a.yaml"]).as_deref(), Some(text));
        assert!(refusal(&["A/x", "a/y"]).is_some());
        assert!(refusal(&["a", "A/y"]).is_some());
        assert!(refusal(&["a", "a/y"]).is_some());
    }
}
