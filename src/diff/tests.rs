//! Changes of a few objects, and how they read.
