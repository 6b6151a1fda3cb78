//! Segments at which a stream turns, in one short step: the acknowledgments that it waits for,
//! FINs, and what follows those.
//!
//! All steps that a segment takes are in [`super::fold`]. Of one in order and without a verdict,
//! this file only does what is left of them. It adds no rule, and is free to refuse: a segment
//! that it does not take goes the whole way. That both ways change the same, the tests of
//! [`super::store`] try on random conversations.

use super::mark::Mark;
use super::record::{Facts, HalfBits, MAX_PLAIN, Record};
use super::turns::Turns;
use crate::tcp::{Direction, Plain, TcpFlags};

impl Record {
    /// Folds one segment in that may change marks beside the record; does nothing and answers
    /// false when there may be more to it than those, counters, and latest marks.
    #[inline(never)]
    pub(super) fn observe_turn(
        &mut self,
        turns: &mut Turns,
        plain: &Plain,
        mark: Mark,
        wire_len: u32,
    ) -> bool {
        if !self.may_turn(turns, plain) || !self.half_mut(plain.direction).count(plain, wire_len) {
            return false;
        }
        if plain.payload_len > 0 {
            let half = self.half_mut(plain.direction);
            half.first_data.set_once(mark);
            half.last_data = mark;
        }
        if plain.flags.contains(TcpFlags::ACK) {
            self.note_acknowledgment(turns, plain, mark);
        }
        if plain.flags.contains(TcpFlags::FIN) {
            self.note_fin(turns, plain, mark);
        }
        self.last = mark;
        self.settle(turns);
        true
    }

    /// True when who sent it is beyond doubt (the ports differ), and it is next in its
    /// direction: what a closed side sends has no number that matters.
    fn may_turn(&self, turns: &Turns, plain: &Plain) -> bool {
        let (own, other) = (self.half(plain.direction), self.half(plain.direction.reverse()));
        let is_bare = plain.payload_len == 0;
        let (is_push, is_fin) =
            (plain.flags.contains(TcpFlags::PSH), plain.flags.contains(TcpFlags::FIN));
        let is_known = self.facts & (Facts::CARRIED | Facts::ODD_START) == Facts::CARRIED
            && own.port == plain.source_port
            && own.port != other.port
            && !self.last.is_far()
            && !own.last_data.is_far();
        let is_next = match turns.has_closed(plain.direction) {
            true => is_bare && !is_fin,
            false => own.bits.contains(HalfBits::HIGH) && own.high == plain.seq_raw,
        };
        let may_carry = match is_bare {
            true => !is_push,
            false => plain.payload_len <= MAX_PLAIN && !turns.has_closed(plain.direction.reverse()),
        };
        is_known && is_next && may_carry
    }

    fn note_acknowledgment(&mut self, turns: &mut Turns, plain: &Plain, mark: Mark) {
        let acknowledges_data = (2..1 << 31).contains(&plain.ack_rel);
        match plain.direction {
            Direction::FromClient if self.is_role_known(turns) => turns.ack.set_once(mark),
            Direction::FromServer if self.client.first_data.is_set() && acknowledges_data => {
                turns.data_acknowledged.set_once(mark);
                self.facts |= Facts::DATA_ACKNOWLEDGED;
            }
            _ => {}
        }
        let other = plain.direction.reverse();
        if turns.has_closed(other) && self.half(other).is_end_covered(plain) {
            turns.closing_mut(other).acknowledged.set_once(mark);
        }
    }

    /// The first FIN of its direction.
    fn note_fin(&mut self, turns: &mut Turns, plain: &Plain, mark: Mark) {
        let other = plain.direction.reverse();
        turns.closing_mut(plain.direction).fin = mark;
        self.half_mut(plain.direction).fin_end = (plain.seq_raw + plain.payload_len + 1).0;
        if turns.has_closed(other) {
            let is_aware =
                plain.flags.contains(TcpFlags::ACK) && self.half(other).is_end_covered(plain);
            self.facts.set(Facts::BOTH_CLOSED_UNAWARE, !is_aware);
        } else {
            self.facts.set(Facts::SERVER_CLOSED_FIRST, plain.direction == Direction::FromServer);
        }
    }
}
