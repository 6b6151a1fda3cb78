//! Headers that recorders put in front of packets: Apple's packet tap, PPI, Solaris ipnet,
//! Linux netfilter log.

use super::{radio, wlan};
use crate::frame::LinkType;
use crate::wire::Protocol;
use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;

/// Link types for private use; Wireshark takes the third for Apple's packet tap.
pub(super) fn decode_user<'a>(walk: &mut Walk<'_, 'a>, link_type: u16, span: Span<'a>) -> Step<'a> {
    walk.layer(Protocol::UserLink, span, 0)?;
    if link_type == 149 { decode_packet_tap(walk, span) } else { None }
}

/// Apple's packet tap: its own length, a record type, the link type of what follows.
pub(super) fn decode_packet_tap<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let Some([header_len, _, link_type]) = little_endian_words(span) else {
        return walk.layer(Protocol::PacketTap, span, 12).and(None);
    };
    let payload = walk.layer(Protocol::PacketTap, span, header_len.max(12))?;
    recorded(walk, link_type, payload)
}

/// PPI: version, flags, length; the link type of what follows.
pub(super) fn decode_ppi<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let (Some(header_len), Some(link_type)) = (span.array(2), span.array(4)) else {
        return walk.layer(Protocol::Ppi, span, 8).and(None);
    };
    let header_len = u32::from(u16::from_le_bytes(header_len));
    let payload = walk.layer(Protocol::Ppi, span, header_len.max(8))?;
    let link_type = u32::from_le_bytes(link_type);
    if link_type == 105 {
        let has_checksum = radio::ppi_has_checksum(span.limit(header_len));
        let payload = radio::before_checksum(payload, has_checksum);
        return radio::wireless(walk, payload, wlan::ByteOrder::Standard);
    }
    recorded(walk, link_type, payload)
}

/// What a recorder's header announces by its link type.
fn recorded<'a>(walk: &mut Walk<'_, 'a>, link_type: u32, payload: Span<'a>) -> Step<'a> {
    if payload.wire_len == 0 {
        return None;
    }
    walk.layer(Protocol::PacketData, payload, 0)?;
    Some((Next::Link(LinkType(u16::try_from(link_type).ok()?)), payload))
}

fn little_endian_words(span: Span<'_>) -> Option<[u32; 3]> {
    let word = |at| span.array(at).map(u32::from_le_bytes);
    Some([word(0)?, word(4)?, word(8)?])
}

/// Solaris ipnet: 24 bytes, the address family in the second.
pub(super) fn decode_ipnet<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let payload = walk.layer(Protocol::IpNet, span, 24)?;
    match span.u8(1)? {
        2 => Some((Next::Ipv4, payload)),
        26 => Some((Next::Ipv6, payload)),
        _ => None,
    }
}

/// Netfilter log: a list of typed values in the recorder's byte order; one is the packet.
pub(super) fn decode_netfilter_log<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    const FIXED: u32 = 4;
    const PAYLOAD: u16 = 9;
    let mut at = FIXED;
    while let (Some(len), Some(kind)) = (span.array(at as usize), span.array(at as usize + 2)) {
        // Lengths are small: the other byte order gives one that runs past the frame.
        let (little, big) = (u16::from_le_bytes(len), u16::from_be_bytes(len));
        let is_little = u32::from(little) + at <= span.wire_len.saturating_add(3);
        let (len, kind) = if is_little {
            (u32::from(little), u16::from_le_bytes(kind))
        } else {
            (u32::from(big), u16::from_be_bytes(kind))
        };
        if len < 4 {
            break;
        }
        if kind & 0x7fff == PAYLOAD {
            let payload = walk.layer(Protocol::NetfilterLog, span, at + 4)?.limit(len - 4);
            return (payload.wire_len > 0).then_some((Next::Ipv4, payload));
        }
        at = at.saturating_add(len.next_multiple_of(4));
    }
    walk.layer(Protocol::NetfilterLog, span, at).and(None)
}
