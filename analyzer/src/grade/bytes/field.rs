//! Which field of a frame a byte belongs to, by the names that display filters use.

use std::ops::Range;

use crate::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use crate::time::Timestamp;
use crate::wire::tcp_options::{TcpOption, TcpOptions};
use crate::wire::{Decoder, Layer, Protocol};

/// A field's first byte, the one after its last, and its name.
type Field = (usize, usize, &'static str);

const ETHERNET: [Field; 3] = [(0, 6, "eth.dst"), (6, 12, "eth.src"), (12, 14, "eth.type")];
const VLAN: [Field; 2] = [(0, 2, "vlan.id"), (2, 4, "vlan.etype")];
const ARP: [Field; 9] = [
    (0, 2, "arp.hw.type"),
    (2, 4, "arp.proto.type"),
    (4, 5, "arp.hw.size"),
    (5, 6, "arp.proto.size"),
    (6, 8, "arp.opcode"),
    (8, 14, "arp.src.hw_mac"),
    (14, 18, "arp.src.proto_ipv4"),
    (18, 24, "arp.dst.hw_mac"),
    (24, 28, "arp.dst.proto_ipv4"),
];
const IPV4: [Field; 11] = [
    (0, 1, "ip.version"),
    (1, 2, "ip.dsfield"),
    (2, 4, "ip.len"),
    (4, 6, "ip.id"),
    (6, 8, "ip.flags"),
    (8, 9, "ip.ttl"),
    (9, 10, "ip.proto"),
    (10, 12, "ip.checksum"),
    (12, 16, "ip.src"),
    (16, 20, "ip.dst"),
    (20, 60, "ip.options"),
];
const IPV6: [Field; 6] = [
    (0, 4, "ipv6.flow"),
    (4, 6, "ipv6.plen"),
    (6, 7, "ipv6.nxt"),
    (7, 8, "ipv6.hlim"),
    (8, 24, "ipv6.src"),
    (24, 40, "ipv6.dst"),
];
const TCP: [Field; 9] = [
    (0, 2, "tcp.srcport"),
    (2, 4, "tcp.dstport"),
    (4, 8, "tcp.seq_raw"),
    (8, 12, "tcp.ack_raw"),
    (12, 13, "tcp.hdr_len"),
    (13, 14, "tcp.flags"),
    (14, 16, "tcp.window_size_value"),
    (16, 18, "tcp.checksum"),
    (18, 20, "tcp.urgent_pointer"),
];
const UDP: [Field; 4] =
    [(0, 2, "udp.srcport"), (2, 4, "udp.dstport"), (4, 6, "udp.length"), (6, 8, "udp.checksum")];

/// Names the fields of one frame.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    named: Vec<(Range<usize>, &'static str)>,
}

impl Fields {
    /// Decodes a frame. Options of TCP are named as such, but for the timestamps, which have
    /// names of their own.
    #[must_use]
    pub fn of(bytes: &[u8], link_type: LinkType) -> Self {
        let frame = Frame {
            number: FrameNumber(1),
            timestamp: Timestamp::from_nanos(0),
            wire_len: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            link_type,
            interface: InterfaceId(0),
            bytes,
        };
        let mut fields = Self::default();
        let mut decoder = Decoder::new();
        for layer in decoder.decode(&frame).layers.iter().filter(|layer| !layer.is_quoted) {
            fields.add(layer);
        }
        fields
    }

    fn add(&mut self, layer: &Layer<'_>) {
        let Some(start) = layer.offset().and_then(|start| usize::try_from(start).ok()) else {
            return;
        };
        let (header, table, payload): (_, &[Field], _) = match layer.protocol {
            Protocol::Ethernet => ("eth", &ETHERNET, ""),
            Protocol::Vlan => ("vlan", &VLAN, ""),
            Protocol::Arp => ("arp", &ARP, ""),
            Protocol::Ipv4 => ("ip", &IPV4, ""),
            Protocol::Ipv6 => ("ipv6", &IPV6, ""),
            Protocol::Tcp => ("tcp.options", &TCP, "tcp.payload"),
            Protocol::Udp => ("udp", &UDP, "udp.payload"),
            other => (other.name(), &[], other.name()),
        };
        let end = start + layer.header_len as usize;
        // What is named later is inside what is named before, and is found first.
        if !payload.is_empty() {
            self.named.push((end..start + layer.bytes.len(), payload));
        }
        self.named.push((start..end, header));
        let inside = table.iter().filter(|field| start + field.0 < end);
        self.named
            .extend(inside.map(|(from, to, name)| (start + from..(start + to).min(end), *name)));
        if layer.protocol == Protocol::Tcp {
            self.timestamps(layer.header(), start);
        }
    }

    fn timestamps(&mut self, header: &[u8], start: usize) {
        let mut at = start + 20;
        for option in TcpOptions::new(header.get(20..).unwrap_or_default()) {
            if matches!(option.meaning(), TcpOption::Timestamps(..)) {
                self.named.push((at + 2..at + 6, "tcp.options.timestamp.tsval"));
                self.named.push((at + 6..at + 10, "tcp.options.timestamp.tsecr"));
            }
            at += option.wire_len();
        }
    }

    /// The name of the field that a byte belongs to; `frame` where no layer has it.
    #[must_use]
    pub fn at(&self, offset: usize) -> &'static str {
        let mut inner = self.named.iter().rev();
        inner.find(|(range, _)| range.contains(&offset)).map_or("frame", |(_, name)| *name)
    }

    /// Where a field is, the outermost when there are several.
    #[must_use]
    pub fn range(&self, name: &str) -> Option<Range<usize>> {
        self.named.iter().find(|(_, other)| *other == name).map(|(range, _)| range.clone())
    }
}
