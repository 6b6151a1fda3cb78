//! Comparing the echo with what was sent, byte for byte and piece by piece.

use std::io;

use crate::payload::{Cursor, Piece};
use crate::record::EchoVerdict;

/// Compares `data`, which came at offset `start`, with the payload. Bytes that were not sent yet
/// cannot be an echo, whatever they are.
pub(super) fn compare(
    expected: &mut Cursor<'_>,
    mut data: &[u8],
    mut start: u64,
    sent: u64,
) -> io::Result<Option<EchoVerdict>> {
    let end = start + data.len() as u64;
    let too_many = usize::try_from(end.saturating_sub(sent)).unwrap_or(usize::MAX);
    data = data.get(..data.len().saturating_sub(too_many)).unwrap_or_default();
    while !data.is_empty() {
        let Piece::Bytes(piece) = expected.peek()? else { break };
        let size = piece.len().min(data.len());
        let (now, rest) = data.split_at_checked(size).unwrap_or((data, &[]));
        let piece = piece.get(..size).unwrap_or_default();
        // The whole piece at once first: that is what a good echo costs.
        if piece != now
            && let Some((at, (&expected, &got))) =
                piece.iter().zip(now).enumerate().find(|(_, (expected, got))| expected != got)
        {
            return Ok(Some(EchoVerdict::Differs { offset: start + at as u64, expected, got }));
        }
        expected.consume(size);
        start += size as u64;
        data = rest;
    }
    Ok((end > sent).then_some(EchoVerdict::Long { expected: sent, got: end }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Payload;

    #[test]
    fn comparing_finds_the_first_difference_across_pieces_and_reads() {
        let differs = |offset, expected, got| Some(EchoVerdict::Differs { offset, expected, got });
        type Row = (&'static [&'static [u8]], u64, Option<EchoVerdict>);
        let table: &[Row] = &[
            (&[b"abcdef"], 6, None),
            (&[b"ab", b"cd", b"ef"], 6, None),
            (&[b"abXdef"], 6, differs(2, b'c', b'X')),
            (&[b"abc", b"dXf"], 6, differs(4, b'e', b'X')),
            (&[b"abcdef", b"g"], 6, Some(EchoVerdict::Long { expected: 6, got: 7 })),
            (&[b"abcd"], 3, Some(EchoVerdict::Long { expected: 3, got: 4 })),
            (&[b"Xbcd"], 3, differs(0, b'a', b'X')),
        ];
        let payload = Payload::message(*b"abcdef");
        for (reads, sent, expected) in table {
            let (mut cursor, mut start, mut verdict) = (payload.cursor(), 0, None);
            for read in *reads {
                verdict = compare(&mut cursor, read, start, *sent).unwrap();
                start += read.len() as u64;
            }
            assert_eq!(verdict, *expected, "{reads:?}");
        }
    }
}
