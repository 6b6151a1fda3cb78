//! Application messages across TCP segments: which segments belong together, and what the
//! row says that completes a message.
//!
//! Follows what Wireshark shows in one pass: the segment that begins an incomplete message
//! shows what could be read of it, those in the middle are TCP rows marked as parts, the last
//! one shows the message. Segments that the analysis calls repeated are not read again.

use std::fmt;

use super::messages::Messages;
use super::service::Service;
use super::stream::{Kind, Outcome, Stream, recognise_by_look, recognise_cut};
use super::tcp;
use crate::facts::{FrameFacts, TcpFacts};
use crate::tcp::{AnalysisFlags, TcpFlags};

/// Bytes kept of all incomplete messages together; beyond that they are forgotten.
const MAX_KEPT_TOTAL: usize = 1 << 26;
/// Ports whose payload Wireshark gives to TLS without looking.
const TLS_PORTS: &[u16] =
    &[443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 2376, 5061, 5671, 6679, 6697, 8883];
/// Ports whose payload Wireshark gives to HTTP without looking.
const HTTP_PORTS: &[u16] = &[80, 1900, 2710, 2869, 3128, 3132, 5985, 8080, 8088, 9080, 11371];
/// Behind TCP's own text of a segment in the middle of a message.
const PART_BEHIND: &str = " [TCP segment of a reassembled PDU]";
/// Port of DNS.
const DNS_PORT: u16 = 53;
/// Port of NDMP.
const NDMP_PORT: u16 = 10_000;

/// The streams that carry messages.
#[derive(Debug, Default)]
pub(super) struct StreamText {
    /// By stream number.
    streams: Vec<Option<Box<Stream>>>,
    kept: usize,
    ending: &'static str,
}

impl StreamText {
    /// What stands behind TCP's own text in the last row: that it is in the middle of a message,
    /// or that the capture cut it.
    pub fn ending(&self) -> &'static str {
        self.ending
    }

    /// Writes the row of a segment that begins or completes messages, and answers its
    /// Protocol column; `None` when the row is TCP's own.
    pub fn write(
        &mut self,
        info: &mut String,
        messages: &mut Messages,
        facts: &FrameFacts<'_>,
    ) -> Result<Option<&'static str>, fmt::Error> {
        self.ending = "";
        let Some(segment_facts) = &facts.tcp else {
            return Ok(None);
        };
        let segment = &segment_facts.segment;
        let has_fin = segment.flags.contains(TcpFlags::FIN);
        let is_whole = segment_facts.payload.len() == segment.payload_len as usize;
        if is_repeated(segment_facts) || (segment.payload_len == 0 && !has_fin) {
            return Ok(None);
        }
        let Some(index) = self.open(segment_facts, is_whole) else {
            return Ok(None);
        };
        let half = usize::from(segment.source > segment.destination);
        let Some(Some(stream)) = self.streams.get_mut(index) else {
            return Ok(None);
        };
        let kept_before = stream.kept();
        stream.borrow_messages(messages);
        let outcome = match is_whole {
            true => stream.segment(info, segment_facts, half, has_fin),
            false => stream.cut_segment(info, segment_facts, half),
        };
        stream.borrow_messages(messages);
        let outcome = outcome?;
        self.kept = (self.kept + stream.kept()).saturating_sub(kept_before);
        if self.kept > MAX_KEPT_TOTAL {
            self.forget();
        }
        self.ending = match outcome {
            Outcome::Part => PART_BEHIND,
            Outcome::Cut => tcp::SIZE_LIMITED,
            Outcome::Text(_) | Outcome::Plain => "",
        };
        Ok(match outcome {
            Outcome::Text(protocol) => Some(protocol),
            Outcome::Part | Outcome::Cut | Outcome::Plain => None,
        })
    }

    /// The index of a stream that carries, or now begins to carry, messages.
    fn open(&mut self, tcp: &TcpFacts<'_>, is_whole: bool) -> Option<usize> {
        let index = usize::try_from(tcp.analysis.stream.0).ok()?;
        if self.streams.get(index).is_some_and(Option::is_some) {
            return Some(index);
        }
        let kind = recognise(tcp, is_whole)?;
        if self.streams.len() <= index {
            self.streams.resize_with(index + 1, || None);
        }
        let stream = Box::new(Stream::new(kind));
        *self.streams.get_mut(index)? = Some(stream);
        Some(index)
    }

    /// Drops every incomplete message.
    fn forget(&mut self) {
        for stream in self.streams.iter_mut().flatten() {
            stream.forget();
        }
        self.kept = 0;
    }
}

/// True for segments that Wireshark does not hand to a dissector.
pub(super) fn is_repeated(tcp: &TcpFacts<'_>) -> bool {
    let flags = tcp.analysis.flags;
    let is_plain = flags.contains(AnalysisFlags::RETRANSMISSION)
        && !flags.contains(AnalysisFlags::FAST_RETRANSMISSION);
    is_plain || flags.intersects(AnalysisFlags::SPURIOUS_RETRANSMISSION | AnalysisFlags::KEEP_ALIVE)
}

/// What a stream carries, told from its ports and its first bytes. HTTP's ports come first:
/// what is no HTTP there stays TCP.
fn recognise(tcp: &TcpFacts<'_>, is_whole: bool) -> Option<Kind> {
    if tcp.payload.is_empty() {
        return None;
    }
    let (a, b) = (tcp.segment.source.port(), tcp.segment.destination.port());
    // What a port's dissector turns down is TCP's; HTTP's does not let others look at it.
    let by_port = [a.min(b), a.max(b)].into_iter().find_map(kind_of_port);
    let by_look = if is_whole { recognise_by_look } else { recognise_cut };
    by_port.or_else(|| by_look(tcp.payload))
}

/// What Wireshark takes the payload of a port for, without looking.
fn kind_of_port(port: u16) -> Option<Kind> {
    if port == DNS_PORT {
        Some(Kind::Dns)
    } else if port == NDMP_PORT {
        Some(Kind::Ndmp)
    } else if HTTP_PORTS.contains(&port) {
        Some(Kind::Http)
    } else if TLS_PORTS.contains(&port) {
        Some(Kind::Tls)
    } else {
        Service::of_tcp_port(port).map(|service| Kind::Service(service, port))
    }
}
