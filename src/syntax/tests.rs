//! What the parser accepts, and what it makes of it.

mod mistakes;
mod sound;
