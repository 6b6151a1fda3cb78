//! The receiving end of a round: what it acknowledges, and when it repeats itself
//! (RFC 5681, section 4.2; RFC 2018, section 4; RFC 2883 for what came twice).

use super::packet::Sack;

/// The receiving end of one direction.
#[derive(Debug)]
pub(super) struct Receiver {
    expected: u32,
    /// What came behind a hole, the latest first.
    islands: Vec<(u32, u32)>,
    /// Segments that were not acknowledged yet.
    waiting: u8,
}

/// What a segment makes it do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing yet: every second segment is acknowledged.
    Wait,
    /// An acknowledgement of something new.
    New { ack: u32, sack: Sack },
    /// The same acknowledgement as before.
    Repeated { ack: u32, sack: Sack },
}

impl Receiver {
    /// Expects this sequence number next.
    pub fn new(expected: u32) -> Self {
        Self { expected, islands: Vec::new(), waiting: 0 }
    }

    /// Takes in a segment; `is_last` when it will wait for no other.
    pub fn take(&mut self, seq: u32, len: u16, is_last: bool) -> Answer {
        let end = seq.wrapping_add(u32::from(len));
        if is_behind(seq, self.expected) {
            self.add_island(seq, end);
            self.waiting = 0;
            return Answer::Repeated { ack: self.expected, sack: self.islands_first(None) };
        }
        if !is_behind(end, self.expected) {
            self.waiting = 0;
            let sack = self.islands_first(Some((seq, end)));
            return Answer::Repeated { ack: self.expected, sack };
        }
        let had_hole = !self.islands.is_empty();
        self.expected = end;
        self.swallow_islands();
        self.waiting += 1;
        if !had_hole && !is_last && self.waiting < 2 {
            return Answer::Wait;
        }
        self.waiting = 0;
        Answer::New { ack: self.expected, sack: self.islands_first(None) }
    }

    /// Keeps what came behind a hole, joined with its neighbours, in front of the others.
    fn add_island(&mut self, seq: u32, end: u32) {
        let mut island = (seq, end);
        self.islands.retain(|&(left, right)| {
            let touches = !is_behind(left, island.1) && !is_behind(island.0, right);
            if touches {
                island.0 = if is_behind(island.0, left) { left } else { island.0 };
                island.1 = if is_behind(right, island.1) { right } else { island.1 };
            }
            !touches
        });
        self.islands.insert(0, island);
    }

    fn swallow_islands(&mut self) {
        let touching = |receiver: &Self| {
            receiver.islands.iter().position(|island| !is_behind(island.0, receiver.expected))
        };
        while let Some(at) = touching(self) {
            let (_, right) = self.islands.remove(at);
            if is_behind(right, self.expected) {
                self.expected = right;
            }
        }
    }

    fn islands_first(&self, duplicate: Option<(u32, u32)>) -> Sack {
        duplicate.into_iter().chain(self.islands.iter().copied()).take(3).collect()
    }
}

/// True when sequence number `one` lies behind `two`, that is after it.
fn is_behind(one: u32, two: u32) -> bool {
    (one.wrapping_sub(two) as i32) > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sack(blocks: &[(u32, u32)]) -> Sack {
        blocks.iter().copied().collect()
    }

    #[test]
    fn every_second_segment_and_the_last_are_acknowledged() {
        let mut receiver = Receiver::new(u32::MAX - 9);
        assert_eq!(receiver.take(u32::MAX - 9, 10, false), Answer::Wait);
        assert_eq!(receiver.take(0, 5, false), Answer::New { ack: 5, sack: sack(&[]) });
        assert_eq!(receiver.take(5, 1, true), Answer::New { ack: 6, sack: sack(&[]) });
    }

    #[test]
    fn a_hole_repeats_the_acknowledgement_until_it_is_filled() {
        let mut receiver = Receiver::new(0);
        let repeated = |blocks: &[_]| Answer::Repeated { ack: 0, sack: sack(blocks) };
        assert_eq!(receiver.take(10, 10, false), repeated(&[(10, 20)]));
        assert_eq!(receiver.take(30, 10, false), repeated(&[(30, 40), (10, 20)]));
        assert_eq!(receiver.take(40, 10, false), repeated(&[(30, 50), (10, 20)]));
        let partly = Answer::New { ack: 20, sack: sack(&[(30, 50)]) };
        assert_eq!(receiver.take(0, 10, false), partly);
        assert_eq!(receiver.take(20, 10, false), Answer::New { ack: 50, sack: sack(&[]) });
    }

    #[test]
    fn what_came_twice_is_named_first() {
        let mut receiver = Receiver::new(0);
        receiver.take(0, 10, true);
        receiver.take(20, 10, false);
        let sack = sack(&[(0, 10), (20, 30)]);
        assert_eq!(receiver.take(0, 10, false), Answer::Repeated { ack: 10, sack });
    }
}
