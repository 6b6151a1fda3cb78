//! Are the checksums right? Asked on demand, never while decoding: a wrong checksum changes
//! nothing about how a frame is read (Wireshark's default too).
//!
//! A machine that captures its own traffic sees segments before its network card has filled
//! in their checksum. The field then holds the bare sum of the pseudo-header; that is
//! [`ChecksumVerdict::Offloaded`], not damage.

use std::net::IpAddr;

use etherparse::checksum::Sum16BitWords;
use etherparse::ip_number;

use super::{Decoded, Ipv4View, Layer, Protocol};

/// Where the checksum stands in a header.
const AT_IPV4: usize = 10;
const AT_TCP: usize = 16;
const AT_UDP: usize = 6;

/// What a checksum field is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChecksumVerdict {
    /// It is right.
    Good,
    /// It is wrong.
    Bad {
        /// What it should be.
        expected: u16,
    },
    /// It is the bare sum of the pseudo-header: left to the network card.
    Offloaded,
    /// UDP over IPv4 without a checksum: the field is zero (RFC 768).
    Absent,
    /// It can't be told.
    NotChecked(NotChecked),
}

/// Why a checksum can't be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotChecked {
    /// Not all bytes that it covers were captured.
    Cut,
    /// A fragment of a datagram that is not complete.
    Fragment,
    /// Part of a packet that an ICMP error quotes.
    Quoted,
    /// Not a layer with a checksum that is known here.
    NoChecksum,
}

/// The verdict on an IPv4 header. Wireshark: `ip.checksum.status`.
pub fn ipv4_header(layer: &Layer<'_>) -> ChecksumVerdict {
    let header = layer.header();
    if layer.protocol != Protocol::Ipv4 {
        return ChecksumVerdict::NotChecked(NotChecked::NoChecksum);
    }
    if header.len() < layer.header_len as usize || header.len() < 20 {
        return ChecksumVerdict::NotChecked(NotChecked::Cut);
    }
    judge(&Sum16BitWords::new(), header, AT_IPV4)
}

/// The verdict on the TCP or UDP layer at `index`. Wireshark: `tcp.checksum.status`,
/// `udp.checksum.status`.
pub fn transport(decoded: &Decoded<'_>, index: usize) -> ChecksumVerdict {
    let Some(layer) = decoded.layers.get(index) else {
        return ChecksumVerdict::NotChecked(NotChecked::NoChecksum);
    };
    let (number, at) = match layer.protocol {
        Protocol::Tcp => (ip_number::TCP.0, AT_TCP),
        Protocol::Udp => (ip_number::UDP.0, AT_UDP),
        _ => return ChecksumVerdict::NotChecked(NotChecked::NoChecksum),
    };
    if let Some(reason) = obstacle(decoded, index, layer) {
        return ChecksumVerdict::NotChecked(reason);
    }
    let Some((source, destination)) = decoded.addresses_above(index) else {
        return ChecksumVerdict::NotChecked(NotChecked::NoChecksum);
    };
    let destination = decoded.routed_destination(index).unwrap_or(destination);
    let pseudo_header = pseudo_header(source, destination, number, layer.wire_len);
    let field = field(layer.bytes, at);
    if layer.protocol == Protocol::Udp && field == Some(0) && source.is_ipv4() {
        return ChecksumVerdict::Absent;
    }
    let verdict = judge(&pseudo_header, layer.bytes, at);
    let bare_sum = !pseudo_header.ones_complement().to_be();
    match verdict {
        ChecksumVerdict::Bad { .. } if field == Some(bare_sum) => ChecksumVerdict::Offloaded,
        verdict => verdict,
    }
}

/// Why the layer's checksum can't be told, if so.
fn obstacle(decoded: &Decoded<'_>, index: usize, layer: &Layer<'_>) -> Option<NotChecked> {
    if layer.is_quoted {
        return Some(NotChecked::Quoted);
    }
    let above = decoded.layers.get(..index)?;
    let nearest = above.iter().rfind(|layer| layer.protocol.is_ip())?;
    // Fragments of one datagram share their header; a joined datagram has no offset.
    let is_joined = layer.offset.is_none() && nearest.offset.is_some();
    let is_fragment = Ipv4View::from_layer(nearest).is_some_and(|ip| ip.is_fragment())
        || above.iter().skip_while(|l| !std::ptr::eq(*l, nearest)).any(is_open_ipv6_fragment);
    if is_fragment && !is_joined {
        return Some(NotChecked::Fragment);
    }
    let is_cut = layer.bytes.len() < layer.wire_len as usize;
    let is_short_udp = layer.protocol == Protocol::Udp
        && field(layer.bytes, 4).is_some_and(|len| u32::from(len) > layer.wire_len);
    (is_cut || is_short_udp).then_some(NotChecked::Cut)
}

/// True for a fragment header that is not a whole datagram by itself.
fn is_open_ipv6_fragment(layer: &Layer<'_>) -> bool {
    layer.protocol == Protocol::Ipv6Fragment
        && field(layer.bytes, 2).is_some_and(|field| field & 0xfff9 != 0)
}

/// The sum of addresses, length and protocol (RFC 9293, section 3.1; RFC 8200, section 8.1).
fn pseudo_header(source: IpAddr, destination: IpAddr, number: u8, length: u32) -> Sum16BitWords {
    let mut start = Sum16BitWords::new().add_2bytes([0, number]);
    let mut sum = start.add_4bytes(length.to_be_bytes());
    for address in [source, destination] {
        sum = match address {
            IpAddr::V4(address) => sum.add_4bytes(address.octets()),
            IpAddr::V6(address) => sum.add_16bytes(address.octets()),
        };
    }
    sum
}

/// Sums the bytes and compares; the checksum stands at `at`.
fn judge(start: &Sum16BitWords, bytes: &[u8], at: usize) -> ChecksumVerdict {
    let (Some(before), Some(after)) = (bytes.get(..at), bytes.get(at + 2..)) else {
        return ChecksumVerdict::NotChecked(NotChecked::Cut);
    };
    if is_zero(start, bytes) {
        return ChecksumVerdict::Good;
    }
    let expected = start.clone().add_slice(before).add_slice(after).ones_complement().to_be();
    ChecksumVerdict::Bad { expected }
}

/// True when everything sums to what a right checksum gives. The sum is the same whatever the
/// size of the words (RFC 1071, section 2), and 2^32 words of four bytes fit in 64 bits, so
/// that no carry needs looking after on the way.
#[inline]
fn is_zero(start: &Sum16BitWords, bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<4>();
    let sum: u64 = words.iter().map(|word| u64::from(u32::from_ne_bytes(*word))).sum();
    let folded = (sum & 0xffff_ffff) + (sum >> 32);
    let folded = (folded & 0xffff_ffff) as u32 + (folded >> 32) as u32;
    start.clone().add_4bytes(folded.to_ne_bytes()).add_slice(rest).ones_complement() == 0
}

fn field(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|&field| u16::from_be_bytes(field))
}

#[cfg(test)]
mod tests {
    use etherparse::PacketBuilder;
    use proptest::prelude::*;

    use super::*;
    use crate::wire::tests::decode_with;

    proptest! {
        /// Sums of large words against sums of 16-bit words, right and wrong checksums.
        #[test]
        fn large_words_sum_to_the_same(
            mut bytes in prop::collection::vec(any::<u8>(), 2..300),
            start in any::<u32>(),
            is_right in any::<bool>(),
        ) {
            let start = Sum16BitWords::new().add_4bytes(start.to_ne_bytes());
            if is_right {
                bytes[..2].fill(0);
                let sum = start.clone().add_slice(&bytes).ones_complement();
                bytes[..2].copy_from_slice(&sum.to_ne_bytes());
            }
            let expected = start.clone().add_slice(&bytes).ones_complement() == 0;
            prop_assert!(!is_right || expected);
            prop_assert_eq!(is_zero(&start, &bytes), expected);
        }
    }

    /// A raw IPv4 packet with a TCP segment, checksums right.
    fn packet() -> Vec<u8> {
        let builder = PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64).tcp(1, 2, 3, 4);
        let mut bytes = Vec::new();
        builder.write(&mut bytes, b"odd").unwrap();
        bytes
    }

    fn tcp_verdict(bytes: &[u8], wire_len: usize) -> ChecksumVerdict {
        decode_with(228, bytes, wire_len, |decoded| transport(decoded, 1))
    }

    #[test]
    fn right_and_wrong_checksums_are_told_apart() {
        let mut bytes = packet();
        let right = field(&bytes, 20 + AT_TCP).unwrap();
        assert_eq!(tcp_verdict(&bytes, bytes.len()), ChecksumVerdict::Good);
        bytes[42] ^= 1;
        // The odd last byte is the upper half of a word.
        let expected = right - 0x100;
        assert_eq!(tcp_verdict(&bytes, bytes.len()), ChecksumVerdict::Bad { expected });
    }

    #[test]
    fn ipv4_headers_are_summed_with_their_options_only() {
        let mut bytes = packet();
        let verdict = |bytes: &[u8]| {
            decode_with(228, bytes, bytes.len(), |decoded| ipv4_header(&decoded.layers[0]))
        };
        assert_eq!(verdict(&bytes), ChecksumVerdict::Good);
        bytes[8] -= 1;
        assert!(matches!(verdict(&bytes), ChecksumVerdict::Bad { .. }));
    }

    /// The frame of a lab report whose capture showed 0x7932: 172.16.16.101 to 172.16.16.102,
    /// 64 bytes of TCP.
    #[test]
    fn the_bare_pseudo_header_sum_is_offload() {
        let mut bytes = packet();
        bytes[12..20].copy_from_slice(&[172, 16, 16, 101, 172, 16, 16, 102]);
        bytes.resize(84, 0);
        bytes[2..4].copy_from_slice(&84_u16.to_be_bytes());
        let sum: u32 = [0xac10, 0x1065, 0xac10, 0x1066, 6, 64].iter().sum();
        let folded = u16::try_from((sum & 0xffff) + (sum >> 16)).unwrap();
        assert_eq!(folded, 0x7932);
        bytes[36..38].copy_from_slice(&folded.to_be_bytes());
        assert_eq!(tcp_verdict(&bytes, 84), ChecksumVerdict::Offloaded);
    }

    #[test]
    fn cut_and_fragmented_segments_are_not_checked() {
        let mut bytes = packet();
        let cut = ChecksumVerdict::NotChecked(NotChecked::Cut);
        assert_eq!(tcp_verdict(&bytes[..41], bytes.len()), cut);
        bytes[6] = 0x20;
        let len = bytes.len();
        let verdict = tcp_verdict(&bytes[..41], len);
        assert_eq!(verdict, ChecksumVerdict::NotChecked(NotChecked::Fragment));
    }

    #[test]
    fn udp_may_go_without() {
        let builder = PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64).udp(1, 2);
        let mut bytes = Vec::new();
        builder.write(&mut bytes, b"even").unwrap();
        assert_eq!(tcp_verdict(&bytes, bytes.len()), ChecksumVerdict::Good);
        bytes[26..28].fill(0);
        assert_eq!(tcp_verdict(&bytes, bytes.len()), ChecksumVerdict::Absent);
    }
}
