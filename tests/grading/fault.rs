//! Faults, one of which is planted in a hand-in.

use super::hand_in::{self, HandIn};
use super::lab::Chance;
use super::records::Record;

/// What is wrong with a hand-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Nothing.
    None,
    /// The log of another run.
    OtherLog,
    /// Client and server in each other's place, in sentences or in the list.
    SwappedRoles,
    /// "At the same time" said of two clients that came one after the other.
    NotConcurrent,
    /// The SYN is not in the capture, or its row is not in the list.
    CutSyn,
    /// A row shows something else than the capture.
    EditedRow,
    /// The capture was changed after it was recorded.
    EditedCapture,
    /// Somebody else's capture, made to look like another one.
    BorrowedCapture,
}

impl Fault {
    /// The kinds of a block of hand-ins, in this order; the first lends its capture.
    pub const BLOCK: [Self; 10] = [
        Self::None,
        Self::None,
        Self::None,
        Self::OtherLog,
        Self::SwappedRoles,
        Self::NotConcurrent,
        Self::CutSyn,
        Self::EditedRow,
        Self::EditedCapture,
        Self::BorrowedCapture,
    ];
}

/// Source and destination in each other's place: in the sentences, or in the list.
pub fn swap_roles(hand_in: &mut HandIn, chance: &mut Chance) {
    if chance.below(2) == 0 {
        return hand_in.rows.iter_mut().for_each(|row| row.swap(2, 3));
    }
    for said in &mut hand_in.sentences {
        if said.contains("is the server") || said.contains("sebagai server") {
            *said = said.replace("server", "client");
        } else if said.contains("is the client") || said.contains("adalah client") {
            *said = said.replace("client", "server");
        }
    }
}

/// Takes the SYN from the capture, whose list then lacks it, too; of a task with a second
/// connection, sometimes only the row of its SYN.
pub fn cut_syn(hand_in: &mut HandIn, is_rubric_blind: bool, chance: &mut Chance) {
    let all = hand_in::seen(&hand_in.rows);
    let [first, .., last] = [all.first(), all.last()].map(|one| one.map(|one| one.handshake[0]));
    let (first, last) = (first.expect("a SYN"), last.expect("a SYN"));
    if is_rubric_blind || (first != last && chance.below(2) == 0) {
        return hand_in.rows.retain(|row| row[0] != last.to_string());
    }
    hand_in.frames.remove(first as usize - 1);
    hand_in.rows = hand_in::list(&hand_in.frames, hand_in.is_pcap);
    hand_in.sentences = hand_in::sentences(&hand_in.rows, false, chance);
}

/// Changes a digit of a row: of its length, a port, a sequence number, or a flag. Returns the
/// row's place in the list.
pub fn edit_row(hand_in: &mut HandIn, chance: &mut Chance) -> usize {
    let is_tcp =
        |at: &usize| hand_in.rows[*at][4] == "TCP" && hand_in.rows[*at][6].contains("Seq=");
    let tcp: Vec<usize> = (0..hand_in.rows.len()).filter(is_tcp).collect();
    let at = *chance.of(&tcp);
    let info = hand_in.rows[at][6].clone();
    let digit = |text: &str, from: usize| {
        let mut bytes = text.as_bytes().to_vec();
        if let Some(byte) = bytes.iter_mut().skip(from).find(|byte| byte.is_ascii_digit()) {
            *byte = b'1' + (*byte - b'0' + 3) % 9;
        }
        String::from_utf8(bytes).expect("text")
    };
    hand_in.rows[at][6] = match chance.below(4) {
        0 => digit(&info, 0),
        1 => digit(&info, info.find("Seq=").expect("a number")),
        2 if info.contains("[FIN, ACK]") => info.replace("[FIN, ACK]", "[PSH, ACK]"),
        2 if info.contains("[ACK]") => info.replace("[ACK]", "[RST]"),
        2 => info.replace("SYN", "FIN").replace("PSH", "RST"),
        _ => digit(&info, info.find("Win=").expect("a window")),
    };
    at
}

/// Changes a time, the addresses, a port, or a byte of payload, or takes a segment away; what
/// the list says is what the changed capture has. Where checksums are left to the card, a port or
/// a byte of payload shows in the terminals alone, so these stay as they were.
pub fn edit_capture(hand_in: &mut HandIn, chance: &mut Chance) {
    let with_data = |frame: &Record| frame.is_tcp() && frame.wire_len > 70;
    let frames = &mut hand_in.frames;
    let data: Vec<usize> = (0..frames.len()).filter(|at| with_data(&frames[*at])).collect();
    let victim = data[data.len() / 2];
    let kind = chance.below(5);
    match kind {
        0 => frames[victim].time -= 900_000_000,
        1 => tcp(frames).for_each(|frame| frame.move_address(20)),
        2 => tcp(frames).for_each(|frame| frame.move_ports(1_234)),
        3 => *frames[victim].bytes.last_mut().expect("bytes") ^= 0x15,
        _ => drop(frames.remove(victim)),
    }
    hand_in.rows = hand_in::list(&hand_in.frames, hand_in.is_pcap);
    hand_in.sentences.clear();
    if ![2, 3].contains(&kind) {
        hand_in.logs.clear();
    }
}

/// Makes a capture look like another one: renumbered, later, other addresses, ports and
/// sequence numbers, all checksums right.
pub fn disguise(hand_in: &mut HandIn, chance: &mut Chance) {
    let frames = &mut hand_in.frames;
    let later = 3_600_000_000_000 + chance.below(1_000_000_000_000) as i64;
    frames.iter_mut().for_each(|frame| frame.time += later);
    match chance.below(5) {
        0 => drop(frames.drain(..2)),
        1 => tcp(frames).for_each(|frame| frame.move_address(20)),
        2 => tcp(frames).for_each(|frame| frame.move_ports(1_234)),
        3 => tcp(frames).for_each(|frame| frame.move_sequence(77_777)),
        _ => {}
    }
    tcp(frames).for_each(Record::fit_checksums);
    hand_in.is_pcap = chance.below(2) == 0;
    hand_in.rows = hand_in::list(&hand_in.frames, hand_in.is_pcap);
    hand_in.sentences.clear();
    hand_in.logs.clear();
}

fn tcp(frames: &mut [Record]) -> impl Iterator<Item = &mut Record> {
    frames.iter_mut().filter(|frame| frame.is_tcp())
}
