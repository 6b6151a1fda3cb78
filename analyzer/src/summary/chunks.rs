//! A list that grows without moving what it holds: no copy, and never room for twice as much.

/// Items per chunk.
const CHUNK: usize = 1024;

/// A growing list, in chunks of a fixed size.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chunks<T> {
    chunks: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }
}

impl<T> Chunks<T> {
    /// Number of items.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Adds an item at the end.
    pub(super) fn push(&mut self, item: T) {
        self.len += 1;
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(item),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(item);
                self.chunks.push(chunk);
            }
        }
    }

    /// The item at an index.
    #[inline]
    pub(super) fn get(&self, index: usize) -> Option<&T> {
        self.chunks.get(index / CHUNK)?.get(index % CHUNK)
    }

    /// The same, to change it.
    #[inline]
    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.chunks.get_mut(index / CHUNK)?.get_mut(index % CHUNK)
    }

    /// All items, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_stay_at_their_index_over_many_chunks() {
        let mut list = Chunks::default();
        let count = 3 * CHUNK + 5;
        for item in 0..count {
            assert_eq!(list.len(), item);
            list.push(item);
        }
        *list.get_mut(CHUNK).unwrap() += 1;
        assert_eq!(list.get(CHUNK - 1), Some(&(CHUNK - 1)));
        assert_eq!(list.get(CHUNK), Some(&(CHUNK + 1)));
        assert_eq!((list.get(count), list.iter().count()), (None, count));
    }
}
