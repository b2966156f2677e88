//! Checked program and environment to values and objects.

pub mod value;
