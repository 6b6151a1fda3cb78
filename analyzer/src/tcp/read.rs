//! From a decoded TCP layer to a [`Segment`]: copies the facts out of the frame.

use super::{Endpoint, SackBlock, Segment, SegmentOptions, SeqNumber, TcpFlags};
use crate::frame::Frame;
use crate::wire::tcp::field;
use crate::wire::tcp_options::{TcpOption, TcpOptions, sack_blocks};
use crate::wire::{Decoded, IpView, Protocol};

/// Header bytes without options.
const FIXED_HEADER: usize = 20;

impl Segment {
    /// The segment of the TCP layer at `index`. Needs the header up to its window (16 bytes),
    /// which is what Wireshark reads before it opens a stream; what was cut behind that is 0
    /// or absent. `None` for other layers, shorter headers, and TCP without IP above it.
    #[inline]
    pub fn from_layer(frame: &Frame<'_>, decoded: &Decoded<'_>, index: usize) -> Option<Self> {
        let layer = decoded.layers.get(index)?;
        if layer.protocol != Protocol::Tcp {
            return None;
        }
        let padded;
        let header = match layer.bytes.first_chunk() {
            Some(header) => header,
            None => {
                padded = pad_cut_header(layer.bytes)?;
                &padded
            }
        };
        let ip = decoded.ip_above(index)?;
        let [s0, s1, d0, d1, n0, n1, n2, n3, a0, a1, a2, a3, o0, o1, w0, w1, _, _, u0, u1] =
            *header;
        let (source_port, port) = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([d0, d1]));
        let (source, destination) = endpoints(ip, source_port, port);
        let header_len = (o0 >> 4) * 4;
        let is_length_known = !layer.is_quoted
            && layer.wire_len >= u32::from(header_len)
            && !is_first_fragment(decoded, index);
        let payload_len = match is_length_known {
            true => layer.wire_len - u32::from(header_len),
            false => 0,
        };
        let flags = TcpFlags::from_bits_truncate(u16::from_be_bytes([o0, o1]));
        let options = layer.header().get(FIXED_HEADER..).unwrap_or(&[]);
        Some(Self {
            frame: frame.number,
            timestamp: frame.timestamp,
            source,
            destination,
            seq_raw: SeqNumber(u32::from_be_bytes([n0, n1, n2, n3])),
            ack_raw: SeqNumber(u32::from_be_bytes([a0, a1, a2, a3])),
            flags,
            window_raw: u16::from_be_bytes([w0, w1]),
            urgent: u16::from_be_bytes([u0, u1]),
            header_len,
            payload_len,
            is_length_known,
            is_header_whole: usize::from(header_len) >= FIXED_HEADER
                && layer.bytes.len() >= usize::from(header_len),
            options: read_options(options, flags),
        })
    }
}

/// A header that was cut after its window, with zeroes for what is not there.
#[cold]
fn pad_cut_header(bytes: &[u8]) -> Option<[u8; FIXED_HEADER]> {
    let captured: &[u8; field::WINDOW.end] = bytes.first_chunk()?;
    let mut header = [0; FIXED_HEADER];
    header.first_chunk_mut().map(|start| *start = *captured)?;
    Some(header)
}

/// Sender and receiver.
#[inline]
fn endpoints(ip: IpView<'_>, source: u16, destination: u16) -> (Endpoint, Endpoint) {
    let (from, to) = ip.addresses();
    (Endpoint::new(from, source), Endpoint::new(to, destination))
}

/// True when the layer is what a fragment holds of it, because the datagram can't be
/// reassembled: how long it really is, nobody knows.
fn is_first_fragment(decoded: &Decoded<'_>, index: usize) -> bool {
    let above = decoded.layers.get(..index).unwrap_or(&[]);
    let is_whole = decoded.layers.get(index).is_none_or(|layer| layer.offset().is_none());
    if is_whole {
        return false;
    }
    for layer in above.iter().rev() {
        match layer.protocol {
            Protocol::Ipv4 => return layer.bytes.get(6).is_some_and(|flags| flags & 0x20 != 0),
            Protocol::Ipv6Fragment => {
                return layer.bytes.get(3).is_some_and(|flags| flags & 1 != 0);
            }
            Protocol::Ipv6 => return false,
            _ => {}
        }
    }
    false
}

/// The options that matter to the analysis; of repeated ones the last counts.
#[inline]
fn read_options(bytes: &[u8], flags: TcpFlags) -> SegmentOptions {
    match *bytes {
        [] => SegmentOptions::default(),
        // The layout that nearly every segment after the handshake has (RFC 7323, appendix A):
        // two bytes of padding and the timestamps. Shorter, and the same in effect.
        [1, 1, 8, 10, v0, v1, v2, v3, e0, e1, e2, e3] => SegmentOptions {
            timestamps: Some((
                u32::from_be_bytes([v0, v1, v2, v3]),
                u32::from_be_bytes([e0, e1, e2, e3]),
            )),
            ..SegmentOptions::default()
        },
        _ => read_any_options(bytes, flags),
    }
}

fn read_any_options(bytes: &[u8], flags: TcpFlags) -> SegmentOptions {
    let mut options = SegmentOptions::default();
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
    options
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_short_way_reads_what_the_long_one_reads(
            mut bytes in prop::collection::vec(any::<u8>(), 0..40),
            has_usual_start in any::<bool>(),
            flags in any::<u16>(),
        ) {
            if has_usual_start {
                bytes.resize(12, 7);
                bytes[..4].copy_from_slice(&[1, 1, 8, 10]);
            }
            let flags = TcpFlags::from_bits_truncate(flags);
            let (short, long) = (read_options(&bytes, flags), read_any_options(&bytes, flags));
            prop_assert_eq!(format!("{short:?}"), format!("{long:?}"));
        }
    }
}
