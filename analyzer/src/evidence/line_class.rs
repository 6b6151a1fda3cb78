//! What one line of a report looks like, on its own.

use super::frame_bytes;
use super::packet_list;
use super::terminal_log;

/// What a line looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineClass {
    /// Nothing on it.
    Blank,
    /// A fence of Markdown.
    Fence,
    /// A row of a packet list.
    Row,
    /// The names of the columns.
    Header,
    /// A display filter that stands alone.
    Filter,
    /// A line of frame details.
    Detail,
    /// A row of a hex dump.
    Hex,
    /// A line of a terminal log.
    Log,
    /// A machine's name in parentheses.
    Label,
    /// Anything else.
    Text,
}

/// Classes of a line, the sure ones first.
pub(super) fn classify(line: &str) -> LineClass {
    let text = line.trim();
    if text.is_empty() {
        LineClass::Blank
    } else if text.starts_with("```") || text.starts_with("~~~") {
        LineClass::Fence
    } else if terminal_log::is_log_line(text) {
        LineClass::Log
    } else if frame_bytes::is_detail_line(text) {
        LineClass::Detail
    } else if frame_bytes::hex_row(0, line).is_some() || frame_bytes::is_copied(line) {
        LineClass::Hex
    } else if is_header(text) || packet_list::is_title(line) {
        LineClass::Header
    } else if is_row(text) || packet_list::is_row(line) {
        LineClass::Row
    } else if packet_list::filter(text).is_some() {
        LineClass::Filter
    } else if is_label(text) {
        LineClass::Label
    } else {
        LineClass::Text
    }
}

/// Splits a line into its words; bars, commas and quotes of tables and CSV separate too.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '|' | ',' | ';' | '"'))
        .filter(|word| !word.is_empty())
}

fn is_header(text: &str) -> bool {
    const NAMES: [&str; 9] =
        ["no.", "no", "time", "source", "destination", "protocol", "length", "len", "info"];
    let known = |word: &str| NAMES.iter().any(|name| word.eq_ignore_ascii_case(name));
    let all = words(text).count();
    let named = words(text).filter(|word| known(word)).count();
    named >= 3 && all - named <= 1
}

/// Number, time and two addresses at its beginning; or the ports and the numbers of an Info.
fn is_row(text: &str) -> bool {
    let begins =
        words(text).next().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    begins && (has_time_and_addresses(text) || has_tcp_info(text))
}

fn has_time_and_addresses(text: &str) -> bool {
    let head: Vec<&str> = words(text).filter(|word| !is_arrow(word)).take(6).collect();
    let addresses = head.iter().filter(|word| is_address(word)).count();
    head.iter().take(3).any(|word| is_time(word)) && addresses >= 2
}

fn is_arrow(word: &str) -> bool {
    matches!(word, "→" | "->" | ">" | "›" | "»")
}

fn has_tcp_info(text: &str) -> bool {
    let has_arrow = words(text).any(is_arrow);
    has_arrow && (text.contains("Seq=") || text.contains("[SYN") || text.contains("[FIN"))
}

fn is_time(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    digits >= 4
        && word.contains(['.', ':'])
        && word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ':'))
        && word.matches('.').count() <= 1
}

fn is_address(word: &str) -> bool {
    let is_mac = word.len() == 17 && word.matches(':').count() == 5;
    let is_v4_like = word.split('.').count() == 4
        && word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'o' | 'O' | 'l'));
    is_mac || is_v4_like || word.parse::<std::net::IpAddr>().is_ok()
}

/// `(mesin1)`, `[machine 2]`, `mesin-3:`.
fn is_label(text: &str) -> bool {
    machine_name(text).is_some()
}

/// The machine that a line names and nothing else: `mesin1`.
pub(super) fn machine_name(text: &str) -> Option<String> {
    let inner = text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '*' | '#' | ':' | '_' | '`')
    });
    let lower = inner.to_lowercase();
    let number = ["mesin", "machine", "host", "node", "pc", "vm"]
        .iter()
        .find_map(|word| lower.strip_prefix(word))?
        .trim_start_matches([' ', '-', '_']);
    let is_number = !number.is_empty() && number.len() <= 3;
    (is_number && number.chars().all(|c| c.is_ascii_digit())).then(|| inner.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_known_by_their_looks() {
        use LineClass as C;
        let table = [
            ("", C::Blank),
            ("```python", C::Fence),
            ("7 1.25 10.0.0.1 10.0.0.2 TCP 66 80 → 9 [ACK] Seq=1", C::Row),
            ("| 7 | 1.250000 | 10.0.0.1 | 10.0.0.2 | TCP | 66 | 80 → 9 [ACK] Seq=1 |", C::Row),
            (
                "\"7\",\"1.250000\",\"10.0.0.1\",\"10.0.0.2\",\"TCP\",\"66\",\"80 > 9 [SYN]\"",
                C::Row,
            ),
            ("    1 0.000000000 10.0.0.1 → 10.0.0.2 TCP 74 9 → 80 [SYN] Seq=0", C::Row),
            ("12 44984 → 32444 [ACK] Seq=68 Ack=65", C::Row),
            ("No.\tTime\tSource\tDestination\tProtocol\tLength\tInfo", C::Header),
            ("Time Source Destination", C::Header),
            ("tcp.port == 32444\t\t", C::Filter),
            ("tcp", C::Filter),
            ("tcp is a protocol", C::Text),
            ("▶ Frame 9: 98 bytes on wire (784 bits)", C::Detail),
            ("0000  02 42 ac 10 10 66 02 42  ac 10 10 65 08 00 45 00   .B...f.B", C::Hex),
            ("INFO:root:closing", C::Log),
            ("(mesin1)", C::Label),
            ("- Mesin1 (Server): IP 10.0.0.1", C::Text),
            ("1. The server listens on port 80", C::Text),
            ("server_address = ('10.0.0.1', 80)", C::Text),
        ];
        for (line, expected) in table {
            assert_eq!(classify(line), expected, "{line}");
        }
    }
}
