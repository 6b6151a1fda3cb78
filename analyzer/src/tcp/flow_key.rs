//! The direction-free key of a stream, and its keyed hash.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use super::read::endpoints_of;
use super::{Endpoint, Segment};
use crate::wire::{Ends, IpView};

/// Which of a key's two endpoints sent a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The endpoint that sorts first.
    Low,
    /// The endpoint that sorts last.
    High,
}

/// A stream's key in sixteen bytes: its two packed IPv4 endpoints, the lower one first, so that
/// both directions have one key. Or, with [`PackedKey::V6`] in the first place, the index of a
/// pair of IPv6 endpoints in the table's own list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PackedKey(pub u64, pub u64);

/// The two endpoints of a stream of IPv6 (or, in theory, a mix), the lower one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WideKey(pub Endpoint, pub Endpoint);

/// Finds out about the flows of one table's segments. Its secret numbers make sure that nobody
/// can prepare a capture whose flows collide. It is a copy, so that another thread can work
/// ahead.
#[derive(Debug, Clone, Copy)]
pub struct FlowHasher([u64; 3]);

/// The flow that a segment belongs to. Only the table whose [`FlowHasher`] made it can use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// The key of an IPv4 flow; [`PackedKey::UNKNOWN`] for others.
    pub(super) key: PackedKey,
    /// 31 bits, the same for both directions.
    pub(super) hash: u32,
    /// Who sent the segment. When both endpoints are the same, that is always the low side.
    pub(super) sender: Side,
}

impl Side {
    /// The other endpoint.
    pub const fn other(self) -> Self {
        match self {
            Self::Low => Self::High,
            Self::High => Self::Low,
        }
    }
}

impl Flow {
    /// That of no segment, to be written over.
    pub(crate) const NONE: Self = Self { key: PackedKey::UNKNOWN, hash: 0, sender: Side::Low };

    /// Port of the sender, without meaning for IPv6.
    #[inline(always)]
    pub(super) fn packed_source_port(&self) -> u16 {
        let PackedKey(low, high) = self.key;
        (if self.sender == Side::Low { low } else { high }) as u16
    }

    /// Sender and receiver of the segment; `None` for IPv6, whose key has no room for them.
    #[inline]
    pub(crate) fn endpoints(&self) -> Option<(Endpoint, Endpoint)> {
        let PackedKey(low, high) = self.key;
        let (source, destination) = match self.sender {
            Side::Low => (low, high),
            Side::High => (high, low),
        };
        let is_packed = low != PackedKey::V6;
        is_packed.then(|| (Endpoint::from_packed(source), Endpoint::from_packed(destination)))
    }
}

impl PackedKey {
    /// No packed IPv4 endpoint: those have 48 bits.
    pub const V6: u64 = u64::MAX;
    /// That of an IPv6 flow before it is looked up; no stream has it.
    pub const UNKNOWN: Self = Self(Self::V6, u64::MAX);
}

impl WideKey {
    /// The key of a segment.
    pub fn of(segment: &Segment) -> Self {
        Self::between(segment.source, segment.destination)
    }

    fn between(source: Endpoint, destination: Endpoint) -> Self {
        if source <= destination { Self(source, destination) } else { Self(destination, source) }
    }
}

impl FlowHasher {
    /// With fresh secrets from the system's randomness.
    pub(super) fn random() -> Self {
        let state = RandomState::new();
        Self([state.hash_one(0_u8), state.hash_one(1_u8), state.hash_one(2_u8)])
    }

    /// The flow of a segment, its key hashed: multiplied and folded with the secrets.
    #[inline]
    pub fn flow(&self, segment: &Segment) -> Flow {
        self.flow_between(segment.source, segment.destination)
    }

    /// The flow of the segment of a common frame.
    #[inline(always)]
    pub(crate) fn flow_of(&self, ends: &Ends<'_>) -> Flow {
        let Ends { ip, header: [s0, s1, d0, d1, ..], .. } = *ends;
        match ip {
            IpView::V4(ip) => {
                let addresses = u64::from_be_bytes(*ip.address_bytes());
                let [from, to] = [[*s0, *s1], [*d0, *d1]].map(u16::from_be_bytes).map(u64::from);
                self.packed_flow(addresses >> 32 << 16 | from, addresses << 32 >> 16 | to)
            }
            IpView::V6(_) => {
                let (source, destination) = endpoints_of(ip, [*s0, *s1, *d0, *d1]);
                self.wide_flow(source, destination)
            }
        }
    }

    /// The flow of what one endpoint sends to another.
    #[inline(always)]
    pub fn flow_between(&self, source: Endpoint, destination: Endpoint) -> Flow {
        match (source.packed(), destination.packed()) {
            (Some(source), Some(destination)) => self.packed_flow(source, destination),
            _ => self.wide_flow(source, destination),
        }
    }

    #[inline(always)]
    fn packed_flow(&self, source: u64, destination: u64) -> Flow {
        let Self([first, second, third]) = *self;
        let sender = if source <= destination { Side::Low } else { Side::High };
        let (low, high) = (source.min(destination), source.max(destination));
        let hash = fold(fold(low ^ first, high ^ second) ^ third, second);
        Flow { key: PackedKey(low, high), hash: (hash >> 33) as u32, sender }
    }

    #[inline(never)]
    fn wide_flow(&self, source: Endpoint, destination: Endpoint) -> Flow {
        let Self([first, second, third]) = *self;
        let WideKey(low, high) = WideKey::between(source, destination);
        let hash = [low, high].iter().fold(third, |hash, endpoint| {
            let (upper, lower) = address_halves(endpoint.address());
            let hash = fold(hash ^ upper ^ first, lower ^ second);
            fold(hash ^ u64::from(endpoint.port()), third | 1)
        });
        let sender = if source == low { Side::Low } else { Side::High };
        Flow { key: PackedKey::UNKNOWN, hash: (hash >> 33) as u32, sender }
    }
}

fn address_halves(address: IpAddr) -> (u64, u64) {
    let bits = match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    };
    ((bits >> 64) as u64, bits as u64)
}

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::segment_tables::parse_segment;

    fn segment(source: &str, destination: &str) -> Segment {
        let [source, destination] = [source, destination].map(|text| {
            let address: std::net::SocketAddr = text.parse().expect("an address");
            Endpoint::new(address.ip(), address.port())
        });
        Segment { source, destination, ..parse_segment(1, "0 > .") }
    }

    #[test]
    fn both_directions_have_one_flow_and_opposite_sides() {
        let hasher = FlowHasher::random();
        for (a, b) in [
            ("10.0.0.1:80", "10.0.0.2:40000"),
            ("10.0.0.1:80", "10.0.0.1:81"),
            ("[::1]:1", "[::2]:0"),
            ("1.2.3.4:5", "[::]:0"),
        ] {
            let (there, back) = (segment(a, b), segment(b, a));
            let (flow, answer) = (hasher.flow(&there), hasher.flow(&back));
            assert_eq!((flow.sender, answer.sender), (Side::Low, Side::High));
            assert_eq!((flow.key, flow.hash), (answer.key, answer.hash));
            assert_eq!(WideKey::of(&there), WideKey::of(&back));
        }
        let with_itself = hasher.flow(&segment("[::1]:1", "[::1]:1"));
        assert_eq!(with_itself.sender, Side::Low);
    }

    #[test]
    fn a_mapped_address_is_not_its_ipv4_address() {
        let hasher = FlowHasher::random();
        let v4 = hasher.flow(&segment("1.2.3.4:5", "1.2.3.4:6"));
        let v6 = hasher.flow(&segment("[::ffff:1.2.3.4]:5", "[::ffff:1.2.3.4]:6"));
        assert_ne!(v4.key, v6.key);
    }
}
