//! An observer behind a display filter: it sees only the frames that the filter selects, while
//! the analysis saw all of them.

use std::ops::ControlFlow;

use analyzer::engine::Observer;
use analyzer::facts::{FrameFacts, PlainFacts, SegmentFacts};
use analyzer::filter::Filter;
use analyzer::source::FrameSource;
use analyzer::tcp::StreamId;

use crate::cli::Outcome;

/// The filter, made ready for a capture.
pub fn fit(filter: Option<Filter>, capture: &dyn FrameSource) -> Option<Filter> {
    let numbers_interfaces = capture.numbers_interfaces();
    filter.map(|filter| if numbers_interfaces { filter } else { filter.without_interfaces() })
}

/// The filter, when there is one, and whether it has selected anything yet.
pub struct Filtered<'o, O> {
    filter: Option<Filter>,
    observer: &'o mut O,
    has_selected: bool,
}

impl<'o, O: Observer> Filtered<'o, O> {
    /// In front of an observer.
    pub fn new(filter: Option<Filter>, observer: &'o mut O) -> Self {
        Self { filter, observer, has_selected: false }
    }

    /// Negative when a filter was given and selected nothing.
    pub fn outcome(&self) -> Outcome {
        let is_empty = self.filter.is_some() && !self.has_selected;
        if is_empty { Outcome::Negative } else { Outcome::Success }
    }
}

impl<O: Observer> Observer for Filtered<'_, O> {
    fn frame(&mut self, facts: &FrameFacts<'_>) -> ControlFlow<()> {
        if self.filter.as_mut().is_some_and(|filter| !filter.matches(facts)) {
            return ControlFlow::Continue(());
        }
        self.has_selected = true;
        self.observer.frame(facts)
    }

    /// With a filter it needs the layers, unless the segment alone can turn a frame away.
    fn takes_segments(&self) -> bool {
        self.filter.as_ref().map_or(self.observer.takes_segments(), Filter::has_gate)
    }

    #[inline]
    fn wants_layers(&self, facts: &SegmentFacts<'_>) -> bool {
        match &self.filter {
            Some(filter) => filter.may_match(facts),
            None => self.observer.wants_layers(facts),
        }
    }

    /// Without a filter, or when it surely selects none.
    fn takes_plain(&self) -> bool {
        self.filter.as_ref().map_or(self.observer.takes_plain(), Filter::needs_verdict)
    }

    #[inline]
    fn plain(&mut self, facts: &PlainFacts<'_>) -> ControlFlow<()> {
        if self.filter.is_some() {
            return ControlFlow::Continue(());
        }
        self.has_selected = true;
        self.observer.plain(facts)
    }

    #[inline]
    fn segment(&mut self, facts: &SegmentFacts<'_>) -> ControlFlow<()> {
        if self.filter.is_some() {
            return ControlFlow::Continue(());
        }
        self.has_selected = true;
        self.observer.segment(facts)
    }

    fn touch(&self, stream: StreamId) -> u64 {
        self.observer.touch(stream)
    }

    fn minds_waits(&self) -> bool {
        self.observer.minds_waits()
    }

    fn before_wait(&mut self) {
        self.observer.before_wait();
    }
}
