//! The real file system, below one directory.

/// Reads below a root directory.
#[derive(Debug)]
pub struct OsHost {}
