//! Which side closed a TCP connection first (Wireshark: `tcp.connection.fin_active`).

use bitflags::bitflags;

use crate::facts::FrameFacts;
use crate::tcp::TcpFlags;

bitflags! {
    /// Sides that have closed before the other one.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    struct Initiators: u8 {
        const LOWER = 1;
        const HIGHER = 2;
    }
}

/// Of each stream, who closed it.
#[derive(Debug, Default)]
pub(super) struct Closings {
    streams: Vec<Initiators>,
    current: Option<bool>,
}

impl Closings {
    /// Takes in the next frame.
    pub fn observe(&mut self, facts: &FrameFacts<'_>) {
        self.current = None;
        let Some(tcp) = &facts.tcp else { return };
        if !tcp.segment.flags.contains(TcpFlags::FIN) {
            return;
        }
        let Ok(index) = usize::try_from(tcp.analysis.stream.0) else { return };
        if self.streams.len() <= index {
            self.streams.resize(index + 1, Initiators::default());
        }
        let Some(initiators) = self.streams.get_mut(index) else { return };
        let (own, other) = if tcp.segment.source > tcp.segment.destination {
            (Initiators::HIGHER, Initiators::LOWER)
        } else {
            (Initiators::LOWER, Initiators::HIGHER)
        };
        let is_first = !initiators.contains(other);
        if is_first {
            initiators.insert(own);
        }
        self.current = Some(is_first);
    }

    /// Of the frame that was observed last.
    pub fn closes_first(&self) -> Option<bool> {
        self.current
    }
}
