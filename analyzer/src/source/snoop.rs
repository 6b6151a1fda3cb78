//! snoop: what Solaris records (RFC 1761). Big-endian, microseconds, records padded to four
//! bytes.

use super::bytes::ByteOrder;
use super::reading::{Reading, Record, max_record_len};
use super::{FrameSource, Interface, Result};
use crate::frame::{Frame, InterfaceId, LinkType};
use crate::time::{TimePrecision, Timestamp};

/// First bytes of the file.
pub(super) const MAGIC: [u8; 8] = *b"snoop\0\0\0";
const FILE_HEADER: usize = 16;
const RECORD_HEADER: usize = 24;

/// Reads snoop files, versions 2 and up.
pub(super) struct SnoopSource {
    reading: Reading,
    interfaces: [Interface; 1],
    /// Bytes between the last frame and the next record.
    padding: u64,
}

impl SnoopSource {
    /// Reads the file header, whose magic was seen already.
    ///
    /// # Errors
    /// [`super::Error::Damaged`] when it is cut or of a network that has no link type.
    pub(super) fn new(mut reading: Reading) -> Result<Self> {
        let here = reading.fill(FILE_HEADER)?;
        if here < FILE_HEADER {
            return Err(reading.cut(0, "the snoop file header", FILE_HEADER as u64, here as u64));
        }
        let header = reading.buffer.available();
        let (version, network) = (ByteOrder::Big.u32(header, 8), ByteOrder::Big.u32(header, 12));
        if !(2..=5).contains(&version) {
            return Err(reading.damaged(8, format!("snoop version {version}; 2 to 5 can be read")));
        }
        let Some(link_type) = link_type(network) else {
            let reason = format!("snoop network type {network}, which is not known here");
            return Err(reading.damaged(12, reason));
        };
        reading.buffer.consume(FILE_HEADER);
        let interface = Interface {
            name: None,
            description: None,
            link_type,
            snaplen: 0,
            precision: TimePrecision::MICROS,
        };
        Ok(Self { reading, interfaces: [interface], padding: 0 })
    }

    fn record(&mut self) -> Result<Option<Record>> {
        let [Interface { link_type, .. }] = &self.interfaces;
        let link_type = *link_type;
        // A frame does not wait for its padding, and the last record may lack it.
        self.reading.skip(self.padding)?;
        let offset = self.reading.buffer.position();
        let here = self.reading.fill(RECORD_HEADER)?;
        if here == 0 {
            self.reading.end();
            return Ok(None);
        }
        if here < RECORD_HEADER {
            let needed = RECORD_HEADER as u64;
            return Err(self.reading.cut(offset, "a record header", needed, here as u64));
        }
        let header = self.reading.buffer.available();
        let field = |at| ByteOrder::Big.u32(header, at);
        let (wire_len, captured_len, record_len) = (field(0), field(4), field(8));
        let nanos = i64::from(field(20)) * 1_000;
        let timestamp = Timestamp::from_nanos(i64::from(field(16)) * 1_000_000_000 + nanos);
        let most = max_record_len(link_type);
        let least = u64::from(captured_len) + RECORD_HEADER as u64;
        let padding = u64::from(record_len).checked_sub(least);
        let (true, Some(padding)) = (captured_len <= most, padding) else {
            let reason = format!(
                "a record of {record_len} bytes claims {captured_len} bytes of data, at most {most}"
            );
            return Err(self.reading.damaged(offset, reason));
        };
        let captured_len = captured_len as usize;
        let total = RECORD_HEADER + captured_len;
        let here = self.reading.fill(total)?;
        if here < total {
            let here = (here - RECORD_HEADER) as u64;
            return Err(self.reading.cut(offset, "a record", captured_len as u64, here));
        }
        self.reading.buffer.consume(total);
        self.padding = padding;
        Ok(Some(Record {
            back: captured_len,
            captured_len,
            wire_len,
            timestamp,
            link_type,
            interface: InterfaceId(0),
        }))
    }
}

/// The link type of a DLPI network type.
fn link_type(network: u32) -> Option<LinkType> {
    match network {
        0 | 4 => Some(LinkType(1)),
        2 => Some(LinkType(6)),
        8 => Some(LinkType(10)),
        26 => Some(LinkType(226)),
        _ => None,
    }
}

impl FrameSource for SnoopSource {
    fn next(&mut self) -> Result<Option<Frame<'_>>> {
        if self.reading.has_ended() {
            return Ok(None);
        }
        Ok(self.record()?.map(|record| self.reading.frame(record)))
    }

    fn may_wait(&self) -> bool {
        let here = self.reading.buffer.available();
        let record = usize::try_from(self.padding).ok().and_then(|padding| here.get(padding..));
        let Some(record) = record.filter(|record| record.len() >= RECORD_HEADER) else {
            return true;
        };
        record.len() - RECORD_HEADER < ByteOrder::Big.u32(record, 4) as usize
    }

    fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    fn format(&self) -> &'static str {
        "snoop"
    }
}
