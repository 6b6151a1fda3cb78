//! The TCP line of the Info column: ports, flags, numbers, options and verdicts of the
//! frame's outermost TCP segment, as Wireshark 4.0 prints it when no dissector above TCP
//! speaks.
//!
//! Writes straight into the caller's writer and allocates nothing: this is on the path of
//! every frame. Numbers come from the analysis; the option bytes and the lengths that say
//! whether the header was cut come from the decoded layer.

use std::fmt::{self, Write};

use super::tcp_options::{self, OptionEnd};
use crate::facts::{FrameFacts, TcpFacts};
use crate::tcp::{AnalysisFlags, TcpFlags};
use crate::wire::Layer;

/// Length of a TCP header without options (RFC 9293, section 3.1), in bytes.
const FIXED_HEADER: usize = 20;
/// Bytes up to and including the window: what Wireshark reads before it prints the numbers.
const THROUGH_WINDOW: usize = 16;

/// Appended when the snaplen cut what had to be read.
pub(super) const SIZE_LIMITED: &str = "[Packet size limited during capture]";
/// Appended when the packet itself is too short for what it declares.
pub(super) const MALFORMED: &str = "[Malformed Packet]";
/// Appended when a part declares more bytes than the part around it has.
pub(super) const CONTAINED_TOO_LONG: &str =
    "[Malformed Packet: length of contained item exceeds length of containing item]";

/// Verdict tags from left to right. Wireshark puts each in front of the one before, so this
/// is its order of printing, reversed. Duplicate ACK carries numbers and stands apart.
const TAGS_BEFORE_DUPLICATE_ACK: &[(AnalysisFlags, &str)] = &[
    (AnalysisFlags::ZERO_WINDOW_PROBE_ACK, "[TCP ZeroWindowProbeAck] "),
    (AnalysisFlags::ZERO_WINDOW, "[TCP ZeroWindow] "),
    (AnalysisFlags::ZERO_WINDOW_PROBE, "[TCP ZeroWindowProbe] "),
];

/// The tags that stand to the right of the duplicate ACK's.
const TAGS_AFTER_DUPLICATE_ACK: &[(AnalysisFlags, &str)] = &[
    (AnalysisFlags::KEEP_ALIVE_ACK, "[TCP Keep-Alive ACK] "),
    (AnalysisFlags::KEEP_ALIVE, "[TCP Keep-Alive] "),
    (AnalysisFlags::WINDOW_FULL, "[TCP Window Full] "),
    (AnalysisFlags::WINDOW_UPDATE, "[TCP Window Update] "),
    (AnalysisFlags::ACK_LOST_SEGMENT, "[TCP ACKed unseen segment] "),
    (AnalysisFlags::LOST_SEGMENT, "[TCP Previous segment not captured] "),
    (AnalysisFlags::OUT_OF_ORDER, "[TCP Out-Of-Order] "),
];

/// Names of the flag bits, lowest first.
const FLAG_NAMES: &[(TcpFlags, &str)] = &[
    (TcpFlags::FIN, "FIN"),
    (TcpFlags::SYN, "SYN"),
    (TcpFlags::RST, "RST"),
    (TcpFlags::PSH, "PSH"),
    (TcpFlags::ACK, "ACK"),
    (TcpFlags::URG, "URG"),
    (TcpFlags::ECE, "ECE"),
    (TcpFlags::CWR, "CWR"),
    (TcpFlags::AE, "AE"),
    (TcpFlags::RESERVED, "Reserved"),
];

/// Writes the TCP line of a frame: Wireshark's `_ws.col.Info` with every dissector above TCP
/// switched off. Writes nothing when the frame carries no TCP header, or fewer than the four
/// bytes of its ports.
///
/// # Errors
/// Only those of the writer.
pub fn write_segment<W: Write>(out: &mut W, facts: &FrameFacts<'_>) -> fmt::Result {
    let Some(layer) = facts.decoded.tcp_index().and_then(|i| facts.decoded.layers.get(i)) else {
        return Ok(());
    };
    let Some((source, destination)) = ports(layer.bytes) else {
        return Ok(());
    };
    if let Some(tcp) = &facts.tcp {
        write_tags(out, tcp)?;
    }
    write_number(out, source)?;
    out.write_str(" → ")?;
    write_number(out, destination)?;
    match &facts.tcp {
        Some(tcp) if layer.bytes.len() >= THROUGH_WINDOW => write_numbers(out, layer, tcp),
        _ => out.write_str(shortage(layer, THROUGH_WINDOW)),
    }
}

/// Writes a number without the machinery of [`std::fmt`]: this is on the path of every row.
#[inline]
pub(super) fn write_number<W: Write>(out: &mut W, number: impl itoa::Integer) -> fmt::Result {
    out.write_str(itoa::Buffer::new().format(number))
}

/// The same behind its name.
#[inline]
pub(super) fn write_named<W: Write>(
    out: &mut W,
    name: &str,
    number: impl itoa::Integer,
) -> fmt::Result {
    out.write_str(name)?;
    write_number(out, number)
}

/// The two ports at the front of a TCP or UDP header.
pub(super) fn ports(header: &[u8]) -> Option<(u16, u16)> {
    let &[s0, s1, d0, d1] = header.first_chunk::<4>()?;
    Some((u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1])))
}

/// Why the byte before `needed` could not be read: the capture was cut, or the packet ends.
pub(super) fn shortage(layer: &Layer<'_>, needed: usize) -> &'static str {
    let declared = usize::try_from(layer.wire_len).unwrap_or(usize::MAX);
    if declared < needed { MALFORMED } else { SIZE_LIMITED }
}

/// Everything from the flags to the last option.
fn write_numbers<W: Write>(out: &mut W, layer: &Layer<'_>, tcp: &TcpFacts<'_>) -> fmt::Result {
    let flags = tcp.segment.flags;
    write_flags(out, flags)?;
    write_named(out, " Seq=", tcp.analysis.seq_rel)?;
    if flags.contains(TcpFlags::ACK) {
        write_named(out, " Ack=", tcp.analysis.ack_rel)?;
    }
    write_named(out, " Win=", tcp.analysis.window_scaled)?;

    let header_len = declared_header_len(layer.bytes);
    if header_len < FIXED_HEADER {
        return write!(
            out,
            ", bogus TCP header length ({header_len}, must be at least {FIXED_HEADER})"
        );
    }
    if layer.bytes.len() < FIXED_HEADER {
        return out.write_str(shortage(layer, FIXED_HEADER));
    }
    if flags.contains(TcpFlags::URG) {
        write_named(out, " Urg=", tcp.segment.urgent)?;
    }
    let declared = usize::try_from(layer.wire_len).unwrap_or(usize::MAX);
    if declared >= header_len {
        write_named(out, " Len=", tcp.segment.payload_len)?;
    }
    let captured = layer.bytes.get(FIXED_HEADER..header_len.min(layer.bytes.len()));
    let peer_base = tcp.segment.ack_raw.0.wrapping_sub(tcp.analysis.ack_rel);
    let options = tcp_options::OptionArea {
        bytes: captured.unwrap_or(&[]),
        declared_len: header_len - FIXED_HEADER,
        peer_base: if flags.contains(TcpFlags::ACK) { peer_base } else { 0 },
    };
    match options.write_text(out)? {
        // The end of the list, and not even the padding behind it.
        OptionEnd::Complete if layer.bytes.len() < header_len => {
            out.write_str(shortage(layer, header_len))
        }
        OptionEnd::Complete => Ok(()),
        OptionEnd::Malformed => out.write_str(MALFORMED),
        OptionEnd::MissingStart => out.write_str(shortage(layer, header_len)),
        OptionEnd::MissingRest if declared < header_len => out.write_str(CONTAINED_TOO_LONG),
        OptionEnd::MissingRest => out.write_str(SIZE_LIMITED),
    }
}

/// The header length in bytes that the data offset declares; `bytes` hold at least 13.
fn declared_header_len(bytes: &[u8]) -> usize {
    bytes.get(12).map_or(0, |offset| usize::from(offset >> 4) * 4)
}

/// ` [SYN, ACK]`, or ` [<None>]`.
fn write_flags<W: Write>(out: &mut W, flags: TcpFlags) -> fmt::Result {
    out.write_str(" [")?;
    let mut separator = "";
    for (flag, name) in FLAG_NAMES {
        if flags.intersects(*flag) {
            out.write_str(separator)?;
            out.write_str(name)?;
            separator = ", ";
        }
    }
    out.write_str(if separator.is_empty() { "<None>]" } else { "]" })
}

/// The verdicts in front of the ports.
pub(super) fn write_tags<W: Write>(out: &mut W, tcp: &TcpFacts<'_>) -> fmt::Result {
    let flags = tcp.analysis.flags;
    if flags.is_empty() {
        return Ok(());
    }
    write_each(out, flags, TAGS_BEFORE_DUPLICATE_ACK)?;
    if flags.contains(AnalysisFlags::DUPLICATE_ACK)
        && let Some(duplicate) = tcp.analysis.duplicate_ack()
    {
        write!(out, "[TCP Dup ACK {}#{}] ", duplicate.of_frame, duplicate.number)?;
    }
    write_each(out, flags, TAGS_AFTER_DUPLICATE_ACK)?;
    if let Some(tag) = retransmission_tag(flags) {
        out.write_str(tag)?;
    }
    if flags.contains(AnalysisFlags::REUSED_PORTS) {
        out.write_str("[TCP Port numbers reused] ")?;
    }
    Ok(())
}

/// The tags of one table that are set.
fn write_each<W: Write>(
    out: &mut W,
    flags: AnalysisFlags,
    tags: &[(AnalysisFlags, &str)],
) -> fmt::Result {
    for (flag, tag) in tags {
        if flags.contains(*flag) {
            out.write_str(tag)?;
        }
    }
    Ok(())
}

/// Spurious and fast retransmissions also carry the plain flag, and only their own tag.
fn retransmission_tag(flags: AnalysisFlags) -> Option<&'static str> {
    if flags.contains(AnalysisFlags::SPURIOUS_RETRANSMISSION) {
        Some("[TCP Spurious Retransmission] ")
    } else if flags.contains(AnalysisFlags::FAST_RETRANSMISSION) {
        Some("[TCP Fast Retransmission] ")
    } else if flags.contains(AnalysisFlags::RETRANSMISSION) {
        Some("[TCP Retransmission] ")
    } else {
        None
    }
}

#[cfg(test)]
#[path = "tcp_tests.rs"]
mod tests;
