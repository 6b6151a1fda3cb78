//! A message that is not complete: the bytes that are there, the holes, and what it waits for.
//!
//! Bounded: of a long message only the front is kept, and few segments behind a hole.

use super::http_end::Scan;
use crate::tcp::SeqNumber;

/// Bytes kept of one incomplete message; of a longer one only the front is known.
const MAX_KEPT: usize = 1 << 18;
/// Segments kept of one message that came before their turn.
const MAX_EARLY: usize = 64;

/// A message that is not complete.
#[derive(Debug)]
pub(super) struct Pending {
    /// Where it starts.
    pub start: SeqNumber,
    /// Bytes from the start that are there without a hole.
    pub received: u64,
    /// What it waits for.
    pub need: Need,
    /// Its front.
    pub kept: Vec<u8>,
    /// Not even its first line is complete.
    pub is_mute: bool,
    /// How far `kept` was looked through in vain.
    pub scan: Scan,
    /// Segments behind a hole, with their offsets.
    early: Vec<(u64, Vec<u8>)>,
}

/// What a message still waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// So many bytes from its start.
    Bytes(u64),
    /// Some more, to know how many.
    More,
    /// The end of the connection.
    Fin,
}

/// Where a segment lies in a pending message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It continues what is there.
    Fits,
    /// It belongs to the message, behind a hole or again.
    Inside,
    /// It is not part of it.
    Elsewhere,
}

impl Pending {
    /// A message of which these bytes are there.
    pub fn new(start: SeqNumber, need: Need, bytes: &[u8]) -> Self {
        let kept = bytes.get(..MAX_KEPT).unwrap_or(bytes).to_vec();
        let received = bytes.len() as u64;
        Self {
            start,
            received,
            need,
            kept,
            is_mute: false,
            scan: Scan::default(),
            early: Vec::new(),
        }
    }

    /// Takes the bytes at offset `at`, if the message reaches there.
    pub fn place(&mut self, at: u32, payload: &[u8]) -> Place {
        let at = u64::from(at);
        if at == self.received {
            self.append(payload);
            self.take_early();
            return Place::Fits;
        }
        let end = match self.need {
            Need::Bytes(bytes) => bytes,
            Need::More => self.received,
            Need::Fin => 1 << 30,
        };
        if at >= end {
            return Place::Elsewhere;
        }
        if at > self.received && self.early.len() < MAX_EARLY && payload.len() <= MAX_KEPT {
            self.early.push((at, payload.to_vec()));
        }
        Place::Inside
    }

    /// Adds the bytes that come next.
    fn append(&mut self, payload: &[u8]) {
        let room = MAX_KEPT.saturating_sub(self.kept.len());
        if self.kept.len() as u64 == self.received {
            self.kept.extend_from_slice(payload.get(..room).unwrap_or(payload));
        }
        self.received += payload.len() as u64;
    }

    /// Adds what came before its turn and now fits.
    fn take_early(&mut self) {
        while let Some(index) = self.early.iter().position(|(at, _)| *at <= self.received) {
            let (at, bytes) = self.early.swap_remove(index);
            let known = usize::try_from(self.received - at).unwrap_or(usize::MAX);
            if let Some(new) = bytes.get(known..) {
                self.append(new);
            }
        }
    }

    /// Bytes held.
    pub fn held(&self) -> usize {
        self.kept.capacity() + self.early.iter().map(|(_, bytes)| bytes.capacity()).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use proptest::strategy::Strategy;

    use super::*;

    const START: SeqNumber = SeqNumber(u32::MAX - 3);

    #[test]
    fn segments_fit_in_order_only() {
        let mut pending = Pending::new(START, Need::Bytes(10), b"abcd");
        assert_eq!(pending.place(4, b"ef"), Place::Fits);
        assert_eq!(pending.place(4, b"ef"), Place::Inside, "sent again");
        assert_eq!(pending.place(10, b"next"), Place::Elsewhere);
        assert_eq!((pending.kept.as_slice(), pending.received), (&b"abcdef"[..], 6));
    }

    #[test]
    fn early_segments_wait_for_the_hole_to_close() {
        let mut pending = Pending::new(START, Need::Bytes(12), b"ab");
        assert_eq!(pending.place(8, b"ijkl"), Place::Inside);
        assert_eq!(pending.place(4, b"efgh"), Place::Inside);
        assert_eq!(pending.place(6, b"ghij"), Place::Inside, "overlaps both");
        assert_eq!(pending.received, 2);
        assert_eq!(pending.place(2, b"cd"), Place::Fits);
        assert_eq!((pending.kept.as_slice(), pending.received), (&b"abcdefghijkl"[..], 12));
        assert!(pending.early.is_empty());
    }

    #[test]
    fn a_message_of_unknown_length_reaches_no_further_than_its_next_byte() {
        let mut pending = Pending::new(START, Need::More, b"ab");
        assert_eq!(pending.place(3, b"d"), Place::Elsewhere);
        assert_eq!(pending.place(1, b"b"), Place::Inside);
        assert_eq!(pending.place(2, b"c"), Place::Fits);
        let mut endless = Pending::new(START, Need::Fin, b"ab");
        assert_eq!(endless.place(1 << 20, b"x"), Place::Inside);
        assert_eq!(endless.place(1 << 30, b"x"), Place::Elsewhere);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut pending = Pending::new(START, Need::Bytes(1 << 30), &vec![1; MAX_KEPT]);
        for _ in 0..4 {
            let at = u32::try_from(pending.received).expect("small");
            assert_eq!(pending.place(at, &[2; 60_000]), Place::Fits);
        }
        assert_eq!(pending.kept.len(), MAX_KEPT);
        assert_eq!(pending.received, MAX_KEPT as u64 + 240_000);
        for index in 0..1000 {
            pending.place((1 << 29) + index, b"early");
        }
        assert_eq!(pending.early.len(), MAX_EARLY);
    }

    proptest::proptest! {
        #[test]
        fn any_order_gives_the_same_bytes(
            order in proptest::sample::subsequence((0..20_u32).collect::<Vec<_>>(), 20)
                .prop_shuffle(),
        ) {
            let bytes: Vec<u8> = (0..40).collect();
            let mut pending = Pending::new(START, Need::Bytes(40), &[]);
            for piece in order {
                let at = piece as usize * 2;
                pending.place(piece * 2, &bytes[at..at + 2]);
            }
            proptest::prop_assert_eq!(pending.kept, bytes);
        }
    }
}
