//! Writes classic pcap: one link type, micro- or nanoseconds, little-endian.

use std::io::{self, Write};

use crate::frame::{Frame, LinkType};
use crate::time::TimePrecision;

/// Writes frames of one link type.
pub struct PcapWriter<W> {
    out: W,
    link_type: LinkType,
    is_nanos: bool,
    record: Vec<u8>,
}

impl<W: Write> PcapWriter<W> {
    /// Writes the file header. More than six digits of precision make it a nanosecond file;
    /// `snaplen` is the longest frame in bytes.
    ///
    /// # Errors
    /// What the writer says.
    pub fn new(
        mut out: W,
        link_type: LinkType,
        snaplen: u32,
        precision: TimePrecision,
    ) -> io::Result<Self> {
        let is_nanos = precision.as_digits() > 6;
        let magic: u32 = if is_nanos { 0xa1b2_3c4d } else { 0xa1b2_c3d4 };
        let mut header = Vec::with_capacity(24);
        header.extend_from_slice(&magic.to_le_bytes());
        header.extend_from_slice(&2_u16.to_le_bytes());
        header.extend_from_slice(&4_u16.to_le_bytes());
        header.extend_from_slice(&[0; 8]);
        header.extend_from_slice(&snaplen.to_le_bytes());
        header.extend_from_slice(&u32::from(link_type.0).to_le_bytes());
        out.write_all(&header)?;
        Ok(Self { out, link_type, is_nanos, record: Vec::new() })
    }

    /// Writes one frame.
    ///
    /// # Errors
    /// What the writer says; and when the frame has another link type than the file, or a
    /// time that pcap cannot hold (before 1970, after 2106).
    pub fn write(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        if frame.link_type != self.link_type {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!(
                    "frame {}: link type {} in a pcap file of link type {}; write pcapng instead",
                    frame.number, frame.link_type.0, self.link_type.0
                ),
            ));
        }
        let (seconds, nanos) = frame.timestamp.as_parts();
        let seconds = u32::try_from(seconds).map_err(|_| {
            let text = format!("frame {}: pcap has no time {}", frame.number, frame.timestamp);
            io::Error::new(io::ErrorKind::InvalidInput, text)
        })?;
        let fraction = if self.is_nanos { nanos } else { nanos / 1000 };
        let stored = u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX);
        let wire_len = frame.wire_len.saturating_add(frame.link_type.pseudo_header_len());
        self.record.clear();
        for field in [seconds, fraction, stored, wire_len] {
            self.record.extend_from_slice(&field.to_le_bytes());
        }
        self.record.extend_from_slice(frame.bytes);
        self.out.write_all(&self.record)
    }

    /// Flushes and gives the writer back.
    ///
    /// # Errors
    /// What the writer says.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}
