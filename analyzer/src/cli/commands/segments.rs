//! `analyzer segments`: a row per TCP segment, with Wireshark's numbers and verdicts.

use std::io::{BufWriter, IsTerminal, stdout};
use std::path::PathBuf;

use analyzer::engine;
use analyzer::facts::FrameFacts;
use analyzer::filter::Filter;
use analyzer::listing::segments::SegmentRows;
use analyzer::source;

use super::count;
use super::filtered::{self, Filtered};
use super::row_format::RowFormatName;
use super::threads::ThreadsArg;
use super::two_pass::TwoPassArg;
use crate::cli::{Failure, Outcome};

/// What the user chose.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The capture; `-` reads standard input.
    file: PathBuf,
    /// Only the frames that this display filter selects, for example `tcp.stream == 0`.
    #[arg(short = 'Y', long, value_name = "FILTER")]
    filter: Option<String>,
    /// How to write the rows.
    #[arg(long, value_enum, default_value_t)]
    format: RowFormatName,
    /// Print only the number of segments, or of those that the filter selects.
    #[arg(long, conflicts_with_all = ["format", "two_pass"])]
    count: bool,
    #[command(flatten)]
    two_pass: TwoPassArg,
    #[command(flatten)]
    threads: ThreadsArg,
}

/// Writes the rows that can be read; a damaged capture is an error after the last of them.
pub fn run(args: Args) -> Result<Outcome, Failure> {
    let filter = args.filter.as_deref().map(Filter::parse).transpose()?;
    let mut capture = source::open(&args.file)?;
    let filter = filtered::fit(filter, &*capture);
    if args.count {
        let has_segment = |facts: &FrameFacts<'_>| facts.decoded.tcp_index().is_some();
        return count::run(&mut *capture, filter, args.threads.resolve(), has_segment);
    }
    let mut engine = args.two_pass.engine(&args.file, args.threads.resolve())?;
    let mut out = BufWriter::with_capacity(1 << 16, stdout().lock());
    let mut rows = SegmentRows::new(&mut out, args.format.resolve(stdout().is_terminal()))?;
    let mut filtered = Filtered::new(filter, &mut rows);
    let end = engine::run_with(&mut engine, &mut *capture, args.threads.resolve(), &mut filtered);
    let outcome = filtered.outcome();
    rows.finish()?;
    end?;
    Ok(outcome)
}
