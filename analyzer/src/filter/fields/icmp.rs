//! `icmp.*`.

use super::{Context, Field, Values, number};
use crate::filter::kind::Kind::{Bytes, FrameNumber, Label, Signed, Unsigned};
use crate::filter::literal::Names;
use crate::filter::value::Value;
use crate::wire::Protocol::Icmp;

/// Verdicts on a checksum.
pub(super) const CHECKSUM_STATES: Names =
    &[(0, "Bad"), (1, "Good"), (2, "Unverified"), (3, "Not present"), (4, "Illegal")];

/// Echo, timestamp, information and address mask messages have identifier and sequence.
const WITH_IDENTIFIER: &[u8] = &[0, 8, 13, 14, 15, 16, 17, 18];
/// Timestamp and its reply.
const TIMESTAMPS: &[u8] = &[13, 14];
/// Destination unreachable.
const UNREACHABLE: u8 = 3;
/// Its code when a packet is too large.
const TOO_LARGE: u64 = 4;

pub(super) const FIELDS: &[Field] = &[
    Field::number("icmp.type", Icmp, 0, 1, "kind of message"),
    Field::number("icmp.code", Icmp, 1, 1, "kind within the kind"),
    Field::number("icmp.checksum", Icmp, 2, 2, "checksum"),
    Field::call("icmp.checksum.status", Unsigned(8), Icmp, checksum_status, "verdict on it")
        .named(CHECKSUM_STATES),
    Field::number("icmp.ident", Icmp, 4, 2, "who asked, in an echo").of(WITH_IDENTIFIER),
    Field::number("icmp.seq", Icmp, 6, 2, "which echo").of(WITH_IDENTIFIER),
    Field::call(
        "icmp.ident_le",
        Unsigned(16),
        Icmp,
        identifier_reversed,
        "who asked, bytes swapped",
    )
    .of(&[0, 8]),
    Field::call("icmp.seq_le", Unsigned(16), Icmp, sequence_reversed, "the same, bytes swapped")
        .of(&[0, 8]),
    Field::ipv4("icmp.redir_gw", Icmp, 4, "the better router").of(&[5]),
    Field::call("icmp.mtu", Unsigned(16), Icmp, mtu, "largest packet that fits").of(&[UNREACHABLE]),
    Field::bits("icmp.pointer", Unsigned(32), Icmp, (4, 1, 0xff), "place of the fault").of(&[12]),
    Field::number("icmp.originate_timestamp", Icmp, 8, 4, "milliseconds of the day, when sent")
        .of(TIMESTAMPS),
    Field::number("icmp.receive_timestamp", Icmp, 12, 4, "milliseconds of the day, when received")
        .of(TIMESTAMPS),
    Field::number("icmp.transmit_timestamp", Icmp, 16, 4, "milliseconds of the day, when answered")
        .of(TIMESTAMPS),
    Field::ipv4("icmp.address_mask", Icmp, 8, "mask of the network").of(&[17, 18]),
    Field::number("icmp.num_addrs", Icmp, 4, 1, "number of router addresses").of(&[9]),
    Field::number("icmp.addr_entry_size", Icmp, 5, 1, "words of each").of(&[9]),
    Field::number("icmp.lifetime", Icmp, 6, 2, "seconds that they are valid").of(&[9]),
    Field::call("icmp.unused", Bytes, Icmp, unused, "bytes without a meaning").of(&[3, 4, 11]),
    Field::call("icmp.resp_in", FrameNumber, Icmp, unknown_yet, "the answer: seen only later"),
    Field::call("icmp.no_resp", Label, Icmp, unknown_yet, "no answer came: seen only later"),
];

/// The 16-bit number at `at`, bytes swapped.
fn swapped(context: &Context<'_, '_>, at: usize, sink: &mut Values<'_>) -> bool {
    let value = context.integer(at, 2).and_then(|value| u16::try_from(value).ok());
    value.is_some_and(|value| sink(number(value.swap_bytes())))
}

fn identifier_reversed(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    swapped(context, 4, sink)
}

fn sequence_reversed(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    swapped(context, 6, sink)
}

fn mtu(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let is_too_large = context.integer(1, 1) == Some(TOO_LARGE);
    is_too_large && context.integer(6, 2).is_some_and(|value| sink(number(value)))
}

fn unused(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let is_too_large = context.integer(0, 1) == Some(UNREACHABLE.into())
        && context.integer(1, 1) == Some(TOO_LARGE);
    let range = if is_too_large { 4..6 } else { 4..8 };
    context.layer.bytes.get(range).is_some_and(|bytes| sink(Value::Bytes(bytes)))
}

/// What only the frames behind this one tell; a pass that shows rows as it reads does not
/// know it.
pub(super) fn unknown_yet(_: &Context<'_, '_>, _: &mut Values<'_>) -> bool {
    false
}

/// The sum over the whole message (RFC 1071); not over one that is cut.
fn checksum_status(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let layer = context.layer;
    if layer.bytes.len() < 4 {
        return false;
    }
    if layer.is_quoted || layer.bytes.len() < layer.wire_len as usize {
        return sink(number(2_u8));
    }
    let sum = sum(layer.bytes);
    sink(number(u8::from(sum == u16::MAX)))
}

/// The ones' complement sum of big-endian words.
pub(super) fn sum(bytes: &[u8]) -> u16 {
    let (words, last) = bytes.as_chunks::<2>();
    let total: u64 = words.iter().map(|word| u64::from(u16::from_be_bytes(*word))).sum();
    let mut total = total + last.first().map_or(0, |byte| u64::from(*byte) << 8);
    while total > u64::from(u16::MAX) {
        total = (total & 0xffff) + (total >> 16);
    }
    // What is left fits.
    total as u16
}

/// What a router says of itself and others.
pub(super) const ROUTERS: &[Field] = &[
    Field::call("icmp.router_address", crate::filter::kind::Kind::Ipv4, Icmp, routers, "a router")
        .of(&[9]),
    Field::call("icmp.pref_level", Signed(32), Icmp, preferences, "its preference").of(&[9]),
];

/// The entries of a router advertisement (RFC 1256, section 3).
fn entries<'c>(context: &Context<'_, 'c>) -> impl Iterator<Item = (u32, i32)> + use<'c> {
    let (entries, _) = context.layer.bytes.get(8..).unwrap_or(&[]).as_chunks::<8>();
    let count = context.layer.bytes.get(4).copied().unwrap_or(0);
    entries.iter().take(usize::from(count)).map(|&[a, b, c, d, e, f, g, h]| {
        (u32::from_be_bytes([a, b, c, d]), i32::from_be_bytes([e, f, g, h]))
    })
}

fn routers(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    entries(context).any(|(address, _)| sink(Value::ipv4(address)))
}

fn preferences(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    entries(context).any(|(_, preference)| sink(Value::Integer(preference.into())))
}
