//! `igmp.*` (RFC 2236, RFC 3376).

use super::icmp::{CHECKSUM_STATES, sum};
use super::{Context, Field, Values, number};
use crate::filter::kind::Kind::{Bytes, Ipv4, Unsigned};
use crate::filter::literal::Names;
use crate::filter::value::Value;
use crate::wire::Protocol::Igmp;

const QUERY: u8 = 0x11;
const REPORT_3: u8 = 0x22;
/// Bytes of a message of version 1 or 2.
const SHORT: usize = 8;

const TYPES: Names = &[
    (0x11, "Membership Query"),
    (0x12, "Membership Report"),
    (0x16, "Membership Report"),
    (0x17, "Leave Group"),
    (0x22, "Membership Report"),
];

pub(super) const FIELDS: &[Field] = &[
    Field::call("igmp.version", Unsigned(8), Igmp, version, "version of the message")
        .of(&[QUERY, 0x12, 0x16, 0x17, REPORT_3]),
    Field::number("igmp.type", Igmp, 0, 1, "kind of message").named(TYPES),
    Field::call("igmp.max_resp", Unsigned(8), Igmp, max_response, "tenths of a second to answer")
        .of(&[QUERY, 0x16, 0x17]),
    Field::call("igmp.reserved", Bytes, Igmp, reserved, "bytes without a meaning"),
    Field::number("igmp.checksum", Igmp, 2, 2, "checksum"),
    Field::call("igmp.checksum.status", Unsigned(8), Igmp, checksum_status, "verdict on it")
        .named(CHECKSUM_STATES),
    Field::call("igmp.maddr", Ipv4, Igmp, groups, "a group")
        .of(&[QUERY, 0x12, 0x16, 0x17, REPORT_3]),
    Field::call("igmp.s", crate::filter::kind::Kind::Boolean, Igmp, suppress, "stay silent")
        .of(&[QUERY]),
    Field::call("igmp.qrv", Unsigned(8), Igmp, robustness, "querier's robustness").of(&[QUERY]),
    Field::call("igmp.qqic", Unsigned(8), Igmp, interval, "querier's interval").of(&[QUERY]),
    Field::call("igmp.num_src", Unsigned(16), Igmp, source_counts, "number of sources")
        .of(&[QUERY, REPORT_3]),
    Field::call("igmp.saddr", Ipv4, Igmp, sources, "a source").of(&[QUERY, REPORT_3]),
    Field::number("igmp.num_grp_recs", Igmp, 6, 2, "number of groups").of(&[REPORT_3]),
    Field::call("igmp.record_type", Unsigned(8), Igmp, record_types, "what is asked of a group")
        .of(&[REPORT_3]),
    Field::call("igmp.aux_data_len", Unsigned(8), Igmp, extra_lens, "words of further data")
        .of(&[REPORT_3]),
];

fn is_query_3(context: &Context<'_, '_>) -> bool {
    context.layer.bytes.first() == Some(&QUERY) && context.layer.bytes.len() > SHORT
}

fn version(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let version = match context.integer(0, 1) {
        Some(0x12) => 1,
        Some(0x22) => 3,
        Some(0x11) if is_query_3(context) => 3,
        Some(0x11) if context.integer(1, 1) == Some(0) => 1,
        _ => 2_u8,
    };
    sink(number(version))
}

fn is_version_1(context: &Context<'_, '_>) -> bool {
    let is_query = context.integer(0, 2) == Some(0x1100) && !is_query_3(context);
    is_query || context.integer(0, 1) == Some(0x12)
}

fn max_response(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let value = context.integer(1, 1).filter(|_| !is_version_1(context));
    value.is_some_and(|value| sink(number(value)))
}

fn reserved(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let bytes = context.layer.bytes;
    if context.integer(0, 1) == Some(REPORT_3.into()) {
        return [1..2, 4..6]
            .into_iter()
            .any(|range| bytes.get(range).is_some_and(|bytes| sink(Value::Bytes(bytes))));
    }
    is_version_1(context) && bytes.get(1..2).is_some_and(|bytes| sink(Value::Bytes(bytes)))
}

fn checksum_status(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let bytes = context.layer.bytes;
    if bytes.len() < context.layer.wire_len as usize {
        return sink(number(2_u8));
    }
    bytes.len() >= 4 && sink(number(u8::from(sum(bytes) == u16::MAX)))
}

fn suppress(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let flags = context.integer(8, 1).filter(|_| is_query_3(context));
    flags.is_some_and(|flags| sink(Value::Boolean(flags & 8 != 0)))
}

fn robustness(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let flags = context.integer(8, 1).filter(|_| is_query_3(context));
    flags.is_some_and(|flags| sink(number(flags & 7)))
}

fn interval(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let value = context.integer(9, 1).filter(|_| is_query_3(context));
    value.is_some_and(|value| sink(number(value)))
}

/// A record of a report, or the source list of a query.
struct Record<'c> {
    kind: u8,
    extra: u8,
    group: &'c [u8],
    sources: &'c [u8],
    count: usize,
}

/// The records of a report of version 3, as many as are there.
fn records<'c>(bytes: &'c [u8]) -> impl Iterator<Item = Record<'c>> {
    let mut rest = bytes.get(8..).unwrap_or(&[]);
    let count =
        bytes.get(6..8).map_or(0, |b| b.iter().fold(0, |sum, b| sum << 8 | usize::from(*b)));
    let next = move || {
        let &[kind, extra, high, low] = rest.first_chunk()?;
        let group = rest.get(4..8)?;
        let count = usize::from(u16::from_be_bytes([high, low]));
        let end = 8 + 4 * count;
        let sources = rest.get(8..end).or(rest.get(8..)).unwrap_or(&[]);
        rest = rest.get(end + 4 * usize::from(extra)..).unwrap_or(&[]);
        Some(Record { kind, extra, group, sources, count })
    };
    std::iter::from_fn(next).take(count)
}

fn address(bytes: &[u8]) -> Option<Value<'static>> {
    bytes.first_chunk().map(|address| Value::ipv4(u32::from_be_bytes(*address)))
}

/// Of a report of version 3, all groups; other messages have one at a fixed place.
fn groups(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    if context.integer(0, 1) != Some(REPORT_3.into()) {
        return context.layer.bytes.get(4..8).and_then(address).is_some_and(sink);
    }
    records(context.layer.bytes).any(|record| address(record.group).is_some_and(&mut *sink))
}

fn source_counts(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    if is_query_3(context) {
        return context.integer(10, 2).is_some_and(|count| sink(number(count)));
    }
    context.integer(0, 1) == Some(REPORT_3.into())
        && records(context.layer.bytes).any(|record| sink(number(record.count as u64)))
}

fn sources(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let mut each = |list: &[u8]| {
        let (addresses, _) = list.as_chunks::<4>();
        addresses.iter().any(|bytes| address(bytes).is_some_and(&mut *sink))
    };
    if is_query_3(context) {
        return context.layer.bytes.get(12..).is_some_and(each);
    }
    context.integer(0, 1) == Some(REPORT_3.into())
        && records(context.layer.bytes).any(|record| each(record.sources))
}

fn record_types(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    records(context.layer.bytes).any(|record| sink(number(record.kind)))
}

fn extra_lens(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    records(context.layer.bytes).any(|record| sink(number(record.extra)))
}
