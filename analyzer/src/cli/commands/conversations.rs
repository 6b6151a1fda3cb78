//! `analyzer conversations`: a row per TCP stream.

use std::io::{BufWriter, IsTerminal, stdout};
use std::path::PathBuf;

use analyzer::engine;
use analyzer::listing::conversations::Conversations;
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

/// Writes a row per stream; a damaged capture is an error after what could be read of it.
pub fn run(args: Args) -> Result<Outcome, Failure> {
    let mut capture = source::open(&args.file)?;
    let mut conversations = Conversations::new();
    let outcome = engine::run(&mut *capture, &mut conversations);
    let format = args.format.resolve(stdout().is_terminal());
    let mut out = BufWriter::with_capacity(1 << 16, stdout().lock());
    conversations.write(&mut out, format)?;
    outcome?;
    Ok(Outcome::Success)
}
