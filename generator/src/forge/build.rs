//! From a row to the bytes of a frame.

use std::net::IpAddr;

use etherparse::{
    ArpHardwareId, ArpOperation, ArpPacket, EtherType, Ethernet2Header, IpNumber, Ipv4Header,
    Ipv6Header, SingleVlanHeader, TcpHeader, UdpHeader, VlanId,
};

use super::options;
use super::row::{Checksum, Row};

/// A machine of the recipe.
#[derive(Debug, Clone, Copy)]
pub(super) struct Host {
    pub mac: [u8; 6],
    pub address: IpAddr,
}

/// One side of a connection or datagram.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side {
    pub host: Host,
    pub port: u16,
}

/// What surrounds every frame of a stretch of the recipe.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Surroundings {
    /// False for raw IP captures.
    pub has_ethernet: bool,
    /// VLAN tag, when there is one.
    pub vlan: Option<u16>,
    /// Checksum of rows that do not name one.
    pub checksum: Checksum,
}

/// Raw numbers of a segment, resolved by its connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawNumbers {
    pub seq: u32,
    pub ack: u32,
    pub window: u16,
    pub identification: u16,
}

/// A TCP segment as a frame.
pub(super) fn segment(
    row: &Row,
    raw: RawNumbers,
    from: Side,
    to: Side,
    around: Surroundings,
) -> Result<Vec<u8>, String> {
    let mut tcp = TcpHeader::new(from.port, to.port, raw.seq, raw.window);
    tcp.acknowledgment_number = raw.ack;
    tcp.urgent_pointer = row.urgent;
    set_flags(&mut tcp, row.flags);
    tcp.set_options_raw(&options::encode(&row.options))
        .map_err(|_| "the options take more than 40 bytes".to_string())?;
    let len = tcp.header_len() + row.payload.len();
    let ip = IpHeader::new(from.host, to.host, IpNumber::TCP, len, row, raw.identification)?;
    tcp.checksum = ip.checksum(&tcp, row, around.checksum)?;

    let mut bytes = link_header(from.host, to.host, ip.ether_type(), around)?;
    ip.write(&mut bytes)?;
    tcp.write(&mut bytes).map_err(|error| error.to_string())?;
    bytes.extend_from_slice(&row.payload);
    pad(&mut bytes, row.padded_to);
    Ok(bytes)
}

/// A UDP datagram as a frame.
pub(super) fn datagram(
    payload: &[u8],
    identification: u16,
    from: Side,
    to: Side,
    around: Surroundings,
) -> Result<Vec<u8>, String> {
    let len = UdpHeader::LEN + payload.len();
    let row = Row::default();
    let ip = IpHeader::new(from.host, to.host, IpNumber::UDP, len, &row, identification)?;
    let udp = match &ip {
        IpHeader::V4(ip) => UdpHeader::with_ipv4_checksum(from.port, to.port, ip, payload),
        IpHeader::V6(ip) => UdpHeader::with_ipv6_checksum(from.port, to.port, ip, payload),
    }
    .map_err(|error| error.to_string())?;
    let mut bytes = link_header(from.host, to.host, ip.ether_type(), around)?;
    ip.write(&mut bytes)?;
    bytes.extend(udp.to_bytes());
    bytes.extend_from_slice(payload);
    Ok(bytes)
}

/// An ARP request (to everybody) or reply as a frame.
pub(super) fn arp(
    operation: ArpOperation,
    from: Host,
    to: Host,
    around: Surroundings,
) -> Result<Vec<u8>, String> {
    let (IpAddr::V4(source), IpAddr::V4(target)) = (from.address, to.address) else {
        return Err("ARP needs IPv4 hosts".into());
    };
    let is_request = operation == ArpOperation::REQUEST;
    let target_mac = if is_request { [0; 6] } else { to.mac };
    let packet = ArpPacket::new(
        ArpHardwareId::ETHERNET,
        EtherType::IPV4,
        operation,
        &from.mac,
        &source.octets(),
        &target_mac,
        &target.octets(),
    )
    .map_err(|error| error.to_string())?;
    let receiver = if is_request { Host { mac: [0xff; 6], ..to } } else { to };
    let mut bytes = link_header(from, receiver, EtherType::ARP, around)?;
    packet.write(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

fn set_flags(tcp: &mut TcpHeader, bits: u16) {
    tcp.fin = bits & 0x001 != 0;
    tcp.syn = bits & 0x002 != 0;
    tcp.rst = bits & 0x004 != 0;
    tcp.psh = bits & 0x008 != 0;
    tcp.ack = bits & 0x010 != 0;
    tcp.urg = bits & 0x020 != 0;
    tcp.ece = bits & 0x040 != 0;
    tcp.cwr = bits & 0x080 != 0;
    tcp.ns = bits & 0x100 != 0;
}

fn link_header(
    from: Host,
    to: Host,
    ether_type: EtherType,
    around: Surroundings,
) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(128);
    if !around.has_ethernet {
        return Ok(bytes);
    }
    let outer = if around.vlan.is_some() { EtherType::VLAN_TAGGED_FRAME } else { ether_type };
    let ethernet = Ethernet2Header { source: from.mac, destination: to.mac, ether_type: outer };
    ethernet.write(&mut bytes).map_err(|error| error.to_string())?;
    if let Some(id) = around.vlan {
        let vlan_id = VlanId::try_new(id).map_err(|error| error.to_string())?;
        let tag = SingleVlanHeader { vlan_id, ether_type, ..SingleVlanHeader::default() };
        tag.write(&mut bytes).map_err(|error| error.to_string())?;
    }
    Ok(bytes)
}

fn pad(bytes: &mut Vec<u8>, to: Option<usize>) {
    /// The longest frame that a capture file may hold by most readers' limits.
    const MAX_FRAME: usize = 262_144;
    if let Some(len) = to {
        bytes.resize(bytes.len().max(len.min(MAX_FRAME)), 0);
    }
}

/// The network header in either version.
enum IpHeader {
    V4(Ipv4Header),
    V6(Ipv6Header),
}

impl IpHeader {
    fn new(
        from: Host,
        to: Host,
        protocol: IpNumber,
        len: usize,
        row: &Row,
        identification: u16,
    ) -> Result<Self, String> {
        let len = u16::try_from(len).map_err(|_| "the packet is longer than 65535 bytes")?;
        let ttl = row.ttl.unwrap_or(64);
        match (from.address, to.address) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => {
                let (source, destination) = (source.octets(), destination.octets());
                let mut ip = Ipv4Header::new(len, ttl, protocol, source, destination)
                    .map_err(|error| error.to_string())?;
                ip.identification = identification;
                ip.header_checksum = ip.calc_header_checksum();
                Ok(Self::V4(ip))
            }
            (IpAddr::V6(source), IpAddr::V6(destination)) => Ok(Self::V6(Ipv6Header {
                payload_length: len,
                next_header: protocol,
                hop_limit: ttl,
                source: source.octets(),
                destination: destination.octets(),
                ..Ipv6Header::default()
            })),
            _ => Err("one host has an IPv4 address and the other an IPv6 address".into()),
        }
    }

    fn ether_type(&self) -> EtherType {
        match self {
            Self::V4(_) => EtherType::IPV4,
            Self::V6(_) => EtherType::IPV6,
        }
    }

    fn write(&self, bytes: &mut Vec<u8>) -> Result<(), String> {
        match self {
            Self::V4(ip) => ip.write(bytes),
            Self::V6(ip) => ip.write(bytes),
        }
        .map_err(|error| error.to_string())
    }

    /// The value of the TCP checksum field that the row asks for.
    fn checksum(&self, tcp: &TcpHeader, row: &Row, default: Checksum) -> Result<u16, String> {
        let right = match self {
            Self::V4(ip) => tcp.calc_checksum_ipv4(ip, &row.payload),
            Self::V6(ip) => tcp.calc_checksum_ipv6(ip, &row.payload),
        }
        .map_err(|error| error.to_string())?;
        Ok(match row.checksum.unwrap_or(default) {
            Checksum::Good => right,
            Checksum::Bad => right ^ 1,
            Checksum::Exact(value) => value,
            Checksum::Offload => self.pseudo_header_sum(tcp.header_len() + row.payload.len()),
        })
    }

    /// The folded sum of the pseudo-header, not complemented (RFC 9293, section 3.1): what
    /// stands in the field before the network card finishes it.
    fn pseudo_header_sum(&self, tcp_len: usize) -> u16 {
        let mut words: Vec<u16> = Vec::new();
        let mut add = |bytes: &[u8]| {
            words.extend(bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)));
        };
        match self {
            Self::V4(ip) => {
                add(&ip.source);
                add(&ip.destination);
            }
            Self::V6(ip) => {
                add(&ip.source);
                add(&ip.destination);
            }
        }
        let mut sum: u64 = words.iter().map(|&word| u64::from(word)).sum();
        sum += u64::from(IpNumber::TCP.0) + tcp_len as u64;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        sum as u16
    }
}
