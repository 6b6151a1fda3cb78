//! Counts TCP connections that have closed while they are watched.

use std::collections::HashMap;

use analyzer::facts::TcpFacts;
use analyzer::tcp::{Direction, StreamId, TcpFlags};

/// Knows which connections are about to close: only those, so it stays small.
#[derive(Debug, Default)]
pub struct ClosingConnections {
    closing: HashMap<StreamId, Fins>,
    closed: u64,
}

/// The two FINs of a connection: the relative sequence number after each, once seen, and
/// whether the other side acknowledged it.
#[derive(Debug, Clone, Copy, Default)]
struct Fins {
    from_client: Option<Fin>,
    from_server: Option<Fin>,
}

#[derive(Debug, Clone, Copy)]
struct Fin {
    next_seq: u32,
    is_acknowledged: bool,
}

impl ClosingConnections {
    /// Connections that have closed: by a reset, or by two acknowledged FINs (RFC 9293,
    /// section 3.6). One that only ends with the recording is not closed.
    pub fn closed(&self) -> u64 {
        self.closed
    }

    /// Takes in the next segment.
    pub fn observe(&mut self, tcp: &TcpFacts<'_>) {
        let (stream, flags) = (tcp.analysis.stream, tcp.segment.flags);
        if flags.contains(TcpFlags::RST) {
            // A reset of a connection that is closed already (late data) is not counted
            // twice: its entry is kept as closed.
            let is_new = self.closing.insert(stream, Fins::CLOSED).is_none_or(|f| !f.are_closed());
            self.closed += u64::from(is_new);
            return;
        }
        if flags.contains(TcpFlags::SYN) {
            self.closing.remove(&stream);
            return;
        }
        let has_fin = flags.contains(TcpFlags::FIN);
        if !has_fin && !self.closing.contains_key(&stream) {
            return;
        }
        let fins = self.closing.entry(stream).or_default();
        let was_closed = fins.are_closed();
        if has_fin && let Some(next_seq) = tcp.analysis.next_seq() {
            let fin = fins.of(tcp.analysis.direction);
            fin.get_or_insert(Fin { next_seq, is_acknowledged: false });
        }
        if flags.contains(TcpFlags::ACK)
            && let Some(fin) = fins.of(tcp.analysis.direction.reverse())
        {
            let ahead = tcp.analysis.ack_rel.wrapping_sub(fin.next_seq);
            fin.is_acknowledged |= ahead < 1 << 31;
        }
        self.closed += u64::from(!was_closed && fins.are_closed());
    }
}

impl Fins {
    const CLOSED: Self = {
        let fin = Some(Fin { next_seq: 0, is_acknowledged: true });
        Self { from_client: fin, from_server: fin }
    };

    fn of(&mut self, direction: Direction) -> &mut Option<Fin> {
        match direction {
            Direction::FromClient => &mut self.from_client,
            Direction::FromServer => &mut self.from_server,
        }
    }

    fn are_closed(&self) -> bool {
        let is_done = |fin: Option<Fin>| fin.is_some_and(|fin| fin.is_acknowledged);
        is_done(self.from_client) && is_done(self.from_server)
    }
}
