//! What is kept of a capture to tell where it comes from.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crate::frame::Frame;
use crate::source::{self, CaptureStatistics, FrameSource};
use crate::wire::checksum::{self, ChecksumVerdict};
use crate::wire::tcp_options::{TcpOption, cut_tsval};
use crate::wire::{Decoded, Decoder, IpView, Protocol, TcpView};

/// Frames that are looked at; the rest of a longer capture is not needed to recognise it.
pub const MOST_FRAMES: u64 = 50_000;

/// Payload shorter than this is the same in too many captures to be kept.
const LEAST_PAYLOAD: usize = 16;

/// SYN, in the flags of a TCP header.
pub(super) const SYN: u16 = 0x02;

/// A capture, as far as its origin can be told from it.
#[derive(Debug, Clone)]
pub struct Trace {
    /// The file.
    pub file: PathBuf,
    /// Frames in the capture, or [`MOST_FRAMES`] when there are more.
    pub frames: u64,
    /// True when there are more frames than were looked at.
    pub is_cut: bool,
    pub(super) packets: Vec<Packet>,
    pub(super) streams: u32,
    pub(super) steps_back: Vec<StepBack>,
    pub(super) statistics: CaptureStatistics,
    pub(super) sections: usize,
    pub(super) applications: Vec<String>,
}

/// One TCP segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet {
    pub frame: u64,
    /// Nanoseconds since the epoch.
    pub time: i64,
    pub stream: u32,
    /// True from the endpoint that the stream's first frame came from.
    pub is_forward: bool,
    pub ports: (u16, u16),
    pub sequence: u32,
    pub acknowledgment: u32,
    pub flags: u16,
    /// Payload bytes on the wire.
    pub payload: u32,
    /// Hash of the captured payload, when it is long enough to say anything.
    pub payload_hash: Option<u64>,
    /// TSval and TSecr; TSecr is none when the capture cut it.
    pub clock: Option<(u32, Option<u32>)>,
    /// Largest segment that a SYN announces.
    pub segment_limit: Option<u16>,
    /// Identification of an IPv4 header.
    pub ip_id: Option<u16>,
    /// Sent by a system that counts identifications for each connection alone, as far as it
    /// looks so: Linux begins with 64 hops and forbids fragments, and so do few others.
    pub counts_alone: bool,
    pub sum: Sum,
}

/// What the checksums of a segment and of its IP header are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sum {
    /// Both are right.
    Right,
    /// The TCP checksum was left to the network card.
    LeftToCard,
    /// One is wrong.
    Wrong { is_ip: bool, found: u16, expected: u16 },
    /// It cannot be told.
    Unknown,
}

/// A frame with an earlier time than the one before it on the same interface.
#[derive(Debug, Clone, Copy)]
pub(super) struct StepBack {
    pub frames: (u64, u64),
    pub nanos: i64,
}

type StreamKey = ((IpAddr, u16), (IpAddr, u16));

/// A stream while it is read: its number, and the endpoint that spoke first.
#[derive(Debug, Clone, Copy)]
struct OpenStream {
    number: u32,
    first: (IpAddr, u16),
    has_data: bool,
}

#[derive(Debug, Default)]
struct Reader {
    streams: HashMap<StreamKey, OpenStream>,
    count: u32,
    packets: Vec<Packet>,
    latest: HashMap<u32, (u64, i64)>,
    steps_back: Vec<StepBack>,
}

impl Trace {
    /// Reads a capture file, `-` for standard input.
    ///
    /// # Errors
    /// When it cannot be opened, or is damaged before its first frame. What was read before
    /// later damage is kept.
    pub fn read(path: &Path) -> source::Result<Self> {
        let mut capture = source::open(path)?;
        Self::from_source(path, &mut *capture)
    }

    /// The same from a source that is open; `path` names it.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn from_source(path: &Path, capture: &mut dyn FrameSource) -> source::Result<Self> {
        let mut reader = Reader::default();
        let mut decoder = Decoder::new();
        let (mut frames, mut is_cut) = (0, false);
        loop {
            match capture.next() {
                Ok(Some(_)) if frames == MOST_FRAMES => is_cut = true,
                Ok(Some(frame)) => {
                    frames += 1;
                    reader.note_time(&frame);
                    let decoded = decoder.decode(&frame);
                    reader.note(&frame, &decoded);
                    continue;
                }
                Ok(None) => {}
                Err(error) if frames == 0 => return Err(error),
                Err(_) => {}
            }
            break;
        }
        Ok(Self {
            file: path.to_owned(),
            frames,
            is_cut,
            packets: reader.packets,
            streams: reader.count,
            steps_back: reader.steps_back,
            statistics: capture.statistics(),
            sections: capture.sections().len(),
            applications: applications(capture),
        })
    }

    /// True when the capture holds no TCP, so that nothing can be said of its origin.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    /// The segments of one half-stream after the other, each in the order of the capture.
    pub(super) fn half_streams(&self) -> Vec<Vec<&Packet>> {
        let mut halves = vec![Vec::new(); self.streams as usize * 2];
        for packet in &self.packets {
            let index = packet.stream as usize * 2 + usize::from(!packet.is_forward);
            if let Some(half) = halves.get_mut(index) {
                half.push(packet);
            }
        }
        halves
    }
}

fn applications(capture: &dyn FrameSource) -> Vec<String> {
    capture.sections().iter().filter_map(|section| section.application.clone()).collect()
}

impl Reader {
    fn note_time(&mut self, frame: &Frame<'_>) {
        /// More are not needed to show it.
        const ENOUGH: usize = 1000;
        let (number, time) = (frame.number.0, frame.timestamp.as_nanos());
        let before = self.latest.insert(frame.interface.0, (number, time));
        if let Some((earlier, latest)) = before
            && time < latest
            && self.steps_back.len() < ENOUGH
        {
            let nanos = latest.wrapping_sub(time);
            self.steps_back.push(StepBack { frames: (earlier, number), nanos });
        }
    }

    fn note(&mut self, frame: &Frame<'_>, decoded: &Decoded<'_>) {
        let packet = decoded.tcp_index().and_then(|index| self.packet(frame, decoded, index));
        self.packets.extend(packet);
    }

    fn packet(&mut self, frame: &Frame<'_>, decoded: &Decoded<'_>, index: usize) -> Option<Packet> {
        let layer = decoded.layers.get(index)?;
        let tcp = TcpView::from_layer(layer)?;
        let ip = decoded.ip_above(index)?;
        let (from, to) = ip.addresses();
        let ports = (tcp.source_port(), tcp.destination_port());
        let payload = layer.payload_wire_len();
        let (stream, is_forward) =
            self.stream((from, ports.0), (to, ports.1), tcp.flags(), payload);
        let ip_id = match ip {
            IpView::V4(ip) => Some(ip.id()),
            IpView::V6(_) => None,
        };
        Some(Packet {
            frame: frame.number.0,
            time: frame.timestamp.as_nanos(),
            stream,
            is_forward,
            ports,
            sequence: tcp.sequence(),
            acknowledgment: tcp.acknowledgment(),
            flags: tcp.flags(),
            payload,
            payload_hash: hash_of(layer.payload(), payload),
            clock: clock(&tcp, layer.header()),
            segment_limit: segment_limit(&tcp),
            ip_id,
            counts_alone: matches!(ip, IpView::V4(ip) if ip.ttl() <= 64 && ip.flags() & 2 != 0),
            sum: sum(decoded, index, &tcp, ip),
        })
    }

    /// The stream's number and whether the segment comes from its first speaker. A SYN after
    /// data begins another stream on the same ports.
    fn stream(
        &mut self,
        from: (IpAddr, u16),
        to: (IpAddr, u16),
        flags: u16,
        payload: u32,
    ) -> (u32, bool) {
        let key = if from <= to { (from, to) } else { (to, from) };
        let fresh = OpenStream { number: self.count, first: from, has_data: false };
        let open = self.streams.entry(key).or_insert(fresh);
        let is_plain_syn = flags & (SYN | 0x10) == SYN;
        if is_plain_syn && open.has_data {
            *open = fresh;
        }
        if open.number == self.count {
            self.count += 1;
        }
        open.has_data |= payload > 0;
        (open.number, open.first == from)
    }
}

fn hash_of(captured: &[u8], wire_len: u32) -> Option<u64> {
    let is_whole = captured.len() == wire_len as usize;
    (is_whole && captured.len() >= LEAST_PAYLOAD).then(|| {
        let mut hasher = DefaultHasher::new();
        captured.hash(&mut hasher);
        hasher.finish()
    })
}

fn clock(tcp: &TcpView<'_>, header: &[u8]) -> Option<(u32, Option<u32>)> {
    let whole = tcp.options().find_map(|option| match option.meaning() {
        TcpOption::Timestamps(value, echo) => Some((value, Some(echo))),
        _ => None,
    });
    whole.or_else(|| cut_tsval(header).map(|value| (value, None)))
}

fn segment_limit(tcp: &TcpView<'_>) -> Option<u16> {
    tcp.options().find_map(|option| match option.meaning() {
        TcpOption::MaximumSegmentSize(limit) => Some(limit),
        _ => None,
    })
}

fn sum(decoded: &Decoded<'_>, index: usize, tcp: &TcpView<'_>, ip: IpView<'_>) -> Sum {
    let header = decoded
        .layers
        .get(..index)
        .and_then(|above| above.iter().rfind(|layer| layer.protocol == Protocol::Ipv4));
    if let (Some(layer), IpView::V4(view)) = (header, ip)
        && let ChecksumVerdict::Bad { expected } = checksum::ipv4_header(layer)
        && view.checksum() != 0
    {
        return Sum::Wrong { is_ip: true, found: view.checksum(), expected };
    }
    match checksum::transport(decoded, index) {
        ChecksumVerdict::Good => Sum::Right,
        ChecksumVerdict::Offloaded => Sum::LeftToCard,
        ChecksumVerdict::Bad { expected } => {
            let found = tcp.checksum();
            let is_left = found == 0 || found == sum_without_length(ip);
            if is_left { Sum::LeftToCard } else { Sum::Wrong { is_ip: false, found, expected } }
        }
        ChecksumVerdict::Absent | ChecksumVerdict::NotChecked(_) => Sum::Unknown,
    }
}

/// What stands in the field of a segment that the card cuts into pieces: the sum of the
/// pseudo-header without the length, which differs from piece to piece.
fn sum_without_length(ip: IpView<'_>) -> u16 {
    const TCP: u32 = 6;
    let (from, to) = ip.addresses();
    let words = |address: IpAddr| -> u32 {
        let pairs = match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        pairs
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0, |sum, &b| sum << 8 | u32::from(b)))
            .sum()
    };
    let mut total = TCP + words(from) + words(to);
    while total > 0xffff {
        total = (total & 0xffff) + (total >> 16);
    }
    u16::try_from(total).unwrap_or_default()
}
