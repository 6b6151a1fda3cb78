//! Whatever the bytes: no panic, nothing differs from itself, and the text is read back.

use std::sync::OnceLock;

use analyzer::snapshot::diff::Diff;
use analyzer::snapshot::{self, Level, Rules, Snapshot};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::capture::{self, Capture};

fn originals() -> &'static [(String, Capture)] {
    static ALL: OnceLock<Vec<(String, Capture)>> = OnceLock::new();
    ALL.get_or_init(capture::fixtures)
}

/// Bytes changed, frames cut, dropped and moved in time, anywhere.
fn damaged() -> impl Strategy<Value = (usize, Capture)> {
    let byte = (any::<Index>(), any::<Index>(), any::<u8>());
    let frame =
        (any::<Index>(), 0_u8..4, any::<Index>(), -4_000_000_000_000_i64..4_000_000_000_000);
    let changes = (prop::collection::vec(byte, 0..24), prop::collection::vec(frame, 0..6));
    (any::<Index>(), changes).prop_map(|(which, (bytes, frames))| {
        let which = which.index(originals().len());
        let mut capture = originals()[which].1.clone();
        for (frame, at, value) in bytes {
            let count = capture.frames.len();
            let bytes = &mut capture.frames[frame.index(count)].bytes;
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
        }
        for (frame, what, place, nanos) in frames {
            let count = capture.frames.len();
            let at = frame.index(count);
            match what {
                0 if count > 1 => drop(capture.frames.remove(at)),
                1 => {
                    let copy = capture.frames[at].clone();
                    capture.frames.insert(place.index(count + 1), copy);
                }
                2 => {
                    let len = capture.frames[at].bytes.len();
                    capture.frames[at].bytes.truncate(place.index(len + 1));
                }
                _ => capture.frames[at].delay(nanos),
            }
        }
        (which, capture)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn damaged_captures_harm_nobody((which, capture) in damaged()) {
        let now = capture.snapshot();
        prop_assert_eq!(&Snapshot::from_json(&now.to_json()).expect("a snapshot"), &now);
        let was = originals()[which].1.snapshot();
        for level in [Level::Segments, Level::Behaviour] {
            let rules = Rules { level, ..Rules::default() };
            let own = snapshot::compare(&now, &now, &rules);
            prop_assert!(own.is_empty(), "{:?}", own);
            for difference in snapshot::compare(&was, &now, &rules) {
                prop_assert!(!difference.sentence.is_empty());
            }
            let there = snapshot::compare(&was, &now, &rules).is_empty();
            let back = snapshot::compare(&now, &was, &rules).is_empty();
            prop_assert_eq!(there, back, "both ways");
        }
        let (a, b) = (originals()[which].1.reading("a"), capture.reading("b"));
        let diff = Diff::of(&a, &b, &Rules::default(), None);
        let mut out = Vec::new();
        diff.write_table(&mut out).expect("memory");
        diff.write_json(&mut out).expect("memory");
    }
}
