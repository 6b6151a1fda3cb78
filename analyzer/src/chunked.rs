//! A list that grows without moving what it holds: no copy, and no moment with two lists in
//! memory, however long it gets.

/// Values per chunk. Memory that no value was written to is never touched, so that the last
/// chunk costs what it holds. So large that the chunks of what there is one of per stream stand
/// apart from all other memory, and go back to the system when they are dropped.
const LEN: usize = 1 << 18;

/// Values in chunks of [`LEN`], found by their index.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chunked<T> {
    chunks: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Chunked<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Chunked<T> {
    /// Without values.
    pub const fn new() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }

    /// How many values there are.
    #[inline]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Puts a value behind all others.
    pub fn push(&mut self, value: T) {
        if self.len.is_multiple_of(LEN) {
            self.chunks.push(Vec::with_capacity(LEN));
        }
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.push(value);
            self.len += 1;
        }
    }

    /// The value at an index.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&T> {
        self.chunks.get(index / LEN)?.get(index % LEN)
    }

    /// The same, to write to.
    #[inline]
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.chunks.get_mut(index / LEN)?.get_mut(index % LEN)
    }

    /// All values, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_where_they_were_put() {
        let mut list = Chunked::new();
        list.push(0);
        let first: *const usize = list.get(0).expect("the first value");
        for value in 1..3 * LEN {
            list.push(value);
        }
        assert_eq!(first, std::ptr::from_ref(list.get(0).expect("the first value")));
        assert!((0..3 * LEN).all(|index| list.get(index) == Some(&index)));
        assert_eq!((list.len(), list.get(3 * LEN)), (3 * LEN, None));
        assert_eq!(list.get_mut(usize::MAX), None);
        assert!(list.iter().copied().eq(0..3 * LEN));
        *list.get_mut(LEN).expect("the second chunk's first") += 1;
        assert_eq!((list.get(LEN - 1), list.get(LEN)), (Some(&(LEN - 1)), Some(&(LEN + 1))));
    }
}
