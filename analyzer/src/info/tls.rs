//! TLS (RFC 5246, RFC 8446): the names of records and handshake messages, and the version.
//!
//! Nothing is decrypted. What a record holds is told from its content type, from whether
//! its sender has announced encryption, and, for handshake messages, from their headers.

use std::fmt::{self, Write};

use super::bytes::{u8_at, u16_at};
use super::messages::MessageKind;
use names::handshake_name;

pub(super) use names::Names;

mod names;

/// Length of a record header.
const RECORD_HEADER: usize = 5;
/// Longest record: 2^14 bytes with room for expansion (RFC 5246, section 6.2.3).
const MAX_RECORD: usize = (1 << 14) + 2048;
/// Length of a handshake header.
const HANDSHAKE_HEADER: usize = 4;
/// Where the server hello's extensions are looked up for the version (RFC 8446, 4.2.1).
const SUPPORTED_VERSIONS: u16 = 43;
/// The random number that marks a hello retry request begins with these bytes (RFC 8446,
/// section 4.1.3).
const RETRY_RANDOM: [u8; 8] = [0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11];

/// What both directions of a connection have agreed on.
#[derive(Debug, Default)]
pub(super) struct Session {
    version: Option<Version>,
    halves: [HalfSession; 2],
}

/// What one direction has said.
#[derive(Debug, Default)]
struct HalfSession {
    is_encrypted: bool,
    /// A handshake message that goes on in the next record: its name, its type, its missing bytes.
    open_message: Option<(&'static str, u8, usize)>,
}

/// A protocol version, as the Protocol column names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version(&'static str);

impl Version {
    fn from_number(number: u16) -> Option<Self> {
        Some(Self(match number {
            0x0300 => "SSLv3",
            0x0301 => "TLSv1",
            0x0302 => "TLSv1.1",
            0x0303 => "TLSv1.2",
            0x0304 | 0x7f00..=0x7fff | 0xfb17 | 0xfb1a => "TLSv1.3",
            _ => return None,
        }))
    }
}

/// What came of reading bytes as records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    /// Bytes that belong to complete records.
    pub consumed: usize,
    /// Total bytes, from the end of those, that the next record needs; `None` at the end, 0
    /// when even its length is not known yet.
    pub needed: Option<usize>,
}

/// True for bytes that start a handshake or switch on encryption: how a connection on any port
/// is recognised. Data and alerts look too much like other protocols' bytes.
pub(super) fn looks_like_record(bytes: &[u8]) -> bool {
    let Some((&[kind, 3, 0..=4, high, low], body)) = bytes.split_first_chunk() else {
        return false;
    };
    let len = usize::from(u16::from_be_bytes([high, low]));
    match kind {
        22 => len <= MAX_RECORD && body.first().is_some_and(|kind| handshake_name(*kind).is_some()),
        20 => len == 1 && body.first() == Some(&1),
        _ => false,
    }
}

/// True for bytes that begin with four printable ASCII characters.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().take(4).all(|byte| (0x20..0x7f).contains(byte))
}

/// Length of a record of SSL 2.0: a two-byte header with the high bit set, in front of a
/// handshake message's type.
fn old_record_len(bytes: &[u8]) -> Option<usize> {
    let &[high @ 0x80..=0xff, low, 0..=8] = bytes.first_chunk()? else {
        return None;
    };
    Some(2 + usize::from(u16::from_be_bytes([high & 0x7f, low])))
}

impl Session {
    /// Reads as many records as are complete and writes their names, separated. `half` is 0
    /// or 1. Sets `protocol` to the Protocol column when there was a record.
    pub fn write_records<W: Write>(
        &mut self,
        names: &mut Names<'_, W>,
        half: usize,
        bytes: &[u8],
        protocol: &mut Option<&'static str>,
    ) -> Result<Progress, fmt::Error> {
        let mut consumed = 0;
        loop {
            let rest = bytes.get(consumed..).unwrap_or(&[]);
            if rest.is_empty() {
                return Ok(Progress { consumed, needed: None });
            }
            let Some((&[kind, major, minor, high, low], _)) = rest.split_first_chunk() else {
                return Ok(Progress { consumed, needed: Some(0) });
            };
            let len = usize::from(u16::from_be_bytes([high, low]));
            if !(20..=24).contains(&kind) || major != 3 || minor > 4 || len > MAX_RECORD {
                if self.version.is_none() && consumed == 0 {
                    if is_text(rest) {
                        // Wireshark gives plain text back to TCP.
                        return Ok(Progress { consumed: bytes.len(), needed: None });
                    }
                    if let Some(len) = old_record_len(rest).filter(|len| *len > rest.len()) {
                        return Ok(Progress { consumed, needed: Some(len) });
                    }
                }
                let (name, column) = match self.version {
                    Some(version) => ("Ignored Unknown Record", version.0),
                    None => ("Continuation Data", "SSL"),
                };
                names.add(name)?;
                names.messages.add(MessageKind::TlsRest, rest);
                *protocol = Some(column);
                return Ok(Progress { consumed: bytes.len(), needed: None });
            }
            let Some(body) = rest.get(RECORD_HEADER..RECORD_HEADER + len) else {
                return Ok(Progress { consumed, needed: Some(RECORD_HEADER + len) });
            };
            let number = u16::from_be_bytes([major, minor]);
            let whole = rest.get(..RECORD_HEADER + len).unwrap_or(rest);
            names.messages.add(self.kind_of_record(half, kind), whole);
            self.record(names, half, kind, number, body)?;
            *protocol = self.version.or(Version::from_number(number)).map(|version| version.0);
            consumed += RECORD_HEADER + len;
        }
    }

    /// The Protocol column of bytes that end before a record does. Their record's version
    /// counts from its first byte of content on.
    pub fn column_of_cut(&mut self, bytes: &[u8]) -> &'static str {
        let named = match bytes {
            [20..=24, major, minor, _, _, content, ..] => {
                let version = Version::from_number(u16::from_be_bytes([*major, *minor]));
                if bytes.first() != Some(&22) || *content != 1 {
                    self.version = self.version.or(version);
                }
                version
            }
            _ => None,
        };
        self.version.or(named).map_or("SSL", |version| version.0)
    }

    /// True when a version was agreed on: what is no record then is not read at all.
    pub fn has_version(&self) -> bool {
        self.version.is_some()
    }

    /// How much of a record can be told.
    fn kind_of_record(&self, half: usize, kind: u8) -> MessageKind {
        let is_encrypted = self.halves.get(half).is_some_and(|half| half.is_encrypted);
        match kind {
            23 if self.version == Some(Version("TLSv1.3")) => MessageKind::TlsOpaque,
            21 | 22 if is_encrypted => MessageKind::TlsEncrypted,
            _ => MessageKind::TlsRecord,
        }
    }

    fn record<W: Write>(
        &mut self,
        names: &mut Names<'_, W>,
        half: usize,
        kind: u8,
        number: u16,
        body: &[u8],
    ) -> fmt::Result {
        // A client hello's record version is only the oldest that it would accept.
        let is_client_hello = kind == 22 && body.first() == Some(&1);
        if self.version.is_none() && !is_client_hello {
            self.version = Version::from_number(number);
        }
        let Some(state) = self.halves.get_mut(half) else {
            return Ok(());
        };
        match kind {
            20 => {
                state.is_encrypted = true;
                names.add("Change Cipher Spec")
            }
            21 => match body {
                &[level, description] if !state.is_encrypted => names.add_alert(level, description),
                _ => names.add("Encrypted Alert"),
            },
            22 if state.is_encrypted => names.add_hidden(body),
            22 => {
                let agreed = state.handshake(names, body)?;
                if agreed.is_some() {
                    self.version = agreed;
                }
                Ok(())
            }
            23 => names.add("Application Data"),
            _ => names.add("Encrypted Heartbeat"),
        }
    }
}

impl HalfSession {
    /// The messages of a handshake record; the version that a server hello among them chose.
    fn handshake<W: Write>(
        &mut self,
        names: &mut Names<'_, W>,
        body: &[u8],
    ) -> Result<Option<Version>, fmt::Error> {
        let mut rest = body;
        let mut agreed = None;
        if let Some((name, kind, missing)) = self.open_message.take() {
            let Some(behind) = rest.get(missing..) else {
                self.open_message = Some((name, kind, missing - rest.len()));
                return Ok(None);
            };
            names.add(name)?;
            names.messages.add(MessageKind::TlsHandshake, &[kind]);
            rest = behind;
        }
        while !rest.is_empty() {
            let name = u8_at(rest, 0).and_then(handshake_name);
            let (Some(mut name), Some(&[_, a, b, c])) = (name, rest.first_chunk()) else {
                names.add_hidden(rest)?;
                break;
            };
            let len = HANDSHAKE_HEADER + u32::from_be_bytes([0, a, b, c]) as usize;
            if rest.first() == Some(&2) {
                agreed = server_version(rest).or(agreed);
                if rest.get(6..14) == Some(&RETRY_RANDOM) {
                    name = "Hello Retry Request";
                }
            }
            let Some(behind) = rest.get(len..) else {
                if len > 1 << 17 {
                    names.add_hidden(rest)?;
                } else {
                    let kind = rest.first().copied().unwrap_or(0);
                    self.open_message = Some((name, kind, len - rest.len()));
                }
                break;
            };
            names.add(name)?;
            names.messages.add(MessageKind::TlsHandshake, rest.get(..len).unwrap_or(rest));
            rest = behind;
        }
        Ok(agreed)
    }
}

/// The version that a server hello chooses (RFC 8446, section 4.1.3).
fn server_version(message: &[u8]) -> Option<Version> {
    let legacy = Version::from_number(u16_at(message, 4)?)?;
    Some(chosen_version(message).unwrap_or(legacy))
}

/// The version in a server hello's extension, which counts before the one in its header.
fn chosen_version(message: &[u8]) -> Option<Version> {
    let session_len = usize::from(u8_at(message, 38)?);
    let mut at = 39 + session_len + 3 + 2;
    loop {
        let kind = u16_at(message, at)?;
        let len = usize::from(u16_at(message, at + 2)?);
        if kind == SUPPORTED_VERSIONS {
            return Version::from_number(u16_at(message, at + 4)?);
        }
        at += 4 + len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, version: u16, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind];
        bytes.extend(version.to_be_bytes());
        bytes.extend((body.len() as u16).to_be_bytes());
        bytes.extend(body);
        bytes
    }

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind, 0, 0, body.len() as u8];
        bytes.extend(body);
        bytes
    }

    /// A server hello of TLS 1.2 that may choose another version in an extension.
    fn server_hello(chosen: Option<u16>) -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0x13, 0x01, 0]);
        if let Some(version) = chosen {
            body.extend([0, 6, 0, 43, 0, 2]);
            body.extend(version.to_be_bytes());
        }
        message(2, &body)
    }

    fn read(
        session: &mut Session,
        half: usize,
        bytes: &[u8],
    ) -> (String, Option<&'static str>, Progress) {
        let mut out = String::new();
        let mut protocol = None;
        let mut messages = crate::info::messages::Messages::default();
        let mut names = Names::new(&mut out, false, &mut messages);
        let progress = session
            .write_records(&mut names, half, bytes, &mut protocol)
            .expect("a String takes everything");
        (out, protocol, progress)
    }

    #[test]
    fn a_handshake_tells_names_and_version() {
        let mut session = Session::default();
        let hello = record(22, 0x0301, &message(1, &[3, 3]));
        assert!(looks_like_record(&hello));
        assert!(!looks_like_record(b"\x16\x03\x01\x00\x05\x63rest"));
        let (text, protocol, _) = read(&mut session, 0, &hello);
        assert_eq!((text.as_str(), protocol), ("Client Hello", Some("TLSv1")));
        let mut flight =
            record(22, 0x0303, &[server_hello(None), message(11, b"x"), message(14, b"")].concat());
        flight.extend(record(20, 0x0303, &[1]));
        flight.extend(record(22, 0x0303, &[9; 40]));
        flight.extend(record(21, 0x0303, &[9; 24]));
        let (text, protocol, _) = read(&mut session, 1, &flight);
        let expected = "Server Hello, Certificate, Server Hello Done, Change Cipher Spec, \
                        Encrypted Handshake Message, Encrypted Alert";
        assert_eq!((text.as_str(), protocol), (expected, Some("TLSv1.2")));
    }

    #[test]
    fn the_extension_decides_on_1_3() {
        let mut session = Session::default();
        let hello = record(22, 0x0303, &server_hello(Some(0x0304)));
        assert_eq!(read(&mut session, 1, &hello).1, Some("TLSv1.3"));
        let data = record(23, 0x0303, b"secret");
        let (text, protocol, _) = read(&mut session, 1, &data);
        assert_eq!((text.as_str(), protocol), ("Application Data", Some("TLSv1.3")));
    }

    #[test]
    fn cut_records_and_split_messages_wait() {
        let mut session = Session::default();
        let whole = record(23, 0x0303, &[1; 100]);
        let (text, _, progress) = read(&mut session, 0, &whole[..50]);
        assert_eq!((text.as_str(), progress), ("", Progress { consumed: 0, needed: Some(105) }));
        assert_eq!(read(&mut session, 0, &whole[..3]).2.needed, Some(0));
        let certificate = message(11, &[0; 60]);
        let first = record(22, 0x0303, &certificate[..40]);
        assert_eq!(read(&mut session, 1, &first).0, "");
        let second = record(22, 0x0303, &[&certificate[40..], &message(14, b"")].concat());
        assert_eq!(read(&mut session, 1, &second).0, "Certificate, Server Hello Done");
    }

    #[test]
    fn alerts_are_read_while_they_are_clear() {
        let mut session = Session::default();
        let alert = record(21, 0x0301, &[2, 40]);
        let expected = "Alert (Level: Fatal, Description: Handshake Failure)";
        assert_eq!(read(&mut session, 0, &alert).0, expected);
        assert_eq!(read(&mut session, 0, b"no TLS at all").0, "Ignored Unknown Record");
        assert_eq!(read(&mut Session::default(), 0, b"no TLS at all").0, "");
        assert_eq!(read(&mut Session::default(), 0, b"\x80o TLS at all").0, "Continuation Data");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>, start in 0_u8..30) {
            let framed = record(start, 0x0303, &bytes);
            let (text, _, progress) = read(&mut Session::default(), 1, &framed);
            proptest::prop_assert!(!text.chars().any(char::is_control));
            proptest::prop_assert!(progress.consumed <= framed.len());
        }
    }
}
