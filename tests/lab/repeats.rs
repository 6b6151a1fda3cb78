//! Two runs of one scenario compare as equal, by snapshot and by diff; the same scenario with
//! another close mode does not.

use analyzer::check::{self, Compiler};
use analyzer::snapshot::diff::{Diff, Reading, Relation};
use analyzer::snapshot::{self, Field, Level, Rules, Snapshot};
use analyzer::source;

use crate::support::{Finished, Place, modes};

/// The file that the server's machine records.
const CAPTURE: &str = "mesin1-eth1.pcapng";

/// A client that ends its connection in a way of its own.
fn scenario(close: &str) -> String {
    format!(
        "version = 1\nname = \"close\"\ndeadline = \"20s\"\n\
         [[process]]\nname = \"server\"\nhost = \"mesin1\"\n\
         server = {{ bind = \"0.0.0.0:10000\", mode = \"threads\" }}\n\
         [[process]]\nname = \"client\"\nhost = \"mesin2\"\nafter = [\"server\"]\n\
         client = {{ to = \"172.16.16.101:10000\", message = \"INI ADALAH DATA YANG DIKIRIM ABC\", \
         close = \"{close}\", timeout = \"10s\" }}\n"
    )
}

fn reading(finished: &Finished) -> Reading {
    assert_eq!(finished.code(), 0, "{}\n{}", finished.stdout(), finished.stderr());
    let mut capture = source::open(&finished.folder.join(CAPTURE)).unwrap();
    Reading::of(CAPTURE, &mut *capture).unwrap()
}

fn snapshot(finished: &Finished) -> Snapshot {
    let mut capture = source::open(&finished.folder.join(CAPTURE)).unwrap();
    let (snapshot, damage) = Snapshot::of(CAPTURE, &mut *capture);
    assert!(damage.is_none(), "{damage:?}");
    snapshot
}

/// What the programs did; a busy machine may take its time.
fn behaviour() -> Rules {
    let mut rules = Rules { level: Level::Behaviour, ..Rules::default() };
    rules.set_within(Field::Time, "10s".parse().unwrap()).unwrap();
    rules
}

fn assert_alike(one: &Finished, other: &Finished, what: &str) {
    let differences = snapshot::compare(&snapshot(one), &snapshot(other), &behaviour());
    assert!(differences.is_empty(), "{what}: {differences:#?}");
    let diff = Diff::of(&reading(one), &reading(other), &behaviour(), None);
    assert_eq!(diff.relation, Relation::Unrelated, "{what}: two recordings");
    assert_eq!(diff.level, Level::Behaviour, "{what}");
    assert!(diff.same, "{what}: {:#?}", diff.differences);
}

#[test]
fn two_runs_of_a_scenario_compare_as_equal() {
    for mode in modes() {
        for name in ["echo", "file", "parallel", "hold"] {
            let run = || Place::new().lab(mode, &[name]);
            assert_alike(&run(), &run(), &format!("{mode:?} {name}"));
        }
    }
}

#[test]
fn a_half_close_compares_as_equal_with_itself_and_as_different_with_a_close() {
    for mode in modes() {
        let run = |close: &str| Place::new().scenario(mode, close, &scenario(close));
        let (fin, half) = (run("fin"), run("half-close"));
        assert_alike(&half, &run("half-close"), &format!("{mode:?} half-close"));
        let differences = snapshot::compare(&snapshot(&fin), &snapshot(&half), &behaviour());
        let [difference] = differences.as_slice() else { panic!("{differences:#?}") };
        assert_eq!(
            difference.sentence,
            "connection 0: the client now closes its direction before it has all that the other \
             side sends; was after it has all"
        );
        assert!(!Diff::of(&reading(&fin), &reading(&half), &behaviour(), None).same, "{mode:?}");
    }
}

#[test]
fn another_close_mode_is_a_difference() {
    for mode in modes() {
        let run = |close: &str| Place::new().scenario(mode, close, &scenario(close));
        let (fin, rst) = (run("fin"), run("rst"));
        assert_alike(&fin, &run("fin"), &format!("{mode:?} fin"));
        assert_alike(&rst, &run("rst"), &format!("{mode:?} rst"));
        let (was, now) = (snapshot(&fin), snapshot(&rst));
        let differences = snapshot::compare(&was, &now, &behaviour());
        let [difference] = differences.as_slice() else { panic!("{differences:#?}") };
        assert_eq!(
            difference.sentence,
            "connection 0: now closed by the client with RST; was FIN by the client"
        );
        assert!(!difference.frames.is_empty() && !difference.expected_frames.is_empty());
        let diff = Diff::of(&reading(&fin), &reading(&rst), &behaviour(), None);
        assert!(!diff.same, "{mode:?}");
    }
}

/// What `analyzer check RUN` does with the run folder of a lab.
#[test]
fn a_fresh_run_holds_against_its_manifest_and_a_cut_capture_does_not() {
    for mode in modes() {
        for name in ["echo", "file", "parallel", "hold"] {
            let finished = Place::new().lab(mode, &[name]);
            let holds = || {
                let found = check::cases(&finished.folder, &Compiler::default()).unwrap();
                assert!(!found.is_empty(), "{mode:?} {name}");
                check::run_all(found, 1, &|_| {}).unwrap()
            };
            let report = holds();
            assert!(report.holds(), "{mode:?} {name}: {report:#?}");
            let run = finished.run();
            check::capture(finished.folder.join(CAPTURE))
                .manifest("run.json")
                .expect("manifest", "matches_manifest(run)")
                .expect("as many as ran", format!("connections_total == {}", run.connections.len()))
                .expect(
                    "echo",
                    "connections.all(c, payload(c, \"client\") == payload(c, \"server\"))",
                )
                .run()
                .unwrap_or_else(|failure| panic!("{mode:?} {name}: {failure}"));
            let path = finished.folder.join(CAPTURE);
            let whole = std::fs::read(&path).unwrap();
            std::fs::write(&path, whole.get(..whole.len() / 2).unwrap()).unwrap();
            assert!(!holds().holds(), "{mode:?} {name}: half of the capture proves nothing");
        }
    }
}
