//! The frame of a capture that shown bytes are nearest to.

use std::ops::Range;
use std::path::Path;

use super::super::error::Error;
use super::field::Fields;
use crate::evidence::FrameBytes;
use crate::frame::{Frame, LinkType};
use crate::source;

/// Dumps of one submission that are searched for; a report has a few.
pub const MOST_DUMPS: usize = 200;
/// Bytes that are compared one by one before only whole frames and named ones are looked at.
const BUDGET: u64 = 4_000_000_000;

/// One shown byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Line of the file.
    pub line: u32,
    /// Offset as the dump counts.
    pub offset: usize,
    /// Its value.
    pub byte: u8,
}

/// The bytes of a dump with their places.
#[must_use]
pub fn shown(dump: &FrameBytes) -> Vec<Shown> {
    let of_row = |row: &crate::evidence::HexRow| {
        let (line, start) = (row.line, row.offset as usize);
        let bytes = row.bytes.clone().into_iter().enumerate();
        bytes.map(move |(at, byte)| Shown { line, offset: start + at, byte })
    };
    dump.rows.iter().flat_map(of_row).collect()
}

/// A frame beside a dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// Its number.
    pub frame: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How they are framed.
    pub link_type: LinkType,
    /// Offset in the frame at which the dump begins: 0, or that of the IP header.
    pub start: usize,
    /// Shown bytes that are equal.
    pub equal: usize,
    /// Bytes on the wire.
    pub wire_len: u32,
}

/// What is looked for, and what was found so far.
#[derive(Debug)]
struct Search<'a> {
    dump: &'a FrameBytes,
    shown: Vec<Shown>,
    /// The dump begins with an IP header.
    is_ip: bool,
    nearest: Option<Nearest>,
    has_addresses: bool,
}

/// A dump's nearest frame, and whether its addresses occur in the capture together.
pub type Place = (Option<Nearest>, bool);

/// Looks for all dumps in one pass.
///
/// # Errors
/// When the capture cannot be opened. What a damaged file holds before the damage is looked at.
pub fn search(dumps: &[&FrameBytes], capture: &Path) -> Result<Vec<Place>, Error> {
    let opened = source::open(capture);
    let mut capture = opened.map_err(|cause| Error::Capture { cause: cause.to_string() })?;
    let mut searches: Vec<Search<'_>> =
        dumps.iter().take(MOST_DUMPS).map(|dump| Search::new(dump)).collect();
    let mut compared = 0;
    while let Ok(Some(frame)) = capture.next() {
        let header = Header::of(&frame);
        for search in &mut searches {
            compared += search.look_at(&frame, &header, compared > BUDGET);
        }
    }
    let mut places: Vec<Place> =
        searches.into_iter().map(|search| (search.nearest, search.has_addresses)).collect();
    places.resize(dumps.len(), (None, false));
    Ok(places)
}

impl<'a> Search<'a> {
    fn new(dump: &'a FrameBytes) -> Self {
        let shown = shown(dump);
        let first = shown.first().filter(|first| first.offset == 0);
        let is_ip = first.is_some_and(|first| matches!(first.byte, 0x45..=0x4f | 0x60))
            && !matches!(shown.get(12..14), Some([a, b]) if [a.byte, b.byte] == [8, 0]);
        Self { dump, shown, is_ip, nearest: None, has_addresses: false }
    }

    /// Compares with a frame; returns how many bytes were looked at.
    fn look_at(&mut self, frame: &Frame<'_>, header: &Header, only_named: bool) -> u64 {
        let is_named = self.dump.frame == Some(frame.number.0);
        if self.shown.is_empty() {
            if is_named {
                self.nearest = Some(Nearest::of(frame, 0, 0));
            }
            return 0;
        }
        if only_named && !is_named {
            return 0;
        }
        let start = if self.is_ip { header.start } else { 0 };
        let same = |one: &&Shown| frame.bytes.get(start + one.offset) == Some(&one.byte);
        let equal = self.shown.iter().filter(same).count();
        let before = self.nearest.as_ref().map_or(0, |nearest| nearest.equal);
        if equal > before || (equal == before && equal > 0 && is_named) {
            self.nearest = Some(Nearest::of(frame, start, equal));
        }
        self.has_addresses |= self.addresses_are_in(frame, start, &header.addresses);
        self.shown.len() as u64
    }

    /// Whether the frame's addresses stand in the dump at the same place.
    fn addresses_are_in(&self, frame: &Frame<'_>, start: usize, addresses: &Range<usize>) -> bool {
        let is_in = |one: &&Shown| addresses.contains(&(start + one.offset));
        let shown: Vec<u8> = self.shown.iter().filter(is_in).map(|one| one.byte).collect();
        !shown.is_empty() && frame.bytes.get(addresses.clone()) == Some(&shown)
    }
}

/// Where the IP header of a frame begins, and where its addresses are; both addresses of ARP.
#[derive(Debug)]
struct Header {
    start: usize,
    addresses: Range<usize>,
}

impl Header {
    fn of(frame: &Frame<'_>) -> Self {
        let fields = Fields::of(frame.bytes, frame.link_type);
        let start = ["ip.version", "ipv6.flow"].into_iter().find_map(|name| fields.range(name));
        let ends = [
            ("ip.src", "ip.dst"),
            ("ipv6.src", "ipv6.dst"),
            ("arp.src.hw_mac", "arp.dst.proto_ipv4"),
        ];
        let addresses = ends
            .into_iter()
            .find_map(|(from, to)| Some(fields.range(from)?.start..fields.range(to)?.end));
        let start = start.map_or(0, |range| range.start);
        Self { start, addresses: addresses.unwrap_or_default() }
    }
}

impl Nearest {
    fn of(frame: &Frame<'_>, start: usize, equal: usize) -> Self {
        Self {
            frame: frame.number.0,
            bytes: frame.bytes.to_vec(),
            link_type: frame.link_type,
            start,
            equal,
            wire_len: frame.wire_len,
        }
    }
}
