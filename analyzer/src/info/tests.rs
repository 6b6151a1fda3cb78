//! Rows of the small protocols, from bytes to both columns, and any bytes for all of them.

use super::*;
use crate::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use crate::time::{TimeDelta, Timestamp};
use crate::wire::Decoded;

/// An IPv4 header from 10.0.0.1 to 10.0.0.2 with time to live 64.
const IPV4: [u8; 20] = [0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];

fn layer(protocol: Protocol, bytes: &[u8], header_len: u32) -> Layer<'_> {
    let wire_len = bytes.len() as u32;
    let header_len = header_len.min(wire_len);
    Layer::new(protocol, bytes, header_len, wire_len, 0)
}

/// The two columns of a frame whose innermost layer is this one, below an IPv4 header.
fn row(describer: &mut Describer, number: u64, protocol: Protocol, bytes: &[u8]) -> String {
    let mut decoded = Decoded::default();
    let around = Layer::new(Protocol::Ipv4, &IPV4, 20, 20 + bytes.len() as u32, 0);
    decoded.layers.push(around).unwrap();
    decoded.layers.push(layer(protocol, bytes, 8)).unwrap();
    let frame = Frame {
        number: FrameNumber(number),
        timestamp: Timestamp::default(),
        wire_len: bytes.len() as u32,
        link_type: LinkType(101),
        interface: InterfaceId(0),
        bytes,
    };
    let facts = FrameFacts {
        frame,
        time_relative: TimeDelta::default(),
        time_delta: TimeDelta::default(),
        decoded,
        tcp: None,
        quoted_tcp: None,
    };
    let mut info = String::from("left over");
    let column = describer.describe(&facts, &mut info);
    format!("{column}|{info}")
}

fn one(protocol: Protocol, bytes: &[u8]) -> String {
    row(&mut Describer::new(), 1, protocol, bytes)
}

fn udp(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let len = 8 + payload.len() as u16;
    let mut bytes = [source, destination, len, 0].map(u16::to_be_bytes).concat();
    bytes.extend(payload);
    bytes
}

#[test]
fn arp_says_who_asks_for_whom() {
    let arp = |opcode: u8, sender: [u8; 4], target_hardware: u8, target: [u8; 4]| {
        let mut bytes = vec![0, 1, 8, 0, 6, 4, 0, opcode, 2, 0x42, 0xac, 0x10, 0x10, 0x65];
        bytes.extend(sender);
        bytes.extend([target_hardware; 6]);
        bytes.extend(target);
        one(Protocol::Arp, &bytes)
    };
    let (a, b) = ([10, 0, 0, 1], [10, 0, 0, 2]);
    assert_eq!(arp(1, a, 0, b), "ARP|Who has 10.0.0.2? Tell 10.0.0.1");
    assert_eq!(arp(2, a, 7, b), "ARP|10.0.0.1 is at 02:42:ac:10:10:65");
    assert_eq!(arp(1, [0; 4], 0, b), "ARP|Who has 10.0.0.2? (ARP Probe)");
    assert_eq!(arp(1, a, 0, a), "ARP|ARP Announcement for 10.0.0.1");
    assert_eq!(arp(1, a, 0xff, a), "ARP|Gratuitous ARP for 10.0.0.1 (Request)");
    assert_eq!(arp(2, a, 0, a), "ARP|Gratuitous ARP for 10.0.0.1 (Reply)");
}

#[test]
fn errors_and_lone_replies_of_icmp_have_words() {
    let port = one(Protocol::Icmp, &[3, 3, 0, 0, 0, 0, 0, 0]);
    assert_eq!(port, "ICMP|Destination unreachable (Port unreachable)");
    let expired = one(Protocol::Icmp, &[11, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(expired, "ICMP|Time-to-live exceeded (Time to live exceeded in transit)");
    let request = one(Protocol::Icmp, &[8, 0, 0, 0, 0x12, 0x34, 1, 0]);
    assert_eq!(request, "ICMP|Echo (ping) request  id=0x1234, seq=256/1, ttl=64");
    let reply = one(Protocol::Icmp, &[0, 0, 0, 0, 0x12, 0x34, 0, 1]);
    assert_eq!(reply, "ICMP|Echo (ping) reply    id=0x1234, seq=1/256, ttl=64");
}

#[test]
fn an_echo_reply_names_the_frame_of_its_request() {
    let mut echoes = echo::EchoTable::default();
    let [a, b] = [1, 2].map(|host| std::net::IpAddr::from([10, 0, 0, host]));
    let key = echo::EchoKey { requester: a, responder: b, id: 7, seq: 1 };
    echoes.request(key, FrameNumber(5));
    assert_eq!(echoes.reply(&key), Some(FrameNumber(5)));
    assert_eq!(echoes.reply(&echo::EchoKey { seq: 2, ..key }), None);
    assert_eq!(echoes.reply(&echo::EchoKey { requester: b, responder: a, ..key }), None);
}

#[test]
fn igmp_reports_list_their_groups() {
    let report = [0x22, 0, 0, 0, 0, 0, 0, 2, 4, 0, 0, 0, 239, 1, 1, 1, 3, 0, 0, 0, 239, 1, 1, 2];
    let expected = "IGMPv3|Membership Report / Join group 239.1.1.1 for any sources \
                    / Leave group 239.1.1.2";
    assert_eq!(one(Protocol::Igmp, &report), expected);
    let leave = [0x17, 0, 0, 0, 239, 1, 1, 1];
    assert_eq!(one(Protocol::Igmp, &leave), "IGMPv2|Leave Group 239.1.1.1");
}

#[test]
fn datagrams_go_by_port_and_look() {
    let mut discover = vec![1, 1, 6, 0, 0, 0, 0x3d, 0x1d];
    discover.resize(236, 0);
    discover.extend([0x63, 0x82, 0x53, 0x63, 0, 53, 1, 1, 255]);
    let dhcp = one(Protocol::Udp, &udp(68, 67, &discover));
    assert_eq!(dhcp, "DHCP|DHCP Discover - Transaction ID 0x3d1d");
    let mut ntp = [0; 48];
    ntp[0] = 0x23;
    assert_eq!(one(Protocol::Udp, &udp(123, 123, &ntp)), "NTP|NTP Version 4, client");
    let search = one(Protocol::Udp, &udp(5000, 1900, b"M-SEARCH * HTTP/1.1\r\n\r\n"));
    assert_eq!(search, "SSDP|M-SEARCH * HTTP/1.1 ");
    let mut name = vec![0, 1, 1, 0x10, 0, 1, 0, 0, 0, 0, 0, 0, 32];
    name.extend(b"FHFAEBEECACACACACACACACACACACAAA\0\0\x20\0\x01");
    assert_eq!(one(Protocol::Udp, &udp(137, 137, &name)), "NBNS|Name query NB WPAD<00>");
    let unknown = one(Protocol::Udp, &udp(5000, 1900, b"no such thing"));
    assert_eq!(unknown, "UDP|5000 → 1900 Len=13");
}

proptest::proptest! {
    #[test]
    fn any_bytes_in_any_layer_give_one_line(
        which in 0..Protocol::ALL.len(),
        port in proptest::sample::select(vec![53_u16, 67, 123, 137, 1900, 5353, 5355, 9]),
        bytes: Vec<u8>,
    ) {
        let protocol = Protocol::ALL[which];
        for bytes in [bytes.clone(), udp(port, 40_000, &bytes)] {
            let text = one(protocol, &bytes);
            proptest::prop_assert!(!text.chars().any(char::is_control), "{text:?}");
            proptest::prop_assert!(!text.contains("left over"));
        }
    }
}

/// Found by looking for the worst case: 64 KiB of compressed names asked for 3 MB of text.
#[test]
fn info_is_cut_where_wiresharks_columns_end() {
    let questions = 10_000_u16;
    let mut message = vec![0, 1, 1, 0];
    message.extend((questions + 1).to_be_bytes());
    message.extend([0; 6]);
    let label = [&[60][..], &[b'a'; 60]].concat();
    message.extend(label.repeat(4));
    message.extend([0, 0, 1, 0, 1]);
    message.extend([0xc0, 12, 0, 1, 0, 1].repeat(usize::from(questions)));
    let text = one(Protocol::Udp, &udp(5000, 53, &message));
    assert_eq!(text.len(), "DNS|".len() + text::MAX_LINE);
    assert!(text.starts_with("DNS|Standard query 0x0001 A aaa"), "{}", &text[..40]);
    let get = [&b"HTTP/1.1 200 "[..], &"\u{e9}".repeat(4000).into_bytes()].concat();
    let text = one(Protocol::Udp, &udp(5000, 1900, &get));
    assert_eq!(text.len(), "SSDP|".len() + text::MAX_LINE);
}
