//! A hex dump against the details and the row beside it, and against its own checksums.

use super::{Found, hex_text};
use crate::evidence::FrameBytes;
use crate::grade::dump::{Decoded, decode};
use crate::grade::tcp_row::TcpRow;
use crate::grade::words::{Lang, contradictions as words};

/// Contradictions of one dump; `row` is its row of the packet list beside it.
#[must_use]
pub fn find(dump: &FrameBytes, row: Option<&TcpRow>, lang: Lang) -> Vec<Found> {
    let mut found = hex_text::find(dump, lang);
    let Some(bytes) = dump.bytes() else { return found };
    let stated = detail_number(dump, "Frame ", ": ");
    let line = dump.rows.first().map_or(1, |row| row.line);
    let mut add = |kind, column, why| {
        let frames = dump.frame.into_iter().collect();
        found.push(Found { kind, line, column, why, frames });
    };
    let mut differ = |kind, what: &str, dump: String, beside: String| {
        if dump != beside {
            add(kind, "", words::bytes_and(lang, what, &dump, &beside));
        }
    };
    // A frame cut by a snaplen has fewer bytes than its Length, and says so.
    if let Some(stated) = captured(dump).or(stated) {
        differ("hex-and-details", "Length", bytes.len().to_string(), stated.to_string());
    }
    let wire_len = row.and_then(|row| row.length);
    if let Some(length) = wire_len.filter(|_| captured(dump).is_none_or(|n| Some(n) == stated)) {
        differ("hex-and-row", "Length", bytes.len().to_string(), length.to_string());
    }
    let Some(decoded) = decode(&bytes, bytes.len()) else { return found };
    details(dump, &decoded, &mut differ);
    if let Some(row) = row {
        against_row(&decoded, row, &mut differ);
    }
    if let Some(expected) = decoded.bad_ip_checksum {
        add("hex-checksum", "", words::checksum(lang, "IPv4", expected));
    }
    if let Some(expected) = decoded.bad_tcp_checksum {
        add("hex-checksum", "", words::checksum(lang, "TCP", expected));
    }
    found
}

/// The number behind `key` in a line that begins with it, after `between`.
fn detail_number(dump: &FrameBytes, start: &str, between: &str) -> Option<usize> {
    let (_, line) = dump.details.iter().find(|(_, line)| line.starts_with(start))?;
    digits(line.split_once(between)?.1)
}

/// `98 bytes captured`.
fn captured(dump: &FrameBytes) -> Option<usize> {
    let (_, line) = dump.details.iter().find(|(_, line)| line.starts_with("Frame "))?;
    line.split(", ").find(|part| part.contains("bytes captured")).and_then(digits)
}

fn digits(text: &str) -> Option<usize> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The word behind a key in a line of the details.
fn value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.split(", ").find_map(|part| part.strip_prefix(key)).map(str::trim)
}

/// Every value of the details that the bytes tell too.
fn details(
    dump: &FrameBytes,
    decoded: &Decoded,
    differ: &mut impl FnMut(&'static str, &str, String, String),
) {
    const KIND: &str = "hex-and-details";
    let line = |start: &str| {
        dump.details.iter().find(|(_, line)| line.starts_with(start)).map(|(_, line)| line.as_str())
    };
    if let (Some(line), Some([source, destination])) = (line("Ethernet II"), &decoded.macs) {
        for (key, mac) in [("Src: ", source), ("Dst: ", destination)] {
            if let Some(text) = value(line, key) {
                let shown = text.split('(').nth(1).map_or(text, |rest| rest.trim_end_matches(')'));
                differ(KIND, key.trim_end(), mac.clone(), shown.to_lowercase());
            }
        }
    }
    if let (Some(line), Some((source, destination))) =
        (line("Internet Protocol"), decoded.addresses)
    {
        for (key, address) in [("Src: ", source), ("Dst: ", destination)] {
            let shown = value(line, key).and_then(|text| text.split(' ').next());
            if let Some(shown) = shown.filter(|text| text.parse::<std::net::IpAddr>().is_ok()) {
                differ(KIND, key.trim_end(), address.to_string(), shown.to_owned());
            }
        }
    }
    if let (Some(line), Some((source, destination))) =
        (line("Transmission Control Protocol"), decoded.ports)
    {
        let numbers = [
            ("Src Port: ", u64::from(source)),
            ("Dst Port: ", u64::from(destination)),
            ("Len: ", decoded.payload.len() as u64),
        ];
        for (key, number) in numbers {
            if let Some(shown) = value(line, key).filter(|text| text.parse::<u64>().is_ok()) {
                differ(KIND, key.trim_end(), number.to_string(), shown.to_owned());
            }
        }
    }
    if let Some(shown) = line("Data (").and_then(|line| digits(line.get(6..)?)) {
        differ(KIND, "Data", decoded.payload.len().to_string(), shown.to_string());
    }
}

/// Every value of the row that the bytes tell too.
fn against_row(
    decoded: &Decoded,
    row: &TcpRow,
    differ: &mut impl FnMut(&'static str, &str, String, String),
) {
    const KIND: &str = "hex-and-row";
    if let Some((source, destination)) = decoded.addresses {
        for (what, address, shown) in
            [("Source", source, &row.source), ("Destination", destination, &row.destination)]
        {
            if shown.parse::<std::net::IpAddr>().is_ok() {
                differ(KIND, what, address.to_string(), shown.clone());
            }
        }
    }
    if let (Some(ports), Some(source), Some(destination)) =
        (decoded.ports, row.source_port, row.destination_port)
    {
        let arrow = |(from, to): (u16, u16)| format!("{from} → {to}");
        differ(KIND, "Info", arrow(ports), arrow((source, destination)));
    }
    if let Some(flags) = row.flags {
        let names = |flags: [bool; 5]| {
            let all = ["FIN", "SYN", "RST", "PSH", "ACK"];
            let set: Vec<&str> =
                all.into_iter().zip(flags).filter(|(_, on)| *on).map(|(name, _)| name).collect();
            format!("[{}]", set.join(", "))
        };
        let bits = [1u8, 2, 4, 8, 16].map(|bit| decoded.flags & bit != 0);
        let seen = [flags.fin, flags.syn, flags.rst, flags.psh, flags.ack];
        differ(KIND, "Flags", names(bits), names(seen));
    }
    let len = decoded.payload.len() as u64;
    if let Some(shown) = row.len.filter(|shown| !shown.may_be(len)) {
        differ(KIND, "Len", len.to_string(), shown.value.to_string());
    }
    // The row shows the header's window times a power of two up to 2^14.
    if let Some(shown) = row.window.filter(|_| !row.flag().syn) {
        let window = u64::from(decoded.window);
        if !(0..=14).any(|scale| shown.may_be(window << scale)) {
            differ(KIND, "Win", window.to_string(), shown.value.to_string());
        }
    }
}
