//! Segments that the snaplen cut: what Wireshark still reads of the messages in them.
//!
//! A cut segment is never put together with others. What is there is read as far as it goes,
//! and the row says that the capture, not the message, is short.

use std::fmt;

use super::super::application::kind_of_service;
use super::super::http::{self, Extent};
use super::super::http_end::{self, ChunksEnd};
use super::super::messages::{MessageKind, Messages};
use super::super::tcp::{self, SIZE_LIMITED};
use super::super::text::Line;
use super::super::tls::{self, Names};
use super::super::websocket::Head;
use super::{Kind, MAX_MESSAGES, NDMP_MARK, Outcome, Stream};
use super::{dns, recognise_by_look, service_message};
use crate::facts::TcpFacts;
use crate::tcp::AnalysisFlags;

/// Bytes of a TLS record's header.
const TLS_HEADER: usize = 5;

impl Stream {
    /// One segment of one direction of which only the front was captured.
    pub fn cut_segment(
        &mut self,
        info: &mut String,
        tcp: &TcpFacts<'_>,
        half: usize,
    ) -> Result<Outcome, fmt::Error> {
        if tcp.payload.is_empty() || tcp.analysis.flags.contains(AnalysisFlags::OUT_OF_ORDER) {
            return Ok(Outcome::Plain);
        }
        if self.kind == Kind::Ndmp && tcp.payload.len() >= NDMP_MARK {
            self.kind = recognise_cut(tcp.payload).unwrap_or(Kind::Ndmp);
        }
        tcp::write_tags(info, tcp)?;
        if let Kind::Service(service, port) = self.kind {
            let protocol = service.write(info, service_message(tcp, port))?;
            self.messages.add(kind_of_service(protocol), tcp.payload);
            return Ok(Outcome::Text(protocol));
        }
        let outcome = match self.kind {
            Kind::Tls => self.read_cut_tls(info, half, tcp.payload)?,
            Kind::Http => self.read_cut_http(info, tcp.payload)?,
            Kind::Dns => read_cut_dns(info, &mut self.messages, tcp.payload)?,
            Kind::WebSocket => match Head::read(tcp.payload) {
                Some(head) => {
                    head.write(info)?;
                    info.push_str(SIZE_LIMITED);
                    Outcome::Text("WebSocket")
                }
                None => Outcome::Cut,
            },
            Kind::Unknown | Kind::Ndmp | Kind::Service(..) => Outcome::Plain,
        };
        if !matches!(outcome, Outcome::Text(_)) {
            info.clear();
        }
        Ok(outcome)
    }

    /// The records that are whole; without one, the version that the first one names.
    fn read_cut_tls(
        &mut self,
        info: &mut String,
        half: usize,
        payload: &[u8],
    ) -> Result<Outcome, fmt::Error> {
        let is_record = matches!(payload.first(), Some(20..=24));
        // A header of SSL 2.0 has its high bit set, and three bytes.
        let may_be_old = matches!(payload, [0x80..=0xff] | [0x80..=0xff, _]);
        if !is_record && !may_be_old && !self.session.has_version() {
            let is_text = payload.len() >= TLS_HEADER && tls::is_text(payload);
            info.push_str("Continuation Data");
            if is_text {
                return Ok(Outcome::Plain);
            }
            self.messages.add(MessageKind::TlsRest, payload);
            return Ok(Outcome::Text("SSL"));
        }
        let has_text = !info.is_empty();
        let (mut protocol, mut consumed) = (None, 0);
        if is_record {
            let mut names = Names::new(info, has_text, &mut self.messages);
            let progress = self.session.write_records(&mut names, half, payload, &mut protocol)?;
            consumed = progress.consumed;
        }
        info.push_str(SIZE_LIMITED);
        let rest = payload.get(consumed..).unwrap_or(&[]);
        self.messages.add(MessageKind::TlsRest, rest);
        Ok(Outcome::Text(protocol.unwrap_or_else(|| self.session.column_of_cut(rest))))
    }

    /// The first lines of all messages that begin here. Adds by itself what is said of the
    /// missing rest: bytes that are no text are not looked at, so that nothing is missing.
    fn read_cut_http(&mut self, info: &mut String, payload: &[u8]) -> Result<Outcome, fmt::Error> {
        let mut outcome = Outcome::Cut;
        let mut rest = payload;
        for _ in 0..MAX_MESSAGES {
            let [first, _, ..] = rest else { break };
            let is_text = (0x20..0x7f).contains(first);
            let has_request = self.has_request;
            if !is_text || !rest.contains(&b'\n') || http::first_line(rest).is_none() {
                self.has_request |= http::is_request(rest);
                if has_request {
                    info.push_str("Continuation");
                    self.messages.add(MessageKind::HttpRest, rest);
                    outcome = Outcome::Text("HTTP");
                }
                if !is_text {
                    return Ok(if has_request { outcome } else { Outcome::Plain });
                }
                break;
            }
            let end = self.http_end(rest).map_or(rest.len(), |end| end.min(rest.len()));
            let (message, behind) = rest.split_at(end);
            outcome = Outcome::Text(self.show_cut(info, message)?);
            rest = behind;
        }
        if outcome != Outcome::Cut {
            info.push_str(SIZE_LIMITED);
        }
        Ok(outcome)
    }

    /// Writes the line of a message; of chunks that do not end, nothing is said.
    fn show_cut(&mut self, info: &mut String, message: &[u8]) -> Result<&'static str, fmt::Error> {
        let is_open = matches!(self.http_header(message).extent, Extent::Chunked(at)
            if http_end::chunks_end(message, at) == ChunksEnd::Open);
        let header_only = message.get(..self.http_header(message).len).filter(|_| is_open);
        self.show(info, header_only.unwrap_or(message))
    }
}

/// The last DNS message of which the length is there.
fn read_cut_dns(
    info: &mut String,
    messages: &mut Messages,
    payload: &[u8],
) -> Result<Outcome, fmt::Error> {
    let start = info.len();
    let mut outcome = Outcome::Cut;
    let mut rest = payload;
    for _ in 0..MAX_MESSAGES {
        let Some((length, body)) = rest.split_first_chunk() else { break };
        let length = usize::from(u16::from_be_bytes(*length));
        let message = body.get(..length).unwrap_or(body);
        info.truncate(start);
        let mut line = Line::new(info);
        let written = dns::write(&mut line, message, dns::Family::Dns);
        if !line.is_full() && written?.is_err() && message.len() == length {
            info.push_str(tcp::MALFORMED);
        }
        messages.add(MessageKind::DnsOnStream, message);
        outcome = Outcome::Text("DNS");
        rest = body.get(length..).unwrap_or(&[]);
    }
    if outcome != Outcome::Cut {
        info.push_str(SIZE_LIMITED);
    }
    Ok(outcome)
}

/// What the first bytes of a cut segment prove on any port: less than of a whole one, because a
/// TLS record is known by its header.
pub(in super::super) fn recognise_cut(payload: &[u8]) -> Option<Kind> {
    let is_handshake = matches!(payload, [22, 3, 0..=4, _, _]);
    if is_handshake { Some(Kind::Tls) } else { recognise_by_look(payload) }
}
