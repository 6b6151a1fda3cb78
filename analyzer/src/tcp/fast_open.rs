//! TCP Fast Open (RFC 7413): who offered data in the handshake and whether it was taken.

use super::half_stream::{HalfMarks, HalfStream};
use super::{AnalysisFlags, Segment};

/// `tfo_syn`: a bare SYN with a cookie. `tfo_ack`: a SYN-ACK that acknowledges more than the
/// SYN. `tfo_ignored`: a SYN-ACK that acknowledges only the SYN, though it carried data.
pub(super) fn judge(receiver: &HalfStream, segment: &Segment, ack_rel: u32) -> AnalysisFlags {
    let mut flags = AnalysisFlags::empty();
    if segment.is_bare_syn() && segment.options.fast_open_cookie_len.is_some_and(|len| len > 0) {
        flags |= AnalysisFlags::TFO_SYN;
    }
    if segment.is_syn_ack() {
        if ack_rel > 1 {
            flags |= AnalysisFlags::TFO_ACK;
        } else if receiver.marks.contains(HalfMarks::FAST_OPEN_DATA) {
            flags |= AnalysisFlags::TFO_IGNORED;
        }
    }
    flags
}

/// Remembers that a SYN offered data with a cookie.
pub(super) fn learn(sender: &mut HalfStream, segment: &Segment, flags: AnalysisFlags) {
    if flags.contains(AnalysisFlags::TFO_SYN) && segment.payload_len > 0 {
        sender.marks.insert(HalfMarks::FAST_OPEN_DATA);
    }
}
