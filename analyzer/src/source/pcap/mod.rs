//! Classic pcap: one header, then records (draft-ietf-opsawg-pcap).
//!
//! Both byte orders, micro- and nanoseconds, and the dialects that carry the same or a
//! similar magic number (see [`variant`]). One interface, numbered 0.

use std::ops::ControlFlow;

use self::variant::{Fields, FileHeader, Layout};
use super::bytes::ByteOrder;
use super::reading::{Reading, Record, believable, max_record_len};
use super::{Batch, FrameSource, Interface, Result};
use crate::frame::{Frame, InterfaceId, LinkType};
use crate::time::TimePrecision;

pub(super) mod variant;

/// Reads classic pcap.
pub(super) struct PcapSource {
    reading: Reading,
    layout: Option<Layout>,
    header: FileHeader,
    link_type: LinkType,
    max_len: u32,
    interfaces: [Interface; 1],
}

/// The oldest major version that readers know; Wireshark refuses lower ones and takes any
/// higher one.
const OLDEST_MAJOR: u16 = 2;

impl PcapSource {
    /// Reads the file header, whose magic number was seen already.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the header is cut or says something that no pcap says.
    pub(super) fn new(mut reading: Reading, header: FileHeader) -> Result<Self> {
        let needed = header.len();
        let here = reading.fill(needed)?;
        if here < needed {
            return Err(reading.cut(0, "the pcap file header", needed as u64, here as u64));
        }
        let bytes = reading.buffer.available();
        let order = header.order;
        let (major, minor) = (order.u16(bytes, 4), order.u16(bytes, 6));
        if major < OLDEST_MAJOR {
            let reason = format!(
                "version {major}.{minor} is not supported; pcap files have version 2.4 (Wireshark \
                 reads none below {OLDEST_MAJOR}.0 either)"
            );
            return Err(reading.damaged(4, reason));
        }
        let (snaplen, network) = (order.u32(bytes, 16), order.u32(bytes, 20));
        let header = header.with_version(minor, snaplen, network);
        let Some(link_type) = header.link_type(network) else {
            let reason = format!("the link type 0x{network:08x} has reserved bits set");
            return Err(reading.damaged(20, reason));
        };
        reading.buffer.consume(needed);
        let precision = if header.is_nanos { TimePrecision::NANOS } else { TimePrecision::MICROS };
        let interface = Interface { name: None, description: None, link_type, snaplen, precision };
        let max_len = max_record_len(link_type);
        let interfaces = [interface];
        Ok(Self { reading, layout: None, header, link_type, max_len, interfaces })
    }

    /// The next record, consumed from the buffer; `None` at the end.
    fn record(&mut self) -> Result<Option<Record>> {
        let layout = match self.layout {
            Some(layout) => layout,
            None => self.choose_layout()?,
        };
        let header_len = layout.header_len();
        let offset = self.reading.buffer.position();
        let here = self.reading.fill(header_len)?;
        if here == 0 {
            self.reading.end();
            return Ok(None);
        }
        if here < header_len {
            return Err(self.reading.cut(
                offset,
                "a record header",
                header_len as u64,
                here as u64,
            ));
        }
        let header = self.reading.buffer.available().first_chunk().copied().unwrap_or_default();
        let fields = self.header.fields(&header);
        if fields.captured_len > self.max_len {
            let reason = format!(
                "a record claims {} bytes, more than the {} that this link type allows",
                fields.captured_len, self.max_len
            );
            return Err(self.reading.damaged(offset, reason));
        }
        let captured_len = fields.captured_len as usize;
        let total = header_len + captured_len;
        let here = self.reading.fill(total)?;
        if here < total {
            let here = (here - header_len) as u64;
            return Err(self.reading.cut(offset, "a record", captured_len as u64, here));
        }
        Ok(Some(self.consume(layout, &fields)))
    }

    /// The record whose header was read and whose bytes are all there.
    #[inline]
    fn consume(&mut self, layout: Layout, fields: &Fields) -> Record {
        let captured_len = fields.captured_len as usize;
        self.reading.buffer.consume(layout.header_len() + captured_len);
        Record {
            back: captured_len,
            captured_len,
            wire_len: fields.wire_len,
            timestamp: self.header.timestamp(fields),
            link_type: self.link_type,
            interface: InterfaceId(0),
        }
    }

    /// The next record header, when it and the bytes behind it are here and make sense.
    #[inline]
    fn at_hand(&self, layout: Layout) -> Option<Fields> {
        let here = self.reading.buffer.available();
        let fields = self.header.fields(here.first_chunk()?);
        let total = layout.header_len() + fields.captured_len as usize;
        (fields.captured_len <= self.max_len && total <= here.len()).then_some(fields)
    }

    /// Puts every record that is here and makes sense into the batch. There is one copy for
    /// each byte order, so that no record asks for it.
    fn take_at_hand<const IS_BIG: bool>(&mut self, layout: Layout, batch: &mut Batch) {
        let order = if IS_BIG { ByteOrder::Big } else { ByteOrder::Little };
        let mut header = self.header;
        header.order = order;
        let (link_type, max_len) = (self.link_type, self.max_len);
        let (pseudo_header_len, header_len) = (link_type.pseudo_header_len(), layout.header_len());
        let reading = &mut self.reading;
        let start = reading.buffer.place();
        let here = reading.buffer.available();
        let mut at = 0;
        let records = std::iter::from_fn(|| {
            let fields = header.fields(here.get(at..)?.first_chunk()?);
            let captured_len = fields.captured_len as usize;
            let end = at + header_len + captured_len;
            if fields.captured_len > max_len || end > here.len() {
                return None;
            }
            at = end;
            let record = Record {
                back: captured_len,
                captured_len,
                wire_len: believable(fields.wire_len, pseudo_header_len),
                timestamp: header.timestamp(&fields),
                link_type,
                interface: InterfaceId(0),
            };
            Some((record, start + end - captured_len))
        });
        batch.extend(records);
        reading.pass(at, batch.len() as u64 - 1);
    }

    /// Looks at the first records to see which dialect they are written in, as their magic
    /// number does not say.
    fn choose_layout(&mut self) -> Result<Layout> {
        let mut wanted = 16;
        let layout = loop {
            let here = self.reading.fill(wanted)?;
            match self.header.recognise(self.reading.buffer.available(), here < wanted) {
                ControlFlow::Break(layout) => break layout,
                ControlFlow::Continue(more) => wanted = more.max(here + 1),
            }
        };
        self.layout = Some(layout);
        Ok(layout)
    }
}

impl FrameSource for PcapSource {
    fn next(&mut self) -> Result<Option<Frame<'_>>> {
        if self.reading.has_ended() {
            return Ok(None);
        }
        Ok(self.record()?.map(|record| self.reading.frame(record)))
    }

    fn next_batch(&mut self, batch: &mut Batch) -> Result<()> {
        self.reading.begin(batch);
        if self.reading.has_ended() {
            return Ok(());
        }
        let Some(first) = self.record()? else { return Ok(()) };
        self.reading.put(first, batch);
        match (self.layout, self.header.order) {
            (None, _) => {}
            (Some(layout), ByteOrder::Little) => self.take_at_hand::<false>(layout, batch),
            (Some(layout), ByteOrder::Big) => self.take_at_hand::<true>(layout, batch),
        }
        self.reading.hand_over(batch);
        Ok(())
    }

    fn may_run_ahead(&self) -> bool {
        self.reading.is_regular_file()
    }

    fn may_wait(&self) -> bool {
        self.layout.is_none_or(|layout| self.at_hand(layout).is_none())
    }

    fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    fn format(&self) -> &'static str {
        "pcap"
    }
}
