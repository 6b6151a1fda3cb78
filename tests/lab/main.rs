//! Real lab runs, rootless and as root, asserted on what they leave in the run folder and on
//! what they must not leave in the system.
//!
//! Where the kernel forbids a mode it is skipped with the reason printed; with `CI=true` or
//! `LAB_REQUIRED` set that is a failure.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)]

mod accounts;
mod captures;
mod flood;
mod leftovers;
mod repeats;
mod runs;
mod support;
