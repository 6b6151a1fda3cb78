//! `analyzer interfaces`: what could be captured on this machine.

use std::io::{Write, stdout};

use analyzer::source::interfaces::local_interfaces;

use crate::cli::{Failure, Outcome};

/// Prints one line per interface.
pub fn run() -> Result<Outcome, Failure> {
    let mut out = stdout().lock();
    let interfaces = local_interfaces();
    for interface in &interfaces {
        let state = if interface.is_up { "up" } else { "down" };
        writeln!(out, "{}\t{state}\t{:?}", interface.name, interface.addresses)?;
    }
    Ok(if interfaces.is_empty() { Outcome::Negative } else { Outcome::Success })
}
