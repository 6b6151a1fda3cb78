//! TCP Fast Open (RFC 7413): who offered data in the handshake and whether it was taken.

use super::condition::{Asked, Quantity, Silent};
use super::half_stream::{HalfMarks, HalfStream};
use super::{AnalysisFlags, Segment};

/// The conditions of one flag, by the receiver's half, the segment and its relative
/// acknowledgment number.
type Rule<A> = fn(&HalfStream, &Segment, u32, A) -> A;

/// The flags about Fast Open.
pub(super) fn rules<A: Asked>() -> [(AnalysisFlags, Rule<A>); 3] {
    [
        (AnalysisFlags::TFO_SYN, tfo_syn),
        (AnalysisFlags::TFO_ACK, tfo_ack),
        (AnalysisFlags::TFO_IGNORED, tfo_ignored),
    ]
}

/// Judges the segment by all of them. Only segments with SYN can have any.
pub(super) fn judge(receiver: &HalfStream, segment: &Segment, ack_rel: u32) -> AnalysisFlags {
    let mut flags = AnalysisFlags::empty();
    if segment.is_bare_syn() || segment.is_syn_ack() {
        for (flag, rule) in rules() {
            flags.set(flag, rule(receiver, segment, ack_rel, Silent::new()).holds());
        }
    }
    flags
}

/// A bare SYN with a cookie.
fn tfo_syn<A: Asked>(_: &HalfStream, segment: &Segment, _: u32, asked: A) -> A {
    let cookie_len = segment.options.fast_open_cookie_len;
    asked
        .and(segment.is_bare_syn(), "it is a SYN without ACK", || {
            vec![("flags", Quantity::Flags(segment.flags))]
        })
        .and(cookie_len.is_some_and(|len| len > 0), "it carries a Fast Open cookie", || {
            let len = cookie_len.map_or(Quantity::Unknown, |len| Quantity::Bytes(len.into()));
            vec![("cookie", len)]
        })
}

/// A SYN-ACK that acknowledges more than the SYN.
fn tfo_ack<A: Asked>(_: &HalfStream, segment: &Segment, ack_rel: u32, asked: A) -> A {
    is_syn_ack(segment, asked)
        .and(ack_rel > 1, "it acknowledges more than the SYN itself", || acknowledged(ack_rel))
}

/// A SYN-ACK that acknowledges only the SYN, though it carried data.
fn tfo_ignored<A: Asked>(receiver: &HalfStream, segment: &Segment, ack_rel: u32, asked: A) -> A {
    is_syn_ack(segment, asked)
        .and(ack_rel <= 1, "it acknowledges nothing but the SYN", || acknowledged(ack_rel))
        .and(
            receiver.marks.contains(HalfMarks::FAST_OPEN_DATA),
            "the SYN offered data with a Fast Open cookie",
            Vec::new,
        )
}

fn is_syn_ack<A: Asked>(segment: &Segment, asked: A) -> A {
    asked.and(segment.is_syn_ack(), "it is a SYN-ACK", || {
        vec![("flags", Quantity::Flags(segment.flags))]
    })
}

fn acknowledged(ack_rel: u32) -> Vec<(&'static str, Quantity)> {
    vec![("relative acknowledgment number", Quantity::Count(ack_rel))]
}

/// Remembers that a SYN offered data with a cookie.
pub(super) fn learn(sender: &mut HalfStream, segment: &Segment, flags: AnalysisFlags) {
    if flags.contains(AnalysisFlags::TFO_SYN) && segment.payload_len > 0 {
        sender.marks.insert(HalfMarks::FAST_OPEN_DATA);
    }
}
