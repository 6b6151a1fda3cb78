//! The values that fields yield and literals hold, and how two of them compare. A value
//! borrows from its frame; making, comparing and searching values allocates nothing.

use std::cmp::Ordering;

/// One value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'v> {
    /// A flag.
    Boolean(bool),
    /// Any whole number.
    Integer(i128),
    /// A floating point number.
    Float(f64),
    /// An IPv4 address and the mask of the bits that count.
    Ipv4(u32, u32),
    /// An IPv6 address and the mask of the bits that count.
    Ipv6(u128, u128),
    /// Bytes, also a MAC address.
    Bytes(&'v [u8]),
    /// Text, not necessarily UTF-8.
    Text(&'v [u8]),
    /// Nanoseconds, since the epoch or since something else.
    Time(i128),
    /// A layer: everything from its header to the end, and how much of it is its own.
    Protocol {
        /// Header and payload.
        bytes: &'v [u8],
        /// What slices and lengths see.
        own_len: usize,
    },
    /// A presence without a value.
    Label,
    /// A number that no field of its type can hold, such as -1 for an unsigned one.
    Never,
}

impl<'v> Value<'v> {
    /// An address of which all bits count.
    pub const fn ipv4(address: u32) -> Self {
        Self::Ipv4(address, u32::MAX)
    }

    /// An address of which all bits count.
    pub const fn ipv6(address: u128) -> Self {
        Self::Ipv6(address, u128::MAX)
    }

    /// How two values stand to each other; `None` when they cannot be compared.
    pub fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Ipv4(a, a_mask), Self::Ipv4(b, b_mask)) => {
                let mask = a_mask & b_mask;
                Some((a & mask).cmp(&(b & mask)))
            }
            (Self::Ipv6(a, a_mask), Self::Ipv6(b, b_mask)) => {
                let mask = a_mask & b_mask;
                Some((a & mask).cmp(&(b & mask)))
            }
            (Self::Time(a), Self::Time(b)) => Some(a.cmp(&b)),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Float(_), _) | (_, Self::Float(_)) => {
                self.as_float()?.partial_cmp(&other.as_float()?)
            }
            _ => match (self.as_integer(), other.as_integer()) {
                (Some(a), Some(b)) => Some(a.cmp(&b)),
                _ => {
                    // Wireshark: the longer sequence is the greater one.
                    let (a, b) = (self.own_bytes()?, other.own_bytes()?);
                    Some(a.len().cmp(&b.len()).then_with(|| a.cmp(b)))
                }
            },
        }
    }

    /// As a whole number: integers and flags.
    pub fn as_integer(self) -> Option<i128> {
        match self {
            Self::Integer(value) => Some(value),
            Self::Boolean(value) => Some(i128::from(value)),
            _ => None,
        }
    }

    fn as_float(self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(value),
            _ => self.as_integer().map(|value| value as f64),
        }
    }

    /// The bytes that comparisons and slices see.
    pub fn own_bytes(self) -> Option<&'v [u8]> {
        match self {
            Self::Bytes(bytes) | Self::Text(bytes) => Some(bytes),
            Self::Protocol { bytes, own_len } => bytes.get(..own_len).or(Some(bytes)),
            _ => None,
        }
    }

    /// The bytes that `contains` and `matches` see: a layer with its payload.
    pub fn all_bytes(self) -> Option<&'v [u8]> {
        match self {
            Self::Protocol { bytes, .. } => Some(bytes),
            _ => self.own_bytes(),
        }
    }

    /// True when the value is something other than zero.
    pub fn is_nonzero(self) -> bool {
        match self {
            Self::Boolean(value) => value,
            Self::Integer(value) | Self::Time(value) => value != 0,
            Self::Float(value) => value != 0.0,
            Self::Ipv4(value, _) => value != 0,
            Self::Ipv6(value, _) => value != 0,
            Self::Bytes(bytes) | Self::Text(bytes) | Self::Protocol { bytes, .. } => {
                !bytes.is_empty()
            }
            Self::Label => true,
            Self::Never => false,
        }
    }

    /// Length in bytes as Wireshark counts it; `width` is the size of fixed-size values.
    pub fn len(self, width: usize) -> usize {
        self.own_bytes().map_or(width, <[u8]>::len)
    }
}

/// A value of the filter's text, owned.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Anything of fixed size.
    Plain(Value<'static>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Text.
    Text(Vec<u8>),
}

impl Literal {
    /// The value, borrowed from the filter.
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Plain(value) => *value,
            Self::Bytes(bytes) => Value::Bytes(bytes),
            Self::Text(bytes) => Value::Text(bytes),
        }
    }
}

/// True when `needle` occurs in `haystack`.
pub fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else { return true };
    let mut remaining = haystack;
    while let Some(at) = remaining.iter().position(|byte| byte == first) {
        remaining = remaining.get(at + 1..).unwrap_or(&[]);
        if remaining.starts_with(rest) {
            return true;
        }
    }
    false
}
