//! Window scaling (RFC 7323, section 2) as Wireshark applies it.
//!
//! A half-stream's shift comes only from its own segments, as a rule its SYN or SYN-ACK. A SYN
//! or SYN-ACK without the option tells that nobody scales.

use super::half_stream::{HalfStream, scale};
use super::verdict::NO_FACTOR;
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
    if is_scaled { raw.wrapping_shl(shift(sender)) } else { raw }
}

/// What `tcp.window_size_scalefactor` tells: the shift, or a value of [`scale`]; a SYN has no
/// such field.
pub(super) fn factor(sender: &HalfStream, segment: &Segment) -> i8 {
    if segment.flags.contains(TcpFlags::SYN) { NO_FACTOR } else { sender.scale }
}

/// Bits by which a half-stream's windows are shifted: none while the scale is not known. At most
/// [`MAX_SHIFT`], because [`learn`] takes no more.
#[inline]
pub(super) fn shift(sender: &HalfStream) -> u32 {
    i32::from(sender.scale).max(0) as u32
}
