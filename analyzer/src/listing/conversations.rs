//! The conversations table: one row per TCP stream, like `tshark -z conv,tcp`.
//!
//! Side A is the sender of the stream's first frame. Frames and bytes are counted on the
//! wire, as `frame.len` says. Segments whose header is malformed or was cut do not count.

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::rows::CellKind::{Number, Text};
use super::rows::{Column, Row, RowFormat};
use crate::engine::Observer;
use crate::facts::{FrameFacts, PlainFacts, SegmentFacts};
use crate::tcp::{Endpoint, StreamId};
use crate::time::TimeDelta;

/// The columns.
pub const COLUMNS: [Column; 13] = [
    Column { name: "stream", kind: Number, width: 6 },
    Column { name: "a_addr", kind: Text, width: 15 },
    Column { name: "a_port", kind: Number, width: 6 },
    Column { name: "b_addr", kind: Text, width: 15 },
    Column { name: "b_port", kind: Number, width: 6 },
    Column { name: "frames_ba", kind: Number, width: 9 },
    Column { name: "bytes_ba", kind: Number, width: 11 },
    Column { name: "frames_ab", kind: Number, width: 9 },
    Column { name: "bytes_ab", kind: Number, width: 11 },
    Column { name: "frames", kind: Number, width: 9 },
    Column { name: "bytes", kind: Number, width: 11 },
    Column { name: "start", kind: Number, width: 13 },
    Column { name: "duration", kind: Number, width: 13 },
];

/// What is counted per stream.
#[derive(Debug, Clone)]
struct Conversation {
    a: Endpoint,
    b: Endpoint,
    from_a: Traffic,
    from_b: Traffic,
    first: TimeDelta,
    latest: TimeDelta,
}

#[derive(Debug, Clone, Copy, Default)]
struct Traffic {
    frames: u64,
    bytes: u64,
}

/// An observer that counts, and writes the table at the end.
#[derive(Debug, Default)]
pub struct Conversations {
    streams: Vec<Option<Conversation>>,
}

impl Conversations {
    /// Before the first frame.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes the table: a row per stream that a frame carried.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, out: &mut dyn Write, format: RowFormat) -> io::Result<()> {
        format.write_header(out, &COLUMNS)?;
        let mut row = Row::new(format);
        for (number, conversation) in self.streams.iter().enumerate() {
            let Some(conversation) = conversation else { continue };
            row.clear();
            conversation.fill(&mut row, number);
            format.write_row(out, &COLUMNS, &row)?;
        }
        out.flush()
    }
}

impl Observer for Conversations {
    fn frame(&mut self, facts: &FrameFacts<'_>) -> ControlFlow<()> {
        let whole = facts.tcp.as_ref().filter(|tcp| tcp.segment.is_header_whole);
        if let Some(tcp) = whole {
            let (time, wire_len) = (facts.time_relative, facts.frame.wire_len);
            let ends = (tcp.segment.source, tcp.segment.destination);
            self.count(ends, tcp.analysis.stream, time, wire_len);
        }
        ControlFlow::Continue(())
    }

    fn takes_segments(&self) -> bool {
        true
    }

    fn segment(&mut self, facts: &SegmentFacts<'_>) -> ControlFlow<()> {
        let (time, wire_len) = (facts.time_relative(), facts.frame.wire_len);
        let ends = (facts.segment.source, facts.segment.destination);
        self.count(ends, facts.analysis.stream, time, wire_len);
        ControlFlow::Continue(())
    }

    fn takes_plain(&self) -> bool {
        true
    }

    #[inline]
    fn plain(&mut self, facts: &PlainFacts<'_>) -> ControlFlow<()> {
        if let Some(ends) = facts.endpoints() {
            self.count(ends, facts.stream(), facts.time_relative(), facts.stored.wire_len);
        }
        ControlFlow::Continue(())
    }

    #[inline]
    fn touch(&self, stream: StreamId) -> u64 {
        let conversation = self.streams.get(stream.0 as usize).and_then(Option::as_ref);
        conversation.map_or(0, |conversation| conversation.from_a.frames)
    }
}

impl Conversations {
    /// Counts a segment whose header is whole.
    #[inline]
    fn count(
        &mut self,
        (source, destination): (Endpoint, Endpoint),
        stream: StreamId,
        time: TimeDelta,
        wire_len: u32,
    ) {
        let index = stream.0 as usize;
        if index >= self.streams.len() {
            self.streams.resize(index + 1, None);
        }
        let Some(place) = self.streams.get_mut(index) else { return };
        let conversation = place.get_or_insert(Conversation {
            a: source,
            b: destination,
            from_a: Traffic::default(),
            from_b: Traffic::default(),
            first: time,
            latest: time,
        });
        conversation.count(source, time, wire_len);
    }
}

impl Conversation {
    fn count(&mut self, source: Endpoint, time: TimeDelta, wire_len: u32) {
        let traffic = if source == self.a { &mut self.from_a } else { &mut self.from_b };
        traffic.frames += 1;
        traffic.bytes += u64::from(wire_len);
        self.first = self.first.min(time);
        self.latest = self.latest.max(time);
    }

    fn fill(&self, row: &mut Row, number: usize) {
        row.add(number as u64);
        row.add(self.a.address());
        row.add(self.a.port());
        row.add(self.b.address());
        row.add(self.b.port());
        for traffic in [self.from_b, self.from_a] {
            row.add(traffic.frames);
            row.add(traffic.bytes);
        }
        row.add(self.from_a.frames + self.from_b.frames);
        row.add(self.from_a.bytes + self.from_b.bytes);
        row.add(self.first);
        let duration = self.latest.as_nanos().saturating_sub(self.first.as_nanos());
        row.add(TimeDelta::from_nanos(duration));
    }
}
