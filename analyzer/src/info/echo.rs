//! Which echo reply answers which request: the frame numbers that ICMP lines name.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use crate::frame::FrameNumber;

/// Requests remembered; the oldest is forgotten first.
const CAPACITY: usize = 65_536;

/// What a request and its reply have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct EchoKey {
    /// Who asked.
    pub requester: IpAddr,
    /// Who was asked.
    pub responder: IpAddr,
    /// Identifier.
    pub id: u16,
    /// Sequence number.
    pub seq: u16,
}

/// The open requests.
#[derive(Debug, Default)]
pub(super) struct EchoTable {
    open: HashMap<EchoKey, FrameNumber>,
    order: VecDeque<EchoKey>,
}

impl EchoTable {
    /// Remembers a request; a later one with the same key replaces it.
    pub fn request(&mut self, key: EchoKey, frame: FrameNumber) {
        if self.open.insert(key, frame).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > CAPACITY {
            if let Some(oldest) = self.order.pop_front() {
                self.open.remove(&oldest);
            }
        }
    }

    /// The frame of the request that a reply answers.
    pub fn reply(&self, key: &EchoKey) -> Option<FrameNumber> {
        self.open.get(key).copied()
    }
}
