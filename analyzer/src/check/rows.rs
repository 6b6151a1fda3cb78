//! The packet list's rows of the frames that prove something.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::Path;

use super::model::FrameRow;
use crate::engine::{self, Threads};
use crate::facts::FrameFacts;
use crate::info::{Describer, column_addresses};
use crate::source;

/// Reads the rows of some frames. What cannot be read is left out: it was told already.
pub fn read(capture: &Path, frames: &BTreeSet<u64>) -> BTreeMap<u64, FrameRow> {
    let mut rows = BTreeMap::new();
    let (Some(last), Ok(mut source)) = (frames.last(), source::open(capture)) else { return rows };
    let mut describer = Describer::new();
    let mut info = String::new();
    let mut look = |facts: &FrameFacts<'_>| {
        let number = facts.frame.number.0;
        // Every frame passes the describer: messages go across frames.
        let protocol = describer.describe(facts, &mut info);
        if frames.contains(&number) {
            rows.insert(number, row(facts, protocol, &info));
        }
        if number < *last { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let _ = engine::run(&mut *source, Threads::default(), &mut look);
    rows
}

fn row(facts: &FrameFacts<'_>, protocol: &str, info: &str) -> FrameRow {
    let (from, to) = column_addresses(&facts.decoded);
    let text = |address: crate::info::Address| {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = write!(text, "{address}");
        text
    };
    FrameRow {
        frame: facts.frame.number.0,
        time: format!("{:.6}", facts.time_relative),
        source: text(from),
        destination: text(to),
        protocol: protocol.to_owned(),
        length: facts.frame.wire_len,
        info: info.to_owned(),
        marked: Vec::new(),
    }
}
