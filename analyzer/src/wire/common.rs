//! Most frames, quicker: their layers without a walk.
//!
//! What the layers of a frame are, the walk in [`super::decoder`] says. This file only knows
//! beforehand what comes out of it for the frames that TCP captures are full of:
//!
//! * Ethernet, perhaps one IEEE 802.1Q tag,
//! * IPv4 without options and no fragment, or IPv6 without extension headers, with a declared
//!   length that the frame has room for,
//! * TCP, its header captured whole with its options.
//!
//! Padding after the packet and a payload that a snaplen cut are common, too. Everything else
//! is left to the walk. The tests hold both against each other: on frames made up at random, on
//! every capture of the fixtures, and on other people's captures where they lie beside the
//! repository.

use etherparse::{EtherType, ip_number};

use super::decoder::MAX_WIRE_LEN;
use super::{Decoded, IpView, Ipv4View, Ipv6View, Layer, Layers, Protocol};
use crate::frame::Frame;

const LINK_ETHERNET: u16 = 1;
const ETHERNET: u32 = 14;
const TAG: u32 = 4;
const TAGGED: u32 = ETHERNET + TAG;
const IPV4: u32 = 20;
const IPV6: u32 = 40;
const TCP: u32 = 20;

/// Where the headers of a common frame are; its layers follow from that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommonFrame {
    shape: Shape,
    /// Length of the TCP header with its options.
    tcp_len: u8,
    /// Length of the TCP segment on the wire, as the IP header says.
    segment_len: u16,
}

/// Whether there is a tag, and which version of IP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    V4,
    V6,
    TaggedV4,
    TaggedV6,
}

/// Who sends the segment of a common frame to whom.
#[derive(Debug, Clone, Copy)]
pub struct Ends<'a> {
    /// The IP header.
    pub ip: IpView<'a>,
    /// The TCP header without its options.
    pub header: &'a [u8; TCP as usize],
    /// The captured bytes of the segment: the whole header and what there is of the payload.
    pub segment: &'a [u8],
    /// The segment's length on the wire.
    pub segment_len: u32,
}

impl CommonFrame {
    /// That of no frame, to be written over.
    pub(crate) const NONE: Self = Self { shape: Shape::V4, tcp_len: 0, segment_len: 0 };

    /// Looks at a frame; `None` when it is not a common one.
    #[inline]
    pub fn of(frame: &Frame<'_>) -> Option<Self> {
        Self::with_ends(frame).map(|(common, _)| common)
    }

    /// The same, and who sends to whom.
    #[inline(always)]
    pub fn with_ends<'a>(frame: &Frame<'a>) -> Option<(Self, Ends<'a>)> {
        let (bytes, wire_len) = (frame.bytes, frame.wire_len);
        let is_claim_sound = bytes.len() <= wire_len as usize && wire_len <= MAX_WIRE_LEN;
        if frame.link_type.0 != LINK_ETHERNET || !is_claim_sound {
            return None;
        }
        let link: &[u8; TAGGED as usize] = bytes.first_chunk()?;
        let [.., e0, e1, _, _, t0, t1] = *link;
        match EtherType(u16::from_be_bytes([e0, e1])) {
            EtherType::IPV4 => look_at_ipv4::<ETHERNET>(frame, Shape::V4),
            EtherType::IPV6 => look_at_ipv6::<ETHERNET>(frame, Shape::V6),
            EtherType::VLAN_TAGGED_FRAME => match EtherType(u16::from_be_bytes([t0, t1])) {
                EtherType::IPV4 => look_at_ipv4::<TAGGED>(frame, Shape::TaggedV4),
                EtherType::IPV6 => look_at_ipv6::<TAGGED>(frame, Shape::TaggedV6),
                _ => None,
            },
            _ => None,
        }
    }

    /// Length of the TCP header with its options.
    #[inline]
    pub fn tcp_len(self) -> u8 {
        self.tcp_len
    }

    /// The layers of the frame that this was read from.
    pub(crate) fn decoded<'a>(self, frame: &Frame<'a>) -> Decoded<'a> {
        let mut decoded = Decoded::default();
        let _ = self.write_layers(frame, &mut decoded.layers);
        decoded
    }

    /// Writes the layers of the frame that this was read from.
    #[inline]
    pub(super) fn write_layers<'a>(self, frame: &Frame<'a>, layers: &mut Layers<'a>) -> Option<()> {
        match self.shape {
            Shape::V4 => self.write::<ETHERNET, IPV4>(Protocol::Ipv4, frame, layers),
            Shape::V6 => self.write::<ETHERNET, IPV6>(Protocol::Ipv6, frame, layers),
            Shape::TaggedV4 => self.write::<TAGGED, IPV4>(Protocol::Ipv4, frame, layers),
            Shape::TaggedV6 => self.write::<TAGGED, IPV6>(Protocol::Ipv6, frame, layers),
        }
    }

    /// The same for a frame with an IP header of `HEADER` bytes, `AT` bytes from its start.
    #[inline(always)]
    fn write<'a, const AT: u32, const HEADER: u32>(
        self,
        protocol: Protocol,
        frame: &Frame<'a>,
        layers: &mut Layers<'a>,
    ) -> Option<()> {
        let (bytes, wire_len, rest) = (frame.bytes, frame.wire_len, u32::from(self.segment_len));
        let (packet, segment) = self.packet_and_segment::<AT, HEADER>(bytes)?;
        layers.clear();
        let by_ether_type = true;
        layers.push(Layer::new(Protocol::Ethernet, bytes, ETHERNET, wire_len, 0)).ok()?;
        if AT == TAGGED {
            let tagged = bytes.get(ETHERNET as usize..)?;
            let tag = Layer::new(Protocol::Vlan, tagged, TAG, wire_len - ETHERNET, ETHERNET);
            layers.push(Layer { by_ether_type, ..tag }).ok()?;
        }
        let ip = Layer::new(protocol, packet, HEADER, HEADER + rest, AT);
        layers.push(Layer { by_ether_type, ..ip }).ok()?;
        let tcp_len = u32::from(self.tcp_len);
        layers.push(Layer::new(Protocol::Tcp, segment, tcp_len, rest, AT + HEADER)).ok()
    }

    /// The captured bytes of the IP packet, and of the TCP segment in it.
    #[inline(always)]
    fn packet_and_segment<const AT: u32, const HEADER: u32>(
        self,
        bytes: &[u8],
    ) -> Option<(&[u8], &[u8])> {
        let packet = bytes.get(AT as usize..)?;
        let packet_len = HEADER as usize + usize::from(self.segment_len);
        let packet = packet.get(..packet_len).unwrap_or(packet);
        Some((packet, packet.get(HEADER as usize..)?))
    }

    /// The captured bytes of the TCP segment of the frame that this was read from.
    #[inline]
    pub fn segment<'a>(self, frame: &Frame<'a>) -> &'a [u8] {
        let bytes = frame.bytes;
        let both = match self.shape {
            Shape::V4 => self.packet_and_segment::<ETHERNET, IPV4>(bytes),
            Shape::V6 => self.packet_and_segment::<ETHERNET, IPV6>(bytes),
            Shape::TaggedV4 => self.packet_and_segment::<TAGGED, IPV4>(bytes),
            Shape::TaggedV6 => self.packet_and_segment::<TAGGED, IPV6>(bytes),
        };
        both.map_or(&[], |(_, segment)| segment)
    }
}

/// Goes on with an IPv4 header `AT` bytes from the frame's start.
#[inline(always)]
fn look_at_ipv4<'a, const AT: u32>(
    frame: &Frame<'a>,
    shape: Shape,
) -> Option<(CommonFrame, Ends<'a>)> {
    const NO_OPTIONS: u8 = 0x45;
    /// All of flags and fragment offset but "don't fragment" and the reserved bit.
    const FRAGMENT: u16 = 0x3fff;
    let packet = frame.bytes.get(AT as usize..)?;
    let header: &[u8; IPV4 as usize] = packet.first_chunk()?;
    let [first, _, l0, l1, _, _, f0, f1, _, number, ..] = *header;
    let is_fragment = u16::from_be_bytes([f0, f1]) & FRAGMENT != 0;
    if first != NO_OPTIONS || is_fragment || number != ip_number::TCP.0 {
        return None;
    }
    let segment_len = u16::from_be_bytes([l0, l1]).checked_sub(IPV4 as u16)?;
    let ip = IpView::V4(Ipv4View::of(header));
    let (tcp_len, ends) = look_at_tcp::<AT, IPV4>(frame, packet, segment_len, ip)?;
    Some((CommonFrame { shape, tcp_len, segment_len }, ends))
}

/// Goes on with an IPv6 header `AT` bytes from the frame's start.
#[inline(always)]
fn look_at_ipv6<'a, const AT: u32>(
    frame: &Frame<'a>,
    shape: Shape,
) -> Option<(CommonFrame, Ends<'a>)> {
    let packet = frame.bytes.get(AT as usize..)?;
    let header: &[u8; IPV6 as usize] = packet.first_chunk()?;
    let [first, _, _, _, l0, l1, number, ..] = *header;
    if first >> 4 != 6 || number != ip_number::TCP.0 {
        return None;
    }
    let segment_len = u16::from_be_bytes([l0, l1]);
    let ip = IpView::V6(Ipv6View::of(header));
    let (tcp_len, ends) = look_at_tcp::<AT, IPV6>(frame, packet, segment_len, ip)?;
    Some((CommonFrame { shape, tcp_len, segment_len }, ends))
}

/// Length of a TCP header behind an IP header of `HEADER` bytes, and the segment, when the header
/// was captured whole and the frame has room for what the IP header declares.
#[inline(always)]
fn look_at_tcp<'a, const AT: u32, const HEADER: u32>(
    frame: &Frame<'_>,
    packet: &'a [u8],
    segment_len: u16,
    ip: IpView<'a>,
) -> Option<(u8, Ends<'a>)> {
    let segment_len = u32::from(segment_len);
    let packet_len = HEADER + segment_len;
    if packet_len > frame.wire_len - AT {
        return None;
    }
    let packet = packet.get(..packet_len as usize).unwrap_or(packet);
    let segment = packet.get(HEADER as usize..)?;
    let header: &[u8; TCP as usize] = segment.first_chunk()?;
    let len = (header[12] >> 4) * 4;
    let is_whole = u32::from(len) >= TCP && usize::from(len) <= segment.len();
    is_whole.then_some((len, Ends { ip, header, segment, segment_len }))
}

mod whole;

#[cfg(test)]
mod tests;
