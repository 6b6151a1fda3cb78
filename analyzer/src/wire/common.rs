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
use super::{Layer, Layers, Protocol};
use crate::frame::Frame;

const LINK_ETHERNET: u16 = 1;
const ETHERNET: u32 = 14;
const TAG: u32 = 4;
const TAGGED: u32 = ETHERNET + TAG;
const IPV4: u32 = 20;
const IPV6: u32 = 40;
const TCP: u32 = 20;

/// Writes the layers of a common frame; `None`, with no layers, for any other.
#[inline]
pub(super) fn decode<'a>(frame: &Frame<'a>, layers: &mut Layers<'a>) -> Option<()> {
    let (bytes, wire_len) = (frame.bytes, frame.wire_len);
    let is_claim_sound = bytes.len() <= wire_len as usize && wire_len <= MAX_WIRE_LEN;
    if frame.link_type.0 != LINK_ETHERNET || !is_claim_sound {
        return None;
    }
    let link: &[u8; ETHERNET as usize + TAG as usize] = bytes.first_chunk()?;
    let [.., e0, e1, _, _, t0, t1] = *link;
    let (untagged, tagged) = (EtherType(u16::from_be_bytes([e0, e1])), [t0, t1]);
    match untagged {
        EtherType::IPV4 => decode_ipv4::<ETHERNET>(frame, layers),
        EtherType::IPV6 => decode_ipv6::<ETHERNET>(frame, layers),
        EtherType::VLAN_TAGGED_FRAME => match EtherType(u16::from_be_bytes(tagged)) {
            EtherType::IPV4 => decode_ipv4::<TAGGED>(frame, layers),
            EtherType::IPV6 => decode_ipv6::<TAGGED>(frame, layers),
            _ => None,
        },
        _ => None,
    }
}

/// Goes on with an IPv4 header `AT` bytes from the frame's start.
#[inline(always)]
fn decode_ipv4<'a, const AT: u32>(frame: &Frame<'a>, layers: &mut Layers<'a>) -> Option<()> {
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
    let len = u32::from(u16::from_be_bytes([l0, l1]));
    let ip = Layer::new(Protocol::Ipv4, packet, IPV4, len, AT);
    decode_tcp::<AT, IPV4>(frame, ip, layers)
}

/// Goes on with an IPv6 header `AT` bytes from the frame's start.
#[inline(always)]
fn decode_ipv6<'a, const AT: u32>(frame: &Frame<'a>, layers: &mut Layers<'a>) -> Option<()> {
    let packet = frame.bytes.get(AT as usize..)?;
    let header: &[u8; IPV6 as usize] = packet.first_chunk()?;
    let [first, _, _, _, l0, l1, number, ..] = *header;
    if first >> 4 != 6 || number != ip_number::TCP.0 {
        return None;
    }
    let len = IPV6 + u32::from(u16::from_be_bytes([l0, l1]));
    let ip = Layer::new(Protocol::Ipv6, packet, IPV6, len, AT);
    decode_tcp::<AT, IPV6>(frame, ip, layers)
}

/// Goes on behind an IP header of `HEADER` bytes whose layer still has all bytes after it, and
/// writes the layers.
#[inline(always)]
fn decode_tcp<'a, const AT: u32, const HEADER: u32>(
    frame: &Frame<'a>,
    ip: Layer<'a>,
    layers: &mut Layers<'a>,
) -> Option<()> {
    let (bytes, wire_len) = (frame.bytes, frame.wire_len);
    if ip.wire_len > wire_len - AT {
        return None;
    }
    let packet = ip.bytes.get(..ip.wire_len as usize).unwrap_or(ip.bytes);
    let segment = packet.get(HEADER as usize..)?;
    let tcp_len = read_header_len(segment)?;
    layers.clear();
    let by_ether_type = true;
    layers.push(Layer::new(Protocol::Ethernet, bytes, ETHERNET, wire_len, 0)).ok()?;
    if AT == TAGGED {
        let tagged = bytes.get(ETHERNET as usize..)?;
        let tag = Layer::new(Protocol::Vlan, tagged, TAG, wire_len - ETHERNET, ETHERNET);
        layers.push(Layer { by_ether_type, ..tag }).ok()?;
    }
    layers.push(Layer { bytes: packet, by_ether_type, ..ip }).ok()?;
    let rest = ip.wire_len - HEADER;
    layers.push(Layer::new(Protocol::Tcp, segment, tcp_len, rest, AT + HEADER)).ok()
}

/// Length of a TCP header that was captured whole.
#[inline]
fn read_header_len(segment: &[u8]) -> Option<u32> {
    let header: &[u8; TCP as usize] = segment.first_chunk()?;
    let len = u32::from(header[12] >> 4) * 4;
    (len >= TCP && len as usize <= segment.len()).then_some(len)
}

#[cfg(test)]
mod tests;
