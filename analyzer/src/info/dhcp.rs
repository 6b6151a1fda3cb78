//! DHCP and BOOTP (RFC 2131, RFC 951): message type and transaction.

use std::fmt::{self, Write};

use super::bytes::{u8_at, u32_at};
use super::text::Hardware;

/// Offset of the options' magic cookie.
const COOKIE_AT: usize = 236;
/// The cookie (RFC 2131, section 3).
const COOKIE: u32 = 0x6382_5363;
/// Option 53: the message type.
const MESSAGE_TYPE: u8 = 53;

/// True for a payload that is long enough and carries the cookie, or is a bare BOOTP message.
pub(super) fn is_message(payload: &[u8]) -> bool {
    matches!(payload.first(), Some(1 | 2)) && payload.len() >= COOKIE_AT
}

/// Writes the line and answers the Protocol column.
pub(super) fn write<W: Write>(out: &mut W, payload: &[u8]) -> Result<&'static str, fmt::Error> {
    let transaction = u32_at(payload, 4).unwrap_or(0);
    if let Some(kind) = message_type(payload) {
        let name = match kind {
            1 => "Discover",
            2 => "Offer",
            3 => "Request",
            4 => "Decline",
            5 => "ACK",
            6 => "NAK",
            7 => "Release",
            8 => "Inform",
            9 => "Force Renew",
            10 => "Lease query",
            11 => "Lease Unassigned",
            12 => "Lease Unknown",
            13 => "Lease Active",
            _ => "Unknown Message Type",
        };
        write!(out, "DHCP {name:<8} - Transaction ID 0x{transaction:x}")?;
        return Ok("DHCP");
    }
    if payload.first() == Some(&1) {
        let len = usize::from(u8_at(payload, 2).unwrap_or(0)).min(16);
        let hardware = payload.get(28..28 + len).unwrap_or(&[]);
        write!(out, "Boot Request from {0} ({0})", Hardware(hardware))?;
    } else {
        out.write_str("Boot Reply")?;
    }
    Ok("BOOTP")
}

/// The value of option 53.
fn message_type(payload: &[u8]) -> Option<u8> {
    if u32_at(payload, COOKIE_AT)? != COOKIE {
        return None;
    }
    let mut rest = payload.get(COOKIE_AT + 4..)?;
    loop {
        let kind = u8_at(rest, 0)?;
        match kind {
            0 => rest = rest.get(1..)?,
            255 => return None,
            _ => {
                let len = usize::from(u8_at(rest, 1)?);
                if kind == MESSAGE_TYPE {
                    return u8_at(rest, 2);
                }
                rest = rest.get(2 + len..)?;
            }
        }
    }
}
