//! From the analysis' bits to the kinds of events that a report names.

use super::model::EventKind;
use crate::tcp::AnalysisFlags;

/// Bit by bit; a fast or spurious retransmission also sets the plain bit (as Wireshark's
/// expert field does), so the plain kind is told apart in [`kinds`].
const TABLE: [(AnalysisFlags, EventKind); 18] = [
    (AnalysisFlags::RETRANSMISSION, EventKind::Retransmission),
    (AnalysisFlags::FAST_RETRANSMISSION, EventKind::FastRetransmission),
    (AnalysisFlags::SPURIOUS_RETRANSMISSION, EventKind::SpuriousRetransmission),
    (AnalysisFlags::OUT_OF_ORDER, EventKind::OutOfOrder),
    (AnalysisFlags::REUSED_PORTS, EventKind::ReusedPorts),
    (AnalysisFlags::LOST_SEGMENT, EventKind::LostSegment),
    (AnalysisFlags::ACK_LOST_SEGMENT, EventKind::AckLostSegment),
    (AnalysisFlags::WINDOW_UPDATE, EventKind::WindowUpdate),
    (AnalysisFlags::WINDOW_FULL, EventKind::WindowFull),
    (AnalysisFlags::KEEP_ALIVE, EventKind::KeepAlive),
    (AnalysisFlags::KEEP_ALIVE_ACK, EventKind::KeepAliveAck),
    (AnalysisFlags::ZERO_WINDOW_PROBE, EventKind::ZeroWindowProbe),
    (AnalysisFlags::ZERO_WINDOW, EventKind::ZeroWindow),
    (AnalysisFlags::ZERO_WINDOW_PROBE_ACK, EventKind::ZeroWindowProbeAck),
    (AnalysisFlags::DUPLICATE_ACK, EventKind::DuplicateAck),
    (AnalysisFlags::TFO_SYN, EventKind::TfoSyn),
    (AnalysisFlags::TFO_ACK, EventKind::TfoAck),
    (AnalysisFlags::TFO_IGNORED, EventKind::TfoIgnored),
];

/// The kinds that a segment's flags name; a retransmission counts once, as its finest kind.
pub(crate) fn kinds(flags: AnalysisFlags) -> impl Iterator<Item = EventKind> {
    let finer = AnalysisFlags::FAST_RETRANSMISSION | AnalysisFlags::SPURIOUS_RETRANSMISSION;
    let flags = if flags.intersects(finer) { flags - AnalysisFlags::RETRANSMISSION } else { flags };
    TABLE.into_iter().filter(move |(bit, _)| flags.contains(*bit)).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_has_a_kind_and_a_retransmission_counts_once() {
        assert_eq!(kinds(AnalysisFlags::all()).count(), TABLE.len() - 1);
        let fast = AnalysisFlags::RETRANSMISSION | AnalysisFlags::FAST_RETRANSMISSION;
        assert!(kinds(fast).eq([EventKind::FastRetransmission]));
        assert!(kinds(AnalysisFlags::RETRANSMISSION).eq([EventKind::Retransmission]));
    }
}
