//! A segment in short: what its whole header says, copied out where its frame is first looked
//! at, so that nobody has to look at the frame again.

use super::flow_key::Flow;
use super::read::read_options;
use super::segment::SegmentOptions;
use super::{Endpoint, Segment, SeqNumber, TcpFlags};
use crate::frame::Frame;
use crate::wire::tcp::MIN_HEADER;
use crate::wire::{CommonFrame, Ends};

/// The header of a segment whose frame is a common one: it was captured whole, and its length is
/// known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Brief {
    /// Sequence number.
    pub seq_raw: SeqNumber,
    /// Acknowledgment number, meaningful with ACK.
    pub ack_raw: SeqNumber,
    /// Payload bytes.
    pub payload_len: u32,
    /// Window as sent.
    pub window_raw: u16,
    /// All twelve flag bits.
    pub flags: TcpFlags,
    header_len: u8,
    options: Options,
}

/// Which options there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Options {
    None,
    /// Timestamps as nearly everybody sends them (RFC 7323, appendix A), and nothing else.
    Timestamps,
    Other,
}

/// Where the urgent pointer stands in a header.
const AT_URGENT: usize = 18;

/// Length of [`Options::Timestamps`], and what they begin with: two fillers, kind and length.
const TIMESTAMPS: usize = 12;
const TIMESTAMPS_BEGIN: [u8; 4] = [1, 1, 8, 10];

impl Brief {
    /// That of no segment, to be written over.
    pub const NONE: Self = Self {
        seq_raw: SeqNumber(0),
        ack_raw: SeqNumber(0),
        payload_len: 0,
        window_raw: 0,
        flags: TcpFlags::empty(),
        header_len: 0,
        options: Options::None,
    };

    /// Of a segment with a header of `header_len` bytes.
    #[inline(always)]
    pub fn of(ends: &Ends<'_>, header_len: u8) -> Self {
        let [_, _, _, _, n0, n1, n2, n3, a0, a1, a2, a3, o0, o1, w0, w1, ..] = *ends.header;
        let options = match usize::from(header_len) - MIN_HEADER {
            0 => Options::None,
            TIMESTAMPS if begins_with_timestamps(ends.segment) => Options::Timestamps,
            _ => Options::Other,
        };
        Self {
            seq_raw: SeqNumber(u32::from_be_bytes([n0, n1, n2, n3])),
            ack_raw: SeqNumber(u32::from_be_bytes([a0, a1, a2, a3])),
            payload_len: ends.segment_len - u32::from(header_len),
            window_raw: u16::from_be_bytes([w0, w1]),
            flags: TcpFlags::from_bits_truncate(u16::from_be_bytes([o0, o1])),
            header_len,
            options,
        }
    }

    /// Of a segment that was captured whole.
    #[cfg(test)]
    pub fn of_segment(segment: &Segment) -> Self {
        let options = &segment.options;
        let is_telling = options.window_scale.is_some() || !options.sack.is_empty();
        Self {
            seq_raw: segment.seq_raw,
            ack_raw: segment.ack_raw,
            payload_len: segment.payload_len,
            window_raw: segment.window_raw,
            flags: segment.flags,
            header_len: segment.header_len,
            options: if is_telling { Options::Other } else { Options::None },
        }
    }

    /// True when the analysis could learn something from the options.
    #[inline(always)]
    pub fn has_telling_options(&self) -> bool {
        self.options == Options::Other
    }

    /// Writes what [`SegmentSource`](super::SegmentSource) reads from the layers of the same
    /// frame where another segment stands. `None` where the flow does not tell the endpoints.
    #[inline(always)]
    pub fn write(
        &self,
        frame: &Frame<'_>,
        common: CommonFrame,
        flow: &Flow,
        segment: &mut Segment,
    ) -> Option<()> {
        let (source, destination) = flow.endpoints()?;
        self.write_between(source, destination, frame, segment);
        let bytes = common.segment(frame);
        segment.urgent = match bytes.get(AT_URGENT..).and_then(<[u8]>::first_chunk) {
            Some(urgent) => u16::from_be_bytes(*urgent),
            None => 0,
        };
        segment.options.clear();
        match self.options {
            Options::None => {}
            Options::Timestamps => segment.options.timestamps = timestamps(bytes),
            Options::Other => self.read_options(bytes, &mut segment.options),
        }
        Some(())
    }

    #[inline(always)]
    fn write_between(
        &self,
        source: Endpoint,
        destination: Endpoint,
        frame: &Frame<'_>,
        segment: &mut Segment,
    ) {
        segment.frame = frame.number;
        segment.timestamp = frame.timestamp;
        (segment.source, segment.destination) = (source, destination);
        (segment.seq_raw, segment.ack_raw) = (self.seq_raw, self.ack_raw);
        segment.flags = self.flags;
        segment.window_raw = self.window_raw;
        segment.header_len = self.header_len;
        segment.payload_len = self.payload_len;
        (segment.is_length_known, segment.is_header_whole) = (true, true);
    }

    #[inline(never)]
    fn read_options(&self, segment: &[u8], options: &mut SegmentOptions) {
        let bytes = segment.get(MIN_HEADER..usize::from(self.header_len)).unwrap_or_default();
        read_options(bytes, self.flags, options);
    }
}

#[inline(always)]
fn begins_with_timestamps(segment: &[u8]) -> bool {
    let options = segment.get(MIN_HEADER..).and_then(<[u8]>::first_chunk);
    options.is_some_and(|begin| *begin == TIMESTAMPS_BEGIN)
}

/// TSval and TSecr of [`Options::Timestamps`].
#[inline(always)]
fn timestamps(segment: &[u8]) -> Option<(u32, u32)> {
    let &[v0, v1, v2, v3, e0, e1, e2, e3] = segment.get(MIN_HEADER + 4..)?.first_chunk()?;
    Some((u32::from_be_bytes([v0, v1, v2, v3]), u32::from_be_bytes([e0, e1, e2, e3])))
}
