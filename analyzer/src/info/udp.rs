//! The UDP line of the Info column: ports and the payload's length.

use std::fmt::{self, Write};

use super::tcp::{ports, shortage};
use crate::wire::{Decoded, Protocol};

/// Length of a UDP header (RFC 768), in bytes.
const HEADER: usize = 8;
/// Bytes up to and including the length field.
const THROUGH_LENGTH: usize = 6;
/// Payload bytes that Wireshark's guessers read without asking whether they were captured.
const GUESSED_PAYLOAD: usize = 5;

/// Writes the line of the innermost UDP header that the frame carries: what Wireshark shows
/// when it knows no protocol above. Nothing when there is none.
///
/// # Errors
/// Only those of the writer.
pub fn write_datagram<W: Write>(out: &mut W, decoded: &Decoded<'_>) -> fmt::Result {
    let layers = &decoded.layers;
    let Some(index) = layers.iter().rposition(|l| l.protocol == Protocol::Udp && !l.is_quoted)
    else {
        return Ok(());
    };
    let Some(layer) = layers.get(index) else {
        return Ok(());
    };
    let Some((source, destination)) = ports(layer.bytes) else {
        return Ok(());
    };
    write!(out, "{source} → {destination}")?;
    let Some(&[high, low]) = layer.bytes.get(4..THROUGH_LENGTH) else {
        return out.write_str(shortage(layer, THROUGH_LENGTH));
    };
    let declared = usize::from(u16::from_be_bytes([high, low]));
    let around =
        index.checked_sub(1).and_then(|i| layers.get(i)).filter(|_| layer.offset().is_some());
    let room = around.map(|ip| usize::try_from(ip.payload_wire_len()).unwrap_or(usize::MAX));
    if declared < HEADER {
        // Zero is a jumbogram's length (RFC 2675, section 4), which no IPv4 packet can be.
        return write!(out, " [BAD UDP LENGTH {declared} < {HEADER}]");
    }
    if room.is_some_and(|room| declared > room) {
        write!(out, " [BAD UDP LENGTH {declared} > IP PAYLOAD LENGTH]")?;
    }
    let payload_len = declared - HEADER;
    write!(out, " Len={payload_len}")?;
    let is_v6 = around.is_some_and(|ip| ip.protocol == Protocol::Ipv6);
    if is_v6 && layer.bytes.get(6..HEADER) == Some(&[0, 0]) {
        // RFC 8200, section 8.1: not without a checksum.
        out.write_str(" [ILLEGAL CHECKSUM (0)]")?;
    }
    let needed = HEADER + payload_len.min(GUESSED_PAYLOAD);
    if layer.bytes.len() < HEADER
        || (layer.bytes.len() < needed && room.is_none_or(|r| r >= needed))
    {
        let short = room.is_some_and(|room| room < HEADER);
        return out.write_str(if short { super::tcp::MALFORMED } else { super::tcp::SIZE_LIMITED });
    }
    Ok(())
}
