//! Window scaling (RFC 7323, section 2) as Wireshark applies it.
//!
//! A half-stream's shift comes only from its own segments, as a rule its SYN or SYN-ACK. A SYN
//! or SYN-ACK without the option tells that nobody scales.

use super::half_stream::{HalfStream, scale};
use super::{Segment, TcpFlags};

/// Highest shift that counts (RFC 7323, section 2.3).
const MAX_SHIFT: u8 = 14;

/// Takes the shift from the option, whichever segment carries it (Wireshark does not ask for
/// SYN), and learns from a SYN or SYN-ACK without it that nobody scales; a SYN-ACK that offers
/// scaling to a SYN that did not is not believed. Counts from the next segment on.
pub(super) fn learn(sender: &mut HalfStream, receiver: &mut HalfStream, segment: &Segment) {
    if let Some(shift) = segment.options.window_scale {
        sender.scale = shift.min(MAX_SHIFT) as i8;
    }
    if segment.flags.contains(TcpFlags::SYN) && sender.scale == scale::UNKNOWN {
        sender.scale = scale::NOT_USED;
        receiver.scale = scale::NOT_USED;
    }
    if segment.is_syn_ack() && receiver.scale == scale::NOT_USED {
        sender.scale = scale::NOT_USED;
    }
}

/// `tcp.window_size`: a SYN's window is never scaled, nor is that of a segment of unknown length.
pub(super) fn scaled(sender: &HalfStream, segment: &Segment) -> u32 {
    let raw = u32::from(segment.window_raw);
    let is_scaled = segment.is_length_known && !segment.flags.contains(TcpFlags::SYN);
    if is_scaled { raw << shift(sender) } else { raw }
}

/// `tcp.window_size_scalefactor`: the multiplier, -1 unknown, -2 not used; 0 on a SYN, which has
/// no such field.
pub(super) fn factor(sender: &HalfStream, segment: &Segment) -> i32 {
    if segment.flags.contains(TcpFlags::SYN) {
        return 0;
    }
    match sender.scale {
        unscaled if unscaled < 0 => i32::from(unscaled),
        shift => 1 << shift,
    }
}

/// Bits by which a half-stream's windows are shifted: none while the scale is not known.
pub(super) fn shift(sender: &HalfStream) -> u32 {
    u32::try_from(sender.scale).unwrap_or(0).min(u32::from(MAX_SHIFT))
}
