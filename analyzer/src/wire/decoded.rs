//! What decoding leaves behind: the layers of one frame and where it stopped.

use std::fmt;
use std::net::IpAddr;

use arrayvec::ArrayVec;

use super::{Ipv4View, Ipv6View, Protocol};

/// Layers kept per frame; deeper nesting ends with [`StopReason::TooDeep`].
pub const MAX_LAYERS: usize = 24;

/// One protocol layer of a frame.
#[derive(Debug, Clone, Copy)]
pub struct Layer<'a> {
    /// Which protocol.
    pub protocol: Protocol,
    /// Header and payload: from the layer's first byte to the end of what the layer around it
    /// gives it (so without Ethernet padding), clipped to what was captured.
    pub bytes: &'a [u8],
    /// Header bytes at the front of `bytes`, options included, as the header declares them;
    /// more than `bytes.len()` when the frame was cut there.
    pub header_len: u32,
    /// Length of header and payload on the wire, by the lengths that the headers declare;
    /// larger than `bytes.len()` when the frame was cut.
    pub wire_len: u32,
    /// Offset of `bytes` in the frame; `None` inside a datagram reassembled from fragments.
    pub offset: Option<u32>,
    /// True inside a packet that an ICMP error quotes: it was not carried by this frame.
    pub is_quoted: bool,
    /// True when an EtherType announced it: Wireshark's `frame.protocols` then has the word
    /// `ethertype` before it.
    pub by_ether_type: bool,
}

impl<'a> Layer<'a> {
    /// The captured header bytes.
    pub fn header(&self) -> &'a [u8] {
        self.bytes.get(..self.header_len as usize).unwrap_or(self.bytes)
    }

    /// The captured payload bytes.
    pub fn payload(&self) -> &'a [u8] {
        self.bytes.get(self.header_len as usize..).unwrap_or(&[])
    }

    /// Payload bytes on the wire, captured or not.
    pub fn payload_wire_len(&self) -> u32 {
        self.wire_len.saturating_sub(self.header_len)
    }
}

/// Where and why decoding ended before the frame did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// The layer that could not be read to its end.
    pub protocol: Protocol,
    /// Offset in the frame, in bytes, where it starts (`None`: in a reassembled datagram).
    pub offset: Option<u32>,
    /// Why.
    pub reason: StopReason,
}

/// Reasons to stop decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopReason {
    /// The snaplen cut the header: `needed` bytes, `captured` there.
    Truncated {
        /// Header bytes needed.
        needed: u32,
        /// Header bytes captured.
        captured: u32,
    },
    /// A header contradicts itself or the layer around it; the text says how.
    Malformed(&'static str),
    /// A fragment of a datagram that is not complete (yet).
    Fragment,
    /// More layers than [`MAX_LAYERS`].
    TooDeep,
}

/// The layers of one frame.
#[derive(Debug, Clone, Default)]
pub struct Decoded<'a> {
    /// Outermost first.
    pub layers: ArrayVec<Layer<'a>, MAX_LAYERS>,
    /// Set when decoding ended early.
    pub stop: Option<Stop>,
}

impl<'a> Decoded<'a> {
    /// The outermost layer of a protocol.
    pub fn find(&self, protocol: Protocol) -> Option<&Layer<'a>> {
        self.layers.iter().find(|layer| layer.protocol == protocol)
    }

    /// Index of the outermost TCP header that the frame carries (not one that an ICMP error
    /// quotes).
    pub fn tcp_index(&self) -> Option<usize> {
        self.layers.iter().position(|layer| layer.protocol == Protocol::Tcp && !layer.is_quoted)
    }

    /// Writes Wireshark's `frame.protocols` as far as the frame was decoded, for example
    /// `eth:ethertype:ip:tcp`.
    pub fn write_protocols(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        for (index, layer) in self.layers.iter().enumerate() {
            if index > 0 {
                out.write_char(':')?;
            }
            if layer.by_ether_type {
                out.write_str("ethertype:")?;
            }
            out.write_str(layer.protocol.name())?;
        }
        Ok(())
    }

    /// Source and destination address of the IP header nearest above the layer at `index`.
    pub fn addresses_above(&self, index: usize) -> Option<(IpAddr, IpAddr)> {
        let above = self.layers.get(..index)?;
        let ip = above.iter().rfind(|l| matches!(l.protocol, Protocol::Ipv4 | Protocol::Ipv6))?;
        if let Some(ip) = Ipv4View::from_layer(ip) {
            return Some((ip.source().into(), ip.destination().into()));
        }
        let ip = Ipv6View::from_layer(ip)?;
        Some((ip.source().into(), ip.destination().into()))
    }

    /// Where a packet with a routing header is bound in the end: what the checksum of the
    /// layer at `index` covers instead of the header's destination (RFC 8200, section 8.1).
    pub(super) fn routed_destination(&self, index: usize) -> Option<IpAddr> {
        let above = self.layers.get(..index)?;
        let ip = above.iter().rposition(|layer| layer.protocol.is_ip())?;
        let headers = above.get(ip..)?;
        let routing = headers.iter().find(|layer| layer.protocol == Protocol::Ipv6Routing)?;
        let &[_, units, kind, segments_left] = routing.bytes.first_chunk()?;
        if segments_left == 0 {
            return None;
        }
        const SEGMENT_ROUTING: u8 = 4;
        // Segment lists run backwards; the older types end with the last address.
        let at = if kind == SEGMENT_ROUTING {
            8
        } else {
            usize::from(units / 2).checked_sub(1)? * 16 + 8
        };
        let address: &[u8; 16] = routing.bytes.get(at..)?.first_chunk()?;
        Some(IpAddr::from(*address))
    }
}
