//! `generator client`: sends, and verifies the echo.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use generator::client::{self, ClientReport, CloseMode, Origin, Plan};
use generator::error::Error;
use generator::payload::Payload;
use generator::stop::Stop;
use generator::target::Target;

use crate::cli::args::{LogFormat, buffer_size, duration, source_address};
use crate::cli::output::Output;
use crate::cli::progress::{Explainer, Progress};
use crate::cli::{Failure, Outcome};

/// The course's message.
const COURSE_MESSAGE: &str = "INI ADALAH DATA YANG DIKIRIM ABCDEFGHIJKLMNOPQ";
/// Payloads above this, or of unknown length, are not logged read by read unless asked for.
const LOGGED_BYTES: u64 = 1 << 20;

/// Options of `generator client`.
#[derive(Debug, Args)]
pub struct ClientArgs {
    /// The server: name or address, and port.
    #[arg(long, value_name = "HOST:PORT")]
    to: Target,
    /// Text to send [default: the course's message].
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["file", "stdin"])]
    message: Option<String>,
    /// File to send; its content is read twice, once to compare.
    #[arg(long, value_name = "PATH", conflicts_with = "stdin")]
    file: Option<PathBuf>,
    /// `-` sends standard input until it ends.
    #[arg(value_name = "-", value_parser = ["-"])]
    stdin: Option<String>,
    /// Most bytes that one read takes.
    #[arg(long, value_name = "BYTES", default_value = "16", value_parser = buffer_size)]
    recv_size: usize,
    /// Connections at the same time: all connect behind one barrier, and none sends before all
    /// are connected (or 1.5 s have passed), so that they overlap by construction.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    parallel: u16,
    /// Source address, and port if it matters.
    #[arg(long, value_name = "ADDR[:PORT]", value_parser = source_address)]
    from: Option<std::net::SocketAddr>,
    /// Send through this interface only.
    #[arg(long, value_name = "IF")]
    interface: Option<String>,
    /// How to close.
    #[arg(long, value_enum, default_value = "fin")]
    close: CloseArg,
    /// Keep the connection open for so long after the echo is complete, then close it.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    stay_open: Option<Duration>,
    /// Give up when nothing moves for so long, and say who waits for whom [default: never].
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    timeout: Option<Duration>,
    /// Do it so many times, one after the other, on new connections.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u64).range(1..))]
    repeat: u64,
    /// What to write meanwhile [default: course; quiet for input above 1 MiB or of unknown
    /// length].
    #[arg(long, value_enum)]
    log: Option<LogFormat>,
    /// Also write the record of every finished connection to this file, a JSON object per line.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Once connected, send only when standard input ends: the lab's barrier.
    #[arg(long, hide = true, conflicts_with = "stdin")]
    wait_for_input_end: bool,
}

/// [`CloseMode`] as an option.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum CloseArg {
    /// FIN once the echo is complete.
    Fin,
    /// RST once the echo is complete.
    Rst,
    /// FIN once everything is sent, then read the echo until the server's FIN.
    HalfClose,
    /// Wait for the server to close first, which an echo server never does.
    Hold,
}

impl From<CloseArg> for CloseMode {
    fn from(close: CloseArg) -> Self {
        match close {
            CloseArg::Fin => Self::Fin,
            CloseArg::Rst => Self::Rst,
            CloseArg::HalfClose => Self::HalfClose,
            CloseArg::Hold => Self::Hold,
        }
    }
}

/// Runs the exchange; an echo that is not identical is a negative outcome.
pub fn run(args: &ClientArgs) -> Result<Outcome, Failure> {
    if args.parallel > 1 && args.from.is_some_and(|from| from.port() != 0) {
        return Err("--from with a port is for one connection: leave the port out, or \
                    --parallel"
            .into());
    }
    let payload = payload(args)?;
    let is_short = payload.length().is_some_and(|length| length <= LOGGED_BYTES);
    let by_size = if is_short { LogFormat::Course } else { LogFormat::Quiet };
    let log = args.log.unwrap_or(by_size);
    let mut output = Output::new(log, args.record.as_deref())?;
    output.add(Arc::new(Explainer::default()));
    let progress = (log == LogFormat::Quiet).then(|| {
        let connections = args.repeat.saturating_mul(args.parallel.into());
        Arc::new(Progress::new(payload.length().map(|length| length.saturating_mul(connections))))
    });
    if let Some(progress) = &progress {
        output.add(progress.clone());
    }
    let system = |cause: io::Error| Error::System { task: "prepare for signals", cause };
    let stop = Stop::new().map_err(system)?;
    stop.on_signals().map_err(system)?;
    let plan = Plan {
        to: args.to.clone(),
        origin: Origin { address: args.from, interface: args.interface.clone() },
        payload,
        recv_size: args.recv_size,
        parallel: args.parallel.into(),
        repeat: args.repeat,
        close: args.close.into(),
        timeout: args.timeout,
        stay_open: args.stay_open,
        sign: args.wait_for_input_end.then(input).transpose().map_err(system)?,
    };
    let ClientReport { summary, error } = client::run(&plan, &stop, &output);
    if let Some(progress) = &progress {
        progress.finish();
    }
    let written = output.summary(&summary, &summary.to_string()).and_then(|()| output.finish());
    if let Some(error) = error {
        return Err(error.into());
    }
    let outcome = if summary.fault.is_some() { Outcome::Negative } else { Outcome::Success };
    match written {
        // The verdict stands, whether or not somebody read it.
        Err(Error::Output { cause, .. }) if cause.kind() == io::ErrorKind::BrokenPipe => {
            Ok(outcome)
        }
        Err(error) => Err(error.into()),
        Ok(()) => Ok(outcome),
    }
}

/// Standard input as a descriptor that one can wait on.
fn input() -> io::Result<OwnedFd> {
    io::stdin().as_fd().try_clone_to_owned()
}

/// What the command line says to send.
fn payload(args: &ClientArgs) -> Result<Payload, Error> {
    let is_reused = args.parallel > 1 || args.repeat > 1;
    match (&args.file, &args.stdin, &args.message) {
        (Some(path), _, _) if path != Path::new("-") => Payload::file(path, is_reused),
        (Some(_), _, _) | (_, Some(_), _) => Payload::stdin(is_reused),
        (_, _, Some(message)) => Ok(Payload::message(message.as_bytes())),
        _ => Ok(Payload::message(COURSE_MESSAGE)),
    }
}
