//! Packets in packets.

use super::Protocol;
use super::decoder::{Next, Step, Walk};
use super::span::Span;

pub(super) mod gre;
pub(super) mod l2tp;
pub(super) mod over_udp;

/// EtherIP (RFC 3378): an Ethernet frame in an IP packet.
pub(super) fn ether_ip<'a>(walk: &mut Walk<'a>, span: Span<'a>) -> Step<'a> {
    let payload = walk.layer(Protocol::EtherIp, span, 2)?;
    Some((Next::Ethernet, payload))
}
