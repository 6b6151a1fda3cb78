//! The smallest capture that proves a verdict: the frames that it names, the handshakes of their
//! connections, and what stands next to them.
//!
//! Every frame carries a comment with the number that it had. With [`Slice::pseudonyms`],
//! addresses are replaced on the way.

use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use std::path::Path;

use super::Error;
use super::model::{CellVerdict, ClaimVerdict, GradeReport, GradedEvidence, GradedRow};
use crate::frame::Frame;
use crate::source::write::PcapngWriter;
use crate::source::{self, FrameSource, Section};
use crate::wire::{Decoded, Decoder, TcpView};

pub use anonymise::Pseudonyms;

mod anonymise;
#[cfg(test)]
mod tests;

/// Frames whose connections are noted; a slice of a longer capture has what is named, and no
/// neighbours behind that.
const MOST_FRAMES: usize = 2_000_000;

/// What to cut out.
#[derive(Debug)]
pub struct Slice<'a> {
    /// Frames to keep whatever else is kept.
    pub frames: &'a BTreeSet<u64>,
    /// Replaces addresses, when given.
    pub pseudonyms: Option<Pseudonyms>,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Frames of the capture.
    pub of: u64,
    /// Frames of the slice.
    pub frames: u64,
}

/// The frames of a capture that a report's verdict rests on: those of what does not hold, when
/// something does not; else those that prove the items and the sentences; else every row's.
#[must_use]
pub fn named_frames(report: &GradeReport, capture: &str) -> BTreeSet<u64> {
    let is_of = |piece: &&GradedEvidence| piece.capture.as_deref() == Some(capture);
    let pieces = || report.evidence.iter().filter(is_of);
    let items = |holds: bool| {
        let items = report.items.iter().filter(move |item| item.holds == holds);
        items.flat_map(|item| item.frames.iter().copied())
    };
    let claims = |verdict: ClaimVerdict| {
        let claims = pieces().flat_map(|piece| &piece.claims);
        claims.filter(move |claim| claim.verdict == verdict).flat_map(|c| c.frames.iter().copied())
    };
    let mut wrong: BTreeSet<u64> = pieces().flat_map(wrong_frames).collect();
    wrong.extend(claims(ClaimVerdict::False));
    wrong.extend(items(false));
    if !wrong.is_empty() {
        return wrong;
    }
    let right: BTreeSet<u64> = items(true).chain(claims(ClaimVerdict::True)).collect();
    if !right.is_empty() {
        return right;
    }
    let rows = pieces().flat_map(|piece| &piece.rows);
    let dumps = pieces().filter_map(|piece| piece.bytes.as_ref()?.frame);
    rows.filter_map(|row| row.frame).chain(dumps).collect()
}

/// Frames of rows that differ, of what was done to the order, and of contradictions.
fn wrong_frames(piece: &GradedEvidence) -> BTreeSet<u64> {
    let differs = |row: &&GradedRow| row.verdict >= Some(CellVerdict::Suspect);
    let mut frames: BTreeSet<u64> =
        piece.rows.iter().filter(differs).filter_map(|row| row.frame).collect();
    frames.extend(piece.list_findings.iter().flat_map(|found| &found.frames));
    frames.extend(piece.contradictions.iter().flat_map(|found| &found.frames));
    frames
}

impl Slice<'_> {
    /// Writes the slice of a capture as pcapng.
    ///
    /// # Errors
    /// When the capture cannot be read, or the slice not be written.
    pub fn write(&mut self, capture: &Path, out: impl Write) -> Result<Written, Error> {
        let failed = |cause: &dyn std::fmt::Display| Error::Capture { cause: cause.to_string() };
        let kept = self.kept(capture).map_err(|error| failed(&error))?;
        let mut source = source::open(capture).map_err(|error| failed(&error))?;
        let name = match &self.pseudonyms {
            Some(_) => String::from("slice of a capture, addresses replaced"),
            None => format!("slice of {}", capture.display()),
        };
        let section = Section {
            application: Some(String::from("analyzer grade --slice")),
            comment: Some(name),
            ..Section::default()
        };
        let mut writer = PcapngWriter::new(out, &section).map_err(|error| failed(&error))?;
        let mut written = Written { of: 0, frames: 0 };
        let mut decoder = Decoder::new();
        let mut known = 0;
        while let Ok(Some(frame)) = source.next() {
            written.of += 1;
            if !kept.contains(&frame.number.0) {
                continue;
            }
            let bytes = match &mut self.pseudonyms {
                Some(names) => names.replace(&frame, &decoder.decode(&frame)),
                None => frame.bytes.to_vec(),
            };
            let (number, timestamp, wire_len) = (frame.number, frame.timestamp, frame.wire_len);
            let (link_type, interface) = (frame.link_type, frame.interface);
            for interface in source.interfaces().iter().skip(known) {
                writer.add_interface(interface, None, None).map_err(|error| failed(&error))?;
                known += 1;
            }
            let comment = format!("frame {number} of the capture");
            let bytes = &bytes;
            let frame = Frame { number, timestamp, wire_len, link_type, interface, bytes };
            writer.write_with_comment(&frame, Some(&comment)).map_err(|error| failed(&error))?;
            written.frames += 1;
        }
        writer.finish(&[]).map_err(|error| failed(&error))?;
        Ok(written)
    }

    /// The frames to keep: what is named, the first three segments of each connection that is
    /// touched, and the segments before and after each named one.
    fn kept(&self, capture: &Path) -> source::Result<BTreeSet<u64>> {
        let mut source = source::open(capture)?;
        let streams = streams(&mut *source);
        let mut kept = self.frames.clone();
        for frames in streams.values() {
            let mut is_touched = false;
            for (at, frame) in frames.iter().enumerate() {
                if self.frames.contains(frame) {
                    is_touched = true;
                    let around = frames.iter().skip(at.saturating_sub(1)).take(3);
                    kept.extend(around);
                }
            }
            if is_touched {
                kept.extend(frames.iter().take(3));
            }
        }
        Ok(kept)
    }
}

type Ends = [(std::net::IpAddr, u16); 2];

/// The frames of each connection, in their order.
fn streams(source: &mut dyn FrameSource) -> HashMap<Ends, Vec<u64>> {
    let mut decoder = Decoder::new();
    let mut streams: HashMap<Ends, Vec<u64>> = HashMap::new();
    let mut count = 0;
    while let Ok(Some(frame)) = source.next() {
        count += 1;
        if count > MOST_FRAMES {
            break;
        }
        if let Some(ends) = ends(&decoder.decode(&frame)) {
            streams.entry(ends).or_default().push(frame.number.0);
        }
    }
    streams
}

fn ends(decoded: &Decoded<'_>) -> Option<Ends> {
    let index = decoded.tcp_index()?;
    let tcp = TcpView::from_layer(decoded.layers.get(index)?)?;
    let (from, to) = decoded.addresses_above(index)?;
    let mut ends = [(from, tcp.source_port()), (to, tcp.destination_port())];
    ends.sort_unstable();
    Some(ends)
}
