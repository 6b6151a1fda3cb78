//! Where in a frame something starts.

/// An offset in the frame, in bytes, or "not in the frame": in a datagram reassembled from
/// fragments. Four bytes, half of what an `Option<u32>` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::wire) struct FrameOffset(u32);

impl FrameOffset {
    /// The frame's first byte.
    pub const START: Self = Self(0);
    /// Not in the frame.
    pub const OUTSIDE: Self = Self(u32::MAX);

    /// An offset; the last that 32 bits can hold means outside.
    #[inline]
    pub const fn new(offset: u32) -> Self {
        Self(offset)
    }

    /// The offset in bytes; `None` outside.
    #[inline]
    pub fn get(self) -> Option<u32> {
        (self != Self::OUTSIDE).then_some(self.0)
    }

    /// So many bytes further.
    #[inline]
    pub fn skip(self, count: u32) -> Self {
        Self(self.0.saturating_add(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_back_into_the_frame() {
        assert_eq!(FrameOffset::START.skip(14).get(), Some(14));
        assert_eq!(FrameOffset::new(u32::MAX - 1).skip(7), FrameOffset::OUTSIDE);
        assert_eq!(FrameOffset::OUTSIDE.skip(1).get(), None);
    }
}
