//! Frame details and hex dumps as text: Wireshark's copies (dump, hex stream, escaped string, C
//! array), `tshark -V`, `tshark -x`, `xxd`, `hexdump -C`, `tcpdump -X`.

use super::text_model::{FrameBytes, HexRow};

/// Bytes in a row of every one of these layouts.
const ROW_BYTES: usize = 16;

/// How lines of details begin, one per layer.
const DETAILS: [&str; 13] = [
    "Frame ",
    "Ethernet II, ",
    "Linux cooked capture",
    "Null/Loopback",
    "Raw packet data",
    "802.1Q Virtual LAN",
    "Internet Protocol Version ",
    "Transmission Control Protocol, ",
    "User Datagram Protocol, ",
    "Internet Control Message Protocol",
    "Address Resolution Protocol",
    "Hypertext Transfer Protocol",
    "Data (",
];

/// Says whether a line is one of the details pane.
pub(super) fn is_detail_line(text: &str) -> bool {
    let text = without_marks(text);
    DETAILS.iter().any(|start| text.starts_with(start))
        && (!text.starts_with("Frame ") || frame_number(text).is_some())
        && (!text.starts_with("Data (") || text.contains("byte"))
}

/// A line without the marks of an opened or closed tree.
fn without_marks(text: &str) -> &str {
    text.trim_start_matches(|c: char| {
        c.is_whitespace()
            || matches!(c, '▶' | '▼' | '▸' | '▾' | '>' | '›' | '+' | '-' | '⊞' | '⊟' | 'v')
    })
    .trim_end()
}

/// The number in `Frame 9: 98 bytes on wire`.
fn frame_number(text: &str) -> Option<u64> {
    let (number, rest) = text.strip_prefix("Frame ")?.split_once(':')?;
    rest.contains("byte").then(|| number.trim().parse().ok()).flatten()
}

/// Reads the lines of one part into frames: a new one begins at `Frame N:` and where offsets
/// begin again at 0.
pub(super) fn read(lines: &[(u32, &str)]) -> Vec<(u32, FrameBytes)> {
    let mut frames: Vec<(u32, FrameBytes)> = Vec::new();
    let mut before = 0;
    for (line, text) in lines {
        let open = frames.last().filter(|_| before + 1 == *line);
        before = *line;
        if let Some((is_whole, rows)) = copied(*line, text, open.map(|(_, frame)| frame)) {
            let goes_on = !is_whole && open.is_some();
            match frames.last_mut().filter(|_| goes_on) {
                Some((_, frame)) => frame.rows.extend(rows),
                None => frames.push((*line, FrameBytes { rows, ..FrameBytes::default() })),
            }
            continue;
        }
        let row = hex_row(*line, text);
        let detail = without_marks(text);
        let number = frame_number(detail);
        let is_new = frames.last().is_none_or(|(_, frame)| match &row {
            Some(row) => row.offset == 0 && !frame.rows.is_empty(),
            None => number.is_some() || (is_detail_line(text) && !frame.rows.is_empty()),
        });
        if is_new {
            frames.push((*line, FrameBytes::default()));
        }
        let Some((_, frame)) = frames.last_mut() else { continue };
        match row {
            Some(row) => frame.rows.push(row),
            None if !detail.is_empty() => {
                frame.frame = frame.frame.or(number);
                frame.details.push((*line, detail.to_owned()));
            }
            None => {}
        }
    }
    frames.retain(|(_, frame)| !frame.rows.is_empty() || !frame.details.is_empty());
    frames
}

/// Says whether a line is bytes without an offset: a hex stream, or a line of an escaped string
/// or of a C array.
pub(super) fn is_copied(text: &str) -> bool {
    copied(0, text, None).is_some()
}

/// The rows of a line without an offset, and whether it is a frame by itself; the others go on
/// where the frame before ends.
fn copied(line: u32, text: &str, open: Option<&FrameBytes>) -> Option<(bool, Vec<HexRow>)> {
    let stream = hex_stream(text);
    let is_whole = stream.is_some();
    let bytes = stream.or_else(|| escaped(text)).or_else(|| array(text))?;
    let mut offset = open.filter(|_| !is_whole).and_then(|frame| frame.rows.last()).map_or(0, end);
    let row = |bytes: &[u8]| {
        let row = HexRow { line, offset, bytes: bytes.to_vec(), text: String::new() };
        offset = end(&row);
        row
    };
    Some((is_whole, bytes.chunks(ROW_BYTES).map(row).collect()))
}

fn end(row: &HexRow) -> u32 {
    row.offset.saturating_add(u32::try_from(row.bytes.len()).unwrap_or(u32::MAX))
}

/// Nothing but digits of at least an IP and a TCP header, which begin as a frame does: digests
/// are as long, and do not.
fn hex_stream(text: &str) -> Option<Vec<u8>> {
    const LEAST: usize = 40;
    let text = text.trim();
    if text.len() < 2 * LEAST || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let bytes = pairs(text)?;
    let is_ethernet =
        matches!(bytes.get(12..14), Some([8, 0 | 6] | [0x86, 0xdd] | [0x81, 0] | [0x88, 0xa8]));
    let length = bytes.get(2..4).and_then(|length| <[u8; 2]>::try_from(length).ok());
    let is_ip = bytes.first() == Some(&0x45)
        && length.is_some_and(|length| usize::from(u16::from_be_bytes(length)) == bytes.len());
    (is_ethernet || is_ip).then_some(bytes)
}

/// `"\x02\x42\xac" \`.
fn escaped(text: &str) -> Option<Vec<u8>> {
    let text = text.trim().trim_end_matches(['\\', ';']).trim_end();
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut parts = inner.split("\\x");
    let is_first_empty = parts.next() == Some("");
    let bytes = parts.map(|digits| pairs(digits).filter(|_| digits.len() == 2));
    let bytes: Vec<u8> = bytes.collect::<Option<Vec<Vec<u8>>>>()?.concat();
    (is_first_empty && bytes.len() >= 2).then_some(bytes)
}

/// `0x02, 0x42, 0xac, /* .B. */`.
fn array(text: &str) -> Option<Vec<u8>> {
    let code = text.split("/*").next()?.trim().trim_end_matches(['}', ';']);
    let code = code.trim_start_matches('{').trim();
    let all = code.split([',', ' ']).filter(|word| !word.is_empty());
    let byte = |word: &str| pairs(word.strip_prefix("0x")?).filter(|_| word.len() == 4);
    let bytes = all.map(byte).collect::<Option<Vec<Vec<u8>>>>()?.concat();
    (!bytes.is_empty()).then_some(bytes)
}

fn pairs(digits: &str) -> Option<Vec<u8>> {
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok())
        .collect()
}

/// Reads one row of a dump.
pub(super) fn hex_row(line: u32, text: &str) -> Option<HexRow> {
    let text = text.trim_end().trim_start_matches(['|', ' ', '\t']);
    let text = text.strip_prefix("0x").filter(|rest| rest.get(4..5) == Some(":")).unwrap_or(text);
    let digits = text.chars().take_while(char::is_ascii_hexdigit).count();
    if !(3..=8).contains(&digits) {
        return None;
    }
    let (offset, rest) = text.split_at(digits);
    let offset = u32::from_str_radix(offset, 16).ok()?;
    let has_colon = rest.starts_with(':');
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    if !rest.starts_with([' ', '\t']) || !(offset as usize).is_multiple_of(ROW_BYTES) {
        return None;
    }
    let (bytes, text) = bytes_and_text(rest, has_colon);
    // A decimal number before a time or an address has no bytes behind it.
    (!bytes.is_empty()).then_some(HexRow { line, offset, bytes, text })
}

/// Takes bytes until the gap before the text column.
fn bytes_and_text(mut rest: &str, is_xxd: bool) -> (Vec<u8>, String) {
    let mut bytes = Vec::new();
    while bytes.len() < ROW_BYTES {
        let trimmed = rest.trim_start_matches([' ', '\t']);
        let gap = rest.get(..rest.len() - trimmed.len()).unwrap_or_default();
        if is_gap(gap, bytes.len(), is_xxd) {
            break;
        }
        let word = trimmed.split([' ', '\t']).next().unwrap_or_default();
        let Some(group) = group(word, is_xxd) else { break };
        bytes.extend_from_slice(&group);
        rest = trimmed.get(word.len()..).unwrap_or_default();
    }
    bytes.truncate(ROW_BYTES);
    let text = rest.trim_matches(['\t', '\r']).trim();
    let text = text.strip_prefix('|').and_then(|text| text.strip_suffix('|')).unwrap_or(text);
    (bytes, text.to_owned())
}

/// The text column stands apart: by more than the gap in the middle of a row.
fn is_gap(gap: &str, count: usize, is_xxd: bool) -> bool {
    if count == 0 {
        return false;
    }
    let tabs = gap.matches('\t').count();
    let widest = if is_xxd { 1 } else { 2 };
    gap.len() - tabs > widest || tabs > 1 || (tabs == 1 && count != ROW_BYTES / 2)
}

/// One group of digits: a byte, or two in `xxd`'s layout.
fn group(word: &str, is_xxd: bool) -> Option<Vec<u8>> {
    let is_length_right = word.len() == 2 || (is_xxd && matches!(word.len(), 4 | 8));
    if !is_length_right || !word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..word.len() / 2)
        .map(|at| u8::from_str_radix(word.get(at * 2..at * 2 + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_all_layouts_are_read() {
        type Row = (u32, usize, &'static str);
        let table: [(&str, Option<Row>); 10] = [
            (
                "0000  02 42 ac 10 10 66 02 42  ac 10 10 65 08 00 45 00   .B...f.B...e..E.",
                Some((0, 16, ".B...f.B...e..E.")),
            ),
            (
                "0010\t00 54 a2 d7 40 00 40 06\t1e e1 ac 10 10 65 ac 10\t.T..@.@......e..",
                Some((16, 16, ".T..@.@......e..")),
            ),
            ("0060\t74 2e\t\tt.\t\t", Some((96, 2, "t."))),
            ("0060  74 2e                                             t.", Some((96, 2, "t."))),
            (
                "0060  66 69 6c 65 20 64 61 72                           fe dar",
                Some((96, 8, "fe dar")),
            ),
            (
                "00000010: 0054 a2d7 4000 4006 1ee1 ac10 1065 ac10  .T..@.@......e..",
                Some((16, 16, ".T..@.@......e..")),
            ),
            ("00000060: 742e                                     t.", Some((96, 2, "t."))),
            (
                "00000000  02 42 ac 10                                       |.B..|",
                Some((0, 4, ".B..")),
            ),
            ("1234 10.0.0.1 sends", None),
            ("2025 a year", None),
        ];
        for (line, expected) in table {
            let row = hex_row(1, line);
            let seen = row.as_ref().map(|row| (row.offset, row.bytes.len(), row.text.as_str()));
            assert_eq!(seen, expected, "{line}");
        }
    }

    #[test]
    fn copies_without_offsets_are_read() {
        let ip = "45000028000040004006f97c0a0000010a0000029c4000500102030405060708501001f50000000";
        let stream = format!("{ip}0");
        let table = [
            (vec![stream.as_str()], vec![(3, 40)]),
            (vec!["\"\\x45\\x00\\x00\\x28\" \\", "\"\\x40\\x06\""], vec![(2, 6)]),
            (vec!["0x45, 0x00, /* E. */", "0x00, 0x28  /* .( */"], vec![(2, 4)]),
            (vec!["\t0x0000:  4500 0028 0000 4000  E..(..@.", "\t0x0010:  0a00"], vec![(2, 10)]),
            (vec![ip, "plain text", "0xzz, 0x00", "\"text\""], vec![]),
        ];
        for (lines, expected) in table {
            let numbered: Vec<(u32, &str)> = (1..).zip(lines.clone()).collect();
            let seen: Vec<(usize, usize)> = read(&numbered)
                .iter()
                .filter(|(_, frame)| !frame.rows.is_empty())
                .map(|(_, f)| (f.rows.len(), f.rows.iter().map(|row| row.bytes.len()).sum()))
                .collect();
            assert_eq!(seen, expected, "{lines:?}");
        }
    }

    #[test]
    fn details_and_bytes_belong_to_their_frame() {
        let lines = [
            "▶ Frame 9: 98 bytes on wire (784 bits), 98 bytes captured (784 bits)",
            "▶ Internet Protocol Version 4, Src: 10.0.0.1, Dst: 10.0.0.2",
            "0000  02 42",
            "Frame 10: 66 bytes on wire",
            "0000  45 00",
            "0000  46 00",
        ];
        let numbered: Vec<(u32, &str)> = (1..).zip(lines).collect();
        let frames = read(&numbered);
        let seen: Vec<_> =
            frames.iter().map(|(line, f)| (*line, f.frame, f.details.len(), f.bytes())).collect();
        let expected = [
            (1, Some(9), 2, Some(vec![2, 0x42])),
            (4, Some(10), 1, Some(vec![0x45, 0])),
            (6, None, 0, Some(vec![0x46, 0])),
        ];
        assert_eq!(seen, expected);
    }
}
