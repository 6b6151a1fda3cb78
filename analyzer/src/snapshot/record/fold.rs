//! Hashes: of payloads, of directions, and of what is not kept row by row.

use sha2::{Digest, Sha256};

use super::super::model::Fold;
use super::row::Raw;

/// The first 16 hex digits of a hash.
pub(super) fn short(hash: Sha256) -> String {
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The same of some bytes; empty for none.
pub(super) fn of_bytes(bytes: &[u8]) -> String {
    if bytes.is_empty() { String::new() } else { short(Sha256::new_with_prefix(bytes)) }
}

/// Adds everything of a row that is no time and no verdict.
pub(super) fn hash_row(hash: &mut Sha256, row: &Raw) {
    let numbers = [
        row.seq.map_or(0, |seq| u64::from(seq) + 1),
        row.ack.map_or(0, |ack| u64::from(ack) + 1),
        u64::from(row.len),
        row.captured.map_or(0, |captured| u64::from(captured) + 1),
        u64::from(row.window),
        u64::from(row.urgent),
        u64::from(row.flags.bits()),
        u64::from(row.bad_checksum),
    ];
    numbers.iter().for_each(|number| hash.update(number.to_be_bytes()));
    for text in [&row.sha256, &row.options, &row.ip] {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
}

/// Things that are not kept one by one.
#[derive(Debug)]
pub(super) struct Folding {
    first: u64,
    last: u64,
    count: u64,
    bytes: u64,
    longest_gap: f64,
    /// What the things themselves are added to.
    pub hash: Sha256,
}

impl Folding {
    /// Nothing yet; the first thing is going to be in `frame`.
    pub fn from(frame: u64) -> Self {
        let hash = Sha256::new();
        Self { first: frame, last: frame, count: 0, bytes: 0, longest_gap: 0.0, hash }
    }

    /// Counts one.
    pub fn add(&mut self, frame: u64, bytes: u32, gap: f64) {
        self.last = frame;
        self.count += 1;
        self.bytes += u64::from(bytes);
        self.longest_gap = self.longest_gap.max(gap);
    }

    /// What is said of them.
    pub fn finish(self) -> Fold {
        Fold {
            frames: (self.first, self.last),
            count: self.count,
            bytes: self.bytes,
            longest_gap: self.longest_gap,
            sha256: short(self.hash),
        }
    }
}
