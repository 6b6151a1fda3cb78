//! Wireshark's verdicts on one segment, judged on the state before it.
//!
//! Each rule is a function of its own over [`Before`], so that the same function that fires
//! in the pass can be asked again, with its numbers, when somebody wants to know why. The
//! order of evaluation is [`judge`]'s; what the segment changes is written afterwards, by
//! [`update`].

use super::half_stream::HalfStream;
use super::unacked::UnackedPool;
use super::{AnalysisFlags, DuplicateAck, RetransmissionTimeout, Segment, TcpFlags};

pub(super) mod ack;
mod flight;
mod keep_alive;
mod loss;
pub(super) mod update;
mod window;

/// Everything that the rules look at: the segment, and both halves as they were before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before<'a> {
    /// The segment under judgement.
    pub segment: &'a Segment,
    /// The half that sent it.
    pub sender: &'a HalfStream,
    /// The half that it goes to.
    pub receiver: &'a HalfStream,
    /// RTT of the handshake in nanoseconds, 0 when unknown.
    pub initial_rtt: i64,
}

/// A condition on the state before a segment.
type Rule = fn(&Before<'_>) -> bool;

/// What the rules say.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Verdict {
    /// The flags.
    pub flags: AnalysisFlags,
    /// Which duplicate, with `DUPLICATE_ACK`.
    pub duplicate_ack: Option<DuplicateAck>,
    /// How long it waited, with a plain retransmission.
    pub rto: Option<RetransmissionTimeout>,
    /// What the acknowledgment number does to the receiver's state.
    pub ack_jump: ack::Jump,
}

impl Before<'_> {
    /// Any of SYN, FIN and RST: such segments are never about windows and duplicates.
    fn is_control(&self) -> bool {
        self.segment.flags.intersects(TcpFlags::SYN | TcpFlags::FIN | TcpFlags::RST)
    }

    /// A segment without payload that neither moves on nor acknowledges anything new: the
    /// common ground of window updates, duplicate ACKs and the answers to probes.
    fn is_bare_repeat(&self) -> bool {
        self.segment.payload_len == 0
            && self.segment.seq_raw.0 == self.sender.next
            && self.segment.ack_raw.0 == self.sender.last_ack
            && !self.is_control()
    }

    /// The sequence number after the segment, SYN or FIN counted.
    fn segment_end(&self) -> u32 {
        self.segment.seq_raw.0.wrapping_add(self.segment.wireshark_len())
    }

    /// Nanoseconds from an earlier moment to this segment, without a sign, as Wireshark
    /// compares them: when the clock went back, that is a very long time.
    fn elapsed_since(&self, earlier: i64) -> u64 {
        self.segment.timestamp.as_nanos().wrapping_sub(earlier) as u64
    }
}

/// Judges a segment.
pub(super) fn judge(before: &Before<'_>, pool: &UnackedPool) -> Verdict {
    let mut verdict = Verdict::default();
    if keep_alive::is_zero_window_probe(before) {
        verdict.flags |= AnalysisFlags::ZERO_WINDOW_PROBE;
    } else {
        judge_windows_and_order(before, &mut verdict);
    }
    verdict.ack_jump = ack::jump(before);
    verdict.flags.set(AnalysisFlags::ACK_LOST_SEGMENT, verdict.ack_jump.is_told());
    if !verdict.flags.contains(AnalysisFlags::KEEP_ALIVE) {
        judge_old_data(before, pool, &mut verdict);
    }
    verdict
}

fn judge_windows_and_order(before: &Before<'_>, verdict: &mut Verdict) {
    let rules: [(Rule, AnalysisFlags); 7] = [
        (window::is_zero_window, AnalysisFlags::ZERO_WINDOW),
        (loss::is_lost_segment, AnalysisFlags::LOST_SEGMENT),
        (keep_alive::is_keep_alive, AnalysisFlags::KEEP_ALIVE),
        (window::is_window_update, AnalysisFlags::WINDOW_UPDATE),
        (window::is_window_full, AnalysisFlags::WINDOW_FULL),
        (keep_alive::is_keep_alive_ack, AnalysisFlags::KEEP_ALIVE_ACK),
        (keep_alive::is_zero_window_probe_ack, AnalysisFlags::ZERO_WINDOW_PROBE_ACK),
    ];
    for (rule, flag) in rules {
        verdict.flags.set(flag, rule(before));
    }
    if !verdict.flags.contains(AnalysisFlags::KEEP_ALIVE_ACK) && ack::is_duplicate(before) {
        verdict.flags |= AnalysisFlags::DUPLICATE_ACK;
        verdict.duplicate_ack = Some(ack::duplicate(before));
    }
}

/// Spurious, fast, out of order or plain retransmission: the first that holds.
fn judge_old_data(before: &Before<'_>, pool: &UnackedPool, verdict: &mut Verdict) {
    if before.segment.payload_len == 0 && !before.segment.has_syn_or_fin() {
        return;
    }
    if loss::is_spurious_retransmission(before) {
        verdict.flags |= AnalysisFlags::SPURIOUS_RETRANSMISSION | AnalysisFlags::RETRANSMISSION;
    } else if !loss::is_old(before) {
    } else if loss::is_fast_retransmission(before, verdict.ack_jump) {
        verdict.flags |= AnalysisFlags::FAST_RETRANSMISSION | AnalysisFlags::RETRANSMISSION;
    } else if loss::is_out_of_order(before) {
        verdict.flags |= AnalysisFlags::OUT_OF_ORDER;
    } else {
        verdict.flags |= AnalysisFlags::RETRANSMISSION;
        verdict.rto = loss::timeout(before, pool);
    }
}
