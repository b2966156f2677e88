//! Text to syntax tree, comments and diagnostics. The only user of pest.

pub mod ast;
