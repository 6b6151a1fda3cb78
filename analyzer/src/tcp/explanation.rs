//! Why a segment has the verdicts that it has, and why not others: the state that it met, and
//! every condition of every rule with the values that were compared.

use super::analysis::Before;
use super::condition::{Asked, Condition, Quantity, Told};
use super::half_stream::HalfStream;
use super::{AnalysisFlags, fast_open};
use crate::frame::FrameNumber;
use crate::time::TimeDelta;

/// What one rule answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleAnswer {
    /// The one flag that the rule is about.
    pub flag: AnalysisFlags,
    /// Its conditions, in the order in which they are asked; the flag is set when all hold.
    pub conditions: Vec<Condition>,
}

/// Everything that decided about one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What was known before it, as names and values.
    pub state: Vec<(&'static str, Quantity)>,
    /// An answer per flag; none when the segment could not be judged.
    pub answers: Vec<RuleAnswer>,
    /// Why there are no verdicts at all, when there are none.
    pub unjudged: Option<&'static str>,
}

impl RuleAnswer {
    /// True when the flag is set.
    pub fn holds(&self) -> bool {
        self.conditions.iter().all(|condition| condition.holds)
    }

    /// The first condition that does not hold.
    pub fn first_failure(&self) -> Option<&Condition> {
        self.conditions.iter().find(|condition| !condition.holds)
    }
}

impl Explanation {
    /// Before anything was asked.
    pub(super) fn new() -> Self {
        Self { state: Vec::new(), answers: Vec::new(), unjudged: None }
    }

    /// The answer about a flag.
    pub fn answer(&self, flag: AnalysisFlags) -> Option<&RuleAnswer> {
        self.answers.iter().find(|answer| answer.flag == flag)
    }

    /// All flags whose conditions hold.
    pub fn flags(&self) -> AnalysisFlags {
        let set = self.answers.iter().filter(|answer| answer.holds());
        set.fold(AnalysisFlags::empty(), |flags, answer| flags | answer.flag)
    }

    pub(super) fn add(&mut self, flag: AnalysisFlags, told: Told) {
        self.answers.push(RuleAnswer { flag, conditions: told.0 });
    }

    /// The rules of Fast Open, which look at relative numbers.
    pub(super) fn add_fast_open(&mut self, before: &Before<'_>, ack_rel: u32) {
        for (flag, rule) in fast_open::rules::<Told>() {
            self.add(flag, rule(before.receiver, before.segment, ack_rel, Told::default()));
        }
    }

    /// What both halves have said before the segment.
    pub(super) fn remember_state(&mut self, before: &Before<'_>) {
        let (sender, receiver) = (before.sender, before.receiver);
        let now = before.segment.timestamp.as_nanos();
        let since = |time: i64| Quantity::nanos(now.wrapping_sub(time));
        let (own, peers) = (sender.known_base(), receiver.known_base());
        let mut state = vec![
            ("sender's next expected number", Quantity::sequence_if_set(sender.next, own)),
            ("receiver's last ACK", Quantity::sequence_if_set(receiver.last_ack, own)),
            ("receiver's duplicates of it", count(receiver.duplicate_acks)),
            ("sender's last ACK", Quantity::sequence_if_set(sender.last_ack, peers)),
            ("receiver's next expected number", Quantity::sequence_if_set(receiver.next, peers)),
            ("sender's window, as sent", window(sender)),
            ("receiver's window, as sent", window(receiver)),
        ];
        if sender.next_frame != 0 {
            let frame = FrameNumber(u64::from(sender.next_frame));
            state.push(("sender's latest new data in frame", Quantity::Frame(frame)));
            state.push(("time since then", since(sender.next_time)));
        }
        if receiver.last_time != 0 {
            state.push(("time since the receiver's latest segment", since(receiver.last_time)));
        }
        if before.initial_rtt != 0 {
            let rtt = TimeDelta::from_nanos(before.initial_rtt);
            state.push(("RTT of the handshake", Quantity::Time(rtt)));
        }
        self.state = state;
    }
}

/// A count of duplicates; -1 has no meaning.
fn count(duplicates: i32) -> Quantity {
    u32::try_from(duplicates).map_or(Quantity::Unknown, Quantity::Count)
}

fn window(half: &HalfStream) -> Quantity {
    if half.window() == u32::MAX { Quantity::Unknown } else { Quantity::Bytes(half.window()) }
}

/// `tcp.analysis.reused_ports`: a bare SYN, or a SYN-ACK, with another ISN than its
/// half-stream began with.
pub(super) fn reused_ports<A: Asked>(
    segment: &super::Segment,
    known_base: Option<u32>,
    asked: A,
) -> A {
    asked
        .and(segment.is_bare_syn() || segment.is_syn_ack(), "it is a SYN or SYN-ACK", || {
            vec![("flags", Quantity::Flags(segment.flags))]
        })
        .and(
            known_base.is_some_and(|base| base != segment.seq_raw.0),
            "the same addresses and ports began with another sequence number before",
            || {
                let base =
                    known_base.map_or(Quantity::Unknown, |base| Quantity::sequence(base, None));
                let own = Quantity::sequence(segment.seq_raw.0, None);
                vec![("sequence number", own), ("before", base)]
            },
        )
}
