//! What this program's filters select.

use std::ops::ControlFlow;
use std::path::Path;

use analyzer::engine::{self, Threads};
use analyzer::facts::FrameFacts;
use analyzer::filter::Filter;
use analyzer::source;

/// The numbers and lengths of the frames that each filter selects, in one pass over a capture.
pub fn frames(capture: &Path, filters: Vec<Filter>) -> Vec<Vec<(u64, u64)>> {
    let mut source = source::open(capture).expect("a capture");
    let fit = |filter: Filter| {
        if source.numbers_interfaces() { filter } else { filter.without_interfaces() }
    };
    let mut running: Vec<(Filter, Vec<(u64, u64)>)> =
        filters.into_iter().map(|filter| (fit(filter), Vec::new())).collect();
    let mut observer = |facts: &FrameFacts<'_>| {
        for (filter, selected) in &mut running {
            if filter.matches(facts) {
                selected.push((facts.frame.number.0, u64::from(facts.frame.wire_len)));
            }
        }
        ControlFlow::Continue(())
    };
    // A damaged capture is read up to the damage by both programs.
    let _ = engine::run(&mut *source, Threads::default(), &mut observer);
    running.into_iter().map(|(_, selected)| selected).collect()
}
