//! Where things stand in a frame, and changing them there, checksums included.

use std::net::IpAddr;
use std::ops::Range;

use analyzer::wire::{ChecksumVerdict, Decoder, IpView, Protocol, checksum};

use crate::capture::Owned;

/// A layer and where it starts.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    pub protocol: Protocol,
    pub at: usize,
    pub header_len: usize,
    pub is_quoted: bool,
    /// Whether its checksum was right.
    pub is_good: bool,
    /// Addresses of the IP header nearest to it, its own or that above.
    pub addresses: Option<(IpAddr, IpAddr)>,
    /// Captured bytes from `at`.
    pub captured: usize,
}

impl Part {
    /// Its captured payload.
    pub fn payload(&self) -> Range<usize> {
        let end = self.at + self.captured;
        (self.at + self.header_len).min(end)..end
    }
}

/// The layers of a frame that stand in it (not those put together from fragments).
pub fn parts(frame: &Owned) -> Vec<Part> {
    let mut decoder = Decoder::default();
    let decoded = decoder.decode(&frame.borrow(1));
    let told = decoded.layers.iter().enumerate().filter_map(|(index, layer)| {
        let verdict = match layer.protocol {
            Protocol::Ipv4 => checksum::ipv4_header(layer),
            _ => checksum::transport(&decoded, index),
        };
        let own = IpView::from_layer(layer).map(IpView::addresses);
        Some(Part {
            protocol: layer.protocol,
            at: layer.offset()? as usize,
            header_len: layer.header_len as usize,
            is_quoted: layer.is_quoted,
            is_good: verdict == ChecksumVerdict::Good,
            addresses: own.or_else(|| decoded.addresses_above(index)),
            captured: layer.bytes.len(),
        })
    });
    told.collect()
}

/// The TCP segment that a frame carries, with at least its fixed header.
pub fn tcp(frame: &Owned) -> Option<Part> {
    let is_tcp = |part: &Part| part.protocol == Protocol::Tcp && !part.is_quoted;
    parts(frame).into_iter().find(|part| is_tcp(part) && part.captured >= 20)
}

/// Lets `edit` change the bytes, then sets right each checksum that was right before.
pub fn edit(frame: &mut Owned, edit: impl FnOnce(&mut Vec<u8>)) {
    let before = parts(frame);
    edit(&mut frame.bytes);
    // From the outermost inwards is no matter: no checksum covers another one but the
    // quoted ones, which nobody checks.
    for (index, part) in before.iter().enumerate().filter(|(_, part)| part.is_good) {
        let mut decoder = Decoder::default();
        let expected = {
            let decoded = decoder.decode(&frame.borrow(1));
            let verdict = match decoded.layers.get(index) {
                Some(layer) if layer.protocol == Protocol::Ipv4 => checksum::ipv4_header(layer),
                Some(_) => checksum::transport(&decoded, index),
                None => ChecksumVerdict::Good,
            };
            match verdict {
                ChecksumVerdict::Bad { expected } => Some(expected),
                // Seen as left to the card by chance, or already right.
                _ => None,
            }
        };
        let within = match part.protocol {
            Protocol::Ipv4 => 10,
            Protocol::Tcp => 16,
            _ => 6,
        };
        if let Some(expected) = expected {
            put(&mut frame.bytes, part.at + within, &expected.to_be_bytes());
        }
    }
}

/// Writes over the bytes at a place, as far as they are there.
pub fn put(bytes: &mut [u8], at: usize, new: &[u8]) {
    for (place, byte) in bytes.iter_mut().skip(at).zip(new) {
        *place = *byte;
    }
}

/// The big-endian number at a place, when it was captured.
pub fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|field| u16::from_be_bytes(*field))
}

/// The same with 32 bits.
pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|field| u32::from_be_bytes(*field))
}

/// Adds to the 32-bit number at a place.
pub fn add(bytes: &mut [u8], at: usize, shift: u32) {
    if let Some(number) = u32_at(bytes, at) {
        put(bytes, at, &number.wrapping_add(shift).to_be_bytes());
    }
}

/// Where the data of each TCP option of a kind starts, and its length.
pub fn options(bytes: &[u8], part: &Part, kind: u8) -> Vec<(usize, usize)> {
    let end = (part.at + part.header_len).min(bytes.len());
    let mut at = part.at + 20;
    let mut found = Vec::new();
    while at < end {
        match (bytes[at], bytes.get(at + 1)) {
            (0, _) => break,
            (1, _) => at += 1,
            (own, Some(&len)) if len >= 2 && at + usize::from(len) <= end => {
                if own == kind {
                    found.push((at + 2, usize::from(len) - 2));
                }
                at += usize::from(len);
            }
            _ => break,
        }
    }
    found
}

/// The bytes without what two sendings of the same segment do not have in common.
pub fn essence(frame: &Owned) -> Vec<u8> {
    let mut bytes = frame.bytes.clone();
    for part in parts(frame) {
        match part.protocol {
            Protocol::Ipv4 => {
                put(&mut bytes, part.at + 4, &[0; 2]);
                put(&mut bytes, part.at + 10, &[0; 2]);
            }
            Protocol::Tcp => {
                put(&mut bytes, part.at + 16, &[0; 2]);
                for (at, _) in options(&frame.bytes, &part, 8) {
                    put(&mut bytes, at, &[0; 8]);
                }
            }
            _ => {}
        }
    }
    bytes
}
