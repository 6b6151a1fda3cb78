//! The direction-free key of a stream, and its keyed hash.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use super::Endpoint;

/// Which of a key's two endpoints sent a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The endpoint that sorts first.
    Low,
    /// The endpoint that sorts last.
    High,
}

/// Both endpoints of a stream, the lower one first, so that both directions have one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FlowKey {
    /// IPv4: address and port packed into 48 bits each.
    V4 {
        /// The lower endpoint.
        low: u64,
        /// The higher endpoint.
        high: u64,
    },
    /// IPv6 (and, in theory, a mix): whole endpoints.
    V6 {
        /// The lower endpoint.
        low: Endpoint,
        /// The higher endpoint.
        high: Endpoint,
    },
}

/// Secret numbers of one table, so that nobody can prepare a capture whose keys collide.
#[derive(Debug, Clone, Copy)]
pub(super) struct HashSecret([u64; 3]);

impl Side {
    /// The other endpoint.
    pub const fn other(self) -> Self {
        match self {
            Self::Low => Self::High,
            Self::High => Self::Low,
        }
    }
}

impl FlowKey {
    /// The key of a segment and the side that sent it. When both endpoints are the same, the
    /// sender is always the low side.
    pub fn of(source: Endpoint, destination: Endpoint) -> (Self, Side) {
        if let (Some(from), Some(to)) = (source.packed(), destination.packed()) {
            return if from <= to {
                (Self::V4 { low: from, high: to }, Side::Low)
            } else {
                (Self::V4 { low: to, high: from }, Side::High)
            };
        }
        if source <= destination {
            (Self::V6 { low: source, high: destination }, Side::Low)
        } else {
            (Self::V6 { low: destination, high: source }, Side::High)
        }
    }

    /// The two endpoints, lower one first.
    pub fn endpoints(&self) -> (Endpoint, Endpoint) {
        match *self {
            Self::V4 { low, high } => (Endpoint::from_packed(low), Endpoint::from_packed(high)),
            Self::V6 { low, high } => (low, high),
        }
    }
}

impl HashSecret {
    /// Fresh numbers from the system's randomness.
    pub fn random() -> Self {
        let state = RandomState::new();
        Self([state.hash_one(0_u8), state.hash_one(1_u8), state.hash_one(2_u8)])
    }

    /// Hash of a key: multiply and fold with the secret.
    pub fn hash(&self, key: &FlowKey) -> u64 {
        let Self([first, second, third]) = *self;
        match key {
            FlowKey::V4 { low, high } => fold(fold(low ^ first, high ^ second) ^ third, second),
            FlowKey::V6 { low, high } => [low, high].iter().fold(third, |hash, endpoint| {
                let (upper, lower) = address_halves(endpoint.address());
                let hash = fold(hash ^ upper ^ first, lower ^ second);
                fold(hash ^ u64::from(endpoint.port()), third | 1)
            }),
        }
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

    fn endpoint(text: &str) -> Endpoint {
        let address: std::net::SocketAddr = text.parse().expect("an address");
        Endpoint::new(address.ip(), address.port())
    }

    #[test]
    fn both_directions_have_one_key_and_opposite_sides() {
        for (a, b) in [
            ("10.0.0.1:80", "10.0.0.2:40000"),
            ("10.0.0.1:80", "10.0.0.1:81"),
            ("[::1]:1", "[::2]:0"),
        ] {
            let (a, b) = (endpoint(a), endpoint(b));
            let (there, sender) = FlowKey::of(a, b);
            let (back, answerer) = FlowKey::of(b, a);
            assert_eq!(there, back);
            assert_eq!(sender, answerer.other());
            assert_eq!(there.endpoints(), (a, b));
            let secret = HashSecret::random();
            assert_eq!(secret.hash(&there), secret.hash(&back));
        }
    }

    #[test]
    fn a_mapped_address_is_not_its_ipv4_address() {
        let (v4, _) = FlowKey::of(endpoint("1.2.3.4:5"), endpoint("1.2.3.4:6"));
        let (v6, _) = FlowKey::of(endpoint("[::ffff:1.2.3.4]:5"), endpoint("[::ffff:1.2.3.4]:6"));
        assert_ne!(v4, v6);
    }
}
