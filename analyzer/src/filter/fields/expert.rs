//! `_ws.*`: what Wireshark's experts say of TCP, IP and HTTP, and what a row ends with when
//! the frame is short or broken.

use std::fmt::Write;

use arrayvec::ArrayString;

use super::{Context, Field, Source, Values, dhcp, ip, number, tcp_events, udp};
use crate::filter::kind::Kind::{self, Protocol, Text, Unsigned};
use crate::filter::literal::Names;
use crate::filter::pass::{Needs, Subject};
use crate::filter::value::Value;
use crate::info::MessageKind;
use crate::tcp::AnalysisFlags;
use crate::wire;

const CHAT: u32 = 0x0020_0000;
const NOTE: u32 = 0x0040_0000;
const WARNING: u32 = 0x0060_0000;
const ERROR: u32 = 0x0080_0000;
const SEQUENCE: u32 = 0x0200_0000;
const MALFORMED: u32 = 0x0700_0000;
const PROTOCOL: u32 = 0x0900_0000;

const SEVERITIES: Names = &[
    (0x0020_0000, "Chat"),
    (0x0040_0000, "Note"),
    (0x0060_0000, "Warning"),
    (0x0080_0000, "Error"),
];
const GROUPS: Names =
    &[(0x0200_0000, "Sequence"), (0x0700_0000, "Malformed"), (0x0900_0000, "Protocol")];

/// What the verdicts on a segment are worth.
const VERDICTS: &[(AnalysisFlags, u32, &str)] = &[
    (AnalysisFlags::FAST_RETRANSMISSION, NOTE, "This frame is a (suspected) fast retransmission"),
    (
        AnalysisFlags::SPURIOUS_RETRANSMISSION,
        NOTE,
        "This frame is a (suspected) spurious retransmission",
    ),
    (AnalysisFlags::RETRANSMISSION, NOTE, "This frame is a (suspected) retransmission"),
    (AnalysisFlags::OUT_OF_ORDER, WARNING, "This frame is a (suspected) out-of-order segment"),
    (
        AnalysisFlags::REUSED_PORTS,
        NOTE,
        "A new tcp session is started with the same ports as an earlier session in this trace",
    ),
    (
        AnalysisFlags::LOST_SEGMENT,
        WARNING,
        "Previous segment(s) not captured (common at capture start)",
    ),
    (
        AnalysisFlags::ACK_LOST_SEGMENT,
        WARNING,
        "ACKed segment that wasn't captured (common at capture start)",
    ),
    (AnalysisFlags::WINDOW_UPDATE, CHAT, "TCP window update"),
    (
        AnalysisFlags::WINDOW_FULL,
        WARNING,
        "TCP window specified by the receiver is now completely full",
    ),
    (AnalysisFlags::KEEP_ALIVE, NOTE, "TCP keep-alive segment"),
    (AnalysisFlags::KEEP_ALIVE_ACK, NOTE, "ACK to a TCP keep-alive segment"),
    (AnalysisFlags::ZERO_WINDOW_PROBE, NOTE, "TCP Zero Window Probe"),
    (AnalysisFlags::ZERO_WINDOW, WARNING, "TCP Zero Window segment"),
    (AnalysisFlags::ZERO_WINDOW_PROBE_ACK, NOTE, "ACK to a TCP Zero Window Probe"),
    (AnalysisFlags::TFO_SYN, NOTE, "TCP SYN with TFO Cookie"),
    (AnalysisFlags::TFO_ACK, NOTE, "TCP SYN-ACK accepting TFO data"),
    (AnalysisFlags::TFO_IGNORED, NOTE, "TCP SYN-ACK ignoring TFO data"),
];

const fn field(
    name: &'static str,
    kind: Kind,
    read: fn(&Subject<'_, '_>, &mut Values<'_>) -> bool,
    meaning: &'static str,
) -> Field {
    Field::new(name, kind, Source::Frame(read), meaning)
        .needing(Needs::MESSAGES.union(Needs::CLOSINGS))
}

pub(super) const FIELDS: &[Field] = &[
    field(
        "_ws.expert",
        Protocol,
        there,
        "something to note: of TCP, IP's TTL, HTTP, broken frames",
    ),
    field("_ws.expert.severity", Unsigned(32), severities, "chat, note, warning or error")
        .named(SEVERITIES),
    field("_ws.expert.group", Unsigned(32), groups, "sequence or malformed").named(GROUPS),
    field("_ws.expert.message", Text, messages, "the note itself"),
    field("_ws.malformed", Protocol, malformed, "the frame contradicts itself"),
    field("_ws.short", Protocol, short, "the capture cut the frame where it was read"),
];

/// A note: severity, group, text.
type Note<'n> = (u32, u32, &'n str);

/// Hands out the notes on a frame, until `read` says stop.
fn each(subject: &Subject<'_, '_>, read: &mut dyn FnMut(Note<'_>) -> bool) -> bool {
    of_layers(subject, read)
        || of_tcp(subject, read)
        || of_messages(subject, read)
        || (is_malformed(subject)
            && read((ERROR, MALFORMED, "Malformed Packet (Exception occurred)")))
}

fn of_layers(subject: &Subject<'_, '_>, read: &mut dyn FnMut(Note<'_>) -> bool) -> bool {
    let layers = &subject.facts.decoded.layers;
    layers.iter().enumerate().any(|(index, layer)| {
        let context = Context { subject, facts: subject.facts, layer, index };
        let mut text = ArrayString::<128>::new();
        if layer.protocol == wire::Protocol::Udp {
            let Some((hop, attempt)) = udp::probe(&context) else { return false };
            // The text is shorter than the buffer.
            let _ = write!(text, "Possible traceroute: hop #{hop}, attempt #{attempt}");
            return read((CHAT, SEQUENCE, &text));
        }
        if layer.protocol != wire::Protocol::Ipv4 {
            return false;
        }
        if let Some(wanted) = ip::wrong_local_ttl(&context) {
            // The text is shorter than the buffer.
            let _ = write!(
                text,
                "\"Time To Live\" != {wanted} for a packet sent to the Local Network Control Block \
                 (see RFC 3171)"
            );
        } else if let Some(ttl) = ip::small_ttl(&context) {
            let _ = write!(text, "\"Time To Live\" only {ttl}");
        }
        !text.is_empty() && read((NOTE, SEQUENCE, &text))
    })
}

fn of_tcp(subject: &Subject<'_, '_>, read: &mut dyn FnMut(Note<'_>) -> bool) -> bool {
    let Some(tcp) = &subject.facts.tcp else { return false };
    let flags = tcp.analysis.flags;
    let mut text = ArrayString::<96>::new();
    let connection = tcp_events::connection_notes(subject, &mut |severity_is_note, note| {
        read((if severity_is_note { NOTE } else { CHAT }, SEQUENCE, note))
    });
    if connection {
        return true;
    }
    if tcp.segment.flags.contains(crate::tcp::TcpFlags::RST)
        && read((WARNING, SEQUENCE, "Connection reset (RST)"))
    {
        return true;
    }
    if let Some(duplicate) = tcp.analysis.duplicate_ack() {
        let _ = write!(text, "Duplicate ACK (#{})", duplicate.number);
        if read((NOTE, SEQUENCE, &text)) {
            return true;
        }
    }
    VERDICTS
        .iter()
        .any(|(flag, severity, note)| flags.intersects(*flag) && read((*severity, SEQUENCE, note)))
}

/// HTTP says what was asked and answered, DHCP that its clock is odd.
fn of_messages(subject: &Subject<'_, '_>, read: &mut dyn FnMut(Note<'_>) -> bool) -> bool {
    subject.pass.messages().any(|message| {
        if message.kind == MessageKind::Dhcp {
            const TEXT: &str = "Seconds elapsed appears to be encoded as little-endian";
            return dhcp::has_swapped_seconds(&message) && read((NOTE, PROTOCOL, TEXT));
        }
        if !matches!(message.kind, MessageKind::Http | MessageKind::Ssdp) {
            return false;
        }
        let line = message.bytes.split(|byte| *byte == b'\n').next().unwrap_or(&[]);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut text = ArrayString::<512>::new();
        // What does not fit is not seen.
        let _ = write!(text, "{}\\r\\n", std::str::from_utf8(line).unwrap_or(""));
        read((CHAT, SEQUENCE, &text))
    })
}

fn there(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(subject, &mut |_| sink(Value::Protocol { bytes: &[], own_len: 0 }))
}

fn severities(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(subject, &mut |(severity, ..)| sink(number(severity)))
}

fn groups(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(subject, &mut |(_, group, _)| sink(number(group)))
}

fn messages(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    each(subject, &mut |(.., note)| sink(Value::Text(note.as_bytes())))
}

fn is_malformed(subject: &Subject<'_, '_>) -> bool {
    subject.pass.info().contains("[Malformed Packet")
}

fn malformed(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    is_malformed(subject) && sink(Value::Protocol { bytes: &[], own_len: 0 })
}

fn short(subject: &Subject<'_, '_>, sink: &mut Values<'_>) -> bool {
    subject.pass.info().contains("[Packet size limited during capture")
        && sink(Value::Protocol { bytes: &[], own_len: 0 })
}
