//! Are the checksums right? Asked on demand, never while decoding: a wrong checksum changes
//! nothing about how a frame is read (Wireshark's default too).
//!
//! A machine that captures its own traffic sees segments before its network card has filled
//! in their checksum. The field then holds the bare sum of the pseudo-header; that is
//! [`ChecksumVerdict::Offloaded`], not damage.

use std::net::IpAddr;

use etherparse::ip_number;

use super::internet_sum::InternetSum;
use super::{Decoded, Ends, IpView, Layer, Protocol};

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
    match InternetSum::default().add_bytes(header).is_right() {
        true => ChecksumVerdict::Good,
        false => expected(InternetSum::default(), header, AT_IPV4),
    }
}

/// The verdict on the TCP or UDP layer at `index`. Wireshark: `tcp.checksum.status`,
/// `udp.checksum.status`.
#[inline]
pub fn transport(decoded: &Decoded<'_>, index: usize) -> ChecksumVerdict {
    if is_plainly_right(decoded, index) { ChecksumVerdict::Good } else { judge(decoded, index) }
}

/// True for nearly every segment: whole, right behind an IP header that is no fragment, and with
/// a right checksum. Nothing else could be said about such a layer; all others are [`judge`]d.
#[inline(always)]
fn is_plainly_right(decoded: &Decoded<'_>, index: usize) -> bool {
    let layers: &[Layer<'_>] = &decoded.layers;
    let pair = layers.get(index.wrapping_sub(1)..).and_then(<[_]>::first_chunk);
    let Some([ip, tcp]) = pair else { return false };
    let is_whole = tcp.bytes.len() == tcp.wire_len as usize && tcp.bytes.len() >= AT_TCP + 2;
    if tcp.protocol != Protocol::Tcp || tcp.is_quoted || !is_whole {
        return false;
    }
    let start = match IpView::from_layer(ip) {
        Some(IpView::V4(ip)) if !ip.is_fragment() => {
            InternetSum::default().add_block(ip.address_bytes())
        }
        Some(IpView::V6(ip)) => InternetSum::default().add_block(ip.address_bytes()),
        _ => return false,
    };
    let start = add_length(start, ip_number::TCP.0, tcp.wire_len);
    start.add_bytes(tcp.bytes).is_right()
}

/// True when the TCP segment of a common frame was captured whole and its checksum is right. All
/// else, [`transport`] knows.
#[inline(always)]
pub fn is_segment_right(ends: &Ends<'_>) -> bool {
    let start = match ends.ip {
        IpView::V4(ip) => InternetSum::default().add_block(ip.address_bytes()),
        IpView::V6(ip) => InternetSum::default().add_block(ip.address_bytes()),
    };
    ends.segment.len() == ends.segment_len as usize
        && add_length(start, ip_number::TCP.0, ends.segment_len).add_bytes(ends.segment).is_right()
}

/// The verdict on a TCP or UDP layer, by all rules.
#[cold]
fn judge(decoded: &Decoded<'_>, index: usize) -> ChecksumVerdict {
    let Some(layer) = decoded.layers.get(index) else {
        return ChecksumVerdict::NotChecked(NotChecked::NoChecksum);
    };
    let (number, at) = match layer.protocol {
        Protocol::Tcp => (ip_number::TCP.0, AT_TCP),
        Protocol::Udp => (ip_number::UDP.0, AT_UDP),
        _ => return ChecksumVerdict::NotChecked(NotChecked::NoChecksum),
    };
    if layer.is_quoted {
        return ChecksumVerdict::NotChecked(NotChecked::Quoted);
    }
    let Some((ip, between)) = decoded.layers.ip_above(index) else {
        return ChecksumVerdict::NotChecked(NotChecked::NoChecksum);
    };
    let view = IpView::from_layer(ip);
    if is_open_fragment(view, between) && !is_joined(layer, ip) {
        return ChecksumVerdict::NotChecked(NotChecked::Fragment);
    }
    if layer.bytes.len() < layer.wire_len as usize || layer.bytes.len() < at + 2 {
        return ChecksumVerdict::NotChecked(NotChecked::Cut);
    }
    let Some(view) = view else {
        return ChecksumVerdict::NotChecked(NotChecked::NoChecksum);
    };
    if layer.protocol == Protocol::Udp
        && let Some(verdict) = without_sum(layer, view)
    {
        return verdict;
    }
    let destination = if between.is_empty() { None } else { decoded.routed_destination(index) };
    let pseudo_header = pseudo_header(view, destination, number, layer.wire_len);
    if pseudo_header.add_bytes(layer.bytes).is_right() {
        return ChecksumVerdict::Good;
    }
    match expected(pseudo_header, layer.bytes, at) {
        ChecksumVerdict::Bad { .. } if field(layer.bytes, at) == Some(pseudo_header.fold()) => {
            ChecksumVerdict::Offloaded
        }
        verdict => verdict,
    }
}

/// The verdict on a UDP datagram that needs no sum.
fn without_sum(layer: &Layer<'_>, ip: IpView<'_>) -> Option<ChecksumVerdict> {
    if field(layer.bytes, 4).is_some_and(|len| u32::from(len) > layer.wire_len) {
        return Some(ChecksumVerdict::NotChecked(NotChecked::Cut));
    }
    let is_absent = matches!(ip, IpView::V4(_)) && field(layer.bytes, AT_UDP) == Some(0);
    is_absent.then_some(ChecksumVerdict::Absent)
}

/// True when the IP header, or an extension header after it, says that what follows is but a
/// part of a datagram.
#[inline]
fn is_open_fragment(ip: Option<IpView<'_>>, between: &[Layer<'_>]) -> bool {
    let is_fragment = matches!(ip, Some(IpView::V4(ip)) if ip.is_fragment());
    is_fragment || between.iter().any(is_open_ipv6_fragment)
}

/// Fragments of one datagram share their header; a joined datagram has no offset.
fn is_joined(layer: &Layer<'_>, ip: &Layer<'_>) -> bool {
    layer.offset().is_none() && ip.offset().is_some()
}

/// True for a fragment header that is not a whole datagram by itself.
fn is_open_ipv6_fragment(layer: &Layer<'_>) -> bool {
    layer.protocol == Protocol::Ipv6Fragment
        && field(layer.bytes, 2).is_some_and(|field| field & 0xfff9 != 0)
}

/// The sum of addresses, length and protocol (RFC 9293, section 3.1; RFC 8200, section 8.1).
#[inline]
fn pseudo_header(
    ip: IpView<'_>,
    destination: Option<IpAddr>,
    number: u8,
    length: u32,
) -> InternetSum {
    let sum = add_length(InternetSum::default(), number, length);
    match (ip, destination) {
        (IpView::V4(ip), None) => sum.add_block(ip.address_bytes()),
        (IpView::V6(ip), None) => sum.add_block(ip.address_bytes()),
        (ip, Some(destination)) => {
            let (source, _) = ip.addresses();
            [source, destination].into_iter().fold(sum, |sum, address| match address {
                IpAddr::V4(address) => sum.add_bytes(&address.octets()),
                IpAddr::V6(address) => sum.add_bytes(&address.octets()),
            })
        }
    }
}

/// What the pseudo-header says besides the addresses.
#[inline]
fn add_length(sum: InternetSum, number: u8, length: u32) -> InternetSum {
    sum.add_word(u64::from(length.swap_bytes()) + (u64::from(number) << 8))
}

/// What the checksum at `at` should be.
#[cold]
fn expected(start: InternetSum, bytes: &[u8], at: usize) -> ChecksumVerdict {
    let (Some(before), Some(after)) = (bytes.get(..at), bytes.get(at + 2..)) else {
        return ChecksumVerdict::NotChecked(NotChecked::Cut);
    };
    ChecksumVerdict::Bad { expected: !start.add_bytes(before).add_bytes(after).fold() }
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
        /// The quick yes is never another answer than that of all rules.
        #[test]
        fn what_is_plainly_right_is_judged_good(
            is_ipv6 in any::<bool>(),
            (at, value) in (0_usize..70, any::<u8>()),
            (cut, longer) in (0_usize..4, 0_usize..3),
        ) {
            let (link_type, mut bytes) =
                if is_ipv6 { (229, crate::wire::tests::ipv6_tcp()) } else { (228, packet()) };
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
            let len = bytes.len();
            bytes.truncate(len - cut);
            let (quick, full) = decode_with(link_type, &bytes, len + longer, |decoded| {
                let index = decoded.layers.len().saturating_sub(1);
                (transport(decoded, index), judge(decoded, index))
            });
            prop_assert_eq!(quick, full);
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
