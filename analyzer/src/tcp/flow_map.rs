//! The hash table from flow keys to stream numbers: open addressing over eight-byte slots.
//!
//! A slot holds the key's hash and the stream's number; the keys themselves stand with the
//! streams. A probe that finds another hash never touches a stream's memory, and neither does
//! growth: the place of a slot follows from the hash in it.

use super::StreamId;

/// No slot of a stream: its upper half is no hash, because those have 31 bits.
const EMPTY: u64 = u64::MAX;

/// Slots of one table; the number of slots is a power of two, and at most half of them are used:
/// a probe then looks at 1.5 slots at most on average, and at 2.5 if it were three quarters.
#[derive(Debug)]
pub(super) struct FlowMap {
    slots: Vec<u64>,
    used: usize,
}

impl FlowMap {
    /// A table with room for a few hundred streams.
    pub fn new() -> Self {
        Self { slots: vec![EMPTY; 1024], used: 0 }
    }

    /// Reads the slot where the search for a hash begins, and asks nothing: see
    /// [`StreamTable::touch`](super::StreamTable::touch).
    #[inline]
    pub fn touch(&self, hash: u32) -> u64 {
        let place = hash as usize & (self.slots.len() - 1);
        self.slots.get(place).copied().unwrap_or(EMPTY)
    }

    /// The first stream whose key has this hash: as a rule the only one.
    #[inline]
    pub fn first(&self, hash: u32) -> Option<StreamId> {
        self.probe(hash as usize, hash).map(|(_, id)| id)
    }

    /// All streams whose keys have this hash.
    pub fn with_hash(&self, hash: u32) -> impl Iterator<Item = StreamId> + '_ {
        self.places_with_hash(hash).map(|(_, id)| id)
    }

    /// Makes a new key point at a stream.
    pub fn insert(&mut self, hash: u32, id: StreamId) {
        if self.used * 2 >= self.slots.len() {
            self.grow();
        }
        self.insert_slot(slot_of(hash, id));
        self.used += 1;
    }

    /// Makes the key that points at a stream point at its successor.
    pub fn replace(&mut self, hash: u32, old: StreamId, id: StreamId) {
        let place = self.places_with_hash(hash).find(|(_, found)| *found == old);
        if let Some(place) = place.and_then(|(index, _)| self.slots.get_mut(index)) {
            *place = slot_of(hash, id);
        }
    }

    /// Doubles the table.
    fn grow(&mut self) {
        let twice = vec![EMPTY; self.slots.len() * 2];
        let old = std::mem::replace(&mut self.slots, twice);
        for slot in old.into_iter().filter(|slot| *slot != EMPTY) {
            self.insert_slot(slot);
        }
    }

    fn insert_slot(&mut self, slot: u64) {
        let mask = self.slots.len() - 1;
        let mut index = (slot >> 32) as usize & mask;
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

    fn places_with_hash(&self, hash: u32) -> impl Iterator<Item = (usize, StreamId)> + '_ {
        let first = self.probe(hash as usize, hash);
        std::iter::successors(first, move |(index, _)| self.probe(index + 1, hash))
    }

    /// The next slot with a hash, from a place on and around, before the first empty one; the
    /// table is never full, so that there is one.
    #[inline]
    fn probe(&self, from: usize, hash: u32) -> Option<(usize, StreamId)> {
        let mask = self.slots.len() - 1;
        let mut index = from & mask;
        loop {
            let slot = *self.slots.get(index)?;
            if (slot >> 32) as u32 == hash {
                return Some((index, StreamId(slot as u32)));
            }
            if slot == EMPTY {
                return None;
            }
            index = (index + 1) & mask;
        }
    }
}

fn slot_of(hash: u32, id: StreamId) -> u64 {
    u64::from(hash) << 32 | u64::from(id.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_found_after_growth_even_when_all_hashes_collide() {
        for hash in [0x1234_5678, u32::MAX >> 1] {
            let mut map = FlowMap::new();
            for id in 0..2000 {
                map.insert(hash, StreamId(id));
            }
            let mut found: Vec<_> = map.with_hash(hash).map(|id| id.0).collect();
            found.sort_unstable();
            assert!(found.into_iter().eq(0..2000));
            assert_eq!(map.with_hash(hash - 1).next(), None);
        }
    }

    #[test]
    fn a_successor_takes_the_place_of_the_old_stream() {
        let mut map = FlowMap::new();
        for id in [0, 1, 2].map(StreamId) {
            map.insert(7, id);
        }
        map.replace(7, StreamId(1), StreamId(9));
        assert_eq!(map.with_hash(7).collect::<Vec<_>>(), [0, 9, 2].map(StreamId));
        assert_eq!(map.used, 3);
    }
}
