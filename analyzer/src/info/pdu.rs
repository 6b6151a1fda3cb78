//! Application messages across TCP segments: which segments belong together, and what the
//! row says that completes a message.
//!
//! Follows what Wireshark shows in one pass: the segment that begins an incomplete message
//! shows what could be read of it, those in the middle are TCP rows marked as parts, the last
//! one shows the message. Segments that the analysis calls repeated are not read again.

use std::fmt;

use super::http::{self, Extent};
use super::http_end::{self, Scan};
use super::tcp;
use super::tls::{self, Names, Session};
use crate::facts::{FrameFacts, TcpFacts};
use crate::tcp::{AnalysisFlags, SeqNumber, TcpFlags};

/// Bytes kept of one incomplete message; of a longer one only the front is known.
const MAX_KEPT: usize = 1 << 18;
/// Bytes kept of all incomplete messages together; beyond that they are forgotten.
const MAX_KEPT_TOTAL: usize = 1 << 26;
/// Messages read from one segment.
const MAX_MESSAGES: usize = 64;
/// Ports whose payload Wireshark gives to TLS without looking.
const TLS_PORTS: &[u16] =
    &[443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 2376, 5061, 5671, 6679, 6697, 8883];
/// Ports whose payload Wireshark gives to HTTP without looking.
const HTTP_PORTS: &[u16] = &[80, 1900, 2710, 2869, 3128, 3132, 5985, 8080, 8088, 9080, 11371];

/// What the row of an incomplete message's first segment ends with.
const PART: &str = "[TCP segment of a reassembled PDU]";

/// The streams that carry messages.
#[derive(Debug, Default)]
pub(super) struct StreamText {
    /// By stream number.
    streams: Vec<Option<Box<Stream>>>,
    kept: usize,
    is_part: bool,
}

#[derive(Debug, Default)]
struct Stream {
    kind: Kind,
    session: Session,
    answers_head: bool,
    halves: [Option<Pending>; 2],
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Kind {
    #[default]
    Unknown,
    Tls,
    Http,
}

/// A message that is not complete.
#[derive(Debug)]
struct Pending {
    start: SeqNumber,
    /// Bytes from the start that are there without a hole.
    received: u64,
    need: Need,
    kept: Vec<u8>,
    /// How far `kept` was looked through in vain.
    scan: Scan,
}

/// What a message still waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// So many bytes from its start.
    Bytes(u64),
    /// Some more, to know how many.
    More,
    /// The end of the connection.
    Fin,
}

/// What came of reading bytes as messages.
struct Reading {
    protocol: Option<&'static str>,
    consumed: usize,
    need: Option<Need>,
}

impl StreamText {
    /// True when the last row was a segment in the middle of a message.
    pub fn is_part_of_message(&self) -> bool {
        self.is_part
    }

    /// Writes the row of a segment that begins or completes messages, and answers its
    /// Protocol column; `None` when the row is TCP's own.
    pub fn write(
        &mut self,
        info: &mut String,
        facts: &FrameFacts<'_>,
    ) -> Result<Option<&'static str>, fmt::Error> {
        self.is_part = false;
        let Some(segment_facts) = &facts.tcp else {
            return Ok(None);
        };
        let segment = &segment_facts.segment;
        let has_fin = segment.flags.contains(TcpFlags::FIN);
        let is_whole = segment_facts.payload.len() == segment.payload_len as usize;
        if !is_whole || is_repeated(segment_facts) || (segment.payload_len == 0 && !has_fin) {
            return Ok(None);
        }
        let Some(index) = self.open(segment_facts) else {
            return Ok(None);
        };
        let half = usize::from(segment.source > segment.destination);
        let Some(Some(stream)) = self.streams.get_mut(index) else {
            return Ok(None);
        };
        let kept_before = stream.kept();
        let outcome = stream.segment(info, segment_facts, half, has_fin)?;
        self.kept = (self.kept + stream.kept()).saturating_sub(kept_before);
        if self.kept > MAX_KEPT_TOTAL {
            self.forget();
        }
        self.is_part = outcome == Outcome::Part;
        Ok(match outcome {
            Outcome::Text(protocol) => Some(protocol),
            Outcome::Part | Outcome::Plain => None,
        })
    }

    /// The index of a stream that carries, or now begins to carry, messages.
    fn open(&mut self, tcp: &TcpFacts<'_>) -> Option<usize> {
        let index = usize::try_from(tcp.analysis.stream.0).ok()?;
        if self.streams.get(index).is_some_and(Option::is_some) {
            return Some(index);
        }
        let kind = recognise(tcp)?;
        if self.streams.len() <= index {
            self.streams.resize_with(index + 1, || None);
        }
        let stream = Box::new(Stream { kind, ..Stream::default() });
        *self.streams.get_mut(index)? = Some(stream);
        Some(index)
    }

    /// Drops every incomplete message.
    fn forget(&mut self) {
        for stream in self.streams.iter_mut().flatten() {
            stream.halves = [None, None];
        }
        self.kept = 0;
    }
}

/// What a segment's row shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The text that was written, under this Protocol column.
    Text(&'static str),
    /// TCP's own text, marked as part of a message.
    Part,
    /// TCP's own text.
    Plain,
}

impl Stream {
    fn kept(&self) -> usize {
        self.halves.iter().flatten().map(|pending| pending.kept.capacity()).sum()
    }

    /// One segment of one direction.
    fn segment(
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
            // Something was lost; the message can't be completed.
            return self.read(info, tcp, half, seq, tcp.payload);
        }
        let is_end = has_fin && pending.need == Need::Fin;
        match (place, pending.need) {
            (Place::Fits, Need::Bytes(bytes)) if pending.received >= bytes => {}
            (Place::Fits, Need::More) if self.may_be_complete(&mut pending) => {}
            (Place::Fits, Need::Fin) if is_end => {}
            _ => {
                self.put_back(half, pending);
                return Ok(if tcp.payload.is_empty() { Outcome::Plain } else { Outcome::Part });
            }
        }
        self.complete(info, tcp, half, &pending, is_end)
    }

    /// False when reading a pending message again would find no end.
    fn may_be_complete(&self, pending: &mut Pending) -> bool {
        self.kind != Kind::Http
            || pending.received > pending.kept.len() as u64
            || pending.scan.may_end(&pending.kept, self.answers_head)
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
            let protocol = self.show(info, &pending.kept)?;
            return Ok(Outcome::Text(protocol));
        }
        let before = info.len();
        let outcome = self.read(info, tcp, half, pending.start, &pending.kept)?;
        let restarted = self.halves.get(half).and_then(Option::as_ref);
        if restarted.is_some_and(|again| again.start == pending.start) {
            // Nothing was complete after all: a part like those before.
            info.truncate(before);
            return Ok(Outcome::Part);
        }
        Ok(outcome)
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
            _ => self.read_http(info, bytes)?,
        };
        if let Some(need) = reading.need {
            let rest = bytes.get(reading.consumed..).unwrap_or(&[]);
            // The cast keeps the low 32 bits, which is what a sequence number is.
            let start = start + reading.consumed as u32;
            let pending = Pending::new(start, need, rest);
            self.put_back(half, pending);
        }
        match reading.protocol {
            Some(protocol) => Ok(Outcome::Text(protocol)),
            None if reading.need.is_some() => {
                if self.kind == Kind::Http {
                    http::write_first_line(info, bytes)?;
                    info.push(' ');
                }
                info.push_str(PART);
                Ok(Outcome::Text("TCP"))
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
        let mut names = Names::new(info, has_text);
        let progress = self.session.write_records(&mut names, half, bytes, &mut protocol)?;
        let need = progress.needed.map(|bytes| match bytes {
            0 => Need::More,
            bytes => Need::Bytes(bytes as u64),
        });
        Ok(Reading { protocol, consumed: progress.consumed, need })
    }

    fn read_http(&mut self, info: &mut String, bytes: &[u8]) -> Result<Reading, fmt::Error> {
        let mut reading = Reading { protocol: None, consumed: 0, need: None };
        for _ in 0..MAX_MESSAGES {
            let rest = bytes.get(reading.consumed..).unwrap_or(&[]);
            if rest.is_empty() {
                return Ok(reading);
            }
            if http::first_line(rest).is_none() {
                if reading.protocol.is_none() {
                    info.push_str("Continuation");
                    reading.protocol = Some("HTTP");
                }
                reading.consumed = bytes.len();
                return Ok(reading);
            }
            match self.http_end(rest) {
                Ok(end) => {
                    reading.protocol = Some(self.show(info, rest.get(..end).unwrap_or(rest))?);
                    reading.consumed += end;
                }
                Err(need) => {
                    reading.need = Some(need);
                    return Ok(reading);
                }
            }
        }
        Ok(reading)
    }

    /// The length of the first message, or what it still needs.
    fn http_end(&self, bytes: &[u8]) -> Result<usize, Need> {
        let header = http::read_header(bytes, self.answers_head);
        match header.extent {
            Extent::Unknown => Err(Need::More),
            Extent::UntilFin => Err(Need::Fin),
            Extent::Bytes(len) => match usize::try_from(len) {
                Ok(end) if end <= bytes.len() => Ok(end),
                _ => Err(Need::Bytes(len)),
            },
            Extent::Chunked(start) => http_end::chunks_end(bytes, start)
                .filter(|end| *end <= bytes.len())
                .ok_or(Need::More),
        }
    }

    /// Writes the line of a message of which the header is complete.
    fn show(&mut self, info: &mut String, bytes: &[u8]) -> Result<&'static str, fmt::Error> {
        let header = http::read_header(bytes, self.answers_head);
        http::write_first_line(info, bytes)?;
        self.answers_head = header.method == Some(b"HEAD");
        http::write_body(info, header.content_type, bytes.get(header.len..).unwrap_or(&[]))
    }

    fn put_back(&mut self, half: usize, pending: Pending) {
        if let Some(slot) = self.halves.get_mut(half) {
            *slot = Some(pending);
        }
    }
}

/// Where a segment lies in a pending message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It continues what is there.
    Fits,
    /// It belongs to the message, behind a hole or again.
    Inside,
    /// It is not part of it.
    Elsewhere,
}

impl Pending {
    fn new(start: SeqNumber, need: Need, bytes: &[u8]) -> Self {
        let kept = bytes.get(..MAX_KEPT).unwrap_or(bytes).to_vec();
        Self { start, received: bytes.len() as u64, need, kept, scan: Scan::default() }
    }

    /// Adds the bytes when they continue the message at offset `at`.
    fn place(&mut self, at: u32, payload: &[u8]) -> Place {
        let at = u64::from(at);
        let end = match self.need {
            Need::Bytes(bytes) => bytes,
            Need::More | Need::Fin => self.received.saturating_add(1 << 20),
        };
        if at == self.received {
            let room = MAX_KEPT.saturating_sub(self.kept.len());
            if self.kept.len() as u64 == self.received {
                self.kept.extend_from_slice(payload.get(..room).unwrap_or(payload));
            }
            self.received += payload.len() as u64;
            return Place::Fits;
        }
        if at < end { Place::Inside } else { Place::Elsewhere }
    }
}

/// True for segments that Wireshark does not hand to a dissector.
fn is_repeated(tcp: &TcpFacts<'_>) -> bool {
    let flags = tcp.analysis.flags;
    let is_plain = flags.contains(AnalysisFlags::RETRANSMISSION)
        && !flags.contains(AnalysisFlags::FAST_RETRANSMISSION);
    is_plain || flags.intersects(AnalysisFlags::SPURIOUS_RETRANSMISSION | AnalysisFlags::KEEP_ALIVE)
}

/// What a stream carries, told from its ports and its first bytes. HTTP's ports come first:
/// what is no HTTP there stays TCP.
fn recognise(tcp: &TcpFacts<'_>) -> Option<Kind> {
    if tcp.payload.is_empty() {
        return None;
    }
    let ports = [tcp.segment.source.port, tcp.segment.destination.port];
    if ports.iter().any(|port| HTTP_PORTS.contains(port)) {
        return http::first_line(tcp.payload).map(|_| Kind::Http);
    }
    if ports.iter().any(|port| TLS_PORTS.contains(port)) || tls::looks_like_record(tcp.payload) {
        Some(Kind::Tls)
    } else if http::looks_like_message(tcp.payload) {
        Some(Kind::Http)
    } else {
        None
    }
}
