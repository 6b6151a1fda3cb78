//! ICMP (RFC 792): echo with the frame of its request, and the errors by kind and reason.

use std::fmt::{self, Write};
use std::net::IpAddr;

use super::bytes::{ipv4_at, u8_at, u16_at};
use super::echo::{EchoKey, EchoTable};
use crate::frame::FrameNumber;
use crate::wire::IcmpView;

/// What the line needs beside the message itself.
pub(super) struct Around {
    /// Addresses of the IP packet around it.
    pub addresses: Option<(IpAddr, IpAddr)>,
    /// Time to live, or hop limit, of that packet.
    pub hop_limit: u8,
    /// The frame.
    pub frame: FrameNumber,
}

const UNREACHABLE: [&str; 16] = [
    "Network unreachable",
    "Host unreachable",
    "Protocol unreachable",
    "Port unreachable",
    "Fragmentation needed",
    "Source route failed",
    "Destination network unknown",
    "Destination host unknown",
    "Source host isolated",
    "Network administratively prohibited",
    "Host administratively prohibited",
    "Network unreachable for TOS",
    "Host unreachable for TOS",
    "Communication administratively filtered",
    "Host precedence violation",
    "Precedence cutoff in effect",
];
const REDIRECT: [&str; 4] = [
    "Redirect for network",
    "Redirect for host",
    "Redirect for TOS and network",
    "Redirect for TOS and host",
];
const EXCEEDED: [&str; 2] =
    ["Time to live exceeded in transit", "Fragment reassembly time exceeded"];
const PARAMETER: [&str; 3] =
    ["Pointer indicates the error", "Required option missing", "Bad length"];

/// Writes the line of an ICMP message.
pub(super) fn write<W: Write>(
    out: &mut W,
    icmp: &IcmpView<'_>,
    around: &Around,
    echoes: &mut EchoTable,
) -> fmt::Result {
    match icmp.kind() {
        0 => write_echo(out, "Echo (ping) reply   ", icmp, around, echoes),
        8 => write_echo(out, "Echo (ping) request ", icmp, around, echoes),
        3 => write_reason(out, "Destination unreachable", icmp.code(), &UNREACHABLE),
        4 => out.write_str("Source quench (flow control)"),
        5 => write_reason(out, "Redirect            ", icmp.code(), &REDIRECT),
        9 => out.write_str(match icmp.code() {
            0 => "Mobile IP Advertisement (Normal router advertisement)",
            16 => "Mobile IP Advertisement (Does not route common traffic)",
            _ => "Router advertisement",
        }),
        10 => out.write_str("Router solicitation"),
        11 => write_reason(out, "Time-to-live exceeded", icmp.code(), &EXCEEDED),
        12 => write_reason(out, "Parameter problem   ", icmp.code(), &PARAMETER),
        13 => write_plain(out, "Timestamp request   ", icmp, around),
        14 => write_plain(out, "Timestamp reply     ", icmp, around),
        15 => write_plain(out, "Information request ", icmp, around),
        16 => write_plain(out, "Information reply   ", icmp, around),
        17 => write_plain(out, "Address mask request", icmp, around),
        18 => write_plain(out, "Address mask reply  ", icmp, around),
        kind => write!(out, "Unknown ICMP ({kind})"),
    }
}

/// Kind and, when the code has a name, the reason.
fn write_reason<W: Write>(out: &mut W, kind: &str, code: u8, names: &[&str]) -> fmt::Result {
    match names.get(usize::from(code)) {
        Some(name) => write!(out, "{kind} ({name})"),
        None => out.write_str(kind.trim_end()),
    }
}

/// Identifier, sequence number in both byte orders, time to live.
fn write_plain<W: Write>(
    out: &mut W,
    kind: &str,
    icmp: &IcmpView<'_>,
    around: &Around,
) -> fmt::Result {
    out.write_str(kind)?;
    let Some((id, seq)) = icmp.echo() else {
        return Ok(());
    };
    let swapped = seq.swap_bytes();
    write!(out, " id=0x{id:04x}, seq={seq}/{swapped}, ttl={}", around.hop_limit)
}

/// An echo, with the frame of its request when that was seen.
fn write_echo<W: Write>(
    out: &mut W,
    kind: &str,
    icmp: &IcmpView<'_>,
    around: &Around,
    echoes: &mut EchoTable,
) -> fmt::Result {
    write_plain(out, kind, icmp, around)?;
    let (Some((id, seq)), Some((source, destination))) = (icmp.echo(), around.addresses) else {
        return Ok(());
    };
    if icmp.kind() == 8 {
        let key = EchoKey { requester: source, responder: destination, id, seq };
        echoes.request(key, around.frame);
        return Ok(());
    }
    let key = EchoKey { requester: destination, responder: source, id, seq };
    match echoes.reply(&key) {
        Some(frame) => write!(out, " (request in {frame})"),
        None => Ok(()),
    }
}

const UNREACHABLE_V6: [&str; 9] = [
    "no route to destination",
    "Administratively prohibited",
    "Beyond scope of source address",
    "Address unreachable",
    "Port unreachable",
    "Source address failed ingress/egress policy",
    "Reject route to destination",
    "Error in Source Routing Header",
    "Headers too long",
];
const EXCEEDED_V6: [&str; 2] =
    ["hop limit exceeded in transit", "fragment reassembly time exceeded"];
const PARAMETER_V6: [&str; 4] = [
    "erroneous header field encountered",
    "unrecognized Next Header type encountered",
    "unrecognized IPv6 option encountered",
    "IPv6 First Fragment has incomplete IPv6 Header Chain",
];

/// Writes the line of an ICMPv6 message (RFC 4443, RFC 4861, RFC 3810).
pub(super) fn write_v6<W: Write>(
    out: &mut W,
    icmp: &IcmpView<'_>,
    around: &Around,
    echoes: &mut EchoTable,
) -> fmt::Result {
    match icmp.kind() {
        1 => write_reason(out, "Destination Unreachable", icmp.code(), &UNREACHABLE_V6),
        2 => out.write_str("Packet Too Big"),
        3 => write_reason(out, "Time Exceeded", icmp.code(), &EXCEEDED_V6),
        4 => write_reason(out, "Parameter Problem", icmp.code(), &PARAMETER_V6),
        128 => write_echo_v6(out, "request", icmp, around, echoes),
        129 => write_echo_v6(out, "reply", icmp, around, echoes),
        130 => out.write_str("Multicast Listener Query"),
        131 => out.write_str("Multicast Listener Report"),
        132 => out.write_str("Multicast Listener Done"),
        133 => super::neighbor::write_with_link_address(out, "Router Solicitation", icmp.body(), 4),
        134 => {
            super::neighbor::write_with_link_address(out, "Router Advertisement", icmp.body(), 12)
        }
        135 => super::neighbor::write_solicitation(out, icmp.body()),
        136 => super::neighbor::write_advertisement(out, icmp.body()),
        137 => out.write_str("Redirect"),
        138 => out.write_str("Router Renumbering"),
        139 => out.write_str("Node Information Query"),
        140 => out.write_str("Node Information Reply"),
        143 => out.write_str("Multicast Listener Report Message v2"),
        kind => write!(out, "Unknown ({kind})"),
    }
}

/// The name of a neighbor discovery or echo message whose header was cut.
pub(super) fn name_v6(kind: u8) -> &'static str {
    match kind {
        128 => "Echo (ping) request",
        129 => "Echo (ping) reply",
        133 => "Router Solicitation",
        134 => "Router Advertisement",
        135 => "Neighbor Solicitation",
        136 => "Neighbor Advertisement",
        _ => "",
    }
}

/// An echo request by which a Teredo client tries to reach a host (RFC 4380, section 5.2.9).
pub(super) fn write_teredo_probe<W: Write>(
    out: &mut W,
    icmp: &IcmpView<'_>,
    around: &Around,
) -> fmt::Result {
    out.write_str("Direct IPv6 Connectivity Test")?;
    let Some((id, seq)) = icmp.echo() else {
        return Ok(());
    };
    write!(out, " id=0x{id:04x}, seq={seq}, hop limit={}", around.hop_limit)
}

fn write_echo_v6<W: Write>(
    out: &mut W,
    kind: &str,
    icmp: &IcmpView<'_>,
    around: &Around,
    echoes: &mut EchoTable,
) -> fmt::Result {
    write!(out, "Echo (ping) {kind}")?;
    let (Some((id, seq)), Some((source, destination))) = (icmp.echo(), around.addresses) else {
        return Ok(());
    };
    write!(out, " id=0x{id:04x}, seq={seq}, hop limit={}", around.hop_limit)?;
    if icmp.kind() == 128 {
        let key = EchoKey { requester: source, responder: destination, id, seq };
        echoes.request(key, around.frame);
        return Ok(());
    }
    let key = EchoKey { requester: destination, responder: source, id, seq };
    match echoes.reply(&key) {
        Some(frame) => write!(out, " (request in {frame})"),
        None => Ok(()),
    }
}

const MODE_IS_INCLUDE: u8 = 1;
const CHANGE_TO_INCLUDE: u8 = 3;

/// Writes the line of an IGMP message (RFC 1112, RFC 2236, RFC 3376) and answers which
/// version it is, as the Protocol column names it.
pub(super) fn write_igmp<W: Write>(out: &mut W, igmp: &[u8]) -> Result<&'static str, fmt::Error> {
    let kind = u8_at(igmp, 0).unwrap_or(0);
    let group = ipv4_at(igmp, 4).unwrap_or(std::net::Ipv4Addr::UNSPECIFIED);
    let max_response = u8_at(igmp, 1).unwrap_or(0);
    match kind {
        0x11 => {
            if group.is_unspecified() {
                out.write_str("Membership Query, general")?;
            } else {
                write!(out, "Membership Query, specific for group {group}")?;
            }
            Ok(match (igmp.len(), max_response) {
                (12.., _) => "IGMPv3",
                (_, 0) => "IGMPv1",
                _ => "IGMPv2",
            })
        }
        0x12 => {
            out.write_str("Membership Report")?;
            Ok("IGMPv1")
        }
        0x16 => {
            write!(out, "Membership Report group {group}")?;
            Ok("IGMPv2")
        }
        0x17 => {
            write!(out, "Leave Group {group}")?;
            Ok("IGMPv2")
        }
        0x22 => {
            out.write_str("Membership Report")?;
            write_group_records(out, igmp)?;
            Ok("IGMPv3")
        }
        _ => Ok("IGMP"),
    }
}

/// The group records of a version 3 report (RFC 3376, section 4.2).
fn write_group_records<W: Write>(out: &mut W, igmp: &[u8]) -> fmt::Result {
    let count = u16_at(igmp, 6).unwrap_or(0);
    let mut at = 8;
    for _ in 0..count {
        let (Some(kind), Some(auxiliary), Some(sources), Some(group)) =
            (u8_at(igmp, at), u8_at(igmp, at + 1), u16_at(igmp, at + 2), ipv4_at(igmp, at + 4))
        else {
            return Ok(());
        };
        at += 8;
        let listed = igmp.get(at..at + 4 * usize::from(sources)).unwrap_or(&[]);
        write_group_record(out, kind, group, sources, listed)?;
        at += 4 * (usize::from(sources) + usize::from(auxiliary));
    }
    Ok(())
}

fn write_group_record<W: Write>(
    out: &mut W,
    kind: u8,
    group: std::net::Ipv4Addr,
    sources: u16,
    listed: &[u8],
) -> fmt::Result {
    let (joined, sentence) = match (kind, sources) {
        (MODE_IS_INCLUDE | CHANGE_TO_INCLUDE, 0) => return write!(out, " / Leave group {group}"),
        (2 | 4, 0) => return write!(out, " / Join group {group} for any sources"),
        (MODE_IS_INCLUDE | CHANGE_TO_INCLUDE, _) => ("Join", "for source"),
        (2 | 4, _) => ("Join", "not for source"),
        (5, _) => ("Group", "ALLOW sources"),
        _ => ("Group", "BLOCK sources"),
    };
    if kind >= 5 {
        write!(out, " / {joined} {group}, {sentence} {{")?;
    } else {
        let plural = if sources == 1 { "" } else { "s" };
        write!(out, " / {joined} group {group} {sentence}{plural} {{")?;
    }
    let (addresses, _) = listed.as_chunks::<4>();
    for (index, address) in addresses.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        write!(out, "{separator}{}", std::net::Ipv4Addr::from(*address))?;
    }
    out.write_char('}')
}
