//! `analyzer report`: what happened in captures, for people and for programs.

use std::fmt;
use std::io::{BufWriter, IsTerminal, Write, stdout};
use std::path::{Path, PathBuf};

use analyzer::filter::Filter;
use analyzer::report::{self, Format, Look};
use analyzer::source;
use analyzer::summary::{self, CaptureSummary, Matching, Options};

use super::threads::ThreadsArg;
use crate::cli::output::OutputFile;
use crate::cli::{Failure, Outcome};

/// Errors told one by one.
const MAX_TOLD: usize = 20;

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
    #[command(flatten)]
    threads: ThreadsArg,
    /// Write to this file instead of standard output. It appears when the report is complete;
    /// until then, an older one stays.
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

/// Files that could not be read, or not to their end; each error names its file.
#[derive(Debug)]
struct Unread(Vec<source::Error>);

impl std::error::Error for Unread {}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().take(MAX_TOLD).enumerate() {
            let lead = if index == 0 { "" } else { "\nanalyzer: " };
            write!(f, "{lead}{error}")?;
        }
        match self.0.len().saturating_sub(MAX_TOLD) {
            0 => Ok(()),
            more => {
                write!(f, "\nanalyzer: {more} more files could not be read, or not to their end")
            }
        }
    }
}

/// Where the report goes.
enum Sink {
    Stdout(Look, BufWriter<std::io::StdoutLock<'static>>),
    File(OutputFile),
}

/// Writes the report of everything that can be read; what cannot is an error afterwards.
pub fn run(args: Args) -> Result<Outcome, Failure> {
    let options =
        Options { top: args.top, segments: args.segments, threads: args.threads.resolve() };
    let filter = args.filter.as_deref().map(Filter::parse).transpose()?;
    let matching = args.filter.as_deref().zip(filter.as_ref());
    let matching = matching.map(|(text, filter)| Matching { text, filter });
    let mut sink = Sink::open(&args)?;
    let format = args.format.resolve();
    let mut kept = Vec::new();
    let mut errors = Vec::new();
    let (mut written, mut matched) = (0_usize, filter.is_none());
    for file in &args.file {
        let mut capture = match source::open(file) {
            Ok(capture) => capture,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        let name = file.display().to_string();
        let (summary, error) = summary::summarise_matching(&name, &mut *capture, options, matching);
        errors.extend(error);
        matched |= summary.filter.as_ref().is_some_and(|filter| filter.frames_matched > 0);
        if format.is_streamed() {
            sink.write(|look, out| report::render_next(format, &summary, written == 0, look, out))?;
        } else {
            kept.push(summary);
        }
        written += 1;
    }
    if !kept.is_empty() {
        sink.write(|look, out| report::render(format, &kept, look, out))?;
    }
    if written > 0 {
        sink.finish()?;
    }
    if !errors.is_empty() {
        return Err(Unread(errors).into());
    }
    // The answer is "no" when a filter was given and nothing matched it anywhere.
    Ok(if matched { Outcome::Success } else { Outcome::Negative })
}

impl Sink {
    fn open(args: &Args) -> Result<Self, Failure> {
        let Some(path) = &args.output else { return Ok(Self::stdout()) };
        refuse_input(path, &args.file)?;
        Ok(Self::File(OutputFile::create(path)?))
    }

    fn stdout() -> Self {
        let is_terminal = stdout().is_terminal();
        let colour = is_terminal && std::env::var_os("NO_COLOR").is_none();
        let look = Look { width: width(is_terminal), colour };
        Self::Stdout(look, BufWriter::with_capacity(1 << 16, stdout().lock()))
    }

    /// Lets `write` write, and hands it on at once.
    fn write(
        &mut self,
        write: impl FnOnce(Look, &mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        match self {
            Self::Stdout(look, out) => {
                write(*look, out)?;
                Ok(out.flush()?)
            }
            Self::File(file) => file.write(|out| write(Look::default(), out)),
        }
    }

    fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Stdout(..) => Ok(()),
            Self::File(file) => file.finish(),
        }
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

/// Writes the table of a summary to standard output, as `analyzer report` does.
///
/// # Errors
/// Those of standard output.
pub fn write_table(summary: &CaptureSummary) -> Result<(), Failure> {
    Sink::stdout().write(|look, out| report::render_next(Format::Table, summary, true, look, out))
}

/// Writes the table of a summary to standard error, when standard output carries the capture.
///
/// # Errors
/// Those of standard error.
pub fn write_table_to_stderr(summary: &CaptureSummary) -> Result<(), Failure> {
    let mut out = BufWriter::new(std::io::stderr().lock());
    report::render_next(Format::Table, summary, true, Look::default(), &mut out)?;
    Ok(out.flush()?)
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
