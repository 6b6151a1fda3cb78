//! Why a frame has the verdicts that it has: reads a capture up to that frame, and tells the
//! state and the comparison behind each `tcp.analysis` flag, or why a flag is not set.
//!
//! The rules themselves answer ([`crate::tcp::Explanation`]); here stand the words for them and
//! the earlier frames that matter.

use crate::engine::Engine;
use crate::facts::{FrameFacts, TcpFacts};
use crate::frame::FrameNumber;
use crate::info;
use crate::source::{self, FrameSource};
use crate::tcp::{AnalysisFlags, Explanation, Segment, SegmentAnalysis, StreamId};

pub use text::flag_names;
pub use words::{field_name, flag_named};

use earlier::Earlier;

pub mod document;
mod earlier;
mod text;
mod words;

/// What came of looking for a frame.
#[derive(Debug)]
pub enum Answer {
    /// The capture has fewer frames: how many.
    NotThere(u64),
    /// It carries no TCP segment; what it is, as protocol and Info.
    NotTcp(&'static str, String),
    /// Its segment, explained.
    Explained(Box<Explained>),
}

/// A segment, the verdicts on it, and everything that decided them.
#[derive(Debug)]
pub struct Explained {
    /// Its Info text, as in the packet list.
    pub info: String,
    /// What it says.
    pub segment: Segment,
    /// The verdicts.
    pub analysis: SegmentAnalysis,
    /// The state and the conditions.
    pub why: Explanation,
    /// Earlier frames that carried bytes of the same sequence numbers: the first and the latest.
    pub repeats: Vec<FrameNumber>,
    /// When ports are reused: the stream that had them before, and its latest frame.
    pub reused: Option<(StreamId, FrameNumber)>,
}

/// Reads a capture up to a frame and explains it.
///
/// # Errors
/// Those of the source, when it ends in damage before that frame.
pub fn explain(capture: &mut dyn FrameSource, number: u64) -> source::Result<Answer> {
    let mut engine = Engine::new();
    let mut earlier = Earlier::default();
    let mut last = 0;
    while let Some(frame) = capture.next()? {
        last = frame.number.0;
        if last < number {
            if let Some(tcp) = &engine.examine(frame).tcp {
                earlier.note(tcp);
            }
            continue;
        }
        let (facts, why) = engine.examine_and_explain(frame);
        return Ok(answer(&facts, why, &earlier));
    }
    Ok(Answer::NotThere(last))
}

fn answer(facts: &FrameFacts<'_>, why: Option<Explanation>, earlier: &Earlier) -> Answer {
    let mut info = String::new();
    // A String takes everything; an Info text that cannot be written stays as far as it came.
    let _ = info::write_info(facts, &mut info);
    let (Some(TcpFacts { segment, analysis, .. }), Some(why)) = (facts.tcp, why) else {
        return Answer::NotTcp(info::protocol_column(facts), info);
    };
    Answer::Explained(Box::new(Explained {
        info,
        segment: segment.clone(),
        analysis: *analysis,
        why,
        repeats: earlier.overlapping(segment, analysis),
        reused: earlier.reused(segment, analysis),
    }))
}

impl Explained {
    /// The flags that are told: those of the frame and the expected one.
    fn told(&self, expected: Option<AnalysisFlags>) -> AnalysisFlags {
        self.analysis.flags | expected.unwrap_or_default()
    }

    /// True when the expected flag is set, or none was expected.
    pub fn is_as_expected(&self, expected: Option<AnalysisFlags>) -> bool {
        expected.is_none_or(|flag| self.analysis.flags.contains(flag))
    }
}

#[cfg(test)]
mod tests;
