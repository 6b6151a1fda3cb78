//! One direction of a stream put back in order: what the application read.
//!
//! A [`Reassembly`] takes the segments of one half-stream in capture order and hands out the
//! bytes as soon as they are contiguous. Bytes that were handed out stay as they are; what
//! arrives early waits, within a limit; a hole is given up when the peer acknowledged bytes
//! behind it (it received what the capture did not), when the limit is reached, or at the
//! end. That is how Wireshark's "Follow TCP Stream" decides, too.

use std::collections::BTreeMap;

use super::{Segment, SeqNumber, TcpFlags};

/// Bytes that may wait behind a hole before the hole is given up.
pub const WAITING_LIMIT: usize = 8 * 1024 * 1024;
/// Waiting pieces are counted with this many bytes on top, so that tiny ones cost too.
const PIECE_OVERHEAD: usize = 128;

/// Something that comes next in a half-stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Bytes, in order.
    Data(&'a [u8]),
    /// This many bytes are not in the capture.
    Missing(u64),
}

/// The state of one half-stream. Offsets count payload bytes from the first one known, in 64
/// bits, so that sequence numbers may wrap.
#[derive(Debug)]
pub struct Reassembly {
    /// The sequence number and offset that come next; `None` before the first segment.
    next: Option<Position>,
    /// Where a FIN ended the data.
    end: Option<u64>,
    waiting: BTreeMap<u64, Vec<u8>>,
    waiting_cost: usize,
    waiting_limit: usize,
}

/// A place in the stream: its sequence number and its offset.
#[derive(Debug, Clone, Copy)]
struct Position {
    seq: SeqNumber,
    offset: u64,
}

impl Position {
    /// The offset of another sequence number, at most 2^31 away; negative before the start.
    fn offset_of(self, seq: SeqNumber) -> i64 {
        let distance = seq.relative_to(self.seq).cast_signed();
        self.offset.cast_signed().saturating_add(i64::from(distance))
    }

    fn advance(&mut self, bytes: u64) {
        // The cast keeps the low 32 bits, which is what a sequence number is.
        self.seq = self.seq + bytes as u32;
        self.offset = self.offset.saturating_add(bytes);
    }
}

impl Default for Reassembly {
    fn default() -> Self {
        Self::new()
    }
}

impl Reassembly {
    /// Nothing seen yet; up to [`WAITING_LIMIT`] bytes wait behind a hole.
    pub fn new() -> Self {
        Self::with_waiting_limit(WAITING_LIMIT)
    }

    /// As [`Self::new`], with another limit in bytes.
    pub fn with_waiting_limit(waiting_limit: usize) -> Self {
        let waiting = BTreeMap::new();
        Self { next: None, end: None, waiting, waiting_cost: 0, waiting_limit }
    }

    /// Payload bytes handed out or given up so far.
    pub fn position(&self) -> u64 {
        self.next.map_or(0, |next| next.offset)
    }

    /// Takes a segment of this direction with the payload bytes that were captured (the rest
    /// of a cut payload is a hole), and hands out what became contiguous.
    pub fn push(&mut self, segment: &Segment, payload: &[u8], sink: &mut dyn FnMut(Piece<'_>)) {
        let has_syn = segment.flags.contains(TcpFlags::SYN);
        let seq = if has_syn { segment.seq_raw + 1 } else { segment.seq_raw };
        if has_syn && self.position() == 0 && self.waiting.is_empty() {
            // A second SYN with another number starts anew, as long as nothing was said.
            self.next = Some(Position { seq, offset: 0 });
            self.end = None;
        }
        let next = *self.next.get_or_insert(Position { seq, offset: 0 });
        let start = next.offset_of(seq);
        if segment.flags.contains(TcpFlags::FIN) && self.end.is_none() {
            let end = start.saturating_add(i64::from(segment.payload_len));
            self.end = Some(u64::try_from(end).unwrap_or(0).max(next.offset));
        }
        // A declared length shorter than the bytes can't come from the decoder; the shorter counts.
        let declared = usize::try_from(segment.payload_len).unwrap_or(usize::MAX);
        let payload = payload.get(..declared).unwrap_or(payload);
        let Some((start, bytes)) = self.without_known(start, payload) else {
            return;
        };
        if start == self.position() {
            self.hand_out(bytes, sink);
            self.hand_out_waiting(sink);
        } else {
            self.wait(start, bytes);
            while self.waiting_cost > self.waiting_limit {
                self.give_up_hole(sink);
            }
        }
    }

    /// Takes an acknowledgment of the other direction: a hole that it covers will not be
    /// filled any more.
    pub fn acknowledge(&mut self, ack: SeqNumber, sink: &mut dyn FnMut(Piece<'_>)) {
        while let Some(next) = self.next
            && let Some((&waiting, _)) = self.waiting.first_key_value()
            && next.offset_of(ack) > waiting.cast_signed()
        {
            self.give_up_hole(sink);
        }
    }

    /// Hands out everything that still waits, with the holes named.
    pub fn finish(&mut self, sink: &mut dyn FnMut(Piece<'_>)) {
        while !self.waiting.is_empty() {
            self.give_up_hole(sink);
        }
    }

    /// Cuts off what was handed out already and what follows a FIN.
    fn without_known<'p>(&self, start: i64, payload: &'p [u8]) -> Option<(u64, &'p [u8])> {
        let position = self.position();
        let known = usize::try_from(position.cast_signed().saturating_sub(start)).unwrap_or(0);
        let bytes = payload.get(known..)?;
        let start = u64::try_from(start).unwrap_or(0).max(position);
        let room = self.end.map_or(u64::MAX, |end| end.saturating_sub(start));
        let bytes = bytes.get(..usize::try_from(room).unwrap_or(usize::MAX)).unwrap_or(bytes);
        if bytes.is_empty() { None } else { Some((start, bytes)) }
    }

    fn hand_out(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Piece<'_>)) {
        sink(Piece::Data(bytes));
        if let Some(next) = &mut self.next {
            next.advance(bytes.len() as u64);
        }
    }

    /// Hands out waiting pieces for as long as there is no hole in front of them.
    fn hand_out_waiting(&mut self, sink: &mut dyn FnMut(Piece<'_>)) {
        while let Some(entry) = self.waiting.first_entry() {
            let start = *entry.key();
            let position = self.next.map_or(0, |next| next.offset);
            if start > position {
                return;
            }
            let bytes = entry.remove();
            self.waiting_cost = self.waiting_cost.saturating_sub(bytes.len() + PIECE_OVERHEAD);
            let known = usize::try_from(position - start).unwrap_or(usize::MAX);
            if let Some(fresh) = bytes.get(known..).filter(|fresh| !fresh.is_empty()) {
                self.hand_out(fresh, sink);
            }
        }
    }

    /// Keeps early bytes, as far as no earlier piece has them.
    fn wait(&mut self, start: u64, bytes: &[u8]) {
        let mut at = start;
        let mut rest = bytes;
        while !rest.is_empty() {
            let covered = self.waiting.range(..=at).next_back();
            let covered_to = covered.map_or(0, |(from, piece)| from + piece.len() as u64);
            if covered_to > at {
                let skip = usize::try_from(covered_to - at).unwrap_or(usize::MAX);
                rest = rest.get(skip..).unwrap_or(&[]);
                at = covered_to;
                continue;
            }
            let until = self.waiting.range(at..).next().map_or(u64::MAX, |(from, _)| *from);
            let free = usize::try_from(until - at).unwrap_or(usize::MAX);
            let (fresh, behind) = rest.split_at(free.min(rest.len()));
            self.waiting.insert(at, fresh.to_vec());
            self.waiting_cost += fresh.len() + PIECE_OVERHEAD;
            at += fresh.len() as u64;
            rest = behind;
        }
    }

    /// Names the hole in front of the first waiting piece and goes on behind it.
    fn give_up_hole(&mut self, sink: &mut dyn FnMut(Piece<'_>)) {
        let Some((&start, _)) = self.waiting.first_key_value() else {
            return;
        };
        let missing = start.saturating_sub(self.position());
        if missing > 0 {
            sink(Piece::Missing(missing));
        }
        if let Some(next) = &mut self.next {
            next.advance(missing);
        }
        self.hand_out_waiting(sink);
    }
}

#[cfg(test)]
#[path = "reassembly_tests.rs"]
mod tests;
