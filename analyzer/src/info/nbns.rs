//! NetBIOS name service (RFC 1002, section 4.2): who is called what.

use std::fmt::{self, Write};

use super::bytes::{ipv4_at, u16_at};

/// Length of the header in bytes.
const HEADER: usize = 12;
/// Encoded length of a NetBIOS name: 16 characters, two bytes each.
const ENCODED: usize = 32;
/// Record type of a node status.
const NODE_STATUS: u16 = 0x21;

/// True for a payload whose first name has the length that NetBIOS names have.
pub(super) fn is_message(payload: &[u8]) -> bool {
    payload.get(HEADER) == Some(&(ENCODED as u8))
}

/// Writes the line.
pub(super) fn write<W: Write>(out: &mut W, message: &[u8]) -> fmt::Result {
    let flags = u16_at(message, 2).unwrap_or(0);
    let is_response = flags & 0x8000 != 0;
    match (flags >> 11) & 15 {
        0 => out.write_str("Name query")?,
        5 => out.write_str("Registration")?,
        6 => out.write_str("Release")?,
        7 => out.write_str("Wait for acknowledgment")?,
        8 | 9 => out.write_str("Refresh")?,
        15 => out.write_str("Multi-homed registration")?,
        other => write!(out, "Unknown operation ({other})")?,
    }
    if is_response {
        out.write_str(" response")?;
        match flags & 15 {
            0 => {}
            3 => out.write_str(", Requested name does not exist")?,
            6 => out.write_str(", Name is owned by another node")?,
            _ => out.write_str(", Error")?,
        }
    }
    let end = HEADER + 1 + ENCODED + 1;
    let Some(kind) = u16_at(message, end) else {
        return Ok(());
    };
    out.write_str(if kind == NODE_STATUS { " NBSTAT" } else { " NB" })?;
    if !is_response {
        let name = message.get(HEADER + 1..HEADER + 1 + ENCODED).unwrap_or(&[]);
        return write!(out, " {}", NetbiosName(name));
    }
    // Flags and address follow class, lifetime, length.
    match ipv4_at(message, end + 12) {
        Some(address) if kind != NODE_STATUS && flags & 15 == 0 => write!(out, " {address}"),
        _ => Ok(()),
    }
}

/// Prints a name from its half-byte encoding: fifteen characters without the padding, then
/// the service type.
struct NetbiosName<'a>(&'a [u8]);

impl fmt::Display for NetbiosName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut name = [b' '; 16];
        let (pairs, _) = self.0.as_chunks::<2>();
        for (byte, &[high, low]) in name.iter_mut().zip(pairs) {
            *byte = (high.wrapping_sub(b'A') << 4) | (low.wrapping_sub(b'A') & 15);
        }
        let [characters @ .., service] = name;
        for &byte in characters.trim_ascii_end() {
            if byte.is_ascii_graphic() || byte == b' ' {
                f.write_char(char::from(byte))?;
            } else {
                write!(f, "<{byte:02x}>")?;
            }
        }
        write!(f, "<{service:02x}>")
    }
}
