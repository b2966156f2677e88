//! What the parser accepts, and what it makes of it.

mod hostile;
mod mistakes;
mod shape;
mod sound;
