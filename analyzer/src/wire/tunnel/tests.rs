//! Tunnels with a TCP segment inside: the layers that tshark 4.0 shows for the same bytes.

use proptest::prelude::*;

use crate::wire::tests::{MACS, decode_with, ipv4_tcp, ipv6_tcp, layers_of, with};

/// An IPv4 packet around a payload.
fn in_ip(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let total = u16::try_from(payload.len() + 20).unwrap().to_be_bytes();
    let mut bytes = vec![0x45, 0, total[0], total[1], 0, 1, 0, 0, 64, protocol, 0, 0];
    bytes.extend([10, 0, 0, 1, 10, 0, 0, 2]);
    bytes.extend(payload);
    bytes
}

/// A UDP datagram from a private port, in IPv4.
fn in_udp(port: u16, header: &str, payload: &[u8]) -> Vec<u8> {
    let payload = with(header, payload);
    let length = u16::try_from(payload.len() + 8).unwrap();
    in_ip(17, &with(&format!("c000 {port:04x} {length:04x} 0000"), &payload))
}

fn ethernet(packet: &[u8]) -> Vec<u8> {
    with(&format!("{MACS} 0800"), packet)
}

/// Each packet and what it decodes to, as raw IPv4.
fn cases() -> Vec<(Vec<u8>, &'static str)> {
    let (v4, v6) = (ipv4_tcp(), ipv6_tcp());
    let eth = ethernet(&v4);
    let gre = |header: &str, payload: &[u8]| in_ip(47, &with(header, payload));
    vec![
        (in_ip(4, &v4), "ip:ip:tcp"),
        (in_ip(41, &v6), "ip:ipv6:tcp"),
        (in_ip(97, &with("3000", &eth)), "ip:etherip:eth:ethertype:ip:tcp"),
        (in_ip(137, &with("000101ff", &v4)), "ip:mpls:ip:tcp"),
        (gre("0000 0800", &v4), "ip:gre:ip:tcp"),
        (gre("b000 86dd 00000000 00000001 00000002", &v6), "ip:gre:ipv6:tcp"),
        (gre("3081 880b 00000000 00000000 00000000 ff030021", &v4), "ip:gre:ppp:ip:tcp"),
        (gre("0000 6558", &eth), "ip:gre:eth:ethertype:ip:tcp"),
        (gre("1000 88be 00000001 1000000000000000", &eth), "ip:gre:erspan:eth:ethertype:ip:tcp"),
        (
            gre("1000 22eb 00000001 200000000000000000000001 0000000000000000", &eth),
            "ip:gre:erspan:eth:ethertype:ip:tcp",
        ),
        (gre("0000 883e 01020304", &v4), "ip:gre:ip:tcp"),
        (in_udp(4789, "0800000000000100", &eth), "ip:udp:vxlan:eth:ethertype:ip:tcp"),
        (in_udp(4790, "0c00000100000100", &v4), "ip:udp:ip:tcp"),
        (in_udp(6081, "0100080000000100 00000000", &v4), "ip:udp:geneve:ip:tcp"),
        (in_udp(2152, "30ff002d00000001", &v4), "ip:udp:gtp:ip:tcp"),
        (in_udp(2152, "34ff003500000001 00000085 01000000", &v4), "ip:udp:gtp:ip:tcp"),
        (in_udp(3544, "0000 1111 22222222", &v6), "ip:udp:teredo:ipv6:tcp"),
        (in_udp(1701, "0002 0001 0001 ff030021", &v4), "ip:udp:l2tp:ppp:ip:tcp"),
        (in_udp(4341, "0000000000000000", &v4), "ip:udp:lisp-data:ip:tcp"),
        (in_udp(6635, "000101ff", &v4), "ip:udp:mpls:ip:tcp"),
        (in_udp(5247, "00104000 00000000", &eth), "ip:udp:capwap.data:eth:ethertype:ip:tcp"),
        (in_udp(37008, "01000001 0a01cc 00 01", &eth), "ip:udp:tzsp:eth:ethertype:ip:tcp"),
        (in_udp(9, "0800000000000100", &eth), "ip:udp"),
    ]
}

#[test]
fn tunnels_lead_to_the_packet_inside() {
    for (bytes, expected) in cases() {
        assert_eq!(layers_of(228, &bytes), expected);
    }
}

#[test]
fn a_packet_that_an_icmp_error_quotes_is_not_carried() {
    let quoting = in_ip(1, &with("0301000000000000", &ipv4_tcp()));
    decode_with(228, &quoting, quoting.len(), |decoded| {
        assert_eq!(
            decoded.layers.iter().map(|l| l.is_quoted).collect::<Vec<_>>(),
            [false, false, true, true]
        );
        assert_eq!(decoded.tcp_index(), None);
    });
}

#[test]
fn tunnels_in_tunnels_end_at_the_layer_limit() {
    let mut bytes = ipv4_tcp();
    for _ in 0..40 {
        bytes = in_ip(4, &bytes);
    }
    decode_with(228, &bytes, bytes.len(), |decoded| {
        assert_eq!(decoded.layers.len(), crate::wire::MAX_LAYERS);
        assert_eq!(decoded.stop.unwrap().reason, crate::wire::StopReason::TooDeep);
    });
}

proptest! {
    /// Damage keeps every layer inside the frame; a cut leaves a prefix of the layers.
    #[test]
    fn damaged_and_cut_tunnels_stay_in_bounds(
        which in 0usize..23,
        damage in proptest::collection::vec((0usize..120, any::<u8>()), 0..4),
        cut in 0usize..160,
    ) {
        let (mut bytes, _) = cases().swap_remove(which);
        let wire_len = bytes.len();
        for (at, value) in &damage {
            if let Some(byte) = bytes.get_mut(*at) {
                *byte = *value;
            }
        }
        let whole = layers_of(228, &bytes);
        bytes.truncate(cut);
        decode_with(228, &bytes, wire_len, |decoded| {
            for layer in &decoded.layers {
                let at = layer.offset().unwrap() as usize;
                assert_eq!(bytes.get(at..at + layer.bytes.len()), Some(layer.bytes));
                assert!(layer.bytes.len() <= layer.wire_len as usize);
            }
            let mut cut_layers = String::new();
            decoded.write_protocols(&mut cut_layers).unwrap();
            if damage.is_empty() {
                assert!(whole.starts_with(&cut_layers), "{cut_layers} of {whole}");
            }
        });
    }
}
