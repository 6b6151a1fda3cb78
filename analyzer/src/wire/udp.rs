//! UDP (RFC 768) and UDP-Lite (RFC 3828).

use super::decoder::{Step, Walk};
use super::span::Span;
use super::{Layer, Protocol, tunnel};

/// Header bytes.
pub const HEADER: u32 = 8;

/// A UDP header; no getter fails.
#[derive(Debug, Clone, Copy)]
pub struct UdpView<'a>(&'a [u8; HEADER as usize]);

impl<'a> UdpView<'a> {
    /// From a layer; `None` when it is neither UDP nor UDP-Lite or its header was cut.
    #[inline]
    pub fn from_layer(layer: &Layer<'a>) -> Option<Self> {
        let is_udp = matches!(layer.protocol, Protocol::Udp | Protocol::UdpLite);
        if is_udp { layer.bytes.first_chunk().map(Self) } else { None }
    }

    /// Wireshark: `udp.srcport`.
    pub fn source_port(&self) -> u16 {
        u16::from_be_bytes([self.0[0], self.0[1]])
    }

    /// Wireshark: `udp.dstport`.
    pub fn destination_port(&self) -> u16 {
        u16::from_be_bytes([self.0[2], self.0[3]])
    }

    /// Header and payload in bytes, as the header says. Wireshark: `udp.length`.
    pub fn length(&self) -> u16 {
        u16::from_be_bytes([self.0[4], self.0[5]])
    }

    /// Wireshark: `udp.checksum`.
    pub fn checksum(&self) -> u16 {
        u16::from_be_bytes([self.0[6], self.0[7]])
    }
}

/// Notes the UDP layer and looks for a tunnel in it.
pub(super) fn decode<'a>(walk: &mut Walk<'_, 'a>, protocol: Protocol, span: Span<'a>) -> Step<'a> {
    let Some([s0, s1, d0, d1, l0, l1, _, _]) = span.array::<8>(0) else {
        return walk.layer(protocol, span, HEADER).and(None);
    };
    let declared = u32::from(u16::from_be_bytes([l0, l1]));
    let span = match declared {
        // UDP-Lite has its checksum coverage there; IPv6 jumbograms have zero.
        _ if protocol == Protocol::UdpLite => span,
        0 if is_over_ipv6(walk) => span,
        0..HEADER => return walk.malformed(protocol, span, HEADER, "length below 8 bytes"),
        _ => span.limit(declared),
    };
    let payload = walk.layer(protocol, span, HEADER)?;
    if payload.wire_len == 0 || walk.payload_is_fragment {
        return None;
    }
    let (source, destination) = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
    tunnel::over_udp::decode(walk, source, destination, payload)
}

fn is_over_ipv6(walk: &Walk<'_, '_>) -> bool {
    let nearest = walk.decoded.layers.iter().rfind(|layer| layer.protocol.is_ip());
    nearest.is_some_and(|layer| layer.protocol == Protocol::Ipv6)
}
