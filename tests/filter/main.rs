//! Display filters against forged frames: every operator and type, the errors as people see
//! them, and the promise that no text makes the parser panic.

#![allow(clippy::panic)]

#[path = "../support/small_frames.rs"]
mod small_frames;

mod errors;
mod evaluate;
mod properties;
