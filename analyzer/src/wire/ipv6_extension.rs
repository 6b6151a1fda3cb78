//! IPv6 extension headers (RFC 8200, section 4) and the authentication header (RFC 4302).

use super::decoder::{Next, Step, Walk};
use super::fragments::{FragmentKey, Piece};
use super::span::Span;
use super::{Protocol, StopReason, ipv6};

/// Goes on with the extension header that `number` announces.
pub(super) fn decode<'a>(walk: &mut Walk<'_, 'a>, number: u8, span: Span<'a>) -> Step<'a> {
    let protocol = match number {
        0 => Protocol::Ipv6HopByHop,
        43 => Protocol::Ipv6Routing,
        44 => return decode_fragment(walk, span),
        51 => return decode_authentication(walk, span),
        60 => Protocol::Ipv6Destination,
        135 => return walk.layer(Protocol::MobileIpv6, span, 6).and(None),
        _ => Protocol::Shim6,
    };
    let (Some(next_header), Some(units)) = (span.u8(0), span.u8(1)) else {
        return walk.layer(protocol, span, 8).and(None);
    };
    let payload = walk.layer(protocol, span, (u32::from(units) + 1) * 8)?;
    follow(next_header, payload)
}

/// The header after an extension header, unless there are no bytes left.
fn follow(next_header: u8, payload: Span<'_>) -> Step<'_> {
    (payload.wire_len > 0).then_some((Next::IpProtocol(next_header), payload))
}

fn decode_authentication<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let (Some(next_header), Some(words)) = (span.u8(0), span.u8(1)) else {
        return walk.layer(Protocol::AuthenticationHeader, span, 12).and(None);
    };
    let header_len = (u32::from(words) + 2) * 4;
    let payload = walk.layer(Protocol::AuthenticationHeader, span, header_len.max(12))?;
    follow(next_header, payload)
}

/// The fragment header (RFC 8200, section 4.5). A fragment that is a whole datagram by itself
/// (RFC 6946) goes on at once.
fn decode_fragment<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let payload = walk.layer(Protocol::Ipv6Fragment, span, 8)?;
    let (Some(next_header), Some(field), Some(id)) = (span.u8(0), span.u16(2), span.u32(4)) else {
        return None;
    };
    let (offset, has_more) = (u32::from(field & 0xfff8), field & 1 != 0);
    if offset == 0 && !has_more {
        return follow(next_header, payload);
    }
    let whole_length_known = payload.captured() == payload.wire_len && payload.captured() > 0;
    let addresses = walk.decoded.layers.iter().rfind(|layer| layer.protocol == Protocol::Ipv6);
    let addresses = addresses.and_then(|layer| {
        let declared = u32::from(u16::from_be_bytes(layer.bytes.get(4..6)?.try_into().ok()?));
        let is_whole = declared == 0 || declared.saturating_add(ipv6::HEADER) <= layer.wire_len;
        let source: [u8; 16] = layer.bytes.get(8..24)?.try_into().ok()?;
        let destination: [u8; 16] = layer.bytes.get(24..40)?.try_into().ok()?;
        is_whole.then_some((source, destination))
    });
    if let (true, Some((source, destination))) = (whole_length_known, addresses) {
        let key = FragmentKey {
            source: source.into(),
            destination: destination.into(),
            id,
            protocol: 0,
            vlan: 0,
        };
        let piece = Piece { offset, bytes: payload.bytes, is_last: !has_more };
        let whole = walk.reassemble(key, piece, span, Protocol::Ipv6Fragment)?;
        return follow(next_header, whole);
    }
    if offset != 0 {
        return walk.stop(Protocol::Ipv6Fragment, span, StopReason::Fragment);
    }
    walk.payload_is_fragment = true;
    follow(next_header, payload)
}
