//! The bytes that one layer hands to the next: what was captured of them, how many were on
//! the wire, where in the frame they start.

use super::offset::FrameOffset;

/// A run of bytes waiting to be decoded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span<'a> {
    /// Captured bytes; never more than `wire_len`.
    pub bytes: &'a [u8],
    /// Bytes on the wire, by the innermost length that a header declared.
    pub wire_len: u32,
    /// Where in the frame it starts.
    pub offset: FrameOffset,
}

impl<'a> Span<'a> {
    /// The span without its first `count` bytes; its offset stays within the capture.
    #[inline]
    pub fn skip(self, count: u32) -> Self {
        Self {
            bytes: self.bytes.get(count as usize..).unwrap_or(&[]),
            wire_len: self.wire_len.saturating_sub(count),
            offset: self.offset.skip(count.min(self.captured())),
        }
    }

    /// The span cut to a declared length: padding and trailers go. A length beyond the end
    /// changes nothing, as in Wireshark.
    #[inline]
    pub fn limit(self, declared: u32) -> Self {
        if declared >= self.wire_len {
            return self;
        }
        let bytes = self.bytes.get(..declared as usize).unwrap_or(self.bytes);
        Self { bytes, wire_len: declared, ..self }
    }

    /// Captured bytes.
    #[inline]
    pub fn captured(self) -> u32 {
        u32::try_from(self.bytes.len()).unwrap_or(u32::MAX)
    }

    /// The byte at an offset.
    #[inline]
    pub fn u8(self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// The big-endian 16-bit number at an offset.
    #[inline]
    pub fn u16(self, at: usize) -> Option<u16> {
        self.array(at).map(u16::from_be_bytes)
    }

    /// The big-endian 32-bit number at an offset.
    #[inline]
    pub fn u32(self, at: usize) -> Option<u32> {
        self.array(at).map(u32::from_be_bytes)
    }

    /// `N` bytes at an offset.
    #[inline]
    pub fn array<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        self.bytes.get(at..)?.first_chunk().copied()
    }
}
