//! What one direction of a stream has said so far: the state that the verdicts compare with.
//!
//! 72 bytes, small and plain on purpose: two of these are most of a stream's memory, and every frame
//! reads and writes both. Names in quotes are those of the conditions in the rules.

use bitflags::bitflags;

use super::unacked::UnackedList;

bitflags! {
    /// One-bit facts about a half-stream.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) struct HalfMarks: u8 {
        /// `base` is known.
        const BASE_KNOWN = 1;
        /// Its latest segments were SYNs: the window in force is still the unscaled one.
        const WINDOW_UNSCALED = 1 << 1;
        /// A hole was seen and no ACK since: bytes in flight mean nothing.
        const FLIGHT_UNKNOWN = 1 << 2;
        /// The latest segment had PSH.
        const PUSHED = 1 << 3;
        /// The latest segment was a keep-alive.
        const KEEP_ALIVE = 1 << 4;
        /// The latest segment was a zero window probe.
        const ZERO_WINDOW_PROBE = 1 << 5;
        /// A SYN asked for Fast Open with data.
        const FAST_OPEN_DATA = 1 << 6;
        /// It has sent something, and so told a window.
        const WINDOW_TOLD = 1 << 7;
    }
}

/// Window scale of a half-stream as far as it is known.
pub(super) mod scale {
    /// Neither a shift nor its absence was seen.
    pub const UNKNOWN: i8 = -1;
    /// A SYN or SYN-ACK without the option was seen: windows are what they say.
    pub const NOT_USED: i8 = -2;
}

/// One direction of a stream. Sequence numbers are raw; 0 means "not set" for `next`,
/// `max_ack` and `last_ack`, as in Wireshark.
#[derive(Debug, Clone, Copy)]
pub(super) struct HalfStream {
    /// What relative numbers are relative to: the ISN, or one below the first number seen.
    pub base: u32,
    /// Highest sequence number seen, plus one.
    pub next: u32,
    /// How far the peer may acknowledge without acknowledging what was not captured.
    pub max_ack: u32,
    /// Acknowledgment number of its latest segment.
    pub last_ack: u32,
    /// Duplicates of its latest ACK so far; -1 after the peer's data beyond it was missed.
    pub duplicate_acks: i32,
    /// Frame that first carried `last_ack`.
    pub ack_frame: u32,
    /// Frame in which `next` last advanced.
    pub next_frame: u32,
    /// When `next` last advanced, in nanoseconds.
    pub next_time: i64,
    /// When it last sent anything, in nanoseconds.
    pub last_time: i64,
    /// What it sent and the peer has not acknowledged.
    pub unacked: UnackedList,
    /// Payload bytes since the segment after the last PSH.
    pub push_bytes: u32,
    /// Bytes in the SACK blocks of its latest segment.
    pub sacked_bytes: u32,
    /// See [`Self::window`].
    pub window_raw: u16,
    /// Shift of its windows, or one of the values in [`scale`].
    pub scale: i8,
    /// One-bit facts.
    pub marks: HalfMarks,
}

impl HalfStream {
    /// Before its first segment.
    pub const fn new() -> Self {
        Self {
            base: 0,
            next: 0,
            max_ack: 0,
            last_ack: 0,
            duplicate_acks: 0,
            ack_frame: 0,
            next_frame: 0,
            next_time: 0,
            last_time: 0,
            unacked: UnackedList::EMPTY,
            push_bytes: 0,
            sacked_bytes: 0,
            window_raw: 0,
            scale: scale::UNKNOWN,
            marks: HalfMarks::empty(),
        }
    }

    /// Window of its latest segment, as sent; `u32::MAX` before the first, as in Wireshark.
    #[inline]
    pub fn window(&self) -> u32 {
        if self.marks.contains(HalfMarks::WINDOW_TOLD) {
            u32::from(self.window_raw)
        } else {
            u32::MAX
        }
    }

    /// Sets the window.
    #[inline]
    pub fn set_window(&mut self, window: u16) {
        self.window_raw = window;
        self.marks.insert(HalfMarks::WINDOW_TOLD);
    }

    /// The base, when it is known.
    #[inline]
    pub fn known_base(&self) -> Option<u32> {
        self.marks.contains(HalfMarks::BASE_KNOWN).then_some(self.base)
    }

    /// Sets the base.
    pub fn set_base(&mut self, base: u32) {
        self.base = base;
        self.unacked.forget_span();
        self.marks.insert(HalfMarks::BASE_KNOWN);
    }
}
