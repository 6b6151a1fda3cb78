//! `tcp.options.*`: each option of each TCP header.

use super::{Context, Field, Values, number};
use crate::filter::kind::Kind::{self, Boolean, Bytes, Label, Protocol, Unsigned};
use crate::filter::literal::Names;
use crate::filter::value::Value;
use crate::wire::Protocol::Tcp;
use crate::wire::TcpView;
use crate::wire::tcp_options::{RawOption, TcpOption, sack_blocks};

/// Option kinds by the words that Wireshark has for them.
const KINDS: Names = &[
    (0, "End of Option List"),
    (1, "No-Operation"),
    (2, "Maximum Segment Size"),
    (3, "Window Scale"),
    (4, "SACK Permitted"),
    (5, "SACK"),
    (8, "Time Stamp Option"),
    (19, "MD5 Signature Option"),
    (30, "Multipath TCP"),
    (34, "TCP Fast Open Cookie"),
];

const fn option(
    name: &'static str,
    kind: Kind,
    read: fn(&Context<'_, '_>, &mut Values<'_>) -> bool,
    meaning: &'static str,
) -> Field {
    Field::call(name, kind, Tcp, read, meaning)
}

pub(super) const FIELDS: &[Field] = &[
    option("tcp.options", Bytes, all_bytes, "all options"),
    option("tcp.option_kind", Unsigned(8), kind, "an option's kind").named(KINDS),
    option("tcp.option_len", Unsigned(8), option_len, "its bytes, kind and length included"),
    option("tcp.options.nop", Protocol, nop, "padding"),
    option("tcp.options.eol", Protocol, end, "end of the list"),
    option("tcp.options.mss", Protocol, mss_there, "maximum segment size is there"),
    option("tcp.options.mss_val", Unsigned(16), mss, "maximum segment size in bytes"),
    option("tcp.options.wscale", Protocol, scale_there, "window scale is there"),
    option("tcp.options.wscale.shift", Unsigned(8), shift, "window scale as a shift"),
    option("tcp.options.wscale.multiplier", Unsigned(16), multiplier, "window scale as a factor"),
    option("tcp.options.sack_perm", Protocol, sack_permitted, "SACK is permitted"),
    option("tcp.options.sack", Protocol, sack_there, "SACK blocks are there"),
    option("tcp.options.sack_le", Unsigned(32), sack_left, "a block's first byte, relative"),
    option("tcp.options.sack_re", Unsigned(32), sack_right, "the byte after a block, relative"),
    option("tcp.options.sack.count", Unsigned(8), sack_count, "number of blocks"),
    option("tcp.options.timestamp", Protocol, stamp_there, "time stamps are there"),
    option("tcp.options.timestamp.tsval", Unsigned(32), tsval, "sender's clock"),
    option("tcp.options.timestamp.tsecr", Unsigned(32), tsecr, "receiver's clock, echoed"),
    option("tcp.options.tfo.request", Label, tfo_request, "asks for a fast open cookie"),
    option("tcp.options.tfo.cookie", Bytes, tfo_cookie, "fast open cookie"),
    option("tcp.options.md5", Protocol, md5, "MD5 signature is there"),
    option("tcp.options.md5.digest", Bytes, md5_digest, "MD5 signature"),
    option("tcp.options.mss.present", Label, mss_on_later, "maximum segment size without SYN"),
    option("tcp.options.sack.dsack_le", Unsigned(32), doubled_left, "first byte that came twice"),
    option("tcp.options.sack.dsack_re", Unsigned(32), doubled_right, "the byte after those"),
    option("tcp.options.sack.dsack", Label, doubled, "bytes came twice (RFC 2883)"),
    option(
        "tcp.options.user_to_granularity",
        Boolean,
        timeout_minutes,
        "user timeout is in minutes",
    ),
    option("tcp.options.user_to_val", Unsigned(16), timeout, "user timeout (RFC 5482)"),
    option("tcp.options.experimental.exid", Unsigned(16), experiment, "which experiment"),
    option("tcp.options.unknown.payload", Bytes, unknown, "data of an option without a name"),
];

/// Hands each option to `read` until it says stop.
pub(super) fn each(context: &Context<'_, '_>, read: impl FnMut(RawOption<'_>) -> bool) -> bool {
    TcpView::from_layer(context.layer).is_some_and(|view| view.options().any(read))
}

fn all_bytes(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let Some(view) = TcpView::from_layer(context.layer) else { return false };
    !view.option_bytes().is_empty() && sink(Value::Bytes(view.option_bytes()))
}

fn kind(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, |option| sink(number(option.kind)))
}

fn option_len(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, |option| option.kind > 1 && sink(number(option.wire_len() as u64)))
        || cut_option(context).and_then(|b| b.get(1)).is_some_and(|len| sink(number(*len)))
}

/// The options of a kind, kind and length included.
fn there(context: &Context<'_, '_>, kind: u8, sink: &mut Values<'_>) -> bool {
    let Some(view) = TcpView::from_layer(context.layer) else { return false };
    let mut at = 0;
    view.options().any(|option| {
        let start = at;
        at += option.wire_len();
        let bytes = view.option_bytes().get(start..at).unwrap_or(&[]);
        option.kind == kind && sink(Value::Protocol { bytes, own_len: bytes.len() })
    }) || cut_option(context).is_some_and(|bytes| {
        bytes.first() == Some(&kind) && sink(Value::Protocol { bytes, own_len: bytes.len() })
    })
}

/// The last option, when the capture ends inside it: from its kind on.
fn cut_option<'c>(context: &Context<'_, 'c>) -> Option<&'c [u8]> {
    let layer = context.layer;
    if layer.bytes.len() >= layer.header_len as usize {
        return None;
    }
    let mut rest = layer.bytes.get(20..)?;
    loop {
        let len = match *rest.first()? {
            0 => return None,
            1 => 1,
            _ => usize::from(*rest.get(1).filter(|len| **len >= 2)?),
        };
        match rest.get(len..) {
            Some(behind) => rest = behind,
            None => return Some(rest),
        }
    }
}

fn end(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    there(context, 0, sink)
}

fn nop(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    there(context, 1, sink)
}

fn mss_there(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    there(context, 2, sink)
}

fn scale_there(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    there(context, 3, sink)
}

fn sack_permitted(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    there(context, 4, sink)
}

fn sack_there(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    there(context, 5, sink)
}

fn stamp_there(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    there(context, 8, sink)
}

fn md5(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    there(context, 19, sink)
}

fn mss(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, |option| match option.meaning() {
        TcpOption::MaximumSegmentSize(size) => sink(number(size)),
        _ => false,
    })
}

fn shift(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, |option| match option.meaning() {
        TcpOption::WindowScale(shift) => sink(number(shift)),
        _ => false,
    })
}

/// RFC 7323, section 2.3: a shift above 14 counts as 14.
fn multiplier(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, |option| match option.meaning() {
        TcpOption::WindowScale(shift) => sink(number(1_u64 << shift.min(14))),
        _ => false,
    })
}

/// Block edges, relative to the other side's first sequence number where that is known.
fn edges(context: &Context<'_, '_>, right: bool, sink: &mut Values<'_>) -> bool {
    let base = relative_base(context);
    each(context, |option| match option.meaning() {
        TcpOption::Sack(data) => sack_blocks(data).any(|(start, end)| {
            let edge = if right { end } else { start };
            sink(number(edge.wrapping_sub(base)))
        }),
        _ => false,
    })
}

fn sack_left(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    edges(context, false, sink)
}

fn sack_right(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    edges(context, true, sink)
}

fn sack_count(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, |option| match option.meaning() {
        TcpOption::Sack(data) => sink(number((data.len() / 8) as u64)),
        _ => false,
    })
}

fn tsval(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, |option| match option.meaning() {
        TcpOption::Timestamps(value, _) => sink(number(value)),
        _ => false,
    }) || match cut_option(context) {
        Some(&[8, 10, a, b, c, d, ..]) => sink(number(u32::from_be_bytes([a, b, c, d]))),
        _ => false,
    }
}

fn tsecr(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, |option| match option.meaning() {
        TcpOption::Timestamps(_, echo) => sink(number(echo)),
        _ => false,
    })
}

fn tfo_request(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, |option| match option.meaning() {
        TcpOption::FastOpen([]) => sink(Value::Label),
        _ => false,
    })
}

fn tfo_cookie(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, |option| match option.meaning() {
        TcpOption::FastOpen(cookie) if !cookie.is_empty() => sink(Value::Bytes(cookie)),
        _ => false,
    })
}

fn md5_digest(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, |option| option.kind == 19 && sink(Value::Bytes(option.data)))
}

/// RFC 9293, section 3.2: it belongs into segments with SYN.
fn mss_on_later(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let has_syn = context.integer(13, 1).is_some_and(|flags| flags & 2 != 0);
    !has_syn && mss_there(context, sink)
}

/// A first block below the acknowledgment number, or inside the second block, tells of bytes
/// that came twice (RFC 2883, section 4).
fn doubled_block(context: &Context<'_, '_>) -> Option<(u32, u32)> {
    let acknowledged = u32::try_from(context.integer(8, 4)?).ok()?;
    let mut found = None;
    each(context, |option| match option.meaning() {
        TcpOption::Sack(data) => {
            let mut blocks = sack_blocks(data);
            let (first, second) = (blocks.next(), blocks.next());
            let is_below = |a: u32, b: u32| a.wrapping_sub(b) >= 1 << 31;
            found = first.filter(|(start, end)| {
                is_below(*start, acknowledged)
                    || second
                        .is_some_and(|(from, to)| !is_below(*start, from) && !is_below(to, *end))
            });
            true
        }
        _ => false,
    });
    found
}

fn relative_base(context: &Context<'_, '_>) -> u32 {
    context.judged().map_or(0, |tcp| tcp.segment.ack_raw.0.wrapping_sub(tcp.analysis.ack_rel))
}

fn doubled(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    doubled_block(context).is_some() && sink(Value::Label)
}

fn doubled_left(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let base = relative_base(context);
    doubled_block(context).is_some_and(|(start, _)| sink(number(start.wrapping_sub(base))))
}

fn doubled_right(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let base = relative_base(context);
    doubled_block(context).is_some_and(|(_, end)| sink(number(end.wrapping_sub(base))))
}

/// The number in a user timeout option.
fn user_timeout(context: &Context<'_, '_>, read: &mut dyn FnMut(u16) -> bool) -> bool {
    each(context, |option| match *option.data {
        [high, low] if option.kind == 28 => read(u16::from_be_bytes([high, low])),
        _ => false,
    })
}

fn timeout_minutes(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    user_timeout(context, &mut |value| sink(Value::Boolean(value & 0x8000 != 0)))
}

fn timeout(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    user_timeout(context, &mut |value| sink(number(value & 0x7fff)))
}

fn experiment(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, |option| match *option.data {
        [high, low, ..] if matches!(option.kind, 253 | 254) => {
            sink(number(u16::from_be_bytes([high, low])))
        }
        _ => false,
    })
}

fn unknown(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, |option| {
        let is_known = matches!(option.kind, 0..=8 | 11..=15 | 19..=21 | 24 | 27..=30 | 34 | 69);
        let is_known = is_known || matches!(option.kind, 76 | 78 | 172 | 174 | 253 | 254);
        !is_known && !option.data.is_empty() && sink(Value::Bytes(option.data))
    })
}
