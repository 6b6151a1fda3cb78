//! `tcp.connection.*` and the like: what Wireshark notes of opening and closing.

use std::fmt::Write;

use arrayvec::ArrayString;

use super::icmp::unknown_yet;
use super::tcp::judged;
use super::{Context, Field, Values};
use crate::filter::kind::Kind::{self, FrameNumber, Label};
use crate::filter::pass::{Needs, Subject};
use crate::filter::value::Value;
use crate::tcp::TcpFlags;

/// What Wireshark notes of a segment that opens or closes a connection.
pub(super) const EVENTS: &[Field] = &[
    judged("tcp.connection.syn", Label, opens, "asks for a connection"),
    judged("tcp.connection.synack", Label, accepts, "accepts a connection"),
    judged("tcp.connection.fin", Label, finishes, "no more data from the sender"),
    judged("tcp.connection.fin_active", Label, finishes_first, "closes first")
        .needing(Needs::CLOSINGS),
    judged("tcp.connection.fin_passive", Label, finishes_second, "closes after the other side")
        .needing(Needs::CLOSINGS),
    judged("tcp.connection.rst", Label, aborts, "aborts the connection"),
    judged("tcp.reassembled_in", FrameNumber, unknown_yet, "completed where: seen only later"),
    judged("tcp.reset_cause", Kind::Text, reset_cause, "what a reset says in its payload"),
];

/// The flags that a FIN, SYN or RST is told from.
fn flags(context: &Context<'_, '_>) -> u64 {
    context.integer(12, 2).unwrap_or(0)
}

fn opens(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    flags(context) & 0x12 == 0x02 && sink(Value::Label)
}

fn accepts(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    flags(context) & 0x12 == 0x12 && sink(Value::Label)
}

fn finishes(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    flags(context) & 0x01 != 0 && sink(Value::Label)
}

fn aborts(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    flags(context) & 0x04 != 0 && sink(Value::Label)
}

/// What opening and closing a connection is worth a note: whether it is more than chat, and
/// its text.
pub(super) fn connection_notes(
    subject: &Subject<'_, '_>,
    read: &mut dyn FnMut(bool, &str) -> bool,
) -> bool {
    let Some(tcp) = &subject.facts.tcp else { return false };
    let flags = tcp.segment.flags;
    if flags.contains(TcpFlags::SYN) {
        let (what, server) = match flags.contains(TcpFlags::ACK) {
            true => ("acknowledge (SYN+ACK)", tcp.segment.source),
            false => ("request (SYN)", tcp.segment.destination),
        };
        let mut text = ArrayString::<80>::new();
        // The text is shorter than the buffer.
        let _ = write!(text, "Connection establish {what}: server port {}", server.port());
        if read(false, &text) {
            return true;
        }
    }
    if !flags.contains(TcpFlags::FIN) {
        return false;
    }
    let note = match subject.pass.closes_first() {
        Some(true) => "This frame initiates the connection closing",
        _ => "This frame undergoes the connection closing",
    };
    read(false, "Connection finish (FIN)") || read(true, note)
}

fn closes_first(context: &Context<'_, '_>) -> Option<bool> {
    context.subject.pass.closes_first().filter(|_| context.judged().is_some())
}

fn finishes_first(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    closes_first(context) == Some(true) && sink(Value::Label)
}

fn finishes_second(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    closes_first(context) == Some(false) && sink(Value::Label)
}

fn reset_cause(context: &Context<'_, '_>, sink: &mut Values<'_>) -> bool {
    let payload = context.layer.payload();
    flags(context) & 0x04 != 0 && !payload.is_empty() && sink(Value::Text(payload))
}
