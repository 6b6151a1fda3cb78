//! `generator server`: TCP echo.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use generator::echo_server::{EchoServer, Mode, Settings};
use generator::error::Error;
use generator::stop::Stop;
use generator::target::Target;

use crate::cli::args::{LogFormat, buffer_size, duration};
use crate::cli::output::Output;
use crate::cli::{Failure, Outcome};

/// Options of `generator server`.
#[derive(Debug, Args)]
pub struct ServerArgs {
    /// Address and port to listen on; port 0 takes a free one and says which.
    #[arg(long, value_name = "ADDR:PORT", default_value = "0.0.0.0:10000")]
    bind: Target,
    /// Most bytes that one read takes, and so the largest piece sent back at once.
    #[arg(long, value_name = "BYTES", default_value = "32", value_parser = buffer_size)]
    recv_size: usize,
    /// Connections that may wait to be accepted [default: 1 for sequential, otherwise 128].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=65535))]
    backlog: Option<u32>,
    /// How to serve several clients.
    #[arg(long, value_enum, default_value = "threads")]
    mode: ModeArg,
    /// Stop after serving so many connections.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_connections: Option<u64>,
    /// Close a connection on which nothing moves for so long.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    idle_timeout: Option<Duration>,
    /// What to write while serving.
    #[arg(long, value_enum, default_value = "course")]
    log: LogFormat,
    /// Also write the record of every finished connection to this file, a JSON object per line.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

/// [`Mode`] as an option.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum ModeArg {
    /// A thread for each connection.
    Threads,
    /// The course's server: one at a time, the next one waits.
    Sequential,
    /// A tokio task for each connection.
    Async,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Threads => Self::Threads,
            ModeArg::Sequential => Self::Sequential,
            ModeArg::Async => Self::Async,
        }
    }
}

/// Serves until stopped.
pub fn run(args: &ServerArgs) -> Result<Outcome, Failure> {
    let output = Arc::new(Output::new(args.log, args.record.as_deref())?);
    let system = |cause| Error::System { task: "prepare for signals", cause };
    let stop = Stop::new().map_err(system)?;
    stop.on_signals().map_err(system)?;
    let mode = Mode::from(args.mode);
    let bind = args.bind.addresses()?.into_iter().next();
    let server = EchoServer::bind(Settings {
        bind: bind.ok_or("no address to listen on")?,
        recv_size: args.recv_size,
        backlog: args.backlog.unwrap_or(mode.default_backlog()),
        mode,
        max_connections: args.max_connections,
        idle_timeout: args.idle_timeout,
    })?;
    let summary = server.run(&stop, output.clone())?;
    output.summary(&summary, &summary.to_string())?;
    output.finish()?;
    Ok(Outcome::Success)
}
