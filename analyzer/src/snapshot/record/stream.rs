//! What is kept of one stream while the capture is read.

use sha2::{Digest, Sha256};

use super::super::ROWS_EACH;
use super::super::model::{Ending, Row, Sent, SnapshotConnection};
use super::fold::{self, Folding};
use super::names::Names;
use super::row::{self, Raw};
use crate::facts::{FrameFacts, TcpFacts};
use crate::summary::{Connection, Side};
use crate::tcp::reassembly::{Piece, Reassembly};
use crate::tcp::{Endpoint, TcpFlags};

/// Bytes of one direction that may wait for earlier ones.
const WAITING: usize = 256 * 1024;

/// One stream.
#[derive(Debug, Default)]
pub(super) struct StreamRecord {
    first_source: Option<Endpoint>,
    rows: Vec<Raw>,
    folding: Option<Folding>,
    layers: String,
    first: i64,
    last: i64,
    /// What the sender of the first frame sent, and what the other one did.
    halves: [Half; 2],
}

/// One direction.
#[derive(Debug)]
struct Half {
    reassembly: Reassembly,
    hash: Sha256,
    sent: Sent,
    ip: Option<String>,
    /// The relative acknowledgment number of its first FIN.
    fin_ack: Option<u32>,
}

impl Default for Half {
    fn default() -> Self {
        let reassembly = Reassembly::with_waiting_limit(WAITING);
        Self { reassembly, hash: Sha256::new(), sent: Sent::default(), ip: None, fin_ack: None }
    }
}

impl StreamRecord {
    /// Takes in a segment. True when it was kept as a row, which takes `has_room`.
    pub fn observe(&mut self, facts: &FrameFacts<'_>, tcp: &TcpFacts<'_>, has_room: bool) -> bool {
        let mut raw = row::of(facts, tcp);
        if self.first_source.is_none() {
            self.first_source = Some(raw.source);
            self.layers = row::layers(&facts.decoded);
            (self.first, self.last) = (raw.nanos, raw.nanos);
        }
        self.follow(tcp, self.first_source != Some(raw.source));
        let half = self.half(raw.source);
        if raw.flags.contains(TcpFlags::FIN) && half.fin_ack.is_none() {
            half.fin_ack = raw.ack;
        }
        match &half.ip {
            None => half.ip = Some(std::mem::take(&mut raw.ip)),
            Some(usual) if *usual == raw.ip => raw.ip.clear(),
            Some(_) => {}
        }
        let gap = seconds(raw.nanos, self.last);
        self.last = raw.nanos;
        if has_room && self.folding.is_none() && self.rows.len() < ROWS_EACH {
            self.rows.push(raw);
            return true;
        }
        let is_first = self.first_source == Some(raw.source);
        let folding = self.folding.get_or_insert_with(|| Folding::from(raw.frame));
        folding.add(raw.frame, raw.len, gap);
        folding.hash.update([u8::from(is_first)]);
        fold::hash_row(&mut folding.hash, &raw);
        false
    }

    /// What it comes to, now that it is known who is the client.
    pub fn finish(mut self, told: &Connection, names: &Names, start: i64) -> SnapshotConnection {
        self.halves.iter_mut().for_each(Half::finish);
        let is_client_first = self.first_source.is_none_or(|first| {
            first.port() == told.client.port && first.address().to_string() == told.client.address
        });
        let [mut client, mut server] = self.halves;
        if !is_client_first {
            std::mem::swap(&mut client, &mut server);
        }
        let is_half_close = match told.teardown.closed_first {
            Some(Side::Client) => client.lacks(&server.sent),
            Some(Side::Server) => server.lacks(&client.sent),
            None => false,
        };
        let mut last = self.first;
        let first_source = self.first_source;
        let rows = self.rows.into_iter().map(|raw| {
            let is_client = (Some(raw.source) == first_source) == is_client_first;
            let gap = seconds(raw.nanos, last);
            last = raw.nanos;
            finished(raw, if is_client { Side::Client } else { Side::Server }, gap)
        });
        SnapshotConnection {
            stream: told.stream,
            client: names.client(told),
            server: names.host(&told.server.address),
            port: told.server.port,
            roles: told.roles,
            start: seconds(self.first, start),
            layers: self.layers,
            client_ip: client.ip.unwrap_or_default(),
            server_ip: server.ip.unwrap_or_default(),
            handshake: told.handshake.outcome,
            client_options: told.client_options,
            server_options: told.server_options,
            client_sent: client.sent,
            server_sent: server.sent,
            ending: Ending {
                outcome: told.teardown.outcome,
                closed_first: told.teardown.closed_first,
                reset_by: told.teardown.reset.as_ref().map(|reset| reset.by),
                cause: told.teardown.reset.as_ref().map(|reset| reset.cause),
                is_half_close,
            },
            duration: seconds(self.last, self.first),
            segments: rows.collect(),
            folded: self.folding.map(Folding::finish),
        }
    }

    fn half(&mut self, source: Endpoint) -> &mut Half {
        let [first, second] = &mut self.halves;
        if self.first_source == Some(source) { first } else { second }
    }

    /// Puts the payload in order.
    fn follow(&mut self, tcp: &TcpFacts<'_>, is_second: bool) {
        let [first, second] = &mut self.halves;
        let (sender, receiver) = if is_second { (second, first) } else { (first, second) };
        let segment = tcp.segment;
        if segment.flags.contains(TcpFlags::ACK) {
            let Half { reassembly, hash, sent, .. } = receiver;
            reassembly.acknowledge(segment.ack_raw, &mut |piece| take(hash, sent, piece));
        }
        // What a RST carries explains it (RFC 9293, section 3.5.3); no application reads it.
        if !segment.flags.contains(TcpFlags::RST) {
            let Half { reassembly, hash, sent, .. } = sender;
            reassembly.push(segment, tcp.payload, &mut |piece| take(hash, sent, piece));
        }
    }
}

impl Half {
    /// True when its FIN says that it had not all that the other side ever sent.
    fn lacks(&self, peer: &Sent) -> bool {
        // The first byte has number 1; numbers wrap.
        let all = (peer.bytes.saturating_add(peer.missing) as u32).wrapping_add(1);
        self.fin_ack.is_some_and(|ack| all.wrapping_sub(ack).cast_signed() > 0)
    }

    fn finish(&mut self) {
        let Self { reassembly, hash, sent, .. } = self;
        reassembly.finish(&mut |piece| take(hash, sent, piece));
        if sent.bytes > 0 {
            sent.sha256 = fold::short(hash.clone());
        }
    }
}

fn take(hash: &mut Sha256, sent: &mut Sent, piece: Piece<'_>) {
    match piece {
        Piece::Data(bytes) => {
            hash.update(bytes);
            sent.bytes += bytes.len() as u64;
        }
        Piece::Missing(bytes) => sent.missing = sent.missing.saturating_add(bytes),
    }
}

fn finished(raw: Raw, from: Side, gap: f64) -> Row {
    Row {
        frame: raw.frame,
        gap,
        from,
        flags: row::flag_names(raw.flags),
        seq: raw.seq,
        ack: raw.ack,
        len: raw.len,
        captured: raw.captured,
        data: raw.data,
        sha256: raw.sha256,
        window: raw.window,
        urgent: raw.urgent,
        options: raw.options,
        ip: raw.ip,
        bad_checksum: raw.bad_checksum,
        events: raw.events,
    }
}

/// A span in seconds, to a tenth of a millisecond.
pub(super) fn seconds(later: i64, earlier: i64) -> f64 {
    const TENTH: i64 = 100_000;
    let tenths = later.saturating_sub(earlier).saturating_add(TENTH / 2).div_euclid(TENTH);
    tenths as f64 / 10_000.0
}
