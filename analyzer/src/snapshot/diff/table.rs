//! A comparison as text for people.

use std::io::{self, Write};

use super::{Capture, ConnectionDiff, Diff, SegmentPair, Status};
use crate::snapshot::Level;
use crate::snapshot::compare::words;

/// Connections told one by one.
const MAX_TOLD: usize = 50;
/// Segments around a changed one that are shown, too.
const AROUND: usize = 2;

impl Diff {
    /// Writes sentences, and the segments of changed connections side by side.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_table(&self, out: &mut dyn Write) -> io::Result<()> {
        for (letter, capture) in [("A", &self.a), ("B", &self.b)] {
            writeln!(out, "{letter}: {}", about(capture))?;
        }
        if let Some(sentence) = self.relation.sentence() {
            writeln!(out, "{sentence}.")?;
        }
        let changed = || self.connections.iter().filter(|c| c.status != Status::Same);
        for connection in changed().take(MAX_TOLD) {
            self.write_connection(connection, out)?;
        }
        if let more @ 1.. = changed().count().saturating_sub(MAX_TOLD) {
            let more = words::count(more as u64, "more connection");
            writeln!(out, "\nAnd {more} that differ; --format json tells all of them.")?;
        }
        let others = self.differences.iter().filter(|d| d.place.connection.is_none());
        for (at, difference) in others.enumerate() {
            if at == 0 {
                writeln!(out, "\nThe capture as a whole")?;
            }
            writeln!(out, "  - {}.", capital(&difference.sentence))?;
        }
        self.write_end(out)
    }

    fn write_connection(&self, diff: &ConnectionDiff, out: &mut dyn Write) -> io::Result<()> {
        let name = match (diff.a, diff.b) {
            (Some(a), Some(b)) if a == b => format!("Connection {b}"),
            (Some(a), Some(b)) => format!("Connection {b} (in A: {a})"),
            (Some(a), None) => format!("Connection {a} of A is missing in B"),
            (None, b) => format!("Connection {} is only in B", b.unwrap_or(0)),
        };
        writeln!(out, "\n{name}: {}", diff.story)?;
        if diff.status != Status::Changed {
            return Ok(());
        }
        for difference in self.differences.iter().filter(|d| d.place.connection == diff.b) {
            let sentence = difference.sentence.split_once(": ");
            let sentence = sentence.map_or(difference.sentence.as_str(), |(_, rest)| rest);
            writeln!(out, "  - {}.", capital(sentence))?;
        }
        write_segments(&diff.segments, out)
    }

    fn write_end(&self, out: &mut dyn Write) -> io::Result<()> {
        let level = match self.level {
            Level::Segments => "segment by segment",
            Level::Behaviour => "by what the programs did",
        };
        let number = self.differences.len() as u64;
        if number > 0 {
            return writeln!(out, "\n{}, compared {level}.", words::count(number, "difference"));
        }
        writeln!(
            out,
            "\nNo difference in {}, compared {level}.",
            words::count(self.b.connections, "connection")
        )?;
        if !self.beneath.is_empty() {
            let number = words::count(self.beneath.len() as u64, "difference");
            writeln!(
                out,
                "Segment by segment there would be {number} (--level segments); first: {}.",
                self.beneath.first().map_or("", |difference| &difference.sentence)
            )?;
        }
        Ok(())
    }
}

fn about(capture: &Capture) -> String {
    let (frames, connections) =
        (words::count(capture.frames, "frame"), words::count(capture.connections, "connection"));
    format!("{} ({frames}, {connections})", capture.file)
}

/// The changed segments and those around them, side by side.
fn write_segments(segments: &[SegmentPair], out: &mut dyn Write) -> io::Result<()> {
    let is_changed = |at: usize| segments.get(at).is_some_and(|pair| pair.status != Status::Same);
    let is_near = |at: usize| (at.saturating_sub(AROUND)..=at + AROUND).any(is_changed);
    if !(0..segments.len()).any(is_changed) {
        return Ok(());
    }
    writeln!(out, "\n  {:>7} {:>7}  {:<6}  Segment", "A", "B", "From")?;
    let mut left_out = 0;
    for (at, pair) in segments.iter().enumerate() {
        if !is_near(at) {
            left_out += 1;
            continue;
        }
        write_left_out(&mut left_out, out)?;
        write_pair(pair, out)?;
    }
    write_left_out(&mut left_out, out)
}

fn write_left_out(left_out: &mut u64, out: &mut dyn Write) -> io::Result<()> {
    let number = std::mem::take(left_out);
    if number == 0 {
        return Ok(());
    }
    writeln!(out, "  {:>7} {:>7}  {} alike", "…", "…", words::count(number, "segment"))
}

fn write_pair(pair: &SegmentPair, out: &mut dyn Write) -> io::Result<()> {
    let frame = |frame: Option<u64>| frame.map_or("-".to_owned(), |frame| frame.to_string());
    let mark = match pair.status {
        Status::Same => ' ',
        Status::Changed => '~',
        Status::Added => '+',
        Status::Missing => '-',
    };
    let was = match &pair.was {
        Some(was) if *was != pair.text => format!("  (was {was})"),
        Some(_) => "  (other numbers or bytes)".to_owned(),
        None => String::new(),
    };
    let (a, b, from) = (frame(pair.a), frame(pair.b), words::side(pair.from));
    writeln!(out, "{mark} {a:>7} {b:>7}  {from:<6}  {}{was}", pair.text)
}

/// A sentence begins with a capital letter.
fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
