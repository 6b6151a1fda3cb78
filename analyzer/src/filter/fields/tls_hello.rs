//! `tls.handshake.*` of the hellos of client and server (RFC 8446, sections 4.1 and 4.2).

use super::dns::integer;
use super::tls::VERSIONS;
use super::{Field, Values, number};
use crate::filter::kind::Kind::{self, Bytes, Text, Unsigned};
use crate::filter::value::Value;
use crate::info::Message;
use crate::info::MessageKind::TlsHandshake;

const CLIENT: u8 = 1;
const SERVER: u8 = 2;
/// Where the session's length stands: behind head, version and random number.
const SESSION: usize = 38;

/// Kind of curve in a server's key exchange (RFC 8422, section 5.4).
const NAMED_CURVE: u8 = 3;

const SERVER_NAME: u64 = 0;
const GROUPS: u64 = 10;
const POINT_FORMATS: u64 = 11;
const SIGNATURES: u64 = 13;
const APPLICATION_PROTOCOLS: u64 = 16;
const VERSION_LIST: u64 = 43;

const fn field(
    name: &'static str,
    kind: Kind,
    read: fn(&Message<'_>, &mut Values<'_>) -> bool,
    meaning: &'static str,
) -> Field {
    Field::message(name, kind, &[TlsHandshake], read, meaning)
}

pub(super) const FIELDS: &[Field] = &[
    field(
        "tls.handshake.version",
        Unsigned(16),
        |m, sink| head(m, 4, 2, sink),
        "version of a hello",
    )
    .named(VERSIONS),
    field("tls.handshake.random", Bytes, random, "its random number"),
    field("tls.handshake.session_id_length", Unsigned(16), session_len, "bytes of the session"),
    field("tls.handshake.session_id", Bytes, session, "name of the session"),
    field("tls.handshake.cipher_suites_length", Unsigned(16), suites_len, "bytes of the list"),
    field("tls.handshake.ciphersuite", Unsigned(16), suites, "a cipher suite"),
    field("tls.handshake.comp_methods_length", Unsigned(8), methods_len, "bytes of the list"),
    field("tls.handshake.comp_method", Unsigned(8), methods, "a compression"),
    field("tls.handshake.extensions_length", Unsigned(16), extensions_len, "bytes of the list"),
    field("tls.handshake.extension.type", Unsigned(16), extension_types, "kind of extension"),
    field("tls.handshake.extension.len", Unsigned(16), extension_lens, "its bytes"),
    field("tls.handshake.extensions_server_name", Text, server_names, "the host that is asked"),
    field("tls.handshake.extensions_alpn_str", Text, protocols, "a protocol above TLS"),
    field("tls.handshake.extensions.supported_version", Unsigned(16), versions, "a version")
        .named(VERSIONS),
    field("tls.handshake.extensions_supported_group", Unsigned(16), groups, "a group of keys"),
    field("tls.handshake.extensions_ec_point_format", Unsigned(8), formats, "a point format"),
    field("tls.handshake.sig_hash_alg", Unsigned(16), signatures, "a signature algorithm"),
];

/// The places behind the session of a hello.
struct Hello<'m> {
    bytes: &'m [u8],
    is_client: bool,
    /// Where the cipher suites start, without their length.
    suites: usize,
    suites_len: usize,
    /// Where the compression methods start, without their length.
    methods: usize,
    methods_len: usize,
}

fn size(bytes: &[u8], at: usize, width: usize) -> Option<usize> {
    usize::try_from(integer(bytes, at, width)?).ok()
}

fn is_hello(message: &Message<'_>) -> bool {
    matches!(message.bytes.first(), Some(&CLIENT | &SERVER))
}

fn hello<'m>(message: &Message<'m>) -> Option<Hello<'m>> {
    let bytes = message.bytes;
    let behind = SESSION + 1 + size(bytes, SESSION, 1).filter(|_| is_hello(message))?;
    if bytes.first() == Some(&SERVER) {
        let (suites, methods) = (behind, behind + 2);
        return Some(Hello {
            bytes,
            is_client: false,
            suites,
            suites_len: 2,
            methods,
            methods_len: 1,
        });
    }
    let (suites, suites_len) = (behind + 2, size(bytes, behind, 2)?);
    let methods = suites + suites_len;
    let methods_len = size(bytes, methods, 1)?;
    Some(Hello { bytes, is_client: true, suites, suites_len, methods: methods + 1, methods_len })
}

fn head(message: &Message<'_>, at: usize, width: usize, sink: &mut Values<'_>) -> bool {
    let value = integer(message.bytes, at, width).filter(|_| is_hello(message));
    value.is_some_and(|value| sink(number(value)))
}

fn random(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let bytes = message.bytes.get(6..SESSION).filter(|_| is_hello(message));
    bytes.is_some_and(|bytes| sink(Value::Bytes(bytes)))
}

fn session_len(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    head(message, SESSION, 1, sink)
}

fn session(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let len = size(message.bytes, SESSION, 1).filter(|len| *len > 0 && is_hello(message));
    let bytes = len.and_then(|len| message.bytes.get(SESSION + 1..SESSION + 1 + len));
    bytes.is_some_and(|bytes| sink(Value::Bytes(bytes)))
}

/// Each number of a list.
fn list(bytes: Option<&[u8]>, width: usize, sink: &mut Values<'_>) -> bool {
    let chunks = bytes.unwrap_or(&[]).chunks_exact(width);
    chunks.filter_map(|chunk| integer(chunk, 0, width)).any(|value| sink(number(value)))
}

fn suites_len(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let hello = hello(message).filter(|hello| hello.is_client);
    hello.is_some_and(|hello| sink(number(hello.suites_len as u64)))
}

fn suites(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let Some(hello) = hello(message) else { return false };
    list(hello.bytes.get(hello.suites..hello.suites + hello.suites_len), 2, sink)
}

fn methods_len(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let hello = hello(message).filter(|hello| hello.is_client);
    hello.is_some_and(|hello| sink(number(hello.methods_len as u64)))
}

fn methods(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let Some(hello) = hello(message) else { return false };
    list(hello.bytes.get(hello.methods..hello.methods + hello.methods_len), 1, sink)
}

/// The extensions with their length in front.
fn extension_bytes<'m>(message: &Message<'m>) -> Option<&'m [u8]> {
    let hello = hello(message)?;
    hello.bytes.get(hello.methods + hello.methods_len..).filter(|bytes| bytes.len() >= 2)
}

fn extensions_len(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let len = extension_bytes(message).and_then(|bytes| integer(bytes, 0, 2));
    len.is_some_and(|len| sink(number(len)))
}

/// Hands out each extension: its kind and its data.
fn each(message: &Message<'_>, read: &mut dyn FnMut(u64, &[u8]) -> bool) -> bool {
    let mut rest = extension_bytes(message).and_then(|bytes| bytes.get(2..)).unwrap_or(&[]);
    while let (Some(kind), Some(len)) = (integer(rest, 0, 2), size(rest, 2, 2)) {
        let Some(data) = rest.get(4..4 + len) else { return false };
        if read(kind, data) {
            return true;
        }
        rest = rest.get(4 + len..).unwrap_or(&[]);
    }
    false
}

fn extension_types(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each(message, &mut |kind, _| sink(number(kind)))
}

fn extension_lens(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each(message, &mut |_, data| sink(number(data.len() as u64)))
}

/// RFC 6066, section 3: a list of names, each with its kind and length.
fn server_names(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each(message, &mut |kind, data| {
        let mut rest = data.get(2..).filter(|_| kind == SERVER_NAME).unwrap_or(&[]);
        while let Some(len) = size(rest, 1, 2) {
            let Some(name) = rest.get(3..3 + len) else { return false };
            if sink(Value::Text(name)) {
                return true;
            }
            rest = rest.get(3 + len..).unwrap_or(&[]);
        }
        false
    })
}

/// RFC 7301, section 3.1.
fn protocols(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each(message, &mut |kind, data| {
        let mut rest = data.get(2..).filter(|_| kind == APPLICATION_PROTOCOLS).unwrap_or(&[]);
        while let Some(len) = size(rest, 0, 1) {
            let Some(name) = rest.get(1..1 + len) else { return false };
            if sink(Value::Text(name)) {
                return true;
            }
            rest = rest.get(1 + len..).unwrap_or(&[]);
        }
        false
    })
}

/// A client lists versions, a server names one.
fn versions(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let start = if message.bytes.first() == Some(&CLIENT) { 1 } else { 0 };
    each(message, &mut |kind, data| kind == VERSION_LIST && list(data.get(start..), 2, sink))
}

fn groups(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each(message, &mut |kind, data| kind == GROUPS && list(data.get(2..), 2, sink))
}

fn formats(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    each(message, &mut |kind, data| kind == POINT_FORMATS && list(data.get(1..), 1, sink))
}

/// The lists of hellos and requests for certificates, and the ones that were chosen.
fn signatures(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let bytes = message.bytes;
    let one = |at: usize| bytes.get(at..at + 2);
    match bytes.first() {
        Some(12) if bytes.get(4) == Some(&NAMED_CURVE) => {
            let at = size(bytes, 7, 1).map(|len| 8 + len);
            list(at.and_then(one), 2, sink)
        }
        Some(13) => {
            let at = size(bytes, 4, 1).map(|len| 5 + len);
            let range = at.and_then(|at| Some(at + 2..at + 2 + size(bytes, at, 2)?));
            list(range.and_then(|range| bytes.get(range)), 2, sink)
        }
        Some(15) => list(one(4), 2, sink),
        _ => each(message, &mut |kind, data| kind == SIGNATURES && list(data.get(2..), 2, sink)),
    }
}
