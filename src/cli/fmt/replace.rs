//! Replacing a file's text in one step: whoever reads it sees the former text or the new one, and a disk that is full
//! leaves the former.

use super::sources::Source;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Replaces a file's text and keeps its permissions. The error is one for the user.
pub(super) fn replace(source: &Source, text: &str) -> Result<(), String> {
    let Source { name, path } = source;
    let refused = |error: io::Error| match error.kind() {
        io::ErrorKind::PermissionDenied => format!("`{name}` cannot be written: permission denied"),
        _ => format!("`{name}` cannot be written: {error}"),
    };
    let permissions = fs::metadata(path).map_err(refused)?.permissions();
    if permissions.readonly() {
        return Err(format!("`{name}` cannot be written: it is read-only"));
    }
    let file_name = path.file_name().unwrap_or_default().to_string_lossy();
    // Hidden, and no `.flink` file: nothing takes it for a source while it is there.
    let fresh = path.with_file_name(format!(".{file_name}.{}", std::process::id()));
    let written = write(&fresh, text, permissions).and_then(|()| fs::rename(&fresh, path));
    written.map_err(|error| {
        // It may never have been made; what matters is the error before.
        let _ = fs::remove_file(&fresh);
        refused(error)
    })
}

fn write(path: &Path, text: &str, permissions: fs::Permissions) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(permissions)?;
    file.sync_all()
}
