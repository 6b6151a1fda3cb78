//! Many connections at once: whose packet is next, and who begins when one is over.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::connection::Connection;
use super::frame::FrameBuilder;
use super::packet::Packet;
use super::profile::{Shape, Span};
use super::random::Random;
use super::truth::Truth;

/// Ports that wait to be used again.
const MAX_WAITING: usize = 4096;

/// Traffic as it comes, frame by frame.
#[derive(Debug)]
pub struct Traffic {
    shape: Shape,
    random: Random,
    connections: Vec<Connection>,
    /// When each connection's next packet is due; the first connection on a draw.
    due: BinaryHeap<Reverse<(u64, usize)>>,
    begun: u64,
    next_number: u64,
    /// Numbers of connections that are over.
    over: Vec<u64>,
    builder: FrameBuilder,
    truth: Truth,
}

impl Traffic {
    /// Before the first frame. A shape without connections is empty traffic.
    pub fn new(shape: Shape, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let builder = FrameBuilder::new(&mut random);
        let mut traffic = Self {
            shape,
            random,
            connections: Vec::new(),
            due: BinaryHeap::new(),
            begun: 0,
            next_number: 0,
            over: Vec::new(),
            builder,
            truth: Truth::default(),
        };
        for slot in 0..usize::try_from(shape.open.min(shape.connections)).unwrap_or(usize::MAX) {
            let now = traffic.random.within(shape.start_us) * 1000;
            let connection = traffic.begin(now, VecDeque::new());
            traffic.connections.push(connection);
            traffic.schedule(slot, 0);
        }
        traffic
    }

    /// The next frame: nanoseconds since the capture began, never fewer than those of the frame
    /// before, and its bytes. `None` when all connections are over.
    pub fn next_frame(&mut self) -> Option<(u64, &[u8])> {
        let (at, packet, slot) = loop {
            let Reverse((at, slot)) = self.due.pop()?;
            let packet = self.connections.get_mut(slot).and_then(|one| one.queue.pop_front());
            if let Some(packet) = packet {
                break (at, packet, slot);
            }
        };
        let connection = self.connections.get_mut(slot)?;
        if !connection.is_seen {
            connection.is_seen = true;
            self.truth.connections += 1;
            self.truth.ipv6 += u64::from(connection.headers.is_ipv6);
            self.truth.vlan += u64::from(connection.headers.has_vlan);
        }
        let len = self.builder.build(connection, &packet).len();
        self.truth.count(&packet, len);
        self.schedule(slot, at);
        Some((at, self.builder.bytes()))
    }

    /// What the frames so far hold.
    pub fn truth(&self) -> Truth {
        Truth { cut_off: self.due.len() as u64, ..self.truth }
    }

    /// Puts a connection in its place in time; if it is over, the next one takes its slot.
    fn schedule(&mut self, slot: usize, now: u64) {
        while let Some(connection) = self.connections.get_mut(slot) {
            if let Some(at) = connection.next_time(&self.shape) {
                self.due.push(Reverse((at.max(now), slot)));
                return;
            }
            if self.over.len() < MAX_WAITING {
                self.over.push(connection.number);
            }
            let queue = std::mem::take(&mut connection.queue);
            if self.begun == self.shape.connections {
                return;
            }
            let begins = now + self.random.within(self.shape.pause_us) * 1000;
            let next = self.begin(begins, queue);
            if let Some(connection) = self.connections.get_mut(slot) {
                *connection = next;
            }
        }
    }

    fn begin(&mut self, now: u64, queue: VecDeque<Packet>) -> Connection {
        self.begun += 1;
        let is_reused = self.random.happens(self.shape.reused) && !self.over.is_empty();
        let number = if is_reused {
            let last = self.over.len() as u64 - 1;
            let at = self.random.within(Span::new(0, last)) as usize;
            self.truth.reused += 1;
            self.over.swap_remove(at)
        } else {
            self.next_number += 1;
            self.next_number - 1
        };
        let random = Random::new(self.random.next());
        Connection::new(number, random, now, &self.shape, queue)
    }
}
