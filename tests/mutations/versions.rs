//! `analyzer diff` on two versions of one recording: it sees that they are, and what was done.

use analyzer::snapshot::diff::{Change, Diff, Reading, Relation};
use analyzer::snapshot::{Level, Rules};

use crate::capture::{self, Capture};
use crate::harmless::Harmless;
use crate::real::Real;
use crate::rng::Rng;

fn lab(name: &str) -> Capture {
    capture::fixtures().into_iter().find(|(other, _)| other == name).unwrap().1
}

fn compare(a: &Reading, b: &Capture) -> Diff {
    Diff::of(a, &b.reading("b"), &Rules::default(), None)
}

fn changes(diff: Diff) -> Vec<Change> {
    match diff.relation {
        Relation::SamePackets { changes, .. } => changes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn rewritten_captures_are_the_same_packets() {
    for name in ["lab-echo", "lab-parallel", "task-4-parallel"] {
        let original = lab(name);
        let a = original.reading("a");
        assert_eq!(changes(compare(&a, &original)), []);
        for (seed, kind) in
            (0..).zip(Harmless::ALL).filter(|(_, kind)| *kind != Harmless::Everything)
        {
            let diff = compare(&a, &kind.apply(&original, &mut Rng::new(name, seed)));
            assert!(diff.same, "{name}: {kind:?}: {:?}", diff.differences);
            assert_eq!(diff.level, Level::Segments);
            let changes = changes(diff);
            let is_told = |change: &Change| match kind {
                Harmless::Ports => matches!(change, Change::PortsRewritten { .. }),
                Harmless::Isns => *change == Change::SequenceNumbersRenumbered,
                Harmless::Start => matches!(change, Change::MovedInTime { .. }),
                Harmless::Stations => *change == Change::StationsRewritten,
                Harmless::Identifications => *change == Change::IdentificationsRenumbered,
                Harmless::Timestamps => *change == Change::TimestampsRewritten,
                Harmless::Jitter => *change == Change::TimesRewritten,
                Harmless::Everything => false,
            };
            // Captures that were made by hand may have no TCP timestamps.
            let is_nothing = changes.is_empty() && kind == Harmless::Timestamps;
            assert!(is_nothing || changes.iter().any(is_told), "{name}: {kind:?}: {changes:?}");
            assert!(changes.len() <= 1, "{name}: {kind:?}: {changes:?}");
        }
    }
}

#[test]
fn cut_captures_are_the_same_packets_and_differ() {
    let original = lab("lab-parallel");
    let a = original.reading("a");
    let b = || "b".to_owned();
    let mut cut = original.clone();
    cut.frames.drain(..3);
    cut.frames.truncate(20);
    let diff = compare(&a, &cut);
    assert!(!diff.same);
    let wanted = [Change::HeadCut { of: b(), frames: 3 }, Change::TailCut { of: b(), frames: 5 }];
    assert_eq!(changes(diff), wanted);
    let mut short = original.clone();
    short.frames.iter_mut().for_each(|frame| frame.bytes.truncate(80));
    let diff = compare(&a, &short);
    assert!(!diff.same, "bytes are not there any more");
    assert_eq!(changes(diff), [Change::CutToLength { of: b(), stored: 80 }]);
    let mut filtered = original.clone();
    filtered.frames.remove(15);
    filtered.frames.remove(11);
    let diff = compare(&a, &filtered);
    assert_eq!(changes(diff), [Change::FramesLeftOut { of: b(), frames: 2 }]);
}

#[test]
fn edited_captures_are_versions_of_one_recording_and_differ() {
    for name in ["lab-file", "lab-parallel"] {
        let original = lab(name);
        let a = original.reading("a");
        for seed in 0..60 {
            let kind = Real::ALL[seed as usize % Real::ALL.len()];
            let Some((edited, what)) = kind.apply(&original, &mut Rng::new(name, seed)) else {
                continue;
            };
            let diff = compare(&a, &edited);
            assert!(!diff.same, "{name}: {what}");
            // The new port is in most frames of one connection: nothing proves where it is from.
            let may_be_new = matches!(kind, Real::ServerPort);
            assert!(may_be_new || diff.relation != Relation::Unrelated, "{name}: {what}");
        }
    }
}

#[test]
fn two_recordings_are_compared_by_what_the_programs_did() {
    let (file, hold) = (lab("lab-file"), lab("lab-hold"));
    let a = file.reading("a");
    let diff = Diff::of(&a, &hold.reading("b"), &Rules::default(), None);
    assert_eq!((diff.relation, diff.level), (Relation::Unrelated, Level::Behaviour));
}
