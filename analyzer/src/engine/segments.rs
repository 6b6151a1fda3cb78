//! The segments of one frame: read, shown to the table of streams, and noted in the facts.

use super::hint::Hint;
use crate::facts::{FrameFacts, QuotedTcp, TcpFacts};
use crate::frame::Frame;
use crate::tcp::{
    Brief, Direction, Explanation, FinalStreams, Flow, Guess, Segment, SegmentAnalysis,
    SegmentSource, StreamId, StreamTable,
};
use crate::wire::CommonFrame;

/// The latest segment that a frame carried, and what the analysis says about it: written here
/// for each frame, and pointed at by its facts.
#[derive(Debug)]
pub(super) struct Latest {
    segment: Segment,
    analysis: SegmentAnalysis,
    /// What an earlier pass over the same capture found.
    finally: Option<Box<FinalStreams>>,
}

impl Latest {
    /// Before the first frame of a second pass.
    pub fn of_second_pass(streams: StreamTable) -> Self {
        Self { finally: Some(Box::new(FinalStreams::new(streams))), ..Self::default() }
    }

    /// True when an earlier pass over the same capture has its say.
    pub fn is_second_pass(&self) -> bool {
        self.finally.is_some()
    }

    /// Judges the segment of a common frame without a look at its layers; `None`, and nothing
    /// judged, where its flow does not tell the endpoints. Only in a first pass.
    #[inline(always)]
    pub fn judge(
        &mut self,
        streams: &mut StreamTable,
        frame: &Frame<'_>,
        (common, flow, brief): (CommonFrame, &Flow, &Brief),
        guess: Guess,
    ) -> Option<(&Segment, &SegmentAnalysis)> {
        brief.write(frame, common, flow, &mut self.segment)?;
        streams.observe_guessed(guess, flow, &self.segment, &mut self.analysis);
        Some((&self.segment, &self.analysis))
    }
}

/// Shows the table every TCP header of a frame, outermost first, and notes the facts of the
/// outermost one that the frame carries. One inside an ICMP error only takes a stream number,
/// and only when its whole header is quoted.
#[inline]
pub(super) fn observe<'a>(
    streams: &mut StreamTable,
    latest: &'a mut Latest,
    facts: &mut FrameFacts<'a>,
    hint: &Hint,
    why: Option<&mut Option<Explanation>>,
) {
    if let Some(source) = hint.flow().and_then(|flow| SegmentSource::in_flow(&facts.decoded, flow))
    {
        let tcp = observe_carried(streams, latest, &facts.frame, &source, hint, why);
        facts.tcp = Some(tcp);
        return;
    }
    let layers = &facts.decoded.layers;
    match (layers.tcp_count(), layers.carried_tcp()) {
        (0, _) => {}
        (1, Some(index)) => {
            if let Some(source) = SegmentSource::at(&facts.decoded, index) {
                facts.tcp =
                    Some(observe_carried(streams, latest, &facts.frame, &source, hint, why));
            }
        }
        _ => observe_each(streams, latest, facts, why),
    }
}

/// The same for tunnels and ICMP errors, with TCP in several layers or in a quoted one.
#[cold]
fn observe_each<'a>(
    streams: &mut StreamTable,
    latest: &'a mut Latest,
    facts: &mut FrameFacts<'a>,
    mut why: Option<&mut Option<Explanation>>,
) {
    let FrameFacts { frame, decoded, tcp, quoted_tcp, .. } = facts;
    let mut place = Some(latest);
    for index in 0..decoded.layers.len() {
        let Some(source) = SegmentSource::at(decoded, index) else { continue };
        if source.layer().is_quoted {
            let stream = streams.observe_quoted(&source.read(frame));
            quoted_tcp.get_or_insert(QuotedTcp { layer: index, stream });
        } else if let Some(latest) = place.take() {
            *tcp = Some(observe_carried(streams, latest, frame, &source, &Hint::NONE, why.take()));
        } else {
            streams.observe(&source.read(frame));
        }
    }
}

/// Judges a segment where its facts will stand.
#[inline(always)]
fn observe_carried<'a>(
    streams: &mut StreamTable,
    latest: &'a mut Latest,
    frame: &Frame<'_>,
    source: &SegmentSource<'_, 'a>,
    hint: &Hint,
    why: Option<&mut Option<Explanation>>,
) -> TcpFacts<'a> {
    let Latest { segment, analysis, finally } = latest;
    source.read_into(frame, segment);
    match why {
        None => {
            let flow = hint.flow().copied().unwrap_or_else(|| streams.hasher().flow(segment));
            debug_assert_eq!(flow, streams.hasher().flow(segment), "hints are right");
            streams.observe_in_flow(&flow, segment, analysis);
        }
        Some(why) => {
            let (judged, explanation) = streams.observe_and_explain(segment);
            (*analysis, *why) = (judged, Some(explanation));
        }
    }
    if let Some(finally) = finally {
        finally.conclude(segment, analysis);
    }
    TcpFacts { segment, analysis, checksum: hint.checksum(), payload: source.layer().payload() }
}

impl Default for Latest {
    fn default() -> Self {
        let analysis = SegmentAnalysis::blank(StreamId(0), Direction::FromClient);
        Self { segment: Segment::blank(), analysis, finally: None }
    }
}
