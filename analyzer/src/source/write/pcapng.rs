//! Writes pcapng: one section, nanoseconds, little-endian, statistics at the end
//! (draft-ietf-opsawg-pcapng).

use std::io::{self, Write};

use crate::frame::{Frame, InterfaceId};
use crate::source::{CaptureStatistics, Interface, Section};
use crate::time::Timestamp;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
const INTERFACE_STATISTICS: u32 = 5;
/// if_tsresol: 10 to the power of minus nine.
const NANOSECONDS: u8 = 9;

/// Writes frames of any number of interfaces.
pub struct PcapngWriter<W> {
    out: W,
    interfaces: u32,
    latest: Timestamp,
    block: Vec<u8>,
}

impl<W: Write> PcapngWriter<W> {
    /// Writes the section header with what is known about the recording machine.
    ///
    /// # Errors
    /// What the writer says.
    pub fn new(out: W, section: &Section) -> io::Result<Self> {
        let mut writer =
            Self { out, interfaces: 0, latest: Timestamp::default(), block: Vec::new() };
        writer.begin(SECTION_HEADER);
        writer.put(&0x1a2b_3c4d_u32.to_le_bytes());
        writer.put(&1_u16.to_le_bytes());
        writer.put(&0_u16.to_le_bytes());
        writer.put(&u64::MAX.to_le_bytes());
        writer.text(1, section.comment.as_deref());
        writer.text(2, section.hardware.as_deref());
        writer.text(3, section.os.as_deref());
        writer.text(4, section.application.as_deref());
        writer.end()?;
        Ok(writer)
    }

    /// Describes an interface; its frames may follow. `filter` is the capture filter, `os` the
    /// operating system of the machine that the interface is in.
    ///
    /// # Errors
    /// What the writer says.
    pub fn add_interface(
        &mut self,
        interface: &Interface,
        filter: Option<&str>,
        os: Option<&str>,
    ) -> io::Result<InterfaceId> {
        self.begin(INTERFACE_DESCRIPTION);
        self.put(&interface.link_type.0.to_le_bytes());
        self.put(&[0; 2]);
        self.put(&interface.snaplen.to_le_bytes());
        self.text(2, interface.name.as_deref());
        self.text(3, interface.description.as_deref());
        self.option(9, &[&[NANOSECONDS]]);
        if let Some(filter) = filter {
            // The first byte says that it is text in libpcap's language.
            self.option(11, &[&[0], filter.as_bytes()]);
        }
        self.text(12, os);
        self.end()?;
        let id = InterfaceId(self.interfaces);
        self.interfaces += 1;
        Ok(id)
    }

    /// Writes one frame.
    ///
    /// # Errors
    /// What the writer says; and when the frame's interface was not added, or its time lies
    /// before 1970 or after 2554, which nanoseconds of pcapng cannot hold.
    pub fn write(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        self.write_with_comment(frame, None)
    }

    /// Writes one frame with a comment on it (`frame.comment` in Wireshark).
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_with_comment(
        &mut self,
        frame: &Frame<'_>,
        comment: Option<&str>,
    ) -> io::Result<()> {
        let invalid = |text| Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        if frame.interface.0 >= self.interfaces {
            let (number, index, known) = (frame.number, frame.interface.0, self.interfaces);
            return invalid(format!("frame {number}: interface {index} of {known} interfaces"));
        }
        let Some(ticks) = ticks(frame.timestamp) else {
            let (number, time) = (frame.number, frame.timestamp);
            return invalid(format!("frame {number}: nanosecond pcapng has no time {time}"));
        };
        let stored = u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX);
        let wire_len = frame.wire_len.saturating_add(frame.link_type.pseudo_header_len());
        self.begin(ENHANCED_PACKET);
        self.put(&frame.interface.0.to_le_bytes());
        self.put_time(ticks);
        self.put(&stored.to_le_bytes());
        self.put(&wire_len.to_le_bytes());
        self.put(frame.bytes);
        self.pad();
        self.text(1, comment);
        self.end()?;
        self.latest = self.latest.max(frame.timestamp);
        Ok(())
    }

    /// Writes what got lost on each interface, in the order in which they were added, flushes,
    /// and gives the writer back.
    ///
    /// # Errors
    /// What the writer says.
    pub fn finish(mut self, statistics: &[CaptureStatistics]) -> io::Result<W> {
        let latest = ticks(self.latest).unwrap_or_default();
        for (index, known) in (0..self.interfaces).zip(statistics) {
            self.begin(INTERFACE_STATISTICS);
            self.put(&index.to_le_bytes());
            self.put_time(latest);
            self.count(4, known.received);
            self.count(5, known.dropped_by_interface);
            self.count(7, known.dropped_by_kernel);
            self.end()?;
        }
        self.out.flush()?;
        Ok(self.out)
    }

    /// Hands on what the writer below has buffered.
    ///
    /// # Errors
    /// What the writer says.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn begin(&mut self, block_type: u32) {
        self.block.clear();
        self.put(&block_type.to_le_bytes());
        self.put(&[0; 4]);
    }

    fn put(&mut self, bytes: &[u8]) {
        self.block.extend_from_slice(bytes);
    }

    fn put_time(&mut self, ticks: u64) {
        self.put(&((ticks >> 32) as u32).to_le_bytes());
        self.put(&(ticks as u32).to_le_bytes());
    }

    fn pad(&mut self) {
        self.block.resize(self.block.len().next_multiple_of(4), 0);
    }

    /// An option from the parts of its value. Values above 65,535 bytes are cut: the format
    /// has 16 bits for their length.
    fn option(&mut self, code: u16, parts: &[&[u8]]) {
        let whole: usize = parts.iter().map(|part| part.len()).sum();
        let length = u16::try_from(whole).unwrap_or(u16::MAX);
        self.put(&code.to_le_bytes());
        self.put(&length.to_le_bytes());
        let end = self.block.len() + usize::from(length);
        for part in parts {
            self.put(part);
        }
        self.block.truncate(end);
        self.pad();
    }

    fn text(&mut self, code: u16, text: Option<&str>) {
        if let Some(text) = text {
            self.option(code, &[text.as_bytes()]);
        }
    }

    fn count(&mut self, code: u16, count: Option<u64>) {
        if let Some(count) = count {
            self.option(code, &[&count.to_le_bytes()]);
        }
    }

    /// Sets both lengths and writes the block. Options need no end mark when the block ends.
    fn end(&mut self) -> io::Result<()> {
        let len = u32::try_from(self.block.len() + 4).unwrap_or(u32::MAX).to_le_bytes();
        if let Some(field) = self.block.get_mut(4..8) {
            field.copy_from_slice(&len);
        }
        self.put(&len);
        self.out.write_all(&self.block)
    }
}

/// Nanoseconds since the epoch, where 64 bits can hold them.
fn ticks(time: Timestamp) -> Option<u64> {
    let (seconds, nanos) = time.as_parts();
    u64::try_from(seconds).ok()?.checked_mul(1_000_000_000)?.checked_add(u64::from(nanos))
}
