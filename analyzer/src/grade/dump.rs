//! The bytes of one frame, decoded.

use std::net::IpAddr;

use crate::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use crate::time::Timestamp;
use crate::wire::checksum::{self, ChecksumVerdict};
use crate::wire::{Decoder, Protocol, TcpView};

/// Ethernet, and IP without a link layer.
const ETHERNET: u16 = 1;
const RAW: u16 = 101;

/// What the bytes of a frame say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decoded {
    /// MAC addresses, source and destination, when it is an Ethernet frame.
    pub macs: Option<[String; 2]>,
    /// IP addresses, source and destination.
    pub addresses: Option<(IpAddr, IpAddr)>,
    /// Ports, source and destination.
    pub ports: Option<(u16, u16)>,
    /// The low eight flags of TCP.
    pub flags: u8,
    /// Window of the header.
    pub window: u16,
    /// Sequence number.
    pub sequence: u32,
    /// Payload of the segment.
    pub payload: Vec<u8>,
    /// What the IPv4 checksum should be, when it is wrong.
    pub bad_ip_checksum: Option<u16>,
    /// What the TCP checksum should be, when it is wrong and no network card was to fill it in.
    pub bad_tcp_checksum: Option<u16>,
}

/// Decodes bytes as a frame of `wire_len` bytes; none when no IP packet with TCP is in it.
#[must_use]
pub fn decode(bytes: &[u8], wire_len: usize) -> Option<Decoded> {
    let is_raw = matches!(bytes.first().map(|first| first >> 4), Some(4))
        && !matches!(bytes.get(12..14), Some([0x08, 0x00] | [0x86, 0xdd] | [0x81, 0x00]));
    let frame = Frame {
        number: FrameNumber(1),
        timestamp: Timestamp::from_nanos(0),
        wire_len: u32::try_from(wire_len.max(bytes.len())).ok()?,
        link_type: LinkType(if is_raw { RAW } else { ETHERNET }),
        interface: InterfaceId(0),
        bytes,
    };
    let mut decoder = Decoder::new();
    let layers = decoder.decode(&frame);
    let index = layers.tcp_index()?;
    let layer = layers.layers.get(index)?;
    let tcp = TcpView::from_layer(layer)?;
    let bad = |verdict| match verdict {
        ChecksumVerdict::Bad { expected } => Some(expected),
        _ => None,
    };
    let ip = layers.find(Protocol::Ipv4);
    Some(Decoded {
        macs: (!is_raw).then(|| macs(bytes)).flatten(),
        addresses: layers.addresses_above(index),
        ports: Some((tcp.source_port(), tcp.destination_port())),
        flags: u8::try_from(tcp.flags() & 0xff).unwrap_or_default(),
        window: tcp.window(),
        sequence: tcp.sequence(),
        payload: layer.payload().to_vec(),
        bad_ip_checksum: ip.and_then(|ip| bad(checksum::ipv4_header(ip))),
        bad_tcp_checksum: bad(checksum::transport(&layers, index)),
    })
}

/// Source and destination of an Ethernet header.
fn macs(bytes: &[u8]) -> Option<[String; 2]> {
    let text =
        |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":");
    Some([text(bytes.get(6..12)?), text(bytes.get(..6)?)])
}
