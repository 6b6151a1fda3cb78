//! `analyzer segments`: a row per TCP segment, with Wireshark's numbers and verdicts.

use std::io::{BufWriter, IsTerminal, stdout};
use std::path::PathBuf;

use analyzer::engine;
use analyzer::report::segments::SegmentRows;
use analyzer::source;

use super::row_format::RowFormatName;
use crate::cli::{Failure, Outcome};

/// What the user chose.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The capture; `-` reads standard input.
    file: PathBuf,
    /// How to write the rows.
    #[arg(long, value_enum, default_value_t)]
    format: RowFormatName,
}

/// Writes the rows that can be read; a damaged capture is an error after the last of them.
pub fn run(args: Args) -> Result<Outcome, Failure> {
    let mut capture = source::open(&args.file)?;
    let is_watched = stdout().is_terminal();
    let mut out = BufWriter::with_capacity(1 << 16, stdout().lock());
    let mut rows = SegmentRows::new(&mut out, args.format.resolve(is_watched), is_watched)?;
    let outcome = engine::run(&mut *capture, &mut rows);
    rows.finish()?;
    outcome?;
    Ok(Outcome::Success)
}
