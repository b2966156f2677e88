//! What `std.flink` makes, against what Flink and Kubernetes ask for.
//!
//! Each test renders a small program and reads the objects; expectations come from Flink's documentation and from what
//! its jars do, not from former output.

mod additions;
mod availability;
mod blue_green;
mod budget;
mod changes;
mod checks;
mod configuration;
mod documentation;
mod files;
mod memory;
mod modes;
mod naming;
mod native;
mod network;
mod operated;
mod operator;
mod operator_changes;
mod operator_mode;
mod options;
mod parallelism;
mod pods;
mod program;
mod programs;
mod scripts;
mod session_job;
#[path = "../shape/diff.rs"]
mod shape;
mod sizing;
mod submission;
#[path = "../options/table.rs"]
mod table;
mod tls;
mod workloads;
