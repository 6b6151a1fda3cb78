//! What few streams need: notes beside the records, each stream's own in a chain.
//!
//! A [`Note`] takes 32 bytes and exists only when something unusual happened: an analysis
//! event, a SYN sent again, a gap, a reset, a counter that outgrew its place in the record.

use super::coverage::Gaps;
use super::mark::{Far, Mark, Origin};
use super::model::{EventKind, ResetCause};
use crate::chunked::Chunked;

/// Witness frames kept per kind of event.
pub(super) const EVENT_FRAMES: usize = 4;

/// What a 16-bit counter of a record holds when it is full; it goes on from 1 then, so that 0
/// always means "none".
pub(super) const FULL: u16 = u16::MAX;

/// The first note of a stream, or the next one: its index plus one, 0 for none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Link(u32);

/// A note and the one behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Note {
    next: Link,
    body: Body,
}

/// What notes say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Body {
    /// One kind of event.
    Event(EventNote),
    /// What the few directions need that are not plainly sent once, in order.
    Side(SideNote),
    /// What outgrew the record's counters.
    Carry(CarryNote),
    /// What is unusual about the SYNs.
    Opening(OpeningNote),
    /// Where the SYN is when it is not the first frame, and the first one of several; marks in
    /// halves.
    Syn { at: [u32; 2], first: [u32; 2] },
    /// The first reset, a mark in halves, and how many there are.
    Reset { cause: ResetCause, at: [u32; 2], count: u32 },
    /// Bytes that were sent after the other side's FIN, low half first.
    AfterFin { bytes: [u32; 2] },
    /// When the stream began, where 64 bits of nanoseconds cannot hold it; seconds in halves.
    Start { seconds: [u32; 2], nanos: u32 },
}

/// How often a kind of event happened; another note goes on where one is full or its frames
/// lie too far apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct EventNote {
    pub(super) kind: EventKind,
    /// What stands above the 32 bits of `frames`.
    epoch: u16,
    pub(super) count: u32,
    pub(super) from_client: u32,
    /// The first ones.
    frames: [u32; EVENT_FRAMES],
}

/// See [`Body::Side`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct SideNote {
    pub(super) is_server: bool,
    /// FINs after the first.
    pub(super) more_fins: u32,
    /// Payload bytes that were there already, low half first.
    repeated: [u32; 2],
    /// Index plus one in the list of gaps.
    gaps: u32,
}

/// See [`Body::Carry`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct CarryNote {
    pub(super) is_server: bool,
    /// Times [`FULL`] less one.
    pub(super) frames: u32,
    /// Times [`FULL`] less one.
    pub(super) data_segments: u32,
    /// Times [`FULL`] less one: segments with PSH alone.
    pub(super) pushes: u32,
    /// Times 2^32.
    pub(super) wire_bytes: u32,
    /// Times 2^32.
    pub(super) segment_bytes: u32,
}

/// See [`Body::Opening`].
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct OpeningNote {
    /// SYNs after the first.
    pub(super) more_syns: u32,
    /// SYN-ACKs after the first.
    pub(super) more_syn_acks: u32,
    /// Payload bytes of a SYN, at most.
    pub(super) payload_len: u32,
}

/// All notes, and what they point at.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Rare {
    notes: Chunked<Note>,
    gaps: Vec<Gaps>,
    free_gaps: Vec<u32>,
    /// Gaps that closed, with the room that they took; the next ones take it.
    closed_gaps: Vec<Gaps>,
    /// Marks that do not fit a record.
    pub(super) far: Far,
    /// Addresses of IPv6 endpoints.
    pub(super) hosts: Chunked<[u8; 16]>,
}

impl Rare {
    /// The notes of a stream, the latest first.
    pub(super) fn of(&self, first: Link) -> impl Iterator<Item = &Body> {
        let mut link = first;
        std::iter::from_fn(move || {
            let note = self.notes.get(link.index()?)?;
            link = note.next;
            Some(&note.body)
        })
    }

    /// The latest note of a stream that `pick` picks, to change it.
    pub(super) fn find<T>(
        &mut self,
        first: Link,
        pick: impl Fn(&mut Body) -> Option<&mut T>,
    ) -> Option<&mut T> {
        let mut link = first;
        loop {
            let index = link.index()?;
            let note = self.notes.get_mut(index)?;
            if pick(&mut note.body).is_some() {
                break;
            }
            link = note.next;
        }
        pick(&mut self.notes.get_mut(link.index()?)?.body)
    }

    /// Adds a note in front of the others.
    pub(super) fn add(&mut self, first: &mut Link, body: Body) {
        let Ok(index) = u32::try_from(self.notes.len() + 1) else { return };
        self.notes.push(Note { next: *first, body });
        *first = Link(index);
    }

    /// Changes the note that `pick` picks; `fresh` is added first when there is none.
    pub(super) fn change<T>(
        &mut self,
        first: &mut Link,
        pick: impl Fn(&mut Body) -> Option<&mut T>,
        fresh: impl FnOnce() -> Body,
        change: impl FnOnce(&mut T),
    ) {
        if self.find(*first, &pick).is_none() {
            self.add(first, fresh());
        }
        if let Some(found) = self.find(*first, &pick) {
            change(found);
        }
    }

    /// Changes what is noted of one direction.
    pub(super) fn change_side(
        &mut self,
        first: &mut Link,
        is_server: bool,
        change: impl FnOnce(&mut SideNote),
    ) {
        let fresh = || Body::Side(SideNote { is_server, ..SideNote::default() });
        self.change(first, |body| body.side(is_server), fresh, change);
    }

    /// Changes what outgrew the counters of one direction.
    #[cold]
    pub(super) fn carry(
        &mut self,
        first: &mut Link,
        is_server: bool,
        change: impl FnOnce(&mut CarryNote),
    ) {
        let pick: fn(&mut Body, bool) -> Option<&mut CarryNote> = |body, is_server| match body {
            Body::Carry(note) if note.is_server == is_server => Some(note),
            _ => None,
        };
        let fresh = || Body::Carry(CarryNote { is_server, ..CarryNote::default() });
        self.change(first, |body| pick(body, is_server), fresh, change);
    }

    /// Changes what is unusual about the SYNs.
    pub(super) fn change_opening(
        &mut self,
        first: &mut Link,
        change: impl FnOnce(&mut OpeningNote),
    ) {
        let pick: fn(&mut Body) -> Option<&mut OpeningNote> = |body| match body {
            Body::Opening(note) => Some(note),
            _ => None,
        };
        self.change(first, pick, || Body::Opening(OpeningNote::default()), change);
    }

    /// Counts an event in a frame, `offset` frames after the stream's first.
    pub(super) fn count_event(
        &mut self,
        first: &mut Link,
        kind: EventKind,
        offset: u64,
        is_from_client: bool,
    ) {
        let pick: fn(&mut Body, EventKind) -> Option<&mut EventNote> = |body, kind| match body {
            Body::Event(note) if note.kind == kind => Some(note),
            _ => None,
        };
        let epoch = u16::try_from(offset >> 32).unwrap_or(u16::MAX);
        let known = self.find(*first, |body| pick(body, kind));
        if known.is_none_or(|note| !note.has_room(epoch)) {
            let (count, from_client, frames) = (0, 0, [0; EVENT_FRAMES]);
            self.add(first, Body::Event(EventNote { kind, epoch, count, from_client, frames }));
        }
        let Some(note) = self.find(*first, |body| pick(body, kind)) else { return };
        if let Some(slot) = note.frames.get_mut(note.count as usize) {
            *slot = offset as u32;
        }
        note.count += 1;
        note.from_client += u32::from(is_from_client);
    }

    /// Takes the gaps of one direction out, to change them.
    pub(super) fn take_gaps(&mut self, first: Link, is_server: bool) -> Gaps {
        let slot = self.find(first, |body| body.side(is_server)).map_or(0, |note| note.gaps);
        match self.gaps.get_mut((slot as usize).wrapping_sub(1)) {
            Some(gaps) => std::mem::take(gaps),
            None => self.closed_gaps.pop().unwrap_or_default(),
        }
    }

    /// Puts them back.
    pub(super) fn put_gaps(&mut self, first: &mut Link, is_server: bool, gaps: Gaps) {
        let known = self.find(*first, |body| body.side(is_server)).map_or(0, |note| note.gaps);
        if gaps.is_empty() {
            if gaps.has_room() {
                self.closed_gaps.push(gaps);
            }
            if known != 0 {
                self.free_gaps.push(known);
                self.change_side(first, is_server, |note| note.gaps = 0);
            }
            return;
        }
        let slot = if known == 0 { self.free_gaps.pop() } else { Some(known) };
        let slot = match slot {
            Some(slot) => slot,
            None => {
                self.gaps.push(Gaps::default());
                u32::try_from(self.gaps.len()).unwrap_or(0)
            }
        };
        if known == 0 {
            self.change_side(first, is_server, |note| note.gaps = slot);
        }
        if let Some(place) = self.gaps.get_mut((slot as usize).wrapping_sub(1)) {
            *place = gaps;
        }
    }

    /// Bytes of one direction that are not in the capture.
    pub(super) fn missing(&self, note: &SideNote) -> u64 {
        self.gaps.get((note.gaps as usize).wrapping_sub(1)).map_or(0, Gaps::missing)
    }

    /// Exchanges client and server in the notes of a stream.
    pub(super) fn swap_sides(&mut self, first: Link) {
        let mut link = first;
        while let Some(note) = link.index().and_then(|index| self.notes.get_mut(index)) {
            match &mut note.body {
                Body::Event(event) => event.from_client = event.count - event.from_client,
                Body::Side(side) => side.is_server = !side.is_server,
                Body::Carry(carry) => carry.is_server = !carry.is_server,
                _ => {}
            }
            link = note.next;
        }
    }
}

impl Link {
    fn index(self) -> Option<usize> {
        (self.0 as usize).checked_sub(1)
    }
}

impl Body {
    /// See [`Self::Start`].
    pub(super) fn start(origin: Origin) -> Self {
        Self::Start { seconds: split(origin.seconds.cast_unsigned()), nanos: origin.nanos }
    }

    /// From [`Self::start`], when it is one.
    pub(super) fn as_start(&self, frame: u64) -> Option<Origin> {
        match *self {
            Self::Start { seconds, nanos } => {
                Some(Origin { seconds: join(seconds).cast_signed(), frame, nanos })
            }
            _ => None,
        }
    }

    fn side(&mut self, is_server: bool) -> Option<&mut SideNote> {
        match self {
            Self::Side(note) if note.is_server == is_server => Some(note),
            _ => None,
        }
    }
}

impl EventNote {
    fn has_room(&self, epoch: u16) -> bool {
        let is_near = self.epoch == epoch || self.count as usize >= EVENT_FRAMES;
        self.count < u32::MAX && is_near
    }

    /// The first frames, as offsets from the stream's first.
    pub(super) fn offsets(&self) -> impl Iterator<Item = u64> + '_ {
        let above = u64::from(self.epoch) << 32;
        self.frames.iter().take(self.count as usize).map(move |low| above | u64::from(*low))
    }
}

impl SideNote {
    /// Payload bytes that were there already; wraps below zero where numbers that jump let a
    /// gap be filled twice.
    pub(super) fn repeated(&self) -> u64 {
        join(self.repeated)
    }

    /// Counts a segment of which only some bytes were new.
    pub(super) fn add_repeated(&mut self, len: u32, fresh: u32) {
        let repeated = self.repeated().wrapping_add(u64::from(len));
        self.repeated = split(repeated.wrapping_sub(u64::from(fresh)));
    }
}

/// Both halves, the low one first.
pub(super) fn split(number: u64) -> [u32; 2] {
    [number as u32, (number >> 32) as u32]
}

/// From [`split`].
pub(super) fn join([low, high]: [u32; 2]) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// The marks of [`Body::Syn`].
pub(super) fn syn_marks(body: &Body) -> Option<(Mark, Mark)> {
    match body {
        Body::Syn { at, first } => Some((Mark::from_halves(*at), Mark::from_halves(*first))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_stays_within_its_budget() {
        assert_eq!(size_of::<Note>(), 32);
    }

    #[test]
    fn events_far_apart_keep_their_frames() {
        let (mut rare, mut first) = (Rare::default(), Link::default());
        let far = 7 << 32 | 5;
        for offset in [1, 2, far, far + 1, far + 2] {
            rare.count_event(&mut first, EventKind::KeepAlive, offset, offset == 1);
        }
        rare.count_event(&mut first, EventKind::ZeroWindow, 3, true);
        let notes: Vec<_> = rare
            .of(first)
            .filter_map(|body| match body {
                Body::Event(note) if note.kind == EventKind::KeepAlive => Some(note),
                _ => None,
            })
            .collect();
        assert_eq!(notes.iter().map(|note| note.count).sum::<u32>(), 5);
        assert_eq!(notes.iter().map(|note| note.from_client).sum::<u32>(), 1);
        let frames: Vec<u64> = notes.iter().rev().flat_map(|note| note.offsets()).collect();
        assert_eq!(frames, [1, 2, far, far + 1, far + 2]);
    }

    #[test]
    fn gaps_that_close_give_their_place_back() {
        let mut rare = Rare::default();
        let mut streams = [Link::default(); 3];
        for first in &mut streams {
            let gaps = Gaps::of(&[(1, 4)]);
            rare.put_gaps(first, true, gaps.clone());
            assert_eq!(rare.take_gaps(*first, false), Gaps::default());
            assert_eq!(rare.take_gaps(*first, true), gaps);
            rare.put_gaps(first, true, Gaps::default());
        }
        assert_eq!(rare.gaps.len(), 1);
    }
}
