//! What runs above TCP and UDP: which dissector a payload goes to, by port and by look.

use std::fmt::{self, Write};

use super::messages::{MessageKind, Messages};
use super::pdu::{StreamText, is_repeated};
use super::service::{Message, Service};
use super::text::Line;
use super::{dhcp, dns, http, nbns, tcp, udp};
use crate::facts::FrameFacts;
use crate::tcp::AnalysisFlags;
use crate::wire::{Layer, Protocol};

/// The layers above the last decoded one, as Wireshark's `frame.protocols` names them, when the
/// Protocol column tells what runs there; `data` for a payload that nothing names.
pub fn layer_above(facts: &FrameFacts<'_>, protocol_column: &str) -> Option<&'static str> {
    let innermost = facts.decoded.layers.last()?;
    let has_payload = !innermost.payload().is_empty();
    match protocol_column {
        "UDP" | "TCP" if has_payload => Some("data"),
        "IPv4" if has_payload && innermost.protocol == Protocol::Ipv4 => Some("data"),
        _ => name_of(protocol_column),
    }
}

/// What filters call the protocol of a row.
fn name_of(protocol_column: &str) -> Option<&'static str> {
    Some(match protocol_column {
        "DNS" => "dns",
        "MDNS" => "mdns",
        "LLMNR" => "llmnr",
        "NBNS" => "nbns",
        "SSDP" => "ssdp",
        "DHCP" => "dhcp",
        "NTP" => "ntp",
        "HTTP" => "http",
        "OCSP" => "http:ocsp",
        "WebSocket" => "http:websocket",
        "ECHO" => "echo",
        "DAYTIME" => "daytime",
        "Chargen" => "chargen",
        "TIME" => "time",
        "FTP" => "ftp",
        "FTP-DATA" => "ftp-data:data-text-lines",
        "TELNET" => "telnet",
        "NNTP" => "nntp",
        "IRC" => "irc",
        text if text.starts_with("TLS") || text.starts_with("SSL") => "tls",
        _ => return None,
    })
}

/// A message of a service that only has a name.
pub(super) fn kind_of_service(protocol_column: &str) -> MessageKind {
    let name = name_of(protocol_column).and_then(|names| names.split(':').next());
    name.map_or(MessageKind::Data, MessageKind::Named)
}

/// What the dissectors above TCP remember, stream by stream.
#[derive(Debug, Default)]
pub(super) struct Applications {
    streams: StreamText,
}

impl Applications {
    /// Writes the row of a frame whose innermost layer is TCP; answers its Protocol column.
    pub fn write_segment(
        &mut self,
        info: &mut String,
        messages: &mut Messages,
        facts: &FrameFacts<'_>,
    ) -> Result<&'static str, fmt::Error> {
        if let Some(protocol) = self.streams.write(info, messages, facts)? {
            return Ok(protocol);
        }
        if let Some(tcp) = facts.tcp.as_ref().filter(|tcp| !tcp.payload.is_empty()) {
            let flags = tcp.analysis.flags;
            let ports = (tcp.segment.source.port(), tcp.segment.destination.port());
            let kind = if is_repeated(tcp) { MessageKind::Part } else { by_port(ports, ON_TCP) };
            // Wireshark looks at no bytes that came late or once too often.
            let unread = AnalysisFlags::OUT_OF_ORDER | AnalysisFlags::SPURIOUS_RETRANSMISSION;
            if !messages.has(MessageKind::Part) && !flags.intersects(unread) {
                messages.add(kind, tcp.payload);
            }
        }
        tcp::write_segment(info, facts)?;
        info.write_str(self.streams.ending())?;
        Ok("TCP")
    }
}

/// Writes the row of a frame whose innermost layer is UDP; answers its Protocol column.
pub(super) fn write_datagram<W: Write>(
    out: &mut W,
    messages: &mut Messages,
    facts: &FrameFacts<'_>,
    layer: &Layer<'_>,
) -> Result<&'static str, fmt::Error> {
    let payload = layer.payload();
    let declared = super::bytes::u16_at(layer.bytes, 4).unwrap_or(0);
    if let Some((source, destination)) = tcp::ports(layer.bytes)
        && declared >= 8
        && !payload.is_empty()
    {
        // Wireshark asks the dissectors of the lower port first.
        for port in [source.min(destination), source.max(destination)] {
            if let Some(protocol) = write_by_port(out, port, payload, layer)? {
                messages.add(kind_of(protocol), payload);
                return Ok(protocol);
            }
            if let Some(service) = Service::of_udp_port(port) {
                let wire_len = u32::from(declared) - 8;
                let message = Message { payload, wire_len, is_request: destination == port };
                let protocol = service.write(out, message)?;
                messages.add(kind_of_service(protocol), payload);
                return Ok(protocol);
            }
        }
    }
    if let (Some(ports), false) = (tcp::ports(layer.bytes), payload.is_empty()) {
        messages.add(by_port(ports, ON_UDP), payload);
    }
    udp::write_datagram(out, &facts.decoded)?;
    Ok("UDP")
}

/// Protocols that Wireshark reads on their ports of TCP, and of which here only the name is
/// known.
const ON_TCP: &[(u16, &str)] = &[
    (22, "ssh"),
    (25, "smtp"),
    (49, "tacplus"),
    (88, "kerberos"),
    (102, "tpkt"),
    (110, "pop"),
    (139, "nbss"),
    (143, "imap"),
    (179, "bgp"),
    (389, "ldap"),
    (445, "nbss"),
    (502, "mbtcp"),
    (554, "rtsp"),
    (587, "smtp"),
    (873, "rsync"),
    (1080, "socks"),
    (1723, "pptp"),
    (1883, "mqtt"),
    (2404, "iec60870_104"),
    (3306, "mysql"),
    (3389, "tpkt"),
    (5060, "sip"),
    (5222, "xmpp"),
    (5432, "pgsql"),
    (5672, "amqp"),
    (6379, "resp"),
    (8009, "ajp13"),
    (9418, "git"),
    (11_211, "memcache"),
    (20_000, "dnp3"),
    (44_818, "enip"),
];

/// The same of UDP.
const ON_UDP: &[(u16, &str)] = &[
    (69, "tftp"),
    (88, "kerberos"),
    (161, "snmp"),
    (162, "snmp"),
    (500, "isakmp"),
    (514, "syslog"),
    (520, "rip"),
    (1812, "radius"),
    (1813, "radius"),
    (3478, "stun"),
    (5060, "sip"),
];

/// What a payload is that is not read here: the lower port comes first.
fn by_port((a, b): (u16, u16), names: &[(u16, &'static str)]) -> MessageKind {
    let known = |port: u16| names.iter().find(|(known, _)| *known == port);
    let name = known(a.min(b)).or_else(|| known(a.max(b)));
    name.map_or(MessageKind::Data, |(_, name)| MessageKind::Named(name))
}

/// What a datagram is, by its Protocol column.
fn kind_of(protocol: &str) -> MessageKind {
    match protocol {
        "DNS" => MessageKind::Dns,
        "MDNS" => MessageKind::Mdns,
        "LLMNR" => MessageKind::Llmnr,
        "NBNS" => MessageKind::Nbns,
        "DHCP" | "BOOTP" => MessageKind::Dhcp,
        "NTP" => MessageKind::Ntp,
        "SSDP" => MessageKind::Ssdp,
        _ => MessageKind::Data,
    }
}

/// Tries the dissector of a UDP port.
fn write_by_port<W: Write>(
    out: &mut W,
    port: u16,
    payload: &[u8],
    layer: &Layer<'_>,
) -> Result<Option<&'static str>, fmt::Error> {
    let name = match port {
        53 => return write_dns(out, payload, layer, dns::Family::Dns, "DNS"),
        5353 => return write_dns(out, payload, layer, dns::Family::Multicast, "MDNS"),
        5355 => return write_dns(out, payload, layer, dns::Family::LinkLocal, "LLMNR"),
        67 | 68 if dhcp::is_message(payload) => dhcp::write(out, payload)?,
        123 if payload.len() >= 12 => {
            write_ntp(out, payload)?;
            "NTP"
        }
        137 if nbns::is_message(payload) => {
            nbns::write(out, payload)?;
            "NBNS"
        }
        1900 if http::first_line(payload).is_some() => {
            http::write_first_line(out, payload)?;
            "SSDP"
        }
        _ => return Ok(None),
    };
    Ok(Some(name))
}

/// A DNS message; what ends too soon says whether the capture or the message is short.
fn write_dns<W: Write>(
    out: &mut W,
    payload: &[u8],
    layer: &Layer<'_>,
    family: dns::Family,
    name: &'static str,
) -> Result<Option<&'static str>, fmt::Error> {
    let is_cut = super::cut::is_cut(layer);
    if payload.len() < dns::HEADER && !is_cut {
        return Ok(None);
    }
    let mut line = Line::new(out);
    let written = dns::write(&mut line, payload, family);
    if line.is_full() {
        return Ok(Some(name));
    }
    if written?.is_err() {
        out.write_str(if is_cut { tcp::SIZE_LIMITED } else { tcp::MALFORMED })?;
    }
    Ok(Some(name))
}

/// `NTP Version 4, client` (RFC 5905, section 7.3).
fn write_ntp<W: Write>(out: &mut W, payload: &[u8]) -> fmt::Result {
    const MODES: [&str; 8] = [
        "reserved",
        "symmetric active",
        "symmetric passive",
        "client",
        "server",
        "broadcast",
        "control",
        "private",
    ];
    let first = payload.first().copied().unwrap_or(0);
    let mode = MODES.get(usize::from(first & 7)).copied().unwrap_or("reserved");
    write!(out, "NTP Version {}, {mode}", (first >> 3) & 7)
}
