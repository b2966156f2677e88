//! Rules of predictions, one by one.
