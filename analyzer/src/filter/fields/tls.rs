//! `tls.*`: records (RFC 8446, section 5), alerts, and the heads of handshake messages.

use super::dns::integer;
use super::{Field, Values, number};
use crate::filter::kind::Kind::{self, Bytes, Label, Unsigned};
use crate::filter::literal::Names;
use crate::filter::value::Value;
use crate::info::Message;
use crate::info::MessageKind::{self, TlsEncrypted, TlsHandshake, TlsHidden, TlsOpaque, TlsRecord};

const RECORDS: &[MessageKind] = &[TlsRecord, TlsEncrypted, TlsOpaque];
/// Bytes of a record's header.
const HEADER: usize = 5;

const CONTENTS: Names = &[
    (20, "Change Cipher Spec"),
    (21, "Alert"),
    (22, "Handshake"),
    (23, "Application Data"),
    (24, "Heartbeat"),
];
pub(super) const VERSIONS: Names = &[
    (0x0300, "SSL 3.0"),
    (0x0301, "TLS 1.0"),
    (0x0302, "TLS 1.1"),
    (0x0303, "TLS 1.2"),
    (0x0304, "TLS 1.3"),
];
const HANDSHAKES: Names = &[
    (0, "Hello Request"),
    (1, "Client Hello"),
    (2, "Server Hello"),
    (4, "New Session Ticket"),
    (8, "Encrypted Extensions"),
    (11, "Certificate"),
    (12, "Server Key Exchange"),
    (13, "Certificate Request"),
    (14, "Server Hello Done"),
    (15, "Certificate Verify"),
    (16, "Client Key Exchange"),
    (20, "Finished"),
];
const LEVELS: Names = &[(1, "Warning"), (2, "Fatal")];

const fn field(
    name: &'static str,
    kind: Kind,
    kinds: &'static [MessageKind],
    read: fn(&Message<'_>, &mut Values<'_>) -> bool,
    meaning: &'static str,
) -> Field {
    Field::message(name, kind, kinds, read, meaning)
}

pub(super) const FIELDS: &[Field] = &[
    field("tls.record", Label, RECORDS, there, "a record"),
    field(
        "tls.record.content_type",
        Unsigned(8),
        &[TlsRecord, TlsEncrypted],
        |m, sink| part(m, 0, 1, sink),
        "what it holds",
    )
    .named(CONTENTS),
    field(
        "tls.record.opaque_type",
        Unsigned(8),
        &[TlsOpaque],
        |m, sink| part(m, 0, 1, sink),
        "what it pretends to hold (TLS 1.3)",
    )
    .named(CONTENTS),
    field(
        "tls.record.version",
        Unsigned(16),
        RECORDS,
        |m, sink| part(m, 1, 2, sink),
        "its version",
    )
    .named(VERSIONS),
    field("tls.record.length", Unsigned(16), RECORDS, |m, sink| part(m, 3, 2, sink), "its bytes"),
    field("tls.change_cipher_spec", Label, &[TlsRecord], changes, "encryption begins"),
    field("tls.app_data", Bytes, RECORDS, data, "encrypted data"),
    field("tls.alert_message", Label, RECORDS, alert, "an alert"),
    field(
        "tls.alert_message.level",
        Unsigned(8),
        &[TlsRecord],
        |m, sink| alert_part(m, 0, sink),
        "warning or fatal",
    )
    .named(LEVELS),
    field(
        "tls.alert_message.desc",
        Unsigned(8),
        &[TlsRecord],
        |m, sink| alert_part(m, 1, sink),
        "what is wrong",
    ),
    field("tls.handshake", Label, &[TlsHandshake, TlsHidden], there, "a handshake message"),
    field(
        "tls.handshake.type",
        Unsigned(8),
        &[TlsHandshake],
        |m, sink| part(m, 0, 1, sink),
        "kind of handshake message",
    )
    .named(HANDSHAKES),
    field(
        "tls.handshake.length",
        Unsigned(24),
        &[TlsHandshake],
        |m, sink| part(m, 1, 3, sink),
        "its bytes",
    ),
    field("tls.handshake.certificate", Bytes, &[TlsHandshake], certificates, "a certificate"),
];

fn there(_: &Message<'_>, sink: &mut Values<'_>) -> bool {
    sink(Value::Label)
}

fn part(message: &Message<'_>, at: usize, width: usize, sink: &mut Values<'_>) -> bool {
    integer(message.bytes, at, width).is_some_and(|value| sink(number(value)))
}

fn is_of(message: &Message<'_>, content: u8) -> bool {
    message.bytes.first() == Some(&content)
}

fn changes(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    is_of(message, 20) && sink(Value::Label)
}

fn data(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let bytes = message.bytes.get(HEADER..).filter(|_| is_of(message, 23));
    bytes.is_some_and(|bytes| sink(Value::Bytes(bytes)))
}

fn alert(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    is_of(message, 21) && sink(Value::Label)
}

/// Longer alerts are encrypted.
fn alert_part(message: &Message<'_>, at: usize, sink: &mut Values<'_>) -> bool {
    let is_clear = is_of(message, 21) && message.bytes.len() == HEADER + 2;
    is_clear && part(message, HEADER + at, 1, sink)
}

/// The certificates of a message up to TLS 1.2 (RFC 5246, section 7.4.2).
fn certificates(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    if !is_of(message, 11) {
        return false;
    }
    let mut rest = message.bytes.get(7..).unwrap_or(&[]);
    while let Some(len) = integer(rest, 0, 3).and_then(|len| usize::try_from(len).ok()) {
        let Some(certificate) = rest.get(3..3 + len).filter(|bytes| !bytes.is_empty()) else {
            return false;
        };
        if sink(Value::Bytes(certificate)) {
            return true;
        }
        rest = rest.get(3 + len..).unwrap_or(&[]);
    }
    false
}
