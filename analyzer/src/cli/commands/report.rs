//! `analyzer report`: what happened in captures, for people and for programs.

use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write, stdout};
use std::path::{Path, PathBuf};

use analyzer::filter::Filter;
use analyzer::report::{self, Format, Look};
use analyzer::source;
use analyzer::summary::{self, CaptureSummary, Matching, Options};

use crate::cli::{Failure, Outcome};

/// What the user chose.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The captures, one report each; `-` reads standard input.
    #[arg(required = true)]
    file: Vec<PathBuf>,
    /// Tell only connections of which at least one frame matches this display filter.
    #[arg(short = 'Y', long, value_name = "FILTER")]
    filter: Option<String>,
    /// Connections told in full, those with the most data first.
    #[arg(long, value_name = "N", default_value_t = Options::default().top)]
    top: usize,
    /// Segments listed per connection: from its start, and the last few.
    #[arg(long, value_name = "N", default_value_t = Options::default().segments)]
    segments: usize,
    /// How to write the report.
    #[arg(long, value_enum, default_value_t)]
    format: FormatName,
    /// Write to this file instead of standard output.
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
}

/// The formats by the names that a user types.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum FormatName {
    /// Sentences and tables for people at a terminal.
    #[default]
    Table,
    /// One document; its schema: `analyzer schema report`.
    Json,
    /// One line of JSON per connection, all of them.
    Ndjson,
    /// One row per connection, all of them.
    Csv,
    /// For people, to paste into a document.
    Markdown,
}

/// A file that could not be read, or not to its end.
#[derive(Debug, thiserror::Error)]
enum Unread {
    /// One file: its own words.
    #[error("{0}")]
    One(source::Error),
    /// Several of them.
    #[error("{0}\nanalyzer: and {1} more could not be read to the end; the reports name them")]
    Several(source::Error, usize),
}

/// Writes the report of everything that can be read; what cannot is an error afterwards.
pub fn run(args: Args) -> Result<Outcome, Failure> {
    let options = Options { top: args.top, segments: args.segments };
    let filter = args.filter.as_deref().map(Filter::parse).transpose()?;
    let matching = args.filter.as_deref().zip(filter.as_ref());
    let matching = matching.map(|(text, filter)| Matching { text, filter });
    if let Some(path) = &args.output {
        refuse_input(path, &args.file)?;
    }
    let mut summaries = Vec::with_capacity(args.file.len());
    let mut errors = Vec::new();
    for file in &args.file {
        match source::open(file) {
            Ok(mut capture) => {
                let name = file.display().to_string();
                let (summary, error) =
                    summary::summarise_matching(&name, &mut *capture, options, matching);
                summaries.push(summary);
                errors.extend(error);
            }
            Err(error) => errors.push(error),
        }
    }
    if !summaries.is_empty() {
        write_report(&args, &summaries)?;
    }
    let others = errors.len().saturating_sub(1);
    match errors.into_iter().next() {
        Some(error) if others == 0 => Err(Unread::One(error).into()),
        Some(error) => Err(Unread::Several(error, others).into()),
        None => Ok(outcome(&summaries)),
    }
}

/// Writing over a capture that is to be read would destroy it.
fn refuse_input(output: &Path, inputs: &[PathBuf]) -> Result<(), Failure> {
    let Ok(target) = output.canonicalize() else { return Ok(()) };
    if inputs.iter().any(|input| input.canonicalize().is_ok_and(|input| input == target)) {
        let path = output.display();
        return Err(format!("{path} is one of the captures; name another file with -o").into());
    }
    Ok(())
}

/// The answer is "no" when a filter was given and nothing matched it anywhere.
fn outcome(summaries: &[CaptureSummary]) -> Outcome {
    let is_empty = |s: &CaptureSummary| s.filter.as_ref().is_some_and(|f| f.frames_matched == 0);
    match !summaries.is_empty() && summaries.iter().all(is_empty) {
        true => Outcome::Negative,
        false => Outcome::Success,
    }
}

fn write_report(args: &Args, summaries: &[CaptureSummary]) -> Result<(), Failure> {
    let format = args.format.resolve();
    let Some(path) = &args.output else {
        return write_to_stdout(format, summaries);
    };
    write_file(path, format, summaries)
        .map_err(|error| format!("cannot write {}: {error}", path.display()).into())
}

/// Writes the table of summaries to standard output, as `analyzer report` does.
///
/// # Errors
/// Those of standard output.
pub fn write_table(summaries: &[CaptureSummary]) -> Result<(), Failure> {
    write_to_stdout(Format::Table, summaries)
}

fn write_to_stdout(format: Format, summaries: &[CaptureSummary]) -> Result<(), Failure> {
    let is_terminal = stdout().is_terminal();
    let has_colour = is_terminal && std::env::var_os("NO_COLOR").is_none();
    let look = Look { width: width(is_terminal), colour: has_colour };
    let mut out = BufWriter::with_capacity(1 << 16, stdout().lock());
    report::render(format, summaries, look, &mut out)?;
    Ok(out.flush()?)
}

fn write_file(path: &Path, format: Format, summaries: &[CaptureSummary]) -> std::io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, File::create(path)?);
    report::render(format, summaries, Look::default(), &mut out)?;
    out.flush()
}

/// Characters per line: the terminal's, or 80 where there is none. Narrower than 60 the
/// tables would fall apart.
fn width(is_terminal: bool) -> u16 {
    let terminal = is_terminal.then(|| comfy_table::Table::new().width()).flatten();
    terminal.unwrap_or(80).max(60)
}

impl FormatName {
    fn resolve(self) -> Format {
        match self {
            Self::Table => Format::Table,
            Self::Json => Format::Json,
            Self::Ndjson => Format::Ndjson,
            Self::Csv => Format::Csv,
            Self::Markdown => Format::Markdown,
        }
    }
}
