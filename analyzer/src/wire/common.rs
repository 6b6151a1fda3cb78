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
const IPV4: u32 = 20;
const IPV6: u32 = 40;
const TCP: u32 = 20;

/// The IP header of a common frame.
struct Network {
    protocol: Protocol,
    header_len: u32,
    /// Of header and payload, as the header says.
    wire_len: u32,
}

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
    let mut ether_type = EtherType(u16::from_be_bytes([e0, e1]));
    let is_tagged = ether_type == EtherType::VLAN_TAGGED_FRAME;
    let mut at = ETHERNET;
    if is_tagged {
        ether_type = EtherType(u16::from_be_bytes([t0, t1]));
        at += TAG;
    }
    let packet = bytes.get(at as usize..)?;
    let network = read_network(ether_type, packet)?;
    if network.wire_len > wire_len - at {
        return None;
    }
    let packet = packet.get(..network.wire_len as usize).unwrap_or(packet);
    let segment = packet.get(network.header_len as usize..)?;
    let tcp_len = read_header_len(segment)?;

    layers.clear();
    let by_ether_type = true;
    let mut add = |layer| layers.push(layer).ok();
    add(Layer::new(Protocol::Ethernet, bytes, ETHERNET, wire_len, 0))?;
    if is_tagged {
        let tagged = bytes.get(ETHERNET as usize..)?;
        let tag = Layer::new(Protocol::Vlan, tagged, TAG, wire_len - ETHERNET, ETHERNET);
        add(Layer { by_ether_type, ..tag })?;
    }
    let ip = Layer::new(network.protocol, packet, network.header_len, network.wire_len, at);
    add(Layer { by_ether_type, ..ip })?;
    let (rest, at) = (network.wire_len - network.header_len, at + network.header_len);
    add(Layer::new(Protocol::Tcp, segment, tcp_len, rest, at))
}

/// An IP header that is followed by a whole TCP segment, or the first part of one.
#[inline]
fn read_network(ether_type: EtherType, packet: &[u8]) -> Option<Network> {
    const NO_OPTIONS: u8 = 0x45;
    /// All of flags and fragment offset but "don't fragment" and the reserved bit.
    const FRAGMENT: u16 = 0x3fff;
    const TCP: u8 = ip_number::TCP.0;
    match ether_type {
        EtherType::IPV4 => {
            let header: &[u8; IPV4 as usize] = packet.first_chunk()?;
            let [first, _, l0, l1, _, _, f0, f1, _, number, ..] = *header;
            let is_fragment = u16::from_be_bytes([f0, f1]) & FRAGMENT != 0;
            let wire_len = u32::from(u16::from_be_bytes([l0, l1]));
            (first == NO_OPTIONS && !is_fragment && number == TCP && wire_len >= IPV4)
                .then_some(Network { protocol: Protocol::Ipv4, header_len: IPV4, wire_len })
        }
        EtherType::IPV6 => {
            let header: &[u8; IPV6 as usize] = packet.first_chunk()?;
            let [first, _, _, _, l0, l1, number, ..] = *header;
            let wire_len = IPV6 + u32::from(u16::from_be_bytes([l0, l1]));
            (first >> 4 == 6 && number == TCP && wire_len > IPV6).then_some(Network {
                protocol: Protocol::Ipv6,
                header_len: IPV6,
                wire_len,
            })
        }
        _ => None,
    }
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
