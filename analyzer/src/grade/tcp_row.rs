//! A row of a packet list read as a TCP segment: ports, flags and numbers of its Info.
//!
//! A number at the end of an Info may go on behind the column's edge; it is then only a prefix,
//! and whoever compares it asks [`Number::may_be`].

use crate::evidence::{Column, Cut, PacketList, PacketRow};

/// Cells that a picture shows less clearly than this are not looked at.
const MIN_CONFIDENCE: f32 = 0.8;

/// A number as it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    /// The digits that are seen.
    pub value: u64,
    /// Whether digits may follow.
    pub may_go_on: bool,
}

impl Number {
    /// The number, if it is seen whole.
    #[must_use]
    pub fn exact(self) -> Option<u64> {
        (!self.may_go_on).then_some(self.value)
    }

    /// Whether what is seen can be this number.
    #[must_use]
    pub fn may_be(self, number: u64) -> bool {
        if self.may_go_on {
            number.to_string().starts_with(&self.value.to_string())
        } else {
            number == self.value
        }
    }
}

/// Flags that an Info names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags {
    /// SYN.
    pub syn: bool,
    /// ACK.
    pub ack: bool,
    /// FIN.
    pub fin: bool,
    /// PSH.
    pub psh: bool,
    /// RST.
    pub rst: bool,
}

/// A row read as a segment; what it does not show is none.
#[derive(Debug, Clone, PartialEq)]
pub struct TcpRow {
    /// Line of the file, or row of the picture.
    pub line: u32,
    /// `No.`
    pub number: Option<u64>,
    /// Time in nanoseconds, when it is a number of seconds.
    pub nanos: Option<i64>,
    /// Source address.
    pub source: String,
    /// Destination address.
    pub destination: String,
    /// Source port.
    pub source_port: Option<u16>,
    /// Destination port.
    pub destination_port: Option<u16>,
    /// Length of the frame.
    pub length: Option<u64>,
    /// Flags; none when the Info has none.
    pub flags: Option<Flags>,
    /// `Seq=`
    pub seq: Option<Number>,
    /// `Ack=`
    pub ack: Option<Number>,
    /// `Win=`
    pub window: Option<Number>,
    /// `Len=`
    pub len: Option<Number>,
    /// `MSS=`
    pub mss: Option<Number>,
    /// `WS=`
    pub scale: Option<Number>,
    /// The Info.
    pub info: String,
    /// Whether the Info may go on.
    pub info_may_go_on: bool,
}

impl TcpRow {
    /// What messages call the row: its number, or its line.
    #[must_use]
    pub fn name(&self) -> u64 {
        self.number.unwrap_or_else(|| u64::from(self.line))
    }

    /// Whether Wireshark marked the segment as one of these.
    #[must_use]
    pub fn is_marked(&self, marks: &[&str]) -> bool {
        marks.iter().any(|mark| self.info.contains(mark))
    }

    /// The flags, or none set.
    #[must_use]
    pub fn flag(&self) -> Flags {
        self.flags.unwrap_or_default()
    }
}

/// All rows of a list whose Info is that of a TCP segment, and other rows of the list with what
/// they show.
#[must_use]
pub fn read(list: &PacketList) -> Vec<TcpRow> {
    list.rows.iter().map(read_row).collect()
}

fn text(row: &PacketRow, column: Column) -> &str {
    row.cell(column)
        .filter(|cell| cell.confidence >= MIN_CONFIDENCE && row.is_whole)
        .map_or("", |cell| cell.text.trim())
}

/// Digits of a cell that is seen whole.
fn whole(row: &PacketRow, column: Column) -> Option<u64> {
    let is_cut = row.cell(column).is_some_and(|cell| cell.cut == Cut::Yes);
    (!is_cut).then(|| text(row, column).parse().ok()).flatten()
}

fn read_row(row: &PacketRow) -> TcpRow {
    let info = text(row, Column::Info).to_owned();
    let (source_port, destination_port) = ports(&info);
    let number = |key| number(&info, key);
    TcpRow {
        line: row.line,
        number: whole(row, Column::No),
        nanos: nanos(text(row, Column::Time)),
        source: text(row, Column::Source).to_owned(),
        destination: text(row, Column::Destination).to_owned(),
        source_port,
        destination_port,
        length: whole(row, Column::Length),
        flags: flags(&info),
        seq: number("Seq="),
        ack: number("Ack="),
        window: number("Win="),
        len: number("Len="),
        mss: number("MSS="),
        scale: number("WS="),
        info_may_go_on: row.cell(Column::Info).is_none_or(|cell| cell.cut != Cut::No),
        info,
    }
}

/// `44984 → 32444`, with any arrow, after any labels.
fn ports(info: &str) -> (Option<u16>, Option<u16>) {
    let words: Vec<&str> = info.split_whitespace().collect();
    let found = words.windows(3).find_map(|three| match three {
        [from, "→" | ">" | "->" | "=>" | "›" | "»", to] => {
            Some((from.parse().ok()?, to.parse().ok()?))
        }
        _ => None,
    });
    found.unzip()
}

/// The bracket that holds flags.
fn flags(info: &str) -> Option<Flags> {
    info.split('[').skip(1).filter_map(|rest| rest.split(']').next()).find_map(|inside| {
        let names: Vec<&str> = inside.split(',').map(str::trim).collect();
        let known = |name: &&str| {
            matches!(*name, "SYN" | "ACK" | "FIN" | "PSH" | "RST" | "URG" | "ECE" | "ECN" | "CWR")
        };
        let has = |flag: &str| names.contains(&flag);
        names.iter().all(known).then(|| Flags {
            syn: has("SYN"),
            ack: has("ACK"),
            fin: has("FIN"),
            psh: has("PSH"),
            rst: has("RST"),
        })
    })
}

fn number(info: &str, key: &str) -> Option<Number> {
    let at = info.find(&format!(" {key}")).map(|at| at + 1).or_else(|| {
        // An Info that was cut at its left begins with a key.
        info.starts_with(key).then_some(0)
    })?;
    let rest = info.get(at + key.len()..)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let value: u64 = digits.parse().ok()?;
    // No number goes on after a leading zero, nor behind a blank.
    let is_last = rest.len() == digits.len();
    Some(Number { value, may_go_on: is_last && value != 0 })
}

/// Seconds with a fraction, exactly.
fn nanos(text: &str) -> Option<i64> {
    let (seconds, fraction) = text.split_once('.')?;
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(seconds) || !is_digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let fraction = format!("{fraction:0<9}");
    seconds.parse::<i64>().ok()?.checked_mul(1_000_000_000)?.checked_add(fraction.parse().ok()?)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::evidence::Cell;

    /// A list from lines of seven columns, split by `|`.
    pub(crate) fn list(lines: &[&str]) -> PacketList {
        let row = |(line, text): (u32, &&str)| PacketRow {
            line,
            cells: Column::ALL
                .into_iter()
                .zip(text.splitn(7, '|'))
                .filter(|(_, text)| !text.is_empty())
                .map(|(column, text)| Cell {
                    column,
                    text: text.trim().to_owned(),
                    cut: if column == Column::Info { Cut::Maybe } else { Cut::No },
                    confidence: 1.0,
                    region: None,
                })
                .collect(),
            is_whole: true,
            is_selected: false,
        };
        PacketList {
            columns: Column::ALL.to_vec(),
            rows: (1..).zip(lines).map(row).collect(),
            ..PacketList::default()
        }
    }

    #[test]
    fn an_info_is_read_as_a_segment() {
        let rows = read(&list(&[
            "4|2.306993920|10.0.0.2|10.0.0.1|TCP|74|44984 → 32444 [SYN] Seq=0 Win=64240 Len=0 MSS=1460",
            "5|2.3|10.0.0.1|10.0.0.2|TCP|98|[TCP Retransmission] 80 > 9 [PSH, ACK] Seq=1 Ack=68 Win=65152 Le",
        ]));
        let syn = &rows[0];
        assert_eq!((syn.source_port, syn.destination_port), (Some(44984), Some(32444)));
        assert_eq!(syn.nanos, Some(2_306_993_920));
        assert!(syn.flag().syn && !syn.flag().ack);
        assert_eq!(syn.mss, Some(Number { value: 1460, may_go_on: true }));
        assert_eq!(syn.len, Some(Number { value: 0, may_go_on: false }));
        let data = &rows[1];
        assert_eq!(data.ack.and_then(Number::exact), Some(68));
        assert_eq!(data.len, None);
        assert!(data.is_marked(&["[TCP Retransmission]"]) && data.flag().psh);
    }

    #[test]
    fn a_number_at_the_edge_is_a_prefix() {
        let number = Number { value: 3, may_go_on: true };
        assert!(number.may_be(32) && number.may_be(3) && !number.may_be(23));
        assert_eq!(number.exact(), None);
    }
}
