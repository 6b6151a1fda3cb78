//! The `generator` program: reads the command line, runs one command, maps its outcome to an
//! exit code. Nothing else.

use std::process::ExitCode;

mod cli;

fn main() -> ExitCode {
    cli::run()
}
