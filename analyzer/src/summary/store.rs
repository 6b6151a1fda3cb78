//! The records of all streams, by stream number.

use super::fold;
use super::rare::Rare;
use super::record::{Facts, Record, as_plain};
use super::turns::Turns;
use super::view::{self, View};
use crate::chunked::Chunked;
use crate::frame::FrameNumber;
use crate::tcp::{Plain, Segment, SegmentAnalysis};

/// What is kept of one stream.
#[derive(Debug, Clone, Default, PartialEq)]
#[repr(C)]
struct Kept {
    record: Record,
    turns: Turns,
}

/// What is kept of all streams, and what few of them need.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Store {
    streams: Chunked<Kept>,
    rare: Rare,
}

impl Store {
    /// Folds a segment into its stream's record; `wire_len` is its frame's length.
    #[inline]
    pub(super) fn observe(
        &mut self,
        segment: &Segment,
        analysis: &SegmentAnalysis,
        wire_len: u32,
    ) -> Option<&mut Record> {
        let stream = analysis.stream.0 as usize;
        if stream >= self.streams.len() {
            self.make_room(stream);
        }
        let Kept { record, turns } = self.streams.get_mut(stream)?;
        let frame = (segment.frame, wire_len);
        let plain = as_plain(segment, analysis);
        if !plain.is_some_and(|plain| record.observe_plain(turns, &plain, frame)) {
            fold::observe((record, turns), segment, analysis, wire_len, &mut self.rare);
        }
        Some(record)
    }

    /// The same for a plain segment, its frame and that one's length; does nothing, and answers
    /// `None`, when there is more to it than counters and marks.
    #[inline(always)]
    pub(super) fn observe_plain(
        &mut self,
        plain: &Plain,
        frame: (FrameNumber, u32),
    ) -> Option<&mut Record> {
        let Kept { record, turns } = self.streams.get_mut(plain.stream.0 as usize)?;
        record.observe_plain(turns, plain, frame).then_some(record)
    }

    /// Reads a record without effect: see [`crate::engine::Observer::touch`].
    #[inline]
    pub(super) fn touch(&self, stream: u32) -> u64 {
        self.streams.get(stream as usize).map_or(0, |kept| kept.record.touch())
    }

    /// The same for what stands beside a record where that `read` says that it may be needed.
    #[inline]
    pub(super) fn touch_beside(&self, stream: u32, read: u64) -> u64 {
        if Record::is_settled(read) {
            return read;
        }
        self.streams.get(stream as usize).map_or(0, |kept| kept.turns.touch())
    }

    /// The record of a stream.
    #[inline]
    pub(super) fn record(&self, stream: u32) -> Option<&Record> {
        self.streams.get(stream as usize).map(|kept| &kept.record)
    }

    /// Payload bytes of a stream, both directions together.
    pub(super) fn payload_bytes(&self, stream: u32) -> u64 {
        self.record(stream).map_or(0, |record| view::payload_bytes(record, &self.rare))
    }

    /// A stream that a frame carried; those that were only quoted have no record.
    pub(super) fn view(&self, stream: u32) -> Option<View<'_>> {
        let Kept { record, turns } = self.streams.get(stream as usize)?;
        let is_carried = record.facts.contains(Facts::CARRIED);
        is_carried.then(|| View::new(stream, (record, turns), &self.rare))
    }

    /// All of them, in the order of their numbers.
    pub(super) fn views(&self) -> impl Iterator<Item = View<'_>> {
        let numbered = (0..).zip(self.streams.iter());
        let carried = numbered.filter(|(_, kept)| kept.record.facts.contains(Facts::CARRIED));
        carried.map(|(stream, kept)| View::new(stream, (&kept.record, &kept.turns), &self.rare))
    }

    /// Those that the filter let through.
    pub(super) fn told(&self) -> impl Iterator<Item = View<'_>> {
        self.views().filter(View::is_told)
    }

    /// Streams that have a place here, carried or not.
    pub(super) fn len(&self) -> usize {
        self.streams.len()
    }

    /// Exchanges client and server of a stream, after its last frame.
    pub(super) fn swap_sides(&mut self, stream: u32) {
        if let Some(Kept { record, turns }) = self.streams.get_mut(stream as usize) {
            fold::swap_sides(record, turns, &mut self.rare);
            record.facts |= Facts::SWAPPED;
        }
    }

    /// Makes room for streams up to this number; some may never be carried by a frame.
    #[cold]
    fn make_room(&mut self, stream: usize) {
        while self.streams.len() <= stream {
            self.streams.push(Kept::default());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::super::script;
    use super::*;

    /// By which side, what, how many bytes, milliseconds since the one before.
    type Step = (bool, u8, u32, i32);

    /// A conversation of that many steps, in order most of the time.
    fn conversation(begins: bool, steps: &[Step]) -> String {
        let mut text = String::new();
        let (mut next, mut time) = ([1_u32, 1], 10_000_000_i64);
        if begins {
            text += "10000000 a > S 0 0\n10000000.1 a < SA 0 1\n";
        }
        for (is_server, what, len, millis) in steps {
            let (own, other) = (usize::from(*is_server), usize::from(!is_server));
            time += i64::from(*millis);
            let (flags, seq, len) = match what {
                0..=5 => ("A", next[own], 0),
                6..=11 => ("PA", next[own], *len),
                12 => ("PA", next[own] + 7, *len),
                13 => ("A", next[own].saturating_sub(*len).max(1), *len),
                14 => ("A", next[own], *len),
                15 => ("FA", next[own], *len),
                16 => ("PA", next[own], 0),
                17 => (if *is_server { "SA" } else { "S" }, 0, 0),
                _ => ("RA", next[own], 0),
            };
            let end = seq + len + u32::from(flags.contains('F'));
            let (way, ack) = (if *is_server { '<' } else { '>' }, next[other]);
            next[own] = next[own].max(end);
            writeln!(text, "{time} a {way} {flags} {seq} {ack} *{len}").unwrap();
        }
        text
    }

    fn step() -> impl Strategy<Value = Step> {
        // The last two are further away than a mark reaches.
        let millis =
            prop_oneof![20 => 0..50, 2 => -30..0, 1 => Just(2_000_000), 1 => Just(-90_000)];
        (any::<bool>(), 0_u8..19, 1_u32..40, millis)
    }

    proptest! {
        #[test]
        fn plain_segments_change_what_all_steps_would(
            begins: bool,
            steps in prop::collection::vec(step(), 1..40),
        ) {
            let (mut short, mut full) = (Store::default(), Store::default());
            script::examine(&conversation(begins, &steps), |facts| {
                let (tcp, wire_len) = (facts.tcp.unwrap(), facts.frame.wire_len);
                let (segment, analysis) = (tcp.segment, tcp.analysis);
                short.observe(segment, analysis, wire_len).unwrap();
                let stream = analysis.stream.0 as usize;
                full.make_room(stream);
                let Kept { record, turns } = full.streams.get_mut(stream).unwrap();
                fold::observe((record, turns), segment, analysis, wire_len, &mut full.rare);
                assert_eq!(short, full, "frame {}", segment.frame.0);
            });
        }
    }
}
