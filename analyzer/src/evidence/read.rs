//! Text files of evidence, read within bounds.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::split::{Part, split};
use super::text_model::FrameBytes;
use super::{Content, Evidence, Kind, PacketList};
use super::{frame_bytes, packet_list, terminal_log};

/// Largest text that is read, in bytes: a thousand times a long report.
const MAX_TEXT: u64 = 16 << 20;

/// Why a text could not be read; whoever asked knows the file's name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file cannot be opened or read.
    #[error("{cause}")]
    Io {
        /// What the system said.
        cause: std::io::Error,
    },
    /// The file is larger than any report.
    #[error(
        "more than {} MiB of text; hand in the part that shows the run (head, split)",
        MAX_TEXT >> 20
    )]
    TooLarge,
    /// The file is no text.
    #[error("byte {offset} is 0: this is no text file (text in UTF-8 or UTF-16 is read)")]
    Binary {
        /// Offset of the first such byte.
        offset: usize,
    },
}

/// Reads a text file into its pieces of evidence, in their order.
///
/// # Errors
/// When the file cannot be read, is too large, or is no text.
pub fn read_text(path: &Path) -> Result<Vec<Evidence>, ReadError> {
    let file = path.display().to_string();
    let io = |cause| ReadError::Io { cause };
    let mut bytes = Vec::new();
    let opened = File::open(path).map_err(io)?;
    opened.take(MAX_TEXT + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MAX_TEXT {
        return Err(ReadError::TooLarge);
    }
    let text = decode(&bytes).map_err(|offset| ReadError::Binary { offset })?;
    Ok(text_evidence(&file, &text))
}

/// Text in UTF-8 or, with its mark at the beginning, in UTF-16 (as PowerShell writes it); bytes
/// that are neither become U+FFFD. Fails with the offset of a zero byte.
fn decode(bytes: &[u8]) -> Result<String, usize> {
    let units = |rest: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> =
            rest.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(read).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => Ok(units(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Ok(units(rest, u16::from_be_bytes)),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => match rest.iter().position(|byte| *byte == 0) {
            Some(offset) => Err(offset),
            None => Ok(String::from_utf8_lossy(rest).into_owned()),
        },
    }
}

/// The pieces of evidence in a text, named after its file, in their order.
#[must_use]
pub fn text_evidence(file: &str, text: &str) -> Vec<Evidence> {
    let mut found = Vec::new();
    for part in split(text) {
        let first = part.first_line();
        if let Part::Frames(lines) = &part {
            for (line, frame) in frame_bytes::read(lines) {
                let Some(frame) = joined(found.last_mut(), frame) else { continue };
                let content = Content::FrameBytes(frame);
                found.push(Evidence {
                    file: file.to_owned(),
                    kind: Kind::FrameBytes,
                    line,
                    content,
                });
            }
            continue;
        }
        let mut add = |kind, line, content| {
            found.push(Evidence { file: file.to_owned(), kind, line, content });
        };
        match part {
            Part::Log { machine, lines } => {
                for (line, log) in terminal_log::read(machine.as_deref(), &lines) {
                    add(Kind::TerminalLog, line, Content::TerminalLog(log));
                }
            }
            Part::Frames(_) => {}
            Part::Prose(prose) => add(Kind::Claims, first, Content::Prose(prose)),
            Part::Rows { filter, lines } => {
                if let Some(list) = rows(filter, &lines) {
                    add(Kind::PacketList, first, Content::PacketList(list));
                }
            }
        }
    }
    if found.iter().all(|piece| piece.kind == Kind::Claims) {
        found.extend(titled_list(file, text));
    }
    found
}

/// Puts bytes beside the details that stand above them, a blank line between, as `tshark -V -x`
/// prints them; gives back what belongs to nothing above.
fn joined(above: Option<&mut Evidence>, frame: FrameBytes) -> Option<FrameBytes> {
    let Some(Content::FrameBytes(details)) = above.map(|above| &mut above.content) else {
        return Some(frame);
    };
    let (last, first) = (details.details.last().map(|(line, _)| *line), frame.rows.first());
    let is_next = last.zip(first).is_some_and(|(last, first)| first.line == last + 2);
    if !is_next || !details.rows.is_empty() || !frame.details.is_empty() {
        return Some(frame);
    }
    details.rows = frame.rows;
    None
}

/// A list of which only the title tells what it is: rows with few columns.
fn titled_list(file: &str, text: &str) -> Option<Evidence> {
    let lines: Vec<(u32, &str)> = (1..).zip(text.lines()).collect();
    let list = packet_list::read(&lines)?;
    let line = list.rows.first().map_or(1, |row| row.line);
    let content = Content::PacketList(list);
    Some(Evidence { file: file.to_owned(), kind: Kind::PacketList, line, content })
}

/// Reads the rows, and puts the filter that stands above them beside them.
fn rows(filter: Option<String>, lines: &[(u32, &str)]) -> Option<PacketList> {
    let mut list = packet_list::read(lines)?;
    if list.filter.is_none() {
        list.is_filter_seen = filter.is_some();
        list.filter = filter;
    }
    Some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        let table: [(&[u8], Result<&str, usize>); 5] = [
            (b"abc", Ok("abc")),
            (b"\xef\xbb\xbfabc", Ok("abc")),
            (b"\xff\xfea\0b\0", Ok("ab")),
            (b"a\xffb", Ok("a\u{fffd}b")),
            (b"ab\0c", Err(2)),
        ];
        for (bytes, expected) in table {
            assert_eq!(decode(bytes).as_deref().map_err(|at| *at), expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_file_too_large_and_a_binary_one_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let large = folder.path().join("large.txt");
        let file = File::create(&large).expect("a file");
        file.set_len(200 << 20).expect("room");
        assert!(matches!(read_text(&large), Err(ReadError::TooLarge)));
        let binary = folder.path().join("binary");
        std::fs::write(&binary, b"a\0b").expect("written");
        assert!(matches!(read_text(&binary), Err(ReadError::Binary { offset: 1 })));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "(?s).{0,400}") {
            let _ = text_evidence("any", &text);
        }

        #[test]
        fn texts_made_of_evidence_are_read(picks in proptest::collection::vec(0usize..12, 0..40)) {
            let lines = [
                "```", "INFO:root:connection from ('a', 1)", "INFO:root:received b'x\\",
                "{\"event\":\"received\",\"connection\":1,\"bytes\":3}", "0000  02 4", "0010\t74\t\tt",
                "Frame 9: 9 bytes", "1 0.0000 1.1.1.1 2.2.2.2 TCP 66 1 → 2 [SYN] Seq=0", "Soal 2",
                "(mesin1)", "tcp.port == 4", "",
            ];
            let text: Vec<&str> = picks.iter().map(|at| lines[*at]).collect();
            let _ = text_evidence("any", &text.join("\n"));
        }
    }
}
