//! IPv6 neighbor discovery (RFC 4861): routers and neighbors with their link addresses.

use std::fmt::{self, Write};

use super::bytes::{ipv6_at, u8_at};
use super::text::{Hardware, Ipv6};

/// Option type of the sender's link-layer address.
const SOURCE_LINK_ADDRESS: u8 = 1;
/// Option type of the target's link-layer address.
const TARGET_LINK_ADDRESS: u8 = 2;

/// `Router Solicitation from 02:...`; options start at an offset of the body.
pub(super) fn write_with_link_address<W: Write>(
    out: &mut W,
    name: &str,
    body: &[u8],
    options: usize,
) -> fmt::Result {
    out.write_str(name)?;
    match link_address(body.get(options..).unwrap_or(&[]), SOURCE_LINK_ADDRESS) {
        Some(address) => write!(out, " from {}", Hardware(address)),
        None => Ok(()),
    }
}

/// `Neighbor Solicitation for fe80::1 from 02:...`
pub(super) fn write_solicitation<W: Write>(out: &mut W, body: &[u8]) -> fmt::Result {
    out.write_str("Neighbor Solicitation")?;
    let Some(target) = ipv6_at(body, 4) else {
        return Ok(());
    };
    write!(out, " for {}", Ipv6(target))?;
    match link_address(body.get(20..).unwrap_or(&[]), SOURCE_LINK_ADDRESS) {
        Some(address) => write!(out, " from {}", Hardware(address)),
        None => Ok(()),
    }
}

/// `Neighbor Advertisement fe80::1 (rtr, sol, ovr) is at 02:...`
pub(super) fn write_advertisement<W: Write>(out: &mut W, body: &[u8]) -> fmt::Result {
    out.write_str("Neighbor Advertisement")?;
    let (Some(flags), Some(target)) = (u8_at(body, 0), ipv6_at(body, 4)) else {
        return Ok(());
    };
    write!(out, " {}", Ipv6(target))?;
    let mut separator = " (";
    for (bit, name) in [(0x80, "rtr"), (0x40, "sol"), (0x20, "ovr")] {
        if flags & bit != 0 {
            write!(out, "{separator}{name}")?;
            separator = ", ";
        }
    }
    out.write_str(if separator == ", " { ")" } else { " (none)" })?;
    match link_address(body.get(20..).unwrap_or(&[]), TARGET_LINK_ADDRESS) {
        Some(address) => write!(out, " is at {}", Hardware(address)),
        None => Ok(()),
    }
}

/// The Ethernet address in the first option of a type.
fn link_address(options: &[u8], wanted: u8) -> Option<&[u8]> {
    let mut rest = options;
    loop {
        let kind = u8_at(rest, 0)?;
        let len = usize::from(u8_at(rest, 1)?) * 8;
        let option = rest.get(..len).filter(|option| !option.is_empty())?;
        if kind == wanted {
            return option.get(2..8);
        }
        rest = rest.get(len..)?;
    }
}
