//! TCP options as the Info column shows them: in wire order, padding silent.
//!
//! The texts and their odd cases (an option of the wrong length is skipped without a word, a
//! length below two ends the list) are those of Wireshark 4.0.17, found by asking it about
//! every kind with every length.

use std::fmt::{self, Write};

use super::tcp::write_named;

/// Shift above which Wireshark prints a window scale as if it were this one (RFC 7323,
/// section 2.3).
const MAX_WINDOW_SHIFT: u8 = 14;
/// The experiment identifier of TCP Fast Open before it had a kind of its own (RFC 6994).
const FAST_OPEN_EXPERIMENT: [u8; 2] = [0xf9, 0x89];

/// The option bytes of one header.
pub(super) struct OptionArea<'a> {
    /// What was captured of them.
    pub bytes: &'a [u8],
    /// How many bytes the header declares.
    pub declared_len: usize,
    /// Initial sequence number of the other direction, to make SACK blocks relative; 0 when
    /// unknown.
    pub peer_base: u32,
}

/// How reading the options ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OptionEnd {
    /// At their end, or at an end-of-options or senseless length, which are no errors.
    Complete,
    /// The kind or length byte of an option is not there.
    MissingStart,
    /// The rest of an option is not there.
    MissingRest,
    /// An option that Wireshark calls malformed.
    Malformed,
}

impl OptionArea<'_> {
    /// Writes the text of every option, each with a space in front.
    pub fn write_text<W: Write>(&self, out: &mut W) -> Result<OptionEnd, fmt::Error> {
        let mut at = 0;
        while at < self.declared_len {
            let Some(&kind) = self.bytes.get(at) else {
                return Ok(OptionEnd::MissingStart);
            };
            match kind {
                0 => return Ok(OptionEnd::Complete),
                1 => {
                    at += 1;
                    continue;
                }
                _ => {}
            }
            if at + 1 >= self.declared_len {
                return Ok(OptionEnd::Complete);
            }
            let Some(&len) = self.bytes.get(at + 1) else {
                return Ok(OptionEnd::MissingStart);
            };
            let end = at + usize::from(len);
            if len < 2 || end > self.declared_len {
                return Ok(OptionEnd::Complete);
            }
            let Some(value) = self.bytes.get(at + 2..end) else {
                return Ok(OptionEnd::MissingRest);
            };
            if !self.write_option(out, kind, value)? {
                return Ok(OptionEnd::Malformed);
            }
            at = end;
        }
        Ok(OptionEnd::Complete)
    }

    /// Writes one option; false when Wireshark would give up on the header here.
    fn write_option<W: Write>(
        &self,
        out: &mut W,
        kind: u8,
        value: &[u8],
    ) -> Result<bool, fmt::Error> {
        match (kind, value) {
            (2, &[a, b]) => write_named(out, " MSS=", u16::from_be_bytes([a, b]))?,
            (3, &[shift]) => write_named(out, " WS=", 1_u32 << shift.min(MAX_WINDOW_SHIFT))?,
            (4, _) => out.write_str(" SACK_PERM")?,
            (5, _) => return self.write_sack(out, value),
            (6 | 7, &[a, b, c, d]) => write!(out, " ECHO={}", u32::from_be_bytes([a, b, c, d]))?,
            (8, &[v0, v1, v2, v3, e0, e1, e2, e3]) => {
                let value = u32::from_be_bytes([v0, v1, v2, v3]);
                let echo = u32::from_be_bytes([e0, e1, e2, e3]);
                write_named(out, " TSval=", value)?;
                write_named(out, " TSecr=", echo)?;
            }
            (11..=13, &[a, b, c, d]) => write!(out, " CC={}", u32::from_be_bytes([a, b, c, d]))?,
            (19, _) => out.write_str(" MD5")?,
            (20, &[flags, id]) => write_scps(out, flags, id)?,
            (21, &[_, _, _, _]) => return Ok(false),
            (27, &[rate, ..]) if value.len() == 6 => write_quick_start(out, rate & 0x0f)?,
            (28, &[a, b]) => write!(out, " USER_TO={}", u16::from_be_bytes([a, b]))?,
            (29, _) => out.write_str("TCP AO")?,
            (34, cookie) => write_fast_open(out, cookie)?,
            (253 | 254, &[a, b, ref cookie @ ..]) => {
                if [a, b] == FAST_OPEN_EXPERIMENT {
                    write_fast_open(out, cookie)?;
                } else {
                    write!(out, " ExID={:X}", u16::from_be_bytes([a, b]))?;
                }
            }
            _ => {}
        }
        Ok(true)
    }

    /// SACK blocks (RFC 2018), relative to the base of the other direction.
    fn write_sack<W: Write>(&self, out: &mut W, value: &[u8]) -> Result<bool, fmt::Error> {
        let (blocks, _) = value.as_chunks::<8>();
        for &[l0, l1, l2, l3, r0, r1, r2, r3] in blocks {
            let left = u32::from_be_bytes([l0, l1, l2, l3]).wrapping_sub(self.peer_base);
            let right = u32::from_be_bytes([r0, r1, r2, r3]).wrapping_sub(self.peer_base);
            write_named(out, " SLE=", left)?;
            write_named(out, " SRE=", right)?;
        }
        Ok(!blocks.is_empty())
    }
}

/// A Fast Open request has no cookie (RFC 7413, section 2.1).
fn write_fast_open<W: Write>(out: &mut W, cookie: &[u8]) -> fmt::Result {
    out.write_str(if cookie.is_empty() { " TFO=R" } else { " TFO=C" })
}

/// SCPS capabilities (CCSDS 714.0-B, section 3.2.3).
fn write_scps<W: Write>(out: &mut W, flags: u8, connection: u8) -> fmt::Result {
    const NAMES: &[(u8, &str)] = &[
        (0x80, "BETS"),
        (0x40, "SNACK1"),
        (0x20, "SNACK2"),
        (0x10, "COMP"),
        (0x08, "NLTS"),
        (0x07, "RESERVED"),
    ];
    let mut separator = " SCPS[";
    for (bits, name) in NAMES {
        if flags & bits != 0 {
            write!(out, "{separator}{name}")?;
            separator = ", ";
        }
    }
    if flags != 0 {
        out.write_char(']')?;
    }
    if connection == 0 {
        return Ok(());
    }
    write!(out, " Connection ID={connection}")
}

/// Quick-Start rate (RFC 4782, section 3.1): 40 kbit/s times two to the power of the field.
fn write_quick_start<W: Write>(out: &mut W, exponent: u8) -> fmt::Result {
    if exponent == 0 {
        return out.write_str(" QSresp=0 bit/s");
    }
    let kilobits = 40_u32 << exponent.min(15);
    let (unit, divisor) = match kilobits {
        0..1_000 => return write!(out, " QSresp={kilobits} Kbit/s"),
        1_000..1_000_000 => ('M', 1_000),
        _ => ('G', 1_000_000),
    };
    write!(out, " QSresp={} {unit}bit/s", f64::from(kilobits) / f64::from(divisor))
}
