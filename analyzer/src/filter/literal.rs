//! Words and quoted texts to values of the type that they are compared with.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::kind::Kind;
use super::time_literal;
use super::value::{Literal, Value};

/// How a literal was written.
#[derive(Debug, Clone, Copy)]
pub enum Written<'t> {
    /// Without quotes.
    Word(&'t str),
    /// In double quotes, escapes resolved.
    Text(&'t [u8]),
    /// In single quotes.
    Char(u8),
}

/// Names that a field gives to some of its values.
pub type Names = &'static [(u64, &'static str)];

/// The literal as a value of a kind; the error says why not, without the place.
pub fn read(written: Written<'_>, kind: Kind, names: Names) -> Result<Literal, String> {
    match kind {
        Kind::Boolean => boolean(written, names),
        Kind::Unsigned(bits) => integer(written, names, 0, (1 << bits) - 1),
        Kind::FrameNumber => integer(written, names, 0, i128::from(u32::MAX)),
        Kind::Signed(bits) => {
            let limit = 1_i128 << (bits - 1);
            integer(written, names, -limit, limit - 1)
        }
        Kind::Ipv4 => ipv4(word(written, "an IPv4 address")?),
        Kind::Ipv6 => ipv6(word(written, "an IPv6 address")?),
        Kind::Ether => ether(word(written, "an Ethernet address")?),
        Kind::Bytes | Kind::Protocol => bytes(written),
        Kind::Text => Ok(Literal::Text(text(written))),
        Kind::AbsoluteTime => {
            let text = text(written);
            let text = String::from_utf8_lossy(&text);
            time_literal::absolute(&text).map(time)
        }
        Kind::RelativeTime => time_literal::relative(word(written, "a time span")?).map(time),
        Kind::Label => Err("it is only there or not; it has no value to compare".to_owned()),
    }
}

fn time(nanos: i128) -> Literal {
    Literal::Plain(Value::Time(nanos))
}

fn text(written: Written<'_>) -> Vec<u8> {
    match written {
        Written::Word(word) => word.as_bytes().to_vec(),
        Written::Text(bytes) => bytes.to_vec(),
        Written::Char(byte) => vec![byte],
    }
}

fn word<'t>(written: Written<'t>, expected: &str) -> Result<&'t str, String> {
    match written {
        Written::Word(word) => Ok(word),
        Written::Text(_) | Written::Char(_) => {
            Err(format!("quotes make it text; {expected} is written without"))
        }
    }
}

/// The value that a field's own words name, for example `ip.proto == TCP`.
fn named(written: Written<'_>, names: Names) -> Option<u64> {
    let text = match written {
        Written::Word(word) => word.as_bytes(),
        Written::Text(bytes) => bytes,
        Written::Char(_) => return None,
    };
    names.iter().find(|(_, name)| name.as_bytes() == text).map(|(value, _)| *value)
}

fn boolean(written: Written<'_>, names: Names) -> Result<Literal, String> {
    let value = match (named(written, names), written) {
        (Some(value), _) => Some(value != 0),
        (None, Written::Word("True" | "TRUE")) => Some(true),
        (None, Written::Word("False" | "FALSE")) => Some(false),
        (None, Written::Word(word)) => number(word).map(|value| value != 0),
        (None, Written::Char(byte)) => Some(byte != 0),
        (None, Written::Text(_)) => None,
    };
    match value {
        Some(value) => Ok(Literal::Plain(Value::Boolean(value))),
        None => Err(format!("{} is neither 0 nor 1, True nor False", shown(written))),
    }
}

fn integer(written: Written<'_>, names: Names, low: i128, high: i128) -> Result<Literal, String> {
    let value = match (named(written, names), written) {
        (Some(value), _) => i128::from(value),
        (None, Written::Char(byte)) => i128::from(byte),
        (None, Written::Word(word)) => {
            number(word).ok_or_else(|| format!("`{word}` is not a whole number"))?
        }
        (None, Written::Text(_)) => {
            return Err(format!("{} is text, a number is needed", shown(written)));
        }
    };
    if value < low || value > high {
        return Err(format!("{value} does not fit: the field holds {low} to {high}"));
    }
    Ok(Literal::Plain(Value::Integer(value)))
}

/// A whole number: decimal, `0x` hexadecimal, `0b` binary, or octal after a leading zero.
fn number(word: &str) -> Option<i128> {
    let lower = word.as_bytes();
    let (digits, radix) = match lower {
        [b'0', b'x' | b'X', ..] => (word.get(2..)?, 16),
        [b'0', b'b' | b'B', ..] => (word.get(2..)?, 2),
        [b'0', _, ..] => (word.get(1..)?, 8),
        _ => (word, 10),
    };
    if !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    u64::from_str_radix(digits, radix).ok().map(i128::from)
}

fn shown(written: Written<'_>) -> String {
    match written {
        Written::Word(word) => format!("`{word}`"),
        Written::Text(bytes) => format!("{:?}", String::from_utf8_lossy(bytes)),
        Written::Char(byte) => format!("{:?}", char::from(byte)),
    }
}

/// Splits `address/length`; the length of a bare address is `most`.
fn prefix(word: &str, most: u32) -> Result<(&str, u32), String> {
    let Some((address, length)) = word.split_once('/') else { return Ok((word, most)) };
    match length.parse::<u32>() {
        Ok(bits) if bits <= most => Ok((address, bits)),
        _ => Err(format!("the prefix length /{length} is more than {most}")),
    }
}

fn ipv4(word: &str) -> Result<Literal, String> {
    let (address, bits) = prefix(word, 32)?;
    let bad = |_| format!("`{word}` is not an IPv4 address; write 192.0.2.1 or 192.0.2.0/24");
    let address = address.parse::<Ipv4Addr>().map_err(bad)?;
    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
    Ok(Literal::Plain(Value::Ipv4(address.into(), mask)))
}

fn ipv6(word: &str) -> Result<Literal, String> {
    let (address, bits) = prefix(word, 128)?;
    let bad = |_| format!("`{word}` is not an IPv6 address; write 2001:db8::1 or 2001:db8::/32");
    let address = address.parse::<Ipv6Addr>().map_err(bad)?;
    let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
    Ok(Literal::Plain(Value::Ipv6(address.into(), mask)))
}

fn ether(word: &str) -> Result<Literal, String> {
    match hex_bytes(word) {
        Some(bytes) if bytes.len() == 6 => Ok(Literal::Bytes(bytes)),
        Some(bytes) => Err(format!("`{word}` has {} bytes, an Ethernet address 6", bytes.len())),
        None => Err(format!("`{word}` is not an Ethernet address; write 02:42:ac:10:10:65")),
    }
}

fn bytes(written: Written<'_>) -> Result<Literal, String> {
    let word = match written {
        Written::Text(bytes) => return Ok(Literal::Bytes(bytes.to_vec())),
        Written::Char(byte) => return Ok(Literal::Bytes(vec![byte])),
        Written::Word(word) => word,
    };
    // One byte may be written as a number; longer ones would need a byte order.
    let single = match word.as_bytes() {
        [b'0', b'x' | b'X', _, _] => word.get(2..).and_then(hex_bytes),
        _ => hex_bytes(word),
    };
    single.map(Literal::Bytes).ok_or_else(|| {
        format!("`{word}` is not a sequence of bytes; write 47:45:54, or text in quotes")
    })
}

/// Hexadecimal digits in pairs, with or without `:`, `-` or `.` between them; a digit alone
/// is a byte of its own.
pub fn hex_bytes(word: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = word.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let high = char::from(*first).to_digit(16)?;
        let (value, tail) = match tail.split_first() {
            Some((second, tail)) if second.is_ascii_hexdigit() => {
                (high * 16 + char::from(*second).to_digit(16)?, tail)
            }
            _ => (high, tail),
        };
        bytes.push(u8::try_from(value).ok()?);
        rest = match tail.split_first() {
            Some((b':' | b'-' | b'.', tail)) => tail,
            _ => tail,
        };
    }
    (!bytes.is_empty()).then_some(bytes)
}
