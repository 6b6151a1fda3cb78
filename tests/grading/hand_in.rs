//! What a student hands in about a run: the capture, a packet list with cut columns, what the
//! terminals showed, and a few sentences; in one report, or in a file each.

use std::fs;
use std::path::Path;

use analyzer::grade::ExpectedList;

use super::lab::Chance;
use super::records::{self, Record};

/// A row of the packet list: number, time, source, destination, protocol, length, info.
pub type Row = [String; 7];

/// A hand-in before it is written.
#[derive(Debug, Clone)]
pub struct HandIn {
    /// The frames of its capture.
    pub frames: Vec<Record>,
    /// Whether the capture is written as pcap, with microseconds.
    pub is_pcap: bool,
    /// The packet list.
    pub rows: Vec<Row>,
    /// A terminal of each machine.
    pub logs: Vec<String>,
    /// What is written about it.
    pub sentences: Vec<String>,
}

/// One connection as a student sees it in the list.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Row of the SYN, SYN-ACK and the first ACK.
    pub handshake: [u64; 3],
    /// Address of the client.
    pub client: String,
    /// Address of the server.
    pub server: String,
    /// Port of the client.
    pub port: String,
}

/// The rows of a capture.
pub fn list(frames: &[Record], is_pcap: bool) -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("capture");
    records::write(frames, &path, is_pcap);
    let list = ExpectedList::read(&path, None).expect("a capture");
    let start = frames.first().map_or(0, |first| first.time);
    let row = |(row, frame): (&analyzer::grade::ExpectedRow, &Record)| {
        let nanos = frame.time - start;
        let (nanos, digits) = if is_pcap { (nanos / 1000, 6) } else { (nanos, 9) };
        let unit = 10_i64.pow(digits as u32);
        let time = format!("{}.{:0digits$}", nanos / unit, nanos % unit);
        [
            row.number.to_string(),
            time,
            row.source.clone(),
            row.destination.clone(),
            row.protocol.to_owned(),
            row.length.to_string(),
            row.info.clone(),
        ]
    };
    list.rows.iter().zip(frames).map(row).collect()
}

/// The connections that a list shows from their SYN on.
pub fn seen(rows: &[Row]) -> Vec<Seen> {
    let is = |row: &Row, flags: &str| row[6].contains(flags);
    let from_to = |row: &Row| {
        let mut ports = row[6].split(' ').filter(|word| word.parse::<u16>().is_ok());
        Some((ports.next()?.to_owned(), ports.next()?.to_owned()))
    };
    let number = |row: &Row| row[0].parse().expect("a number");
    let of_port = |port: &str, flags: &str| {
        let mut all = rows.iter();
        all.find(|row| is(row, flags) && from_to(row).is_some_and(|(a, b)| a == port || b == port))
    };
    let begins = rows.iter().filter(|row| is(row, "[SYN]"));
    let all = begins.filter_map(|syn| {
        let (port, _) = from_to(syn)?;
        let (answer, ack) = (of_port(&port, "[SYN, ACK]")?, of_port(&port, "[ACK]")?);
        let handshake = [number(syn), number(answer), number(ack)];
        Some(Seen { handshake, client: syn[2].clone(), server: syn[3].clone(), port })
    });
    all.collect()
}

/// True sentences about a list, in one of the two languages.
pub fn sentences(rows: &[Row], is_parallel: bool, chance: &mut Chance) -> Vec<String> {
    let is_english = chance.below(2) == 0;
    let say = |english: String, indonesian: String| if is_english { english } else { indonesian };
    let all = seen(rows);
    let mut said = Vec::new();
    for Seen { handshake: [from, _, to], client, server, .. } in &all {
        said.push(say(
            format!("The handshake of {client} stands on rows {from}-{to}."),
            format!("Handshake dari {client} terlihat pada baris {from}–{to}."),
        ));
        said.push(say(
            format!("{server} is the server here."),
            format!("IP {server} berperan sebagai server."),
        ));
        said.push(say(
            format!("The address {client} is the client."),
            format!("Alamat {client} adalah client."),
        ));
    }
    if let ([one, two, ..], true) = (all.as_slice(), is_parallel) {
        let (one, two) = (&one.port, &two.port);
        said.push(say(
            format!("The ports {one} and {two} were connected at the same time."),
            format!("Koneksi dari port {one} dan {two} berjalan secara bersamaan."),
        ));
    }
    if !rows.iter().any(|row| row[6].contains("etransmission")) {
        said.push(say(
            String::from("There was no retransmission."),
            String::from("Tidak ada retransmisi sama sekali."),
        ));
    }
    let is_whole = rows.iter().filter(|row| row[6].contains("FIN")).count() == 2 * all.len();
    if is_whole && !rows.iter().any(|row| row[6].contains("RST")) {
        said.push(say(
            String::from("The connection was closed properly by both sides."),
            String::from("Koneksi ditutup dengan benar oleh kedua sisi."),
        ));
    }
    said.push(say(
        String::from("I learned a lot from this lab and liked it."),
        String::from("Saya belajar banyak dari praktikum ini."),
    ));
    said
}

/// The list as text: which columns, what between them, and where Info is cut.
fn table(rows: &[Row], chance: &mut Chance) -> String {
    let width = 48 + chance.below(60) as usize;
    let layouts: [&[usize]; 4] =
        [&[0, 1, 2, 3, 4, 5, 6], &[0, 2, 3, 4, 5, 6], &[1, 2, 3, 4, 5, 6], &[0, 1, 2, 3, 6]];
    let columns = *chance.of(&layouts);
    let has_titles = columns.len() < 7 || chance.below(2) == 0;
    let titles = ["No.", "Time", "Source", "Destination", "Protocol", "Length", "Info"];
    let mut text = String::new();
    if has_titles {
        let titles: Vec<&str> = columns.iter().map(|column| titles[*column]).collect();
        text.push_str(&(titles.join("\t") + "\n"));
    }
    for row in rows {
        let cut = |column: &usize| match column {
            6 => row[6].chars().take(width).collect::<String>().trim_end().to_owned(),
            column => row[*column].clone(),
        };
        let cells: Vec<String> = columns.iter().map(cut).collect();
        text.push_str(&(cells.join("\t") + "\n"));
    }
    text
}

impl HandIn {
    /// Writes it, as one report or in several files.
    pub fn write(&self, folder: &Path, chance: &mut Chance) {
        fs::create_dir_all(folder).expect("a folder");
        let name = if self.is_pcap { "capture.pcap" } else { "capture.pcapng" };
        records::write(&self.frames, &folder.join(name), self.is_pcap);
        let list = table(&self.rows, chance);
        let write = |name: &str, text: String| fs::write(folder.join(name), text).expect("written");
        if chance.below(2) == 0 {
            let logs = self.logs.iter().map(|log| format!("```\n{log}```\n\n"));
            let logs: String = logs.collect();
            let said = self.sentences.join("\n\n");
            return write("report.md", format!("# Report\n\n{logs}{list}\n{said}\n"));
        }
        write("list.txt", list);
        for (at, log) in self.logs.iter().enumerate() {
            write(&format!("mesin{}.log", at + 1), log.clone());
        }
        write("notes.txt", self.sentences.join("\n") + "\n");
    }
}
