//! `analyzer conversations`: a row per TCP stream.

use std::io::{BufWriter, IsTerminal, stdout};
use std::path::PathBuf;

use analyzer::engine;
use analyzer::filter::Filter;
use analyzer::listing::conversations::Conversations;
use analyzer::source;

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
    /// Count only the frames that this display filter selects, for example `tcp.len > 0`.
    #[arg(short = 'Y', long, value_name = "FILTER")]
    filter: Option<String>,
    /// How to write the rows.
    #[arg(long, value_enum, default_value_t)]
    format: RowFormatName,
    #[command(flatten)]
    two_pass: TwoPassArg,
    #[command(flatten)]
    threads: ThreadsArg,
}

/// Writes a row per stream; a damaged capture is an error after what could be read of it.
pub fn run(args: Args) -> Result<Outcome, Failure> {
    let filter = args.filter.as_deref().map(Filter::parse).transpose()?;
    let mut capture = source::open(&args.file)?;
    let filter = filtered::fit(filter, &*capture);
    let mut engine = args.two_pass.engine(&args.file, args.threads.resolve())?;
    let mut conversations = Conversations::new();
    let mut filtered = Filtered::new(filter, &mut conversations);
    let end = engine::run_with(&mut engine, &mut *capture, args.threads.resolve(), &mut filtered);
    let outcome = filtered.outcome();
    let format = args.format.resolve(stdout().is_terminal());
    let mut out = BufWriter::with_capacity(1 << 16, stdout().lock());
    conversations.write(&mut out, format)?;
    end?;
    Ok(outcome)
}
