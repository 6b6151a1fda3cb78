//! The types of fields and what may be done with each.

use std::fmt;

/// The type of a field or of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A layer: present or not, sliceable, searchable.
    Protocol,
    /// Present or not.
    Label,
    /// A flag.
    Boolean,
    /// An unsigned integer of so many bits.
    Unsigned(u8),
    /// A signed integer of so many bits.
    Signed(u8),
    /// Number of another frame.
    FrameNumber,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// An Ethernet address.
    Ether,
    /// Bytes.
    Bytes,
    /// Text.
    Text,
    /// A point in time.
    AbsoluteTime,
    /// A span of time.
    RelativeTime,
}

impl Kind {
    /// True for all whole numbers.
    pub const fn is_integer(self) -> bool {
        matches!(self, Self::Unsigned(_) | Self::Signed(_) | Self::FrameNumber)
    }

    /// True for what is kept as a sequence of bytes.
    pub const fn is_bytes(self) -> bool {
        matches!(self, Self::Ether | Self::Bytes)
    }

    /// True for both kinds of times.
    pub const fn is_time(self) -> bool {
        matches!(self, Self::AbsoluteTime | Self::RelativeTime)
    }

    /// May `[a:b]` follow?
    pub const fn is_sliceable(self) -> bool {
        self.is_searchable() || matches!(self, Self::Ipv4 | Self::Ipv6)
    }

    /// May `contains` or `matches` follow?
    pub const fn is_searchable(self) -> bool {
        matches!(self, Self::Protocol | Self::Ether | Self::Bytes | Self::Text)
    }

    /// May a field of this kind stand left of a comparison with a field of the other kind?
    pub fn is_comparable_with(self, right: Self) -> bool {
        self == right
            || (self.is_integer() && (right.is_integer() || right == Self::Boolean))
            || (self.is_bytes() && right.is_bytes())
    }

    /// Size in bytes of values that all have the same size; 0 for all others.
    pub const fn width(self) -> usize {
        match self {
            Self::Boolean => 8,
            Self::Unsigned(bits) | Self::Signed(bits) if bits <= 8 => 1,
            Self::Unsigned(bits) | Self::Signed(bits) if bits <= 16 => 2,
            Self::Unsigned(bits) | Self::Signed(bits) if bits <= 32 => 4,
            Self::Unsigned(_) | Self::Signed(_) => 8,
            Self::FrameNumber | Self::Ipv4 => 4,
            Self::Ipv6 | Self::AbsoluteTime | Self::RelativeTime => 16,
            Self::Ether => 6,
            Self::Protocol | Self::Label | Self::Bytes | Self::Text => 0,
        }
    }
}

/// The words of `analyzer fields` and of error messages.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::Protocol => "protocol",
            Self::Label => "label",
            Self::Boolean => "boolean",
            Self::Unsigned(bits) => return write!(f, "unsigned integer, {bits} bits"),
            Self::Signed(bits) => return write!(f, "signed integer, {bits} bits"),
            Self::FrameNumber => "frame number",
            Self::Ipv4 => "IPv4 address",
            Self::Ipv6 => "IPv6 address",
            Self::Ether => "Ethernet address",
            Self::Bytes => "bytes",
            Self::Text => "text",
            Self::AbsoluteTime => "date and time",
            Self::RelativeTime => "time span",
        };
        f.write_str(word)
    }
}
