//! TCP's options, read as tolerantly as Wireshark reads them: an option whose length is below
//! two or runs past the header ends the list, the list's end ends it, everything else is
//! handed out, known or not.

/// One option as it stands in the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawOption<'a> {
    /// The kind byte. Wireshark: `tcp.option_kind`.
    pub kind: u8,
    /// The bytes after kind and length; empty for the one-byte options 0 and 1.
    pub data: &'a [u8],
}

/// What an option says (RFC 9293, 7323, 2018, 7413); anything else, and known kinds with a
/// wrong length, stay [`TcpOption::Other`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TcpOption<'a> {
    /// End of the list (kind 0).
    End,
    /// Padding (kind 1).
    NoOperation,
    /// Maximum segment size in bytes (kind 2).
    MaximumSegmentSize(u16),
    /// Window scale shift as sent (kind 3).
    WindowScale(u8),
    /// SACK permitted (kind 4).
    SackPermitted,
    /// SACK blocks (kind 5): whole pairs of 32-bit edges; see [`sack_blocks`].
    Sack(&'a [u8]),
    /// TSval and TSecr (kind 8).
    Timestamps(u32, u32),
    /// Fast open cookie, empty for a request (kind 34, or 254 with the magic 0xf989).
    FastOpen(&'a [u8]),
    /// Multipath TCP (kind 30): everything after the length byte.
    Multipath(&'a [u8]),
    /// Everything else, unknown or malformed.
    Other(RawOption<'a>),
}

/// Iterates over the options of a header.
#[derive(Debug, Clone)]
pub struct TcpOptions<'a> {
    rest: &'a [u8],
}

impl<'a> TcpOptions<'a> {
    /// Over the option bytes of a header.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'a> Iterator for TcpOptions<'a> {
    type Item = RawOption<'a>;

    #[inline]
    fn next(&mut self) -> Option<RawOption<'a>> {
        let (&kind, rest) = self.rest.split_first()?;
        if kind <= 1 {
            self.rest = if kind == 0 { &[] } else { rest };
            return Some(RawOption { kind, data: &[] });
        }
        let data_len = rest.first().and_then(|&len| usize::from(len).checked_sub(2));
        let body = data_len.and_then(|len| rest.get(1..)?.split_at_checked(len));
        let Some((data, rest)) = body else {
            self.rest = &[];
            return None;
        };
        self.rest = rest;
        Some(RawOption { kind, data })
    }
}

impl<'a> RawOption<'a> {
    /// Bytes that the option takes in the header. Wireshark: `tcp.option_len`.
    pub fn wire_len(&self) -> usize {
        if self.kind <= 1 { 1 } else { self.data.len() + 2 }
    }

    /// What it says.
    #[inline]
    pub fn meaning(&self) -> TcpOption<'a> {
        match (self.kind, self.data) {
            (0, _) => TcpOption::End,
            (1, _) => TcpOption::NoOperation,
            (2, &[high, low]) => TcpOption::MaximumSegmentSize(u16::from_be_bytes([high, low])),
            (3, &[shift]) => TcpOption::WindowScale(shift),
            (4, &[]) => TcpOption::SackPermitted,
            (5, data) if !data.is_empty() && data.len() % 8 == 0 => TcpOption::Sack(data),
            (8, &[v0, v1, v2, v3, e0, e1, e2, e3]) => TcpOption::Timestamps(
                u32::from_be_bytes([v0, v1, v2, v3]),
                u32::from_be_bytes([e0, e1, e2, e3]),
            ),
            (34, cookie) | (254, [0xf9, 0x89, cookie @ ..]) => TcpOption::FastOpen(cookie),
            (30, data) => TcpOption::Multipath(data),
            _ => TcpOption::Other(*self),
        }
    }
}

/// TSval of a timestamps option that the capture cut behind it: Wireshark shows the half that is
/// there. `header` is the captured part of a TCP header.
pub fn cut_tsval(header: &[u8]) -> Option<u32> {
    let declared = header.get(12).map(|offset| usize::from(offset >> 4) * 4)?;
    if header.len() >= declared {
        return None;
    }
    let mut rest = header.get(20..)?;
    loop {
        rest = match *rest {
            [1, ..] => rest.get(1..)?,
            [8, 10, v0, v1, v2, v3, ref echo @ ..] if echo.len() < 4 => {
                return Some(u32::from_be_bytes([v0, v1, v2, v3]));
            }
            [0, ..] | [_, 0 | 1, ..] => return None,
            [_, len, ..] => rest.get(usize::from(len)..)?,
            _ => return None,
        };
    }
}

/// Left and right edge of each block in the data of a SACK option (RFC 2018, section 3).
pub fn sack_blocks(data: &[u8]) -> impl Iterator<Item = (u32, u32)> + '_ {
    data.as_chunks::<8>().0.iter().map(|&[l0, l1, l2, l3, r0, r1, r2, r3]| {
        (u32::from_be_bytes([l0, l1, l2, l3]), u32::from_be_bytes([r0, r1, r2, r3]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(bytes: &[u8]) -> Vec<u8> {
        TcpOptions::new(bytes).map(|option| option.kind).collect()
    }

    /// What tshark 4.0 lists as `tcp.option_kind` for the same bytes.
    #[test]
    fn malformed_options_end_the_list_where_wireshark_ends_it() {
        let cases: &[(&[u8], &[u8])] = &[
            (&[2, 4, 5, 0xb4], &[2]),
            (&[2, 3, 5, 0], &[2, 0]),
            (&[3, 0, 1, 1], &[]),
            (&[3, 1, 1, 1], &[]),
            (&[1, 1, 3, 0], &[1, 1]),
            (&[0, 2, 4, 5], &[0]),
            (&[1, 1, 2, 4], &[1, 1]),
            (&[34, 2, 1, 1], &[34, 1, 1]),
            (&[2, 6, 0, 0, 1, 1, 1, 1], &[2, 1, 1]),
            (&[8, 10, 0, 0, 0, 1, 1, 1], &[]),
            (&[4, 2, 4, 3, 0, 1, 1, 1], &[4, 4, 1, 1, 1]),
        ];
        for (bytes, expected) in cases {
            assert_eq!(&kinds(bytes), expected, "{bytes:02x?}");
        }
    }

    #[test]
    fn half_a_timestamp_of_a_cut_header_is_shown() {
        let mut header = [0; 32];
        header[12] = 0x80;
        header[20..].copy_from_slice(&[1, 1, 8, 10, 0, 0, 1, 2, 0, 0, 0, 9]);
        assert_eq!(cut_tsval(&header), None, "the whole option");
        assert_eq!(cut_tsval(&header[..31]), Some(0x102));
        assert_eq!(cut_tsval(&header[..28]), Some(0x102));
        assert_eq!(cut_tsval(&header[..27]), None);
        header[20] = 0;
        assert_eq!(cut_tsval(&header[..28]), None, "behind the end of the list");
    }

    #[test]
    fn known_options_are_understood_and_wrong_lengths_are_kept_raw() {
        let bytes = [2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 3, 4, 0, 0, 254, 4, 0xf9, 0x89];
        let meanings: Vec<_> = TcpOptions::new(&bytes).map(|option| option.meaning()).collect();
        assert_eq!(
            meanings,
            [
                TcpOption::MaximumSegmentSize(1460),
                TcpOption::NoOperation,
                TcpOption::WindowScale(7),
                TcpOption::SackPermitted,
                TcpOption::Other(RawOption { kind: 3, data: &[0, 0] }),
                TcpOption::FastOpen(&[]),
            ]
        );
        let sack = [0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 20, 0, 0, 0, 30];
        assert_eq!(sack_blocks(&sack).collect::<Vec<_>>(), [(1, 9), (20, 30)]);
    }
}
