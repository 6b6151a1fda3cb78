//! Frames whose decoding ends below IP: their protocol by its name, and nothing invented.

use std::fmt::{self, Write};

use super::bytes::{u8_at, u16_at};
use crate::wire::{Layer, Protocol};

/// Protocol column of a frame in which nothing could be decoded.
pub(super) const NOTHING_DECODED: &str = "Unknown";

/// Writes what little is known of a frame that ends at this layer, and answers the Protocol
/// column.
pub(super) fn write<W: Write>(out: &mut W, layer: &Layer<'_>) -> Result<&'static str, fmt::Error> {
    match layer.protocol {
        Protocol::Ethernet => write_ethernet(out, layer),
        Protocol::Llc => write_llc(out, layer),
        Protocol::Sctp => {
            if let (Some(source), Some(destination)) =
                (u16_at(layer.bytes, 0), u16_at(layer.bytes, 2))
            {
                write!(out, "{source} → {destination}")?;
            }
            Ok("SCTP")
        }
        Protocol::Esp => {
            if let Some(spi) = super::bytes::u32_at(layer.bytes, 0) {
                write!(out, "ESP (SPI=0x{spi:08x})")?;
            }
            Ok("ESP")
        }
        other => Ok(column_name(other)),
    }
}

/// Wireshark's Protocol column of what a GTP tunnel carries.
pub(super) fn inside_gtp(protocol: &'static str) -> &'static str {
    match protocol {
        "TCP" => "GTP <TCP>",
        "UDP" => "GTP <UDP>",
        "HTTP" => "GTP <HTTP>",
        "TLSv1" => "GTP <TLSv1>",
        "TLSv1.2" => "GTP <TLSv1.2>",
        "TLSv1.3" => "GTP <TLSv1.3>",
        "DNS" => "GTP <DNS>",
        "ICMP" => "GTP <ICMP>",
        "ICMPv6" => "GTP <ICMPv6>",
        "IPv4" => "GTP <IPv4>",
        "IPv6" => "GTP <IPv6>",
        other => other,
    }
}

/// An Ethernet frame with an EtherType, or a length, that leads nowhere.
fn write_ethernet<W: Write>(out: &mut W, layer: &Layer<'_>) -> Result<&'static str, fmt::Error> {
    let ether_type = u16_at(layer.bytes, 12).unwrap_or(0);
    Ok(match ether_type {
        0x88cc => "LLDP",
        0x888e => "EAPOL",
        0x9000 => "LOOP",
        0x8809 => "Slow Protocols",
        0x8137 | 0x8138 => "IPX",
        0x80f3 => "AARP",
        0x809b => "DDP",
        0x88f7 => "PTPv2",
        0x8100 => "VLAN",
        _ => {
            if ether_type >= 0x0600 {
                write!(out, "Ethernet II, type 0x{ether_type:04x}")?;
            }
            "Ethernet"
        }
    })
}

/// An 802.2 frame by its service access point.
fn write_llc<W: Write>(out: &mut W, layer: &Layer<'_>) -> Result<&'static str, fmt::Error> {
    let destination = u8_at(layer.bytes, 0).unwrap_or(0);
    let control = u8_at(layer.bytes, 2).unwrap_or(0);
    if control & 0xef == 0xaf {
        out.write_str("Basic Format; Type 1 LLC (Class I LLC); Window Size 0")?;
        return Ok("XID");
    }
    Ok(match destination {
        0x42 => "STP",
        0xe0 => "IPX",
        0xfe => "OSI",
        0xaa => match layer.bytes.get(3..8) {
            Some([0x00, 0x00, 0x0c, 0x20, 0x00]) => "CDP",
            Some([0x00, 0x00, 0x0c, 0x20, 0x03]) => "VTP",
            Some([0x00, 0x00, 0x0c, 0x20, 0x04]) => "DTP",
            Some([0x00, 0x00, 0x0c, 0x01, 0x0b]) => "STP",
            _ => "LLC",
        },
        _ => "LLC",
    })
}

/// Wireshark's short display name of a protocol.
fn column_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Wlan | Protocol::Radiotap | Protocol::Prism | Protocol::WlanCap => "802.11",
        Protocol::Vlan => "VLAN",
        Protocol::Ipv6HopByHop
        | Protocol::Ipv6Destination
        | Protocol::Ipv6Routing
        | Protocol::Ipv6Fragment => "IPv6",
        Protocol::LinuxCooked => "SLL",
        Protocol::Null => "NULL",
        Protocol::Raw => "Raw packet data",
        Protocol::Ppp => "PPP",
        Protocol::PppoeDiscovery => "PPPoED",
        Protocol::PppoeSession => "PPPoES",
        Protocol::CiscoHdlc => "CHDLC",
        Protocol::FrameRelay => "FR",
        Protocol::Fddi => "FDDI",
        Protocol::TokenRing => "TR",
        Protocol::Arcnet => "ARCNET",
        Protocol::Wpan => "IEEE 802.15.4",
        Protocol::Mpls => "MPLS",
        Protocol::MobileIpv6 => "MIPv6",
        Protocol::AuthenticationHeader => "AH",
        Protocol::UdpLite => "UDP-Lite",
        Protocol::Gre => "GRE",
        Protocol::Erspan => "ERSPAN",
        Protocol::Vxlan => "VXLAN",
        Protocol::Geneve => "Geneve",
        Protocol::Gtp => "GTP",
        Protocol::Teredo => "Teredo",
        Protocol::L2tp => "L2TP",
        Protocol::MacSec => "MACSEC",
        other => other.name(),
    }
}
