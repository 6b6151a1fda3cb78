//! `generator traffic`: a large capture for measurements.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use generator::forge::traffic::{self, FileFormat, PayloadSize, Profile, Shape, Span, Traffic};

use crate::cli::{Failure, Outcome};

/// What the user chose.
#[derive(Debug, clap::Args)]
pub struct TrafficArgs {
    /// The kind of traffic.
    #[arg(value_enum)]
    profile: ProfileName,
    /// The capture to write; `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The kind of file [default: pcapng if the file's name ends so, else pcap].
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// The same number makes the same bytes.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Connections in all [default: the profile's].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    connections: Option<u64>,
    /// Connections at a time [default: the profile's].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    open: Option<u64>,
    /// Data segments of a connection, one number or MIN-MAX [default: the profile's].
    #[arg(long, value_name = "N", value_parser = span)]
    segments: Option<Span>,
    /// Bytes of data in a segment, one number or MIN-MAX [default: the profile's].
    #[arg(long, value_name = "N", value_parser = span)]
    payload: Option<Span>,
    /// End after so many frames, in the middle of whatever is going on.
    #[arg(long, value_name = "N")]
    max_frames: Option<u64>,
    /// Write what the capture holds, counted, to this file as JSON.
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
}

/// The profiles' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ProfileName {
    /// 9.9 million small segments of 200,000 connections, 4,000 at a time, with faults.
    Many,
    /// 300,000 connections that are all open at once.
    Wide,
    /// 2 GB of full-size segments on 8 connections.
    Bulk,
    /// One connection of 2 million frames.
    One,
    /// IPv6, VLANs, refused and repeated handshakes, reused ports, and every fault.
    Mixed,
}

/// The file formats' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// Classic pcap, microseconds.
    Pcap,
    /// pcapng, nanoseconds.
    Pcapng,
}

/// Makes the capture, and says what it holds.
pub fn run(args: &TrafficArgs) -> Result<Outcome, Failure> {
    let mut traffic = Traffic::new(args.shape(), args.seed);
    let is_stdout = args.output == Path::new("-");
    let name = if is_stdout { "standard output".into() } else { args.output.display().to_string() };
    let out: Box<dyn Write> = match is_stdout {
        true => Box::new(io::stdout()),
        false => Box::new(
            File::create(&args.output).map_err(|cause| format!("cannot write {name}: {cause}"))?,
        ),
    };
    let out = BufWriter::with_capacity(1 << 20, out);
    match traffic::write(&mut traffic, args.file_format(), args.max_frames, out) {
        // Whoever reads has seen enough.
        Err(cause) if is_stdout && cause.kind() == io::ErrorKind::BrokenPipe => {}
        written => written.map_err(|cause| format!("cannot write {name}: {cause}"))?,
    }
    let truth = traffic.truth();
    if let Some(path) = &args.truth {
        let failed = |cause: io::Error| format!("cannot write {}: {cause}", path.display());
        let mut text = serde_json::to_string_pretty(&truth)?;
        text.push('\n');
        std::fs::write(path, text).map_err(failed)?;
    }
    let (frames, connections) = (truth.frames, truth.connections);
    writeln!(io::stderr(), "made {frames} frames of {connections} connections: {name}")?;
    Ok(Outcome::Success)
}

impl TrafficArgs {
    /// The profile with what the user wants otherwise.
    fn shape(&self) -> Shape {
        let shape = Profile::from(self.profile).shape();
        Shape {
            connections: self.connections.unwrap_or(shape.connections),
            open: self.open.unwrap_or(shape.open),
            segments: self.segments.unwrap_or(shape.segments),
            payload: self.payload.map_or(shape.payload, PayloadSize::Bytes),
            ..shape
        }
    }

    fn file_format(&self) -> FileFormat {
        match self.format {
            Some(FormatName::Pcap) => FileFormat::Pcap,
            Some(FormatName::Pcapng) => FileFormat::Pcapng,
            None if self.output.extension().is_some_and(|end| end == "pcapng") => {
                FileFormat::Pcapng
            }
            None => FileFormat::Pcap,
        }
    }
}

impl From<ProfileName> for Profile {
    fn from(name: ProfileName) -> Self {
        match name {
            ProfileName::Many => Self::Many,
            ProfileName::Wide => Self::Wide,
            ProfileName::Bulk => Self::Bulk,
            ProfileName::One => Self::One,
            ProfileName::Mixed => Self::Mixed,
        }
    }
}

/// `7` or `5-10`.
fn span(text: &str) -> Result<Span, String> {
    let (least, most) = text.split_once('-').unwrap_or((text, text));
    match (least.parse(), most.parse()) {
        (Ok(least), Ok(most)) if least <= most => Ok(Span::new(least, most)),
        _ => Err("write one number or two, the smaller one first, as in 5-10".to_owned()),
    }
}
