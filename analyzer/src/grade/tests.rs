//! Whole lists against a made-up capture.

use super::clock::FrameTimes;
use super::model::{CellVerdict, ListFindingKind, Origin};
use super::*;
use crate::evidence::{Column, PacketList, packet_list};

/// An echo of 32 bytes, twice, as a capture would show it.
fn capture(first_port: u16, start: i64) -> ExpectedList {
    let mut rows = Vec::new();
    for (stream, port) in [(0, first_port), (1, first_port + 8)] {
        let ask = format!("{port} → 10000");
        let answer = format!("10000 → {port}");
        for (from_client, length, info) in [
            (true, 74, format!("{ask} [SYN] Seq=0 Win=64240 Len=0 MSS=1460 SACK_PERM")),
            (false, 74, format!("{answer} [SYN, ACK] Seq=0 Ack=1 Win=65160 Len=0 MSS=1460")),
            (true, 66, format!("{ask} [ACK] Seq=1 Ack=1 Win=64256 Len=0")),
            (true, 98, format!("{ask} [PSH, ACK] Seq=1 Ack=1 Win=64256 Len=32")),
            (false, 66, format!("{answer} [ACK] Seq=1 Ack=33 Win=65152 Len=0")),
            (false, 98, format!("{answer} [PSH, ACK] Seq=1 Ack=33 Win=65152 Len=32")),
            (true, 66, format!("{ask} [FIN, ACK] Seq=33 Ack=33 Win=64256 Len=0")),
        ] {
            let number = rows.len() as u64 + 1;
            let index = i64::try_from(number - 1).unwrap_or(0);
            let relative = index * 137_113 + index * index * start % 7_919;
            let hosts = ["172.16.16.102", "172.16.16.101"];
            let (source, destination) =
                if from_client { (hosts[0], hosts[1]) } else { (hosts[1], hosts[0]) };
            rows.push(ExpectedRow {
                number,
                times: FrameTimes {
                    epoch: start + relative,
                    relative,
                    delta: 137_113,
                    delta_displayed: 137_113,
                },
                digits: 9,
                source: source.into(),
                destination: destination.into(),
                protocol: "TCP",
                length,
                info,
                stream: Some(stream),
                base: None,
                is_displayed: true,
            });
        }
    }
    ExpectedList { rows }
}

/// The list as text with tabs, some columns left out.
fn text(capture: &ExpectedList, has_number: bool) -> Vec<String> {
    let line = |row: &ExpectedRow| {
        let time = clock::TimeFormat::Relative { shift: 0 }.text(&row.times, 9);
        let info: String = row.info.chars().take(44).collect();
        let number = if has_number { format!("{}\t", row.number) } else { String::new() };
        format!("{number}{time}\t{}\t{}\tTCP\t{}\t{info}", row.source, row.destination, row.length)
    };
    capture.rows.iter().map(line).collect()
}

fn read(lines: &[String]) -> PacketList {
    let numbered: Vec<(u32, &str)> = (1..).zip(lines.iter().map(String::as_str)).collect();
    packet_list::read(&numbered).unwrap_or_default()
}

fn judged(lines: &[String], capture: &ExpectedList) -> JudgedList {
    judge(&read(lines), capture, FilterKnowledge::Known, Version::Unknown, None)
}

#[test]
fn an_honest_list_holds_with_and_without_numbers() {
    let capture = capture(57_278, 1_000);
    for has_number in [true, false] {
        let judged = judged(&text(&capture, has_number), &capture);
        let frames: Vec<_> = judged.rows.iter().map(|row| row.frame).collect();
        assert_eq!(frames, (1..=14).map(Some).collect::<Vec<_>>(), "numbers: {has_number}");
        assert!(judged.rows.iter().all(|row| row.verdict <= Some(CellVerdict::Cut)), "{judged:#?}");
        assert_eq!(judged.source, Origin::ThisCapture);
        assert!(judged.findings.is_empty());
    }
}

#[test]
fn an_edited_cell_is_found_where_it_stands() {
    let capture = capture(57_278, 1_000);
    let mut lines = text(&capture, true);
    lines[3] = lines[3].replace("\t98\t", "\t93\t");
    let judged = judged(&lines, &capture);
    let wrong: Vec<_> = judged
        .rows
        .iter()
        .flat_map(|row| row.cells.iter().map(move |cell| (row.frame, cell)))
        .filter(|(_, cell)| cell.verdict == Some(CellVerdict::Mismatch))
        .map(|(frame, cell)| (frame, cell.column, &*cell.seen, cell.expected.as_deref()))
        .collect();
    assert_eq!(wrong, [(Some(4), Column::Length, "93", Some("98"))]);
    assert_eq!(judged.source, Origin::ThisCapture);
}

#[test]
fn rows_removed_swapped_and_repeated_are_told() {
    let capture = capture(57_278, 1_000);
    for has_number in [true, false] {
        let mut lines = text(&capture, has_number);
        lines.remove(4);
        let found = judged(&lines, &capture).findings;
        let found: Vec<_> = found.iter().map(|f| (f.kind, &*f.frames)).collect();
        assert_eq!(found, [(ListFindingKind::Removed, &[5][..])], "numbers: {has_number}");
        let mut lines = text(&capture, has_number);
        lines.swap(3, 5);
        let found = judged(&lines, &capture).findings;
        let found: Vec<_> = found.iter().map(|f| (f.kind, &*f.frames)).collect();
        assert_eq!(found, [(ListFindingKind::Swapped, &[4, 6][..])], "numbers: {has_number}");
        let mut lines = text(&capture, has_number);
        lines.insert(5, lines[4].clone());
        let found = judged(&lines, &capture).findings;
        let found: Vec<_> = found.iter().map(|f| (f.kind, &*f.frames)).collect();
        assert_eq!(found, [(ListFindingKind::Repeated, &[5][..])], "numbers: {has_number}");
    }
}

#[test]
fn another_run_and_another_capture_are_told_apart() {
    let this = capture(57_278, 1_000);
    let lines = text(&capture(41_010, 500), true);
    assert_eq!(judged(&lines, &this).source, Origin::AnotherRun);
    let elsewhere: Vec<String> =
        lines.iter().map(|line| line.replace("172.16.16.", "10.8.0.")).collect();
    assert_eq!(judged(&elsewhere, &this).source, Origin::AnotherCapture);
}

#[test]
fn a_list_from_a_longer_recording_of_the_same_packets_is_this_capture() {
    let this = capture(57_278, 1_000);
    let lines: Vec<String> = this
        .rows
        .iter()
        .map(|row| {
            let time = clock::TimeFormat::Relative { shift: 5_000_000_000 }.text(&row.times, 9);
            format!(
                "{}\t{time}\t{}\t{}\tTCP\t{}\t{}",
                row.number + 40,
                row.source,
                row.destination,
                row.length,
                row.info
            )
        })
        .collect();
    let judged = judged(&lines, &this);
    assert_eq!(judged.source, Origin::ThisCapture, "{}", judged.because);
    assert_eq!(judged.rows[0].frame, Some(1));
}
