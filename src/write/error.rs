//! What can stand in the way of writing.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a tree was not written.
#[derive(Debug)]
pub enum WriteError {
    /// Things in the directory that the build would have to destroy. Nothing was written.
    Conflicts(Vec<Conflict>),
    /// A path of the tree that does not go downward from the directory. Nothing was written.
    BadPath(String),
    /// Two paths of the tree that some file systems take for one. Nothing was written.
    Clash {
        /// The first.
        one: String,
        /// The second.
        other: String,
    },
    /// The list of what former builds wrote cannot be read. Nothing was written.
    DamagedManifest {
        /// The list.
        path: PathBuf,
        /// Its first line that is no entry, counted from 1.
        line: usize,
    },
    /// The file system refused. Each file is whole, the former or the new one, and the next build repairs the rest.
    Io {
        /// What was tried, as in 'cannot be …'.
        verb: &'static str,
        /// With which file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A path of the output that cannot be written without a loss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Relative to the output directory.
    pub path: String,
    /// What is there.
    pub reason: Reason,
}

/// What stands where a file is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A file that no build wrote.
    Foreign,
    /// A file that a build wrote and somebody changed since.
    Edited,
    /// A symbolic link, at the path or above it.
    Link,
    /// A directory, or something else that is no file, at the path; or a file where its directory should be.
    Obstacle,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match self.reason {
            Reason::Foreign => write!(f, "`{path}` was not written by flinkc: move it away, or build elsewhere"),
            Reason::Edited => {
                write!(
                    f,
                    "`{path}` was changed since flinkc wrote it: move the change into the source, then use --force"
                )
            }
            Reason::Link => write!(f, "`{path}` is or lies behind a symbolic link, which flinkc does not follow"),
            Reason::Obstacle => write!(f, "`{path}` is in the way of a file or directory of that name"),
        }
    }
}

/// As many conflicts as a person reads.
const MOST_SHOWN: usize = 20;

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::Conflicts(conflicts) => {
                f.write_str("nothing was written")?;
                for conflict in conflicts.iter().take(MOST_SHOWN) {
                    write!(f, "\n  {conflict}")?;
                }
                if conflicts.len() > MOST_SHOWN {
                    write!(f, "\n  … and {} more", conflicts.len() - MOST_SHOWN)?;
                }
                Ok(())
            }
            WriteError::BadPath(path) => write!(f, "`{path}` is not a path that can be written"),
            WriteError::Clash { one, other } => write!(
                f,
                "`{one}` and `{other}` cannot both be written: on a file system that ignores case they are one name"
            ),
            WriteError::DamagedManifest { path, line } => write!(
                f,
                "`{}` is damaged in line {line}, so that flinkc cannot tell which files are its own: restore it, or \
                 remove the whole directory, and build again",
                path.display()
            ),
            WriteError::Io { verb, path, source } if source.kind() == io::ErrorKind::PermissionDenied => {
                write!(f, "`{}` cannot be {verb}: permission denied", path.display())
            }
            WriteError::Io { verb, path, source } => write!(f, "`{}` cannot be {verb}: {source}", path.display()),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            WriteError::Io { source, .. } => Some(source),
            WriteError::Conflicts(_)
            | WriteError::BadPath(_)
            | WriteError::Clash { .. }
            | WriteError::DamagedManifest { .. } => None,
        }
    }
}
