//! One rolling buffer between a reader and a format: frames borrow from it.
//!
//! Bytes are read in large pieces and handed out in place. The buffer moves its rest to the
//! front when it runs out of room, and grows only while a record larger than it really
//! arrives, so a record header that lies about its length costs no memory. It never waits
//! for more bytes than were asked for, so a slow pipe delays no frame that is complete.

use std::io::{self, Read};

/// Where the bytes of a capture come from.
pub(super) type Input = Box<dyn Read + Send>;

/// Read size at the start: large enough that the system call costs nothing per frame.
const INITIAL_SIZE: usize = 128 * 1024;

/// A window onto the bytes of a capture that moves forward only.
pub(super) struct RollingBuffer {
    input: Input,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    consumed: u64,
}

impl RollingBuffer {
    /// Nothing is read before somebody asks for bytes.
    pub(super) fn new(input: Input) -> Self {
        Self { input, bytes: vec![0; INITIAL_SIZE], start: 0, end: 0, consumed: 0 }
    }

    /// The bytes that are here already.
    #[inline]
    pub(super) fn available(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Offset of the first available byte from the start of the input.
    #[inline]
    pub(super) fn position(&self) -> u64 {
        self.consumed
    }

    /// Reads until at least `wanted` bytes are available or the input ends, and returns how
    /// many are available.
    ///
    /// # Errors
    /// What the input says; bytes that are available stay so.
    #[inline]
    pub(super) fn fill(&mut self, wanted: usize) -> io::Result<usize> {
        let here = self.end - self.start;
        if here >= wanted { Ok(here) } else { self.read_more(wanted) }
    }

    #[cold]
    fn read_more(&mut self, wanted: usize) -> io::Result<usize> {
        while self.end - self.start < wanted {
            self.make_room(wanted);
            let room = self.bytes.get_mut(self.end..).unwrap_or_default();
            match self.input.read(room) {
                Ok(0) => break,
                Ok(count) => self.end = (self.end + count).min(self.bytes.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.end - self.start)
    }

    /// Moves past bytes that are available.
    #[inline]
    pub(super) fn consume(&mut self, count: usize) {
        debug_assert!(count <= self.end - self.start, "only available bytes are consumed");
        let count = count.min(self.end - self.start);
        self.start += count;
        self.consumed += count as u64;
    }

    /// Moves past bytes without keeping them; returns how many there were before the end.
    ///
    /// # Errors
    /// What the input says.
    pub(super) fn skip(&mut self, count: u64) -> io::Result<u64> {
        let mut left = count;
        while left > 0 {
            let here = self.fill(1)? as u64;
            if here == 0 {
                break;
            }
            let step = here.min(left);
            self.consume(step as usize);
            left -= step;
        }
        Ok(count - left)
    }

    /// Bytes that were consumed last, `back` bytes behind the position: a frame's bytes are
    /// borrowed after its record was consumed.
    #[inline]
    pub(super) fn behind(&self, back: usize, len: usize) -> &[u8] {
        let from = self.start.saturating_sub(back);
        self.bytes.get(from..from.saturating_add(len).min(self.end)).unwrap_or_default()
    }

    /// Where in the buffer's bytes the position lies: what [`Self::hand_over`] gives away keeps
    /// its places.
    #[inline]
    pub(super) fn place(&self) -> usize {
        self.start
    }

    /// Gives its bytes away and goes on in `bytes`, whose content is lost; what was not yet
    /// consumed moves there.
    pub(super) fn hand_over(&mut self, bytes: &mut Vec<u8>) {
        let rest = self.bytes.get(self.start..self.end).unwrap_or_default();
        let wanted = rest.len().next_multiple_of(INITIAL_SIZE).max(INITIAL_SIZE);
        if bytes.len() < wanted {
            bytes.resize(wanted, 0);
        }
        if let Some(front) = bytes.get_mut(..rest.len()) {
            front.copy_from_slice(rest);
        }
        (self.start, self.end) = (0, rest.len());
        std::mem::swap(&mut self.bytes, bytes);
    }

    fn make_room(&mut self, wanted: usize) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.start.saturating_add(wanted) > self.bytes.len() && self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.bytes.len() {
            let doubled = self.bytes.len().saturating_mul(2);
            self.bytes.resize(doubled.min(wanted.max(self.bytes.len() + 1)), 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out one byte per read, as the slowest pipe would.
    struct Dribble(Vec<u8>);

    impl Read for Dribble {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() || into.is_empty() {
                return Ok(0);
            }
            into[0] = self.0.remove(0);
            Ok(1)
        }
    }

    #[test]
    fn waits_for_no_more_than_was_asked_for() {
        let mut buffer = RollingBuffer::new(Box::new(Dribble(vec![1, 2, 3, 4])));
        assert_eq!(buffer.fill(2).unwrap(), 2);
        assert_eq!(buffer.available(), [1, 2]);
        buffer.consume(1);
        assert_eq!(buffer.fill(9).unwrap(), 3);
        assert_eq!((buffer.available(), buffer.position()), (&[2, 3, 4][..], 1));
    }

    #[test]
    fn a_lying_length_costs_no_memory() {
        let mut buffer = RollingBuffer::new(Box::new(io::repeat(7).take(100)));
        assert_eq!(buffer.fill(128 * 1024 * 1024).unwrap(), 100);
        assert!(buffer.bytes.len() <= 2 * INITIAL_SIZE);
    }

    #[test]
    fn grows_to_a_record_larger_than_itself() {
        let size = INITIAL_SIZE * 3 + 5;
        let mut buffer = RollingBuffer::new(Box::new(io::repeat(7).take(size as u64 + 10)));
        buffer.fill(10).unwrap();
        buffer.consume(10);
        assert_eq!(buffer.fill(size).unwrap(), size);
        buffer.consume(size);
        assert_eq!(buffer.behind(size, size).len(), size);
        assert_eq!(buffer.skip(5).unwrap(), 0);
    }
}
