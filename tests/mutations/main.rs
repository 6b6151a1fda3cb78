//! Do snapshots bite, and only when they should?
//!
//! For each fixture, twenty automatic mutations of the capture, each a real change (a frame
//! dropped, repeated or swapped with its neighbour, a flag flipped, the server's port, a byte of
//! payload, a window, a TTL or a sequence number changed, a time shifted beyond tolerance, the tail cut off), must each be noticed
//! by the snapshot of the original; and twenty harmless ones (other ephemeral ports, ISNs, start
//! time, MAC addresses, IP identifications, TSval, jitter within tolerance) must not. Mutated
//! frames have right checksums wherever the original had.
//!
//! `cargo test -p analyzer --test mutations -- --nocapture` prints the totals; `MUTATIONS=all`
//! prints what was said about each.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)]

mod capture;
mod folded;
mod frame;
mod harmless;
mod hostile;
mod real;
mod rng;
mod rules;
mod versions;

use std::collections::{BTreeMap, HashSet};

use analyzer::snapshot::{self, Rules, Snapshot};

use crate::harmless::Harmless;
use crate::real::Real;
use crate::rng::Rng;

/// Mutations of each sort for each fixture.
const EACH: usize = 20;
/// Attempts to find one that is a change, and not one that was made before.
const ATTEMPTS: u64 = 400;

fn is_told() -> bool {
    std::env::var_os("MUTATIONS").is_some()
}

/// The blessed snapshot that stands beside the capture of a fixture.
fn blessed(name: &str) -> Snapshot {
    let path = capture::root().join(name).join("snapshot.json");
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
    Snapshot::from_json(&text).expect("a snapshot")
}

#[test]
fn twenty_real_changes_of_each_fixture_are_noticed() {
    let mut counts: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let (mut missed, mut sentences) = (Vec::new(), BTreeMap::<usize, u32>::new());
    for (name, capture) in capture::fixtures() {
        let blessed = blessed(&name);
        let mut seen = HashSet::from([capture.written()]);
        let mut made = 0;
        for seed in 0..ATTEMPTS {
            let kind = Real::ALL[seed as usize % Real::ALL.len()];
            let mut rng = Rng::new(&name, seed);
            let Some((mutated, what)) = kind.apply(&capture, &mut rng) else { continue };
            if made == EACH || !seen.insert(mutated.written()) {
                continue;
            }
            made += 1;
            let differences = snapshot::compare(&blessed, &mutated.snapshot(), &Rules::default());
            let count = counts.entry(format!("{kind:?}")).or_default();
            count.0 += 1;
            count.1 += u32::from(!differences.is_empty());
            *sentences.entry(differences.len()).or_default() += 1;
            if differences.is_empty() {
                missed.push(format!("{name}: {what}"));
            }
            if is_told() {
                println!("{name}: {what}");
                differences.iter().for_each(|difference| println!("    {}", difference.sentence));
            }
        }
        assert_eq!(made, EACH, "{name}: too few mutations are possible");
    }
    let total: u32 = counts.values().map(|(made, _)| made).sum();
    let noticed: u32 = counts.values().map(|(_, noticed)| noticed).sum();
    println!("real changes: {noticed} of {total} noticed");
    for (kind, (made, noticed)) in counts {
        println!("  {kind:<12} {noticed} of {made}");
    }
    for (number, count) in sentences {
        println!("  told in {number} sentences: {count}");
    }
    assert!(missed.is_empty(), "not noticed:\n{}", missed.join("\n"));
}

#[test]
fn twenty_harmless_changes_of_each_fixture_are_not() {
    let mut counts: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (name, capture) in capture::fixtures() {
        let blessed = blessed(&name);
        let mut made = 0;
        for seed in 0..ATTEMPTS {
            let kind = Harmless::ALL[seed as usize % Harmless::ALL.len()];
            let mutated = kind.apply(&capture, &mut Rng::new(&name, seed));
            if made == EACH || mutated.written() == capture.written() {
                continue;
            }
            made += 1;
            let snapshot = mutated.snapshot();
            let differences = snapshot::compare(&blessed, &snapshot, &Rules::default());
            let count = counts.entry(format!("{kind:?}")).or_default();
            count.0 += 1;
            count.1 += u32::from(!differences.is_empty());
            if let Some(first) = differences.first() {
                wrong.push(format!("{name}: {kind:?} (seed {seed}): {}", first.sentence));
            }
            // What no recording has in common with another is not in the text at all.
            if !kind.has_jitter() {
                assert_eq!(snapshot.to_json(), blessed.to_json(), "{name}: {kind:?} (seed {seed})");
            }
        }
        assert_eq!(made, EACH, "{name}: too few mutations are possible");
    }
    let total: u32 = counts.values().map(|(made, _)| made).sum();
    let noticed: u32 = counts.values().map(|(_, noticed)| noticed).sum();
    println!("harmless changes: {noticed} of {total} noticed");
    for (kind, (made, noticed)) in counts {
        println!("  {kind:<12} {noticed} of {made}");
    }
    assert!(wrong.is_empty(), "noticed although harmless:\n{}", wrong.join("\n"));
}
