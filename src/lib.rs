//! flinkc: from `.flink` files to Kustomize directories.
//!
//! Modules in the order in which data flows; each may use only those above it.
//!
//! | module | what it does |
//! | --- | --- |
//! | `source` | texts and places in them |
//! | `diagnostic` | what is wrong, and how it is shown; the only user of miette |
//! | `host` | the files a compilation may read; confined to the project |
//! | `syntax` | text to tree, comments and diagnostics; the only user of pest |
//! | `fmt` | the one layout of a text |
//! | `modules` | finds and loads a program's files |
//! | `schema` | types of the Kubernetes API |
//! | `import` | CustomResourceDefinitions to `.flink` files |
//! | `kinds` | declared kinds to types of the API |
//! | `core` | the checked program |
//! | `types` | tree to checked program |
//! | `eval` | checked program and environment to values |
//! | `kubernetes` | values to objects; identity and links |
//! | `yaml` | values to text |
//! | `layers` | objects of all environments to a tree of files |
//! | `write` | tree to directory, atomically |
//! | `cluster` | what a live cluster has, and what its API server says an apply would do; the only user of kube |
//! | `diff` | what is different between two sets of objects; what an apply would do to a cluster's |
//! | `explain` | why values are what they are; what types and fields mean |
//! | `driver` | the use cases: check, build, render |
//! | `cli` | the command line |

// What pest derives names its `String` and `Vec` by this crate, because pest is built without `std`.
extern crate alloc;

pub mod cli;
pub mod cluster;
pub mod core;
pub mod diagnostic;
pub mod diff;
pub mod driver;
pub mod eval;
pub mod explain;
pub mod fmt;
pub mod host;
pub mod import;
pub mod kinds;
pub mod kubernetes;
pub mod layers;
pub mod modules;
pub mod schema;
pub mod source;
pub mod syntax;
pub mod types;
pub mod write;
pub mod yaml;
