//! IPv6 (RFC 8200): its fixed header.

use super::decoder::{Step, Walk};
use super::ip_protocol;
use super::span::Span;
use super::{Protocol, StopReason};

/// Bytes of the fixed header.
pub(super) const HEADER: u32 = 40;

/// Decodes a packet that the layer above called IPv6.
#[inline]
pub(super) fn decode<'a>(walk: &mut Walk<'a>, span: Span<'a>) -> Step<'a> {
    let Some([version, _, _, _, length_0, length_1, next_header, _]) = span.array::<8>(0) else {
        return walk.layer(Protocol::Ipv6, span, HEADER).and(None);
    };
    if version >> 4 != 6 {
        // Wireshark does not even call it IPv6.
        return walk.stop(Protocol::Ipv6, span, StopReason::Malformed("version is not 6"));
    }
    let payload_len = u32::from(u16::from_be_bytes([length_0, length_1]));
    // A length of zero is a jumbogram or segmentation offload: as long as the frame.
    let span = if payload_len == 0 { span } else { span.limit(payload_len + HEADER) };
    let payload = walk.layer(Protocol::Ipv6, span, HEADER)?;
    walk.payload_is_fragment = false;
    if payload.wire_len == 0 {
        return None;
    }
    ip_protocol::decode(walk, next_header, payload)
}
