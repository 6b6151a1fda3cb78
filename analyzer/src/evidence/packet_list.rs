//! Packet lists as text: copied from Wireshark's window, exported, printed by tshark, or typed
//! from a picture.
//!
//! A row is found by its shape (number, time, two addresses, protocol, length, Info), whatever
//! stands between the cells; so a title that is wrong or missing, and cells that were split or
//! joined, do no harm. Lines whose cells are all what their title says are read by its columns,
//! and so are lines that fit a known title, but not the shape.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::model::{Cell, Column, Cut, PacketList, PacketRow};

/// Longest line that is looked at, in bytes; longer ones are no rows.
const MAX_LINE: usize = 8_192;
/// Rows that a list may have.
const MAX_ROWS: usize = 1_000_000;

/// A row by its shape; of number and time one may be missing. Digits may be letters that look like them.
static ROW: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let number = r#"(?P<no>[\dOoIl]{1,9})"#;
    let lone = r#"(?P<lone>\d{1,9})"#;
    let time = r"(?P<time>\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?Z?|\d\d:\d\d:\d\d(?:[.,]\d{1,9})?|-?[\dOoIl]{1,11}[.,][\dOoIl]{1,9})";
    let address = r"(?:[\dOoIl]{1,3}(?:[.,][\dOoIl]{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]*[0-9A-Fa-f:]|(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}|[A-Za-z][\w.-]*_[0-9A-Fa-f:]{8}|Broadcast|[\w.-]+\.[A-Za-z]{2,})";
    let gap = r#"["',;|\s]+"#;
    let pattern = format!(
        r#"^["',;|\s>*▶]*(?:(?:{number}{gap})?{time}{gap}|{lone}{gap})(?P<source>{address}){gap}(?:(?:→|->|>){gap})?(?P<destination>{address}){gap}(?P<protocol>(?:[A-Za-z]|\d[\w.]*[A-Za-z]|802\.11)[\w./-]*(?: (?:<[\w./-]+>|\d\.\d|60870-5[ -]10\d))?){gap}(?:(?P<length>[\dOoIl]{{1,6}})(?:{gap}|$))?(?P<info>.*)$"#
    );
    Regex::new(&pattern).ok()
});

/// Words that a wrapped Info begins again with.
static GOES_ON: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:\[[A-Z]|(?:Seq|Ack|Win|Len|MSS|WS|SLE|SRE|TSval|TSecr|SACK_PERM)\b)").ok()
});

/// A display filter that stands alone on a line.
static FILTER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\s*!?\(*(?:[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+|tcp|udp|arp|icmp|ip|dns|http)\s*\)*(?:\s*(?:==|!=|>=|<=|>|<|&&|\|\||eq|ne|contains|and|or|in)\s*.{1,300})?$").ok()
});

/// Reads a packet list from lines, each with its number; none when no line is a row.
#[must_use]
pub fn read(lines: &[(u32, &str)]) -> Option<PacketList> {
    let mut list = PacketList::default();
    let mut title: Option<Title> = None;
    let mut before: Option<&str> = None;
    for (number, line) in lines {
        if list.rows.len() >= MAX_ROWS {
            break;
        }
        let line = if line.len() > MAX_LINE { "" } else { line };
        // Columns that only the title knows would end up in Info, and columns that it does not
        // have would be taken from Info.
        let titled = title.as_ref().and_then(|title| {
            let row = title.row(*number, line)?;
            (title.columns.contains(&None) || row.cells.iter().all(fits)).then_some(row)
        });
        if let Some(row) = titled.or_else(|| row(*number, line)) {
            if list.rows.is_empty() && list.filter.is_none() {
                list.filter = before.and_then(filter);
            }
            list.rows.push(row);
        } else if let Some(found) = Title::read(line) {
            list.filter = list.filter.or_else(|| before.and_then(filter));
            title = Some(found);
        } else if let Some(row) = title.as_ref().and_then(|title| title.row(*number, line)) {
            list.rows.push(row);
        } else if continues(line)
            && let Some(info) = list.rows.last_mut().and_then(|row| row.cells.last_mut())
            && info.column == Column::Info
        {
            info.text.push(' ');
            info.text.push_str(line.trim());
        } else if !list.rows.is_empty()
            && line.contains(char::is_alphanumeric)
            && filter(line).is_none()
        {
            list.unread.push(*number);
        }
        if !line.trim().is_empty() {
            before = Some(line);
        }
    }
    let last = list.rows.last().map_or(0, |row| row.line);
    list.unread.retain(|line| *line < last);
    let has = |column| list.rows.iter().any(|row| row.cell(column).is_some());
    list.columns = Column::ALL.into_iter().filter(|column| has(*column)).collect();
    list.is_filter_seen = list.filter.is_some();
    (!list.rows.is_empty()).then_some(list)
}

/// Whether a line has the shape of a row.
#[must_use]
pub fn is_row(line: &str) -> bool {
    line.len() <= MAX_LINE && ROW.as_ref().is_some_and(|row| row.is_match(line))
}

/// Whether a line is a row under this title.
#[must_use]
pub fn is_row_under(title: &str, line: &str) -> bool {
    let title = Title::read(title).filter(|_| line.len() <= MAX_LINE);
    title.is_some_and(|title| title.row(0, line).is_some())
}

/// Whether a line is the title of a packet list.
#[must_use]
pub fn is_title(line: &str) -> bool {
    Title::read(line).is_some()
}

fn continues(line: &str) -> bool {
    GOES_ON.as_ref().is_some_and(|goes_on| goes_on.is_match(line))
}

/// The display filter that a line is, if it is one.
#[must_use]
pub fn filter(line: &str) -> Option<String> {
    let line = line.trim().trim_matches('`').trim();
    let is_filter = FILTER.as_ref().is_some_and(|filter| filter.is_match(line));
    is_filter.then(|| line.to_owned())
}

fn row(line_number: u32, line: &str) -> Option<PacketRow> {
    let found = ROW.as_ref()?.captures(line)?;
    let cells = Column::ALL.into_iter().filter_map(|column| named(&found, column)).collect();
    Some(PacketRow { line: line_number, cells, is_whole: true, is_selected: false })
}

fn named(found: &Captures<'_>, column: Column) -> Option<Cell> {
    let name = match column {
        Column::No => "no",
        Column::Time => "time",
        Column::Source => "source",
        Column::Destination => "destination",
        Column::Protocol => "protocol",
        Column::Length => "length",
        Column::Info => "info",
    };
    let text = found.name(name).or_else(|| found.name("lone").filter(|_| name == "no"))?;
    Some(cell(column, text.as_str()))
}

/// A cell: spaces and quotes around it go, an ellipsis at its end says that it is cut.
fn cell(column: Column, text: &str) -> Cell {
    let text = text.trim().trim_end_matches(['|', '"']).trim_end();
    let whole = text.trim_end_matches('…').trim_end_matches("...").trim_end();
    let cut = if whole.len() < text.len() {
        Cut::Yes
    } else if column == Column::Info {
        Cut::Maybe
    } else {
        Cut::No
    };
    let text = whole.replace("\"\"", "\"").split_whitespace().collect::<Vec<_>>().join(" ");
    Cell { column, text, cut, confidence: 1.0, region: None }
}

/// The title line of a table: what separates its cells, and the columns.
#[derive(Debug)]
struct Title {
    separator: char,
    columns: Vec<Option<Column>>,
}

impl Title {
    fn read(line: &str) -> Option<Self> {
        let separator = ['\t', '|', ';', ','].into_iter().find(|found| line.contains(*found))?;
        let columns: Vec<Option<Column>> =
            line.split(separator).map(|title| column_named(title.trim_matches(trimmed))).collect();
        (columns.iter().flatten().count() >= 3).then_some(Self { separator, columns })
    }

    /// The cells of a line; quotes protect commas and semicolons.
    fn parts(&self, line: &str) -> Option<Vec<String>> {
        if !matches!(self.separator, ',' | ';') {
            return Some(line.split(self.separator).map(str::to_owned).collect());
        }
        let delimiter = u8::try_from(self.separator).ok()?;
        let mut builder = csv::ReaderBuilder::new();
        builder.delimiter(delimiter).has_headers(false).flexible(true);
        let record = builder.from_reader(line.as_bytes()).records().next()?.ok()?;
        Some(record.iter().map(str::to_owned).collect())
    }

    /// A row by the columns of the title: as many cells, and an address or a length among them.
    fn row(&self, line_number: u32, line: &str) -> Option<PacketRow> {
        let parts = self.parts(line)?;
        if parts.len() != self.columns.len() || parts.len() < 3 {
            return None;
        }
        let cells: Vec<Cell> = self
            .columns
            .iter()
            .zip(parts)
            .filter_map(|(column, text)| Some(cell((*column)?, text.trim_matches(trimmed))))
            .filter(|cell| {
                !cell.text.is_empty() && !cell.text.chars().all(|c| c == '-' || c == ':')
            })
            .collect();
        let is_number = |cell: &Cell| {
            matches!(cell.column, Column::No | Column::Length | Column::Time)
                && cell.text.starts_with(|c: char| c.is_ascii_digit())
        };
        (cells.len() >= 3 && cells.iter().any(is_number)).then_some(PacketRow {
            line: line_number,
            cells,
            is_whole: true,
            is_selected: false,
        })
    }
}

/// Whether a cell holds what its column does.
fn fits(cell: &Cell) -> bool {
    let text = cell.text.as_str();
    let is_one_word = !text.contains(' ');
    let is_digits = text.chars().all(|c| c.is_ascii_digit());
    match cell.column {
        Column::No | Column::Length => is_digits,
        Column::Time => {
            let is_time = |c: char| c.is_ascii_digit() || "-/:.,TZ ".contains(c);
            text.contains(['.', ',', ':'])
                && text.chars().all(is_time)
                && (is_one_word || text.contains([':', '-', '/']))
        }
        Column::Source | Column::Destination => {
            is_one_word && (text == "Broadcast" || text.contains(['.', ':']))
        }
        Column::Protocol => is_one_word && text.starts_with(|c: char| c.is_ascii_alphabetic()),
        Column::Info => true,
    }
}

fn trimmed(character: char) -> bool {
    character.is_whitespace() || matches!(character, '"' | '*' | '`')
}

fn column_named(title: &str) -> Option<Column> {
    Some(match title.to_ascii_lowercase().as_str() {
        "no" | "no." | "frame" | "frame.number" | "nr" | "#" => Column::No,
        "time" | "waktu" => Column::Time,
        "source" | "src" | "sumber" => Column::Source,
        "destination" | "dst" | "dest" | "tujuan" => Column::Destination,
        "protocol" | "proto" | "protokol" => Column::Protocol,
        "length" | "len" | "frame_len" | "panjang" => Column::Length,
        "info" | "information" => Column::Info,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<String> {
        let list = read(&[(7, line)]).unwrap_or_default();
        list.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.text.clone()).collect()
    }

    #[test]
    fn a_row_is_found_whatever_stands_between_its_cells() {
        let cells = ["3", "0.000090976", "10.0.0.2", "10.0.0.1", "TCP", "66", "5 → 6 [ACK] Seq=1"];
        for line in [
            "3\t0.000090976\t10.0.0.2\t10.0.0.1\tTCP\t66\t5 → 6 [ACK] Seq=1",
            "    3 0.000090976     10.0.0.2 → 10.0.0.1     TCP 66 5 → 6 [ACK] Seq=1",
            "\"3\",\"0.000090976\",\"10.0.0.2\",\"10.0.0.1\",\"TCP\",\"66\",\"5 → 6 [ACK] Seq=1\"",
            "| 3 | 0.000090976 | 10.0.0.2 | 10.0.0.1 | TCP | 66 | 5 → 6 [ACK] Seq=1 |",
            "3 0.000090976\t10.0.0.2\t10.0.0.1\tTCP\t66\t5 → 6\t[ACK] Seq=1",
        ] {
            assert_eq!(texts(line), cells, "{line}");
        }
    }

    #[test]
    fn other_times_and_addresses_are_rows_too() {
        for line in [
            "12:01:02.5 fe80::1 ff02::16 ICMPv6 90 Multicast Listener Report Message v2",
            "1 2026-11-01 12:00:00.123456 02:42:ac:10:10:66 Broadcast ARP 42 Who has 1.2.3.4?",
            "9 1,5 10.O.0.l 10.0.0.2 TCP 66 x",
            "9 10.0.0.1 10.0.0.2 TCP 66 5 → 6 [ACK]",
        ] {
            assert!(is_row(line), "{line}");
        }
        for line in
            ["", "the time was 0.5 s", "1. Topologi: 10.0.0.1 dan 10.0.0.2", "INFO:root:closing"]
        {
            assert!(!is_row(line), "{line}");
        }
    }

    #[test]
    fn lines_that_are_no_rows_are_named() {
        let row = "1 0.0 10.0.0.1 10.0.0.2 TCP 66 5 → 6 [ACK]";
        let lines = [(1, row), (2, "2 ??? smudge 10.0.0.2"), (3, "-----"), (4, row), (5, "end")];
        assert_eq!(read(&lines).unwrap_or_default().unread, [2]);
    }

    #[test]
    fn titles_name_columns_that_the_shape_does_not_have() {
        let lines = [(1, "No.,Protocol,Info"), (2, "4,TCP,\"5 → 6 [SYN, ACK]\""), (3, "5,ARP,Who")];
        let list = read(&lines).unwrap_or_default();
        assert_eq!(list.columns, [Column::No, Column::Protocol, Column::Info]);
        assert_eq!(list.rows.len(), 2);
    }

    #[test]
    fn a_column_that_the_title_does_not_have_is_not_taken_from_info() {
        let title = "No.\tTime\tSource\tDestination\tInfo";
        let lines = [(1, title), (2, "4\t0.5\t10.0.0.1\tBroadcast\tWho has 10.0.0.2?")];
        let list = read(&lines).unwrap_or_default();
        let texts: Vec<&str> =
            list.rows.iter().flat_map(|row| &row.cells).map(|cell| cell.text.as_str()).collect();
        assert_eq!(texts, ["4", "0.5", "10.0.0.1", "Broadcast", "Who has 10.0.0.2?"]);
    }

    #[test]
    fn a_title_that_is_wrong_does_no_harm() {
        let title = "Time\tSource\tDestination\tProtocol\tLength\tInfo";
        let lines = [(1, title), (2, "2 0.5\t10.0.0.1\t10.0.0.2\tTCP\t66\t5 → 6 [ACK] Seq=1")];
        let list = read(&lines).unwrap_or_default();
        assert_eq!(list.columns, Column::ALL);
    }

    #[test]
    fn filters_wrapped_rows_and_ellipses_are_read() {
        let lines = [
            (1, "tcp.port == 32444"),
            (2, "No.\tTime\tSource\tDestination\tProtocol\tLength\tInfo"),
            (3, "1 0.0 10.0.0.1 10.0.0.2 TCP 66 5 → 6 [ACK]"),
            (4, "   Seq=1 Ack=1 Wi…"),
        ];
        let list = read(&lines).unwrap_or_default();
        assert_eq!(list.filter.as_deref(), Some("tcp.port == 32444"));
        let info = list.rows.first().and_then(|row| row.cell(Column::Info)).cloned();
        assert_eq!(info.map(|cell| cell.text), Some("5 → 6 [ACK] Seq=1 Ack=1 Wi…".into()));
    }
}
