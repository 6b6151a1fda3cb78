//! Linux "cooked" captures: what `-i any` records, versions 1 and 2
//! (<https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html>, `_SLL2.html`).

use super::ethernet;
use crate::frame::LinkType;
use crate::wire::Protocol;
use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;

/// The protocol field of frames whose payload starts with LLC.
const LINUX_802_2: u16 = 4;
/// The protocol field of frames whose payload starts with Ethernet.
const LINUX_ETHERNET: u16 = 3;
/// The protocol field of frames whose payload starts with PPP.
const LINUX_PPP: u16 = 7;
/// ARPHRD_FRAD: frame relay, which has no protocol in its cooked header.
const ARPHRD_FRAD: u16 = 770;
/// ARPHRD_IEEE80211_RADIOTAP.
const ARPHRD_RADIOTAP: u16 = 803;
/// ARPHRD_IPGRE, whose protocol field is GRE's.
const ARPHRD_IPGRE: u16 = 778;
/// LINKTYPE_NETLINK.
const NETLINK: u16 = 253;
/// ARPHRD_NETLINK: kernel messages, no packets.
const ARPHRD_NETLINK: u16 = 824;

/// Version 1: 16 bytes, the protocol at the end.
pub(in crate::wire) fn decode_v1<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let payload = walk.layer(Protocol::LinuxCooked, span, 16)?;
    after_header(payload, span.u16(2)?, span.u16(14)?)
}

/// Version 2: 20 bytes, the protocol at the front.
pub(in crate::wire) fn decode_v2<'a>(walk: &mut Walk<'_, 'a>, span: Span<'a>) -> Step<'a> {
    let payload = walk.layer(Protocol::LinuxCooked, span, 20)?;
    after_header(payload, span.u16(8)?, span.u16(0)?)
}

fn after_header(payload: Span<'_>, hardware: u16, protocol: u16) -> Step<'_> {
    if payload.wire_len == 0 {
        return None;
    }
    match (hardware, protocol) {
        (ARPHRD_NETLINK, _) => Some((Next::Link(LinkType(NETLINK)), payload)),
        (ARPHRD_IPGRE, 0x0600..) => Some((Next::GreProtocol(protocol), payload)),
        (_, 0x0600..) => ethernet::after_type(payload, protocol),
        (ARPHRD_FRAD, _) => Some((Next::FrameRelay, payload)),
        (ARPHRD_RADIOTAP, _) => Some((Next::Link(LinkType(127)), payload)),
        (_, LINUX_ETHERNET) => Some((Next::Ethernet, payload)),
        (_, LINUX_802_2) => Some((Next::Llc, payload)),
        (_, LINUX_PPP) => Some((Next::Ppp, payload)),
        _ => None,
    }
}
