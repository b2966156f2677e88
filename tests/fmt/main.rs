//! The layout of `.flink` files: what holds for every text (`laws`), and what it looks like (`cases`).

mod cases;
mod command;
mod generated;
mod laws;
mod repository;
