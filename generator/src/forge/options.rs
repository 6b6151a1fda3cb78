//! TCP options of a recipe row, laid out as Linux lays them out.

/// One TCP option that a row names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TcpOption {
    /// `MSS=1460` (kind 2).
    MaximumSegmentSize(u16),
    /// `WS=128`: the multiplier; stored as the shift (kind 3).
    WindowScale(u8),
    /// `SACK_PERM` (kind 4).
    SackPermitted,
    /// `SLE=1 SRE=9`: raw sequence numbers (kind 5).
    Sack(Vec<(u32, u32)>),
    /// `TSval=1 TSecr=0` (kind 8).
    Timestamps(u32, u32),
    /// `TFO=R` (request, empty) or `TFO=` and the cookie in hex (kind 34).
    FastOpen(Vec<u8>),
    /// `OPT=fd0411` : any option as raw bytes, kind and length included.
    Raw(Vec<u8>),
}

const NOP: u8 = 1;

/// The option bytes, padded to a multiple of four with NOPs before the options that Linux
/// aligns (tcp_options_write) and zeros at the end.
pub(super) fn encode(options: &[TcpOption]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (at, option) in options.iter().enumerate() {
        let follows_sack_permitted =
            at > 0 && options.get(at - 1) == Some(&TcpOption::SackPermitted);
        let precedes_timestamps = matches!(options.get(at + 1), Some(TcpOption::Timestamps(..)));
        match option {
            TcpOption::MaximumSegmentSize(size) => {
                bytes.extend([2, 4]);
                bytes.extend(size.to_be_bytes());
            }
            TcpOption::WindowScale(shift) => bytes.extend([NOP, 3, 3, *shift]),
            TcpOption::SackPermitted if precedes_timestamps => bytes.extend([4, 2]),
            TcpOption::SackPermitted => bytes.extend([NOP, NOP, 4, 2]),
            TcpOption::Sack(blocks) => {
                let len = u8::try_from(2 + 8 * blocks.len()).unwrap_or(u8::MAX);
                bytes.extend([NOP, NOP, 5, len]);
                for (left, right) in blocks {
                    bytes.extend(left.to_be_bytes());
                    bytes.extend(right.to_be_bytes());
                }
            }
            TcpOption::Timestamps(value, echo) => {
                if !follows_sack_permitted {
                    bytes.extend([NOP, NOP]);
                }
                bytes.extend([8, 10]);
                bytes.extend(value.to_be_bytes());
                bytes.extend(echo.to_be_bytes());
            }
            TcpOption::FastOpen(cookie) => {
                bytes.extend([34, u8::try_from(2 + cookie.len()).unwrap_or(u8::MAX)]);
                bytes.extend(cookie);
            }
            TcpOption::Raw(raw) => bytes.extend(raw),
        }
    }
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linux_syn_carries_twenty_bytes_of_options() {
        let syn = [
            TcpOption::MaximumSegmentSize(1460),
            TcpOption::SackPermitted,
            TcpOption::Timestamps(1, 0),
            TcpOption::WindowScale(7),
        ];
        let expected = [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7];
        assert_eq!(encode(&syn), expected);
        assert_eq!(encode(&[TcpOption::Timestamps(1, 0)]).len(), 12);
        assert_eq!(encode(&[TcpOption::Sack(vec![(1, 2)])]).len(), 12);
        assert_eq!(encode(&[TcpOption::FastOpen(vec![])]), [34, 2, 0, 0]);
    }
}
