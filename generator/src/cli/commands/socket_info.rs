//! `generator socket-info`: what the resolver and a fresh socket say.

use std::io::{Write, stderr, stdout};
use std::time::Duration;

use clap::{Args, ValueEnum};
use generator::error::Error;
use generator::socket_info::{course_text, socket_info};

use crate::cli::args::duration;
use crate::cli::{Failure, Outcome};

/// Options of `generator socket-info`.
#[derive(Debug, Args)]
pub struct SocketInfoArgs {
    /// Name or address to resolve.
    host: String,
    /// Port to put into the answers.
    port: u16,
    /// Timeout to set on a socket, to see that it is set.
    #[arg(long, value_name = "DURATION", default_value = "10", value_parser = duration)]
    timeout: Duration,
    /// How to print it.
    #[arg(long, value_enum, default_value = "course")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// As the course's Python program prints it.
    Course,
    /// One JSON object.
    Json,
}

/// Prints what was found.
pub fn run(args: &SocketInfoArgs) -> Result<Outcome, Failure> {
    let info = socket_info(&args.host, args.port, args.timeout)?;
    let text = match args.format {
        Format::Course => course_text(&info),
        Format::Json => serde_json::to_string_pretty(&info)?,
    };
    let mut out = stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|cause| Error::Output { what: "to standard output".to_owned(), cause })?;
    // Talk: losing it loses nothing.
    let _ = writeln!(stderr(), "generator: names were resolved; no connection was made");
    Ok(Outcome::Success)
}
