//! One segment as it stands, before it is known who is the client.

use std::fmt::Write;

use super::fold;
use crate::facts::{FrameFacts, TcpFacts};
use crate::summary::{EventKind, event_kinds};
use crate::tcp::{Endpoint, TcpFlags};
use crate::wire::tcp_options::{TcpOption, sack_blocks};
use crate::wire::{ChecksumVerdict, Decoded, IpView, Layer, Protocol, TcpView, VlanView, checksum};

/// Payload bytes shown as text.
const SHOWN: usize = 32;

/// A segment.
#[derive(Debug)]
pub(super) struct Raw {
    pub frame: u64,
    pub nanos: i64,
    pub source: Endpoint,
    pub flags: TcpFlags,
    pub seq: Option<u32>,
    pub ack: Option<u32>,
    pub len: u32,
    pub captured: Option<u32>,
    pub data: String,
    pub sha256: String,
    pub window: u16,
    pub urgent: u16,
    pub options: String,
    pub ip: String,
    pub bad_checksum: bool,
    pub events: Vec<EventKind>,
}

/// Reads it from the facts.
pub(super) fn of(facts: &FrameFacts<'_>, tcp: &TcpFacts<'_>) -> Raw {
    let TcpFacts { segment, analysis, payload, .. } = tcp;
    let index = facts.decoded.tcp_index().unwrap_or(usize::MAX);
    let ack = (segment.flags.contains(TcpFlags::ACK) && segment.is_length_known)
        .then_some(analysis.ack_rel);
    let captured = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    Raw {
        frame: facts.frame.number.0,
        nanos: facts.frame.timestamp.as_nanos(),
        source: segment.source,
        flags: segment.flags,
        seq: segment.is_length_known.then_some(analysis.seq_rel),
        ack,
        len: segment.payload_len,
        captured: (captured < segment.payload_len).then_some(captured),
        data: shown(payload),
        sha256: fold::of_bytes(payload),
        window: segment.window_raw,
        urgent: segment.urgent,
        options: facts.decoded.layers.get(index).map_or_else(String::new, |layer| {
            options(layer, segment.ack_raw.0.wrapping_sub(analysis.ack_rel), ack.is_some())
        }),
        ip: ip(&facts.decoded, index),
        bad_checksum: is_wrong(facts, tcp, index),
        events: event_kinds(analysis.flags).collect(),
    }
}

/// The first bytes, everything unprintable as a dot.
fn shown(payload: &[u8]) -> String {
    let printable = |byte: &u8| if matches!(byte, b' '..=b'~') { char::from(*byte) } else { '.' };
    payload.iter().take(SHOWN).map(printable).collect()
}

fn is_wrong(facts: &FrameFacts<'_>, tcp: &TcpFacts<'_>, index: usize) -> bool {
    let verdict = tcp.checksum.unwrap_or_else(|| checksum::transport(&facts.decoded, index));
    matches!(verdict, ChecksumVerdict::Bad { .. })
}

/// The options in their order. `base` is the receiver's, for the edges of SACK blocks.
fn options(layer: &Layer<'_>, base: u32, has_ack: bool) -> String {
    let mut out = String::new();
    let Some(view) = TcpView::from_layer(layer) else { return out };
    for option in view.options() {
        let meaning = option.meaning();
        if matches!(meaning, TcpOption::End | TcpOption::NoOperation) {
            continue;
        }
        if !out.is_empty() {
            out.push_str(", ");
        }
        // Writing into a string cannot fail.
        let _ = match meaning {
            TcpOption::MaximumSegmentSize(size) => write!(out, "mss {size}"),
            TcpOption::WindowScale(shift) => write!(out, "window scale {shift}"),
            TcpOption::SackPermitted => write!(out, "sack permitted"),
            TcpOption::Timestamps(..) => write!(out, "timestamps"),
            TcpOption::FastOpen(cookie) => write!(out, "fast open cookie of {}", cookie.len()),
            TcpOption::Multipath(data) => write!(out, "mptcp of {}", data.len()),
            TcpOption::Sack(data) => write_sack(&mut out, data, base, has_ack),
            _ => write!(
                out,
                "option {} of {}: {}",
                option.kind,
                option.data.len(),
                fold::of_bytes(option.data)
            ),
        };
    }
    out
}

fn write_sack(out: &mut String, data: &[u8], base: u32, has_ack: bool) -> std::fmt::Result {
    out.push_str("sack");
    if !has_ack {
        return write!(out, " of {}", data.len());
    }
    sack_blocks(data).try_for_each(|(left, right)| {
        write!(out, " {}-{}", left.wrapping_sub(base), right.wrapping_sub(base))
    })
}

/// What the IP header above a layer says, besides addresses, lengths and identification.
pub(super) fn ip(decoded: &Decoded<'_>, index: usize) -> String {
    match decoded.ip_above(index) {
        None => String::new(),
        Some(IpView::V4(ip)) => {
            let mut out = format!("ttl {}", ip.ttl());
            // The upper of the three flags is reserved, the lower says that fragments follow.
            for (bit, name) in [(4, " reserved"), (2, " DF"), (1, " MF")] {
                if ip.flags() & bit != 0 {
                    out.push_str(name);
                }
            }
            push_number(&mut out, "class", u32::from(ip.traffic_class()));
            push_number(&mut out, "offset", u32::from(ip.fragment_offset()));
            push_number(&mut out, "options", u32::from(ip.header_len()).saturating_sub(20));
            out
        }
        Some(IpView::V6(ip)) => {
            let mut out = format!("hop limit {}", ip.hop_limit());
            push_number(&mut out, "class", u32::from(ip.traffic_class()));
            out
        }
    }
}

fn push_number(out: &mut String, name: &str, number: u32) {
    if number != 0 {
        let _ = write!(out, " {name} {number}");
    }
}

/// The layers in Wireshark's names, with VLAN numbers.
pub(super) fn layers(decoded: &Decoded<'_>) -> String {
    let mut out = String::new();
    for layer in decoded.layers.iter().filter(|layer| !layer.is_quoted) {
        if !out.is_empty() {
            out.push(':');
        }
        out.push_str(layer.protocol.name());
        let is_tag = matches!(layer.protocol, Protocol::Vlan | Protocol::ServiceVlan);
        if let Some(tag) = VlanView::from_layer(layer).filter(|_| is_tag) {
            let _ = write!(out, "({})", tag.id());
        }
    }
    out
}

/// All flags that are set, in Wireshark's words and order.
pub(super) fn flag_names(flags: TcpFlags) -> String {
    const NAMES: [(TcpFlags, &str); 10] = [
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
    let set = NAMES.iter().filter(|(bit, _)| flags.intersects(*bit)).map(|(_, name)| *name);
    let mut names: Vec<String> = set.map(str::to_owned).collect();
    if flags.intersects(TcpFlags::RESERVED) && !flags.contains(TcpFlags::RESERVED) {
        let bits = (flags & TcpFlags::RESERVED).bits() >> 9;
        names.pop();
        names.push(format!("Reserved {bits}"));
    }
    if names.is_empty() { "no flags".to_owned() } else { names.join(", ") }
}
