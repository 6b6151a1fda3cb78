//! Where frames come from: files, standard input, a live interface.
//!
//! Everything that yields frames implements [`FrameSource`], so the engine neither knows nor
//! cares. A source hands out finished [`Frame`]s: byte order, timestamp resolution, interface
//! tables and compression are dealt with here and nowhere else. Sources know nothing of
//! protocols.

use crate::frame::{Frame, LinkType};
use crate::time::TimePrecision;

pub use error::{Error, Result};

mod error;
#[cfg(feature = "live")]
pub mod interfaces;

/// A stream of frames, read once from front to back.
pub trait FrameSource {
    /// The next frame, or `None` at the regular end of the capture.
    ///
    /// # Errors
    /// When the capture is damaged or cannot be read further. Every frame before the damage
    /// has been handed out; after an error the source is at its end.
    fn next(&mut self) -> Result<Option<Frame<'_>>>;

    /// The interfaces known so far, indexed by [`crate::frame::InterfaceId`]; grows while a
    /// pcapng file is read.
    fn interfaces(&self) -> &[Interface];

    /// What the recorder said about losses; complete only after the last frame.
    fn statistics(&self) -> CaptureStatistics {
        CaptureStatistics::default()
    }
}

/// An interface as the capture describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Name on the recording machine, for example `eth1` (pcapng option if_name).
    pub name: Option<String>,
    /// Free text (pcapng option if_description).
    pub description: Option<String>,
    /// What its frames start with.
    pub link_type: LinkType,
    /// Longest stored frame in bytes; 0 when unlimited.
    pub snaplen: u32,
    /// Digits of its timestamps.
    pub precision: TimePrecision,
}

/// Frames counted by the recorder; `None` where it did not say.
/// pcapng: interface statistics block, isb_ifrecv, isb_ifdrop, isb_osdrop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CaptureStatistics {
    /// Frames that passed the capture filter.
    pub received: Option<u64>,
    /// Frames lost because the recorder was too slow.
    pub dropped_by_kernel: Option<u64>,
    /// Frames lost at the interface.
    pub dropped_by_interface: Option<u64>,
}
