//! What Wireshark's window shows for every frame of a capture.
//!
//! Two passes, like the window (`tshark -2`): an echo request names its reply, a connection
//! knows its end. Bounded: a capture with more than [`MAX_FRAMES`] frames is refused, since
//! nobody hands in a picture of it.

use std::fmt::Write as _;
use std::path::Path;

use super::clock::FrameTimes;
use super::error::Error;
use crate::engine::Engine;
use crate::filter::Filter;
use crate::frame::Frame;
use crate::info::{self, Describer, column_addresses};
use crate::source::{self, FrameSource};

/// Most frames that a capture may have.
pub const MAX_FRAMES: usize = 2_000_000;

/// The hardware address of everybody.
pub const BROADCAST: &str = "ff:ff:ff:ff:ff:ff";

/// What Info says of a segment whose message goes on in the next.
const REASSEMBLED: &str = "[TCP segment of a reassembled PDU]";

/// One row of the packet list as Wireshark shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectedRow {
    /// Frame number.
    pub number: u64,
    /// Its times.
    pub times: FrameTimes,
    /// Digits after the point in the Time column.
    pub digits: usize,
    /// Source.
    pub source: String,
    /// Destination.
    pub destination: String,
    /// Protocol.
    pub protocol: &'static str,
    /// Bytes on the wire.
    pub length: u32,
    /// Info.
    pub info: String,
    /// `tcp.stream`.
    pub stream: Option<u32>,
    /// Raw sequence number less the shown one: the sender's ISN, where its SYN was captured.
    pub base: Option<u32>,
    /// Whether the display filter shows it; true without one.
    pub is_displayed: bool,
}

/// The packet list of a capture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectedList {
    /// All frames, in order: frame 1 first.
    pub rows: Vec<ExpectedRow>,
}

impl ExpectedList {
    /// Reads a capture, and marks what a display filter shows.
    ///
    /// # Errors
    /// When the file cannot be opened or read at all, or has too many frames. What a damaged
    /// file holds before the damage is the list.
    pub fn read(path: &Path, filter: Option<&Filter>) -> Result<Self, Error> {
        let mut first = Engine::new();
        let mut capture = open(path)?;
        while let Ok(Some(frame)) = capture.next() {
            first.examine(frame);
        }
        let mut capture = open(path)?;
        let mut filter = filter.cloned().map(|filter| {
            if capture.numbers_interfaces() { filter } else { filter.without_interfaces() }
        });
        let mut builder = Builder { engine: Engine::second_pass(first), ..Builder::default() };
        while builder.take(&mut *capture, filter.as_mut()) {
            if builder.rows.len() > MAX_FRAMES {
                return Err(Error::TooManyFrames { file: path.to_owned(), limit: MAX_FRAMES });
            }
        }
        let mut rows = builder.rows;
        name_replies(&mut rows);
        Ok(Self { rows })
    }

    /// The row of a frame.
    #[must_use]
    pub fn frame(&self, number: u64) -> Option<&ExpectedRow> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        self.rows.get(index)
    }
}

fn open(path: &Path) -> Result<Box<dyn FrameSource>, Error> {
    source::open(path).map_err(|cause| Error::Capture { cause: cause.to_string() })
}

/// The second pass.
#[derive(Default)]
struct Builder {
    engine: Engine,
    describer: Describer,
    rows: Vec<ExpectedRow>,
    last: Option<i64>,
    last_displayed: Option<i64>,
}

impl Builder {
    /// Takes in the next frame; false at the end, or where the file is damaged.
    fn take(&mut self, capture: &mut dyn FrameSource, filter: Option<&mut Filter>) -> bool {
        let Ok(Some(frame)) = capture.next() else { return false };
        let interface = usize::try_from(frame.interface.0).unwrap_or(usize::MAX);
        let mut row = self.row(frame, filter);
        let precision = capture.interfaces().get(interface).map(|found| found.precision);
        row.digits = precision.map_or(6, |precision| usize::from(precision.as_digits()));
        self.rows.push(row);
        true
    }

    fn row(&mut self, frame: Frame<'_>, filter: Option<&mut Filter>) -> ExpectedRow {
        let facts = self.engine.examine(frame);
        let is_displayed = filter.is_none_or(|filter| filter.matches(&facts));
        let epoch = facts.frame.timestamp.as_nanos();
        let mut row = ExpectedRow {
            number: facts.frame.number.0,
            length: facts.frame.wire_len,
            stream: facts.tcp.as_ref().map(|tcp| tcp.analysis.stream.0),
            base: facts
                .tcp
                .as_ref()
                .map(|tcp| tcp.segment.seq_raw.0.wrapping_sub(tcp.analysis.seq_rel)),
            is_displayed,
            times: FrameTimes {
                epoch,
                relative: facts.time_relative.as_nanos(),
                delta: self.last.map_or(0, |last| epoch.saturating_sub(last)),
                delta_displayed: self.last_displayed.map_or(0, |last| epoch.saturating_sub(last)),
            },
            ..ExpectedRow::default()
        };
        row.protocol = self.describer.describe(&facts, &mut row.info);
        if row.protocol == "TCP" && row.info.ends_with(REASSEMBLED) && !row.info.contains('→') {
            // The second pass knows that the message goes on, and shows the segment.
            row.info.clear();
            let _ = info::write_segment(&mut row.info, &facts);
            row.info.push(' ');
            row.info.push_str(REASSEMBLED);
        }
        let (source, destination) = column_addresses(&facts.decoded);
        // Writing to a String does not fail.
        let _ = write!(row.source, "{source}");
        let _ = write!(row.destination, "{destination}");
        name_broadcast(&mut row.source);
        name_broadcast(&mut row.destination);
        self.last = Some(epoch);
        if is_displayed {
            self.last_displayed = Some(epoch);
        }
        row
    }
}

/// The window names this address, whatever else it resolves.
fn name_broadcast(address: &mut String) {
    if address == BROADCAST {
        "Broadcast".clone_into(address);
    }
}

/// Adds to each echo request what only a second pass knows: the frame of its reply.
fn name_replies(rows: &mut [ExpectedRow]) {
    const ASKS: &str = "(request in ";
    let replies: Vec<(u64, u64)> = rows
        .iter()
        .filter(|row| row.info.starts_with("Echo (ping) reply"))
        .filter_map(|row| {
            let (_, rest) = row.info.split_once(ASKS)?;
            Some((rest.trim_end_matches(')').parse().ok()?, row.number))
        })
        .collect();
    let mut is_answered = vec![false; rows.len()];
    for (request, reply) in replies {
        let Some(index) = usize::try_from(request).ok().and_then(|at| at.checked_sub(1)) else {
            continue;
        };
        if let (Some(row), Some(done)) = (rows.get_mut(index), is_answered.get_mut(index))
            && !*done
        {
            *done = true;
            let _ = write!(row.info, " (reply in {reply})");
        }
    }
    for (row, done) in rows.iter_mut().zip(is_answered) {
        if !done && row.info.starts_with("Echo (ping) request") {
            row.info.push_str(" (no response found!)");
        }
    }
}
