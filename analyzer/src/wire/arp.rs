//! ARP (RFC 826).

use std::net::Ipv4Addr;

use super::decoder::{Step, Walk};
use super::span::Span;
use super::{Layer, Protocol};

/// Bytes in front of the addresses.
const FIXED: u32 = 8;

/// An ARP message of which the fixed part was captured.
#[derive(Debug, Clone, Copy)]
pub struct ArpView<'a> {
    fixed: &'a [u8; FIXED as usize],
    addresses: &'a [u8],
}

impl<'a> ArpView<'a> {
    /// From a layer; `None` when it is not ARP or its fixed part was cut.
    pub fn from_layer(layer: &Layer<'a>) -> Option<Self> {
        if layer.protocol != Protocol::Arp {
            return None;
        }
        let (fixed, addresses) = layer.bytes.split_first_chunk()?;
        Some(Self { fixed, addresses })
    }

    /// Wireshark: `arp.hw.type`; 1 is Ethernet.
    pub fn hardware_type(&self) -> u16 {
        u16::from_be_bytes([self.fixed[0], self.fixed[1]])
    }

    /// Wireshark: `arp.proto.type`; 0x0800 is IPv4.
    pub fn protocol_type(&self) -> u16 {
        u16::from_be_bytes([self.fixed[2], self.fixed[3]])
    }

    /// Bytes of a hardware address. Wireshark: `arp.hw.size`.
    pub fn hardware_size(&self) -> u8 {
        self.fixed[4]
    }

    /// Bytes of a protocol address. Wireshark: `arp.proto.size`.
    pub fn protocol_size(&self) -> u8 {
        self.fixed[5]
    }

    /// 1 request, 2 reply. Wireshark: `arp.opcode`.
    pub fn opcode(&self) -> u16 {
        u16::from_be_bytes([self.fixed[6], self.fixed[7]])
    }

    /// Wireshark: `arp.src.hw`.
    pub fn sender_hardware(&self) -> Option<&'a [u8]> {
        self.address(0, self.hardware_size())
    }

    /// Wireshark: `arp.src.proto`.
    pub fn sender_protocol(&self) -> Option<&'a [u8]> {
        self.address(usize::from(self.hardware_size()), self.protocol_size())
    }

    /// Wireshark: `arp.dst.hw`.
    pub fn target_hardware(&self) -> Option<&'a [u8]> {
        let at = usize::from(self.hardware_size()) + usize::from(self.protocol_size());
        self.address(at, self.hardware_size())
    }

    /// Wireshark: `arp.dst.proto`.
    pub fn target_protocol(&self) -> Option<&'a [u8]> {
        let at = 2 * usize::from(self.hardware_size()) + usize::from(self.protocol_size());
        self.address(at, self.protocol_size())
    }

    /// Sender's and target's IPv4 address, when the message is about those.
    pub fn ipv4(&self) -> Option<(Ipv4Addr, Ipv4Addr)> {
        if self.protocol_type() != 0x0800 {
            return None;
        }
        let sender: [u8; 4] = self.sender_protocol()?.try_into().ok()?;
        let target: [u8; 4] = self.target_protocol()?.try_into().ok()?;
        Some((sender.into(), target.into()))
    }

    fn address(&self, at: usize, size: u8) -> Option<&'a [u8]> {
        self.addresses.get(at..at + usize::from(size))
    }
}

/// Notes the ARP layer: the fixed part and the four addresses.
pub(super) fn decode<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let sizes = span.u8(4).unwrap_or(0).checked_add(span.u8(5).unwrap_or(0));
    let addresses = sizes.map_or(u32::from(u8::MAX), u32::from) * 2;
    walk.layer(Protocol::Arp, span, FIXED + addresses).and(None)
}
