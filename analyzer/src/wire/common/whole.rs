//! The most common of the common frames, quicker still: Ethernet without a tag, IPv4, captured
//! whole. What they are, [`CommonFrame::with_ends`] says, too; here it is found out with fewer
//! questions. The tests hold both against each other.

use super::{CommonFrame, ETHERNET, Ends, IPV4, MAX_WIRE_LEN, Shape, TCP};
use crate::frame::Frame;
use crate::wire::{IpView, Ipv4View};

/// All headers without options.
const HEADERS: usize = (ETHERNET + IPV4 + TCP) as usize;

/// EtherType, IP version and header length, of the four bytes that begin with the EtherType.
const BEGINS: u32 = 0x0800_4500;
const BEGINS_MASK: u32 = 0xffff_ff00;

/// The number of TCP and no fragment ("don't fragment" and the reserved bit do not count), of the
/// four bytes that begin with the flags.
const CARRIES: u32 = 0x0000_0006;
const CARRIES_MASK: u32 = 0x3fff_00ff;

impl CommonFrame {
    /// What [`Self::with_ends`] answers, for such a frame; `None` for all others.
    #[inline(always)]
    pub(crate) fn of_whole<'a>(frame: &Frame<'a>) -> Option<(Self, Ends<'a>)> {
        let Frame { bytes, wire_len, .. } = *frame;
        let head: &[u8; HEADERS] = bytes.first_chunk()?;
        let (begins, carries) = (word_at::<12>(head)?, word_at::<20>(head)?);
        let is_one = begins & BEGINS_MASK == BEGINS
            && carries & CARRIES_MASK == CARRIES
            && frame.link_type.0 == super::LINK_ETHERNET
            && bytes.len() == wire_len as usize
            && wire_len <= MAX_WIRE_LEN;
        if !is_one {
            return None;
        }
        let (_, packet) = bytes.split_first_chunk::<{ ETHERNET as usize }>()?;
        let (ip, rest) = packet.split_first_chunk::<{ IPV4 as usize }>()?;
        let segment_len = u16::from_be_bytes([head[16], head[17]]).checked_sub(IPV4 as u16)?;
        let segment = rest.get(..usize::from(segment_len))?;
        let header: &[u8; TCP as usize] = segment.first_chunk()?;
        let tcp_len = (header[12] >> 4) * 4;
        if u32::from(tcp_len) < TCP || u16::from(tcp_len) > segment_len {
            return None;
        }
        let ip = IpView::V4(Ipv4View::of(ip));
        let common = Self { shape: Shape::V4, tcp_len, segment_len };
        Some((common, Ends { ip, header, segment, segment_len: segment_len.into() }))
    }
}

/// Four bytes, read at once.
#[inline(always)]
fn word_at<const AT: usize>(head: &[u8; HEADERS]) -> Option<u32> {
    head.get(AT..)?.first_chunk().map(|word| u32::from_be_bytes(*word))
}
