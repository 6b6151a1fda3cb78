//! One line of a recipe, cut into words that know their column.

use std::str::FromStr;

use super::Error;

/// A word of a recipe line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Its text; for a quoted word, the bytes it stands for.
    pub kind: WordKind,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// The kinds of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WordKind {
    /// Plain text without spaces.
    Plain(String),
    /// The inside of `[...]`.
    Bracketed(String),
    /// The bytes of a quoted string.
    Quoted(Vec<u8>),
}

impl Word {
    /// An error at this word.
    pub fn error(&self, reason: impl Into<String>) -> Error {
        Error::Recipe { line: self.line, column: self.column, reason: reason.into() }
    }

    /// The text of a plain word.
    pub fn plain(&self) -> Result<&str, Error> {
        match &self.kind {
            WordKind::Plain(text) => Ok(text),
            _ => Err(self.error("a plain word is expected here")),
        }
    }

    /// The word as a number or any other type with a text form.
    pub fn parse<T: FromStr>(&self, what: &str) -> Result<T, Error> {
        let text = self.plain()?;
        text.parse().map_err(|_| self.error(format!("`{text}` is not {what}")))
    }
}

/// Cuts a line into words; `#` starts a comment.
pub(super) fn words(text: &str, line: usize) -> Result<Vec<Word>, Error> {
    let mut words = Vec::new();
    let mut chars = text.chars().enumerate().peekable();
    while let Some(&(at, first)) = chars.peek() {
        let column = at + 1;
        let fail = |reason: &str| Error::Recipe { line, column, reason: reason.to_string() };
        let kind = match first {
            '#' => break,
            space if space.is_whitespace() => {
                chars.next();
                continue;
            }
            '[' => {
                chars.next();
                let inside: String =
                    chars.by_ref().map(|(_, c)| c).take_while(|&c| c != ']').collect();
                if !text.chars().skip(at).any(|c| c == ']') {
                    return Err(fail("this `[` has no `]`"));
                }
                WordKind::Bracketed(inside)
            }
            '"' => {
                chars.next();
                let rest = chars.by_ref().map(|(_, c)| c);
                WordKind::Quoted(quoted(rest).map_err(|reason| fail(&reason))?)
            }
            _ => {
                let mut plain = String::new();
                while let Some((_, c)) = chars.next_if(|&(_, c)| !c.is_whitespace()) {
                    plain.push(c);
                }
                WordKind::Plain(plain)
            }
        };
        words.push(Word { kind, line, column });
    }
    Ok(words)
}

/// Reads a quoted string up to its closing quote: `\n \r \t \0 \\ \" \xNN`, else UTF-8.
fn quoted(mut rest: impl Iterator<Item = char>) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    loop {
        match rest.next().ok_or("this string has no closing quote")? {
            '"' => return Ok(bytes),
            '\\' => match rest.next().ok_or("a `\\` ends the line")? {
                'n' => bytes.push(b'\n'),
                'r' => bytes.push(b'\r'),
                't' => bytes.push(b'\t'),
                '0' => bytes.push(0),
                'x' => {
                    let digits: String = rest.by_ref().take(2).collect();
                    let byte = u8::from_str_radix(&digits, 16).map_err(|_| {
                        format!("`\\x{digits}` is not a byte; write \\x00 to \\xff")
                    })?;
                    bytes.push(byte);
                }
                c @ ('\\' | '"') => bytes.push(c as u8),
                c => {
                    return Err(format!(
                        "`\\{c}` is not an escape; \\n \\r \\t \\0 \\\\ \\\" \\xNN are"
                    ));
                }
            },
            c => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_know_their_column_and_kind() {
        let words = words(r#"0.5 a> [SYN, ACK] "a\x00\n" # talk"#, 3).unwrap();
        let kinds: Vec<_> = words.iter().map(|word| (word.column, word.kind.clone())).collect();
        assert_eq!(
            kinds,
            [
                (1, WordKind::Plain("0.5".into())),
                (5, WordKind::Plain("a>".into())),
                (8, WordKind::Bracketed("SYN, ACK".into())),
                (19, WordKind::Quoted(b"a\0\n".to_vec())),
            ]
        );
    }

    #[test]
    fn open_brackets_and_strings_are_refused_at_their_place() {
        for (text, column) in
            [("1 a> [SYN", 6), ("1 \"abc", 3), ("1 \"\\q\"", 3), ("1 \"\\xg0\"", 3)]
        {
            match words(text, 1) {
                Err(Error::Recipe { column: at, .. }) => assert_eq!(at, column, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
