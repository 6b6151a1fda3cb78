use super::*;

fn made(profile: Profile, seed: u64, connections: u64, format: FileFormat) -> (Vec<u8>, Truth) {
    let shape = profile.shape();
    let shape = Shape { connections, open: shape.open.min(connections), ..shape };
    let mut traffic = Traffic::new(shape, seed);
    let mut bytes = Vec::new();
    write(&mut traffic, format, Some(4_000), &mut bytes).unwrap();
    (bytes, traffic.truth())
}

#[test]
fn a_seed_makes_the_same_bytes_and_another_seed_others() {
    for profile in Profile::ALL {
        for format in [FileFormat::Pcap, FileFormat::Pcapng] {
            let (bytes, truth) = made(profile, 7, 300, format);
            assert_eq!((&bytes, truth), (&made(profile, 7, 300, format).0, truth));
            assert_ne!(bytes, made(profile, 8, 300, format).0, "{profile:?}");
            assert!(truth.frames >= 2_000, "{profile:?}: {truth:?}");
        }
    }
}

#[test]
fn time_never_runs_backwards() {
    for profile in Profile::ALL {
        let shape = Shape { connections: 500, ..profile.shape() };
        let mut traffic = Traffic::new(shape, 3);
        let mut previous = 0;
        for _ in 0..20_000 {
            let Some((at, _)) = traffic.next_frame() else { break };
            assert!(at >= previous, "{profile:?}");
            previous = at;
        }
    }
}

#[test]
fn all_of_wide_are_open_at_once() {
    let shape = Shape { connections: 2_000, open: 2_000, ..Profile::Wide.shape() };
    let mut traffic = Traffic::new(shape, 1);
    while traffic.truth().connections < shape.connections {
        traffic.next_frame().expect("more connections");
        assert_eq!(traffic.truth().fins, 0, "one has ended before the last began");
    }
}

/// Losses are repaired, and what cannot have happened was not counted.
#[test]
fn the_truth_is_consistent() {
    let shape = Shape { connections: 3_000, open: 100, ..Profile::Mixed.shape() };
    let mut traffic = Traffic::new(shape, 5);
    while traffic.next_frame().is_some() {}
    let truth = traffic.truth();
    assert_eq!((truth.connections, truth.cut_off), (3_000, 0));
    assert_eq!(truth.lost_behind, truth.fast_repairs + truth.timeout_repairs);
    for (what, count) in [
        ("lost behind", truth.lost_behind),
        ("fast", truth.fast_repairs),
        ("timeout", truth.timeout_repairs),
        ("before", truth.lost_before),
        ("gaps", truth.gaps),
        ("overtaken", truth.overtaken),
        ("duplicated", truth.duplicated),
        ("spurious", truth.spurious),
        ("zero window", truth.zero_windows),
        ("keep-alive", truth.keep_alives),
        ("refused", truth.refused),
        ("reset", truth.resets),
        ("syn again", truth.syn_again),
        ("reused", truth.reused),
        ("ipv6", truth.ipv6),
        ("vlan", truth.vlan),
    ] {
        assert!(count >= 10, "{what}: {truth:?}");
    }
    assert!(truth.gaps <= truth.lost_before);
    assert!((450..750).contains(&truth.ipv6), "{truth:?}");
}
