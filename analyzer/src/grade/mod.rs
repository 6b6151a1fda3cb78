//! Evidence held against a capture, and against itself: what is true, what is not, what cannot
//! be told, each with its proof.
//!
//! [`model`] is the documented result, what `analyzer grade --format json` prints.

pub mod model;
