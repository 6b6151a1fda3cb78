//! An explanation to read.

use std::io::{self, Write};

use super::Explained;
use super::words::{field_name, meaning, quantity, sentence, short_name, what_it_is};
use crate::frame::FrameNumber;
use crate::tcp::{AnalysisFlags, RuleAnswer};

impl Explained {
    /// Writes the explanation for people.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_text(
        &self,
        out: &mut dyn Write,
        file: &str,
        expected: Option<AnalysisFlags>,
    ) -> io::Result<()> {
        let Self { segment, analysis, .. } = self;
        let (from, to) = (segment.source, segment.destination);
        writeln!(out, "Frame {} of {file}, stream {}", segment.frame, analysis.stream)?;
        writeln!(out, "{from} -> {to}\n{}\n", self.info)?;
        if let Some(reason) = self.why.unjudged {
            writeln!(out, "It has no verdicts: {reason}.\n")?;
        } else if analysis.flags.is_empty() {
            writeln!(out, "No analysis flag. {}\n", what_it_is(segment, analysis))?;
        }
        for flag in self.told(expected).iter() {
            if let Some(answer) = self.why.answer(flag) {
                self.write_answer(out, answer)?;
            }
        }
        self.write_state(out)?;
        let first = self.first_frame_of_interest();
        if first < segment.frame {
            writeln!(out, "\nSee the frames between them:")?;
        } else {
            writeln!(out, "\nSee the connection so far:")?;
        }
        let since = if first < segment.frame { first.0 } else { 1 };
        let streams = match self.reused.filter(|(stream, _)| *stream != analysis.stream) {
            Some((older, _)) => format!("tcp.stream in {{{older}, {}}}", analysis.stream),
            None => format!("tcp.stream == {}", analysis.stream),
        };
        writeln!(
            out,
            "  analyzer frames {file} -Y '{streams} and frame.number in {{{since}..{}}}'",
            segment.frame
        )
    }

    fn write_answer(&self, out: &mut dyn Write, answer: &RuleAnswer) -> io::Result<()> {
        let is_set = answer.holds();
        let verb = if is_set { "is set" } else { "is not set" };
        writeln!(out, "{} {verb}", field_name(answer.flag))?;
        let prefix = if is_set { "" } else { "It would mean: " };
        writeln!(out, "  {prefix}{}", meaning(answer.flag))?;
        if let Some(failed) = answer.first_failure() {
            writeln!(out, "  The first condition that does not hold: {}.", failed.claim)?;
        }
        for condition in &answer.conditions {
            let mark = if condition.holds { "yes" } else { "NO " };
            writeln!(out, "  {mark}  {}", sentence(condition))?;
        }
        if is_set {
            self.write_earlier(out, answer.flag)?;
        }
        writeln!(out)
    }

    /// The earlier frames that a flag refers to.
    fn write_earlier(&self, out: &mut dyn Write, flag: AnalysisFlags) -> io::Result<()> {
        let again = AnalysisFlags::RETRANSMISSION | AnalysisFlags::KEEP_ALIVE;
        if again.contains(flag) {
            match self.repeats.as_slice() {
                [] => writeln!(out, "  No earlier frame of this capture carried these bytes.")?,
                [only] => writeln!(out, "  Frame {only} carried these bytes before.")?,
                [first, .., latest] => {
                    writeln!(out, "  Frame {first} carried these bytes first, {latest} latest.")?;
                }
            }
        }
        if let (AnalysisFlags::RETRANSMISSION, Some(rto)) = (flag, self.analysis.rto()) {
            let (elapsed, frame) = (rto.elapsed, rto.since_frame);
            writeln!(
                out,
                "  The sender waited {elapsed} s, since frame {frame} (tcp.analysis.rto)."
            )?;
        }
        if let (AnalysisFlags::REUSED_PORTS, Some((stream, frame))) = (flag, self.reused) {
            writeln!(out, "  Stream {stream} had them before; its latest frame is {frame}.")?;
        }
        if flag == AnalysisFlags::DUPLICATE_ACK
            && let Some(duplicate) = self.analysis.duplicate_ack()
        {
            let (number, frame) = (duplicate.number, duplicate.of_frame);
            writeln!(out, "  It is repetition {number} of the ACK in frame {frame}.")?;
        }
        Ok(())
    }

    fn write_state(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "Known before this frame")?;
        for (name, value) in &self.why.state {
            writeln!(out, "  {name}: {}", quantity(value))?;
        }
        Ok(())
    }

    /// The earliest frame that the explanation names.
    fn first_frame_of_interest(&self) -> FrameNumber {
        let analysis = &self.analysis;
        let named = self.repeats.iter().copied();
        let named = named.chain(analysis.rto().map(|rto| rto.since_frame));
        let named = named.chain(analysis.duplicate_ack().map(|duplicate| duplicate.of_frame));
        let named = named.chain(self.reused.map(|(_, frame)| frame));
        named.chain(analysis.acks_frame()).min().unwrap_or(self.segment.frame)
    }
}

/// The names that `--expect` takes, for a message.
pub fn flag_names() -> String {
    let names: Vec<_> = AnalysisFlags::all().iter().map(short_name).collect();
    names.join(", ")
}
