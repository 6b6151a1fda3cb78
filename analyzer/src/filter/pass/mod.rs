//! What a filter remembers from frame to frame: only what the fields that it names need.

use bitflags::bitflags;

use crate::facts::FrameFacts;
use crate::info::{Describer, Message};
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
        /// The messages above TCP and UDP.
        const MESSAGES = 1 << 2;
    }
}

/// One pass over one capture.
#[derive(Debug)]
pub struct Pass {
    needs: Needs,
    udp: UdpStreams,
    closings: Closings,
    applications: Option<Box<Applications>>,
    displayed: Option<Timestamp>,
    has_interfaces: bool,
}

/// Reads what is above TCP and UDP.
#[derive(Debug)]
struct Applications {
    describer: Describer,
    info: String,
    column: &'static str,
}

impl Applications {
    fn new() -> Self {
        Self { describer: Describer::keeping_messages(), info: String::new(), column: "" }
    }
}

/// A clone has seen no frame.
impl Clone for Pass {
    fn clone(&self) -> Self {
        Self { has_interfaces: self.has_interfaces, ..Self::new(self.needs) }
    }
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
        Self {
            needs,
            udp: UdpStreams::default(),
            closings: Closings::default(),
            applications: needs.contains(Needs::MESSAGES).then(|| Box::new(Applications::new())),
            displayed: None,
            has_interfaces: true,
        }
    }

    /// The capture's format numbers no interfaces.
    pub fn has_no_interfaces(&mut self) {
        self.has_interfaces = false;
    }

    /// Does the capture's format number interfaces?
    pub fn has_interfaces(&self) -> bool {
        self.has_interfaces
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
        if let Some(applications) = &mut self.applications {
            let Applications { describer, info, column } = &mut **applications;
            *column = describer.describe(facts, info);
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

    /// The messages above TCP and UDP in this frame.
    pub fn messages(&self) -> impl Iterator<Item = Message<'_>> {
        self.applications.iter().flat_map(|applications| applications.describer.messages().iter())
    }

    /// What the packet list calls the frame's protocol.
    pub fn column(&self) -> &'static str {
        self.applications.as_ref().map_or("", |applications| applications.column)
    }

    /// The frame's Info column.
    pub fn info(&self) -> &str {
        self.applications.as_ref().map_or("", |applications| &applications.info)
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
