//! Many frames of one link type in a row: decoding, verdicts, rows and reports.

#![no_main]

use analyzer::summary::CaptureEnd;
use analyzer::tcp::StreamId;
use analyzer_fuzz::everything::{Everything, with_borrowers};
use analyzer_fuzz::frames::Frames;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut everything = Everything::new();
    with_borrowers(StreamId(0), |also| {
        for frame in Frames::new(data) {
            everything.frame(frame, also);
        }
    });
    everything.finish(&CaptureEnd { file: "fuzz".into(), ..CaptureEnd::default() });
});
