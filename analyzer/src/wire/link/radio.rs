//! What wireless recorders put in front of an 802.11 frame: radiotap, Prism, AVS, PPI.

use super::wlan;
use crate::wire::Protocol;
use crate::wire::decoder::{Step, Walk};
use crate::wire::span::Span;

/// Bytes of the frame check sequence at the end of a frame.
const FRAME_CHECK: u32 = 4;
/// What an AVS header starts with.
const AVS_MAGICS: [u32; 2] = [0x8021_1001, 0x8021_1002];
/// Bytes of a Prism header.
const PRISM_HEADER: u32 = 144;

/// Radiotap (<https://www.radiotap.org>).
pub(in crate::wire) fn decode_radiotap<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let Some(header_len) = span.array(2).map(u16::from_le_bytes) else {
        return walk.layer(Protocol::Radiotap, span, 8).and(None);
    };
    let payload = walk.layer(Protocol::Radiotap, span, u32::from(header_len).max(8))?;
    let flags = radiotap_flags(span).unwrap_or(0);
    let payload = before_checksum(payload, flags & 0x10 != 0);
    let order = if flags & 0x20 != 0 { wlan::ByteOrder::Padded } else { wlan::ByteOrder::Standard };
    wireless(walk, payload, order)
}

/// The flags field: bit 1 of the presence words, after the time stamp of bit 0.
fn radiotap_flags(span: Span<'_>) -> Option<u8> {
    let present = u32::from_le_bytes(span.array(4)?);
    if present & 2 == 0 {
        return None;
    }
    let mut at = 8;
    let mut word = present;
    // Bit 31 says that another presence word follows.
    while word & 0x8000_0000 != 0 {
        word = u32::from_le_bytes(span.array(at)?);
        at += 4;
    }
    if present & 1 != 0 {
        at = at.next_multiple_of(8) + 8;
    }
    span.u8(at)
}

/// Prism, or AVS under Prism's link type.
pub(super) fn decode_prism<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    if span.u32(0).is_some_and(|magic| AVS_MAGICS.contains(&magic)) {
        walk.layer(Protocol::Prism, span, 0)?;
        return decode_avs(walk, span);
    }
    let payload = walk.layer(Protocol::Prism, span, PRISM_HEADER)?;
    wireless(walk, payload, wlan::ByteOrder::Standard)
}

/// AVS: a magic number and the header's length.
pub(super) fn decode_avs<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let header_len = span.u32(4).unwrap_or(8);
    let payload = walk.layer(Protocol::WlanCap, span, header_len.max(8))?;
    wireless(walk, payload, wlan::ByteOrder::Standard)
}

/// True when a PPI header's "802.11 common" field says that frames end with their check
/// sequence.
pub(super) fn ppi_has_checksum(header: Span<'_>) -> bool {
    const COMMON: u16 = 2;
    let mut at = 8;
    while let (Some(kind), Some(len)) = (header.array(at), header.array(at + 2)) {
        if u16::from_le_bytes(kind) == COMMON {
            return header.u8(at + 12).is_some_and(|flags| flags & 1 != 0);
        }
        at += 4 + usize::from(u16::from_le_bytes(len));
    }
    false
}

/// The frame without its check sequence, when it ends with one.
pub(super) fn before_checksum(span: Span<'_>, has_check: bool) -> Span<'_> {
    let trailer = if has_check { FRAME_CHECK } else { 0 };
    span.limit(span.wire_len.saturating_sub(trailer))
}

/// The 802.11 frame after a recorder's header.
pub(super) fn wireless<'a>(
    walk: &mut Walk<'_, 'a>,
    span: Span<'a>,
    order: wlan::ByteOrder,
) -> Step<'a> {
    if span.wire_len == 0 {
        return None;
    }
    walk.layer(Protocol::WlanRadio, span, 0)?;
    wlan::decode(walk, span, order)
}
