//! The layers that the decoder knows, under Wireshark's names.

/// One kind of layer. [`Protocol::name`] is its word in Wireshark's `frame.protocols`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// Ethernet II or IEEE 802.3.
    Ethernet,
    /// IPv4.
    Ipv4,
    /// IPv6, its fixed header; extension headers are layers of their own.
    Ipv6,
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Protocol {
    /// Wireshark's short name, as in `frame.protocols` and in filters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ethernet => "eth",
            Self::Ipv4 => "ip",
            Self::Ipv6 => "ipv6",
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}
