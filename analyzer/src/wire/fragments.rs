//! Reassembly of IP datagrams from their fragments, as Wireshark does it by default, in
//! bounded memory.
//!
//! Where fragments overlap, the bytes of the fragment with the lower offset win. Like
//! Wireshark, the table does not age by the capture's clock, which may jump; the datagrams
//! that waited longest go when there are too many or too large ones. Fragments are few, so
//! the table is a plain list.

use std::collections::VecDeque;
use std::net::IpAddr;

/// Datagrams kept at once.
const MAX_DATAGRAMS: usize = 1024;
/// Bytes of fragments kept at once, [`PIECE_OVERHEAD`] counted.
const MAX_BYTES: usize = 16 << 20;
/// What a fragment costs besides its bytes, so that empty ones cost too.
const PIECE_OVERHEAD: usize = 64;
/// Bytes of the largest datagram: what a 16-bit length can say, plus a jumbo's slack.
const MAX_DATAGRAM: u32 = 1 << 17;
/// Fragments of one datagram: its largest size in the smallest pieces.
const MAX_PIECES: usize = 8192;

/// What the fragments of one datagram have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FragmentKey {
    pub source: IpAddr,
    pub destination: IpAddr,
    pub id: u32,
    pub protocol: u8,
    /// The outermost VLAN, where addresses are only unique within one; otherwise 0.
    pub vlan: u16,
}

/// One fragment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    /// Of its first byte in the datagram's payload.
    pub offset: u32,
    pub bytes: &'a [u8],
    pub is_last: bool,
}

/// A datagram of which fragments are missing.
#[derive(Debug)]
struct Datagram {
    key: FragmentKey,
    /// Offset and bytes, sorted by offset, in order of arrival where offsets are equal.
    pieces: Vec<(u32, Vec<u8>)>,
    /// Bytes that `pieces` cost.
    stored: usize,
    /// End of the fragment that was marked the last.
    total: Option<u32>,
}

/// The datagrams under way and the one completed last.
#[derive(Debug, Default)]
pub(super) struct FragmentTable {
    datagrams: VecDeque<Datagram>,
    stored: usize,
    completed: Vec<u8>,
}

impl FragmentTable {
    /// Adds a fragment; true when it completes its datagram: see [`Self::completed`].
    pub fn add(&mut self, key: FragmentKey, piece: Piece<'_>) -> bool {
        let end = piece.offset.saturating_add(u32::try_from(piece.bytes.len()).unwrap_or(u32::MAX));
        if end > MAX_DATAGRAM {
            return false;
        }
        let mut datagram = match self.datagrams.iter().position(|d| d.key == key) {
            Some(at) => match self.datagrams.remove(at) {
                Some(found) => found,
                None => return false,
            },
            None => Datagram::new(key),
        };
        self.stored -= datagram.stored;
        datagram.add(piece, end);
        if datagram.join(&mut self.completed) {
            return true;
        }
        if datagram.pieces.len() <= MAX_PIECES {
            self.stored += datagram.stored;
            self.datagrams.push_back(datagram);
        }
        self.evict();
        false
    }

    /// The payload of the datagram that the last successful [`Self::add`] completed.
    pub fn completed(&self) -> &[u8] {
        &self.completed
    }

    /// Drops the datagrams that waited longest until the table is within its bounds.
    fn evict(&mut self) {
        while self.datagrams.len() > MAX_DATAGRAMS || self.stored > MAX_BYTES {
            let Some(dropped) = self.datagrams.pop_front() else { return };
            self.stored -= dropped.stored;
        }
    }
}

impl Datagram {
    fn new(key: FragmentKey) -> Self {
        Self { key, pieces: Vec::new(), stored: 0, total: None }
    }

    fn add(&mut self, piece: Piece<'_>, end: u32) {
        if piece.is_last && self.total.is_none() {
            self.total = Some(end);
        }
        let at = self.pieces.partition_point(|(offset, _)| *offset <= piece.offset);
        self.pieces.insert(at, (piece.offset, piece.bytes.to_vec()));
        self.stored += piece.bytes.len() + PIECE_OVERHEAD;
    }

    /// Copies the datagram's payload to `whole` when no byte of it is missing.
    fn join(&self, whole: &mut Vec<u8>) -> bool {
        let Some(total) = self.total else { return false };
        let total = total as usize;
        let mut reached = 0;
        for (offset, bytes) in &self.pieces {
            let offset = *offset as usize;
            if offset > reached {
                break;
            }
            reached = reached.max(offset + bytes.len());
        }
        if reached < total {
            return false;
        }
        whole.clear();
        // Bytes beyond the end that the last fragment declared belong to it, in Wireshark too.
        for (offset, bytes) in self.pieces.iter().take_while(|(at, _)| *at as usize <= reached) {
            let known = whole.len().saturating_sub(*offset as usize);
            whole.extend_from_slice(bytes.get(known..).unwrap_or(&[]));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: u32) -> FragmentKey {
        let [source, destination] = [1, 2].map(|host| IpAddr::from([10, 0, 0, host]));
        FragmentKey { source, destination, id, protocol: 17, vlan: 0 }
    }

    #[test]
    fn empty_fragments_cost_memory_too() {
        let mut table = FragmentTable::default();
        for id in 0..200_000 {
            let piece = Piece { offset: 8, bytes: &[], is_last: false };
            assert!(!table.add(key(id % 64), piece));
        }
        let kept: usize = table.datagrams.iter().map(|datagram| datagram.pieces.len()).sum();
        assert!(kept * PIECE_OVERHEAD <= MAX_BYTES, "{kept} fragments kept");
        assert_eq!(kept * PIECE_OVERHEAD, table.stored);
    }
}
