//! `analyzer frames`: the packet list, and the bytes of each frame.

use std::io::{BufWriter, IsTerminal, Write, stdout};
use std::path::PathBuf;

use analyzer::engine::Threads;
use analyzer::filter::Filter;
use analyzer::listing::packet_list::{Look, PacketList};
use analyzer::listing::rows::RowFormat;
use analyzer::source;
use analyzer::time::TimePrecision;

use super::count;
use super::filtered;
use super::row_format::RowFormatName;
use super::two_pass::TwoPassArg;
use crate::cli::{Failure, Outcome, terminal};

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
    /// Add the bytes of each frame: offset, sixteen bytes, text.
    #[arg(long)]
    hex: bool,
    /// Print only the number of frames, or of those that the filter selects.
    #[arg(long, conflicts_with_all = ["hex", "format", "two_pass"])]
    count: bool,
    #[command(flatten)]
    two_pass: TwoPassArg,
}

/// Writes the rows that can be read; a damaged capture is an error after the last of them.
pub fn run(args: Args) -> Result<Outcome, Failure> {
    let filter = args.filter.as_deref().map(Filter::parse).transpose()?;
    let mut capture = source::open(&args.file)?;
    let mut filter = filtered::fit(filter, &*capture);
    if args.count {
        return count::run(&mut *capture, filter, Threads::available(), |_| true);
    }
    let is_watched = stdout().is_terminal();
    let mut format = args.format.resolve(is_watched);
    if args.hex && args.format == RowFormatName::Auto {
        format = RowFormat::Table;
    }
    if args.hex && format != RowFormat::Table {
        return Err("--hex goes with --format table only: a dump has no place in rows".into());
    }
    let mut list = PacketList::new(Look {
        format,
        has_bytes: args.hex,
        is_coloured: terminal::wants_colour(),
        line_width: terminal::width(),
    });
    let mut out = BufWriter::with_capacity(1 << 16, stdout().lock());
    list.write_header(&mut out)?;
    let mut engine = args.two_pass.engine(&args.file, Threads::available())?;
    let mut is_empty = true;
    let outcome = loop {
        if capture.may_wait() {
            out.flush()?;
        }
        let (interface, is_selected) = match capture.next() {
            Ok(Some(frame)) => {
                let facts = engine.examine(frame);
                list.prepare(&facts);
                let is_selected = filter.as_mut().is_none_or(|filter| filter.matches(&facts));
                (facts.frame.interface, is_selected)
            }
            Ok(None) => break Ok(()),
            Err(damage) => break Err(damage),
        };
        if !is_selected {
            continue;
        }
        is_empty = false;
        let index = usize::try_from(interface.0).unwrap_or(usize::MAX);
        let precision = capture.interfaces().get(index).map(|interface| interface.precision);
        list.write(&mut out, precision.unwrap_or(TimePrecision::MICROS))?;
    };
    out.flush()?;
    outcome?;
    Ok(if is_empty && filter.is_some() { Outcome::Negative } else { Outcome::Success })
}
