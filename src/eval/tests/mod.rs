//! Evaluation of small programs that are put together by hand.

mod build;
mod data;
mod layers;
mod objects;
mod values;
