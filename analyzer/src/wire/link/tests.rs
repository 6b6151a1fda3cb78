//! The less common link types: the layers that tshark 4.0 shows for the same bytes.

use crate::wire::tests::{MACS, decode_with, ipv4_tcp, ipv6_tcp, layers_of, with};

/// LLC and SNAP in front of an IPv4 packet.
const SNAP: &str = "aaaa03 000000 0800";
/// An 802.11 data frame's header without addresses.
const WLAN: &str = "0801 0000 000000000000 000000000000 000000000000 0000";

#[test]
fn uncommon_links_lead_to_tcp() {
    let (v4, v6) = (ipv4_tcp(), ipv6_tcp());
    let zeros = |count: usize| "00".repeat(count);
    let cases = [
        (6, format!("1040 {MACS} {SNAP}"), "tr:llc:ip:tcp"),
        (6, format!("1040 020000000001 820000000002 0670 0011 0020 {SNAP}"), "tr:llc:ip:tcp"),
        (9, "ff030021".into(), "ppp:ip:tcp"),
        (9, "21".into(), "ppp:ip:tcp"),
        (9, "0f000800".into(), "ppp:chdlc:ip:tcp"),
        (50, "ff030281 000101ff".into(), "ppp:mpls:ip:tcp"),
        (10, format!("50 {MACS} {SNAP}"), "fddi:llc:ip:tcp"),
        (100, SNAP.into(), "llc:ip:tcp"),
        (104, "0f000800".into(), "chdlc:ip:tcp"),
        (105, format!("{WLAN} {SNAP}"), "wlan:llc:ip:tcp"),
        (106, String::new(), "clip:ip:tcp"),
        (107, "1841 03 cc".into(), "fr:ip:tcp"),
        (107, "1841 0800".into(), "fr:ip:tcp"),
        (
            119,
            format!("4400000090000000 {} {WLAN} {SNAP}", zeros(136)),
            "prism:wlan_radio:wlan:llc:ip:tcp",
        ),
        (123, format!("02000020 {SNAP}"), "atm:llc:ip:tcp"),
        (127, format!("0000080000000000 {WLAN} {SNAP}"), "radiotap:wlan_radio:wlan:llc:ip:tcp"),
        (129, "0102 0000 d4 00 0001".into(), "arcnet:ip:tcp"),
        (129, "0102 0000 f0".into(), "arcnet:ip:tcp"),
        (178, format!("4d474300 {MACS} 0800"), "juniper:eth:ethertype:ip:tcp"),
        (178, "4d474302 02000000".into(), "juniper:ip:tcp"),
        (192, "0000080065000000".into(), "ppi:pcap_pktdata:raw:ip:tcp"),
        (226, "0102".to_owned() + &zeros(22), "ipnet:ip:tcp"),
        (239, "02000000 0800 0100 08000100 3100 0900".into(), "nflog:ip:tcp"),
        (242, zeros(40) + "08000000", "ipoib:ip:tcp"),
        (258, "0c000000 01000000 0c000000".into(), "pktap:pcap_pktdata:raw:ip:tcp"),
        (1, format!("{MACS} 8864 11000001 002f 0021"), "eth:ethertype:pppoes:ppp:ip:tcp"),
        (1, format!("{MACS} 8847 000100ff 000101ff"), "eth:ethertype:mpls:ip:tcp"),
        (
            1,
            format!("{MACS} 88e7 00000001 {MACS} 0800"),
            "eth:ethertype:ieee8021ah:ethertype:ip:tcp",
        ),
        (1, format!("{MACS} 8926 00000000 0800"), "eth:ethertype:vntag:ethertype:ip:tcp"),
    ];
    for (link_type, header, expected) in cases {
        assert_eq!(layers_of(link_type, &with(&header, &v4)), expected, "{link_type} {header}");
    }
    assert_eq!(layers_of(9, &with("57", &v6)), "ppp:ipv6:tcp");
}

#[test]
fn the_frame_check_sequence_of_a_radio_frame_is_no_payload() {
    let mut bytes = with(&format!("0000090002000000 10 {WLAN} {SNAP}"), &ipv4_tcp());
    bytes.extend(*b"FCSF");
    decode_with(127, &bytes, bytes.len(), |decoded| {
        let wlan = decoded.find(crate::wire::Protocol::Wlan).unwrap();
        assert_eq!(wlan.wire_len as usize, bytes.len() - 9 - 4);
    });
}

#[test]
fn encrypted_radio_frames_end_at_their_header() {
    let protected = WLAN.replacen("0801", "0841", 1);
    assert_eq!(layers_of(105, &with(&format!("{protected} {SNAP}"), &ipv4_tcp())), "wlan");
}
