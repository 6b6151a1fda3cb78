//! The promise that a filter and the rows of `segments` and `frames` allocate nothing for a
//! frame, counted by the allocator itself.
#![allow(clippy::panic)]
#![allow(unsafe_code, reason = "a global allocator cannot be written without it")]

mod counting;
#[path = "../support/small_frames.rs"]
mod small_frames;

use std::ops::ControlFlow;

use analyzer::engine::{Engine, Observer};
use analyzer::facts::FrameFacts;
use analyzer::filter::Filter;
use analyzer::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use analyzer::listing::packet_list::{Look, PacketList};
use analyzer::listing::rows::RowFormat;
use analyzer::listing::segments::SegmentRows;
use analyzer::time::{TimePrecision, Timestamp};

use counting::of_thread as allocations;

#[test]
fn the_counter_counts() {
    let before = allocations();
    let text = String::from("on the heap");
    assert_eq!(allocations(), before + 1);
    drop(text);
}

#[test]
fn matching_allocates_nothing() {
    let texts = [
        "tcp.port == 80 && ip.addr == 192.0.2.0/24 && !udp",
        "tcp.stream > 0 || tcp.analysis.flags",
        "frame.number in {1, 3..5} and frame.len > 10",
        "tcp.payload[0:3] == \"GET\" or tcp[13] & 2",
        "tcp.payload[0,2,4] == 01:02:03",
        "frame contains \"HTTP\"",
        "tcp matches \"user-agent|index\"",
        "upper(frame.protocols) contains \"ARP\"",
        "string(ip.src) matches \"53$\"",
        "max(tcp.srcport, tcp.dstport) > count(ip.addr) + len(tcp.payload)",
        "all ip.ttl#[1-2] == 64 xor eth.src == eth.dst",
        "tcp.flags.str contains \"S\" || tcp.options.mss_val > 1000",
        "frame.time > \"2020-01-01\" && frame.time_relative + 1.5 < 9",
        "udp.stream == 0 || tcp.connection.fin_active || dns.qry.name contains \"lab\"",
        "http.request.method == \"GET\" or _ws.expert.severity >= 0x400000 or _ws.malformed",
    ];
    let frames = small_frames::frames();
    for text in texts {
        let mut filter = Filter::parse(text).unwrap_or_else(|error| panic!("{error}"));
        // A pattern builds its tables when it first meets a frame; the second round counts.
        for round in 0..2 {
            small_frames::examine(&frames, |facts| {
                let before = allocations();
                let _ = filter.matches(facts);
                let made = allocations() - before;
                assert!(round == 0 || made == 0, "{text}: {made} in frame {}", facts.frame.number);
                ControlFlow::Continue(())
            });
        }
    }
}

/// Times that a capture is read again before it counts.
const WARM_UP: u64 = 64;

/// Allocations that the analysis may make for all frames after the warm-up together. The frames
/// are twice as many then, and nobody acknowledges those that are read again: so the pool of
/// unacknowledged segments doubles, once. Traffic that is acknowledged: `sources.rs`.
const MAX_GROWTH: u64 = 1;

/// Decodes, analyses and shows the same frames again and again; a row may allocate nothing once
/// all buffers have their size.
fn assert_rows_allocate_nothing(what: &str, mut show: impl FnMut(&FrameFacts<'_>)) {
    let frames = small_frames::frames();
    let mut engine = Engine::new();
    let mut growth = 0;
    for round in 0..2 * WARM_UP {
        for (index, bytes) in frames.iter().enumerate() {
            let number = round * frames.len() as u64 + index as u64 + 1;
            let frame = Frame {
                number: FrameNumber(number),
                timestamp: Timestamp::from_nanos(number as i64 * 1_000_000),
                wire_len: bytes.len() as u32,
                link_type: LinkType(1),
                interface: InterfaceId(0),
                bytes,
            };
            let before = allocations();
            let facts = engine.examine(frame);
            let between = allocations();
            show(&facts);
            let made = allocations() - between;
            assert!(round < WARM_UP || made == 0, "{what}: {made} for frame {number}");
            growth += if round < WARM_UP { 0 } else { between - before };
        }
    }
    assert!(growth <= MAX_GROWTH, "{what}: {growth} before the rows");
}

#[test]
fn rows_of_segments_allocate_nothing() {
    let mut out = std::io::sink();
    let mut rows = SegmentRows::new(&mut out, RowFormat::Tsv).unwrap_or_else(|e| panic!("{e}"));
    assert_rows_allocate_nothing("segments", |facts| {
        assert!(rows.frame(facts).is_continue());
    });
}

#[test]
fn rows_of_the_packet_list_allocate_nothing() {
    let look =
        Look { format: RowFormat::Tsv, has_bytes: false, is_coloured: false, line_width: None };
    let mut list = PacketList::new(look);
    assert_rows_allocate_nothing("frames", |facts| {
        list.prepare(facts);
        let written = list.write(&mut std::io::sink(), TimePrecision::MICROS);
        assert!(written.is_ok());
    });
}
