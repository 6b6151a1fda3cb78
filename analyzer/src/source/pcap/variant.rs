//! The dialects of classic pcap: what the magic number, the version and the first records say
//! about byte order, units, and the shape of a record header.
//!
//! | magic | written by |
//! |---|---|
//! | a1b2c3d4 | libpcap, microseconds; also two patched libpcaps whose record headers are longer |
//! | a1b23c4d | libpcap, nanoseconds |
//! | a1b2cd34 | the patched libpcap of 1999 ("modified"), longer record headers |
//! | 1c0001ac, 1c0001ab | Ixia: microseconds, four more bytes in the file header |
//!
//! Where several shapes share a magic number, the first records decide: the first shape is
//! taken unless they make sense under another one only.

use std::ops::ControlFlow;

use crate::frame::LinkType;
use crate::source::bytes::ByteOrder;
use crate::source::reading::max_record_len;
use crate::time::Timestamp;

/// Records that are looked at to tell the dialects apart.
const RECORDS_TO_TRY: u32 = 3;
/// Wire lengths above this are taken as a sign of the wrong dialect (128 MiB).
const PLAUSIBLE_WIRE_LEN: u32 = 128 * 1024 * 1024;

/// Shape of a record header. All start with seconds, fraction, captured and wire length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source) enum Layout {
    /// 16 bytes.
    Standard,
    /// 24 bytes: interface index, protocol and packet type follow.
    Patched,
    /// 28 bytes: the same with two processor numbers and a pad.
    PatchedSmp,
    /// 20 bytes: four more bytes, as Nokia firewalls write them.
    Nokia,
}

/// What the file header says.
#[derive(Debug, Clone, Copy)]
pub(in crate::source) struct FileHeader {
    pub(super) order: ByteOrder,
    pub(super) is_nanos: bool,
    len: usize,
    layouts: &'static [Layout],
    lengths: Lengths,
    is_aix: bool,
    snaplen: u32,
    max_len: u32,
}

/// Order of the two length fields of a record, which changed with version 2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lengths {
    CapturedFirst,
    WireFirst,
    /// Version 2.3 wrote either: the smaller one is the captured length.
    SmallerIsCaptured,
}

/// The fields that all record headers have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    pub(super) seconds: u32,
    pub(super) fraction: u32,
    pub(super) captured_len: u32,
    pub(super) wire_len: u32,
}

/// How well the first records fit a layout.
struct Fit {
    /// What speaks against it: faults of the first record that makes no sense, one when the
    /// file ends inside a record.
    faults: u32,
    /// Bytes that must be there to look at all records; `None` when all were seen.
    wanted: Option<usize>,
}

impl Layout {
    /// Bytes before the record's data.
    pub(super) const fn header_len(self) -> usize {
        match self {
            Self::Standard => 16,
            Self::Nokia => 20,
            Self::Patched => 24,
            Self::PatchedSmp => 28,
        }
    }
}

impl FileHeader {
    /// Recognises the magic number at the start of a file.
    pub(in crate::source) fn from_magic(start: &[u8]) -> Option<Self> {
        const STANDARD: &[Layout] = &[Layout::Standard, Layout::Patched, Layout::Nokia];
        let magic = start.first_chunk::<4>()?;
        let little = u32::from_le_bytes(*magic);
        let of = |magic: u32| -> Option<(bool, usize, &'static [Layout])> {
            match magic {
                0xa1b2_c3d4 => Some((false, 24, STANDARD)),
                0xa1b2_3c4d => Some((true, 24, &[Layout::Standard])),
                0xa1b2_cd34 => Some((false, 24, &[Layout::Patched, Layout::PatchedSmp])),
                0x1c00_01ac | 0x1c00_01ab => Some((false, 28, &[Layout::Standard])),
                _ => None,
            }
        };
        let (order, (is_nanos, len, layouts)) = match of(little) {
            Some(found) => (ByteOrder::Little, found),
            None => (ByteOrder::Big, of(little.swap_bytes())?),
        };
        let lengths = Lengths::CapturedFirst;
        Some(Self { order, is_nanos, len, layouts, lengths, is_aix: false, snaplen: 0, max_len: 0 })
    }

    /// Bytes before the first record.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The same with what version, snaplen and network field add.
    pub(super) fn with_version(mut self, minor: u16, snaplen: u32, network: u32) -> Self {
        self.lengths = match minor {
            0..=2 => Lengths::WireFirst,
            3 => Lengths::SmallerIsCaptured,
            _ => Lengths::CapturedFirst,
        };
        // AIX writes version 2.2, nanoseconds, and its interface type as the link type.
        if minor == 2 && aix_link_type(network).is_some() {
            self.is_aix = true;
            self.is_nanos = true;
        }
        self.snaplen = snaplen;
        self.max_len = self.link_type(network).map_or(0, max_record_len);
        self
    }

    /// The link type, or `None` when bits are set that mean nothing. The upper bits may hold
    /// the length of a frame check sequence.
    pub(super) fn link_type(&self, network: u32) -> Option<LinkType> {
        if self.is_aix {
            return aix_link_type(network);
        }
        if network & 0x03ff_0000 != 0 {
            return None;
        }
        Some(LinkType((network & 0xffff) as u16))
    }

    /// When a record was made. A fraction of more than a second counts as what it says.
    #[inline]
    pub(super) fn timestamp(&self, fields: &Fields) -> Timestamp {
        let seconds = i64::from(fields.seconds);
        let (nanos, unit) = match self.is_nanos {
            true => (Some(fields.fraction), 1),
            false => (fields.fraction.checked_mul(1000), 1000),
        };
        match nanos {
            Some(nanos) => Timestamp::from_parts(seconds, nanos),
            None => {
                let nanos = i64::from(fields.fraction) * unit;
                Timestamp::from_nanos(seconds * 1_000_000_000 + nanos)
            }
        }
    }

    /// The fields of a record header, which all begin alike.
    #[inline]
    pub(super) fn fields(&self, header: &[u8; 16]) -> Fields {
        let [seconds, fraction, first, second] = self.order.words(header);
        let is_swapped = match self.lengths {
            Lengths::CapturedFirst => false,
            Lengths::WireFirst => true,
            Lengths::SmallerIsCaptured => first > second,
        };
        let (captured_len, wire_len) = if is_swapped { (second, first) } else { (first, second) };
        Fields { seconds, fraction, captured_len, wire_len }
    }

    /// Finds the layout from the first bytes after the file header; asks for more bytes when
    /// these do not decide. With nothing against the standard layout no more is asked for, so
    /// a live pipe is not held up.
    pub(super) fn recognise(&self, bytes: &[u8], is_end: bool) -> ControlFlow<Layout, usize> {
        let mut wanted: Option<usize> = None;
        let mut without_fault = None;
        let mut best = (u32::MAX, Layout::Standard);
        for &layout in self.layouts {
            let fit = self.fit(layout, bytes, is_end);
            if fit.faults < best.0 {
                best = (fit.faults, layout);
            }
            let is_first = self.layouts.first() == Some(&layout);
            let is_sure = fit.wanted.is_none() || (is_first && layout == Layout::Standard);
            if self.layouts.len() == 1 || (fit.faults == 0 && is_sure) {
                without_fault = without_fault.or(Some(layout));
            }
            if fit.faults == 0 {
                wanted = wanted.or(fit.wanted);
            }
            if is_first && without_fault.is_some() {
                break;
            }
        }
        match (without_fault, wanted) {
            (None, Some(more)) if !is_end => ControlFlow::Continue(more),
            // Of several that all have faults Wireshark takes the one with the fewest.
            (found, _) => ControlFlow::Break(found.unwrap_or(best.1)),
        }
    }

    /// Reads the first records as if they had this layout.
    fn fit(&self, layout: Layout, bytes: &[u8], is_end: bool) -> Fit {
        let mut at = 0_usize;
        for _ in 0..RECORDS_TO_TRY {
            let data = at.saturating_add(layout.header_len());
            let record = bytes.get(at..data).and_then(|record| record.first_chunk());
            let Some(record) = record else {
                let is_cut = is_end && at != bytes.len();
                return Fit { faults: u32::from(is_cut), wanted: (!is_end).then_some(data) };
            };
            let fields = self.fields(record);
            let faults = self.faults(&fields);
            if faults > 0 {
                return Fit { faults, wanted: None };
            }
            at = data.saturating_add(fields.captured_len as usize);
        }
        Fit { faults: u32::from(is_end && at > bytes.len()), wanted: None }
    }

    /// How many of its fields make no sense.
    fn faults(&self, fields: &Fields) -> u32 {
        let second = if self.is_nanos { 1_000_000_000 } else { 1_000_000 };
        let faults = [
            fields.captured_len > self.max_len,
            fields.wire_len > PLAUSIBLE_WIRE_LEN,
            self.snaplen != 0 && fields.captured_len > self.snaplen,
            fields.captured_len > fields.wire_len,
            fields.fraction >= second,
        ];
        faults.iter().map(|is_fault| u32::from(*is_fault)).sum()
    }
}

/// AIX stores the interface type of RFC 1573 where others store the link type.
fn aix_link_type(network: u32) -> Option<LinkType> {
    match network {
        6 => Some(LinkType(1)),
        9 => Some(LinkType(6)),
        15 => Some(LinkType(10)),
        24 => Some(LinkType(0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The layout of a whole file's records, each given as its fields and what follows them.
    fn layout(records: &[([u32; 4], usize)]) -> Layout {
        let start = 0xa1b2_c3d4_u32.to_le_bytes();
        let header = FileHeader::from_magic(&start).expect("pcap").with_version(4, 0, 1);
        let mut bytes = Vec::new();
        for (fields, behind) in records {
            bytes.extend(fields.iter().flat_map(|field| field.to_le_bytes()));
            bytes.resize(bytes.len() + behind, 0);
        }
        match header.recognise(&bytes, true) {
            ControlFlow::Break(layout) => layout,
            ControlFlow::Continue(more) => panic!("{more} bytes wanted of a whole file"),
        }
    }

    /// Found by the hostile set: the same choices as Wireshark's among layouts that all fail.
    #[test]
    fn the_layout_with_the_fewest_faults_is_taken() {
        assert_eq!(layout(&[([1, 2, 4, 4], 4)]), Layout::Standard);
        assert_eq!(layout(&[([1, 2, 4, 4], 12), ([9, 2, 4, 4], 12)]), Layout::Patched);
        assert_eq!(layout(&[([1, 1_000_000, 1, 9], 1)]), Layout::Standard, "one fault in all");
        assert_eq!(layout(&[([1, u32::MAX, 4, u32::MAX], 4)]), Layout::Patched, "cut: one fault");
    }
}
