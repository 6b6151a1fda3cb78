//! Tunnels that Wireshark recognises by their UDP port.

use crate::wire::Protocol;
use crate::wire::decoder::{Next, Step, Walk};
use crate::wire::span::Span;

/// Goes on with a UDP payload when one of its ports belongs to a tunnel.
pub(in crate::wire) fn decode<'a>(
    walk: &mut Walk<'a>,
    source: u16,
    destination: u16,
    payload: Span<'a>,
) -> Step<'a> {
    for port in [source.min(destination), source.max(destination)] {
        if port == 4789 {
            let inner = walk.layer(Protocol::Vxlan, payload, 8)?;
            return Some((Next::Ethernet, inner));
        }
    }
    None
}
