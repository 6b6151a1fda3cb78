//! How the Info column names what TLS carries: handshake messages, alerts, and several of them
//! after one another.

use std::fmt::{self, Write};

use super::super::messages::{MessageKind, Messages};

/// Wireshark's name of a handshake message type.
pub(super) fn handshake_name(kind: u8) -> Option<&'static str> {
    Some(match kind {
        0 => "Hello Request",
        1 => "Client Hello",
        2 => "Server Hello",
        3 => "Hello Verify Request",
        4 => "New Session Ticket",
        5 => "End of Early Data",
        6 => "Hello Retry Request",
        8 => "Encrypted Extensions",
        11 => "Certificate",
        12 => "Server Key Exchange",
        13 => "Certificate Request",
        14 => "Server Hello Done",
        15 => "Certificate Verify",
        16 => "Client Key Exchange",
        20 => "Finished",
        21 => "Certificate URL",
        22 => "Certificate Status",
        23 => "Supplemental Data",
        24 => "Key Update",
        25 => "Compressed Certificate",
        67 => "Encrypted Extensions",
        _ => return None,
    })
}

/// Names in a row, with `, ` between them and what already stands in the line.
pub(in crate::info) struct Names<'a, W: Write> {
    out: &'a mut W,
    needs_separator: bool,
    pub(super) messages: &'a mut Messages,
}

impl<'a, W: Write> Names<'a, W> {
    /// Writes to `out`; `has_text` when something stands there already. What is named is added
    /// to `messages`.
    pub(in crate::info) fn new(out: &'a mut W, has_text: bool, messages: &'a mut Messages) -> Self {
        Self { out, needs_separator: has_text, messages }
    }

    pub(super) fn add_hidden(&mut self, bytes: &[u8]) -> fmt::Result {
        self.messages.add(MessageKind::TlsHidden, bytes);
        self.add("Encrypted Handshake Message")
    }

    pub(super) fn add(&mut self, name: &str) -> fmt::Result {
        self.separate()?;
        self.out.write_str(name)
    }

    pub(super) fn add_alert(&mut self, level: u8, description: u8) -> fmt::Result {
        self.separate()?;
        let level = match level {
            1 => "Warning",
            2 => "Fatal",
            _ => "Unknown",
        };
        let description = alert_name(description);
        write!(self.out, "Alert (Level: {level}, Description: {description})")
    }

    fn separate(&mut self) -> fmt::Result {
        if self.needs_separator {
            self.out.write_str(", ")?;
        }
        self.needs_separator = true;
        Ok(())
    }
}

/// Alert descriptions (RFC 8446, section 6, and its predecessors).
fn alert_name(description: u8) -> &'static str {
    match description {
        0 => "Close Notify",
        10 => "Unexpected Message",
        20 => "Bad Record MAC",
        21 => "Decryption Failed",
        22 => "Record Overflow",
        30 => "Decompression Failure",
        40 => "Handshake Failure",
        41 => "No Certificate",
        42 => "Bad Certificate",
        43 => "Unsupported Certificate",
        44 => "Certificate Revoked",
        45 => "Certificate Expired",
        46 => "Certificate Unknown",
        47 => "Illegal Parameter",
        48 => "Unknown CA",
        49 => "Access Denied",
        50 => "Decode Error",
        51 => "Decrypt Error",
        60 => "Export Restriction",
        70 => "Protocol Version",
        71 => "Insufficient Security",
        80 => "Internal Error",
        86 => "Inappropriate Fallback",
        90 => "User Canceled",
        100 => "No Renegotiation",
        109 => "Missing Extension",
        110 => "Unsupported Extension",
        112 => "Unrecognized Name",
        113 => "Bad Certificate Status Response",
        115 => "Unknown PSK Identity",
        116 => "Certificate Required",
        120 => "No application Protocol",
        _ => "Unknown",
    }
}
