//! Who talks: endpoints, directions, and the number of a stream.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IP address and TCP port. Prints as `172.16.16.101:10000` or `[::1]:80`. Endpoints are in the
/// order of their addresses, IPv4 before IPv6, and then of their ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint(Packed);

/// Numbers, not octets: they are quick to compare and to put into a flow key. 20 bytes, because
/// a report keeps many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Packed {
    V4(u32, u16),
    V6([u8; 16], u16),
}

/// Number of a TCP stream, from 0, in the order of the streams' first frames.
/// Wireshark field: `tcp.stream`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct StreamId(pub u32);

/// Which half of a stream a segment belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the client: the sender of the first SYN, or, when no SYN or SYN-ACK was seen, the
    /// sender of the stream's first segment.
    FromClient,
    /// From the server.
    FromServer,
}

impl Endpoint {
    /// A port at an address.
    #[inline]
    pub const fn new(address: IpAddr, port: u16) -> Self {
        match address {
            IpAddr::V4(address) => Self(Packed::V4(address.to_bits(), port)),
            IpAddr::V6(address) => Self(Packed::V6(address.octets(), port)),
        }
    }

    /// The IPv4 endpoint with the given 48 bits: address, then port.
    #[inline]
    pub(super) const fn from_packed(bits: u64) -> Self {
        Self(Packed::V4((bits >> 16) as u32, bits as u16))
    }

    /// An IPv4 endpoint as 48 bits: address, then port. Their order is that of the endpoints.
    #[inline]
    pub(super) const fn packed(self) -> Option<u64> {
        match self.0 {
            Packed::V4(address, port) => Some((address as u64) << 16 | port as u64),
            Packed::V6(..) => None,
        }
    }

    /// IP address.
    #[inline]
    pub const fn address(self) -> IpAddr {
        match self.0 {
            Packed::V4(address, _) => IpAddr::V4(Ipv4Addr::from_bits(address)),
            Packed::V6(octets, _) => IpAddr::V6(Ipv6Addr::from_octets(octets)),
        }
    }

    /// TCP port.
    #[inline]
    pub const fn port(self) -> u16 {
        match self.0 {
            Packed::V4(_, port) | Packed::V6(_, port) => port,
        }
    }
}

impl Direction {
    /// The other half.
    pub const fn reverse(self) -> Self {
        match self {
            Self::FromClient => Self::FromServer,
            Self::FromServer => Self::FromClient,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address() {
            IpAddr::V4(address) => write!(f, "{address}:{}", self.port()),
            IpAddr::V6(address) => write!(f, "[{address}]:{}", self.port()),
        }
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn packed_endpoints_are_what_they_were_made_of(
            first in any::<SocketAddr>(),
            second in any::<SocketAddr>(),
            is_near in any::<bool>(),
        ) {
            let second = if is_near { SocketAddr::new(first.ip(), second.port()) } else { second };
            let [a, b] = [first, second].map(|end| Endpoint::new(end.ip(), end.port()));
            prop_assert_eq!((a.address(), a.port()), (first.ip(), first.port()));
            let plain = |end: SocketAddr| (end.ip(), end.port());
            prop_assert_eq!(a.cmp(&b), plain(first).cmp(&plain(second)));
            prop_assert_eq!(a == b, plain(first) == plain(second));
            prop_assert_eq!(a.packed().map(Endpoint::from_packed), first.is_ipv4().then_some(a));
            prop_assert_eq!(a.to_string(), plain_text(first));
        }
    }

    fn plain_text(end: SocketAddr) -> String {
        match end {
            SocketAddr::V4(end) => end.to_string(),
            SocketAddr::V6(end) => format!("[{}]:{}", end.ip(), end.port()),
        }
    }
}
