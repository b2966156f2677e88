//! Objects of all environments to a tree of Kustomize files.

use std::collections::BTreeMap;

/// Files to be written: path relative to the output directory, with `/`, and content.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tree {
    /// In the order of paths.
    pub files: BTreeMap<String, Vec<u8>>,
}
