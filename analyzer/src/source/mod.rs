//! Where frames come from: files, standard input, a live interface.
//!
//! Everything that yields frames implements [`FrameSource`], so the engine neither knows nor
//! cares. A source hands out finished [`Frame`]s: byte order, timestamp resolution, interface
//! tables and compression are dealt with here and nowhere else. Sources know nothing of
//! protocols.

use crate::frame::{Frame, LinkType};
use crate::time::TimePrecision;

pub use batch::Batch;
pub use error::{Error, Result};
pub use open::{from_reader, open};

mod batch;
mod buffer;
mod bytes;
mod compressed;
mod error;
mod open;
mod pcap;
mod pcapng;
mod reading;
mod snoop;

#[cfg(feature = "live")]
pub mod interfaces;
#[cfg(feature = "live")]
pub mod live;
#[cfg(feature = "live")]
pub mod privileges;
pub mod write;

/// A stream of frames, read once from front to back.
pub trait FrameSource: Send {
    /// The next frame, or `None` at the regular end of the capture.
    ///
    /// # Errors
    /// When the capture is damaged or cannot be read further. Every frame before the damage
    /// has been handed out; after an error the source is at its end.
    fn next(&mut self) -> Result<Option<Frame<'_>>>;

    /// The next frames, as many as can be had without a wait after the first: their bytes and
    /// entries replace what the batch held. None is the regular end of the capture.
    ///
    /// # Errors
    /// As [`Self::next`]; the frames before the damage are in the batch.
    fn next_batch(&mut self, batch: &mut Batch) -> Result<()> {
        const ENOUGH: usize = 1024;
        batch.clear(0);
        while batch.len() < ENOUGH && (batch.is_empty() || !self.may_wait()) {
            match self.next()? {
                Some(frame) => batch.push_copy(&frame),
                None => break,
            }
        }
        Ok(())
    }

    /// True when reading waits for nothing but the disk, so that it may run ahead on a thread
    /// of its own without keeping anybody from ending: a regular file.
    fn may_run_ahead(&self) -> bool {
        false
    }

    /// True unless the next call of [`Self::next`] answers from what is in memory already: on
    /// a slow pipe the time to show what came so far. May be true when there is no wait.
    fn may_wait(&self) -> bool {
        true
    }

    /// The interfaces known so far, indexed by [`crate::frame::InterfaceId`]; grows while a
    /// pcapng file is read.
    fn interfaces(&self) -> &[Interface];

    /// The name of the format: `pcap`, `pcapng`, `snoop`, or `live` for an interface.
    fn format(&self) -> &'static str;

    /// True for formats whose records name the interface that recorded them.
    fn numbers_interfaces(&self) -> bool {
        matches!(self.format(), "pcapng" | "live")
    }

    /// What the recorder said about losses; complete only after the last frame.
    fn statistics(&self) -> CaptureStatistics {
        CaptureStatistics::default()
    }

    /// The sections seen so far, with what they say about the recording machine. Empty for
    /// formats that have none.
    fn sections(&self) -> &[Section] {
        &[]
    }

    /// Hands the comments on the frame that `next` returned last to `visit`, in their order
    /// (pcapng option opt_comment; Wireshark: `frame.comment`).
    fn comments(&self, visit: &mut dyn FnMut(&str)) {
        let _ = visit;
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

/// What a section of a pcapng file says about its origin; texts are cut at 1 KiB.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Hardware of the recording machine (option shb_hardware).
    pub hardware: Option<String>,
    /// Its operating system (option shb_os).
    pub os: Option<String>,
    /// The program that recorded (option shb_userappl).
    pub application: Option<String>,
    /// The first comment on the section (option opt_comment).
    pub comment: Option<String>,
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

impl CaptureStatistics {
    /// The sum of two interfaces; a number that only one of them knows stays as it is.
    pub fn plus(self, other: Self) -> Self {
        let sum = |one: Option<u64>, two: Option<u64>| match (one, two) {
            (Some(one), Some(two)) => Some(one.saturating_add(two)),
            (one, two) => one.or(two),
        };
        Self {
            received: sum(self.received, other.received),
            dropped_by_kernel: sum(self.dropped_by_kernel, other.dropped_by_kernel),
            dropped_by_interface: sum(self.dropped_by_interface, other.dropped_by_interface),
        }
    }
}
