//! Symbols for hosts: `server`, `client#1`, `host#1`.

use std::collections::HashMap;

use crate::summary::Connection;

/// Ports that only system services listen on (RFC 6335, section 6).
const WELL_KNOWN: u16 = 1024;

/// The symbols that were given.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// By address: true for a server, and its number in the order of appearance, from 1.
    hosts: HashMap<String, (Part, usize)>,
    counts: [usize; 3],
}

/// What a host is in a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Server,
    Client,
    Other,
}

/// Hosts beyond this many share a symbol: whoever scans a network has no names.
const MAX_HOSTS: usize = 10_000;

impl Names {
    /// Gives symbols to the hosts of a connection. A host that is a server somewhere is called
    /// server everywhere.
    pub fn learn(&mut self, connection: &Connection) {
        self.give(&connection.server.address, Part::Server);
        self.give(&connection.client.address, Part::Client);
    }

    /// The client with its port, when that is a well-known one.
    pub fn client(&self, connection: &Connection) -> String {
        with_port(self.host(&connection.client.address), connection.client.port)
    }

    /// The symbol of an address; a server is `server` when there is but one.
    pub fn host(&self, address: &str) -> String {
        match self.hosts.get(address) {
            None => "host".to_owned(),
            Some((Part::Server, _)) if self.count(Part::Server) == 1 => "server".to_owned(),
            Some((part, number)) => format!("{}#{number}", part.word()),
        }
    }

    /// The symbol of an address that may be new.
    pub fn host_or_new(&mut self, address: &str) -> String {
        self.give(address, Part::Other);
        self.host(address)
    }

    fn give(&mut self, address: &str, part: Part) {
        let known = self.hosts.get(address).copied();
        let is_better =
            known.is_none_or(|(known, _)| known == Part::Client && part == Part::Server);
        if !is_better || (known.is_none() && self.hosts.len() >= MAX_HOSTS) {
            return;
        }
        if let Some(count) = self.counts.get_mut(part as usize) {
            *count += 1;
            self.hosts.insert(address.to_owned(), (part, *count));
        }
    }

    fn count(&self, part: Part) -> usize {
        self.counts.get(part as usize).copied().unwrap_or(0)
    }
}

impl Part {
    const fn word(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
            Self::Other => "host",
        }
    }
}

/// A host with its port, when that is a well-known one.
pub(super) fn with_port(host: String, port: u16) -> String {
    if port < WELL_KNOWN { format!("{host}:{port}") } else { host }
}
