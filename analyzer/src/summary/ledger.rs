//! The compact records of all streams, and what only their comparison shows.

use std::collections::HashMap;

use super::concurrency::Outcome;
use super::connect;
use super::mark::At;
use super::model::{Connection, PortReuse, Waiting};
use super::record::{Facts, Record};
use crate::tcp::Endpoint;
use crate::time::Timestamp;

/// All records of a capture, ready to be told one at a time.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
    capture_start: Timestamp,
    /// The last frame of any stream.
    capture_end: At,
}

/// A record with what other records say about it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) record: Record,
    /// Connections that were open meanwhile.
    pub(super) partners: u64,
    pub(super) previous: Option<PortReuse>,
    pub(super) waiting: Option<Box<Waiting>>,
    /// The stream whose handshake shows who the server is.
    pub(super) role_witness: Option<u32>,
}

impl Ledger {
    /// Compares the records: roles, port reuse, and the overlaps into `outcome`.
    pub(super) fn new(records: Vec<Record>, capture_start: Timestamp) -> (Self, Outcome) {
        let mut entries: Vec<Entry> = records.into_iter().map(Entry::new).collect();
        settle_roles(&mut entries);
        find_port_reuse(&mut entries);
        entries.retain(|entry| entry.record.facts.contains(Facts::MATCHED));
        let lasts = entries.iter().map(|entry| connect::ends(&entry.record).1);
        let capture_end = lasts.max_by_key(|at| at.frame).unwrap_or_default();
        let span = |entry: &Entry| connect::span(&entry.record, capture_end);
        let spans = entries.iter().filter_map(span).collect();
        let mut outcome = super::concurrency::analyse(spans, capture_start);
        for entry in &mut entries {
            let span = span(entry);
            entry.partners = span.map_or(0, |span| outcome.partners(&span));
            let stream = entry.record.stream.0;
            entry.waiting = outcome.waiting.remove(&stream).map(Box::new);
        }
        (Self { entries, capture_start, capture_end }, outcome)
    }

    /// True without a stream.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Number of streams.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// All entries, by stream number.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Every connection, without segment rows.
    pub(crate) fn connections(&self) -> impl Iterator<Item = Connection> + '_ {
        self.entries.iter().map(|entry| connect::connection(entry, self.capture_start))
    }

    /// The time from which moments count.
    pub(super) fn capture_start(&self) -> Timestamp {
        self.capture_start
    }

    /// The first streams, at most `limit`, that were open together with the one at `index`.
    pub(super) fn partners_of(&self, index: usize, limit: usize) -> Vec<u32> {
        let Some(own) = self.entries.get(index) else { return Vec::new() };
        let Some(span) = connect::span(&own.record, self.capture_end).filter(|_| own.partners > 0)
        else {
            return Vec::new();
        };
        let limit = limit.min(usize::try_from(own.partners).unwrap_or(usize::MAX));
        let others = self.entries.iter().enumerate().filter(|(other, _)| *other != index);
        let spans = others.filter_map(|(_, entry)| connect::span(&entry.record, self.capture_end));
        spans.filter(|other| other.is_open_with(&span)).map(|s| s.stream).take(limit).collect()
    }
}

impl Entry {
    fn new(record: Record) -> Self {
        Self { record, partners: 0, previous: None, waiting: None, role_witness: None }
    }
}

/// Where no handshake shows the roles, another connection may: an endpoint that answered a
/// SYN with a SYN-ACK is a server.
fn settle_roles(entries: &mut [Entry]) {
    let mut servers: HashMap<Endpoint, u32> = HashMap::new();
    for Entry { record, .. } in entries.iter().filter(|entry| entry.record.syn_ack.is_set()) {
        servers.entry(record.server).or_insert(record.stream.0);
    }
    for entry in entries.iter_mut().filter(|entry| !connect::is_role_known(&entry.record)) {
        let record = &mut entry.record;
        let as_is = servers.get(&record.server).copied();
        let swapped = servers.get(&record.client).copied();
        entry.role_witness = as_is.or(swapped);
        if as_is.is_none() && swapped.is_some() {
            record.swap_sides();
            record.facts |= Facts::SWAPPED;
        }
    }
}

fn find_port_reuse(entries: &mut [Entry]) {
    let mut latest: HashMap<(Endpoint, Endpoint), PortReuse> = HashMap::new();
    for entry in entries {
        let record = &entry.record;
        let Some(last) = record.origin.at(record.last) else { continue };
        let pair = (record.client.min(record.server), record.client.max(record.server));
        let own = PortReuse { previous_stream: record.stream.0, previous_last_frame: last.frame };
        entry.previous = latest.insert(pair, own);
    }
}
