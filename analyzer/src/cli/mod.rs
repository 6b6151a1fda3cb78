//! The command line: dispatch, ownership of standard output and standard error, exit codes.
//!
//! Exit codes: 0 fine, 1 a negative verdict (nothing matched, a check failed), 2 usage or I/O
//! error. A reader that closes our output early (`| head`) is not an error.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

mod args;
mod commands;
mod duration;
mod output;
mod terminal;

/// How a command ended when it could do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was found and is well.
    Success,
    /// The work was done and the answer is no: nothing matched, a check failed.
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
            let _ = writeln!(io::stderr(), "analyzer: {failure}");
            ExitCode::from(2)
        }
    }
}

/// True when the failure, or any cause of it, is a write to a pipe that nobody reads.
fn is_closed_pipe(failure: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(failure);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<io::Error>()
            && io.kind() == io::ErrorKind::BrokenPipe
        {
            return true;
        }
        next = error.source();
    }
    false
}
