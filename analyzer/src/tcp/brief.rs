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
    seq_raw: u32,
    ack_raw: u32,
    payload_len: u32,
    timestamps: (u32, u32),
    flags: TcpFlags,
    window_raw: u16,
    urgent: u16,
    header_len: u8,
    options: Options,
}

/// Which options there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Options {
    None,
    /// Timestamps as nearly everybody sends them (RFC 7323, appendix A), and nothing else.
    Timestamps,
    /// Others: to be read from the frame.
    Other,
}

impl Brief {
    /// That of no segment, to be written over.
    pub const NONE: Self = Self {
        seq_raw: 0,
        ack_raw: 0,
        payload_len: 0,
        timestamps: (0, 0),
        flags: TcpFlags::empty(),
        window_raw: 0,
        urgent: 0,
        header_len: 0,
        options: Options::None,
    };

    /// Of a segment with a header of `header_len` bytes.
    #[inline(always)]
    pub fn of(ends: &Ends<'_>, header_len: u8) -> Self {
        let [_, _, _, _, n0, n1, n2, n3, a0, a1, a2, a3, o0, o1, w0, w1, _, _, u0, u1] =
            *ends.header;
        let (options, timestamps) = match ends.segment.get(MIN_HEADER..MIN_HEADER + 12) {
            _ if usize::from(header_len) == MIN_HEADER => (Options::None, (0, 0)),
            Some(&[1, 1, 8, 10, v0, v1, v2, v3, e0, e1, e2, e3])
                if usize::from(header_len) == MIN_HEADER + 12 =>
            {
                let value = u32::from_be_bytes([v0, v1, v2, v3]);
                (Options::Timestamps, (value, u32::from_be_bytes([e0, e1, e2, e3])))
            }
            _ => (Options::Other, (0, 0)),
        };
        Self {
            seq_raw: u32::from_be_bytes([n0, n1, n2, n3]),
            ack_raw: u32::from_be_bytes([a0, a1, a2, a3]),
            payload_len: ends.segment_len.saturating_sub(u32::from(header_len)),
            timestamps,
            flags: TcpFlags::from_bits_truncate(u16::from_be_bytes([o0, o1])),
            window_raw: u16::from_be_bytes([w0, w1]),
            urgent: u16::from_be_bytes([u0, u1]),
            header_len,
            options,
        }
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
        match self.options {
            Options::None => segment.options.clear(),
            Options::Timestamps => {
                segment.options.clear();
                segment.options.timestamps = Some(self.timestamps);
            }
            Options::Other => self.read_options(common.segment(frame), &mut segment.options),
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
        segment.seq_raw = SeqNumber(self.seq_raw);
        segment.ack_raw = SeqNumber(self.ack_raw);
        segment.flags = self.flags;
        segment.window_raw = self.window_raw;
        segment.urgent = self.urgent;
        segment.header_len = self.header_len;
        segment.payload_len = self.payload_len;
        (segment.is_length_known, segment.is_header_whole) = (true, true);
    }

    #[inline(never)]
    fn read_options(&self, segment: &[u8], options: &mut SegmentOptions) {
        options.clear();
        let bytes = segment.get(MIN_HEADER..usize::from(self.header_len)).unwrap_or_default();
        read_options(bytes, self.flags, options);
    }
}
