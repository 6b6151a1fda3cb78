//! The fields that filters can name, under Wireshark's names, with their types and meanings.
//!
//! A field knows the protocol that it belongs to and how to read its values from a layer;
//! reading borrows from the frame and allocates nothing. Names are resolved once, when a
//! filter is parsed.

use crate::wire::Protocol;

use super::kind::Kind;

pub use field::{Field, Sink, Values};
pub use nearest::nearest;

use field::{Context, Read, Source, number};

mod absent;
mod application;
mod arp;
mod data;
mod dhcp;
mod dns;
mod dns_records;
mod ethernet;
mod expert;
mod field;
mod frame;
mod http;
mod icmp;
mod icmpv6;
mod igmp;
mod ip;
mod ip_options;
mod ipv6;
mod link;
mod mptcp;
mod nearest;
mod ntp;
mod tcp;
mod tcp_analysis;
mod tcp_events;
mod tcp_options;
mod tls;
mod tls_hello;
mod tunnel;
mod udp;

/// All fields, area by area.
const TABLES: &[&[Field]] = &[
    frame::FIELDS,
    ethernet::FIELDS,
    link::FIELDS,
    arp::FIELDS,
    ip::FIELDS,
    ip_options::FIELDS,
    ipv6::FIELDS,
    icmp::FIELDS,
    icmp::ROUTERS,
    icmpv6::FIELDS,
    igmp::FIELDS,
    udp::FIELDS,
    tcp::FIELDS,
    tcp_analysis::ANALYSIS,
    tcp_events::EVENTS,
    tcp_options::FIELDS,
    mptcp::FIELDS,
    mptcp::NUMBERS,
    tunnel::FIELDS,
    application::FIELDS,
    data::FIELDS,
    dns::FIELDS,
    dns_records::FIELDS,
    dhcp::FIELDS,
    dhcp::OPTIONS,
    dhcp::MESSAGE_TYPE,
    http::FIELDS,
    http::HEADERS,
    ntp::FIELDS,
    tls::FIELDS,
    tls_hello::FIELDS,
    application::BY_COLUMN,
    expert::FIELDS,
    absent::FIELDS,
];

/// Every field, layers' presence included, in the order of the tables.
pub fn all() -> impl Iterator<Item = Field> {
    let tables = TABLES.iter().flat_map(|table| table.iter().copied());
    tables.chain(Protocol::ALL.iter().map(|protocol| presence(*protocol)))
}

/// Old names of protocols that Wireshark still understands, also in front of a dot.
const ALIASES: &[(&str, &str)] = &[("ssl", "tls"), ("bootp", "dhcp")];

/// The field of a name.
pub fn find(name: &str) -> Option<Field> {
    for (old, new) in ALIASES {
        let rest = name.strip_prefix(old).filter(|rest| rest.is_empty() || rest.starts_with('.'));
        if let Some(rest) = rest {
            return all().find(|field| field.name.strip_prefix(new) == Some(rest));
        }
    }
    all().find(|field| field.name == name)
}

/// The presence of a layer, under the protocol's own name.
fn presence(protocol: Protocol) -> Field {
    let read = Source::Layers(protocol, Read::Presence);
    Field::new(protocol.name(), Kind::Protocol, read, "the layer itself")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_field_has_a_meaning() {
        let mut names: Vec<_> = all().map(|field| field.name).collect();
        names.sort_unstable();
        let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
        assert!(all().all(|field| !field.meaning.is_empty()));
    }
}
