//! What the fuzz targets share: everything that is done with a frame, and what must hold of it.
//!
//! A broken promise panics, which is how libFuzzer learns of it.

pub mod bytes;
pub mod everything;
pub mod frames;
pub mod messages;
pub mod rendering;
pub mod tcp_model;
