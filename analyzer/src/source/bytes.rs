//! Integers of a capture file, in the byte order of the machine that wrote it.

/// Byte order of a file or section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    /// Least significant byte first: what PCs write.
    Little,
    /// Most significant byte first.
    Big,
}

impl ByteOrder {
    /// Two bytes at `at`; 0 when they are not there (callers check lengths once, before).
    #[inline]
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> u16 {
        let Some(raw) = bytes.get(at..).and_then(|rest| rest.first_chunk::<2>()) else { return 0 };
        match self {
            Self::Little => u16::from_le_bytes(*raw),
            Self::Big => u16::from_be_bytes(*raw),
        }
    }

    /// Four bytes at `at`; 0 when they are not there.
    #[inline]
    pub(super) fn u32(self, bytes: &[u8], at: usize) -> u32 {
        let Some(raw) = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()) else { return 0 };
        match self {
            Self::Little => u32::from_le_bytes(*raw),
            Self::Big => u32::from_be_bytes(*raw),
        }
    }

    /// Four numbers in a row.
    #[inline]
    pub(super) fn words(self, bytes: &[u8; 16]) -> [u32; 4] {
        let (words, _) = bytes.as_chunks::<4>();
        let &[a, b, c, d] = words else { return [0; 4] };
        match self {
            Self::Little => [a, b, c, d].map(u32::from_le_bytes),
            Self::Big => [a, b, c, d].map(u32::from_be_bytes),
        }
    }

    /// Eight bytes at `at`, as one number; 0 when they are not there.
    #[inline]
    pub(super) fn u64(self, bytes: &[u8], at: usize) -> u64 {
        let Some(raw) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) else { return 0 };
        match self {
            Self::Little => u64::from_le_bytes(*raw),
            Self::Big => u64::from_be_bytes(*raw),
        }
    }

    /// Eight bytes at `at` as pcapng stores times: the high half first, each half in the
    /// section's byte order.
    pub(super) fn high_low(self, bytes: &[u8], at: usize) -> u64 {
        u64::from(self.u32(bytes, at)) << 32 | u64::from(self.u32(bytes, at + 4))
    }
}
