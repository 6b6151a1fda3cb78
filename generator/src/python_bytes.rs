//! Values written as Python's `repr` writes them, to the letter.
//!
//! The course's programs print bytes, strings, floats and address tuples with f-strings; whoever
//! compares our output with theirs must find no difference. Expectations in the tests come from
//! runs of CPython 3.11.

use std::fmt::{self, Write};
use std::net::SocketAddr;

/// Bytes as Python's `repr(bytes)`: `b'...'`, with `"` as quotes only when the bytes hold a `'`
/// and no `"`; `\t \n \r \\` by name, everything else outside printable ASCII as `\xNN`.
#[derive(Debug, Clone, Copy)]
pub struct PythonBytes<'a>(pub &'a [u8]);

/// Text as Python's `repr(str)`, for the host names that people type: quotes chosen as for bytes,
/// control characters escaped, other characters as they are.
#[derive(Debug, Clone, Copy)]
pub struct PythonText<'a>(pub &'a str);

/// A socket address as Python's tuple: `('127.0.0.1', 80)`, or with flow label and scope for
/// IPv6: `('::1', 80, 0, 0)`.
#[derive(Debug, Clone, Copy)]
pub struct PythonAddress(pub SocketAddr);

/// A float as Python's `repr(float)`: `10.0`, `0.5`, `1e-05`, `1e+16`.
#[derive(Debug, Clone, Copy)]
pub struct PythonFloat(pub f64);

/// Python's choice: double quotes only when they save escaping.
fn quote_for(has_single: bool, has_double: bool) -> char {
    if has_single && !has_double { '"' } else { '\'' }
}

impl fmt::Display for PythonBytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quote = quote_for(self.0.contains(&b'\''), self.0.contains(&b'"'));
        f.write_char('b')?;
        f.write_char(quote)?;
        for &byte in self.0 {
            match byte {
                b'\\' => f.write_str("\\\\")?,
                b'\t' => f.write_str("\\t")?,
                b'\n' => f.write_str("\\n")?,
                b'\r' => f.write_str("\\r")?,
                _ if char::from(byte) == quote => write!(f, "\\{quote}")?,
                b' '..=b'~' => f.write_char(char::from(byte))?,
                _ => write!(f, "\\x{byte:02x}")?,
            }
        }
        f.write_char(quote)
    }
}

impl fmt::Display for PythonText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quote = quote_for(self.0.contains('\''), self.0.contains('"'));
        f.write_char(quote)?;
        for character in self.0.chars() {
            match character {
                '\\' => f.write_str("\\\\")?,
                '\t' => f.write_str("\\t")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                _ if character == quote => write!(f, "\\{quote}")?,
                _ if character.is_control() => write!(f, "\\x{:02x}", u32::from(character))?,
                _ => f.write_char(character)?,
            }
        }
        f.write_char(quote)
    }
}

impl fmt::Display for PythonAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            SocketAddr::V4(address) => write!(f, "('{}', {})", address.ip(), address.port()),
            SocketAddr::V6(address) => write!(
                f,
                "('{}', {}, {}, {})",
                address.ip(),
                address.port(),
                address.flowinfo(),
                address.scope_id()
            ),
        }
    }
}

impl fmt::Display for PythonFloat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shortest = format!("{:?}", self.0);
        let Some((mantissa, exponent)) = shortest.split_once('e') else {
            // Rust keeps plain digits one decade further down than Python does.
            if self.0 != 0.0 && self.0.abs() < 1e-4 {
                return write_scientific(f, &format!("{:e}", self.0));
            }
            return f.write_str(&shortest);
        };
        write_scientific(f, &format!("{mantissa}e{exponent}"))
    }
}

/// `1e-5` as Python's `1e-05`: a sign always, at least two digits in the exponent.
fn write_scientific(f: &mut fmt::Formatter<'_>, shortest: &str) -> fmt::Result {
    let Some((mantissa, exponent)) = shortest.split_once('e') else {
        return f.write_str(shortest);
    };
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    write!(f, "{mantissa}e{sign}{digits:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_print_as_cpython_prints_them() {
        // Left: the bytes. Right: what `python3 -c 'print(repr(...))'` printed.
        let table: &[(&[u8], &str)] = &[
            (b"", "b''"),
            (b"a", "b'a'"),
            (b"INI ADALAH DATA YANG DIKIRIM ABC", "b'INI ADALAH DATA YANG DIKIRIM ABC'"),
            (b"it's", "b\"it's\""),
            (b"say \"x\"", "b'say \"x\"'"),
            (b"both ' and \"", "b'both \\' and \"'"),
            (b"\\", "b'\\\\'"),
            (b"\\n", "b'\\\\n'"),
            (b"\t\n\r\x0b\x00\x7f\xff", "b'\\t\\n\\r\\x0b\\x00\\x7f\\xff'"),
            (b"\nFile ini akan dikirim via socke", "b'\\nFile ini akan dikirim via socke'"),
            (b"\x1f !\"#$%&", "b'\\x1f !\"#$%&'"),
            (b"}~\x7f\x80\x9f\xa0", "b'}~\\x7f\\x80\\x9f\\xa0'"),
            ("é€".as_bytes(), "b'\\xc3\\xa9\\xe2\\x82\\xac'"),
            (b"\"'\"'\n", "b'\"\\'\"\\'\\n'"),
        ];
        for (bytes, expected) in table {
            assert_eq!(PythonBytes(bytes).to_string(), *expected);
        }
    }

    #[test]
    fn every_byte_has_the_form_that_cpython_gives_it() {
        for byte in 0..=255_u8 {
            let expected = match byte {
                b'\t' => "b'\\t'".to_owned(),
                b'\n' => "b'\\n'".to_owned(),
                b'\r' => "b'\\r'".to_owned(),
                b'\\' => "b'\\\\'".to_owned(),
                b'\'' => "b\"'\"".to_owned(),
                0x20..=0x7e => format!("b'{}'", char::from(byte)),
                _ => format!("b'\\x{byte:02x}'"),
            };
            assert_eq!(PythonBytes(&[byte]).to_string(), expected);
        }
    }

    #[test]
    fn addresses_are_tuples_of_two_or_four() {
        for (address, expected) in [
            ("0.0.0.0:10000", "('0.0.0.0', 10000)"),
            ("172.16.16.102:38090", "('172.16.16.102', 38090)"),
            ("[::1]:80", "('::1', 80, 0, 0)"),
            ("[fe80::1%3]:80", "('fe80::1', 80, 0, 3)"),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(PythonAddress(address).to_string(), expected);
        }
    }

    #[test]
    fn text_and_floats_follow_python() {
        for (text, expected) in
            [("localhost", "'localhost'"), ("it's", "\"it's\""), ("a\u{7}b", "'a\\x07b'")]
        {
            assert_eq!(PythonText(text).to_string(), expected);
        }
        for (float, expected) in [
            (10.0, "10.0"),
            (0.5, "0.5"),
            (2.25, "2.25"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (0.000015, "1.5e-05"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
        ] {
            assert_eq!(PythonFloat(float).to_string(), expected);
        }
    }
}
