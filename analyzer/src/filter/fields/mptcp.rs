//! `tcp.options.mptcp.*` (RFC 8684 and its predecessor RFC 6824).

use super::tcp_options::each;
use super::{Context, Field, Values, number};
use crate::filter::kind::Kind::{self, Boolean, Bytes, Unsigned};
use crate::filter::literal::Names;
use crate::filter::value::Value;
use crate::wire::Protocol::Tcp;
use crate::wire::tcp_options::TcpOption;

const SUBTYPES: Names = &[
    (0, "Multipath Capable"),
    (1, "Join Connection"),
    (2, "Data Sequence Signal"),
    (3, "Add Address"),
    (4, "Remove Address"),
    (5, "Change Subflow Priority"),
    (6, "TCP Fallback"),
    (7, "Fast Close"),
    (8, "TCP Reset"),
];

const CAPABLE: u8 = 0;
const JOIN: u8 = 1;
const SIGNAL: u8 = 2;
const ADD_ADDRESS: u8 = 3;
const REMOVE_ADDRESS: u8 = 4;
const PRIORITY: u8 = 5;
const FAIL: u8 = 6;
const FAST_CLOSE: u8 = 7;
const RESET: u8 = 8;

const fn field(
    name: &'static str,
    kind: Kind,
    read: fn(&Context<'_, '_>, &mut Values<'_>) -> bool,
    meaning: &'static str,
) -> Field {
    Field::call(name, kind, Tcp, read, meaning)
}

/// A number that stands at a place of an option of one kind: `$at`, `$width`, `$mask` are
/// counted from the byte with the kind of message; `$if` looks at all its bytes.
macro_rules! numbers {
    ($($name:literal, $bits:literal, $if:expr, ($at:literal, $width:literal, $mask:literal), $meaning:literal;)*) => {
        &[$(field(
            $name,
            Unsigned($bits),
            |context, sink| part(context, $if, ($at, $width, $mask), sink),
            $meaning,
        ),)*]
    };
}

pub(super) const NUMBERS: &[Field] = numbers! {
    "tcp.options.mptcp.version", 8, is_capable, (0, 1, 0x0f), "version";
    "tcp.options.mptcp.checksumreq.flags", 8, is_capable, (1, 1, 0x80), "checksums are required";
    "tcp.options.mptcp.extensibility.flag", 8, is_capable, (1, 1, 0x40), "for extensions";
    "tcp.options.mptcp.nomoresubflows.flag", 8, is_capable_1, (1, 1, 0x20), "no more subflows";
    "tcp.options.mptcp.sha256.flag", 8, is_capable_1, (1, 1, 0x01), "uses HMAC-SHA256";
    "tcp.options.mptcp.sha1.flag", 8, is_capable_0, (1, 1, 0x01), "uses HMAC-SHA1";
    "tcp.options.mptcp.sendkey", 64, has_key, (2, 8, 0xffff_ffff_ffff_ffff), "sender's key";
    "tcp.options.mptcp.recvtok", 32, is_join_syn, (2, 4, 0xffff_ffff), "receiver's token";
    "tcp.options.mptcp.sendtrunchmac", 64, is_join_answer, (2, 8, 0xffff_ffff_ffff_ffff), "cut HMAC";
    "tcp.options.mptcp.datafin.flag", 8, is_signal, (1, 1, 0x10), "no more data";
    "tcp.options.mptcp.dseqn8.flag", 8, is_signal, (1, 1, 0x08), "sequence number has 8 bytes";
    "tcp.options.mptcp.dseqnpresent.flag", 8, is_signal, (1, 1, 0x04), "sequence number is there";
    "tcp.options.mptcp.dataack8.flag", 8, is_signal, (1, 1, 0x02), "acknowledgment has 8 bytes";
    "tcp.options.mptcp.dataackpresent.flag", 8, is_signal, (1, 1, 0x01), "acknowledgment is there";
    "tcp.options.mptcp.ipver", 8, is_add_0, (0, 1, 0x0f), "version of the address";
    "tcp.options.mptcp.echo", 8, is_add_1, (0, 1, 0x01), "repeats the peer's";
    "tcp.options.mptcp.rst_reason", 8, is_reset, (1, 1, 0xff), "why a subflow was reset";
};

pub(super) const FIELDS: &[Field] = &[
    field("tcp.options.mptcp.subtype", Unsigned(8), subtype, "kind of multipath message")
        .named(SUBTYPES),
    field("tcp.options.mptcp.flags", Unsigned(8), flags, "flags of the message"),
    field("tcp.options.mptcp.backup.flag", Unsigned(8), backup, "is for emergencies only"),
    field("tcp.options.mptcp.addrid", Unsigned(8), address_id, "number of an address"),
    field("tcp.options.mptcp.sendrand", Unsigned(32), random, "sender's random number"),
    field("tcp.options.mptcp.sendhmac", Bytes, hmac, "sender's HMAC"),
    field("tcp.options.mptcp.recvkey", Unsigned(64), receiver_key, "receiver's key"),
    field("tcp.options.mptcp.rawdataack", Unsigned(64), data_ack, "data acknowledgment"),
    field("tcp.options.mptcp.rawdataseqno", Unsigned(64), data_seq, "data sequence number"),
    field("tcp.options.mptcp.subflowseqno", Unsigned(32), subflow_seq, "place in the subflow"),
    field("tcp.options.mptcp.datalvllen", Unsigned(16), data_len, "bytes of the mapping"),
    field("tcp.options.mptcp.checksum", Unsigned(16), data_checksum, "checksum of the mapping"),
    field("tcp.options.mptcp.ipv4", Kind::Ipv4, address_4, "an address"),
    field("tcp.options.mptcp.ipv6", Kind::Ipv6, address_6, "an address"),
    field("tcp.options.mptcp.port", Unsigned(16), port, "its port"),
    field("tcp.options.mptcp.flag_U.flag", Boolean, reset_unknown, "unused flag"),
    field("tcp.options.mptcp.flag_V.flag", Boolean, reset_v, "unused flag"),
    field("tcp.options.mptcp.flag_W.flag", Boolean, reset_w, "unused flag"),
    field("tcp.options.mptcp.flag_T.flag", Boolean, reset_transient, "the reason will pass"),
];

/// Hands out the bytes of each multipath option behind its length.
fn messages(context: &Context<'_, '_>, read: &mut dyn FnMut(u8, &[u8]) -> bool) -> bool {
    each(context, |option| match option.meaning() {
        TcpOption::Multipath(data) => data.first().is_some_and(|first| read(first >> 4, data)),
        _ => false,
    })
}

fn integer(data: &[u8], at: usize, width: usize) -> Option<u64> {
    let bytes = data.get(at..at + width)?;
    Some(bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

fn part(
    context: &Context<'_, '_>,
    fits: fn(u8, &[u8]) -> bool,
    (at, width, mask): (usize, usize, u64),
    sink: &mut Values<'_>,
) -> bool {
    messages(context, &mut |kind, data| {
        let whole = integer(data, at, width).filter(|_| fits(kind, data));
        whole.is_some_and(|whole| sink(number((whole & mask) >> mask.trailing_zeros())))
    })
}

fn version(data: &[u8]) -> u8 {
    data.first().map_or(0, |first| first & 0x0f)
}

fn is_capable(kind: u8, _: &[u8]) -> bool {
    kind == CAPABLE
}

fn is_capable_0(kind: u8, data: &[u8]) -> bool {
    kind == CAPABLE && version(data) == 0
}

fn is_capable_1(kind: u8, data: &[u8]) -> bool {
    kind == CAPABLE && version(data) == 1
}

fn has_key(kind: u8, data: &[u8]) -> bool {
    kind == CAPABLE && data.len() >= 10
}

fn is_join_syn(kind: u8, data: &[u8]) -> bool {
    kind == JOIN && data.len() == 10
}

fn is_join_answer(kind: u8, data: &[u8]) -> bool {
    kind == JOIN && data.len() == 14
}

fn is_signal(kind: u8, _: &[u8]) -> bool {
    kind == SIGNAL
}

/// Version 0 of the message has the address's version where version 1 has a flag.
fn is_add_0(kind: u8, data: &[u8]) -> bool {
    kind == ADD_ADDRESS && version(data) > 1
}

fn is_add_1(kind: u8, data: &[u8]) -> bool {
    kind == ADD_ADDRESS && version(data) <= 1
}

fn is_reset(kind: u8, _: &[u8]) -> bool {
    kind == RESET
}

fn subtype(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    messages(context, &mut |kind, _| sink(number(kind)))
}

fn flags(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    messages(context, &mut |kind, data| {
        let value = match kind {
            CAPABLE | SIGNAL => integer(data, 1, 1),
            JOIN if matches!(data.len(), 10 | 14) => Some(u64::from(version(data))),
            PRIORITY | RESET => Some(u64::from(version(data))),
            _ => None,
        };
        value.is_some_and(|value| sink(number(value)))
    })
}

fn backup(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    messages(context, &mut |kind, data| {
        let has = match kind {
            JOIN => matches!(data.len(), 10 | 14),
            PRIORITY => true,
            _ => false,
        };
        has && sink(number(version(data) & 1))
    })
}

fn address_id(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    messages(context, &mut |kind, data| match kind {
        JOIN if data.len() < 20 => data.get(1).is_some_and(|id| sink(number(*id))),
        ADD_ADDRESS | PRIORITY => data.get(1).is_some_and(|id| sink(number(*id))),
        REMOVE_ADDRESS => data.iter().skip(1).any(|id| sink(number(*id))),
        _ => false,
    })
}

fn random(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    messages(context, &mut |kind, data| {
        let at = match data.len() {
            10 => 6,
            14 => 10,
            _ => return false,
        };
        kind == JOIN && integer(data, at, 4).is_some_and(|value| sink(number(value)))
    })
}

fn hmac(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    messages(context, &mut |kind, data| {
        kind == JOIN && data.len() == 22 && data.get(2..).is_some_and(|b| sink(Value::Bytes(b)))
    })
}

fn receiver_key(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    messages(context, &mut |kind, data| {
        let at = match kind {
            CAPABLE if data.len() >= 18 => 10,
            FAST_CLOSE => 2,
            _ => return false,
        };
        integer(data, at, 8).is_some_and(|value| sink(number(value)))
    })
}

/// The numbers of a data sequence signal, whose widths its flags tell.
#[derive(Default)]
struct Signal {
    ack: Option<u64>,
    seq: Option<u64>,
    subflow: Option<u64>,
    len: Option<u64>,
    checksum: Option<u64>,
}

fn signal(data: &[u8]) -> Signal {
    let mut signal = Signal::default();
    let flags = data.get(1).copied().unwrap_or(0);
    let mut at = 2;
    let mut next = |width: usize| {
        at += width;
        integer(data, at - width, width)
    };
    if flags & 1 != 0 {
        signal.ack = next(if flags & 2 != 0 { 8 } else { 4 });
    }
    if flags & 4 != 0 {
        signal.seq = next(if flags & 8 != 0 { 8 } else { 4 });
        signal.subflow = next(4);
        signal.len = next(2);
        signal.checksum = next(2);
    }
    signal
}

fn in_signal(
    context: &Context<'_, '_>,
    read: fn(Signal) -> Option<u64>,
    sink: &mut Values<'_>,
) -> bool {
    messages(context, &mut |kind, data| {
        kind == SIGNAL && read(signal(data)).is_some_and(|value| sink(number(value)))
    })
}

fn data_ack(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    in_signal(context, |signal| signal.ack, sink)
}

fn data_seq(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    messages(context, &mut |kind, data| {
        let value = match kind {
            SIGNAL => signal(data).seq,
            FAIL => integer(data, 2, 8),
            _ => None,
        };
        value.is_some_and(|value| sink(number(value)))
    })
}

fn subflow_seq(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    in_signal(context, |signal| signal.subflow, sink)
}

fn data_len(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    messages(context, &mut |kind, data| {
        let value = match kind {
            SIGNAL => signal(data).len,
            CAPABLE if data.len() >= 20 => integer(data, 18, 2),
            _ => None,
        };
        value.is_some_and(|value| sink(number(value)))
    })
}

fn data_checksum(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    messages(context, &mut |kind, data| {
        let value = match kind {
            SIGNAL => signal(data).checksum,
            CAPABLE if data.len() >= 22 => integer(data, 20, 2),
            _ => None,
        };
        value.is_some_and(|value| sink(number(value)))
    })
}

/// Bytes of the address in a message that adds one; its length and the version tell.
fn address_len(data: &[u8]) -> usize {
    match (version(data), data.len()) {
        (4, _) | (0 | 1, ..16) => 4,
        _ => 16,
    }
}

fn added(kind: u8, data: &[u8], len: usize) -> Option<&[u8]> {
    data.get(2..2 + len).filter(|_| kind == ADD_ADDRESS && address_len(data) == len)
}

fn address_4(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    messages(context, &mut |kind, data| {
        let address = added(kind, data, 4).and_then(|bytes| bytes.first_chunk());
        address.is_some_and(|bytes| sink(Value::ipv4(u32::from_be_bytes(*bytes))))
    })
}

fn address_6(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    messages(context, &mut |kind, data| {
        let address = added(kind, data, 16).and_then(|bytes| bytes.first_chunk());
        address.is_some_and(|bytes| sink(Value::ipv6(u128::from_be_bytes(*bytes))))
    })
}

/// Two bytes more than the address, or with the HMAC ten.
fn port(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    messages(context, &mut |kind, data| {
        let end = 2 + address_len(data);
        let has = kind == ADD_ADDRESS && matches!(data.len().checked_sub(end), Some(2 | 10));
        has && integer(data, end, 2).is_some_and(|value| sink(number(value)))
    })
}

fn reset_flag(context: &Context<'_, '_>, mask: u8, sink: &mut Values<'_>) -> bool {
    messages(context, &mut |kind, data| {
        kind == RESET && sink(Value::Boolean(version(data) & mask != 0))
    })
}

fn reset_unknown(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    reset_flag(context, 8, sink)
}

fn reset_v(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    reset_flag(context, 4, sink)
}

fn reset_w(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    reset_flag(context, 2, sink)
}

fn reset_transient(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    reset_flag(context, 1, sink)
}
