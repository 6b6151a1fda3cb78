//! Link layers, by the LINKTYPE_ number of the recording interface
//! (<https://www.tcpdump.org/linktypes.html>).

use super::Protocol;
use super::decoder::{Next, Step, Walk};
use super::span::Span;
use crate::frame::LinkType;

pub(super) mod bus;
pub(super) mod ether_type;
pub(super) mod ethernet;
pub(super) mod frame_relay;
pub(super) mod juniper;
pub(super) mod linux_cooked;
pub(super) mod llc;
pub(super) mod mpls;
pub(super) mod null;
pub(super) mod packet_tap;
pub(super) mod ppp;
pub(super) mod radio;
pub(super) mod wlan;

#[cfg(test)]
mod tests;

/// Decodes the outermost layer of a frame.
#[inline]
pub(super) fn first<'a>(walk: &mut Walk<'_, 'a>, link_type: LinkType, span: Span<'a>) -> Step<'a> {
    match link_type.0 {
        1 => ethernet::decode(walk, span),
        other => first_uncommon(walk, other, span),
    }
}

fn first_uncommon<'a>(walk: &mut Walk<'_, 'a>, link_type: u16, span: Span<'a>) -> Step<'a> {
    match link_type {
        0 => null::decode(walk, span),
        6 => bus::decode_token_ring(walk, span),
        7 => bus::decode_arcnet(walk, span, 2),
        9 | 50 => ppp::decode_hdlc(walk, span),
        10 => bus::decode_fddi(walk, span),
        // 12 and 14: DLT_RAW as some systems wrote it to files.
        12 | 14 | 101 => null::decode_raw(walk, span),
        100 => llc::decode(walk, span),
        104 => ppp::decode_cisco_hdlc(walk, span),
        105 => wlan::decode(walk, span, wlan::ByteOrder::Standard),
        106 => over(walk, Protocol::ClassicalIp, Next::Ipv4, span),
        107 => frame_relay::decode(walk, span),
        108 => null::decode_loop(walk, span),
        113 => linux_cooked::decode_v1(walk, span),
        119 => radio::decode_prism(walk, span),
        123 => bus::decode_sun_atm(walk, span),
        127 => radio::decode_radiotap(walk, span),
        129 => bus::decode_arcnet(walk, span, 4),
        130..=138 | 178..=181 | 183 | 194 => juniper::decode(walk, link_type, span),
        147..=162 => packet_tap::decode_user(walk, link_type, span),
        163 => radio::decode_avs(walk, span),
        192 => packet_tap::decode_ppi(walk, span),
        195 | 215 | 230 => walk.layer(Protocol::Wpan, span, 3).and(None),
        226 => packet_tap::decode_ipnet(walk, span),
        228 => Some((Next::Ipv4, span)),
        229 => Some((Next::Ipv6, span)),
        231 => walk.layer(Protocol::Dbus, span, 16).and(None),
        239 => packet_tap::decode_netfilter_log(walk, span),
        242 => bus::decode_infiniband(walk, span),
        253 => walk.layer(Protocol::Netlink, span, 0).and(None),
        258 => packet_tap::decode_packet_tap(walk, span),
        271 => walk.layer(Protocol::Vsock, span, 32).and(None),
        276 => linux_cooked::decode_v2(walk, span),
        _ => None,
    }
}

/// A layer without a header of its own, and what it says comes next.
fn over<'a>(walk: &mut Walk<'_, 'a>, protocol: Protocol, next: Next, span: Span<'a>) -> Step<'a> {
    walk.layer(protocol, span, 0)?;
    Some((next, span))
}
