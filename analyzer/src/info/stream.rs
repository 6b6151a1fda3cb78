//! One TCP stream as messages: the bytes of both directions, read as HTTP, TLS or DNS.
//!
//! Knows which message is not complete, what it waits for, and what the row of each of its
//! segments says. Which streams carry messages is decided in `pdu`.

use std::fmt::{self, Write};

use super::application::kind_of_service;
use super::http::{self, Extent};
use super::http_end::{self, ChunksEnd};
use super::messages::{MessageKind, Messages};
use super::pending::{Need, Pending, Place};
use super::service::{Message, Service};
use super::text::Line;
use super::tls::{self, Names, Session};
use super::websocket::{self, Head};
use super::{dns, tcp};
use crate::facts::TcpFacts;
use crate::tcp::{AnalysisFlags, SeqNumber, TcpFlags};

pub(super) use cut::recognise_cut;

mod cut;
mod upgraded;

/// Messages read from one segment.
const MAX_MESSAGES: usize = 64;
/// Bytes of an NDMP record mark: what Wireshark wants before it looks whether it is NDMP.
const NDMP_MARK: usize = 4;

/// What the row of an incomplete message's first segment ends with.
pub(super) const PART: &str = "[TCP segment of a reassembled PDU]";

/// A stream that carries messages.
#[derive(Debug, Default)]
pub(super) struct Stream {
    kind: Kind,
    session: Session,
    /// An HTTP request was seen: other bytes continue a message.
    has_request: bool,
    answers_head: bool,
    answers_connect: bool,
    /// A client of a service asked for TLS.
    awaits_tls: bool,
    halves: [Option<Pending>; 2],
    /// Lent by the caller for the time of one segment.
    messages: Messages,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing that is read here.
    #[default]
    Unknown,
    /// TLS records.
    Tls,
    /// HTTP/1 messages.
    Http,
    /// DNS messages behind their lengths (RFC 1035, section 4.2.2).
    Dns,
    /// Port 10000, which Wireshark takes for NDMP until it has seen four bytes.
    Ndmp,
    /// Frames behind an HTTP upgrade.
    WebSocket,
    /// A service that reads each segment for itself, and its port.
    Service(Service, u16),
}

/// What came of reading bytes as messages.
#[derive(Default)]
struct Reading {
    protocol: Option<&'static str>,
    consumed: usize,
    need: Option<Need>,
    /// Nothing can be said yet of an incomplete message: its row is TCP's own.
    is_mute: bool,
}

impl Reading {
    /// Nothing but the beginning of a message.
    fn waiting(need: Need) -> Self {
        Self { need: Some(need), is_mute: true, ..Self::default() }
    }
}

/// What a segment's row shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The text that was written, under this Protocol column.
    Text(&'static str),
    /// TCP's own text, marked as part of a message.
    Part,
    /// TCP's own text, marked as cut by the capture.
    Cut,
    /// TCP's own text.
    Plain,
}

impl Stream {
    /// A stream of a kind, before its first message.
    pub fn new(kind: Kind) -> Self {
        Self { kind, ..Self::default() }
    }

    /// Takes the place for messages, or gives it back.
    pub fn borrow_messages(&mut self, messages: &mut Messages) {
        std::mem::swap(&mut self.messages, messages);
    }

    /// Drops what is not complete.
    pub fn forget(&mut self) {
        self.halves = [None, None];
    }

    /// Bytes held for incomplete messages.
    pub fn kept(&self) -> usize {
        self.halves.iter().flatten().map(Pending::held).sum()
    }

    /// One segment of one direction.
    pub fn segment(
        &mut self,
        info: &mut String,
        tcp: &TcpFacts<'_>,
        half: usize,
        has_fin: bool,
    ) -> Result<Outcome, fmt::Error> {
        let seq = tcp.segment.seq_raw;
        let seq = if tcp.segment.flags.contains(TcpFlags::SYN) { seq + 1 } else { seq };
        let pending = self.halves.get_mut(half).and_then(Option::take);
        let Some(mut pending) = pending else {
            if tcp.payload.is_empty() || tcp.analysis.flags.contains(AnalysisFlags::OUT_OF_ORDER) {
                return Ok(Outcome::Plain);
            }
            return self.read(info, tcp, half, seq, tcp.payload);
        };
        let at = seq.relative_to(pending.start);
        let place = pending.place(at, tcp.payload);
        if place == Place::Elsewhere {
            return self.elsewhere(info, tcp, half, seq, pending);
        }
        if !tcp.payload.is_empty() {
            self.messages.add(MessageKind::Part, tcp.payload);
        }
        let is_end = has_fin && pending.need == Need::Fin;
        match (place, pending.need) {
            (Place::Fits, Need::Bytes(bytes)) if pending.received >= bytes => {}
            (Place::Fits, Need::More) if tcp.payload.is_empty() => {
                self.put_back(half, pending);
                return Ok(Outcome::Plain);
            }
            (Place::Fits, Need::More) if self.kind == Kind::Http => {
                if let Some(outcome) = self.unfinished(info, tcp, &mut pending)? {
                    self.put_back(half, pending);
                    return Ok(outcome);
                }
            }
            (Place::Fits, Need::More) => {}
            (Place::Fits, Need::Fin) if is_end => {}
            _ => {
                self.put_back(half, pending);
                return Ok(if tcp.payload.is_empty() { Outcome::Plain } else { Outcome::Part });
            }
        }
        if tcp.analysis.flags.contains(AnalysisFlags::OUT_OF_ORDER) {
            // Wireshark shows no message in a row that closed the last hole of one.
            return Ok(Outcome::Plain);
        }
        self.complete(info, tcp, half, &pending, is_end)
    }

    /// The row of a segment behind which an HTTP message certainly goes on; `None` when it may
    /// be complete. Looks at each byte once.
    fn unfinished(
        &self,
        info: &mut String,
        tcp: &TcpFacts<'_>,
        pending: &mut Pending,
    ) -> Result<Option<Outcome>, fmt::Error> {
        if pending.received > pending.kept.len() as u64 {
            return Ok(None);
        }
        if pending.is_mute {
            let is_line = tcp.payload.contains(&b'\n');
            return Ok((!is_line).then_some(Outcome::Part));
        }
        if pending.scan.may_end(&pending.kept, self.answers_head) {
            return Ok(None);
        }
        tcp::write_tags(info, tcp)?;
        http::write_first_line(info, &pending.kept)?;
        write!(info, " {PART}")?;
        Ok(Some(Outcome::Text("TCP")))
    }

    /// A segment that lies outside the message that is not complete.
    fn elsewhere(
        &mut self,
        info: &mut String,
        tcp: &TcpFacts<'_>,
        half: usize,
        seq: SeqNumber,
        pending: Pending,
    ) -> Result<Outcome, fmt::Error> {
        let is_early = tcp.analysis.flags.contains(AnalysisFlags::OUT_OF_ORDER);
        let outcome = if is_early || tcp.payload.is_empty() {
            Ok(Outcome::Plain)
        } else {
            self.read(info, tcp, half, seq, tcp.payload)
        };
        if let Some(slot @ None) = self.halves.get_mut(half) {
            *slot = Some(pending);
        }
        outcome
    }

    /// The segment that completes a message, or may do so.
    fn complete(
        &mut self,
        info: &mut String,
        tcp: &TcpFacts<'_>,
        half: usize,
        pending: &Pending,
        is_end: bool,
    ) -> Result<Outcome, fmt::Error> {
        if is_end || pending.received > pending.kept.len() as u64 {
            // Longer than what is kept: only its front can be shown, and nothing behind it.
            tcp::write_tags(info, tcp)?;
            let protocol = match Head::read(&pending.kept).filter(|_| self.kind == Kind::WebSocket)
            {
                Some(head) => head.write(info).map(|()| "WebSocket")?,
                None => self.show(info, &pending.kept)?,
            };
            return Ok(Outcome::Text(protocol));
        }
        self.read(info, tcp, half, pending.start, &pending.kept)
    }

    /// Reads bytes as messages and remembers what is not complete.
    fn read(
        &mut self,
        info: &mut String,
        tcp: &TcpFacts<'_>,
        half: usize,
        start: SeqNumber,
        bytes: &[u8],
    ) -> Result<Outcome, fmt::Error> {
        if bytes.is_empty() {
            return Ok(Outcome::Plain);
        }
        tcp::write_tags(info, tcp)?;
        let reading = match self.kind {
            Kind::Tls => self.read_tls(info, half, bytes)?,
            Kind::Http => self.read_http(info, bytes)?,
            Kind::Dns => read_dns(info, &mut self.messages, bytes)?,
            Kind::Ndmp if bytes.len() < NDMP_MARK => Reading::waiting(Need::More),
            Kind::Ndmp => {
                self.kind = recognise_by_look(bytes).unwrap_or(Kind::Ndmp);
                match self.kind {
                    Kind::Tls => self.read_tls(info, half, bytes)?,
                    Kind::Http => self.read_http(info, bytes)?,
                    _ => Reading::default(),
                }
            }
            Kind::WebSocket => self.read_websocket(info, bytes)?,
            Kind::Service(service, port) => {
                let message = service_message(tcp, port);
                let protocol = service.write(info, message)?;
                self.messages.add(kind_of_service(protocol), bytes);
                self.awaits_tls |= service.asks_for_tls(message);
                if self.awaits_tls && service.grants_tls(message) {
                    self.kind = Kind::Tls;
                }
                Reading { protocol: Some(protocol), ..Reading::default() }
            }
            Kind::Unknown => Reading::default(),
        };
        if let Some(need) = reading.need {
            let rest = bytes.get(reading.consumed..).unwrap_or(&[]);
            // The cast keeps the low 32 bits, which is what a sequence number is.
            let start = start + reading.consumed as u32;
            let mut pending = Pending::new(start, need, rest);
            pending.is_mute = reading.is_mute;
            self.put_back(half, pending);
            if bytes.len() == tcp.payload.len() {
                self.messages.add(MessageKind::Part, rest);
            }
        }
        match reading.protocol {
            Some(protocol) => Ok(Outcome::Text(protocol)),
            None if reading.need.is_some() && !reading.is_mute => {
                info.push_str(PART);
                Ok(Outcome::Text("TCP"))
            }
            None if reading.need.is_some() => {
                info.clear();
                Ok(Outcome::Part)
            }
            None => {
                info.clear();
                Ok(Outcome::Plain)
            }
        }
    }

    fn read_tls(
        &mut self,
        info: &mut String,
        half: usize,
        bytes: &[u8],
    ) -> Result<Reading, fmt::Error> {
        let has_text = !info.is_empty();
        let mut protocol = None;
        let mut names = Names::new(info, has_text, &mut self.messages);
        let progress = self.session.write_records(&mut names, half, bytes, &mut protocol)?;
        if progress.needed.is_some() && progress.consumed == 0 {
            self.messages.add(MessageKind::TlsRest, &[]);
        }
        let need = progress.needed.map(|bytes| match bytes {
            0 => Need::More,
            bytes => Need::Bytes(bytes as u64),
        });
        Ok(Reading { protocol, consumed: progress.consumed, need, is_mute: false })
    }

    fn read_http(&mut self, info: &mut String, bytes: &[u8]) -> Result<Reading, fmt::Error> {
        let mut reading = Reading::default();
        for _ in 0..MAX_MESSAGES {
            let rest = bytes.get(reading.consumed..).unwrap_or(&[]);
            let Some(first) = rest.first() else {
                return Ok(reading);
            };
            let has_line = rest.contains(&b'\n');
            if !has_line && (0x20..0x7f).contains(first) {
                // Text without an end of line: the rest of the line is still to come.
                reading.need = Some(Need::More);
                reading.is_mute = true;
                return Ok(reading);
            }
            if !has_line || http::first_line(rest).is_none() {
                if self.has_request && reading.protocol.is_none() {
                    info.push_str("Continuation");
                    self.messages.add(MessageKind::HttpRest, rest);
                    reading.protocol = Some("HTTP");
                }
                reading.consumed = bytes.len();
                return Ok(reading);
            }
            match self.http_end(rest) {
                Ok(end) => {
                    reading.protocol = Some(self.show(info, rest.get(..end).unwrap_or(rest))?);
                    reading.consumed += end;
                    if self.kind == Kind::WebSocket {
                        return self.read_behind_upgrade(info, bytes, reading);
                    }
                    if self.kind != Kind::Http {
                        reading.consumed = bytes.len();
                    }
                }
                Err(need) => {
                    http::write_first_line(info, rest)?;
                    if reading.protocol.is_none() {
                        info.push(' ');
                    }
                    reading.need = Some(need);
                    return Ok(reading);
                }
            }
        }
        Ok(reading)
    }

    /// The length of the first message, or what it still needs.
    fn http_end(&self, bytes: &[u8]) -> Result<usize, Need> {
        let header = self.http_header(bytes);
        match header.extent {
            Extent::Unknown => Err(Need::More),
            Extent::UntilFin => Err(Need::Fin),
            Extent::Bytes(len) => match usize::try_from(len) {
                Ok(end) if end <= bytes.len() => Ok(end),
                _ => Err(Need::Bytes(len)),
            },
            Extent::Chunked(start) => match http_end::chunks_end(bytes, start) {
                ChunksEnd::At(end) if end <= bytes.len() => Ok(end),
                ChunksEnd::Broken => Ok(bytes.len()),
                ChunksEnd::At(_) | ChunksEnd::Open => Err(Need::More),
            },
        }
    }

    fn http_header<'a>(&self, bytes: &'a [u8]) -> http::Header<'a> {
        http::read_header(bytes, self.answers_head || self.opens_tunnel(bytes))
    }

    /// True for a response that grants a CONNECT.
    fn opens_tunnel(&self, bytes: &[u8]) -> bool {
        self.answers_connect && bytes.starts_with(b"HTTP/1.") && bytes.get(9) == Some(&b'2')
    }

    /// Writes the line of a message of which the header is complete.
    fn show(&mut self, info: &mut String, bytes: &[u8]) -> Result<&'static str, fmt::Error> {
        self.messages.add(MessageKind::Http, bytes);
        let header = self.http_header(bytes);
        let start = info.len();
        http::write_first_line(info, bytes)?;
        self.has_request |= http::is_request(bytes);
        if self.has_request && websocket::is_granted(bytes) {
            self.kind = Kind::WebSocket;
        }
        if self.opens_tunnel(bytes) {
            // RFC 9110, section 9.3.6: what follows goes to another host, mostly as TLS.
            self.kind = Kind::Tls;
        }
        self.answers_head = header.method == Some(b"HEAD");
        self.answers_connect = header.method == Some(b"CONNECT");
        let is_broken = matches!(header.extent, Extent::Chunked(at)
            if http_end::chunks_end(bytes, at) == ChunksEnd::Broken);
        if is_broken {
            return Ok("HTTP");
        }
        let body = bytes.get(header.len..).unwrap_or(&[]);
        if let Some(name) =
            http::certificate_status(header.content_type).filter(|_| !body.is_empty())
        {
            info.truncate(start);
            info.push_str(name);
            return Ok("OCSP");
        }
        http::write_body(info, header.content_type, body)
    }

    fn put_back(&mut self, half: usize, pending: Pending) {
        if let Some(slot) = self.halves.get_mut(half) {
            *slot = Some(pending);
        }
    }
}

/// A segment as its service sees it.
fn service_message<'a>(tcp: &TcpFacts<'a>, port: u16) -> Message<'a> {
    Message {
        payload: tcp.payload,
        wire_len: tcp.segment.payload_len,
        is_request: tcp.segment.destination.port() == port,
    }
}

/// What any port's first bytes prove.
pub(super) fn recognise_by_look(payload: &[u8]) -> Option<Kind> {
    if tls::looks_like_record(payload) {
        Some(Kind::Tls)
    } else if http::looks_like_message(payload) {
        Some(Kind::Http)
    } else {
        None
    }
}

/// Reads as many DNS messages as are complete.
fn read_dns(
    info: &mut String,
    messages: &mut Messages,
    bytes: &[u8],
) -> Result<Reading, fmt::Error> {
    let mut reading = Reading::default();
    let start = info.len();
    for _ in 0..MAX_MESSAGES {
        let rest = bytes.get(reading.consumed..).unwrap_or(&[]);
        let Some((length, body)) = rest.split_first_chunk() else {
            if !rest.is_empty() {
                reading.need = Some(Need::More);
                reading.is_mute = true;
            }
            return Ok(reading);
        };
        let length = usize::from(u16::from_be_bytes(*length));
        let Some(message) = body.get(..length) else {
            reading.need = Some(Need::Bytes(length as u64 + 2));
            reading.is_mute = true;
            return Ok(reading);
        };
        info.truncate(start);
        let mut line = Line::new(info);
        let is_short = message.len() < dns::HEADER;
        let written =
            if is_short { Ok(Ok(())) } else { dns::write(&mut line, message, dns::Family::Dns) };
        if !line.is_full() && (written?.is_err() || is_short) {
            info.push_str(tcp::MALFORMED);
        }
        messages.add(MessageKind::DnsOnStream, message);
        reading.protocol = Some("DNS");
        reading.consumed += 2 + length;
    }
    Ok(reading)
}
