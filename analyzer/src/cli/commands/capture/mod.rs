//! `analyzer capture`: live rows as they come, then the report.

use std::fs::File;
use std::io::{self, IsTerminal, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use analyzer::engine::Engine;
use analyzer::source::live::{DEFAULT_BUFFER_SIZE, DEFAULT_SNAPLEN, LiveOptions, LiveSource, Stop};
use analyzer::source::write::PcapngWriter;
use analyzer::source::{CaptureStatistics, FrameSource, Section, privileges};
use analyzer::summary::{CaptureEnd, Collector, Options};
use signal_hook::consts::{SIGINT, SIGTERM};

use self::background::Background;
use self::closing::ClosingConnections;
use self::live_rows::LiveRows;
use super::report;
use crate::cli::{Failure, Outcome, duration};

mod background;
mod closing;
mod live_rows;
mod size;

/// Longest wait for a frame before rows that wait in buffers are shown.
const TICK: Duration = Duration::from_millis(50);

/// What the user chose.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The interface; `any` for all of them, `analyzer interfaces` lists them.
    #[arg(short, long)]
    interface: String,
    /// Record only what this capture filter lets through, for example `tcp port 10000`
    /// (libpcap's language, see pcap-filter(7)).
    #[arg(short = 'f', long, value_name = "BPF")]
    filter: Option<String>,
    /// Also write the frames to this pcapng file; with `-`, to standard output, and then there
    /// are no live rows and the report goes to standard error.
    #[arg(short, long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// End after this time: seconds (10, 2.5) or with units (500ms, 1m 30s).
    #[arg(long, value_parser = duration::parse)]
    duration: Option<Duration>,
    /// End after so many frames.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// End after so many TCP connections have closed.
    #[arg(long, value_name = "N")]
    connections: Option<u64>,
    /// Bytes of each frame that are recorded.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SNAPLEN)]
    snaplen: u32,
    /// The kernel's buffer, for example `64M`.
    #[arg(long, value_name = "S", value_parser = size::parse, default_value_t = DEFAULT_BUFFER_SIZE)]
    buffer_size: u32,
    /// No live rows, only the report.
    #[arg(long)]
    quiet: bool,
}

/// A file or standard output.
type Output = Box<dyn Write + Send>;

/// Where the frames go.
struct Sinks {
    engine: Engine,
    rows: Option<LiveRows>,
    file: Option<PcapngWriter<Background>>,
    collector: Collector,
    closing: ClosingConnections,
    frames: u64,
}

/// Records until a limit, Ctrl-C or an error; the report comes in any case.
pub fn run(args: Args) -> Result<Outcome, Failure> {
    if !(64..=DEFAULT_SNAPLEN).contains(&args.snaplen) {
        return Err(format!("--snaplen lies between 64 and {DEFAULT_SNAPLEN} bytes").into());
    }
    let to_stdout = args.write.as_deref() == Some(Path::new("-"));
    let stop = stop_on_signals()?;
    let options = LiveOptions {
        filter: args.filter.clone(),
        snaplen: args.snaplen,
        buffer_size: args.buffer_size,
        ..LiveOptions::default()
    };
    let mut source = options.open(&args.interface, stop)?;
    // After the interface, so that a wrong name costs no older file; before the privileges go,
    // and with them the right to write where only root may.
    let file = args.write.as_deref().map(create).transpose()?;
    privileges::drop_all()?;
    let file = file
        .map(|out| begin_file(out, &source, args.filter.as_deref()))
        .transpose()
        .map_err(|cause| cannot_write(args.write.as_deref(), &cause))?;
    let talk = format!("recording on {}; Ctrl-C ends it and reports", args.interface);
    writeln!(stderr(), "{talk}")?;

    let mut sinks = Sinks {
        engine: Engine::new(),
        rows: (!args.quiet && !to_stdout).then(LiveRows::new).transpose()?,
        file,
        collector: Collector::new(Options::default()),
        closing: ClosingConnections::default(),
        frames: 0,
    };
    let ended = record(&args, &mut source, &mut sinks);
    // The last rows come before the report.
    if let Some(rows) = &mut sinks.rows {
        rows.flush()?;
    }
    let statistics = source.statistics();
    let written = match sinks.file.take() {
        Some(file) => file.finish(&[statistics]).and_then(Background::finish),
        None => Ok(()),
    };
    report_losses(sinks.frames, statistics)?;
    let failure = ended.err();
    let summary = sinks.collector.finish(CaptureEnd {
        file: args.interface.clone(),
        format: Some(source.format().to_owned()),
        interfaces: source.interfaces().to_vec(),
        statistics,
        error: failure.as_ref().map(ToString::to_string),
        filter: None,
    });
    match to_stdout {
        true => report::write_table_to_stderr(&summary)?,
        false => report::write_table(&summary)?,
    }
    if let Some(failure) = failure {
        return Err(failure);
    }
    written.map_err(|cause| cannot_write(args.write.as_deref(), &cause))?;
    Ok(if sinks.frames == 0 { Outcome::Negative } else { Outcome::Success })
}

/// Hands every frame to everybody, up to the first limit that is reached.
fn record(args: &Args, source: &mut LiveSource, sinks: &mut Sinks) -> Result<(), Failure> {
    let stop = source.stop_handle();
    let end = args.duration.and_then(|duration| Instant::now().checked_add(duration));
    while !source.has_ended() {
        let tick = Instant::now() + TICK;
        if end.is_some_and(|end| tick >= end + TICK) {
            stop.stop();
        }
        let Some(frame) = source.next_until(Some(end.map_or(tick, |end| end.min(tick))))? else {
            sinks.flush().map_err(|cause| cannot_write(args.write.as_deref(), &cause))?;
            continue;
        };
        sinks.frames += 1;
        if let Some(file) = &mut sinks.file {
            file.write(&frame).map_err(|cause| cannot_write(args.write.as_deref(), &cause))?;
        }
        let facts = sinks.engine.examine(frame);
        sinks.collector.observe(&facts, true);
        if let Some(rows) = &mut sinks.rows {
            rows.show(&facts)?;
        }
        if let Some(tcp) = &facts.tcp {
            sinks.closing.observe(tcp);
        }
        if args.connections.is_some_and(|limit| sinks.closing.closed() >= limit) {
            stop.stop();
        }
        if args.count.is_some_and(|limit| sinks.frames >= limit) {
            break;
        }
    }
    Ok(())
}

impl Sinks {
    fn flush(&mut self) -> io::Result<()> {
        if let Some(rows) = &mut self.rows {
            rows.flush()?;
        }
        self.file.as_mut().map_or(Ok(()), PcapngWriter::flush)
    }
}

/// Ctrl-C ends the recording, a second one the program.
fn stop_on_signals() -> io::Result<Stop> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&flag))?;
        signal_hook::flag::register(signal, Arc::clone(&flag))?;
    }
    Ok(Stop::from_flag(flag))
}

fn create(path: &Path) -> Result<Output, Failure> {
    Ok(match path == Path::new("-") {
        true if stdout().is_terminal() => {
            return Err("a capture is no text; send it to a file or a program (-w - > FILE)".into());
        }
        true => Box::new(stdout()),
        false => Box::new(File::create(path).map_err(|cause| cannot_write(Some(path), &cause))?),
    })
}

/// Begins the file; the thread that writes it starts without the privileges that are gone.
fn begin_file(
    out: Output,
    source: &LiveSource,
    filter: Option<&str>,
) -> io::Result<PcapngWriter<Background>> {
    let section = Section {
        os: Some(String::from(std::env::consts::OS)),
        application: Some(format!("analyzer {}", env!("CARGO_PKG_VERSION"))),
        ..Section::default()
    };
    let mut writer = PcapngWriter::new(Background::new(out)?, &section)?;
    writer.add_interface(source.interface(), filter, None)?;
    writer.flush()?;
    Ok(writer)
}

fn cannot_write(path: Option<&Path>, cause: &io::Error) -> Failure {
    if cause.kind() == io::ErrorKind::BrokenPipe {
        return io::Error::from(io::ErrorKind::BrokenPipe).into();
    }
    let path = path.filter(|path| *path != Path::new("-")).unwrap_or(Path::new("standard output"));
    format!("cannot write {}: {cause}", path.display()).into()
}

/// Says what was recorded and what got lost.
fn report_losses(frames: u64, statistics: CaptureStatistics) -> io::Result<()> {
    let (by_kernel, by_interface) =
        (statistics.dropped_by_kernel.unwrap_or(0), statistics.dropped_by_interface.unwrap_or(0));
    let advice = match by_kernel {
        0 => "",
        _ => "; a larger --buffer-size, a smaller --snaplen or a --filter loses fewer",
    };
    writeln!(
        stderr(),
        "{frames} frames recorded, {by_kernel} dropped by the kernel, \
         {by_interface} dropped by the interface{advice}"
    )
}
