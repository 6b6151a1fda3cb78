//! Where an HTTP/1 message ends, found while it arrives: what was looked at once is not looked
//! at again, however many segments bring the rest.

use super::http::{Extent, read_header};

/// Longest header or trailer.
const MAX_LINES: usize = 1 << 16;
/// Longest line with the size of a chunk.
const MAX_SIZE_LINE: usize = 64;

/// How far an incomplete message was looked through. The bytes handed to it must always be
/// those from before with more behind them.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Scan {
    header: Lines,
    chunks: Option<Chunks>,
}

/// Where a body in chunks ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChunksEnd {
    /// Behind the last chunk and its trailer.
    At(usize),
    /// More is to come.
    Open,
    /// There is no size where one must be.
    Broken,
}

/// A search for the empty line that ends a header.
#[derive(Debug, Default, Clone, Copy)]
struct Lines {
    /// Where the latest line starts.
    line: usize,
    /// Where nothing was looked at yet.
    seen: usize,
}

/// A walk over chunks.
#[derive(Debug, Clone, Copy)]
struct Chunks {
    /// Where the next chunk starts, or the trailer.
    at: usize,
    trailer: Option<Lines>,
}

impl Scan {
    /// True when the message may be complete now; false when it certainly is not.
    pub fn may_end(&mut self, bytes: &[u8], answers_head: bool) -> bool {
        let mut chunks = match self.chunks {
            Some(chunks) => chunks,
            None if self.header.end(bytes).is_none() => return false,
            None => match read_header(bytes, answers_head).extent {
                Extent::Chunked(at) => Chunks { at, trailer: None },
                _ => return true,
            },
        };
        let end = chunks.end(bytes);
        self.chunks = Some(chunks);
        end != ChunksEnd::Open
    }
}

impl Lines {
    /// Where the empty line ends.
    fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let window = bytes.get(..MAX_LINES).unwrap_or(bytes);
        while let Some(end) = window.get(self.seen..)?.iter().position(|byte| *byte == b'\n') {
            let end = self.seen + end;
            let line = window.get(self.line..end).unwrap_or(&[]);
            (self.line, self.seen) = (end + 1, end + 1);
            if line.is_empty() || line == b"\r" {
                return Some(end + 1);
            }
        }
        self.seen = window.len();
        None
    }
}

impl Chunks {
    /// Where the last chunk's trailer ends.
    fn end(&mut self, bytes: &[u8]) -> ChunksEnd {
        loop {
            let Some(rest) = bytes.get(self.at..) else {
                return ChunksEnd::Open;
            };
            if let Some(trailer) = &mut self.trailer {
                // The trailer ends with an empty line.
                return match trailer.end(rest) {
                    Some(end) => ChunksEnd::At(self.at + end),
                    None => ChunksEnd::Open,
                };
            }
            let Some(end) = rest.iter().take(MAX_SIZE_LINE).position(|byte| *byte == b'\n') else {
                let is_open = rest.len() < MAX_SIZE_LINE;
                return if is_open { ChunksEnd::Open } else { ChunksEnd::Broken };
            };
            let size = rest.get(..end).and_then(size_of_chunk);
            let data = self.at.checked_add(end + 1);
            let (Some(size), Some(data)) = (size, data) else {
                return ChunksEnd::Broken;
            };
            if size == 0 {
                (self.at, self.trailer) = (data, Some(Lines::default()));
                continue;
            }
            let Some(next) = data.checked_add(size).and_then(|end| end.checked_add(2)) else {
                return ChunksEnd::Broken;
            };
            self.at = next;
        }
    }
}

/// The hexadecimal number at the front of a chunk's first line.
fn size_of_chunk(line: &[u8]) -> Option<usize> {
    let digits = line.trim_ascii().split(|byte| !byte.is_ascii_hexdigit()).next()?;
    usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Bytes of the header with its empty line.
pub(super) fn header_len(bytes: &[u8]) -> Option<usize> {
    Lines::default().end(bytes)
}

/// Where chunks that start at an offset end.
pub(super) fn chunks_end(bytes: &[u8], start: usize) -> ChunksEnd {
    Chunks { at: start, trailer: None }.end(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_end_with_an_empty_one() {
        assert_eq!(chunks_end(b"3\r\nabc\r\n0\r\n\r\nNEXT", 0), ChunksEnd::At(13));
        assert_eq!(chunks_end(b"3\r\nabc\r\n0\r\nA: b\r\n\r\nNEXT", 0), ChunksEnd::At(19));
        assert_eq!(chunks_end(b"3\r\nabc\r\n0\r\n", 0), ChunksEnd::Open);
        assert_eq!(chunks_end(b"zz\r\nabc", 0), ChunksEnd::Broken);
        assert_eq!(chunks_end(b"ffffffffffffffff\r\nabc", 0), ChunksEnd::Broken);
    }

    /// The number of bytes at which a message that arrives in pieces may end.
    fn arrives(message: &[u8], piece: usize) -> Option<usize> {
        let mut scan = Scan::default();
        let mut lengths = (0..message.len()).step_by(piece).chain([message.len()]);
        lengths.find(|len| scan.may_end(&message[..*len], false))
    }

    #[test]
    fn an_end_is_found_however_the_message_is_cut() {
        let plain = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let chunked =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n";
        for message in [&plain[..], chunked] {
            for piece in 1..=message.len() {
                assert_eq!(arrives(message, piece), Some(message.len()), "{piece}");
            }
        }
        assert_eq!(arrives(&plain[..20], 1), None);
    }

    proptest::proptest! {
        #[test]
        fn pieces_change_nothing(bytes in "[\r\n:;a03]{0,60}", piece in 1_usize..9) {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            let message = [head, &bytes].concat();
            let whole = chunks_end(message.as_bytes(), head.len());
            let expected = whole != ChunksEnd::Open;
            proptest::prop_assert_eq!(arrives(message.as_bytes(), piece).is_some(), expected);
        }
    }
}
