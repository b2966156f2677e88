//! Checked program and environment to values and objects.
//!
//! [`Evaluator::plan`] names the units of an environment, [`Evaluator::unit`] makes the objects of one.

mod blame;
mod body;
mod builtins;
mod change;
pub mod columns;
mod complete;
mod convert;
mod data;
mod deep_merge;
mod evaluator;
mod expr;
mod fit;
mod frame;
mod items;
mod list;
mod merge;
mod objects;
mod operators;
mod origins;
mod param;
mod plain;
mod plan;
mod policy;
mod references;
mod requirements;
#[cfg(test)]
mod tests;
mod topics;
mod trace;
pub mod value;
mod verify;

pub use change::{Consequence, Versions};
pub use evaluator::{Evaluator, PrintYaml};
pub use items::Evaluated;
pub use origins::{By, DataStep, Overridden, Read, Reads, Traced};
pub use param::Given;
pub use plain::plain;
pub use plan::{Plan, Planned};
pub use policy::{Broken, whole};
pub use topics::Answer;
pub use trace::Made;
