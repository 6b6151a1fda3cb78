//! Loads of numbers from captured bytes that may end anywhere.

/// The byte at an offset.
pub(super) fn u8_at(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

/// The big-endian 16 bits at an offset.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The big-endian 32 bits at an offset.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The IPv4 address at an offset.
pub(super) fn ipv4_at(bytes: &[u8], at: usize) -> Option<std::net::Ipv4Addr> {
    u32_at(bytes, at).map(std::net::Ipv4Addr::from_bits)
}

/// The IPv6 address at an offset.
pub(super) fn ipv6_at(bytes: &[u8], at: usize) -> Option<std::net::Ipv6Addr> {
    Some(std::net::Ipv6Addr::from(*bytes.get(at..)?.first_chunk::<16>()?))
}
