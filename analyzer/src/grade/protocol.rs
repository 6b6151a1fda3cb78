//! Which protocols can be told at all.
//!
//! What stands above TCP and UDP is described for the protocols of labs; Wireshark knows
//! thousands. A row that names one of the others, for a frame that carries data, may be right:
//! its Protocol and Info are not judged, the rest of the row is.

use super::expected::ExpectedRow;
use super::wording;

/// Protocols that the expected rows are described as, among others that carry them.
const DESCRIBED: &[&str] = &[
    "ARP",
    "DHCP",
    "DNS",
    "EAPOL",
    "GTP",
    "HTTP",
    "ICMP",
    "ICMPv6",
    "IGMP",
    "IGMPv2",
    "IPv4",
    "IPv6",
    "LLMNR",
    "MDNS",
    "NBNS",
    "RARP",
    "SSL",
    "SSLv2",
    "TCP",
    "TLS",
    "UDP",
    "WebSocket",
];
/// Those that carry no other protocol.
const ALONE: &[&str] = &["ARP", "RARP", "ICMP", "IGMP", "DHCP"];

/// Whether a row names, for this frame, a protocol that cannot be told.
#[must_use]
pub fn is_beyond(seen: &str, frame: &ExpectedRow) -> bool {
    if !is_other(seen) || resembles(seen, frame.protocol) {
        return false;
    }
    let is_alone = ALONE.iter().any(|one| frame.protocol.starts_with(one));
    !is_alone && (frame.protocol != "TCP" || wording::has_data(&frame.info))
}

/// Whether this is the name of a protocol that is not described here.
#[must_use]
pub fn is_other(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "./<>_- ".contains(c);
    name.len() >= 2 && name.chars().all(is_part) && !is_described(name)
}

/// `TLSv1.2`, `HTTP/XML` and `GTP <TCP>` are described as their first or inner part is.
fn is_described(name: &str) -> bool {
    let name = name.split_once('<').map_or(name, |(_, inner)| inner);
    let end = name.find(['/', ' ', '>']).unwrap_or(name.len());
    let first = name.get(..end).unwrap_or(name);
    let is_versioned = |one: &str| {
        first.strip_prefix(one).is_some_and(|rest| rest.starts_with("v1") || rest.starts_with("v3"))
    };
    DESCRIBED.iter().any(|one| first == *one || is_versioned(one))
}

/// Whether one may be the other, misread: as long, and the same for the greater part.
fn resembles(seen: &str, want: &str) -> bool {
    if seen.contains('<') {
        return false;
    }
    let (seen, want) = (wording::folded(seen), wording::folded(want));
    let same = seen.chars().zip(want.chars()).filter(|(a, b)| a == b).count();
    seen.len().abs_diff(want.len()) <= 1 && same * 2 >= want.len()
}

/// Two names of one protocol, whose version Wireshark shows as far as it knows the connection.
#[must_use]
pub fn is_same(seen: &str, want: &str) -> bool {
    let is_tls = |name: &str| name.starts_with("TLSv1") || name.starts_with("SSL");
    let is_http = |name: &str| name == "HTTP" || name.starts_with("HTTP/");
    (is_tls(seen) && is_tls(want)) || (is_http(seen) && is_http(want))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_above_the_data_is_beyond() {
        let data = "1 → 2 [PSH, ACK] Seq=1 Ack=1 Win=5 Len=12";
        let bare = "1 → 2 [ACK] Seq=1 Ack=1 Win=5 Len=0";
        for (seen, protocol, info, expected) in [
            ("SMB2", "TCP", data, true),
            ("Modbus/TCP", "TCP", data, true),
            ("SMB2", "TCP", bare, false),
            ("HTTP", "TCP", data, false),
            ("TLSv1.2", "TCP", data, false),
            ("TGP", "TCP", data, false),
            ("T0P", "TCP", data, false),
            ("KRB5", "UDP", "1 → 88 Len=30", true),
            ("OCSP", "HTTP", "Response", true),
            ("SMB2", "ARP", "Who has 1.1.1.1?", false),
            ("|", "TCP", data, false),
        ] {
            let frame = ExpectedRow { protocol, info: info.to_owned(), ..ExpectedRow::default() };
            assert_eq!(is_beyond(seen, &frame), expected, "{seen} for {protocol} {info}");
        }
    }
}
