//! The short way against the walk, field by field.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::frame::LinkType;
use crate::source;
use crate::wire::Decoded;
use crate::wire::decoder::Decoder;
use crate::wire::tests::{MACS, frame, ipv4_tcp, ipv6_tcp, with};

/// Frames that are common as they are.
fn whole_frames() -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    for tag in ["", "8100 2005", "8100 0fff 8100 0001"] {
        frames.push(with(&format!("{MACS} {tag} 0800"), &ipv4_tcp()));
        frames.push(with(&format!("{MACS} {tag} 86dd"), &ipv6_tcp()));
    }
    let options = frames.clone().into_iter().map(|mut bytes| {
        let at = bytes.len() - 5 - 8;
        bytes[at] = 0x60;
        bytes
    });
    frames.extend(options.collect::<Vec<_>>());
    frames
}

/// Panics unless the walk says the same as what is said here, if anything is; says which.
fn is_common_and_agreed(frame: &Frame<'_>) -> bool {
    let (mut decoder, mut walked) = (Decoder::new(), Decoded::default());
    decoder.walk(frame, &mut walked);
    let mut layers = Layers::default();
    if let Some((whole, ends)) = CommonFrame::of_whole(frame) {
        let (common, common_ends) = CommonFrame::with_ends(frame).expect("a common frame");
        assert_eq!(whole, common, "{frame:02x?}");
        assert_eq!(format!("{ends:?}"), format!("{common_ends:?}"), "{frame:02x?}");
    }
    let is_common =
        CommonFrame::of(frame).and_then(|common| common.write_layers(frame, &mut layers)).is_some();
    if is_common {
        assert_eq!(layers, walked.layers, "{frame:02x?}");
        assert_eq!(walked.stop, None, "{frame:02x?}");
    } else {
        assert!(layers.is_empty(), "{frame:02x?}");
    }
    is_common
}

/// The captures in a folder and those below it.
fn captures(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            captures(&path, found);
        } else if source::open(&path).is_ok() {
            found.push(path);
        }
    }
}

/// Frames of all captures in a folder, and how many of them are common. Damaged captures count
/// up to where the damage is.
fn compare_all(folder: &Path) -> (u64, u64) {
    let mut paths = Vec::new();
    captures(folder, &mut paths);
    let (mut frames, mut common) = (0, 0);
    for path in paths {
        let mut source = source::open(&path).expect("it was opened before");
        while let Ok(Some(frame)) = source.next() {
            frames += 1;
            common += u64::from(is_common_and_agreed(&frame));
        }
    }
    (frames, common)
}

#[test]
fn the_walk_says_the_same_of_every_capture_there_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (frames, common) = compare_all(&root.join("fixtures"));
    assert!(common > 100, "{common} of {frames} frames of the fixtures are common");
    for folder in ["../shared/corpus", "../shared/hostile"] {
        match root.join(folder) {
            path if path.is_dir() => println!("{folder}: {:?} frames, common", compare_all(&path)),
            _ => println!("{folder} is not here: only the fixtures were compared"),
        }
    }
}

#[test]
fn common_frames_are_taken_here() {
    for (index, bytes) in whole_frames().iter().enumerate() {
        let is_tagged_once_at_most = index % 6 < 4;
        for (cut, more) in [(0, 0), (0, 1), (1, 1), (0, 1000)] {
            let cut = &bytes[..bytes.len() - cut];
            let is_common = is_common_and_agreed(&frame(1, cut, cut.len() + more));
            assert_eq!(is_common, is_tagged_once_at_most, "{bytes:02x?}");
        }
    }
}

#[test]
fn what_is_not_common_is_left_to_the_walk() {
    let common = with(&format!("{MACS} 0800"), &ipv4_tcp());
    for (at, value) in [
        (13, 6),    // ARP
        (14, 0x46), // options
        (14, 0x65), // another version
        (17, 200),  // longer than the frame
        (17, 19),   // shorter than its header
        (17, 39),   // too short for TCP
        (20, 0x20), // first fragment
        (21, 1),    // last fragment
        (23, 17),   // UDP
        (46, 0x40), // a TCP header of 16 bytes
        (46, 0x70), // one that is longer than the segment
    ] {
        let mut bytes = common.clone();
        bytes[at] = value;
        assert!(!is_common_and_agreed(&frame(1, &bytes, bytes.len())), "{at} {value}");
    }
    assert!(!is_common_and_agreed(&frame(113, &common, common.len())));
    assert!(!is_common_and_agreed(&frame(1, &common, common.len() - 1)));
    assert!(!is_common_and_agreed(&frame(1, &common[..50], common.len())));
}

/// A common frame with some bytes changed, its end cut off or lengthened.
fn nearly_common() -> impl Strategy<Value = (Vec<u8>, usize)> {
    let changes = prop::collection::vec((0usize..80, any::<u8>()), 0..4);
    // Changed often: type, version, length, fragment, protocol, data offset.
    let places = prop::sample::select(vec![12, 13, 14, 16, 17, 18, 19, 20, 21, 23, 46, 50, 66]);
    let targets = prop::collection::vec((places, any::<u8>()), 0..2);
    let frames = prop::sample::select(whole_frames());
    let ends = (0usize..12, 0usize..30, 0usize..30);
    (frames, changes, targets, ends).prop_map(|(mut bytes, changes, targets, (kind, cut, more))| {
        for (at, value) in changes.into_iter().chain(targets) {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        let whole = bytes.len();
        match kind {
            0..4 => {}
            4..6 => bytes.resize(whole + more, 0),
            6..8 => bytes.truncate(whole.saturating_sub(cut)),
            _ => bytes.truncate(whole.min(cut * 3)),
        }
        let wire_len = match kind % 4 {
            0 => bytes.len(),
            1 => whole,
            2 => bytes.len() + more,
            _ => bytes.len().saturating_sub(more / 8),
        };
        (bytes, wire_len)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn the_walk_says_the_same((bytes, wire_len) in nearly_common()) {
        is_common_and_agreed(&frame(1, &bytes, wire_len));
    }

    #[test]
    fn the_walk_says_the_same_of_any_bytes(
        mut bytes in prop::collection::vec(any::<u8>(), 0..120),
        wire_len in prop_oneof![0usize..120, Just(u32::MAX as usize)],
        ether_type in prop::sample::select(vec![0x0800_u16, 0x86dd, 0x8100]),
        link_type in prop_oneof![Just(1_u16), 0_u16..300],
    ) {
        if let Some(field) = bytes.get_mut(12..14) {
            field.copy_from_slice(&ether_type.to_be_bytes());
        }
        let frame = Frame { link_type: LinkType(link_type), ..frame(1, &bytes, wire_len) };
        is_common_and_agreed(&frame);
    }
}
