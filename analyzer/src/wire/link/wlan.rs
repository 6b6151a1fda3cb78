//! IEEE 802.11: data frames lead on to LLC, everything else ends here.

use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;
use crate::wire::{Protocol, StopReason};

/// How the frame control field was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::wire) enum ByteOrder {
    /// Type first, flags second.
    Standard,
    /// Type first, and the header padded to a multiple of four bytes.
    Padded,
    /// Flags first, as some access points encapsulate it.
    Swapped,
    /// No 802.11 header at all: the payload of a TDLS or neighbour message in Ethernet.
    Tdls,
}

/// Bits of the flags byte.
const TO_AND_FROM_DISTRIBUTION: u8 = 0x03;
const MORE_FRAGMENTS: u8 = 0x04;
const PROTECTED: u8 = 0x40;
const ORDER: u8 = 0x80;

/// Decodes the header; goes on with the payload of an unencrypted, unfragmented data frame.
pub(in crate::wire) fn decode<'a>(
    walk: &mut Walk<'_, 'a>,
    span: Span<'a>,
    order: ByteOrder,
) -> Step<'a> {
    let (Some(first), Some(second)) = (span.u8(0), span.u8(1)) else {
        return walk.layer(Protocol::Wlan, span, 24).and(None);
    };
    let (kind, flags) = match order {
        ByteOrder::Standard | ByteOrder::Padded => (first, second),
        ByteOrder::Swapped => (second, first),
        ByteOrder::Tdls => return walk.layer(Protocol::Wlan, span, 1).and(None),
    };
    const DATA: u8 = 2;
    match kind >> 2 & 3 {
        DATA => decode_data(walk, span, [kind, flags], order),
        1 => walk.layer(Protocol::Wlan, span, 10).and(None),
        _ => walk.layer(Protocol::Wlan, span, 24).and(None),
    }
}

fn decode_data<'a>(
    walk: &mut Walk<'_, 'a>,
    span: Span<'a>,
    [kind, flags]: [u8; 2],
    order: ByteOrder,
) -> Step<'a> {
    let has_four_addresses = flags & TO_AND_FROM_DISTRIBUTION == TO_AND_FROM_DISTRIBUTION;
    let has_quality = kind & 0x80 != 0;
    let mut header_len: u32 = if has_four_addresses { 30 } else { 24 };
    let quality = if has_quality { span.u8(header_len as usize).unwrap_or(0) } else { 0 };
    if has_quality {
        header_len += if flags & ORDER != 0 { 6 } else { 2 };
    }
    if order == ByteOrder::Padded {
        header_len = header_len.next_multiple_of(4);
    }
    let payload = walk.layer(Protocol::Wlan, span, header_len)?;
    // Subtypes with this bit carry no data; protected frames are encrypted.
    if kind & 0x40 != 0 || flags & PROTECTED != 0 || payload.wire_len == 0 {
        return None;
    }
    let is_later_fragment = span.u8(22).is_some_and(|number| number & 0x0f != 0);
    if flags & MORE_FRAGMENTS != 0 || is_later_fragment {
        return walk.stop(Protocol::Wlan, span, StopReason::Fragment);
    }
    if quality & 0x80 != 0 {
        // Aggregated: destination, source and length in front of each; the first counts.
        let inner = payload.skip(14).limit(u32::from(payload.u16(12)?));
        return (inner.wire_len > 0).then_some((Next::Llc, inner));
    }
    Some((Next::Llc, payload))
}
