//! Why a reset was probably sent: what the stream had shown before it.
//!
//! The wire shows no reasons, so this reads the signs that RFC 9293 and the common kernels
//! leave: a reset without ACK answers a segment that found no socket (section 3.10.7.1); a
//! reset with ACK comes from a socket that was closed with unread data (RFC 2525, section
//! 2.17) or aborted (SO_LINGER 0, a killed program).

use super::model::ResetCause;
use super::rare::Rare;
use super::record::{Facts, Half, Record};
use super::turns::Turns;
use crate::tcp::{Direction, Segment, TcpFlags};

/// The probable cause of the first reset of a stream; its record and marks are those before it.
pub(super) fn cause(
    (record, turns): (&Record, &Turns),
    rare: &Rare,
    segment: &Segment,
    from: Direction,
) -> ResetCause {
    let is_syn_known = record.facts.contains(Facts::SYN_MARKED);
    let own = record.half(from);
    let other = record.half(from.reverse());
    if turns.client.fin.is_set() && turns.server.fin.is_set() {
        return ResetCause::AfterClose;
    }
    if let Some(cause) = during_handshake(record, turns, from) {
        return cause;
    }
    if turns.has_closed(from) {
        return ResetCause::DataAfterClose;
    }
    let answers_nobody = !segment.flags.contains(TcpFlags::ACK);
    if answers_nobody && own.frames == 0 {
        return ResetCause::StraySegment;
    }
    let was_sent_data = other.first_data.is_set();
    let frame = |half: &Half| half.last_data.at(record.start(), &rare.far).map(|at| at.frame);
    let last_is_theirs = frame(other) > frame(own);
    match (answers_nobody, was_sent_data && last_is_theirs) {
        (true, _) => ResetCause::StraySegment,
        (false, true) => ResetCause::UnreadData,
        (false, false) if own.frames == 0 && !is_syn_known => ResetCause::MidStream,
        (false, false) => ResetCause::Aborted,
    }
}

/// Resets that end an attempt to connect.
fn during_handshake(record: &Record, turns: &Turns, from: Direction) -> Option<ResetCause> {
    let is_syn_known = record.facts.contains(Facts::SYN_MARKED);
    let has_syn_ack = turns.syn_ack.is_set();
    match from {
        Direction::FromServer if is_syn_known && !has_syn_ack && !turns.ack.is_set() => {
            Some(ResetCause::Refused)
        }
        Direction::FromClient if has_syn_ack && !turns.ack.is_set() => {
            Some(ResetCause::HandshakeAbandoned)
        }
        _ => None,
    }
}
