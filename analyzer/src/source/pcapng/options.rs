//! The options at the end of a pcapng block: code, length, value, padded to four bytes
//! (draft-ietf-opsawg-pcapng, section 3.5).

use crate::source::bytes::ByteOrder;

/// Option codes that this reader understands, by the block they stand in.
pub(super) mod code {
    pub(in crate::source) const END: u16 = 0;
    pub(in crate::source) const COMMENT: u16 = 1;
    pub(in crate::source) const SHB_HARDWARE: u16 = 2;
    pub(in crate::source) const SHB_OS: u16 = 3;
    pub(in crate::source) const SHB_APPLICATION: u16 = 4;
    pub(in crate::source) const IF_NAME: u16 = 2;
    pub(in crate::source) const IF_DESCRIPTION: u16 = 3;
    pub(in crate::source) const IF_TSRESOL: u16 = 9;
    pub(in crate::source) const IF_TSOFFSET: u16 = 14;
    pub(in crate::source) const ISB_IFRECV: u16 = 4;
    pub(in crate::source) const ISB_IFDROP: u16 = 5;
    pub(in crate::source) const ISB_OSDROP: u16 = 7;
}

/// Longest text that is kept of one option, in bytes: a hostile file costs no more.
const KEPT_TEXT: usize = 1024;

/// The options in `bytes`; ends at the end-of-options mark, at the end, or before damage.
#[derive(Clone)]
pub(super) struct Options<'a> {
    rest: &'a [u8],
    order: ByteOrder,
}

impl<'a> Options<'a> {
    pub(super) fn new(bytes: &'a [u8], order: ByteOrder) -> Self {
        Self { rest: bytes, order }
    }

    /// Says what is wrong with them: an option that claims more bytes than the block has.
    pub(super) fn damage(&self) -> Option<String> {
        let mut options = self.clone();
        while options.next().is_some() {}
        let length = options.order.u16(options.rest, 2);
        let here = options.rest.len().checked_sub(4)?;
        (usize::from(length) > here)
            .then(|| format!("an option claims {length} bytes, its block has {here} left"))
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let head = self.rest.get(..4)?;
        let (code, length) = (self.order.u16(head, 0), usize::from(self.order.u16(head, 2)));
        if code == code::END {
            self.rest = &[];
            return None;
        }
        let value = self.rest.get(4..4 + length)?;
        self.rest = self.rest.get((4 + length).next_multiple_of(4)..).unwrap_or_default();
        Some((code, value))
    }
}

/// The text of an option: UTF-8 with what is not replaced, and cut when it is very long.
pub(super) fn text(value: &[u8]) -> String {
    let value = value.get(..KEPT_TEXT).unwrap_or(value);
    let end = value.iter().position(|&byte| byte == 0).unwrap_or(value.len());
    String::from_utf8_lossy(value.get(..end).unwrap_or_default()).into_owned()
}
