//! The report on a run's captures, by the analyzer's library: `report.txt`, `report.json`, and
//! for the terminal.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use analyzer::report::{self, Format, Look};
use analyzer::source;
use analyzer::summary::{self, CaptureSummary, Options};

use super::error::{Error, Result};
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
        let path = folder.join(name);
        let write = || -> io::Result<()> {
            let mut file = BufWriter::new(File::create(&path)?);
            let look = Look { width: 100, colour: false };
            report::render(format, summaries, look, &mut file)?;
            file.flush()
        };
        write().map_err(|cause| Error::file("write", &path, cause))?;
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
