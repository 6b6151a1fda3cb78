//! IP packets that end the decoding: fragments, and payloads that nothing here knows.

use std::fmt::{self, Write};

use super::bytes::{u8_at, u16_at, u32_at};
use crate::wire::{Layer, Protocol};

/// The name of an IP protocol number (IANA "Assigned Internet Protocol Numbers"), in
/// Wireshark's words.
pub(super) fn protocol_name(number: u8) -> Option<&'static str> {
    Some(match number {
        0 => "IPv6 Hop-by-Hop Option",
        1 => "ICMP",
        2 => "IGMP",
        3 => "Gateway-to-Gateway Protocol",
        4 => "IPIP",
        5 => "Stream",
        6 => "TCP",
        7 => "CBT",
        8 => "Exterior Gateway Protocol",
        9 => "Interior Gateway Protocol",
        17 => "UDP",
        27 => "Reliable Data",
        33 => "Datagram Congestion Control Protocol",
        41 => "IPv6",
        43 => "Routing Header for IPv6",
        44 => "Fragment Header for IPv6",
        46 => "Resource Reservation",
        47 => "Generic Routing Encapsulation",
        50 => "Encap Security Payload",
        51 => "Authentication Header",
        58 => "ICMPv6",
        59 => "No Next Header for IPv6",
        60 => "Destination Options for IPv6",
        88 => "EIGRP",
        89 => "OSPF IGP",
        97 => "Ethernet-within-IP Encapsulation",
        103 => "Protocol Independent Multicast",
        108 => "IP Payload Compression Protocol",
        112 => "VRRP",
        115 => "Layer 2 Tunneling",
        132 => "Stream Control Transmission Protocol",
        136 => "UDP Lite",
        137 => "MPLS in IP",
        _ => return None,
    })
}

/// `Fragmented IP protocol (proto=TCP 6, off=1480, ID=00a0)`
pub(super) fn write_fragment<W: Write>(out: &mut W, layer: &Layer<'_>) -> fmt::Result {
    let bytes = layer.bytes;
    match layer.protocol {
        Protocol::Ipv4 => {
            let number = u8_at(bytes, 9).unwrap_or(0);
            let offset = u32::from(u16_at(bytes, 6).unwrap_or(0) & 0x1fff) * 8;
            let id = u16_at(bytes, 4).unwrap_or(0);
            let name = protocol_name(number).unwrap_or("Unknown");
            write!(out, "Fragmented IP protocol (proto={name} {number}, off={offset}, ID={id:04x})")
        }
        Protocol::Ipv6Fragment => {
            let next = u8_at(bytes, 0).unwrap_or(0);
            let field = u16_at(bytes, 2).unwrap_or(0);
            let more = if field & 1 != 0 { "y" } else { "n" };
            let id = u32_at(bytes, 4).unwrap_or(0);
            write!(
                out,
                "IPv6 fragment (off={} more={more} ident=0x{id:08x} nxt={next})",
                field & !7
            )
        }
        _ => Ok(()),
    }
}

/// The name of the payload's protocol, or `Unknown (253)`.
pub(super) fn write_payload_name<W: Write>(out: &mut W, layer: &Layer<'_>) -> fmt::Result {
    let at = if layer.protocol == Protocol::Ipv4 { 9 } else { 6 };
    let Some(number) = u8_at(layer.bytes, at) else {
        return Ok(());
    };
    match protocol_name(number) {
        Some(name) => write!(out, "{name} ({number})"),
        None => write!(out, "Unknown ({number})"),
    }
}
