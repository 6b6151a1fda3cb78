//! Ethernet II and IEEE 802.3, and the tags between their addresses and the payload.

use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;
use crate::wire::{Layer, Protocol};

/// Addresses and EtherType.
const HEADER: u32 = 14;
/// The largest value of the type field that is a length (IEEE 802.3).
const MAX_LENGTH: u16 = 1500;
/// The smallest that is an EtherType; what is between is neither.
const MIN_ETHER_TYPE: u16 = 1536;

/// Cisco FabricPath's EtherType: a forwarding tag, then a whole Ethernet frame.
const FABRIC_PATH: u16 = 0x8903;

/// An Ethernet header; no getter fails.
#[derive(Debug, Clone, Copy)]
pub struct EthernetView<'a>(&'a [u8; HEADER as usize]);

impl<'a> EthernetView<'a> {
    /// From a layer; `None` when it is not Ethernet or its header was cut.
    pub fn from_layer(layer: &Layer<'a>) -> Option<Self> {
        if layer.protocol == Protocol::Ethernet {
            layer.bytes.first_chunk().map(Self)
        } else {
            None
        }
    }

    /// Wireshark: `eth.dst`.
    pub fn destination(&self) -> [u8; 6] {
        let [address @ .., _, _, _, _, _, _, _, _] = *self.0;
        address
    }

    /// Wireshark: `eth.src`.
    pub fn source(&self) -> [u8; 6] {
        let [_, _, _, _, _, _, address @ .., _, _] = *self.0;
        address
    }

    /// EtherType, or the length of an 802.3 frame when at most 1500. Wireshark: `eth.type`,
    /// `eth.len`.
    pub fn type_or_length(&self) -> u16 {
        u16::from_be_bytes([self.0[12], self.0[13]])
    }
}

/// A VLAN tag's control information (IEEE 802.1Q); no getter fails.
#[derive(Debug, Clone, Copy)]
pub struct VlanView<'a>(&'a [u8; 4]);

impl<'a> VlanView<'a> {
    /// From a layer; `None` when it is no VLAN tag or was cut.
    pub fn from_layer(layer: &Layer<'a>) -> Option<Self> {
        let is_tag = matches!(layer.protocol, Protocol::Vlan | Protocol::ServiceVlan);
        if is_tag { layer.bytes.first_chunk().map(Self) } else { None }
    }

    /// Wireshark: `vlan.id`.
    pub fn id(&self) -> u16 {
        u16::from_be_bytes([self.0[0], self.0[1]]) & 0x0fff
    }

    /// Wireshark: `vlan.priority`.
    pub fn priority(&self) -> u8 {
        self.0[0] >> 5
    }

    /// Wireshark: `vlan.dei`.
    pub fn is_drop_eligible(&self) -> bool {
        self.0[0] & 0x10 != 0
    }

    /// EtherType of what follows. Wireshark: `vlan.etype`.
    pub fn ether_type(&self) -> u16 {
        u16::from_be_bytes([self.0[2], self.0[3]])
    }
}

/// Decodes an Ethernet frame.
#[inline]
pub(in crate::wire) fn decode<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let Some(kind) = span.u16(12) else {
        return walk.layer(Protocol::Ethernet, span, HEADER).and(None);
    };
    let payload = walk.layer(Protocol::Ethernet, span, HEADER)?;
    if kind == FABRIC_PATH {
        let inner = walk.layer(Protocol::FabricPath, payload, 2)?;
        // The frame check sequence is part of what is encapsulated.
        return Some((Next::Ethernet, inner.limit(inner.wire_len.saturating_sub(4))));
    }
    after_type(payload, kind)
}

/// Decodes a VLAN tag of either kind.
pub(in crate::wire) fn decode_vlan<'a>(
    walk: &mut Walk<'_, 'a>,
    protocol: Protocol,
    span: Span<'a>,
) -> Step<'a> {
    let payload = walk.layer(protocol, span, 4)?;
    after_type(payload, span.u16(2)?)
}

/// What follows a field that is an EtherType or a length.
#[inline]
pub(in crate::wire) fn after_type(payload: Span<'_>, kind: u16) -> Step<'_> {
    if payload.wire_len == 0 {
        return None;
    }
    match kind {
        MIN_ETHER_TYPE.. => Some((Next::EtherType(kind), payload)),
        0..=MAX_LENGTH => {
            let payload = payload.limit(u32::from(kind));
            // Novell's raw 802.3 has IPX's checksum 0xffff where LLC would start.
            (payload.u16(0) != Some(0xffff) && kind > 0).then_some((Next::Llc, payload))
        }
        _ => None,
    }
}
