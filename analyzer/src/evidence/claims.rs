//! Typed claims found in sentences, English and Indonesian.
//!
//! A sentence claims what its words say in one of the forms below; several at once are several
//! claims. What fits none is left to people: [`Claim::NotUnderstood`], never a guess.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::text_model::{Prose, Role};

/// What a sentence claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// A handshake stands on these rows; without rows, one took place.
    Handshake(Option<(u64, u64)>),
    /// Connections were open at the same time; of these client ports, when it names two.
    Parallel(Vec<u16>),
    /// Nothing was sent again.
    NoRetransmission,
    /// An address plays a part.
    Plays(String, Role),
    /// The payload reads like this.
    PayloadSays(String),
    /// The connection was closed with FIN.
    ClosedNormally,
    /// This port was used.
    PortUsed(u16),
    /// Frames with these flags are there.
    FlagsSeen(Vec<&'static str>),
    /// The traffic was on this interface.
    Interface(String),
    /// This address and port was reached over TCP.
    Reached(String, Option<u16>),
    /// Data was sent and came back.
    Echoed,
    /// The sentence fits no form.
    NotUnderstood,
}

/// A claim and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Line of the file, from 1.
    pub line: u32,
    /// The sentence, without Markdown's marks.
    pub sentence: String,
    /// What it claims.
    pub claim: Claim,
}

/// A pattern, compiled once; a test holds that all of them compile.
macro_rules! pattern {
    ($name:ident, $text:expr) => {
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($text).ok());
    };
}

pattern!(
    ROWS,
    r"(?i)\b(?:baris|rows?|frames?|paket|packets?)\s*(?:no\.?\s*)?(\d+)\s*(?:-|–|—|to|sampai|hingga|s/d)\s*(\d+)"
);
pattern!(HANDSHAKE, r"(?i)hand\s?-?shake");
pattern!(
    PARALLEL,
    r"(?i)\b(?:paralel|parallel|simultan\w*|simultaneous\w*|bersamaan|concurrent\w*|at the same time|serentak)\b"
);
pattern!(
    NO_AGAIN,
    r"(?i)\b(?:tidak ada|tanpa|tidak terjadi|tidak terdapat|no|without|not any|zero)\b[^.]{0,30}\b(?:retransmi\w+|pengiriman ulang)"
);
pattern!(IP, r"\b\d{1,3}(?:\.\d{1,3}){3}\b");
pattern!(SERVER, r"(?i)\bserver\b");
pattern!(CLIENT, r"(?i)\b(?:client|klien)\b");
pattern!(
    PAYLOAD,
    r#"(?i)(?:terjemah\w*|artinya|berisi|isinya|translat\w*|payload (?:says|reads|is)|decodes? to|reads|mengirim pesan|sends? (?:the )?(?:message|text))\W*["“”'‘]?([^"“”]{3,200})"#
);
pattern!(
    CLOSED,
    r"(?i)(?:(?:menutup|ditutup|tertutup|penutupan|berakhir)\b[^.]*(?:normal|benar|baik|sempurna)|(?:closed?|closing|terminated|ended|teardown)\b[^.]*(?:normal\w*|properly|cleanly|gracefully|correctly))"
);
pattern!(PORT, r"(?i)\bport\b[^0-9.]{0,25}(\d{2,5})\b|\b(\d{2,5})\s*(?:/?tcp)\b");
pattern!(FLAGS, r"(?i)\bflags?\b|\bpaket dengan\b");
pattern!(INTERFACE, r"(?i)\binterface\W{1,6}((?:eth|ens|enp|wlan|wlp|lo|any|veth|br)\w*)");
pattern!(
    REACH,
    r"(?i)\b(?:membuka koneksi|menyambung|terhubung|connect(?:s|ed)? to|reach(?:es|ed)?|koneksi (?:socket )?(?:ke|menggunakan))\b"
);
pattern!(
    ECHO,
    r"(?i)\b(?:echo|mengirim(?:kan)? balik|mengembalikan|sends? (?:it )?back|diterima kembali)\b"
);

fn is(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// The address of the only machine that a sentence calls by name, and the place of the name.
pub type Names<'a> = &'a dyn Fn(&str) -> Option<(String, Range<usize>)>;

/// Finds the claims of a section, in the order of its sentences.
#[must_use]
pub fn find(prose: &Prose, names: Names<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut is_below_handshakes = false;
    for (line, text) in &prose.lines {
        let is_item = text.trim_start().starts_with(['-', '*', '•']);
        let is_title = text.trim_end().trim_end_matches('*').ends_with(':');
        if is_title || !(is_item || text.trim().is_empty()) {
            is_below_handshakes = is_title && is(&HANDSHAKE, text);
        }
        for sentence in sentences(text) {
            let claims = claims(&sentence, is_below_handshakes, names);
            if claims.is_empty() && says_something(&sentence) {
                let claim = Claim::NotUnderstood;
                found.push(Found { line: *line, sentence: sentence.clone(), claim });
            }
            let of_sentence = claims.into_iter().map(|claim| Found {
                line: *line,
                sentence: sentence.clone(),
                claim,
            });
            found.extend(of_sentence);
        }
    }
    found
}

/// A line without Markdown's marks, cut at full stops before a blank.
fn sentences(line: &str) -> Vec<String> {
    let plain: String = line.replace("**", "").replace(['*', '`', '_'], "");
    let plain = plain.trim().trim_start_matches(['-', '#', '>', '•', ' ']).trim();
    plain.split(". ").map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Titles (`1`, `Topologi:`, `Analisis Wireshark`) say nothing that could be true or false.
fn says_something(sentence: &str) -> bool {
    sentence.split_whitespace().count() >= 4 && !sentence.ends_with(':')
}

/// All claims of one sentence; items below "two handshakes:" name only their rows.
fn claims(sentence: &str, is_below_handshakes: bool, names: Names<'_>) -> Vec<Claim> {
    let mut claims = Vec::new();
    let rows = rows(sentence);
    let has_handshake = is(&HANDSHAKE, sentence);
    let is_title = rows.is_none() && sentence.ends_with(':');
    if (has_handshake && !is_title) || (is_below_handshakes && rows.is_some()) {
        claims.push(Claim::Handshake(rows));
    }
    let is_parallel = is(&PARALLEL, sentence);
    if is_parallel {
        claims.push(Claim::Parallel(high_ports(sentence)));
    }
    if is(&NO_AGAIN, sentence) {
        claims.push(Claim::NoRetransmission);
    }
    claims.extend(roles(sentence, names));
    if let Some(text) = payload(sentence) {
        claims.push(Claim::PayloadSays(text));
    }
    if is(&CLOSED, sentence) {
        claims.push(Claim::ClosedNormally);
    }
    let names = captures(&INTERFACE, sentence);
    claims.extend(names.map(Claim::Interface));
    claims.extend(reached(sentence));
    if is(&ECHO, sentence) {
        claims.push(Claim::Echoed);
    }
    let flags = flags(sentence);
    if !flags.is_empty() && is(&FLAGS, sentence) {
        claims.push(Claim::FlagsSeen(flags));
    }
    let has_reached = claims.iter().any(|claim| matches!(claim, Claim::Reached(..)));
    if !is_parallel && !has_reached {
        claims.extend(ports(sentence).into_iter().map(Claim::PortUsed));
    }
    claims
}

fn captures(pattern: &LazyLock<Option<Regex>>, text: &str) -> Option<String> {
    Some(pattern.as_ref()?.captures(text)?.get(1)?.as_str().to_owned())
}

fn rows(sentence: &str) -> Option<(u64, u64)> {
    let found = ROWS.as_ref()?.captures(sentence)?;
    Some((found.get(1)?.as_str().parse().ok()?, found.get(2)?.as_str().parse().ok()?))
}

fn ports(sentence: &str) -> Vec<u16> {
    let Some(pattern) = PORT.as_ref() else { return Vec::new() };
    pattern
        .captures_iter(sentence)
        .filter_map(|found| found.get(1).or_else(|| found.get(2))?.as_str().parse().ok())
        .collect()
}

/// Numbers that can be ports of clients: two of them, or none. A client's port is above 32767
/// (Linux, `ip_local_port_range`) or is named beside another one.
fn high_ports(sentence: &str) -> Vec<u16> {
    let all: Vec<u16> = sentence
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .filter_map(|word| word.trim_matches('.').parse().ok())
        .filter(|port| *port >= 32_768)
        .collect();
    if all.len() >= 2 { all } else { Vec::new() }
}

/// An address, or the name of a machine, and its part: one of them in the sentence, with nothing
/// but words like "is the" between. What stands farther apart may be said of another machine.
fn roles(sentence: &str, names: Names<'_>) -> Option<Claim> {
    let mut addresses = IP.as_ref()?.find_iter(sentence);
    let (address, place) = match addresses.next() {
        Some(found) => (found.as_str().to_owned(), found.range()),
        None => names(sentence)?,
    };
    if addresses.next().is_some() {
        return None;
    }
    let role = match (is(&CLIENT, sentence), is(&SERVER, sentence)) {
        (true, false) => Role::Client,
        (false, true) => Role::Server,
        _ => return None,
    };
    let pattern = if role == Role::Client { &CLIENT } else { &SERVER };
    let is_beside = pattern.as_ref()?.find_iter(sentence).any(|word| {
        let between = if word.start() >= place.end {
            sentence.get(place.end..word.start())
        } else {
            sentence.get(word.end()..place.start)
        };
        between.is_some_and(says_is)
    });
    is_beside.then_some(Claim::Plays(address, role))
}

/// Words between a machine and its part that say no more than "is".
fn says_is(between: &str) -> bool {
    const WORDS: [&str; 30] = [
        "a",
        "an",
        "the",
        "is",
        "was",
        "are",
        "as",
        "acts",
        "acting",
        "role",
        "of",
        "plays",
        "has",
        "with",
        "ip",
        "address",
        "addresses",
        "machine",
        "host",
        "adalah",
        "sebagai",
        "ialah",
        "merupakan",
        "berperan",
        "bertindak",
        "menjadi",
        "jadi",
        "alamat",
        "mesin",
        "dengan",
    ];
    let words = between.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).all(|word| WORDS.contains(&word.as_str()))
}

/// The text that a payload is said to hold, without the ellipsis at its end.
fn payload(sentence: &str) -> Option<String> {
    let text = captures(&PAYLOAD, sentence)?;
    let text = text.trim().trim_end_matches(['.', '…', '"', '”', ')']).trim();
    let is_quoted = sentence.contains(['"', '“', '”']);
    let is_translation = sentence.to_lowercase().contains("terjemah");
    ((is_quoted || is_translation) && text.len() >= 3).then(|| text.to_owned())
}

fn reached(sentence: &str) -> Option<Claim> {
    let address = IP.as_ref()?.find(sentence)?.as_str().to_owned();
    let has_role = is(&CLIENT, sentence) || is(&SERVER, sentence);
    (is(&REACH, sentence) && !has_role)
        .then(|| Claim::Reached(address, ports(sentence).first().copied()))
}

fn flags(sentence: &str) -> Vec<&'static str> {
    let words: Vec<&str> = sentence.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    ["PSH", "FIN", "RST"].into_iter().filter(|flag| words.contains(flag)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_compile() {
        for pattern in [
            &ROWS, &HANDSHAKE, &PARALLEL, &NO_AGAIN, &IP, &SERVER, &CLIENT, &PAYLOAD, &CLOSED,
            &PORT, &FLAGS, &INTERFACE, &REACH, &ECHO,
        ] {
            assert!(pattern.is_some());
        }
    }

    #[test]
    fn sentences_are_understood_or_said_not_to_be() {
        use Claim as C;
        let plays = |address: &str, role| C::Plays(address.to_owned(), role);
        let table: Vec<(&str, Vec<Claim>)> = vec![
            (
                "- Machine 3 to machine 1: handshake on rows **4-6**",
                vec![C::Handshake(Some((4, 6)))],
            ),
            (
                "Tampak dua *3-way handshake*:\n - Mesin-3 (**baris 4–6**)",
                vec![C::Handshake(Some((4, 6)))],
            ),
            ("Rows 4 to 6 are of interest here", vec![C::NotUnderstood]),
            ("The two clients were open at the same time", vec![C::Parallel(vec![])]),
            ("Koneksi simultan dari port 40001 dan 40002", vec![C::Parallel(vec![40001, 40002])]),
            ("Tidak ada paket retransmission sama sekali", vec![C::NoRetransmission]),
            ("There were no retransmissions", vec![C::NoRetransmission]),
            ("**Source:** 10.0.0.1 (client)", vec![plays("10.0.0.1", Role::Client)]),
            ("10.0.0.9 is the server", vec![plays("10.0.0.9", Role::Server)]),
            ("The payload says \"hello there\"", vec![C::PayloadSays("hello there".into())]),
            (
                "hex (49 6e) terjemahannya: **isi berkas**",
                vec![C::PayloadSays("isi berkas".into())],
            ),
            ("The connection was closed normally", vec![C::ClosedNormally]),
            ("Koneksi TCP ditutup secara normal", vec![C::ClosedNormally]),
            ("- Port: **10000 TCP**", vec![C::PortUsed(10000)]),
            ("It connects to 10.9.9.4 on port 80", vec![C::Reached("10.9.9.4".into(), Some(80))]),
            ("Paket dengan flag PSH dan ACK terlihat", vec![C::FlagsSeen(vec!["PSH"])]),
            ("- Interface: **eth1** (jaringan)", vec![C::Interface("eth1".into())]),
            ("The sky over the lab is blue today", vec![C::NotUnderstood]),
            ("1. Topologi:", vec![]),
        ];
        for (line, expected) in table {
            let lines = (1..).zip(line.lines().map(str::to_owned)).collect();
            let prose = Prose { heading: None, lines };
            let seen: Vec<Claim> =
                find(&prose, &|_| None).into_iter().map(|found| found.claim).collect();
            assert_eq!(seen, expected, "{line}");
        }
    }
}
