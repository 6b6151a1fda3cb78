//! Text as the columns show it: one line, foreign bytes made visible.

use std::fmt::{self, Write};
use std::net::Ipv6Addr;

/// Longest Info text in bytes: what Wireshark's columns hold.
pub(super) const MAX_LINE: usize = 4095;

/// A writer that takes no more than [`MAX_LINE`] bytes and then fails, so that whoever writes
/// stops: a message of 64 KiB can ask for many megabytes of text.
pub(super) struct Line<'a, W: Write> {
    out: &'a mut W,
    room: usize,
}

impl<'a, W: Write> Line<'a, W> {
    /// An empty line on top of `out`.
    pub fn new(out: &'a mut W) -> Self {
        Self { out, room: MAX_LINE }
    }

    /// True when it takes nothing more.
    pub fn is_full(&self) -> bool {
        self.room == 0
    }
}

impl<W: Write> Write for Line<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let fits = text.get(..text.floor_char_boundary(self.room)).unwrap_or("");
        self.out.write_str(fits)?;
        if fits.len() < text.len() {
            self.room = 0;
            return Err(fmt::Error);
        }
        self.room -= fits.len();
        Ok(())
    }
}

/// Bytes of a network name or header line, written as Wireshark does: ASCII as it is,
/// control characters as C escapes, bytes that are no UTF-8 as the replacement character.
pub(super) struct Text<'a>(pub &'a [u8]);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for character in chunk.valid().chars() {
                write_visible(f, character)?;
            }
            if !chunk.invalid().is_empty() {
                f.write_char(char::REPLACEMENT_CHARACTER)?;
            }
        }
        Ok(())
    }
}

/// Bytes of a field that Wireshark holds to be ASCII: every other byte is the replacement
/// character.
pub(super) struct Ascii<'a>(pub &'a [u8]);

impl fmt::Display for Ascii<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| match byte {
            0x80.. => f.write_char(char::REPLACEMENT_CHARACTER),
            _ => write_visible(f, char::from(*byte)),
        })
    }
}

/// Writes a character; control characters become `\n`, `\t`, ... or three octal digits.
pub(super) fn write_visible<W: Write>(out: &mut W, character: char) -> fmt::Result {
    match character {
        '\x07' => out.write_str("\\a"),
        '\x08' => out.write_str("\\b"),
        '\x0c' => out.write_str("\\f"),
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        '\x0b' => out.write_str("\\v"),
        c if c.is_control() => write!(out, "\\{:03o}", u32::from(c)),
        c => out.write_char(c),
    }
}

/// Hardware address: `02:42:ac:10:10:65`.
pub(super) struct Hardware<'a>(pub &'a [u8]);

impl fmt::Display for Hardware<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ":" };
            write!(f, "{separator}{byte:02x}")?;
        }
        Ok(())
    }
}

/// An IPv6 address as Wireshark writes it: RFC 5952, with the dotted form for mapped
/// (`::ffff:1.2.3.4`) and compatible (`::1.2.3.4`) addresses.
pub(super) struct Ipv6(pub Ipv6Addr);

impl fmt::Display for Ipv6 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let segments = self.0.segments();
        if let [0, 0, 0, 0, 0, 0, high, low] = segments
            && high != 0
        {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            return write!(f, "::{a}.{b}.{c}.{d}");
        }
        fmt::Display::fmt(&self.0, f)
    }
}
