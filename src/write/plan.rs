//! What is to be done to make a directory hold a tree; looks, and changes nothing.

use super::manifest::{Manifest, digest};
use super::{Conflict, Edited, Reason, WriteError};
use crate::layers::Tree;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

/// What is to be done.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Paths to write that are not there yet.
    pub(super) new: BTreeSet<String>,
    /// Paths to write that hold a former build's file.
    pub(super) changed: BTreeSet<String>,
    /// Former builds' files to remove.
    pub(super) stale: BTreeSet<String>,
    /// Former builds' files that are not wanted any more but were changed, so that they stay.
    pub(super) kept: BTreeSet<String>,
    /// What forbids all of it.
    pub(super) conflicts: Vec<Conflict>,
    /// The list of what former builds wrote.
    pub(super) former: Manifest,
    /// The list for this tree.
    pub(super) wanted: Manifest,
    /// Whether the list on disk is to be rewritten.
    pub(super) manifest_differs: bool,
}

/// What is at a path, before anything is compared.
enum There {
    Nothing,
    Link,
    Directory,
    File(Vec<u8>),
    Other,
}

/// What is to be done with a wanted path.
enum Verdict {
    New,
    Same,
    Changed,
    Conflict(Reason),
}

/// Compares a directory, which need not exist, with a tree.
pub(super) fn plan(tree: &Tree, directory: &Path, edited: Edited) -> Result<Plan, WriteError> {
    let former = Manifest::read(directory)?;
    let mut plan = Plan { wanted: list(tree), ..Plan::default() };
    plan.manifest_differs = former != plan.wanted;
    let former_paths: Vec<&str> = former.paths().filter(|path| !tree.files.contains_key(*path)).collect();
    let above = parents(directory, tree.files.keys().map(String::as_str).chain(former_paths.iter().copied()))?;
    for path in former_paths {
        match unwanted(path, directory, &above, &former)? {
            Some(true) => plan.stale.insert(path.to_owned()),
            Some(false) => plan.kept.insert(path.to_owned()),
            None => false,
        };
    }
    // Reading and comparing is most of the work of a build that changes little.
    let verdicts: Result<Vec<(&String, Verdict)>, WriteError> = tree
        .files
        .par_iter()
        .map(|(path, bytes)| Ok((path, verdict(path, bytes, directory, &above, &former, &plan.stale, edited)?)))
        .collect();
    for (path, verdict) in verdicts? {
        match verdict {
            Verdict::New => {
                plan.new.insert(path.clone());
            }
            Verdict::Changed => {
                plan.changed.insert(path.clone());
            }
            Verdict::Same => {}
            Verdict::Conflict(reason) => plan.conflicts.push(Conflict { path: path.clone(), reason }),
        }
    }
    plan.former = former;
    Ok(plan)
}

fn list(tree: &Tree) -> Manifest {
    let digests: Vec<_> = tree.files.par_iter().map(|(path, bytes)| (path, digest(bytes))).collect();
    let mut manifest = Manifest::default();
    for (path, digest) in digests {
        manifest.add(path, digest);
    }
    manifest
}

/// What stands where the directories above some paths should be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Above {
    Directory,
    Nothing,
    Link,
    Obstacle,
}

/// Looks at every directory above the paths once.
fn parents<'a>(root: &Path, paths: impl Iterator<Item = &'a str>) -> Result<BTreeMap<&'a str, Above>, WriteError> {
    let mut above: BTreeMap<&str, Above> = BTreeMap::new();
    for path in paths {
        let mut upper = Above::Directory;
        for (at, _) in path.match_indices('/') {
            let directory = &path[..at];
            upper = match (upper, above.get(directory)) {
                (_, Some(known)) => *known,
                (Above::Directory, None) => match fs::symlink_metadata(root.join(directory)) {
                    Ok(metadata) if metadata.is_dir() => Above::Directory,
                    Ok(metadata) if metadata.is_symlink() => Above::Link,
                    Ok(_) => Above::Obstacle,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Above::Nothing,
                    Err(source) => {
                        return Err(WriteError::Io { verb: "read", path: root.join(directory), source });
                    }
                },
                // Below what is no directory nothing can be.
                (Above::Nothing | Above::Link | Above::Obstacle, None) => upper,
            };
            above.insert(directory, upper);
        }
    }
    Ok(above)
}

fn parent(above: &BTreeMap<&str, Above>, path: &str) -> Above {
    path.rsplit_once('/').map_or(Above::Directory, |(directory, _)| above[directory])
}

/// Whether a former build's file that is not wanted any more can go (`true`), was changed and stays (`false`), or is
/// not there.
fn unwanted(
    path: &str,
    root: &Path,
    above: &BTreeMap<&str, Above>,
    former: &Manifest,
) -> Result<Option<bool>, WriteError> {
    match parent(above, path) {
        Above::Directory => {}
        // Somebody put something else there; what lies behind it is not ours.
        Above::Nothing | Above::Link | Above::Obstacle => return Ok(None),
    }
    Ok(match look(&root.join(path))? {
        There::File(bytes) => Some(former.wrote(path, &bytes)),
        There::Nothing | There::Directory => None,
        There::Link | There::Other => Some(false),
    })
}

fn verdict(
    path: &str,
    bytes: &[u8],
    root: &Path,
    above: &BTreeMap<&str, Above>,
    former: &Manifest,
    stale: &BTreeSet<String>,
    edited: Edited,
) -> Result<Verdict, WriteError> {
    match parent(above, path) {
        Above::Directory => {}
        Above::Nothing => return Ok(Verdict::New),
        Above::Link => return Ok(Verdict::Conflict(Reason::Link)),
        // A former build's file may have to make room for a directory.
        Above::Obstacle if path.match_indices('/').any(|(at, _)| stale.contains(&path[..at])) => {
            return Ok(Verdict::New);
        }
        Above::Obstacle => return Ok(Verdict::Conflict(Reason::Obstacle)),
    }
    Ok(match look(&root.join(path))? {
        There::Nothing => Verdict::New,
        There::Link => Verdict::Conflict(Reason::Link),
        There::Other => Verdict::Conflict(Reason::Obstacle),
        There::Directory if becomes_empty(&root.join(path), root, stale) => Verdict::New,
        There::Directory => Verdict::Conflict(Reason::Obstacle),
        There::File(found) if found == bytes => Verdict::Same,
        There::File(found) if former.wrote(path, &found) => Verdict::Changed,
        There::File(_) if former.has(path) => match edited {
            Edited::Refuse => Verdict::Conflict(Reason::Edited),
            Edited::Overwrite => Verdict::Changed,
        },
        There::File(_) => Verdict::Conflict(Reason::Foreign),
    })
}

fn look(path: &Path) -> Result<There, WriteError> {
    let failed = |source| WriteError::Io { verb: "read", path: path.to_owned(), source };
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(There::Nothing),
        Err(error) => return Err(failed(error)),
    };
    if metadata.is_symlink() {
        return Ok(There::Link);
    }
    if metadata.is_dir() {
        return Ok(There::Directory);
    }
    if !metadata.is_file() {
        return Ok(There::Other);
    }
    fs::read(path).map(There::File).map_err(failed)
}

/// Whether a directory holds nothing but files that are about to be removed.
fn becomes_empty(directory: &Path, root: &Path, stale: &BTreeSet<String>) -> bool {
    walkdir::WalkDir::new(directory).into_iter().all(|entry| {
        let Ok(entry) = entry else {
            return false;
        };
        entry.file_type().is_dir() || relative(entry.path(), root).is_some_and(|path| stale.contains(&path))
    })
}

/// A path below the root with `/`; none where it is not UTF-8.
fn relative(path: &Path, root: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> =
        path.strip_prefix(root).ok()?.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

/// The directories above a path, from the nearest, without the root.
pub(super) fn directories_above(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|(at, _)| &path[..at])
}
