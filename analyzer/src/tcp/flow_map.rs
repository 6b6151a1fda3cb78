//! The hash table from flow keys to stream numbers: open addressing over eight-byte slots.
//!
//! A slot holds half of the key's hash and the stream's number; the keys themselves stand
//! with the streams. A probe that finds another half hash never touches a stream's memory.

use super::StreamId;

const EMPTY: u64 = u64::MAX;

/// Slots of one table; the number of slots is a power of two.
#[derive(Debug)]
pub(super) struct FlowMap {
    slots: Vec<u64>,
    used: usize,
}

/// Where a look-up ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The key is known.
    Stream(StreamId),
    /// The key is new.
    Nothing,
}

impl FlowMap {
    /// A table with room for a few hundred streams.
    pub fn new() -> Self {
        Self { slots: vec![EMPTY; 1024], used: 0 }
    }

    /// The stream of a key, by its hash and a test of a stream's own key.
    pub fn find(&self, hash: u64, is_same: impl Fn(StreamId) -> bool) -> Found {
        match self.probe(hash, is_same) {
            Some((_, id)) => Found::Stream(id),
            None => Found::Nothing,
        }
    }

    /// Makes a key point at a stream: a new one, or the successor of the one it points at.
    pub fn point(&mut self, hash: u64, id: StreamId, is_same: impl Fn(StreamId) -> bool) {
        let slot = slot_of(hash, id);
        if let Some((index, _)) = self.probe(hash, is_same) {
            if let Some(place) = self.slots.get_mut(index) {
                *place = slot;
            }
            return;
        }
        self.insert(hash, slot);
        self.used += 1;
    }

    /// True when the next new key needs a larger table.
    pub fn is_full(&self) -> bool {
        self.used * 4 >= self.slots.len() * 3
    }

    /// Doubles the table; `hash_of` gives back each stream's hash.
    pub fn grow(&mut self, hash_of: impl Fn(StreamId) -> u64) {
        let old = std::mem::take(&mut self.slots);
        self.slots = vec![EMPTY; old.len() * 2];
        for slot in old.into_iter().filter(|slot| *slot != EMPTY) {
            self.insert(hash_of(StreamId(slot as u32)), slot);
        }
    }

    fn insert(&mut self, hash: u64, slot: u64) {
        let mask = self.slots.len() - 1;
        let mut index = hash as usize & mask;
        for _ in 0..self.slots.len() {
            match self.slots.get_mut(index) {
                Some(place) if *place == EMPTY => {
                    *place = slot;
                    return;
                }
                _ => index = (index + 1) & mask,
            }
        }
        debug_assert!(false, "a table is grown before it is full");
    }

    fn probe(&self, hash: u64, is_same: impl Fn(StreamId) -> bool) -> Option<(usize, StreamId)> {
        let mask = self.slots.len() - 1;
        let tag = hash >> 32;
        let mut index = hash as usize & mask;
        for _ in 0..self.slots.len() {
            let slot = *self.slots.get(index)?;
            if slot == EMPTY {
                return None;
            }
            let id = StreamId(slot as u32);
            if slot >> 32 == tag && is_same(id) {
                return Some((index, id));
            }
            index = (index + 1) & mask;
        }
        None
    }
}

fn slot_of(hash: u64, id: StreamId) -> u64 {
    hash & 0xffff_ffff_0000_0000 | u64::from(id.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_after_growth_even_when_all_hashes_collide() {
        let hash = 0xffff_ffff_1234_5678;
        let mut map = FlowMap::new();
        for id in 0..2000 {
            if map.is_full() {
                map.grow(|_| hash);
            }
            assert_eq!(map.find(hash, |other| other.0 == id), Found::Nothing);
            map.point(hash, StreamId(id), |other| other.0 == id);
        }
        for id in 0..2000 {
            assert_eq!(map.find(hash, |other| other.0 == id), Found::Stream(StreamId(id)));
        }
    }

    #[test]
    fn a_successor_takes_the_place_of_the_old_stream() {
        let mut map = FlowMap::new();
        map.point(7, StreamId(0), |_| true);
        map.point(7, StreamId(1), |_| true);
        assert_eq!(map.find(7, |_| true), Found::Stream(StreamId(1)));
        assert_eq!(map.used, 1);
    }
}
