//! Pseudonyms for addresses that keep what a lab needs to be understood: who is who, who shares
//! a network, and whether checksums are right.
//!
//! Two addresses that share their first bits share as many first bits of their pseudonyms (the
//! idea of Crypto-PAn, Xu et al. 2002, here with SHA-256 as the keyed function). Checksums are
//! changed by exactly what the addresses change (RFC 1624), so a right one stays right and a
//! wrong one stays wrong by the same amount. Addresses within payloads (DNS, HTTP) and in
//! options are not touched.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};

use sha2::{Digest, Sha256};

use crate::frame::Frame;
use crate::wire::checksum::{self, ChecksumVerdict};
use crate::wire::{Decoded, Layer, Protocol};

/// The names given so far.
#[derive(Debug)]
pub struct Pseudonyms {
    key: [u8; 32],
    addresses: HashMap<Vec<u8>, Vec<u8>>,
}

impl Pseudonyms {
    /// With a key from the system's random numbers: pseudonyms of two slices differ.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn random() -> io::Result<Self> {
        let mut key = [0; 32];
        File::open("/dev/urandom")?.read_exact(&mut key)?;
        Ok(Self::with_key(key))
    }

    /// With a key that may be used again: the same address gets the same pseudonym.
    #[must_use]
    pub fn with_key(key: [u8; 32]) -> Self {
        Self { key, addresses: HashMap::new() }
    }

    /// The frame's bytes with addresses replaced and checksums changed along.
    pub(super) fn replace(&mut self, frame: &Frame<'_>, decoded: &Decoded<'_>) -> Vec<u8> {
        let mut bytes = frame.bytes.to_vec();
        for (index, layer) in decoded.layers.iter().enumerate() {
            let Some(at) = layer.offset().map(|at| at as usize) else { continue };
            let mut delta = Delta::default();
            match layer.protocol {
                Protocol::Ethernet => {
                    self.name(&mut bytes, at..at + 6, true, &mut delta);
                    self.name(&mut bytes, at + 6..at + 12, true, &mut delta);
                }
                Protocol::Arp => self.arp(&mut bytes, layer, at),
                Protocol::Ipv4 => {
                    self.name(&mut bytes, at + 12..at + 16, false, &mut delta);
                    self.name(&mut bytes, at + 16..at + 20, false, &mut delta);
                    delta.apply(&mut bytes, at + 10, false);
                    transport(&mut bytes, decoded, index, delta);
                }
                Protocol::Ipv6 => {
                    self.name(&mut bytes, at + 8..at + 24, false, &mut delta);
                    self.name(&mut bytes, at + 24..at + 40, false, &mut delta);
                    transport(&mut bytes, decoded, index, delta);
                }
                _ => {}
            }
        }
        bytes
    }

    fn arp(&mut self, bytes: &mut [u8], layer: &Layer<'_>, at: usize) {
        let is_ethernet_ipv4 = layer.bytes.get(2..6) == Some(&[8, 0, 6, 4]);
        if !is_ethernet_ipv4 {
            return;
        }
        let mut delta = Delta::default();
        for (range, is_hardware) in
            [(8..14, true), (14..18, false), (18..24, true), (24..28, false)]
        {
            let range: std::ops::Range<usize> = range;
            self.name(bytes, at + range.start..at + range.end, is_hardware, &mut delta);
        }
    }

    /// Replaces one address in place and notes the difference.
    fn name(
        &mut self,
        bytes: &mut [u8],
        range: std::ops::Range<usize>,
        is_hardware: bool,
        delta: &mut Delta,
    ) {
        let Some(place) = bytes.get_mut(range) else { return };
        let new = self.pseudonym(place, is_hardware);
        delta.note(place, &new);
        place.copy_from_slice(&new);
    }

    fn pseudonym(&mut self, address: &[u8], is_hardware: bool) -> Vec<u8> {
        if is_kept(address, is_hardware) {
            return address.to_vec();
        }
        if let Some(known) = self.addresses.get(address) {
            return known.clone();
        }
        let new = if is_hardware { self.hardware(address) } else { self.internet(address) };
        self.addresses.insert(address.to_vec(), new.clone());
        new
    }

    /// Each bit is turned or not by what the bits before it say. The first eight stay (ten of
    /// link-local IPv6), so that no pseudonym is a group, this machine, or of another scope.
    fn internet(&self, address: &[u8]) -> Vec<u8> {
        let mut new = address.to_vec();
        let first = if address.len() == 16 && address.first() == Some(&0xfe) { 10 } else { 8 };
        for bit in first..address.len() * 8 {
            let mut hash = Sha256::new_with_prefix(self.key);
            hash.update([u8::try_from(bit).unwrap_or(u8::MAX)]);
            hash.update(prefix(address, bit));
            let turn = hash.finalize().first().map_or(0, |byte| byte & 1);
            if let Some(byte) = new.get_mut(bit / 8) {
                *byte ^= turn << (7 - bit % 8);
            }
        }
        new
    }

    /// A hardware address of local administration.
    fn hardware(&self, address: &[u8]) -> Vec<u8> {
        let mut hash = Sha256::new_with_prefix(self.key);
        hash.update(b"hardware");
        hash.update(address);
        let mut new: Vec<u8> = hash.finalize().iter().copied().take(address.len()).collect();
        if let Some(first) = new.first_mut() {
            *first = *first & 0xfc | 0x02;
        }
        new
    }
}

/// The first bits of an address, the others 0.
fn prefix(address: &[u8], bits: usize) -> Vec<u8> {
    let mask = |at: usize| match bits.saturating_sub(at * 8) {
        0 => 0,
        kept @ 1..8 => !(0xff_u8 >> kept),
        _ => 0xff,
    };
    address.iter().enumerate().map(|(at, byte)| byte & mask(at)).collect()
}

/// Addresses that name nobody: none, all, groups, and this machine.
fn is_kept(address: &[u8], is_hardware: bool) -> bool {
    if address.iter().all(|&byte| byte == 0) || address.iter().all(|&byte| byte == 0xff) {
        return true;
    }
    match address {
        [first, ..] if is_hardware => first & 1 == 1,
        [first, _, _, _] => *first == 127 || *first >= 224 || *first == 0,
        [rest @ .., 1] if rest.iter().all(|&byte| byte == 0) => true,
        [first, ..] => *first == 0xff,
        [] => true,
    }
}

/// By how much the ones' complement sum of some words changed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Delta(u32);

impl Delta {
    pub(super) fn note(&mut self, old: &[u8], new: &[u8]) {
        let word = |pair: &[u8]| pair.iter().fold(0_u32, |word, &byte| word << 8 | u32::from(byte));
        for (old, new) in old.chunks(2).zip(new.chunks(2)) {
            self.0 = fold(self.0 + word(new) + (0xffff - word(old)));
        }
    }

    /// Changes a checksum field along: a complemented sum by RFC 1624, a bare one (left to the
    /// network card) by adding.
    pub(super) fn apply(self, bytes: &mut [u8], at: usize, is_bare: bool) {
        let Some(place) = bytes.get_mut(at..at + 2) else { return };
        let field = place.iter().fold(0_u32, |word, &byte| word << 8 | u32::from(byte));
        let new = match is_bare {
            true => fold(field + self.0),
            false => 0xffff - fold(0xffff - field + self.0),
        };
        let new = u16::try_from(new).unwrap_or_default();
        place.copy_from_slice(&new.to_be_bytes());
    }
}

const fn fold(sum: u32) -> u32 {
    let once = (sum & 0xffff) + (sum >> 16);
    (once & 0xffff) + (once >> 16)
}

/// Changes the checksum of what the IP layer at `index` carries, when its pseudo-header has the
/// addresses.
fn transport(bytes: &mut [u8], decoded: &Decoded<'_>, index: usize, delta: Delta) {
    let inner = decoded.layers.iter().enumerate().skip(index + 1).find(|(_, layer)| {
        matches!(layer.protocol, Protocol::Tcp | Protocol::Udp) || layer.protocol.is_ip()
    });
    let Some((at, layer)) = inner else { return };
    let Some(offset) = layer.offset().map(|offset| offset as usize) else { return };
    let field = match layer.protocol {
        Protocol::Tcp => offset + 16,
        Protocol::Udp => offset + 6,
        _ => return,
    };
    let is_absent = layer.protocol == Protocol::Udp && bytes.get(field..field + 2) == Some(&[0, 0]);
    if !is_absent {
        let verdict = checksum::transport(decoded, at);
        delta.apply(bytes, field, verdict == ChecksumVerdict::Offloaded);
    }
}
