//! Every dialect of capture file, whole and damaged: which frames come out, with which times
//! and lengths, and what is said at the end.
//!
//! `formats.txt` holds the answers, a case a line; where tshark 4.0 reads a case, its frame
//! count, times and lengths are the same (checked when the cases were written). `BLESS=1`
//! rewrites the file.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::fmt::Write as _;
use std::io::{Cursor, Read, Write as _};
use std::path::Path;
use std::{fs, io};

use analyzer::frame::Frame;
use analyzer::source::{self, Batch, FrameSource};

mod build;

use build::Order::{self, Big, Little};
use build::{block, enhanced, interface, lengths, obsolete, option, pcap, record, section, simple};

const MICROS: u64 = 1_600_000_000_000_000;
const NO_SNAPLEN: u32 = 0;
const PCAP: u32 = 0xa1b2_c3d4;

fn ng(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = section(Little);
    bytes.extend(interface(Little, NO_SNAPLEN, &[]));
    bytes.extend(parts.concat());
    bytes
}

/// A capture of two frames on an interface with one option.
fn with_option(code: u16, value: &[u8], ticks: [u64; 2]) -> Vec<u8> {
    let options = [option(Little, code, value), option(Little, 0, &[])].concat();
    let frames = ticks.map(|ticks| enhanced(Little, 0, ticks)).concat();
    [section(Little), interface(Little, NO_SNAPLEN, &options), frames].concat()
}

fn classic(order: Order, magic: u32, version: [u16; 2], network: u32, extra: &[u8]) -> Vec<u8> {
    let records = [0, 500, 1000].map(|fraction| record(order, fraction, extra)).concat();
    [pcap(order, magic, version, network), records].concat()
}

/// The frame that stands before and after a block in many cases.
fn frame(ticks: u64) -> Vec<u8> {
    enhanced(Little, 0, MICROS + ticks)
}

fn around(middle: Vec<u8>) -> Vec<u8> {
    ng(&[frame(0), middle, frame(2)])
}

fn pcapng_cases() -> Vec<(&'static str, Vec<u8>)> {
    let big_section =
        [section(Big), interface(Big, NO_SNAPLEN, &[]), enhanced(Big, 0, MICROS + 900)].concat();
    let mut wrong_trailer = frame(1);
    let last = wrong_trailer.len() - 4;
    wrong_trailer[last] = 7;
    let mut greedy = frame(1);
    greedy[20] = 100;
    vec![
        ("ng: enhanced packets", ng(&[frame(0), frame(500)])),
        ("ng: big-endian", big_section.clone()),
        ("ng: two sections in two byte orders", [ng(&[frame(0)]), big_section].concat()),
        ("ng: simple packets have no time", ng(&[frame(0), simple(Little, 60, &[1; 60])])),
        ("ng: simple packet cut by the snaplen", {
            [section(Little), interface(Little, 40, &[]), simple(Little, 100, &[1; 40])].concat()
        }),
        ("ng: obsolete packets", ng(&[obsolete(Little, MICROS), obsolete(Little, MICROS + 7)])),
        ("ng: milliseconds", with_option(9, &[3], [1_600_000_000_000, 1_600_000_005_123])),
        ("ng: seconds", with_option(9, &[0], [1_600_000_000, 1_600_000_005])),
        ("ng: nanoseconds", with_option(9, &[9], [MICROS * 1000, MICROS * 1000 + 1])),
        ("ng: picoseconds", with_option(9, &[12], [1_000_000_000_000, 1_987_654_321_098])),
        (
            "ng: 2^-10 s",
            with_option(9, &[0x8a], [1_600_000_000 * 1024 + 1, 1_600_000_001 * 1024 + 3]),
        ),
        ("ng: 2^-63 s", with_option(9, &[0xbf], [1, (1 << 63) + (1 << 62)])),
        ("ng: time offset", with_option(14, &(-5_i64).to_le_bytes(), [5_000_001, 7_000_000])),
        ("ng: an interface after the first frame", {
            let second = interface(Little, NO_SNAPLEN, &[]);
            ng(&[frame(0), second, enhanced(Little, 1, MICROS + 1)])
        }),
        ("ng: unknown block", around(block(Little, 0x99, &[0; 20]))),
        ("ng: custom block", around(block(Little, 0xbad, &[0xd9, 0x7e, 0, 0, 1, 2, 3, 4]))),
        (
            "ng: name resolution",
            around(block(Little, 4, b"\x01\0\x07\0\x7f\0\0\x01ab\0\0\0\0\0\0")),
        ),
        ("ng: decryption secrets", around(block(Little, 10, b"KSLT\x06\0\0\0secret\0\0"))),
        ("ng: interface statistics", {
            let drops = option(Little, 5, &2_u64.to_le_bytes());
            around(block(Little, 5, &[&[0; 12][..], &drops].concat()))
        }),
        ("ng: an option longer than its block", {
            let mut cut = frame(1);
            let end = cut.len() - 4;
            cut.splice(end..end, [1, 0, 44, 1, b'a', b'b', b'c', 0]);
            let total = (cut.len() as u32).to_le_bytes();
            cut[4..8].copy_from_slice(&total);
            let end = cut.len() - 4;
            cut[end..].copy_from_slice(&total);
            around(cut)
        }),
        ("ng: only a section header", section(Little)),
        ("ng: a frame before any interface", [section(Little), frame(0)].concat()),
        ("ng: a frame of an interface that is not there", around(enhanced(Little, 1, MICROS))),
        ("ng: lengths that contradict each other", around(wrong_trailer)),
        ("ng: captured length beyond the block", around(greedy)),
        ("ng: a block of 10 bytes", around([&[0x99, 0, 0, 0, 10, 0, 0, 0][..], &[0; 8]].concat())),
        ("ng: cut inside a frame", {
            let mut cut = ng(&[frame(0), frame(1)]);
            cut.truncate(cut.len() - 10);
            cut
        }),
        ("ng: three stray bytes at the end", ng(&[frame(0), vec![0; 3]])),
        ("ng: version 2", {
            let mut bytes = ng(&[frame(0)]);
            bytes[12] = 2;
            bytes
        }),
    ]
}

fn pcap_cases() -> Vec<(&'static str, Vec<u8>)> {
    let patched = [1, 0, 0, 0, 0, 8, 0, 0];
    let smp = [1, 0, 0, 0, 0, 8, 0, 0, 1, 1, 0, 0];
    let nano = 0xa1b2_3c4d;
    let head = |minor: u16| pcap(Little, PCAP, [2, minor], 1);
    let swapped = lengths(Little, 5, 60, 40, &[], &[1; 40]);
    vec![
        ("pcap: microseconds", classic(Little, PCAP, [2, 4], 1, &[])),
        ("pcap: microseconds, big-endian", classic(Big, PCAP, [2, 4], 1, &[])),
        ("pcap: nanoseconds", classic(Little, nano, [2, 4], 1, &[])),
        ("pcap: nanoseconds, big-endian", classic(Big, nano, [2, 4], 1, &[])),
        ("pcap: modified", classic(Little, 0xa1b2_cd34, [2, 4], 1, &patched)),
        ("pcap: modified, with processors", classic(Little, 0xa1b2_cd34, [2, 4], 1, &smp)),
        ("pcap: patched under the plain magic", classic(Little, PCAP, [2, 4], 1, &patched)),
        ("pcap: Nokia", classic(Little, PCAP, [2, 4], 1, &[1, 2, 3, 4])),
        ("pcap: version 2.2 has its lengths swapped", [head(2), swapped.clone()].concat()),
        ("pcap: version 2.3 may have", [head(3), record(Little, 0, &[]), swapped].concat()),
        ("pcap: version 2.9", classic(Little, PCAP, [2, 9], 1, &[])),
        ("pcap: version 543.0", classic(Little, PCAP, [543, 0], 1, &[])),
        ("pcap: version 1.4", classic(Little, PCAP, [1, 4], 1, &[])),
        (
            "pcap: frame check sequence in the link type",
            classic(Little, PCAP, [2, 4], 0x4400_0001, &[]),
        ),
        ("pcap: fraction above a second", {
            [head(4), record(Little, 1_500_000, &[]), record(Little, 0, &[])].concat()
        }),
        ("pcap: an empty frame", [head(4), lengths(Little, 0, 0, 0, &[], &[])].concat()),
        ("pcap: the largest frame", {
            [head(4), lengths(Little, 0, 262_144, 262_144, &[], &[1; 262_144])].concat()
        }),
        ("pcap: one byte more", {
            [head(4), lengths(Little, 0, 262_145, 262_145, &[], &[1; 262_145])].concat()
        }),
        ("pcap: wire length of 4 GiB", {
            [head(4), lengths(Little, 0, 60, u32::MAX, &[], &[1; 60])].concat()
        }),
        ("pcap: header only", head(4)),
        ("pcap: header cut", head(4)[..20].to_vec()),
        (
            "pcap: cut inside a record header",
            [head(4), record(Little, 0, &[]), vec![0; 9]].concat(),
        ),
        ("pcap: cut inside a frame", {
            let mut cut = classic(Little, PCAP, [2, 4], 1, &[]);
            cut.truncate(cut.len() - 1);
            cut
        }),
        ("snoop", build::snoop()),
        ("snoop: cut inside a frame", build::snoop()[..150].to_vec()),
    ]
}

fn packed_cases() -> Vec<(&'static str, Vec<u8>)> {
    let plain = ng(&[frame(0), frame(1)]);
    let gzip = |bytes: &[u8]| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).expect("in memory");
        packer.finish().expect("in memory")
    };
    let zstd = zstd::encode_all(&*plain, 1).expect("in memory");
    let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
    lz4.write_all(&plain).expect("in memory");
    let lz4 = lz4.finish().expect("in memory");
    let gz = gzip(&plain);
    vec![
        ("gzip", gz.clone()),
        ("gzip: two members", [gzip(&plain[..100]), gzip(&plain[100..])].concat()),
        ("gzip: cut", gz[..gz.len() - 12].to_vec()),
        ("zstd", zstd.clone()),
        ("zstd: two frames", {
            let half = |bytes: &[u8]| zstd::encode_all(bytes, 1).expect("in memory");
            [half(&plain[..100]), half(&plain[100..])].concat()
        }),
        ("zstd: cut", zstd[..zstd.len() - 6].to_vec()),
        ("lz4", lz4.clone()),
        ("lz4: cut", lz4[..lz4.len() - 20].to_vec()),
        ("gzip of a text", gzip(b"these are my notes about the lab\n")),
    ]
}

fn other_cases() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("nothing", Vec::new()),
        ("three bytes", vec![0xd4, 0xc3, 0xb2]),
        ("a text", b"these are my notes about the lab\n".to_vec()),
        ("a PNG", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()),
    ]
}

/// Hands out one byte at a time, as a slow pipe may.
struct Dribble(Cursor<Vec<u8>>);

impl Read for Dribble {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let one = buffer.len().min(1);
        self.0.read(&mut buffer[..one])
    }
}

/// What a source gives: `time wire/captured@interface` for each frame, then how it ended.
fn tell(source: source::Result<Box<dyn FrameSource>>) -> String {
    let mut text = String::new();
    let mut source = match source {
        Ok(source) => source,
        Err(error) => return format!("refused: {error}"),
    };
    loop {
        match source.next() {
            Ok(Some(frame)) => tell_frame(&mut text, &frame),
            Ok(None) => break,
            Err(error) => {
                write!(text, "ERROR {error}; ").expect("in memory");
                assert!(matches!(source.next(), Ok(None)), "an error is said once");
                break;
            }
        }
    }
    text + &tell_end(&*source)
}

/// The same when it is asked for batches.
fn tell_batches(source: source::Result<Box<dyn FrameSource>>) -> String {
    let mut text = String::new();
    let mut source = match source {
        Ok(source) => source,
        Err(error) => return format!("refused: {error}"),
    };
    let mut batch = Batch::new();
    let mut number = 0;
    loop {
        let end = source.next_batch(&mut batch);
        for frame in batch.frames() {
            number += 1;
            assert_eq!(frame.number.0, number, "frames are numbered on over batches");
            tell_frame(&mut text, &frame);
        }
        if let Err(error) = end {
            write!(text, "ERROR {error}; ").expect("in memory");
            source.next_batch(&mut batch).expect("an error is said once");
            assert!(batch.is_empty(), "after an error nothing comes");
        }
        if batch.is_empty() {
            break;
        }
    }
    text + &tell_end(&*source)
}

fn tell_frame(text: &mut String, frame: &Frame<'_>) {
    let (wire, kept, on) = (frame.wire_len, frame.captured_len(), frame.interface.0);
    write!(text, "{} {wire}/{kept}@{on}; ", frame.timestamp).expect("in memory");
}

fn tell_end(source: &dyn FrameSource) -> String {
    match source.statistics().dropped_by_interface {
        Some(dropped) => format!("{dropped} dropped by the interface; end"),
        None => "end".to_owned(),
    }
}

/// Captures larger than what is read at once, with frames of all sizes, whole and cut.
/// A section, an interface and a frame, so many interfaces more, and another frame.
fn with_interfaces(count: usize, options: &[u8]) -> Vec<u8> {
    let more = interface(Little, NO_SNAPLEN, options).repeat(count);
    ng(&[frame(0), more, frame(2)])
}

#[test]
fn what_interfaces_may_take_is_bounded() {
    // Of each text 1 KiB is kept; two for each interface make 16 MiB after 8,192 of them.
    const KEPT: usize = 1024;
    let options =
        [option(Little, 2, &[b'n'; KEPT + 500]), option(Little, 3, &[b'd'; KEPT])].concat();
    let told = |file: Vec<u8>| tell(source::from_reader("case", Cursor::new(file)));
    let both = told(with_interfaces(8_192, &options));
    assert!(both.contains("60/60@0; 1600000000.000002000 60/60@0; end"), "{both}");
    let at = 28 + 20 + 92 + 8_192 * interface(Little, NO_SNAPLEN, &options).len();
    let named = told(with_interfaces(8_193, &options));
    let reason = format!(
        "damaged at byte {at}, after frame 1: names of interfaces take more than 16777216 bytes together"
    );
    assert!(named.starts_with("1600000000.000000000 60/60@0; ERROR"), "{named}");
    assert!(named.contains(&reason), "{named}");
    let bytes = vec![0xff; KEPT];
    // Bytes that are no UTF-8 take three in memory, and count so.
    let foreign = option(Little, 2, &bytes);
    assert!(told(with_interfaces(5_461, &foreign)).contains("000002000 60/60@0; end"));
    assert!(told(with_interfaces(5_462, &foreign)).contains("names of interfaces take more"));
    assert!(told(with_interfaces(65_535, &[])).contains("000002000 60/60@0; end"));
    assert!(told(with_interfaces(65_536, &[])).contains("more than 65536 interfaces"));
}

#[test]
fn batches_hold_the_frames_that_come_one_by_one() {
    let sizes = (0..4_000_u32).map(|index| (index * 7919) % 1514);
    let classic = sizes.clone().flat_map(|size| {
        let bytes: Vec<u8> = (0..size).map(|at| (at ^ size) as u8).collect();
        lengths(Little, size, size, size + 1, &[], &bytes)
    });
    let classic: Vec<u8> = pcap(Little, PCAP, [2, 4], 1).into_iter().chain(classic).collect();
    let blocks = sizes.flat_map(|size| {
        [simple(Little, size, &vec![size as u8; size as usize]), {
            block(Little, 0x99, &vec![0; size as usize / 4 * 4])
        }]
    });
    let blocks = ng(&blocks.collect::<Vec<_>>());
    for whole in [classic, blocks] {
        for cut in [0, 1, 700, whole.len() / 2] {
            let bytes = &whole[..whole.len() - cut];
            let open = || source::from_reader("case", Cursor::new(bytes.to_vec()));
            let mut singly = open().expect("a capture");
            let mut in_batches = open().expect("a capture");
            let mut batch = Batch::new();
            while {
                in_batches.next_batch(&mut batch).ok();
                !batch.is_empty()
            } {
                for frame in batch.frames() {
                    let other = singly.next().expect("a frame").expect("a frame");
                    assert_eq!((frame.number, frame.bytes), (other.number, other.bytes));
                }
            }
            assert!(!matches!(singly.next(), Ok(Some(_))), "batches end too early");
        }
    }
}

#[test]
fn every_dialect_is_read_and_every_fault_is_said() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/formats/formats.txt");
    let mut told = String::new();
    let cases = [pcapng_cases(), pcap_cases(), packed_cases(), other_cases()].concat();
    for (name, bytes) in cases {
        let whole = tell(source::from_reader("case", Cursor::new(bytes.clone())));
        let dribbled = tell(source::from_reader("case", Dribble(Cursor::new(bytes.clone()))));
        let in_batches = tell_batches(source::from_reader("case", Cursor::new(bytes.clone())));
        assert_eq!(whole, in_batches, "{name}: batches change the answer");
        // Two dialects show only in the second record; a live pipe is not kept waiting for it.
        let shows_late = ["pcap: patched under the plain magic", "pcap: Nokia"].contains(&name);
        if !shows_late {
            assert_eq!(whole, dribbled, "{name}: a slow input changes the answer");
        }
        writeln!(told, "{name}: {whole}").expect("in memory");
        if let Some(folder) = std::env::var_os("FORMATS_KEEP") {
            let file = name.replace([' ', ':', ',', '^'], "_");
            fs::write(Path::new(&folder).join(file), bytes).expect("can be kept");
        }
    }
    if std::env::var_os("BLESS").is_some_and(|value| !value.is_empty()) {
        fs::write(&path, &told).expect("can be written");
    }
    let expected = fs::read_to_string(&path).expect("formats.txt");
    for (expected, told) in expected.lines().zip(told.lines()) {
        assert_eq!(expected, told);
    }
    assert_eq!(expected.lines().count(), told.lines().count());
}
