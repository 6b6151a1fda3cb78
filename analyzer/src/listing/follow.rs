//! What the two ends of a TCP stream said to each other: the bytes that the applications
//! read, in order, each direction's turn after the other's.
//!
//! Bytes are written as soon as they are contiguous, so memory holds only what waits behind
//! a hole (at most [`WAITING_LIMIT`] a direction). Bytes that the capture does not have are
//! named where they are missing.

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::hex_pane;
use crate::engine::Observer;
use crate::facts::{FrameFacts, TcpFacts};
use crate::tcp::reassembly::{Piece, Reassembly, WAITING_LIMIT};
use crate::tcp::{Direction, Endpoint, StreamId, TcpFlags};

/// How the bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowFormat {
    /// Printable ASCII and line ends as they are, everything else as a dot.
    Text,
    /// A dump with offsets, counted for each direction on its own.
    Hex,
    /// Nothing but the bytes.
    Raw,
}

/// What to follow and how to show it.
#[derive(Debug, Clone, Copy)]
pub struct FollowLook {
    /// The stream.
    pub stream: StreamId,
    /// Only what this side sent; both when `None`.
    pub from: Option<Direction>,
    /// How to write the bytes.
    pub format: FollowFormat,
    /// Colours the directions; only for terminals.
    pub is_coloured: bool,
}

/// What was found, for the person who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FollowOutcome {
    /// Streams in the capture.
    pub streams: u64,
    /// Whether the stream was among them.
    pub is_found: bool,
    /// Bytes written.
    pub bytes: u64,
    /// Bytes named as missing.
    pub missing: u64,
}

/// An observer that writes one stream.
pub struct Follower<'w> {
    out: &'w mut dyn Write,
    look: FollowLook,
    halves: Vec<Half>,
    /// Index of the half whose turn it is.
    turn: Option<usize>,
    outcome: FollowOutcome,
    failure: Option<io::Error>,
}

/// One direction: who sends, and what was read from it.
struct Half {
    sender: Endpoint,
    direction: Direction,
    reassembly: Reassembly,
    /// Bytes written, for the offsets of a dump.
    written: u64,
    /// True when the text written last did not end its line.
    is_mid_line: bool,
}

impl<'w> Follower<'w> {
    /// Follows a stream into a writer.
    pub fn new(out: &'w mut dyn Write, look: FollowLook) -> Self {
        let outcome = FollowOutcome::default();
        Self { out, look, halves: Vec::new(), turn: None, outcome, failure: None }
    }

    /// Writes what still waits behind holes.
    ///
    /// # Errors
    /// The writer's first error, which also ended the run.
    pub fn finish(mut self) -> io::Result<FollowOutcome> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        for index in 0..self.halves.len() {
            self.feed(index, |reassembly, sink| reassembly.finish(sink))?;
        }
        self.end_line()?;
        self.out.flush()?;
        Ok(self.outcome)
    }

    fn segment(&mut self, tcp: &TcpFacts<'_>) -> io::Result<()> {
        let segment = &tcp.segment;
        let sender = self.half(segment.source, tcp.analysis.direction);
        if segment.flags.contains(TcpFlags::ACK) {
            let receiver = self.half(segment.destination, tcp.analysis.direction.reverse());
            if let Some(receiver) = receiver {
                let ack = segment.ack_raw;
                self.feed(receiver, |reassembly, sink| reassembly.acknowledge(ack, sink))?;
            }
        }
        let Some(sender) = sender else { return Ok(()) };
        self.feed(sender, |reassembly, sink| reassembly.push(segment, tcp.payload, sink))
    }

    /// The half that an endpoint sends; made when it speaks, or is spoken to, first.
    fn half(&mut self, sender: Endpoint, direction: Direction) -> Option<usize> {
        if let Some(index) = self.halves.iter().position(|half| half.sender == sender) {
            if let Some(half) = self.halves.get_mut(index) {
                half.direction = direction;
            }
            return Some(index);
        }
        // A connection of an endpoint with itself has one sender for both directions.
        if self.halves.len() >= 2 {
            return None;
        }
        let reassembly = Reassembly::with_waiting_limit(WAITING_LIMIT);
        let half = Half { sender, direction, reassembly, written: 0, is_mid_line: false };
        self.halves.push(half);
        Some(self.halves.len() - 1)
    }

    /// Lets a step of a half's reassembly run and writes what it hands out.
    fn feed(
        &mut self,
        index: usize,
        step: impl FnOnce(&mut Reassembly, &mut dyn FnMut(Piece<'_>)),
    ) -> io::Result<()> {
        let Some(half) = self.halves.get_mut(index) else { return Ok(()) };
        let mut reassembly = std::mem::take(&mut half.reassembly);
        let mut result = Ok(());
        step(&mut reassembly, &mut |piece| {
            if result.is_ok() {
                result = self.write(index, piece);
            }
        });
        if let Some(half) = self.halves.get_mut(index) {
            half.reassembly = reassembly;
        }
        result
    }

    fn write(&mut self, index: usize, piece: Piece<'_>) -> io::Result<()> {
        let direction = self.halves.get(index).map(|half| half.direction);
        if self.look.from.is_some_and(|from| direction != Some(from)) {
            return Ok(());
        }
        if self.turn != Some(index) && self.look.format != FollowFormat::Raw {
            self.begin_turn(index)?;
        }
        self.turn = Some(index);
        match piece {
            Piece::Data(bytes) => {
                self.outcome.bytes += bytes.len() as u64;
                self.write_bytes(index, bytes)
            }
            Piece::Missing(bytes) => {
                self.outcome.missing += bytes;
                self.write_missing(index, bytes)
            }
        }
    }

    /// Names the side that speaks now.
    fn begin_turn(&mut self, index: usize) -> io::Result<()> {
        self.end_line()?;
        let Some(half) = self.halves.get(index) else { return Ok(()) };
        let (name, colour) = match half.direction {
            Direction::FromClient => ("client", "\x1b[31m"),
            Direction::FromServer => ("server", "\x1b[34m"),
        };
        if self.look.is_coloured {
            self.out.write_all(colour.as_bytes())?;
        }
        writeln!(self.out, "--- {name} {}", half.sender)
    }

    /// Ends a line of text, and the colour.
    fn end_line(&mut self) -> io::Result<()> {
        let half = self.turn.and_then(|index| self.halves.get_mut(index));
        if let Some(half) = half
            && std::mem::take(&mut half.is_mid_line)
        {
            self.out.write_all(b"\n")?;
        }
        if self.turn.is_some() && self.look.is_coloured {
            self.out.write_all(b"\x1b[0m")?;
        }
        Ok(())
    }

    fn write_bytes(&mut self, index: usize, bytes: &[u8]) -> io::Result<()> {
        let Some(half) = self.halves.get_mut(index) else { return Ok(()) };
        let offset = half.written;
        half.written += bytes.len() as u64;
        match self.look.format {
            FollowFormat::Raw => self.out.write_all(bytes),
            FollowFormat::Hex => hex_pane::write_at(self.out, bytes, offset, 8),
            FollowFormat::Text => {
                half.is_mid_line = bytes.last() != Some(&b'\n');
                write_text(self.out, bytes)
            }
        }
    }

    /// Says how many bytes are missing; not in raw output, which is nothing but bytes.
    fn write_missing(&mut self, index: usize, bytes: u64) -> io::Result<()> {
        let Some(half) = self.halves.get_mut(index) else { return Ok(()) };
        half.written += bytes;
        if self.look.format == FollowFormat::Raw {
            return Ok(());
        }
        if std::mem::take(&mut half.is_mid_line) {
            self.out.write_all(b"\n")?;
        }
        writeln!(self.out, "[{bytes} bytes missing in capture file]")
    }
}

impl Observer for Follower<'_> {
    fn frame(&mut self, facts: &FrameFacts<'_>) -> ControlFlow<()> {
        let Some(tcp) = &facts.tcp else { return ControlFlow::Continue(()) };
        let stream = tcp.analysis.stream;
        self.outcome.streams = self.outcome.streams.max(u64::from(stream.0) + 1);
        if stream != self.look.stream {
            return ControlFlow::Continue(());
        }
        self.outcome.is_found = true;
        match self.segment(tcp) {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                self.failure = Some(failure);
                ControlFlow::Break(())
            }
        }
    }
}

/// Bytes as text that can do no harm to a terminal.
fn write_text(out: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    let is_shown = |byte: &u8| matches!(byte, 0x20..0x7f | b'\n' | b'\r' | b'\t');
    for part in bytes.chunk_by(|a, b| is_shown(a) == is_shown(b)) {
        if part.first().is_some_and(is_shown) {
            out.write_all(part)?;
        } else {
            for _ in part {
                out.write_all(b".")?;
            }
        }
    }
    Ok(())
}
