//! What a filter remembers from frame to frame: only what the fields that it names need.

use bitflags::bitflags;

use crate::facts::FrameFacts;
use crate::time::Timestamp;

use self::closings::Closings;
use self::udp_streams::UdpStreams;

mod closings;
mod udp_streams;

pub use udp_streams::Datagram;

bitflags! {
    /// Kinds of memory.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Needs: u8 {
        /// The conversations of UDP.
        const UDP_STREAMS = 1 << 0;
        /// Who closed each TCP connection first.
        const CLOSINGS = 1 << 1;
    }
}

/// One pass over one capture.
#[derive(Debug, Clone)]
pub struct Pass {
    needs: Needs,
    udp: UdpStreams,
    closings: Closings,
    displayed: Option<Timestamp>,
}

/// A frame and what the pass knows of the frames up to it.
#[derive(Clone, Copy)]
pub struct Subject<'f, 'a> {
    /// The frame.
    pub facts: &'f FrameFacts<'a>,
    /// The pass.
    pub pass: &'f Pass,
}

impl Pass {
    /// Before the first frame.
    pub fn new(needs: Needs) -> Self {
        Self { needs, udp: UdpStreams::default(), closings: Closings::default(), displayed: None }
    }

    /// Takes in the next frame.
    pub fn observe(&mut self, facts: &FrameFacts<'_>) {
        if self.needs.is_empty() {
            return;
        }
        if self.needs.contains(Needs::UDP_STREAMS) {
            self.udp.observe(facts);
        }
        if self.needs.contains(Needs::CLOSINGS) {
            self.closings.observe(facts);
        }
    }

    /// The frame that was observed last was selected.
    pub fn select(&mut self, facts: &FrameFacts<'_>) {
        self.displayed = Some(facts.frame.timestamp);
    }

    /// When the last selected frame was recorded.
    pub fn last_selected(&self) -> Option<Timestamp> {
        self.displayed
    }

    /// What the UDP header at an index of the frame's layers belongs to.
    pub fn datagram(&self, layer: usize) -> Option<&Datagram> {
        self.udp.datagram(layer)
    }

    /// True when the FIN of this frame is the first of its connection, false when the other
    /// side's came before; `None` without one.
    pub fn closes_first(&self) -> Option<bool> {
        self.closings.closes_first()
    }
}
