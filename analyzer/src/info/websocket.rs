//! WebSocket frames (RFC 6455, section 5.2) behind an HTTP upgrade: kind, end and mask.

use std::fmt::{self, Write};

/// The header of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    opcode: u8,
    is_last: bool,
    is_masked: bool,
    /// Bytes of the whole frame.
    pub len: u64,
}

impl Head {
    /// Reads a header; `None` when it is not complete.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let &[first, second] = bytes.first_chunk()?;
        let is_masked = second & 0x80 != 0;
        let (length_len, payload) = match second & 0x7f {
            126 => (2, u64::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?))),
            127 => (8, u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?)),
            short => (0, u64::from(short)),
        };
        let header = 2 + length_len + if is_masked { 4 } else { 0 };
        let len = payload.saturating_add(header);
        Some(Self { opcode: first & 0x0f, is_last: first & 0x80 != 0, is_masked, len })
    }

    /// `WebSocket Text [FIN] [MASKED]`, with the spaces of Wireshark.
    pub fn write<W: Write>(&self, out: &mut W) -> fmt::Result {
        let name = match self.opcode {
            0 => "Continuation",
            1 => "Text",
            2 => "Binary",
            8 => "Connection Close",
            9 => "Ping",
            10 => "Pong",
            _ => "Unknown Opcode",
        };
        let end = if self.is_last { " [FIN]" } else { "[FRAGMENT] " };
        write!(out, "WebSocket {name}{end} {}", if self.is_masked { "[MASKED]" } else { "" })
    }
}

/// True for the response that switches a connection to WebSocket (RFC 6455, section 4.2.2).
pub(super) fn is_granted(response: &[u8]) -> bool {
    let mut lines = response.split(|byte| *byte == b'\n');
    let status = lines.next().unwrap_or(&[]);
    if !status.starts_with(b"HTTP/1.") || status.get(9..12) != Some(b"101") {
        return false;
    }
    lines.any(|line| {
        let colon = line.iter().position(|byte| *byte == b':');
        let Some((name, value)) = colon.and_then(|at| line.split_at_checked(at)) else {
            return false;
        };
        let value = value.get(1..).unwrap_or(&[]).trim_ascii();
        name.eq_ignore_ascii_case(b"upgrade") && value.eq_ignore_ascii_case(b"websocket")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_come_in_three_sizes() {
        let len = |bytes: &[u8]| Head::read(bytes).map(|head| head.len);
        assert_eq!(len(&[0x81, 5]), Some(7));
        assert_eq!(len(&[0x81, 0x85]), Some(11), "with its mask");
        assert_eq!(len(&[0x81, 126, 1, 0]), Some(260));
        assert_eq!(len(&[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]), Some(65_546));
        assert_eq!(
            len(&[0x81, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            Some(u64::MAX)
        );
        assert_eq!(len(&[0x81, 126, 1]), None);
        assert_eq!(len(&[0x81]), None);
    }

    #[test]
    fn only_a_101_that_names_websocket_switches() {
        let head =
            |status: &str, upgrade: &str| format!("HTTP/1.1 {status} X\r\n{upgrade}\r\n\r\n");
        assert!(is_granted(head("101", "upgrade:WebSocket").as_bytes()));
        assert!(!is_granted(head("200", "Upgrade: websocket").as_bytes()));
        assert!(!is_granted(head("101", "Upgrade: h2c").as_bytes()));
        assert!(!is_granted(b""));
    }
}
