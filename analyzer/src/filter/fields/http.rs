//! `http.*`, also of SSDP: first lines, header fields and bodies (RFC 9110, RFC 9112).

use arrayvec::ArrayVec;

use super::{Field, Values, number};
use crate::filter::kind::Kind::{self, Boolean, Label, Text, Unsigned};
use crate::filter::value::Value;
use crate::info::Message;
use crate::info::MessageKind::{self, Http, Ssdp};

/// Longest text that is put together from parts.
const MAX_JOINED: usize = 8 * 1024;
const KINDS: &[MessageKind] = &[Http, Ssdp];

const fn field(
    name: &'static str,
    kind: Kind,
    read: fn(&Message<'_>, &mut Values<'_>) -> bool,
    meaning: &'static str,
) -> Field {
    Field::message(name, kind, KINDS, read, meaning)
}

pub(super) const FIELDS: &[Field] = &[
    field("http.request", Boolean, is_request, "this is a request"),
    field("http.request.method", Text, method, "GET, POST, ..."),
    field("http.request.uri", Text, uri, "what is asked for"),
    field("http.request.uri.path", Text, path, "the same without what follows `?`"),
    field("http.request.uri.query", Text, query, "what follows `?`"),
    field("http.request.uri.query.parameter", Text, parameters, "one part of it"),
    field("http.request.version", Text, request_version, "version"),
    field("http.request.full_uri", Text, full_uri, "the same with the host in front"),
    field("http.request.line", Text, request_lines, "a line of the header"),
    field("http.response", Boolean, is_response, "this is a response"),
    field("http.response.version", Text, response_version, "version"),
    field("http.response.code", Unsigned(16), code, "200, 404, ..."),
    field("http.response.code.desc", Text, code_words, "what the code means"),
    field("http.response.phrase", Text, phrase, "OK, Not Found, ..."),
    field("http.response.line", Text, response_lines, "a line of the header"),
    field("http.content_length", Unsigned(64), content_length, "bytes of the body, as declared"),
    field("http.file_data", Text, body, "the body as it was sent"),
    field("http.chat", Label, chat, "a request or a response begins"),
    field("http.notification", Boolean, is_notification, "an announcement of UPnP"),
];

/// Header fields under their own names.
macro_rules! headers {
    ($($name:literal = $header:literal, $meaning:literal;)*) => {
        &[$(field($name, Text, |message, sink| header(message, $header, sink), $meaning),)*]
    };
}

pub(super) const HEADERS: &[Field] = headers! {
    "http.host" = "Host", "the host that is asked";
    "http.user_agent" = "User-Agent", "the client program";
    "http.content_type" = "Content-Type", "media type of the body";
    "http.content_length_header" = "Content-Length", "bytes of the body, as text";
    "http.content_encoding" = "Content-Encoding", "how the body is compressed";
    "http.transfer_encoding" = "Transfer-Encoding", "how the body is cut";
    "http.connection" = "Connection", "keep-alive or close";
    "http.server" = "Server", "the server program";
    "http.location" = "Location", "where to ask instead";
    "http.referer" = "Referer", "where the link was";
    "http.cookie" = "Cookie", "what the client was told to remember";
    "http.set_cookie" = "Set-Cookie", "what the client shall remember";
    "http.accept" = "Accept", "media types that are welcome";
    "http.accept_language" = "Accept-Language", "languages that are welcome";
    "http.accept_encoding" = "Accept-Encoding", "compressions that are welcome";
    "http.cache_control" = "Cache-Control", "may it be kept";
    "http.date" = "Date", "when the response was made";
    "http.last_modified" = "Last-Modified", "when the content was changed";
    "http.upgrade" = "Upgrade", "protocol to go on with";
    "http.authorization" = "Authorization", "who asks";
    "http.proxy_authorization" = "Proxy-Authorization", "who asks the proxy";
    "http.proxy_authenticate" = "Proxy-Authenticate", "the proxy wants to know who asks";
    "http.www_authenticate" = "WWW-Authenticate", "the server wants to know who asks";
    "http.x_forwarded_for" = "X-Forwarded-For", "for whom a proxy asks";
    "http.sec_websocket_accept" = "Sec-WebSocket-Accept", "answer to the key";
    "http.sec_websocket_extensions" = "Sec-WebSocket-Extensions", "extensions of WebSocket";
    "http.sec_websocket_key" = "Sec-WebSocket-Key", "random key";
    "http.sec_websocket_protocol" = "Sec-WebSocket-Protocol", "protocol above WebSocket";
    "http.sec_websocket_version" = "Sec-WebSocket-Version", "version of WebSocket";
};

/// Status codes by the words that Wireshark has for them (RFC 9110, section 15).
const CODES: &[(u16, &str)] = &[
    (100, "Continue"),
    (101, "Switching Protocols"),
    (102, "Processing"),
    (200, "OK"),
    (201, "Created"),
    (202, "Accepted"),
    (203, "Non-authoritative Information"),
    (204, "No Content"),
    (205, "Reset Content"),
    (206, "Partial Content"),
    (207, "Multi-Status"),
    (300, "Multiple Choices"),
    (301, "Moved Permanently"),
    (302, "Found"),
    (303, "See Other"),
    (304, "Not Modified"),
    (305, "Use Proxy"),
    (307, "Temporary Redirect"),
    (308, "Permanent Redirect"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (402, "Payment Required"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (406, "Not Acceptable"),
    (407, "Proxy Authentication Required"),
    (408, "Request Time-out"),
    (409, "Conflict"),
    (410, "Gone"),
    (411, "Length Required"),
    (412, "Precondition Failed"),
    (413, "Request Entity Too Large"),
    (414, "Request-URI Too Long"),
    (415, "Unsupported Media Type"),
    (416, "Requested Range Not Satisfiable"),
    (417, "Expectation Failed"),
    (422, "Unprocessable Entity"),
    (423, "Locked"),
    (424, "Failed Dependency"),
    (426, "Upgrade Required"),
    (428, "Precondition Required"),
    (429, "Too Many Requests"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
    (504, "Gateway Time-out"),
    (505, "HTTP Version not supported"),
];

/// The lines of a header with their ends, the first one included, the empty one not.
fn lines<'m>(message: &Message<'m>) -> impl Iterator<Item = &'m [u8]> + use<'m> {
    let lines = message.bytes.split_inclusive(|byte| *byte == b'\n');
    lines.take_while(|line| !line.trim_ascii().is_empty())
}

/// The first line, without its end.
fn first<'m>(message: &Message<'m>) -> &'m [u8] {
    let line = message.bytes.split(|byte| *byte == b'\n').next().unwrap_or(&[]);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn begins_response(message: &Message<'_>) -> bool {
    message.bytes.starts_with(b"HTTP/")
}

/// The first line in three parts: up to a blank, up to the last or next blank, the rest.
fn parts<'m>(message: &Message<'m>) -> Option<[&'m [u8]; 3]> {
    let line = first(message);
    let blank = |bytes: &[u8]| bytes.iter().position(|byte| *byte == b' ');
    let start = blank(line)?;
    let rest = line.get(start + 1..)?;
    let end = blank(rest).unwrap_or(rest.len());
    Some([line.get(..start)?, rest.get(..end)?, rest.get(end + 1..).unwrap_or(&[])])
}

fn request_part<'m>(message: &Message<'m>, index: usize) -> Option<&'m [u8]> {
    let parts = parts(message).filter(|_| !begins_response(message))?;
    parts.get(index).copied().filter(|part| !part.is_empty())
}

fn response_part<'m>(message: &Message<'m>, index: usize) -> Option<&'m [u8]> {
    let parts = parts(message).filter(|_| begins_response(message))?;
    parts.get(index).copied().filter(|part| !part.is_empty())
}

fn text(bytes: Option<&[u8]>, sink: &mut Values<'_>) -> bool {
    bytes.is_some_and(|bytes| sink(Value::Text(bytes)))
}

fn is_request(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    !begins_response(message) && sink(Value::Boolean(true))
}

fn is_response(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    begins_response(message) && sink(Value::Boolean(true))
}

fn is_notification(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    message.bytes.starts_with(b"NOTIFY ") && sink(Value::Boolean(true))
}

fn chat(_: &Message<'_>, sink: &mut Values<'_>) -> bool {
    sink(Value::Label)
}

fn method(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    text(request_part(message, 0), sink)
}

fn uri(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    text(request_part(message, 1), sink)
}

/// What stands in front of the first `?`, and what behind it.
fn uri_parts<'m>(message: &Message<'m>) -> Option<(&'m [u8], &'m [u8])> {
    let uri = request_part(message, 1)?;
    let at = uri.iter().position(|byte| *byte == b'?')?;
    Some((uri.get(..at)?, uri.get(at + 1..)?))
}

fn path(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    text(uri_parts(message).map(|(path, _)| path), sink)
}

fn query(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    text(uri_parts(message).map(|(_, query)| query), sink)
}

fn parameters(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let Some((_, query)) = uri_parts(message) else { return false };
    query.split(|byte| *byte == b'&').any(|part| sink(Value::Text(part)))
}

fn request_version(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    text(request_part(message, 2), sink)
}

fn full_uri(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let Some(uri) = request_part(message, 1) else { return false };
    if uri.starts_with(b"http://") || message.bytes.starts_with(b"CONNECT ") {
        return sink(Value::Text(uri));
    }
    let Some(host) = value(message, "Host").next() else { return false };
    let mut joined = ArrayVec::<u8, MAX_JOINED>::new();
    for part in [b"http://", host, uri] {
        let room = joined.remaining_capacity();
        joined.extend(part.iter().take(room).copied());
    }
    sink(Value::Text(&joined))
}

fn response_version(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    text(response_part(message, 0), sink)
}

fn code_of(message: &Message<'_>) -> Option<u16> {
    std::str::from_utf8(response_part(message, 1)?).ok()?.parse().ok()
}

fn code(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    code_of(message).is_some_and(|code| sink(number(code)))
}

fn code_words(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let words = code_of(message).and_then(|code| CODES.iter().find(|(known, _)| *known == code));
    words.is_some_and(|(_, words)| sink(Value::Text(words.as_bytes())))
}

fn phrase(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    text(response_part(message, 2), sink)
}

fn request_lines(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    !begins_response(message) && lines(message).skip(1).any(|line| sink(Value::Text(line)))
}

fn response_lines(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    begins_response(message) && lines(message).skip(1).any(|line| sink(Value::Text(line)))
}

/// The values of a header field.
fn value<'m>(message: &Message<'m>, name: &str) -> impl Iterator<Item = &'m [u8]> {
    lines(message).skip(1).filter_map(move |line| {
        let (own, rest) = line.split_at_checked(name.len())?;
        let value = rest.strip_prefix(b":")?;
        own.eq_ignore_ascii_case(name.as_bytes()).then(|| value.trim_ascii())
    })
}

fn header(message: &Message<'_>, name: &str, sink: &mut Values<'_>) -> bool {
    value(message, name).any(|value| sink(Value::Text(value)))
}

fn content_length(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    value(message, "Content-Length").any(|value| {
        let length = std::str::from_utf8(value).ok().and_then(|text| text.parse::<u64>().ok());
        length.is_some_and(|length| sink(number(length)))
    })
}

fn body(message: &Message<'_>, sink: &mut Values<'_>) -> bool {
    let mut at = 0;
    for line in message.bytes.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        if line.trim_ascii().is_empty() {
            break;
        }
    }
    let body = message.bytes.get(at..).unwrap_or(&[]);
    !body.is_empty() && sink(Value::Text(body))
}
