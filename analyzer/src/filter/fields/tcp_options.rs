//! `tcp.options.*`: each option of each TCP header.

use super::{Context, Field, Values, number};
use crate::filter::kind::Kind::{self, Bytes, Label, Unsigned};
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
    option("tcp.options.nop", Label, nop, "padding"),
    option("tcp.options.eol", Label, end, "end of the list"),
    option("tcp.options.mss", Label, mss_there, "maximum segment size is there"),
    option("tcp.options.mss_val", Unsigned(16), mss, "maximum segment size in bytes"),
    option("tcp.options.wscale", Label, scale_there, "window scale is there"),
    option("tcp.options.wscale.shift", Unsigned(8), shift, "window scale as a shift"),
    option("tcp.options.wscale.multiplier", Unsigned(16), multiplier, "window scale as a factor"),
    option("tcp.options.sack_perm", Label, sack_permitted, "SACK is permitted"),
    option("tcp.options.sack", Label, sack_there, "SACK blocks are there"),
    option("tcp.options.sack_le", Unsigned(32), sack_left, "a block's first byte, relative"),
    option("tcp.options.sack_re", Unsigned(32), sack_right, "the byte after a block, relative"),
    option("tcp.options.sack.count", Unsigned(8), sack_count, "number of blocks"),
    option("tcp.options.timestamp", Label, stamp_there, "time stamps are there"),
    option("tcp.options.timestamp.tsval", Unsigned(32), tsval, "sender's clock"),
    option("tcp.options.timestamp.tsecr", Unsigned(32), tsecr, "receiver's clock, echoed"),
    option("tcp.options.tfo.request", Label, tfo_request, "asks for a fast open cookie"),
    option("tcp.options.tfo.cookie", Bytes, tfo_cookie, "fast open cookie"),
    option("tcp.options.md5", Label, md5, "MD5 signature is there"),
    option("tcp.options.mptcp", Label, multipath, "Multipath TCP is there"),
    option("tcp.options.mptcp.subtype", Unsigned(8), multipath_kind, "kind of multipath message"),
];

/// Hands each option to `read` until it says stop.
fn each(context: &Context<'_, '_>, read: impl FnMut(RawOption<'_>) -> bool) -> bool {
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
}

/// Is there an option of a kind?
fn there(context: &Context<'_, '_>, kind: u8, sink: &mut Values<'_>) -> bool {
    each(context, |option| option.kind == kind && sink(Value::Label))
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

fn multipath(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    there(context, 30, sink)
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
    let base =
        context.judged().map_or(0, |tcp| tcp.segment.ack_raw.0.wrapping_sub(tcp.analysis.ack_rel));
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
    })
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

fn multipath_kind(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(context, |option| match option.meaning() {
        TcpOption::Multipath(data) => data.first().is_some_and(|byte| sink(number(byte >> 4))),
        _ => false,
    })
}
