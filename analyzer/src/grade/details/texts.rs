//! The lines of Wireshark's details pane that follow from what this program knows of a frame.

use std::iter;
use std::net::IpAddr;
use std::path::Path;

use crate::grade::expected::ExpectedRow;
use crate::source;

/// A link layer of Ethernet.
const ETHERNET: u16 = 1;

/// A line as Wireshark shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    /// The line, without the mark that opens it.
    pub text: String,
    /// What follows is not known.
    pub is_open: bool,
    /// Addresses may stand there by names of which this program knows nothing.
    pub may_be_named: bool,
}

/// The lines of a frame that are known, in Wireshark's order.
pub(super) fn texts(row: &ExpectedRow, capture: &Path) -> Vec<Text> {
    let closed = |text: String| Text { text, is_open: false, may_be_named: false };
    let mut texts = Vec::new();
    if let Some((bytes, link_type)) = frame_bytes(capture, row.number) {
        let captured = bytes.len();
        let (number, length) = (row.number, row.length);
        let text = format!(
            "Frame {number}: {length} bytes on wire ({} bits), {captured} bytes captured ({} bits)",
            u64::from(length) * 8,
            captured * 8
        );
        texts.push(Text { text, is_open: true, may_be_named: false });
        texts.extend(ethernet(&bytes).filter(|_| link_type == ETHERNET));
    }
    let address = |text: &str| text.parse::<IpAddr>().ok();
    if let (Some(source), Some(destination)) = (address(&row.source), address(&row.destination)) {
        let version = if source.is_ipv4() { 4 } else { 6 };
        let text =
            format!("Internet Protocol Version {version}, Src: {source}, Dst: {destination}");
        texts.push(closed(text));
    }
    texts.extend(transport(row).into_iter().map(closed));
    texts
}

/// The lines of the protocols above IP, by what Info says.
fn transport(row: &ExpectedRow) -> Vec<String> {
    let info = row.info.as_str();
    let value = |name: &str| {
        let at = info.split(' ').find_map(|word| word.strip_prefix(name))?;
        at.parse::<u64>().ok()
    };
    let ports = info.split_once(" → ").and_then(|(before, after)| {
        let from = before.rsplit(' ').next()?.parse::<u16>().ok()?;
        Some((from, after.split(' ').next()?.parse::<u16>().ok()?))
    });
    let data = |len: u64| {
        let text = format!("Data ({len} byte{})", if len == 1 { "" } else { "s" });
        (len > 0).then_some(text)
    };
    match (row.protocol, ports, value("Len=")) {
        ("TCP", Some((from, to)), Some(len)) => {
            let Some(seq) = value("Seq=") else { return Vec::new() };
            let ack = value("Ack=").map_or(String::new(), |ack| format!(", Ack: {ack}"));
            let line = format!(
                "Transmission Control Protocol, Src Port: {from}, Dst Port: {to}, Seq: {seq}{ack}, \
                 Len: {len}"
            );
            iter::once(line).chain(data(len)).collect()
        }
        ("UDP", Some((from, to)), Some(len)) => {
            let line = format!("User Datagram Protocol, Src Port: {from}, Dst Port: {to}");
            iter::once(line).chain(data(len)).collect()
        }
        ("ARP", ..) if info.starts_with("Who has") => {
            vec!["Address Resolution Protocol (request)".to_owned()]
        }
        ("ARP", ..) if info.contains(" is at ") => {
            vec!["Address Resolution Protocol (reply)".to_owned()]
        }
        ("ICMP", ..) => vec!["Internet Control Message Protocol".to_owned()],
        ("ICMPv6", ..) => vec!["Internet Control Message Protocol v6".to_owned()],
        (name, ..) if name.starts_with("IGMP") => {
            vec!["Internet Group Management Protocol".to_owned()]
        }
        _ => Vec::new(),
    }
}

/// The line of an Ethernet header. Groups have names of their own, vendors too where their list
/// is at hand; an address that is set by hand has none.
fn ethernet(bytes: &[u8]) -> Option<Text> {
    let address = |bytes: &[u8]| -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
    };
    let name = |bytes: &[u8]| {
        let tail = |from: usize| {
            let rest = bytes.get(from..).unwrap_or_default();
            let rest: Vec<u8> = rest.iter().copied().skip_while(|byte| *byte == 0).collect();
            address(&rest)
        };
        match bytes {
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff] => "Broadcast".to_owned(),
            [0x01, 0x00, 0x5e, ..] => format!("IPv4mcast_{}", tail(3)),
            [0x33, 0x33, ..] => format!("IPv6mcast_{}", tail(2)),
            _ => address(bytes),
        }
    };
    let (destination, source) = (bytes.get(..6)?, bytes.get(6..12)?);
    let text = format!(
        "Ethernet II, Src: {} ({}), Dst: {} ({})",
        name(source),
        address(source),
        name(destination),
        address(destination)
    );
    let is_by_hand = |bytes: &[u8]| bytes.first().is_some_and(|first| first & 3 == 2);
    let may_be_named = !is_by_hand(source) || !is_by_hand(destination);
    Some(Text { text, is_open: false, may_be_named })
}

/// A frame's bytes and link layer; none when the file is damaged before it.
fn frame_bytes(capture: &Path, number: u64) -> Option<(Vec<u8>, u16)> {
    let mut capture = source::open(capture).ok()?;
    while let Ok(Some(frame)) = capture.next() {
        if frame.number.0 == number {
            return Some((frame.bytes.to_vec(), frame.link_type.0));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn info_tells_the_line_of_the_transport() {
        for (protocol, info, expected) in [
            (
                "TCP",
                "[TCP Retransmission] 43430 → 32444 [PSH, ACK] Seq=1 Ack=68 Win=5 Len=32",
                vec![
                    "Transmission Control Protocol, Src Port: 43430, Dst Port: 32444, Seq: 1, \
                     Ack: 68, Len: 32",
                    "Data (32 bytes)",
                ],
            ),
            (
                "TCP",
                "43430 → 32444 [SYN] Seq=0 Win=64240 Len=0 MSS=1460",
                vec![
                    "Transmission Control Protocol, Src Port: 43430, Dst Port: 32444, Seq: 0, \
                     Len: 0",
                ],
            ),
            (
                "UDP",
                "56254 → 5005 Len=1",
                vec!["User Datagram Protocol, Src Port: 56254, Dst Port: 5005", "Data (1 byte)"],
            ),
            ("DNS", "Standard query 0x1234 A mesin1.lab", Vec::new()),
        ] {
            let row = ExpectedRow { protocol, info: info.into(), ..ExpectedRow::default() };
            assert_eq!(transport(&row), expected, "{info}");
        }
    }

    #[test]
    fn groups_have_names() {
        let bytes = [0x01, 0, 0x5e, 0, 0, 0x16, 2, 0x42, 0xac, 0x10, 0x10, 0x65];
        let text = ethernet(&bytes).map(|text| text.text);
        let line = "Ethernet II, Src: 02:42:ac:10:10:65 (02:42:ac:10:10:65), \
                    Dst: IPv4mcast_16 (01:00:5e:00:00:16)";
        assert_eq!(text.as_deref(), Some(line));
    }
}
