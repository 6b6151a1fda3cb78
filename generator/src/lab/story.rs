//! A run for people: what each machine's terminal showed, and what was found.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use super::manifest::{Outcome, Run};

/// Lines of a terminal log that are shown; the rest is in the file.
const LINE_LIMIT: usize = 60;

/// Bytes of a line that are shown.
const WIDTH_LIMIT: u64 = 400;

/// Writes the story of the run whose folder is `folder`, in lines of at most `width` characters
/// where words allow it.
///
/// # Errors
/// When `output` refuses. A log that cannot be read is said in its place.
pub fn write(run: &Run, folder: &Path, width: u16, output: &mut impl Write) -> io::Result<()> {
    let width = usize::from(width);
    writeln!(output, "{}: {}", run.scenario.name, run.scenario.about)?;
    for host in &run.hosts {
        let Some(log) = &host.log else { continue };
        let addresses: Vec<String> =
            host.interfaces.iter().map(|i| format!("{} {}", i.name, i.address)).collect();
        writeln!(output, "\n{} ({})", host.name, addresses.join(", "))?;
        write_log(&folder.join(log), width, output)?;
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

fn write_log(path: &Path, width: usize, output: &mut impl Write) -> io::Result<()> {
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
        write_wrapped(&clean, width, output)?;
    }
    Ok(())
}

/// A line of a terminal, indented; what does not fit continues further to the right.
fn write_wrapped(line: &str, width: usize, output: &mut impl Write) -> io::Result<()> {
    let mut used = 1;
    write!(output, " ")?;
    for (index, word) in line.split(' ').enumerate() {
        let length = word.chars().count();
        if index > 0 && used + 1 + length > width {
            write!(output, "\n      {word}")?;
            used = 6 + length;
        } else {
            write!(output, " {word}")?;
            used += 1 + length;
        }
    }
    writeln!(output)
}

/// What programs print must not steer the terminal.
fn printable(c: char) -> char {
    if c.is_control() { '\u{fffd}' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_continue_indented_and_short_ones_stay_as_they_are() {
        for (line, expected) in [
            ("INFO:root:received b'a  b'", "  INFO:root:received b'a  b'\n"),
            ("one two three four five", "  one two three four\n      five\n"),
            ("", "  \n"),
            ("unbreakable-as-a-long-word-can-be", "  unbreakable-as-a-long-word-can-be\n"),
        ] {
            let mut text = Vec::new();
            write_wrapped(line, if line.contains("root") { 80 } else { 20 }, &mut text).unwrap();
            assert_eq!(String::from_utf8(text).unwrap(), expected, "{line}");
        }
    }
}
