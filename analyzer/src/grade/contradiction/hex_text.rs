//! The text column of a dump against its bytes, and offsets against each other.

use super::Found;
use crate::evidence::FrameBytes;
use crate::grade::words::{Lang, contradictions as words};

/// Rows whose text column shows other characters than the bytes: each one when letters differ,
/// one for the whole dump when only dots were lost or added in the transcription.
pub(super) fn find(dump: &FrameBytes, lang: Lang) -> Vec<Found> {
    let mut found = Vec::new();
    let mut slips: Vec<(u32, String)> = Vec::new();
    for row in dump.rows.iter().filter(|row| !row.text.is_empty()) {
        let right: String = row.bytes.iter().map(|byte| printed(*byte)).collect();
        let why = words::text_column(lang, row.offset, &row.text, &right);
        if without(&row.text, " ") == without(&right, " ") {
            continue;
        }
        if without(&row.text, " .·") == without(&right, " .·") {
            slips.push((row.line, why));
            continue;
        }
        found.push(Found {
            kind: "hex-and-text",
            line: row.line,
            column: "",
            why,
            frames: frames(dump),
        });
    }
    if let Some((line, _)) = slips.first() {
        let why = slips.iter().map(|(_, why)| why.as_str()).collect::<Vec<_>>().join("; ");
        let line = *line;
        found.push(Found { kind: "hex-text-slip", line, column: "", why, frames: frames(dump) });
    }
    found.extend(gap(dump, lang));
    found
}

fn frames(dump: &FrameBytes) -> Vec<u64> {
    dump.frame.into_iter().collect()
}

fn printed(byte: u8) -> char {
    if (0x20..0x7f).contains(&byte) { char::from(byte) } else { '.' }
}

fn without(text: &str, left_out: &str) -> String {
    text.chars().filter(|c| !left_out.contains(*c)).collect()
}

/// The first row that does not stand where the row before ends.
fn gap(dump: &FrameBytes, lang: Lang) -> Option<Found> {
    let mut expected = 0;
    for row in &dump.rows {
        if row.offset as usize != expected {
            let why = words::offsets(lang, row.offset, expected);
            let (line, frames) = (row.line, frames(dump));
            return Some(Found { kind: "hex-offsets", line, column: "", why, frames });
        }
        expected += row.bytes.len();
    }
    None
}
