//! The real file system, below one directory.

use super::{Entry, Host, LARGEST_FILE};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Reads below a root directory.
#[derive(Debug)]
pub struct OsHost {
    // Canonical, so that a resolved path can be compared with it.
    root: PathBuf,
}

impl OsHost {
    /// A host that is confined to `root`. Errors: not there, not a directory, no permission.
    pub fn new(root: &Path) -> io::Result<OsHost> {
        let shown = root.display().to_string();
        let root = fs::canonicalize(root).map_err(|error| explain(&shown, "read", error))?;
        if !root.is_dir() {
            return Err(super::not_a_directory(&shown));
        }
        Ok(OsHost { root })
    }

    /// The real place of a path. Errors: not there, outside the root.
    pub(super) fn resolve(&self, path: &str) -> io::Result<PathBuf> {
        // A normal path cannot climb; anything else is refused rather than trusted.
        if !path.is_empty() && super::normal_path("", path).as_deref() != Some(path) {
            let text = format!("`{path}` is not a path inside the project");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let place = self.root.join(path);
        let real = fs::canonicalize(&place).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound if place.is_symlink() => {
                io::Error::new(error.kind(), format!("`{path}` is a symbolic link to something that does not exist"))
            }
            _ => explain(path, "read", error),
        })?;
        if real.starts_with(&self.root) {
            return Ok(real);
        }
        let text = if place.is_symlink() {
            format!("`{path}` is a symbolic link that leaves the project")
        } else {
            format!("`{path}` lies behind a symbolic link that leaves the project")
        };
        Err(io::Error::new(io::ErrorKind::PermissionDenied, text))
    }

    /// What a directory's entry is. A link that cannot be followed counts as a file: reading it says what is wrong.
    fn kind(&self, directory: &str, name: &str, found: fs::FileType) -> Entry {
        if found.is_dir() {
            return Entry::Directory;
        }
        if !found.is_symlink() {
            return Entry::File;
        }
        let path = if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") };
        match self.resolve(&path) {
            Ok(real) if real.is_dir() => Entry::Directory,
            Ok(_) | Err(_) => Entry::File,
        }
    }
}

impl Host for OsHost {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let real = self.resolve(path)?;
        // Looked at before opening: opening a FIFO waits for a writer, opening a device may do anything.
        readable(path, &fs::metadata(&real).map_err(|error| explain(path, "read", error))?)?;
        let file = File::open(&real).map_err(|error| explain(path, "read", error))?;
        let metadata = file.metadata().map_err(|error| explain(path, "read", error))?;
        readable(path, &metadata)?;
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
        // A file that grows while it is read must not grow without end.
        file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(|error| explain(path, "read", error))?;
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(too_large(path));
        }
        Ok(bytes)
    }

    fn list(&self, path: &str) -> io::Result<Vec<(String, Entry)>> {
        let shown = if path.is_empty() { "." } else { path };
        let real = self.resolve(path)?;
        let mut entries = Vec::new();
        for entry in fs::read_dir(real).map_err(|error| explain(shown, "listed", error))? {
            let entry = entry.map_err(|error| explain(shown, "listed", error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let found = entry.file_type().map_err(|error| explain(shown, "listed", error))?;
            let kind = self.kind(path, &name, found);
            entries.push((name, kind));
        }
        entries.sort_by(|(left, _), (right, _)| left.cmp(right));
        Ok(entries)
    }
}

/// Refuses what is no regular file of reasonable size.
fn readable(path: &str, metadata: &fs::Metadata) -> io::Result<()> {
    if metadata.is_dir() {
        return Err(super::is_a_directory(path));
    }
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("`{path}` is not a regular file")));
    }
    if metadata.len() > LARGEST_FILE { Err(too_large(path)) } else { Ok(()) }
}

fn too_large(path: &str) -> io::Error {
    let text = format!("`{path}` is larger than {} MiB", LARGEST_FILE >> 20);
    io::Error::new(io::ErrorKind::FileTooLarge, text)
}

/// The system's error with the path in it, in words that do not depend on the system where that is possible.
pub(super) fn explain(path: &str, verb: &str, error: io::Error) -> io::Error {
    let text = match error.kind() {
        io::ErrorKind::NotFound if path.contains('\u{fffd}') => {
            format!("`{path}` does not exist, or its name is not UTF-8")
        }
        io::ErrorKind::NotFound => return super::not_found(path),
        io::ErrorKind::NotADirectory => return super::not_a_directory(path),
        io::ErrorKind::PermissionDenied => format!("`{path}` cannot be {verb}: permission denied"),
        // Other kinds are rare, and the system's own words are the best there are.
        _ => format!("`{path}` cannot be {verb}: {error}"),
    };
    io::Error::new(error.kind(), text)
}

/// The nearest directory upward from `start` that holds `.git`, else `start` itself (for a file, its directory).
#[must_use]
pub fn project_root(start: &Path) -> PathBuf {
    let start = fs::canonicalize(start).unwrap_or_else(|_| start.to_path_buf());
    let directory = if start.is_dir() { start.as_path() } else { start.parent().unwrap_or(&start) };
    // In a worktree or submodule `.git` is a file.
    let root = directory.ancestors().find(|directory| directory.join(".git").exists());
    root.unwrap_or(directory).to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn directory() -> TempDir {
        tempfile::tempdir().expect("a temporary directory can be made")
    }

    fn put(root: &Path, path: &str, text: &str) {
        let place = root.join(path);
        fs::create_dir_all(place.parent().expect("has a parent")).expect("can be made");
        fs::write(place, text).expect("can be written");
    }

    fn refusal(host: &OsHost, path: &str) -> String {
        host.read(path).expect_err("must be refused").to_string()
    }

    #[test]
    fn reads_and_lists_in_order() {
        let root = directory();
        put(root.path(), "b.flink", "b");
        put(root.path(), "a/x.flink", "x");
        put(root.path(), ".hidden", "");
        let host = OsHost::new(root.path()).expect("is a directory");
        assert_eq!(host.read("a/x.flink").expect("is there"), b"x");
        let listed = host.list("").expect("is a directory");
        let names: Vec<&str> = listed.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, [".hidden", "a", "b.flink"]);
        assert_eq!(listed[1].1, Entry::Directory);
    }

    #[test]
    fn says_why_a_path_cannot_be_read() {
        let root = directory();
        put(root.path(), "a/x.flink", "x");
        let host = OsHost::new(root.path()).expect("is a directory");
        assert_eq!(refusal(&host, "b"), "`b` does not exist");
        assert_eq!(refusal(&host, "a"), "`a` is a directory");
        assert_eq!(refusal(&host, "../x"), "`../x` is not a path inside the project");
        assert_eq!(refusal(&host, "/etc/passwd"), "`/etc/passwd` is not a path inside the project");
        assert_eq!(refusal(&host, "a//x.flink"), "`a//x.flink` is not a path inside the project");
        assert_eq!(host.list("a/x.flink").expect_err("is a file").to_string(), "`a/x.flink` is not a directory");
        assert!(OsHost::new(&root.path().join("none")).is_err());
        assert!(OsHost::new(&root.path().join("a/x.flink")).is_err());
    }

    #[test]
    fn refuses_a_file_that_is_too_large() {
        let root = directory();
        let file = File::create(root.path().join("big")).expect("can be made");
        file.set_len(LARGEST_FILE + 1).expect("a sparse file takes no room");
        let host = OsHost::new(root.path()).expect("is a directory");
        assert_eq!(refusal(&host, "big"), "`big` is larger than 32 MiB");
    }

    #[cfg(unix)]
    #[test]
    fn links_may_not_leave_the_project() {
        use std::os::unix::fs::symlink;
        let (root, outside) = (directory(), directory());
        put(outside.path(), "secret", "s");
        put(root.path(), "a/x", "x");
        let link = |target: &Path, name: &str| symlink(target, root.path().join(name)).expect("can be made");
        link(&outside.path().join("secret"), "out");
        link(outside.path(), "dir");
        link(Path::new("nowhere"), "broken");
        link(Path::new("loop"), "loop");
        link(Path::new("a"), "inside");
        link(Path::new("a/x"), "inner");
        let host = OsHost::new(root.path()).expect("is a directory");
        assert_eq!(refusal(&host, "out"), "`out` is a symbolic link that leaves the project");
        assert_eq!(refusal(&host, "dir/secret"), "`dir/secret` lies behind a symbolic link that leaves the project");
        assert_eq!(refusal(&host, "broken"), "`broken` is a symbolic link to something that does not exist");
        assert!(refusal(&host, "loop").starts_with("`loop` cannot be read"));
        assert_eq!(host.read("inner").expect("stays inside"), b"x");
        assert_eq!(host.read("inside/x").expect("stays inside"), b"x");
        let directories: Vec<String> = host
            .list("")
            .expect("is a directory")
            .into_iter()
            .filter(|(_, kind)| *kind == Entry::Directory)
            .map(|(name, _)| name)
            .collect();
        assert_eq!(directories, ["a", "inside"]);
        assert!(host.list("dir").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn refuses_what_is_no_regular_file() {
        use std::os::unix::net::UnixListener;
        let root = directory();
        let _socket = UnixListener::bind(root.path().join("socket")).expect("can be made");
        let host = OsHost::new(root.path()).expect("is a directory");
        assert_eq!(refusal(&host, "socket"), "`socket` is not a regular file");
    }

    #[test]
    fn the_root_is_where_git_is() {
        let root = directory();
        put(root.path(), "a/b/x.flink", "");
        let real = fs::canonicalize(root.path()).expect("is there");
        assert_eq!(project_root(&root.path().join("a/b")), real.join("a/b"));
        fs::create_dir(root.path().join(".git")).expect("can be made");
        assert_eq!(project_root(&root.path().join("a/b")), real);
        assert_eq!(project_root(&root.path().join("a/b/x.flink")), real);
    }
}
