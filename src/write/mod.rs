//! A tree to a directory: never a half-written file, never a person's file.
//!
//! The order of steps is what makes it safe to kill a build or to fill the disk at any moment:
//!
//! 1. everything is looked at, and any conflict ends it with nothing written;
//! 2. new contents go to a staging directory inside the output directory: a full disk shows here;
//! 3. the list of files gets the former and the new digests;
//! 4. each file is renamed into place, and former builds' files are removed;
//! 5. the list gets the new digests only.
//!
//! A build killed in between leaves whole files, each the former or the new one, all of them in the list, so that
//! the next build finishes the work. Nothing is flushed to the disk by force: after a power cut a build is run again.

mod error;
mod manifest;
mod names;
mod plan;

pub use error::{Conflict, Reason, WriteError};

use crate::layers::Tree;
use plan::Plan;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The list of what builds wrote, in the output directory.
pub const MANIFEST: &str = ".flinkc-manifest";
/// Where new contents wait in the output directory while a build runs.
const STAGING: &str = ".flinkc-new";

/// What to do with a former build's file that somebody changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edited {
    /// Write nothing, and name the file.
    Refuse,
    /// Replace it.
    Overwrite,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Files that were written, new or changed.
    pub written: usize,
    /// Files that were right already; their time stamps are as they were.
    pub unchanged: usize,
    /// Former builds' files that were removed.
    pub removed: usize,
    /// Former builds' files that are not wanted any more but were changed by somebody, so that they were left.
    pub kept: Vec<String>,
}

/// How a path on disk differs from what would be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Would be created.
    Missing,
    /// Would be replaced, or stands in the way.
    Different,
    /// Would be removed.
    Stale,
}

/// A path on disk that is not what would be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Relative to the output directory.
    pub path: String,
    /// How it differs.
    pub change: Change,
}

/// Makes a directory hold a tree. A second build of the same directory waits for the first to end.
pub fn write(tree: &Tree, directory: &Path, edited: Edited) -> Result<Summary, WriteError> {
    names::check(tree)?;
    fs::create_dir_all(directory).map_err(failed("created", directory))?;
    let _lock = lock(directory)?;
    let plan = plan::plan(tree, directory, edited)?;
    if !plan.conflicts.is_empty() {
        return Err(WriteError::Conflicts(plan.conflicts));
    }
    let writes: Vec<&str> = plan.new.iter().chain(&plan.changed).map(String::as_str).collect();
    let summary = Summary {
        written: writes.len(),
        unchanged: tree.files.len() - writes.len(),
        removed: plan.stale.len(),
        kept: plan.kept.iter().cloned().collect(),
    };
    if writes.is_empty() && plan.stale.is_empty() && !plan.manifest_differs {
        // A build that was killed before it changed anything leaves no more than this.
        let staging = directory.join(STAGING);
        clear(&staging).map_err(failed("removed", &staging))?;
        return Ok(summary);
    }
    let staging = Staging::fill(directory, tree, &writes)?;
    replace(&plan, directory, &writes, &staging)?;
    Ok(summary)
}

/// What `write` would change, in the order of paths. Changes nothing.
pub fn check(tree: &Tree, directory: &Path) -> Result<Vec<Difference>, WriteError> {
    names::check(tree)?;
    let Plan { new, changed, stale, kept: _, conflicts, former: _, wanted: _, manifest_differs } =
        plan::plan(tree, directory, Edited::Refuse)?;
    let of = |change| move |path: String| Difference { path, change };
    let mut differences: Vec<Difference> = new.into_iter().map(of(Change::Missing)).collect();
    differences.extend(changed.into_iter().map(of(Change::Different)));
    differences.extend(conflicts.into_iter().map(|conflict| conflict.path).map(of(Change::Different)));
    differences.extend(stale.into_iter().map(of(Change::Stale)));
    if differences.is_empty() && manifest_differs {
        differences.push(Difference { path: MANIFEST.to_owned(), change: Change::Different });
    }
    differences.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(differences)
}

/// New contents beside their final places, on the same file system, so that a rename brings each into place whole.
struct Staging {
    directory: PathBuf,
}

impl Staging {
    /// Writes the contents of some paths of a tree, each to a file that is named by its number.
    fn fill(output: &Path, tree: &Tree, paths: &[&str]) -> Result<Staging, WriteError> {
        let directory = output.join(STAGING);
        // What a killed build left.
        clear(&directory).map_err(failed("removed", &directory))?;
        fs::create_dir(&directory).map_err(failed("created", &directory))?;
        // From here on whatever happens removes the directory again.
        let staging = Staging { directory };
        paths.par_iter().enumerate().try_for_each(|(number, path)| {
            fs::write(staging.place(number), &tree.files[*path]).map_err(failed("written", &output.join(path)))
        })?;
        Ok(staging)
    }

    fn place(&self, number: usize) -> PathBuf {
        self.directory.join(number.to_string())
    }

    /// Replaces the list of files.
    fn put_manifest(&self, output: &Path, manifest: &manifest::Manifest) -> Result<(), WriteError> {
        let (staged, place) = (self.directory.join("manifest"), output.join(MANIFEST));
        fs::write(&staged, manifest.text()).map_err(failed("written", &place))?;
        fs::rename(&staged, &place).map_err(failed("written", &place))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // If this fails the next build tries again.
        let _ = clear(&self.directory);
    }
}

/// Removes a directory with all that is in it, or whatever else stands there.
fn clear(directory: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(directory) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(directory),
        Ok(_) => fs::remove_file(directory),
        Err(error) => Err(error),
    };
    removed.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

/// Brings what is staged into place and removes what is stale.
fn replace(plan: &Plan, directory: &Path, writes: &[&str], staging: &Staging) -> Result<(), WriteError> {
    staging.put_manifest(directory, &plan.former.union(&plan.wanted))?;
    // A file where a directory is to be, or the reverse, goes first; all others go last, so that a build which is
    // killed has lost nothing that was not replaced.
    let blocking = blocking(plan);
    remove(blocking.iter().copied(), directory)?;
    let parents: BTreeSet<&str> =
        writes.iter().filter_map(|path| path.rsplit_once('/').map(|(parent, _)| parent)).collect();
    for parent in parents {
        let parent = directory.join(parent);
        fs::create_dir_all(&parent).map_err(failed("created", &parent))?;
    }
    writes.par_iter().enumerate().try_for_each(|(number, path)| {
        let place = directory.join(path);
        fs::rename(staging.place(number), &place).map_err(failed("written", &place))
    })?;
    remove(plan.stale.iter().map(String::as_str).filter(|path| !blocking.contains(path)), directory)?;
    staging.put_manifest(directory, &plan.wanted)
}

/// The stale files that stand where a new file or its directory is to be.
fn blocking(plan: &Plan) -> BTreeSet<&str> {
    let needed: BTreeSet<&str> = plan.new.iter().flat_map(|path| plan::directories_above(path)).collect();
    let stands = |path: &&str| {
        needed.contains(path) || plan::directories_above(path).any(|directory| plan.new.contains(directory))
    };
    plan.stale.iter().map(String::as_str).filter(stands).collect()
}

/// Removes files, and then the directories that they leave empty.
fn remove<'a>(paths: impl Iterator<Item = &'a str>, root: &Path) -> Result<(), WriteError> {
    let mut directories = BTreeSet::new();
    for path in paths {
        let place = root.join(path);
        match fs::remove_file(&place) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(WriteError::Io { verb: "removed", path: place, source }),
        }
        directories.extend(plan::directories_above(path));
    }
    // The deeper come later in the order of names.
    for directory in directories.iter().rev() {
        // Fails where something else is in it, which then stays.
        let _ = fs::remove_dir(root.join(directory));
    }
    Ok(())
}

/// Keeps other builds from writing to the directory until it is dropped.
///
/// On Unix the directory itself is locked, which leaves nothing behind.
fn lock(directory: &Path) -> Result<File, WriteError> {
    #[cfg(unix)]
    let file = File::open(directory).map_err(failed("read", directory))?;
    #[cfg(not(unix))]
    let file = File::create(std::env::temp_dir().join("flinkc-lock")).map_err(failed("locked", directory))?;
    match file.lock() {
        // Some network file systems have no locks; there one build at a time is the user's business.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
        Err(source) => Err(WriteError::Io { verb: "locked", path: directory.to_owned(), source }),
        Ok(()) => Ok(file),
    }
}

/// Turns the system's error into ours.
fn failed(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    move |source| WriteError::Io { verb, path, source }
}

#[cfg(test)]
mod tests;
