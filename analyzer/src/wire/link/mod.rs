//! Link layers, by the LINKTYPE_ number of the recording interface
//! (<https://www.tcpdump.org/linktypes.html>).

use super::Protocol;
use super::decoder::{Next, Step, Walk};
use super::span::Span;
use crate::frame::LinkType;

pub(super) mod ether_type;
pub(super) mod ethernet;
pub(super) mod linux_cooked;
pub(super) mod llc;
pub(super) mod null;

/// Decodes the outermost layer of a frame.
#[inline]
pub(super) fn first<'a>(walk: &mut Walk<'a>, link_type: LinkType, span: Span<'a>) -> Step<'a> {
    match link_type.0 {
        1 => ethernet::decode(walk, span),
        other => first_uncommon(walk, other, span),
    }
}

fn first_uncommon<'a>(walk: &mut Walk<'a>, link_type: u16, span: Span<'a>) -> Step<'a> {
    match link_type {
        0 | 108 => null::decode(walk, span),
        // 12 and 14: DLT_RAW as some systems wrote it to files.
        12 | 14 | 101 => {
            walk.layer(Protocol::Raw, span, 0)?;
            Some((Next::AnyIp, span))
        }
        113 => linux_cooked::decode_v1(walk, span),
        228 => Some((Next::Ipv4, span)),
        229 => Some((Next::Ipv6, span)),
        276 => linux_cooked::decode_v2(walk, span),
        _ => None,
    }
}
