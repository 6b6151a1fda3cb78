//! The command line: dispatch, ownership of standard output and standard error, exit codes.
//!
//! Exit codes: 0 fine, 1 a negative verdict (the echo differs or is short), 2 usage or I/O
//! error. A reader that closes our output early (`| head`) is not an error.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

mod args;
mod commands;
mod output;
mod progress;

/// How a command ended when it could do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything is well.
    Success,
    /// The work was done and the answer is no: the echo differs.
    Negative,
}

/// What stops a command: anything with a message for the person at the terminal.
pub type Failure = Box<dyn std::error::Error>;

/// Parses the command line and runs the command.
pub fn run() -> ExitCode {
    let args = args::Args::parse();
    match commands::dispatch(args.command) {
        Ok(Outcome::Success) => ExitCode::SUCCESS,
        Ok(Outcome::Negative) => ExitCode::from(1),
        Err(failure) if is_closed_pipe(&*failure) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nothing can be done when standard error is gone too.
            let _ = writeln!(io::stderr(), "generator: {failure}");
            ExitCode::from(2)
        }
    }
}

/// True when the failure is a write of ours to a pipe that nobody reads.
fn is_closed_pipe(failure: &(dyn std::error::Error + 'static)) -> bool {
    matches!(
        failure.downcast_ref::<generator::error::Error>(),
        Some(generator::error::Error::Output { cause, .. })
            if cause.kind() == io::ErrorKind::BrokenPipe
    )
}
