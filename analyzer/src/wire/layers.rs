//! The layers of one frame, and what is noted of them as they come.

use std::ops::Deref;

use arrayvec::ArrayVec;

use super::Protocol;
use super::offset::FrameOffset;

/// Layers kept per frame; deeper nesting ends with
/// [`StopReason::TooDeep`](super::StopReason::TooDeep).
pub const MAX_LAYERS: usize = 24;

/// One protocol layer of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layer<'a> {
    /// Header and payload: from the layer's first byte to the end of what the layer around it
    /// gives it (so without Ethernet padding), clipped to what was captured.
    pub bytes: &'a [u8],
    /// Header bytes at the front of `bytes`, options included, as the header declares them;
    /// more than `bytes.len()` when the frame was cut there.
    pub header_len: u32,
    /// Length of header and payload on the wire, by the lengths that the headers declare;
    /// larger than `bytes.len()` when the frame was cut.
    pub wire_len: u32,
    /// Where `bytes` starts in the frame.
    pub(super) offset: FrameOffset,
    /// Which protocol.
    pub protocol: Protocol,
    /// True inside a packet that an ICMP error quotes: it was not carried by this frame.
    pub is_quoted: bool,
    /// True when an EtherType announced it: Wireshark's `frame.protocols` then has the word
    /// `ethertype` before it.
    pub by_ether_type: bool,
}

/// The layers of a frame, outermost first: a slice that grows. Where TCP is and what the frame
/// carries innermost is noted on the way, because every frame is asked for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layers<'a> {
    list: ArrayVec<Layer<'a>, MAX_LAYERS>,
    /// Number of TCP layers.
    tcp: u8,
    carried_tcp: Option<u8>,
    innermost_carried: Option<u8>,
}

impl<'a> Layer<'a> {
    /// A layer that the frame carries, `offset` bytes from its start, and that no EtherType
    /// announced.
    #[inline]
    pub(crate) const fn new(
        protocol: Protocol,
        bytes: &'a [u8],
        header_len: u32,
        wire_len: u32,
        offset: u32,
    ) -> Self {
        let offset = FrameOffset::new(offset);
        let (is_quoted, by_ether_type) = (false, false);
        Self { bytes, header_len, wire_len, offset, protocol, is_quoted, by_ether_type }
    }

    /// Offset of `bytes` in the frame; `None` inside a datagram reassembled from fragments.
    #[inline]
    pub fn offset(&self) -> Option<u32> {
        self.offset.get()
    }

    /// The captured header bytes.
    #[inline]
    pub fn header(&self) -> &'a [u8] {
        self.bytes.get(..self.header_len as usize).unwrap_or(self.bytes)
    }

    /// The captured payload bytes.
    #[inline]
    pub fn payload(&self) -> &'a [u8] {
        self.bytes.get(self.header_len as usize..).unwrap_or(&[])
    }

    /// Payload bytes on the wire, captured or not.
    #[inline]
    pub fn payload_wire_len(&self) -> u32 {
        self.wire_len.saturating_sub(self.header_len)
    }
}

impl<'a> Layers<'a> {
    /// Takes all layers away.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.list.clear();
        (self.tcp, self.carried_tcp, self.innermost_carried) = (0, None, None);
    }

    /// Adds the next layer inwards.
    ///
    /// # Errors
    /// [`TooDeep`] when [`MAX_LAYERS`] are there.
    #[inline(always)]
    pub(crate) fn push(&mut self, layer: Layer<'a>) -> Result<(), TooDeep> {
        let index = self.list.len() as u8;
        self.list.try_push(layer).map_err(|_| TooDeep)?;
        self.tcp += u8::from(layer.protocol == Protocol::Tcp);
        if !layer.is_quoted {
            self.innermost_carried = Some(index);
            if layer.protocol == Protocol::Tcp && self.carried_tcp.is_none() {
                self.carried_tcp = Some(index);
            }
        }
        Ok(())
    }

    /// Number of TCP layers, quoted ones too.
    #[inline]
    pub fn tcp_count(&self) -> usize {
        usize::from(self.tcp)
    }

    /// Index of the outermost TCP layer that the frame carries (not one that an ICMP error
    /// quotes).
    #[inline]
    pub fn carried_tcp(&self) -> Option<usize> {
        self.carried_tcp.map(usize::from)
    }

    /// The innermost layer that the frame carries.
    #[inline]
    pub fn innermost_carried(&self) -> Option<&Layer<'a>> {
        self.list.get(usize::from(self.innermost_carried?))
    }

    /// The IP header nearest above the layer at `index`, and what stands between the two: IPv6
    /// extension headers, most often nothing.
    #[inline(always)]
    pub(super) fn ip_above(&self, index: usize) -> Option<(&Layer<'a>, &[Layer<'a>])> {
        let above = self.list.get(..index)?;
        if let Some(ip) = above.last().filter(|layer| layer.protocol.is_ip()) {
            return Some((ip, &[]));
        }
        let at = above.iter().rposition(|layer| layer.protocol.is_ip())?;
        Some((above.get(at)?, above.get(at + 1..)?))
    }
}

/// There is no room for another layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooDeep;

impl<'a> Deref for Layers<'a> {
    type Target = [Layer<'a>];

    #[inline]
    fn deref(&self) -> &[Layer<'a>] {
        &self.list
    }
}

impl<'l, 'a> IntoIterator for &'l Layers<'a> {
    type Item = &'l Layer<'a>;
    type IntoIter = std::slice::Iter<'l, Layer<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_layer_is_half_a_cache_line() {
        assert_eq!(size_of::<Layer<'_>>(), 32);
    }

    fn kind() -> impl Strategy<Value = (Protocol, bool)> {
        let protocols =
            [Protocol::Tcp, Protocol::Tcp, Protocol::Ipv4, Protocol::Ipv6, Protocol::Ipv6Routing];
        (prop::sample::select(protocols.to_vec()), any::<bool>())
    }

    proptest! {
        #[test]
        fn notes_are_what_a_search_would_find(kinds in prop::collection::vec(kind(), 0..30)) {
            let mut layers = Layers::default();
            for (at, (protocol, is_quoted)) in kinds.iter().copied().enumerate() {
                let layer = Layer::new(protocol, &[], 0, at as u32, 0);
                let layer = Layer { is_quoted, ..layer };
                prop_assert_eq!(layers.push(layer).is_ok(), at < MAX_LAYERS);
            }
            let tcp = |layer: &Layer<'_>| layer.protocol == Protocol::Tcp;
            let carried = layers.iter().position(|layer| tcp(layer) && !layer.is_quoted);
            prop_assert_eq!(layers.carried_tcp(), carried);
            prop_assert_eq!(layers.innermost_carried(), layers.iter().rfind(|l| !l.is_quoted));
            prop_assert_eq!(layers.tcp_count(), layers.iter().filter(|layer| tcp(layer)).count());
            for index in 0..=layers.len() {
                let ip = layers[..index].iter().rposition(|layer| layer.protocol.is_ip());
                let found = layers.ip_above(index);
                prop_assert_eq!(found, ip.map(|ip| (&layers[ip], &layers[ip + 1..index])));
            }
        }
    }
}
