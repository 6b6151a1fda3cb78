//! Renderers: what is known of a capture, written for people and programs.
//!
//! Every renderer writes to the writer that it is given and to nothing else.

pub mod conversations;
pub mod rows;
pub mod segments;
