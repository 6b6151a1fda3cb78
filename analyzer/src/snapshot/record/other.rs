//! Frames without a TCP segment: name resolution, address resolution, errors.

use std::collections::HashMap;
use std::net::IpAddr;

use sha2::Digest;

use super::super::ROWS_EACH;
use super::super::model::{OtherFrame, Others};
use super::fold::{self, Folding};
use super::names::{Names, with_port};
use super::row;
use super::stream::seconds;
use crate::facts::FrameFacts;
use crate::wire::{
    ArpView, Decoded, EthernetView, IcmpView, IpView, Layer, Protocol, StopReason, UdpView,
};

/// Conversations over UDP whose first sender is known.
const MAX_FLOWS: usize = 10_000;
/// The first of the ports that Linux takes for clients; below are those of services.
const EPHEMERAL: u16 = 32_768;

/// The frames so far.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    frames: Vec<Kept>,
    folding: Option<Folding>,
    last: Option<i64>,
    /// The port that a conversation was opened to, by its two endpoints, the lower one first.
    flows: HashMap<(End, End), End>,
}

type End = (IpAddr, u16);

/// A frame whose hosts have no symbols yet.
#[derive(Debug)]
struct Kept {
    frame: OtherFrame,
    ends: Option<(IpAddr, IpAddr)>,
    ports: Option<(u16, u16)>,
}

impl Gathered {
    /// Takes in a frame.
    pub fn observe(&mut self, facts: &FrameFacts<'_>) {
        let now = facts.frame.timestamp.as_nanos();
        // The first one counts from the start of the capture.
        let start = now.saturating_sub(facts.time_relative.as_nanos());
        let gap = seconds(now, self.last.unwrap_or(start));
        self.last = Some(now);
        let kept = self.read(facts, gap);
        if self.folding.is_none() && self.frames.len() < ROWS_EACH {
            self.frames.push(kept);
            return;
        }
        let OtherFrame { frame, layers, what, len, sha256, .. } = &kept.frame;
        let folding = self.folding.get_or_insert_with(|| Folding::from(*frame));
        folding.add(*frame, *len, gap);
        folding.hash.update(len.to_be_bytes());
        for text in [layers, what, sha256] {
            folding.hash.update(text.as_bytes());
            folding.hash.update([0]);
        }
    }

    /// The frames with symbols for their hosts.
    pub fn finish(self, names: &mut Names) -> Others {
        let frames = self.frames.into_iter().map(|kept| {
            let Kept { mut frame, ends, ports } = kept;
            if let Some((source, destination)) = ends {
                let (from, to) = ports.unwrap_or((u16::MAX, u16::MAX));
                frame.from = end(names, source, from);
                frame.to = end(names, destination, to);
            }
            frame
        });
        Others { frames: frames.collect(), folded: self.folding.map(Folding::finish) }
    }

    fn read(&mut self, facts: &FrameFacts<'_>, gap: f64) -> Kept {
        let decoded = &facts.decoded;
        let inner = decoded.layers.innermost_carried();
        let index = decoded.layers.iter().rposition(|layer| !layer.is_quoted);
        let udp = inner.and_then(UdpView::from_layer);
        let ends = inner.and_then(|layer| match ArpView::from_layer(layer) {
            Some(arp) => arp.ipv4().map(|(sender, target)| (sender.into(), target.into())),
            None => addresses(decoded, index),
        });
        let ports = ends.zip(udp).map(|((from, to), udp)| {
            self.ports((from, udp.source_port()), (to, udp.destination_port()))
        });
        let frame = OtherFrame {
            frame: facts.frame.number.0,
            gap,
            layers: row::layers(decoded),
            from: String::new(),
            to: String::new(),
            what: what(decoded, inner),
            len: inner.map_or(facts.frame.wire_len, |layer| layer.wire_len),
            sha256: inner.map_or_else(String::new, |layer| digest(facts, layer, udp)),
        };
        Kept { frame, ends, ports }
    }

    /// The ports that are worth telling: that which a conversation was opened to. The other
    /// one is told as the highest number, which stands for none.
    fn ports(&mut self, source: End, destination: End) -> (u16, u16) {
        let key = if source < destination { (source, destination) } else { (destination, source) };
        let server = match self.flows.get(&key) {
            Some(server) => Some(*server),
            None if self.flows.len() < MAX_FLOWS => {
                self.flows.insert(key, destination);
                Some(destination)
            }
            None => None,
        };
        let told = |end: End| match server {
            Some(server) if server == end => end.1,
            Some(_) if end.1 >= 1024 => u16::MAX,
            None if end.1 >= EPHEMERAL => u16::MAX,
            _ => end.1,
        };
        (told(source), told(destination))
    }
}

/// A symbol for a host, with its port; `u16::MAX` stands for none.
fn end(names: &mut Names, address: IpAddr, port: u16) -> String {
    let is_group = address.is_multicast()
        || address.is_unspecified()
        || matches!(address, IpAddr::V4(address) if address.is_broadcast());
    let text = address.to_string();
    let host = if is_group { text } else { names.host_or_new(&text) };
    match port {
        u16::MAX => host,
        port if port < 1024 => with_port(host, port),
        port => format!("{host}:{port}"),
    }
}

fn addresses(decoded: &Decoded<'_>, index: Option<usize>) -> Option<(IpAddr, IpAddr)> {
    let index = index?;
    let own = decoded.layers.get(index).and_then(IpView::from_layer).map(IpView::addresses);
    own.or_else(|| decoded.addresses_above(index))
}

/// A few words for what the protocol alone does not say.
fn what(decoded: &Decoded<'_>, inner: Option<&Layer<'_>>) -> String {
    if let Some(stop) = decoded.stop {
        return match stop.reason {
            StopReason::Truncated { .. } => format!("{} cut in its header", stop.protocol.name()),
            StopReason::Malformed(how) => format!("{} malformed: {how}", stop.protocol.name()),
            StopReason::Fragment => format!("fragment, {}", fragment(decoded)),
            _ => format!("{} nested too deep", stop.protocol.name()),
        };
    }
    let Some(layer) = inner else { return String::new() };
    if let Some(arp) = ArpView::from_layer(layer) {
        return match arp.opcode() {
            1 => "who has the receiver's address?".to_owned(),
            2 => "here is the sender's address".to_owned(),
            other => format!("operation {other}"),
        };
    }
    if let Some(icmp) = IcmpView::from_layer(layer) {
        let mut text = format!("type {} code {}", icmp.kind(), icmp.code());
        if let Some((_, number)) = icmp.echo().filter(|_| is_echo(layer.protocol, icmp.kind())) {
            text.push_str(&format!(", number {number}"));
        }
        if let Some(quoted) = decoded.layers.iter().rfind(|layer| layer.is_quoted) {
            text.push_str(&format!(", about {}", quoted.protocol.name()));
        }
        return text;
    }
    let index = decoded.layers.iter().rposition(|layer| layer.protocol.is_ip());
    index.map_or_else(String::new, |index| row::ip(decoded, index + 1))
}

fn fragment(decoded: &Decoded<'_>) -> String {
    let index = decoded.layers.iter().rposition(|layer| layer.protocol.is_ip());
    index.map_or_else(String::new, |index| row::ip(decoded, index + 1))
}

fn is_echo(protocol: Protocol, kind: u8) -> bool {
    matches!((protocol, kind), (Protocol::Icmp, 0 | 8) | (Protocol::Icmpv6, 128 | 129))
}

/// A hash of what a frame carries, without what every recording has of its own.
fn digest(facts: &FrameFacts<'_>, layer: &Layer<'_>, udp: Option<UdpView<'_>>) -> String {
    let bytes = layer.bytes;
    let content = match layer.protocol {
        // All of it is in the words and the two ends.
        Protocol::Arp => return String::new(),
        Protocol::Udp => {
            let payload = layer.payload();
            let ports = udp.map_or((0, 0), |udp| (udp.source_port(), udp.destination_port()));
            // A transaction number that is drawn anew for each question.
            let skip = match (is_one_of(ports, &[53, 137, 5353, 5355]), is_one_of(ports, &[67, 68]))
            {
                (true, _) => 2,
                (_, true) => 12,
                _ => 0,
            };
            payload.get(skip..).unwrap_or(&[])
        }
        // The checksum covers addresses; the identifier of an echo is the program's number.
        Protocol::Icmp | Protocol::Icmpv6 if has_quote(facts) => return String::new(),
        Protocol::Icmp | Protocol::Icmpv6 => {
            let kind = bytes.first().copied().unwrap_or(0);
            bytes.get(if is_echo(layer.protocol, kind) { 8 } else { 4 }..).unwrap_or(&[])
        }
        _ => layer.payload(),
    };
    let stations = stations(&facts.decoded);
    if stations.iter().any(|mac| content.windows(6).any(|window| window == mac)) {
        return fold::of_bytes(&masked(content, &stations));
    }
    fold::of_bytes(content)
}

fn is_one_of(ports: (u16, u16), known: &[u16]) -> bool {
    known.contains(&ports.0) || known.contains(&ports.1)
}

fn has_quote(facts: &FrameFacts<'_>) -> bool {
    facts.decoded.layers.iter().any(|layer| layer.is_quoted)
}

/// The frame's own MAC addresses: where they stand in what it carries, they are symbols too
/// (neighbour discovery, DHCP).
fn stations(decoded: &Decoded<'_>) -> Vec<[u8; 6]> {
    let ethernet = decoded.layers.first().and_then(EthernetView::from_layer);
    let both = ethernet.map(|ethernet| [ethernet.source(), ethernet.destination()]);
    let is_telling = |mac: &[u8; 6]| *mac != [0; 6] && *mac != [0xff; 6];
    both.into_iter().flatten().filter(is_telling).collect()
}

/// The bytes with each of those addresses replaced by its number.
fn masked(bytes: &[u8], stations: &[[u8; 6]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        match stations.iter().position(|mac| rest.starts_with(mac)) {
            Some(number) => {
                out.extend_from_slice(&[b'm', b'a', b'c', number.min(9) as u8]);
                rest = rest.get(6..).unwrap_or(&[]);
            }
            None => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    out
}
