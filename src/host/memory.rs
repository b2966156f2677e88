//! Files in memory, for tests and texts that come from elsewhere.

/// Files in memory.
#[derive(Debug, Default)]
pub struct MemoryHost {}
