//! `analyzer follow`: the bytes of one TCP stream, as the applications read them.

use std::io::{BufWriter, Write, stderr, stdout};
use std::path::PathBuf;

use analyzer::engine::{self, Threads};
use analyzer::listing::follow::{FollowFormat, FollowLook, FollowOutcome, Follower};
use analyzer::source;
use analyzer::tcp::{Direction, StreamId};

use crate::cli::{Failure, Outcome, terminal};

/// What the user chose.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The capture; `-` reads standard input.
    file: PathBuf,
    /// Number of the stream, from 0, as `analyzer conversations` and tcp.stream count.
    #[arg(long)]
    stream: u32,
    /// Only what this side sent.
    #[arg(long, value_enum)]
    from: Option<Side>,
    /// How to write the bytes.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// One end of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Side {
    /// The sender of the first SYN, or of the first segment when none was captured.
    Client,
    /// The other one.
    Server,
}

/// The forms that the bytes may take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Text; what is not printable is a dot.
    #[default]
    Text,
    /// A dump with offsets.
    Hex,
    /// The bytes alone.
    Raw,
}

/// Writes the stream; the answer is no when the capture has no such stream.
pub fn run(args: Args) -> Result<Outcome, Failure> {
    let mut capture = source::open(&args.file)?;
    let look = FollowLook {
        stream: StreamId(args.stream),
        from: args.from.map(|side| match side {
            Side::Client => Direction::FromClient,
            Side::Server => Direction::FromServer,
        }),
        format: match args.format {
            Format::Text => FollowFormat::Text,
            Format::Hex => FollowFormat::Hex,
            Format::Raw => FollowFormat::Raw,
        },
        is_coloured: terminal::wants_colour() && args.format != Format::Raw,
    };
    let mut out = BufWriter::with_capacity(1 << 16, stdout().lock());
    let mut follower = Follower::new(&mut out, look);
    let read = engine::run(&mut *capture, Threads::default(), &mut follower);
    let outcome = follower.finish()?;
    read?;
    tell(&args, outcome)
}

/// What has to be said beside the bytes.
fn tell(args: &Args, outcome: FollowOutcome) -> Result<Outcome, Failure> {
    let mut talk = stderr().lock();
    let (file, stream) = (args.file.display(), args.stream);
    if !outcome.is_found {
        match outcome.streams {
            0 => writeln!(talk, "analyzer: {file} has no TCP stream")?,
            1 => {
                writeln!(talk, "analyzer: no stream {stream}: {file} has one TCP stream, number 0")?
            }
            n => writeln!(
                talk,
                "analyzer: no stream {stream}: {file} has {n} TCP streams, numbers 0 to {}",
                n - 1
            )?,
        }
        return Ok(Outcome::Negative);
    }
    if args.format == Format::Raw && outcome.missing > 0 {
        let (there, missing) = (outcome.bytes, outcome.missing);
        writeln!(talk, "analyzer: {there} bytes written; {missing} more are not in the capture")?;
    }
    Ok(Outcome::Success)
}
