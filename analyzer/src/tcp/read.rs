//! From a decoded TCP layer to a [`Segment`]: copies the facts out of the frame.

use super::{Endpoint, Flow, SackBlock, Segment, SegmentOptions, SeqNumber, TcpFlags};
use crate::frame::Frame;
use crate::wire::tcp::field;
use crate::wire::tcp_options::{TcpOption, TcpOptions, sack_blocks};
use crate::wire::{Decoded, IpView, Layer, Protocol};

/// Header bytes without options.
const FIXED_HEADER: usize = 20;

/// A TCP layer with enough of its header to be a segment.
#[derive(Debug, Clone, Copy)]
pub struct SegmentSource<'d, 'a> {
    layer: &'d Layer<'a>,
    source: Endpoint,
    destination: Endpoint,
    /// Up to the window.
    start: &'a [u8; field::WINDOW.end],
    is_first_fragment: bool,
}

impl<'d, 'a> SegmentSource<'d, 'a> {
    /// The TCP layer at `index`. Needs the header up to its window (16 bytes), which is what
    /// Wireshark reads before it opens a stream; what was cut behind that is 0 or absent. `None`
    /// for other layers, shorter headers, and TCP without IP above it.
    #[inline(always)]
    pub fn at(decoded: &'d Decoded<'a>, index: usize) -> Option<Self> {
        let layer = decoded.layers.get(index)?;
        if layer.protocol != Protocol::Tcp {
            return None;
        }
        let start: &[u8; field::WINDOW.end] = layer.bytes.first_chunk()?;
        let (ip, is_first_fragment) = (decoded.ip_above(index)?, decoded.is_first_fragment(index));
        let [s0, s1, d0, d1, ..] = *start;
        let (source, destination) = endpoints_of(ip, [s0, s1, d0, d1]);
        Some(Self { layer, source, destination, start, is_first_fragment })
    }

    /// The same for the layers of a common frame whose segment's flow is known; `None` where the
    /// flow does not tell the endpoints.
    #[inline(always)]
    pub(crate) fn in_flow(decoded: &'d Decoded<'a>, flow: &Flow) -> Option<Self> {
        let (source, destination) = flow.endpoints()?;
        let layer = decoded.layers.last()?;
        let start = layer.bytes.first_chunk()?;
        Some(Self { layer, source, destination, start, is_first_fragment: false })
    }

    /// The layer.
    #[inline]
    pub fn layer(&self) -> &'d Layer<'a> {
        self.layer
    }

    /// What the segment says.
    pub fn read(&self, frame: &Frame<'_>) -> Segment {
        let mut segment = Segment::blank();
        self.read_into(frame, &mut segment);
        segment
    }

    /// The same where another segment stands: it is too large to be moved.
    #[inline(always)]
    pub(crate) fn read_into(&self, frame: &Frame<'_>, segment: &mut Segment) {
        let [_, _, _, _, n0, n1, n2, n3, a0, a1, a2, a3, o0, o1, w0, w1] = *self.start;
        segment.frame = frame.number;
        segment.timestamp = frame.timestamp;
        (segment.source, segment.destination) = (self.source, self.destination);
        segment.seq_raw = SeqNumber(u32::from_be_bytes([n0, n1, n2, n3]));
        segment.ack_raw = SeqNumber(u32::from_be_bytes([a0, a1, a2, a3]));
        segment.flags = TcpFlags::from_bits_truncate(u16::from_be_bytes([o0, o1]));
        segment.window_raw = u16::from_be_bytes([w0, w1]);
        segment.urgent = match self.layer.bytes.get(field::URGENT) {
            Some(&[u0, u1]) => u16::from_be_bytes([u0, u1]),
            _ => 0,
        };
        let header_len = (o0 >> 4) * 4;
        segment.header_len = header_len;
        segment.is_length_known = !self.layer.is_quoted
            && self.layer.wire_len >= u32::from(header_len)
            && !self.is_first_fragment;
        segment.payload_len = match segment.is_length_known {
            true => self.layer.wire_len - u32::from(header_len),
            false => 0,
        };
        segment.is_header_whole = usize::from(header_len) >= FIXED_HEADER
            && self.layer.bytes.len() >= usize::from(header_len);
        segment.options.clear();
        if usize::from(header_len) > FIXED_HEADER {
            let options = self.layer.header().get(FIXED_HEADER..).unwrap_or(&[]);
            read_options(options, segment.flags, &mut segment.options);
        }
    }
}

/// Sender and receiver of a TCP segment, from its IP header and its two ports.
#[inline(always)]
pub(super) fn endpoints_of(ip: IpView<'_>, ports: [u8; 4]) -> (Endpoint, Endpoint) {
    let [s0, s1, d0, d1] = ports;
    let (from, to) = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
    match ip {
        IpView::V4(ip) => {
            (Endpoint::new(ip.source().into(), from), Endpoint::new(ip.destination().into(), to))
        }
        IpView::V6(ip) => {
            (Endpoint::new(ip.source().into(), from), Endpoint::new(ip.destination().into(), to))
        }
    }
}

/// The options that matter to the analysis; of repeated ones the last counts.
#[inline]
pub(super) fn read_options(bytes: &[u8], flags: TcpFlags, options: &mut SegmentOptions) {
    // The layout that nearly every segment after the handshake has (RFC 7323, appendix A): two
    // bytes of padding and the timestamps. And that of Linux's SYNs: MSS, SACK permitted,
    // timestamps, one byte of padding, window scale. Shorter, and the same in effect.
    match bytes.as_chunks() {
        ([[1, 1, 8, 10], value, echo], []) => {
            let (value, echo) = (u32::from_be_bytes(*value), u32::from_be_bytes(*echo));
            options.timestamps = Some((value, echo));
        }
        ([[2, 4, high, low], [4, 2, 8, 10], value, echo, [1, 3, 3, shift]], []) => {
            let (value, echo) = (u32::from_be_bytes(*value), u32::from_be_bytes(*echo));
            options.mss = Some(u16::from_be_bytes([*high, *low]));
            options.sack_permitted = true;
            options.timestamps = Some((value, echo));
            options.window_scale = Some(*shift);
        }
        _ => read_any_options(bytes, flags, options),
    }
}

fn read_any_options(bytes: &[u8], flags: TcpFlags, options: &mut SegmentOptions) {
    for option in TcpOptions::new(bytes) {
        match option.meaning() {
            TcpOption::MaximumSegmentSize(bytes) => options.mss = Some(bytes),
            TcpOption::WindowScale(shift) => options.window_scale = Some(shift),
            TcpOption::SackPermitted => options.sack_permitted = true,
            TcpOption::Sack(data) => {
                options.sack.clear();
                for (left, right) in sack_blocks(data).take(options.sack.capacity()) {
                    options.sack.push(SackBlock { left: SeqNumber(left), right: SeqNumber(right) });
                }
            }
            TcpOption::Timestamps(value, echo) => options.timestamps = Some((value, echo)),
            TcpOption::FastOpen(cookie) if flags.contains(TcpFlags::SYN) => {
                options.fast_open_cookie_len = u8::try_from(cookie.len()).ok();
            }
            TcpOption::Multipath(_) => options.has_mptcp = true,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_short_way_reads_what_the_long_one_reads(
            mut bytes in prop::collection::vec(any::<u8>(), 0..40),
            layout in 0..3,
            flags in any::<u16>(),
        ) {
            if layout == 1 {
                bytes.resize(12, 7);
                bytes[..4].copy_from_slice(&[1, 1, 8, 10]);
            } else if layout == 2 {
                bytes.resize(20, 7);
                bytes[..2].copy_from_slice(&[2, 4]);
                bytes[4..8].copy_from_slice(&[4, 2, 8, 10]);
                bytes[16..19].copy_from_slice(&[1, 3, 3]);
            }
            let flags = TcpFlags::from_bits_truncate(flags);
            let (mut short, mut long) = (SegmentOptions::default(), SegmentOptions::default());
            read_options(&bytes, flags, &mut short);
            read_any_options(&bytes, flags, &mut long);
            prop_assert_eq!(format!("{short:?}"), format!("{long:?}"));
        }
    }
}
