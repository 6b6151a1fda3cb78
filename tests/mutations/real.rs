//! Changes that matter.

use std::net::IpAddr;

use analyzer::wire::Protocol;

use crate::capture::Capture;
use crate::frame::{Part, edit, essence, parts, put, tcp, u16_at};
use crate::rng::Rng;

/// The sorts of them.
#[derive(Debug, Clone, Copy)]
pub enum Real {
    Drop,
    Duplicate,
    Swap,
    FlipFlag,
    ServerPort,
    PayloadByte,
    Window,
    TimeToLive,
    SequenceNumber,
    Pause,
    Late,
    CutTail,
}

/// Of the port numbers that DNS and the like draw a number for.
const DRAWS_A_NUMBER: [u16; 4] = [53, 137, 5353, 5355];

impl Real {
    pub const ALL: [Self; 12] = [
        Self::Drop,
        Self::Duplicate,
        Self::Swap,
        Self::FlipFlag,
        Self::ServerPort,
        Self::PayloadByte,
        Self::Window,
        Self::TimeToLive,
        Self::SequenceNumber,
        Self::Pause,
        Self::Late,
        Self::CutTail,
    ];

    /// The changed capture and what was changed; none where there is nothing to change.
    pub fn apply(self, capture: &Capture, rng: &mut Rng) -> Option<(Capture, String)> {
        let mut changed = capture.clone();
        let frames = &mut changed.frames;
        let count = frames.len();
        let at = rng.below(count);
        let what = match self {
            Self::Drop => {
                frames.remove(at);
                format!("frame {} dropped", at + 1)
            }
            Self::Duplicate => {
                frames.insert(at, frames[at].clone());
                format!("frame {} there twice", at + 1)
            }
            Self::Swap => {
                if at + 1 >= count || essence(&frames[at]) == essence(&frames[at + 1]) {
                    return None;
                }
                // The times stay in order; what they belong to changes.
                let (one, other) = (frames[at].timestamp, frames[at + 1].timestamp);
                frames.swap(at, at + 1);
                (frames[at].timestamp, frames[at + 1].timestamp) = (one, other);
                format!("frames {} and {} swapped", at + 1, at + 2)
            }
            Self::FlipFlag => flip_flag(&mut changed, at, rng)?,
            Self::ServerPort => server_port(&mut changed, rng)?,
            Self::PayloadByte => payload_byte(&mut changed, rng)?,
            Self::Window => other_number(&mut changed, at, 14, 2, rng)?,
            Self::SequenceNumber => {
                // That of a SYN is drawn anew for each connection.
                let part = tcp(&frames[at])?;
                if frames[at].bytes[part.at + 13] & 2 != 0 {
                    return None;
                }
                other_number(&mut changed, at, 4, 4, rng)?
            }
            Self::TimeToLive => {
                let is_ip = |part: &Part| part.protocol.is_ip() && !part.is_quoted;
                let part = parts(&frames[at]).into_iter().find(is_ip)?;
                let place = part.at + if part.protocol == Protocol::Ipv4 { 8 } else { 7 };
                let mask = 1 + rng.below(255) as u8;
                edit(&mut frames[at], |bytes| bytes[place] ^= mask);
                format!("frame {}: another TTL", at + 1)
            }
            Self::Pause | Self::Late => {
                let at = at.max(1);
                let first = frames[0].timestamp.as_nanos();
                let since = frames.get(at)?.timestamp.as_nanos().abs_diff(first) as i64;
                // More than 50 ms and a fifth of whatever time could be meant.
                let shift = 100_000_000 + since / 2 + rng.below(3_000_000_000) as i64;
                let until = if matches!(self, Self::Late) { at + 1 } else { count };
                frames[at..until].iter_mut().for_each(|frame| frame.delay(shift));
                format!("frames {} to {until} come {shift} ns later", at + 1)
            }
            Self::CutTail => {
                let kept = count - 1 - rng.below((count / 3).max(1));
                if kept == 0 {
                    return None;
                }
                frames.truncate(kept);
                format!("cut after frame {kept}")
            }
        };
        Some((changed, what))
    }
}

fn flip_flag(capture: &mut Capture, at: usize, rng: &mut Rng) -> Option<String> {
    let frame = &mut capture.frames[at];
    let part = tcp(frame)?;
    let bit = rng.below(12);
    edit(frame, |bytes| {
        let place = part.at + if bit < 8 { 13 } else { 12 };
        bytes[place] ^= 1 << (bit % 8);
    });
    Some(format!("frame {}: flag bit {bit} flipped", at + 1))
}

/// Other bits in a number of a TCP header.
fn other_number(
    capture: &mut Capture,
    at: usize,
    within: usize,
    len: usize,
    rng: &mut Rng,
) -> Option<String> {
    let frame = &mut capture.frames[at];
    let part = tcp(frame)?;
    let mask = 1 + rng.below(255) as u8;
    let place = part.at + within + rng.below(len);
    edit(frame, |bytes| bytes[place] ^= mask);
    Some(format!("frame {}: byte {place} changed", at + 1))
}

/// Another port of the server in all frames of one connection.
fn server_port(capture: &mut Capture, rng: &mut Rng) -> Option<String> {
    let summary = capture.summary();
    let connection = rng.pick(&summary.connections)?;
    let server: (IpAddr, u16) =
        (connection.server.address.parse().unwrap(), connection.server.port);
    let client: (IpAddr, u16) =
        (connection.client.address.parse().unwrap(), connection.client.port);
    let port = 1 + rng.below(30_000) as u16;
    let is_used =
        summary.connections.iter().any(|c| c.server.port == port || c.client.port == port);
    if is_used {
        return None;
    }
    for frame in &mut capture.frames {
        let Some(part) = tcp(frame) else { continue };
        let Some((source, destination)) = part.addresses else { continue };
        let ports = (u16_at(&frame.bytes, part.at)?, u16_at(&frame.bytes, part.at + 2)?);
        let ends = ((source, ports.0), (destination, ports.1));
        let place = match ends {
            ends if ends == (server, client) => part.at,
            ends if ends == (client, server) => part.at + 2,
            _ => continue,
        };
        edit(frame, |bytes| put(bytes, place, &port.to_be_bytes()));
    }
    Some(format!("connection {}: the server's port is {port}", connection.stream))
}

/// Another byte of a payload over TCP or UDP.
fn payload_byte(capture: &mut Capture, rng: &mut Rng) -> Option<String> {
    let mut places = Vec::new();
    for (number, frame) in capture.frames.iter().enumerate() {
        for part in parts(frame).into_iter().filter(|part| !part.is_quoted) {
            let skip = match part.protocol {
                Protocol::Tcp => 0,
                Protocol::Udp => {
                    let ports = [u16_at(&frame.bytes, part.at), u16_at(&frame.bytes, part.at + 2)];
                    let draws = ports.iter().flatten().any(|port| DRAWS_A_NUMBER.contains(port));
                    if draws { 2 } else { 0 }
                }
                _ => continue,
            };
            let payload = part.payload();
            if payload.len() > skip {
                places.push((number, payload.start + skip..payload.end));
            }
        }
    }
    let (number, range) = rng.pick(&places)?.clone();
    let at = range.start + rng.below(range.len());
    let mask = 1 + rng.below(255) as u8;
    edit(&mut capture.frames[number], |bytes| bytes[at] ^= mask);
    Some(format!("frame {}: byte {at} changed", number + 1))
}
