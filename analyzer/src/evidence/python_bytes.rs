//! Python's byte literals (`b'a\n'`), addresses (`('172.16.16.102', 38090)`) and nothing more.
//!
//! Source: Python language reference, 2.4.1 string and bytes literals.

use super::text_model::LogEndpoint;

/// The bytes of a literal that begins a text; none when it is no literal or does not end.
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    let rest = text.trim_start().strip_prefix('b')?;
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let mut out = Vec::new();
    let mut chars = rest.get(1..)?.chars();
    loop {
        match chars.next()? {
            c if c == quote => return Some(out),
            '\\' => escape(&mut chars, &mut out)?,
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

fn escape(chars: &mut std::str::Chars<'_>, out: &mut Vec<u8>) -> Option<()> {
    let byte = match chars.next()? {
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        '0' => 0,
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'v' => 11,
        'x' => {
            let high = chars.next()?.to_digit(16)?;
            let low = chars.next()?.to_digit(16)?;
            u8::try_from(high * 16 + low).ok()?
        }
        c @ ('\\' | '\'' | '"') => u8::try_from(c).ok()?,
        other => {
            out.push(b'\\');
            out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
            return Some(());
        }
    };
    out.push(byte);
    Some(())
}

/// The first `('host', port)` in a text.
pub(super) fn address(text: &str) -> Option<LogEndpoint> {
    for (at, _) in text.match_indices('(') {
        let Some(inside) = text.get(at + 1..) else { continue };
        let Some(quote) = inside.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
            continue;
        };
        let Some((host, rest)) = inside.get(1..).and_then(|rest| rest.split_once(quote)) else {
            continue;
        };
        let Some(rest) = rest.trim_start().strip_prefix(',') else { continue };
        let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
        if let Ok(port) = digits.parse() {
            return Some(LogEndpoint { host: host.to_owned(), port });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_read_like_python_does() {
        let table: [(&str, Option<&[u8]>); 9] = [
            (r"b'abc'", Some(b"abc")),
            (r"b''", Some(b"")),
            (r"b'\nz\x00\\'", Some(b"\nz\0\\")),
            (r#"b"it's""#, Some(b"it's")),
            (r"b'a' and more", Some(b"a")),
            (r"b'\q'", Some(b"\\q")),
            (r"b'cut", None),
            (r"b'\x4", None),
            (r"'text'", None),
        ];
        for (text, expected) in table {
            assert_eq!(bytes(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn addresses_are_found_within_a_line() {
        let table = [
            ("connection from ('10.0.0.2', 38090)", Some(("10.0.0.2", 38090))),
            ("6, '', ('10.9.9.4', 80))]", Some(("10.9.9.4", 80))),
            ("(base) x ('host', 99999)", None),
            ("none", None),
        ];
        for (text, expected) in table {
            let seen = address(text);
            assert_eq!(seen.as_ref().map(|e| (e.host.as_str(), e.port)), expected, "{text}");
        }
    }
}
