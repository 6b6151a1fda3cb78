//! A run for people: what each machine's terminal showed, and what was found.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use super::manifest::{Outcome, Run};

/// Lines of a terminal log that are shown; the rest is in the file.
const LINE_LIMIT: usize = 60;

/// Bytes of a line that are shown.
const WIDTH_LIMIT: u64 = 400;

/// Writes the story of the run whose folder is `folder`.
///
/// # Errors
/// When `output` refuses. A log that cannot be read is said in its place.
pub fn write(run: &Run, folder: &Path, output: &mut impl Write) -> io::Result<()> {
    writeln!(output, "{}: {}", run.scenario.name, run.scenario.about)?;
    for host in &run.hosts {
        let Some(log) = &host.log else { continue };
        let addresses: Vec<String> =
            host.interfaces.iter().map(|i| format!("{} {}", i.name, i.address)).collect();
        writeln!(output, "\n{} ({})", host.name, addresses.join(", "))?;
        write_log(&folder.join(log), output)?;
    }
    writeln!(output)?;
    for recording in &run.recordings {
        writeln!(
            output,
            "recorded {} frames on {} of {}: {}",
            recording.frames, recording.interface, recording.host, recording.file
        )?;
    }
    let outcome = match run.outcome {
        Outcome::Complete => None,
        Outcome::Interrupted => Some("the run was interrupted"),
        Outcome::DeadlinePassed => Some("the run was stopped at the scenario's deadline"),
        Outcome::Stuck => Some("a server was gone before its clients could start"),
    };
    for finding in outcome.into_iter().chain(run.findings.iter().map(String::as_str)) {
        writeln!(output, "! {finding}")?;
    }
    writeln!(output, "run folder: {}", folder.display())
}

fn write_log(path: &Path, output: &mut impl Write) -> io::Result<()> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(cause) => return writeln!(output, "  (cannot read {}: {cause})", path.display()),
    };
    let mut input = BufReader::new(file);
    let mut line = Vec::new();
    for shown in 0.. {
        line.clear();
        let length = io::Read::take(&mut input, WIDTH_LIMIT).read_until(b'\n', &mut line)?;
        if length == 0 {
            return Ok(());
        }
        if shown == LINE_LIMIT {
            return writeln!(output, "  … more in {}", path.display());
        }
        let text = String::from_utf8_lossy(&line);
        let clean: String = text.trim_end().chars().map(printable).collect();
        writeln!(output, "  {clean}")?;
    }
    Ok(())
}

/// What programs print must not steer the terminal.
fn printable(c: char) -> char {
    if c.is_control() { '\u{fffd}' } else { c }
}
