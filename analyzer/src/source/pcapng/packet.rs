//! The blocks that hold a frame: where its bytes lie, how long it was, when it came.
//!
//! Besides the three packet blocks these are the blocks that Wireshark counts as frames
//! although no link layer recorded them: custom blocks, journal entries, system calls. They
//! carry [`NOT_A_PACKET`], so that frame numbers agree.

use crate::frame::LinkType;
use crate::source::bytes::ByteOrder;

/// Link type of records that no link layer made: reserved, never written by a recorder.
pub(super) const NOT_A_PACKET: LinkType = LinkType(u16::MAX);

/// The kinds of blocks with a frame, by block type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// 6: enhanced packet block.
    Enhanced,
    /// 3: simple packet block: no interface, no time.
    Simple,
    /// 2: packet block, obsolete.
    Obsolete,
    /// 0x0bad, 0x40000bad: custom block; the data after its enterprise number.
    Custom,
    /// 9: systemd journal entry.
    Journal,
    /// 0x204, 0x208, 0x216 and their like: system call, with its header's length.
    SystemCall(usize),
}

/// What the fixed part of a block says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fixed {
    /// Index within the section; `None` for records of no interface.
    pub(super) interface: Option<u32>,
    /// Ticks of the interface's clock; nanoseconds where there is no interface.
    pub(super) ticks: Option<u64>,
    /// Bytes stored; `None` when the rest of the block is the data.
    pub(super) captured_len: Option<u32>,
    /// Bytes on the wire; `None` when it is the stored length.
    pub(super) wire_len: Option<u32>,
    /// Bytes of the block's body before the data.
    pub(super) data_at: usize,
}

impl Kind {
    /// The kind of a block type, `None` when blocks of this type hold no frame.
    pub(super) fn of(block_type: u32) -> Option<Self> {
        match block_type {
            6 => Some(Self::Enhanced),
            3 => Some(Self::Simple),
            2 => Some(Self::Obsolete),
            0x0bad | 0x4000_0bad => Some(Self::Custom),
            9 => Some(Self::Journal),
            0x204 | 0x208 => Some(Self::SystemCall(24)),
            0x216 | 0x217 => Some(Self::SystemCall(28)),
            _ => None,
        }
    }

    /// Bytes of the body before the data: the least that a block of this kind has.
    pub(super) fn fixed_len(self) -> usize {
        match self {
            Self::Enhanced | Self::Obsolete => 20,
            Self::Simple | Self::Custom => 4,
            Self::Journal => 0,
            Self::SystemCall(length) => length,
        }
    }

    /// Reads the fixed part of a body that has at least [`Self::fixed_len`] bytes.
    pub(super) fn fixed(self, body: &[u8], order: ByteOrder) -> Fixed {
        let mut fixed = Fixed {
            interface: None,
            ticks: None,
            captured_len: None,
            wire_len: None,
            data_at: self.fixed_len(),
        };
        match self {
            Self::Enhanced | Self::Obsolete => {
                fixed.interface = Some(match self {
                    Self::Obsolete => u32::from(order.u16(body, 0)),
                    _ => order.u32(body, 0),
                });
                fixed.ticks = Some(order.high_low(body, 4));
                fixed.captured_len = Some(order.u32(body, 12));
                fixed.wire_len = Some(order.u32(body, 16));
            }
            Self::Simple => {
                fixed.interface = Some(0);
                fixed.wire_len = Some(order.u32(body, 0));
            }
            Self::Custom => {}
            Self::Journal => fixed.ticks = journal_time(body),
            Self::SystemCall(_) => {
                fixed.ticks = Some(order.u64(body, 2));
                fixed.wire_len = Some(order.u32(body, 18));
            }
        }
        fixed
    }
}

/// Nanoseconds from the field `__REALTIME_TIMESTAMP=` (microseconds) of a journal entry.
fn journal_time(body: &[u8]) -> Option<u64> {
    const FIELD: &[u8] = b"__REALTIME_TIMESTAMP=";
    let line = body.split(|&byte| byte == b'\n').find_map(|line| line.strip_prefix(FIELD))?;
    let micros: u64 = std::str::from_utf8(line).ok()?.trim_end().parse().ok()?;
    micros.checked_mul(1000)
}
