//! The bytes pane: offset, sixteen bytes, the same as text, in Wireshark's layout.

use std::io::{self, Write};

/// Bytes in a line.
const LINE: usize = 16;
/// Bytes in front of the gap.
const GROUP: usize = 8;
/// Offsets from here on take more than four digits, in all lines of the dump.
const LONG: usize = 0x1_0000;

/// Writes a dump of the bytes, a line for each sixteen:
///
/// ```text
/// 0000  02 42 ac 10 10 66 02 42  ac 10 10 65 08 00 45 00   .B...f.B ...e..E.
/// ```
///
/// # Errors
/// Those of the writer.
pub fn write(out: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    write_at(out, bytes, 0, if bytes.len() > LONG { 8 } else { 4 })
}

/// Writes a dump whose first byte has the given offset, with offsets of so many digits.
///
/// # Errors
/// Those of the writer.
pub fn write_at(
    out: &mut dyn Write,
    bytes: &[u8],
    first_offset: u64,
    digits: usize,
) -> io::Result<()> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut offset = first_offset;
    for line in bytes.chunks(LINE) {
        write!(out, "{offset:0digits$x} ")?;
        // 16 times " xx", the gap, 3 spaces, 16 characters, the gap.
        let mut text = [b' '; 3 * LINE + 1 + 3 + LINE + 1];
        let text_at = 3 * LINE + 4;
        let mut end = text_at;
        for (index, byte) in line.iter().enumerate() {
            let gap = usize::from(index >= GROUP);
            end = text_at + index + gap;
            let at = 3 * index + gap;
            let digits = [byte >> 4, byte & 15].map(|d| HEX.get(usize::from(d)).copied());
            if let Some([_, high, low]) = text.get_mut(at..).and_then(|t| t.first_chunk_mut()) {
                *high = digits[0].unwrap_or(b'?');
                *low = digits[1].unwrap_or(b'?');
            }
            if let Some(shown) = text.get_mut(end) {
                *shown = if (0x20..0x7f).contains(byte) { *byte } else { b'.' };
            }
        }
        out.write_all(text.get(..=end).unwrap_or(&text))?;
        out.write_all(b"\n")?;
        offset = offset.saturating_add(LINE as u64);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dump(bytes: &[u8]) -> String {
        let mut out = Vec::new();
        write(&mut out, bytes).expect("a vector takes it");
        String::from_utf8(out).expect("ASCII")
    }

    #[test]
    fn lines_have_sixteen_bytes_and_a_gap() {
        let bytes: Vec<u8> = (0x40..0x40 + 25).collect();
        let expected = "\
0000  40 41 42 43 44 45 46 47  48 49 4a 4b 4c 4d 4e 4f   @ABCDEFG HIJKLMNO
0010  50 51 52 53 54 55 56 57  58                        PQRSTUVW X
";
        assert_eq!(dump(&bytes), expected);
        assert_eq!(
            dump(&[0x1f, 0x20, 0x7e, 0x7f]),
            "\
0000  1f 20 7e 7f                                        . ~.
"
        );
        assert_eq!(dump(b""), "");
    }

    #[test]
    fn long_dumps_have_long_offsets() {
        let text = dump(&vec![0; 0x1_0001]);
        assert!(text.starts_with("00000000  00"));
        assert!(text.ends_with("00010000  00                                                 .\n"));
    }
}
