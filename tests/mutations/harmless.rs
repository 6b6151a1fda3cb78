//! What every new recording of the same thing changes.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use analyzer::wire::Protocol;

use crate::capture::Capture;
use crate::frame::{Part, add, edit, options, parts, put, u16_at};
use crate::rng::Rng;

/// The sorts of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harmless {
    Ports,
    Isns,
    Start,
    Stations,
    Identifications,
    Timestamps,
    Jitter,
    Everything,
}

/// No frame is moved by more than this; two can then be 40 ms off, which is within 50 ms.
const JITTER_NS: i64 = 20_000_000;

type End = (IpAddr, u16);

impl Harmless {
    pub const ALL: [Self; 8] = [
        Self::Ports,
        Self::Isns,
        Self::Start,
        Self::Stations,
        Self::Identifications,
        Self::Timestamps,
        Self::Jitter,
        Self::Everything,
    ];

    pub fn has_jitter(self) -> bool {
        matches!(self, Self::Jitter | Self::Everything)
    }

    pub fn apply(self, capture: &Capture, rng: &mut Rng) -> Capture {
        let mut changed = capture.clone();
        match self {
            Self::Ports => ports(&mut changed, rng),
            Self::Isns => isns(&mut changed, rng),
            Self::Start => {
                let shift =
                    rng.below(1_000_000_000) as i64 * 1_000_000_007 % 1_000_000_000_000_000_000;
                changed.frames.iter_mut().for_each(|frame| frame.delay(shift));
            }
            Self::Stations => stations(&mut changed, rng),
            Self::Identifications => identifications(&mut changed, rng),
            Self::Timestamps => timestamps(&mut changed, rng),
            Self::Jitter => jitter(&mut changed, rng),
            Self::Everything => {
                for kind in Self::ALL.into_iter().filter(|kind| *kind != Self::Everything) {
                    changed = kind.apply(&changed, rng);
                }
            }
        }
        changed
    }
}

/// The port fields of TCP and UDP in a frame, also in what an ICMP error quotes: where, and
/// whose.
fn port_fields(bytes: &[u8], parts: &[Part]) -> Vec<(usize, Protocol, End)> {
    let with_ports =
        parts.iter().filter(|part| matches!(part.protocol, Protocol::Tcp | Protocol::Udp));
    let fields = with_ports.filter_map(|part| {
        let (source, destination) = part.addresses?;
        let (from, to) = (u16_at(bytes, part.at)?, u16_at(bytes, part.at + 2)?);
        Some([
            (part.at, part.protocol, (source, from)),
            (part.at + 2, part.protocol, (destination, to)),
        ])
    });
    fields.flatten().collect()
}

/// Another number for each port that a client drew.
fn ports(capture: &mut Capture, rng: &mut Rng) {
    let (mut drawn, mut fixed) = (Vec::new(), HashSet::new());
    for connection in &capture.summary().connections {
        let end = |address: &str, port| (Protocol::Tcp, (address.parse().unwrap(), port));
        drawn.push(end(&connection.client.address, connection.client.port));
        fixed.insert(end(&connection.server.address, connection.server.port));
    }
    let mut flows = HashSet::new();
    let mut used = HashSet::new();
    for frame in &capture.frames {
        let fields = port_fields(&frame.bytes, &parts(frame));
        used.extend(fields.iter().map(|(_, _, end)| end.1));
        for pair in fields.chunks(2).filter(|pair| pair[0].1 == Protocol::Udp) {
            let (from, to) = ((pair[0].1, pair[0].2), (pair[1].1, pair[1].2));
            if flows.insert((from, to)) && flows.insert((to, from)) {
                drawn.push(from);
                fixed.insert(to);
            }
        }
    }
    let mut new: HashMap<(Protocol, End), u16> = HashMap::new();
    for end in drawn.into_iter().filter(|end| !fixed.contains(end) && end.1.1 >= 1024) {
        let port = std::iter::repeat_with(|| 32_768 + rng.below(28_000) as u16)
            .find(|port| used.insert(*port))
            .unwrap();
        new.entry(end).or_insert(port);
    }
    for frame in &mut capture.frames {
        let fields = port_fields(&frame.bytes, &parts(frame));
        edit(frame, |bytes| {
            for (at, protocol, end) in fields {
                if let Some(port) = new.get(&(protocol, end)) {
                    put(bytes, at, &port.to_be_bytes());
                }
            }
        });
    }
}

/// Other initial sequence numbers: all sequence and acknowledgment numbers of a direction, and
/// the blocks of SACK, are shifted.
fn isns(capture: &mut Capture, rng: &mut Rng) {
    let mut shifts: HashMap<(End, End), u32> = HashMap::new();
    for frame in &mut capture.frames {
        for part in parts(frame).into_iter().filter(|part| part.protocol == Protocol::Tcp) {
            let fields = port_fields(&frame.bytes, &[part]);
            let [from, to] = fields.as_slice() else { continue };
            let mut shift = |one: End, other: End| {
                *shifts.entry((one, other)).or_insert_with(|| rng.next() as u32)
            };
            let (own, peer) = (shift(from.2, to.2), shift(to.2, from.2));
            let is_ack = frame.bytes.get(part.at + 13).is_some_and(|flags| flags & 0x10 != 0);
            let blocks = options(&frame.bytes, &part, 5);
            edit(frame, |bytes| {
                add(bytes, part.at + 4, own);
                if is_ack {
                    add(bytes, part.at + 8, peer);
                    for (at, len) in blocks {
                        (0..len / 4).for_each(|edge| add(bytes, at + edge * 4, peer));
                    }
                }
            });
        }
    }
}

/// Other MAC addresses, in Ethernet's header and in ARP.
fn stations(capture: &mut Capture, rng: &mut Rng) {
    let mut new: HashMap<[u8; 6], [u8; 6]> = HashMap::new();
    for frame in &mut capture.frames {
        let mut places = Vec::new();
        for part in parts(frame).iter().filter(|part| !part.is_quoted) {
            match part.protocol {
                Protocol::Ethernet => places.extend([part.at, part.at + 6]),
                Protocol::Arp => places.extend([part.at + 8, part.at + 18]),
                _ => {}
            }
        }
        edit(frame, |bytes| {
            for at in places {
                let Some(old) = bytes.get(at..).and_then(|rest| rest.first_chunk::<6>()) else {
                    continue;
                };
                // Groups keep their addresses, and so does "nobody" in a question.
                if old[0] & 1 == 1 || *old == [0; 6] {
                    continue;
                }
                let drawn = || {
                    let mut address = [0; 6];
                    address.copy_from_slice(&rng.next().to_be_bytes()[..6]);
                    address[0] = address[0] & 0xfc | 2;
                    address
                };
                let address = *new.entry(*old).or_insert_with(drawn);
                put(bytes, at, &address);
            }
        });
    }
}

/// Other IP identifications; fragments of one datagram keep theirs in common.
fn identifications(capture: &mut Capture, rng: &mut Rng) {
    let mut new: HashMap<(IpAddr, IpAddr, u16), u16> = HashMap::new();
    for frame in &mut capture.frames {
        for part in parts(frame) {
            let (Protocol::Ipv4, Some((from, to))) = (part.protocol, part.addresses) else {
                continue;
            };
            let Some(old) = u16_at(&frame.bytes, part.at + 4) else { continue };
            let id = *new.entry((from, to, old)).or_insert_with(|| rng.next() as u16);
            edit(frame, |bytes| put(bytes, part.at + 4, &id.to_be_bytes()));
        }
    }
}

/// Another start of each host's TCP clock.
fn timestamps(capture: &mut Capture, rng: &mut Rng) {
    let mut shifts: HashMap<IpAddr, u32> = HashMap::new();
    for frame in &mut capture.frames {
        for part in parts(frame).into_iter().filter(|part| part.protocol == Protocol::Tcp) {
            let Some((from, to)) = part.addresses else { continue };
            let mut shift = |host: IpAddr| *shifts.entry(host).or_insert_with(|| rng.next() as u32);
            let (own, peer) = (shift(from), shift(to));
            let places = options(&frame.bytes, &part, 8);
            edit(frame, |bytes| {
                for (at, _) in places {
                    add(bytes, at, own);
                    // Zero says that there is nothing to echo yet.
                    if bytes.get(at + 4..at + 8).is_some_and(|echo| echo != [0; 4]) {
                        add(bytes, at + 4, peer);
                    }
                }
            });
        }
    }
}

/// Each frame a little earlier or later, in the same order.
fn jitter(capture: &mut Capture, rng: &mut Rng) {
    let (mut before, mut last) = (None, i64::MIN);
    for frame in &mut capture.frames {
        let old = frame.timestamp.as_nanos();
        let moved = old + rng.below(2 * JITTER_NS as usize) as i64 - JITTER_NS;
        let new = if before.is_none_or(|before| old >= before) { moved.max(last) } else { moved };
        (before, last) = (Some(old), new);
        frame.delay(new - old);
    }
}
