//! The small services of the first RFCs and the line protocols on well-known ports, as far as
//! the row of a segment or datagram can be told from itself.
//!
//! As Wireshark 4.0 writes them: `Request: USER anna` of FTP and NNTP, `Request (NICK)` of IRC,
//! a fixed word for the others. A payload goes to them because of its port only.

use std::fmt::{self, Write};

use super::tcp::{MALFORMED, SIZE_LIMITED};
use super::text::{Ascii, Text};

/// A service that is known by its port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// RFC 862.
    Echo,
    /// RFC 867.
    Daytime,
    /// RFC 864.
    Chargen,
    /// RFC 868.
    Time,
    /// FTP's data on its own port (RFC 959).
    FtpData,
    /// FTP's commands and replies (RFC 959).
    Ftp,
    /// RFC 854.
    Telnet,
    /// RFC 3977.
    Nntp,
    /// RFC 1459.
    Irc,
}

/// A payload on its way to or from a service.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a> {
    /// What was captured of it.
    pub payload: &'a [u8],
    /// Bytes on the wire.
    pub wire_len: u32,
    /// True when it goes to the service's port.
    pub is_request: bool,
}

impl Message<'_> {
    /// What is said when something is missing that had to be read.
    fn shortage(&self) -> &'static str {
        let captured = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
        if self.wire_len > captured { SIZE_LIMITED } else { MALFORMED }
    }

    fn is_cut(&self) -> bool {
        self.shortage() == SIZE_LIMITED
    }
}

impl Service {
    /// The service of a TCP port.
    pub fn of_tcp_port(port: u16) -> Option<Self> {
        Some(match port {
            20 => Self::FtpData,
            21 => Self::Ftp,
            23 => Self::Telnet,
            119 => Self::Nntp,
            6667 => Self::Irc,
            _ => return Self::of_udp_port(port),
        })
    }

    /// The service of a UDP port.
    pub fn of_udp_port(port: u16) -> Option<Self> {
        Some(match port {
            7 => Self::Echo,
            13 => Self::Daytime,
            19 => Self::Chargen,
            37 => Self::Time,
            _ => return None,
        })
    }

    /// True for a command that wants to go on in TLS (RFC 4217, section 4; RFC 4642, section 2.2).
    pub fn asks_for_tls(self, message: Message<'_>) -> bool {
        let line = first_line(message.payload);
        let word = line.split(|byte| *byte == b' ').next().unwrap_or(&[]);
        message.is_request
            && match self {
                Self::Ftp => line == b"AUTH TLS",
                Self::Nntp => word.eq_ignore_ascii_case(b"STARTTLS"),
                _ => false,
            }
    }

    /// True for the reply that lets TLS begin.
    pub fn grants_tls(self, message: Message<'_>) -> bool {
        let code = message.payload.get(..3);
        !message.is_request
            && match self {
                Self::Ftp => code == Some(b"234"),
                Self::Nntp => code == Some(b"382"),
                _ => false,
            }
    }

    /// Writes the Info text of a payload; answers the Protocol column.
    pub fn write<W: Write>(
        self,
        out: &mut W,
        message: Message<'_>,
    ) -> Result<&'static str, fmt::Error> {
        let direction = if message.is_request { "Request" } else { "Response" };
        let payload = message.payload;
        Ok(match self {
            Self::Echo => {
                out.write_str(direction)?;
                "ECHO"
            }
            Self::Daytime => {
                write!(out, "DAYTIME {direction}")?;
                "DAYTIME"
            }
            Self::Chargen => {
                out.write_str("Chargen")?;
                if message.is_cut() {
                    out.write_str(SIZE_LIMITED)?;
                }
                "Chargen"
            }
            Self::Time => {
                write!(out, "TIME {direction}")?;
                if !message.is_request && payload.len() < 4 {
                    out.write_str(message.shortage())?;
                }
                "TIME"
            }
            Self::FtpData => {
                write!(out, "FTP Data: {} bytes", message.wire_len)?;
                "FTP-DATA"
            }
            Self::Ftp => {
                write!(out, "{direction}: {}", Text(first_line(payload)))?;
                "FTP"
            }
            Self::Nntp => {
                write!(out, "{direction}: {}", Text(first_line(payload)))?;
                "NNTP"
            }
            Self::Telnet => {
                out.write_str("Telnet Data ...")?;
                let is_whole = behind_commands(payload)
                    .is_some_and(|text| text.is_empty() || text.ends_with(b"\n"));
                if behind_commands(payload).is_none() || message.is_cut() && !is_whole {
                    out.write_str(message.shortage())?;
                }
                "TELNET"
            }
            Self::Irc => {
                out.write_str(direction)?;
                write_irc_commands(out, payload)?;
                "IRC"
            }
        })
    }
}

/// The bytes in front of the first end of a line: a line feed, a carriage return, or both.
fn first_line(payload: &[u8]) -> &[u8] {
    payload.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or(&[])
}

/// What stands behind the last Telnet command (RFC 854); `None` when a command ends before its
/// option.
fn behind_commands(payload: &[u8]) -> Option<&[u8]> {
    const COMMAND: u8 = 255;
    let mut rest = payload;
    while let Some(at) = rest.iter().position(|byte| *byte == COMMAND) {
        let len = if matches!(rest.get(at + 1)?, 250..=254) { 3 } else { 2 };
        rest = rest.get(at + len..)?;
    }
    Some(rest)
}

/// The command of each line, behind an optional prefix: ` (NICK)`.
fn write_irc_commands<W: Write>(out: &mut W, payload: &[u8]) -> fmt::Result {
    for line in payload.split(|byte| matches!(byte, b'\r' | b'\n')) {
        let mut rest = line;
        if line.first() == Some(&b':') {
            let Some(space) = line.iter().position(|byte| *byte == b' ') else { continue };
            rest = line.get(space + 1..).unwrap_or(&[]);
        }
        let Some(start) = rest.iter().position(|byte| *byte != b' ') else { continue };
        let command = rest.get(start..).unwrap_or(&[]);
        let command = command.split(|byte| matches!(byte, b' ' | 0)).next().unwrap_or(&[]);
        write!(out, " ({})", Ascii(command))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(service: Service, payload: &[u8], is_request: bool) -> String {
        let mut out = String::new();
        let wire_len = payload.len() as u32;
        let message = Message { payload, wire_len, is_request };
        let protocol = service.write(&mut out, message).expect("a String takes everything");
        format!("{protocol} {out}")
    }

    #[test]
    fn only_the_first_line_of_a_command_is_shown() {
        assert_eq!(row(Service::Ftp, b"USER anna\r\nPASS b\r\n", true), "FTP Request: USER anna");
        assert_eq!(row(Service::Ftp, b"230-a\r\n230 b\r\n", false), "FTP Response: 230-a");
        assert_eq!(row(Service::Nntp, b"LIST", true), "NNTP Request: LIST");
    }

    #[test]
    fn every_irc_line_names_its_command() {
        let lines = b"NICK anna\r\n\r\n:anna!a@b JOIN #c\n:alone\nPING";
        assert_eq!(row(Service::Irc, lines, true), "IRC Request (NICK) (JOIN) (PING)");
    }

    #[test]
    fn a_telnet_command_without_its_option_is_malformed() {
        let text = |payload| row(Service::Telnet, payload, true);
        assert_eq!(text(b"\xff\xfd\x18login: "), "TELNET Telnet Data ...");
        assert_eq!(text(b"a\xff\xff"), "TELNET Telnet Data ...");
        assert_eq!(text(b"a\xff\xfd"), "TELNET Telnet Data ...[Malformed Packet]");
    }
}
