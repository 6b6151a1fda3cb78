//! One call from a source to its summary.

use std::ops::ControlFlow;

use super::collector::{CaptureEnd, Collector, Options};
use super::model::CaptureSummary;
use crate::engine::{self, Observer, PlainRun};
use crate::facts::{FrameFacts, SegmentFacts};
use crate::filter::Filter;
use crate::source::{self, FrameSource};
use crate::tcp::StreamId;

/// Reads a source to its end and tells what it held. `name` is the file or interface.
///
/// A damaged capture still gives the summary of everything before the damage, marked
/// incomplete, and the error beside it.
pub fn summarise(
    name: &str,
    source: &mut dyn FrameSource,
    options: Options,
) -> (CaptureSummary, Option<source::Error>) {
    summarise_matching(name, source, options, None)
}

/// A display filter and its text.
#[derive(Debug, Clone, Copy)]
pub struct Matching<'a> {
    /// As the user typed it.
    pub text: &'a str,
    /// The same, read and checked, before its first frame.
    pub filter: &'a Filter,
}

/// The same, telling only connections of which at least one frame matches.
pub fn summarise_matching(
    name: &str,
    source: &mut dyn FrameSource,
    options: Options,
    matching: Option<Matching<'_>>,
) -> (CaptureSummary, Option<source::Error>) {
    let filter = matching.map(|matching| {
        let filter = matching.filter.clone();
        if source.numbers_interfaces() { filter } else { filter.without_interfaces() }
    });
    let mut watcher = Watcher { collector: Collector::new(options), filter };
    let error = engine::run(source, options.threads, &mut watcher).err();
    let end = CaptureEnd {
        file: name.to_owned(),
        format: Some(source.format().to_owned()),
        interfaces: source.interfaces().to_vec(),
        statistics: source.statistics(),
        error: error.as_ref().map(ToString::to_string),
        filter: matching.map(|matching| matching.text.to_owned()),
    };
    (watcher.collector.finish(end), error)
}

struct Watcher {
    collector: Collector,
    filter: Option<Filter>,
}

impl Observer for Watcher {
    fn frame(&mut self, facts: &FrameFacts<'_>) -> ControlFlow<()> {
        let matched = self.filter.as_mut().is_none_or(|filter| filter.matches(facts));
        self.collector.observe(facts, matched);
        ControlFlow::Continue(())
    }

    fn minds_checksums(&self) -> bool {
        self.collector.minds_checksums()
    }

    /// With a filter it needs the layers, unless the segment alone can turn a frame away.
    fn takes_segments(&self) -> bool {
        self.filter.as_ref().is_none_or(Filter::has_gate) && self.collector.takes_segments()
    }

    #[inline]
    fn wants_layers(&self, facts: &SegmentFacts<'_>) -> bool {
        self.filter.as_ref().is_some_and(|filter| filter.may_match(facts))
    }

    #[inline]
    fn segment(&mut self, facts: &SegmentFacts<'_>) -> ControlFlow<()> {
        self.collector.observe_whole(facts, self.filter.is_none());
        ControlFlow::Continue(())
    }

    /// Without a filter, or when it surely selects none.
    fn takes_plain(&self) -> bool {
        self.filter.as_ref().is_none_or(Filter::needs_verdict)
    }

    #[inline]
    fn plain_run(&mut self, run: &PlainRun<'_>) -> ControlFlow<()> {
        self.collector.observe_plain(run, self.filter.is_none());
        ControlFlow::Continue(())
    }

    #[inline]
    fn touch(&self, stream: StreamId) -> u64 {
        self.collector.touch(stream)
    }

    #[inline]
    fn touch_beside(&self, stream: StreamId, read: u64) -> u64 {
        self.collector.touch_beside(stream, read)
    }
}

#[cfg(test)]
#[path = "short_way_tests.rs"]
mod tests;
