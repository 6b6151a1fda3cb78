//! Frames that the snaplen cut inside a header, or inside the padding behind the packet.
//!
//! Wireshark names the innermost protocol whose header it could begin to read, and says that
//! the capture, not the packet, is short.

use std::fmt::{self, Write};

use super::bytes::u16_at;
use super::tcp::shortage;
use crate::facts::FrameFacts;
use crate::wire::{IcmpView, Layer, Protocol};

/// Bytes of an ICMP message before Wireshark names it.
pub(super) const ICMP_START: usize = 6;
/// Bytes of an ICMP message's header.
const ICMP_HEADER: usize = 8;
/// Bytes of a neighbor solicitation or advertisement up to its options (RFC 4861, section 4.3).
const NEIGHBOR: usize = 24;
/// Bytes of a quoted IP header and of the ports and lengths behind it.
const QUOTED: usize = 28;
/// Bytes that hold both ports.
const PORTS: usize = 4;

/// True when fewer bytes were captured than the layer had.
pub(super) fn is_cut(layer: &Layer<'_>) -> bool {
    layer.wire_len > u32::try_from(layer.bytes.len()).unwrap_or(u32::MAX)
}

/// Bytes of an ICMP message that Wireshark must have.
pub(super) fn icmp_needed(view: &IcmpView<'_>, is_v4: bool) -> usize {
    match (is_v4, view.kind()) {
        (true, 3 | 4 | 5 | 11 | 12) => ICMP_HEADER + QUOTED,
        (false, 135 | 136) => NEIGHBOR,
        _ => ICMP_HEADER,
    }
}

/// Writes the row of a frame whose last layer, of those given, ends within what must be
/// read of it, and answers its Protocol column.
pub(super) fn write_header<W: Write>(
    out: &mut W,
    layers: &[Layer<'_>],
) -> Result<Option<&'static str>, fmt::Error> {
    let [above @ .., layer] = layers else {
        return Ok(None);
    };
    let (needed, own_name) = match layer.protocol {
        Protocol::Ethernet => (14, "Ethernet"),
        Protocol::Vlan => (4, "VLAN"),
        Protocol::Arp => (28, "ARP"),
        Protocol::Ipv4 => (20, "IPv4"),
        Protocol::Ipv6 => (40, "IPv6"),
        Protocol::Tcp | Protocol::Udp => (PORTS, ""),
        Protocol::Igmp => (8, "IGMP"),
        _ => return Ok(None),
    };
    if layer.bytes.len() >= needed || !is_cut(layer) {
        return Ok(None);
    }
    let name = match layer.protocol {
        Protocol::Tcp | Protocol::Udp => ip_name(above),
        Protocol::Igmp => write_igmp(out, layer.bytes)?.unwrap_or_else(|| ip_name(above)),
        Protocol::Vlan => {
            if let Some(tag) = u16_at(layer.bytes, 0) {
                let (priority, drop, id) = (tag >> 13, (tag >> 12) & 1, tag & 0xfff);
                write!(out, "PRI: {priority}  DEI: {drop}  ID: {id}")?;
            }
            own_name
        }
        _ => own_name,
    };
    out.write_str(shortage(layer, needed))?;
    Ok(Some(name))
}

/// The Protocol column of the IP packet around a header.
fn ip_name(above: &[Layer<'_>]) -> &'static str {
    match above.iter().rfind(|layer| layer.protocol.is_ip()) {
        Some(ip) if ip.protocol == Protocol::Ipv4 => "IPv4",
        _ => "IPv6",
    }
}

/// The kind of an IGMP message without its group.
fn write_igmp<W: Write>(out: &mut W, igmp: &[u8]) -> Result<Option<&'static str>, fmt::Error> {
    let (text, name) = match igmp.first() {
        None => return Ok(None),
        Some(0x11) => ("Membership Query", "IGMPv2"),
        Some(0x12) => ("Membership Report", "IGMPv1"),
        Some(0x16) => ("Membership Report", "IGMPv2"),
        Some(0x17) => ("Leave Group", "IGMPv2"),
        Some(0x22) => ("Membership Report", "IGMPv3"),
        Some(_) => ("", "IGMP"),
    };
    out.write_str(text)?;
    Ok(Some(name))
}

/// True when the bytes behind an Ethernet frame's packet, its padding, were cut but not cut off.
pub(super) fn is_trailer_cut(facts: &FrameFacts<'_>) -> bool {
    let layers = &facts.decoded.layers;
    let (Some(link), Some(packet)) = (layers.first(), layers.get(1)) else {
        return false;
    };
    let ends_early = matches!(packet.protocol, Protocol::Arp | Protocol::Ipv4 | Protocol::Ipv6);
    if link.protocol != Protocol::Ethernet || !ends_early || !is_cut(link) {
        return false;
    }
    let captured = u32::try_from(link.bytes.len()).unwrap_or(u32::MAX);
    let end = link.header_len.saturating_add(packet_len(packet));
    captured > end
}

/// Length of a packet without what follows it.
fn packet_len(packet: &Layer<'_>) -> u32 {
    if packet.protocol == Protocol::Arp { 28 } else { packet.wire_len }
}
