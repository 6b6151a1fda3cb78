//! HTTP/1 (RFC 9112): request and status lines, and where a message ends.

use std::fmt::{self, Write};

use super::http_end::header_len;
use super::text::Text;

/// Request methods by which a first line is recognised.
const METHODS: &[&str] = &[
    "GET",
    "POST",
    "HEAD",
    "PUT",
    "DELETE",
    "OPTIONS",
    "CONNECT",
    "TRACE",
    "PATCH",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "M-SEARCH",
    "NOTIFY",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "REPORT",
    "SEARCH",
    "BIND",
    "CHECKOUT",
    "MERGE",
    "MKACTIVITY",
];
/// Length of `HTTP/1.1`.
const VERSION: usize = 8;
/// Longest first line that is shown.
const MAX_LINE: usize = 8192;

/// The first line of a message, without its end; `None` when the bytes are no HTTP message.
pub(super) fn first_line(bytes: &[u8]) -> Option<&[u8]> {
    let window = bytes.get(..MAX_LINE).unwrap_or(bytes);
    let line = window.split(|byte| *byte == b'\n').next()?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.starts_with(b"HTTP/") {
        return Some(line);
    }
    let method = line.split(|byte| *byte == b' ').next()?;
    let is_known = METHODS.iter().any(|known| known.as_bytes() == method);
    (is_known && line.len() > method.len()).then_some(line)
}

/// True when the first line of a message, or as much as is there of it, has a request's method.
pub(super) fn is_request(bytes: &[u8]) -> bool {
    let method = bytes.split(|byte| matches!(byte, b' ' | b'\r' | b'\n')).next().unwrap_or(&[]);
    METHODS.iter().any(|known| known.as_bytes() == method)
}

/// True when a complete first line begins or ends with a version of HTTP/1: how a connection on
/// any port is recognised.
pub(super) fn looks_like_message(bytes: &[u8]) -> bool {
    let window = bytes.get(..MAX_LINE).unwrap_or(bytes);
    let Some(end) = window.iter().position(|byte| *byte == b'\n') else {
        return false;
    };
    let line = window.get(..end).unwrap_or(&[]);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let is_version =
        |at: usize| line.get(at..at + 7).is_some_and(|text| text.eq_ignore_ascii_case(b"HTTP/1."));
    line.len() > VERSION && (is_version(0) || is_version(line.len() - VERSION))
}

/// Writes the first line and the space that Wireshark puts behind it.
pub(super) fn write_first_line<W: Write>(out: &mut W, bytes: &[u8]) -> fmt::Result {
    write!(out, "{} ", Text(first_line(bytes).unwrap_or(&[])))
}

/// How long a message is, by its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// The header is not complete.
    Unknown,
    /// So many bytes, header included.
    Bytes(u64),
    /// Chunks (RFC 9112, section 7.1), from this offset on.
    Chunked(usize),
    /// Until the connection ends.
    UntilFin,
}

/// The header of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header<'a> {
    /// How long the message is.
    pub extent: Extent,
    /// Bytes of the header with its empty line.
    pub len: usize,
    /// Media type without parameters.
    pub content_type: Option<&'a [u8]>,
    /// The method of a request.
    pub method: Option<&'a [u8]>,
}

/// Reads the header of a message. `answers_head` when it answers a HEAD request, so that no
/// body follows whatever the header says.
pub(super) fn read_header(bytes: &[u8], answers_head: bool) -> Header<'_> {
    let unknown = Header { extent: Extent::Unknown, len: 0, content_type: None, method: None };
    let Some(len) = header_len(bytes) else {
        return unknown;
    };
    let header = bytes.get(..len).unwrap_or(bytes);
    let mut lines = header.split(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or(&[]);
    let (mut content_type, mut content_length, mut chunked) = (None, None, false);
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or(&[]).trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            content_length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
        } else if name.eq_ignore_ascii_case(b"content-type") {
            content_type = value.split(|byte| *byte == b';').next().map(<[u8]>::trim_ascii);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            chunked = value.to_ascii_lowercase().ends_with(b"chunked");
        }
    }
    let is_response = first.starts_with(b"HTTP/");
    let status = first.split(|byte| *byte == b' ').nth(1).unwrap_or(&[]);
    let has_no_body = is_response
        && (answers_head || status.starts_with(b"1") || matches!(status, b"204" | b"304"));
    let header_only = len as u64;
    let extent = match content_length {
        _ if has_no_body => Extent::Bytes(header_only),
        _ if chunked => Extent::Chunked(len),
        Some(body) => Extent::Bytes(header_only.saturating_add(body)),
        None if is_response => Extent::UntilFin,
        None => Extent::Bytes(header_only),
    };
    let method = if is_response { None } else { first.split(|byte| *byte == b' ').next() };
    Header { extent, len, content_type, method }
}

/// What Wireshark calls a body about the status of a certificate (RFC 6960).
pub(super) fn certificate_status(content_type: Option<&[u8]>) -> Option<&'static str> {
    let content_type = content_type?;
    if content_type.eq_ignore_ascii_case(b"application/ocsp-response") {
        Some("Response")
    } else if content_type.eq_ignore_ascii_case(b"application/ocsp-request") {
        Some("Request")
    } else {
        None
    }
}

/// Writes what follows the first line: the kind of the body. Answers the Protocol column.
pub(super) fn write_body<W: Write>(
    out: &mut W,
    content_type: Option<&[u8]>,
    body: &[u8],
) -> Result<&'static str, fmt::Error> {
    let Some(content_type) = content_type.filter(|_| !body.is_empty()) else {
        return Ok("HTTP");
    };
    let lower = content_type.to_ascii_lowercase();
    match lower.as_slice() {
        b"image/png" if body.starts_with(b"\x89PNG") => out.write_str(" (PNG)")?,
        b"image/gif" if body.starts_with(b"GIF89a") => out.write_str(" (GIF89a)")?,
        b"image/gif" if body.starts_with(b"GIF87a") => out.write_str(" (GIF87a)")?,
        b"image/jpeg" | b"image/jpg" if body.starts_with(&[0xff, 0xd8]) => {
            out.write_str(" (JPEG JFIF image)")?;
        }
        b"application/json" => {
            out.write_str(", JavaScript Object Notation (application/json)")?;
            return Ok("HTTP/JSON");
        }
        b"application/octet-stream" => {}
        b"text/xml" | b"application/xml" => return Ok("HTTP/XML"),
        // Wireshark keeps it as a C string.
        other => write!(out, " ({})", Text(other.split(|byte| *byte == 0).next().unwrap_or(&[])))?,
    }
    Ok("HTTP")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines_are_recognised() {
        assert_eq!(first_line(b"GET / HTTP/1.1\r\nHost: a\r\n"), Some(&b"GET / HTTP/1.1"[..]));
        assert_eq!(first_line(b"HTTP/1.1 200 OK"), Some(&b"HTTP/1.1 200 OK"[..]));
        assert_eq!(first_line(b"GETTING somewhere"), None);
        assert_eq!(first_line(b""), None);
        assert!(looks_like_message(b"GET /x HTTP/1.0\r\n"));
        assert!(!looks_like_message(b"GET /x\r\n"));
        let mut out = String::new();
        write_first_line(&mut out, b"GET /\x01\xff HTTP/1.1\r\n").expect("fits");
        assert_eq!(out, "GET /\\001\u{fffd} HTTP/1.1 ");
    }

    #[test]
    fn the_header_says_where_the_message_ends() {
        let extent = |bytes: &[u8]| read_header(bytes, false).extent;
        assert_eq!(extent(b"GET / HTTP/1.1\r\nHost: a\r\n"), Extent::Unknown);
        assert_eq!(extent(b"GET / HTTP/1.1\r\n\r\n"), Extent::Bytes(18));
        assert_eq!(extent(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n"), Extent::Bytes(43));
        assert_eq!(extent(b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n\r\n"), Extent::UntilFin);
        assert_eq!(extent(b"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n"), Extent::Bytes(38));
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(extent(chunked), Extent::Chunked(47));
        assert_eq!(read_header(chunked, true).extent, Extent::Bytes(47));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>, head: bool) {
            let _ = read_header(&bytes, head);
            let mut out = String::new();
            write_first_line(&mut out, &bytes).expect("fits");
            write_body(&mut out, Some(&bytes), &bytes).expect("fits");
            proptest::prop_assert!(!out.chars().any(char::is_control));
        }
    }
}
