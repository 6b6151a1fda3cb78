//! Two runs of one scenario compare as equal, by snapshot and by diff; the same scenario with
//! another close mode does not.

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

/// The same, whichever of the answer and the FIN was quicker.
fn without_the_race() -> Rules {
    Rules { ignore: vec![Field::HalfClose], ..behaviour() }
}

/// A client that closes its direction while the answer is on its way: where the FIN is quicker,
/// the capture shows it, and that is a difference to a client that closes when it has all.
#[test]
fn a_half_close_is_a_difference_where_the_capture_shows_it() {
    for mode in modes() {
        let run = |close: &str| Place::new().scenario(mode, close, &scenario(close));
        let (fin, half, again) = (run("fin"), run("half-close"), run("half-close"));
        let (was, now) = (snapshot(&fin), snapshot(&half));
        assert!(!was.connections[0].ending.is_half_close, "{mode:?}");
        let differences = snapshot::compare(&was, &now, &behaviour());
        let is_shown = now.connections[0].ending.is_half_close;
        assert_eq!(!differences.is_empty(), is_shown, "{mode:?}: {differences:#?}");
        let differences = snapshot::compare(&now, &snapshot(&again), &without_the_race());
        assert!(differences.is_empty(), "{mode:?}: {differences:#?}");
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
