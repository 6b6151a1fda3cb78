//! What a row of the packet list says: Wireshark's Protocol and Info columns.
//!
//! Reads the facts of one frame and writes text into a buffer that the caller keeps, so that
//! a row costs no allocation. It judges nothing: verdicts on TCP come from the analysis.
//! A payload that no dissector here recognises is TCP or UDP with its length, never
//! something else.
//!
//! [`Describer`] remembers what one pass needs (echo requests, half-read application
//! messages); [`write_segment`] and [`write_datagram`] are the lines without anything above
//! TCP and UDP, and need no memory.

use std::fmt::{self, Write};

use crate::facts::FrameFacts;
use crate::wire::{ArpView, IcmpView, Layer, Protocol, StopReason};

pub use address::{Address, column_addresses};
pub use application::layer_above;
pub use dns::{Name as DnsName, name_end as dns_name_end};
pub use messages::{Message, MessageKind, Messages};
pub use tcp::write_segment;
pub use udp::write_datagram;

mod address;
mod application;
mod arp;
mod bytes;
mod cut;
mod dhcp;
mod dns;
mod echo;
mod http;
mod http_end;
mod icmp;
mod ip;
mod link;
mod messages;
mod nbns;
mod neighbor;
mod pdu;
mod pending;
mod service;
mod stream;
mod tcp;
mod tcp_options;
mod text;
mod tls;
mod udp;
mod websocket;

/// Describes the frames of a capture one after the other.
#[derive(Debug, Default)]
pub struct Describer {
    echoes: echo::EchoTable,
    application: application::Applications,
    messages: Messages,
    scratch: String,
}

impl Describer {
    /// Before the first frame.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, keeping the messages of each frame until the next.
    pub fn keeping_messages() -> Self {
        Self { messages: Messages::wanted(), ..Self::default() }
    }

    /// The messages of the frame that was described last; none unless they are kept.
    pub fn messages(&self) -> &Messages {
        &self.messages
    }

    /// Replaces `info` by the Info column and answers the Protocol column
    /// (`_ws.col.Info`, `_ws.col.Protocol` of tshark in one pass). Frames must come in
    /// capture order, each once.
    pub fn describe(&mut self, facts: &FrameFacts<'_>, info: &mut String) -> &'static str {
        info.clear();
        self.messages.clear();
        // Writing to a String does not fail.
        let protocol = self.write(facts, info).unwrap_or("");
        if info.chars().any(char::is_control) {
            self.escape(info);
        }
        info.truncate(info.floor_char_boundary(text::MAX_LINE));
        protocol
    }

    /// Makes one visible line of a text.
    fn escape(&mut self, info: &mut String) {
        self.scratch.clear();
        for character in info.chars() {
            let _ = text::write_visible(&mut self.scratch, character);
        }
        info.clone_from(&self.scratch);
    }

    fn write(
        &mut self,
        facts: &FrameFacts<'_>,
        info: &mut String,
    ) -> Result<&'static str, fmt::Error> {
        let layers = &facts.decoded.layers;
        let Some(index) = layers.iter().rposition(|layer| !layer.is_quoted) else {
            return Ok(link::NOTHING_DECODED);
        };
        let Some(layer) = layers.get(index) else {
            return Ok(link::NOTHING_DECODED);
        };
        if let Some(protocol) = cut::write_header(info, layers.get(..=index).unwrap_or(&[]))? {
            return Ok(protocol);
        }
        let is_in_gtp = layers.iter().any(|layer| layer.protocol == Protocol::Gtp);
        let protocol = self.write_layer(facts, index, layer, info)?;
        if cut::is_trailer_cut(facts) {
            info.write_str(tcp::SIZE_LIMITED)?;
        }
        Ok(if is_in_gtp { link::inside_gtp(protocol) } else { protocol })
    }

    /// Writes the row of a frame whose innermost layer is this one.
    fn write_layer(
        &mut self,
        facts: &FrameFacts<'_>,
        index: usize,
        layer: &Layer<'_>,
        info: &mut String,
    ) -> Result<&'static str, fmt::Error> {
        match layer.protocol {
            Protocol::Tcp => self.application.write_segment(info, &mut self.messages, facts),
            Protocol::Udp => application::write_datagram(info, &mut self.messages, facts, layer),
            Protocol::Arp => {
                let Some(view) = ArpView::from_layer(layer) else {
                    return Ok("ARP");
                };
                arp::write(info, &view)?;
                Ok(arp::column(&view))
            }
            Protocol::Icmp | Protocol::Icmpv6 => self.write_icmp(facts, index, layer, info),
            Protocol::Igmp => icmp::write_igmp(info, layer.bytes),
            _ if is_fragment(facts) => {
                self.messages.add(MessageKind::Data, layer.payload());
                ip::write_fragment(info, layer)?;
                Ok(if layer.protocol == Protocol::Ipv4 { "IPv4" } else { "IPv6" })
            }
            Protocol::Ipv4 => ip::write_payload_name(info, layer).map(|()| "IPv4"),
            Protocol::Ipv6 if bytes::u8_at(layer.bytes, 6) == Some(59) => {
                info.write_str("IPv6 no next header")?;
                Ok("IPv6")
            }
            Protocol::Ipv6 => ip::write_payload_name(info, layer).map(|()| "IPv6"),
            _ => link::write(info, layer),
        }
    }

    fn write_icmp(
        &mut self,
        facts: &FrameFacts<'_>,
        index: usize,
        layer: &Layer<'_>,
        info: &mut String,
    ) -> Result<&'static str, fmt::Error> {
        let is_v4 = layer.protocol == Protocol::Icmp;
        let name = if is_v4 { "ICMP" } else { "ICMPv6" };
        let Some(view) = IcmpView::from_layer(layer) else {
            if let Some(kind) = layer.bytes.first().filter(|_| !is_v4) {
                info.write_str(icmp::name_v6(*kind))?;
            }
            info.write_str(tcp::shortage(layer, 4))?;
            return Ok(name);
        };
        if let (true, Some(payload)) = (is_echo(&view, is_v4), layer.bytes.get(ECHO_HEADER..))
            && !payload.is_empty()
        {
            self.messages.add(MessageKind::Data, payload);
        }
        let layers = &facts.decoded.layers;
        let quoted = layers.last().filter(|layer| layer.protocol == Protocol::Udp);
        if let Some(datagram) = quoted.filter(|layer| !layer.payload().is_empty()) {
            self.messages.add(MessageKind::Data, datagram.payload());
        }
        let above = layers.get(..index).unwrap_or(&[]);
        let is_probe = view.kind() == ECHO_REQUEST_V6 && above.iter().any(is_to_teredo);
        let ip = layers.get(..index).and_then(|above| above.iter().rfind(|l| l.protocol.is_ip()));
        let hop_limit_at = if is_v4 { 8 } else { 7 };
        let around = icmp::Around {
            addresses: facts.decoded.addresses_above(index),
            hop_limit: ip.and_then(|ip| bytes::u8_at(ip.bytes, hop_limit_at)).unwrap_or(0),
            frame: facts.frame.number,
        };
        if is_v4 && layer.bytes.len() < cut::ICMP_START && cut::is_cut(layer) {
            info.write_str(tcp::SIZE_LIMITED)?;
            return Ok(name);
        }
        if is_v4 {
            icmp::write(info, &view, &around, &mut self.echoes)?;
        } else if !is_v4 && is_probe {
            icmp::write_teredo_probe(info, &view, &around)?;
            return Ok("Teredo");
        } else {
            icmp::write_v6(info, &view, &around, &mut self.echoes)?;
        }
        if cut::is_cut(layer) && layer.bytes.len() < cut::icmp_needed(&view, is_v4) {
            info.write_str(tcp::SIZE_LIMITED)?;
        }
        Ok(name)
    }
}

/// Replaces nothing: appends the Info column of one frame, as far as it can be known without
/// the frames before it.
///
/// # Errors
/// Only those of the writer, which for a `String` has none.
pub fn write_info(facts: &FrameFacts<'_>, out: &mut String) -> fmt::Result {
    let mut line = String::new();
    Describer::new().describe(facts, &mut line);
    out.write_str(&line)
}

/// The Protocol column of one frame, as far as it can be known without the frames before it.
pub fn protocol_column(facts: &FrameFacts<'_>) -> &'static str {
    Describer::new().describe(facts, &mut String::new())
}

/// ICMPv6 type of an echo request (RFC 4443, section 4.1).
const ECHO_REQUEST_V6: u8 = 128;
/// UDP port of Teredo servers (RFC 4380, section 2.7).
const TEREDO_PORT: u16 = 3544;

/// Bytes of an echo message in front of what it carries.
const ECHO_HEADER: usize = 8;

/// True for echo requests and replies.
fn is_echo(view: &IcmpView<'_>, is_v4: bool) -> bool {
    if is_v4 { matches!(view.kind(), 0 | 8) } else { matches!(view.kind(), 128 | 129) }
}

/// True for a UDP header on its way to a Teredo server.
fn is_to_teredo(layer: &Layer<'_>) -> bool {
    layer.protocol == Protocol::Udp
        && tcp::ports(layer.bytes).is_some_and(|(_, destination)| destination == TEREDO_PORT)
}

fn is_fragment(facts: &FrameFacts<'_>) -> bool {
    facts.decoded.stop.is_some_and(|stop| stop.reason == StopReason::Fragment)
}

#[cfg(test)]
mod tests;
