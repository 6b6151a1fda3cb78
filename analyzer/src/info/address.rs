//! The Source and Destination columns: the innermost addresses that the frame carries.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::bytes::{ipv4_at, ipv6_at};
use super::text::{Hardware, Ipv6};
use crate::wire::{Decoded, Layer, Protocol};

/// An address as a column shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address<'a> {
    /// IPv4.
    V4(Ipv4Addr),
    /// IPv6.
    V6(Ipv6Addr),
    /// A link-layer address.
    Hardware(&'a [u8]),
    /// ARCNET's address of one byte.
    Arcnet(u8),
    /// The layer has none, or it was cut.
    None,
}

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(address) => address.fmt(f),
            Self::V6(address) => Ipv6(*address).fmt(f),
            Self::Hardware(bytes) => Hardware(bytes).fmt(f),
            Self::Arcnet(byte) => write!(f, "0x{byte:02x}"),
            Self::None => Ok(()),
        }
    }
}

/// Source and destination, each of the innermost layer that has one: Wireshark's
/// `_ws.col.Source` and `_ws.col.Destination` without name resolution.
pub fn column_addresses<'a>(decoded: &Decoded<'a>) -> (Address<'a>, Address<'a>) {
    let (mut source, mut destination) = (Address::None, Address::None);
    let carried = decoded.layers.iter().filter(|layer| !layer.is_quoted);
    for (layer_source, layer_destination) in carried.rev().filter_map(addresses_of) {
        if source == Address::None {
            source = layer_source;
        }
        if destination == Address::None {
            destination = layer_destination;
        }
    }
    (source, destination)
}

/// The two addresses of a layer; `None` when its protocol has none.
fn addresses_of<'a>(layer: &Layer<'a>) -> Option<(Address<'a>, Address<'a>)> {
    let bytes = layer.bytes;
    let hardware = |range| bytes.get(range).map_or(Address::None, Address::Hardware);
    match layer.protocol {
        Protocol::Ipv4 => {
            let v4 = |at| ipv4_at(bytes, at).map_or(Address::None, Address::V4);
            Some((v4(12), v4(16)))
        }
        Protocol::Ipv6 => {
            let v6 = |at| ipv6_at(bytes, at).map_or(Address::None, Address::V6);
            Some((v6(8), v6(24)))
        }
        Protocol::Ethernet => Some((hardware(6..12), hardware(0..6))),
        Protocol::LinuxCooked => Some((cooked_source(bytes), Address::None)),
        Protocol::Fddi => Some((hardware(7..13), hardware(1..7))),
        Protocol::TokenRing => Some((hardware(8..14), hardware(2..8))),
        Protocol::Arcnet => {
            let arcnet = |at: usize| bytes.get(at).map_or(Address::None, |b| Address::Arcnet(*b));
            Some((arcnet(0), arcnet(1)))
        }
        _ => None,
    }
}

/// The sender's address in a cooked header of version 1; version 2 has it elsewhere, but its
/// first two bytes are an EtherType, never a packet type of at most 4.
fn cooked_source(bytes: &[u8]) -> Address<'_> {
    let (len_at, address_at) = match bytes {
        [0, 0..=4, ..] => (5, 6),
        _ => (11, 12),
    };
    let len = bytes.get(len_at).map_or(0, |len| usize::from(*len).min(8));
    let address = bytes.get(address_at..address_at + len).filter(|address| !address.is_empty());
    address.map_or(Address::None, Address::Hardware)
}
