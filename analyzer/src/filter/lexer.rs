//! Text to tokens, each with its place. Words are taken as a whole (`fe80::1`, `10.0.0.0/8`,
//! `00:0c:29`, `tcp.port`): what a word means is decided by what it is compared with.

use super::ast::Compare;
use super::error::Error;
use super::excerpt::Span;

/// A token and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of tokens. Words and brackets are read from the text through the span.
#[derive(Debug, Clone, PartialEq)]
pub enum TokenKind {
    /// A name or a value.
    Word,
    /// `.name`; the span leaves the dot out.
    Identifier,
    /// `:value`; the span leaves the colon out.
    Literal,
    /// `"text"`, escapes resolved.
    Text(Vec<u8>),
    /// `'c'`
    Char(u8),
    /// `[...]`; the span is the inside.
    Brackets,
    /// `#3`; the span is the number.
    Layer,
    /// `#[...]`; the span is the inside.
    LayerBrackets,
    /// `==`, `contains` and the like.
    Compare(Compare),
    /// `in`
    In,
    /// `any`
    Any,
    /// `all`
    All,
    /// `and`, `&&`
    And,
    /// `or`, `||`
    Or,
    /// `xor`, `^^`
    Xor,
    /// `not`, `!`
    Not,
    /// `(`
    OpenParenthesis,
    /// `)`
    CloseParenthesis,
    /// `{`
    OpenBrace,
    /// `}`
    CloseBrace,
    /// `,`
    Comma,
    /// `..`
    DotDot,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Star,
    /// `/`
    Slash,
    /// `%`
    Percent,
    /// `&`, `bitwise_and`
    Ampersand,
    /// The end of the text.
    End,
}

/// Signs, longest first.
const SIGNS: &[(&str, TokenKind)] = &[
    ("===", TokenKind::Compare(Compare::AllEqual)),
    ("!==", TokenKind::Compare(Compare::AnyDiffer)),
    ("==", TokenKind::Compare(Compare::AnyEqual)),
    ("!=", TokenKind::Compare(Compare::AllDiffer)),
    ("~=", TokenKind::Compare(Compare::AnyDiffer)),
    (">=", TokenKind::Compare(Compare::GreaterOrEqual)),
    ("<=", TokenKind::Compare(Compare::LessOrEqual)),
    ("&&", TokenKind::And),
    ("||", TokenKind::Or),
    ("^^", TokenKind::Xor),
    ("..", TokenKind::DotDot),
    (">", TokenKind::Compare(Compare::Greater)),
    ("<", TokenKind::Compare(Compare::Less)),
    ("~", TokenKind::Compare(Compare::Matches)),
    ("!", TokenKind::Not),
    ("(", TokenKind::OpenParenthesis),
    (")", TokenKind::CloseParenthesis),
    ("{", TokenKind::OpenBrace),
    ("}", TokenKind::CloseBrace),
    (",", TokenKind::Comma),
    ("+", TokenKind::Plus),
    ("-", TokenKind::Minus),
    ("*", TokenKind::Star),
    ("/", TokenKind::Slash),
    ("%", TokenKind::Percent),
    ("&", TokenKind::Ampersand),
];

/// Words with a meaning of their own; they are case-sensitive, as in Wireshark.
const KEYWORDS: &[(&str, TokenKind)] = &[
    ("and", TokenKind::And),
    ("or", TokenKind::Or),
    ("xor", TokenKind::Xor),
    ("not", TokenKind::Not),
    ("in", TokenKind::In),
    ("any", TokenKind::Any),
    ("all", TokenKind::All),
    ("eq", TokenKind::Compare(Compare::AnyEqual)),
    ("any_eq", TokenKind::Compare(Compare::AnyEqual)),
    ("all_eq", TokenKind::Compare(Compare::AllEqual)),
    ("ne", TokenKind::Compare(Compare::AllDiffer)),
    ("all_ne", TokenKind::Compare(Compare::AllDiffer)),
    ("any_ne", TokenKind::Compare(Compare::AnyDiffer)),
    ("gt", TokenKind::Compare(Compare::Greater)),
    ("ge", TokenKind::Compare(Compare::GreaterOrEqual)),
    ("lt", TokenKind::Compare(Compare::Less)),
    ("le", TokenKind::Compare(Compare::LessOrEqual)),
    ("contains", TokenKind::Compare(Compare::Contains)),
    ("matches", TokenKind::Compare(Compare::Matches)),
    ("bitwise_and", TokenKind::Ampersand),
];

/// All tokens of a text; the last is [`TokenKind::End`].
pub fn tokens(text: &str) -> Result<Vec<Token>, Error> {
    let mut tokens = Vec::new();
    let mut position = 0;
    loop {
        let rest = text.get(position..).unwrap_or("");
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        position += rest.len() - trimmed.len();
        let (token, next) = token_at(text, position)?;
        let is_end = token.kind == TokenKind::End;
        tokens.push(token);
        if is_end {
            return Ok(tokens);
        }
        position = next;
    }
}

/// The token at a place that is no blank, and the place after it.
fn token_at(text: &str, at: usize) -> Result<(Token, usize), Error> {
    let rest = text.get(at..).unwrap_or("");
    let token = |kind, start, end| Token { kind, span: Span::new(start, end) };
    let Some(first) = rest.chars().next() else {
        return Ok((token(TokenKind::End, at, at), at));
    };
    match first {
        '"' => {
            let (bytes, end) = quoted(text, at, '"', false)?;
            return Ok((token(TokenKind::Text(bytes), at, end), end));
        }
        'r' | 'R' if rest.get(1..).is_some_and(|after| after.starts_with('"')) => {
            let (bytes, end) = quoted(text, at + 1, '"', true)?;
            return Ok((token(TokenKind::Text(bytes), at, end), end));
        }
        '\'' => return character(text, at),
        '[' => {
            let end = closing_bracket(text, at)?;
            return Ok((token(TokenKind::Brackets, at + 1, end), end + 1));
        }
        '#' => return layer(text, at),
        _ => {}
    }
    if let Some(length) = word_length(rest) {
        let end = at + length;
        let word = rest.get(..length).unwrap_or("");
        let keyword = KEYWORDS.iter().find(|(name, _)| *name == word);
        let kind = keyword.map_or(TokenKind::Word, |(_, kind)| kind.clone());
        return Ok((token(kind, at, end), end));
    }
    if let Some((sign, kind)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        let end = at + sign.len();
        return Ok((token(kind.clone(), at, end), end));
    }
    if first == '.' || first == ':' {
        let kind = if first == '.' { TokenKind::Identifier } else { TokenKind::Literal };
        if let Some(length) = rest.get(1..).and_then(word_length) {
            return Ok((token(kind, at + 1, at + 1 + length), at + 1 + length));
        }
    }
    Err(unexpected(text, at, first))
}

fn unexpected(text: &str, at: usize, found: char) -> Error {
    let span = Span::new(at, at + found.len_utf8());
    let error = Error::new(text, span, format!("`{}` has no meaning here", found.escape_debug()));
    match found {
        '=' => error.hint("to compare, write == (equal) or != (not equal)"),
        '|' => error.hint("to say \"or\", write || or the word or"),
        '^' => error.hint("to say \"either but not both\", write ^^ or the word xor"),
        '$' | '@' => error.hint("field references and raw fields came after Wireshark 4.0"),
        c if !c.is_ascii() => error.hint("outside of quotes a filter is plain ASCII"),
        _ => error,
    }
}

/// Length of the word at the start of `rest`: the longest of a name or number, an address
/// with its prefix length, and bytes with colons.
fn word_length(rest: &str) -> Option<usize> {
    let longest = [plain_word(rest), colon_bytes(rest), ipv6(rest), ipv4_network(rest)];
    longest.into_iter().flatten().max()
}

/// Letters, digits, `_`, `-`, and single dots inside.
fn plain_word(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'-';
    if !bytes.first().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
        return None;
    }
    let mut length = 0;
    loop {
        match bytes.get(length) {
            Some(b) if is_word(b) => length += 1,
            Some(b'.') if bytes.get(length + 1).is_some_and(is_word) => length += 1,
            _ => return Some(length),
        }
    }
}

/// `00:0c:29`, also `00:` for a single byte.
fn colon_bytes(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let is_pair = |at: usize| {
        bytes.get(at..at + 2).is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
    };
    if !is_pair(0) || bytes.get(2) != Some(&b':') {
        return None;
    }
    let mut length = 2;
    while bytes.get(length) == Some(&b':') && is_pair(length + 1) {
        length += 3;
    }
    Some(if length == 2 { 3 } else { length })
}

/// An IPv6 address with an optional `/64`.
fn ipv6(rest: &str) -> Option<usize> {
    let run = rest.bytes().take_while(|b| b.is_ascii_hexdigit() || *b == b':' || *b == b'.');
    // No address is longer than 45 characters.
    let longest = run.take(46).count();
    let is_address = |end: usize| {
        rest.get(..end).is_some_and(|s| s.contains(':') && s.parse::<std::net::Ipv6Addr>().is_ok())
    };
    let length = (2..=longest).rev().find(|end| is_address(*end))?;
    Some(length + prefix_length(rest, length))
}

/// `10.0.0.0/8`
fn ipv4_network(rest: &str) -> Option<usize> {
    let length = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').take(16).count();
    rest.get(..length)?.parse::<std::net::Ipv4Addr>().ok()?;
    Some(length + prefix_length(rest, length))
}

/// Length of `/` and digits at a place; 0 when there is none.
fn prefix_length(rest: &str, at: usize) -> usize {
    let Some(after) = rest.get(at..).and_then(|tail| tail.strip_prefix('/')) else { return 0 };
    match after.bytes().take_while(u8::is_ascii_digit).take(4).count() {
        0 => 0,
        digits => digits + 1,
    }
}

fn closing_bracket(text: &str, open: usize) -> Result<usize, Error> {
    let inside = text.get(open + 1..).unwrap_or("");
    inside.find(']').map(|at| open + 1 + at).ok_or_else(|| {
        Error::new(text, Span::new(open, open + 1), "this bracket is never closed").hint("add ]")
    })
}

/// `#3` or `#[1-2]`
fn layer(text: &str, at: usize) -> Result<(Token, usize), Error> {
    let rest = text.get(at + 1..).unwrap_or("");
    if rest.starts_with('[') {
        let end = closing_bracket(text, at + 1)?;
        let span = Span::new(at + 2, end);
        return Ok((Token { kind: TokenKind::LayerBrackets, span }, end + 1));
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return Err(Error::new(
            text,
            Span::new(at, at + 1),
            "# must be followed by a layer number",
        )
        .hint("ip.addr#1 is the outermost IP header, ip.addr#[-1] the innermost"));
    }
    let end = at + 1 + digits;
    Ok((Token { kind: TokenKind::Layer, span: Span::new(at + 1, end) }, end))
}

fn character(text: &str, at: usize) -> Result<(Token, usize), Error> {
    let (bytes, end) = quoted(text, at, '\'', false)?;
    let span = Span::new(at, end);
    match bytes.as_slice() {
        [byte] => Ok((Token { kind: TokenKind::Char(*byte), span }, end)),
        _ => Err(Error::new(text, span, "single quotes hold exactly one character")
            .hint("for text, write double quotes")),
    }
}

/// The bytes between quotes and the place after the closing one.
fn quoted(text: &str, open: usize, quote: char, raw: bool) -> Result<(Vec<u8>, usize), Error> {
    let mut bytes = Vec::new();
    let mut position = open + 1;
    loop {
        let rest = text.get(position..).unwrap_or("");
        let Some(c) = rest.chars().next() else {
            let span = Span::new(open, open + 1);
            return Err(Error::new(text, span, "this quote is never closed"));
        };
        position += c.len_utf8();
        if c == quote {
            return Ok((bytes, position));
        }
        if c == '\\' && raw {
            // A quote after a backslash does not end a raw string; both stay.
            bytes.push(b'\\');
            if rest.get(1..).is_some_and(|after| after.starts_with(quote)) {
                bytes.push(quote as u8);
                position += 1;
            }
        } else if c == '\\' {
            position = escape(text, position, &mut bytes)?;
        } else {
            bytes.extend(c.encode_utf8(&mut [0; 4]).bytes());
        }
    }
}

/// Appends what the escape after a backslash stands for; gives the place after it.
fn escape(text: &str, at: usize, bytes: &mut Vec<u8>) -> Result<usize, Error> {
    let rest = text.get(at..).unwrap_or("");
    let Some(c) = rest.chars().next() else {
        return Err(Error::new(text, Span::new(at - 1, at), "the text ends after a backslash"));
    };
    let run = |from: usize, most: usize, radix: u32| {
        let digits = rest.get(from..).unwrap_or("").chars();
        let count = digits.take(most).take_while(|d| d.is_digit(radix)).count();
        let value = rest.get(from..from + count).and_then(|d| u32::from_str_radix(d, radix).ok());
        (value, from + count)
    };
    let (value, length) = match c {
        'x' => run(1, 2, 16),
        'u' => run(1, 4, 16),
        'U' => run(1, 8, 16),
        '0'..='7' => run(0, 3, 8),
        _ => (simple_escape(c).map(u32::from), c.len_utf8()),
    };
    let bad = || {
        let span = Span::new(at - 1, at + c.len_utf8());
        Error::new(text, span, format!("\\{} is not an escape", c.escape_debug()))
            .hint("write \\\\ for a backslash, or a raw string: r\"...\"")
    };
    let value = value.ok_or_else(bad)?;
    if matches!(c, 'u' | 'U') {
        let scalar = char::from_u32(value).ok_or_else(bad)?;
        bytes.extend(scalar.encode_utf8(&mut [0; 4]).bytes());
    } else {
        bytes.push(u8::try_from(value).map_err(|_| bad())?);
    }
    Ok(at + length)
}

fn simple_escape(c: char) -> Option<u8> {
    Some(match c {
        'a' => 0x07,
        'b' => 0x08,
        't' => b'\t',
        'n' => b'\n',
        'v' => 0x0b,
        'f' => 0x0c,
        'r' => b'\r',
        '\\' | '\'' | '"' | '?' => c as u8,
        _ => return None,
    })
}
