//! The records of all streams, by stream number.

use super::fold;
use super::rare::Rare;
use super::record::{Facts, Record};
use super::view::{self, View};
use crate::chunked::Chunked;
use crate::tcp::{Segment, SegmentAnalysis};

/// The records, and what few of them need.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Store {
    records: Chunked<Record>,
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
        if stream >= self.records.len() {
            self.make_room(stream);
        }
        let record = self.records.get_mut(stream)?;
        if !record.observe_plain(segment, analysis, wire_len) {
            fold::observe(record, segment, analysis, wire_len, &mut self.rare);
        }
        Some(record)
    }

    /// Reads a record without effect: see [`crate::engine::Observer::touch`].
    #[inline]
    pub(super) fn touch(&self, stream: u32) -> u64 {
        self.records.get(stream as usize).map_or(0, Record::touch)
    }

    /// Payload bytes of a stream, both directions together.
    pub(super) fn payload_bytes(&self, stream: u32) -> u64 {
        let record = self.records.get(stream as usize);
        record.map_or(0, |record| view::payload_bytes(record, &self.rare))
    }

    /// A stream that a frame carried; those that were only quoted have no record.
    pub(super) fn view(&self, stream: u32) -> Option<View<'_>> {
        let record = self.records.get(stream as usize)?;
        let is_carried = record.facts.contains(Facts::CARRIED);
        is_carried.then(|| View::new(stream, record, &self.rare))
    }

    /// All of them, in the order of their numbers.
    pub(super) fn views(&self) -> impl Iterator<Item = View<'_>> {
        let numbered = (0..).zip(self.records.iter());
        let carried = numbered.filter(|(_, record)| record.facts.contains(Facts::CARRIED));
        carried.map(|(stream, record)| View::new(stream, record, &self.rare))
    }

    /// Those that the filter let through.
    pub(super) fn told(&self) -> impl Iterator<Item = View<'_>> {
        self.views().filter(|view| view.has(Facts::MATCHED))
    }

    /// Exchanges client and server of a stream, after its last frame.
    pub(super) fn swap_sides(&mut self, stream: u32) {
        if let Some(record) = self.records.get_mut(stream as usize) {
            fold::swap_sides(record, &mut self.rare);
            record.facts |= Facts::SWAPPED;
        }
    }

    /// Makes room for streams up to this number; some may never be carried by a frame.
    #[cold]
    fn make_room(&mut self, stream: usize) {
        while self.records.len() <= stream {
            self.records.push(Record::default());
        }
    }
}
