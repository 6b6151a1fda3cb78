//! What is written is read again, whole or cut anywhere; and arbitrary bytes harm nobody.

use std::io::{Cursor, Write};

use proptest::prelude::*;

use super::{PcapWriter, PcapngWriter};
use crate::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use crate::source::{CaptureStatistics, Error, FrameSource, Interface, Section, from_reader};
use crate::time::{TimePrecision, Timestamp};

/// A frame that owns its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Owned {
    timestamp: Timestamp,
    wire_len: u32,
    link_type: LinkType,
    interface: InterfaceId,
    bytes: Vec<u8>,
    comments: Vec<String>,
}

impl Owned {
    fn borrow(&self, number: u64) -> Frame<'_> {
        Frame {
            number: FrameNumber(number),
            timestamp: self.timestamp,
            wire_len: self.wire_len,
            link_type: self.link_type,
            interface: self.interface,
            bytes: &self.bytes,
        }
    }
}

/// All frames up to the end or the damage.
fn read(bytes: Vec<u8>) -> (Vec<Owned>, Option<Error>, Option<Box<dyn FrameSource>>) {
    let mut source = match from_reader("test", Cursor::new(bytes)) {
        Ok(source) => source,
        Err(error) => return (Vec::new(), Some(error), None),
    };
    let mut frames = Vec::new();
    let error = loop {
        let mut owned = match source.next() {
            Ok(None) => break None,
            Err(error) => break Some(error),
            Ok(Some(frame)) => {
                assert_eq!(frame.number.0, frames.len() as u64 + 1);
                Owned {
                    timestamp: frame.timestamp,
                    wire_len: frame.wire_len,
                    link_type: frame.link_type,
                    interface: frame.interface,
                    bytes: frame.bytes.to_vec(),
                    comments: Vec::new(),
                }
            }
        };
        source.comments(&mut |comment| owned.comments.push(comment.to_owned()));
        frames.push(owned);
    };
    assert!(source.next().unwrap().is_none(), "after the end or an error nothing comes");
    (frames, error, Some(source))
}

fn interface(name: &str, link_type: u16) -> Interface {
    Interface {
        name: Some(name.to_owned()),
        description: Some("mesin1, inside".to_owned()),
        link_type: LinkType(link_type),
        snaplen: 262_144,
        precision: TimePrecision::NANOS,
    }
}

fn section() -> Section {
    Section {
        hardware: None,
        os: Some("Linux".to_owned()),
        application: Some("analyzer".to_owned()),
        comment: Some("a run".to_owned()),
    }
}

fn write_pcapng(frames: &[Owned]) -> Vec<u8> {
    let mut writer = PcapngWriter::new(Vec::new(), &section()).unwrap();
    writer.add_interface(&interface("eth1", 1), Some("tcp port 10000"), Some("Linux")).unwrap();
    writer.add_interface(&interface("any", 113), None, None).unwrap();
    for (number, frame) in (1..).zip(frames) {
        let comment = frame.comments.first().map(String::as_str);
        writer.write_with_comment(&frame.borrow(number), comment).unwrap();
    }
    let lost = CaptureStatistics {
        received: Some(7),
        dropped_by_kernel: Some(2),
        dropped_by_interface: None,
    };
    writer.finish(&[lost, lost]).unwrap()
}

fn write_pcap(frames: &[Owned], precision: TimePrecision) -> Vec<u8> {
    let mut writer = PcapWriter::new(Vec::new(), LinkType(1), 262_144, precision).unwrap();
    for (number, frame) in (1..).zip(frames) {
        writer.write(&frame.borrow(number)).unwrap();
    }
    writer.finish().unwrap()
}

prop_compose! {
    fn any_frame()(
        seconds in 0_i64..4_294_967_296,
        nanos in 0_u32..1_000_000_000,
        bytes in prop::collection::vec(any::<u8>(), 0..90),
        more in 0_u32..2000,
        interface in 0_u32..2,
        comment in prop::option::of("[a-zé ]{1,20}"),
    ) -> Owned {
        Owned {
            timestamp: Timestamp::from_parts(seconds, nanos),
            wire_len: bytes.len() as u32 + more,
            link_type: LinkType([1, 113][interface as usize]),
            interface: InterfaceId(interface),
            bytes,
            comments: comment.into_iter().collect(),
        }
    }
}

fn for_pcap(frames: &mut [Owned]) {
    for frame in frames {
        frame.link_type = LinkType(1);
        frame.interface = InterfaceId(0);
        frame.comments.clear();
    }
}

/// A file cut anywhere gives a prefix of its frames and an error exactly when a record is cut.
fn check_cut(whole: &[u8], frames: &[Owned], cut: usize) {
    let (read_frames, error, _) = read(whole[..cut].to_vec());
    assert!(frames.starts_with(&read_frames), "cut at {cut}");
    let is_damage = matches!(&error, Some(Error::Damaged { frames, .. }) if *frames == read_frames.len() as u64);
    assert!(error.is_none() || is_damage || cut < 8, "cut at {cut}: {error:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn pcapng_is_read_as_it_was_written(frames in prop::collection::vec(any_frame(), 0..12)) {
        let (read_frames, error, source) = read(write_pcapng(&frames));
        prop_assert!(error.is_none(), "{error:?}");
        prop_assert_eq!(read_frames, frames);
        let source = source.unwrap();
        prop_assert_eq!(source.interfaces(), &[interface("eth1", 1), interface("any", 113)][..]);
        prop_assert_eq!(source.sections(), &[section()][..]);
        let lost = source.statistics();
        prop_assert_eq!((lost.received, lost.dropped_by_kernel), (Some(14), Some(4)));
        prop_assert_eq!(lost.dropped_by_interface, None);
    }

    #[test]
    fn pcap_is_read_as_it_was_written(
        mut frames in prop::collection::vec(any_frame(), 0..12),
        is_nanos in any::<bool>(),
    ) {
        for_pcap(&mut frames);
        let precision = if is_nanos { TimePrecision::NANOS } else { TimePrecision::MICROS };
        if !is_nanos {
            for frame in &mut frames {
                let (seconds, nanos) = frame.timestamp.as_parts();
                frame.timestamp = Timestamp::from_parts(seconds, nanos / 1000 * 1000);
            }
        }
        let (read_frames, error, source) = read(write_pcap(&frames, precision));
        prop_assert!(error.is_none(), "{error:?}");
        prop_assert_eq!(read_frames, frames);
        prop_assert_eq!(source.unwrap().interfaces()[0].precision, precision);
    }

    #[test]
    fn a_cut_file_gives_the_frames_before_the_cut(
        mut frames in prop::collection::vec(any_frame(), 1..6),
        place in 0.0..1.0,
    ) {
        let whole = write_pcapng(&frames);
        check_cut(&whole, &frames, (place * whole.len() as f64) as usize);
        for_pcap(&mut frames);
        let whole = write_pcap(&frames, TimePrecision::NANOS);
        check_cut(&whole, &frames, (place * whole.len() as f64) as usize);
    }

    #[test]
    fn changed_bytes_never_panic(
        mut frames in prop::collection::vec(any_frame(), 1..6),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        is_pcapng in any::<bool>(),
    ) {
        let mut whole = if is_pcapng {
            write_pcapng(&frames)
        } else {
            for_pcap(&mut frames);
            write_pcap(&frames, TimePrecision::NANOS)
        };
        for (place, byte) in changes {
            let at = place.index(whole.len());
            whole[at] = byte;
        }
        read(whole);
    }

    #[test]
    fn arbitrary_bytes_behind_a_magic_number_never_panic(
        magic in prop::sample::select(vec![
            &b"\xd4\xc3\xb2\xa1"[..], b"\xa1\xb2\xc3\xd4", b"\x34\xcd\xb2\xa1", b"\x4d\x3c\xb2\xa1",
            b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0", b"snoop\0\0\0\0\0\0\x02\0\0\0\x04",
            b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        read([magic, &rest].concat());
    }
}

#[test]
fn compressed_captures_are_read_also_in_several_members() {
    let frames: Vec<Owned> = (0..400)
        .map(|index| Owned {
            timestamp: Timestamp::from_parts(1_600_000_000 + index, 1),
            wire_len: 60,
            link_type: LinkType(1),
            interface: InterfaceId(0),
            bytes: vec![index as u8; 60],
            comments: Vec::new(),
        })
        .collect();
    let whole = write_pcapng(&frames);
    let (first, second) = whole.split_at(whole.len() / 3);
    for (name, packed) in [
        ("gzip", [gzip(first), gzip(second)].concat()),
        ("zstd", [zstd(first), zstd(second)].concat()),
        ("lz4", [lz4(first), lz4(second)].concat()),
    ] {
        let (read_frames, error, _) = read(packed.clone());
        assert!(error.is_none(), "{name}: {error:?}");
        assert!(read_frames == frames, "{name}");
        for cut in [packed.len() - 1, packed.len() - 9, packed.len() / 2] {
            let (read_frames, error, _) = read(packed[..cut].to_vec());
            assert!(frames.starts_with(&read_frames), "{name} cut at {cut}");
            let message = error.expect(name).to_string();
            assert!(message.contains("damaged at byte"), "{name} cut at {cut}: {message}");
        }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
