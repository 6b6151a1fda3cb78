//! The report on a run's captures, by the analyzer's library: `report.txt`, `report.json`, and
//! for the terminal.

use std::io::{self, Write};
use std::path::Path;

use analyzer::report::{self, Format, Look};
use analyzer::source;
use analyzer::summary::{self, CaptureSummary, Options};

use super::error::Result;
use super::folder::write_whole;
use super::manifest::Run;

/// Reads the run's captures; a capture that cannot be read is told in the second list.
pub fn summaries(run: &Run, folder: &Path) -> (Vec<CaptureSummary>, Vec<String>) {
    let mut summaries = Vec::new();
    let mut problems = Vec::new();
    for recording in &run.recordings {
        match source::open(&folder.join(&recording.file)) {
            Ok(mut capture) => {
                let (summary, error) =
                    summary::summarise(&recording.file, &mut *capture, Options::default());
                summaries.push(summary);
                problems.extend(error.map(|error| error.to_string()));
            }
            Err(error) => problems.push(error.to_string()),
        }
    }
    (summaries, problems)
}

/// Writes `report.txt` and `report.json` into the run folder.
///
/// # Errors
/// When the disk refuses.
pub fn write_files(summaries: &[CaptureSummary], folder: &Path) -> Result<()> {
    for (name, format) in [("report.txt", Format::Table), ("report.json", Format::Json)] {
        let look = Look { width: 100, colour: false };
        write_whole(&folder.join(name), |file| report::render(format, summaries, look, file))?;
    }
    Ok(())
}

/// Writes the report for people.
///
/// # Errors
/// When `output` refuses.
pub fn show(
    summaries: &[CaptureSummary],
    width: u16,
    colour: bool,
    output: &mut dyn Write,
) -> io::Result<()> {
    report::render(Format::Table, summaries, Look { width, colour }, output)
}
