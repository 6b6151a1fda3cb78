//! What decoding leaves behind: the layers of one frame and where it stopped.

use std::fmt;
use std::net::IpAddr;

use super::{IpView, Layer, Layers, Protocol};

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
    /// More layers than [`MAX_LAYERS`](super::MAX_LAYERS).
    TooDeep,
}

/// The layers of one frame.
#[derive(Debug, Clone, Default)]
pub struct Decoded<'a> {
    /// Outermost first.
    pub layers: Layers<'a>,
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
    #[inline]
    pub fn tcp_index(&self) -> Option<usize> {
        self.layers.carried_tcp()
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
        self.ip_above(index).map(IpView::addresses)
    }

    /// The IP header nearest above the layer at `index`; `None` when its fixed part was cut.
    #[inline]
    pub fn ip_above(&self, index: usize) -> Option<IpView<'a>> {
        let (ip, _) = self.layers.ip_above(index)?;
        IpView::from_layer(ip)
    }

    /// True when the layer at `index` is what the first fragment of a datagram holds of it, because
    /// the rest is not there: how long it really is, nobody knows.
    #[inline(always)]
    pub fn is_first_fragment(&self, index: usize) -> bool {
        let is_joined = self.layers.get(index).is_none_or(|layer| layer.offset().is_none());
        let Some((ip, between)) = self.layers.ip_above(index) else { return false };
        let has_more = match between {
            [] => matches!(IpView::from_layer(ip), Some(IpView::V4(ip)) if ip.has_more_fragments()),
            _ => has_more_fragments(ip, between),
        };
        has_more && !is_joined
    }

    /// Where a packet with a routing header is bound in the end: what the checksum of the
    /// layer at `index` covers instead of the header's destination (RFC 8200, section 8.1).
    pub(super) fn routed_destination(&self, index: usize) -> Option<IpAddr> {
        let (_, headers) = self.layers.ip_above(index)?;
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

/// True when the innermost fragment header, or an IPv4 header without one after it, says so.
#[cold]
fn has_more_fragments(ip: &Layer<'_>, between: &[Layer<'_>]) -> bool {
    let header = between.iter().rfind(|layer| layer.protocol == Protocol::Ipv6Fragment);
    match header {
        Some(header) => header.bytes.get(3).is_some_and(|flags| flags & 1 != 0),
        None => matches!(IpView::from_layer(ip), Some(IpView::V4(ip)) if ip.has_more_fragments()),
    }
}
