//! From traffic to a capture file.

use std::io::{self, Write};

use analyzer::frame::{Frame, FrameNumber, InterfaceId, LinkType};
use analyzer::source::write::{PcapWriter, PcapngWriter};
use analyzer::source::{CaptureStatistics, Interface, Section};
use analyzer::time::{TimePrecision, Timestamp};

use super::schedule::Traffic;

/// The kind of capture file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Classic pcap, microseconds.
    Pcap,
    /// pcapng, nanoseconds.
    Pcapng,
}

const ETHERNET: LinkType = LinkType(1);
const SNAPLEN: u32 = 262_144;
/// All traffic begins on 2023-11-14 at 22:13:20 UTC.
const BEGIN: i64 = 1_700_000_000_000_000_000;

enum Writer<W> {
    Pcap(PcapWriter<W>),
    Pcapng(PcapngWriter<W>),
}

/// Writes traffic to its end, or up to `max_frames`. Wrap a file in a `BufWriter`.
///
/// # Errors
/// What the writer says, and when the format cannot hold a frame's time.
pub fn write(
    traffic: &mut Traffic,
    format: FileFormat,
    max_frames: Option<u64>,
    out: impl Write,
) -> io::Result<()> {
    let mut writer = Writer::begin(format, out)?;
    for number in 1..=max_frames.unwrap_or(u64::MAX) {
        let Some((nanos, bytes)) = traffic.next_frame() else { break };
        let after = i64::try_from(nanos).unwrap_or(i64::MAX);
        writer.write(&Frame {
            number: FrameNumber(number),
            timestamp: Timestamp::from_nanos(BEGIN.saturating_add(after)),
            wire_len: bytes.len() as u32,
            link_type: ETHERNET,
            interface: InterfaceId(0),
            bytes,
        })?;
    }
    writer.finish()
}

impl<W: Write> Writer<W> {
    fn begin(format: FileFormat, out: W) -> io::Result<Self> {
        if format == FileFormat::Pcap {
            let precision = TimePrecision::MICROS;
            return PcapWriter::new(out, ETHERNET, SNAPLEN, precision).map(Self::Pcap);
        }
        let application = Some(String::from("generator traffic"));
        let mut writer = PcapngWriter::new(out, &Section { application, ..Section::default() })?;
        let interface = Interface {
            name: Some(String::from("eth1")),
            description: None,
            link_type: ETHERNET,
            snaplen: SNAPLEN,
            precision: TimePrecision::NANOS,
        };
        writer.add_interface(&interface, None, None)?;
        Ok(Self::Pcapng(writer))
    }

    fn write(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        match self {
            Self::Pcap(writer) => writer.write(frame),
            Self::Pcapng(writer) => writer.write(frame),
        }
    }

    fn finish(self) -> io::Result<()> {
        let nothing_known: [CaptureStatistics; 0] = [];
        match self {
            Self::Pcap(writer) => writer.finish().map(drop),
            Self::Pcapng(writer) => writer.finish(&nothing_known).map(drop),
        }
    }
}
