//! `analyzer interfaces`: what could be captured on this machine.

use std::io::{Write, stdout};

use analyzer::source::interfaces::local_interfaces;

use crate::cli::{Failure, Outcome};

/// Prints one line per interface.
pub fn run() -> Result<Outcome, Failure> {
    let mut out = stdout().lock();
    for interface in local_interfaces() {
        let state = if interface.is_up { "up" } else { "down" };
        writeln!(out, "{}\t{state}\t{:?}", interface.name, interface.addresses)?;
    }
    Ok(Outcome::Success)
}
