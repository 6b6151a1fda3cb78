//! What an IP protocol number announces (IANA "Assigned Internet Protocol Numbers").

use etherparse::ip_number;

use super::decoder::{Next, Step, Walk};
use super::span::Span;
use super::{Protocol, icmp, ipv6_extension, tcp, tunnel, udp};

/// Goes on with the payload of an IPv4 or IPv6 packet.
#[inline]
pub(super) fn decode<'a>(walk: &mut Walk<'_, 'a>, number: u8, span: Span<'a>) -> Step<'a> {
    const TCP: u8 = ip_number::TCP.0;
    if number == TCP {
        return tcp::decode(walk, span);
    }
    decode_other(walk, number, span)
}

fn decode_other<'a>(walk: &mut Walk<'_, 'a>, number: u8, span: Span<'a>) -> Step<'a> {
    match number {
        0 | 43 | 44 | 51 | 60 | 135 | 140 => ipv6_extension::decode(walk, number, span),
        1 => icmp::decode_v4(walk, span),
        2 => icmp::decode_igmp(walk, span),
        4 => Some((Next::Ipv4, span)),
        17 => udp::decode(walk, Protocol::Udp, span),
        41 => Some((Next::Ipv6, span)),
        47 => tunnel::gre::decode(walk, span),
        50 => walk.layer(Protocol::Esp, span, 8).and(None),
        58 => icmp::decode_v6(walk, span),
        97 => tunnel::decode_ether_ip(walk, span),
        103 => tunnel::decode_pim(walk, span),
        115 => tunnel::l2tp::decode_v3_ip(walk, span),
        132 => walk.layer(Protocol::Sctp, span, 12).and(None),
        136 => udp::decode(walk, Protocol::UdpLite, span),
        137 => Some((Next::NetworkType(0x8847), span)),
        143 => Some((Next::Ethernet, span)),
        _ => None,
    }
}
