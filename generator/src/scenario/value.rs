//! The small values of a scenario and how they are written: durations (`2s`), sizes (`10MiB`),
//! hardware addresses, addresses with a prefix length.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

/// A duration, written `500ms`, `2s`, `1m 30s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

/// A number of bytes, written `67` or with KiB, MiB, GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

/// A hardware address, written `02:42:ac:10:10:65`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mac(pub [u8; 6]);

/// An address and its prefix length, written `172.16.16.101/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address<T> {
    /// The address.
    pub ip: T,
    /// Bits of it that name the network.
    pub prefix: u8,
}

impl Mac {
    /// 02:42 and the four bytes of the address, as the course's containers have it.
    pub fn from_ipv4(address: Ipv4Addr) -> Self {
        let [a, b, c, d] = address.octets();
        Self([0x02, 0x42, a, b, c, d])
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl FromStr for Mac {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a hardware address such as 02:42:ac:10:10:65");
        let mut bytes = [0; 6];
        let mut parts = text.split(':');
        for byte in &mut bytes {
            let part = parts.next().filter(|part| part.len() == 2).ok_or_else(wrong)?;
            *byte = u8::from_str_radix(part, 16).map_err(|_| wrong())?;
        }
        let [first, ..] = bytes;
        if parts.next().is_some() || first & 1 == 1 {
            return Err(wrong());
        }
        Ok(Self(bytes))
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match humantime::parse_duration(text) {
            Ok(duration) if duration <= LONGEST => Ok(Self(duration)),
            Ok(_) => Err(format!("`{text}` is longer than a day")),
            Err(cause) => Err(format!("`{text}` is not a duration such as 500ms or 2s: {cause}")),
        }
    }
}

/// No run takes longer.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let unit = match text.strip_prefix(digits).map(str::trim) {
            Some("" | "B") => 1_u64,
            Some("KiB") => 1 << 10,
            Some("MiB") => 1 << 20,
            Some("GiB") => 1 << 30,
            _ => return Err(format!("`{text}` is not a size such as 67, 10KiB, 3MiB or 1GiB")),
        };
        let number: u64 = digits
            .parse()
            .map_err(|_| format!("`{text}` is not a size such as 67, 10KiB, 3MiB or 1GiB"))?;
        number.checked_mul(unit).map(Self).ok_or_else(|| format!("`{text}` is too large"))
    }
}

impl<T: FromStr + Into<IpAddr> + Copy> FromStr for Address<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("`{text}` is not an address with its prefix length such as 172.16.16.101/24")
        };
        let (ip, prefix) = text.split_once('/').ok_or_else(wrong)?;
        let ip: T = ip.parse().map_err(|_| wrong())?;
        let prefix: u8 = prefix.parse().map_err(|_| wrong())?;
        let longest = if ip.into().is_ipv4() { 32 } else { 128 };
        if prefix == 0 || prefix > longest {
            return Err(format!("prefix length {prefix} is not in 1..={longest}"));
        }
        Ok(Self { ip, prefix })
    }
}

macro_rules! deserialize_from_text {
    ($($type:ty),*) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

deserialize_from_text!(Span, Mac);

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a number of bytes or a size such as \"10MiB\"")]
        enum Written {
            Number(u64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(bytes) => Ok(Self(bytes)),
            Written::Text(text) => text.parse().map_err(de::Error::custom),
        }
    }
}

impl<'de, T: FromStr + Into<IpAddr> + Copy> Deserialize<'de> for Address<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl<T: fmt::Display> fmt::Display for Address<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.ip, self.prefix)
    }
}
