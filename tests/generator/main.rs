//! The `generator` program as its users meet it: real processes, real sockets on 127.0.0.1.
//!
//! Every wait has a limit, every child is reaped, every port is the system's choice.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

mod closes;
mod logs;
mod process;
mod refusals;
mod signals;
mod verdicts;
mod volume;
