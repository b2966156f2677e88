//! Diagnostics as text for people. The only user of miette.
