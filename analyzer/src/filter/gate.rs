//! What a segment must show for a filter to hold, as far as numbers tell that are known before
//! the frame's layers are: most frames can be turned away without them.
//!
//! A gate never decides that a filter holds. It turns away only frames that are nothing but a
//! TCP segment, so that the fields of [`FrameFacts`](crate::facts::FrameFacts) have one value
//! each (`tcp.port`: two).

use super::fields::Field;
use super::operand::Source;
use super::program::{Node, Relation};
use super::value::Value;
use crate::tcp::{AnalysisFlags, Segment, SegmentAnalysis};

/// A condition that must hold for the filter to hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Gate {
    /// All of them.
    All(Vec<Gate>),
    /// One of them.
    Any(Vec<Gate>),
    /// One of these verdicts.
    Verdict(AnalysisFlags),
    /// The sender's port.
    SourcePort(u16),
    /// The receiver's port.
    DestinationPort(u16),
    /// The stream's number.
    Stream(u32),
}

impl Gate {
    /// The gate before a filter; `None` when it would let everything pass.
    pub fn before(node: &Node) -> Option<Self> {
        match node {
            Node::And(parts) => {
                let gates: Vec<Self> = parts.iter().filter_map(Self::before).collect();
                (!gates.is_empty()).then_some(Self::All(gates))
            }
            Node::Or(parts) => parts.iter().map(Self::before).collect::<Option<_>>().map(Self::Any),
            Node::Exists(Source::Field(field, None)) => field.verdicts().map(Self::Verdict),
            Node::Compare {
                left: Source::Field(field, None),
                relation: Relation::Equal,
                every: false,
                right: Source::Literal(literal),
            } => Self::of_number(field, literal.value()),
            _ => None,
        }
    }

    /// A field that must have a number.
    fn of_number(field: &Field, value: Value<'_>) -> Option<Self> {
        let Value::Integer(number) = value else { return None };
        let port = u16::try_from(number).ok();
        match field.name {
            "tcp.srcport" => port.map(Self::SourcePort),
            "tcp.dstport" => port.map(Self::DestinationPort),
            "tcp.port" => port
                .map(|port| Self::Any(vec![Self::SourcePort(port), Self::DestinationPort(port)])),
            "tcp.stream" => u32::try_from(number).ok().map(Self::Stream),
            _ => None,
        }
    }

    /// True when the filter surely does not hold for a segment without a verdict.
    pub fn needs_verdict(&self) -> bool {
        match self {
            Self::All(gates) => gates.iter().any(Self::needs_verdict),
            Self::Any(gates) => gates.iter().all(Self::needs_verdict),
            Self::Verdict(_) => true,
            Self::SourcePort(_) | Self::DestinationPort(_) | Self::Stream(_) => false,
        }
    }

    /// False when the filter surely does not hold for a frame that is nothing but this segment.
    #[inline]
    pub fn admits(&self, segment: &Segment, analysis: &SegmentAnalysis) -> bool {
        match self {
            Self::All(gates) => gates.iter().all(|gate| gate.admits(segment, analysis)),
            Self::Any(gates) => gates.iter().any(|gate| gate.admits(segment, analysis)),
            Self::Verdict(flags) => analysis.flags.intersects(*flags),
            Self::SourcePort(port) => segment.source.port() == *port,
            Self::DestinationPort(port) => segment.destination.port() == *port,
            Self::Stream(number) => analysis.stream.0 == *number,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::ops::ControlFlow;
    use std::path::Path;

    use crate::engine::{self, Observer, Threads};
    use crate::facts::{FrameFacts, SegmentFacts};
    use crate::filter::Filter;
    use crate::source;

    /// Numbers of the frames that a filter selects, through its gate or past it.
    struct Selected {
        filter: Filter,
        uses_gate: bool,
        turned_away: u64,
        frames: Vec<u64>,
    }

    impl Observer for Selected {
        fn frame(&mut self, facts: &FrameFacts<'_>) -> ControlFlow<()> {
            if self.filter.matches(facts) {
                self.frames.push(facts.frame.number.0);
            }
            ControlFlow::Continue(())
        }

        fn takes_segments(&self) -> bool {
            self.uses_gate && self.filter.has_gate()
        }

        fn wants_layers(&self, facts: &SegmentFacts<'_>) -> bool {
            self.filter.may_match(facts)
        }

        fn segment(&mut self, _: &SegmentFacts<'_>) -> ControlFlow<()> {
            self.turned_away += 1;
            ControlFlow::Continue(())
        }
    }

    fn selected(path: &Path, text: &str, uses_gate: bool) -> (Vec<u64>, u64) {
        let filter = Filter::parse(text).unwrap();
        let mut selected = Selected { filter, uses_gate, turned_away: 0, frames: Vec::new() };
        let mut source = source::open(path).unwrap();
        let _ = engine::run(&mut *source, Threads::ONE, &mut selected);
        (selected.frames, selected.turned_away)
    }

    #[test]
    fn a_gate_turns_away_only_what_the_filter_does_not_select() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
        let captures: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().join("capture.pcapng"))
            .filter(|path| path.is_file())
            .collect();
        assert!(captures.len() > 3, "{captures:?}");
        let mut turned_away = 0;
        for text in [
            "tcp.analysis.flags",
            "tcp.analysis.retransmission || tcp.analysis.duplicate_ack",
            "tcp.port == 32444 && tcp.flags.syn == 1",
            "tcp.srcport == 32444 or tcp.dstport == 80",
            "tcp.stream == 0 && frame.time_delta >= 0 && ip.ttl > 1",
            "tcp.stream == 1 && tcp.payload && !tcp.analysis.out_of_order",
            "tcp.port == 7 || tcp.stream == 0",
            "ip.addr == 172.16.16.101 && tcp.analysis.acks_frame && tcp.len == 0",
            "tcp.window_size > 0 and frame.time_relative < 1 and tcp.stream == 0",
        ] {
            for path in &captures {
                let (through, count) = selected(path, text, true);
                assert_eq!(through, selected(path, text, false).0, "{text}: {}", path.display());
                turned_away += count;
            }
        }
        assert!(turned_away > 50, "{turned_away} frames were turned away");
    }
}
