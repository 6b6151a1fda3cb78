//! Whole frames through the decoder: the layers that tshark shows for them, and properties
//! that hold for any bytes.

use etherparse::PacketBuilder;
use proptest::prelude::*;

use super::{Decoded, Decoder, StopReason, TcpView};
use crate::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use crate::time::Timestamp;

pub(super) fn frame(link_type: u16, bytes: &[u8], wire_len: usize) -> Frame<'_> {
    Frame {
        number: FrameNumber(1),
        timestamp: Timestamp::from_nanos(0),
        wire_len: u32::try_from(wire_len).unwrap(),
        link_type: LinkType(link_type),
        interface: InterfaceId(0),
        bytes,
    }
}

fn protocols(decoded: &Decoded<'_>) -> String {
    let mut text = String::new();
    decoded.write_protocols(&mut text).unwrap();
    text
}

/// Decodes the bytes as a whole frame.
pub(super) fn layers_of(link_type: u16, bytes: &[u8]) -> String {
    protocols(&Decoder::new().decode(&frame(link_type, bytes, bytes.len())))
}

/// Decodes one frame with a new decoder and hands the layers to `look`.
pub(super) fn decode_with<T>(
    link_type: u16,
    bytes: &[u8],
    wire_len: usize,
    look: impl FnOnce(&Decoded<'_>) -> T,
) -> T {
    let mut decoder = Decoder::new();
    look(&decoder.decode(&frame(link_type, bytes, wire_len)))
}

/// An IPv4 packet with a TCP segment of five bytes.
pub(super) fn ipv4_tcp() -> Vec<u8> {
    let builder = PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64).tcp(1000, 2000, 7, 64000);
    let mut bytes = Vec::new();
    builder.write(&mut bytes, b"hello").unwrap();
    bytes
}

pub(super) fn ipv6_tcp() -> Vec<u8> {
    let builder = PacketBuilder::ipv6([1; 16], [2; 16], 64).tcp(1000, 2000, 7, 64000);
    let mut bytes = Vec::new();
    builder.write(&mut bytes, b"hello").unwrap();
    bytes
}

/// A header written as hex digits, in front of a packet.
pub(super) fn with(header: &str, packet: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = header.bytes().filter(u8::is_ascii_hexdigit).collect();
    let header = digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
    header.chain(packet.iter().copied()).collect()
}

pub(super) const MACS: &str = "020000000001 020000000002";

#[test]
fn link_layers_lead_to_tcp() {
    let (v4, v6) = (ipv4_tcp(), ipv6_tcp());
    let eth = |rest: &str| format!("{MACS} {rest}");
    let cases = [
        (1, with(&eth("0800"), &v4), "eth:ethertype:ip:tcp"),
        (1, with(&eth("86dd"), &v6), "eth:ethertype:ipv6:tcp"),
        (1, with(&eth("8100 0005 0800"), &v4), "eth:ethertype:vlan:ethertype:ip:tcp"),
        (
            1,
            with(&eth("88a8 0005 8100 0006 86dd"), &v6),
            "eth:ethertype:ieee8021ad:ethertype:vlan:ethertype:ipv6:tcp",
        ),
        (1, with(&eth("0035 aaaa03 000000 0800"), &v4), "eth:llc:ip:tcp"),
        (1, with(&eth("0030 060603"), &v4), "eth:llc:ip:tcp"),
        (0, with("02000000", &v4), "null:ip:tcp"),
        (0, with("00000002", &v4), "null:ip:tcp"),
        (108, with("0000001c", &v6), "null:ipv6:tcp"),
        (101, v4.clone(), "raw:ip:tcp"),
        (12, v6.clone(), "raw:ipv6:tcp"),
        (228, v4.clone(), "ip:tcp"),
        (229, v6.clone(), "ipv6:tcp"),
        (113, with("0000 0001 0006 020000000001 0000 0800", &v4), "sll:ethertype:ip:tcp"),
        (
            276,
            with("86dd 0000 00000002 0001 00 06 0200000000010000", &v6),
            "sll:ethertype:ipv6:tcp",
        ),
    ];
    for (link_type, bytes, expected) in cases {
        assert_eq!(layers_of(link_type, &bytes), expected, "link type {link_type}");
    }
}

#[test]
fn tcp_payload_ends_where_the_ip_total_length_says() {
    let mut bytes = with(&format!("{MACS} 0800"), &ipv4_tcp());
    bytes.extend([0; 9]);
    let mut decoder = Decoder::new();
    let decoded = decoder.decode(&frame(1, &bytes, bytes.len()));
    let tcp = decoded.layers.get(decoded.tcp_index().unwrap()).unwrap();
    assert_eq!((tcp.payload(), tcp.payload_wire_len()), (&b"hello"[..], 5));
    assert_eq!(tcp.offset(), Some(34));
    let view = TcpView::from_layer(tcp).unwrap();
    assert_eq!((view.source_port(), view.destination_port(), view.sequence()), (1000, 2000, 7));
}

#[test]
fn a_total_length_of_zero_takes_the_length_of_the_frame() {
    let mut bytes = with(&format!("{MACS} 0800"), &ipv4_tcp());
    bytes[16..18].fill(0);
    let mut decoder = Decoder::new();
    let decoded = decoder.decode(&frame(1, &bytes, bytes.len()));
    assert_eq!(decoded.layers.last().unwrap().payload_wire_len(), 5);
}

#[test]
fn a_cut_header_is_a_layer_with_what_is_there() {
    let bytes = with(&format!("{MACS} 0800"), &ipv4_tcp());
    let mut decoder = Decoder::new();
    let decoded = decoder.decode(&frame(1, &bytes[..40], bytes.len()));
    assert_eq!(protocols(&decoded), "eth:ethertype:ip:tcp");
    let stop = decoded.stop.unwrap();
    assert_eq!(stop.reason, StopReason::Truncated { needed: 20, captured: 6 });
    assert_eq!(stop.offset, Some(34));
}

#[test]
fn fragments_become_a_datagram_at_the_frame_that_completes_it() {
    let packet = ipv4_tcp();
    let fragment = |from: usize, to: usize, has_more: bool| {
        let mut bytes = packet[..20].to_vec();
        bytes.extend(&packet[20 + from..20 + to]);
        bytes[2..4].copy_from_slice(&u16::try_from(20 + to - from).unwrap().to_be_bytes());
        let field = u16::try_from(from / 8).unwrap() | if has_more { 0x2000 } else { 0 };
        bytes[6..8].copy_from_slice(&field.to_be_bytes());
        bytes
    };
    let mut decoder = Decoder::new();
    for part in [fragment(16, 25, false), fragment(0, 8, true)] {
        let decoded = decoder.decode(&frame(228, &part, part.len()));
        assert_eq!(protocols(&decoded), "ip");
        assert_eq!(decoded.stop.unwrap().reason, StopReason::Fragment);
    }
    let last = fragment(8, 16, true);
    let decoded = decoder.decode(&frame(228, &last, last.len()));
    assert_eq!(protocols(&decoded), "ip:tcp");
    let tcp = decoded.layers.last().unwrap();
    assert_eq!((tcp.bytes, tcp.offset()), (&packet[20..], None));
}

/// Link types that the decoder knows, and one that it doesn't.
fn any_link_type() -> impl Strategy<Value = u16> {
    prop_oneof![Just(1u16), 0u16..300]
}

proptest! {
    #[test]
    fn any_bytes_decode_to_layers_inside_the_frame(
        link_type in any_link_type(),
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        missing in 0usize..100,
    ) {
        let mut decoder = Decoder::new();
        let decoded = decoder.decode(&frame(link_type, &bytes, bytes.len() + missing));
        for layer in &decoded.layers {
            prop_assert!(layer.header().len() + layer.payload().len() == layer.bytes.len());
            prop_assert!(layer.bytes.len() <= layer.wire_len as usize);
            if let Some(offset) = layer.offset() {
                let at = offset as usize;
                prop_assert_eq!(bytes.get(at..at + layer.bytes.len()), Some(layer.bytes));
            }
        }
    }

    #[test]
    fn a_prefix_decodes_to_a_prefix_of_the_layers(cut in 0usize..200) {
        let bytes = with(&format!("{MACS} 88a8 0005 8100 0006 86dd"), &ipv6_tcp());
        let whole = layers_of(1, &bytes);
        let cut = cut.min(bytes.len());
        let mut decoder = Decoder::new();
        let decoded = decoder.decode(&frame(1, &bytes[..cut], bytes.len()));
        prop_assert!(whole.starts_with(&protocols(&decoded)));
        prop_assert!(cut == bytes.len() || decoded.stop.is_some() || decoded.tcp_index().is_some());
    }
}
