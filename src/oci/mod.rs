//! Built directories as OCI artifacts, as Flux takes them, and the registries that keep them.

pub mod artifact;
pub mod registry;
