//! Any bytes as a text of evidence, against itself and against a capture.

#![no_main]

use std::path::PathBuf;

use analyzer::evidence::text_evidence;
use analyzer::grade::{Options, grade, profile, render};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let evidence = text_evidence("evidence.txt", &text);
    let name = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/task-2-echo/capture.pcapng");
    let lab = profile::Profile::read("course".as_ref()).expect("a ready profile");
    for captures in [vec![], vec![PathBuf::from(name)]] {
        let options = Options { profile: Some(&lab), ..Options::default() };
        let report = grade(&captures, &evidence, options).expect("a sound capture");
        let bytes = report.evidence.iter().filter_map(|piece| piece.bytes.as_ref());
        // Without a frame there is nothing to be equal to.
        for piece in bytes.filter(|bytes| bytes.frame.is_some()) {
            assert_eq!(piece.equal + piece.differing.len() as u64, piece.shown);
        }
        for format in [
            render::Format::Table { width: 80, colour: false },
            render::Format::Csv,
            render::Format::Markdown,
        ] {
            render::render(format, &report, &mut Vec::new()).expect("memory takes all");
        }
    }
});
