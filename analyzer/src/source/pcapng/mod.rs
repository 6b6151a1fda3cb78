//! pcapng: blocks in sections, several interfaces (draft-ietf-opsawg-pcapng).
//!
//! A section has its own byte order and its own interfaces; over the whole capture these are
//! numbered on. Blocks that hold no frame and say nothing about interfaces are passed over
//! without being kept.

use self::clock::Clock;
use self::options::{Options, code, text};
use self::packet::{Kind, NOT_A_PACKET};
use super::bytes::ByteOrder;
use super::reading::{Reading, Record, max_record_len};
use super::{Batch, CaptureStatistics, FrameSource, Interface, Result, Section};
use crate::frame::{Frame, InterfaceId, LinkType};
use crate::time::Timestamp;

mod clock;
mod options;
mod packet;

/// First four bytes of a pcapng file, the same in both byte orders.
pub(super) const MAGIC: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const INTERFACE_STATISTICS: u32 = 5;

/// Block type and both lengths.
const FRAMING: usize = 12;
/// Largest block that is kept in memory: the largest frame and a good deal of options.
const MAX_KEPT_BLOCK: usize = (128 + 16) * 1024 * 1024;
/// Interfaces and sections that are remembered; damaged files may claim millions.
const MAX_INTERFACES: usize = 65_536;
const MAX_SECTIONS: usize = 4_096;
/// Bytes of names and descriptions that are kept of all interfaces together.
const MAX_INTERFACE_TEXT: usize = 16 * 1024 * 1024;

/// Reads pcapng.
pub(super) struct PcapngSource {
    reading: Reading,
    order: ByteOrder,
    /// Index of the section's first interface.
    section_base: usize,
    interfaces: Vec<Interface>,
    /// Bytes of text in `interfaces`.
    interface_text: usize,
    clocks: Vec<Clock>,
    statistics: Vec<CaptureStatistics>,
    sections: Vec<Section>,
    /// Options of the frame handed out last: distance behind the position, and length.
    last_options: (usize, usize),
}

/// A block's extent: everything in it was read already, nothing consumed.
#[derive(Clone, Copy)]
struct Block {
    offset: u64,
    block_type: u32,
    /// With framing and padding.
    len: usize,
}

/// What a block was.
enum Step {
    Record(Record),
    Other,
    End,
}

impl PcapngSource {
    /// The first four bytes were seen already; the first block is read with the first frame.
    pub(super) fn new(reading: Reading) -> Self {
        Self {
            reading,
            order: ByteOrder::Little,
            section_base: 0,
            interfaces: Vec::new(),
            interface_text: 0,
            clocks: Vec::new(),
            statistics: Vec::new(),
            sections: Vec::new(),
            last_options: (0, 0),
        }
    }

    /// Reads blocks up to the next frame, which is then consumed from the buffer.
    fn record(&mut self) -> Result<Option<Record>> {
        loop {
            match self.step()? {
                Step::Record(record) => return Ok(Some(record)),
                Step::Other => {}
                Step::End => {
                    self.reading.end();
                    return Ok(None);
                }
            }
        }
    }

    /// Reads and consumes one block.
    #[inline]
    fn step(&mut self) -> Result<Step> {
        let Some(block) = self.block()? else { return Ok(Step::End) };
        let step = match (block.block_type, Kind::of(block.block_type)) {
            (SECTION_HEADER, _) => self.section(block)?,
            (INTERFACE_DESCRIPTION, _) => self.interface(block)?,
            (INTERFACE_STATISTICS, _) => self.interface_statistics(block)?,
            (_, Some(kind)) => Step::Record(self.packet(block, kind)?),
            _ => Step::Other,
        };
        self.reading.buffer.consume(block.len);
        Ok(step)
    }

    /// True when the next block is here from end to end, and is none that starts a section.
    #[inline]
    fn is_at_hand(&self) -> bool {
        let here = self.reading.buffer.available();
        let claimed = self.order.u32(here, 4) as usize;
        here.len() >= FRAMING && claimed <= here.len() - 3 && !here.starts_with(&MAGIC)
    }

    /// Finds the extent of the next block. Blocks that nobody wants are consumed here.
    fn block(&mut self) -> Result<Option<Block>> {
        let offset = self.reading.buffer.position();
        let here = self.reading.fill(8)?;
        if here == 0 {
            return Ok(None);
        }
        if here < 8 {
            return Err(self.reading.cut(offset, "a block header", 8, here as u64));
        }
        if self.reading.buffer.available().starts_with(&MAGIC) {
            self.byte_order(offset)?;
        }
        let head = self.reading.buffer.available();
        let (block_type, claimed) = (self.order.u32(head, 0), self.order.u32(head, 4));
        if claimed < 8 || u64::from(claimed).next_multiple_of(4) < FRAMING as u64 {
            let reason = format!("a block claims {claimed} bytes, the least is {FRAMING}");
            return Err(self.reading.damaged(offset, reason));
        }
        // A length that is no multiple of 4 is against the specification; Wireshark rounds up.
        let len = u64::from(claimed).next_multiple_of(4);
        let is_kept =
            matches!(block_type, SECTION_HEADER | INTERFACE_DESCRIPTION | INTERFACE_STATISTICS)
                || Kind::of(block_type).is_some();
        if !is_kept {
            self.pass_over(offset, len)?;
            return Ok(Some(Block { offset, block_type, len: 0 }));
        }
        if len > MAX_KEPT_BLOCK as u64 {
            let reason = format!("a block claims {len} bytes, the most is {MAX_KEPT_BLOCK}");
            return Err(self.reading.damaged(offset, reason));
        }
        let len = len as usize;
        let here = self.reading.fill(len)?;
        if here < len {
            return Err(self.reading.cut(offset, "a block", len as u64, here as u64));
        }
        let trailer = self.order.u32(self.reading.buffer.available(), len - 4);
        self.check_trailer(offset, len as u64, trailer)?;
        Ok(Some(Block { offset, block_type, len }))
    }

    /// Takes the byte order from the section header that starts here.
    fn byte_order(&mut self, offset: u64) -> Result<()> {
        let here = self.reading.fill(FRAMING)?;
        if here < FRAMING {
            return Err(self.reading.cut(offset, "a section header", 28, here as u64));
        }
        let magic = ByteOrder::Little.u32(self.reading.buffer.available(), 8);
        self.order = match magic {
            0x1a2b_3c4d => ByteOrder::Little,
            0x4d3c_2b1a => ByteOrder::Big,
            _ => {
                let reason =
                    format!("a section has the byte-order mark 0x{magic:08x}, not 0x1a2b3c4d");
                return Err(self.reading.damaged(offset, reason));
            }
        };
        Ok(())
    }

    fn pass_over(&mut self, offset: u64, len: u64) -> Result<()> {
        let skipped = self.reading.skip(len - 4)?;
        let here = if skipped < len - 4 { 0 } else { self.reading.fill(4)?.min(4) };
        if here < 4 {
            return Err(self.reading.cut(offset, "a block", len, skipped + here as u64));
        }
        let trailer = self.order.u32(self.reading.buffer.available(), 0);
        self.check_trailer(offset, len, trailer)?;
        self.reading.buffer.consume(4);
        Ok(())
    }

    fn check_trailer(&mut self, offset: u64, len: u64, trailer: u32) -> Result<()> {
        if u64::from(trailer).next_multiple_of(4) == len {
            return Ok(());
        }
        let reason =
            format!("a block's two lengths differ: {len} at its start, {trailer} at its end");
        Err(self.reading.damaged(offset, reason))
    }

    /// The bytes between the block's header and its trailing length.
    fn body(&self, block: Block) -> &[u8] {
        self.reading.buffer.available().get(8..block.len - 4).unwrap_or_default()
    }

    /// Refuses a block whose fixed part is not there.
    fn check_body(&mut self, block: Block, needed: usize, what: &str) -> Result<()> {
        let least = needed + FRAMING;
        if block.len >= least {
            return Ok(());
        }
        let reason = format!("{what} of {} bytes, the least is {least}", block.len);
        Err(self.reading.damaged(block.offset, reason))
    }

    /// Refuses options, from `at` in the body on, that claim more than there is.
    fn check_options(&mut self, block: Block, at: usize) -> Result<()> {
        let options = self.body(block).get(at..).unwrap_or_default();
        match Options::new(options, self.order).damage() {
            None => Ok(()),
            Some(reason) => Err(self.reading.damaged(block.offset, reason)),
        }
    }

    fn section(&mut self, block: Block) -> Result<Step> {
        self.check_body(block, 16, "a section header")?;
        self.check_options(block, 16)?;
        let order = self.order;
        let body = self.body(block);
        let (major, minor) = (order.u16(body, 4), order.u16(body, 6));
        if (major, minor) != (1, 0) && (major, minor) != (1, 2) {
            let reason =
                format!("pcapng version {major}.{minor}; versions 1.0 and 1.2 can be read");
            return Err(self.reading.damaged(block.offset, reason));
        }
        let mut section = Section::default();
        for (code, value) in Options::new(body.get(16..).unwrap_or_default(), order) {
            match code {
                code::SHB_HARDWARE => section.hardware = Some(text(value)),
                code::SHB_OS => section.os = Some(text(value)),
                code::SHB_APPLICATION => section.application = Some(text(value)),
                code::COMMENT if section.comment.is_none() => section.comment = Some(text(value)),
                _ => {}
            }
        }
        self.section_base = self.interfaces.len();
        if self.sections.len() < MAX_SECTIONS {
            self.sections.push(section);
        }
        Ok(Step::Other)
    }

    fn interface(&mut self, block: Block) -> Result<Step> {
        self.check_body(block, 8, "an interface description")?;
        self.check_options(block, 8)?;
        if self.interfaces.len() >= MAX_INTERFACES {
            let reason = format!("more than {MAX_INTERFACES} interfaces");
            return Err(self.reading.damaged(block.offset, reason));
        }
        let order = self.order;
        let body = self.body(block);
        let mut clock = Clock::MICROS;
        let (mut name, mut description) = (None, None);
        for (code, value) in Options::new(body.get(8..).unwrap_or_default(), order) {
            match (code, value) {
                (code::IF_NAME, _) => name = Some(text(value)),
                (code::IF_DESCRIPTION, _) => description = Some(text(value)),
                (code::IF_TSRESOL, &[resolution]) => clock = clock.with_resolution(resolution),
                (code::IF_TSOFFSET, _) if value.len() == 8 => {
                    clock = clock.with_offset(order.u64(value, 0).cast_signed());
                }
                _ => {}
            }
        }
        let interface = Interface {
            name,
            description,
            link_type: LinkType(order.u16(body, 0)),
            snaplen: order.u32(body, 4),
            precision: clock.precision(),
        };
        let texts = [&interface.name, &interface.description];
        self.interface_text += texts.into_iter().flatten().map(String::len).sum::<usize>();
        if self.interface_text > MAX_INTERFACE_TEXT {
            let reason =
                format!("names of interfaces take more than {MAX_INTERFACE_TEXT} bytes together");
            return Err(self.reading.damaged(block.offset, reason));
        }
        self.interfaces.push(interface);
        self.clocks.push(clock);
        self.statistics.push(CaptureStatistics::default());
        Ok(Step::Other)
    }

    fn interface_statistics(&mut self, block: Block) -> Result<Step> {
        self.check_body(block, 12, "interface statistics")?;
        self.check_options(block, 12)?;
        let order = self.order;
        let body = self.body(block);
        let interface = self.section_base.saturating_add(order.u32(body, 0) as usize);
        let mut latest = CaptureStatistics::default();
        for (code, value) in Options::new(body.get(12..).unwrap_or_default(), order) {
            let count = (value.len() == 8).then(|| order.u64(value, 0));
            match code {
                code::ISB_IFRECV => latest.received = count,
                code::ISB_IFDROP => latest.dropped_by_interface = count,
                code::ISB_OSDROP => latest.dropped_by_kernel = count,
                _ => {}
            }
        }
        // Statistics of an interface that was never described are of no use to anybody.
        if let Some(known) = self.statistics.get_mut(interface) {
            *known = latest;
        }
        Ok(Step::Other)
    }

    fn packet(&mut self, block: Block, kind: Kind) -> Result<Record> {
        let what = "a packet block";
        self.check_body(block, kind.fixed_len(), what)?;
        let fixed = kind.fixed(self.body(block), self.order);
        let body_len = block.len - FRAMING;
        let room = body_len - fixed.data_at;

        let mut link_type = NOT_A_PACKET;
        let mut interface = InterfaceId(0);
        let mut clock = Clock::MICROS.with_resolution(9);
        let mut snaplen = 0;
        if let Some(index) = fixed.interface {
            let known = self.interfaces.len() - self.section_base;
            let at = self.section_base.saturating_add(index as usize);
            let (Some(of), Some(ticking)) = (self.interfaces.get(at), self.clocks.get(at)) else {
                let reason = format!("a packet of interface {index}, its section has {known}");
                return Err(self.reading.damaged(block.offset, reason));
            };
            (link_type, clock, snaplen) = (of.link_type, *ticking, of.snaplen);
            interface = InterfaceId(u32::try_from(at).unwrap_or(u32::MAX));
        }
        let captured_len = match (fixed.captured_len, kind) {
            (Some(claimed), _) => claimed,
            (None, Kind::Simple) => {
                let wire_len = fixed.wire_len.unwrap_or(0);
                if snaplen == 0 { wire_len } else { wire_len.min(snaplen) }
            }
            (None, _) => {
                u32::try_from(room - self.journal_padding(block, kind)).unwrap_or(u32::MAX)
            }
        };
        self.check_captured_len(block, captured_len, link_type, room)?;
        let captured_len = captured_len as usize;
        let options_at = fixed.data_at + captured_len.next_multiple_of(4);
        self.last_options = (0, 0);
        if fixed.captured_len.is_some() && options_at < body_len {
            self.check_options(block, options_at)?;
            self.last_options = (body_len - options_at + 4, body_len - options_at);
        }
        Ok(Record {
            back: body_len - fixed.data_at + 4,
            captured_len,
            wire_len: fixed.wire_len.unwrap_or(captured_len as u32),
            timestamp: fixed.ticks.map_or(Timestamp::default(), |ticks| clock.timestamp(ticks)),
            link_type,
            interface,
        })
    }

    /// Zero bytes after a journal entry, which ends with a line feed.
    fn journal_padding(&self, block: Block, kind: Kind) -> usize {
        if kind != Kind::Journal {
            return 0;
        }
        self.body(block).iter().rev().take(3).take_while(|&&byte| byte == 0).count()
    }

    fn check_captured_len(
        &mut self,
        block: Block,
        claimed: u32,
        link_type: LinkType,
        room: usize,
    ) -> Result<()> {
        let most = max_record_len(link_type);
        let reason = if claimed > most {
            format!("a packet claims {claimed} bytes, more than the {most} of this link type")
        } else if claimed as usize > room {
            format!("a packet claims {claimed} bytes, its block has room for {room}")
        } else {
            return Ok(());
        };
        Err(self.reading.damaged(block.offset, reason))
    }
}

impl FrameSource for PcapngSource {
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
        let mut damage = Ok(());
        while damage.is_ok() && self.is_at_hand() {
            match self.step() {
                Ok(Step::Record(record)) => self.reading.put(record, batch),
                Ok(Step::Other | Step::End) => {}
                Err(error) => damage = Err(error),
            }
        }
        self.reading.hand_over(batch);
        damage
    }

    fn may_run_ahead(&self) -> bool {
        self.reading.is_regular_file()
    }

    fn may_wait(&self) -> bool {
        let mut rest = self.reading.buffer.available();
        // Blocks without a frame are followed by more; a new section may change the byte order.
        while rest.len() >= FRAMING && !rest.starts_with(&MAGIC) {
            let (block_type, len) = (self.order.u32(rest, 0), self.order.u32(rest, 4) as usize);
            let Some(after) = rest.get(len.max(FRAMING).next_multiple_of(4)..) else { break };
            if Kind::of(block_type).is_some() {
                return false;
            }
            rest = after;
        }
        true
    }

    fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    fn format(&self) -> &'static str {
        "pcapng"
    }

    fn statistics(&self) -> CaptureStatistics {
        self.statistics.iter().fold(CaptureStatistics::default(), |sum, one| sum.plus(*one))
    }

    fn sections(&self) -> &[Section] {
        &self.sections
    }

    fn comments(&self, visit: &mut dyn FnMut(&str)) {
        let (back, len) = self.last_options;
        let options = self.reading.buffer.behind(back, len);
        for (code, value) in Options::new(options, self.order) {
            if code == code::COMMENT {
                visit(&String::from_utf8_lossy(value));
            }
        }
    }
}
