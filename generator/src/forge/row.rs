//! A segment row of a recipe: the words after the time and the direction.

use super::Error;
use super::line::{Word, WordKind};
use super::options::TcpOption;

/// What the checksum field of a segment shall hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Checksum {
    /// The right sum.
    #[default]
    Good,
    /// The bare pseudo-header sum, as the kernel leaves it to the network card.
    Offload,
    /// The right sum with its lowest bit flipped.
    Bad,
    /// This value.
    Exact(u16),
}

/// A segment as its row describes it; numbers are relative to the connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// TCP flag bits.
    pub flags: u16,
    pub seq: u32,
    pub ack: u32,
    /// Window as shown, scaled.
    pub window: Option<u32>,
    /// Window as in the header; wins over `window`.
    pub raw_window: Option<u16>,
    pub urgent: u16,
    pub options: Vec<TcpOption>,
    pub payload: Vec<u8>,
    pub checksum: Option<Checksum>,
    pub ttl: Option<u8>,
    pub identification: Option<u16>,
    /// Bytes of the frame that the capture keeps.
    pub cut: Option<usize>,
    /// Ethernet padding up to this many bytes.
    pub padded_to: Option<usize>,
}

const FLAGS: [(&str, u16); 9] = [
    ("FIN", 0x001),
    ("SYN", 0x002),
    ("RST", 0x004),
    ("PSH", 0x008),
    ("ACK", 0x010),
    ("URG", 0x020),
    ("ECE", 0x040),
    ("CWR", 0x080),
    ("AE", 0x100),
];

/// The longest payload of one IPv4 segment without options, in bytes.
const MAX_PAYLOAD: usize = 65_495;

impl Row {
    /// Reads the flags and everything after them.
    pub fn read(words: &[Word], after: &Word) -> Result<Self, Error> {
        let mut words = words.iter();
        let flags = words.next().ok_or_else(|| after.error("flags in brackets are missing"))?;
        let mut row = Self { flags: read_flags(flags)?, ..Self::default() };
        let mut declared_len = None;
        for word in words {
            match &word.kind {
                WordKind::Quoted(bytes) => row.payload.extend_from_slice(bytes),
                WordKind::Bracketed(_) => return Err(word.error("the flags were given already")),
                WordKind::Plain(text) => match text.split_once('=') {
                    Some(("Len", value)) => declared_len = Some((number(word, value)?, word)),
                    Some((key, value)) => row.set(word, key, value)?,
                    None if text == "SACK_PERM" => row.options.push(TcpOption::SackPermitted),
                    None => return Err(word.error(format!("`{text}` is not known here"))),
                },
            }
        }
        if let Some((len, word)) = declared_len {
            row.fill(len, word)?;
        }
        if row.payload.len() > MAX_PAYLOAD {
            return Err(after.error("the payload is longer than an IP packet can carry"));
        }
        Ok(row)
    }

    /// One `key=value` word.
    fn set(&mut self, word: &Word, key: &str, value: &str) -> Result<(), Error> {
        match key {
            "Seq" => self.seq = number(word, value)?,
            "Ack" => self.ack = number(word, value)?,
            "Win" => self.window = Some(number(word, value)?),
            "RawWin" => self.raw_window = Some(number(word, value)?),
            "Urg" => self.urgent = number(word, value)?,
            "MSS" => self.options.push(TcpOption::MaximumSegmentSize(number(word, value)?)),
            "WS" => self.options.push(TcpOption::WindowScale(shift_of(word, value)?)),
            "TSval" => self.options.push(TcpOption::Timestamps(number(word, value)?, 0)),
            "TSecr" => match self.options.last_mut() {
                Some(TcpOption::Timestamps(_, echo)) => *echo = number(word, value)?,
                _ => return Err(word.error("TSecr follows TSval")),
            },
            "SLE" => self.sack_left(number(word, value)?),
            "SRE" => self.sack_right(word, number(word, value)?)?,
            "TFO" if value == "R" => self.options.push(TcpOption::FastOpen(Vec::new())),
            "TFO" => self.options.push(TcpOption::FastOpen(hex(word, value)?)),
            "OPT" => self.options.push(TcpOption::Raw(hex(word, value)?)),
            "hex" => self.payload.extend(hex(word, value)?),
            "sum" => self.checksum = Some(checksum(word, value)?),
            "ttl" => self.ttl = Some(number(word, value)?),
            "id" => self.identification = Some(number(word, value)?),
            "cut" => self.cut = Some(number(word, value)?),
            "pad" => self.padded_to = Some(number(word, value)?),
            _ => {
                let known = "Seq Ack Win RawWin Len Urg MSS WS TSval TSecr SLE SRE SACK_PERM TFO \
                             OPT hex sum ttl id cut pad";
                return Err(word.error(format!("`{key}` is not one of {known}")));
            }
        }
        Ok(())
    }

    fn sack_left(&mut self, left: u32) {
        match self.options.last_mut() {
            Some(TcpOption::Sack(blocks)) => blocks.push((left, left)),
            _ => self.options.push(TcpOption::Sack(vec![(left, left)])),
        }
    }

    fn sack_right(&mut self, word: &Word, right: u32) -> Result<(), Error> {
        match self.options.last_mut() {
            Some(TcpOption::Sack(blocks)) => {
                if let Some(block) = blocks.last_mut() {
                    block.1 = right;
                }
                Ok(())
            }
            _ => Err(word.error("SRE follows SLE")),
        }
    }

    /// Makes `len` bytes of recognisable payload, or checks the given payload against `len`.
    fn fill(&mut self, len: usize, word: &Word) -> Result<(), Error> {
        if len > MAX_PAYLOAD {
            return Err(word.error(format!("Len is at most {MAX_PAYLOAD}")));
        }
        if self.payload.is_empty() {
            self.payload = (b'a'..=b'z').cycle().take(len).collect();
        } else if self.payload.len() != len {
            let given = self.payload.len();
            return Err(word.error(format!("Len={len}, but {given} bytes of payload are given")));
        }
        Ok(())
    }
}

fn read_flags(word: &Word) -> Result<u16, Error> {
    let WordKind::Bracketed(inside) = &word.kind else {
        return Err(word.error("flags in brackets are expected, for example [SYN, ACK]"));
    };
    let mut bits = 0;
    for name in inside.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let known = FLAGS.iter().find(|(flag, _)| *flag == name);
        let (_, bit) = known.ok_or_else(|| {
            word.error(format!("`{name}` is not a flag; FIN SYN RST PSH ACK URG ECE CWR AE are"))
        })?;
        bits |= bit;
    }
    Ok(bits)
}

/// A decimal number, or a hexadecimal one after `0x`.
fn number<T: TryFrom<u64>>(word: &Word, value: &str) -> Result<T, Error> {
    let parsed = match value.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => value.parse().ok(),
    };
    parsed
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| word.error(format!("`{value}` is not a number that fits here")))
}

fn shift_of(word: &Word, value: &str) -> Result<u8, Error> {
    let multiplier: u32 = number(word, value)?;
    if !multiplier.is_power_of_two() || multiplier > 1 << 14 {
        return Err(word.error("WS is the multiplier: a power of two from 1 to 16384"));
    }
    Ok(multiplier.trailing_zeros() as u8)
}

fn checksum(word: &Word, value: &str) -> Result<Checksum, Error> {
    match value {
        "good" => Ok(Checksum::Good),
        "offload" => Ok(Checksum::Offload),
        "bad" => Ok(Checksum::Bad),
        _ => Ok(Checksum::Exact(number(word, value)?)),
    }
}

/// Bytes from pairs of hexadecimal digits.
pub(super) fn hex(word: &Word, digits: &str) -> Result<Vec<u8>, Error> {
    let wrong = || word.error(format!("`{digits}` is not made of pairs of hexadecimal digits"));
    if !digits.is_ascii() || !digits.len().is_multiple_of(2) {
        return Err(wrong());
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| {
            let pair = digits.get(at..at + 2).unwrap_or("");
            u8::from_str_radix(pair, 16).map_err(|_| wrong())
        })
        .collect()
}
