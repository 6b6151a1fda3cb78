//! Wireshark's verdicts on one segment, judged on the state before it.
//!
//! Each rule is a chain of conditions over [`Before`], so that the same function that fires in
//! the pass can be asked again, with its numbers, when somebody wants to know why
//! ([`explain`]). Most segments are ordinary, and nothing is asked about them: [`ordinary`] says
//! which, and proves it. What the segment changes is written afterwards, by [`update`].

use super::condition::{Asked, Quantity, Silent, Told};
use super::explanation::RuleAnswer;
use super::half_stream::HalfStream;
use super::unacked::UnackedPool;
use super::{AnalysisFlags, Segment, SegmentAnalysis, TcpFlags};

pub(super) mod ack;
mod flight;
mod keep_alive;
mod loss;
mod ordinary;
pub(super) mod update;
mod window;

pub(super) use ordinary::is_ordinary;

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

/// What the rules asked before this one have said of the segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct SoFar {
    /// The flags.
    pub flags: AnalysisFlags,
    /// What the acknowledgment number does to the receiver's state.
    pub ack_jump: ack::Jump,
}

/// The conditions of one flag.
type Rule<A> = fn(&Before<'_>, &SoFar, A) -> A;

/// Flags whose segments are never about windows and duplicates.
const CONTROL: TcpFlags = TcpFlags::SYN.union(TcpFlags::FIN).union(TcpFlags::RST);

impl Before<'_> {
    /// None of SYN, FIN and RST: see [`CONTROL`].
    fn is_no_control<A: Asked>(&self, asked: A) -> A {
        let flags = self.segment.flags;
        asked.and(!flags.intersects(CONTROL), "it has none of SYN, FIN and RST", || {
            vec![("flags", Quantity::Flags(flags))]
        })
    }

    /// No zero window probe: that word excludes those about windows and order.
    fn is_no_probe<A: Asked>(&self, so_far: &SoFar, asked: A) -> A {
        let is_probe = so_far.flags.contains(AnalysisFlags::ZERO_WINDOW_PROBE);
        asked.and(!is_probe, "it is no zero window probe", Vec::new)
    }

    /// A segment without payload that neither moves on nor acknowledges anything new: the
    /// common ground of window updates, duplicate ACKs and the answers to probes.
    fn is_bare_repeat<A: Asked>(&self, asked: A) -> A {
        let (segment, sender) = (self.segment, self.sender);
        let asked = asked
            .and(segment.payload_len == 0, "it carries no payload", || {
                vec![("payload", Quantity::Bytes(segment.payload_len))]
            })
            .and(segment.seq_raw.0 == sender.next, "it starts at the next expected number", || {
                self.seq_against("next expected", sender.next)
            })
            .and(
                segment.ack_raw.0 == sender.last_ack,
                "it acknowledges the same as the sender's latest segment",
                || {
                    let ack = ("acknowledgment number", self.peers(segment.ack_raw.0));
                    vec![ack, ("before", self.peers_if_set(sender.last_ack))]
                },
            );
        self.is_no_control(asked)
    }

    /// The window of the sender's segment before, and not 0.
    fn has_same_window<A: Asked>(&self, asked: A) -> A {
        let window = u32::from(self.segment.window_raw);
        asked.and(
            window != 0 && window == self.sender.window(),
            "its window is not 0 and is the one before",
            || self.windows(),
        )
    }

    /// A number of the sender's sequence space, as a value to show.
    fn own(&self, raw: u32) -> Quantity {
        Quantity::sequence(raw, self.sender.known_base())
    }

    fn own_if_set(&self, raw: u32) -> Quantity {
        Quantity::sequence_if_set(raw, self.sender.known_base())
    }

    /// A number of the receiver's sequence space, as a value to show.
    fn peers(&self, raw: u32) -> Quantity {
        Quantity::sequence(raw, self.receiver.known_base())
    }

    fn peers_if_set(&self, raw: u32) -> Quantity {
        Quantity::sequence_if_set(raw, self.receiver.known_base())
    }

    fn seq_against(&self, name: &'static str, raw: u32) -> Vec<(&'static str, Quantity)> {
        let seq = ("sequence number", self.own(self.segment.seq_raw.0));
        vec![seq, (name, self.own_if_set(raw))]
    }

    fn windows(&self) -> Vec<(&'static str, Quantity)> {
        let window = Quantity::Bytes(u32::from(self.segment.window_raw));
        vec![("window as sent", window), ("before", Self::window_of(self.sender))]
    }

    /// The latest window of a half, as sent.
    fn window_of(half: &HalfStream) -> Quantity {
        if half.window() == u32::MAX { Quantity::Unknown } else { Quantity::Bytes(half.window()) }
    }

    /// The receiver's duplicate ACKs; unknown once it acknowledged what was not captured.
    fn duplicates_of_receiver(&self, so_far: &SoFar) -> Quantity {
        let count = u32::try_from(self.receiver.duplicate_acks).ok();
        let count = count.filter(|_| !so_far.ack_jump.voids_duplicates());
        count.map_or(Quantity::Unknown, Quantity::Count)
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

/// The flags that depend on the state of both halves, in Wireshark's order: a later rule may
/// ask what the earlier ones said.
fn rules<A: Asked>() -> [(AnalysisFlags, Rule<A>); 14] {
    [
        (AnalysisFlags::ZERO_WINDOW_PROBE, keep_alive::zero_window_probe),
        (AnalysisFlags::ZERO_WINDOW, window::zero_window),
        (AnalysisFlags::LOST_SEGMENT, loss::lost_segment),
        (AnalysisFlags::KEEP_ALIVE, keep_alive::keep_alive),
        (AnalysisFlags::WINDOW_UPDATE, window::window_update),
        (AnalysisFlags::WINDOW_FULL, window::window_full),
        (AnalysisFlags::KEEP_ALIVE_ACK, keep_alive::keep_alive_ack),
        (AnalysisFlags::ZERO_WINDOW_PROBE_ACK, keep_alive::zero_window_probe_ack),
        (AnalysisFlags::DUPLICATE_ACK, ack::duplicate_ack),
        (AnalysisFlags::ACK_LOST_SEGMENT, ack::ack_lost_segment),
        (AnalysisFlags::SPURIOUS_RETRANSMISSION, loss::spurious_retransmission),
        (AnalysisFlags::FAST_RETRANSMISSION, loss::fast_retransmission),
        (AnalysisFlags::OUT_OF_ORDER, loss::out_of_order),
        (AnalysisFlags::RETRANSMISSION, loss::retransmission),
    ]
}

/// Judges a segment: notes its flags and their numbers, and returns what its acknowledgment
/// number does to the receiver's state.
#[inline]
pub(super) fn judge(
    before: &Before<'_>,
    pool: &UnackedPool,
    analysis: &mut SegmentAnalysis,
) -> ack::Jump {
    if is_ordinary(before) {
        debug_assert_eq!(ask(before), SoFar::default(), "no rule holds for an ordinary segment");
        return ack::Jump::None;
    }
    judge_by_rules(before, pool, analysis)
}

#[inline(never)]
fn judge_by_rules(
    before: &Before<'_>,
    pool: &UnackedPool,
    analysis: &mut SegmentAnalysis,
) -> ack::Jump {
    let SoFar { flags, ack_jump } = ask(before);
    analysis.flags |= flags;
    if flags.contains(AnalysisFlags::DUPLICATE_ACK) {
        ack::count_duplicate(before, analysis);
    }
    let closer = AnalysisFlags::FAST_RETRANSMISSION | AnalysisFlags::SPURIOUS_RETRANSMISSION;
    if flags.contains(AnalysisFlags::RETRANSMISSION) && !flags.intersects(closer) {
        loss::measure_timeout(before, pool, analysis);
    }
    ack_jump
}

/// Asks every rule.
fn ask(before: &Before<'_>) -> SoFar {
    let mut so_far = SoFar { ack_jump: ack::jump(before), ..SoFar::default() };
    for (flag, rule) in rules() {
        so_far.flags.set(flag, rule(before, &so_far, Silent::new()).holds());
    }
    so_far
}

/// Asks the same rules again, and keeps what each of them compared.
pub(super) fn explain(before: &Before<'_>) -> Vec<RuleAnswer> {
    let mut so_far = SoFar { ack_jump: ack::jump(before), ..SoFar::default() };
    let mut answers = Vec::new();
    for (flag, rule) in rules() {
        let told: Told = rule(before, &so_far, Told::default());
        so_far.flags.set(flag, told.holds());
        answers.push(RuleAnswer { flag, conditions: told.0 });
    }
    answers
}
