//! Which steps a segment takes within its stream.
//!
//! The great mass of segments is *plain*: later than the handshake and earlier than the end, in
//! order, with nothing in the header that matters beyond the numbers, and judged by no rule. The
//! steps are compiled once for any segment and once for each kind of plain one, with what does
//! nothing for that kind left out.

use super::analysis::{self, Before};
use super::half_stream::{HalfMarks, HalfStream};
use super::{Segment, TcpFlags};

/// What is settled about a segment when its steps are compiled.
pub(super) trait Steps {
    /// True when [`is_plain`] holds for it.
    const IS_PLAIN: bool;
    /// Whether it carries payload; asked of plain segments only.
    const HAS_PAYLOAD: bool;
}

/// Every step, for any segment.
pub(super) struct Every;

/// Those of a plain segment that carries payload.
pub(super) struct PlainData;

/// Those of a plain segment that only acknowledges.
pub(super) struct PlainAck;

impl Steps for Every {
    const IS_PLAIN: bool = false;
    const HAS_PAYLOAD: bool = false;
}

impl Steps for PlainData {
    const IS_PLAIN: bool = true;
    const HAS_PAYLOAD: bool = true;
}

impl Steps for PlainAck {
    const IS_PLAIN: bool = true;
    const HAS_PAYLOAD: bool = false;
}

/// True when a segment, which carries payload or not as `S` says, is plain.
#[inline(always)]
pub(super) fn is_plain<S: Steps>(
    sender: &HalfStream,
    receiver: &HalfStream,
    segment: &Segment,
) -> bool {
    let special = TcpFlags::SYN | TcpFlags::FIN | TcpFlags::RST;
    segment.flags & (special | TcpFlags::ACK) == TcpFlags::ACK
        && segment.is_length_known
        && segment.is_header_whole
        && segment.options.sack.is_empty()
        && segment.options.window_scale.is_none()
        && (sender.marks & receiver.marks).contains(HalfMarks::BASE_KNOWN)
        && follows_all::<S>(sender, segment)
        && analysis::is_ordinary(&Before { segment, sender, receiver, initial_rtt: 0 })
}

/// No hole lies behind it, so that what follows its last number moves both of the sender's
/// marks, or, without payload, none of them.
#[inline(always)]
fn follows_all<S: Steps>(sender: &HalfStream, segment: &Segment) -> bool {
    let is_of_its_kind = match S::HAS_PAYLOAD {
        true => segment.payload_len.cast_signed() > 0,
        false => segment.payload_len == 0 && sender.next != 0,
    };
    is_of_its_kind && sender.max_ack == sender.next
}
