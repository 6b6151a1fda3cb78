use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;

use super::*;
use crate::wire::checksum::{self, ChecksumVerdict};

fn fixture(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = root.join("fixtures").join(name);
    ["capture.pcapng", "capture.pcap"]
        .map(|file| folder.join(file))
        .into_iter()
        .find(|path| path.exists())
        .unwrap()
}

/// Addresses, checksum verdict's kind and payload of each TCP frame, and how many frames.
type Seen = Vec<(IpAddr, IpAddr, u8, Vec<u8>)>;

fn seen(path: &Path) -> (Seen, u64) {
    let mut source = source::open(path).unwrap();
    let mut decoder = Decoder::new();
    let (mut all, mut count) = (Vec::new(), 0);
    while let Some(frame) = source.next().unwrap() {
        count += 1;
        let decoded = decoder.decode(&frame);
        let Some(index) = decoded.tcp_index() else { continue };
        let (from, to) = decoded.addresses_above(index).unwrap();
        let verdict = match checksum::transport(&decoded, index) {
            ChecksumVerdict::Good => 0,
            ChecksumVerdict::Bad { .. } => 1,
            ChecksumVerdict::Offloaded => 2,
            _ => 3,
        };
        all.push((from, to, verdict, decoded.layers[index].payload().to_vec()));
    }
    (all, count)
}

fn slice(
    name: &str,
    frames: &[u64],
    pseudonyms: Option<Pseudonyms>,
) -> (tempfile::TempDir, PathBuf, Written) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slice.pcapng");
    let frames: BTreeSet<u64> = frames.iter().copied().collect();
    let out = std::fs::File::create(&path).unwrap();
    let written = Slice { frames: &frames, pseudonyms }.write(&fixture(name), out).unwrap();
    (folder, path, written)
}

#[test]
fn a_slice_has_the_frames_the_handshake_and_the_neighbours() {
    let (_folder, path, written) = slice("lab-parallel", &[20], None);
    // Frames 3 to 5 are the handshake of the stream of frame 20, 19 and 21 stand next to it.
    assert_eq!((written.frames, written.of), (6, 28));
    assert_eq!(seen(&path).1, 6);
    let mut source = source::open(&path).unwrap();
    source.next().unwrap();
    let mut comments = Vec::new();
    source.comments(&mut |comment| comments.push(comment.to_owned()));
    assert_eq!(comments, ["frame 3 of the capture"]);
}

#[test]
fn pseudonyms_keep_checksums_payload_and_networks() {
    for name in ["lab-parallel", "lab-echo", "task-2-echo", "ipv6-echo", "vlan-echo", "zero-window"]
    {
        let all: Vec<u64> = (1..200).collect();
        let (_folder, path, _) = slice(name, &all, Some(Pseudonyms::with_key([7; 32])));
        let ((before, count), (after, count_after)) = (seen(&fixture(name)), seen(&path));
        assert_eq!(count, count_after, "{name}");
        let mut names = std::collections::HashMap::new();
        for (old, new) in before.iter().zip(&after) {
            assert_eq!((old.2, &old.3), (new.2, &new.3), "{name}");
            for (old, new) in [(old.0, new.0), (old.1, new.1)] {
                assert_ne!(old, new, "{name}");
                assert_eq!(*names.entry(old).or_insert(new), new, "{name}");
            }
        }
        for (one, new_one) in &names {
            for (two, new_two) in &names {
                assert_eq!(common(*one, *two), common(*new_one, *new_two), "{name}");
            }
        }
    }
}

/// First bits that two addresses share.
fn common(one: IpAddr, two: IpAddr) -> u32 {
    match (one, two) {
        (IpAddr::V4(one), IpAddr::V4(two)) => (one.to_bits() ^ two.to_bits()).leading_zeros(),
        (IpAddr::V6(one), IpAddr::V6(two)) => (one.to_bits() ^ two.to_bits()).leading_zeros(),
        _ => 0,
    }
}

#[test]
fn a_wrong_checksum_stays_wrong() {
    let mut bytes = [0x12, 0x34];
    let mut delta = anonymise_delta();
    delta.note(&[10, 0], &[172, 16]);
    delta.apply(&mut bytes, 0, false);
    let mut back = anonymise_delta();
    back.note(&[172, 16], &[10, 0]);
    back.apply(&mut bytes, 0, false);
    assert_eq!(bytes, [0x12, 0x34]);
}

fn anonymise_delta() -> anonymise::Delta {
    anonymise::Delta::default()
}
