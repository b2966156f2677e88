//! Gives a file of the project another text.

use super::OsHost;
use super::os::explain;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Names that are tried for the new text; more are taken only where many runs died.
const NAMES: usize = 100;

impl OsHost {
    /// Replaces a file's bytes as [`replace_file`] does. Errors: whatever forbids reading or writing it, bytes that are
    /// not `before` any more.
    pub fn replace(&self, path: &str, before: &[u8], after: &[u8]) -> io::Result<()> {
        if super::Host::read(self, path)? != before {
            let text = format!("`{path}` was changed meanwhile, and is left as it is");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        replace_file(&self.resolve(path)?, path, after)
    }
}

/// Replaces the bytes of a file, which is no link, whole or not at all: they are written beside it and renamed over it,
/// with its permissions. Errors: no permission to write the file or its directory, a full disk; the error's text can be
/// shown to the user, and calls the file `shown`.
pub fn replace_file(place: &Path, shown: &str, bytes: &[u8]) -> io::Result<()> {
    let failed = |error| explain(shown, "written", error);
    // A rename asks for leave to write into the directory only. Who locked the file meant the file, also where the
    // system lets this user write it nevertheless.
    if fs::metadata(place).map_err(failed)?.permissions().readonly() {
        let text = format!("`{shown}` cannot be written: it is read-only");
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
    }
    File::options().append(true).open(place).map_err(failed)?;
    let (new, file) = beside(place).map_err(failed)?;
    let written = fill(file, place, bytes).and_then(|()| fs::rename(&new, place));
    if written.is_err() {
        // What is left of it is of no use; the error to tell is the first.
        let _ = fs::remove_file(&new);
    }
    written.map_err(failed)
}

/// A new file in the same directory, under a name that `list` hides from programs.
fn beside(place: &Path) -> io::Result<(PathBuf, File)> {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let taken = || io::Error::from(io::ErrorKind::AlreadyExists);
    for number in 0..NAMES {
        let new = place.with_file_name(format!(".{name}.{number}.new"));
        match File::create_new(&new) {
            Ok(file) => return Ok((new, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(taken())
}

fn fill(mut file: File, like: &Path, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.set_permissions(fs::metadata(like)?.permissions())?;
    // Else a crash could leave a file that is renamed and empty.
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_a_file_and_leaves_nothing_beside_it() {
        let root = tempfile::tempdir().expect("a temporary directory can be made");
        fs::create_dir(root.path().join("lib")).expect("can be made");
        let file = root.path().join("lib/a.flink");
        fs::write(&file, "old").expect("can be written");
        fs::write(root.path().join("lib/.a.flink.0.new"), "of a run that died").expect("can be written");
        let host = OsHost::new(root.path()).expect("is a directory");
        host.replace("lib/a.flink", b"old", b"new").expect("can be replaced");
        assert_eq!(fs::read(&file).expect("is there"), b"new");
        assert_eq!(fs::read_dir(root.path().join("lib")).expect("is there").count(), 2);
        let error = host.replace("lib/a.flink", b"old", b"newer").expect_err("it changed");
        assert_eq!(error.to_string(), "`lib/a.flink` was changed meanwhile, and is left as it is");
        assert_eq!(fs::read(&file).expect("is there"), b"new");
    }

    #[test]
    fn a_locked_file_stays_as_it_is() {
        let root = tempfile::tempdir().expect("a temporary directory can be made");
        let file = root.path().join("a.flink");
        fs::write(&file, "old").expect("can be written");
        let mut permissions = fs::metadata(&file).expect("is there").permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&file, permissions).expect("can be set");
        let error = replace_file(&file, "lib/a.flink", b"new").expect_err("it is locked");
        assert_eq!(error.to_string(), "`lib/a.flink` cannot be written: it is read-only");
        assert_eq!(fs::read(&file).expect("is there"), b"old");
        assert_eq!(fs::read_dir(root.path()).expect("is there").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn keeps_permissions_and_stays_inside_the_project() {
        use std::os::unix::fs::PermissionsExt;
        let (root, outside) = (tempfile::tempdir().expect("can be made"), tempfile::tempdir().expect("can be made"));
        let (file, other) = (root.path().join("a.flink"), outside.path().join("b.flink"));
        fs::write(&file, "old").expect("can be written");
        fs::write(&other, "old").expect("can be written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("can be set");
        std::os::unix::fs::symlink(&other, root.path().join("b.flink")).expect("can be made");
        let host = OsHost::new(root.path()).expect("is a directory");
        host.replace("a.flink", b"old", b"new").expect("can be replaced");
        assert_eq!(fs::metadata(&file).expect("is there").permissions().mode() & 0o777, 0o640);
        let error = host.replace("b.flink", b"old", b"new").expect_err("it lies outside");
        assert!(error.to_string().contains("leaves the project"), "{error}");
        assert!(host.replace("../b.flink", b"old", b"new").is_err());
        assert_eq!(fs::read(&other).expect("is there"), b"old");
    }
}
