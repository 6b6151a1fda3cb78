//! DNS (RFC 1035), mDNS (RFC 6762) and LLMNR (RFC 4795): questions and answers in a row.
//!
//! Names are written label by label straight from the message. Compression pointers are
//! followed a bounded number of times and only backwards, so no message can loop.

use std::fmt::{self, Write};

use super::bytes::{ipv4_at, ipv6_at, u16_at};
use super::text::{Ipv6, Text};

/// Length of the header in bytes.
pub(super) const HEADER: usize = 12;
/// Compression pointers followed in one name.
const MAX_POINTERS: usize = 64;
/// Longest name in bytes (RFC 1035, section 2.3.4), with room for what Wireshark tolerates.
const MAX_NAME: usize = 1024;
/// Resource records shown in one row.
const MAX_RECORDS: u32 = 1024;

/// The relatives of DNS that share its message format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Port 53.
    Dns,
    /// Port 5353, which uses the top bit of the class.
    Multicast,
    /// Port 5355.
    LinkLocal,
}

/// What was left over when the message ended too soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Short;

/// Writes the line of a message; `Err(Short)` inside when the message ends too soon, after
/// what could be read.
pub(super) fn write<W: Write>(
    out: &mut W,
    message: &[u8],
    family: Family,
) -> Result<Result<(), Short>, fmt::Error> {
    let (Some(id), Some(flags)) = (u16_at(message, 0), u16_at(message, 2)) else {
        return Ok(Err(Short));
    };
    let opcode = (flags >> 11) & 15;
    match opcode {
        0 => out.write_str("Standard query")?,
        1 => out.write_str("Inverse query")?,
        2 => out.write_str("Server status request")?,
        4 => out.write_str("Zone change notification")?,
        5 => out.write_str("Dynamic update")?,
        6 => out.write_str("DNS Stateful operations (DSO)")?,
        other => write!(out, "Unknown operation ({other})")?,
    }
    let is_response = flags & 0x8000 != 0;
    if is_response {
        out.write_str(" response")?;
    }
    write!(out, " 0x{id:04x}")?;
    if is_response && flags & 15 != 0 {
        write!(out, " {}", response_code(flags & 15))?;
    }
    let mut counts = [0_u16; 4];
    for (index, count) in counts.iter_mut().enumerate() {
        let Some(value) = u16_at(message, 4 + 2 * index) else {
            return Ok(Err(Short));
        };
        *count = value;
    }
    let [questions, records @ ..] = counts;
    let mut walk = Walk { message, at: HEADER, family };
    for _ in 0..questions {
        if walk.question(out)?.is_none() {
            return Ok(Err(Short));
        }
    }
    let records = records.iter().map(|count| u32::from(*count)).sum::<u32>();
    for _ in 0..records.min(MAX_RECORDS) {
        if walk.record(out)?.is_none() {
            return Ok(Err(Short));
        }
    }
    Ok(Ok(()))
}

/// A place in a message.
struct Walk<'a> {
    message: &'a [u8],
    at: usize,
    family: Family,
}

impl Walk<'_> {
    fn question<W: Write>(&mut self, out: &mut W) -> Result<Option<()>, fmt::Error> {
        let Some(end) = name_end(self.message, self.at) else {
            return Ok(None);
        };
        let (Some(kind), Some(class)) = (u16_at(self.message, end), u16_at(self.message, end + 2))
        else {
            return Ok(None);
        };
        write!(out, " {} {}", TypeName(kind), Name { message: self.message, at: self.at })?;
        if self.family == Family::Multicast {
            let wants_unicast = class & 0x8000 != 0;
            out.write_str(if wants_unicast { ", \"QU\" question" } else { ", \"QM\" question" })?;
        }
        self.at = end + 4;
        Ok(Some(()))
    }

    fn record<W: Write>(&mut self, out: &mut W) -> Result<Option<()>, fmt::Error> {
        let Some(end) = name_end(self.message, self.at) else {
            return Ok(None);
        };
        let (Some(kind), Some(class)) = (u16_at(self.message, end), u16_at(self.message, end + 2))
        else {
            return Ok(None);
        };
        let Some(len) = u16_at(self.message, end + 8) else {
            return Ok(None);
        };
        let data = end + 10;
        write!(out, " {}", TypeName(kind))?;
        // The option record's class is a size (RFC 6891, section 6.1.2).
        if self.family == Family::Multicast && class & 0x8000 != 0 && kind != 41 {
            out.write_str(", cache flush")?;
        }
        self.at = data + usize::from(len);
        if self.message.len() < self.at {
            return Ok(None);
        }
        self.data(out, kind, data)?;
        Ok(Some(()))
    }

    /// The data of the types that Wireshark shows.
    fn data<W: Write>(&self, out: &mut W, kind: u16, at: usize) -> fmt::Result {
        let name = |at| Name { message: self.message, at };
        let number = |at| u16_at(self.message, at).unwrap_or(0);
        match kind {
            1 => match ipv4_at(self.message, at) {
                Some(address) => write!(out, " {address}"),
                None => Ok(()),
            },
            28 => match ipv6_at(self.message, at) {
                Some(address) => write!(out, " {}", Ipv6(address)),
                None => Ok(()),
            },
            2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 12 | 39 => write!(out, " {}", name(at)),
            15 | 18 | 36 => write!(out, " {} {}", number(at), name(at + 2)),
            33 => {
                let (priority, weight, port) = (number(at), number(at + 2), number(at + 4));
                write!(out, " {priority} {weight} {port} {}", name(at + 6))
            }
            _ => Ok(()),
        }
    }
}

/// Where a name ends: behind its root label or its first pointer; `None` when it does not.
pub fn name_end(message: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        let len = *message.get(at)?;
        match len {
            0 => return Some(at + 1),
            1..=63 => at += 1 + usize::from(len),
            192.. => return (at + 1 < message.len()).then_some(at + 2),
            _ => return None,
        }
        if at - start > MAX_NAME {
            return None;
        }
    }
}

/// Prints a name: labels with dots between, `<Root>` for the root.
#[derive(Debug, Clone, Copy)]
pub struct Name<'a> {
    /// The whole message, from its header on.
    pub message: &'a [u8],
    /// Where the name starts.
    pub at: usize,
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut at = self.at;
        let mut pointers = 0;
        let mut written = 0;
        while let Some(&len) = self.message.get(at) {
            match len {
                0 if written == 0 => return f.write_str("<Root>"),
                0 => return Ok(()),
                1..=63 => {
                    let end = at + 1 + usize::from(len);
                    let Some(label) = self.message.get(at + 1..end) else {
                        return Ok(());
                    };
                    let separator = if written == 0 { "" } else { "." };
                    write!(f, "{separator}{}", Text(label))?;
                    written += label.len() + 1;
                    at = end;
                }
                192.. => {
                    let target = u16_at(self.message, at).map(|p| usize::from(p & 0x3fff));
                    pointers += 1;
                    match target {
                        Some(target) if target < at && pointers <= MAX_POINTERS => at = target,
                        _ => return Ok(()),
                    }
                }
                _ => return Ok(()),
            }
            if written > MAX_NAME {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Prints the name of a record type.
struct TypeName(u16);

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            0 => "Unused",
            1 => "A",
            2 => "NS",
            3 => "MD",
            4 => "MF",
            5 => "CNAME",
            6 => "SOA",
            7 => "MB",
            8 => "MG",
            9 => "MR",
            10 => "NULL",
            11 => "WKS",
            12 => "PTR",
            13 => "HINFO",
            14 => "MINFO",
            15 => "MX",
            16 => "TXT",
            17 => "RP",
            18 => "AFSDB",
            19 => "X25",
            20 => "ISDN",
            21 => "RT",
            22 => "NSAP",
            24 => "SIG",
            25 => "KEY",
            28 => "AAAA",
            29 => "LOC",
            30 => "NXT",
            33 => "SRV",
            35 => "NAPTR",
            36 => "KX",
            37 => "CERT",
            39 => "DNAME",
            41 => "OPT",
            42 => "APL",
            43 => "DS",
            44 => "SSHFP",
            45 => "IPSECKEY",
            46 => "RRSIG",
            47 => "NSEC",
            48 => "DNSKEY",
            49 => "DHCID",
            50 => "NSEC3",
            51 => "NSEC3PARAM",
            52 => "TLSA",
            59 => "CDS",
            60 => "CDNSKEY",
            61 => "OPENPGPKEY",
            64 => "SVCB",
            65 => "HTTPS",
            99 => "SPF",
            249 => "TKEY",
            250 => "TSIG",
            251 => "IXFR",
            252 => "AXFR",
            255 => "ANY",
            256 => "URI",
            257 => "CAA",
            other => return write!(f, "Unknown ({other})"),
        })
    }
}

/// The name of a response code that is not zero.
fn response_code(code: u16) -> &'static str {
    match code {
        1 => "Format error",
        2 => "Server failure",
        3 => "No such name",
        4 => "Not implemented",
        5 => "Refused",
        6 => "Name exists",
        7 => "RRset exists",
        8 => "RRset does not exist",
        9 => "Not authoritative",
        10 => "Name out of zone",
        _ => "Unknown error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(message: &[u8], family: Family) -> String {
        let mut out = String::new();
        if write(&mut out, message, family).expect("a String takes everything").is_err() {
            out.push_str("[short]");
        }
        out
    }

    /// A header with these flags and counts, then the given bytes.
    fn message(flags: u16, counts: [u16; 4], rest: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x12, 0x34];
        bytes.extend(flags.to_be_bytes());
        bytes.extend(counts.into_iter().flat_map(u16::to_be_bytes));
        bytes.extend(rest);
        bytes
    }

    const QUESTION: &[u8] = b"\x03lab\x07example\x00\x00\x01\x00\x01";

    #[test]
    fn questions_and_answers_stand_in_a_row() {
        let query = message(0x0100, [1, 0, 0, 0], QUESTION);
        assert_eq!(line(&query, Family::Dns), "Standard query 0x1234 A lab.example");
        let mut answers = QUESTION.to_vec();
        answers.extend(b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x09\x00\x07\x04mail\xc0\x10");
        answers.extend(b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x09\x00\x04\x0a\x01\x02\x03");
        answers.extend(b"\x00\x00\x0f\x00\x01\x00\x00\x00\x09\x00\x04\x00\x0a\xc0\x10");
        let response = message(0x8180, [1, 3, 0, 0], &answers);
        let expected = "Standard query response 0x1234 A lab.example \
                        CNAME mail.example A 10.1.2.3 MX 10 example";
        assert_eq!(line(&response, Family::Dns), expected);
    }

    #[test]
    fn errors_roots_and_unknown_types_have_words() {
        let response = message(0x8183, [1, 0, 0, 0], b"\x00\x00\x06\x00\x01");
        let expected = "Standard query response 0x1234 No such name SOA <Root>";
        assert_eq!(line(&response, Family::Dns), expected);
        let odd = message(0x7800, [1, 0, 0, 0], b"\x01\n\x00\xff\xfe\x00\x01");
        assert_eq!(line(&odd, Family::Dns), "Unknown operation (15) 0x1234 Unknown (65534) \\n");
    }

    #[test]
    fn multicast_shows_the_top_bit_of_the_class() {
        let mut bytes = b"\x01a\x00\x00\x0c\x80\x01".to_vec();
        bytes.extend(b"\xc0\x0c\x00\x10\x80\x01\x00\x00\x00\x09\x00\x01\x00");
        let query = message(0, [1, 1, 0, 0], &bytes);
        let expected = "Standard query 0x1234 PTR a, \"QU\" question TXT, cache flush";
        assert_eq!(line(&query, Family::Multicast), expected);
    }

    #[test]
    fn pointers_cannot_loop() {
        let looped = message(0, [1, 0, 0, 0], b"\xc0\x0c\x00\x01\x00\x01");
        assert_eq!(line(&looped, Family::Dns), "Standard query 0x1234 A ");
        let short = message(0, [2, 0, 0, 0], QUESTION);
        assert_eq!(line(&short, Family::Dns), "Standard query 0x1234 A lab.example[short]");
    }

    proptest::proptest! {
        #[test]
        fn any_message_gives_one_line(bytes: Vec<u8>, counts: [u8; 4]) {
            let text = line(&message(0x8000, counts.map(u16::from), &bytes), Family::Multicast);
            proptest::prop_assert!(!text.chars().any(char::is_control));
        }
    }
}
